//! `α(hH) g` of a complex matrix by Parlett's recurrence, for functions known by their values and divided differences.

use super::super::SpectralFunction;
use super::super::error::SpectralError;
use super::MatrixFunction;
use num_complex::Complex64;

/// Sums in Parlett's recurrence below this share of their terms are rounding.
const ROUNDING: f64 = 1e-14;

/// Eigenvalues closer than this share of the matrix leave fewer than about seven digits.
const SMALLEST_GAP: f64 = 1e-7;

impl MatrixFunction {
    /// `Q F Qᴴ g` with `F = f(T)` from the Schur form `hH = Q T Qᴴ`.
    pub(super) fn parlett(
        &mut self,
        f: &dyn SpectralFunction,
        step: f64,
        hessian: &[Complex64],
        gradient: &[Complex64],
        out: &mut [Complex64],
    ) -> Result<(), SpectralError> {
        let n = self.dimension;
        for (t, x) in self.schur.t.iter_mut().zip(hessian) {
            *t = step * x;
        }
        if !self.schur.decompose() {
            return Err(SpectralError::NoConvergence);
        }
        let (t, r) = (&self.schur.t, &mut self.triangle);
        self.shifted.extend((0..n).map(|i| 1.0 - t[i * n + i]));
        r.fill(Complex64::ZERO);
        let (mut size, mut values) = (0.0_f64, 0.0_f64);
        for i in 0..n {
            r[i * n + i] = f.at(t[i * n + i]).ok_or(SpectralError::BranchPoint)?;
            values = values.max(r[i * n + i].norm());
            size = t[i * n + i..(i + 1) * n].iter().fold(size, |m, x| m.max(x.norm()));
        }
        for distance in 1..n {
            for i in 0..n - distance {
                let j = i + distance;
                let (u, v) = (t[i * n + i], t[j * n + j]);
                let entry = t[i * n + j];
                let mut value = Complex64::ZERO;
                if entry != Complex64::ZERO {
                    value = entry * f.divided_difference(u, v).ok_or(SpectralError::BranchPoint)?;
                }
                let rest: Complex64 =
                    (i + 1..j).map(|k| r[i * n + k] * t[k * n + j] - t[i * n + k] * r[k * n + j]).sum();
                if rest.norm() > ROUNDING * size * values {
                    let gap = u - v;
                    if gap.norm() < SMALLEST_GAP * size {
                        return Err(SpectralError::IllConditioned);
                    }
                    value += rest / gap;
                }
                r[i * n + j] = value;
            }
        }
        self.schur.enter(gradient, &mut self.vector);
        for (i, y) in self.solution.iter_mut().enumerate() {
            *y = (i..n).map(|j| r[i * n + j] * self.vector[j]).sum();
        }
        out.fill(Complex64::ZERO);
        self.schur.add_back(1.0, &mut self.solution, out, &mut self.left);
        if out.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite) }
    }
}
