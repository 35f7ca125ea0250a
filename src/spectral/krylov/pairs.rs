//! The largest eigenvalues with their eigenvectors.

use super::value::{KrylovEnd, Route};

/// Eigenvalues closer than this, relative to the largest modulus, count as one of higher multiplicity.
pub(super) const SAME: f64 = 1e-11;

/// The largest eigenvalues of a real symmetric H, largest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Leading {
    /// `λ_0 ≥ λ_1 ≥ …`
    pub eigenvalues: Vec<f64>,
    /// The unit eigenvectors `u_i`, D numbers each.
    pub vectors: Vec<Vec<f64>>,
    /// `|gᵀu_i|`. Of an eigenvalue that occurs several times, the first eigenvector is along the gradient's part in its space, and the others have 0.
    pub gradient_along: Vec<f64>,
    /// `|Hu_i − λ_i u_i|`, each from a product of its own where that was asked for.
    pub residuals: Vec<f64>,
    /// How many products with H it took.
    pub products: usize,
    /// Why there were no more.
    pub end: KrylovEnd,
    /// The way that it was found.
    pub route: Route,
}

/// Turns the eigenvectors of each eigenvalue that occurs several times, so that the first has all of the gradient; `along` are the products with it.
pub(super) fn turn_to_gradient(values: &[f64], tolerance: f64, along: &mut [f64], vectors: &mut [Vec<f64>]) {
    let mut first = 0;
    while first < values.len() {
        let last =
            (first..values.len()).take_while(|k| values[first] - values[*k] <= tolerance).last().unwrap_or(first);
        for k in first + 1..=last {
            // A rotation of the two that takes the second's part of the gradient away.
            let size = along[first].hypot(along[k]);
            if size == 0.0 || along[k] == 0.0 {
                continue;
            }
            let (c, s) = (along[first] / size, along[k] / size);
            let (left, right) = vectors.split_at_mut(k);
            for (a, b) in left[first].iter_mut().zip(&mut right[0]) {
                (*a, *b) = (c * *a + s * *b, c * *b - s * *a);
            }
            (along[first], along[k]) = (size, 0.0);
        }
        first = last + 1;
    }
}
