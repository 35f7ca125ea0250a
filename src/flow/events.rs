//! What happens along a trajectory: the edges of stability crossed, the branch point and resonances approached, points of rest reached.

use super::derivatives::Hessian;
use super::field::Field;
use super::integrator::Accepted;
use super::model::Model;
use super::simulation::Event;
use crate::budget;
use crate::budget::tick;
use crate::spectral::{Alpha, MatrixFunction, norm};
use num_complex::Complex64;

/// The most parameters for which the spectrum is found at every step of flows that do not find it themselves.
const MOST_PARAMETERS: usize = 64;

/// An `hλ` this close to 1 is reported as an approach to the branch point.
const NEAR_BRANCH_POINT: f64 = 0.05;

/// A resonance is reported within this distance.
const NEAR_RESONANCE: f64 = 0.25;

/// A crossing is located to this part of a step.
const LOCATED: f64 = 1e-10;

/// An `hλ` this close to a level, for each parameter, is on no side of it but for rounding.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// The levels of `hλ_0` whose crossing is an event, with its code.
const LEVELS: [(f64, &str); 2] = [(1.0, "crosses-1/h"), (2.0, "crosses-2/h")];

/// On which side of each level `hλ_0` was where it was on one; an eigenvalue that stays at a level, and is beside it by rounding, crosses nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Sides([Option<bool>; LEVELS.len()]);

impl Sides {
    /// Moves on to a state of so many parameters, and says which levels were crossed: by their places, and whether rising.
    fn crossed(&mut self, level: f64, parameters: usize) -> Vec<(usize, bool)> {
        let mut crossed = Vec::new();
        for (k, ((target, _), side)) in LEVELS.into_iter().zip(&mut self.0).enumerate() {
            if (level - target).abs() <= ROUNDING * parameters as f64 * target {
                continue;
            }
            let above = level > target;
            if side.replace(above).is_some_and(|before| before != above) {
                crossed.push((k, above));
            }
        }
        crossed
    }
}

/// `hλ` at any state, by a Hessian of its own.
pub(super) struct Spectrum<'a> {
    derivatives: Box<dyn Hessian + 'a>,
    function: MatrixFunction,
    h: f64,
    gradient: Vec<Complex64>,
    hessian: Vec<Complex64>,
    out: Vec<Complex64>,
}

impl<'a> Spectrum<'a> {
    /// `None` for losses with many parameters or without a Hessian.
    pub(super) fn new(model: &'a dyn Model, h: f64) -> Option<Self> {
        let n = model.parameters().len();
        if n > MOST_PARAMETERS {
            return None;
        }
        let zeros = |size: usize| vec![Complex64::ZERO; size];
        Some(Self {
            derivatives: model.hessian().ok()?,
            function: MatrixFunction::new(Alpha::Logarithm, n),
            h,
            gradient: zeros(n),
            hessian: zeros(n * n),
            out: zeros(n),
        })
    }

    /// `1 − hλ_i`; empty where there is none.
    pub(super) fn at(&mut self, state: &[Complex64]) -> &[Complex64] {
        self.derivatives.gradient_hessian(state, &mut self.gradient, &mut self.hessian);
        // The spectrum is wanted, not the function; any vector does.
        self.gradient.fill(Complex64::ONE);
        let _ = self.function.apply(self.h, &self.hessian, &self.gradient, &mut self.out);
        self.function.shifted_spectrum()
    }

    /// The norm of the gradient.
    fn slope(&mut self, state: &[Complex64]) -> f64 {
        self.derivatives.gradient_hessian(state, &mut self.gradient, &mut self.hessian);
        norm(self.gradient.iter().copied())
    }
}

/// `hλ_0` from the values `1 − hλ`: the largest real part.
fn largest(shifted: &[Complex64]) -> Option<f64> {
    shifted.iter().map(|m| 1.0 - m.re).reduce(f64::max).filter(|z| z.is_finite())
}

/// How close something came, and when.
#[derive(Debug, Clone, Copy)]
struct Closest {
    distance: f64,
    time: f64,
    step: usize,
}

/// Beside θ, the step of gradient descent from where a flow rests at no critical point: far more than tolerances leave.
const ELSEWHERE: f64 = 1e-3;

/// Watches one trajectory.
pub(super) struct Watch<'w, 'a> {
    name: String,
    h: f64,
    tolerance: f64,
    spectrum: Option<&'w mut Spectrum<'a>>,
    /// `hλ_0` at the last state, and on which sides it was.
    last: Option<f64>,
    sides: Sides,
    /// How many `hλ` lay beyond 1 and whether all were real, where that was last known.
    beyond: Option<(usize, bool)>,
    /// The closest `hλ` was to 1 and a product to a resonance.
    branch_point: Option<Closest>,
    resonance: Option<Closest>,
    at_rest: bool,
    /// The optimizer step in which the trajectory is.
    step: usize,
    events: Vec<Event>,
}

impl<'w, 'a> Watch<'w, 'a> {
    pub(super) fn new(name: &str, h: f64, tolerance: f64, spectrum: Option<&'w mut Spectrum<'a>>) -> Self {
        Self {
            name: name.to_owned(),
            h,
            tolerance,
            spectrum,
            last: None,
            sides: Sides::default(),
            beyond: None,
            branch_point: None,
            resonance: None,
            at_rest: false,
            step: 0,
            events: Vec::new(),
        }
    }

    /// The state where a trajectory starts.
    pub(super) fn start(&mut self, state: &[Complex64]) {
        if let Some(spectrum) = &mut self.spectrum {
            let shifted = spectrum.at(state);
            self.last = largest(shifted);
            self.beyond = beyond(shifted);
            if let Some(level) = self.last {
                self.sides.crossed(level, state.len());
            }
        }
    }

    /// A step that the integrator accepted, in an interval that begins at `begin`.
    pub(super) fn accepted(&mut self, begin: f64, step: &Accepted<'_>, field: &mut dyn Field) {
        let time = begin + step.from + step.duration;
        self.step = (begin / self.h).round().max(0.0) as usize + 1;
        let at = self.step;
        let closest = |now: Option<f64>, best: &mut Option<Closest>| {
            if let Some(distance) = now.filter(|d| best.is_none_or(|b| *d < b.distance)) {
                *best = Some(Closest { distance, time, step: at });
            }
        };
        closest(field.distance_to_branch_point(), &mut self.branch_point);
        closest(field.closest_resonance(), &mut self.resonance);
        self.rest(time, step);
        // Owned, since locating a crossing evaluates the field elsewhere.
        let own = !field.shifted_spectrum().is_empty();
        let (level, real) = if own {
            (largest(field.shifted_spectrum()), beyond(field.shifted_spectrum()))
        } else if let Some(spectrum) = &mut self.spectrum {
            let shifted = spectrum.at(step.state);
            (largest(shifted), beyond(shifted))
        } else {
            return;
        };
        let singular = field.distance_to_branch_point().is_some();
        if singular
            && let (Some((before, true)), Some((after, _))) = (self.beyond, real)
            && before != after
        {
            self.push("branch-point-crossed", time, || {
                format!(
                    "the trajectory, real until then, stepped over hλ = 1, the branch point of its field, where it is infinite: {before} of the hλ \
                     lay beyond before, {after} after; what follows is one continuation of several"
                )
            });
        }
        if let Some(after) = level {
            for (k, rising) in self.sides.crossed(after, step.state.len()) {
                let (target, code) = LEVELS[k];
                // Locating one takes hundreds of evaluations, and a trajectory that slides along a cut has thousands; of those only
                // the first of a step is news.
                let part = if self.has(code) {
                    self.last.map(|before| ((before - target) / (before - after)).clamp(0.0, 1.0))
                } else {
                    self.locate(step, field, target, rising)
                };
                let Some(part) = part else { continue };
                let way = if rising { "rises" } else { "falls" };
                let edge = if k == 0 { "1/h" } else { "2/h, the edge of stability," };
                let when = begin + step.from + part * step.duration;
                self.push(code, when, || format!("the largest eigenvalue {way} through {edge} at t = {when:.9}"));
            }
        }
        self.last = level;
        self.beyond = real.or(self.beyond);
    }

    /// The part of the step at which `hλ_0` crosses a target, by bisection; `None` once the time is up, which ends the trajectory too.
    fn locate(&mut self, step: &Accepted<'_>, field: &mut dyn Field, target: f64, rising: bool) -> Option<f64> {
        let (mut low, mut high) = (0.0, 1.0);
        let mut state = step.state.to_vec();
        let mut speed = state.clone();
        while high - low > LOCATED {
            let middle = 0.5 * (low + high);
            let found = step.at(field, middle, &mut state).is_ok();
            let level = if let Some(spectrum) = &mut self.spectrum {
                largest(spectrum.at(&state))
            } else {
                let _ = field.evaluate(&state, &mut speed);
                largest(field.shifted_spectrum())
            };
            budget::check().ok()?;
            let Some(level) = level.filter(|_| found) else { break };
            if (level < target) == rising { low = middle } else { high = middle }
        }
        Some(0.5 * (low + high))
    }

    fn rest(&mut self, time: f64, step: &Accepted<'_>) {
        let (speed, size) = (norm(step.speed().iter().copied()), norm(step.state.iter().copied()));
        if !self.at_rest && speed * self.h <= self.tolerance * (1.0 + size) {
            self.at_rest = true;
            let moves = speed * self.h;
            // A truncated or resummed field may vanish elsewhere.
            let slope = self.spectrum.as_mut().map_or(0.0, |spectrum| spectrum.slope(step.state));
            let elsewhere = if slope * self.h > ELSEWHERE * (1.0 + size) {
                format!("; the gradient of the loss has the norm {slope:.2e} there, so that it is no critical point")
            } else {
                String::new()
            };
            self.push("stationary", time, || {
                format!("at rest at t = {time:.6}: what remains moves by {moves:.1e} a step{elsewhere}")
            });
        }
    }

    /// Nothing moves any more where a function of the loss has no derivative.
    pub(super) fn rests_at_kink(&mut self, time: f64, name: &str) {
        self.push("rests-at-kink", time, || {
            format!(
                "rests at the kink of `{name}` from t = {time:.6} on: the fields of both sides lead back to it, and nothing moves along it"
            )
        });
    }

    /// Whether this has happened in this step.
    fn has(&self, code: &str) -> bool {
        self.events.iter().rev().take_while(|e| e.step == self.step).any(|e| e.code == code)
    }

    /// Counts what happened: one event a kind and step.
    fn push(&mut self, code: &'static str, time: f64, message: impl FnOnce() -> String) {
        let step = self.step;
        if let Some(event) = self.events.iter_mut().rev().take_while(|e| e.step == step).find(|e| e.code == code) {
            event.count += 1;
            event.last_time = time;
            return;
        }
        let flow = Some(self.name.clone());
        self.events.push(Event { code, message: message(), flow, time, step, count: 1, last_time: time });
    }

    /// How close the closest `hλ` came to 1 on the way.
    pub(super) fn closest_to_branch_point(&self) -> Option<f64> {
        self.branch_point.map(|c| c.distance)
    }

    /// Adds what is known at the end only, and returns the events in the order of their times, and the closest resonance.
    pub(super) fn finish(mut self) -> (Vec<Event>, Option<(f64, usize)>) {
        if let Some(Closest { distance, time, step }) = self.branch_point.filter(|c| c.distance < NEAR_BRANCH_POINT) {
            self.events.push(Event {
                code: "branch-point-near",
                message: format!(
                    "an hλ came within {distance:.1e} of 1, the branch point, at t = {time:.6}; the field loses digits in proportion"
                ),
                flow: Some(self.name.clone()),
                time,
                step,
                count: 1,
                last_time: time,
            });
        }
        for event in self.events.iter_mut().filter(|e| e.count > 1) {
            let again = format!("; {} times in this step, the last at t = {:.9}", event.count, event.last_time);
            event.message.push_str(&again);
        }
        let resonance = self.resonance.filter(|c| c.distance < NEAR_RESONANCE);
        self.events.sort_by(|a, b| a.time.total_cmp(&b.time));
        (self.events, resonance.map(|c| (c.distance, c.step)))
    }
}

/// How many `hλ` lie beyond 1, and whether all are real; `None` where one is at 1 but for rounding.
fn beyond(shifted: &[Complex64]) -> Option<(usize, bool)> {
    let count = shifted.iter().filter(|m| m.re < 0.0).count();
    let known = !shifted.is_empty() && shifted.iter().all(|m| m.re.abs() > ROUNDING * shifted.len() as f64);
    known.then(|| (count, shifted.iter().all(|m| m.im == 0.0)))
}

/// Crossings of `hλ_0` between iterates of the optimizer.
pub(super) fn of_iterates(spectrum: &mut Spectrum<'_>, h: f64, iterates: &[Option<Vec<f64>>]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut sides = Sides::default();
    for (step, iterate) in iterates.iter().enumerate() {
        let Some(iterate) = iterate else { break };
        tick();
        let state: Vec<Complex64> = iterate.iter().map(|x| Complex64::from(*x)).collect();
        let Some(level) = largest(spectrum.at(&state)) else { continue };
        for (k, rising) in sides.crossed(level, iterate.len()) {
            let way = if rising { "rises" } else { "falls" };
            let edge = if k == 0 { "1/h" } else { "2/h, the edge of stability" };
            let message = format!("the largest eigenvalue at the iterates {way} through {edge}");
            let (code, time) = (LEVELS[k].1, step as f64 * h);
            events.push(Event { code, message, flow: None, time, step, count: 1, last_time: time });
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossings(levels: &[f64]) -> Vec<(usize, bool)> {
        let mut sides = Sides::default();
        levels.iter().flat_map(|level| sides.crossed(*level, 2)).collect()
    }

    #[test]
    fn levels_are_crossed_from_side_to_side() {
        let (below, above) = (2.0 - 4.0 * f64::EPSILON, 2.0 + 4.0 * f64::EPSILON);
        // At the level but for rounding, all the time, at first, or at last.
        assert_eq!(crossings(&[2.0, above, below, above, 2.0]), []);
        assert_eq!(crossings(&[below, above, 2.5, 2.1]), []);
        assert_eq!(crossings(&[1.5, below, above]), []);
        assert_eq!(crossings(&[1.0 - f64::EPSILON, 1.0 + f64::EPSILON, 1.0]), []);
        // To it and back is no crossing, and through it is one.
        assert_eq!(crossings(&[1.9, 2.0, above, 1.8]), []);
        assert_eq!(crossings(&[1.9, 2.0, above, 2.2, 2.0, below, 1.5]), [(1, true), (1, false)]);
        assert_eq!(crossings(&[0.5, 3.0, 0.9]), [(0, true), (1, true), (0, false), (1, false)]);
    }

    /// `1 − hλ` of a shifted spectrum: an `hλ` of 1 but for rounding is on no side.
    #[test]
    fn what_is_at_the_branch_point_is_not_beyond() {
        let at = |values: &[f64]| values.iter().map(|x| Complex64::from(*x)).collect::<Vec<_>>();
        assert_eq!(beyond(&at(&[0.5, -0.5])), Some((1, true)));
        assert_eq!(beyond(&at(&[0.5, -1e-16])), None);
        assert_eq!(beyond(&[]), None);
    }
}
