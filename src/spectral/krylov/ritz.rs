//! Functions of the small matrix that H is on a Krylov space.

use super::super::error::SpectralError;
use super::super::matrix_function::{FAR, MatrixFunction};
use super::super::schur::Schur;
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

/// The matrix T of a space, ready for functions of it.
#[derive(Debug, Clone)]
pub(super) enum Ritz {
    /// Real and symmetric, by its eigenvectors.
    Symmetric(SymmetricEigen, usize),
    /// Row by row.
    General(Vec<Complex64>, usize),
}

impl Ritz {
    /// Of the first m products.
    pub(super) fn of<T: Entry>(space: &KrylovSpace<T>, m: usize) -> Result<Self, SpectralError> {
        if !T::HERMITIAN {
            return Ok(Self::General((0..m * m).map(|k| space.entry(k / m, k % m).into()).collect(), m));
        }
        let mut eigen = SymmetricEigen::new(m);
        if !eigen.decompose(|i, j| space.entry(i, j).into().re) {
            return Err(SpectralError::NoConvergence);
        }
        Ok(Self::Symmetric(eigen, m))
    }

    /// The eigenvalues θ of T, each with its residual: how far `Hv − θv` is from 0 for the unit vector v of the space that belongs to it.
    pub(super) fn values(&self, leaves_by: f64) -> Vec<(Complex64, f64)> {
        match self {
            Self::Symmetric(eigen, m) => {
                let residual = |i: usize| leaves_by * eigen.vector(i, m - 1).abs();
                eigen.values().iter().enumerate().map(|(i, theta)| ((*theta).into(), residual(i))).collect()
            }
            Self::General(t, m) => general_values(t, *m, leaves_by),
        }
    }

    pub(super) fn apply(&self, f: &KrylovFunction) -> Result<Vec<Complex64>, SpectralError> {
        match self {
            Self::Symmetric(eigen, m) => symmetric(eigen, *m, f),
            Self::General(t, m) => general(t, *m, f, f.step),
        }
    }

    /// `max |α(hθ)|` of the eigenvalues of T, where α has a value: by how much it may make an error of the vector larger.
    pub(super) fn largest(&self, f: &KrylovFunction) -> f64 {
        let size = |theta: Complex64| f.alpha.at(f.step * theta).norm();
        let finite = self.values(0.0).into_iter().map(|(theta, _)| size(theta)).filter(|size| size.is_finite());
        finite.fold(0.0, f64::max)
    }

    /// What rounding leaves of a result, relative to it: the sensitivity of `α(hT) e_1` to relative changes of T of the size of a rounding error.
    pub(super) fn rounding(&self, f: &KrylovFunction, applied: &[Complex64]) -> f64 {
        let size = norm(applied);
        let change = match self {
            Self::Symmetric(eigen, _) => {
                let reach = eigen.values().iter().fold(0.0_f64, |m, x| m.max(x.abs()));
                let along =
                    |(i, theta): (usize, &f64)| (f.slope((f.step * theta).into()) * eigen.vector(i, 0)).norm_sqr();
                f.step.abs() * reach * eigen.values().iter().enumerate().map(along).sum::<f64>().sqrt()
            }
            Self::General(t, m) => general(t, *m, f, f.step * (1.0 + NUDGE))
                .map_or(f64::INFINITY, |other| distance(&other, applied) / NUDGE),
        };
        let relative = change / size;
        // At the branch point itself the slope is infinite.
        if relative.is_nan() { ROUNDING } else { ROUNDING * (1.0 + relative) }
    }
}

/// `α(z)` of a real eigenvalue.
pub(super) fn at(f: &KrylovFunction, z: f64) -> Result<Complex64, SpectralError> {
    let divides = !matches!(f.alpha, Alpha::Polynomial(_));
    if divides && (z.is_nan() || z.abs() >= FAR) {
        return Err(SpectralError::OutOfRange);
    }
    let value = f.alpha.at(z.into());
    // At a branch point there are values all around.
    let around = || [1.0 - NUDGE, 1.0 + NUDGE].iter().all(|x| !f.alpha.at((x * z).into()).is_finite());
    if !value.is_finite() && z != 0.0 && around() { Err(SpectralError::NotFinite) } else { Ok(value) }
}

fn symmetric(eigen: &SymmetricEigen, m: usize, f: &KrylovFunction) -> Result<Vec<Complex64>, SpectralError> {
    let mut coefficients = vec![Complex64::ZERO; m];
    for (i, theta) in eigen.values().iter().enumerate() {
        let z = f.step * theta;
        let first = eigen.vector(i, 0);
        if first == 0.0 {
            continue;
        }
        let scaled = at(f, z)? * first;
        if !scaled.is_finite() {
            return Err(SpectralError::BranchPoint);
        }
        for (k, c) in coefficients.iter_mut().enumerate() {
            *c += scaled * eigen.vector(i, k);
        }
    }
    Ok(coefficients)
}

fn general(t: &[Complex64], m: usize, f: &KrylovFunction, step: f64) -> Result<Vec<Complex64>, SpectralError> {
    let mut function = MatrixFunction::general(f.alpha.clone(), m);
    if f.spread {
        function.spread(true);
    }
    let mut first = vec![Complex64::ZERO; m];
    first[0] = Complex64::ONE;
    let mut coefficients = vec![Complex64::ZERO; m];
    function.apply_general(step, t, &first, &mut coefficients)?;
    Ok(coefficients)
}

/// [`Ritz::values`] of a matrix that need not be symmetric, by its Schur form.
fn general_values(t: &[Complex64], m: usize, leaves_by: f64) -> Vec<(Complex64, f64)> {
    let mut schur = Schur::new(m);
    schur.t.copy_from_slice(t);
    if !schur.decompose() {
        return Vec::new();
    }
    let r = schur.t.clone();
    let q = schur.vectors();
    let mut found = Vec::with_capacity(m);
    let mut v = vec![Complex64::ZERO; m];
    for k in 0..m {
        let own = r[k * m + k];
        v[k] = Complex64::ONE;
        for i in (0..k).rev() {
            let rest: Complex64 = (i + 1..=k).map(|j| r[i * m + j] * v[j]).sum();
            v[i] = -rest / (r[i * m + i] - own);
        }
        let last: Complex64 = (0..=k).map(|j| q[j * m + m - 1] * v[j]).sum();
        let share = last.norm() / norm(&v[..=k]);
        // Of eigenvalues that coincide there may be no eigenvector to tell.
        found.push((own, if share.is_nan() { leaves_by } else { leaves_by * share }));
    }
    found
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
