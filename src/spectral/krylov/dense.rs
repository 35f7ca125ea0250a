//! The Hessian as a matrix after all, where it is small enough: what is exact, and what Krylov spaces are tested against.

use super::super::error::SpectralError;
use super::super::large::residuals;
use super::super::norm;
use super::super::symmetric::SymmetricEigen;
use super::function::of_nothing;
use super::pairs::{Leading, SAME, turn_to_gradient};
use super::ritz::{KrylovFunction, ROUNDING, at};
use super::value::{KrylovEnd, KrylovError, KrylovValue, Route};
use crate::budget::{self, need};
use num_complex::Complex64;

/// The most rows of a Hessian that is made a matrix: 2,000 take 32 MB three times, and about two seconds for the decomposition.
pub const DENSE_ROWS: usize = 2000;

/// Hessians of so many rows are always made matrices: a Krylov space would need as many products.
pub(super) const ALWAYS_DENSE: usize = 32;

/// Whether so many eigenpairs are found from the whole matrix: three restarts' worth of products would be as many as it has columns.
pub(crate) fn is_dense_for(rows: usize, count: usize) -> bool {
    rows <= ALWAYS_DENSE || (rows <= DENSE_ROWS && 3 * (count + 40) >= rows)
}

/// The matrix of a real symmetric H, row by row, from D products with unit vectors; made symmetric as the mean of itself and its transpose.
///
/// # Errors
/// [`KrylovError`]: the memory for three such matrices before it begins, what is not finite, and where the time is up.
///
/// # Panics
/// Where `times` does.
pub fn dense_hessian(dimension: usize, times: &mut dyn FnMut(&[f64], &mut [f64])) -> Result<Vec<f64>, KrylovError> {
    symmetric(dimension, |hessian| {
        let mut unit = vec![0.0; dimension];
        for (k, row) in hessian.chunks_exact_mut(dimension.max(1)).enumerate() {
            budget::check()?;
            unit[k] = 1.0;
            times(&unit, row);
            unit[k] = 0.0;
        }
        Ok(())
    })
}

/// The matrix that `fill` writes row by row, made symmetric.
fn symmetric(n: usize, fill: impl FnOnce(&mut [f64]) -> Result<(), budget::Stopped>) -> Result<Vec<f64>, KrylovError> {
    let bytes = 24 * (n as u64).saturating_mul(n as u64);
    need(bytes, format!("a Hessian of {n} by {n}"), "use fewer parameters, or allow more")?;
    let mut hessian = vec![0.0; n * n];
    fill(&mut hessian)?;
    if !hessian.iter().all(|x| x.is_finite()) {
        return Err(SpectralError::NotFinite.into());
    }
    for i in 0..n {
        for j in 0..i {
            let mean = 0.5 * hessian[i * n + j] + 0.5 * hessian[j * n + i];
            hessian[i * n + j] = mean;
            hessian[j * n + i] = mean;
        }
    }
    Ok(hessian)
}

/// What [`leading_eigenpairs`](super::leading_eigenpairs) gives, from a matrix that `fill` writes row by row; residuals are what rounding makes of them unless they are
/// checked.
pub(crate) fn leading_of_matrix(
    g: &[f64],
    (count, checked): (usize, bool),
    fill: impl FnOnce(&mut [f64]) -> Result<(), budget::Stopped>,
) -> Result<Leading, KrylovError> {
    let hessian = symmetric(g.len(), fill)?;
    Ok(DenseSpectrum::new(g.len(), &hessian)?.leading(&hessian, g, count, checked))
}

/// All eigenpairs of a real symmetric matrix, by faer beyond 32 rows.
#[derive(Debug, Clone)]
pub struct DenseSpectrum {
    dimension: usize,
    eigen: SymmetricEigen,
}

impl DenseSpectrum {
    /// Of a matrix, row by row.
    ///
    /// # Errors
    /// [`SpectralError::NoConvergence`], as of what is not finite.
    ///
    /// # Panics
    /// If the matrix is not of that size.
    pub fn new(dimension: usize, hessian: &[f64]) -> Result<Self, SpectralError> {
        assert_eq!(hessian.len(), dimension * dimension, "the matrix must fit dimension {dimension}");
        let mut eigen = SymmetricEigen::new(dimension);
        if !eigen.decompose(|i, j| hessian[i * dimension + j]) {
            return Err(SpectralError::NoConvergence);
        }
        Ok(Self { dimension, eigen })
    }

    /// `α(hH) g`; the estimate of its error is that of rounding, with what `gradient_error`, an estimate of `|δg|`, makes of it; `tolerance` is what
    /// it is compared with.
    ///
    /// # Errors
    /// [`SpectralError::BranchPoint`] where an `hλ` is at a branch point of α to the last bit.
    pub fn apply(
        &self,
        f: &KrylovFunction,
        g: &[f64],
        tolerance: f64,
        gradient_error: f64,
    ) -> Result<KrylovValue, SpectralError> {
        let n = self.dimension;
        let mut value = vec![Complex64::ZERO; n];
        let mut shifted = Vec::with_capacity(n);
        // Of g, so that no square of a field leaves the doubles.
        let size = norm(g.iter().map(|x| Complex64::from(*x)));
        let (mut square, mut change, mut reach, mut largest) = (0.0, 0.0, 0.0_f64, 0.0_f64);
        for (k, lambda) in self.eigen.values().iter().enumerate() {
            let z = f.step * lambda;
            shifted.push(Complex64::from(1.0 - z));
            let along: f64 = g.iter().enumerate().map(|(i, g)| g * self.eigen.vector(k, i)).sum();
            if along == 0.0 {
                continue;
            }
            let scaled = at(f, z)? * along;
            if !scaled.is_finite() {
                return Err(SpectralError::BranchPoint);
            }
            largest = largest.max(scaled.norm() / along.abs());
            square += (scaled / size).norm_sqr();
            change += (f.slope(z.into()) * (along / size)).norm_sqr();
            reach = reach.max(z.abs());
            for (i, o) in value.iter_mut().enumerate() {
                *o += scaled * self.eigen.vector(k, i);
            }
        }
        let relative = if square > 0.0 { reach * (change / square).sqrt() } else { 0.0 };
        let (end, error_estimate) = if square > 0.0 {
            let rounding = ROUNDING * (1.0 + relative);
            let given = gradient_error / size * largest / square.sqrt();
            let end = match rounding + given <= tolerance {
                true => KrylovEnd::Reached,
                false if given > rounding => KrylovEnd::Gradient,
                false => KrylovEnd::Rounding,
            };
            (end, rounding + given)
        } else {
            of_nothing(gradient_error)
        };
        Ok(KrylovValue { value, error_estimate, products: n, end, shifted, route: Route::Dense })
    }

    /// The largest eigenvalues, as [`leading_eigenpairs`](super::leading_eigenpairs) gives them.
    pub(super) fn leading(&self, hessian: &[f64], g: &[f64], count: usize, checked: bool) -> Leading {
        let n = self.dimension;
        let mut order: Vec<usize> = (0..n).collect();
        let values = self.eigen.values();
        order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
        order.truncate(count);
        let scale = values.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        let eigenvalues: Vec<f64> = order.iter().map(|k| values[*k]).collect();
        let mut vectors: Vec<Vec<f64>> =
            order.iter().map(|k| (0..n).map(|i| self.eigen.vector(*k, i)).collect()).collect();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut along: Vec<f64> = vectors.iter().map(|u| dot(u, g)).collect();
        turn_to_gradient(&eigenvalues, SAME * scale, &mut along, &mut vectors);
        let residuals = if checked {
            residuals(hessian, &eigenvalues, &vectors)
        } else {
            vec![ROUNDING * scale; eigenvalues.len()]
        };
        let gradient_along = along.iter().map(|x| x.abs()).collect();
        let (products, end, route) = (n, KrylovEnd::Reached, Route::Dense);
        Leading { eigenvalues, vectors, gradient_along, residuals, products, end, route }
    }
}
