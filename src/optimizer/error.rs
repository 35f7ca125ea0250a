//! Why an optimizer cannot have the numbers given, or has no modified equation.

use super::definition::suggestion;
use super::{MOMENTUM, RecurrenceError};
use crate::number::EvaluateError;

/// Why an optimizer cannot have the numbers given, or has no modified equation, or not by this route.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptimizerError {
    /// The recurrence fixes no flow.
    #[error(transparent)]
    Recurrence(#[from] RecurrenceError),
    /// A hyper-parameter that the optimizer does not have.
    #[error("{}", no_hyper_parameter(.optimizer, .name, .value, .known))]
    NoHyperParameter {
        /// The optimizer.
        optimizer: String,
        /// The name received.
        name: String,
        /// The number received.
        value: String,
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
    Pole {
        /// The values, such as `w = 0`.
        values: String,
        /// What has no value.
        source: EvaluateError,
    },
    /// A hyper-parameter has no number where numbers are run.
    #[error("`{optimizer}` runs with numbers only: {} has no value", .symbols.join(", "))]
    Symbols {
        /// The optimizer.
        optimizer: String,
        /// The hyper-parameters left symbolic.
        symbols: Vec<String>,
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
    /// Coefficients outside the ring.
    #[error(transparent)]
    Unsupported(#[from] UnsupportedTableau),
}

/// A tableau has entries outside the ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{method}` has irrational entries, {entry} among them: only rational ones are possible here")]
pub struct UnsupportedTableau {
    /// The optimizer.
    pub method: String,
    /// The first irrational entry.
    pub entry: String,
}

fn no_hyper_parameter(optimizer: &str, name: &str, value: &str, known: &[String]) -> String {
    let has = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    if name == MOMENTUM {
        return format!("`{optimizer}` has no momentum, but {value} was given; of hyper-parameters it has {has}");
    }
    let close = suggestion(name, "", known.iter().map(String::as_str));
    format!("`{optimizer}` has no hyper-parameter `{name}`, it has {has}{close}")
}
