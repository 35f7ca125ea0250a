//! Text for people: equations, tables, warnings.

mod check;
mod claim;
mod concrete;
mod equation;
mod map;
mod numbers;
mod principal;
mod stability;
mod stream;
mod table;
mod verify;

pub use check::checks;
pub use claim::claims;
pub(super) use claim::sum as claim_sum;
pub use concrete::concrete;
pub use equation::{about, equation};
pub use map::map;
pub use numbers::{evaluation, simulation};
pub use principal::principal;
pub use stability::stability;
pub(super) use stability::{complex as complex_number, intervals as step_sizes};
pub use stream::{Columns, EquationWriter};
pub use verify::verified;

use crate::warning::Warning;

/// Warnings, one a line, with the flow and the step that each concerns.
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
    warnings.iter().map(line).collect()
}
