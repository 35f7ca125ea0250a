//! How a simulation was set up.

use crate::number::Rational;

/// From where a simulation starts and with which step size, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The start.
    pub start: Vec<f64>,
    /// How what nobody gave of the start was chosen, a sentence without its full stop.
    pub start_rule: Option<String>,
    /// The step size, exactly.
    pub h: Rational,
    /// How the step size was chosen, a sentence without its full stop.
    pub step_rule: String,
}
