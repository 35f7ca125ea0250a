//! The loss language: text in, a [`Loss`] out, every error with its place.

mod point;

pub use point::{PointError, parse_point};

use crate::expr::{Id, Pool};
use crate::number::Rational;

/// A loss as the language states it: an expression over declared parameters and symbolic constants.
#[derive(Debug, Clone)]
pub struct Loss {
    /// The DAG, with its parameters and symbolic constants declared.
    pub pool: Pool,
    /// The loss `E`, a scalar.
    pub loss: Id,
    /// What each `const` was, in order of declaration: its name and its exact value, `None` where it has none or is not
    /// rational.
    pub constants: Vec<(String, Option<Rational>)>,
    /// The initial value of each entry of θ where one is declared and exact.
    pub initial: Vec<Option<Rational>>,
    /// The text that was parsed.
    pub source: String,
}
