//! What a flow does where it slides along a cut of its field, and from where its steps start.

use num_complex::Complex64;

/// What a flow does from where it slides along a cut of its field.
///
/// The logarithm of the principal flow jumps by `2πi` at `arg(1 − hλ) = −π/2`. Where the fields of both sides turn the argument towards this
/// cut (Filippov's condition) there is no solution that leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AtCut {
    /// Go on with the jump spread over ±0.2 rad, which follows the sliding solution.
    #[default]
    Slide,
    /// End the flow there.
    Stop,
}

/// From where the steps of a flow start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Restart {
    /// From where the step before ended: one trajectory from the start.
    #[default]
    Never,
    /// Each from the optimizer's own iterate, so that errors are one-step errors.
    Each,
}

impl Restart {
    /// The name in options and documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Each => "each",
        }
    }
}

/// A place where a flow began to slide along a cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Slide {
    /// When, as time of the flow.
    pub time: f64,
    /// The optimizer step during which it began, counted from 1.
    pub step: usize,
    /// The eigendirection whose `hλ` is on the cut, counted from that of the largest real part, 0.
    pub direction: usize,
    /// The `hλ` there.
    pub h_lambda: Complex64,
}
