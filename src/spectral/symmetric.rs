//! Eigendecomposition of real symmetric matrices in a workspace that is reused.

use super::large::{SMALL, Symmetric};

/// The eigenvalues and eigenvectors of real symmetric matrices of one size.
///
/// To 32 rows by Householder tridiagonalisation and the implicit QL algorithm (Wilkinson & Reinsch, *Handbook for Automatic Computation*,
/// II/2 and II/3), beyond by faer's divide and conquer. A flow needs one decomposition per field evaluation, so nothing is allocated after
/// construction.
#[derive(Debug, Clone)]
pub struct SymmetricEigen {
    dimension: usize,
    values: Vec<f64>,
    off: Vec<f64>,
    /// Row-major, column `i` the eigenvector of `values[i]`; of large matrices one eigenvector after the other.
    vectors: Vec<f64>,
    large: Option<Symmetric>,
}

impl SymmetricEigen {
    /// A workspace for matrices of this size.
    #[must_use]
    pub fn new(dimension: usize) -> Self {
        Self {
            dimension,
            values: vec![0.0; dimension],
            off: vec![0.0; dimension],
            vectors: vec![0.0; dimension * dimension],
            large: (dimension > SMALL).then(|| Symmetric::new(dimension)),
        }
    }

    /// Decomposes the matrix whose entry `(i, j)`, `j ≤ i`, is `entry(i, j)`; `false` if it is not finite or does not converge.
    pub fn decompose(&mut self, entry: impl Fn(usize, usize) -> f64) -> bool {
        let n = self.dimension;
        if let Some(large) = &mut self.large {
            for j in 0..n {
                for i in j..n {
                    large.matrix[j * n + i] = entry(i, j);
                }
            }
            return large.decompose(&mut self.values, &mut self.vectors);
        }
        for i in 0..n {
            for j in 0..=i {
                let value = entry(i, j);
                if !value.is_finite() {
                    return false;
                }
                self.vectors[i * n + j] = value;
                self.vectors[j * n + i] = value;
            }
        }
        self.tridiagonalise();
        self.iterate()
    }

    /// The eigenvalues, in no particular order.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Entry `row` of the unit eigenvector of `values()[index]`.
    #[must_use]
    pub fn vector(&self, index: usize, row: usize) -> f64 {
        let place = if self.large.is_some() { index * self.dimension + row } else { row * self.dimension + index };
        self.vectors[place]
    }

    /// Reduces to tridiagonal form, `values` the diagonal and `off[1..]` beside it, and leaves the transformation in `vectors`.
    fn tridiagonalise(&mut self) {
        let n = self.dimension;
        let (a, d, e) = (&mut self.vectors, &mut self.values, &mut self.off);
        for i in (1..n).rev() {
            // The Householder vector that clears row i left of its subdiagonal entry, scaled against underflow.
            let scale: f64 = (0..i).map(|k| a[i * n + k].abs()).sum();
            let mut norm = 0.0;
            if i == 1 || scale == 0.0 {
                e[i] = a[i * n + i - 1];
            } else {
                for k in 0..i {
                    a[i * n + k] /= scale;
                    norm += a[i * n + k] * a[i * n + k];
                }
                let f = a[i * n + i - 1];
                let g = -norm.sqrt().copysign(f);
                e[i] = scale * g;
                norm -= f * g;
                a[i * n + i - 1] = f - g;
                let mut projection = 0.0;
                for j in 0..i {
                    a[j * n + i] = a[i * n + j] / norm;
                    let mut sum = 0.0;
                    for k in 0..=j {
                        sum += a[j * n + k] * a[i * n + k];
                    }
                    for k in j + 1..i {
                        sum += a[k * n + j] * a[i * n + k];
                    }
                    e[j] = sum / norm;
                    projection += e[j] * a[i * n + j];
                }
                let half = projection / (norm + norm);
                for j in 0..i {
                    let f = a[i * n + j];
                    e[j] -= half * f;
                    let g = e[j];
                    for k in 0..=j {
                        a[j * n + k] -= f * e[k] + g * a[i * n + k];
                    }
                }
            }
            d[i] = norm;
        }
        if n == 0 {
            return;
        }
        d[0] = 0.0;
        e[0] = 0.0;
        for i in 0..n {
            if d[i] != 0.0 {
                for j in 0..i {
                    let sum: f64 = (0..i).map(|k| a[i * n + k] * a[k * n + j]).sum();
                    for k in 0..i {
                        a[k * n + j] -= sum * a[k * n + i];
                    }
                }
            }
            d[i] = a[i * n + i];
            a[i * n + i] = 1.0;
            for j in 0..i {
                a[j * n + i] = 0.0;
                a[i * n + j] = 0.0;
            }
        }
    }

    /// The implicit QL iteration on the tridiagonal form.
    fn iterate(&mut self) -> bool {
        let n = self.dimension;
        let (a, d, e) = (&mut self.vectors, &mut self.values, &mut self.off);
        if n == 0 {
            return true;
        }
        e.rotate_left(1);
        e[n - 1] = 0.0;
        for l in 0..n {
            for iteration in 0.. {
                let m =
                    (l..n - 1).find(|&m| e[m].abs() <= f64::EPSILON * (d[m].abs() + d[m + 1].abs())).unwrap_or(n - 1);
                if m == l {
                    break;
                }
                if iteration == 60 {
                    return false;
                }
                let g = (d[l + 1] - d[l]) / (2.0 * e[l]);
                let mut g = d[m] - d[l] + e[l] / (g + g.hypot(1.0).copysign(g));
                let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
                let mut split = false;
                for i in (l..m).rev() {
                    let (f, b) = (s * e[i], c * e[i]);
                    let r = f.hypot(g);
                    e[i + 1] = r;
                    if r == 0.0 {
                        d[i + 1] -= p;
                        e[m] = 0.0;
                        split = true;
                        break;
                    }
                    s = f / r;
                    c = g / r;
                    g = d[i + 1] - p;
                    let r = (d[i] - g) * s + 2.0 * c * b;
                    p = s * r;
                    d[i + 1] = g + p;
                    g = c * r - b;
                    for k in 0..n {
                        let f = a[k * n + i + 1];
                        a[k * n + i + 1] = s * a[k * n + i] + c * f;
                        a[k * n + i] = c * a[k * n + i] - s * f;
                    }
                }
                if !split {
                    d[l] -= p;
                    e[l] = g;
                    e[m] = 0.0;
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(n: usize, entry: impl Fn(usize, usize) -> f64) {
        check_scaled(n, 1.0, entry);
    }

    fn check_scaled(n: usize, scale: f64, entry: impl Fn(usize, usize) -> f64) {
        let symmetric = |i: usize, j: usize| if j <= i { entry(i, j) } else { entry(j, i) };
        let mut eigen = SymmetricEigen::new(n);
        assert!(eigen.decompose(|i, j| entry(i, j) * scale));
        let mut reference: Vec<f64> =
            nalgebra::DMatrix::from_fn(n, n, symmetric).symmetric_eigen().eigenvalues.iter().copied().collect();
        let mut values: Vec<f64> = eigen.values().iter().map(|x| x / scale).collect();
        reference.sort_by(f64::total_cmp);
        values.sort_by(f64::total_cmp);
        let size = values.iter().fold(0.0, |s: f64, v| s.max(v.abs()));
        for (got, want) in values.iter().zip(&reference) {
            assert!((got - want).abs() <= 1e-14 * (n as f64) * size, "{got} {want}");
        }
        for i in 0..n {
            for j in 0..n {
                let rebuilt: f64 =
                    (0..n).map(|k| eigen.values()[k] / scale * eigen.vector(k, i) * eigen.vector(k, j)).sum();
                let gram: f64 = (0..n).map(|k| eigen.vector(i, k) * eigen.vector(j, k)).sum();
                assert!((rebuilt - symmetric(i, j)).abs() <= 1e-14 * (n as f64) * size);
                assert!((gram - f64::from(u8::from(i == j))).abs() <= 1e-14 * n as f64);
            }
        }
    }

    #[test]
    fn rebuilds_the_matrix() {
        for n in 1..=12 {
            check(n, |i, j| ((7 * i + 3 * j) as f64).sin() + if i == j { i as f64 } else { 0.0 });
        }
        check(5, |i, j| if i == j { 2.0 } else { 0.0 });
        check(4, |_, _| 0.0);
        check(6, |_, _| 1.0);
        check(8, |i, j| if i == j { 10f64.powi(-(i as i32)) } else { 1e-12 });
    }

    /// Repeated, clustered, graded and far from 1.
    #[test]
    fn rebuilds_large_matrices() {
        for n in [SMALL, SMALL + 1, 40, 64] {
            check(n, |i, j| ((7 * i + 3 * j) as f64).sin() + if i == j { i as f64 } else { 0.0 });
            check(n, |i, j| if i == j { 2.0 } else { 0.0 });
            check(n, |_, _| 0.0);
            check(n, |_, _| 1.0);
            check(n, |i, j| if i == j { 10f64.powi(-(i as i32)) } else { 1e-12 });
            check(n, |i, j| if i == j { 1.0 } else { 1e-14 });
            for scale in [1e-250, 1e300] {
                check_scaled(n, scale, |i, j| ((7 * i + 3 * j) as f64).sin());
            }
        }
        // One larger than where divide and conquer begins.
        check(150, |i, j| if i == j { (i % 5) as f64 } else { ((i * j) as f64).sin() * 1e-9 });
    }

    #[test]
    fn refuses_what_is_not_finite() {
        for n in [2, SMALL, SMALL + 1] {
            for value in [f64::NAN, f64::INFINITY] {
                let mut eigen = SymmetricEigen::new(n);
                assert!(!eigen.decompose(|i, j| if (i, j) == (n - 1, 0) { value } else { 1.0 }));
                assert!(eigen.decompose(|_, _| 1.0));
            }
        }
    }
}
