//! A branch on its way.

use super::branch::BranchName;
use super::ends::follower;
use super::training::Training;
use crate::flow::{FlowError, FlowFollower, FlowLaw, Outcome, PeriodTwo, Subject};
use num_complex::Complex64;

/// A branch on its way.
pub(super) enum Walk<'a> {
    /// A flow of θ.
    Flow(Box<FlowFollower<'a>>),
    /// A centre and what oscillates about it, and the iterate that it makes.
    PeriodTwo(Box<PeriodTwo<'a>>, Vec<Complex64>),
}

/// Three iterates in a row, of which the branch leaves the second; the first step has none before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaving<'s> {
    pub(super) before: Option<&'s [f64]>,
    pub(super) from: &'s [f64],
    pub(super) next: &'s [f64],
}

impl<'a> Walk<'a> {
    /// At an iterate.
    ///
    /// # Errors
    /// Why it does not fit.
    pub(super) fn new(
        branch: &BranchName,
        training: &'a Training,
        subject: &'a Subject,
        h: f64,
        leaving: Leaving<'_>,
    ) -> Result<Self, FlowError> {
        let BranchName::Flow(flow) = branch;
        let description = flow.describe();
        if let FlowLaw::PeriodTwo(law) = description.law {
            let refused = |reason: &str| FlowError::Unsuitable { name: flow.to_string(), reason: reason.to_owned() };
            let before = leaving.before.ok_or_else(|| {
                refused("it is split from an iterate and both its neighbours, and step 0 has none before it; let it leave at step 1 or later")
            })?;
            if !subject.optimizer().is_gradient_descent() {
                return Err(refused("it is a flow of gradient descent, and this optimizer is another"));
            }
            let iterates = [before, leaving.from, leaving.next];
            let walk = PeriodTwo::start(training.model(), law, h, iterates)?;
            return Ok(Self::PeriodTwo(Box::new(walk), vec![Complex64::ZERO; leaving.from.len()]));
        }
        let mut walk = follower(training, subject, &description, h)?;
        walk.restart(leaving.from);
        Ok(Self::Flow(Box::new(walk)))
    }

    /// One step of the optimizer's time.
    pub(super) fn step(&mut self) -> Result<(), Outcome> {
        match self {
            Self::Flow(walk) => walk.step(),
            Self::PeriodTwo(walk, state) => {
                walk.advance(1)?;
                state.iter_mut().zip(walk.iterate()).for_each(|(z, x)| *z = Complex64::from(x));
                Ok(())
            }
        }
    }

    /// Where it is.
    pub(super) fn state(&self) -> &[Complex64] {
        match self {
            Self::Flow(walk) => walk.state(),
            Self::PeriodTwo(_, state) => state,
        }
    }

    /// Whether it slid along a cut.
    pub(super) fn slid(&self) -> bool {
        matches!(self, Self::Flow(walk) if walk.slid())
    }

    /// How far it started beside its iterate, where that is more than rounding.
    pub(super) fn left_out(&self) -> Option<f64> {
        match self {
            Self::PeriodTwo(walk, _) => Some(walk.left_out()).filter(|distance| *distance > 0.0),
            Self::Flow(_) => None,
        }
    }
}
