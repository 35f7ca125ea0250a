//! Numbers: exact rationals, floats of any precision and the coefficient ring of derived formulas.

mod ball;
mod coefficient_text;
mod divisors;
mod factors;
mod fraction;
mod fraction_text;
mod polynomial;
mod quadratic;
mod rational;
mod rational_arithmetic;
mod rational_text;
mod real;
mod residues;
mod ring;
mod scalar;
mod univariate;

pub use ball::{Ball, Balls, Domain, Magnitude};
pub(crate) use coefficient_text::{Names, read_coefficient};
pub(crate) use divisors::{common_divisor, common_multiple};
pub use fraction::{EvaluateError, Fraction};
pub use fraction_text::ParseFractionError;
pub use polynomial::{MissingSymbol, Monomial, Polynomial};
pub use quadratic::Quadratic;
pub use rational::Rational;
pub use rational_text::{MAX_DECIMAL_EXPONENT, MAX_DIGITS, ParseRationalError};
pub use real::{Real, Reals};
pub use residues::{LANES, MAX_PRODUCTS, PrimeGroup, Reconstruction, ResidueSums, Residues};
pub use ring::Coefficient;
pub use scalar::Scalar;
pub use univariate::Univariate;

/// A number of things in words, `1 weight` or `2 weights`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
