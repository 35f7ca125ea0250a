//! The vector fields of the flows, put together from a loss's derivatives and functions of its spectrum.

use super::derivatives::Derivatives;
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

impl<D: Derivatives> GradientField<D> {
    /// The field `sign · g`.
    pub fn new(derivatives: D, sign: f64) -> Self {
        let cuts = LossCuts::new(derivatives.dimension());
        Self { derivatives, sign, cuts }
    }
}

impl<D: Derivatives> Field for GradientField<D> {
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

/// `α(hH) g − weight · h² T[g,g]`.
///
/// | flow | α | weight |
/// |---|---|---|
/// | IGR | `−(1 + z/2)` | 0 |
/// | third order | `−(1 + z/2 + z²/3)` | 1/12 |
/// | principal series to order N | `−Σ_{p≤N} z^p/(p+1)` | 0 |
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
    third_weight: f64,
    gradient: Vec<Complex64>,
    hessian: Vec<Complex64>,
    third: Vec<Complex64>,
    spectrum: SpectrumCuts,
    cuts: LossCuts,
}

impl<D: Derivatives> SpectralField<D> {
    /// The field `α(hH) g − third_weight · h² T[g,g]`.
    pub fn new(derivatives: D, h: f64, alpha: Alpha, third_weight: f64) -> Self {
        let n = derivatives.dimension();
        let zeros = |n: usize| vec![Complex64::ZERO; n];
        let spectrum = SpectrumCuts::of(&alpha, n);
        Self {
            derivatives,
            h,
            function: MatrixFunction::new(alpha, n),
            third_weight,
            gradient: zeros(n),
            hessian: zeros(n * n),
            third: zeros(n),
            spectrum,
            cuts: LossCuts::new(n),
        }
    }
}

impl<D: Derivatives> Field for SpectralField<D> {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        if self.third_weight == 0.0 {
            self.derivatives.gradient_hessian(state, &mut self.gradient, &mut self.hessian);
        } else {
            self.derivatives.gradient_hessian_third(state, &mut self.gradient, &mut self.hessian, &mut self.third);
        }
        self.function.apply(self.h, &self.hessian, &self.gradient, out)?;
        if self.third_weight != 0.0 {
            let weight = self.third_weight * self.h * self.h;
            for (o, t) in out.iter_mut().zip(&self.third) {
                *o -= t * weight;
            }
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

impl<D: Derivatives> FlippedField<D> {
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

impl<D: Derivatives> Field for FlippedField<D> {
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

    pub(super) fn crossed(&mut self, derivatives: &mut impl Derivatives, state: &[Complex64], first: bool) -> bool {
        let crossed = !first && derivatives.crosses_cut(&self.last, state);
        self.last.copy_from_slice(state);
        crossed
    }
}

impl<T: Derivatives + ?Sized> Derivatives for Box<T> {
    fn dimension(&self) -> usize {
        (**self).dimension()
    }

    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        (**self).gradient(state, gradient);
    }

    fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]) {
        (**self).gradient_hessian(state, gradient, hessian);
    }

    fn gradient_hessian_third(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
    ) {
        (**self).gradient_hessian_third(state, gradient, hessian, third);
    }

    fn tensors(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
        fourth: &mut [Complex64],
    ) {
        (**self).tensors(state, gradient, hessian, third, fourth);
    }

    fn crosses_cut(&mut self, from: &[Complex64], to: &[Complex64]) -> bool {
        (**self).crosses_cut(from, to)
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

    impl Derivatives for Led {
        fn dimension(&self) -> usize {
            2
        }

        fn gradient(&mut self, _: &[Complex64], gradient: &mut [Complex64]) {
            gradient.fill(Complex64::ONE);
        }

        fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]) {
            self.gradient(state, gradient);
            hessian.copy_from_slice(&[state[0], Complex64::ZERO, Complex64::ZERO, state[1]]);
        }

        fn gradient_hessian_third(
            &mut self,
            state: &[Complex64],
            gradient: &mut [Complex64],
            hessian: &mut [Complex64],
            third: &mut [Complex64],
        ) {
            self.gradient_hessian(state, gradient, hessian);
            third.fill(Complex64::ZERO);
        }
    }

    #[test]
    fn crossing_the_cut_is_seen() {
        let c = Complex64::new;
        let mut field = SpectralField::new(Led, 1.0, Alpha::Logarithm, 0.0);
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
        let mut field = SpectralField::new(Led, 0.5, Alpha::Logarithm, 1.0 / 12.0);
        let mut out = [Complex64::ZERO; 2];
        let state = [Complex64::new(2.0, 0.0), Complex64::ONE];
        assert_eq!(field.evaluate(&state, &mut out), Err(SpectralError::BranchPoint));
        assert_eq!(field.distance_to_branch_point(), Some(0.0));
    }
}
