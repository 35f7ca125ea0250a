//! A flow over a rectangle of states: its field, its local error, its stability.

use super::closed::exact;
use super::description::FlowLaw;
use super::grid::Grid;
use super::integrator::{Integrator, IntegratorOptions, lost};
use super::iterates::Iteration;
use super::kinks::{Kinks, nonsmooth};
use super::loss_model::model_of;
use super::model::Model;
use super::name::{FlowError, FlowName};
use super::outcome::Outcome;
use super::simulate::{distance, field, field_within};
use super::slide::{AFTER_SLIDING, advance};
use super::subject::Subject;
use crate::budget::{self, Budget, Counted};
use crate::expr::ExpressionRef;
use crate::number::Rational;
use crate::spectral::{SpectralError, SymmetricEigen};
use crate::warning::Warning;
use num_complex::Complex64;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

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
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// The reason; of values that are not finite what is known of the first of them, where an operation of the loss may be to blame.
    pub outcome: Outcome,
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
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::flow::{FlowName, Grid, IntegratorOptions, MapRequest, MapValues, Quantity, Subject, map};
/// let mut pool = Pool::new();
/// let (x, y) = (pool.declare_parameter("x", Shape::scalar()), pool.declare_parameter("y", Shape::scalar()));
/// let loss = pool.mul(x, y);
/// let grid = Grid::parse("x=-1:1:3,y=-1:1:3", &pool.theta_names())?;
/// let request = MapRequest {
///     subject: &Subject::new(&BoundOptimizer::gradient_descent())?,
///     h: &"1/2".parse()?,
///     flow: &FlowName::Ngf,
///     quantity: Quantity::Field,
///     grid: &grid,
///     at: &[0.0, 0.0],
///     options: IntegratorOptions::default(),
///     threads: None,
/// };
/// let MapValues::Field(field) = map(pool.expression(loss), &request, &|| ())?.values else { unreachable!() };
/// // −∇(xy) = −(y, x), at (1, −1).
/// assert_eq!(field[2].as_ref().map(|f| [f[0].re, f[1].re]), Some([1.0, -1.0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Where the flow cannot be had for this loss or optimizer, an `at` of the wrong length, and maps too large to hold.
pub fn map<'a>(
    loss: impl Into<ExpressionRef<'a>>,
    request: &MapRequest<'_>,
    finished: &(dyn Fn() + Sync),
) -> Result<FlowMap, FlowError> {
    let loss = loss.into();
    let parameters = loss.pool().theta_names();
    check(request, parameters.len())?;
    let rows = request.grid.y.count;
    let threads = request.threads.or_else(|| std::thread::available_parallelism().ok().map(usize::from)).unwrap_or(1);
    let threads = threads.clamp(1, rows.max(1));
    let budget = &Budget::current();
    let counted = Counted::begin("rows", rows as u64);
    let finished = &|| {
        counted.advance(1);
        finished();
    };
    let parts: Vec<Result<Vec<Row>, FlowError>> = std::thread::scope(|scope| {
        let part = |first: usize| {
            move || {
                let rows = budget.run(|| part(loss, request, (first, threads), finished));
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
    let mut missing: BTreeMap<&'static str, Missing> = BTreeMap::new();
    let mut slid = Vec::new();
    let mut values = match request.quantity {
        Quantity::Field => MapValues::Field(Vec::with_capacity(request.grid.len())),
        Quantity::Error { .. } => MapValues::Error(Vec::with_capacity(request.grid.len())),
        Quantity::Stability => MapValues::Stability(Vec::with_capacity(request.grid.len())),
    };
    for (place, cell) in cells.enumerate() {
        let cell = cell.map_err(|outcome| {
            let alike = missing.entry(outcome.code()).or_insert(Missing { outcome, places: Vec::new() });
            alike.places.push(place);
        });
        match (&mut values, cell.ok()) {
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
    let mut warnings = nonsmooth(loss.pool().nonsmooth(&[loss.id()]));
    warnings.extend(precision(loss, request)?);
    let state = |place: usize| {
        let mut state = request.at.to_vec();
        state[grid.x.parameter] = grid.x.at(place % grid.x.count);
        state[grid.y.parameter] = grid.y.at(place / grid.x.count);
        state
    };
    let mut warn = |code, places: &[usize], what: &str, why: &str| {
        let Some(first) = places.first().map(|place| state(*place)) else { return };
        let (x, y) = (first[grid.x.parameter], first[grid.y.parameter]);
        let (count, all) = (places.len(), grid.len());
        let message =
            format!("{count} of {all} points {what}; the first is {} = {x}, {} = {y}{why}", grid.x.name, grid.y.name);
        warnings.push(Warning { flow: Some(request.flow.to_string()), ..Warning::new(code, message) });
    };
    let mut missing: Vec<Missing> = missing.into_values().collect();
    for alike in &mut missing {
        let blamed = alike.places.first().and_then(|place| lost_value(loss, request, alike.outcome, &state(*place)));
        if blamed.is_some() {
            alike.outcome = Outcome::EvaluationFailed;
        }
        let why = blamed.map_or_else(String::new, |operation| format!(", where {operation}"));
        let what = format!("have no value: {}", alike.outcome.reason());
        warn(alike.outcome.code(), &alike.places, &what, &why);
    }
    warn("sliding", &slid, &format!("have the value of a flow that slides along its cut; {AFTER_SLIDING}"), "");
    Ok(FlowMap {
        method: request.subject.optimizer().name().to_owned(),
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
fn lost_value(loss: ExpressionRef<'_>, request: &MapRequest<'_>, outcome: Outcome, state: &[f64]) -> Option<String> {
    if !matches!(outcome, Outcome::NoValue(SpectralError::NotFinite) | Outcome::EvaluationFailed) {
        return None;
    }
    let mut model = model_of(loss, NonZeroUsize::MIN).ok()?;
    let complex: Vec<Complex64> = state.iter().map(|x| Complex64::from(*x)).collect();
    if let Some(lost) = model.lost_value(&complex, false) {
        return Some(lost.message("there"));
    }
    let Quantity::Error { steps } = request.quantity else { return None };
    let mut optimizer = Iteration::new(request.subject.optimizer(), &mut *model, state.len()).ok()?;
    let (_, end) = optimizer.run(request.h.to_f64(), steps, state);
    end.filter(|end| end.outcome == Outcome::EvaluationFailed).map(|end| end.message)
}

/// Where the field is a truncated series: whether machine floats carry its orders, at nine points.
fn precision(loss: ExpressionRef<'_>, request: &MapRequest<'_>) -> Result<Option<Warning>, FlowError> {
    let flow = &request.flow.describe();
    if !matches!(flow.law, FlowLaw::Truncated { .. }) || request.quantity == Quantity::Stability {
        return Ok(None);
    }
    let grid = request.grid;
    let model = model_of(loss, NonZeroUsize::MIN)?;
    let field = field(request.subject, &*model, flow, request.h)?;
    let mut state = request.at.to_vec();
    for place in 0..9 {
        let (x, y) = (grid.x.at((grid.x.count - 1) * (place % 3) / 2), grid.y.at((grid.y.count - 1) * (place / 3) / 2));
        state[grid.x.parameter] = x;
        state[grid.y.parameter] = y;
        let message = field
            .precision(&state)
            .and_then(|p| p.message(&format!("at {} = {x}, {} = {y}", grid.x.name, grid.y.name)));
        if let Some(message) = message {
            return Ok(Some(Warning { flow: Some(flow.name.clone()), ..Warning::new("order-precision", message) }));
        }
    }
    Ok(None)
}

/// The value at one point, or why there is none.
type Row = Vec<Result<Cell, Outcome>>;

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
    loss: ExpressionRef<'_>,
    request: &MapRequest<'_>,
    (first, stride): (usize, usize),
    finished: &(dyn Fn() + Sync),
) -> Result<Vec<Row>, FlowError> {
    // Other threads have the other rows.
    let model = model_of(loss, NonZeroUsize::MIN)?;
    let mut optimized = model_of(loss, NonZeroUsize::MIN)?;
    let mut probe = probe(request, &*model, &mut *optimized)?;
    let grid = request.grid;
    let mut state = request.at.to_vec();
    let mut rows = Vec::new();
    for row in (first..grid.y.count).step_by(stride) {
        state[grid.y.parameter] = grid.y.at(row);
        let cells = (0..grid.x.count).map(|column| {
            state[grid.x.parameter] = grid.x.at(column);
            budget::check()?;
            probe(&state)
        });
        rows.push(cells.collect());
        finished();
    }
    Ok(rows)
}

/// What is asked of every point.
type Probe<'a> = Box<dyn FnMut(&[f64]) -> Result<Cell, Outcome> + 'a>;

fn probe<'a>(
    request: &MapRequest<'a>,
    model: &'a dyn Model,
    optimized: &'a mut dyn Model,
) -> Result<Probe<'a>, FlowError> {
    let (subject, flow, h) = (request.subject, &request.flow.describe(), request.h.to_f64());
    let dimension = request.at.len();
    let complex = |state: &[f64]| -> Vec<Complex64> { state.iter().map(|x| Complex64::from(*x)).collect() };
    match request.quantity {
        Quantity::Field => {
            let mut field = field(subject, model, flow, request.h)?;
            Ok(Box::new(move |state| {
                let mut out = vec![Complex64::ZERO; dimension];
                field.evaluate(&complex(state), &mut out).map_err(lost)?;
                Ok(Cell::Field(out))
            }))
        }
        Quantity::Error { steps } => {
            let mut optimizer = Iteration::new(subject.optimizer(), optimized, dimension)?;
            let mut target = move |state: &[f64]| {
                let (iterates, end) = optimizer.run(h, steps, state);
                let outcome = end.map_or(Outcome::Diverged, |end| end.outcome);
                iterates.into_iter().next_back().flatten().ok_or(outcome)
            };
            if flow.law == FlowLaw::Closed {
                // Whether it is defined for this loss does not depend on the state.
                exact(subject, model, h, 0, request.at)?;
                return Ok(Box::new(move |state| {
                    let target = target(state)?;
                    let flow = exact(subject, model, h, steps, state).map_err(|e| Outcome::from(&e))?;
                    let end = flow.get(steps).and_then(Option::as_ref).ok_or_else(|| lost(SpectralError::NotFinite))?;
                    Ok(Cell::Error(distance(end, &target), false))
                }));
            }
            let mut field = field_within(subject, model, flow, request.h, request.options.tolerance)?;
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
                    if result == Err(Outcome::Kink) && kinks.as_ref().and_then(Kinks::held).is_some_and(|k| k.at_rest) {
                        break;
                    }
                    result?;
                    slid |= slide.is_some();
                }
                Ok(Cell::Error(distance(&end, &target), slid))
            }))
        }
        Quantity::Stability => {
            let alphas = (0..dimension).map(|k| flow.alpha_along(k, subject)).collect::<Result<Vec<_>, _>>()?;
            let mut derivatives = model.hessian()?;
            let mut eigen = SymmetricEigen::new(dimension);
            let mut gradient = vec![Complex64::ZERO; dimension];
            let mut hessian = vec![Complex64::ZERO; dimension * dimension];
            Ok(Box::new(move |state| {
                derivatives.gradient_hessian(&complex(state), &mut gradient, &mut hessian);
                if !hessian.iter().all(|x| x.is_finite()) {
                    return Err(SpectralError::NotFinite.into());
                }
                if !eigen.decompose(|i, j| h * hessian[i * dimension + j].re) {
                    return Err(SpectralError::NoConvergence.into());
                }
                let mut spectrum = eigen.values().to_vec();
                spectrum.sort_by(|a, b| b.total_cmp(a));
                let growth = spectrum.iter().zip(&alphas).map(|(z, alpha)| (alpha.at(Complex64::from(*z)) * z).re);
                let growth: Vec<f64> = growth.collect();
                if growth.iter().any(|g| !g.is_finite()) {
                    return Err(lost(SpectralError::BranchPoint));
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
