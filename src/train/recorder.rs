//! The cells of a row.

use super::TrainError;
use super::column::Column;
use super::drift::Drift;
use super::ends::Ends;
use super::full::Full;
use super::judge::Judge;
use super::loss_rate::loss_rates;
use super::method::TrainOptimizer;
use super::midpoint::midpoint;
use super::row::{Cell, Row};
use super::rule::Rate;
use super::settings::{Eigenvalues, TrainSettings};
use super::spectrum::{Found, Tracked};
use super::step::Step;
use super::training::Training;
use super::vectors::{distance, dot, norm};
use crate::flow::{LossValue, ThirdAction};
use crate::spectral::{Alpha, SpectralError};
use num_complex::Complex64;

/// What computes the columns of one run.
pub(super) struct Recorder<'a> {
    training: &'a Training,
    settings: &'a TrainSettings,
    optimizer: &'a TrainOptimizer,
    judge: Option<Judge>,
    test: Option<(LossValue, Option<Judge>)>,
    pub(super) tracked: Tracked,
    drift: Drift<'a>,
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
                settings.has_any(&Column::ALONG_DIRECTIONS),
            ),
            drift: Drift::new(training),
            ends: Ends::new(training, training.subject(optimizer)),
            third: None,
        })
    }

    /// The accuracy at a state, of a classifier.
    pub(super) fn accuracy(&mut self, theta: &[f64]) -> Option<f64> {
        self.judge.as_mut().and_then(|judge| judge.accuracy(theta))
    }

    fn needs_spectrum(&self) -> bool {
        self.settings.has(Column::Lambda) || self.settings.has_any(&Column::ALONG_DIRECTIONS)
    }

    /// The columns of a state; `h` is the step size there.
    fn state(&mut self, full: &mut Full<'_>, theta: &[f64], h: Option<f64>, row: &mut Row) -> State {
        let settings = self.settings;
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
            match self.tracked.at(full.at(theta), h) {
                Ok(found) => {
                    found.warnings.iter().for_each(|code| row.warn(code));
                    self.equal(&found, row);
                    state.spectrum = Some(found);
                }
                Err(error) => row.lost(None, &error),
            }
        }
        for column in settings.columns.iter().filter(|c| c.is_of_state()) {
            let cell = match column {
                Column::Loss => Cell::Number(row.finite(state.loss)),
                Column::Accuracy => Cell::Number(judged(self.judge.as_mut(), theta, row)),
                Column::TestLoss => Cell::Number(self.test.as_ref().and_then(|(value, _)| row.finite(value.at(theta)))),
                Column::TestAccuracy => {
                    let judge = self.test.as_mut().and_then(|(_, judge)| judge.as_mut());
                    Cell::Number(judged(judge, theta, row))
                }
                Column::GradientNorm => Cell::Number(row.finite(state.gradient_norm)),
                Column::HgNorm => Cell::Number(state.hg_norm.and_then(|x| row.finite(x))),
                Column::HghatNorm => Cell::Number(state.hg_norm.and_then(|x| row.finite(x / state.gradient_norm))),
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

    /// Says where a column has no value since eigenvalues agree.
    fn equal(&self, found: &Found, row: &mut Row) {
        let lists = self.settings.has_any(&[Column::GradientAlong, Column::StabilityCoefficients]);
        let missing = if lists {
            found.along.contains(&None)
        } else {
            self.settings.has_any(&Column::ALONG_DIRECTIONS) && found.first.is_none()
        };
        if missing {
            row.warn("equal-eigenvalues");
        }
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
        let drifts = settings.has_any(&[Column::Drift, Column::F1Share]) && !self.optimizer.has_momentum();
        let drift = if drifts { self.drift.of(step, row) } else { None };
        let flows =
            if settings.flows_at.has(row.step) { self.ends.at(step.from, step.to, h, row) } else { self.ends.none() };
        let third = self.third(step.from);
        let spectrum = state.spectrum.as_ref();
        let along = |k: usize| spectrum.and_then(|s| s.along.get(k).copied().flatten());
        let first = spectrum.and_then(|s| s.first.as_ref());
        for column in settings.columns.iter().filter(|c| !c.is_of_state()) {
            let cell = match column {
                Column::StabilityCoefficients => Cell::ComplexList(spectrum.zip(h).map(|(s, h)| {
                    let mut coefficient = |(k, x): (usize, &f64)| {
                        let g = along(k)?;
                        let z = Alpha::Logarithm.at(Complex64::from(h * x)) * g;
                        if h * x == 1.0 {
                            row.ended(None, SpectralError::BranchPoint.into());
                            return None;
                        }
                        row.finite_complex(z)
                    };
                    s.values.iter().enumerate().map(&mut coefficient).collect()
                })),
                Column::LearningRate => Cell::Number(h),
                Column::LearningRatesMinMax => Cell::Pair(match step.rate {
                    Rate::PerParameter(least, most) => Some([least, most]),
                    Rate::One(_) => None,
                }),
                Column::UpdateNorm => Cell::Number(row.finite(distance(step.from, step.to))),
                Column::Drift => Cell::Number(drift),
                Column::PredictedGradientAlong0 => {
                    let at = along(0).zip(spectrum.and_then(|s| s.values.first())).zip(h);
                    let mut predicted = |f: fn(f64) -> f64| at.and_then(|((x, l), h)| row.finite(x * f(h * l)));
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
                    Cell::Number(third.as_ref().zip(h).and_then(|(t, h)| row.finite(h * h / 12.0 * norm(t))))
                }
                Column::Np3Along0 => Cell::Number(
                    third.as_ref().zip(h).zip(first).and_then(|((t, h), u)| row.finite(h * h / 12.0 * dot(t, u))),
                ),
                Column::LossRate => {
                    let square = state.gradient_norm.powi(2);
                    Cell::ComplexNamed(loss_rates(full.at(step.from), square, state.g_hg, h, row))
                }
                Column::DriftBound => Cell::Number(self.drift.bound(full, step, row)),
                Column::SignalToNoise => Cell::Number(
                    state.hg_norm.zip(h).and_then(|(hg, h)| row.finite(2.0 * state.gradient_norm / (h * hg))),
                ),
                Column::MidpointLoss | Column::MidpointLambda0 => continue,
                Column::ModifiedLoss => {
                    Cell::Number(h.and_then(|h| row.finite(state.loss + h / 4.0 * state.gradient_norm.powi(2))))
                }
                Column::F1Share => Cell::Number(
                    drift.zip(state.hg_norm).zip(h).and_then(|((d, hg), h)| row.finite(h * h / 2.0 * hg / d)),
                ),
                // They look at the state after the step, below.
                _ => continue,
            };
            row.cells.push((*column, cell));
        }
        midpoint(settings, &self.tracked.direction, full, step, row);
        if settings.has(Column::RelativeProgress) {
            let next = match h.filter(|_| !self.is_descent()) {
                None => full.at(step.to).loss(),
                // Where gradient descent would be.
                Some(h) => {
                    let to: Vec<f64> = step.from.iter().zip(&state.gradient).map(|(x, g)| x - h * g).collect();
                    full.at(&to).loss()
                }
            };
            let progress = h.and_then(|h| row.finite((next - state.loss) / (h * state.gradient_norm.powi(2))));
            row.cells.push((Column::RelativeProgress, Cell::Number(progress)));
        }
        if settings.has(Column::GradientNextAlong0) {
            let next = first.and_then(|u| row.finite(dot(full.at(step.to).gradient(), u)));
            row.cells.push((Column::GradientNextAlong0, Cell::Number(next)));
        }
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
}

/// The accuracy that a judge finds, if there is one.
fn judged(judge: Option<&mut Judge>, theta: &[f64], row: &mut Row) -> Option<f64> {
    judge.and_then(|judge| row.finite(judge.accuracy(theta).unwrap_or(f64::NAN)))
}
