//! Backward error analysis: the modified equation of an optimizer, derived by independent routes.

mod concrete;
mod equation;
mod evaluate;
pub mod trajectory;

pub use concrete::{ConcreteEquation, ConcreteOrder, Formula};
pub use equation::{ModifiedEquation, Term};
pub use evaluate::{EvaluateError, EvaluateOptions, EvaluatedOrder, Evaluation, evaluate};
