//! `log(1 − hH)/(hH) g` of a complex matrix, by inverse scaling and squaring.

use super::super::error::SpectralError;
use super::super::large::SMALL;
use super::super::triangle::{distance_to_identity, solve, sqrt, sqrt_past_cut, triangular_root};
use super::MatrixFunction;
use num_complex::Complex64;

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

impl MatrixFunction {
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

    /// From the Schur form of `I − hH`; [`MatrixFunction`] has the formulas.
    pub(super) fn complex(
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
        self.schur.enter(gradient, &mut self.vector);
        for x in &mut self.vector {
            *x = -*x;
        }
        let spread = self.add_jumps()?;
        let (x, y, work) = (&mut self.vector, &mut self.solution, &mut self.left);
        let mut scale = 1.0;
        // The bound is never met for matrices whose logarithm has entries near overflow; they end as not finite.
        for halving in 0..100 {
            if distance_to_identity(&self.schur.t, n) < 0.3 {
                break;
            }
            // Only the first root sees our cut: after it, arguments lie in [−π/4, 3π/4) and the principal root halves them.
            triangular_root(&mut self.schur.t, y, |_, w| if halving == 0 { sqrt_past_cut(w) } else { sqrt(w) });
            solve(&self.schur.t, n, 1.0, 1.0, x, y);
            std::mem::swap(x, y);
            scale *= 2.0;
        }
        out.fill(Complex64::ZERO);
        if !spread {
            self.added.fill(Complex64::ZERO);
        }
        // log(1+w)/w = ∫₀¹ ds/(1 + s w), and 1 + s w = (1−s) + s r.
        for (node, weight) in GAUSS_LEGENDRE {
            solve(&self.schur.t, n, 1.0 - node, node, x, y);
            if n > SMALL {
                for (a, y) in self.added.iter_mut().zip(&*y) {
                    *a += y * (weight * scale);
                }
            } else {
                self.schur.add_back(weight * scale, y, out, work);
            }
        }
        if spread || n > SMALL {
            self.schur.add_back(1.0, &mut self.added, out, work);
        }
        if out.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite) }
    }
}
