//! Backward error analysis: the modified equation of an optimizer, derived by independent routes.

mod equation;

pub use equation::{ModifiedEquation, Term};
