//! The resummed principal flow as the logarithm of a jet.

use super::error::SpectralError;
use super::jet::{Jet, NEAR_IDENTITY};
use super::schur::Schur;
use super::symmetric::SymmetricEigen;
use super::tensor::{Shape, pull_back};
use super::triangle::{distance_to_identity, sqrt, sqrt_past_cut, triangular_root};
use num_complex::Complex64;

/// More roots than the logarithm of any float needs.
const MAX_ROOTS: usize = 100;

/// Which logarithm of a step a resummed flow takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// Of one step, with the cut of [`log_one_minus`](super::log_one_minus): the complex flow.
    One,
    /// Half of that of two steps, `ℓ_i = log|μ_i|`: a real flow, for real matrices only.
    Two,
}

/// Evaluates the field that sums the principal terms and all terms with exactly one derivative beyond the Hessian.
///
/// In the eigenbasis of H, with `λ_i` for `hλ_i`, `μ_i = 1 − λ_i` and `φ_k` of [`phi`](super::phi),
///
/// ```text
/// f̃ = α(hH) g − (h²/2) Σ_jk T_ijk g_j g_k φ_2(λ_i; λ_j, λ_k) − (h³/6) Σ_jkl E4_ijkl g_j g_k g_l φ_3(λ_i; λ_j, λ_k, λ_l),
/// ```
///
/// the last sum only with a fourth derivative. No eigenvector is used, since a complex symmetric H may lack them: f̃ is the logarithm
/// of the step `x ↦ x − h (g + Hx + ε(½ T[x,x] + 1/6 E4[x,x,x]))` to first order in ε, found by inverse scaling and squaring of jets
/// (for matrices: Higham, *Functions of Matrices*, 2008, chapter 11). The root for composition of `x ↦ Mx + a + ε S(x)`, S a
/// polynomial, is `x ↦ Rx + b + ε P(x)` with
///
/// ```text
/// R² = M,    (R + I) b = a,    R P(x) + P(Rx + b) = S(x),
/// ```
///
/// in Schur form triangular systems for the coefficients of P whose pivots are `ρ_i + Π_s ρ_{j_s}`. Near the identity the trajectory is a
/// smooth function of the step number, and its derivative at 0 a central difference. All of this is stable for tiny and
/// equal eigenvalues and for defective H; a pivot vanishes only at a true resonance, `Π_s μ_{j_s} = μ_i` with
/// `Σ_s ℓ_{j_s} ≠ ℓ_i`, at the first root. The cost is that of D⁴ operations per root (D⁵ with a fourth derivative). No method
/// allocates.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::spectral::{Resummed, Steps};
/// // E = x + ½T/3 x³ at 0: H = 0, and what is left of f̃ is −g − h²/12 T g².
/// let one = [Complex64::ONE];
/// let mut field = one;
/// Resummed::new(1, Steps::One, false).apply(0.1, &one, &[Complex64::ZERO], &one, &[], &mut field)?;
/// assert!((field[0].re + 1.0 + 0.01 / 12.0).abs() < 1e-15);
/// # Ok::<(), shadowflow::spectral::SpectralError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Resummed {
    dimension: usize,
    steps: Steps,
    cubic: bool,
    symmetric: SymmetricEigen,
    schur: Schur,
    /// The Schur vectors of the last matrix, row-major.
    basis: Vec<Complex64>,
    /// The linear part of the jet.
    r: Vec<Complex64>,
    column: Vec<Complex64>,
    /// `1 − hλ_i` of the last evaluation, and their roots.
    shifted: Vec<Complex64>,
    rho: Vec<Complex64>,
    jet: Jet,
    logarithm: Vec<Complex64>,
}

impl Resummed {
    /// An evaluator for D×D matrices, with the terms of the fourth derivative (`cubic`) or without.
    #[must_use]
    pub fn new(dimension: usize, steps: Steps, cubic: bool) -> Self {
        let n = dimension;
        let zeros = |size: usize| vec![Complex64::ZERO; size];
        Self {
            dimension,
            steps,
            cubic,
            symmetric: SymmetricEigen::new(n),
            schur: Schur::new(n),
            basis: zeros(n * n),
            r: zeros(n * n),
            column: zeros(n),
            shifted: Vec::with_capacity(n),
            rho: Vec::with_capacity(n),
            jet: Jet::new(n, cubic),
            logarithm: zeros(n),
        }
    }

    /// Writes f̃ to `out`; the Hessian and the higher derivatives are row-major and symmetric, `fourth` is read only with cubic terms.
    ///
    /// # Errors
    /// [`SpectralError::BranchPoint`] where some `hλ = 1`, [`SpectralError::Resonance`] at a true resonance,
    /// [`SpectralError::NotReal`] for two steps from what is not real; `out` then has no meaning.
    ///
    /// # Panics
    /// If a slice is not of the size given to [`Resummed::new`].
    pub fn apply(
        &mut self,
        h: f64,
        gradient: &[Complex64],
        hessian: &[Complex64],
        third: &[Complex64],
        fourth: &[Complex64],
        out: &mut [Complex64],
    ) -> Result<(), SpectralError> {
        self.apply_beyond(None, h, gradient, hessian, third, fourth, out)
    }

    /// [`Resummed::apply`], with the logarithm of one eigenvalue, by its place in [`Resummed::shifted_spectrum`], on the sheet of the other side
    /// of the cut; for one step only.
    ///
    /// # Errors
    /// As [`Resummed::apply`].
    ///
    /// # Panics
    /// As [`Resummed::apply`].
    #[expect(clippy::too_many_arguments, reason = "those of the field and which sheet")]
    pub fn apply_beyond(
        &mut self,
        beyond: Option<usize>,
        h: f64,
        gradient: &[Complex64],
        hessian: &[Complex64],
        third: &[Complex64],
        fourth: &[Complex64],
        out: &mut [Complex64],
    ) -> Result<(), SpectralError> {
        let n = self.dimension;
        let fourth = if self.cubic { fourth } else { &[] };
        assert!(gradient.len() == n && out.len() == n && hessian.len() == n * n, "slices must fit dimension {n}");
        assert!(third.len() == n * n * n && fourth.len() == self.jet.cubed.len(), "tensors must fit dimension {n}");
        self.shifted.clear();
        self.rho.clear();
        if ![gradient, hessian, third, fourth].iter().all(|v| v.iter().all(|x| x.is_finite())) {
            return Err(SpectralError::NotFinite);
        }
        if gradient.iter().all(|x| *x == Complex64::ZERO) {
            out.fill(Complex64::ZERO);
            return Ok(());
        }
        let is_real = |v: &[Complex64]| v.iter().all(|x| x.im == 0.0);
        let shape = if is_real(hessian) { Shape::Diagonal } else { Shape::Upper };
        if self.steps == Steps::Two && !(shape == Shape::Diagonal && is_real(gradient)) {
            return Err(SpectralError::NotReal);
        }
        self.decompose(h, hessian, shape)?;
        self.start(h, gradient, third, fourth);
        let mut scale = 1.0 / h;
        if self.steps == Steps::Two {
            self.jet.square(&self.shifted);
            for (i, m) in self.shifted.iter().enumerate() {
                self.r[i * n + i] = m * m;
            }
            scale = 0.5 / h;
        }
        for level in 0..MAX_ROOTS {
            // The first root is always taken: resonances show there.
            if level > 0 && distance_to_identity(&self.r, n) < NEAR_IDENTITY {
                break;
            }
            let past_cut = level == 0 && self.steps == Steps::One;
            // The root with the other sign has the argument of the next sheet, halved.
            triangular_root(&mut self.r, &mut self.column, |i, w| match (past_cut, beyond == Some(i)) {
                (true, true) => -sqrt_past_cut(w),
                (true, false) => sqrt_past_cut(w),
                (false, _) => sqrt(w),
            });
            if past_cut {
                self.rho.extend((0..n).map(|i| self.r[i * n + i]));
            }
            self.jet.root(&self.r, shape);
            scale *= 2.0;
        }
        self.jet.logarithm(&self.r, shape, &mut self.logarithm);
        for (row, o) in self.basis.chunks_exact(n).zip(&mut *out) {
            *o = row.iter().zip(&self.logarithm).map(|(q, l)| q * l).sum::<Complex64>() * scale;
        }
        if out.iter().all(|x| x.is_finite()) {
            return Ok(());
        }
        Err(if self.closest_resonance() == Some(0.0) { SpectralError::Resonance } else { SpectralError::NotFinite })
    }

    /// `1 − hλ_i` in the last evaluation, in no particular order.
    #[must_use]
    pub fn shifted_spectrum(&self) -> &[Complex64] {
        &self.shifted
    }

    /// The distance of the closest `hλ` to the branch point 1 in the last evaluation.
    #[must_use]
    pub fn distance_to_branch_point(&self) -> Option<f64> {
        self.shifted.iter().map(|m| m.norm()).reduce(f64::min)
    }

    /// The distance `|Π_s μ_{j_s} − μ_i|` of the closest true resonance in the last evaluation, one with `Σ_s ℓ_{j_s} ≠ ℓ_i`: the field
    /// has a term in the order of one over it. `None` where there is none, as always for two steps.
    #[must_use]
    pub fn closest_resonance(&self) -> Option<f64> {
        let mut closest = f64::INFINITY;
        let mut compare = |p: Complex64| {
            for s in &self.rho {
                // s² = p² with s = −p: the logarithms differ by 2πi there.
                let (sum, difference) = (s + p, s - p);
                if sum.norm_sqr() < difference.norm_sqr() {
                    closest = closest.min(sum.norm() * difference.norm());
                }
            }
        };
        for (j, a) in self.rho.iter().enumerate() {
            for (k, b) in self.rho.iter().enumerate().skip(j) {
                compare(a * b);
                if self.cubic {
                    self.rho[k..].iter().for_each(|c| compare(a * b * c));
                }
            }
        }
        (closest < f64::INFINITY).then_some(closest)
    }

    /// `I − hH = Q R Qᴴ`, `Q` in `basis`.
    fn decompose(&mut self, h: f64, hessian: &[Complex64], shape: Shape) -> Result<(), SpectralError> {
        let n = self.dimension;
        if shape == Shape::Diagonal {
            if !self.symmetric.decompose(|i, j| h * hessian[i * n + j].re) {
                return Err(SpectralError::NoConvergence);
            }
            self.r.fill(Complex64::ZERO);
            for j in 0..n {
                self.r[j * n + j] = (1.0 - self.symmetric.values()[j]).into();
                for i in 0..n {
                    self.basis[i * n + j] = self.symmetric.vector(j, i).into();
                }
            }
        } else {
            for (k, (t, x)) in self.schur.t.iter_mut().zip(hessian).enumerate() {
                *t = if k % (n + 1) == 0 { 1.0 - h * x } else { -h * x };
            }
            if !self.schur.decompose() {
                return Err(SpectralError::NoConvergence);
            }
            self.r.copy_from_slice(&self.schur.t);
            for (j, column) in self.schur.vectors().chunks_exact(n).enumerate() {
                for (i, q) in column.iter().enumerate() {
                    self.basis[i * n + j] = *q;
                }
            }
        }
        self.shifted.extend((0..n).map(|i| self.r[i * n + i]));
        if self.shifted.contains(&Complex64::ZERO) { Err(SpectralError::BranchPoint) } else { Ok(()) }
    }

    /// The step in the Schur basis: `a = −h Qᴴg`, `S(x) = −h Qᴴ(½ T[Qx, Qx] + 1/6 E4[Qx, Qx, Qx])`.
    fn start(&mut self, h: f64, gradient: &[Complex64], third: &[Complex64], fourth: &[Complex64]) {
        let (n, jet) = (self.dimension, &mut self.jet);
        into_basis(&self.basis, n, -h, gradient, &mut jet.shift, 0, &mut jet.work);
        into_basis(&self.basis, n, -h / 2.0, third, &mut jet.quadratic, 2, &mut jet.work);
        into_basis(&self.basis, n, -h / 6.0, fourth, &mut jet.cubed, 3, &mut jet.work);
        jet.reset();
    }
}

/// `factor · Qᴴ` on the first index of a tensor and `Q` on the `others`.
fn into_basis(
    q: &[Complex64],
    n: usize,
    factor: f64,
    from: &[Complex64],
    to: &mut [Complex64],
    others: usize,
    work: &mut [Complex64],
) {
    let size = from.len() / n;
    if size == 0 {
        return;
    }
    for (j, block) in to.chunks_exact_mut(size).enumerate() {
        block.fill(Complex64::ZERO);
        for (i, from) in from.chunks_exact(size).enumerate() {
            let weight = q[i * n + j].conj() * factor;
            for (b, f) in block.iter_mut().zip(from) {
                *b += weight * f;
            }
        }
        pull_back(block, q, n, Shape::Dense, others, work);
    }
}
