//! An adaptive explicit Runge–Kutta method of order 8 on complex states.

use super::dop853::{ERROR_3, ERROR_5, MATRIX, STAGES, WEIGHTS};
use super::field::{Crossings, Field};
use super::outcome::Outcome;
use super::slide::{AtCut, Restart};
use crate::budget::{self, Stopped};
use crate::spectral::SpectralError;
use num_complex::Complex64;
use std::ops::ControlFlow;
use std::time::Instant;

/// The local error is held this much below the tolerance, so that a trajectory over many steps keeps about the tolerance.
const MARGIN: f64 = 0.05;
/// The smallest part of an interval that is tried, a few times the rounding of its end.
const SMALLEST: f64 = 1e-14;
/// And where the field is not reached with the products that are allowed.
const UNREACHED: f64 = 1e-3;
/// States beyond this are called diverged, well before derivatives overflow.
const HUGE: f64 = 1e100;

/// After so many steps the pace is looked at, and trusted to grow by this factor.
const PACE: usize = 100;
const TRUST: f64 = 4.0;

/// How to integrate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntegratorOptions {
    /// The relative and the absolute tolerance, of the modulus of every complex entry; 1e-10 unless told.
    pub tolerance: f64,
    /// The most steps that one trajectory may try; 100,000 unless told.
    pub max_steps: usize,
    /// Whether to keep every accepted state, for drawing; not unless told.
    pub record: bool,
    /// The most seconds that one trajectory may take; no limit unless told.
    pub max_seconds: Option<f64>,
    /// What sets `max_seconds`, for messages; its own name unless told.
    pub seconds_name: &'static str,
    /// What to do where a flow slides along a cut of its field: go on, with the jump spread, unless told.
    pub at_cut: AtCut,
    /// From where the steps of a simulated flow start: one trajectory unless told.
    pub restart: Restart,
    /// Whether to end where, at the pace of the last hundred steps, four times those that are left would not lead to the end of the interval; not unless
    /// told.
    pub foresees: bool,
}

impl Default for IntegratorOptions {
    fn default() -> Self {
        Self {
            tolerance: 1e-10,
            max_steps: 100_000,
            record: false,
            max_seconds: None,
            seconds_name: "max_seconds",
            at_cut: AtCut::Slide,
            restart: Restart::Never,
            foresees: false,
        }
    }
}

/// How far a call of [`Integrator::advance_watched`] came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advanced {
    /// To the end of the interval.
    Through,
    /// To where who watched the steps ended it.
    Halted,
}

/// Follows `θ̇ = f(θ)` by DOP853, the method of order 8 with embedded orders 5 and 3 of Dormand & Prince (Hairer, Nørsett & Wanner,
/// *Solving Ordinary Differential Equations I*, II.5 and II.10).
///
/// Errors are measured by moduli, so that a state is treated alike in every direction of the complex plane. Each call
/// of [`Integrator::advance`] ends exactly at the end of its interval. Nothing is allocated after construction, unless states are
/// recorded.
///
/// ```
/// use num_complex::Complex64;
/// use shadowflow::flow::{Integrator, IntegratorOptions};
/// // θ̇ = iθ turns once in 2π.
/// let mut field = |z: &[Complex64], f: &mut [Complex64]| f[0] = Complex64::I * z[0];
/// let mut state = [Complex64::ONE];
/// let mut integrator = Integrator::new(1, IntegratorOptions::default());
/// integrator.advance(&mut field, std::f64::consts::TAU, &mut state).expect("a smooth field");
/// assert!((state[0] - 1.0).norm() < 1e-10);
/// ```
#[derive(Debug, Clone)]
pub struct Integrator {
    options: IntegratorOptions,
    stages: Vec<Vec<Complex64>>,
    trial: Vec<Complex64>,
    /// The field at the state where the last call ended, if it is the first stage of the next.
    ready: bool,
    /// The part of the next interval that the last step suggests.
    proposed: Option<f64>,
    steps: usize,
    crossings: Crossings,
    path: Vec<Vec<Complex64>>,
    started: Instant,
    /// Where the last accepted step began.
    previous: Vec<Complex64>,
    /// The part of the interval that the last call went, if it did not reach the end.
    reached: f64,
    /// The part that was done when the pace was looked at last; below 0 if that was in an interval before.
    paced: f64,
}

/// A step that the integrator has accepted, and the solution within it.
#[derive(Debug)]
pub struct Accepted<'a> {
    integrator: &'a Integrator,
    /// Where it begins, as time since the start of the interval.
    pub from: f64,
    /// How long it is.
    pub duration: f64,
    /// The state at its end.
    pub state: &'a [Complex64],
    /// The cuts met within it.
    pub crossings: Crossings,
}

impl Accepted<'_> {
    /// The state where it begins.
    #[must_use]
    pub fn before(&self) -> &[Complex64] {
        &self.integrator.previous
    }

    /// The field where it begins.
    #[must_use]
    pub fn speed_before(&self) -> &[Complex64] {
        // The one at its end has taken its place.
        &self.integrator.stages[STAGES]
    }

    /// The field at the end.
    #[must_use]
    pub fn speed(&self) -> &[Complex64] {
        &self.integrator.stages[0]
    }

    /// Writes the state at a part of the step, between 0 and 1, to the order of the method: a step of that part, so that it costs as
    /// many evaluations of the field as a step.
    ///
    /// # Errors
    /// Where the field has no value at a stage.
    pub fn at(&self, field: &mut dyn Field, part: f64, out: &mut [Complex64]) -> Result<(), SpectralError> {
        let step = self.duration * part;
        let previous = &self.integrator.previous;
        // The field where the step began; the one at its end has taken its place.
        let mut stages = vec![self.integrator.stages[STAGES].clone(); STAGES];
        for i in 1..STAGES {
            combine(out, previous, step, MATRIX[i], &stages);
            field.evaluate(out, &mut stages[i])?;
        }
        combine(out, previous, step, &WEIGHTS, &stages);
        Ok(())
    }
}

impl Integrator {
    /// An integrator for states of this size, at the start of a trajectory.
    #[must_use]
    pub fn new(dimension: usize, options: IntegratorOptions) -> Self {
        Self {
            options,
            stages: vec![vec![Complex64::ZERO; dimension]; STAGES + 1],
            trial: vec![Complex64::ZERO; dimension],
            ready: false,
            proposed: None,
            steps: 0,
            crossings: Crossings::default(),
            path: Vec::new(),
            started: Instant::now(),
            previous: vec![Complex64::ZERO; dimension],
            reached: 0.0,
            paced: 0.0,
        }
    }

    /// For a part of a trajectory whose time began earlier.
    pub(super) fn started_at(mut self, started: Instant) -> Self {
        self.started = started;
        self
    }

    /// The steps tried since the start of the trajectory.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// The part of the interval that the last call of [`Integrator::advance`] went, if it ended with an error.
    #[must_use]
    pub fn reached(&self) -> f64 {
        self.reached
    }

    /// The cuts met during the last call of [`Integrator::advance`].
    #[must_use]
    pub fn crossings(&self) -> Crossings {
        self.crossings
    }

    /// The accepted states after the start so far, empty unless [`IntegratorOptions::record`] is set.
    #[must_use]
    pub fn into_path(self) -> Vec<Vec<Complex64>> {
        self.path
    }

    /// The state at which the field was evaluated last on the way of a step that was tried.
    pub(super) fn tried(&self) -> &[Complex64] {
        &self.trial
    }

    /// Tries this part of the interval first; what it costs where that is too much is one try.
    pub(super) fn propose(&mut self, part: f64) {
        self.proposed = Some(part);
    }

    /// Follows the field from `state` for `duration` and leaves the end in `state`.
    ///
    /// Consecutive calls continue one trajectory of one field, over intervals of one length.
    ///
    /// # Errors
    ///
    /// See [`Outcome`]; `state` is then where the trajectory was lost.
    pub fn advance(&mut self, field: &mut dyn Field, duration: f64, state: &mut [Complex64]) -> Result<(), Outcome> {
        self.advance_watched(field, duration, state, &mut |_, _| ControlFlow::Continue(())).map(|_| ())
    }

    /// [`Integrator::advance`], with every accepted step shown to `watch`, which may end it there: [`Advanced::Halted`].
    ///
    /// After that or an error the next call goes on with the same interval from where the last one ended, as with a field that has changed: `duration` is
    /// that of the whole interval again.
    ///
    /// # Errors
    /// As [`Integrator::advance`].
    pub fn advance_watched(
        &mut self,
        field: &mut dyn Field,
        duration: f64,
        state: &mut [Complex64],
        watch: &mut dyn FnMut(&Accepted<'_>, &mut dyn Field) -> ControlFlow<()>,
    ) -> Result<Advanced, Outcome> {
        let mut done = self.reached;
        let result = self.follow(field, duration, state, &mut done, watch);
        let through = result == Ok(Advanced::Through);
        self.reached = if through { 0.0 } else { done };
        if through {
            // Seen from the next interval, which begins at 0.
            self.paced -= 1.0;
        } else {
            self.ready = false;
            self.proposed = None;
        }
        result
    }

    fn follow(
        &mut self,
        field: &mut dyn Field,
        duration: f64,
        state: &mut [Complex64],
        done: &mut f64,
        watch: &mut dyn FnMut(&Accepted<'_>, &mut dyn Field) -> ControlFlow<()>,
    ) -> Result<Advanced, Outcome> {
        self.crossings = Crossings::default();
        if !self.ready {
            field.evaluate(state, &mut self.stages[0]).map_err(lost)?;
            field.accept(state, true);
            self.ready = true;
        }
        let mut part = match self.proposed {
            Some(part) => part,
            None => self.initial(field, duration, state),
        };
        let mut rejected = false;
        let mut last_error = None;
        while *done < 1.0 {
            let rest = 1.0 - *done;
            // The end is met exactly, and never by a sliver.
            let (step, last) = if part >= rest {
                (rest, true)
            } else if 2.0 * part > rest {
                (rest / 2.0, false)
            } else {
                (part, false)
            };
            if step < SMALLEST && !last {
                return Err(last_error.map_or(Outcome::StepUnderflow, lost));
            }
            if self.steps >= self.options.max_steps {
                return Err(Outcome::StepLimit { most: self.options.max_steps });
            }
            if self.options.foresees && self.steps.is_multiple_of(PACE) {
                let gained = *done - self.paced;
                self.paced = *done;
                let rest = (self.options.max_steps - self.steps) as f64 / PACE as f64;
                if self.steps >= 2 * PACE && TRUST * rest * gained.max(0.0) < 1.0 - *done {
                    return Err(Outcome::StepsForeseen { most: self.options.max_steps, tried: self.steps });
                }
            }
            budget::check()?;
            if let Some(seconds) = self.options.max_seconds
                && self.started.elapsed().as_secs_f64() >= seconds
            {
                return Err(Stopped::Time { seconds, name: self.options.seconds_name }.into());
            }
            self.steps += 1;
            let error = match self.attempt(field, duration * step, state) {
                Ok(error) => error,
                Err(SpectralError::NotFinite) if state.iter().any(|x| x.norm() > HUGE) => {
                    return Err(Outcome::Diverged);
                }
                Err(error) => {
                    // The stage may lie beyond where the trajectory goes; but each such try takes all the products that are allowed.
                    let smallest = if error == SpectralError::Unreached { UNREACHED } else { SMALLEST };
                    if step < smallest {
                        return Err(lost(error));
                    }
                    last_error = Some(error);
                    rejected = true;
                    part = step / 4.0;
                    continue;
                }
            };
            last_error = None;
            let factor = 0.9 * error.powf(-1.0 / 8.0);
            if error.is_nan() || error >= 1.0 {
                if step < SMALLEST {
                    return Err(Outcome::StepUnderflow);
                }
                rejected = true;
                part = step * factor.clamp(0.2, 0.9);
                continue;
            }
            self.previous.copy_from_slice(state);
            state.copy_from_slice(&self.trial);
            if self.options.record {
                self.path.push(state.to_vec());
            }
            self.stages.swap(0, STAGES);
            let met = field.accept(state, false);
            self.crossings.spectrum = self.crossings.spectrum.or(met.spectrum);
            self.crossings.loss |= met.loss;
            let (from, length) = (duration * *done, duration * step);
            let seen = watch(&Accepted { integrator: self, from, duration: length, state, crossings: met }, field);
            let grown = step * factor.clamp(0.3, if rejected { 1.0 } else { 6.0 });
            // A step cut short by the end says little about the next.
            part = if step < part { grown.max(part) } else { grown };
            rejected = false;
            *done = if last { 1.0 } else { *done + step };
            if seen.is_break() {
                return Ok(Advanced::Halted);
            }
            if state.iter().any(|x| x.norm() > HUGE) {
                return Err(Outcome::Diverged);
            }
        }
        self.proposed = Some(part);
        Ok(Advanced::Through)
    }

    /// One step from `state` to `trial`, with the field there as the last stage; returns the error over the tolerance.
    fn attempt(&mut self, field: &mut dyn Field, step: f64, state: &[Complex64]) -> Result<f64, SpectralError> {
        let (stages, trial) = (&mut self.stages, &mut self.trial);
        for i in 1..STAGES {
            combine(trial, state, step, MATRIX[i], stages);
            field.evaluate(trial, &mut stages[i])?;
        }
        combine(trial, state, step, &WEIGHTS, stages);
        let tolerance = self.options.tolerance * MARGIN;
        let (mut fifth, mut third) = (0.0, 0.0);
        for (k, (x, y)) in state.iter().zip(&*trial).enumerate() {
            let scale = tolerance * (1.0 + x.norm().max(y.norm()));
            let along = |weights: &[f64; STAGES]| -> f64 {
                weights.iter().zip(&*stages).map(|(w, s)| s[k] * w).sum::<Complex64>().norm_sqr() / (scale * scale)
            };
            fifth += along(&ERROR_5);
            third += along(&ERROR_3);
        }
        let error =
            if fifth == 0.0 { 0.0 } else { step * fifth / ((fifth + 0.01 * third) * state.len() as f64).sqrt() };
        if error < 1.0 {
            field.evaluate(trial, &mut stages[STAGES])?;
        }
        // A zero estimate would ask for an infinite step.
        Ok(if error.is_nan() { f64::INFINITY } else { error.max(1e-10) })
    }

    /// The part of the interval to try first (Hairer, Nørsett & Wanner I, II.4).
    fn initial(&mut self, field: &mut dyn Field, duration: f64, state: &[Complex64]) -> f64 {
        let tolerance = self.options.tolerance * MARGIN;
        let norm = |v: &dyn Fn(usize) -> Complex64| -> f64 {
            let sum: f64 = (0..state.len()).map(|k| (v(k) / (tolerance * (1.0 + state[k].norm()))).norm_sqr()).sum();
            (sum / state.len().max(1) as f64).sqrt()
        };
        let (first, rest) = self.stages.split_at_mut(1);
        let (first, second) = (&first[0], &mut rest[0]);
        let (size, slope) = (norm(&|k| state[k]), norm(&|k| first[k] * duration));
        let guess = if size < 1e-5 || slope < 1e-5 { 1e-6 } else { (0.01 * size / slope).min(1.0) };
        for (t, (x, f)) in self.trial.iter_mut().zip(state.iter().zip(first)) {
            *t = x + f * (duration * guess);
        }
        if field.evaluate(&self.trial, second).is_err() {
            return guess * 1e-3;
        }
        let curvature = norm(&|k| (second[k] - first[k]) * duration) / guess;
        let steepest = slope.max(curvature);
        let refined = if steepest <= 1e-15 { (guess * 1e-3).max(1e-6) } else { (0.01 / steepest).powf(1.0 / 8.0) };
        (100.0 * guess).min(refined).min(1.0)
    }
}

/// `out = state + step · Σ_i weights_i stages_i`.
fn combine(out: &mut [Complex64], state: &[Complex64], step: f64, weights: &[f64], stages: &[Vec<Complex64>]) {
    out.copy_from_slice(state);
    for (weight, stage) in weights.iter().zip(stages) {
        if *weight != 0.0 {
            let factor = step * weight;
            for (o, s) in out.iter_mut().zip(stage) {
                *o += s * factor;
            }
        }
    }
}

/// What ends a trajectory where its field has no value: a field has none either once the time is up.
pub(super) fn lost(error: SpectralError) -> Outcome {
    budget::check().err().map_or(error.into(), Outcome::Stopped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c(re: f64, im: f64) -> Complex64 {
        Complex64::new(re, im)
    }

    fn run(
        field: &mut dyn Field,
        duration: f64,
        start: &[Complex64],
        options: IntegratorOptions,
    ) -> (Result<(), Outcome>, Vec<Complex64>, usize) {
        let mut state = start.to_vec();
        let mut integrator = Integrator::new(start.len(), options);
        let result = integrator.advance(field, duration, &mut state);
        (result, state, integrator.steps())
    }

    /// The error of one step on `θ̇ = iθ`; the order conditions themselves are tested beside the coefficients.
    #[test]
    fn the_order_is_eight() {
        let start = [c(0.8, 0.6)];
        let error = |step: f64| {
            let mut field = |z: &[Complex64], f: &mut [Complex64]| f[0] = Complex64::I * z[0];
            let mut integrator = Integrator::new(1, IntegratorOptions::default());
            field.evaluate(&start, &mut integrator.stages[0]).unwrap();
            integrator.attempt(&mut field, step, &start).unwrap();
            (integrator.trial[0] - start[0] * (Complex64::I * step).exp()).norm()
        };
        let slope = (error(0.8) / error(0.4)).log2();
        assert!((8.9..9.1).contains(&slope), "local order {slope}, not 9");
    }

    #[test]
    fn errors_follow_the_tolerance() {
        // Kepler's ellipse with eccentricity 1/2, once around, as one complex position and velocity.
        let mut kepler = |z: &[Complex64], f: &mut [Complex64]| {
            f[0] = z[1];
            f[1] = -z[0] / z[0].norm().powi(3);
        };
        let start = [c(0.5, 0.0), c(0.0, 3f64.sqrt())];
        let mut steps_before = 0;
        for tolerance in [1e-4, 1e-6, 1e-8, 1e-10, 1e-12] {
            let options = IntegratorOptions { tolerance, ..Default::default() };
            let (result, end, steps) = run(&mut kepler, std::f64::consts::TAU, &start, options);
            assert_eq!(result, Ok(()));
            let error = (end[0] - start[0]).norm() + (end[1] - start[1]).norm();
            assert!(error < 20.0 * tolerance, "tolerance {tolerance:e}: error {error:e}");
            assert!(steps > steps_before && steps < 300, "{steps}");
            steps_before = steps;
        }
    }

    #[test]
    fn intervals_join() {
        let mut field = |z: &[Complex64], f: &mut [Complex64]| f[0] = c(-1.0, 2.0) * z[0];
        let mut state = [c(1.0, 0.0)];
        let mut integrator = Integrator::new(1, IntegratorOptions::default());
        for k in 1..=50 {
            integrator.advance(&mut field, 0.1, &mut state).unwrap();
            let want = (c(-1.0, 2.0) * 0.1 * f64::from(k)).exp();
            assert!((state[0] - want).norm() < 1e-10);
        }
        assert!(integrator.steps() < 110, "{}", integrator.steps());
    }

    #[test]
    fn every_end_has_its_name() {
        let default = IntegratorOptions::default();
        let mut stiff = |z: &[Complex64], f: &mut [Complex64]| f[0] = -1e7 * z[0];
        let few = IntegratorOptions { max_steps: 50, ..default };
        let (result, _, steps) = run(&mut stiff, 1.0, &[c(1.0, 0.0)], few);
        assert_eq!((result, steps), (Err(Outcome::StepLimit { most: 50 }), 50));
        let mut blow_up = |z: &[Complex64], f: &mut [Complex64]| f[0] = z[0] * z[0];
        assert_eq!(run(&mut blow_up, 2.0, &[c(1.0, 0.0)], default).0, Err(Outcome::StepUnderflow));
        let mut growth = |z: &[Complex64], f: &mut [Complex64]| f[0] = z[0] * 300.0;
        assert_eq!(run(&mut growth, 1.0, &[c(1.0, 0.0)], default).0, Err(Outcome::Diverged));
        let mut wall =
            |z: &[Complex64], f: &mut [Complex64]| f[0] = if z[0].re < 2.0 { Complex64::ONE } else { f64::NAN.into() };
        let (result, end, _) = run(&mut wall, 3.0, &[c(1.0, 0.0)], default);
        assert_eq!(result, Err(Outcome::NoValue(SpectralError::NotFinite)));
        assert!((end[0].re - 2.0).abs() < 1e-9);
        let mut nowhere = |_: &[Complex64], f: &mut [Complex64]| f[0] = f64::NAN.into();
        assert_eq!(run(&mut nowhere, 1.0, &[c(1.0, 0.0)], default).0, Err(Outcome::NoValue(SpectralError::NotFinite)));
    }

    /// What its steps will not do ends after few of them, and what they will goes on.
    #[test]
    fn too_slow_a_pace_is_foreseen() {
        let foresees = |rate: f64| {
            let mut stiff = move |z: &[Complex64], f: &mut [Complex64]| f[0] = -rate * z[0];
            let options = IntegratorOptions { max_steps: 5_000, foresees: true, ..Default::default() };
            run(&mut stiff, 1.0, &[c(1.0, 0.0)], options)
        };
        let (result, _, steps) = foresees(1e7);
        assert_eq!((result, steps), (Err(Outcome::StepsForeseen { most: 5_000, tried: 200 }), 200));
        let (result, _, steps) = foresees(1e4);
        assert!(result == Ok(()) && steps > 1_000, "{steps}");
        // One trajectory over many intervals, each of some steps: what was gained in those before counts.
        let mut stiff = |z: &[Complex64], f: &mut [Complex64]| f[0] = -100.0 * z[0];
        let mut integrator =
            Integrator::new(1, IntegratorOptions { max_steps: 5_000, foresees: true, ..Default::default() });
        let mut state = [c(1.0, 0.0)];
        for interval in 0..100 {
            assert_eq!(integrator.advance(&mut stiff, 1.0, &mut state), Ok(()), "{interval}");
        }
        assert!(integrator.steps() > 1_000, "{}", integrator.steps());
    }

    /// The limit and what sets it are those that were given, also for a part that begins late.
    #[test]
    fn the_limit_in_time_has_its_name() {
        let mut still = |_: &[Complex64], f: &mut [Complex64]| f.fill(Complex64::ZERO);
        let options = IntegratorOptions { max_seconds: Some(1.0), seconds_name: "--seconds", ..Default::default() };
        let earlier = Instant::now().checked_sub(std::time::Duration::from_secs(2)).unwrap();
        let ended = Integrator::new(1, options).started_at(earlier).advance(&mut still, 1.0, &mut [c(1.0, 0.0)]);
        assert_eq!(ended, Err(Stopped::Time { seconds: 1.0, name: "--seconds" }.into()));
    }

    /// What is not reached costs much and is not asked for again and again.
    #[test]
    fn an_unreached_field_ends_soon() {
        struct Costly(usize);
        impl Field for Costly {
            fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
                out.fill(Complex64::ONE);
                let reached = state[0].re < 2.0;
                self.0 += usize::from(!reached);
                if reached { Ok(()) } else { Err(SpectralError::Unreached) }
            }
        }
        let mut costly = Costly(0);
        let (result, end, _) = run(&mut costly, 3.0, &[c(1.0, 0.0)], IntegratorOptions::default());
        assert_eq!(result, Err(Outcome::NoValue(SpectralError::Unreached)));
        assert!(costly.0 < 12 && end[0].re > 1.9, "{} {}", costly.0, end[0]);
    }

    #[test]
    fn rest_and_no_dimension_are_followed() {
        let mut rest = |_: &[Complex64], f: &mut [Complex64]| f.fill(Complex64::ZERO);
        assert_eq!(run(&mut rest, 1.0, &[c(1.0, 0.0)], IntegratorOptions::default()).1, [c(1.0, 0.0)]);
        assert_eq!(run(&mut rest, 1.0, &[], IntegratorOptions::default()).0, Ok(()));
    }
}
