//! A Krylov space: an orthonormal basis of `g, Hg, H²g, …` and the matrix that H is on it.

use super::super::error::SpectralError;
use super::basis::Basis;
use super::entry::Entry;
use num_complex::Complex64;

/// An orthogonal rest below this share of what was subtracted is made orthogonal once more ("twice is enough", Parlett, *The Symmetric Eigenvalue
/// Problem*, 1998, section 6.9).
const AGAIN: f64 = 0.7;

/// An orthonormal basis of `span {g, Hg, …, H^(m−1) g}` and H on it, grown by one product with H at a time.
///
/// Real symmetric H: Lanczos, `H V = V T + β v_(m+1) e_mᵀ` with T tridiagonal. Complex symmetric H, which is not Hermitian: Arnoldi, T upper Hessenberg.
/// Every new vector is made orthogonal to all others by products with all of them at once, and once more where the first time took most of it
/// away, so that no copies of eigenvalues appear and a space that H does not leave is noticed.
#[derive(Debug, Clone)]
pub struct KrylovSpace<T> {
    dimension: usize,
    basis: Basis<T>,
    norm: f64,
    /// Column j of T has its entries down to `T[j+1][j] = β_j ≥ 0`.
    columns: Vec<Vec<T>>,
    /// The largest `|Hv|` seen.
    scale: f64,
    exhausted: bool,
}

impl<T: Entry> KrylovSpace<T> {
    /// The space of no product, which holds g alone.
    ///
    /// # Errors
    /// [`SpectralError::NotFinite`] if g is not finite.
    pub fn new(g: &[T]) -> Result<Self, SpectralError> {
        let mut basis = Basis::new(g.len());
        let norm = basis.norm(g);
        if !norm.is_finite() || !g.iter().all(|x| x.finite()) {
            return Err(SpectralError::NotFinite);
        }
        if norm > 0.0 {
            basis.columns.push(scaled(g, norm));
        }
        Ok(Self { dimension: g.len(), basis, norm, columns: Vec::new(), scale: 0.0, exhausted: norm == 0.0 })
    }

    /// D, the number of entries of a vector.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// How many products with H it is made of, m.
    #[must_use]
    pub fn products(&self) -> usize {
        self.columns.len()
    }

    /// Whether H does not lead out of the space, to rounding: what is computed on it is exact. So it is where g = 0 and where m = D.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    /// `|g|`.
    #[must_use]
    pub fn norm(&self) -> f64 {
        self.norm
    }

    /// The largest `|Hv|` of the basis vectors v, close to the spectral radius from below.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Entry (i, j) of T, the matrix of H on the space.
    #[must_use]
    pub fn entry(&self, i: usize, j: usize) -> T {
        if T::HERMITIAN && i < j { self.entry(j, i) } else { self.columns[j].get(i).copied().unwrap_or_default() }
    }

    /// How far H leads out of the space: `β_m = |H v_m − V T e_m|`, 0 where it does not.
    #[must_use]
    pub fn leaves_by(&self) -> f64 {
        if self.exhausted {
            0.0
        } else {
            self.columns.last().and_then(|c| c.last()).map_or(self.norm, |b| b.squared().sqrt())
        }
    }

    /// Grows the space by one product; `times(v, out)` writes `Hv`. Does nothing where it is exhausted.
    ///
    /// # Errors
    /// [`SpectralError::NotFinite`] if the product is not finite; the space is then as it was.
    pub fn extend(&mut self, times: &mut dyn FnMut(&[T], &mut [T])) -> Result<(), SpectralError> {
        if self.exhausted {
            return Ok(());
        }
        let (n, j) = (self.dimension, self.columns.len());
        let mut w = vec![T::default(); n];
        times(&self.basis.columns[j], &mut w);
        let mut column = vec![T::default(); j + 2];
        if T::HERMITIAN {
            // The recurrence of three terms first: what is left over for all others is rounding.
            let own = self.basis.dot(j, &w);
            column[j] = own;
            let first = j.saturating_sub(1);
            if j > 0 {
                column[first] = self.columns[first][j];
            }
            self.basis.subtract_those(first, &column[first..=j], &mut w);
        }
        let mut left;
        let mut rounds = 0;
        loop {
            let c = self.basis.dots(&w);
            self.basis.subtract(&c, &mut w);
            left = self.basis.norm(&w);
            let taken = c.iter().map(|x| x.squared()).sum::<f64>().sqrt();
            if T::HERMITIAN {
                column[j] += c[j];
            } else {
                for (t, c) in column.iter_mut().zip(&c) {
                    *t += *c;
                }
            }
            rounds += 1;
            if taken.hypot(left) * AGAIN <= left || rounds == 3 {
                break;
            }
        }
        let size = column.iter().map(|x| x.squared()).sum::<f64>().sqrt().hypot(left);
        if !size.is_finite() {
            return Err(SpectralError::NotFinite);
        }
        self.scale = self.scale.max(size);
        // Rounding in a product and in what is subtracted from it.
        let rounding = f64::EPSILON * (n as f64).sqrt().max(16.0);
        self.exhausted = j + 1 == n || left <= rounding * self.scale;
        column[j + 1] = if self.exhausted { T::default() } else { left.into() };
        self.columns.push(column);
        if !self.exhausted {
            normalise(&mut w, left);
            self.basis.columns.push(w);
        }
        Ok(())
    }

    /// `Σ_k c_k v_k`, D numbers, from coefficients in the basis.
    pub fn combine(&self, c: &[Complex64], out: &mut [Complex64])
    where
        Complex64: std::ops::Mul<T, Output = Complex64>,
    {
        self.basis.combine(c, out);
    }
}

fn scaled<T: Entry>(v: &[T], norm: f64) -> Vec<T> {
    let mut w = v.to_vec();
    normalise(&mut w, norm);
    w
}

/// Divides by the norm; in two factors where its inverse is not a float with all its digits.
fn normalise<T: Entry>(w: &mut [T], norm: f64) {
    let inverse = 1.0 / norm;
    if inverse.is_normal() {
        w.iter_mut().for_each(|x| *x = *x * inverse);
    } else {
        let half = (-0.5 * norm.log2()).floor().exp2();
        let rest = 1.0 / (norm * half * half);
        w.iter_mut().for_each(|x| *x = *x * half * half * rest);
    }
}
