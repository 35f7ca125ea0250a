//! Text for people: equations, tables, warnings.

mod check;
mod claim;
mod concrete;
mod detail;
mod equation;
mod map;
mod numbers;
mod principal;
mod simulation;
mod stability;
mod stream;
mod table;
mod verify;

pub use check::checks;
pub use claim::claims;
pub(super) use claim::sum as claim_sum;
pub use concrete::{concrete, concrete_within};
pub use detail::Detail;
pub use equation::{about, equation};
pub use map::map;
pub use numbers::evaluation;
pub use principal::principal;
#[cfg(feature = "report")]
pub(super) use simulation::complex_short;
pub use simulation::{SimulationDetail, simulation};
pub use stability::stability;
pub(super) use stability::{complex as complex_number, intervals as step_sizes, whether};
pub use stream::{Columns, EquationWriter};
pub use verify::verified;

use crate::warning::Warning;

/// Warnings beyond this many are counted.
const WARNINGS: usize = 40;

/// Warnings, one a line, with the flow and the step that each concerns; beyond 40 the rest is counted by code.
#[must_use]
pub fn warnings(warnings: &[Warning]) -> String {
    let line = |w: &Warning| {
        let place = match (&w.flow, w.step) {
            (Some(flow), Some(step)) => format!(" ({flow}, from step {step})"),
            (Some(flow), None) => format!(" ({flow})"),
            (None, Some(step)) => format!(" (from step {step})"),
            (None, None) => String::new(),
        };
        format!("warning [{}]{place}: {}\n", w.code, w.message)
    };
    let mut out: String = warnings.iter().take(WARNINGS).map(line).collect();
    let rest = warnings.get(WARNINGS..).unwrap_or_default();
    if !rest.is_empty() {
        let mut counts = std::collections::BTreeMap::<&str, usize>::new();
        for warning in rest {
            *counts.entry(warning.code).or_default() += 1;
        }
        let counts: Vec<String> = counts.iter().map(|(code, count)| format!("{count} {code}")).collect();
        out.push_str(&format!("{} more warnings are left out: {}; JSON has them all\n", rest.len(), counts.join(", ")));
    }
    out
}
