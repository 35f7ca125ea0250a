//! Verifications of proofs as text.

use crate::bea::verify::VerifyReport;
use std::fmt::Write as _;

/// What was replayed, and everything that does not follow.
#[must_use]
pub fn verified(report: &VerifyReport) -> String {
    let VerifyReport { steps, method, orders, terms, .. } = report;
    let mut out = String::new();
    if report.ok {
        let last = orders.saturating_sub(1);
        let _ = writeln!(out, "{method}: all {steps} steps hold; f_0 to f_{last}, {terms} terms, follow from them");
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
    let count = report.failed.len();
    let _ = writeln!(out, "{method}: NOT proven, {count} faults in {steps} steps");
    out
}
