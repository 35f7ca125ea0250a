//! Numbers: exact rationals, floats of any precision and the coefficient ring of derived formulas.

mod fraction;
mod fraction_text;
mod polynomial;
mod rational;
mod real;
mod ring;

pub use fraction::{EvaluateError, Fraction};
pub use fraction_text::ParseFractionError;
pub use polynomial::{Monomial, Polynomial};
pub use rational::{MAX_DECIMAL_EXPONENT, ParseRationalError, Rational};
pub use real::{Real, Reals};
pub use ring::Coefficient;
