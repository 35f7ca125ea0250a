//! The exact values that constants fold to.

use super::{Function, MAX_FOLDED_BITS};
use crate::number::Rational;

/// `q^exponent` where it is rational, exists and is small enough to fold.
pub(super) fn exact_power(q: &Rational, exponent: &Rational) -> Option<Rational> {
    if q.is_one() {
        return Some(Rational::ONE);
    }
    if let Some(n) = exponent.to_i64() {
        let small = q.bits().checked_mul(n.unsigned_abs())? <= MAX_FOLDED_BITS || q.is_zero() || q.abs().is_one();
        return if small { q.pow(n) } else { None };
    }
    if q.is_negative() {
        return None;
    }
    if q.is_zero() {
        return (!exponent.is_negative()).then_some(Rational::ZERO);
    }
    let degree = u32::try_from(exponent.denominator()).ok().filter(|d| *d <= 64)?;
    let root = |n: num_bigint::BigInt| {
        let r = n.nth_root(degree);
        (r.pow(degree) == n).then_some(r)
    };
    let base = Rational::from_bigints(root(q.numerator())?, root(q.denominator())?)?;
    exact_power(&base, &Rational::from(exponent.numerator()))
}

/// The value of a function at a rational where it is rational.
pub(super) fn exact_value(function: Function, q: &Rational) -> Option<Rational> {
    use Function as F;
    let zero_to = |value: i64| q.is_zero().then(|| Rational::from(value));
    match function {
        F::Exp | F::Cos | F::Cosh => zero_to(1),
        F::Log => q.is_one().then_some(Rational::ZERO),
        F::Acos => q.is_one().then_some(Rational::ZERO),
        F::Log1p | F::Expm1 | F::Sin | F::Tan | F::Asin | F::Atan | F::Sinh | F::Tanh | F::Erf => zero_to(0),
        F::Sigmoid => q.is_zero().then(|| Rational::new(1, 2)),
        F::Softplus => None,
        F::Relu => Some(if q.is_negative() { Rational::ZERO } else { q.clone() }),
        F::Abs => Some(q.abs()),
        F::Sign => Some(Rational::from(if q.is_zero() {
            0
        } else if q.is_negative() {
            -1
        } else {
            1
        })),
        F::Step => Some(if q.is_negative() || q.is_zero() { Rational::ZERO } else { Rational::ONE }),
    }
}
