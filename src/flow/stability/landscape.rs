//! A loss at real states: gradient, Hessian and its spectrum in order.

use super::super::derivatives::{Gradient, Hessian};
use super::super::model::Model;
use super::super::name::FlowError;
use super::exact::Exact;
use super::scaled::{self, Scaled, Scatter, Units};
use super::spectrum::{Spectrum, norm};
use crate::spectral::SymmetricEigen;
use num_complex::Complex64;

/// The loss and its derivatives at real states.
///
/// Where the loss itself has no finite real value, as `log x` at −1, its derivatives may well have one: such states count as
/// outside.
pub(super) struct Landscape<'a> {
    value: &'a dyn Fn(&[f64]) -> f64,
    first: Box<dyn Gradient + 'a>,
    second: Box<dyn Hessian + 'a>,
    /// Whether the loss has derivatives everywhere, as far as its model knows.
    pub(super) smooth: bool,
    model: &'a dyn Model,
    /// Once it was asked for, and if there is one.
    exact: Option<Option<Exact>>,
    eigen: SymmetricEigen,
    state: Vec<Complex64>,
    gradient: Vec<Complex64>,
    hessian: Vec<Complex64>,
}

/// The derivatives at one state.
#[derive(Debug, Clone)]
pub(super) struct Local {
    pub(super) gradient: Vec<f64>,
    pub(super) spectrum: Spectrum,
    /// What rounding alone does to each eigenvalue.
    pub(super) rounding: Vec<f64>,
}

impl<'a> Landscape<'a> {
    pub(super) fn new(model: &'a dyn Model, value: &'a dyn Fn(&[f64]) -> f64) -> Result<Self, FlowError> {
        let first = model.gradient()?;
        let second = model.hessian()?;
        let n = second.dimension();
        let smooth = model.nonsmooth().is_empty();
        let zeros = |n: usize| vec![Complex64::ZERO; n];
        Ok(Self {
            value,
            first,
            second,
            smooth,
            model,
            exact: None,
            eigen: SymmetricEigen::new(n),
            state: zeros(n),
            gradient: zeros(n),
            hessian: zeros(n * n),
        })
    }

    pub(super) fn dimension(&self) -> usize {
        self.state.len()
    }

    /// The loss; NaN or infinite outside.
    pub(super) fn value(&self, theta: &[f64]) -> f64 {
        (self.value)(theta)
    }

    /// The exact derivatives, where there are any.
    pub(super) fn exact(&mut self) -> Option<&mut Exact> {
        let model = self.model;
        self.exact.get_or_insert_with(|| model.enclosed().map(Exact::new)).as_mut()
    }

    fn enter(&mut self, theta: &[f64]) -> bool {
        for (z, x) in self.state.iter_mut().zip(theta) {
            *z = Complex64::from(*x);
        }
        theta.iter().all(|x| x.is_finite()) && self.value(theta).is_finite()
    }

    /// The gradient; `None` outside.
    pub(super) fn gradient(&mut self, theta: &[f64]) -> Option<Vec<f64>> {
        if !self.enter(theta) {
            return None;
        }
        self.first.gradient(&self.state, &mut self.gradient);
        let gradient: Vec<f64> = self.gradient.iter().map(|g| g.re).collect();
        gradient.iter().all(|g| g.is_finite()).then_some(gradient)
    }

    /// Gradient and Hessian, row-major; `None` outside.
    pub(super) fn differentiate(&mut self, theta: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
        if !self.enter(theta) {
            return None;
        }
        self.second.gradient_hessian(&self.state, &mut self.gradient, &mut self.hessian);
        let gradient: Vec<f64> = self.gradient.iter().map(|g| g.re).collect();
        let hessian: Vec<f64> = self.hessian.iter().map(|h| h.re).collect();
        (gradient.iter().chain(&hessian).all(|x| x.is_finite())).then_some((gradient, hessian))
    }

    /// The Hessian alone, row-major.
    pub(super) fn hessian(&mut self, theta: &[f64]) -> Option<Vec<f64>> {
        Some(self.differentiate(theta)?.1)
    }

    /// Everything at a state; `None` outside, or where the eigenvalue iteration fails.
    pub(super) fn local(&mut self, theta: &[f64]) -> Option<Local> {
        let (gradient, hessian) = self.differentiate(theta)?;
        let (spectrum, rounding) = self.spectrum(&hessian, &Units::of(&hessian, gradient.len()))?;
        Some(Local { gradient, spectrum, rounding })
    }

    /// The spectrum of a Hessian whose units are known, and what rounding does to each eigenvalue.
    pub(super) fn spectrum(&mut self, hessian: &[f64], units: &Units) -> Option<(Spectrum, Vec<f64>)> {
        let n = self.dimension();
        let exact = units.differ() && n <= scaled::MOST_ROTATED;
        let spectrum = if exact { scaled::rotated(hessian, n) } else { self.decompose(hessian)? };
        let whole = scaled::rounding(n) * norm(hessian);
        let each = |u: &Vec<f64>| scaled::rounding(n) * units.squared(u);
        let rounding = spectrum.vectors.iter().map(|u| if units.differ() && !exact { whole } else { each(u) });
        let rounding = rounding.collect();
        Some((spectrum, rounding))
    }

    /// Derivatives in the Hessian's units, where every entry is known to within its `scatter`, and to rounding; `None` where the eigenvalue
    /// iteration fails.
    pub(super) fn scaled(
        &mut self,
        (gradient, hessian): (Vec<f64>, Vec<f64>),
        scatter: Option<Scatter>,
    ) -> Option<Scaled> {
        let n = gradient.len();
        // The size of an entry that is less than what is known of it is the latter.
        let known = |scatter: &Scatter| -> Vec<f64> {
            hessian.iter().zip(&scatter.hessian).map(|(h, s)| h.abs().max(*s)).collect()
        };
        let units = scatter.as_ref().map_or_else(|| Units::of(&hessian, n), |scatter| Units::of(&known(scatter), n));
        let spectrum = self.decompose(&units.both(&hessian))?;
        let cutoff = scaled::rounding(n) * norm(&spectrum.values);
        let apart = scatter.as_ref().map(|scatter| units.both(&scatter.hessian));
        let floor = |u: &Vec<f64>| cutoff + apart.as_ref().map_or(0.0, |apart| scaled::along(apart, u));
        let floors = spectrum.vectors.iter().map(floor).collect();
        Some(Scaled { gradient, hessian, units, spectrum, floors, scatter })
    }

    /// The eigenvalues of a symmetric matrix, row-major, from the largest down; `None` where the iteration fails.
    pub(super) fn decompose(&mut self, matrix: &[f64]) -> Option<Spectrum> {
        let n = self.dimension();
        if !self.eigen.decompose(|i, j| matrix[i * n + j]) {
            return None;
        }
        let vector = |k: usize| (0..n).map(|i| self.eigen.vector(k, i)).collect();
        Some(Spectrum::descending(self.eigen.values().iter().copied().enumerate().map(|(k, l)| (l, vector(k)))))
    }
}
