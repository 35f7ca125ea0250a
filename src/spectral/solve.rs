//! Systems of linear equations.

use super::large::{self, SMALL};

/// Solves `A x = b` by elimination with partial pivoting, `a` row by row, and leaves the solution in `b`; `false` if the matrix is singular or a number is
/// not finite. Both have no meaning otherwise.
pub(crate) fn solve_linear(a: &mut [f64], b: &mut [f64]) -> bool {
    let n = b.len();
    if n > SMALL {
        if !a.iter().all(|x| x.is_finite()) {
            return false;
        }
        large::solve(a, b);
        return b.iter().all(|x| x.is_finite());
    }
    for k in 0..n {
        let pivot = (k..n).max_by(|i, j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs())).unwrap_or(k);
        let largest = a[pivot * n + k];
        if largest == 0.0 || !largest.is_finite() {
            return false;
        }
        if pivot != k {
            for c in 0..n {
                a.swap(pivot * n + c, k * n + c);
            }
            b.swap(pivot, k);
        }
        for i in k + 1..n {
            let factor = a[i * n + k] / a[k * n + k];
            if factor != 0.0 {
                for c in k + 1..n {
                    a[i * n + c] -= factor * a[k * n + c];
                }
                b[i] -= factor * b[k];
            }
        }
    }
    for k in (0..n).rev() {
        let inner: f64 = (k + 1..n).map(|c| a[k * n + c] * b[c]).sum();
        b[k] = (b[k] - inner) / a[k * n + k];
    }
    b.iter().all(|x| x.is_finite())
}
