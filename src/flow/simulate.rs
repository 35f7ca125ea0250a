//! Optimizers beside their flows.

use super::closed::closed;
use super::description::{FlowDescription, FlowLaw, NO_FIELD, ThirdTerm};
use super::events::{Spectrum, of_iterates};
use super::field::Field;
use super::fields::{FlippedField, GradientField, PolynomialField, SpectralField};
use super::follow::{Followed, Setting, follow};
use super::integrator::IntegratorOptions;
use super::iterates::Iteration;
use super::kinks::nonsmooth;
use super::krylov::KrylovField;
use super::levels::Levels;
use super::model::Model;
use super::name::{FlowError, FlowName};
use super::outcome::{End, Outcome};
use super::period_two::beside;
use super::resummed::{MOST_PARAMETERS, ResummedField};
use super::simulation::{FlowRun, Simulation};
use super::slide::AFTER_SLIDING;
use super::subject::Subject;
use crate::budget::{self, Budget, Counted, Stopped};
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use crate::spectral::{Alpha, KrylovOptions, Steps, norm};
use crate::warning::Warning;
use num_complex::Complex64;

/// How far Krylov spaces of flows go: a tenth of what the integrator is asked for, as far as doubles hold that.
fn products(tolerance: f64) -> KrylovOptions {
    let tolerance = (0.1 * tolerance).max(1e-14);
    KrylovOptions { tolerance, max_products: 200, products_name: "a flow's field", gradient_error: 0.0 }
}

/// The most numbers that a simulation may hold.
const MAX_NUMBERS: usize = 100_000_000;

/// Runs gradient descent `θ ↦ θ − h g(θ)` and every flow from the same start, and compares them at the times `0, h, 2h, …`.
///
/// A flow that cannot be followed ends with `None` from there on and a warning that says why, and does not disturb the
/// others: `branch-point` (an `hλ` at 1, where the field of `pf` is infinite), `step-limit`, `step-underflow`, `diverged`,
/// `evaluation-failed` (an operation of the loss has no value in machine floats, which can end the optimizer too), `not-finite`,
/// `no-convergence`, `unsuitable` (the flow is not defined for this loss), `not-computed` and, where [`AtCut`](super::AtCut) says so or the
/// flow has no rule to go on by, `sliding`. Warnings that end nothing are `sliding` otherwise (the flow slides along a cut of its field and goes on with
/// the jump spread: [`FlowRun::slides`]), `resonance` (a resummed flow is close to a true resonance, or at one), `every-second-step` (the nulls of `rpf2`),
/// `starts-later` (the first nulls of `p2:N`, `edge` and `central`), `transient-left-out` (a start of `p2:N` beside its iterate),
/// `branch-cut` (an `hλ` crossed a cut of the field's α), `loss-branch-cut` (the loss's own) and `order-precision`
/// (rounding takes digits of a high order of `bea:N`). A flow named twice is run once. What happens on the way is in
/// [`Simulation::events`].
///
/// # Errors
///
/// A start of the wrong length or not finite, a step size or tolerance that is not positive and finite, and results too
/// large to hold.
pub fn simulate(
    model: &mut dyn Model,
    h: &Rational,
    steps: usize,
    start: &[f64],
    flows: &[FlowName],
    options: &IntegratorOptions,
) -> Result<Simulation, FlowError> {
    let subject = Subject::new(&BoundOptimizer::gradient_descent()).map_err(|e| FlowError::Setting(e.to_string()))?;
    simulate_for(&subject, model, h, steps, start, flows, options)
}

/// [`simulate`] for any optimizer.
///
/// A method of several steps starts with zero velocity, which the warning `zero-velocity` says; implicit steps are solved by
/// Newton's method from the last iterate. The flows `bea:N`, `principal:N`, `pf`, `pf+np3` and `exact` are the optimizer's own;
/// `igr` and `third` are gradient descent's always, which the warning `gradient-descent-flow` says (`bea:1` and `bea:2` are the
/// optimizer's). Beyond the first branch point of an α with several roots no single one gives the iterates back, and `pf` and its
/// like have the warning `beyond-branch-point`.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::expr::{Expression, Pool, Shape};
/// use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, Subject, simulate_for};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.pow(x, &2.into());
/// let mut model = CompiledModel::new(Expression::new(pool, loss))?;
/// let proximal = Subject::new(&Optimizer::ImplicitEuler.bind(&[])?)?;
/// let run = simulate_for(&proximal, &mut model, &"1/2".parse()?, 2, &[1.0], &[FlowName::Pf], &IntegratorOptions::default())?;
/// // θ_{t+1} = θ_t/(1 + 2h).
/// assert_eq!(run.iterates[2], Some(vec![0.25]));
/// assert!(run.flows[0].error[2].is_some_and(|e| e < 1e-10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`simulate`], and a method that cannot be run forward.
pub fn simulate_for(
    subject: &Subject,
    model: &mut dyn Model,
    h: &Rational,
    steps: usize,
    start: &[f64],
    flows: &[FlowName],
    options: &IntegratorOptions,
) -> Result<Simulation, FlowError> {
    let optimizer = subject.optimizer();
    let parameters = model.parameters();
    let exact = h;
    let h = h.to_f64();
    check(h, steps, start, flows.len(), parameters.len(), options)?;
    let mut warnings = nonsmooth(model.nonsmooth());
    let mut iteration = Iteration::new(optimizer, model, start.len())?;
    warnings.extend(iteration.note());
    let counted = Counted::begin("steps", (steps as u64).saturating_mul(1 + flows.len() as u64));
    let (iterates, end) = iteration.run(h, steps, start);
    counted.advance(steps as u64);
    drop(iteration);
    warnings.extend(end.as_ref().map(|end| end.warning(None)));
    // What follows is left where the time ends, part by part, so that what is finished is shown.
    let mut levels = Levels::new(&*model, h, parameters.len())?;
    let (loss, h_lambda_0) = levels.of_iterates(&iterates);
    let mut spectrum = budget::part(|| Spectrum::new(&*model, h)).unwrap_or_default();
    let found = spectrum.as_mut().map(|s| budget::part(|| of_iterates(s, h, &iterates)));
    let mut events = found.and_then(Result::ok).unwrap_or_default();
    let mut beyond = None;
    let mut runs: Vec<FlowRun> = Vec::with_capacity(flows.len());
    for flow in flows {
        let description = flow.describe();
        let name = description.name.clone();
        if runs.iter().any(|run| run.name == name) {
            continue;
        }
        let mut warn = |code, message, step| {
            warnings.push(Warning { flow: Some(name.clone()), step: Some(step), ..Warning::new(code, message) });
        };
        if let Some(message) = description.not_own(subject) {
            warn("gradient-descent-flow", message, 0);
        }
        if description.follows_one_root() {
            if beyond.is_none() {
                beyond = Some(match budget::part(|| subject.beyond_branch_point(&*model, h, &iterates)) {
                    Ok(found) => found?,
                    Err(_) => None,
                });
            }
            if let Some(Some((step, z))) = beyond {
                warn("beyond-branch-point", beyond_branch_point(z), step);
            }
        }
        let setting = Setting {
            subject,
            model: &*model,
            flow: &description,
            h: exact,
            steps,
            iterates: &iterates,
            options,
            counted: &counted,
        };
        let followed = || match description.law {
            FlowLaw::Closed => closed(&setting, &mut warn),
            FlowLaw::PeriodTwo(law) => beside(&setting, law, &mut warn),
            _ => Ok(follow(
                &setting,
                field_within(subject, &*model, &description, exact, options.tolerance)?,
                spectrum.as_mut(),
                &mut warn,
            )),
        };
        let mut found = match in_time(options, followed) {
            Err(stopped) => {
                let end = End::new(0, stopped.into(), " before the flow could be followed");
                Followed::ended(end, &mut warn)
            }
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                let end = End { step: 0, outcome: Outcome::from(&error), message: error.to_string() };
                Followed::ended(end, &mut warn)
            }
        };
        events.append(&mut found.events);
        let Followed { mut trajectory, path, slides, slid, end, .. } = found;
        trajectory.resize(steps + 1, None);
        let error = trajectory.iter().zip(&iterates).map(|(z, x)| Some(distance(z.as_ref()?, x.as_ref()?))).collect();
        let mut run = FlowRun { name, trajectory, path, error, slides, slid, end, ..FlowRun::default() };
        levels.of_flow(&mut run);
        runs.push(run);
        counted.reach((steps as u64).saturating_mul(1 + runs.len() as u64));
    }
    drop(spectrum);
    if runs.iter().any(|run| run.slid.contains(&true)) {
        // Once, since it is the same for every flow.
        let message = format!("a flow slides where the fields of both sides of a cut lead back to it; {AFTER_SLIDING}");
        warnings.push(Warning::new("sliding", message));
    }
    let mut simulation = Simulation {
        method: optimizer.name().to_owned(),
        parameters,
        h,
        times: (0..=steps).map(|k| k as f64 * h).collect(),
        iterates,
        end,
        loss,
        h_lambda_0,
        restart: options.restart,
        flows: runs,
        warnings,
        events,
    };
    simulation.give_reasons();
    levels.finish(&mut simulation);
    Ok(simulation)
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

/// What to say of an `hλ` beyond the first branch point of an α with several roots.
pub(crate) fn beyond_branch_point(z: f64) -> String {
    format!(
        "an eigenvalue hλ = {z:.3e} lies beyond a branch point of α, where roots of the characteristic polynomial are complex conjugates and no \
         single one gives the iterates back"
    )
}

/// Does what one flow needs within its time.
fn in_time<T>(options: &IntegratorOptions, work: impl FnOnce() -> T) -> Result<T, Stopped> {
    let budget = Budget::current();
    match options.max_seconds {
        Some(seconds) => budget.with_seconds(seconds, options.seconds_name),
        None => budget,
    }
    .run(work)
}

/// The vector field of a flow that is integrated, of step size `exact`.
///
/// # Errors
/// Why the flow does not fit the loss or the model, with the flow's name.
pub fn field<'a>(
    subject: &Subject,
    model: &'a dyn Model,
    flow: &FlowDescription,
    exact: &Rational,
) -> Result<Box<dyn Field + 'a>, FlowError> {
    field_within(subject, model, flow, exact, IntegratorOptions::default().tolerance)
}

/// [`field`], precise enough for an integrator with this tolerance where it is made of products with the Hessian.
pub(super) fn field_within<'a>(
    subject: &Subject,
    model: &'a dyn Model,
    flow: &FlowDescription,
    exact: &Rational,
    tolerance: f64,
) -> Result<Box<dyn Field + 'a>, FlowError> {
    offered(subject, model, flow, exact, tolerance).map_err(|error| flow.refused(error))
}

fn offered<'a>(
    subject: &Subject,
    model: &'a dyn Model,
    flow: &FlowDescription,
    exact: &Rational,
    tolerance: f64,
) -> Result<Box<dyn Field + 'a>, FlowError> {
    let products = products(tolerance);
    let h = exact.to_f64();
    match &flow.law {
        FlowLaw::Gradient { sign } => Ok(Box::new(GradientField::new(model.gradient()?, *sign))),
        FlowLaw::Spectral(third) => {
            let weight = match third {
                ThirdTerm::None => 0.0,
                ThirdTerm::Weight(weight) => *weight,
                ThirdTerm::Own => subject.third_weight(),
            };
            Ok(match (flow.alpha_along(0, subject)?, weight == 0.0) {
                (Alpha::Polynomial(c), true) => Box::new(PolynomialField::new(model.hessian_action()?, h, c)),
                (Alpha::Polynomial(c), false) => {
                    Box::new(PolynomialField::with_third(model.third_action()?, h, c, weight))
                }
                (alpha, true) if model.prefers_products() => {
                    Box::new(KrylovField::new(model.hessian_action()?, h, alpha, products)?)
                }
                (alpha, false) if model.prefers_products() => {
                    Box::new(KrylovField::with_third(model.third_action()?, h, alpha, weight, products)?)
                }
                (alpha, true) => Box::new(SpectralField::new(model.hessian()?, h, alpha)),
                (alpha, false) => Box::new(SpectralField::with_third(model.hessian_third()?, h, alpha, weight)),
            })
        }
        FlowLaw::Truncated { order } => model.truncated(subject.optimizer(), *order, exact),
        FlowLaw::Reversed { directions } => {
            let derivatives = model.hessian()?;
            let dimension = derivatives.dimension();
            if let Some(k) = directions.iter().find(|k| **k >= dimension) {
                let reason = format!("there is no eigendirection {k} among {dimension}, counted from 0");
                return Err(flow.unsuitable(reason));
            }
            Ok(Box::new(FlippedField::new(derivatives, directions.clone())))
        }
        FlowLaw::Resummed { steps, fourth } => resummed(subject, model, flow, h, (*steps, *fourth)),
        FlowLaw::PeriodTwo(_) => Err(flow.unsuitable(NO_FIELD.to_owned())),
        FlowLaw::Closed if !model.is_quadratic() => Err(FlowError::needs_quadratic()),
        FlowLaw::Closed => Err(flow.unsuitable("it has a closed solution and no field".to_owned())),
    }
}

/// A resummed flow, gradient descent's only.
fn resummed<'a>(
    subject: &Subject,
    model: &'a dyn Model,
    flow: &FlowDescription,
    h: f64,
    (steps, fourth): (Steps, bool),
) -> Result<Box<dyn Field + 'a>, FlowError> {
    if !subject.optimizer().is_gradient_descent() {
        return Err(flow.unsuitable(format!(
            "it sums the terms of gradient descent, not those of {}; pf+np3 and bea:N are the optimizer's own",
            subject.optimizer().name()
        )));
    }
    let (dimension, most) = (model.parameters().len(), MOST_PARAMETERS[usize::from(fourth)]);
    if dimension > most {
        return Err(flow.unsuitable(format!(
            "it needs the whole derivative tensor, which is built for {most} parameters at most, and the loss has {dimension}; pf+np3 \
             needs a contraction only"
        )));
    }
    Ok(Box::new(ResummedField::new(model.tensors(fourth)?, h, steps)))
}

pub(super) fn distance(z: &[Complex64], x: &[f64]) -> f64 {
    norm(z.iter().zip(x).map(|(z, x)| z - x))
}
