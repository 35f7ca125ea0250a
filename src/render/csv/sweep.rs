//! Rows of sweeps.

use super::{parameter_columns, push, quoted};
use crate::sweep::{CaseRow, Finished, Sweep};
use std::fmt::Write as _;

/// The columns that every sweep has.
const COLUMNS: [&str; 20] = [
    "case",
    "loss_name",
    "seed",
    "start",
    "h",
    "flow",
    "step",
    "time",
    "loss",
    "h_lambda_0",
    "flow_loss.re",
    "flow_loss.im",
    "flow_h_lambda_0.re",
    "flow_h_lambda_0.im",
    "error",
    "greatest_error",
    "slid",
    "end",
    "end_step",
    "warnings",
];

/// A sweep as CSV: a row a case and recorded step, numbers with all their digits, missing ones empty.
///
/// Columns: `case`, `loss_name`, `seed`, `start` (its number, from 0), `h` and `flow` say which case it is; `step`, `time`, `loss` and `h_lambda_0` of the iterate,
/// `flow_loss` and `flow_h_lambda_0` of the flow's state as `….re` and `….im`, `error` and the largest so far, `slid`; `end` and `end_step`, the code and
/// the first step without a value where the flow or the optimizer did not reach the end; `warnings`, codes between spaces. With states, `start.NAME`,
/// `iterate.NAME`, `state.NAME.re` and `state.NAME.im` follow for every parameter.
#[derive(Debug, Clone)]
pub struct SweepTable {
    /// The parameters, where states are asked for.
    parameters: Vec<String>,
    every: usize,
    steps: usize,
}

impl SweepTable {
    /// Of a sweep, a row at every `every`-th step and the last one (0 for the last one only), with states or without; `None` where states are asked for
    /// and the losses differ in their parameters.
    #[must_use]
    pub fn new(sweep: &Sweep, every: usize, states: bool) -> Option<Self> {
        let mut names = sweep.losses.iter().map(|loss| loss.expression.pool().theta_names());
        let parameters = match names.next() {
            Some(first) if states => names.all(|other| other == first).then_some(first)?,
            _ => Vec::new(),
        };
        Some(Self { parameters: parameter_columns(&parameters, []), every, steps: sweep.steps })
    }

    /// The first line.
    #[must_use]
    pub fn header(&self) -> String {
        let mut header: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
        for stem in ["start", "iterate"] {
            header.extend(self.parameters.iter().map(|name| quoted(&format!("{stem}.{name}"))));
        }
        for name in &self.parameters {
            header.extend(["re", "im"].map(|part| quoted(&format!("state.{name}.{part}"))));
        }
        header.join(",") + "\n"
    }

    /// How many rows a case has.
    #[must_use]
    pub fn rows_of_a_case(&self) -> usize {
        self.recorded().count()
    }

    fn recorded(&self) -> impl Iterator<Item = usize> + use<> {
        let (every, steps) = (self.every, self.steps);
        let before = (0..steps).step_by(every.max(1)).take(if every == 0 { 0 } else { usize::MAX });
        before.chain([steps])
    }

    /// The lines of a case.
    #[must_use]
    pub fn rows(&self, finished: &Finished<'_>) -> String {
        let mut out = String::new();
        let codes = finished.codes().join(" ");
        for row in self.recorded().filter_map(|step| finished.row(step)) {
            self.line(&mut out, finished, &row, &codes);
        }
        out
    }

    fn line(&self, out: &mut String, finished: &Finished<'_>, row: &CaseRow, codes: &str) {
        let case = finished.case;
        let (name, flow) = (quoted(&case.loss.name), quoted(&finished.flow_run().name));
        let _ = write!(out, "{},{name},{},{}", case.number, case.loss.seed, case.start);
        push(out, Some(finished.simulation.h));
        let _ = write!(out, ",{flow},{}", row.step);
        let (loss, h_lambda_0) = (row.flow_loss, row.flow_h_lambda_0);
        let numbers = [Some(row.time), row.loss, row.h_lambda_0, loss.map(|z| z.re), loss.map(|z| z.im)];
        let levels = [h_lambda_0.map(|z| z.re), h_lambda_0.map(|z| z.im), row.error, row.greatest_error];
        for number in numbers.into_iter().chain(levels) {
            push(out, number);
        }
        let _ = write!(out, ",{}", row.slid);
        let _ = match row.ended {
            Some((step, code)) => write!(out, ",{code},{step}"),
            None => write!(out, ",,"),
        };
        let _ = write!(out, ",{codes}");
        let start = &case.loss.starts[case.start];
        for k in 0..self.parameters.len() {
            push(out, start.get(k).copied());
        }
        for k in 0..self.parameters.len() {
            push(out, row.iterate.as_ref().and_then(|x| x.get(k)).copied());
        }
        for k in 0..self.parameters.len() {
            let entry = row.state.as_ref().and_then(|x| x.get(k));
            push(out, entry.map(|z| z.re));
            push(out, entry.map(|z| z.im));
        }
        out.push('\n');
    }
}
