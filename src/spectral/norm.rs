//! Norms that neither overflow nor underflow.

use num_complex::Complex64;

/// Sums of squares within these bounds have all their digits.
const PLAIN: std::ops::Range<f64> = 1e-280..1e300;

/// The Euclidean norm of complex numbers, finite where it is: the squares are scaled where they leave the floats.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::spectral::norm;
/// let far = [Complex64::new(3e200, 0.0), Complex64::new(0.0, 4e200)];
/// assert!((norm(far) / 5e200 - 1.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn norm<I>(values: I) -> f64
where
    I: IntoIterator<Item = Complex64>,
    I::IntoIter: Clone,
{
    let values = values.into_iter();
    let sum: f64 = values.clone().map(|z| z.norm_sqr()).sum();
    if PLAIN.contains(&sum) || sum.is_nan() {
        return sum.sqrt();
    }
    let largest = values.clone().fold(0.0_f64, |m, z| m.max(z.re.abs()).max(z.im.abs()));
    if largest == 0.0 || largest.is_infinite() {
        return largest;
    }
    // A power of two, so that the scaling is exact; in two factors, since the inverse of a subnormal is none.
    let half = (-0.5 * largest.log2()).floor().exp2();
    values.map(|z| (z * half * half).norm_sqr()).sum::<f64>().sqrt() / half / half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_its_norm() {
        let pair = |a: f64, b: f64| norm([Complex64::new(a, 0.0), Complex64::new(0.0, b)]);
        for scale in [5e-324, 1e-310, 1e-300, 1e-160, 1.0, 1e160, 1e300, 3e307] {
            let want = 5.0 * scale;
            assert!((pair(3.0 * scale, 4.0 * scale) / want - 1.0).abs() < 1e-15, "{scale:e}");
        }
        assert_eq!(norm([]), 0.0);
        assert_eq!(pair(f64::INFINITY, 1.0), f64::INFINITY);
        assert!(pair(f64::NAN, 1.0).is_nan());
    }
}
