//! What a simulation found: the optimizer's iterates and every flow at the same times.

use crate::warning::Warning;
use num_complex::Complex64;

/// The optimizer's iterates beside flows, at the times `0, h, 2h, …`.
#[derive(Debug, Clone, PartialEq)]
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
    /// The flows, in the order asked for.
    pub flows: Vec<FlowRun>,
    /// What cannot be trusted, and why.
    pub warnings: Vec<Warning>,
}

/// One flow of a [`Simulation`].
#[derive(Debug, Clone, PartialEq)]
pub struct FlowRun {
    /// The name as the user gave it, such as `pf+np3`.
    pub name: String,
    /// The complex state at each time; `None` from where the flow could not be followed.
    pub trajectory: Vec<Option<Vec<Complex64>>>,
    /// The states between the times too, from the start, as the integrator passed them; empty unless it was asked to record.
    pub path: Vec<Vec<Complex64>>,
    /// The Euclidean norm of the complex difference to the iterate.
    pub error: Vec<Option<f64>>,
}
