//! The inverse trigonometric functions in the complex plane.
//!
//! asin and acos after T. E. Hull, T. F. Fairgrieve and P. T. P. Tang, *Implementing the complex arcsine and arccosine
//! functions using exception handling*, ACM Trans. Math. Softw. 23 (1997).

use super::math;
use std::f64::consts::{FRAC_PI_2, LN_2, PI};

/// What both functions are put together from, for `x, y ≥ 0` in the first quadrant.
struct FirstQuadrant {
    /// `Re asin z`.
    asin: f64,
    /// `Re acos z`.
    acos: f64,
    /// `Im asin z = −Im acos z`.
    imaginary: f64,
}

impl FirstQuadrant {
    fn new(x: f64, y: f64) -> Self {
        if x > 1e150 || y > 1e150 {
            // asin z ≈ i log(−2iz): the next term is below z^{-2}.
            let size =
                if x > 1e300 || y > 1e300 { math::log((0.5 * x).hypot(0.5 * y)) + LN_2 } else { math::log(x.hypot(y)) };
            return Self { asin: x.atan2(y), acos: y.atan2(x), imaginary: LN_2 + size };
        }
        if y <= f64::EPSILON * (x - 1.0).abs() {
            return Self::near_real_line(x, y);
        }
        let (r, s) = ((x + 1.0).hypot(y), (x - 1.0).hypot(y));
        let a = 0.5 * (r + s);
        let b = x / a;
        // y²/(r + x + 1) and y²/(s − (x − 1)), without underflow of y².
        let right = y / (r + x + 1.0) * y;
        let left = if x < 1.0 { y / (s + (1.0 - x)) * y } else { s + (x - 1.0) };
        let (asin, acos) = if b <= 0.641_7 {
            (math::asin(b), math::acos(b))
        } else {
            let sum = a + x;
            let root = if x <= 1.0 {
                (0.5 * sum * (right + (s + (1.0 - x)))).sqrt()
            } else {
                y * (0.5 * (sum / (r + x + 1.0) + sum / (s + (x - 1.0)))).sqrt()
            };
            (math::atan(x / root), math::atan(root / x))
        };
        let imaginary = if a <= 1.5 {
            let excess = 0.5 * (right + left);
            math::log1p(excess + (excess * (a + 1.0)).sqrt())
        } else {
            math::log(a + ((a - 1.0) * (a + 1.0)).sqrt())
        };
        Self { asin, acos, imaginary }
    }

    /// Where `y` is below the rounding error of the distance to the branch point, or both are zero.
    fn near_real_line(x: f64, y: f64) -> Self {
        if x < 1.0 {
            return Self { asin: math::asin(x), acos: math::acos(x), imaginary: y / ((1.0 + x) * (1.0 - x)).sqrt() };
        }
        let root = ((x - 1.0) * (x + 1.0)).sqrt();
        let acos = if y == 0.0 { 0.0 } else { y / root };
        Self { asin: FRAC_PI_2, acos, imaginary: math::log1p((x - 1.0) + root) }
    }
}

/// The sign of a part, a zero counting as +0.
fn sign(part: f64) -> f64 {
    (part + 0.0).signum()
}

/// `asin z`, cuts on the real line outside [−1, 1].
pub(super) fn asin(x: f64, y: f64) -> (f64, f64) {
    let q = FirstQuadrant::new(x.abs(), y.abs());
    (q.asin * sign(x), q.imaginary * sign(y))
}

/// `acos z`, cuts on the real line outside [−1, 1].
pub(super) fn acos(x: f64, y: f64) -> (f64, f64) {
    if y == 0.0 && x.abs() <= 1.0 {
        return (math::acos(x), 0.0);
    }
    let q = FirstQuadrant::new(x.abs(), y.abs());
    (if sign(x) < 0.0 { PI - q.acos } else { q.acos }, -q.imaginary * sign(y))
}

/// `atan z`, cuts on the imaginary axis outside [−i, i].
pub(super) fn atan(x: f64, y: f64) -> (f64, f64) {
    if y == 0.0 {
        return (math::atan(x), y);
    }
    let (u, v) = (x.abs(), y.abs());
    if u > 1e150 || v > 1e150 {
        // atan z ≈ ±π/2 − 1/z
        let size = u.max(v);
        let (p, q) = (u / size, v / size);
        return (FRAC_PI_2 * sign(x), q / (p * p + q * q) / size * sign(y));
    }
    let re = 0.5 * (2.0 * u).atan2((1.0 - v) * (1.0 + v) - u * u);
    let im = 0.25 * math::log1p(4.0 * v / (u * u + (1.0 - v) * (1.0 - v)));
    (re * sign(x), im * sign(y))
}
