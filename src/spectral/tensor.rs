//! Small tensors, row-major, and triangular matrices acting on their indices.

use num_complex::Complex64;

/// What is known of a square matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Dense,
    Upper,
    Diagonal,
}

impl Shape {
    /// The rows in which column `k` may have entries.
    fn rows(self, k: usize, n: usize) -> std::ops::Range<usize> {
        match self {
            Self::Dense => 0..n,
            Self::Upper => 0..k + 1,
            Self::Diagonal => k..k + 1,
        }
    }

    /// The entries of row `i` off the diagonal.
    fn after(self, i: usize, n: usize) -> std::ops::Range<usize> {
        if self == Self::Diagonal { n..n } else { i + 1..n }
    }

    /// The entries of column `k` above the diagonal.
    fn above(self, k: usize) -> std::ops::Range<usize> {
        if self == Self::Diagonal { 0..0 } else { 0..k }
    }
}

/// `out_… = Σ_l t_…l v_l`.
pub(super) fn contract_last(t: &[Complex64], v: &[Complex64], out: &mut [Complex64]) {
    for (o, row) in out.iter_mut().zip(t.chunks_exact(v.len().max(1))) {
        *o = row.iter().zip(v).map(|(t, v)| t * v).sum();
    }
}

/// `t_{j…} ← Σ t_{p…} Π m_{pj}`, the matrix on each of `indices` indices; `work` holds as many numbers as `t`.
pub(super) fn pull_back(
    t: &mut [Complex64],
    m: &[Complex64],
    n: usize,
    shape: Shape,
    indices: usize,
    work: &mut [Complex64],
) {
    let rest = t.len() / n.max(1);
    let work = &mut work[..t.len()];
    for _ in 0..indices {
        // The last index is transformed and becomes the first; after one turn all are back.
        for (at, row) in t.chunks_exact(n.max(1)).enumerate() {
            for k in 0..n {
                work[k * rest + at] = shape.rows(k, n).map(|l| row[l] * m[l * n + k]).sum();
            }
        }
        t.copy_from_slice(work);
    }
}

/// Solves `factor · s(R·, …, R·) + own · s = s₀` for a form `s` of `indices` indices, upper triangular or diagonal `R`, in place.
///
/// The pivots are `own + factor Π R_jj`. `work` holds `2n^(indices−1)` numbers, and as many for each smaller number of indices.
#[expect(clippy::too_many_arguments, reason = "one linear equation")]
pub(super) fn solve_form(
    factor: Complex64,
    own: Complex64,
    r: &[Complex64],
    n: usize,
    shape: Shape,
    s: &mut [Complex64],
    indices: usize,
    work: &mut [Complex64],
) {
    if indices == 1 {
        for j in 0..n {
            let known: Complex64 = shape.above(j).map(|p| r[p * n + j] * s[p]).sum();
            s[j] = (s[j] - factor * known) / (factor * r[j * n + j] + own);
        }
        return;
    }
    let size = s.len() / n.max(1);
    let (own_work, deeper) = work.split_at_mut(2 * size);
    let (known, spare) = own_work.split_at_mut(size);
    for j in 0..n {
        let (before, here) = s.split_at_mut(j * size);
        let here = &mut here[..size];
        if shape != Shape::Diagonal && j > 0 {
            known.fill(Complex64::ZERO);
            for (p, block) in before.chunks_exact(size).enumerate() {
                for (k, b) in known.iter_mut().zip(block) {
                    *k += r[p * n + j] * b;
                }
            }
            pull_back(known, r, n, shape, indices - 1, spare);
            for (h, k) in here.iter_mut().zip(&*known) {
                *h -= factor * k;
            }
        }
        solve_form(factor * r[j * n + j], own, r, n, shape, here, indices - 1, deeper);
    }
}

/// Solves `R s + f(s) = s₀` for rows of `size` numbers from the last to the first, where `row` solves for one of them with
/// `R_ii` in the place of R.
pub(super) fn solve_rows(
    r: &[Complex64],
    n: usize,
    shape: Shape,
    s: &mut [Complex64],
    mut row: impl FnMut(Complex64, &mut [Complex64]),
) {
    let size = s.len() / n.max(1);
    for i in (0..n).rev() {
        let (here, below) = s.split_at_mut((i + 1) * size);
        let here = &mut here[i * size..];
        for p in shape.after(i, n) {
            let weight = r[i * n + p];
            for (h, b) in here.iter_mut().zip(&below[(p - i - 1) * size..]) {
                *h -= weight * b;
            }
        }
        row(r[i * n + i], here);
    }
}

/// `x ← R x`.
pub(super) fn multiply(r: &[Complex64], n: usize, shape: Shape, x: &mut [Complex64]) {
    for i in 0..n {
        x[i] = r[i * n + i] * x[i] + shape.after(i, n).map(|p| r[i * n + p] * x[p]).sum::<Complex64>();
    }
}

/// `x ← R⁻¹ x`.
pub(super) fn divide(r: &[Complex64], n: usize, shape: Shape, x: &mut [Complex64]) {
    solve_rows(r, n, shape, x, |pivot, x| x[0] /= pivot);
}
