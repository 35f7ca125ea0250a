//! Eigenvalues alone.

use super::large::SMALL;
use super::schur::Schur;
use super::symmetric::SymmetricEigen;
use num_complex::Complex64;

/// The eigenvalues of symmetric matrices of one size, real or complex (`Aᵀ = A`, no conjugation), in a workspace that is reused.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::spectral::Eigenvalues;
/// let [a, b] = [Complex64::new(2.0, 0.0), Complex64::new(1.0, 0.0)];
/// let mut eigenvalues = Eigenvalues::new(2);
/// let mut found: Vec<f64> = eigenvalues.of(&[a, b, b, a]).expect("finite").iter().map(|z| z.re).collect();
/// found.sort_by(f64::total_cmp);
/// assert!((found[0] - 1.0).abs() < 1e-15 && (found[1] - 3.0).abs() < 1e-15);
/// ```
#[derive(Debug, Clone)]
pub struct Eigenvalues {
    symmetric: SymmetricEigen,
    schur: Schur,
    values: Vec<Complex64>,
}

impl Eigenvalues {
    /// A workspace for matrices of this size.
    #[must_use]
    pub fn new(dimension: usize) -> Self {
        Self {
            symmetric: SymmetricEigen::new(dimension),
            schur: Schur::new(dimension),
            values: vec![Complex64::ZERO; dimension],
        }
    }

    /// The eigenvalues of a matrix, row-major, in no particular order; `None` if it is not finite or the iteration does not converge.
    ///
    /// # Panics
    /// Panics if the matrix is not of the size given to [`Eigenvalues::new`].
    pub fn of(&mut self, matrix: &[Complex64]) -> Option<&[Complex64]> {
        let n = self.values.len();
        assert_eq!(matrix.len(), n * n, "the matrix must fit dimension {n}");
        if matrix.iter().all(|x| x.im == 0.0) {
            if !self.symmetric.decompose(|i, j| matrix[i * n + j].re) {
                return None;
            }
            for (z, x) in self.values.iter_mut().zip(self.symmetric.values()) {
                *z = (*x).into();
            }
        } else {
            self.schur.t.copy_from_slice(matrix);
            if !self.schur.decompose() {
                return None;
            }
            for (k, z) in self.values.iter_mut().enumerate() {
                *z = self.schur.t[k * n + k];
            }
        }
        Some(&self.values)
    }
}

/// The eigenvalues of any square matrix, row by row, in no particular order; `None` if it is not finite or the iteration does not converge.
pub(crate) fn general_eigenvalues(matrix: &[Complex64], n: usize) -> Option<Vec<Complex64>> {
    if n > SMALL {
        let mut schur = Schur::new(n);
        schur.t.copy_from_slice(matrix);
        return schur.decompose().then(|| (0..n).map(|k| schur.t[k * n + k]).collect());
    }
    let matrix = nalgebra::DMatrix::from_row_slice(n, n, matrix);
    let (_, triangle) = nalgebra::linalg::Schur::try_new(matrix, f64::EPSILON, 100 * (n + 1))?.unpack();
    Some(triangle.diagonal().iter().copied().collect())
}
