//! Why an optimizer cannot have the numbers given, or has no modified equation.

use super::definition::suggestion;
use super::{MOMENTUM, RecurrenceError, UnsupportedTableau};
use crate::number::{EvaluateError, Rational};

/// Why an optimizer cannot have the numbers given, or has no modified equation, or not by this route.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptimizerError {
    /// The order is too high.
    #[error(
        "order {order} is beyond the limit of {limit} for `{method}`: the coefficients of all {trees} trees to the limit are kept for the next, {what}, and each order more takes several times as much time and memory"
    )]
    Order {
        /// The optimizer.
        method: String,
        /// The order asked for.
        order: usize,
        /// The largest.
        limit: usize,
        /// How many trees there are to the limit.
        trees: u128,
        /// What the coefficients are.
        what: &'static str,
    },
    /// A momentum for an optimizer without one.
    #[error("`{method}` has no momentum, but {momentum} was given")]
    NoMomentum {
        /// The optimizer.
        method: String,
        /// The momentum received.
        momentum: Rational,
    },
    /// The recurrence fixes no flow.
    #[error(transparent)]
    Recurrence(#[from] RecurrenceError),
    /// A coefficient has no value at this momentum.
    #[error("at momentum {momentum}: {source}")]
    Pole {
        /// The momentum.
        momentum: Rational,
        /// What has no value.
        source: EvaluateError,
    },
    /// A hyper-parameter that the optimizer does not have.
    #[error("{}", no_hyper_parameter(.optimizer, .name, .value, .known))]
    NoHyperParameter {
        /// The optimizer.
        optimizer: String,
        /// The name received.
        name: String,
        /// The number received.
        value: Rational,
        /// The hyper-parameters that it has.
        known: Vec<String>,
    },
    /// A hyper-parameter that stands twice among the numbers given.
    #[error("`{optimizer}`: the hyper-parameter `{name}` is given twice")]
    Twice {
        /// The optimizer.
        optimizer: String,
        /// The hyper-parameter.
        name: String,
    },
    /// A coefficient has no value at these values of hyper-parameters.
    #[error("at {values}: {source}")]
    Values {
        /// The values, such as `w = 0`.
        values: String,
        /// What has no value.
        source: EvaluateError,
    },
    /// A coefficient of the step is irrational.
    #[error(
        "the step of `{method}` has the coefficient {value} at the tree {tree:?}, which is not rational: ask for its modified equation with roots"
    )]
    Irrational {
        /// The optimizer.
        method: String,
        /// The first irrational coefficient.
        value: String,
        /// Its tree.
        tree: Vec<u8>,
    },
    /// The route is not one for this optimizer.
    #[error("`{method}` is not a one-step method with rational coefficients: only composition applies")]
    Route {
        /// The optimizer.
        method: String,
    },
    /// Coefficients outside the ring.
    #[error(transparent)]
    Unsupported(#[from] UnsupportedTableau),
}

fn no_hyper_parameter(optimizer: &str, name: &str, value: &Rational, known: &[String]) -> String {
    if name == MOMENTUM {
        return format!("`{optimizer}` has no momentum, but {value} was given");
    }
    let has = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let close = suggestion(name, "", known.iter().map(String::as_str));
    format!("`{optimizer}` has no hyper-parameter `{name}`, it has {has}{close}")
}
