//! The loss on some rows of its data: the same expression with rows for inputs.

use super::TrainError;
use super::batch_expression::{RowInput, Taking, dependent};
use super::objective::{Objective, Planned, for_floats};
use crate::expr::{Id, Node};
use crate::loss::Loss;
use rustc_hash::FxHashMap;
use std::num::NonZeroUsize;

/// A loss on batches of so many rows.
///
/// What is computed from data alone is computed once, on all rows, and batches take its rows: the means of `standardise` are those of all data. Sums over
/// rows count each row of the batch as often as there are rows for one of it, so that a mean over all rows is the mean over the batch, and what stands
/// beside it, such as a penalty of the parameters, is as it was.
#[derive(Debug)]
pub(super) struct BatchObjective {
    planned: Planned,
    inputs: Vec<RowInput>,
}

/// How many rows the data of a loss have: those of a classifier, or of its longest data.
pub(super) fn rows(loss: &Loss) -> Result<usize, TrainError> {
    let pool = loss.expression.pool();
    if let Some(classifier) = loss.classifier {
        return Ok(pool.shape(classifier.logits).axes().first().copied().unwrap_or(0));
    }
    let (ids, depends) = (pool.reachable(&[loss.expression.id()]), dependent(pool, loss.expression.id()));
    let first = |id: &Id| pool.shape(*id).axes().first().copied();
    let stated = |id: &Id| matches!(pool.node(*id), Node::Stack(_)) && !depends[id];
    // A matrix that a loss states itself may be a vector in another shape.
    let shaped = ids.iter().filter_map(|id| match pool.node(*id) {
        Node::Reshape(a, _) if stated(a) => Some((*a, first(id)?)),
        _ => None,
    });
    let shaped: FxHashMap<Id, usize> = shaped.collect();
    let lengths = ids.iter().filter_map(|id| match pool.node(*id) {
        Node::Data(_) => first(id),
        Node::Stack(_) if stated(id) => shaped.get(id).copied().or_else(|| first(id)),
        _ => None,
    });
    lengths.max().ok_or_else(|| {
        TrainError::Setting(
            "batches take rows of data, and this loss has none: state arrays by `data` or `const` and reduce them by `mean`".to_owned(),
        )
    })
}

impl BatchObjective {
    /// For batches of `batch` rows.
    pub(super) fn new(loss: &Loss, batch: usize, threads: NonZeroUsize) -> Result<Self, TrainError> {
        let all = rows(loss)?;
        let (mut pool, id) = loss.expression.clone().into_parts();
        let id = for_floats(&mut pool, id);
        let own = pool.parameters().count();
        if all == 1 {
            // The only batch that there is.
            return Ok(Self { planned: Planned::new(pool, id, own, threads)?, inputs: Vec::new() });
        }
        let (pool, id, inputs) = Taking::of(pool, id, all, batch, threads)?;
        if inputs.is_empty() {
            return Err(TrainError::Setting(format!(
                "batches take rows of data, and nothing in this loss depends on the {all} rows of its data one by one"
            )));
        }
        Ok(Self { planned: Planned::new(pool, id, own, threads)?, inputs })
    }

    /// Takes these rows.
    pub(super) fn load(&mut self, rows: &[usize]) {
        let mut to = self.planned.inputs();
        for input in &self.inputs {
            let (own, rest) = to.split_at_mut(input.outer * rows.len() * input.inner);
            for outer in 0..input.outer {
                for (k, row) in rows.iter().enumerate() {
                    let from = (outer * input.rows + row) * input.inner;
                    let at = (outer * rows.len() + k) * input.inner;
                    own[at..at + input.inner].copy_from_slice(&input.values[from..from + input.inner]);
                }
            }
            to = rest;
        }
    }
}

impl Objective for BatchObjective {
    fn value_gradient(&mut self, theta: &[f64], gradient: &mut [f64]) -> f64 {
        self.planned.value_gradient(theta, gradient)
    }

    fn enter(&mut self, theta: &[f64]) {
        self.planned.enter(theta);
    }

    fn hessian_times(&mut self, v: &[f64], out: &mut [f64]) {
        self.planned.hessian_times(v, out);
    }
}
