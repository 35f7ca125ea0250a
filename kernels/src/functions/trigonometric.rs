//! Sine, cosine and tangent: `x = kπ/2 + r` by three parts of π/2, then polynomials on |r| ≤ π/4.
//!
//! The polynomials are those of `__kernel_sin` and `__kernel_cos` in fdlibm (Sun Microsystems, 1993).

use super::arithmetic::{fast_two_sum, fma, integer_bits, nearest, two_product, two_sum};
use std::f64::consts::{self, FRAC_2_PI};

/// The largest argument reduced by three parts of π/2; larger ones are left to the platform's functions.
pub(super) const LIMIT: f64 = 1_073_741_824.0;

/// π/2 in three parts.
const FRAC_PI_2: [f64; 3] = [consts::FRAC_PI_2, 6.123_233_995_736_766e-17, -1.497_384_904_859_169_8e-33];

/// The coefficients of `(sin r − r)/r³` in r².
const SINE: [f64; 6] = [
    -1.666_666_666_666_663_2e-1,
    8.333_333_333_322_49e-3,
    -1.984_126_982_985_795e-4,
    2.755_731_370_707_006_8e-6,
    -2.505_076_025_340_686_3e-8,
    1.589_690_995_211_55e-10,
];

/// The coefficients of `(cos r − 1 + r²/2)/r⁴` in r².
const COSINE: [f64; 6] = [
    4.166_666_666_666_66e-2,
    -1.388_888_888_887_411e-3,
    2.480_158_728_947_673e-5,
    -2.755_731_435_139_066_3e-7,
    2.087_572_321_298_175e-9,
    -1.135_964_755_778_819_5e-11,
];

/// The quadrant's lowest bits, and the rest of the argument as a number and its rounding error.
#[inline(always)]
fn reduce(x: f64) -> (u64, f64, f64) {
    let k = nearest(x * FRAC_2_PI);
    // Exact: both have few digits below those that cancel.
    let t = fma(-k, FRAC_PI_2[0], x);
    let (product, product_error) = two_product(k, FRAC_PI_2[1]);
    let (r, error) = two_sum(t, -product);
    let rest = error - product_error;
    (integer_bits(k), r, fma(-k, FRAC_PI_2[2], rest))
}

#[inline(always)]
fn even(c: &[f64; 6], z: f64) -> f64 {
    let w = z * z;
    fma(fma(fma(c[5], z, c[4]), w, fma(c[3], z, c[2])), w, fma(c[1], z, c[0]))
}

/// `sin(r + rest) − r`.
#[inline(always)]
fn sine_excess(r: f64, rest: f64) -> f64 {
    let z = r * r;
    fma(z * r, even(&SINE, z), fma(-0.5 * z, rest, rest))
}

/// `cos(r + rest)` as a number and what is missing of it.
#[inline(always)]
fn cosine_pair(r: f64, rest: f64) -> (f64, f64) {
    let z = r * r;
    let half = 0.5 * z;
    let half_error = fma(0.5 * r, r, -half);
    let w = 1.0 - half;
    (w, ((1.0 - w) - half) + (fma(z * z, even(&COSINE, z), -r * rest) - half_error))
}

/// The sine of `x + quadrants·π/2`.
#[inline(always)]
fn shifted(x: f64, quadrants: u64) -> f64 {
    let (q, r, rest) = reduce(x);
    let q = q.wrapping_add(quadrants);
    let (cosine, missing) = cosine_pair(r, rest);
    let value = if q & 1 == 0 { r + sine_excess(r, rest) } else { cosine + missing };
    f64::from_bits(value.to_bits() ^ ((q & 2) << 62))
}

/// `sin x` for |x| ≤ [`LIMIT`].
#[inline(always)]
pub(super) fn sin(x: f64) -> f64 {
    if x.abs() < 1e-9 { x } else { shifted(x, 0) }
}

/// `cos x` for |x| ≤ [`LIMIT`].
#[inline(always)]
pub(super) fn cos(x: f64) -> f64 {
    shifted(x, 1)
}

/// `tan x` for |x| ≤ [`LIMIT`]: a quotient whose remainder is added back.
#[inline(always)]
pub(super) fn tan(x: f64) -> f64 {
    let (q, r, rest) = reduce(x);
    let excess = sine_excess(r, rest);
    let (sine, sine_low) = fast_two_sum(r, excess);
    let (cosine, missing) = cosine_pair(r, rest);
    let (cosine, cosine_low) = fast_two_sum(cosine, missing);
    let even = q & 1 == 0;
    let (above, above_low) = if even { (sine, sine_low) } else { (-cosine, -cosine_low) };
    let (below, below_low) = if even { (cosine, cosine_low) } else { (sine, sine_low) };
    let reciprocal = 1.0 / below;
    let quotient = above * reciprocal;
    let remainder = fma(-quotient, below, above) + fma(-quotient, below_low, above_low);
    let value = fma(remainder, reciprocal, quotient);
    if x.abs() < 1e-9 { x } else { value }
}
