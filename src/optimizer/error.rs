//! Why an optimizer has no modified equation.

use super::{RecurrenceError, UnsupportedTableau};
use crate::number::{EvaluateError, Rational};

/// Why an optimizer has no modified equation, or not by this route.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MethodError {
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
    /// Values for other hyper-parameters than the optimizer has.
    #[error("{0}")]
    NoSymbol(String),
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
