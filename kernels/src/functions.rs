//! The real functions of the loss language, for one number and for a column of numbers side by side.
//!
//! Every function is one formula without branches, so that a loop over it runs in the widest registers there are; where
//! a processor offers a fused multiply–add and where it must be computed by other means, and with any width of
//! registers, a function gives the same bits. The error is below two units in the last place on the whole
//! range, which `examples/function_accuracy.rs` measures.
//!
//! Arguments of sine, cosine and tangent beyond 2³⁰ are left to the platform's functions.

mod arithmetic;
mod error_function;
mod exponential;
mod inverse;
mod logarithm;
mod power;
mod trigonometric;

pub use arithmetic::two_sum;

use multiversion::multiversion;
use trigonometric::LIMIT;

/// The number of points that are evaluated side by side: a column is 1 KiB, so that the live ones stay in cache.
pub const BLOCK: usize = 128;

/// One number of every point of a block.
pub type Numbers = [f64; BLOCK];

/// Defines a function and the function on columns, both compiled for several machines and chosen when they are called.
macro_rules! vectorised {
    ($($(#[$doc:meta])* $name:ident, $column:ident: $kernel:path;)*) => {$(
        $(#[$doc])*
        #[multiversion(targets("x86_64+avx2+fma"))]
        pub fn $name(x: f64) -> f64 {
            $kernel(x)
        }

        #[multiversion(targets(
            "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx512vbmi2+avx2+fma",
            "x86_64+avx2+fma",
        ))]
        #[doc = concat!("[`", stringify!($name), "`] of every number of a column.")]
        pub fn $column(from: &Numbers, to: &mut Numbers) {
            for (y, x) in to.iter_mut().zip(from) {
                *y = $kernel(*x);
            }
        }
    )*};
}

vectorised! {
    /// `e^x`.
    exp, exp_column: exponential::exp;
    /// `e^x − 1`.
    expm1, expm1_column: exponential::expm1;
    /// The hyperbolic sine.
    sinh, sinh_column: exponential::sinh;
    /// The hyperbolic cosine.
    cosh, cosh_column: exponential::cosh;
    /// The hyperbolic tangent.
    tanh, tanh_column: exponential::tanh;
    /// `1/(1 + e^{−x})`.
    sigmoid, sigmoid_column: exponential::sigmoid;
    /// `log x`.
    log, log_column: logarithm::log;
    /// `log(1 + x)`.
    log1p, log1p_column: logarithm::log1p;
    /// `log(1 + e^x)`.
    softplus, softplus_column: logarithm::softplus;
    /// The sine of what is not large.
    near_sin, near_sin_column: trigonometric::sin;
    /// The cosine of what is not large.
    near_cos, near_cos_column: trigonometric::cos;
    /// The tangent of what is not large.
    near_tan, near_tan_column: trigonometric::tan;
    /// The arc sine.
    asin, asin_column: inverse::asin;
    /// The arc cosine.
    acos, acos_column: inverse::acos;
    /// The arc tangent.
    atan, atan_column: inverse::atan;
    /// The error function.
    erf, erf_column: error_function::erf;
    /// −1, 0 or 1.
    sign, sign_column: sign_kernel;
    /// 0 up to zero, 1 beyond.
    step, step_column: step_kernel;
    /// `max(x, 0)`.
    relu, relu_column: relu_kernel;
    /// `|x|`.
    abs, abs_column: f64::abs;
}

/// Defines a trigonometric function that leaves large arguments to the platform.
macro_rules! periodic {
    ($($(#[$doc:meta])* $name:ident, $column:ident: $near:ident, $near_column:ident, $far:path;)*) => {$(
        $(#[$doc])*
        pub fn $name(x: f64) -> f64 {
            if x.abs() > LIMIT { $far(x) } else { $near(x) }
        }

        #[doc = concat!("[`", stringify!($name), "`] of every number of a column.")]
        pub fn $column(from: &Numbers, to: &mut Numbers) {
            $near_column(from, to);
            if from.iter().fold(false, |far, x| far | (x.abs() > LIMIT)) {
                for (y, x) in to.iter_mut().zip(from).filter(|(_, x)| x.abs() > LIMIT) {
                    *y = $far(*x);
                }
            }
        }
    )*};
}

periodic! {
    /// The sine.
    sin, sin_column: near_sin, near_sin_column, f64::sin;
    /// The cosine.
    cos, cos_column: near_cos, near_cos_column, f64::cos;
    /// The tangent.
    tan, tan_column: near_tan, near_tan_column, f64::tan;
}

/// Sine and cosine.
pub fn sin_cos(x: f64) -> (f64, f64) {
    (sin(x), cos(x))
}

/// `x^y`, NaN for a negative x unless y is an integer.
#[multiversion(targets("x86_64+avx2+fma"))]
pub fn power(x: f64, y: f64) -> f64 {
    power::power(x, y)
}

/// The powers of two columns.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx512vbmi2+avx2+fma", "x86_64+avx2+fma",))]
pub fn power_column(x: &Numbers, y: &Numbers, to: &mut Numbers) {
    for i in 0..BLOCK {
        to[i] = power::power(x[i], y[i]);
    }
}

#[inline(always)]
fn sign_kernel(x: f64) -> f64 {
    let below = if x < 0.0 { -1.0 } else { x };
    if 0.0 < x { 1.0 } else { below }
}

#[inline(always)]
fn step_kernel(x: f64) -> f64 {
    let below = if x <= 0.0 { 0.0 } else { x };
    if 0.0 < x { 1.0 } else { below }
}

#[inline(always)]
fn relu_kernel(x: f64) -> f64 {
    if x <= 0.0 { 0.0 } else { x }
}
