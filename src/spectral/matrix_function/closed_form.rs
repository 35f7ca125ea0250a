//! `α(hH) g` of two dimensions in closed form.

use super::super::alpha::{alpha_at, divided_difference_at};
use super::super::error::SpectralError;
use super::super::triangle::sqrt;
use super::MatrixFunction;
use num_complex::Complex64;

impl MatrixFunction {
    /// Newton's `α(z₁) g + α[z₁, z₂] (hH − z₁) g`.
    pub(super) fn closed_form(
        &mut self,
        step: f64,
        hessian: &[Complex64],
        gradient: &[Complex64],
        out: &mut [Complex64],
    ) -> Result<(), SpectralError> {
        let (a, b, d) = (step * hessian[0], step * hessian[1], step * hessian[3]);
        if b == Complex64::ZERO {
            out[0] = self.along(a, gradient[0])?;
            out[1] = self.along(d, gradient[1])?;
            return Ok(());
        }
        let (mean, half) = ((a + d) * 0.5, (a - d) * 0.5);
        let ib = Complex64::new(-b.im, b.re);
        // √(half² + b²) in factors, which cannot cancel.
        let root = sqrt(half + ib) * sqrt(half - ib);
        if let Some(f) = &self.function {
            let (z1, z2) = (mean - root, mean + root);
            self.shifted.extend([1.0 - z1, 1.0 - z2]);
            let first = f.at(z1).ok_or(SpectralError::BranchPoint)?;
            let slope = f.divided_difference(z1, z2).ok_or(SpectralError::BranchPoint)?;
            out[0] = first * gradient[0] + slope * ((a - z1) * gradient[0] + b * gradient[1]);
            out[1] = first * gradient[1] + slope * (b * gradient[0] + (d - z1) * gradient[1]);
            return Ok(());
        }
        let (plus, minus) = (1.0 - mean + root, 1.0 - mean - root);
        // z₁ is the eigenvalue farther from the branch point; the other's distance from it comes from the determinant when it is small.
        let (z1, mu1, z2, mut mu2) = if plus.norm_sqr() >= minus.norm_sqr() {
            (mean - root, plus, mean + root, minus)
        } else {
            (mean + root, minus, mean - root, plus)
        };
        if mu2.norm_sqr() < 0.01 * mu1.norm_sqr() {
            mu2 = ((1.0 - a) * (1.0 - d) - b * b) / mu1;
        }
        self.shifted.extend([mu1, mu2]);
        if mu2 == Complex64::ZERO {
            return Err(SpectralError::BranchPoint);
        }
        let mut first = alpha_at(z1, mu1);
        let mut slope = divided_difference_at((z1, mu1), (z2, mu2));
        let (jump1, jump2) = (self.jump(z1, mu1), self.jump(z2, mu2));
        if jump1 != jump2 || jump1 != Complex64::ZERO {
            first += jump1;
            let gap = z1 - z2;
            slope += if gap == Complex64::ZERO { gap } else { (jump1 - jump2) / gap };
        }
        out[0] = first * gradient[0] + slope * ((a - z1) * gradient[0] + b * gradient[1]);
        out[1] = first * gradient[1] + slope * (b * gradient[0] + (d - z1) * gradient[1]);
        Ok(())
    }
}
