//! What a flow does where it slides along a cut of its field, and from where its steps start.

use super::field::{CutCrossing, Field};
use super::integrator::{Accepted, Advanced, Integrator};
use super::kinks::Kinks;
use super::outcome::Outcome;
use crate::budget;
use crate::spectral::norm;
use num_complex::Complex64;
use std::ops::ControlFlow;

/// The sides of a cut are told apart to this share of the state's size, and the fields there followed over that one.
const BRACKET: f64 = 1e-12;
const PROBE: f64 = 1e-7;

/// After so many steps in a row that are below this part of the interval, a cut is looked for ahead.
const PATIENCE: usize = 32;
const TINY: f64 = 1e-7;

/// What a value after a slide is worth, for messages.
pub(super) const AFTER_SLIDING: &str = "from there on the jump of the field is spread over ±0.2 rad, and the values are a continuation that the \
     optimizer need not follow: in a third of the steps that are rescued so, the flow is no closer to it than standing still";

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

/// Where within an interval a flow began to slide.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlideAt {
    /// Since the start of the interval.
    pub(super) time: f64,
    pub(super) direction: usize,
    pub(super) h_lambda: Complex64,
}

/// Follows a field over one interval; where it slides along a cut it goes on with the jump spread, or ends with [`Outcome::Sliding`].
///
/// Where a kink of the loss holds it, it ends with [`Outcome::Kink`]. Until then the field is used as it is, so that a trajectory that does not slide is the integrator's own.
pub(super) fn advance(
    integrator: &mut Integrator,
    field: &mut dyn Field,
    at_cut: AtCut,
    duration: f64,
    state: &mut [Complex64],
    mut kinks: Option<&mut Kinks>,
    watch: &mut dyn FnMut(&Accepted<'_>, &mut dyn Field),
) -> (Option<SlideAt>, Result<(), Outcome>) {
    let (mut slide, mut kink, mut tiny) = (None, false, 0_usize);
    let result = integrator.advance_watched(field, duration, state, &mut |accepted, field| {
        watch(accepted, field);
        if kinks.as_mut().is_some_and(|k| k.holds(accepted)) {
            kink = true;
            return ControlFlow::Break(());
        }
        tiny = if accepted.duration < TINY * duration { tiny + 1 } else { 0 };
        if tiny >= PATIENCE && tiny.is_multiple_of(PATIENCE) {
            // Before a cut that the steps never end beyond, since it leads back within them.
            let time = accepted.from + accepted.duration;
            slide = ahead(field, accepted.state, duration).map(|c| located(field, accepted.state, &c, time));
            if slide.is_some() {
                return ControlFlow::Break(());
            }
        }
        let found =
            accepted.crossings.spectrum.filter(|c| slides(field, accepted.before(), accepted.state, c, duration));
        if let Some(crossing) = found {
            slide = Some(located(field, accepted.state, &crossing, accepted.from + accepted.duration));
        }
        if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if kink {
        return (None, Err(Outcome::Kink));
    }
    match result {
        Err(Outcome::StepUnderflow) => {
            if kinks.is_some_and(|k| k.holds_ahead(field, state, duration)) {
                return (None, Err(Outcome::Kink));
            }
            // A jump so large that no step across it is accepted.
            slide = ahead(field, state, duration).map(|c| located(field, state, &c, duration * integrator.reached()));
            if slide.is_none() {
                return (None, Err(budget::check().err().map_or(Outcome::StepUnderflow, Outcome::Stopped)));
            }
        }
        Ok(Advanced::Halted) => {}
        other => return (None, other.map(|_| ())),
    }
    let result = if at_cut == AtCut::Slide && field.spread(true) {
        let go_on = integrator.advance_watched(field, duration, state, &mut |accepted, field| {
            watch(accepted, field);
            ControlFlow::Continue(())
        });
        go_on.map(|_| ())
    } else {
        Err(Outcome::Sliding { asked: at_cut == AtCut::Stop })
    };
    (slide, result)
}

fn located(field: &mut dyn Field, state: &[Complex64], crossing: &CutCrossing, time: f64) -> SlideAt {
    let mut out = state.to_vec();
    let _ = field.evaluate(state, &mut out);
    let spectrum = field.shifted_spectrum();
    let distance = |m: &&Complex64| (*m - crossing.to).norm();
    let own = spectrum.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).copied().unwrap_or(crossing.to);
    // The largest real part of hλ is the smallest of 1 − hλ.
    let direction = spectrum.iter().filter(|m| m.re < own.re).count();
    SlideAt { time, direction, h_lambda: 1.0 - own }
}

/// The crossing that the field leads into within a tiny part of the interval, if it slides there.
fn ahead(field: &mut dyn Field, state: &[Complex64], duration: f64) -> Option<CutCrossing> {
    let mut speed = state.to_vec();
    field.evaluate(state, &mut speed).ok()?;
    let mut out = state.to_vec();
    let mut part = 1e-13;
    while part < 1e-6 {
        budget::check().ok()?;
        let after: Vec<Complex64> = state.iter().zip(&speed).map(|(x, f)| x + f * (duration * part)).collect();
        field.evaluate(&after, &mut out).ok()?;
        if let Some(crossing) = field.crossing() {
            return slides(field, state, &after, &crossing, duration).then_some(crossing);
        }
        part *= 4.0;
    }
    None
}

/// Filippov's condition at a crossing between two states: whether the fields of both sides lead to the cut.
fn slides(
    field: &mut dyn Field,
    before: &[Complex64],
    after: &[Complex64],
    crossing: &CutCrossing,
    duration: f64,
) -> bool {
    both_lead_back(field, before, after, crossing, duration).unwrap_or(false)
}

fn both_lead_back(
    field: &mut dyn Field,
    before: &[Complex64],
    after: &[Complex64],
    crossing: &CutCrossing,
    duration: f64,
) -> Option<bool> {
    let mut speed = after.to_vec();
    field.evaluate(after, &mut speed).ok()?;
    let all = |v: &[Complex64]| norm(v.iter().copied());
    let size = all(after).max(duration * all(&speed));
    // Two states on either side of the cut, close to it and to each other.
    let (mut low, mut high) = (before.to_vec(), after.to_vec());
    let mut middle = after.to_vec();
    loop {
        let mut apart = 0.0_f64;
        for ((m, a), b) in middle.iter_mut().zip(&low).zip(&high) {
            *m = 0.5 * (a + b);
            apart = apart.max((b - a).norm());
        }
        if apart <= BRACKET * size || middle == low || middle == high {
            break;
        }
        budget::check().ok()?;
        field.evaluate(&middle, &mut speed).ok()?;
        let end = if field.is_beyond(crossing)? { &mut high } else { &mut low };
        end.copy_from_slice(&middle);
    }
    let mut leads_beyond = |from: &[Complex64]| -> Option<bool> {
        field.evaluate(from, &mut speed).ok()?;
        let reach = PROBE * size / all(&speed);
        for ((m, x), f) in middle.iter_mut().zip(from).zip(&speed) {
            *m = x + f * reach;
        }
        field.evaluate(&middle, &mut speed).ok()?;
        field.is_beyond(crossing)
    };
    Some(leads_beyond(&low)? && !leads_beyond(&high)?)
}
