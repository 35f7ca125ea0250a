//! The loss and the sharpness at every state of a simulation.

use super::derivatives::Hessian;
use super::leading::LeadingEigenvalues;
use super::lost_value::has_run_away;
use super::model::Model;
use super::name::FlowError;
use super::outcome::{End, Outcome};
use super::simulation::Simulation;
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

/// Fills in the loss and `hλ_0` of every row, and says why where there is none.
pub(super) fn fill(simulation: &mut Simulation, model: &dyn Model) -> Result<(), FlowError> {
    let dimension = simulation.parameters.len();
    let mut value = model.value()?;
    let mut sharpness = None;
    let mut left_out = false;
    if dimension > 0 {
        match Edge::new(model, simulation.h, dimension) {
            Ok(found) => sharpness = Some(found),
            Err(error) => simulation.warnings.push(Warning::new("not-computed", format!("h_lambda_0: {error}"))),
        }
    }
    if value.is_none() {
        simulation.warnings.push(Warning::new("not-computed", "loss: this model knows derivatives of the loss only"));
    }
    let mut lacking: [Option<(usize, Vec<Complex64>)>; 2] = [None, None];
    let mut row = |state: Option<&[Complex64]>, step: usize| {
        let Some(state) = state.filter(|x| x.iter().all(|z| z.is_finite())) else { return (None, None) };
        let loss = value.as_mut().map(|value| value(state)).map(|z| z.is_finite().then_some(z));
        let leaves_out = sharpness.as_ref().is_some_and(|s| s.leaves_out(state));
        left_out |= leaves_out;
        let top = sharpness.as_mut().filter(|_| !leaves_out).map(|s| s.at(state));
        for (lacking, missing) in lacking.iter_mut().zip([loss == Some(None), top == Some(None)]) {
            if missing {
                lacking.get_or_insert_with(|| (step, state.to_vec()));
            }
        }
        (loss.flatten(), top.flatten())
    };
    for (step, iterate) in simulation.iterates.iter().enumerate() {
        let state: Option<Vec<Complex64>> = iterate.as_ref().map(|x| x.iter().map(|x| Complex64::from(*x)).collect());
        let (loss, top) = row(state.as_deref(), step);
        simulation.loss.push(loss.map(|z| z.re));
        simulation.h_lambda_0.push(top.map(|z| z.re));
    }
    for flow in &mut simulation.flows {
        (flow.loss, flow.h_lambda_0) =
            flow.trajectory.iter().enumerate().map(|(step, state)| row(state.as_deref(), step)).unzip();
    }
    if left_out {
        let message = format!(
            "h_lambda_0 at complex states needs the whole Hessian at every row, which is built for {MOST_PARAMETERS} parameters at most, and the \
             loss has {dimension}"
        );
        simulation.warnings.push(Warning::new("not-computed", message));
    }
    for (name, step) in ["loss", "h_lambda_0"].into_iter().zip(lacking) {
        if let Some((step, state)) = step {
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
    Ok(())
}
