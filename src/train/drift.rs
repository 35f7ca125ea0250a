//! How far gradient descent and its like leave the negative gradient flow.

use super::ends::{distance, follower};
use super::full::Full;
use super::row::Row;
use super::step::Step;
use super::training::Training;
use super::vectors::norm;
use crate::flow::{FlowFollower, FlowName};

/// In how many parts the segment of `drift_bound` is looked at.
const PARTS: u32 = 16;

/// What failures of the negative gradient flow are said of.
const NAME: &str = "ngf";

/// The negative gradient flow beside a run.
pub(super) struct Drift<'a> {
    training: &'a Training,
    flow: Option<FlowFollower<'a>>,
}

impl<'a> Drift<'a> {
    pub(super) fn new(training: &'a Training) -> Self {
        Self { training, flow: None }
    }

    /// Its distance from the next iterate.
    pub(super) fn of(&mut self, step: &Step<'_>, row: &mut Row) -> Option<f64> {
        let flow = self.at(step)?;
        flow.restart(step.from);
        match flow.step() {
            Ok(()) => row.finite(distance(flow.state(), step.to)),
            Err(outcome) => {
                row.ended(Some(NAME), outcome);
                None
            }
        }
    }

    /// `(h²/2) max ‖Hg‖` over the flow for the time of the step.
    pub(super) fn bound(&mut self, full: &mut Full<'_>, step: &Step<'_>, row: &mut Row) -> Option<f64> {
        let h = step.h()?;
        let mut largest = norm(full.at(step.from).hessian_gradient());
        let flow = self.at(step)?;
        flow.set_h(h / f64::from(PARTS));
        flow.restart(step.from);
        let mut at = step.from.to_vec();
        for _ in 0..PARTS {
            if let Err(outcome) = flow.step() {
                row.ended(Some(NAME), outcome);
                return None;
            }
            at.iter_mut().zip(flow.state()).for_each(|(x, z)| *x = z.re);
            largest = largest.max(norm(full.at(&at).hessian_gradient()));
        }
        row.finite(h * h / 2.0 * largest)
    }

    /// The flow at the step's size.
    fn at(&mut self, step: &Step<'_>) -> Option<&mut FlowFollower<'a>> {
        let h = step.h()?;
        if self.flow.is_none() {
            self.flow = follower(self.training, self.training.descent(), &FlowName::Ngf.describe(), h).ok();
        }
        let flow = self.flow.as_mut()?;
        flow.set_h(h);
        Some(flow)
    }
}
