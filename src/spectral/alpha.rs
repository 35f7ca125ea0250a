//! The scalar function `α(z)` of a principal flow.
//!
//! For gradient descent `α(z) = log(1−z)/z` (Rosca, Wu, Qin & Dherin 2023, section 3). The logarithm's cut lies along the negative
//! imaginary axis, `arg(1−z) ∈ [−π/2, 3π/2)`: on the real line this is `log(z−1) + iπ` for `z > 1`, as with the principal
//! branch, but eigenvalues that drift off the real line do not jump from `+iπ` to `−iπ`.

use super::{Analytic, SpectralFunction};
use num_complex::Complex64;
use std::f64::consts::TAU;
use std::sync::Arc;

/// Which function of `z = hλ` a flow applies to the spectrum.
#[derive(Debug, Clone, PartialEq)]
pub enum Alpha {
    /// `log(1−z)/z`, the principal flow's.
    Logarithm,
    /// That of an optimizer, from its characteristic polynomial.
    Analytic(Arc<Analytic>),
    /// A function from outside this room.
    Given(Given),
    /// `Σ_p c_p z^p`, from the coefficients `c_0, c_1, …`.
    Polynomial(Vec<f64>),
}

/// A [`SpectralFunction`] that is shared; equal to itself only.
#[derive(Debug, Clone)]
pub struct Given(pub Arc<dyn SpectralFunction>);

impl PartialEq for Given {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Alpha {
    /// The function, where it has neither a closed form of its own nor coefficients.
    pub(super) fn function(&self) -> Option<Arc<dyn SpectralFunction>> {
        match self {
            Self::Analytic(f) => Some(Arc::clone(f) as Arc<dyn SpectralFunction>),
            Self::Given(f) => Some(Arc::clone(&f.0)),
            Self::Logarithm | Self::Polynomial(_) => None,
        }
    }

    /// `−1`, the negative gradient flow's.
    #[must_use]
    pub fn negative_gradient() -> Self {
        Self::Polynomial(vec![-1.0])
    }

    /// `−(1 + z/2)`, implicit gradient regularisation's (Barrett & Dherin 2021).
    #[must_use]
    pub fn implicit_gradient_regularisation() -> Self {
        Self::principal(1)
    }

    /// `−Σ_{p≤order} z^p/(p+1)`, the principal series to this order.
    ///
    /// ```
    /// use shadowflow::spectral::Alpha;
    /// assert_eq!(Alpha::principal(1), Alpha::implicit_gradient_regularisation());
    /// ```
    #[must_use]
    pub fn principal(order: usize) -> Self {
        Self::Polynomial((0..=order).map(|p| -1.0 / (p as f64 + 1.0)).collect())
    }

    /// `α(z)`; not finite at a branch point, the logarithm's `z = 1`.
    #[must_use]
    pub fn at(&self, z: Complex64) -> Complex64 {
        match self {
            Self::Logarithm => alpha(z),
            Self::Analytic(f) => f.at(z).unwrap_or(Complex64::new(f64::NAN, f64::NAN)),
            Self::Given(f) => f.0.at(z).unwrap_or(Complex64::new(f64::NAN, f64::NAN)),
            Self::Polynomial(c) => c.iter().rev().fold(Complex64::ZERO, |s, &c| s * z + c),
        }
    }
}

/// `log(1−z)` with `arg(1−z) ∈ [−π/2, 3π/2)`; its real part is −∞ at `z = 1`.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::spectral::log_one_minus;
/// let l = log_one_minus(Complex64::new(3.0, 0.0));
/// assert!((l - Complex64::new(2f64.ln(), std::f64::consts::PI)).norm() < 1e-15);
/// ```
#[must_use]
pub fn log_one_minus(z: Complex64) -> Complex64 {
    log_at(z, 1.0 - z)
}

/// `log(1−z)/z`, with `α(0) = −1`; not finite at the branch point `z = 1`.
///
/// Accurate to a few units in the last place for every `z`, however small.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::spectral::alpha;
/// assert_eq!(alpha(Complex64::ZERO), Complex64::new(-1.0, 0.0));
/// assert!((alpha(Complex64::new(0.5, 0.0)).re + 2.0 * 2f64.ln()).abs() < 1e-15);
/// ```
#[must_use]
pub fn alpha(z: Complex64) -> Complex64 {
    alpha_at(z, 1.0 - z)
}

/// The divided difference `α[u, v] = (α(u) − α(v))/(u − v)`, which is `α′(u)` where `u = v`.
///
/// Accurate for near-equal arguments and near 0, where the quotient as printed cancels. Where the cut passes between
/// near-equal arguments it is as large as its definition says.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::spectral::divided_difference;
/// assert_eq!(divided_difference(Complex64::ZERO, Complex64::ZERO), Complex64::new(-0.5, 0.0));
/// ```
#[must_use]
pub fn divided_difference(u: Complex64, v: Complex64) -> Complex64 {
    divided_difference_at((u, 1.0 - u), (v, 1.0 - v))
}

/// [`log_one_minus`] of `z`, given `μ = 1−z` as well, which may be known to more digits than the subtraction gives.
fn log_at(z: Complex64, mu: Complex64) -> Complex64 {
    let argument = mu.im.atan2(mu.re);
    // Left of the imaginary axis and below (or on, from below, as with a negative zero) the real one: past the principal cut.
    let argument = if mu.re < 0.0 && argument < 0.0 { argument + TAU } else { argument };
    Complex64::new(log_modulus(-z, mu), argument)
}

/// `log|1+w|` with no cancellation for small `w`; `sum` is `1+w`.
fn log_modulus(w: Complex64, sum: Complex64) -> f64 {
    if w.re.abs() + w.im.abs() < 0.5 {
        0.5 * (2.0 * w.re + w.re * w.re + w.im * w.im).ln_1p()
    } else {
        sum.re.hypot(sum.im).ln()
    }
}

/// [`alpha`] of `z`, given `μ = 1−z` as well.
pub(super) fn alpha_at(z: Complex64, mu: Complex64) -> Complex64 {
    if z.re.abs() + z.im.abs() < 1e-5 {
        // The next term, z³/4, is below the rounding; this also keeps the quotient clear of underflow.
        return -(1.0 + z * (0.5 + z * (1.0 / 3.0)));
    }
    log_at(z, mu) / z
}

/// [`divided_difference`] of two pairs `(z, 1−z)`.
pub(super) fn divided_difference_at(u: (Complex64, Complex64), v: (Complex64, Complex64)) -> Complex64 {
    // The larger argument divides below.
    let (u, v) = if u.0.norm_sqr() < v.0.norm_sqr() { (v, u) } else { (u, v) };
    if u.0.norm_sqr() < 0.09 {
        return series(u.0, v.0);
    }
    // L = log(1−z) = z α, so L[u,v] = u α[u,v] + α(v).
    (log_divided_difference(u, v) - alpha_at(v.0, v.1)) / u.0
}

/// `−Σ_{p≥1} 1/(p+1) Σ_{j+k=p−1} u^j v^k` for `|v| ≤ |u| < 0.3`.
fn series(u: Complex64, v: Complex64) -> Complex64 {
    let (mut total, mut complete, mut power) = (Complex64::ZERO, Complex64::ONE, Complex64::ONE);
    for p in 1..=36 {
        total -= complete / (f64::from(p) + 1.0);
        power *= v;
        complete = complete * u + power;
    }
    total
}

/// `(log(1−u) − log(1−v))/(u − v)`, and `−1/(1−u)` where `u = v`.
fn log_divided_difference(u: (Complex64, Complex64), v: (Complex64, Complex64)) -> Complex64 {
    let gap = v.0 - u.0;
    if gap == Complex64::ZERO {
        return -1.0 / v.1;
    }
    let w = gap / v.1;
    let size = w.re.abs() + w.im.abs();
    if size.is_nan() || size >= 0.5 {
        return (log_at(v.0, v.1) - log_at(u.0, u.1)) / gap;
    }
    if w.re.abs() + w.im.abs() < 1e-150 {
        return -1.0 / v.1;
    }
    // log μ_u − log μ_v = log(1+w) + 2πi k, where k ≠ 0 says that the cut passes between the two.
    let sum = 1.0 + w;
    let log = Complex64::new(log_modulus(w, sum), sum.im.atan2(sum.re));
    let sheets = ((log_at(u.0, u.1).im - log_at(v.0, v.1).im - log.im) / TAU).round();
    -(log + Complex64::new(0.0, TAU * sheets)) / gap
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn c(re: f64, im: f64) -> Complex64 {
        Complex64::new(re, im)
    }

    #[test]
    fn the_cut_lies_along_the_negative_imaginary_axis() {
        for im in [0.0, -0.0] {
            let l = log_one_minus(c(2.5, im));
            assert!((l - c(1.5f64.ln(), PI)).norm() < 1e-15, "{l}");
        }
        // Across the real line beyond 1, continuous.
        assert!((log_one_minus(c(2.0, 1e-9)) - log_one_minus(c(2.0, -1e-9))).norm() < 3e-9);
        // Across the negative imaginary axis of 1−z, a jump of 2πi; on it, the value from the right.
        assert!((log_one_minus(c(1.0, 1.0)).im + PI / 2.0).abs() < 1e-15);
        assert!((log_one_minus(c(1.0 + 1e-12, 1.0)).im - 1.5 * PI).abs() < 1e-11);
        assert!((log_one_minus(c(1.0, -1.0)).im - PI / 2.0).abs() < 1e-15);
        assert_eq!(log_one_minus(c(1.0, 0.0)).re, f64::NEG_INFINITY);
        assert!(!alpha(c(1.0, 0.0)).is_finite());
    }

    #[test]
    fn polynomials_are_the_series() {
        assert_eq!(Alpha::negative_gradient().at(c(3.0, 1.0)), c(-1.0, 0.0));
        assert_eq!(Alpha::implicit_gradient_regularisation().at(c(0.5, -2.0)), c(-1.25, 1.0));
        assert!((Alpha::principal(60).at(c(0.3, 0.2)) - Alpha::Logarithm.at(c(0.3, 0.2))).norm() < 1e-15);
    }

    /// Values computed with 700 digits (mpmath) at exactly these floats.
    #[test]
    fn alpha_has_all_its_digits() {
        let cases = [
            (c(1e-300, 0.0), c(-1.0, 0.0)),
            (c(1e-09, -2e-09), c(-1.0000000005, 1.0000000013333333e-09)),
            (c(3e-06, 4e-06), c(-1.0000014999976667, -2.0000080000109997e-06)),
            (c(0.001, 0.002), c(-1.000498997248607, -0.0010013328285270063)),
            (c(0.3, 0.0), c(-1.1889164797957745, 0.0)),
            (c(0.9999, 1e-07), c(-9.211260998176279, -0.0009991784584130004)),
            (c(1.00000001, 0.0), c(-18.42068056582303, 3.1415926221738673)),
            (c(1.5, 0.0), c(-0.4620981203732969, 2.0943951023931957)),
            (c(1.5, -0.25), c(-0.6667456728655168, 1.6741724175817387)),
            (c(0.7, 0.9), c(-0.8930902889528217, -0.6360921604867356)),
            (c(1.2, 0.9), c(1.7541496326048927, 2.429154470971954)),
            (c(-3.0, 0.5), c(-0.45884506599318925, -0.03502251281661106)),
            (c(40.0, -7.0), c(0.0766698863327489, 0.08751714226588869)),
        ];
        for (z, want) in cases {
            assert!((alpha(z) - want).norm() <= 4e-16 * want.norm(), "α({z}) = {}, not {want}", alpha(z));
        }
    }

    #[test]
    fn divided_differences_have_nearly_all_their_digits() {
        let cases = [
            (c(1e-10, 0.0), c(2e-10, 1e-10), c(-0.5000000001, -3.333333334583333e-11)),
            (c(0.01, 0.02), c(0.01, 0.02), c(-0.5064328119502033, -0.013631530117191147)),
            (c(0.01, 0.02), c(0.0100000001, 0.02), c(-0.5064328119842488, -0.01363153011873876)),
            (c(0.29, 0.0), c(-0.29, 0.05), c(-0.5218462427514667, -0.014427012410878992)),
            (c(0.31, 0.0), c(0.3100000000001, 0.0), c(-0.8138572417067214, 0.0)),
            (c(0.5, 0.1), c(1e-14, 0.0), c(-0.7601833393636325, -0.08907177463965923)),
            (c(1.5, 0.0), c(1.5000000000001, 1e-13), c(1.6413987469151956, -1.3962634015956135)),
            (c(1.5, 0.0), c(1.5, 0.0), c(1.6413987469155313, -1.3962634015954636)),
            (c(1.00000001, 0.0), c(1.00000002, 0.0), c(69314735.08276568, -3.1415925593420155)),
            (c(0.99999999, 0.0), c(1.00000001, 0.0), c(17.865569231581773, 157079631.19137314)),
            (c(1.5, 0.0), c(0.2, 0.0), c(0.5027843355367323, 1.6110731556870734)),
            (c(2.5, -0.1), c(2.5, 0.1), c(0.20072231433761947, -0.5018518615958136)),
            (c(0.999, 0.5), c(1.001, 0.5), c(1255.1666717254107, 2510.476931575135)),
            (c(-20.0, 1.0), c(3.0, 0.0), c(0.014638126172537359, 0.04639380890171553)),
        ];
        for (u, v, want) in cases {
            for got in [divided_difference(u, v), divided_difference(v, u)] {
                assert!((got - want).norm() <= 4e-15 * want.norm(), "α[{u}, {v}] = {got}, not {want}");
            }
        }
    }
}
