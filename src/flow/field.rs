//! What the integrator follows.

use super::precision::OrderPrecision;
use crate::spectral::{Cut, SpectralError};
use num_complex::Complex64;

/// An `hλ` crossed a cut of the field's α.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CutCrossing {
    /// `1 − hλ` before.
    pub from: Complex64,
    /// `1 − hλ` after.
    pub to: Complex64,
    /// The cut; `None` where a jump was seen of an α whose cuts are not known.
    pub cut: Option<Cut>,
}

/// Cuts that a trajectory met between two accepted states.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Crossings {
    /// Some `hλ` crossed a cut of α, for the logarithm the line where `1 − hλ` is on the negative imaginary axis: the field jumps there.
    pub spectrum: Option<CutCrossing>,
    /// An argument of a logarithm, root or the like in the loss crossed the cut of its principal branch.
    pub loss: bool,
}

/// A vector field on complex states. No method allocates.
pub trait Field {
    /// Writes `θ̇` at `state` to `out`.
    ///
    /// # Errors
    ///
    /// Where the field has no value; `out` then has no meaning.
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError>;

    /// Is told of every state that the integrator accepts, in order and right after the field was evaluated there, and
    /// says which cuts lie between it and the one before. `first` starts a new trajectory.
    fn accept(&mut self, _state: &[Complex64], _first: bool) -> Crossings {
        Crossings::default()
    }

    /// The cut between the last accepted state and the one where the field was last evaluated, if one is.
    fn crossing(&mut self) -> Option<CutCrossing> {
        None
    }

    /// Whether, where the field was last evaluated, the eigenvalue that made a crossing lies on the side where the crossing ended; `None` where
    /// that cannot be told.
    fn is_beyond(&self, _crossing: &CutCrossing) -> Option<bool> {
        None
    }

    /// Spreads the jumps at the cuts of the field, [`SPREAD`](crate::spectral::SPREAD) to either side, or takes that back; `false` where it has no
    /// rule for them.
    fn spread(&mut self, _on: bool) -> bool {
        false
    }

    /// How precisely the terms of a truncated series are known in machine floats at a real state, where the field is one and
    /// has a value. Allocates.
    fn precision(&self, _state: &[f64]) -> Option<OrderPrecision> {
        None
    }

    /// How close the closest `hλ` was to the branch point 1 in the last evaluation, where the field knows.
    fn distance_to_branch_point(&self) -> Option<f64> {
        None
    }

    /// `1 − hλ_i` in the last evaluation, in no particular order, where the field found the spectrum.
    fn shifted_spectrum(&self) -> &[Complex64] {
        &[]
    }

    /// How close the last evaluation was to a true resonance of a resummed flow; see
    /// [`Resummed::closest_resonance`](crate::spectral::Resummed::closest_resonance).
    fn closest_resonance(&self) -> Option<f64> {
        None
    }
}

impl<F: FnMut(&[Complex64], &mut [Complex64])> Field for F {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        self(state, out);
        if out.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite) }
    }
}
