//! The fields of principal flows whose Hessian is only known by its products.

use super::derivatives::{HessianAction, ThirdAction};
use super::field::{Crossings, CutCrossing, Field};
use super::fields::{LossCuts, finite, subtract};
use super::name::FlowError;
use super::spectrum_cuts::SpectrumCuts;
use crate::budget::need;
use crate::spectral::{
    Alpha, KrylovEnd, KrylovError, KrylovFunction, KrylovOptions, KrylovValue, SpectralError, krylov_functions,
};
use num_complex::Complex64;

/// `α(hH) g − weight · h² T[g,g]`, with any α, from products with the Hessian: what [`SpectralField`](super::SpectralField) is for losses whose Hessian
/// is no matrix.
///
/// At real states by Lanczos, elsewhere by Arnoldi; see [`krylov_functions`]. A value that is not reached with the products allowed is none,
/// [`SpectralError::Unreached`]; one with no error but rounding's is taken. Of the spectrum the field knows what the Krylov space
/// holds to within 1e-4/h, as it does the largest eigenvalues; crossings of the cuts of α by others are not seen. Evaluating allocates.
#[derive(Debug)]
pub struct KrylovField<D> {
    derivatives: D,
    function: KrylovFunction,
    options: KrylovOptions,
    third: Option<AlongGradient<D>>,
    gradient: Vec<Complex64>,
    product: Vec<Complex64>,
    wide: Vec<Complex64>,
    /// What the last evaluation found of `1 − hλ`.
    shifted: Vec<Complex64>,
    products: usize,
    spectrum: SpectrumCuts,
    cuts: LossCuts,
}

/// The term of `T[g, g]`, its weight and where it comes from.
#[derive(Debug)]
struct AlongGradient<D> {
    weight: f64,
    write: fn(&mut D, &mut [Complex64]),
}

impl<D: HessianAction> KrylovField<D> {
    /// The field `α(hH) g`, to a relative error by the options.
    ///
    /// # Errors
    /// The memory for as many vectors as there may be products.
    pub fn new(derivatives: D, h: f64, alpha: Alpha, options: KrylovOptions) -> Result<Self, FlowError> {
        let n = derivatives.dimension();
        let vectors = options.max_products.min(n) as u64 + 8;
        let bytes = 16 * (n as u64).saturating_mul(vectors);
        need(
            bytes,
            format!("a flow with {vectors} complex vectors of {n} numbers each"),
            "allow fewer products with the Hessian",
        )
        .map_err(|error| FlowError::Loss(error.to_string()))?;
        let zeros = || vec![Complex64::ZERO; n];
        Ok(Self {
            derivatives,
            spectrum: SpectrumCuts::of_some(&alpha),
            function: KrylovFunction::new(alpha, h),
            options,
            third: None,
            gradient: zeros(),
            product: zeros(),
            wide: zeros(),
            shifted: Vec::new(),
            products: 0,
            cuts: LossCuts::new(n),
        })
    }

    /// How many products with the Hessian all evaluations took.
    #[must_use]
    pub fn products(&self) -> usize {
        self.products
    }

    /// `α(hH) g` at the state entered, on the real line if all of it is there.
    fn apply(&mut self, is_real: bool) -> Result<KrylovValue, KrylovError> {
        let Self { derivatives, function, options, gradient, product, wide, .. } = self;
        let functions = std::slice::from_ref(&*function);
        if is_real && gradient.iter().all(|g| g.im == 0.0) {
            let g: Vec<f64> = gradient.iter().map(|g| g.re).collect();
            let mut left = false;
            let mut times = |v: &[f64], out: &mut [f64]| {
                for (w, v) in wide.iter_mut().zip(v) {
                    *w = (*v).into();
                }
                derivatives.hessian_times(wide, product);
                for (o, p) in out.iter_mut().zip(&*product) {
                    *o = p.re;
                    left |= p.im != 0.0;
                }
            };
            let found = krylov_functions(&g, functions, options, &mut times);
            // A loss with branches may have a complex Hessian at a real state.
            if !left {
                return Ok(found?.swap_remove(0));
            }
        }
        let mut times = |v: &[Complex64], out: &mut [Complex64]| derivatives.hessian_times(v, out);
        Ok(krylov_functions(gradient, functions, options, &mut times)?.swap_remove(0))
    }
}

impl<D: ThirdAction> KrylovField<D> {
    /// The field `α(hH) g − weight · h² T[g,g]`.
    ///
    /// # Errors
    /// As [`KrylovField::new`].
    pub fn with_third(
        derivatives: D,
        h: f64,
        alpha: Alpha,
        weight: f64,
        options: KrylovOptions,
    ) -> Result<Self, FlowError> {
        let third = Some(AlongGradient { weight, write: D::third_along_gradient });
        Ok(Self { third, ..Self::new(derivatives, h, alpha, options)? })
    }
}

impl<D: HessianAction> Field for KrylovField<D> {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        self.derivatives.enter(state, &mut self.gradient);
        finite(&self.gradient)?;
        self.shifted.clear();
        let found = self.apply(state.iter().all(|x| x.im == 0.0)).map_err(|error| match error {
            KrylovError::Spectral(error) => error,
            // The integrator asks for the reason itself.
            KrylovError::Memory(_) | KrylovError::Stopped(_) => SpectralError::Unreached,
        })?;
        self.products += found.products;
        if !matches!(found.end, KrylovEnd::Reached | KrylovEnd::Rounding) {
            return Err(SpectralError::Unreached);
        }
        self.shifted = found.shifted;
        out.copy_from_slice(&found.value);
        if let Some(third) = &self.third {
            (third.write)(&mut self.derivatives, &mut self.product);
            subtract(out, third.weight * self.function.step * self.function.step, &self.product);
        }
        finite(out)
    }

    fn accept(&mut self, state: &[Complex64], first: bool) -> Crossings {
        let spectrum = self.spectrum.crossed(&self.shifted, first);
        Crossings { spectrum, loss: self.cuts.crossed(&mut self.derivatives, state, first) }
    }

    fn crossing(&mut self) -> Option<CutCrossing> {
        self.spectrum.compare(&self.shifted)
    }

    fn is_beyond(&self, crossing: &CutCrossing) -> Option<bool> {
        self.spectrum.is_beyond(crossing, &self.shifted)
    }

    fn spread(&mut self, on: bool) -> bool {
        let has_rule = self.spectrum.has_cuts();
        self.function.spread = on && has_rule;
        self.spectrum.ignore(on && has_rule);
        has_rule
    }

    fn distance_to_branch_point(&self) -> Option<f64> {
        let is_logarithm = matches!(self.function.alpha, Alpha::Logarithm);
        self.shifted.iter().map(|m| m.norm()).reduce(f64::min).filter(|_| is_logarithm)
    }

    fn shifted_spectrum(&self) -> &[Complex64] {
        &self.shifted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::{DenseAction, DenseThirdAction, Gradient, Hessian, HessianThird, SpectralField};

    /// `E = Σ_k (a_k θ_k²/2 + θ_k³/6) + (Σ_k θ_k)⁴/24`, with outliers and a bulk.
    #[derive(Clone)]
    struct Quartic(Vec<f64>);

    impl Gradient for Quartic {
        fn dimension(&self) -> usize {
            self.0.len()
        }

        fn gradient(&mut self, x: &[Complex64], gradient: &mut [Complex64]) {
            let sum: Complex64 = x.iter().sum();
            for ((g, x), a) in gradient.iter_mut().zip(x).zip(&self.0) {
                *g = x * a + x * x * 0.5 + sum * sum * sum / 6.0;
            }
        }
    }

    impl Hessian for Quartic {
        fn gradient_hessian(&mut self, x: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]) {
            self.gradient(x, gradient);
            let (n, sum) = (x.len(), x.iter().sum::<Complex64>());
            for (k, h) in hessian.iter_mut().enumerate() {
                *h = sum * sum * 0.5 + if k % (n + 1) == 0 { x[k / n] + self.0[k / n] } else { Complex64::ZERO };
            }
        }
    }

    impl HessianThird for Quartic {
        fn gradient_hessian_third(
            &mut self,
            x: &[Complex64],
            gradient: &mut [Complex64],
            hessian: &mut [Complex64],
            third: &mut [Complex64],
        ) {
            self.gradient_hessian(x, gradient, hessian);
            let (sum, along) = (x.iter().sum::<Complex64>(), gradient.iter().sum::<Complex64>());
            for (t, g) in third.iter_mut().zip(&*gradient) {
                *t = g * g + sum * along * along;
            }
        }
    }

    fn setting() -> (Quartic, Vec<[Vec<Complex64>; 1]>) {
        let n = 40;
        let loss = Quartic(
            (0..n).map(|k| if k < 4 { 1.2 + 0.2 * k as f64 } else { 0.5 * (k as f64 / 40.0).powi(3) }).collect(),
        );
        let state =
            |im: f64| (0..n).map(|k| Complex64::new(0.1 * (k as f64).cos(), im * (3.0 * k as f64).sin())).collect();
        (loss, vec![[state(0.0)], [state(0.03)]])
    }

    #[test]
    fn agrees_with_the_field_of_the_matrix() {
        let (loss, states) = setting();
        let h = 0.9;
        let options = KrylovOptions { tolerance: 1e-11, ..KrylovOptions::default() };
        let action = DenseThirdAction::new(loss.clone());
        let mut krylov = KrylovField::with_third(action, h, Alpha::Logarithm, 1.0 / 12.0, options).unwrap();
        let mut dense = SpectralField::with_third(loss, h, Alpha::Logarithm, 1.0 / 12.0);
        for [state] in &states {
            let (mut got, mut want) = (vec![Complex64::ZERO; 40], vec![Complex64::ZERO; 40]);
            krylov.evaluate(state, &mut got).unwrap();
            dense.evaluate(state, &mut want).unwrap();
            let size = want.iter().map(|w| w.norm()).fold(0.0, f64::max);
            assert!(got.iter().zip(&want).all(|(a, b)| (a - b).norm() < 1e-10 * size));
            // The largest eigenvalues are known, and all but exactly.
            for m in dense.shifted_spectrum().iter().filter(|m| m.re < 0.0) {
                assert!(krylov.shifted_spectrum().iter().any(|k| (k - m).norm() < 1e-4), "{m}");
            }
        }
        assert!(krylov.products() < 80);
    }

    #[test]
    fn too_few_products_are_an_error() {
        let (loss, states) = setting();
        let options = KrylovOptions { max_products: 5, ..KrylovOptions::default() };
        let mut field = KrylovField::new(DenseAction::new(loss), 0.9, Alpha::Logarithm, options).unwrap();
        let mut out = vec![Complex64::ZERO; 40];
        assert_eq!(field.evaluate(&states[0][0], &mut out), Err(SpectralError::Unreached));
    }

    /// The Hessian is the state itself, in a few directions of many.
    struct Led;

    impl Gradient for Led {
        fn dimension(&self) -> usize {
            20
        }

        fn gradient(&mut self, _: &[Complex64], gradient: &mut [Complex64]) {
            gradient.fill(Complex64::ONE);
        }
    }

    impl HessianAction for Led {
        fn enter(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
            self.gradient(state, gradient);
            STATE.with_borrow_mut(|s| s.clone_from(&state.to_vec()));
        }

        fn hessian_times(&mut self, v: &[Complex64], out: &mut [Complex64]) {
            STATE.with_borrow(|s| out.iter_mut().zip(v).zip(s).for_each(|((o, v), s)| *o = v * s));
        }
    }

    thread_local! {
        static STATE: std::cell::RefCell<Vec<Complex64>> = const { std::cell::RefCell::new(Vec::new()) };
    }

    #[test]
    fn crossing_the_cut_is_seen_and_spread() {
        let c = Complex64::new;
        let mut field = KrylovField::new(Led, 1.0, Alpha::Logarithm, KrylovOptions::default()).unwrap();
        let mut plain = KrylovField::new(Led, 1.0, Alpha::Logarithm, KrylovOptions::default()).unwrap();
        let mut out = vec![Complex64::ZERO; 20];
        let state = |z: Complex64| -> Vec<Complex64> {
            (0..20).map(|k| if k == 0 { z } else { c(0.02 * (k as f64 - 3.0), 0.01) }).collect()
        };
        let mut go = |field: &mut KrylovField<Led>, z, first| {
            field.evaluate(&state(z), &mut out).unwrap();
            (field.accept(&state(z), first).spectrum, out[0])
        };
        assert!(go(&mut field, c(0.95, 0.5), true).0.is_none());
        let met = go(&mut field, c(1.05, 0.5), false).0.unwrap();
        assert!((met.to - c(-0.05, -0.5)).norm() < 1e-9 && field.is_beyond(&met) == Some(true));
        assert!(go(&mut field, c(1.05, 0.3), false).0.is_none());
        // Spread, the two sides meet in the middle.
        assert!(field.spread(true));
        let [left, right] = [1.0 - 1e-9, 1.0 + 1e-9].map(|re| go(&mut field, c(re, 0.5), false).1);
        assert!((left - right).norm() < 1e-6);
        let [below, above] = [1.0 - 1e-9, 1.0 + 1e-9].map(|re| go(&mut plain, c(re, 0.5), false).1);
        assert!((below - above).norm() > 1.0 && (0.5 * (below + above) - left).norm() < 1e-6);
    }
}
