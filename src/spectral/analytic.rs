//! `α(z)` of any optimizer: the logarithm of its characteristic polynomial's principal root, over z.

use super::alpha::SpectralFunction;
use crate::bea::{Characteristic, PrincipalPart};
use num_complex::Complex64;
use std::f64::consts::TAU;

/// How many terms of the series are kept for small arguments.
const TERMS: usize = 32;

/// `α(z) = log r(z)/z` of an optimizer with numbers for its hyper-parameters, and its divided differences.
///
/// Near 0 the Taylor series is summed, elsewhere the root is followed: see [`Characteristic::principal`], which says where
/// the cuts are.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::bea::{Optimizer, PrincipalPart};
/// use shadowflow::spectral::Analytic;
/// let part = PrincipalPart::of(&Optimizer::ImplicitEuler, None)?;
/// let alpha = Analytic::new(&part).unwrap();
/// let value = alpha.at(Complex64::ONE).unwrap();
/// assert!((value.re + 2f64.ln()).abs() < 1e-14);
/// # Ok::<(), shadowflow::bea::MethodError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Analytic {
    characteristic: Characteristic,
    /// The coefficients of the characteristic polynomial, by powers of r, then of z.
    numbers: Vec<Vec<f64>>,
    series: Vec<f64>,
    /// Where the series is exact to rounding.
    radius: f64,
}

impl Analytic {
    /// Of a principal part; `None` while symbols remain, or if its characteristic polynomial is not known.
    #[must_use]
    pub fn new(part: &PrincipalPart) -> Option<Self> {
        let characteristic = part.characteristic()?.clone();
        let series = part.series_in_floats(TERMS)?;
        let first = series.first().copied().filter(|c| *c != 0.0)?;
        // The last terms tell the radius of convergence, of which this share leaves a remainder at rounding.
        let growth = series.iter().enumerate().skip(TERMS / 2);
        let growth = growth.map(|(p, c)| (c / first).abs().powf(1.0 / p as f64)).fold(0.0, f64::max);
        let radius = 1e-17_f64.powf(1.0 / TERMS as f64) / growth.max(1e-3);
        let coefficients = characteristic.coefficients().iter();
        let numbers = coefficients.map(|c| c.coefficients().iter().map(|q| q.to_f64()).collect()).collect();
        Some(Self { characteristic, numbers, series, radius })
    }

    /// The first Taylor coefficients of α, by powers of z.
    #[must_use]
    pub fn series(&self) -> &[f64] {
        &self.series
    }

    /// `α(z)`; `None` at a branch point or pole.
    #[must_use]
    pub fn at(&self, z: Complex64) -> Option<Complex64> {
        if z.norm() < self.radius {
            return Some(self.series.iter().rev().fold(Complex64::ZERO, |s, &c| s * z + c));
        }
        self.characteristic.principal(z)
    }

    /// The divided difference `α[u, v]`, with no cancellation where the two are close.
    #[must_use]
    pub fn divided_difference(&self, u: Complex64, v: Complex64) -> Option<Complex64> {
        // The larger argument divides below.
        let (u, v) = if u.norm_sqr() < v.norm_sqr() { (v, u) } else { (u, v) };
        if u.norm() < 0.9 * self.radius {
            let (mut total, mut complete, mut power) = (Complex64::ZERO, Complex64::ONE, Complex64::ONE);
            for c in &self.series[1..] {
                total += complete * c;
                power *= v;
                complete = complete * u + power;
            }
            return Some(total);
        }
        let (first, second) = (self.at(u)?, self.at(v)?);
        let gap = u - v;
        if gap.norm() > 0.1 * u.norm() {
            return Some((first - second) / gap);
        }
        let (above, below) = (first * u, second * v);
        let (r, s) = (above.exp(), below.exp());
        // Of χ(r; u) = χ(s; v) = 0: χ_r[r, s; u] (r − s) = −χ_z[s; u, v] (u − v).
        let (mut in_r, mut in_z, mut power) = (Complex64::ZERO, Complex64::ZERO, Complex64::ONE);
        let (mut complete, mut power_of_s) = (Complex64::ZERO, Complex64::ONE);
        for c in &self.numbers {
            in_r += complete * horner(c, u);
            complete = complete * r + power_of_s;
            power_of_s *= s;
            let (mut sum, mut value) = (Complex64::ZERO, Complex64::ZERO);
            for &a in c.iter().rev() {
                sum = sum * u + value;
                value = value * v + a;
            }
            in_z += sum * power;
            power *= s;
        }
        let slope = -in_z / in_r;
        let w = slope * gap / s;
        if w.norm() >= 0.5 || w.is_nan() {
            return Some((first - second) / gap).filter(|d| d.is_finite());
        }
        let mut logarithm = slope / s * log_quotient(w);
        if gap != Complex64::ZERO {
            // The cut may pass between the two.
            let sheets = ((above.im - below.im - (1.0 + w).ln().im) / TAU).round();
            logarithm += Complex64::new(0.0, TAU * sheets) / gap;
        }
        Some((logarithm - second) / u)
    }
}

impl SpectralFunction for Analytic {
    fn at(&self, z: Complex64) -> Option<Complex64> {
        self.at(z)
    }

    fn divided_difference(&self, u: Complex64, v: Complex64) -> Option<Complex64> {
        self.divided_difference(u, v)
    }
}

fn horner(coefficients: &[f64], z: Complex64) -> Complex64 {
    coefficients.iter().rev().fold(Complex64::ZERO, |s, &c| s * z + c)
}

/// `log(1+w)/w`.
fn log_quotient(w: Complex64) -> Complex64 {
    if w.norm() < 1e-2 {
        return (1..=9).rev().fold(Complex64::ZERO, |s, k| -s * w + 1.0 / f64::from(k));
    }
    (1.0 + w).ln() / w
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectral::{Alpha, MatrixFunction, alpha, divided_difference};
    use std::sync::Arc;

    fn of(name: &str, momentum: Option<&str>) -> Analytic {
        let momentum = momentum.map(|m| m.parse().unwrap());
        Analytic::new(&PrincipalPart::of(&name.parse().unwrap(), momentum.as_ref()).unwrap()).unwrap()
    }

    #[test]
    fn gradient_descent_has_its_closed_form() {
        let general = of("gradient-descent", None);
        let c = Complex64::new;
        let points =
            [c(1e-7, 0.0), c(0.2, 0.1), c(0.7, 0.0), c(0.69, 1e-9), c(1.6, -0.3), c(-2.0, 0.4), c(-2.0, 0.4 + 1e-7)];
        for u in points {
            assert!((general.at(u).unwrap() - alpha(u)).norm() < 1e-13, "{u}");
            for v in points {
                let (got, want) = (general.divided_difference(u, v).unwrap(), divided_difference(u, v));
                assert!((got - want).norm() < 1e-12 * want.norm(), "{u} {v}: {got} {want}");
            }
        }
    }

    /// Gradient descent's α by this way and by its own, on complex symmetric matrices.
    #[test]
    fn functions_of_complex_symmetric_matrices() {
        let general = Alpha::Analytic(Arc::new(of("gradient-descent", None)));
        for n in [1, 2, 3, 5, 8] {
            let entry = |i: usize, j: usize| {
                let k = (i.min(j) * 7 + i.max(j) * 3) as f64;
                Complex64::new((1.3 * k).sin(), 0.5 * (2.1 * k).cos()) * 0.4
            };
            let mut hessian: Vec<Complex64> = (0..n * n).map(|k| entry(k / n, k % n)).collect();
            let gradient: Vec<Complex64> = (0..n).map(|k| Complex64::new(1.0, k as f64)).collect();
            for imaginary in [true, false] {
                let (mut got, mut want) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n]);
                MatrixFunction::new(general.clone(), n).apply(0.7, &hessian, &gradient, &mut got).unwrap();
                MatrixFunction::new(Alpha::Logarithm, n).apply(0.7, &hessian, &gradient, &mut want).unwrap();
                let size = want.iter().map(|w| w.norm()).fold(0.0, f64::max);
                for (g, w) in got.iter().zip(&want) {
                    assert!((g - w).norm() < 1e-11 * size, "{n} {imaginary}: {g} {w}");
                }
                hessian.iter_mut().for_each(|x| x.im = 0.0);
            }
        }
        // Eigenvalues that coincide: harmless where the matrix is diagonal.
        let mut hessian = vec![Complex64::ZERO; 9];
        for k in [0, 4, 8] {
            hessian[k] = Complex64::new(0.3, 0.1);
        }
        let mut out = [Complex64::ZERO; 3];
        MatrixFunction::new(general, 3).apply(1.0, &hessian, &[Complex64::ONE; 3], &mut out).unwrap();
        assert!(out.iter().all(|o| (o - alpha(hessian[0])).norm() < 1e-13));
    }

    /// Differences of α where the two arguments are apart, and a difference quotient's limit where they are close.
    #[test]
    fn divided_differences_of_momentum() {
        for (name, m) in
            [("heavy-ball", Some("9/10")), ("nesterov", Some("1/2")), ("rk:rk4", None), ("rk:gauss2", None)]
        {
            let f = of(name, m);
            for z in [Complex64::new(1e-4, 0.0), Complex64::new(0.4, 0.1), Complex64::new(1.1, -0.2)] {
                let step = 1e-4 * z.norm();
                let [a, b] = [z + step, z - step].map(|z| f.at(z).unwrap());
                let slope = f.divided_difference(z, z).unwrap();
                let rounding = 1e-15 * a.norm() / step;
                assert!(((a - b) / (2.0 * step) - slope).norm() < 1e-5 * slope.norm() + rounding, "{name} {z}");
                let near = f.divided_difference(z, z * (1.0 + 1e-9)).unwrap();
                assert!((near - slope).norm() < 1e-7 * slope.norm(), "{name} {z}: {near} {slope}");
            }
        }
    }
}
