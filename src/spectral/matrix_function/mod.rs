//! `α(hH) g`: a function of a symmetric matrix times a vector.

mod closed_form;
mod logarithm;
mod parlett;
#[cfg(test)]
mod tests;

use super::SpectralFunction;
use super::alpha::{Alpha, alpha_at};
use super::analytic::Spread;
use super::cut::Cut;
use super::error::SpectralError;
use super::schur::Schur;
use super::symmetric::SymmetricEigen;
use num_complex::Complex64;
use std::f64::consts::TAU;
use std::sync::Arc;

/// From this size of an `hλ` on its square, by which complex numbers divide, is beyond the doubles.
pub(super) const FAR: f64 = 1e150;

/// Evaluates `α(hH) g` for symmetric `H`, real or complex, defective or not, in a workspace that is reused.
///
/// - A polynomial `α` needs no spectrum: Horner's rule with matrix–vector products.
/// - D = 1 and 2: closed form, for D = 2 by Newton's `α(z₁) g + α[z₁, z₂] (hH − z₁) g`, which survives a defective `H`.
/// - Real `H`: the eigendecomposition.
/// - Complex symmetric `H`: Schur form and inverse scaling and squaring (Higham, *Functions of Matrices*, 2008, chapter 11).
///   With `R₀ = I − hH`, `R_{k+1} = R_k^{1/2}`, `x₀ = −g` and `x_{k+1} = (R_{k+1} + I)⁻¹ x_k`, the last column of the logarithm of
///   `[[I − hH, −g], [0, 1]]` is `α(hH) g = 2^s [log(R_s) (R_s − I)⁻¹] x_s`, whose bracket is a Gauss–Legendre sum of resolvents near `I`;
///   eigenvalues 0 are therefore no special case.
///
/// For another optimizer's α ([`Analytic`](super::Analytic)) or one that is [`Given`](super::Given) the closed forms and the eigendecomposition are the same; complex symmetric
/// `H` beyond D = 2 goes by Schur form and Parlett's recurrence (Higham, section 4.6), whose quotients are divided
/// differences next to the diagonal; elsewhere eigenvalues that almost coincide are refused,
/// [`SpectralError::IllConditioned`].
///
/// Where some `hλ` is exactly 1 the logarithm is infinite and [`SpectralError::BranchPoint`] is returned, unless `g` has no component
/// there (which is decided only where the eigenvectors are exact: `g = 0`, diagonal `H` for D = 2, or real `H` for D ≥ 3).
/// Near it the value loses digits in proportion to [`MatrixFunction::distance_to_branch_point`]. No method allocates but
/// where it follows the root of another optimizer.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::spectral::{Alpha, MatrixFunction};
/// let mut pf = MatrixFunction::new(Alpha::Logarithm, 1);
/// let (hessian, gradient) = ([Complex64::new(5.0, 0.0)], [Complex64::new(2.0, 0.0)]);
/// let mut field = [Complex64::ZERO];
/// pf.apply(0.1, &hessian, &gradient, &mut field)?;
/// assert!((field[0].re - 0.5f64.ln() / 0.5 * 2.0).abs() < 1e-15);
/// assert_eq!(pf.distance_to_branch_point(), Some(0.5));
/// # Ok::<(), shadowflow::spectral::SpectralError>(())
/// ```
#[derive(Debug, Clone)]
pub struct MatrixFunction {
    alpha: Alpha,
    /// α where it is a function without a closed form here.
    function: Option<Arc<dyn SpectralFunction>>,
    dimension: usize,
    /// `1 − hλ_i` of the last evaluation.
    shifted: Vec<Complex64>,
    symmetric: SymmetricEigen,
    schur: Schur,
    vector: Vec<Complex64>,
    solution: Vec<Complex64>,
    /// The function of the triangular factor, for Parlett's recurrence.
    triangle: Vec<Complex64>,
    /// Whether the jump across the cut is spread.
    spread: bool,
    /// A left and a right eigenvector of the triangular factor, and what the spread jumps add.
    left: Vec<Complex64>,
    right: Vec<Complex64>,
    added: Vec<Complex64>,
}

impl MatrixFunction {
    /// An evaluator of this function for matrices of this size.
    #[must_use]
    pub fn new(alpha: Alpha, dimension: usize) -> Self {
        // The closed forms need no decomposition.
        Self::with_workspace(alpha, dimension, if dimension > 2 { dimension } else { 0 })
    }

    /// An evaluator for any square matrices of this size; for [`MatrixFunction::apply_general`] alone.
    pub(super) fn general(alpha: Alpha, dimension: usize) -> Self {
        Self::with_workspace(alpha, dimension, dimension)
    }

    fn with_workspace(alpha: Alpha, dimension: usize, workspace: usize) -> Self {
        // Nor does Horner's rule.
        let workspace = if matches!(alpha, Alpha::Polynomial(_)) { 0 } else { workspace };
        let triangle = if matches!(alpha, Alpha::Analytic(_) | Alpha::Given(_)) { workspace * workspace } else { 0 };
        Self {
            function: alpha.function(),
            alpha,
            dimension,
            shifted: Vec::with_capacity(dimension),
            symmetric: SymmetricEigen::new(workspace),
            schur: Schur::new(workspace),
            vector: vec![Complex64::ZERO; dimension],
            solution: vec![Complex64::ZERO; dimension],
            triangle: vec![Complex64::ZERO; triangle],
            spread: false,
            left: vec![Complex64::ZERO; workspace],
            right: vec![Complex64::ZERO; workspace],
            added: vec![Complex64::ZERO; workspace],
        }
    }

    /// The cuts of the function: of gradient descent's α, and of an optimizer's. Empty for those that have none or whose cuts are not known.
    #[must_use]
    pub fn cuts(&self) -> &[Cut] {
        match &self.alpha {
            Alpha::Logarithm => &[Cut::LOGARITHM],
            Alpha::Analytic(f) => f.cuts(),
            Alpha::Given(_) | Alpha::Polynomial(_) => &[],
        }
    }

    /// Spreads the jumps across the cuts over [`SPREAD`](super::SPREAD) to either side, or takes that back; `false` where there is no rule for it.
    ///
    /// For `log(1−hλ)`, with x the angle of `1 − hλ` from the cut, `|x| < SPREAD`: `log|1−hλ| + i((1−w)(3π/2 + x) + w(−π/2 + x))`,
    /// `w = 3u² − 2u³`, `u = (x/SPREAD + 1)/2`; see [`Cut::weight`].
    pub fn spread(&mut self, on: bool) -> bool {
        if self.cuts().is_empty() {
            return false;
        }
        if let Alpha::Analytic(f) = &self.alpha {
            let f = Arc::clone(f);
            self.function = Some(if on { Arc::new(Spread(f)) } else { f });
        }
        self.spread = on;
        true
    }

    /// What the spread jump adds to `log(1−z)/z`.
    fn jump(&self, z: Complex64, shifted: Complex64) -> Complex64 {
        let share = if self.spread { Cut::LOGARITHM.share(shifted) } else { 0.0 };
        if share == 0.0 { Complex64::ZERO } else { Complex64::new(0.0, TAU * share) / z }
    }

    /// Writes `α(step · H) g` to `out`; `hessian` is row-major D×D and symmetric (`Hᵀ = H`, no conjugation).
    ///
    /// # Errors
    ///
    /// See [`SpectralError`]; `out` then has no meaning.
    ///
    /// # Panics
    ///
    /// Panics if a slice is not of the size given to [`MatrixFunction::new`].
    pub fn apply(
        &mut self,
        step: f64,
        hessian: &[Complex64],
        gradient: &[Complex64],
        out: &mut [Complex64],
    ) -> Result<(), SpectralError> {
        let n = self.dimension;
        assert!(hessian.len() == n * n && gradient.len() == n && out.len() == n, "slices must fit dimension {n}");
        self.shifted.clear();
        if !(hessian.iter().all(|x| x.is_finite()) && gradient.iter().all(|x| x.is_finite())) {
            return Err(SpectralError::NotFinite);
        }
        if gradient.iter().all(|x| *x == Complex64::ZERO) {
            out.fill(Complex64::ZERO);
            return Ok(());
        }
        self.in_range(step, hessian)?;
        match (&self.alpha, n) {
            (Alpha::Polynomial(_), _) => self.horner(step, hessian, gradient, out),
            (_, 1) => out[0] = self.along(step * hessian[0], gradient[0])?,
            (_, 2) => self.closed_form(step, hessian, gradient, out)?,
            _ if hessian.iter().all(|x| x.im == 0.0) => self.real(step, hessian, gradient, out)?,
            _ if self.function.is_some() => {
                let Some(f) = self.function.clone() else { return Err(SpectralError::NotFinite) };
                self.parlett(&*f, step, hessian, gradient, out)?;
            }
            _ => self.complex(step, hessian, gradient, out)?,
        }
        Ok(())
    }

    /// [`MatrixFunction::apply`] to any square matrix, symmetric or not, always by its Schur form.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// As there.
    pub(super) fn apply_general(
        &mut self,
        step: f64,
        matrix: &[Complex64],
        vector: &[Complex64],
        out: &mut [Complex64],
    ) -> Result<(), SpectralError> {
        let n = self.dimension;
        assert!(matrix.len() == n * n && vector.len() == n && out.len() == n, "slices must fit dimension {n}");
        self.shifted.clear();
        if !(matrix.iter().all(|x| x.is_finite()) && vector.iter().all(|x| x.is_finite())) {
            return Err(SpectralError::NotFinite);
        }
        self.in_range(step, matrix)?;
        match self.function.clone() {
            _ if matches!(self.alpha, Alpha::Polynomial(_)) => self.horner(step, matrix, vector, out),
            Some(f) => self.parlett(&*f, step, matrix, vector, out)?,
            None => self.complex(step, matrix, vector, out)?,
        }
        Ok(())
    }

    /// Whether quotients by the eigenvalues are what they should be; polynomials have none.
    fn in_range(&self, step: f64, matrix: &[Complex64]) -> Result<(), SpectralError> {
        let is_far = |x: &Complex64| !((step * x.re).abs() < FAR && (step * x.im).abs() < FAR);
        let divides = !matches!(self.alpha, Alpha::Polynomial(_));
        if divides && matrix.iter().any(is_far) { Err(SpectralError::OutOfRange) } else { Ok(()) }
    }

    /// The distance of the closest `hλ` to the branch point 1 in the last evaluation, if it found the spectrum.
    ///
    /// The logarithm's relative condition number there is about the inverse of `|1 − hλ| |log(1 − hλ)|`.
    #[must_use]
    pub fn distance_to_branch_point(&self) -> Option<f64> {
        if self.function.is_some() {
            return None;
        }
        self.shifted.iter().map(|m| m.norm()).reduce(f64::min)
    }

    /// `1 − hλ_i` in the last evaluation, in no particular order; empty where the spectrum was not needed.
    #[must_use]
    pub fn shifted_spectrum(&self) -> &[Complex64] {
        &self.shifted
    }

    fn horner(&mut self, step: f64, hessian: &[Complex64], gradient: &[Complex64], out: &mut [Complex64]) {
        let Alpha::Polynomial(coefficients) = &self.alpha else { return };
        out.fill(Complex64::ZERO);
        for (k, c) in coefficients.iter().rev().enumerate() {
            if k > 0 {
                for (x, row) in self.vector.iter_mut().zip(hessian.chunks_exact(self.dimension)) {
                    *x = row.iter().zip(&*out).map(|(a, b)| a * b).sum();
                }
                for (o, x) in out.iter_mut().zip(&self.vector) {
                    *o = x * step;
                }
            }
            for (o, g) in out.iter_mut().zip(gradient) {
                *o += g * c;
            }
        }
    }

    /// `α(z)` times a component along its eigenvector.
    fn along(&mut self, z: Complex64, component: Complex64) -> Result<Complex64, SpectralError> {
        if let Some(f) = &self.function {
            self.shifted.push(1.0 - z);
            if component == Complex64::ZERO {
                return Ok(component);
            }
            // At a branch point there are values all around; where there are none α is beyond the doubles.
            let around = || [1.0 - 1e-7, 1.0 + 1e-7].iter().any(|x| f.at(x * z).is_some());
            return match f.at(z) {
                Some(value) => Ok(value * component),
                None if z == Complex64::ZERO || around() => Err(SpectralError::BranchPoint),
                None => Err(SpectralError::NotFinite),
            };
        }
        let mu = 1.0 - z;
        self.shifted.push(mu);
        if component == Complex64::ZERO {
            return Ok(Complex64::ZERO);
        }
        if mu == Complex64::ZERO {
            return Err(SpectralError::BranchPoint);
        }
        let jump = self.jump(z, mu);
        let alpha = alpha_at(z, mu);
        Ok(if jump == Complex64::ZERO { alpha } else { alpha + jump } * component)
    }

    fn real(
        &mut self,
        step: f64,
        hessian: &[Complex64],
        gradient: &[Complex64],
        out: &mut [Complex64],
    ) -> Result<(), SpectralError> {
        let n = self.dimension;
        if !self.symmetric.decompose(|i, j| step * hessian[i * n + j].re) {
            return Err(SpectralError::NoConvergence);
        }
        out.fill(Complex64::ZERO);
        for k in 0..n {
            let component: Complex64 = gradient.iter().enumerate().map(|(i, g)| g * self.symmetric.vector(k, i)).sum();
            let scaled = self.along(self.symmetric.values()[k].into(), component)?;
            for (i, o) in out.iter_mut().enumerate() {
                *o += scaled * self.symmetric.vector(k, i);
            }
        }
        Ok(())
    }
}
