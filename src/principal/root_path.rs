//! A root of a polynomial whose coefficients depend on z, followed along a path of z.

use num_complex::Complex64;

/// A root is followed in steps that change its logarithm by less than this.
const MAX_TURN: f64 = 0.1;

/// So many steps are tried on one path: three ways to |z| = 10^150 take 22,000.
const MOST_TRIES: usize = 40_000;

/// Products of two numbers below this are finite.
const LARGE: f64 = 1e150;

/// From 0 to z through the lower half-plane, so that z is reached from below.
pub(crate) fn path_from_below(z: Complex64) -> [Complex64; 3] {
    let depth = 0.5 + z.im.abs().min(1.0);
    let bottom = -depth + z.im.min(0.0);
    [Complex64::new(0.0, bottom), Complex64::new(z.re, bottom), z]
}

/// `log r(z)/z` at the last corner of a path that begins at 0, of the root r with `r(0) = 1`; `None` where a branch point or a pole is met, or the
/// polynomial's value is beyond what floats hold.
///
/// The coefficients are by powers of r, each by powers of z.
pub(crate) fn follow_root(coefficients: &[Vec<f64>], corners: &[Complex64]) -> Option<Complex64> {
    let (mut start, mut root, mut logarithm) = (Complex64::ZERO, Complex64::ONE, Complex64::ZERO);
    let mut tries = 0_usize;
    for corner in corners {
        let length = (corner - start).norm();
        let mut travelled = 0.0_f64;
        let mut step = 0.05_f64;
        while travelled < length {
            tries += 1;
            if tries > MOST_TRIES {
                return None;
            }
            let next = (travelled + step).min(length);
            let target = start + (corner - start) * (next / length);
            match newton(coefficients, target, root) {
                Newton::Found(found) if (found / root).ln().norm() < MAX_TURN => {
                    logarithm += (found / root).ln();
                    (root, travelled) = (found, next);
                    step = (step * 1.5).min(0.05 * (1.0 + travelled));
                }
                // Steps of half the length would come no farther in the end, and there is no end to halving them.
                Newton::Overflows => return None,
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

/// What Newton's method says.
enum Newton {
    Found(Complex64),
    /// It does not converge at once.
    Lost,
    /// The polynomial has no finite value where it starts.
    Overflows,
}

/// The root of `χ(·; z)` near `start`, if Newton's method converges to it at once.
fn newton(coefficients: &[Vec<f64>], z: Complex64, start: Complex64) -> Newton {
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
        if last == f64::INFINITY && !(value.is_finite() && slope.is_finite()) {
            return Newton::Overflows;
        }
        // The plain quotient multiplies the two.
        let change = if value.l1_norm().max(slope.l1_norm()) < LARGE { value / slope } else { value.fdiv(slope) };
        let size = change.norm();
        if !size.is_finite() {
            return Newton::Lost;
        }
        // Each step must at least halve, or another root may be as near.
        if size > 0.5 * last && size > 1e-14 * root.norm() {
            return Newton::Lost;
        }
        root -= change;
        if size <= 4.0 * f64::EPSILON * root.norm() {
            return if root.norm() > 0.0 { Newton::Found(root) } else { Newton::Lost };
        }
        last = size;
    }
    Newton::Lost
}
