//! Backward error analysis: the modified equation of an optimizer, derived by independent routes.

pub mod egraph;
mod equation;
pub mod proof_check;
pub mod proof_read;

pub use equation::{ModifiedEquation, Term};
