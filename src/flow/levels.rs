//! The loss and the sharpness at every state of a simulation.

use super::derivatives::Hessian;
use super::leading::LeadingEigenvalues;
use super::lost_value::has_run_away;
use super::model::{Model, Value};
use super::name::FlowError;
use super::outcome::{End, Outcome};
use super::simulation::{FlowRun, Simulation};
use crate::budget::{self, Stopped};
use crate::spectral::{Eigenvalues, SpectralError, norm};
use crate::warning::Warning;
use num_complex::Complex64;

/// The most parameters for which the whole Hessian is built at every row; beyond it products with vectors find its largest eigenvalue.
const MOST_PARAMETERS: usize = 256;

/// What a row without a value is, where no operation is to blame.
const NOT_FINITE: Outcome = Outcome::NoValue(SpectralError::NotFinite);

/// Hessians with larger entries are scaled for their eigenvalues.
const LARGE: f64 = 1e60;

/// `hλ_0` at any state, by a Hessian of its own.
struct Sharpness<'a> {
    derivatives: Box<dyn Hessian + 'a>,
    eigenvalues: Eigenvalues,
    gradient: Vec<Complex64>,
    hessian: Vec<Complex64>,
    h: f64,
}

impl<'a> Sharpness<'a> {
    fn new(model: &'a dyn Model, h: f64) -> Result<Self, FlowError> {
        let derivatives = model.hessian()?;
        let n = derivatives.dimension();
        Ok(Self {
            derivatives,
            eigenvalues: Eigenvalues::new(n),
            gradient: vec![Complex64::ZERO; n],
            hessian: vec![Complex64::ZERO; n * n],
            h,
        })
    }

    /// The eigenvalue of `hH` with the largest real part.
    fn at(&mut self, state: &[Complex64]) -> Option<Complex64> {
        self.derivatives.gradient_hessian(state, &mut self.gradient, &mut self.hessian);
        // Entries far from 1 have products that overflow on the way to eigenvalues which do not.
        let size = self.hessian.iter().fold(0.0_f64, |m, z| m.max(z.norm()));
        let scale = if size.is_finite() && size > LARGE { size } else { 1.0 };
        self.hessian.iter_mut().for_each(|z| *z /= scale);
        let found = self.eigenvalues.of(&self.hessian)?.iter().copied();
        found.max_by(|a, b| a.re.total_cmp(&b.re)).map(|z| z * scale * self.h).filter(|z| z.is_finite())
    }
}

/// `hλ_0`, as far as the size of the loss lets it be found.
enum Edge<'a> {
    /// At any state.
    Whole(Box<Sharpness<'a>>),
    /// At real states, with the step size.
    Leading(LeadingEigenvalues<'a>, f64),
}

impl<'a> Edge<'a> {
    fn new(model: &'a dyn Model, h: f64, dimension: usize) -> Result<Self, FlowError> {
        Ok(match dimension > MOST_PARAMETERS {
            true => Self::Leading(LeadingEigenvalues::new(model)?, h),
            false => Self::Whole(Box::new(Sharpness::new(model, h)?)),
        })
    }

    fn at(&mut self, state: &[Complex64]) -> Option<Complex64> {
        match self {
            Self::Whole(sharpness) => sharpness.at(state),
            Self::Leading(leading, h) => {
                let real: Vec<f64> = state.iter().map(|z| z.re).collect();
                leading.at(&real, 1)?.first().map(|lambda| Complex64::from(*h * lambda))
            }
        }
    }

    /// Whether it is not looked for at this state.
    fn leaves_out(&self, state: &[Complex64]) -> bool {
        matches!(self, Self::Leading(..)) && state.iter().any(|z| z.im != 0.0)
    }
}

/// The loss and `hλ_0` of one state after another, as long as there is time, and what is to be said where there is none.
pub(super) struct Levels<'a> {
    model: &'a dyn Model,
    dimension: usize,
    value: Option<Value<'a>>,
    sharpness: Option<Edge<'a>>,
    /// What was not to be had from the beginning.
    absent: Vec<Warning>,
    left_out: bool,
    /// The first state without a loss, and the first without `hλ_0`.
    lacking: [Option<(usize, Vec<Complex64>)>; 2],
    /// The first row that there was no time for.
    stopped: Option<(Stopped, usize, Option<String>)>,
}

impl<'a> Levels<'a> {
    pub(super) fn new(model: &'a dyn Model, h: f64, dimension: usize) -> Result<Self, FlowError> {
        let (mut sharpness, mut absent, mut stopped) = (None, Vec::new(), None);
        if dimension > 0 {
            match budget::part(|| Edge::new(model, h, dimension)) {
                Ok(Ok(found)) => sharpness = Some(found),
                Ok(Err(error)) => absent.push(Warning::new("not-computed", format!("h_lambda_0: {error}"))),
                Err(reason) => stopped = Some((reason, 0, None)),
            }
        }
        let value = match budget::part(|| model.value()) {
            Ok(value) => value?,
            Err(reason) => {
                stopped = Some((reason, 0, None));
                None
            }
        };
        if value.is_none() && stopped.is_none() {
            absent.push(Warning::new("not-computed", "loss: this model knows derivatives of the loss only"));
        }
        let lacking = [None, None];
        Ok(Self { model, dimension, value, sharpness, absent, left_out: false, lacking, stopped })
    }

    /// Of the optimizer's iterates.
    pub(super) fn of_iterates(&mut self, iterates: &[Option<Vec<f64>>]) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
        let complex = |x: &Vec<f64>| x.iter().map(|x| Complex64::from(*x)).collect::<Vec<_>>();
        let row = |(step, iterate): (usize, &Option<Vec<f64>>)| {
            let (loss, top) = self.row(iterate.as_ref().map(complex).as_deref(), step, None);
            (loss.map(|z| z.re), top.map(|z| z.re))
        };
        iterates.iter().enumerate().map(row).unzip()
    }

    /// Of the states of a flow.
    pub(super) fn of_flow(&mut self, flow: &mut FlowRun) {
        let states = flow.trajectory.iter().enumerate();
        (flow.loss, flow.h_lambda_0) =
            states.map(|(step, state)| self.row(state.as_deref(), step, Some(&flow.name))).unzip();
    }

    fn row(
        &mut self,
        state: Option<&[Complex64]>,
        step: usize,
        flow: Option<&str>,
    ) -> (Option<Complex64>, Option<Complex64>) {
        let Some(state) = state.filter(|x| x.iter().all(|z| z.is_finite())) else { return (None, None) };
        if self.stopped.is_some() {
            return (None, None);
        }
        let Self { value, sharpness, .. } = self;
        let leaves_out = sharpness.as_ref().is_some_and(|s| s.leaves_out(state));
        self.left_out |= leaves_out;
        let found = budget::part(|| {
            let loss = value.as_mut().map(|value| value(state)).map(|z| z.is_finite().then_some(z));
            (loss, sharpness.as_mut().filter(|_| !leaves_out).map(|s| s.at(state)))
        });
        // What was not found for want of time does not lack for another reason.
        let late = || budget::check().err();
        let (loss, top) = match found {
            Ok((loss, top)) if top != Some(None) || late().is_none() => (loss, top),
            Ok((loss, _)) => {
                self.stopped = late().map(|reason| (reason, step, flow.map(str::to_owned)));
                return (loss.flatten(), None);
            }
            Err(reason) => {
                self.stopped = Some((reason, step, flow.map(str::to_owned)));
                return (None, None);
            }
        };
        for (lacking, missing) in self.lacking.iter_mut().zip([loss == Some(None), top == Some(None)]) {
            if missing {
                lacking.get_or_insert_with(|| (step, state.to_vec()));
            }
        }
        (loss.flatten(), top.flatten())
    }

    /// Says why there is no value where there is none.
    pub(super) fn finish(self, simulation: &mut Simulation) {
        let Self { model, dimension, absent, left_out, lacking, stopped, .. } = self;
        simulation.warnings.extend(absent);
        if left_out {
            let message = format!(
                "h_lambda_0 at complex states needs the whole Hessian at every row, which is built for {MOST_PARAMETERS} parameters at most, and the \
                 loss has {dimension}"
            );
            simulation.warnings.push(Warning::new("not-computed", message));
        }
        if let Some((reason, step, flow)) = stopped {
            let whose = flow.map_or_else(String::new, |flow| format!(" of {flow}"));
            let place = format!(" before the loss and h_lambda_0{whose} at step {step}");
            simulation.warnings.push(End::new(step, reason.into(), &place).warning(None));
        }
        for (name, step) in ["loss", "h_lambda_0"].into_iter().zip(lacking) {
            let Some((step, state)) = step else { continue };
            let lost = model.lost_value(&state, false);
            let start = simulation.iterates.first().and_then(Option::as_deref);
            let away = start.is_some_and(|start| has_run_away(start, &state));
            let (outcome, why) = match lost {
                Some(lost) if away && (lost.beyond || lost.overflows) => {
                    let size = norm(state.iter().copied());
                    (NOT_FINITE, format!(", at |θ| = {size:.1e}, where it is beyond the largest double"))
                }
                Some(lost) => {
                    let said = simulation.warnings.iter().any(|w| w.message.contains(&lost.operation));
                    let why = if said {
                        "for the reason already given".to_owned()
                    } else {
                        format!("where {}", lost.message("there"))
                    };
                    (lost.outcome(), format!(", {why}"))
                }
                None => (NOT_FINITE, String::new()),
            };
            let message = format!("{name} is not finite at some states, the first of them at step {step}{why}");
            simulation.warnings.push(End { step, outcome, message }.warning(None));
        }
    }
}
