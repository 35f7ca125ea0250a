//! The inverse trigonometric functions, with the approximations of fdlibm (Sun Microsystems, 1993).

use super::arithmetic::fma;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// What π/2 lacks of its value.
const FRAC_PI_2_LOW: f64 = 6.123_233_995_736_766e-17;

/// The coefficients of `1 − arctan(t)/t` in t², from the first power.
const ARCTAN: [f64; 11] = [
    3.333_333_333_333_293e-1,
    -1.999_999_999_987_648_3e-1,
    1.428_571_427_250_346_6e-1,
    -1.111_111_040_546_235_6e-1,
    9.090_887_133_436_507e-2,
    -7.691_876_205_044_83e-2,
    6.661_073_137_387_531e-2,
    -5.833_570_133_790_573_5e-2,
    4.976_877_994_615_932_4e-2,
    -3.653_157_274_421_691_6e-2,
    1.628_582_011_536_578_2e-2,
];

/// `(arcsin(t) − t)/t³ = P(t²)/Q(t²)`: the coefficients of P and of Q.
const ARCSIN_ABOVE: [f64; 6] = [
    1.666_666_666_666_666_6e-1,
    -3.255_658_186_224_009e-1,
    2.012_125_321_348_629_3e-1,
    -4.005_553_450_067_941e-2,
    7.915_349_942_898_145e-4,
    3.479_331_075_960_212e-5,
];
const ARCSIN_BELOW: [f64; 5] =
    [1.0, -2.403_394_911_734_414, 2.020_945_760_233_505_7, -6.882_839_716_054_533e-1, 7.703_815_055_590_194e-2];

/// `arctan x`: about 0, π/4 or π/2, whichever is near.
#[inline(always)]
pub(super) fn atan(x: f64) -> f64 {
    const TAN_PI_8: f64 = 0.414_213_562_373_095_03;
    const TAN_3_PI_8: f64 = 2.414_213_562_373_095;
    let size = x.abs();
    let (small, large) = (size <= TAN_PI_8, size > TAN_3_PI_8);
    let above = if small { size } else { size - 1.0 };
    let above = if large { -1.0 } else { above };
    let below = if small { 1.0 } else { size + 1.0 };
    let below = if large { size } else { below };
    let base = if small { 0.0 } else { FRAC_PI_4 };
    let base = if large { FRAC_PI_2 } else { base };
    let base_low = if small { 0.0 } else { 0.5 * FRAC_PI_2_LOW };
    let base_low = if large { FRAC_PI_2_LOW } else { base_low };
    let t = above / below;
    let z = t * t;
    let w = z * z;
    let c = &ARCTAN;
    let odd = fma(fma(fma(fma(fma(c[10], w, c[8]), w, c[6]), w, c[4]), w, c[2]), w, c[0]);
    let even = fma(fma(fma(fma(c[9], w, c[7]), w, c[5]), w, c[3]), w, c[1]);
    let series = fma(odd, z, even * w);
    (base - (fma(t, series, -base_low) - t)).copysign(x)
}

/// What arcsine and arccosine share: whether |x| ≤ ½, `t = x²` or `(1 − |x|)/2`, the root of the latter and what it
/// lacks, and `R(t)`.
#[inline(always)]
fn arcsine_parts(x: f64) -> (bool, f64, f64, f64) {
    let size = x.abs();
    let small = size <= 0.5;
    let t = if small { x * x } else { fma(-0.5, size, 0.5) };
    let (p, q) = (&ARCSIN_ABOVE, &ARCSIN_BELOW);
    let above = fma(fma(fma(fma(fma(p[5], t, p[4]), t, p[3]), t, p[2]), t, p[1]), t, p[0]);
    let below = fma(fma(fma(fma(q[4], t, q[3]), t, q[2]), t, q[1]), t, q[0]);
    let root = t.sqrt();
    let missing = fma(-root, root, t) / (root + root);
    (small, root, if root == 0.0 { 0.0 } else { missing }, t * (above / below))
}

/// `arcsin x`, NaN outside [−1, 1].
#[inline(always)]
pub(super) fn asin(x: f64) -> f64 {
    let size = x.abs();
    let (small, root, missing, series) = arcsine_parts(x);
    let near_one = FRAC_PI_2 - 2.0 * (root + fma(root, series, missing - 0.5 * FRAC_PI_2_LOW));
    (if small { fma(size, series, size) } else { near_one }).copysign(x)
}

/// `arccos x`, NaN outside [−1, 1].
#[inline(always)]
pub(super) fn acos(x: f64) -> f64 {
    let (small, root, missing, series) = arcsine_parts(x);
    let middle = FRAC_PI_2 - (x - fma(-x, series, FRAC_PI_2_LOW));
    let right = 2.0 * (root + fma(root, series, missing));
    let left = PI - 2.0 * (root + (fma(root, series, missing) - FRAC_PI_2_LOW));
    let side = if x < 0.0 { left } else { right };
    if small { middle } else { side }
}
