//! The numbers of `eval`, as its renderers take them.

use crate::warning::Warning;

/// The values of `f_0..f_N` at a point; a number that is not finite counts as missing, as `None` does.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The optimizer's name.
    pub method: String,
    /// The name of every entry of θ.
    pub parameters: Vec<String>,
    /// The point.
    pub at: Vec<f64>,
    /// `f_0, f_1, …`.
    pub orders: Vec<EvaluatedParts>,
    /// The step size and the truncated sum `Σ h^n f_n`, where asked for.
    pub field: Option<(f64, Vec<Option<f64>>)>,
    /// What cannot be trusted, and why.
    pub warnings: Vec<Warning>,
}

/// The value of some `f_n` and of its two parts, by components.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EvaluatedParts {
    /// `f_n`.
    pub value: Vec<Option<f64>>,
    /// Its principal part.
    pub principal: Vec<Option<f64>>,
    /// Its non-principal part.
    pub nonprincipal: Vec<Option<f64>>,
}
