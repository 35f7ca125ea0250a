//! Where flows are after one step of the optimizer's time.

use super::column::Column;
use super::full::Full;
use super::objective::MOST_TAKEN_APART;
use super::row::Row;
use super::settings::Eigenvalues;
use super::spectrum::Tracked;
use super::training::Training;
use crate::flow::{FlowDescription, FlowError, FlowFollower, Hessian, IntegratorOptions, Outcome, Subject, Value};
use crate::number::Rational;
use crate::spectral::{Eigenvalues as Spectrum, norm};
use crate::warning::Warning;
use num_complex::Complex64;

/// One flow after a step.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) name: String,
    /// The distance from the optimizer's next iterate.
    pub(super) error: Option<f64>,
    pub(super) loss: Option<Complex64>,
    pub(super) lambda: Option<Complex64>,
}

/// The flows of a run.
pub(super) struct Ends<'a> {
    training: &'a Training,
    subject: &'a Subject,
    flows: Vec<(FlowDescription, Option<FlowFollower<'a>>)>,
    value: Option<Value<'a>>,
    hessian: Option<Box<dyn Hessian + 'a>>,
    full: Option<Full<'a>>,
}

/// What is said of flows of two steps.
const TWO_STEPS: &str = "it is the flow of two steps, and a record has flows after one";

/// Why a flow has no end.
enum Lost {
    /// It does not fit the loss or the optimizer.
    Refused(FlowError),
    Ended(Outcome),
}

/// A flow of the training's loss at a step size.
pub(super) fn follower<'a>(
    training: &'a Training,
    subject: &'a Subject,
    flow: &FlowDescription,
    h: f64,
) -> Result<FlowFollower<'a>, FlowError> {
    let h = Rational::from_f64(h).filter(|h| !h.is_zero()).ok_or(FlowError::Setting("no step size".to_owned()))?;
    let options = IntegratorOptions {
        tolerance: training.settings.tolerance,
        max_steps: training.settings.max_steps,
        ..IntegratorOptions::default()
    };
    FlowFollower::new(subject, training.model(), flow, &h, options)
}

/// The norm of a complex difference.
pub(super) fn distance(z: &[Complex64], x: &[f64]) -> f64 {
    norm(z.iter().zip(x).map(|(z, x)| z - x))
}

impl<'a> Ends<'a> {
    pub(super) fn new(training: &'a Training, subject: &'a Subject) -> Self {
        let settings = &training.settings;
        let wanted = settings.has_any(&[Column::Error, Column::FlowLoss, Column::FlowLambda0]);
        let flows = if wanted { settings.flows.iter().map(|f| (f.describe(), None)).collect() } else { Vec::new() };
        Self { training, subject, flows, value: None, hessian: None, full: None }
    }

    /// No values.
    pub(super) fn none(&self) -> Vec<End> {
        self.flows
            .iter()
            .map(|(flow, _)| End { name: flow.name.clone(), error: None, loss: None, lambda: None })
            .collect()
    }

    /// Every flow from `from` for the time `h`, compared with `to`.
    pub(super) fn at(&mut self, from: &[f64], to: &[f64], h: Option<f64>, row: &mut Row) -> Vec<End> {
        let mut found = self.none();
        let Some(h) = h else { return found };
        for (place, end) in found.iter_mut().enumerate() {
            let state = match self.followed(place, from, h) {
                Ok(state) => state,
                Err(lost) => {
                    match lost {
                        Lost::Refused(error) => row.refused(&end.name, &error),
                        Lost::Ended(outcome) => row.ended(Some(&end.name), outcome),
                    }
                    continue;
                }
            };
            let Some((state, slid)) = state else {
                let flow = Some(end.name.clone());
                row.explain(Warning { flow, ..Warning::new("every-second-step", TWO_STEPS) });
                continue;
            };
            if slid {
                row.warn("sliding");
            }
            end.error = row.finite(distance(&state, to));
            if self.training.settings.has(Column::FlowLoss) {
                end.loss = match self.loss(&state) {
                    Some(loss) => row.finite_complex(loss),
                    None => {
                        row.warn("not-computed");
                        None
                    }
                };
            }
            if self.training.settings.has(Column::FlowLambda0) {
                end.lambda = self.lambda(&state);
                if end.lambda.is_none() {
                    row.warn("not-computed");
                }
            }
        }
        found
    }

    /// A flow's state after a step, and whether it slid; none for flows of two steps.
    fn followed(&mut self, place: usize, from: &[f64], h: f64) -> Result<Option<(Vec<Complex64>, bool)>, Lost> {
        let (flow, known) = &mut self.flows[place];
        if !known.as_mut().is_some_and(|f| f.set_h(h)) {
            *known = Some(follower(self.training, self.subject, flow, h).map_err(Lost::Refused)?);
        }
        let Some(follower) = known else { return Ok(None) };
        if follower.steps() != 1 {
            return Ok(None);
        }
        follower.restart(from);
        follower.step().map_err(Lost::Ended)?;
        Ok(Some((follower.state().to_vec(), follower.slid())))
    }

    /// E at a complex state.
    fn loss(&mut self, state: &[Complex64]) -> Option<Complex64> {
        if self.value.is_none() {
            self.value = self.training.model().value().ok().flatten();
        }
        self.value.as_mut().map(|value| value(state))
    }

    /// The eigenvalue of the Hessian with the largest real part.
    fn lambda(&mut self, state: &[Complex64]) -> Option<Complex64> {
        let training = self.training;
        if state.iter().all(|z| z.im == 0.0) {
            let real: Vec<f64> = state.iter().map(|z| z.re).collect();
            if self.full.is_none() {
                self.full = Full::whole(&training.loss, training.model(), None, training.settings.threads).ok();
            }
            let full = self.full.as_mut()?;
            let found = Tracked::new(Eigenvalues::Count(1), real.len(), false).at(full.at(&real), None).ok()?;
            return found.values.first().map(|x| Complex64::from(*x));
        }
        let n = state.len();
        if n > MOST_TAKEN_APART {
            return None;
        }
        if self.hessian.is_none() {
            self.hessian = training.model().hessian().ok();
        }
        let (mut gradient, mut matrix) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
        self.hessian.as_mut()?.gradient_hessian(state, &mut gradient, &mut matrix);
        let mut spectrum = Spectrum::new(n);
        spectrum.of(&matrix)?.iter().copied().max_by(|a, b| a.re.total_cmp(&b.re)).filter(|z| z.is_finite())
    }
}
