//! Numbers: exact rationals and the coefficient ring of derived formulas.

mod rational;
mod ring;

pub use rational::{MAX_DECIMAL_EXPONENT, ParseRationalError, Rational};
pub use ring::Coefficient;
