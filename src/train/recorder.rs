//! The cells of a row.

use super::TrainError;
use super::column::{Column, Names};
use super::ends::{Ends, follower};
use super::full::Full;
use super::judge::Judge;
use super::method::TrainOptimizer;
use super::row::{Cell, Row};
use super::rule::Rate;
use super::settings::{Eigenvalues, TrainSettings};
use super::spectrum::{Found, Tracked};
use super::training::Training;
use super::vectors::{distance, dot, norm};
use crate::flow::{FlowFollower, LossValue, ThirdAction};
use crate::spectral::{Alpha, FieldOptions, KrylovFunction, spectral_functions};
use num_complex::Complex64;

/// Columns that are taken along eigenvectors.
const ALONG_DIRECTIONS: &[Column] = &[
    Column::GradientAlong,
    Column::StabilityCoefficients,
    Column::GradientNextAlong0,
    Column::PredictedGradientAlong0,
    Column::ThetaAlong0,
    Column::Np3Along0,
];

/// In how many parts the segment of `drift_bound` is looked at.
const PARTS: u32 = 16;

/// The step from a row.
pub(super) struct Step<'s> {
    pub(super) from: &'s [f64],
    pub(super) to: &'s [f64],
    /// The iterate before `from`, if there is one.
    pub(super) before: Option<&'s [f64]>,
    pub(super) rate: Rate,
}

impl Step<'_> {
    fn h(&self) -> Option<f64> {
        match self.rate {
            Rate::One(h) => Some(h),
            Rate::PerParameter(..) => None,
        }
    }
}

/// What computes the columns of one run.
pub(super) struct Recorder<'a> {
    training: &'a Training,
    settings: &'a TrainSettings,
    optimizer: &'a TrainOptimizer,
    judge: Option<Judge>,
    test: Option<(LossValue, Option<Judge>)>,
    pub(super) tracked: Tracked,
    ngf: Option<FlowFollower<'a>>,
    ends: Ends<'a>,
    third: Option<Box<dyn ThirdAction + 'a>>,
}

/// What the state of a row says of the step from it.
#[derive(Debug, Default)]
struct State {
    loss: f64,
    gradient: Vec<f64>,
    gradient_norm: f64,
    hg_norm: Option<f64>,
    g_hg: Option<f64>,
    spectrum: Option<Found>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(training: &'a Training, optimizer: &'a TrainOptimizer) -> Result<Self, TrainError> {
        let settings = &training.settings;
        let (loss, threads) = (&training.loss, settings.threads);
        let judged = settings.has(Column::Accuracy) || settings.accuracy_goal.is_some();
        let judge = match loss.classifier.filter(|_| judged) {
            Some(classifier) => Judge::new(&loss.expression, classifier, threads)?,
            None => None,
        };
        let test = match loss.test.as_ref().filter(|_| settings.has_any(&[Column::TestLoss, Column::TestAccuracy])) {
            Some(test) => {
                let value = LossValue::new(test)?;
                let judge = match loss.test_classifier.filter(|_| settings.has(Column::TestAccuracy)) {
                    Some(classifier) => Judge::new(test, classifier, threads)?,
                    None => None,
                };
                Some((value, judge))
            }
            None => None,
        };
        Ok(Self {
            training,
            settings,
            optimizer,
            judge,
            test,
            tracked: Tracked::new(
                settings.eigenvalues,
                loss.expression.pool().dimension(),
                settings.has_any(ALONG_DIRECTIONS),
            ),
            ngf: None,
            ends: Ends::new(training, training.subject(optimizer)),
            third: None,
        })
    }

    /// The accuracy at a state, of a classifier.
    pub(super) fn accuracy(&mut self, theta: &[f64]) -> Option<f64> {
        self.judge.as_mut().and_then(|judge| judge.accuracy(theta))
    }

    fn needs_spectrum(&self) -> bool {
        self.settings.has(Column::Lambda) || self.settings.has_any(ALONG_DIRECTIONS)
    }

    /// The columns of a state; `h` is the step size there.
    fn state(&mut self, full: &mut Full<'_>, theta: &[f64], h: Option<f64>, row: &mut Row) -> State {
        let settings = self.settings;
        let number = |x: f64| Cell::Number(Some(x).filter(|x| x.is_finite()));
        let mut state = State::default();
        let of_gradient = settings.columns.iter().any(|c| {
            !matches!(
                c,
                Column::Accuracy
                    | Column::TestLoss
                    | Column::TestAccuracy
                    | Column::LearningRate
                    | Column::UpdateNorm
                    | Column::BatchLoss
                    | Column::Distance
                    | Column::MidpointLoss
            )
        });
        if of_gradient {
            let full = full.at(theta);
            state.loss = full.loss();
            state.gradient = full.gradient().to_vec();
            state.gradient_norm = norm(&state.gradient);
        }
        if settings.has_any(&[
            Column::HgNorm,
            Column::HghatNorm,
            Column::SignalToNoise,
            Column::F1Share,
            Column::LossRate,
        ]) {
            let curved = full.at(theta).hessian_gradient();
            state.hg_norm = Some(norm(curved));
            state.g_hg = Some(dot(curved, &state.gradient));
        }
        if self.needs_spectrum() && settings.eigenvalues_at.has(row.step) && self.wants_eigenvalues() {
            state.spectrum = self.tracked.at(full.at(theta), h);
            match &state.spectrum {
                Some(found) => found.warnings.iter().for_each(|code| row.warn(code)),
                None => row.warn("no-convergence"),
            }
        }
        for column in settings.columns.iter().filter(|c| c.is_of_state()) {
            let cell = match column {
                Column::Loss => number(state.loss),
                Column::Accuracy => Cell::Number(self.judge.as_mut().and_then(|judge| judge.accuracy(theta))),
                Column::TestLoss => {
                    Cell::Number(self.test.as_ref().map(|(value, _)| value.at(theta)).filter(|x| x.is_finite()))
                }
                Column::TestAccuracy => Cell::Number(
                    self.test.as_mut().and_then(|(_, judge)| judge.as_mut().and_then(|judge| judge.accuracy(theta))),
                ),
                Column::GradientNorm => number(state.gradient_norm),
                Column::HgNorm => Cell::Number(state.hg_norm.filter(|x| x.is_finite())),
                Column::HghatNorm => {
                    Cell::Number(state.hg_norm.map(|x| x / state.gradient_norm).filter(|x| x.is_finite()))
                }
                Column::Lambda => {
                    Cell::List(state.spectrum.as_ref().map(|s| s.values.iter().map(|x| Some(*x)).collect()))
                }
                Column::GradientAlong => Cell::List(state.spectrum.as_ref().map(|s| s.along.clone())),
                Column::ThetaAlong0 => {
                    let alone = state.spectrum.as_ref().is_some_and(|s| s.first.is_some());
                    Cell::Number(alone.then(|| dot(theta, &self.tracked.direction)))
                }
                // Those are the run's.
                _ => continue,
            };
            row.cells.push((*column, cell));
        }
        state
    }

    /// Whether its step is gradient descent's on all data.
    fn is_descent(&self) -> bool {
        let batches = self.settings.batch.is_some() && self.optimizer.takes_batches;
        !batches && !self.optimizer.has_momentum() && self.optimizer.flows_of.is_gradient_descent()
    }

    fn wants_eigenvalues(&self) -> bool {
        self.settings.eigenvalues != Eigenvalues::Count(0)
    }

    /// The last row of a run, or a row of a branch.
    pub(super) fn last(&mut self, full: &mut Full<'_>, theta: &[f64], h: Option<f64>, row: &mut Row) {
        let _ = self.state(full, theta, h, row);
    }

    /// A row with the step from it.
    pub(super) fn row(&mut self, full: &mut Full<'_>, step: &Step<'_>, row: &mut Row) {
        let settings = self.settings;
        let h = step.h();
        let state = self.state(full, step.from, h, row);
        let drift = self.drift(step, row);
        let flows =
            if settings.flows_at.has(row.step) { self.ends.at(step.from, step.to, h, row) } else { self.ends.none() };
        let third = self.third(step.from);
        let finite = |x: f64| Some(x).filter(|x| x.is_finite());
        let number = |x: f64| Cell::Number(finite(x));
        let spectrum = state.spectrum.as_ref();
        let along = |k: usize| spectrum.and_then(|s| s.along.get(k).copied().flatten());
        let first = spectrum.and_then(|s| s.first.as_ref());
        for column in settings.columns.iter().filter(|c| !c.is_of_state()) {
            let cell = match column {
                Column::StabilityCoefficients => Cell::ComplexList(spectrum.zip(h).map(|(s, h)| {
                    let coefficient =
                        |(k, x): (usize, &f64)| along(k).map(|g| Alpha::Logarithm.at(Complex64::from(h * x)) * g);
                    s.values.iter().enumerate().map(coefficient).map(|z| z.filter(|z| z.is_finite())).collect()
                })),
                Column::LearningRate => Cell::Number(h),
                Column::LearningRatesMinMax => Cell::Pair(match step.rate {
                    Rate::PerParameter(least, most) => Some([least, most]),
                    Rate::One(_) => None,
                }),
                Column::UpdateNorm => number(distance(step.from, step.to)),
                Column::Drift => Cell::Number(drift),
                Column::PredictedGradientAlong0 => {
                    let at = along(0).zip(spectrum.and_then(|s| s.values.first())).zip(h);
                    let predicted = |f: fn(f64) -> f64| at.and_then(|((x, l), h)| finite(x * f(h * l)));
                    Cell::Named(vec![
                        ("ngf".to_owned(), predicted(|z| (-z).exp())),
                        ("igr".to_owned(), predicted(|z| (-z - z * z / 2.0).exp())),
                        ("pf".to_owned(), predicted(|z| 1.0 - z)),
                    ])
                }
                Column::Error => Cell::Named(flows.iter().map(|f| (f.name.clone(), f.error)).collect()),
                Column::FlowLoss => Cell::ComplexNamed(flows.iter().map(|f| (f.name.clone(), f.loss)).collect()),
                Column::FlowLambda0 => Cell::ComplexNamed(flows.iter().map(|f| (f.name.clone(), f.lambda)).collect()),
                Column::Np3Norm => {
                    Cell::Number(third.as_ref().zip(h).and_then(|(t, h)| finite(h * h / 12.0 * norm(t))))
                }
                Column::Np3Along0 => Cell::Number(
                    third.as_ref().zip(h).zip(first).and_then(|((t, h), u)| finite(h * h / 12.0 * dot(t, u))),
                ),
                Column::LossRate => Cell::ComplexNamed(self.loss_rates(full.at(step.from), &state, h, row)),
                Column::DriftBound => Cell::Number(self.drift_bound(full, step, row)),
                Column::SignalToNoise => {
                    Cell::Number(state.hg_norm.zip(h).and_then(|(hg, h)| finite(2.0 * state.gradient_norm / (h * hg))))
                }
                Column::MidpointLoss | Column::MidpointLambda0 => continue,
                Column::ModifiedLoss => {
                    Cell::Number(h.and_then(|h| finite(state.loss + h / 4.0 * state.gradient_norm.powi(2))))
                }
                Column::F1Share => {
                    Cell::Number(drift.zip(state.hg_norm).zip(h).and_then(|((d, hg), h)| finite(h * h / 2.0 * hg / d)))
                }
                // They look at the state after the step, below.
                _ => continue,
            };
            row.cells.push((*column, cell));
        }
        self.midpoint(full, step, row);
        if settings.has(Column::RelativeProgress) {
            let next = match h.filter(|_| !self.is_descent()) {
                None => full.at(step.to).loss(),
                // Where gradient descent would be.
                Some(h) => {
                    let to: Vec<f64> = step.from.iter().zip(&state.gradient).map(|(x, g)| x - h * g).collect();
                    full.at(&to).loss()
                }
            };
            let progress = h.and_then(|h| finite((next - state.loss) / (h * state.gradient_norm.powi(2))));
            row.cells.push((Column::RelativeProgress, Cell::Number(progress)));
        }
        if settings.has(Column::GradientNextAlong0) {
            let next = first.and_then(|u| finite(dot(full.at(step.to).gradient(), u)));
            row.cells.push((Column::GradientNextAlong0, Cell::Number(next)));
        }
    }

    /// How far the negative gradient flow is from the next iterate.
    fn drift(&mut self, step: &Step<'_>, row: &mut Row) -> Option<f64> {
        if !self.settings.has_any(&[Column::Drift, Column::F1Share]) || self.optimizer.has_momentum() {
            return None;
        }
        let flow = self.follow_gradient(step)?;
        flow.restart(step.from);
        match flow.step() {
            Ok(()) => Some(super::ends::distance(flow.state(), step.to)).filter(|x| x.is_finite()),
            Err(outcome) => {
                row.warn(outcome.code());
                None
            }
        }
    }

    /// The negative gradient flow at the step's size.
    fn follow_gradient(&mut self, step: &Step<'_>) -> Option<&mut FlowFollower<'a>> {
        let h = step.h()?;
        if self.ngf.is_none() {
            self.ngf = follower(self.training, self.training.descent(), &crate::flow::FlowName::Ngf.describe(), h).ok();
        }
        let flow = self.ngf.as_mut()?;
        flow.set_h(h);
        Some(flow)
    }

    fn drift_bound(&mut self, full: &mut Full<'_>, step: &Step<'_>, row: &mut Row) -> Option<f64> {
        let h = step.h()?;
        let mut largest = norm(full.at(step.from).hessian_gradient());
        let flow = self.follow_gradient(step)?;
        flow.set_h(h / f64::from(PARTS));
        flow.restart(step.from);
        let mut at = step.from.to_vec();
        for _ in 0..PARTS {
            if let Err(outcome) = flow.step() {
                row.warn(outcome.code());
                return None;
            }
            at.iter_mut().zip(flow.state()).for_each(|(x, z)| *x = z.re);
            largest = largest.max(norm(full.at(&at).hessian_gradient()));
        }
        Some(h * h / 2.0 * largest).filter(|x| x.is_finite())
    }

    /// `gᵀα(hH)g`, the rate at which flows change the loss.
    fn loss_rates(
        &self,
        full: &mut Full<'_>,
        state: &State,
        h: Option<f64>,
        row: &mut Row,
    ) -> Vec<(String, Option<Complex64>)> {
        let square = state.gradient_norm.powi(2);
        let ngf = Some(Complex64::from(-square));
        let igr = h.zip(state.g_hg).map(|(h, c)| Complex64::from(-square - h / 2.0 * c));
        let pf = h.and_then(|h| {
            let function = [KrylovFunction::new(Alpha::Logarithm, h)];
            let options = FieldOptions { products_name: "loss_rate", ..FieldOptions::default() };
            let (objective, gradient) = full.entered();
            let mut times = |v: &[f64], out: &mut [f64]| objective.hessian_times(v, out);
            let found = spectral_functions(gradient, &function, &options, &mut times).ok()?.swap_remove(0);
            if let Some(warning) = found.warning(options.tolerance) {
                row.warn(warning.code);
            }
            Some(found.value.iter().zip(gradient).map(|(z, g)| z * *g).sum::<Complex64>())
        });
        let finite = |z: Option<Complex64>| z.filter(|z| z.is_finite());
        vec![("ngf".to_owned(), finite(ngf)), ("igr".to_owned(), finite(igr)), ("pf".to_owned(), finite(pf))]
    }

    /// `T[g, g]` at a state.
    fn third(&mut self, theta: &[f64]) -> Option<Vec<f64>> {
        if !self.settings.has_any(&[Column::Np3Norm, Column::Np3Along0]) {
            return None;
        }
        if self.third.is_none() {
            self.third = self.training.model().third_action().ok();
        }
        let third = self.third.as_mut()?;
        let at: Vec<Complex64> = theta.iter().map(|x| Complex64::from(*x)).collect();
        let mut out = at.clone();
        third.enter(&at, &mut out);
        third.third_along_gradient(&mut out);
        Some(out.iter().map(|z| z.re).collect())
    }

    /// The second-order average of three iterates.
    fn midpoint(&mut self, full: &mut Full<'_>, step: &Step<'_>, row: &mut Row) {
        if !self.settings.has_any(&[Column::MidpointLoss, Column::MidpointLambda0]) {
            return;
        }
        let middle: Option<Vec<f64>> = step.before.map(|before| {
            let three = before.iter().zip(step.from).zip(step.to);
            three.map(|((a, b), c)| (a + 2.0 * b + c) / 4.0).collect()
        });
        if self.settings.has(Column::MidpointLoss) {
            let loss = middle.as_ref().map(|m| full.at(m).loss()).filter(|x| x.is_finite());
            row.cells.push((Column::MidpointLoss, Cell::Number(loss)));
        }
        if self.settings.has(Column::MidpointLambda0) {
            // Its own search, from where the last one ended.
            let mut tracked = Tracked::new(Eigenvalues::Count(1), step.from.len(), false);
            tracked.direction.clone_from(&self.tracked.direction);
            let found = middle.as_ref().and_then(|m| tracked.at(full.at(m), None));
            row.cells.push((
                Column::MidpointLambda0,
                Cell::Number(found.and_then(|f| f.values.first().copied()).filter(|x| x.is_finite())),
            ));
        }
    }
}

/// Cells in the order of the columns, with those that are missing empty.
pub(super) fn complete(row: &mut Row, columns: &[Column], training: &Training) {
    row.cells.sort_by_key(|(column, _)| *column);
    let missing: Vec<Column> =
        columns.iter().copied().filter(|c| !row.cells.iter().any(|(found, _)| found == c)).collect();
    for column in missing {
        let names = match column.names() {
            Names::Flows => training.flow_names(),
            Names::Three => ["ngf", "igr", "pf"].map(str::to_owned).to_vec(),
            Names::Optimizers => training.others(&row.run.optimizer),
            Names::None => Vec::new(),
        };
        row.cells.push((column, Cell::empty(column, &names)));
    }
    row.cells.sort_by_key(|(column, _)| *column);
}
