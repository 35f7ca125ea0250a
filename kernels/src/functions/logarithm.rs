//! The logarithm: `log x = k log 2 + log(1 + f)`, `log(1 + f) = 2 artanh(f/(2 + f))`.
//!
//! The polynomial is that of `__ieee754_log` in fdlibm (Sun Microsystems, 1993), whose error is below one unit.

use super::arithmetic::fma;
use super::exponential::{self, LN_2};

/// The coefficients of `(log(1 + f) − 2s)/s` in s² = (f/(2 + f))², from the first power.
const ARTANH: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

/// `x = 2^k m` with ½√2 ≤ m < √2, for a positive finite x.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    /// The bits of ½√2, rounded down to their upper half.
    const ROOT: u64 = 0x3FE6_A09E_0000_0000;
    /// 2⁵² and what it adds to an exponent: an integer below 2⁵² under these bits is that integer plus 2⁵².
    const INTEGER: u64 = 0x4330_0000_0000_0000;
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * 18_014_398_509_481_984.0 } else { x };
    let bits = scaled.to_bits().wrapping_add(0x3FF0_0000_0000_0000 - ROOT);
    let exponent = f64::from_bits((bits >> 52) | INTEGER) - 4_503_599_627_370_496.0;
    let k = exponent - if subnormal { 1023.0 + 54.0 } else { 1023.0 };
    (k, f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF) + ROOT))
}

/// `k log 2 + log(1 + f) + rest`.
#[inline(always)]
fn combine(k: f64, f: f64, rest: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = fma(fma(fma(ARTANH[6], w, ARTANH[4]), w, ARTANH[2]), w, ARTANH[0]);
    let even = fma(fma(ARTANH[5], w, ARTANH[3]), w, ARTANH[1]);
    let series = fma(odd, z, even * w);
    let half_square = 0.5 * f * f;
    fma(k, LN_2[0], f - (half_square - (fma(s, half_square + series, fma(k, LN_2[1], rest)))))
}

/// `log x`, NaN for a negative x.
#[inline(always)]
pub(super) fn log(x: f64) -> f64 {
    let (k, m) = split(x);
    ends(x, combine(k, m - 1.0, 0.0))
}

/// The values of the logarithm at zero, at infinity and below zero; `value` elsewhere.
#[inline(always)]
fn ends(x: f64, value: f64) -> f64 {
    let value = if x < f64::INFINITY { value } else { x };
    let value = if x == 0.0 { f64::NEG_INFINITY } else { value };
    if x < 0.0 { f64::NAN } else { value }
}

/// `log(1 + x)`, for x > −1 finite.
#[inline(always)]
fn log1p_inside(x: f64) -> f64 {
    let u = 1.0 + x;
    let (k, m) = split(u);
    // What was lost in u, relative to it.
    let lost = if x < 1.0 { x - (u - 1.0) } else { 1.0 - (u - x) };
    let (f, rest) = if k == 0.0 { (x, 0.0) } else { (m - 1.0, lost / u) };
    combine(k, f, rest)
}

/// `log(1 + x)`, NaN below −1.
#[inline(always)]
pub(super) fn log1p(x: f64) -> f64 {
    let value = log1p_inside(x).copysign(x);
    let value = if x < f64::INFINITY { value } else { x };
    let value = if x == -1.0 { f64::NEG_INFINITY } else { value };
    if x < -1.0 { f64::NAN } else { value }
}

/// `log(1 + e^x)`, without overflow.
#[inline(always)]
pub(super) fn softplus(x: f64) -> f64 {
    let tail = log1p_inside(exponential::exp(-x.abs()));
    (if x > 0.0 { x } else { 0.0 }) + tail
}
