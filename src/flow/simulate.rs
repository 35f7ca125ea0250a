//! Gradient descent beside its flows.

use super::derivatives::{Level, Model};
use super::field::{Field, FieldError};
use super::fields::{FlippedField, GradientField, SpectralField};
use super::integrator::{Integrator, IntegratorOptions, Stop};
use super::name::{FlowError, FlowName};
use super::simulation::{FlowRun, Simulation};
use crate::spectral::{Alpha, SymmetricEigen};
use crate::warning::Warning;
use num_complex::Complex64;

/// The most numbers that a simulation may hold.
const MAX_NUMBERS: usize = 100_000_000;

/// Runs gradient descent `θ ↦ θ − h g(θ)` and every flow from the same start, and compares them at the times `0, h, 2h, …`.
///
/// A flow that cannot be followed ends with `None` from there on and a warning that says why, and does not disturb the
/// others: `branch-point` (an `hλ` at 1, where the field of `pf` is infinite), `step-limit`, `step-underflow`, `diverged`,
/// `not-finite`, `no-convergence`, `unsuitable` (the flow is not defined for this loss) and `not-computed`. Warnings that end nothing are
/// `branch-cut` (an `hλ` crossed the cut of the field's logarithm) and `loss-branch-cut` (the loss's own). A flow named
/// twice is run once.
///
/// # Errors
///
/// A start of the wrong length or not finite, a step size or tolerance that is not positive and finite, and results too
/// large to hold.
pub fn simulate(
    model: &mut dyn Model,
    h: f64,
    steps: usize,
    start: &[f64],
    flows: &[FlowName],
    options: &IntegratorOptions,
) -> Result<Simulation, FlowError> {
    let parameters = model.parameters();
    check(h, steps, start, flows.len(), parameters.len(), options)?;
    let mut warnings = Vec::new();
    let iterates = descend(model, h, steps, start, &mut warnings);
    let mut runs: Vec<FlowRun> = Vec::with_capacity(flows.len());
    for flow in flows {
        let name = flow.to_string();
        if runs.iter().any(|run| run.name == name) {
            continue;
        }
        let mut warn = |code, message, step| {
            warnings.push(Warning { code, message, flow: Some(name.clone()), step: Some(step) });
        };
        let (mut trajectory, path) = match follow(&*model, flow, h, steps, start, options, &mut warn) {
            Ok(followed) => followed,
            Err(error) => {
                let code = if matches!(error, FlowError::Unsuitable { .. }) { "unsuitable" } else { "not-computed" };
                warn(code, error.to_string(), 0);
                (Vec::new(), Vec::new())
            }
        };
        trajectory.resize(steps + 1, None);
        let error = trajectory.iter().zip(&iterates).map(|(z, x)| Some(distance(z.as_ref()?, x.as_ref()?))).collect();
        runs.push(FlowRun { name, trajectory, path, error });
    }
    Ok(Simulation {
        method: "gradient-descent".to_owned(),
        parameters,
        h,
        times: (0..=steps).map(|k| k as f64 * h).collect(),
        iterates,
        flows: runs,
        warnings,
    })
}

fn check(
    h: f64,
    steps: usize,
    start: &[f64],
    flows: usize,
    dimension: usize,
    options: &IntegratorOptions,
) -> Result<(), FlowError> {
    let refuse = |message: String| Err(FlowError::Setting(message));
    if !(h > 0.0 && h.is_finite()) {
        return refuse(format!("the step size must be positive and finite, not {h}"));
    }
    if !(options.tolerance > 0.0 && options.tolerance.is_finite()) {
        return refuse(format!("the tolerance must be positive and finite, not {}", options.tolerance));
    }
    if start.len() != dimension {
        return refuse(format!("the start has {} entries where the loss has {dimension} parameters", start.len()));
    }
    if let Some(k) = start.iter().position(|x| !x.is_finite()) {
        return refuse(format!("entry {k} of the start is {}, which is not finite", start[k]));
    }
    let numbers = (dimension.max(1)).saturating_mul(1 + 2 * flows).saturating_mul(steps.saturating_add(1));
    if numbers > MAX_NUMBERS {
        return refuse(format!(
            "{steps} steps of {flows} flows with {dimension} parameters make {numbers} numbers, more than the {MAX_NUMBERS} that a \
             simulation holds; ask for fewer steps or flows"
        ));
    }
    Ok(())
}

fn descend(
    model: &mut dyn Model,
    h: f64,
    steps: usize,
    start: &[f64],
    warnings: &mut Vec<Warning>,
) -> Vec<Option<Vec<f64>>> {
    let mut state = start.to_vec();
    let mut gradient = vec![0.0; start.len()];
    let mut iterates = vec![Some(state.clone())];
    for step in 1..=steps {
        model.real_gradient(&state, &mut gradient);
        for (x, g) in state.iter_mut().zip(&gradient) {
            *x -= h * g;
        }
        if !state.iter().all(|x| x.is_finite()) {
            let message =
                format!("gradient descent left the finite numbers at step {step}; a smaller step size may keep it");
            warnings.push(Warning { step: Some(step), ..Warning::new("diverged", message) });
            break;
        }
        iterates.push(Some(state.clone()));
    }
    iterates.resize(steps + 1, None);
    iterates
}

/// A flow's states at the optimizer's times and, if recorded, all of them.
type Followed = (Vec<Option<Vec<Complex64>>>, Vec<Vec<Complex64>>);

/// The trajectory of one flow, from the start to where it could be followed.
fn follow(
    model: &dyn Model,
    flow: &FlowName,
    h: f64,
    steps: usize,
    start: &[f64],
    options: &IntegratorOptions,
    warn: &mut dyn FnMut(&'static str, String, usize),
) -> Result<Followed, FlowError> {
    if *flow == FlowName::Exact {
        return Ok((exact(model, h, steps, start)?, Vec::new()));
    }
    let mut field = field(model, flow, h)?;
    let mut integrator = Integrator::new(start.len(), *options);
    let mut state: Vec<Complex64> = start.iter().map(|x| Complex64::from(*x)).collect();
    let mut trajectory = vec![Some(state.clone())];
    let (mut cut, mut loss_cut) = (false, false);
    for step in 1..=steps {
        let result = integrator.advance(&mut *field, h, &mut state);
        // Only the first of each is news.
        if integrator.crossings().spectrum && !cut {
            cut = true;
            let message = "an eigenvalue 1 - hλ crossed the negative imaginary axis, the cut of log(1-z), where the field jumps; \
                           compare with care from here on";
            warn("branch-cut", message.to_owned(), step);
        }
        if integrator.crossings().loss && !loss_cut {
            loss_cut = true;
            let message = "the trajectory crossed the cut of a principal branch in the loss, where its derivatives jump; compare \
                           with care from here on";
            warn("loss-branch-cut", message.to_owned(), step);
        }
        if let Err(stop) = result {
            let (code, message) = explain(stop, step, &*field, &integrator, &state, options);
            warn(code, message, step);
            break;
        }
        trajectory.push(Some(state.clone()));
    }
    let mut path = integrator.into_path();
    if options.record {
        path.insert(0, start.iter().map(|x| Complex64::from(*x)).collect());
    }
    Ok((trajectory, path))
}

fn explain(
    stop: Stop,
    step: usize,
    field: &dyn Field,
    integrator: &Integrator,
    state: &[Complex64],
    options: &IntegratorOptions,
) -> (&'static str, String) {
    let size = state.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
    let closest = field
        .distance_to_branch_point()
        .map_or(String::new(), |d| format!("; the closest hλ is {d:.1e} from the branch point 1"));
    match stop {
        Stop::StepLimit => (
            "step-limit",
            format!(
                "the {} integration steps of one trajectory were used up before step {step}{closest}; allow more, or a larger tolerance",
                options.max_steps
            ),
        ),
        Stop::StepUnderflow => (
            "step-underflow",
            format!(
                "the flow changes too fast to follow to step {step}, after {} integration steps at |θ| = {size:.1e}{closest}",
                integrator.steps()
            ),
        ),
        Stop::Field(FieldError::BranchPoint) => (
            "branch-point",
            format!(
                "an eigenvalue of hH is at 1, the branch point of log(1-z) where the field is infinite, before step {step}; change the \
                 step size or the start"
            ),
        ),
        Stop::Field(FieldError::NotFinite) => {
            ("not-finite", format!("the field is not finite before step {step}, at |θ| = {size:.1e}{closest}"))
        }
        Stop::Field(FieldError::NoConvergence) => {
            ("no-convergence", format!("an eigenvalue iteration did not converge before step {step}"))
        }
        Stop::Diverged => ("diverged", format!("the flow left every bound before step {step}, at |θ| = {size:.1e}")),
    }
}

/// The vector field of a flow that is integrated.
fn field<'a>(model: &'a dyn Model, flow: &FlowName, h: f64) -> Result<Box<dyn Field + 'a>, FlowError> {
    let spectral = |alpha, weight| -> Result<Box<dyn Field + 'a>, FlowError> {
        let level = if weight == 0.0 { Level::Hessian } else { Level::Third };
        Ok(Box::new(SpectralField::new(model.derivatives(level)?, h, alpha, weight)))
    };
    match flow {
        FlowName::Ngf => Ok(Box::new(GradientField::new(model.derivatives(Level::Gradient)?, -1.0))),
        FlowName::Pgf => Ok(Box::new(GradientField::new(model.derivatives(Level::Gradient)?, 1.0))),
        FlowName::Igr => spectral(Alpha::implicit_gradient_regularisation(), 0.0),
        FlowName::Third => spectral(Alpha::principal(2), 1.0 / 12.0),
        FlowName::Principal(order) => spectral(Alpha::principal(*order), 0.0),
        FlowName::Pf => spectral(Alpha::Logarithm, 0.0),
        FlowName::PfNp3 => spectral(Alpha::Logarithm, 1.0 / 12.0),
        FlowName::Bea(order) => model.truncated(*order, h),
        FlowName::Flip(directions) => {
            let derivatives = model.derivatives(Level::Hessian)?;
            let dimension = derivatives.dimension();
            if let Some(k) = directions.iter().find(|k| **k >= dimension) {
                return Err(FlowError::Unsuitable {
                    name: flow.to_string(),
                    reason: format!("there is no eigendirection {k} among {dimension}, counted from 0"),
                });
            }
            Ok(Box::new(FlippedField::new(derivatives, directions.clone())))
        }
        FlowName::Exact => Err(FlowError::Unsuitable {
            name: flow.to_string(),
            reason: "it has a closed solution and no field".to_owned(),
        }),
    }
}

/// The principal flow of `E = ½θᵀAθ + bᵀθ` in closed form at the times `kh`.
///
/// With `L = log(I − hA)/h`, `θ(t) = e^{tL} θ(0) + (e^{tL} − I) A⁻¹ b`, in each eigendirection with the limit `−t b` where `λ = 0`. At
/// `t = kh`, `e^{tL} = (1 − hλ)^k`, real on either side of the branch point and at it.
fn exact(model: &dyn Model, h: f64, steps: usize, start: &[f64]) -> Result<Vec<Option<Vec<Complex64>>>, FlowError> {
    let name = || FlowName::Exact.to_string();
    if !model.is_quadratic() {
        let reason = "it needs a quadratic, a polynomial of degree 2 at most".to_owned();
        return Err(FlowError::Unsuitable { name: name(), reason });
    }
    let n = start.len();
    let (mut b, mut hessian) = (vec![Complex64::ZERO; n], vec![Complex64::ZERO; n * n]);
    model.derivatives(Level::Hessian)?.gradient_hessian(&vec![Complex64::ZERO; n], &mut b, &mut hessian);
    let mut eigen = SymmetricEigen::new(n);
    if !eigen.decompose(|i, j| hessian[i * n + j].re) {
        return Err(FlowError::Loss("the Hessian has no eigendecomposition in floats".to_owned()));
    }
    let along = |k: usize, v: &dyn Fn(usize) -> f64| -> f64 { (0..n).map(|i| eigen.vector(k, i) * v(i)).sum() };
    let directions: Vec<(f64, f64, f64)> =
        (0..n).map(|k| (eigen.values()[k], along(k, &|i| start[i]), along(k, &|i| b[i].re))).collect();
    let mut trajectory = Vec::with_capacity(steps + 1);
    for step in 0..=steps {
        let mut state = vec![Complex64::ZERO; n];
        for (k, (lambda, x, b)) in directions.iter().enumerate() {
            let z = h * lambda;
            let power = (1.0 - z).powf(step as f64);
            // (e^{tL} − 1)/λ, with no cancellation where λ is small and the limit −t where it is 0.
            let quotient = if z == 0.0 {
                -(step as f64) * h
            } else if z.abs() < 0.5 {
                (step as f64 * (-z).ln_1p()).exp_m1() / lambda
            } else {
                (power - 1.0) / lambda
            };
            let value = power * x + quotient * b;
            for (i, s) in state.iter_mut().enumerate() {
                *s += value * eigen.vector(k, i);
            }
        }
        if !state.iter().all(|x| x.is_finite()) {
            break;
        }
        trajectory.push(Some(state));
    }
    Ok(trajectory)
}

fn distance(z: &[Complex64], x: &[f64]) -> f64 {
    z.iter().zip(x).map(|(z, x)| (z - x).norm_sqr()).sum::<f64>().sqrt()
}
