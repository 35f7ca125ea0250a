//! Numbers: exact rationals, floats of any precision and the coefficient ring of derived formulas.

mod rational;
mod real;
mod ring;

pub use rational::{MAX_DECIMAL_EXPONENT, ParseRationalError, Rational};
pub use real::{Real, Reals};
pub use ring::Coefficient;
