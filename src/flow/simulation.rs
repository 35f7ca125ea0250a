//! What a simulation found: the optimizer's iterates and every flow at the same times.

use super::outcome::{End, Outcome};
use super::slide::{Restart, Slide};
use crate::spectral::SpectralError;
use crate::warning::Warning;
use num_complex::Complex64;

/// The optimizer's iterates beside flows, at the times `0, h, 2h, …`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Simulation {
    /// The optimizer's name.
    pub method: String,
    /// The name of every entry of θ.
    pub parameters: Vec<String>,
    /// The step size.
    pub h: f64,
    /// The times, one per iterate, from 0.
    pub times: Vec<f64>,
    /// θ after each step, from the start; `None` from the step at which it is no longer finite.
    pub iterates: Vec<Option<Vec<f64>>>,
    /// How the optimizer ended before its last step.
    pub end: Option<End>,
    /// The loss at every iterate.
    pub loss: Vec<Option<f64>>,
    /// `hλ_0` at every iterate, the step size times the largest eigenvalue of the Hessian: the edge of stability is at 2.
    pub h_lambda_0: Vec<Option<f64>>,
    /// From where the steps of the flows start: with [`Restart::Each`] state k of a flow is one step from iterate k − 1 (`rpf2`: two from k − 2).
    pub restart: Restart,
    /// The flows, in the order asked for.
    pub flows: Vec<FlowRun>,
    /// What cannot be trusted, and why.
    pub warnings: Vec<Warning>,
    /// What happened on the way, flow by flow, the optimizer first; one of each kind in a step.
    pub events: Vec<Event>,
}

/// Something that happened along a trajectory, once or more often during one step of the optimizer.
///
/// | code | |
/// |---|---|
/// | `crosses-1/h`, `crosses-2/h` | the largest eigenvalue passes the branch point or the edge of stability; located within the step |
/// | `branch-point-near` | the closest that an `hλ` came to 1, if below 0.05 |
/// | `branch-point-crossed` | a real trajectory stepped over `hλ = 1` |
/// | `stationary` | the flow moves by less than the tolerance in a step |
/// | `rests-at-kink` | the fields of both sides of a kink of the loss lead back to it, and nothing moves along it |
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// A short stable name.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// The flow that it concerns; `None` for the optimizer.
    pub flow: Option<String>,
    /// When first, as time of the flow.
    pub time: f64,
    /// The optimizer step during which it happened, counted from 1.
    pub step: usize,
    /// How many times it happened during this step.
    pub count: usize,
    /// When last.
    pub last_time: f64,
}

/// One flow of a [`Simulation`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlowRun {
    /// The name as the user gave it, such as `pf+np3`.
    pub name: String,
    /// The complex state at each time; `None` from where the flow could not be followed.
    pub trajectory: Vec<Option<Vec<Complex64>>>,
    /// The states between the times too, from the start, as the integrator passed them; empty unless it was asked to record.
    pub path: Vec<Vec<Complex64>>,
    /// The Euclidean norm of the complex difference to the iterate.
    pub error: Vec<Option<f64>>,
    /// The loss at each state, its analytic continuation.
    pub loss: Vec<Option<Complex64>>,
    /// The eigenvalue of `hH` with the largest real part at each state.
    pub h_lambda_0: Vec<Option<Complex64>>,
    /// How the one trajectory ended before its last step; steps from iterates of their own have a warning a kind.
    pub end: Option<End>,
    /// Where the flow began to slide along a cut of its field: once, or with [`Restart::Each`] once a step at most.
    pub slides: Vec<Slide>,
    /// At which times the state was reached by the field with its jump spread, from a slide on, whether or not it has a value there; empty
    /// where the flow did not slide, or one entry per time.
    pub slid: Vec<bool>,
}

impl Simulation {
    /// Adds a warning for everything that is missing without one, so that each missing value has a reason in every format.
    pub(crate) fn give_reasons(&mut self) {
        let finite = |iterate: &Option<Vec<f64>>| iterate.as_ref().is_some_and(|x| x.iter().all(|x| x.is_finite()));
        if let Some(step) = self.iterates.iter().position(|iterate| !finite(iterate))
            && !self.warnings.iter().any(|w| w.flow.is_none() && w.step.is_some())
        {
            let message = format!("the optimizer's iterate is not finite from step {step}");
            self.warnings.push(not_finite(step, message).warning(None));
        }
        for flow in &self.flows {
            let finite =
                |state: &Option<Vec<Complex64>>| state.as_ref().is_some_and(|x| x.iter().all(|z| z.is_finite()));
            if let Some(step) = flow.trajectory.iter().position(|state| !finite(state))
                && !self.warnings.iter().any(|w| w.flow.as_ref() == Some(&flow.name))
            {
                let message = format!("{} has no finite state at some steps, the first of them {step}", flow.name);
                self.warnings.push(not_finite(step, message).warning(Some(&flow.name)));
            }
        }
    }
}

fn not_finite(step: usize, message: String) -> End {
    End { step, outcome: Outcome::NoValue(SpectralError::NotFinite), message }
}

impl FlowRun {
    /// Why the flow has no value where it has none, as a code and a sentence: how it ended, or what was said last about it.
    pub(crate) fn lacks<'a>(&'a self, warnings: &'a [Warning]) -> Option<(&'static str, &'a str)> {
        let said = || warnings.iter().rfind(|w| w.flow.as_ref() == Some(&self.name));
        match &self.end {
            Some(end) => Some((end.outcome.code(), &end.message)),
            None => said().map(|w| (w.code, w.message.as_str())),
        }
    }

    /// Whether the state at a step was reached by way of a slide.
    #[must_use]
    pub fn has_slid(&self, step: usize) -> bool {
        self.slid.get(step).copied().unwrap_or(false)
    }
}
