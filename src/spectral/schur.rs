//! Complex Schur form in a workspace that is reused.

use num_complex::Complex64;

/// The Schur form `A = Q T Qᴴ` of complex matrices of one size, `Q` unitary and `T` upper triangular.
///
/// Householder reduction to Hessenberg form and single-shift QR (Golub & Van Loan, *Matrix Computations*, 7.5), which
/// exists for every matrix, defective or not. Nothing is allocated after construction.
#[derive(Debug, Clone)]
pub(super) struct Schur {
    dimension: usize,
    /// `T`, row-major.
    pub(super) t: Vec<Complex64>,
    /// `Q`, row-major.
    pub(super) q: Vec<Complex64>,
    reflector: Vec<Complex64>,
}

impl Schur {
    pub(super) fn new(dimension: usize) -> Self {
        Self {
            dimension,
            t: vec![Complex64::ZERO; dimension * dimension],
            q: vec![Complex64::ZERO; dimension * dimension],
            reflector: vec![Complex64::ZERO; dimension],
        }
    }

    /// Decomposes the matrix in `self.t`, in place; `false` if it is not finite or does not converge.
    pub(super) fn decompose(&mut self) -> bool {
        if !self.t.iter().all(|x| x.is_finite()) {
            return false;
        }
        self.reduce();
        self.iterate()
    }

    /// To upper Hessenberg form.
    fn reduce(&mut self) {
        let n = self.dimension;
        let (t, q, v) = (&mut self.t, &mut self.q, &mut self.reflector);
        for i in 0..n {
            for j in 0..n {
                q[i * n + j] = if i == j { Complex64::ONE } else { Complex64::ZERO };
            }
        }
        for k in 0..n.saturating_sub(2) {
            let scale = (k + 1..n).map(|i| l1(t[i * n + k])).fold(0.0, f64::max);
            if (k + 2..n).all(|i| t[i * n + k] == Complex64::ZERO) {
                continue;
            }
            let mut norm = 0.0;
            for i in k + 1..n {
                v[i] = t[i * n + k] / scale;
                norm += v[i].norm_sqr();
            }
            let norm = norm.sqrt();
            let phase = if v[k + 1] == Complex64::ZERO { Complex64::ONE } else { v[k + 1] / v[k + 1].norm() };
            v[k + 1] += phase * norm;
            let two_over = 2.0 / v[k + 1..n].iter().map(Complex64::norm_sqr).sum::<f64>();
            for j in k..n {
                let s: Complex64 = (k + 1..n).map(|i| v[i].conj() * t[i * n + j]).sum::<Complex64>() * two_over;
                for i in k + 1..n {
                    t[i * n + j] -= v[i] * s;
                }
            }
            for matrix in [&mut *t, &mut *q] {
                for row in matrix.chunks_exact_mut(n) {
                    let s: Complex64 = (k + 1..n).map(|j| row[j] * v[j]).sum::<Complex64>() * two_over;
                    for j in k + 1..n {
                        row[j] -= s * v[j].conj();
                    }
                }
            }
            for i in k + 2..n {
                t[i * n + k] = Complex64::ZERO;
            }
        }
    }

    /// From Hessenberg to triangular form.
    fn iterate(&mut self) -> bool {
        let n = self.dimension;
        let size = self.t.iter().map(|x| l1(*x)).fold(0.0, f64::max);
        let mut high = n.saturating_sub(1);
        let mut iteration = 0;
        while high > 0 {
            let t = &mut self.t;
            let low = (1..=high).rev().find(|&k| {
                let around = l1(t[(k - 1) * n + k - 1]) + l1(t[k * n + k]);
                let around = if around == 0.0 { size } else { around };
                l1(t[k * n + k - 1]) <= f64::EPSILON * around
            });
            if let Some(k) = low {
                t[k * n + k - 1] = Complex64::ZERO;
            }
            let low = low.unwrap_or(0);
            if low == high {
                high -= 1;
                iteration = 0;
                continue;
            }
            iteration += 1;
            if iteration > 100 {
                return false;
            }
            let shift = if iteration % 10 == 0 {
                // An exceptional shift breaks the rare cycles.
                t[high * n + high] + 0.75 * l1(t[high * n + high - 1])
            } else {
                self.wilkinson(high)
            };
            self.sweep(low, high, shift);
        }
        true
    }

    /// The eigenvalue of the trailing 2×2 block that is closer to its last entry.
    fn wilkinson(&self, high: usize) -> Complex64 {
        let (n, t) = (self.dimension, &self.t);
        let (a, b) = (t[(high - 1) * n + high - 1], t[(high - 1) * n + high]);
        let (c, d) = (t[high * n + high - 1], t[high * n + high]);
        let half = (a - d) * 0.5;
        let root = (half * half + b * c).sqrt();
        let denominator = if (half + root).norm_sqr() >= (half - root).norm_sqr() { half + root } else { half - root };
        if denominator == Complex64::ZERO { d } else { d - b * c / denominator }
    }

    /// One implicit QR sweep on rows and columns `low..=high`.
    fn sweep(&mut self, low: usize, high: usize, shift: Complex64) {
        let n = self.dimension;
        let (t, q) = (&mut self.t, &mut self.q);
        let mut x = t[low * n + low] - shift;
        let mut y = t[(low + 1) * n + low];
        for k in low..high {
            let r = x.norm().hypot(y.norm());
            if r > 0.0 {
                // The rotation [c s; −s̄ c] takes (x, y) to (r, 0) up to a phase.
                let modulus = x.norm();
                let (c, s) = if modulus == 0.0 {
                    (0.0, y.conj() / y.norm())
                } else {
                    (modulus / r, x / modulus * (y.conj() / r))
                };
                for j in (if k > low { k - 1 } else { low })..n {
                    let (a, b) = (t[k * n + j], t[(k + 1) * n + j]);
                    t[k * n + j] = a * c + s * b;
                    t[(k + 1) * n + j] = b * c - s.conj() * a;
                }
                if k > low {
                    t[(k + 1) * n + k - 1] = Complex64::ZERO;
                }
                for (matrix, rows) in [(&mut *t, high.min(k + 2) + 1), (&mut *q, n)] {
                    for row in matrix.chunks_exact_mut(n).take(rows) {
                        let (a, b) = (row[k], row[k + 1]);
                        row[k] = a * c + s.conj() * b;
                        row[k + 1] = b * c - s * a;
                    }
                }
            }
            if k + 2 <= high {
                x = t[(k + 1) * n + k];
                y = t[(k + 2) * n + k];
            }
        }
    }
}

fn l1(z: Complex64) -> f64 {
    z.re.abs() + z.im.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(n: usize, entry: impl Fn(usize, usize) -> Complex64) {
        let mut schur = Schur::new(n);
        let a: Vec<Complex64> = (0..n * n).map(|k| entry(k / n, k % n)).collect();
        schur.t.copy_from_slice(&a);
        assert!(schur.decompose());
        let size = a.iter().map(|x| l1(*x)).fold(1e-300, f64::max);
        let tolerance = 4e-15 * n as f64;
        for i in 0..n {
            for j in 0..n {
                if j < i {
                    assert_eq!(schur.t[i * n + j], Complex64::ZERO);
                }
                let mut rebuilt = Complex64::ZERO;
                let mut gram = Complex64::ZERO;
                for k in 0..n {
                    gram += schur.q[i * n + k] * schur.q[j * n + k].conj();
                    for l in k..n {
                        rebuilt += schur.q[i * n + k] * schur.t[k * n + l] * schur.q[j * n + l].conj();
                    }
                }
                assert!((rebuilt - a[i * n + j]).norm() <= tolerance * size, "{n}: {rebuilt} {}", a[i * n + j]);
                assert!((gram - f64::from(u8::from(i == j))).norm() <= tolerance);
            }
        }
    }

    #[test]
    fn rebuilds_the_matrix() {
        let wave = |i: usize, j: usize| Complex64::new(((5 * i + 3 * j) as f64).sin(), ((i * j + 2) as f64).cos());
        for n in 1..=12 {
            check(n, wave);
            check(n, |i, j| wave(i, j) + wave(j, i));
            check(n, |i, j| Complex64::from(f64::from(u8::from(j == i + 1))));
            check(n, |i, j| Complex64::from(f64::from(u8::from((j + 1) % n == i))));
        }
        check(6, |_, _| Complex64::ZERO);
        check(6, |i, j| wave(i, j) * 10f64.powi(-(4 * i as i32)));
        // A symmetric nilpotent block, u uᵀ with uᵀu = 0, inside a larger matrix.
        let u = [Complex64::ONE, Complex64::I, Complex64::ZERO, Complex64::ZERO];
        check(4, |i, j| u[i] * u[j]);
    }
}
