//! Functions of the small matrix that H is on a Krylov space.

use super::super::error::SpectralError;
use super::super::matrix_function::MatrixFunction;
use super::super::symmetric::SymmetricEigen;
use super::super::{Alpha, divided_difference};
use super::entry::Entry;
use super::space::KrylovSpace;
use num_complex::Complex64;

/// Rounding of products, of the recurrence and of what is made of them, in units of the relative sensitivity.
pub(super) const ROUNDING: f64 = 32.0 * f64::EPSILON;

/// The relative change of a matrix by which the sensitivity of a function of it is found.
const NUDGE: f64 = 1e-7;

/// Which function of H, and whether its jumps are spread.
#[derive(Debug, Clone, PartialEq)]
pub struct KrylovFunction {
    /// α.
    pub alpha: Alpha,
    /// h, so that α is applied to hH.
    pub step: f64,
    /// Whether the jumps across the cuts of α are spread; see [`MatrixFunction::spread`].
    pub spread: bool,
}

impl KrylovFunction {
    /// `α(hH)` with its cuts as they are.
    #[must_use]
    pub fn new(alpha: Alpha, step: f64) -> Self {
        Self { alpha, step, spread: false }
    }

    /// How many products make it exact, where so many do: a polynomial of degree p needs a space of p + 1.
    pub(super) fn exact_after(&self) -> Option<usize> {
        match &self.alpha {
            Alpha::Polynomial(c) => Some(c.len().max(1)),
            _ => None,
        }
    }

    /// `α′(z)`, 0 where it has none.
    pub(super) fn slope(&self, z: Complex64) -> Complex64 {
        let slope = match &self.alpha {
            Alpha::Logarithm => divided_difference(z, z),
            Alpha::Polynomial(c) => {
                c.iter().enumerate().skip(1).rev().fold(Complex64::ZERO, |s, (p, c)| s * z + c * p as f64)
            }
            Alpha::Analytic(_) | Alpha::Given(_) => {
                self.alpha.function().and_then(|f| f.divided_difference(z, z)).unwrap_or_default()
            }
        };
        if slope.is_nan() { Complex64::ZERO } else { slope }
    }
}

/// `α(hT) e_1` and what is known about it.
#[derive(Debug, Clone)]
pub(super) struct Applied {
    pub(super) coefficients: Vec<Complex64>,
    /// `1 − hθ` of the eigenvalues θ of T.
    pub(super) shifted: Vec<Complex64>,
}

/// The matrix T of a space, ready for functions of it.
#[derive(Debug, Clone)]
pub(super) enum Ritz {
    /// Real and symmetric, by its eigenvectors.
    Symmetric(SymmetricEigen, usize),
    /// Row by row.
    General(Vec<Complex64>, usize),
}

impl Ritz {
    pub(super) fn of<T: Entry>(space: &KrylovSpace<T>) -> Result<Self, SpectralError> {
        let m = space.products();
        if !T::HERMITIAN {
            return Ok(Self::General((0..m * m).map(|k| space.entry(k / m, k % m).into()).collect(), m));
        }
        let mut eigen = SymmetricEigen::new(m);
        if !eigen.decompose(|i, j| space.entry(i, j).into().re) {
            return Err(SpectralError::NoConvergence);
        }
        Ok(Self::Symmetric(eigen, m))
    }

    pub(super) fn apply(&self, f: &KrylovFunction) -> Result<Applied, SpectralError> {
        match self {
            Self::Symmetric(eigen, m) => symmetric(eigen, *m, f),
            Self::General(t, m) => general(t, *m, f, f.step),
        }
    }

    /// What rounding leaves of a result, relative to it: the sensitivity of `α(hT) e_1` to relative changes of T of the size of a rounding error.
    pub(super) fn rounding(&self, f: &KrylovFunction, applied: &Applied) -> f64 {
        let size = norm(&applied.coefficients);
        let change = match self {
            Self::Symmetric(eigen, _) => {
                let reach = eigen.values().iter().fold(0.0_f64, |m, x| m.max(x.abs()));
                let along =
                    |(i, theta): (usize, &f64)| (f.slope((f.step * theta).into()) * eigen.vector(i, 0)).norm_sqr();
                f.step.abs() * reach * eigen.values().iter().enumerate().map(along).sum::<f64>().sqrt()
            }
            Self::General(t, m) => general(t, *m, f, f.step * (1.0 + NUDGE))
                .map_or(f64::INFINITY, |other| distance(&other.coefficients, &applied.coefficients) / NUDGE),
        };
        let relative = change / size;
        // At the branch point itself the slope is infinite.
        if relative.is_nan() { ROUNDING } else { ROUNDING * (1.0 + relative) }
    }
}

fn symmetric(eigen: &SymmetricEigen, m: usize, f: &KrylovFunction) -> Result<Applied, SpectralError> {
    let mut coefficients = vec![Complex64::ZERO; m];
    let mut shifted = Vec::with_capacity(m);
    for (i, theta) in eigen.values().iter().enumerate() {
        let z = f.step * theta;
        shifted.push(Complex64::from(1.0 - z));
        let first = eigen.vector(i, 0);
        if first == 0.0 {
            continue;
        }
        let scaled = f.alpha.at(z.into()) * first;
        if !scaled.is_finite() {
            return Err(SpectralError::BranchPoint);
        }
        for (k, c) in coefficients.iter_mut().enumerate() {
            *c += scaled * eigen.vector(i, k);
        }
    }
    Ok(Applied { coefficients, shifted })
}

fn general(t: &[Complex64], m: usize, f: &KrylovFunction, step: f64) -> Result<Applied, SpectralError> {
    let mut function = MatrixFunction::general(f.alpha.clone(), m);
    if f.spread {
        function.spread(true);
    }
    let mut first = vec![Complex64::ZERO; m];
    first[0] = Complex64::ONE;
    let mut coefficients = vec![Complex64::ZERO; m];
    function.apply_general(step, t, &first, &mut coefficients)?;
    Ok(Applied { coefficients, shifted: function.shifted_spectrum().to_vec() })
}

/// The norm of coefficients in an orthonormal basis.
pub(super) fn norm(c: &[Complex64]) -> f64 {
    c.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt()
}

/// The norm of a difference, the shorter one filled with zeros.
pub(super) fn distance(a: &[Complex64], b: &[Complex64]) -> f64 {
    let (a, b) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let common: f64 = a.iter().zip(b).map(|(a, b)| (a - b).norm_sqr()).sum();
    (common + a[b.len()..].iter().map(Complex64::norm_sqr).sum::<f64>()).sqrt()
}
