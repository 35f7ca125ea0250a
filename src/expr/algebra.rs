//! Where an expression can be evaluated: the one interface behind numbers, series, polynomials, programs and DAGs.

use super::Function;
use crate::number::Rational;

/// A commutative algebra over the rationals with the functions of the loss language.
///
/// Evaluating a [`Tape`](super::Tape) in an algebra gives, with one walk, its value (floats of any precision), its
/// truncated series, its expanded polynomial, a compiled program or another DAG.
pub trait Algebra {
    /// An element.
    type Value: Clone;

    /// The exact number `q`.
    fn rational(&mut self, q: &Rational) -> Self::Value;
    /// The number π.
    fn pi(&mut self) -> Self::Value;
    /// The sum.
    fn add(&mut self, a: &Self::Value, b: &Self::Value) -> Self::Value;
    /// The product.
    fn mul(&mut self, a: &Self::Value, b: &Self::Value) -> Self::Value;
    /// The product with an exact number.
    fn scale(&mut self, q: &Rational, a: &Self::Value) -> Self::Value;
    /// The power with an exact exponent, principal branch; negative exponents divide.
    fn pow(&mut self, a: &Self::Value, exponent: &Rational) -> Self::Value;
    /// A scalar function.
    fn apply(&mut self, function: Function, a: &Self::Value) -> Self::Value;
    /// `log Σ exp a_i`, evaluated without overflow.
    fn logsumexp(&mut self, terms: &[Self::Value]) -> Self::Value;
    /// Whether `a` is known to be exactly zero, so that work on it can be left out; `false` is always allowed.
    fn is_zero(&self, a: &Self::Value) -> bool;

    /// The difference.
    fn sub(&mut self, a: &Self::Value, b: &Self::Value) -> Self::Value {
        let minus = self.scale(&Rational::MINUS_ONE, b);
        self.add(a, &minus)
    }
}
