//! The error function in the complex plane.
//!
//! Near zero by its Maclaurin series. Elsewhere by the trapezoidal rule for the Faddeeva integral with step h, corrected
//! for the poles of its integrand: in the right half plane
//!
//! ```text
//! erf z = coth(πz/h) − e^{−z²} (hz/π) [1/z² + 2 Σ_{k≥1} e^{−(kh)²}/(z² + (kh)²)]
//!       = tanh(πz/h) − e^{−z²} (2hz/π) Σ_{k≥0} e^{−((k+½)h)²}/(z² + ((k+½)h)²)
//! ```
//!
//! The two differ in where their poles cancel (at `z = ikh` and at `z = i(k+½)h`), and the one whose poles are farther
//! from `z` is taken. With h² = π/12 and twelve terms the remainder is below the rounding error. See M. Al Azah and
//! S. N. Chandler-Wilde, *Computation of the complex error function using modified trapezoidal rules*, SIAM J. Numer.
//! Anal. 59 (2021).

use super::math;
use num_complex::Complex64;
use std::f64::consts::{FRAC_2_SQRT_PI, PI};

/// The number of terms of either sum.
const TERMS: u32 = 12;

/// The step of the trapezoidal rule, √(π/12).
const STEP: f64 = 0.511_663_353_973_244_2;

/// `erf (re + i·im)`.
pub(super) fn complex(re: f64, im: f64) -> (f64, f64) {
    if im == 0.0 {
        return (math::erf(re), im);
    }
    let z = Complex64::new(re, im);
    if z.norm_sqr() < 1.0 {
        let w = maclaurin(z);
        return (w.re, w.im);
    }
    if !z.re.is_finite() || !z.im.is_finite() {
        return if re.is_infinite() && im.is_finite() {
            (1.0_f64.copysign(re), 0.0_f64.copysign(im))
        } else {
            (f64::NAN, f64::NAN)
        };
    }
    // erf is odd and real on the real line: the first quadrant is enough.
    let w = first_quadrant(Complex64::new(re.abs(), im.abs()));
    (w.re * re.signum(), w.im * im.signum())
}

fn first_quadrant(z: Complex64) -> Complex64 {
    let phase = (z.im / STEP).fract();
    let trapezoidal = (0.25..=0.75).contains(&phase);
    let (square, rest) = square(z);
    let (mut sum, shift) = if trapezoidal { (0.5 / square, 0.0) } else { (Complex64::ZERO, 0.5) };
    for k in u32::from(trapezoidal)..TERMS {
        let node = (f64::from(k) + shift) * STEP;
        sum += math::exp(-node * node) / (square + node * node);
    }
    let pole = if z.re < PI / STEP {
        // e^{−2πz/h}, to write coth and tanh as (1 ± q)/(1 ∓ q).
        let q = Complex64::from_polar(math::exp(-2.0 * PI * z.re / STEP), -2.0 * PI * z.im / STEP);
        let q = if trapezoidal { q } else { -q };
        1.0 + 2.0 * q / (1.0 - q)
    } else {
        // The integrand's poles are too far off to need a correction.
        Complex64::ONE
    };
    let gauss = Complex64::from_polar(math::exp(-square.re), -square.im) * (1.0 - rest);
    pole - gauss * z * sum * (2.0 * STEP / PI)
}

/// `z²` and its rounding error, without which `e^{−z²}` loses as many digits as `z²` has before the point.
fn square(z: Complex64) -> (Complex64, Complex64) {
    let (xx, yy, xy) = (z.re * z.re, z.im * z.im, 2.0 * z.re * z.im);
    let (re, error) = math::two_sum(xx, -yy);
    let re_rest = error + (z.re.mul_add(z.re, -xx) - z.im.mul_add(z.im, -yy));
    (Complex64::new(re, xy), Complex64::new(re_rest, (2.0 * z.re).mul_add(z.im, -xy)))
}

/// `2/√π Σ (−1)ⁿ z^{2n+1}/(n!(2n+1))`, for |z| ≤ 1.
fn maclaurin(z: Complex64) -> Complex64 {
    let minus_square = -(z * z);
    let (mut power, mut sum) = (z, z);
    for n in 1..24_u32 {
        power = power * minus_square / f64::from(n);
        let term = power / f64::from(2 * n + 1);
        sum += term;
        if term.l1_norm() <= 1e-18 * sum.l1_norm() {
            break;
        }
    }
    sum * FRAC_2_SQRT_PI
}
