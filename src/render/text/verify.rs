//! Verifications of proofs as text.

use crate::number::counted;
use crate::proof::document::VerifyReport;
use std::fmt::Write as _;

/// What was replayed, and everything that does not follow.
#[must_use]
pub fn verified(report: &VerifyReport) -> String {
    let VerifyReport { steps, method, orders, terms, .. } = report;
    let mut out = String::new();
    if report.ok {
        let last = orders.saturating_sub(1);
        let terms = counted(*terms, "term");
        let hold = if *steps == 1 { "the only step holds".to_owned() } else { format!("all {steps} steps hold") };
        let _ = writeln!(out, "{method}: {hold}; f_0 to f_{last}, {terms}, follow from them");
        return out;
    }
    for failure in &report.failed {
        match (failure.step, &failure.rule) {
            (Some(step), Some(rule)) => {
                let _ = writeln!(out, "step {step} ({rule}): {}", failure.reason);
            }
            (Some(step), None) => {
                let _ = writeln!(out, "{} (after step {step}): {}", failure.place, failure.reason);
            }
            (None, _) => {
                let _ = writeln!(out, "{}: {}", failure.place, failure.reason);
            }
        }
    }
    let (faults, steps) = (counted(report.failed.len(), "fault"), counted(*steps, "step"));
    let _ = writeln!(out, "{method}: NOT proven, {faults} in {steps}");
    out
}
