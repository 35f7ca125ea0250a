//! A flow over a rectangle of states: its field, its local error, its stability.

use super::compiled::CompiledModel;
use super::derivatives::{Derivatives, Level, Model};
use super::field::FieldError;
use super::grid::Grid;
use super::integrator::{Integrator, IntegratorOptions, Stop};
use super::iterates::Iteration;
use super::kinks::{Kinks, nonsmooth};
use super::name::{FlowError, FlowName};
use super::simulate::{distance, exact, field};
use super::slide::{AFTER_SLIDING, advance};
use super::stability::alpha;
use super::subject::Subject;
use crate::budget::{self, Budget};
use crate::expr::{Id, Pool};
use crate::number::Rational;
use crate::spectral::SymmetricEigen;
use crate::warning::Warning;
use num_complex::Complex64;
use std::collections::BTreeMap;

/// The most numbers that a map may hold.
const MAX_NUMBERS: usize = 50_000_000;

/// What a map shows at every point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// The vector field `θ̇`.
    Field,
    /// The distance of the flow from the optimizer after this many steps from the point: for 1 the local error.
    Error {
        /// How many steps of the optimizer.
        steps: usize,
    },
    /// How the flow's linear part grows, and the spectrum of `hH` that decides it.
    Stability,
}

/// The stability of a flow at one state, with the Hessian there held fixed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalStability {
    /// `max_i Re(hλ_i α(hλ_i))`, the fastest growth over one step of the optimizer; unstable where it is above 0.
    pub growth: f64,
    /// The largest eigenvalue of `hH`.
    pub largest: f64,
    /// The smallest eigenvalue of `hH`.
    pub smallest: f64,
}

/// The values of a map, one a grid point; `None` where there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum MapValues {
    /// The field, one entry a parameter.
    Field(Vec<Option<Vec<Complex64>>>),
    /// The distance from the optimizer.
    Error(Vec<Option<f64>>),
    /// The stability.
    Stability(Vec<Option<LocalStability>>),
}

/// What to map.
#[derive(Debug, Clone)]
pub struct MapRequest<'a> {
    /// The optimizer.
    pub subject: &'a Subject,
    /// The step size.
    pub h: &'a Rational,
    /// The flow.
    pub flow: &'a FlowName,
    /// What to show of it.
    pub quantity: Quantity,
    /// Where.
    pub grid: &'a Grid,
    /// The other entries of θ; those of the grid's parameters are not read.
    pub at: &'a [f64],
    /// How to integrate, for errors.
    pub options: IntegratorOptions,
    /// How many threads; `None` for one a core. The result is the same for any number.
    pub threads: Option<usize>,
}

/// Points without a value that share a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The code of the reason; the warning's is `evaluation-failed` where it can name the operation that lost its value.
    pub code: &'static str,
    /// Which points, in their order.
    pub places: Vec<usize>,
}

/// A flow over a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowMap {
    /// The optimizer's name.
    pub method: String,
    /// The name of every entry of θ.
    pub parameters: Vec<String>,
    /// The step size.
    pub h: f64,
    /// The flow's name.
    pub flow: String,
    /// What is shown.
    pub quantity: Quantity,
    /// The points.
    pub grid: Grid,
    /// The entries of θ that do not vary; those of the grid's parameters have no meaning.
    pub at: Vec<f64>,
    /// The values, row by row.
    pub values: MapValues,
    /// The points without a value, by reason.
    pub missing: Vec<Missing>,
    /// The points, in their order, whose value is that of a flow that slid along a cut of its field.
    pub slid: Vec<usize>,
    /// How many points have no value, and why.
    pub warnings: Vec<Warning>,
}

/// Evaluates a flow of a scalar `loss` over a grid, on all cores.
///
/// `finished` is told of every row that is done, from any thread.
///
/// Points where there is no value are `None`, and a warning for every reason counts them: `branch-point`, `evaluation-failed`, `not-finite`,
/// `diverged`, `step-limit`, `step-underflow`, `no-convergence`, `unsuitable`, `kink`, `sliding` (see [`AtCut`](super::AtCut); a warning of this code also
/// counts the points whose flow slid and went on).
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::flow::{FlowName, Grid, IntegratorOptions, MapRequest, MapValues, Quantity, Subject, map};
/// let mut pool = Pool::new();
/// let (x, y) = (pool.declare_parameter("x", Shape::scalar()), pool.declare_parameter("y", Shape::scalar()));
/// let loss = pool.mul(x, y);
/// let grid = Grid::parse("x=-1:1:3,y=-1:1:3", &pool.theta_names())?;
/// let request = MapRequest {
///     subject: &Subject::new(&Optimizer::GradientDescent, None)?,
///     h: &"1/2".parse()?,
///     flow: &FlowName::Ngf,
///     quantity: Quantity::Field,
///     grid: &grid,
///     at: &[0.0, 0.0],
///     options: IntegratorOptions::default(),
///     threads: None,
/// };
/// let MapValues::Field(field) = map(&pool, loss, &request, &|| ())?.values else { unreachable!() };
/// // −∇(xy) = −(y, x), at (1, −1).
/// assert_eq!(field[2].as_ref().map(|f| [f[0].re, f[1].re]), Some([1.0, -1.0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Where the flow cannot be had for this loss or optimizer, an `at` of the wrong length, and maps too large to hold.
pub fn map(
    pool: &Pool,
    loss: Id,
    request: &MapRequest<'_>,
    finished: &(dyn Fn() + Sync),
) -> Result<FlowMap, FlowError> {
    let parameters = pool.theta_names();
    check(request, parameters.len())?;
    let rows = request.grid.y.count;
    let threads = request.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let threads = threads.clamp(1, rows.max(1));
    let budget = &Budget::current();
    let parts: Vec<Result<Vec<Row>, FlowError>> = std::thread::scope(|scope| {
        let part = |first: usize| {
            move || {
                let rows = budget.run(|| part(pool, loss, request, (first, threads), finished));
                rows.unwrap_or_else(|stopped| Err(FlowError::Setting(stopped.to_string())))
            }
        };
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(part(first))).collect();
        running.into_iter().map(|r| r.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
    // Row r is the next one of part r modulo the number of threads.
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    let cells = (0..rows).filter_map(|row| parts[row % threads].next()).flatten();
    let mut lost: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
    let mut slid = Vec::new();
    let mut values = match request.quantity {
        Quantity::Field => MapValues::Field(Vec::with_capacity(request.grid.len())),
        Quantity::Error { .. } => MapValues::Error(Vec::with_capacity(request.grid.len())),
        Quantity::Stability => MapValues::Stability(Vec::with_capacity(request.grid.len())),
    };
    for (place, cell) in cells.enumerate() {
        let cell = cell.map_err(|code| lost.entry(code).or_default().push(place)).ok();
        match (&mut values, cell) {
            (MapValues::Field(list), Some(Cell::Field(value))) => list.push(Some(value)),
            (MapValues::Error(list), Some(Cell::Error(value, has_slid))) => {
                if has_slid {
                    slid.push(place);
                }
                list.push(Some(value));
            }
            (MapValues::Stability(list), Some(Cell::Stability(value))) => list.push(Some(value)),
            (MapValues::Field(list), _) => list.push(None),
            (MapValues::Error(list), _) => list.push(None),
            (MapValues::Stability(list), _) => list.push(None),
        }
    }
    let grid = request.grid;
    let mut warnings = nonsmooth(pool.nonsmooth(&[loss]));
    warnings.extend(precision(pool, loss, request)?);
    let mut warn = |code, places: &[usize], what: &str| {
        let Some(first) = places.first() else { return };
        let count = places.len();
        let (x, y) = (grid.x.at(first % grid.x.count), grid.y.at(first / grid.x.count));
        let mut state = request.at.to_vec();
        state[grid.x.parameter] = x;
        state[grid.y.parameter] = y;
        let lost = lost_value(pool, loss, request, code, &state);
        let message = format!(
            "{count} of {} points {what}; the first is {} = {x}, {} = {y}{}",
            grid.len(),
            grid.x.name,
            grid.y.name,
            lost.as_ref().map_or(String::new(), |lost| format!(", where {lost}"))
        );
        let code = if lost.is_some() { "evaluation-failed" } else { code };
        warnings.push(Warning { flow: Some(request.flow.to_string()), ..Warning::new(code, message) });
    };
    for (code, places) in &lost {
        warn(code, places, &format!("have no value: {}", reason(code)));
    }
    warn("sliding", &slid, &format!("have the value of a flow that slides along its cut; {AFTER_SLIDING}"));
    let missing = lost.into_iter().map(|(code, places)| Missing { code, places }).collect();
    Ok(FlowMap {
        method: request.subject.scheme().name().to_owned(),
        parameters,
        h: request.h.to_f64(),
        flow: request.flow.to_string(),
        quantity: request.quantity,
        grid: request.grid.clone(),
        at: request.at.to_vec(),
        warnings,
        values,
        missing,
        slid,
    })
}

/// Which operation of the loss has no value at a point, if one is the reason why the point has none.
fn lost_value(pool: &Pool, loss: Id, request: &MapRequest<'_>, code: &str, state: &[f64]) -> Option<String> {
    if !matches!(code, "not-finite" | "evaluation-failed") {
        return None;
    }
    let mut model = CompiledModel::new(pool.clone(), loss).ok()?;
    let complex: Vec<Complex64> = state.iter().map(|x| Complex64::from(*x)).collect();
    if let Some(lost) = model.lost_value(&complex, false) {
        return Some(lost.message("there"));
    }
    let Quantity::Error { steps } = request.quantity else { return None };
    let mut warnings = Vec::new();
    let mut optimizer = Iteration::new(request.subject.scheme(), &mut model, state.len()).ok()?;
    optimizer.run(request.h.to_f64(), steps, state, &mut warnings);
    warnings.pop().filter(|w| w.code == code).map(|w| w.message)
}

/// Where the field is a truncated series: whether machine floats carry its orders, at nine points.
fn precision(pool: &Pool, loss: Id, request: &MapRequest<'_>) -> Result<Option<Warning>, FlowError> {
    if !matches!(request.flow, FlowName::Bea(_)) || request.quantity == Quantity::Stability {
        return Ok(None);
    }
    let (grid, flow) = (request.grid, request.flow);
    let model = CompiledModel::new(pool.clone(), loss)?;
    let field = field(request.subject, &model, flow, request.h)?;
    let mut state = request.at.to_vec();
    for place in 0..9 {
        let (x, y) = (grid.x.at((grid.x.count - 1) * (place % 3) / 2), grid.y.at((grid.y.count - 1) * (place / 3) / 2));
        state[grid.x.parameter] = x;
        state[grid.y.parameter] = y;
        let message = field
            .precision(&state)
            .and_then(|p| p.message(&format!("at {} = {x}, {} = {y}", grid.x.name, grid.y.name)));
        if let Some(message) = message {
            return Ok(Some(Warning { flow: Some(flow.to_string()), ..Warning::new("order-precision", message) }));
        }
    }
    Ok(None)
}

/// The value at one point, or the code of the reason why there is none.
type Row = Vec<Result<Cell, &'static str>>;

enum Cell {
    Field(Vec<Complex64>),
    /// And whether the flow slid.
    Error(f64, bool),
    Stability(LocalStability),
}

fn check(request: &MapRequest<'_>, dimension: usize) -> Result<(), FlowError> {
    if request.at.len() != dimension {
        return Err(FlowError::Setting(format!(
            "the point has {} entries where the loss has {dimension} parameters",
            request.at.len()
        )));
    }
    if !(request.h.to_f64() > 0.0 && request.h.to_f64().is_finite()) {
        return Err(FlowError::Setting(format!("the step size must be positive and finite, not {}", request.h)));
    }
    let each = match request.quantity {
        Quantity::Field => 2 * dimension,
        Quantity::Error { .. } => 1,
        Quantity::Stability => 3,
    };
    let numbers = request.grid.len().saturating_mul(each);
    if numbers > MAX_NUMBERS {
        return Err(FlowError::Setting(format!(
            "{} points make {numbers} numbers, more than the {MAX_NUMBERS} that a map holds; use fewer points",
            request.grid.len()
        )));
    }
    Ok(())
}

/// Every `stride`-th row from `first`, with a loss compiled for this thread.
fn part(
    pool: &Pool,
    loss: Id,
    request: &MapRequest<'_>,
    (first, stride): (usize, usize),
    finished: &(dyn Fn() + Sync),
) -> Result<Vec<Row>, FlowError> {
    let model = CompiledModel::new(pool.clone(), loss)?;
    let mut optimized = CompiledModel::new(pool.clone(), loss)?;
    let mut probe = probe(request, &model, &mut optimized)?;
    let grid = request.grid;
    let mut state = request.at.to_vec();
    let mut rows = Vec::new();
    for row in (first..grid.y.count).step_by(stride) {
        state[grid.y.parameter] = grid.y.at(row);
        let cells = (0..grid.x.count).map(|column| {
            state[grid.x.parameter] = grid.x.at(column);
            budget::check().map_err(|stopped| stopped.code())?;
            probe(&state)
        });
        rows.push(cells.collect());
        finished();
    }
    Ok(rows)
}

/// What is asked of every point.
type Probe<'a> = Box<dyn FnMut(&[f64]) -> Result<Cell, &'static str> + 'a>;

fn probe<'a>(
    request: &MapRequest<'a>,
    model: &'a CompiledModel,
    optimized: &'a mut CompiledModel,
) -> Result<Probe<'a>, FlowError> {
    let (subject, flow, h) = (request.subject, request.flow, request.h.to_f64());
    let dimension = request.at.len();
    let complex = |state: &[f64]| -> Vec<Complex64> { state.iter().map(|x| Complex64::from(*x)).collect() };
    match request.quantity {
        Quantity::Field => {
            let mut field = field(subject, model, flow, request.h)?;
            Ok(Box::new(move |state| {
                let mut out = vec![Complex64::ZERO; dimension];
                field.evaluate(&complex(state), &mut out).map_err(|e| code(Stop::Field(e)))?;
                Ok(Cell::Field(out))
            }))
        }
        Quantity::Error { steps } => {
            let mut optimizer = Iteration::new(subject.scheme(), optimized, dimension)?;
            let mut target = move |state: &[f64]| {
                let mut warnings = Vec::new();
                let iterates = optimizer.run(h, steps, state, &mut warnings);
                let reason = warnings.last().map_or("diverged", |w| w.code);
                iterates.into_iter().next_back().flatten().ok_or(reason)
            };
            if *flow == FlowName::Exact {
                // Whether it is defined for this loss does not depend on the state.
                exact(subject, model, h, 0, request.at)?;
                return Ok(Box::new(move |state| {
                    let target = target(state)?;
                    let flow = exact(subject, model, h, steps, state).map_err(|_| "not-finite")?;
                    let end = flow.get(steps).and_then(Option::as_ref).ok_or("not-finite")?;
                    Ok(Cell::Error(distance(end, &target), false))
                }));
            }
            let mut field = field(subject, model, flow, request.h)?;
            let options = IntegratorOptions { record: false, ..request.options };
            let mut kinks = model.kinks();
            Ok(Box::new(move |state| {
                let target = target(state)?;
                let mut end = complex(state);
                let mut integrator = Integrator::new(dimension, options);
                let mut slid = false;
                field.spread(false);
                for _ in 0..steps {
                    let held = kinks.as_mut();
                    let (slide, result) =
                        advance(&mut integrator, &mut *field, options.at_cut, h, &mut end, held, &mut |_, _| ());
                    if result == Err(Stop::Kink) && kinks.as_ref().and_then(Kinks::held).is_some_and(|k| k.at_rest) {
                        break;
                    }
                    result.map_err(code)?;
                    slid |= slide.is_some();
                }
                Ok(Cell::Error(distance(&end, &target), slid))
            }))
        }
        Quantity::Stability => {
            let alphas = (0..dimension).map(|k| alpha(subject, flow, k)).collect::<Result<Vec<_>, _>>()?;
            let mut derivatives = model.derivatives(Level::Hessian)?;
            let mut eigen = SymmetricEigen::new(dimension);
            let mut gradient = vec![Complex64::ZERO; dimension];
            let mut hessian = vec![Complex64::ZERO; dimension * dimension];
            Ok(Box::new(move |state| {
                derivatives.gradient_hessian(&complex(state), &mut gradient, &mut hessian);
                if !hessian.iter().all(|x| x.is_finite()) {
                    return Err("not-finite");
                }
                if !eigen.decompose(|i, j| h * hessian[i * dimension + j].re) {
                    return Err("no-convergence");
                }
                let mut spectrum = eigen.values().to_vec();
                spectrum.sort_by(|a, b| b.total_cmp(a));
                let growth = spectrum.iter().zip(&alphas).map(|(z, alpha)| (alpha.at(Complex64::from(*z)) * z).re);
                let growth: Vec<f64> = growth.collect();
                if growth.iter().any(|g| !g.is_finite()) {
                    return Err("branch-point");
                }
                Ok(Cell::Stability(LocalStability {
                    growth: growth.into_iter().fold(f64::NEG_INFINITY, f64::max),
                    largest: spectrum.first().copied().unwrap_or(0.0),
                    smallest: spectrum.last().copied().unwrap_or(0.0),
                }))
            }))
        }
    }
}

fn code(stop: Stop) -> &'static str {
    match stop {
        Stop::StepLimit => "step-limit",
        Stop::StepUnderflow => "step-underflow",
        Stop::TimeLimit => "time-limit",
        Stop::Diverged => "diverged",
        Stop::Sliding => "sliding",
        Stop::Kink => "kink",
        Stop::Watched => "stopped",
        Stop::Field(FieldError::BranchPoint) => "branch-point",
        Stop::Field(FieldError::IllConditioned) => "unsuitable",
        Stop::Field(FieldError::Resonance) => "resonance",
        Stop::Field(FieldError::NotReal) => "not-real",
        Stop::Field(FieldError::NotFinite) => "not-finite",
        Stop::Field(FieldError::NoConvergence) => "no-convergence",
    }
}

fn reason(code: &str) -> &'static str {
    match code {
        "branch-point" => "an eigenvalue hλ is at a branch point of α, where the field is infinite",
        "resonance" => "eigenvalues are at a resonance, where a term of the resummed flow is infinite",
        "not-real" => "the flow of two steps is real and has no value at complex states",
        "kink" => "the flow slides along a kink of the loss, where it has no value here",
        "evaluation-failed" => "an operation of the loss loses its value on the way",
        "diverged" => "the optimizer or the flow leaves the finite numbers from there",
        "time-limit" => "the time limit was reached",
        "interrupted" => "the work was interrupted",
        "step-limit" => "the integrator's steps were used up",
        "step-underflow" => "the flow changes too fast to follow",
        "sliding" => "the flow slides along a cut of its field, and was to end there or has no rule to go on by",
        "unsuitable" => "eigenvalues of the complex Hessian lie too close together",
        "no-convergence" => "an eigenvalue iteration did not converge",
        _ => "the loss's derivatives, or the field itself, are not finite there",
    }
}
