//! The real operations as both back ends compute them.

use super::erf;
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
        Binary::Power => a.powf(b),
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
pub(super) fn function(f: Function) -> fn(f64) -> f64 {
    match f {
        Function::Exp => f64::exp,
        Function::Log => f64::ln,
        Function::Log1p => f64::ln_1p,
        Function::Expm1 => f64::exp_m1,
        Function::Sin => f64::sin,
        Function::Cos => f64::cos,
        Function::Tan => f64::tan,
        Function::Asin => f64::asin,
        Function::Acos => f64::acos,
        Function::Atan => f64::atan,
        Function::Sinh => f64::sinh,
        Function::Cosh => f64::cosh,
        Function::Tanh => f64::tanh,
        Function::Erf => erf::real,
        Function::Sigmoid => sigmoid,
        Function::Softplus => softplus,
        Function::Relu => |x| if x <= 0.0 { 0.0 } else { x },
        Function::Abs => f64::abs,
        Function::Sign => sign,
        Function::Step => step,
    }
}

/// `1/(1 + e^{−x})`, by the exponential that does not overflow.
fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}

/// `log(1 + e^x)`, without overflow.
fn softplus(x: f64) -> f64 {
    let tail = (-x.abs()).exp().ln_1p();
    if x <= 0.0 { tail } else { x + tail }
}

fn sign(x: f64) -> f64 {
    if x < 0.0 {
        -1.0
    } else if 0.0 < x {
        1.0
    } else {
        x
    }
}

fn step(x: f64) -> f64 {
    if 0.0 < x {
        1.0
    } else if x <= 0.0 {
        0.0
    } else {
        x
    }
}
