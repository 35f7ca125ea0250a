//! How what is followed or looked for ends, where it does not reach its end.

use super::name::FlowError;
use crate::budget::Stopped;
use crate::spectral::SpectralError;
use crate::warning::Warning;

/// How a trajectory, the value at a point of a map, a step of an optimizer or a search for a critical point ended, where it did not reach its end.
///
/// Each has a [code](Outcome::code) that is part of the interface (`docs/warnings.md`), and a [sentence](Outcome::sentence) that names the place: the same
/// for a simulation, a map and a search, in text, CSV and JSON.
///
/// ```
/// use shadowflow::flow::Outcome;
/// use shadowflow::spectral::SpectralError;
/// let limit = Outcome::StepLimit { most: 20 };
/// assert_eq!(limit.code(), "step-limit");
/// assert_eq!(
///     limit.sentence(" before step 3"),
///     "the 20 integration steps of one trajectory were used up before step 3; allow more, or a larger tolerance"
/// );
/// // The flow of two steps has no value at complex states, wherever that is found.
/// assert_eq!(Outcome::from(SpectralError::NotReal).code(), "unsuitable");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// The field has no value where the way leads.
    NoValue(SpectralError),
    /// An operation of the loss or of a derivative has no value in machine floats, as [`LostValue`](super::LostValue) names it.
    EvaluationFailed,
    /// The state grows beyond every bound.
    Diverged,
    /// The integrator's steps ([`IntegratorOptions::max_steps`](super::IntegratorOptions::max_steps)) were used up.
    StepLimit {
        /// How many there were.
        most: usize,
    },
    /// The integrator's steps will not do, at its pace ([`IntegratorOptions::foresees`](super::IntegratorOptions::foresees)).
    StepsForeseen {
        /// How many there are.
        most: usize,
        /// After how many that was clear.
        tried: usize,
    },
    /// The steps that the tolerance asks for are below the rounding of time.
    StepUnderflow,
    /// The time was used up, that of one trajectory
    /// ([`IntegratorOptions::max_seconds`](super::IntegratorOptions::max_seconds)) or of all, or the work was cancelled.
    Stopped(Stopped),
    /// The fields of both sides of a cut lead back to it, and nothing goes on along it.
    Sliding {
        /// Whether it was to end there ([`AtCut::Stop`](super::AtCut::Stop)), rather than for want of a rule to go on by.
        asked: bool,
    },
    /// The fields of both sides of a kink of the loss lead back to it.
    Kink,
    /// The equations of an implicit step of the optimizer have no solution that Newton's method finds.
    NoSolution,
    /// A period-two flow finds no slow solution of the equations of a step, or its leading eigenvector turns without bound.
    NoSlowSolution,
    /// The flow is not defined for this loss or optimizer.
    Unsuitable,
    /// What the flow needs of the loss cannot be computed.
    NotComputed,
    /// A search started where the loss has no value.
    Outside,
    /// A search ended where the gradient gets no smaller, and is not zero.
    Stalled {
        /// The norm of the gradient there.
        gradient_norm: f64,
    },
    /// A search ended where the gradient is too small for floats, though it is not zero.
    Vanishing {
        /// The norm of the gradient there, as floats have it.
        gradient_norm: f64,
    },
    /// A search led to a kink of the loss, over which its slope jumps from one sign to the other.
    Jumping,
    /// A search led to where the gradient has a value, but the Hessian has none.
    NoHessian {
        /// The norm of the gradient there.
        gradient_norm: f64,
    },
    /// A search still moved when its steps were used up, as it does towards infinity.
    Unsettled {
        /// The norm of the gradient at the last state.
        gradient_norm: f64,
        /// The length of the next step.
        step: f64,
    },
}

impl Outcome {
    /// The code of the warning that says so, which is part of the interface.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoValue(SpectralError::BranchPoint) => "branch-point",
            Self::NoValue(SpectralError::Resonance) => "resonance",
            Self::NoValue(SpectralError::IllConditioned | SpectralError::NotReal) | Self::Unsuitable => "unsuitable",
            Self::NoValue(SpectralError::NotFinite) => "not-finite",
            Self::NoValue(SpectralError::OutOfRange) => "overflow",
            Self::NoValue(SpectralError::Unreached) => "unreached-tolerance",
            Self::NoValue(SpectralError::NoConvergence) | Self::NoSolution | Self::NoSlowSolution => "no-convergence",
            Self::EvaluationFailed => "evaluation-failed",
            Self::Diverged => "diverged",
            Self::StepLimit { .. } | Self::StepsForeseen { .. } => "step-limit",
            Self::StepUnderflow => "step-underflow",
            Self::Stopped(stopped) => stopped.code(),
            Self::Sliding { .. } => "sliding",
            Self::Kink => "kink",
            Self::NotComputed => "not-computed",
            Self::Outside
            | Self::Stalled { .. }
            | Self::Vanishing { .. }
            | Self::Jumping
            | Self::NoHessian { .. }
            | Self::Unsettled { .. } => "no-critical-point",
        }
    }

    /// What happened, in words that hold for every place.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::NoValue(error) => error.to_string(),
            Self::EvaluationFailed => {
                "an operation of the loss or of a derivative has no value in double precision".to_owned()
            }
            Self::Diverged => "θ grows beyond every bound".to_owned(),
            Self::StepLimit { most } => format!("the {most} integration steps of one trajectory were used up"),
            Self::StepsForeseen { most, tried } => format!(
                "after {tried} integration steps it is so slow, at a cut of its field or where it is stiff, that the {most} of one trajectory would not \
                 lead to its end"
            ),
            Self::StepUnderflow => "the flow changes too fast to follow".to_owned(),
            Self::Stopped(stopped) => stopped.to_string(),
            Self::Sliding { asked } => format!("an hλ slides along a cut of α{}", Self::end_of_slide(*asked)),
            Self::Kink => "the flow slides along a kink of the loss, where it has no value".to_owned(),
            Self::NoSolution => "Newton's method found no solution of the implicit step".to_owned(),
            Self::NoSlowSolution => {
                "no centre and oscillation are found that change slowly: it oscillates too strongly, or eigenvalues meet".to_owned()
            }
            Self::Unsuitable => "the flow is not defined for this loss or optimizer".to_owned(),
            Self::NotComputed => "what the flow needs of the loss cannot be computed".to_owned(),
            Self::Outside => SpectralError::NotFinite.to_string(),
            Self::Stalled { gradient_norm } => {
                // A double that is written without an exponent has up to three hundred digits.
                let norm = match *gradient_norm {
                    norm if (1e-3..1e6).contains(&norm) => format!("{norm:.4}"),
                    norm => format!("{norm:.3e}"),
                };
                format!("the gradient gets no smaller and its norm is {norm}, not zero,")
            }
            Self::Vanishing { .. } => {
                "the loss is not constant, but its gradient is too small for double precision".to_owned()
            }
            Self::Jumping => "the slope of the loss jumps over zero at a kink".to_owned(),
            Self::NoHessian { gradient_norm: 0.0 } => {
                "the gradient is zero, but the Hessian has no finite value".to_owned()
            }
            Self::NoHessian { gradient_norm } => {
                format!("the gradient has the norm {gradient_norm:.1e}, but the Hessian no finite value,")
            }
            Self::Unsettled { gradient_norm, step } => {
                format!("Newton's method still moves, by {step:.1e}, with a gradient of norm {gradient_norm:.1e}")
            }
        }
    }

    /// What may help.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::NoValue(SpectralError::BranchPoint) => Some("change the step size or the start"),
            Self::NoValue(SpectralError::OutOfRange) => Some("take a smaller step size"),
            Self::NoValue(SpectralError::Resonance) => Some("rpf2 has no such resonance"),
            Self::NoValue(SpectralError::Unreached) => Some("allow more products, or a larger tolerance"),
            Self::Diverged => Some("a smaller step size may keep it"),
            Self::StepLimit { .. } | Self::StepsForeseen { .. } => Some("allow more, or a larger tolerance"),
            Self::Stopped(Stopped::Time { .. }) => Some("allow more time"),
            Self::NoSolution => Some("a smaller step size has one"),
            Self::NoSlowSolution => Some("another order or a smaller step size may"),
            Self::Outside => Some("start elsewhere"),
            Self::Vanishing { .. } => Some("start where the loss changes"),
            Self::Jumping => Some("a minimum or maximum there is no zero of the gradient, and is not searched for"),
            Self::NoHessian { .. } => Some("critical points without second derivatives are not looked at"),
            Self::Unsettled { .. } => Some("there may be none but at infinity"),
            _ => None,
        }
    }

    /// What happened, where, and what may help; `place` begins with a space, as ` before step 3`, or is empty.
    #[must_use]
    pub fn sentence(&self, place: &str) -> String {
        let advice = self.advice().map_or_else(String::new, |advice| format!("; {advice}"));
        // "where the field is infinite before step 3" would be of the time before.
        let clause = matches!(self, Self::NoValue(SpectralError::BranchPoint)) && place.starts_with(' ');
        format!("{}{}{place}{advice}", self.reason(), if clause { "," } else { "" })
    }

    /// What becomes of a flow that slides and does not go on.
    pub(super) fn end_of_slide(asked: bool) -> &'static str {
        if asked {
            "; the flow ends there, as asked for"
        } else {
            "; this α has no rule to go on by, and the flow ends there"
        }
    }
}

impl From<SpectralError> for Outcome {
    fn from(error: SpectralError) -> Self {
        Self::NoValue(error)
    }
}

impl From<Stopped> for Outcome {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl From<&FlowError> for Outcome {
    fn from(error: &FlowError) -> Self {
        if matches!(error, FlowError::Unsuitable { .. }) { Self::Unsuitable } else { Self::NotComputed }
    }
}

/// Where a trajectory ended before its last step, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// The first step without a value.
    pub step: usize,
    /// How.
    pub outcome: Outcome,
    /// The sentence that the user reads.
    pub message: String,
}

impl End {
    /// With the sentence of the outcome at a place; see [`Outcome::sentence`].
    pub(super) fn new(step: usize, outcome: Outcome, place: &str) -> Self {
        Self { step, outcome, message: outcome.sentence(place) }
    }

    /// The warning that says so, of a flow or of the optimizer.
    pub(super) fn warning(&self, flow: Option<&str>) -> Warning {
        let flow = flow.map(str::to_owned);
        Warning { flow, step: Some(self.step), ..Warning::new(self.outcome.code(), self.message.clone()) }
    }
}
