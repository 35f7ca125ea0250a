//! The real operations as both back ends compute them.

use super::math;
use super::program::{Binary, Comparison, Unary};
use crate::expr::Function;

/// The value of a real operation of one operand.
pub(super) fn unary(op: Unary, x: f64) -> f64 {
    match op {
        Unary::Neg => -x,
        Unary::Abs => x.abs(),
        Unary::Sqrt => x.sqrt(),
        Unary::Function(f) => function(f)(x),
    }
}

/// The value of a real operation of two operands.
pub(super) fn binary(op: Binary, a: f64, b: f64) -> f64 {
    match op {
        Binary::Add => a + b,
        Binary::Sub => a - b,
        Binary::Mul => a * b,
        Binary::Div => a / b,
        Binary::Power => math::power(a, b),
        Binary::Modulus => a.hypot(b),
        Binary::Argument => argument(a, b),
    }
}

/// Whether two numbers stand in a relation.
pub(super) fn compare(relation: Comparison, a: f64, b: f64) -> bool {
    match relation {
        Comparison::Less => a < b,
        Comparison::LessOrEqual => a <= b,
    }
}

/// The angle of `re + i·im`, a zero imaginary part counting as +0.
pub(super) fn argument(re: f64, im: f64) -> f64 {
    (im + 0.0).atan2(re)
}

/// A function of the loss language on the real line, NaN outside its domain.
pub(super) const fn function(f: Function) -> fn(f64) -> f64 {
    math::routine(f).scalar
}
