//! One flow beside the optimizer's iterates.

use super::description::{FlowDescription, FlowLaw};
use super::events::{Spectrum, Watch};
use super::field::Field;
use super::integrator::{Accepted, Integrator, IntegratorOptions};
use super::kinks::Kinks;
use super::lost_value::has_run_away;
use super::model::Model;
use super::outcome::{End, Outcome};
use super::simulation::Event;
use super::slide::{AtCut, Restart, Slide, SlideAt, advance};
use super::subject::Subject;
use crate::budget::{self, Counted};
use crate::number::Rational;
use crate::spectral::{SpectralError, norm};
use num_complex::Complex64;
use std::collections::BTreeMap;
use std::time::Instant;

/// What a flow is followed for.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) subject: &'a Subject,
    pub(super) model: &'a dyn Model,
    pub(super) flow: &'a FlowDescription,
    pub(super) h: &'a Rational,
    pub(super) steps: usize,
    pub(super) iterates: &'a [Option<Vec<f64>>],
    pub(super) options: &'a IntegratorOptions,
    pub(super) counted: &'a Counted,
}

/// A flow's states at the optimizer's times, if recorded all of them, and what happened.
#[derive(Default)]
pub(super) struct Followed {
    pub(super) trajectory: Vec<Option<Vec<Complex64>>>,
    pub(super) path: Vec<Vec<Complex64>>,
    pub(super) events: Vec<Event>,
    pub(super) slides: Vec<Slide>,
    pub(super) slid: Vec<bool>,
    /// How it ended before its last step.
    pub(super) end: Option<End>,
}

impl Followed {
    /// Nothing, from the start.
    pub(super) fn ended(end: End, warn: Warn<'_>) -> Self {
        Self { end: Some(end), ..Self::default() }.said(warn)
    }

    /// With a warning of how it ended.
    pub(super) fn said(self, warn: Warn<'_>) -> Self {
        if let Some(End { step, outcome, message }) = &self.end {
            warn(outcome.code(), message.clone(), *step);
        }
        self
    }
}

/// Takes a code, a message and a step.
pub(super) type Warn<'w> = &'w mut dyn FnMut(&'static str, String, usize);

fn complex(state: &[f64]) -> Vec<Complex64> {
    state.iter().map(|x| Complex64::from(*x)).collect()
}

/// The trajectory of one flow, from the start to where it could be followed, or every step from the optimizer's iterate.
pub(super) fn follow<'a>(
    setting: &Setting<'a>,
    field: Box<dyn Field + 'a>,
    spectrum: Option<&mut Spectrum<'_>>,
    warn: Warn<'_>,
) -> Followed {
    let Setting { model, flow, steps, iterates, options, .. } = *setting;
    let h = setting.h.to_f64();
    let Some(start) = iterates.first().and_then(Option::as_ref) else { return Followed::default() };
    let each = options.restart == Restart::Each;
    let back = flow.steps();
    if back == 2 && steps > 0 {
        let message = if each {
            "starts two iterates before, and has no value at the first"
        } else {
            "is compared with every second iterate and has no value between"
        };
        warn("every-second-step", format!("{} is the flow of two steps: it {message}", flow.name), 1);
    }
    let mut watch = Watch::new(&flow.name, h, options.tolerance, spectrum);
    watch.start(&complex(start));
    let mut run = Run {
        setting: *setting,
        h,
        field,
        kinks: model.kinks(),
        resting: false,
        integrator: Integrator::new(start.len(), *options),
        imprecise: false,
        cut: false,
        loss_cut: false,
        found: Followed { trajectory: vec![Some(complex(start))], slid: vec![false], ..Followed::default() },
    };
    run.precise(start, "at the start", 0, warn);
    if each {
        run.each(back, &mut watch, warn);
    } else {
        run.through(back, start, &mut watch, warn);
    }
    let mut found = run.found.said(warn);
    if options.record && !each {
        found.path = run.integrator.into_path();
        found.path.insert(0, complex(start));
    }
    if !found.slid.contains(&true) {
        found.slid.clear();
    }
    let (events, resonance) = watch.finish();
    found.events = events;
    if let Some((distance, step)) = resonance {
        let message = format!(
            "a product of values 1 - hλ came within {distance:.1e} of another one on another sheet of the logarithm, in step {step}: a \
             term of the flow grows as one over this distance{}",
            if matches!(flow.law, FlowLaw::Resummed { fourth: false, .. }) {
                "; rpf2 has no such resonance"
            } else {
                ""
            }
        );
        warn("resonance", message, step);
    }
    found
}

/// A flow being followed, and what only the first time is news.
struct Run<'a> {
    setting: Setting<'a>,
    h: f64,
    field: Box<dyn Field + 'a>,
    kinks: Option<Kinks>,
    /// Whether nothing moves any more, at a kink.
    resting: bool,
    integrator: Integrator,
    imprecise: bool,
    cut: bool,
    loss_cut: bool,
    found: Followed,
}

impl Run<'_> {
    /// One trajectory.
    fn through(&mut self, back: usize, start: &[f64], watch: &mut Watch<'_, '_>, warn: Warn<'_>) {
        let mut state = complex(start);
        let mut slid = false;
        for step in 1..=self.setting.steps {
            let (slide, result) = self.step(step, &mut state, watch, warn);
            let sliding = match result {
                Err(Outcome::Sliding { asked }) => Some(asked),
                _ => None,
            };
            if let Some(slide) = &slide {
                slid = true;
                let message = place(slide) + sliding.map_or("", Outcome::end_of_slide);
                if let (Some(_), Err(outcome)) = (sliding, result) {
                    self.found.end = Some(End { step, outcome, message });
                } else {
                    warn("sliding", message, step);
                }
            }
            self.found.slides.extend(slide);
            if let Err(outcome) = result {
                if sliding.is_none() {
                    self.found.end = Some(self.end(outcome, step, &state, watch));
                }
                if sliding.is_none() || self.found.slid.contains(&true) {
                    // What has slid stays so, with or without a value.
                    self.found.slid.resize(self.setting.steps + 1, slid);
                }
                break;
            }
            // The flow of two steps has nothing to say about the iterate between.
            self.found.trajectory.push((step % back == 0).then(|| state.clone()));
            self.found.slid.push(slid);
        }
    }

    /// Every step from its own iterate; of what ends steps, the first and the number are said.
    fn each(&mut self, back: usize, watch: &mut Watch<'_, '_>, warn: Warn<'_>) {
        let Setting { steps, iterates, options, .. } = self.setting;
        let started = Instant::now();
        let mut ends: BTreeMap<&'static str, (usize, End)> = BTreeMap::new();
        for step in 1..=steps {
            let Some(from) = step.checked_sub(back) else {
                self.found.trajectory.push(None);
                self.found.slid.push(false);
                continue;
            };
            let Some(iterate) = iterates.get(from).and_then(Option::as_ref) else { break };
            let mut state = complex(iterate);
            let restarted = IntegratorOptions { record: false, ..*options };
            self.integrator = Integrator::new(state.len(), restarted).started_at(started);
            self.field.spread(false);
            self.resting = false;
            self.kinks.iter_mut().for_each(Kinks::restart);
            watch.start(&state);
            let (mut slid, mut result) = (false, Ok(()));
            for part in from + 1..=step {
                let slide;
                (slide, result) = self.step(part, &mut state, watch, warn);
                slid |= slide.is_some();
                self.found.slides.extend(slide);
                if result.is_err() {
                    break;
                }
            }
            self.found.slid.push(slid && result.is_ok());
            match result {
                Ok(()) => self.found.trajectory.push(Some(state)),
                Err(outcome) => {
                    self.found.trajectory.push(None);
                    if !matches!(outcome, Outcome::Sliding { .. }) {
                        let end = self.end(outcome, step, &state, watch);
                        ends.entry(end.outcome.code()).or_insert((0, end)).0 += 1;
                    }
                    if matches!(outcome, Outcome::Stopped(_)) {
                        break;
                    }
                }
            }
        }
        for (code, (count, end)) in ends {
            let more = if count > 1 { format!("; so end {count} of {steps} steps") } else { String::new() };
            warn(code, end.message + &more, end.step);
        }
        if let Some(first) = self.found.slides.first() {
            let ended = !self.found.slid.contains(&true);
            let afterwards = if ended { Outcome::end_of_slide(options.at_cut == AtCut::Stop) } else { "" };
            let count = self.found.slides.len();
            let message = format!("{}; it slides in {count} of {steps} steps{afterwards}", place(first));
            warn("sliding", message, first.step);
        }
    }

    /// One step of the optimizer's time.
    fn step(
        &mut self,
        step: usize,
        state: &mut [Complex64],
        watch: &mut Watch<'_, '_>,
        warn: Warn<'_>,
    ) -> (Option<Slide>, Result<(), Outcome>) {
        let (h, options) = (self.h, self.setting.options);
        if self.resting {
            return (None, Ok(()));
        }
        let begin = (step - 1) as f64 * h;
        let mut observe = |accepted: &Accepted<'_>, field: &mut dyn Field| watch.accepted(begin, accepted, field);
        let kinks = self.kinks.as_mut();
        let (integrator, field) = (&mut self.integrator, &mut *self.field);
        let advanced = budget::part(|| advance(integrator, field, options.at_cut, h, state, kinks, &mut observe));
        let (slide, mut result) = advanced.unwrap_or_else(|stopped| (None, Err(stopped.into())));
        if result == Err(Outcome::Kink)
            && let Some(held) = self.kinks.as_ref().and_then(Kinks::held).filter(|held| held.at_rest)
        {
            self.resting = true;
            result = Ok(());
            watch.rests_at_kink(begin + h * self.integrator.reached(), &held.name);
        }
        // Now and then, since long floats are slow.
        if !self.imprecise && (step.is_power_of_two() || result.is_err()) {
            let real: Vec<f64> = state.iter().map(|z| z.re).collect();
            self.precise(&real, &format!("at step {step}"), step, warn);
        }
        // Only the first of each is news.
        let crossings = self.integrator.crossings();
        if let Some(crossing) = crossings.spectrum.filter(|_| slide.is_none() && !self.cut) {
            self.cut = true;
            let message = match crossing.cut {
                Some(cut) if cut.point == Complex64::ONE => {
                    "an eigenvalue 1 - hλ crossed the negative imaginary axis, the cut of log(1-z), where the field jumps; \
                     compare with care from here on"
                        .to_owned()
                }
                Some(cut) => format!(
                    "an hλ crossed the cut of α from its branch point {}, where the field jumps; compare with care from here on",
                    point(cut.point)
                ),
                None => "an hλ crossed a cut of α, where the field jumps; compare with care from here on".to_owned(),
            };
            warn("branch-cut", message, step);
        }
        if crossings.loss && !self.loss_cut {
            self.loss_cut = true;
            let message = "the trajectory crossed the cut of a principal branch in the loss, where its derivatives jump; compare \
                           with care from here on";
            warn("loss-branch-cut", message.to_owned(), step);
        }
        self.setting.counted.advance(1);
        let slide =
            slide.map(|SlideAt { time, direction, h_lambda }| Slide { time: begin + time, step, direction, h_lambda });
        (slide, result)
    }

    fn precise(&mut self, state: &[f64], place: &str, step: usize, warn: Warn<'_>) {
        let found = budget::part(|| self.field.precision(state)).ok().flatten();
        if let Some(message) = found.and_then(|p| p.message(place)) {
            self.imprecise = true;
            warn("order-precision", message, step);
        }
    }

    /// How it ended, with the place: what an outcome is here, since a state that runs away uses up any number of steps.
    fn end(&self, outcome: Outcome, step: usize, state: &[Complex64], watch: &Watch<'_, '_>) -> End {
        let before = format!(" before step {step}, at |θ| = {:.1e}", norm(state.iter().copied()));
        let start = self.setting.iterates.first().and_then(Option::as_deref);
        let away = start.is_some_and(|start| has_run_away(start, state));
        // Of the whole way, the place where it ends included.
        let closest = [watch.closest_to_branch_point(), self.field.distance_to_branch_point()];
        let closest = closest.into_iter().flatten().reduce(f64::min).map_or(String::new(), |distance| {
            format!("; the closest hλ on the way was {distance:.1e} from the branch point 1")
        });
        match outcome {
            Outcome::Kink => {
                let held = self.kinks.as_ref().and_then(Kinks::held);
                let name = held.map_or(String::new(), |held| {
                    format!(": the fields of both sides of that of `{}` lead back to it", held.name)
                });
                End::new(step, outcome, &format!(" in step {step}{name}"))
            }
            // Ever smaller steps, of which more would not help.
            Outcome::StepLimit { most } if away => {
                End::new(step, Outcome::Diverged, &format!("{before}, where its {most} integration steps were used up"))
            }
            Outcome::NoValue(SpectralError::NotFinite) => {
                let model = self.setting.model;
                let lost = [state, self.integrator.tried()].into_iter().find_map(|at| model.lost_value(at, false));
                match lost {
                    lost if away && lost.as_ref().is_none_or(|lost| lost.beyond || lost.overflows) => {
                        let place = format!("{before}, where its field is beyond the largest double");
                        End::new(step, Outcome::Diverged, &place)
                    }
                    Some(lost) => lost.end(step, &format!("before step {step}")),
                    None => End::new(step, outcome, &(before + &closest)),
                }
            }
            Outcome::StepUnderflow | Outcome::Stopped(_) => {
                let tried = self.integrator.steps();
                End::new(step, outcome, &format!("{before}, after {tried} integration steps{closest}"))
            }
            Outcome::StepLimit { .. } | Outcome::Diverged => End::new(step, outcome, &(before + &closest)),
            _ => End::new(step, outcome, &format!(" before step {step}")),
        }
    }
}

/// Where a flow began to slide, in words.
fn place(slide: &Slide) -> String {
    format!(
        "hλ = {} of eigendirection {} slides along the cut of α from t = {:.6} in step {}",
        point(slide.h_lambda),
        slide.direction,
        slide.time,
        slide.step
    )
}

/// A complex number to a few digits.
fn point(z: Complex64) -> String {
    if z.im == 0.0 { format!("{:.6}", z.re) } else { format!("{:.4}{:+.4}i", z.re, z.im) }
}
