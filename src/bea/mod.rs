//! Backward error analysis: the modified equation of an optimizer, derived by independent routes.

mod concrete;
mod derive;
mod equation;
mod evaluate;
mod expansion;
pub mod trajectory;

pub use concrete::{ConcreteEquation, ConcreteOrder, Formula};
pub use derive::{DeriveError, DeriveLimits, derive, field_tape};
pub use equation::{ModifiedEquation, Term};
pub use evaluate::{EvaluateError, EvaluateOptions, EvaluatedOrder, Evaluation, evaluate};
