//! Complex Schur form in a workspace that is reused.

use super::large::{Hessenberg, SMALL, near_one};
use num_complex::Complex64;
use shadowflow_kernels::rotations::{rotate, turn, turn_above};
use std::ops::Range;

/// Entries between these have products that neither overflow nor underflow.
const PLAIN: Range<f64> = 1e-100..1e100;

/// The Schur form `A = Q T Qᴴ` of complex matrices of one size, `Q` unitary and `T` upper triangular.
///
/// Householder reduction to Hessenberg form, by faer beyond 32 rows, and single-shift QR (Golub & Van Loan, *Matrix Computations*, 7.5); the form
/// exists for every matrix, defective or not. Nothing is allocated after construction, but for the list of rotations of large matrices when it first
/// grows.
#[derive(Debug, Clone)]
pub(super) struct Schur {
    dimension: usize,
    /// `T`, row-major.
    pub(super) t: Vec<Complex64>,
    /// `Q`, column by column; of large matrices that of the Hessenberg form, which `rotations` turn.
    q: Vec<Complex64>,
    reflector: Vec<Complex64>,
    /// Of columns k and k + 1: those of one sweep, of large matrices of all. Turning two vectors with these is much less work than turning Q.
    rotations: Vec<(usize, f64, Complex64)>,
    large: Option<Hessenberg>,
}

impl Schur {
    pub(super) fn new(dimension: usize) -> Self {
        Self {
            dimension,
            t: vec![Complex64::ZERO; dimension * dimension],
            q: vec![Complex64::ZERO; dimension * dimension],
            reflector: vec![Complex64::ZERO; dimension],
            rotations: Vec::with_capacity(dimension),
            large: (dimension > SMALL).then(|| Hessenberg::new(dimension)),
        }
    }

    /// Q, column by column.
    pub(super) fn vectors(&mut self) -> &[Complex64] {
        if self.large.is_some() {
            for (k, c, s) in self.rotations.drain(..) {
                turn_columns(&mut self.q, self.dimension, k, c, s);
            }
        }
        &self.q
    }

    /// Decomposes the matrix in `self.t`, in place; `false` if it is not finite or does not converge.
    pub(super) fn decompose(&mut self) -> bool {
        if !self.t.iter().all(|x| x.is_finite()) {
            return false;
        }
        let n = self.dimension;
        let size = self.t.iter().fold(0.0_f64, |m, x| m.max(x.re.abs()).max(x.im.abs()));
        let scaled = size != 0.0 && !PLAIN.contains(&size);
        let (scale, back) = near_one(if scaled { size } else { 1.0 });
        if scaled {
            self.t.iter_mut().for_each(|x| *x *= scale);
        }
        match &mut self.large {
            Some(large) => large.reduce(&mut self.t, &mut self.q, n),
            None => self.reduce(),
        }
        self.rotations.clear();
        let found = self.iterate();
        if scaled {
            self.t.iter_mut().for_each(|x| *x *= back);
        }
        found
    }

    /// `x = Qᴴ v`.
    pub(super) fn enter(&self, v: &[Complex64], x: &mut [Complex64]) {
        for (x, column) in x.iter_mut().zip(self.q.chunks_exact(self.dimension.max(1))) {
            *x = column.iter().zip(v).map(|(q, v)| q.conj() * v).sum();
        }
        if self.large.is_some() {
            for &(k, c, s) in &self.rotations {
                (x[k], x[k + 1]) = (x[k] * c + s * x[k + 1], x[k + 1] * c - s.conj() * x[k]);
            }
        }
    }

    /// `v += factor · Q x`; x then has no meaning.
    pub(super) fn add_back(&self, factor: f64, x: &mut [Complex64], v: &mut [Complex64], work: &mut [Complex64]) {
        if self.large.is_some() {
            for &(k, c, s) in self.rotations.iter().rev() {
                (x[k], x[k + 1]) = (x[k] * c - s * x[k + 1], x[k + 1] * c + s.conj() * x[k]);
            }
        }
        work.fill(Complex64::ZERO);
        for (x, column) in x.iter().zip(self.q.chunks_exact(self.dimension.max(1))) {
            for (w, q) in work.iter_mut().zip(column) {
                *w += q * x;
            }
        }
        for (v, w) in v.iter_mut().zip(work) {
            *v += *w * factor;
        }
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
        for i in 0..n {
            for j in 0..i {
                q.swap(i * n + j, j * n + i);
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
    ///
    /// After its own two rotations from the left a row takes rotations from the right only, which wait until the sweep is done: each row is then
    /// gone through once.
    fn sweep(&mut self, low: usize, high: usize, shift: Complex64) {
        let n = self.dimension;
        let (t, q) = (&mut self.t, &mut self.q);
        let large = self.large.is_some();
        let modulus = if large { modulus } else { Complex64::norm };
        if !large {
            self.rotations.clear();
        }
        let earlier = self.rotations.len();
        let mut x = t[low * n + low] - shift;
        let mut y = t[(low + 1) * n + low];
        for k in low..high {
            let r = modulus(Complex64::new(modulus(x), modulus(y)));
            if r > 0.0 {
                // The rotation [c s; −s̄ c] takes (x, y) to (r, 0) up to a phase.
                let size = modulus(x);
                let (c, s) =
                    if size == 0.0 { (0.0, y.conj() / modulus(y)) } else { (size / r, x / size * (y.conj() / r)) };
                let (upper, lower) = t[k * n..(k + 2) * n].split_at_mut(n);
                let first = if k > low { k - 1 } else { low };
                rotate(&mut upper[first..], &mut lower[first..], c, s);
                if k > low {
                    lower[k - 1] = Complex64::ZERO;
                }
                for row in t[k * n..(high.min(k + 2) + 1) * n].chunks_exact_mut(n) {
                    turn(row, k, c, s);
                }
                if !large {
                    turn_columns(q, n, k, c, s);
                }
                self.rotations.push((k, c, s));
            }
            if k + 2 <= high {
                x = t[(k + 1) * n + k];
                y = t[(k + 2) * n + k];
            }
        }
        turn_above(t, n, &self.rotations[earlier..]);
    }
}

/// The rotation of columns k and k + 1 of a matrix column by column.
fn turn_columns(q: &mut [Complex64], n: usize, k: usize, c: f64, s: Complex64) {
    let (left, right) = q[k * n..(k + 2) * n].split_at_mut(n);
    rotate(left, right, c, s.conj());
}

/// The modulus, to two roundings where its square has all its digits.
fn modulus(z: Complex64) -> f64 {
    let square = z.norm_sqr();
    if (1e-280..1e280).contains(&square) { square.sqrt() } else { z.norm() }
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
        schur.vectors();
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
                    gram += schur.q[k * n + i] * schur.q[k * n + j].conj();
                    for l in k..n {
                        rebuilt += schur.q[k * n + i] * schur.t[k * n + l] * schur.q[l * n + j].conj();
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
