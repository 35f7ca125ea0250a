//! `α(hH) g`: a function of a symmetric matrix times a vector.

use super::SpectralFunction;
use super::alpha::{Alpha, alpha_at, divided_difference_at};
use super::analytic::Spread;
use super::cut::Cut;
use super::schur::Schur;
use super::symmetric::SymmetricEigen;
use num_complex::Complex64;
use std::f64::consts::TAU;
use std::sync::Arc;

/// Why `α(hH) g` has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpectralError {
    /// Some `hλ` is at a branch point or pole of α to the last bit; the logarithm's is 1, where the field is infinite.
    #[error("an eigenvalue of hH is at a branch point of α (for log(1-z): 1), where the field is infinite")]
    BranchPoint,
    /// The Hessian, the gradient or what is made of them is not finite.
    #[error("the loss, its derivatives or the field have no finite value")]
    NotFinite,
    /// Eigenvalues of a complex Hessian lie too close together for the function of it to be computed.
    #[error("eigenvalues of the complex Hessian lie too close together for its function to be computed")]
    IllConditioned,
    /// A product of some `1 − hλ` equals another and its logarithm does not: a term of the resummed flow is infinite.
    #[error(
        "a product of values 1 - hλ equals another one on another sheet of the logarithm, where the resummed flow is infinite"
    )]
    Resonance,
    /// The flow of two steps is a real one.
    #[error("the flow of two steps is real: it has no value at complex states")]
    NotReal,
    /// The eigenvalue iteration did not converge, which a finite matrix is not known to cause.
    #[error("an eigenvalue iteration did not converge")]
    NoConvergence,
}

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
        // The closed forms and Horner's rule need no decomposition.
        let workspace = if dimension > 2 && !matches!(alpha, Alpha::Polynomial(_)) { dimension } else { 0 };
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
            return Ok(f.at(z).ok_or(SpectralError::BranchPoint)? * component);
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

    fn closed_form(
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

    /// `Q F Qᴴ g` with `F = f(T)` from the Schur form `hH = Q T Qᴴ`.
    fn parlett(
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
        let (t, q, r) = (&self.schur.t, &self.schur.q, &mut self.triangle);
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
        for (j, x) in self.vector.iter_mut().enumerate() {
            *x = (0..n).map(|i| q[i * n + j].conj() * gradient[i]).sum();
        }
        for (i, y) in self.solution.iter_mut().enumerate() {
            *y = (i..n).map(|j| r[i * n + j] * self.vector[j]).sum();
        }
        for (i, o) in out.iter_mut().enumerate() {
            *o = (0..n).map(|j| q[i * n + j] * self.solution[j]).sum();
        }
        if out.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite) }
    }

    /// What the spread jumps add, in the Schur basis: `Σ_k jump_k v_k (w_kᵀ Qᴴg)`, v and w right and left eigenvectors of the triangular factor; whether
    /// there is anything. The gradient is in `vector`, with its sign changed.
    fn add_jumps(&mut self) -> Result<bool, SpectralError> {
        let n = self.dimension;
        let mut any = false;
        for k in 0..n {
            let own = self.shifted[k];
            let jump = self.jump(1.0 - own, own);
            if jump == Complex64::ZERO {
                continue;
            }
            if !any {
                self.added.fill(Complex64::ZERO);
                any = true;
            }
            let r = &self.schur.t;
            let over = |rest: Complex64, gap: Complex64| match (rest == Complex64::ZERO, gap == Complex64::ZERO) {
                (true, _) => Ok(rest),
                (false, true) => Err(SpectralError::IllConditioned),
                (false, false) => Ok(-rest / gap),
            };
            self.left.fill(Complex64::ZERO);
            self.right.fill(Complex64::ZERO);
            (self.left[k], self.right[k]) = (Complex64::ONE, Complex64::ONE);
            for i in (0..k).rev() {
                let rest = (i + 1..=k).map(|j| r[i * n + j] * self.right[j]).sum();
                self.right[i] = over(rest, r[i * n + i] - own)?;
            }
            for j in k + 1..n {
                let rest = (k..j).map(|i| self.left[i] * r[i * n + j]).sum();
                self.left[j] = over(rest, r[j * n + j] - own)?;
            }
            let component: Complex64 = self.left[k..].iter().zip(&self.vector[k..]).map(|(w, x)| w * x).sum();
            for (a, v) in self.added.iter_mut().zip(&self.right) {
                *a -= jump * component * v;
            }
        }
        Ok(any)
    }

    fn complex(
        &mut self,
        step: f64,
        hessian: &[Complex64],
        gradient: &[Complex64],
        out: &mut [Complex64],
    ) -> Result<(), SpectralError> {
        let n = self.dimension;
        for (k, (t, x)) in self.schur.t.iter_mut().zip(hessian).enumerate() {
            *t = if k % (n + 1) == 0 { 1.0 - step * x } else { -step * x };
        }
        if !self.schur.decompose() {
            return Err(SpectralError::NoConvergence);
        }
        self.shifted.extend((0..n).map(|i| self.schur.t[i * n + i]));
        if self.shifted.contains(&Complex64::ZERO) {
            return Err(SpectralError::BranchPoint);
        }
        for (j, x) in self.vector.iter_mut().enumerate() {
            *x = -(0..n).map(|i| self.schur.q[i * n + j].conj() * gradient[i]).sum::<Complex64>();
        }
        let spread = self.add_jumps()?;
        let (r, q, x, y) = (&mut self.schur.t, &self.schur.q, &mut self.vector, &mut self.solution);
        let mut scale = 1.0;
        // The bound is never met for matrices whose logarithm has entries near overflow; they end as not finite.
        for halving in 0..100 {
            if distance_to_identity(r, n) < 0.3 {
                break;
            }
            // Only the first root sees our cut: after it, arguments lie in [−π/4, 3π/4) and the principal root halves them.
            triangular_root(r, n, |_, w| if halving == 0 { sqrt_past_cut(w) } else { sqrt(w) });
            solve(r, n, 1.0, 1.0, x, y);
            std::mem::swap(x, y);
            scale *= 2.0;
        }
        out.fill(Complex64::ZERO);
        // log(1+w)/w = ∫₀¹ ds/(1 + s w), and 1 + s w = (1−s) + s r.
        for (node, weight) in GAUSS_LEGENDRE {
            solve(r, n, 1.0 - node, node, x, y);
            for (i, o) in out.iter_mut().enumerate() {
                let back: Complex64 = (0..n).map(|j| q[i * n + j] * y[j]).sum();
                *o += back * (weight * scale);
            }
        }
        if spread {
            for (i, o) in out.iter_mut().enumerate() {
                *o += (0..n).map(|j| q[i * n + j] * self.added[j]).sum::<Complex64>();
            }
        }
        if out.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite) }
    }
}

/// Sums in Parlett's recurrence below this share of their terms are rounding.
const ROUNDING: f64 = 1e-14;

/// Eigenvalues closer than this share of the matrix leave fewer than about seven digits.
const SMALLEST_GAP: f64 = 1e-7;

/// Nodes and weights of the eight-point rule on [0, 1]; its error for `log(1+w)/w`, `|w| < 0.3`, is below 1e-16.
const GAUSS_LEGENDRE: [(f64, f64); 8] = [
    (0.019855071751231884, 0.05061426814518813),
    (0.10166676129318664, 0.11119051722668724),
    (0.2372337950418355, 0.15685332293894363),
    (0.4082826787521751, 0.181341891689181),
    (0.591717321247825, 0.181341891689181),
    (0.7627662049581645, 0.15685332293894363),
    (0.8983332387068134, 0.11119051722668724),
    (0.9801449282487681, 0.05061426814518813),
];

/// The largest row sum of moduli of the upper triangular `R − I`.
pub(super) fn distance_to_identity(r: &[Complex64], n: usize) -> f64 {
    (0..n)
        .map(|i| (r[i * n + i] - 1.0).norm() + r[i * n + i + 1..(i + 1) * n].iter().map(|x| x.norm()).sum::<f64>())
        .fold(0.0, f64::max)
}

/// Replaces an upper triangular matrix by its square root (Björck & Hammarling 1983).
pub(super) fn triangular_root(r: &mut [Complex64], n: usize, root: impl Fn(usize, Complex64) -> Complex64) {
    for j in 0..n {
        r[j * n + j] = root(j, r[j * n + j]);
        for i in (0..j).rev() {
            let inner: Complex64 = (i + 1..j).map(|k| r[i * n + k] * r[k * n + j]).sum();
            let rest = r[i * n + j] - inner;
            // Guarded so that a zero entry needs no quotient, whatever the diagonal.
            r[i * n + j] = if rest == Complex64::ZERO { rest } else { rest / (r[i * n + i] + r[j * n + j]) };
        }
    }
}

/// Solves `(identity · I + factor · R) y = x` for upper triangular `R`.
fn solve(r: &[Complex64], n: usize, identity: f64, factor: f64, x: &[Complex64], y: &mut [Complex64]) {
    for i in (0..n).rev() {
        let inner: Complex64 = (i + 1..n).map(|k| r[i * n + k] * y[k]).sum();
        y[i] = (x[i] - inner * factor) / (identity + r[i * n + i] * factor);
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

    fn c(re: f64, im: f64) -> Complex64 {
        Complex64::new(re, im)
    }

    fn apply(alpha: Alpha, n: usize, hessian: &[Complex64], g: &[Complex64]) -> Result<Vec<Complex64>, SpectralError> {
        let mut out = vec![Complex64::ZERO; n];
        MatrixFunction::new(alpha, n).apply(1.0, hessian, g, &mut out)?;
        Ok(out)
    }

    fn diagonal(entries: &[f64]) -> Vec<Complex64> {
        let n = entries.len();
        (0..n * n).map(|k| if k % (n + 1) == 0 { entries[k / n].into() } else { Complex64::ZERO }).collect()
    }

    #[test]
    fn the_branch_point_is_reported() {
        for entries in [&[1.0][..], &[1.0, 0.5], &[0.5, 1.0, 2.0], &[0.5, 0.25, 1.0, 3.0]] {
            let n = entries.len();
            let ones = vec![Complex64::ONE; n];
            let mut hessian = diagonal(entries);
            assert_eq!(apply(Alpha::Logarithm, n, &hessian, &ones), Err(SpectralError::BranchPoint));
            assert!(apply(Alpha::principal(3), n, &hessian, &ones).is_ok());
            // Without a component there, the field is finite.
            let masked: Vec<_> = entries.iter().map(|e| c(f64::from(u8::from(*e != 1.0)), 0.0)).collect();
            let out = apply(Alpha::Logarithm, n, &hessian, &masked).unwrap();
            assert!(out.iter().zip(entries).all(|(o, e)| (*e != 1.0) == (*o != Complex64::ZERO)));
            // The complex path.
            if n > 2 {
                let at = entries.iter().position(|e| *e != 1.0).unwrap() * (n + 1);
                hessian[at].im = 0.25;
                assert_eq!(apply(Alpha::Logarithm, n, &hessian, &ones), Err(SpectralError::BranchPoint));
            }
        }
        // 5/4 and 1/4 and their like off the diagonal: eigenvalues 1 and 3/2.
        let hessian = [c(1.25, 0.0), c(0.25, 0.0), c(0.25, 0.0), c(1.25, 0.0)];
        assert_eq!(apply(Alpha::Logarithm, 2, &hessian, &[Complex64::ONE; 2]), Err(SpectralError::BranchPoint));
    }

    #[test]
    fn nothing_but_finite_input_is_taken() {
        for n in 1..4 {
            let mut hessian = diagonal(&vec![0.5; n]);
            hessian[0].im = f64::NAN;
            assert_eq!(apply(Alpha::Logarithm, n, &hessian, &vec![Complex64::ONE; n]), Err(SpectralError::NotFinite));
            let g = vec![c(f64::INFINITY, 0.0); n];
            assert_eq!(apply(Alpha::principal(1), n, &diagonal(&vec![0.5; n]), &g), Err(SpectralError::NotFinite));
        }
    }

    #[test]
    fn a_zero_gradient_is_an_equilibrium_even_at_the_branch_point() {
        let zero = vec![Complex64::ZERO; 3];
        assert_eq!(apply(Alpha::Logarithm, 3, &diagonal(&[1.0, 1.0, 1.0]), &zero), Ok(zero.clone()));
    }

    #[test]
    fn real_input_below_the_branch_point_stays_real() {
        let wave = |n: usize| -> Vec<Complex64> {
            (0..n * n).map(|k| c(((k / n + k % n) as f64).sin() / n as f64, 0.0)).collect()
        };
        for n in 1..6 {
            let out = apply(Alpha::Logarithm, n, &wave(n), &vec![Complex64::ONE; n]).unwrap();
            assert!(out.iter().all(|x| x.im == 0.0));
        }
    }

    #[test]
    fn the_halved_argument_matches_the_cut() {
        for k in 0..63 {
            let w = Complex64::from_polar(2.0, f64::from(k) * 0.1 - 1.5);
            let root = sqrt_past_cut(w);
            let half = Complex64::from_polar(2f64.sqrt(), (f64::from(k) * 0.1 - 1.5) / 2.0);
            assert!((root - half).norm() < 1e-15, "{w}");
        }
        assert!((sqrt_past_cut(c(-4.0, -0.0)) - c(0.0, 2.0)).norm() < 1e-15);
        assert!((sqrt_past_cut(c(-4.0, 0.0)) - c(0.0, 2.0)).norm() < 1e-15);
    }
}
