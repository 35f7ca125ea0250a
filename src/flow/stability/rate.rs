//! The rates of flows at a critical point, in closed form.

use crate::spectral::Alpha;
use num_complex::Complex64;

/// The rate `α(hλ) λ`; `None` at a branch point, to within the uncertainty of λ.
pub(super) fn rate(alpha: &Alpha, h: f64, lambda: f64, uncertainty: f64) -> Option<Complex64> {
    let z = h * lambda;
    if *alpha == Alpha::Logarithm && (z - 1.0).abs() <= h * uncertainty {
        return None;
    }
    at(alpha, z).map(|a| positive_zeros(a * lambda)).filter(|r| r.is_finite())
}

/// `α(z)` at a real z; `None` where it is not finite.
pub(super) fn at(alpha: &Alpha, z: f64) -> Option<Complex64> {
    Some(positive_zeros(alpha.at(Complex64::from(z)))).filter(|a| a.is_finite())
}

/// With no negative zero, which says nothing here.
fn positive_zeros(z: Complex64) -> Complex64 {
    Complex64::new(z.re + 0.0, z.im + 0.0)
}
