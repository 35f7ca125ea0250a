//! Orthonormal vectors, and the products with all of them at once.

use super::entry::{Entry, Loops};
use rayon::prelude::*;

/// Rows that are worked on at a time: such a piece of a vector stays in the first cache while those of all others pass by.
///
/// Sums are taken over each piece and then over the pieces in order, so that the number of threads changes no bit.
const ROWS: usize = 2048;

/// Products of fewer numbers than this are left to one thread.
const SHARED: usize = 1 << 17;

/// Squares within these bounds have all their digits.
const PLAIN: std::ops::Range<f64> = 1e-280..1e280;

/// Vectors of one length, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Basis<T> {
    dimension: usize,
    pub(super) columns: Vec<Vec<T>>,
}

impl<T: Entry> Basis<T> {
    pub(super) fn new(dimension: usize) -> Self {
        Self { dimension, columns: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.columns.len()
    }

    fn is_shared(&self) -> bool {
        self.dimension * self.columns.len().max(1) >= SHARED
    }

    /// `c_k = v_kᴴ w` for all vectors.
    pub(super) fn dots(&self, w: &[T]) -> Vec<T> {
        self.sums(self.len(), w, |rows, w, out| T::dots(&self.columns, rows, w, out))
    }

    /// `w ← w − Σ_k c_k v_k`.
    pub(super) fn subtract(&self, c: &[T], w: &mut [T]) {
        self.subtract_those(0, c, w);
    }

    /// `w ← w − Σ_k c_k v_(first+k)`.
    pub(super) fn subtract_those(&self, first: usize, c: &[T], w: &mut [T]) {
        let columns = &self.columns[first..first + c.len()];
        let piece = |(at, w): (usize, &mut [T])| {
            let first = at * ROWS;
            T::subtract(columns, first..first + w.len(), c, w);
        };
        if self.is_shared() {
            w.par_chunks_mut(ROWS).enumerate().for_each(piece);
        } else {
            w.chunks_mut(ROWS).enumerate().for_each(piece);
        }
    }

    /// `v_kᴴ w` of one vector.
    pub(super) fn dot(&self, k: usize, w: &[T]) -> T {
        let one = &self.columns[k..=k];
        self.sums(1, w, |rows, w, out| T::dots(one, rows, w, out))[0]
    }

    /// The Euclidean norm, finite where it is.
    pub(super) fn norm(&self, w: &[T]) -> f64 {
        let square = |w: &[T]| -> f64 {
            let sums: Vec<f64> = if self.is_shared() {
                w.par_chunks(ROWS).map(T::square).collect()
            } else {
                w.chunks(ROWS).map(T::square).collect()
            };
            sums.iter().sum()
        };
        let sum = square(w);
        if PLAIN.contains(&sum) || sum.is_nan() {
            return sum.sqrt();
        }
        let largest = w.iter().map(|x| (*x).into()).fold(0.0_f64, |m, z| m.max(z.re.abs()).max(z.im.abs()));
        if largest == 0.0 || !largest.is_finite() {
            return largest;
        }
        // A power of two, so that the scaling is exact; in two factors, since the inverse of a subnormal is none.
        let half = (-0.5 * largest.log2()).floor().exp2();
        let scaled: Vec<T> = w.iter().map(|x| *x * half * half).collect();
        square(&scaled).sqrt() / half / half
    }

    /// `out = Σ_k c_k v_k` with coefficients and result of any kind that the entries multiply.
    pub(super) fn combine<C>(&self, c: &[C], out: &mut [C])
    where
        C: Copy + Default + Send + Sync + std::ops::AddAssign + std::ops::Mul<T, Output = C>,
    {
        let piece = |(at, out): (usize, &mut [C])| {
            let rows = at * ROWS..at * ROWS + out.len();
            out.fill(C::default());
            for (c, v) in c.iter().zip(&self.columns) {
                for (o, v) in out.iter_mut().zip(&v[rows.clone()]) {
                    *o += *c * *v;
                }
            }
        };
        if self.is_shared() {
            out.par_chunks_mut(ROWS).enumerate().for_each(piece);
        } else {
            out.chunks_mut(ROWS).enumerate().for_each(piece);
        }
    }

    /// Sums over rows of `width` numbers for each piece.
    fn sums(
        &self,
        width: usize,
        w: &[T],
        piece: impl Fn(std::ops::Range<usize>, &[T], &mut [T]) + Send + Sync,
    ) -> Vec<T> {
        let mut total = vec![T::default(); width];
        if width == 0 {
            return total;
        }
        let mut parts = vec![T::default(); width * w.len().div_ceil(ROWS)];
        let one = |((at, w), out): ((usize, &[T]), &mut [T])| {
            let first = at * ROWS;
            piece(first..first + w.len(), w, out);
        };
        if self.is_shared() {
            w.par_chunks(ROWS).enumerate().zip(parts.par_chunks_mut(width)).for_each(one);
        } else {
            w.chunks(ROWS).enumerate().zip(parts.chunks_mut(width)).for_each(one);
        }
        for part in parts.chunks(width) {
            for (t, p) in total.iter_mut().zip(part) {
                *t += *p;
            }
        }
        total
    }
}

impl Basis<f64> {
    /// `V ← V Y`: the vectors are replaced by `kept` combinations of them, whose coefficients are `y(vector, combination)`.
    pub(super) fn rotate(&mut self, kept: usize, y: impl Fn(usize, usize) -> f64) {
        let size = self.len();
        let weights: Vec<Vec<f64>> = (0..kept).map(|k| (0..size).map(|j| y(j, k)).collect()).collect();
        // A piece of all vectors at a time, in place, so that no second set of them is needed.
        let mut piece: Vec<Vec<f64>> = vec![Vec::new(); size];
        for first in (0..self.dimension).step_by(ROWS) {
            let rows = first..(first + ROWS).min(self.dimension);
            for (p, v) in piece.iter_mut().zip(&self.columns) {
                p.clear();
                p.extend_from_slice(&v[rows.clone()]);
            }
            for (column, c) in self.columns.iter_mut().zip(&weights) {
                let out = &mut column[rows.clone()];
                out.fill(0.0);
                f64::subtract(&piece, 0..out.len(), c, out);
                out.iter_mut().for_each(|x| *x = -*x);
            }
        }
        self.columns.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_complex::Complex64;

    fn wave(n: usize, k: usize) -> Vec<f64> {
        (0..n).map(|i| ((3 * i + 7 * k) as f64).sin()).collect()
    }

    #[test]
    fn products_with_all_vectors() {
        for (n, m) in [(1, 1), (5, 3), (17, 4), (ROWS + 3, 7)] {
            let mut basis = Basis::new(n);
            basis.columns.extend((0..m).map(|k| wave(n, k)));
            let mut w = wave(n, 99);
            let c = basis.dots(&w);
            for (k, c) in c.iter().enumerate() {
                let want: f64 = basis.columns[k].iter().zip(&w).map(|(a, b)| a * b).sum();
                assert!((c - want).abs() < 1e-12 * n as f64 && (basis.dot(k, &w) - want).abs() < 1e-12 * n as f64);
            }
            let before = w.clone();
            basis.subtract(&c, &mut w);
            let mut sum = vec![0.0; n];
            basis.combine(&c, &mut sum);
            assert!(w.iter().zip(&before).zip(&sum).all(|((w, b), s)| (w + s - b).abs() < 1e-11 * n as f64));
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let (n, m) = (3 * ROWS + 5, 40);
        let on = |threads: usize| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
                let mut basis = Basis::new(n);
                basis.columns.extend((0..m).map(|k| wave(n, k)));
                let mut w = wave(n, 99);
                let c = basis.dots(&w);
                basis.subtract(&c, &mut w);
                (c, basis.norm(&w), w)
            })
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn norms_far_from_one() {
        let basis = Basis::<Complex64>::new(2);
        let far = [Complex64::new(3e200, 0.0), Complex64::new(0.0, 4e200)];
        assert!((basis.norm(&far) / 5e200 - 1.0).abs() < 1e-15);
        assert!((Basis::<f64>::new(2).norm(&[3e-200, 4e-200]) / 5e-200 - 1.0).abs() < 1e-15);
        assert_eq!(Basis::<f64>::new(1).norm(&[f64::INFINITY]), f64::INFINITY);
        assert!(Basis::<f64>::new(2).norm(&[f64::NAN, 1.0]).is_nan());
    }
}
