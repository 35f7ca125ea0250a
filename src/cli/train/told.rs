//! What is said of a record's warnings once the run has ended.

use crate::train::Row;
use crate::warning::Warning;
use std::collections::BTreeMap;

/// So many reasons of one code and flow are told apart.
const MOST: usize = 4;

/// Of every code, and of every flow that it is of, why rows have it.
#[derive(Debug, Default)]
pub(super) struct Told {
    seen: BTreeMap<(&'static str, Option<String>), Vec<Seen>>,
}

/// A reason, how many rows have it, and the step of the first.
#[derive(Debug)]
struct Seen {
    rows: u64,
    first: Option<usize>,
    message: String,
}

impl Told {
    /// Counts a row.
    pub(super) fn see(&mut self, row: &Row) {
        let branch = row.branch.as_ref().map(|(name, _)| name);
        for code in &row.warnings {
            let mut reasons = row.reasons.iter().filter(|r| r.code == *code).peekable();
            if reasons.peek().is_none() {
                self.count(row, code, branch.cloned(), meaning(code));
            }
            for reason in reasons {
                self.count(row, code, reason.flow.clone().or_else(|| branch.cloned()), &reason.message);
            }
        }
    }

    fn count(&mut self, row: &Row, code: &'static str, flow: Option<String>, message: &str) {
        let seen = self.seen.entry((code, flow)).or_default();
        let known = seen.iter().position(|s| s.message == message).or((seen.len() == MOST).then_some(MOST - 1));
        match known {
            Some(k) => seen[k].rows += 1,
            None => {
                seen.push(Seen { rows: 1, first: usize::try_from(row.step).ok(), message: message.to_owned() });
            }
        }
    }

    /// What is to be said.
    pub(super) fn warnings(self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        for ((code, flow), seen) in self.seen {
            for Seen { rows, first, message } in seen {
                let many = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
                let message = format!("{many}: {message}");
                warnings.push(Warning { flow: flow.clone(), step: first, ..Warning::new(code, message) });
            }
        }
        warnings
    }
}

/// What a code means of a row that says no more.
fn meaning(code: &str) -> &'static str {
    match code {
        "equal-eigenvalues" => {
            "an eigenvalue agrees with its neighbour to 1e-8 of the largest: neither has a direction of its own, and what is along it is null"
        }
        "sliding" => {
            "a flow slides along a cut of α, and its values are those of a flow smoothed around the cut; a smaller step size"
        }
        "unreached-tolerance" => {
            "the eigenvalues are less precise than asked for: all products with the Hessian were used up"
        }
        "not-computed" => "what the value needs is not computed for a loss of this size",
        "time-limit" => "the time of the row was used up; allow more time",
        _ => "values are missing, or to be compared with care; docs/warnings.md says why",
    }
}
