//! One case of a sweep, and what a row says of it.

use super::SweptLoss;
use crate::flow::{FlowName, FlowRun, Simulation};
use crate::number::Rational;
use num_complex::Complex64;

/// One case of a [`Sweep`](super::Sweep): a flow with a step size from a start of a loss.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// Its number, from 0.
    pub number: usize,
    /// Which of the sweep's losses it is of.
    pub(super) place: usize,
    /// The loss.
    pub loss: &'a SweptLoss,
    /// Which of the loss's starts, from 0.
    pub start: usize,
    /// The step size.
    pub h: &'a Rational,
    /// The flow.
    pub flow: &'a FlowName,
}

/// A case with its simulation.
#[derive(Debug, Clone, Copy)]
pub struct Finished<'a> {
    /// The case.
    pub case: Case<'a>,
    /// The optimizer and the one flow.
    pub simulation: &'a Simulation,
}

/// What a row says of a case at one step.
///
/// A missing number is `None`, and [`ended`](Self::ended) says why.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseRow {
    /// The step of the optimizer, from 0.
    pub step: usize,
    /// The flow's time.
    pub time: f64,
    /// The loss at the iterate.
    pub loss: Option<f64>,
    /// `hλ_0` at the iterate.
    pub h_lambda_0: Option<f64>,
    /// The Euclidean norm of the complex difference of flow and iterate.
    pub error: Option<f64>,
    /// The largest error at this step or before; `None` from where an error is missing.
    pub greatest_error: Option<f64>,
    /// The loss at the flow's state.
    pub flow_loss: Option<Complex64>,
    /// The eigenvalue of hH with the largest real part at the flow's state.
    pub flow_h_lambda_0: Option<Complex64>,
    /// Whether the state was reached by way of a slide along a cut.
    pub slid: bool,
    /// θ after this step.
    pub iterate: Option<Vec<f64>>,
    /// The flow's state.
    pub state: Option<Vec<Complex64>>,
    /// The first step without a value and the code that says why, of the flow, or else of the optimizer.
    pub ended: Option<(usize, &'static str)>,
}

impl Finished<'_> {
    /// The flow.
    ///
    /// # Panics
    /// Never: a simulation of a sweep has one flow.
    #[must_use]
    pub fn flow_run(&self) -> &FlowRun {
        &self.simulation.flows[0]
    }

    /// The codes of the warnings, each once, in the order in which they were given.
    #[must_use]
    pub fn codes(&self) -> Vec<&'static str> {
        let mut codes = Vec::new();
        for warning in &self.simulation.warnings {
            if !codes.contains(&warning.code) {
                codes.push(warning.code);
            }
        }
        codes
    }

    /// The row of a step; `None` beyond the last.
    #[must_use]
    pub fn row(&self, step: usize) -> Option<CaseRow> {
        let (simulation, flow) = (self.simulation, self.flow_run());
        let error = |k: usize| flow.error.get(k).copied().flatten();
        let ends = [flow.end.as_ref(), simulation.end.as_ref()];
        Some(CaseRow {
            step,
            time: *simulation.times.get(step)?,
            loss: simulation.loss.get(step).copied().flatten(),
            h_lambda_0: simulation.h_lambda_0.get(step).copied().flatten(),
            error: error(step),
            greatest_error: (0..=step).map(error).try_fold(0.0, |most: f64, e| e.map(|e| most.max(e))),
            flow_loss: flow.loss.get(step).copied().flatten(),
            flow_h_lambda_0: flow.h_lambda_0.get(step).copied().flatten(),
            slid: flow.has_slid(step),
            iterate: simulation.iterates.get(step).cloned().flatten(),
            state: flow.trajectory.get(step).cloned().flatten(),
            ended: ends.into_iter().flatten().map(|end| (end.step, end.outcome.code())).next(),
        })
    }
}
