//! Upper triangular matrices, row by row, and square roots.

use super::large::SMALL;
use faer::linalg::matmul::dot::inner_prod;
use faer::{ColRef, Conj, RowRef};
use num_complex::Complex64;

/// `Σ a_k b_k`.
fn inner(a: &[Complex64], b: &[Complex64]) -> Complex64 {
    if a.len() > SMALL {
        return inner_prod(RowRef::from_slice(a), Conj::No, ColRef::from_slice(b), Conj::No);
    }
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The largest row sum of moduli of the upper triangular `R − I`.
pub(super) fn distance_to_identity(r: &[Complex64], n: usize) -> f64 {
    (0..n)
        .map(|i| {
            (r[i * n + i] - 1.0).norm() + r[i * n + i + 1..(i + 1) * n].iter().map(|x| x.norm_sqr().sqrt()).sum::<f64>()
        })
        .fold(0.0, f64::max)
}

/// Replaces an upper triangular matrix by its square root (Björck & Hammarling 1983); `column` is work space of its dimension.
pub(super) fn triangular_root(
    r: &mut [Complex64],
    column: &mut [Complex64],
    root: impl Fn(usize, Complex64) -> Complex64,
) {
    let n = column.len();
    for j in 0..n {
        let own = root(j, r[j * n + j]);
        r[j * n + j] = own;
        column[j] = own;
        for i in (0..j).rev() {
            let row = &mut r[i * n..i * n + j + 1];
            let rest = row[j] - inner(&row[i + 1..j], &column[i + 1..j]);
            // Guarded so that a zero entry needs no quotient, whatever the diagonal.
            column[i] = if rest == Complex64::ZERO { rest } else { rest / (row[i] + own) };
            row[j] = column[i];
        }
    }
}

/// Solves `(identity · I + factor · R) y = x` for upper triangular `R`.
pub(super) fn solve(r: &[Complex64], n: usize, identity: f64, factor: f64, x: &[Complex64], y: &mut [Complex64]) {
    for i in (0..n).rev() {
        let rest = inner(&r[i * n + i + 1..(i + 1) * n], &y[i + 1..n]);
        y[i] = (x[i] - rest * factor) / (identity + r[i * n + i] * factor);
    }
}

/// The principal square root, without the polar form's rounding.
pub(super) fn sqrt(w: Complex64) -> Complex64 {
    let modulus = w.re.hypot(w.im);
    if modulus == 0.0 {
        return Complex64::ZERO;
    }
    let larger = (0.5 * (modulus + w.re.abs())).sqrt();
    let smaller = w.im / (2.0 * larger);
    if w.re >= 0.0 { Complex64::new(larger, smaller) } else { Complex64::new(smaller.abs(), larger.copysign(w.im)) }
}

/// The square root whose argument is half of one in [−π/2, 3π/2).
pub(super) fn sqrt_past_cut(w: Complex64) -> Complex64 {
    let root = sqrt(w);
    if w.re < 0.0 && w.im.is_sign_negative() { -root } else { root }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_halved_argument_matches_the_cut() {
        for k in 0..63 {
            let w = Complex64::from_polar(2.0, f64::from(k) * 0.1 - 1.5);
            let root = sqrt_past_cut(w);
            let half = Complex64::from_polar(2f64.sqrt(), (f64::from(k) * 0.1 - 1.5) / 2.0);
            assert!((root - half).norm() < 1e-15, "{w}");
        }
        assert!((sqrt_past_cut(Complex64::new(-4.0, -0.0)) - Complex64::new(0.0, 2.0)).norm() < 1e-15);
        assert!((sqrt_past_cut(Complex64::new(-4.0, 0.0)) - Complex64::new(0.0, 2.0)).norm() < 1e-15);
    }
}
