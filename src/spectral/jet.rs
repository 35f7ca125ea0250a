//! Steps near a point, to first order in what is not affine: their roots for composition and their logarithm.

use super::tensor::{Shape, contract_last, divide, multiply, pull_back, solve_form, solve_rows};
use num_complex::Complex64;

/// `p′(0) = Σ_k w_k (p(k) − p(−k))` for polynomials of degree 14: `w_k = (−1)^{k+1} (M!)²/(k (M−k)! (M+k)!)`, M = 7.
///
/// For jets within [`NEAR_IDENTITY`] of the identity what it leaves out is below the rounding.
const WEIGHTS: [f64; 7] =
    [7.0 / 8.0, -7.0 / 24.0, 7.0 / 72.0, -7.0 / 264.0, 7.0 / 1320.0, -7.0 / 10296.0, 1.0 / 24024.0];

/// Roots are taken until `R − I` has a norm below this.
pub(super) const NEAR_IDENTITY: f64 = 0.025;

/// The map `x ↦ R x + a + ε S(x)` to first order in ε, with `S(x) = c + Bx + q[x,x] + r[x,x,x]`; the triangular R is the caller's.
#[derive(Debug, Clone)]
pub(super) struct Jet {
    dimension: usize,
    cubic: bool,
    /// `a`.
    pub(super) shift: Vec<Complex64>,
    constant: Vec<Complex64>,
    linear: Vec<Complex64>,
    /// `q`, symmetric in its last two indices.
    pub(super) quadratic: Vec<Complex64>,
    /// `r`, symmetric in its last three indices; empty without cubic terms.
    pub(super) cubed: Vec<Complex64>,
    value: Vec<Complex64>,
    pair: Vec<Complex64>,
    triple: Vec<Complex64>,
    pub(super) work: Vec<Complex64>,
    x: Vec<Complex64>,
    y: Vec<Complex64>,
}

impl Jet {
    pub(super) fn new(dimension: usize, cubic: bool) -> Self {
        let n = dimension;
        let zeros = |size: usize| vec![Complex64::ZERO; size];
        let work = if cubic { (n * n * n).max(2 * n * n + 2 * n) } else { (n * n).max(2 * n) };
        Self {
            dimension,
            cubic,
            shift: zeros(n),
            constant: zeros(n),
            linear: zeros(n * n),
            quadratic: zeros(n * n * n),
            cubed: zeros(if cubic { n * n * n * n } else { 0 }),
            value: zeros(n),
            pair: zeros(n * n),
            triple: zeros(n * n * n),
            work: zeros(work),
            x: zeros(n),
            y: zeros(n),
        }
    }

    /// Forgets the constant and linear terms of S, which a step has not.
    pub(super) fn reset(&mut self) {
        self.linear.fill(Complex64::ZERO);
        self.constant.fill(Complex64::ZERO);
    }

    /// From the step to two of them, `S ← M S(x) + S(Mx + a)`, where `M = diag μ` and S has no terms below degree 2.
    pub(super) fn square(&mut self, mu: &[Complex64]) {
        let n = self.dimension;
        contract_last(&self.quadratic, &self.shift, &mut self.pair);
        contract_last(&self.pair, &self.shift, &mut self.constant);
        for (k, (b, q)) in self.linear.iter_mut().zip(&self.pair).enumerate() {
            *b = 2.0 * q * mu[k % n];
        }
        for (k, q) in self.quadratic.iter_mut().enumerate() {
            *q *= mu[k / (n * n)] + mu[k / n % n] * mu[k % n];
        }
        if self.cubic {
            contract_last(&self.cubed, &self.shift, &mut self.triple);
            contract_last(&self.triple, &self.shift, &mut self.pair);
            contract_last(&self.pair, &self.shift, &mut self.value);
            for (k, (q, r)) in self.quadratic.iter_mut().zip(&self.triple).enumerate() {
                *q += 3.0 * r * mu[k / n % n] * mu[k % n];
            }
            for (k, (b, r)) in self.linear.iter_mut().zip(&self.pair).enumerate() {
                *b += 3.0 * r * mu[k % n];
            }
            for (c, r) in self.constant.iter_mut().zip(&self.value) {
                *c += r;
            }
            for (k, r) in self.cubed.iter_mut().enumerate() {
                *r *= mu[k / (n * n * n)] + mu[k / (n * n) % n] * mu[k / n % n] * mu[k % n];
            }
        }
        for (a, m) in self.shift.iter_mut().zip(mu) {
            *a *= 1.0 + m;
        }
    }

    /// From the jet of the map to that of its root, whose linear part is `r`; degree by degree from the highest.
    pub(super) fn root(&mut self, r: &[Complex64], shape: Shape) {
        let n = self.dimension;
        let work = &mut self.work;
        solve_rows(r, n, shape, &mut self.shift, |pivot, a| a[0] /= pivot + 1.0);
        if self.cubic {
            solve_rows(r, n, shape, &mut self.cubed, |own, s| {
                solve_form(Complex64::ONE, own, r, n, shape, s, 3, work);
            });
            contract_last(&self.cubed, &self.shift, &mut self.triple);
            contract_last(&self.triple, &self.shift, &mut self.pair);
            contract_last(&self.pair, &self.shift, &mut self.value);
            for block in self.triple.chunks_exact_mut(n * n) {
                pull_back(block, r, n, shape, 2, work);
            }
            subtract(&mut self.quadratic, 3.0, &self.triple);
            pull_back_rows(&mut self.pair, r, n, shape, work);
            subtract(&mut self.linear, 3.0, &self.pair);
            subtract(&mut self.constant, 1.0, &self.value);
        }
        solve_rows(r, n, shape, &mut self.quadratic, |own, s| {
            solve_form(Complex64::ONE, own, r, n, shape, s, 2, work);
        });
        contract_last(&self.quadratic, &self.shift, &mut self.pair);
        contract_last(&self.pair, &self.shift, &mut self.value);
        pull_back_rows(&mut self.pair, r, n, shape, work);
        subtract(&mut self.linear, 2.0, &self.pair);
        subtract(&mut self.constant, 1.0, &self.value);
        solve_rows(r, n, shape, &mut self.linear, |own, s| {
            solve_form(Complex64::ONE, own, r, n, shape, s, 1, work);
        });
        contract_last(&self.linear, &self.shift, &mut self.value);
        subtract(&mut self.constant, 1.0, &self.value);
        solve_rows(r, n, shape, &mut self.constant, |pivot, c| c[0] /= pivot + 1.0);
    }

    /// Writes the logarithm at 0 with ε = 1: the derivative by the step number of the trajectory through 0, near the identity.
    pub(super) fn logarithm(&mut self, r: &[Complex64], shape: Shape, out: &mut [Complex64]) {
        let n = self.dimension;
        out.fill(Complex64::ZERO);
        for forward in [true, false] {
            self.x.fill(Complex64::ZERO);
            self.y.fill(Complex64::ZERO);
            for weight in WEIGHTS {
                if forward {
                    self.evaluate();
                    multiply(r, n, shape, &mut self.x);
                    multiply(r, n, shape, &mut self.y);
                    subtract(&mut self.x, -1.0, &self.shift);
                    subtract(&mut self.y, -1.0, &self.value);
                } else {
                    subtract(&mut self.x, 1.0, &self.shift);
                    divide(r, n, shape, &mut self.x);
                    self.evaluate();
                    subtract(&mut self.y, 1.0, &self.value);
                    divide(r, n, shape, &mut self.y);
                }
                let weight = if forward { weight } else { -weight };
                subtract(out, -weight, &self.x);
                subtract(out, -weight, &self.y);
            }
        }
    }

    /// `value = S(x)`, by Horner's rule.
    fn evaluate(&mut self) {
        if self.cubic {
            contract_last(&self.cubed, &self.x, &mut self.triple);
            subtract(&mut self.triple, -1.0, &self.quadratic);
            contract_last(&self.triple, &self.x, &mut self.pair);
        } else {
            contract_last(&self.quadratic, &self.x, &mut self.pair);
        }
        subtract(&mut self.pair, -1.0, &self.linear);
        contract_last(&self.pair, &self.x, &mut self.value);
        subtract(&mut self.value, -1.0, &self.constant);
    }
}

fn subtract(from: &mut [Complex64], factor: f64, what: &[Complex64]) {
    for (f, w) in from.iter_mut().zip(what) {
        *f -= w * factor;
    }
}

fn pull_back_rows(pair: &mut [Complex64], r: &[Complex64], n: usize, shape: Shape, work: &mut [Complex64]) {
    for row in pair.chunks_exact_mut(n.max(1)) {
        pull_back(row, r, n, shape, 1, work);
    }
}
