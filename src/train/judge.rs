//! How many rows a classifier tells right, at one state after another.

use super::TrainError;
use crate::expr::{Expression, Node};
use crate::loss::Classifier;
use crate::plan::{Plan, PlanOptions, PlanState};
use std::num::NonZeroUsize;

/// Logits, and the classes that are meant.
#[derive(Debug)]
pub(super) struct Judge {
    logits: Plan,
    state: PlanState,
    out: Vec<f64>,
    meant: Vec<usize>,
    classes: usize,
}

impl Judge {
    /// Of a classifier; `None` where the labels are not known ahead.
    pub(super) fn new(
        loss: &Expression,
        classifier: Classifier,
        threads: NonZeroUsize,
    ) -> Result<Option<Self>, TrainError> {
        let pool = loss.pool();
        let options = PlanOptions { threads };
        let plan = |root| Plan::real(pool, &[root], &options).map_err(|e| TrainError::Loss(e.to_string()));
        let logits = plan(classifier.logits)?;
        let [_, classes] = *pool.shape(classifier.logits).axes() else { return Ok(None) };
        let meant: Vec<usize> = match pool.node(classifier.labels) {
            Node::Data(d) if pool.shape(classifier.labels).rank() == 1 => {
                pool.data()[*d as usize].values().iter().map(|label| *label as usize).collect()
            }
            _ if pool.depends_on_parameters(classifier.labels) => return Ok(None),
            _ => {
                let weights = plan(classifier.labels)?;
                let mut out = vec![0.0; weights.outputs()];
                weights.run(&mut weights.state(), &vec![0.0; pool.dimension()], &[], &[], &mut out);
                out.chunks_exact(classes.max(1)).map(largest).collect()
            }
        };
        let (state, out) = (logits.state(), vec![0.0; logits.outputs()]);
        Ok(Some(Self { logits, state, out, meant, classes }))
    }

    /// The share of the rows that is told right at a state.
    pub(super) fn accuracy(&mut self, theta: &[f64]) -> Option<f64> {
        self.logits.run(&mut self.state, theta, &[], &[], &mut self.out);
        if self.meant.is_empty() || !self.out.iter().all(|x| x.is_finite()) {
            return None;
        }
        let rows = self.out.chunks_exact(self.classes.max(1)).zip(&self.meant);
        let right = rows.filter(|(row, label)| largest(row) == **label).count();
        Some(right as f64 / self.meant.len() as f64)
    }
}

/// The place of the largest entry, the first of several.
fn largest(row: &[f64]) -> usize {
    row.iter().enumerate().fold(0, |best, (k, x)| if *x > row[best] { k } else { best })
}
