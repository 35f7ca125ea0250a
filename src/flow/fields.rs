//! The vector fields of the flows, put together from a loss's derivatives and functions of its spectrum.

use super::derivatives::{Gradient, Hessian, HessianAction, HessianThird, ThirdAction};
use super::field::{Crossings, CutCrossing, Field};
use super::spectrum_cuts::SpectrumCuts;
use crate::spectral::{Alpha, MatrixFunction, SpectralError, SymmetricEigen};
use num_complex::Complex64;

/// `sign · g`: −1 is the negative gradient flow, +1 the positive one.
#[derive(Debug)]
pub struct GradientField<D> {
    derivatives: D,
    sign: f64,
    cuts: LossCuts,
}

impl<D: Gradient> GradientField<D> {
    /// The field `sign · g`.
    pub fn new(derivatives: D, sign: f64) -> Self {
        let cuts = LossCuts::new(derivatives.dimension());
        Self { derivatives, sign, cuts }
    }
}

impl<D: Gradient> Field for GradientField<D> {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        self.derivatives.gradient(state, out);
        for o in &mut *out {
            *o *= self.sign;
        }
        finite(out)
    }

    fn accept(&mut self, state: &[Complex64], first: bool) -> Crossings {
        Crossings { spectrum: None, loss: self.cuts.crossed(&mut self.derivatives, state, first) }
    }
}

/// `Σ_p c_p (hH)^p g − weight · h² T[g,g]`, by as many products with the Hessian as the highest power.
///
/// | flow | c | weight |
/// |---|---|---|
/// | IGR | −1, −1/2 | 0 |
/// | third order | −1, −1/2, −1/3 | 1/12 |
/// | principal series to order N | −1/(p+1), p ≤ N | 0 |
///
/// (Rosca, Wu, Qin & Dherin 2023, sections 2 to 4.)
#[derive(Debug)]
pub struct PolynomialField<D> {
    derivatives: D,
    h: f64,
    coefficients: Vec<f64>,
    third: Option<AlongGradient<D>>,
    gradient: Vec<Complex64>,
    product: Vec<Complex64>,
    cuts: LossCuts,
}

/// The term of `T[g, g]`, its weight and where it comes from.
#[derive(Debug)]
struct AlongGradient<D> {
    weight: f64,
    write: fn(&mut D, &mut [Complex64]),
}

impl<D: HessianAction> PolynomialField<D> {
    /// The field `Σ_p c_p (hH)^p g` with these coefficients, `c_0` first.
    pub fn new(derivatives: D, h: f64, coefficients: Vec<f64>) -> Self {
        let n = derivatives.dimension();
        Self {
            derivatives,
            h,
            coefficients,
            third: None,
            gradient: vec![Complex64::ZERO; n],
            product: vec![Complex64::ZERO; n],
            cuts: LossCuts::new(n),
        }
    }
}

impl<D: ThirdAction> PolynomialField<D> {
    /// The field `Σ_p c_p (hH)^p g − weight · h² T[g,g]`.
    pub fn with_third(derivatives: D, h: f64, coefficients: Vec<f64>, weight: f64) -> Self {
        let third = Some(AlongGradient { weight, write: D::third_along_gradient });
        Self { third, ..Self::new(derivatives, h, coefficients) }
    }
}

impl<D: HessianAction> Field for PolynomialField<D> {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        self.derivatives.enter(state, &mut self.gradient);
        out.fill(Complex64::ZERO);
        for (k, c) in self.coefficients.iter().rev().enumerate() {
            if k > 0 {
                self.derivatives.hessian_times(out, &mut self.product);
                for (o, x) in out.iter_mut().zip(&self.product) {
                    *o = x * self.h;
                }
            }
            for (o, g) in out.iter_mut().zip(&self.gradient) {
                *o += g * c;
            }
        }
        if let Some(third) = &self.third {
            (third.write)(&mut self.derivatives, &mut self.product);
            subtract(out, third.weight * self.h * self.h, &self.product);
        }
        finite(out)
    }

    fn accept(&mut self, state: &[Complex64], first: bool) -> Crossings {
        Crossings { spectrum: None, loss: self.cuts.crossed(&mut self.derivatives, state, first) }
    }
}

pub(super) fn subtract(out: &mut [Complex64], weight: f64, term: &[Complex64]) {
    for (o, t) in out.iter_mut().zip(term) {
        *o -= t * weight;
    }
}

/// `α(hH) g − weight · h² T[g,g]`, with any α, from the Hessian as a matrix.
///
/// | flow | α | weight |
/// |---|---|---|
/// | PF | `log(1−z)/z` | 0 |
/// | PF+NP3 | `log(1−z)/z` | 1/12 |
///
/// (Rosca, Wu, Qin & Dherin 2023, sections 2 to 4.) Another optimizer's PF has its own α and PF+NP3 the coefficient of
/// `T[g,g]` in its `f_2`. At `hλ = 1` PF and PF+NP3 are infinite: [`SpectralError::BranchPoint`].
#[derive(Debug)]
pub struct SpectralField<D> {
    derivatives: D,
    h: f64,
    function: MatrixFunction,
    third: Option<WithThird<D>>,
    gradient: Vec<Complex64>,
    hessian: Vec<Complex64>,
    spectrum: SpectrumCuts,
    cuts: LossCuts,
}

/// The term of `T[g, g]`, its weight and where it comes from.
#[derive(Debug)]
struct WithThird<D> {
    weight: f64,
    value: Vec<Complex64>,
    evaluate: WriteThird<D>,
}

/// What writes gradient, Hessian and `T[g, g]` at a state.
type WriteThird<D> = fn(&mut D, &[Complex64], &mut [Complex64], &mut [Complex64], &mut [Complex64]);

impl<D: Hessian> SpectralField<D> {
    /// The field `α(hH) g`.
    pub fn new(derivatives: D, h: f64, alpha: Alpha) -> Self {
        let n = derivatives.dimension();
        let spectrum = SpectrumCuts::of(&alpha, n);
        Self {
            derivatives,
            h,
            function: MatrixFunction::new(alpha, n),
            third: None,
            gradient: vec![Complex64::ZERO; n],
            hessian: vec![Complex64::ZERO; n * n],
            spectrum,
            cuts: LossCuts::new(n),
        }
    }
}

impl<D: HessianThird> SpectralField<D> {
    /// The field `α(hH) g − weight · h² T[g,g]`.
    pub fn with_third(derivatives: D, h: f64, alpha: Alpha, weight: f64) -> Self {
        let value = vec![Complex64::ZERO; derivatives.dimension()];
        let third = Some(WithThird { weight, value, evaluate: D::gradient_hessian_third });
        Self { third, ..Self::new(derivatives, h, alpha) }
    }
}

impl<D: Hessian> Field for SpectralField<D> {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        let Self { derivatives, gradient, hessian, third, .. } = self;
        match third {
            None => derivatives.gradient_hessian(state, gradient, hessian),
            Some(third) => (third.evaluate)(derivatives, state, gradient, hessian, &mut third.value),
        }
        self.function.apply(self.h, hessian, gradient, out)?;
        if let Some(third) = third {
            subtract(out, third.weight * self.h * self.h, &third.value);
        }
        finite(out)
    }

    fn accept(&mut self, state: &[Complex64], first: bool) -> Crossings {
        let spectrum = self.spectrum.crossed(self.function.shifted_spectrum(), first);
        Crossings { spectrum, loss: self.cuts.crossed(&mut self.derivatives, state, first) }
    }

    fn crossing(&mut self) -> Option<CutCrossing> {
        self.spectrum.compare(self.function.shifted_spectrum())
    }

    fn is_beyond(&self, crossing: &CutCrossing) -> Option<bool> {
        self.spectrum.is_beyond(crossing, self.function.shifted_spectrum())
    }

    fn spread(&mut self, on: bool) -> bool {
        let spread = self.function.spread(on);
        self.spectrum.ignore(on && spread);
        spread
    }

    fn distance_to_branch_point(&self) -> Option<f64> {
        self.function.distance_to_branch_point()
    }

    fn shifted_spectrum(&self) -> &[Complex64] {
        self.function.shifted_spectrum()
    }
}

/// `−g` with the sign flipped in chosen eigendirections of H, `−g + 2 Σ_{i∈S} u_i u_iᵀ g`, at real states.
///
/// Directions are counted from the largest eigenvalue, 0. Started at a real state the flow stays real. Where a chosen
/// eigenvalue meets one that is not, their directions are not defined and the field jumps.
#[derive(Debug)]
pub struct FlippedField<D> {
    derivatives: D,
    flipped: Vec<usize>,
    eigen: SymmetricEigen,
    order: Vec<usize>,
    gradient: Vec<Complex64>,
    hessian: Vec<Complex64>,
    cuts: LossCuts,
}

impl<D: Hessian> FlippedField<D> {
    /// The field with these directions flipped, each below the dimension.
    pub fn new(derivatives: D, flipped: Vec<usize>) -> Self {
        let n = derivatives.dimension();
        Self {
            derivatives,
            flipped,
            eigen: SymmetricEigen::new(n),
            order: (0..n).collect(),
            gradient: vec![Complex64::ZERO; n],
            hessian: vec![Complex64::ZERO; n * n],
            cuts: LossCuts::new(n),
        }
    }
}

impl<D: Hessian> Field for FlippedField<D> {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        let n = out.len();
        self.derivatives.gradient_hessian(state, &mut self.gradient, &mut self.hessian);
        finite(&self.hessian)?;
        if !self.eigen.decompose(|i, j| self.hessian[i * n + j].re) {
            return Err(SpectralError::NoConvergence);
        }
        let values = self.eigen.values();
        self.order.sort_unstable_by(|a, b| values[*b].total_cmp(&values[*a]));
        for (o, g) in out.iter_mut().zip(&self.gradient) {
            *o = -g;
        }
        for k in self.flipped.iter().filter_map(|i| self.order.get(*i)) {
            let component: Complex64 =
                self.gradient.iter().enumerate().map(|(i, g)| g * self.eigen.vector(*k, i)).sum();
            for (i, o) in out.iter_mut().enumerate() {
                *o += component * (2.0 * self.eigen.vector(*k, i));
            }
        }
        finite(out)
    }

    fn accept(&mut self, state: &[Complex64], first: bool) -> Crossings {
        Crossings { spectrum: None, loss: self.cuts.crossed(&mut self.derivatives, state, first) }
    }
}

/// Remembers the last accepted state to ask a loss about its cuts.
#[derive(Debug)]
pub(super) struct LossCuts {
    last: Vec<Complex64>,
}

impl LossCuts {
    pub(super) fn new(dimension: usize) -> Self {
        Self { last: vec![Complex64::ZERO; dimension] }
    }

    pub(super) fn crossed(&mut self, derivatives: &mut impl Gradient, state: &[Complex64], first: bool) -> bool {
        let crossed = !first && derivatives.crosses_cut(&self.last, state);
        self.last.copy_from_slice(state);
        crossed
    }
}

pub(super) fn finite(values: &[Complex64]) -> Result<(), SpectralError> {
    if values.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Hessian is the state itself, so that the spectrum can be led anywhere.
    struct Led;

    impl Gradient for Led {
        fn dimension(&self) -> usize {
            2
        }

        fn gradient(&mut self, _: &[Complex64], gradient: &mut [Complex64]) {
            gradient.fill(Complex64::ONE);
        }
    }

    impl Hessian for Led {
        fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]) {
            self.gradient(state, gradient);
            hessian.copy_from_slice(&[state[0], Complex64::ZERO, Complex64::ZERO, state[1]]);
        }
    }

    #[test]
    fn crossing_the_cut_is_seen() {
        let c = Complex64::new;
        let mut field = SpectralField::new(Led, 1.0, Alpha::Logarithm);
        let mut out = [Complex64::ZERO; 2];
        let mut go = |state: [Complex64; 2], first| {
            field.evaluate(&state, &mut out).unwrap();
            field.accept(&state, first).spectrum.is_some()
        };
        assert!(!go([c(0.9, 0.5), c(1.5, 0.1)], true));
        // 1 − z moves across the imaginary axis below 0.
        assert!(go([c(1.1, 0.5), c(1.5, 0.1)], false));
        // Across the real line beyond 1, nothing; nor by an exchange of the two.
        assert!(!go([c(1.1, 0.5), c(1.5, -0.1)], false));
        assert!(!go([c(1.5, -0.1), c(1.1, 0.5)], false));
        // Across the imaginary axis above 0, nothing.
        assert!(!go([c(1.1, -0.1), c(1.1, 0.5)], false));
        assert!(!go([c(0.9, -0.1), c(1.1, 0.5)], false));
    }

    #[test]
    fn the_branch_point_is_an_error_of_its_own() {
        let mut field = SpectralField::new(Led, 0.5, Alpha::Logarithm);
        let mut out = [Complex64::ZERO; 2];
        let state = [Complex64::new(2.0, 0.0), Complex64::ONE];
        assert_eq!(field.evaluate(&state, &mut out), Err(SpectralError::BranchPoint));
        assert_eq!(field.distance_to_branch_point(), Some(0.0));
    }
}
