//! Text for people: equations, tables, warnings.

mod check;
mod claim;
mod concrete;
mod detail;
mod equation;
mod evaluation;
mod examples;
mod map;
mod numbers;
mod principal;
mod record;
mod simulation;
mod stability;
mod stream;
mod surface;
mod table;
mod training;
mod training_screen;
mod verify;

/// Columns wider than this are not filled up: a name or a number of a thousand characters is in nobody's line, and a format takes no more
/// than 65,535.
const WIDEST: usize = 1000;

pub use check::checks;
pub use claim::claims;
pub(super) use claim::sum as claim_sum;
pub use concrete::{concrete, concrete_within};
pub use detail::Detail;
pub use equation::{about, equation};
pub use evaluation::evaluation;
pub use examples::examples;
pub use map::map;
#[cfg(feature = "report")]
pub(crate) use numbers::significant;
#[cfg(not(feature = "report"))]
pub(super) use numbers::significant;
pub use principal::principal;
pub use record::record;
pub use simulation::{SimulationDetail, simulation};
pub(super) use stability::UNDECIDED;
pub use stability::stability;
pub(crate) use stability::whether;
#[cfg(feature = "report")]
pub(crate) use stability::{complex as complex_number, intervals as step_sizes};
#[cfg(feature = "report")]
pub(crate) use stability::{search as critical_search, verdict as stability_verdict};
pub use stream::{Columns, EquationWriter};
#[cfg(feature = "plot")]
pub(crate) use surface::plane_words;
pub use surface::surface;
pub use training::training_plan;
pub use training_screen::TrainingScreen;
pub use verify::verified;

use crate::warning::Warning;
use std::collections::BTreeMap;

/// Warnings beyond this many are counted.
const WARNINGS: usize = 40;

/// Warnings, one a line, with the step and the flow that each concerns, or the flows of which the same is true; beyond 40 the rest is counted by
/// code.
#[must_use]
pub fn warnings(warnings: &[Warning]) -> String {
    let mut lines: Vec<(&Warning, Vec<&str>)> = Vec::new();
    let mut known = BTreeMap::new();
    for warning in warnings {
        let line =
            *known.entry((warning.code, &warning.message, warning.step, warning.flow.is_some())).or_insert(lines.len());
        if line == lines.len() {
            lines.push((warning, Vec::new()));
        }
        lines[line].1.extend(warning.flow.as_deref());
    }
    let mut out = String::new();
    for (warning, flows) in lines.iter().take(WARNINGS) {
        let step = warning.step.map(|step| format!("from step {step}"));
        let place: Vec<&str> = flows.iter().copied().chain(step.as_deref()).collect();
        let place = if place.is_empty() { String::new() } else { format!(" ({})", place.join(", ")) };
        out.push_str(&format!("warning [{}]{place}: {}\n", warning.code, warning.message));
    }
    let rest = lines.get(WARNINGS..).unwrap_or_default();
    if !rest.is_empty() {
        let mut counts = BTreeMap::<&str, usize>::new();
        for (warning, _) in rest {
            *counts.entry(warning.code).or_default() += 1;
        }
        let counts: Vec<String> = counts.iter().map(|(code, count)| format!("{count} {code}")).collect();
        out.push_str(&format!("{} more warnings are left out: {}; JSON has them all\n", rest.len(), counts.join(", ")));
    }
    out
}
