//! The fields of the resummed principal flows.

use super::derivatives::Tensors;
use super::field::{Crossings, CutCrossing, Field};
use super::fields::LossCuts;
use super::spectrum_cuts::SpectrumCuts;
use crate::spectral::{Alpha, Cut, MatrixFunction, Resummed, SpectralError, Steps};
use num_complex::Complex64;

/// The most parameters for flows with the whole third derivative, and with the fourth.
pub(super) const MOST_PARAMETERS: [usize; 2] = [64, 24];

/// The field of `rpf`, `rpf:4` or `rpf2`: see [`Resummed`].
///
/// `rpf` is exact for quadratics and has local order 5 elsewhere, like `rpf:4`, since the terms with two third derivatives are missing from both; that of
/// two steps is for the time 2h of two steps. At `hλ = 1` they are infinite, [`SpectralError::BranchPoint`], and at a true
/// resonance, [`SpectralError::Resonance`].
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
    /// Whether the jump across the cut is spread, and room for the field of the other side.
    spread: bool,
    other: Vec<Complex64>,
    base: Vec<Complex64>,
    shares: Vec<f64>,
}

impl<D: Tensors> ResummedField<D> {
    /// The field of one step or two, with the terms of the fourth derivative where that is among the derivatives.
    pub fn new(derivatives: D, h: f64, steps: Steps) -> Self {
        let (n, cubic) = (derivatives.dimension(), derivatives.has_fourth());
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
            spectrum: SpectrumCuts::of(&Alpha::Logarithm, n),
            cuts: LossCuts::new(n),
            spread: false,
            other: zeros(n),
            base: zeros(n),
            shares: Vec::with_capacity(n),
        }
    }
}

impl<D: Tensors> Field for ResummedField<D> {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        let Self { derivatives, gradient, hessian, third, fourth, .. } = self;
        derivatives.tensors(state, gradient, hessian, third, fourth);
        self.quadratic = third.iter().chain(&*fourth).all(|t| *t == Complex64::ZERO);
        if self.quadratic
            && let Some(principal) = &mut self.principal
        {
            return principal.apply(self.h, hessian, gradient, out);
        }
        self.resummed.apply(self.h, gradient, hessian, third, fourth, out)?;
        if !self.spread {
            return Ok(());
        }
        // The field is affine in the logarithm of every eigenvalue: with a share of its jump it has that share of the field's jump.
        self.shares.clear();
        self.shares.extend(self.resummed.shifted_spectrum().iter().map(|m| Cut::LOGARITHM.share(*m)));
        self.base.copy_from_slice(out);
        for (k, share) in self.shares.iter().enumerate().filter(|(_, share)| **share != 0.0) {
            self.resummed.apply_beyond(Some(k), self.h, gradient, hessian, third, fourth, &mut self.other)?;
            for ((o, other), base) in out.iter_mut().zip(&self.other).zip(&self.base) {
                *o += (other - base) * share.abs();
            }
        }
        Ok(())
    }

    fn crossing(&mut self) -> Option<CutCrossing> {
        let now = match &self.principal {
            Some(principal) if self.quadratic => principal.shifted_spectrum(),
            _ => self.resummed.shifted_spectrum(),
        };
        self.spectrum.compare(now)
    }

    fn is_beyond(&self, crossing: &CutCrossing) -> Option<bool> {
        self.spectrum.is_beyond(crossing, self.shifted_spectrum())
    }

    fn spread(&mut self, on: bool) -> bool {
        // The flow of two steps is real and has no cut.
        let Some(principal) = &mut self.principal else { return false };
        principal.spread(on);
        self.spread = on;
        self.spectrum.ignore(on);
        true
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
