//! Backward error analysis: the modified equation of an optimizer, derived by independent routes.

mod concrete;
mod equation;
pub mod trajectory;

pub use concrete::{ConcreteEquation, ConcreteOrder, Formula};
pub use equation::{ModifiedEquation, Term};
