//! A root of a polynomial whose coefficients depend on z, followed along a path of z.

use num_complex::Complex64;

/// A root is followed in steps that change its logarithm by less than this.
const MAX_TURN: f64 = 0.1;

/// From 0 to z through the lower half-plane, so that z is reached from below.
pub(crate) fn path_from_below(z: Complex64) -> [Complex64; 3] {
    let depth = 0.5 + z.im.abs().min(1.0);
    let bottom = -depth + z.im.min(0.0);
    [Complex64::new(0.0, bottom), Complex64::new(z.re, bottom), z]
}

/// `log r(z)/z` at the last corner of a path that begins at 0, of the root r with `r(0) = 1`; `None` where a branch point or a pole is met.
///
/// The coefficients are by powers of r, each by powers of z.
pub(crate) fn follow_root(coefficients: &[Vec<f64>], corners: &[Complex64]) -> Option<Complex64> {
    let (mut start, mut root, mut logarithm) = (Complex64::ZERO, Complex64::ONE, Complex64::ZERO);
    for corner in corners {
        let length = (corner - start).norm();
        let mut travelled = 0.0_f64;
        let mut step = 0.05_f64;
        while travelled < length {
            let next = (travelled + step).min(length);
            let target = start + (corner - start) * (next / length);
            match newton(coefficients, target, root) {
                Some(found) if (found / root).ln().norm() < MAX_TURN => {
                    logarithm += (found / root).ln();
                    (root, travelled) = (found, next);
                    step = (step * 1.5).min(0.05 * (1.0 + travelled));
                }
                _ => {
                    step *= 0.5;
                    // Far away a step below the rounding of the way would never arrive.
                    if step < 1e-13 || travelled + step == travelled {
                        return None;
                    }
                }
            }
        }
        start = *corner;
    }
    // Free of the steps' rounding: only the sheet is that of the path.
    let last = root.ln();
    let sheets = ((logarithm.im - last.im) / std::f64::consts::TAU).round();
    Some((last + Complex64::new(0.0, std::f64::consts::TAU * sheets)) / start)
}

/// The root of `χ(·; z)` near `start`, if Newton's method converges to it at once.
fn newton(coefficients: &[Vec<f64>], z: Complex64, start: Complex64) -> Option<Complex64> {
    let values: Vec<Complex64> =
        coefficients.iter().map(|c| c.iter().rev().fold(Complex64::ZERO, |sum, &a| sum * z + a)).collect();
    let mut root = start;
    let mut last = f64::INFINITY;
    for _ in 0..50 {
        let (mut value, mut slope) = (Complex64::ZERO, Complex64::ZERO);
        for &c in values.iter().rev() {
            slope = slope * root + value;
            value = value * root + c;
        }
        let change = value / slope;
        let size = change.norm();
        if !size.is_finite() {
            return None;
        }
        // Each step must at least halve, or another root may be as near.
        if size > 0.5 * last && size > 1e-14 * root.norm() {
            return None;
        }
        root -= change;
        if size <= 4.0 * f64::EPSILON * root.norm() {
            return (root.norm() > 0.0).then_some(root);
        }
        last = size;
    }
    None
}
