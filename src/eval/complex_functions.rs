//! The complex functions as both back ends compute them: principal branches by real formulas that neither overflow nor
//! cancel where the value does not.
//!
//! A zero part counts as +0, so a value on a cut is the limit from the side of the positive parts. On the real line
//! within the real domain, the real part is the real function's value to the bit.

use super::program::ComplexFunction;
use super::{erf, functions, inverse_trigonometric, math};
use crate::expr::Function;
use std::f64::consts::{LN_2, PI};

/// A complex number as its parts.
type Parts = (f64, f64);

/// The value of a complex function.
pub(super) fn complex(function: ComplexFunction, re: f64, im: f64) -> Parts {
    implementation(function)(re, im)
}

/// What computes a complex function. The functions that are not smooth act by the real part, as [`Function`] says.
pub(super) fn implementation(function: ComplexFunction) -> fn(f64, f64) -> Parts {
    match function {
        ComplexFunction::Sqrt => sqrt,
        ComplexFunction::Reciprocal => reciprocal,
        ComplexFunction::Function(f) => match f {
            Function::Exp => exp,
            Function::Log => log,
            Function::Log1p => log1p,
            Function::Expm1 => expm1,
            Function::Sin => sin,
            Function::Cos => cos,
            Function::Tan => tan,
            Function::Asin => inverse_trigonometric::asin,
            Function::Acos => inverse_trigonometric::acos,
            Function::Atan => inverse_trigonometric::atan,
            Function::Sinh => sinh,
            Function::Cosh => cosh,
            Function::Tanh => tanh,
            Function::Erf => erf::complex,
            Function::Sigmoid => sigmoid,
            Function::Softplus => softplus,
            Function::Relu => |x, y| if x <= 0.0 { (0.0, 0.0) } else { (x, y) },
            Function::Abs => |x, y| {
                let sign = math::sign(x);
                (x.abs(), if sign == 0.0 { 0.0 } else { sign * y })
            },
            Function::Sign => |x, _| (math::sign(x), 0.0),
            Function::Step => |x, _| (math::step(x), 0.0),
        },
    }
}

/// `a·b` where a zero `b` wins over an infinite `a`.
fn damped(a: f64, b: f64) -> f64 {
    if b == 0.0 { b } else { a * b }
}

fn exp(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::exp(x), y);
    }
    let (s, c) = math::sin_cos(y);
    if x > 700.0 {
        // In two factors, which can overflow only if the product does.
        let half = math::exp(0.5 * x);
        return (half * c * half, half * s * half);
    }
    let e = math::exp(x);
    (damped(e, c), damped(e, s))
}

/// `a² + b² + 2a`, as one number of twice the precision, rounded.
fn excess(a: f64, b: f64) -> f64 {
    let (aa, bb) = (a * a, b * b);
    let (aa_error, bb_error) = (a.mul_add(a, -aa), b.mul_add(b, -bb));
    let (s, s_error) = math::two_sum(2.0 * a, aa);
    let (t, t_error) = math::two_sum(s, bb);
    t + (s_error + t_error + aa_error + bb_error)
}

fn log(x: f64, y: f64) -> Parts {
    let angle = functions::argument(x, y);
    if y == 0.0 {
        return (math::log(x.abs()), angle);
    }
    let (large, small) = if x.abs() < y.abs() { (y.abs(), x.abs()) } else { (x.abs(), y.abs()) };
    let modulus = if large > 0.5 && large < 1.5 && small < 1.5 {
        // large = 1 + a exactly.
        0.5 * math::log1p(excess(large - 1.0, small))
    } else if large > 1e300 {
        math::log((0.5 * x).hypot(0.5 * y)) + LN_2
    } else if large < 1e-290 {
        math::log((x * 2_f64.powi(100)).hypot(y * 2_f64.powi(100))) - 100.0 * LN_2
    } else {
        math::log(x.hypot(y))
    };
    (modulus, angle)
}

fn log1p(x: f64, y: f64) -> Parts {
    if y == 0.0 && x > -1.0 {
        return (math::log1p(x), y + 0.0);
    }
    if x.abs() < 2.0 && y.abs() < 2.0 {
        let excess = excess(x, y);
        if excess > -0.75 {
            return (0.5 * math::log1p(excess), functions::argument(1.0 + x, y));
        }
    }
    log(1.0 + x, y)
}

fn expm1(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::expm1(x), y);
    }
    if x > 700.0 {
        return exp(x, y);
    }
    let half = math::sin(0.5 * y);
    (math::expm1(x) * math::cos(y) - 2.0 * half * half, damped(math::exp(x), math::sin(y)))
}

/// `√z`, by the branch without cancellation.
pub(super) fn sqrt(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return if x < 0.0 { (0.0, (-x).sqrt()) } else { (x.sqrt(), 0.0) };
    }
    if y.is_infinite() {
        return (f64::INFINITY, y);
    }
    // The sign of a NaN is no part of its value, and differs between processors' instructions.
    if y.is_nan() {
        return (f64::NAN, f64::NAN);
    }
    if x.is_infinite() {
        return if x > 0.0 { (x, 0.0_f64.copysign(y)) } else { (0.0, f64::INFINITY.copysign(y)) };
    }
    if x.abs() > 1e300 || y.abs() > 1e300 {
        let (u, v) = sqrt(x / 16.0, y / 16.0);
        return (4.0 * u, 4.0 * v);
    }
    if x.abs() < 1e-290 && y.abs() < 1e-290 {
        let (u, v) = sqrt(x * 2_f64.powi(200), y * 2_f64.powi(200));
        return (u * 2_f64.powi(-100), v * 2_f64.powi(-100));
    }
    let t = (0.5 * (x.abs() + x.hypot(y))).sqrt();
    if x >= 0.0 { (t, 0.5 * y / t) } else { (0.5 * y.abs() / t, t.copysign(y)) }
}

/// `1/z`, scaled where the square of the modulus would leave the range.
fn reciprocal(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (1.0 / x, -y);
    }
    let norm = x * x + y * y;
    if norm > 1e-280 && norm < 1e300 {
        return (x / norm, -y / norm);
    }
    let scale = x.abs().max(y.abs());
    let (u, v) = (x / scale, y / scale);
    let norm = u * u + v * v;
    (u / norm / scale, -v / norm / scale)
}

fn sinh(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::sinh(x), y);
    }
    let (s, c) = math::sin_cos(y);
    if x.abs() > 700.0 {
        let half = math::exp(0.5 * x.abs());
        return ((0.5 * half * c * half).copysign(c * x.signum()), 0.5 * half * s * half);
    }
    (math::sinh(x) * c, math::cosh(x) * s)
}

fn cosh(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::cosh(x), x * y);
    }
    let (s, c) = math::sin_cos(y);
    if x.abs() > 700.0 {
        let half = math::exp(0.5 * x.abs());
        return (0.5 * half * c * half, 0.5 * half * s * half * x.signum());
    }
    (math::cosh(x) * c, math::sinh(x) * s)
}

/// `sin z = −i sinh iz`.
fn sin(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::sin(x), y);
    }
    let (u, v) = sinh(-y, x);
    (v, -u)
}

/// `cos z = cosh iz`.
fn cos(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::cos(x), y);
    }
    cosh(-y, x)
}

/// `tanh z` by W. Kahan, *Branch cuts for complex elementary functions* (1987), `CTANH`.
fn tanh(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::tanh(x), y);
    }
    if x.abs() > 20.0 {
        // 4 sin y cos y e^{−2|x|}
        return (1.0_f64.copysign(x), 2.0 * math::sin(2.0 * y) * math::exp(-2.0 * x.abs()));
    }
    let t = math::tan(y);
    let beta = 1.0 + t * t;
    let s = math::sinh(x);
    let rho = (1.0 + s * s).sqrt();
    let denominator = 1.0 + beta * s * s;
    (beta * rho * s / denominator, t / denominator)
}

/// `tan z = −i tanh iz`.
fn tan(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::tan(x), y);
    }
    let (u, v) = tanh(-y, x);
    (v, -u)
}

/// `1/(1 + e^{−z})`, by the exponential that does not overflow.
fn sigmoid(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::sigmoid(x), y);
    }
    let (u, v) = if x < 0.0 { exp(x, y) } else { exp(-x, -y) };
    let (p, q) = reciprocal(1.0 + u, v);
    if x < 0.0 { (u * p - v * q, u * q + v * p) } else { (p, q) }
}

/// `log(1 + e^z)`, principal branch, without overflow.
fn softplus(x: f64, y: f64) -> Parts {
    if y == 0.0 {
        return (math::softplus(x), y);
    }
    if x <= 0.0 {
        let (u, v) = exp(x, y);
        return log1p(u, v);
    }
    let (u, v) = exp(-x, -y);
    let (p, q) = log1p(u, v);
    if y.abs() <= PI && (y + q).abs() <= PI {
        return (x + p, y + q);
    }
    // The angle of e^{iy}(1 + e^{−z}), since an imaginary part of a principal logarithm is in (−π, π].
    let (s, c) = math::sin_cos(y);
    (x + p, functions::argument(c * (1.0 + u) - s * v, s * (1.0 + u) + c * v))
}
