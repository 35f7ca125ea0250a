//! The leading eigenvalues of the Hessian at a point.

use super::{EvaluationError, FieldRoute};
use crate::flow::{FlowError, Hessian, Model};
use crate::spectral::SymmetricEigen;
use num_complex::Complex64;

/// The largest eigenvalues of the Hessian.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadingSpectrum {
    /// The eigenvalues, the largest first; NaN, as the rest, where there was no time for them.
    pub eigenvalues: Vec<f64>,
    /// `gᵀu ≥ 0` for their unit eigenvectors u.
    pub gradient_along: Vec<f64>,
    /// `|Hu − λu|`.
    pub residuals: Vec<f64>,
    /// How many products with the Hessian it took; 0 where the whole Hessian was at hand.
    pub products: usize,
    /// How they were found.
    pub route: FieldRoute,
}

impl LeadingSpectrum {
    /// What there was no time for.
    pub(super) fn unknown(count: usize, dimension: usize) -> Self {
        let nothing = vec![f64::NAN; count.min(dimension)];
        let (eigenvalues, gradient_along, residuals) = (nothing.clone(), nothing.clone(), nothing);
        Self { eigenvalues, gradient_along, residuals, products: 0, route: FieldRoute::Krylov }
    }
}

/// From the whole Hessian.
pub(super) fn dense(model: &dyn Model, theta: &[f64], count: usize) -> Result<LeadingSpectrum, EvaluationError> {
    let mut derivatives = model.hessian()?;
    let n = theta.len();
    let state: Vec<Complex64> = theta.iter().map(|x| Complex64::from(*x)).collect();
    let (mut gradient, mut hessian) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
    derivatives.gradient_hessian(&state, &mut gradient, &mut hessian);
    let mut eigen = SymmetricEigen::new(n);
    if !eigen.decompose(|i, j| hessian[i * n + j].re) {
        return Err(FlowError::Loss("the Hessian has no finite eigenvalues at this point".to_owned()).into());
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_unstable_by(|a, b| eigen.values()[*b].total_cmp(&eigen.values()[*a]));
    order.truncate(count);
    let along = |k: usize| (0..n).map(|i| gradient[i].re * eigen.vector(k, i)).sum::<f64>().abs();
    let residual = |k: usize| {
        let row = |i: usize| (0..n).map(|j| hessian[i * n + j].re * eigen.vector(k, j)).sum::<f64>();
        let rest = (0..n).map(|i| (row(i) - eigen.values()[k] * eigen.vector(k, i)).powi(2));
        rest.sum::<f64>().sqrt()
    };
    Ok(LeadingSpectrum {
        eigenvalues: order.iter().map(|k| eigen.values()[*k]).collect(),
        gradient_along: order.iter().map(|k| along(*k)).collect(),
        residuals: order.iter().map(|k| residual(*k)).collect(),
        products: 0,
        route: FieldRoute::Dense,
    })
}
