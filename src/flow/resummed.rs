//! The fields of the resummed principal flows.

use super::derivatives::Derivatives;
use super::field::{Crossings, Field, FieldError};
use super::fields::{LossCuts, SpectrumCuts};
use crate::spectral::{Alpha, MatrixFunction, Resummed, Steps};
use num_complex::Complex64;

/// The most parameters for flows with the whole third derivative, and with the fourth.
pub(super) const MOST_PARAMETERS: [usize; 2] = [64, 24];

/// The field of `rpf`, `rpf:4` or `rpf2`: see [`Resummed`].
///
/// `rpf` is exact for quadratics and has local order 5 elsewhere, like `rpf:4`, since the terms with two third derivatives are missing from both; that of
/// two steps is for the time 2h of two steps. At `hλ = 1` they are infinite, [`FieldError::BranchPoint`], and at a true
/// resonance, [`FieldError::Resonance`].
#[derive(Debug)]
pub struct ResummedField<D> {
    derivatives: D,
    h: f64,
    resummed: Resummed,
    /// The principal flow, which is all there is of one step where the higher derivatives vanish: a resonance then has no term.
    principal: Option<MatrixFunction>,
    /// Whether the last evaluation was the principal flow's.
    quadratic: bool,
    gradient: Vec<Complex64>,
    hessian: Vec<Complex64>,
    third: Vec<Complex64>,
    fourth: Vec<Complex64>,
    spectrum: SpectrumCuts,
    cuts: LossCuts,
}

impl<D: Derivatives> ResummedField<D> {
    /// The field of one step or two, with the terms of the fourth derivative (`cubic`) or without.
    pub fn new(derivatives: D, h: f64, steps: Steps, cubic: bool) -> Self {
        let n = derivatives.dimension();
        let zeros = |size: usize| vec![Complex64::ZERO; size];
        Self {
            derivatives,
            h,
            resummed: Resummed::new(n, steps, cubic),
            principal: (steps == Steps::One).then(|| MatrixFunction::new(Alpha::Logarithm, n)),
            quadratic: false,
            gradient: zeros(n),
            hessian: zeros(n * n),
            third: zeros(n * n * n),
            fourth: zeros(if cubic { n * n * n * n } else { 0 }),
            spectrum: SpectrumCuts::new(n),
            cuts: LossCuts::new(n),
        }
    }
}

impl<D: Derivatives> Field for ResummedField<D> {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), FieldError> {
        let Self { derivatives, gradient, hessian, third, fourth, .. } = self;
        derivatives.tensors(state, gradient, hessian, third, fourth);
        self.quadratic = third.iter().chain(&*fourth).all(|t| *t == Complex64::ZERO);
        if self.quadratic
            && let Some(principal) = &mut self.principal
        {
            return Ok(principal.apply(self.h, hessian, gradient, out)?);
        }
        Ok(self.resummed.apply(self.h, gradient, hessian, third, fourth, out)?)
    }

    fn accept(&mut self, state: &[Complex64], first: bool) -> Crossings {
        let now = match &self.principal {
            Some(principal) if self.quadratic => principal.shifted_spectrum(),
            _ => self.resummed.shifted_spectrum(),
        };
        let spectrum = self.spectrum.crossed(now, first);
        Crossings { spectrum, loss: self.cuts.crossed(&mut self.derivatives, state, first) }
    }

    fn distance_to_branch_point(&self) -> Option<f64> {
        match &self.principal {
            Some(principal) if self.quadratic => principal.distance_to_branch_point(),
            _ => self.resummed.distance_to_branch_point(),
        }
    }

    fn shifted_spectrum(&self) -> &[Complex64] {
        match &self.principal {
            Some(principal) if self.quadratic => principal.shifted_spectrum(),
            _ => self.resummed.shifted_spectrum(),
        }
    }

    fn closest_resonance(&self) -> Option<f64> {
        if self.quadratic { None } else { self.resummed.closest_resonance() }
    }
}
