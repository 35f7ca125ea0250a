//! The exponential and what is made of it: `e^x = 2^k e^r` with k the nearest integer to x/log 2.

use super::arithmetic::{fast_two_sum, fma, nearest, polynomial12, power_of_two, scale, two_sum};
use std::f64::consts::LOG2_E;

/// log 2 in two parts; a multiple of the first by an integer below 2²¹ is exact.
pub(super) const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];

/// `1/n!` from n = 2.
const INVERSE_FACTORIALS: [f64; 12] = [
    0.5,
    0.166_666_666_666_666_66,
    0.041_666_666_666_666_664,
    0.008_333_333_333_333_333,
    0.001_388_888_888_888_889,
    0.000_198_412_698_412_698_4,
    2.480_158_730_158_73e-5,
    2.755_731_922_398_589_3e-6,
    2.755_731_922_398_589e-7,
    2.505_210_838_544_172e-8,
    2.087_675_698_786_81e-9,
    1.605_904_383_682_161_3e-10,
];

/// `x = k log 2 + r + rest`, |r| ≤ ½ log 2.
struct Reduced {
    k: f64,
    r: f64,
    rest: f64,
}

#[inline(always)]
fn reduce(x: f64) -> Reduced {
    let k = nearest(x * LOG2_E);
    let t = fma(-k, LN_2[0], x);
    let r = fma(-k, LN_2[1], t);
    Reduced { k, r, rest: fma(-k, LN_2[1], t - r) }
}

/// `x` within the bounds; NaN stays.
#[inline(always)]
fn clamp(x: f64, low: f64, high: f64) -> f64 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// `e^x 2^shift`.
#[inline(always)]
fn scaled(x: f64, shift: f64) -> f64 {
    let Reduced { k, r, .. } = reduce(clamp(x, -746.0, 712.0));
    scale(1.0 + fma(polynomial12(r, INVERSE_FACTORIALS), r * r, r), k + shift)
}

/// `e^{x + rest}`, for a small rest.
#[inline(always)]
pub(super) fn exp_pair(x: f64, rest: f64) -> f64 {
    let Reduced { k, r, .. } = reduce(clamp(x, -746.0, 712.0));
    let p = fma(polynomial12(r, INVERSE_FACTORIALS), r * r, r);
    scale(1.0 + (p + fma(p, rest, rest)), k)
}

/// `e^x`.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    scaled(x, 0.0)
}

/// `e^x − 1` as a number and its rounding error, for |x| ≤ 80.
#[inline(always)]
fn expm1_pair(x: f64) -> (f64, f64) {
    let Reduced { k, r, rest } = reduce(x);
    // e^r − 1 = r + r²/2 + r³ (1/3! + r/4! + …)
    const REST: [f64; 12] = {
        let mut c = [0.0; 12];
        let mut i = 0;
        while i < 11 {
            c[i] = INVERSE_FACTORIALS[i + 1];
            i += 1;
        }
        c
    };
    let half = 0.5 * r;
    let square = half * r;
    let square_error = fma(half, r, -square);
    let cubic = polynomial12(r, REST) * (r * r * r);
    let (p, p_error) = fast_two_sum(r, square);
    let (p, p_error) = fast_two_sum(p, p_error + (square_error + fma(rest, r, rest) + cubic));
    // 2^k (1 + p) − 1
    let s = power_of_two(k);
    let less = s - 1.0;
    let (sum, error) = two_sum(less, s * p);
    (sum, error + fma(s, p_error, (s - less) - 1.0))
}

/// `e^x − 1`.
#[inline(always)]
pub(super) fn expm1(x: f64) -> f64 {
    let (high, low) = expm1_pair(clamp(x, -80.0, 40.0));
    let value = if x > 40.0 { exp(x) } else { high + low };
    value.copysign(x)
}

/// `½(E + E/(1 + E))` with `E = e^{|x|} − 1`.
#[inline(always)]
pub(super) fn sinh(x: f64) -> f64 {
    let size = x.abs();
    let (high, low) = expm1_pair(clamp(size, 0.0, 40.0));
    let value = 0.5 * (high + (low + high / (1.0 + high)));
    let value = if size > 22.0 { scaled(size, -1.0) } else { value };
    value.copysign(x)
}

/// `½ e^{|x|} + ½ e^{−|x|}`, neither of which overflows before the sum.
#[inline(always)]
pub(super) fn cosh(x: f64) -> f64 {
    let half = scaled(x.abs(), -1.0);
    half + 0.25 / half
}

/// Where the two formulas of the hyperbolic tangent change: e^{2|x|} = 3.
const TANH_NEAR: f64 = 0.55;

/// `x + x³ p(x²)/q(x²)` near zero, the eighth convergent of Lambert's continued fraction, and `1 − 2/(e^{2x} + 1)` beyond: one division
/// for both.
#[inline(always)]
pub(super) fn tanh(x: f64) -> f64 {
    let size = x.abs();
    let Reduced { k, r, .. } = reduce(2.0 * clamp(size, 0.0, 20.0));
    let power = power_of_two(k);
    let above = fma(power, fma(polynomial12(r, INVERSE_FACTORIALS), r * r, r), power) + 1.0;
    let z = size * size;
    let p = fma(fma(z + 594.0, z, 45_045.0), z, 675_675.0);
    let q = fma(fma(fma(z + 630.0, z, 51_975.0), z, 945_945.0), z, 2_027_025.0);
    let near = size < TANH_NEAR;
    let quotient = (if near { -size * z * p } else { -2.0 }) / (if near { q } else { above });
    ((if near { size } else { 1.0 }) + quotient).copysign(x)
}

/// `1/(1 + e^{−x})`, by the exponential that does not overflow.
#[inline(always)]
pub(super) fn sigmoid(x: f64) -> f64 {
    let e = exp(-x.abs());
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}
