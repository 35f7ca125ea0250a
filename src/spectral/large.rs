//! What a crate does better: decompositions of large matrices and solutions with them, by faer.
//!
//! All of it runs on one thread, so that results have the same bits whatever the number of cores: the callers run many flows at once, each with
//! matrices too small to be shared out.

use faer::diag::DiagMut;
use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::evd::hessenberg::{hessenberg_in_place, hessenberg_in_place_scratch};
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::linalg::householder::{
    apply_block_householder_sequence_on_the_right_in_place_scratch,
    apply_block_householder_sequence_on_the_right_in_place_with_conj,
};
use faer::linalg::matmul::matmul;
use faer::linalg::qr::no_pivoting::factor::recommended_block_size;
use faer::linalg::solvers::{PartialPivLu, Solve};
use faer::{Accum, ColMut, Conj, Mat, MatMut, MatRef, Par};
use num_complex::Complex64;

/// Matrices with more rows than this are faer's; smaller ones are decomposed here, which allocates nothing and is faster.
///
/// Microseconds on one core of an EPYC 9004, own code / faer's: symmetric eigendecomposition 15/18 at 16 rows, 41/36 at 24, 84/64 at 32, 145/103 at 40,
/// 16,400/3,240 at 200; reduction to Hessenberg form, faer's without Q, 17/6 at 16, 105/28 at 32. From 24 rows on faer wins, by little up to here, and
/// results for up to 32 rows keep the bits that they had.
pub(crate) const SMALL: usize = 32;

/// Memory for one computation of one size.
pub(super) struct Scratch {
    needed: StackReq,
    memory: MemBuffer,
}

impl Scratch {
    fn new(needed: StackReq) -> Self {
        Self { needed, memory: MemBuffer::new(needed) }
    }
}

impl Clone for Scratch {
    fn clone(&self) -> Self {
        Self::new(self.needed)
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scratch").field("needed", &self.needed).finish_non_exhaustive()
    }
}

/// The power of two that brings numbers of this size near 1, and its inverse.
///
/// Decompositions multiply entries and would overflow or lose digits far from 1; a power of two changes no digit.
pub(super) fn near_one(size: f64) -> (f64, f64) {
    let exponent = size.log2().floor().clamp(-1000.0, 1000.0);
    ((-exponent).exp2(), exponent.exp2())
}

/// Eigendecompositions of real symmetric matrices.
#[derive(Debug, Clone)]
pub(super) struct Symmetric {
    /// The lower triangle, column by column.
    pub(super) matrix: Vec<f64>,
    scratch: Scratch,
}

impl Symmetric {
    pub(super) fn new(n: usize) -> Self {
        let needed = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, Default::default());
        Self { matrix: vec![0.0; n * n], scratch: Scratch::new(needed) }
    }

    /// Decomposes `self.matrix`: eigenvalues in ascending order, and eigenvectors one after the other; `false` if it is not finite or
    /// does not converge.
    pub(super) fn decompose(&mut self, values: &mut [f64], vectors: &mut [f64]) -> bool {
        let n = values.len();
        if !self.matrix.iter().all(|x| x.is_finite()) {
            return false;
        }
        let size = self.matrix.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        if size == 0.0 {
            values.fill(0.0);
            for (k, x) in vectors.iter_mut().enumerate() {
                *x = f64::from(u8::from(k % (n + 1) == 0));
            }
            return true;
        }
        let (scale, back) = near_one(size);
        for x in &mut self.matrix {
            *x *= scale;
        }
        let found = self_adjoint_evd(
            MatRef::from_column_major_slice(&self.matrix, n, n),
            DiagMut::from_slice_mut(values),
            Some(MatMut::from_column_major_slice_mut(vectors, n, n)),
            Par::Seq,
            MemStack::new(&mut self.scratch.memory),
            Default::default(),
        );
        for x in values {
            *x *= back;
        }
        found.is_ok()
    }
}

/// Reductions of complex matrices to Hessenberg form, `A = Q H Qᴴ`.
#[derive(Debug, Clone)]
pub(super) struct Hessenberg {
    /// Column by column.
    matrix: Vec<Complex64>,
    reflectors: Vec<Complex64>,
    block: usize,
    scratch: Scratch,
}

impl Hessenberg {
    pub(super) fn new(n: usize) -> Self {
        let block = recommended_block_size::<Complex64>(n - 1, n - 1);
        let needed = hessenberg_in_place_scratch::<Complex64>(n, block, Par::Seq, Default::default())
            .or(apply_block_householder_sequence_on_the_right_in_place_scratch::<Complex64>(n - 1, block, n - 1));
        Self {
            matrix: vec![Complex64::ZERO; n * n],
            reflectors: vec![Complex64::ZERO; block * (n - 1)],
            block,
            scratch: Scratch::new(needed),
        }
    }

    /// Replaces a finite matrix, row by row, by H, and writes Q column by column.
    pub(super) fn reduce(&mut self, t: &mut [Complex64], q: &mut [Complex64], n: usize) {
        for (j, column) in self.matrix.chunks_exact_mut(n).enumerate() {
            for (i, x) in column.iter_mut().enumerate() {
                *x = t[i * n + j];
            }
        }
        let mut h = MatMut::from_column_major_slice_mut(&mut self.matrix, n, n);
        let mut reflectors = MatMut::from_column_major_slice_mut(&mut self.reflectors, self.block, n - 1);
        let stack = MemStack::new(&mut self.scratch.memory);
        hessenberg_in_place(h.as_mut(), reflectors.as_mut(), Par::Seq, stack, Default::default());
        let mut basis = MatMut::from_column_major_slice_mut(q, n, n);
        basis.fill(Complex64::ZERO);
        basis.as_mut().diagonal_mut().fill(Complex64::ONE);
        apply_block_householder_sequence_on_the_right_in_place_with_conj(
            h.as_ref().submatrix(1, 0, n - 1, n - 1),
            reflectors.as_ref(),
            Conj::No,
            basis.submatrix_mut(1, 1, n - 1, n - 1),
            Par::Seq,
            stack,
        );
        for i in 0..n {
            for j in 0..n {
                t[i * n + j] = if i > j + 1 { Complex64::ZERO } else { self.matrix[j * n + i] };
            }
        }
    }
}

/// `|A v − λ v|` of some vectors, A row by row.
pub(super) fn residuals(a: &[f64], values: &[f64], vectors: &[Vec<f64>]) -> Vec<f64> {
    let Some(n) = vectors.first().map(Vec::len) else { return Vec::new() };
    let mut products = Mat::<f64>::zeros(n, vectors.len());
    let columns = Mat::from_fn(n, vectors.len(), |i, k| vectors[k][i]);
    let a = MatRef::from_row_major_slice(a, n, n);
    matmul(products.as_mut(), Accum::Replace, a, columns.as_ref(), 1.0, Par::Seq);
    let pairs = values.iter().zip(vectors).enumerate();
    let square = |k: usize, value: f64, v: &[f64]| {
        v.iter().enumerate().map(|(i, x)| (products[(i, k)] - value * x).powi(2)).sum()
    };
    pairs.map(|(k, (value, v))| f64::sqrt(square(k, *value, v))).collect()
}

/// Solves `A x = b` in place for a matrix row by row.
pub(super) fn solve(a: &[f64], b: &mut [f64]) {
    let n = b.len();
    PartialPivLu::new(MatRef::from_row_major_slice(a, n, n)).solve_in_place(ColMut::from_slice_mut(b).as_mat_mut());
}
