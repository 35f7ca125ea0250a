//! Critical points and every flow's Jacobian there.

use super::super::description::{FlowDescription, FlowLaw};
use super::super::field::Field;
use super::super::kinks::nonsmooth;
use super::super::model::Model;
use super::super::name::{FlowError, FlowName};
use super::super::outcome::Outcome;
use super::super::simulate::field;
use super::super::subject::Subject;
use super::critical::CriticalPoint;
use super::jacobian::{Continuation, jacobian_spectrum, matched};
use super::kind::{Case, Kind};
use super::landscape::Landscape;
use super::notes::{Alike, neither, place, warn_of_point, warn_of_search};
use super::rate::{at, rate};
use super::search::{CriticalSearch, SearchCounts, find};
use super::spectrum::dot;
use super::threshold::{Contracting, StepSizes, contracts};
use super::trajectory::{PRINCIPAL, StabilityTrajectory};
use crate::budget::{self, Budget};
use crate::number::Rational;
use crate::spectral::{Alpha, SpectralError};
use crate::warning::Warning;
use num_complex::Complex64;

/// Dimensions up to which fields are differentiated: it takes thousands of evaluations, each with an eigendecomposition.
const MAX_DIFFERENTIATED: usize = 16;

/// Critical points of a loss and what happens next to them; stability coefficients along a trajectory, if asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Stability {
    /// The optimizer's name.
    pub method: String,
    /// The name of every entry of θ.
    pub parameters: Vec<String>,
    /// The step size.
    pub h: f64,
    /// How the search for critical points went.
    pub search: SearchCounts,
    /// The critical points: minima, saddles, maxima, degenerate ones, each sort by coordinates.
    pub points: Vec<PointStability>,
    /// The optimizer's own trajectory, where one was asked for.
    pub trajectory: Option<StabilityTrajectory>,
    /// What cannot be trusted, and why.
    pub warnings: Vec<Warning>,
}

impl Stability {
    /// What cannot be trusted of the points and of the trajectory.
    #[must_use]
    pub fn all_warnings(&self) -> Vec<Warning> {
        self.warnings.iter().chain(self.trajectory.iter().flat_map(|t| &t.warnings)).cloned().collect()
    }
}

/// A critical point with its flows.
#[derive(Debug, Clone, PartialEq)]
pub struct PointStability {
    /// The point and the spectrum of its Hessian.
    pub point: CriticalPoint,
    /// The flows, in the order asked for.
    pub flows: Vec<FlowStability>,
    /// The eigendirections, as the eigenvalues.
    pub directions: Vec<Direction>,
    /// The optimizer's own map; `None` where its characteristic polynomial is not at hand.
    pub optimizer: Option<OptimizerStability>,
}

/// A flow linearised at a critical point.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowStability {
    /// The name as the user gave it, such as `pf+np3`.
    pub name: String,
    /// The Jacobian's eigenvalues in closed form, in the order of the Hessian's; `None` at a branch point. Where no closed form is
    /// known, those by differentiation, by their real parts.
    pub eigenvalues: Vec<Option<Complex64>>,
    /// The Jacobian's eigenvalues by differentiating the field, beside those in closed form and in their order.
    pub differentiated: Option<Vec<Complex64>>,
    /// The largest difference between the two.
    pub difference: Option<f64>,
    /// Whether all real parts are negative (a branch point counts as −∞); `None` where not all are known, and where the largest is zero to within
    /// what is known, so that linearisation does not decide.
    pub attractive: Option<bool>,
    /// The step sizes at which the flow is attracted; `None` where no closed form is known.
    pub attractive_h: Option<StepSizes>,
}

/// One eigendirection at a critical point.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// `λ_i`.
    pub eigenvalue: f64,
    /// `hλ_i`.
    pub h_lambda: f64,
    /// What the optimizer does along it.
    pub case: Case,
    /// `u_i`, the first of its largest components positive.
    pub eigenvector: Vec<f64>,
    /// `α(hλ_i)` of the optimizer's principal flow; `None` at a branch point, or where α is not known.
    pub alpha: Option<Complex64>,
    /// `α(hλ_i) gᵀu_i`, which is zero at the critical point but for rounding.
    pub stability_coefficient: Option<Complex64>,
}

/// The optimizer's own map linearised at a critical point: attractive if all multipliers lie inside the unit circle.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerStability {
    /// Whether it is attracted at this step size; `None` where the largest multiplier is on the unit circle to within what is known.
    pub attractive: Option<bool>,
    /// The step sizes at which it is.
    pub attractive_h: StepSizes,
}

/// A flow, ready for any point.
struct Prepared<'a> {
    flow: FlowDescription,
    /// α in every direction, `None` where no closed form is known; empty if the flow does not fit.
    alphas: Vec<Option<Alpha>>,
    /// Where each α contracts; one for all directions unless they differ.
    contracting: Vec<Option<Contracting>>,
    field: Option<Box<dyn Field + 'a>>,
}

/// Finds critical points and linearises the optimizer's flows there.
///
/// `value` is the loss itself, which says where it is defined. Eigenvalues are in closed form:
///
/// | flow | along an eigendirection with eigenvalue λ |
/// |---|---|
/// | NGF, PGF | `−λ`, `λ` |
/// | IGR | `−λ − hλ²/2` |
/// | BEA(n), principal(n) | `−Σ_{p≤n} h^p λ^{p+1}/(p+1)` |
/// | PF, PF+NP3, RPF, RPF4, exact | `log(1 − hλ)/h` |
/// | RPF2 | `log|1 − hλ|/h` |
///
/// (Rosca, Wu, Qin & Dherin 2023, section 3.2 and appendix A.4, with h/2 for the misprinted h²/2.) `bea:N`, `principal:N`, `pf`, `pf+np3` and
/// `exact` are the optimizer's own, with its α. Up to 16 dimensions the fields themselves are differentiated too.
///
/// Warnings: `no-critical-point`, `degenerate`, `critical-set`, `outside-box`, `branch-point`, `edge-of-stability`, `unsuitable`,
/// `not-computed`, `not-differentiated`, `gradient-descent-flow`.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::expr::{Expression, Pool, Shape};
/// use shadowflow::flow::{CompiledModel, CriticalSearch, FlowName, Kind, LossValue, Subject, stability};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.pow(x, &2.into());
/// let value = LossValue::new(pool.expression(loss))?;
/// let model = CompiledModel::new(Expression::new(pool, loss))?;
/// let subject = Subject::new(&BoundOptimizer::gradient_descent())?;
/// let search = CriticalSearch::near(vec![3.0]);
/// let found = stability(&subject, &model, &|x| value.at(x), &"1/4".parse()?, &search, &[FlowName::Pf])?;
/// let minimum = &found.points[0];
/// assert_eq!((minimum.point.kind, minimum.point.at[0]), (Kind::Minimum, 0.0));
/// // log(1 − hλ)/h with λ = 2, attractive for h < 2/λ.
/// assert!((minimum.flows[0].eigenvalues[0].unwrap().re - 4.0 * 0.5f64.ln()).abs() < 1e-14);
/// assert_eq!(minimum.flows[0].attractive_h.as_ref().unwrap().intervals(), [(0.0, 1.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// A step size that is not positive and finite, starts of the wrong length, and what the model itself refuses.
pub fn stability(
    subject: &Subject,
    model: &dyn Model,
    value: &dyn Fn(&[f64]) -> f64,
    exact_h: &Rational,
    search: &CriticalSearch,
    flows: &[FlowName],
) -> Result<Stability, FlowError> {
    let parameters = model.parameters();
    let h = exact_h.to_f64();
    check(h, search, parameters.len())?;
    let mut landscape = Landscape::new(model, value)?;
    let mut warnings = nonsmooth(model.nonsmooth());
    let found = find(&mut landscape, search);
    warn_of_search(&found, search, &parameters, &mut warnings);
    let mut prepared = Vec::new();
    for (k, flow) in flows.iter().enumerate() {
        if !flows[..k].contains(flow) && !found.points.is_empty() {
            prepared.push(prepare(subject, model, flow, exact_h, parameters.len(), &mut warnings));
        }
    }
    if parameters.len() > MAX_DIFFERENTIATED && !prepared.is_empty() {
        let message = format!(
            "fields are differentiated up to {MAX_DIFFERENTIATED} parameters, and here are {}: the eigenvalues are those of the closed \
             form alone",
            parameters.len()
        );
        warnings.push(Warning::new("not-differentiated", message));
    }
    let own = subject.alpha(PRINCIPAL);
    if let Err(error) = own.as_ref().map_err(|error| (Outcome::from(error), error.to_string()))
        && !found.points.is_empty()
    {
        say(&mut warnings, error);
    }
    let own = own.ok();
    let characteristic = subject.principal_part().characteristic();
    let characteristic = characteristic.filter(|_| !found.points.is_empty());
    let map = characteristic.map(Contracting::of_optimizer);
    let alike = Alike::of(&found.points);
    let points = found
        .points
        .into_iter()
        .zip(&alike)
        .map(|(point, alike)| {
            let place = place(&parameters, &point.at);
            let edge = warn_of_point((&point, alike), own.as_ref(), h, &place, &mut warnings);
            let said = edge || point.kind == Kind::Degenerate;
            let flows =
                prepared.iter_mut().map(|flow| linearise(flow, &point, h, (&place, said), &mut warnings)).collect();
            let optimizer = map.as_ref().map(|map| {
                let attractive_h = common(point.known().map(|(l, u)| map.step_sizes(l, u)));
                let attracts = |(lambda, uncertainty): (f64, f64)| {
                    let tolerance = at_edge(own.as_ref(), h, lambda, uncertainty);
                    let flat = lambda.abs() <= uncertainty;
                    characteristic.filter(|_| !flat).and_then(|c| contracts(c, h * lambda, tolerance))
                };
                let attractive = together(point.known().map(attracts));
                if attractive.is_none() && !said {
                    warnings.push(neither(&place, "a step of the optimizer"));
                }
                OptimizerStability { attractive, attractive_h }
            });
            let directions = directions(&point, own.as_ref(), h);
            if own.is_some() && directions.iter().any(|d| d.alpha.is_none() && d.case != Case::Undecided) {
                let outcome = Outcome::NoValue(SpectralError::BranchPoint);
                say(&mut warnings, (outcome, outcome.sentence(&format!(", at {place}"))));
            }
            PointStability { directions, flows, optimizer, point }
        })
        .collect();
    Ok(Stability {
        method: subject.optimizer().name().to_owned(),
        parameters,
        h,
        search: found.counts,
        points,
        trajectory: None,
        warnings,
    })
}

/// Says why the principal flow has no value somewhere, unless that is said of it already.
fn say(warnings: &mut Vec<Warning>, (outcome, message): (Outcome, String)) {
    let code = outcome.code();
    if !warnings.iter().any(|w| w.code == code && w.flow.as_deref() == Some(PRINCIPAL)) {
        warnings.push(Warning { flow: Some(PRINCIPAL.to_owned()), ..Warning::new(code, message) });
    }
}

fn check(h: f64, search: &CriticalSearch, dimension: usize) -> Result<(), FlowError> {
    if !(h > 0.0 && h.is_finite()) {
        return Err(FlowError::Setting(format!("the step size must be positive and finite, not {h}")));
    }
    match search.starts().iter().find(|s| s.len() != dimension) {
        Some(start) => Err(FlowError::Setting(format!(
            "a start has {} entries where the loss has {dimension} parameters",
            start.len()
        ))),
        None => Ok(()),
    }
}

fn prepare<'a>(
    subject: &Subject,
    model: &'a dyn Model,
    flow: &FlowName,
    h: &Rational,
    dimension: usize,
    warnings: &mut Vec<Warning>,
) -> Prepared<'a> {
    let flow = flow.describe();
    let mut warn =
        |code, message| warnings.push(Warning { flow: Some(flow.name.clone()), ..Warning::new(code, message) });
    if let Some(message) = flow.not_own(subject) {
        warn("gradient-descent-flow", message);
    }
    let nothing = |flow| Prepared { flow, alphas: Vec::new(), contracting: Vec::new(), field: None };
    if flow.law == FlowLaw::Closed && !model.is_quadratic() {
        let error = FlowError::needs_quadratic();
        warn(Outcome::from(&error).code(), error.to_string());
        return nothing(flow);
    }
    // A flow that reverses directions says whether it has them.
    let reverses = matches!(flow.law, FlowLaw::Reversed { .. });
    let wanted = flow.law != FlowLaw::Closed && (dimension <= MAX_DIFFERENTIATED || reverses);
    let field = if wanted { Budget::current().run(|| field(subject, model, &flow, h).map(Some)) } else { Ok(Ok(None)) };
    let field = field.unwrap_or_else(|stopped| {
        let place = " before the field was compiled; what is known of it in closed form is shown";
        warn(stopped.code(), format!("{stopped}{place}"));
        Ok(None)
    });
    let field = match field {
        Ok(field) => field,
        Err(error) => {
            let outcome = Outcome::from(&error);
            warn(outcome.code(), error.to_string());
            // The flow is not defined for this loss; what was only too large to compile still has its closed form.
            if outcome == Outcome::Unsuitable {
                return nothing(flow);
            }
            None
        }
    };
    let mut known: Vec<(Alpha, Contracting)> = Vec::new();
    let mut alphas: Vec<Option<Alpha>> = Vec::new();
    let mut contractings: Vec<Option<Contracting>> = Vec::new();
    for direction in 0..dimension {
        // Only where directions are reversed does α differ between them.
        if direction > 0 && !reverses {
            alphas.push(alphas[0].clone());
            contractings.push(contractings[0].clone());
            continue;
        }
        let alpha = flow.alpha_along(direction, subject);
        let alpha = alpha.map_err(|error| warn(Outcome::from(&error).code(), error.to_string())).ok();
        if let Some(alpha) = &alpha
            && !known.iter().any(|(a, _)| a == alpha)
        {
            known.push((alpha.clone(), Contracting::of_flow(alpha)));
        }
        contractings.push(known.iter().find(|(a, _)| Some(a) == alpha.as_ref()).map(|(_, c)| c.clone()));
        alphas.push(alpha);
    }
    if alphas.iter().all(Option::is_none) && field.is_none() {
        alphas.clear();
    }
    let field = field.filter(|_| dimension <= MAX_DIFFERENTIATED);
    Prepared { flow, alphas, contracting: contractings, field }
}

fn linearise(
    prepared: &mut Prepared<'_>,
    point: &CriticalPoint,
    h: f64,
    (place, said): (&str, bool),
    warnings: &mut Vec<Warning>,
) -> FlowStability {
    let name = prepared.flow.name.clone();
    let mut warn = |code, message| warnings.push(Warning { flow: Some(name.clone()), ..Warning::new(code, message) });
    let mut eigenvalues: Vec<Option<Complex64>> = vec![None; point.eigenvalues.len()];
    let closed = !prepared.alphas.is_empty() && prepared.alphas.iter().all(Option::is_some);
    for (e, ((lambda, uncertainty), alpha)) in eigenvalues.iter_mut().zip(point.known().zip(&prepared.alphas)) {
        *e = alpha.as_ref().and_then(|alpha| rate(alpha, h, lambda, uncertainty));
    }
    let jumps = point.hessian_jumps();
    let at_branch_point = closed && !jumps && eigenvalues.iter().any(Option::is_none);
    if at_branch_point {
        let outcome = Outcome::NoValue(SpectralError::BranchPoint);
        warn(outcome.code(), outcome.sentence(&format!(", as is the Jacobian of {name}, at {place}")));
    }
    let mut differentiated = None;
    if let Some(field) = prepared.field.as_mut().filter(|_| !jumps) {
        let continuation = if prepared.flow.is_analytic { Continuation::Analytic } else { Continuation::Real };
        let stopped = budget::check().err();
        if let Some(stopped) = stopped {
            warn(stopped.code(), format!("{stopped} before the field of {name} around {place} was differentiated"));
        } else {
            differentiated = jacobian_spectrum(&mut **field, &point.at, continuation);
        }
        if differentiated.is_none() && !at_branch_point && stopped.is_none() {
            warn("not-differentiated", format!("the field of {name} has no values around {place} to differentiate"));
        }
    }
    let mut difference = None;
    let differentiated = differentiated.and_then(|mut found| {
        if prepared.alphas.iter().all(Option::is_none) {
            // What is known of the flow is its field: the first is that of the largest eigenvalue, mostly.
            found.sort_by(|a, b| a.re.total_cmp(&b.re));
            eigenvalues = found.into_iter().map(Some).collect();
            return None;
        }
        let (ordered, largest) = matched(&eigenvalues, found);
        difference = largest;
        Some(ordered)
    });
    let attractive_h = closed.then(|| {
        let pairs = point.known().zip(&prepared.contracting);
        common(pairs.filter_map(|((lambda, uncertainty), c)| Some(c.as_ref()?.step_sizes(lambda, uncertainty))))
    });
    // Of a flow that only its field tells about, eigenvalues are as good as differentiation is.
    let numeric =
        if closed { 0.0 } else { DIFFERENTIATED * h * point.eigenvalues.iter().fold(0.0, |m: f64, l| m.max(l.abs())) };
    let attracts = |k: usize| {
        let (lambda, uncertainty, rate) = (point.eigenvalues[k], point.uncertainties[k], eigenvalues[k]);
        if lambda.is_nan() || lambda.abs() <= uncertainty {
            return None;
        }
        let Some(rate) = rate else { return Some(true) };
        let alpha = prepared.alphas.get(k).and_then(Option::as_ref);
        let margin =
            4.0 * f64::EPSILON * (h * rate.norm()).min(1e3) + at_edge(alpha, h, lambda, uncertainty).min(1e3) + numeric;
        (h * rate.re.abs() > margin).then_some(rate.re < 0.0)
    };
    let known = closed || eigenvalues.iter().all(Option::is_some);
    let attractive =
        if known { together((0..eigenvalues.len().min(point.eigenvalues.len())).map(attracts)) } else { None };
    if known && attractive.is_none() && !said {
        warnings.push(Warning { flow: Some(name.clone()), ..neither(place, &name) });
    }
    FlowStability { name, eigenvalues, differentiated, difference, attractive, attractive_h }
}

/// The relative error of eigenvalues by differentiation.
const DIFFERENTIATED: f64 = 1e-8;

/// What `h` times a real part must exceed to be told from zero, and how far from 1 a multiplier must be: as [`Case`] has the edge of stability.
fn at_edge(alpha: Option<&Alpha>, h: f64, lambda: f64, uncertainty: f64) -> f64 {
    let tolerance = h * uncertainty + 4.0 * f64::EPSILON * h * lambda.abs();
    // The others' slopes are not those of log(1 − z).
    if matches!(alpha, Some(Alpha::Logarithm | Alpha::Polynomial(_))) { tolerance } else { 4.0 * tolerance }
}

/// Attracted in all directions, repelled in one, or neither known.
fn together(mut directions: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let all = directions.try_fold(Some(true), |all, one| match one {
        Some(false) => Err(()),
        Some(true) => Ok(all),
        None => Ok(None),
    });
    all.unwrap_or(Some(false))
}

/// The step sizes in all sets; all step sizes if there is no set.
fn common(sets: impl Iterator<Item = StepSizes>) -> StepSizes {
    sets.fold(StepSizes::all(), |all, set| all.intersected(&set))
}

fn directions(point: &CriticalPoint, own: Option<&Alpha>, h: f64) -> Vec<Direction> {
    let pairs = point.known().zip(&point.eigenvectors);
    pairs
        .map(|((lambda, uncertainty), u)| {
            let case = Case::of(own.unwrap_or(&Alpha::Logarithm), h, lambda, uncertainty);
            let alpha =
                own.and_then(|a| at(a, h * lambda)).filter(|_| !matches!(case, Case::BranchPoint | Case::Undecided));
            let along = dot(&point.gradient, u).abs();
            Direction {
                eigenvalue: lambda,
                h_lambda: h * lambda,
                case,
                eigenvector: u.clone(),
                alpha,
                stability_coefficient: alpha.map(|a| a * along),
            }
        })
        .collect()
}
