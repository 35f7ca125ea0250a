//! What is run on a loss: simulations, stability, maps, evaluations.

use crate::error::Failure;
use crate::loss::Loss;
use crate::optimizer::Optimizer;
use crate::results;
use crate::work::{Asked, at_once, work};
use numpy::{PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use shadowflow::evaluation::{self, Request};
use shadowflow::flow::{
    self, AtCut, CriticalSearch, FlowName, Grid, IntegratorOptions, LossValue, MapRequest, Quantity, Restart, Subject,
    all_threads, is_large, model_of,
};
use shadowflow::loss;
use shadowflow::number::Rational;
use shadowflow::optimizer::{BoundOptimizer, Optimizer as Algorithm};
use shadowflow::render::{About, json, text};
use shadowflow::warning::Warning;
use std::sync::Arc;

/// What runs are of.
pub(crate) fn subject(loss: &loss::Loss, optimizer: &BoundOptimizer) -> Result<Subject, Failure> {
    if let Some(symbol) = loss.expression.pool().symbols().first() {
        let message = format!(
            "the constant `{symbol}` of the loss has no value: give it one with `constants={{\"{symbol}\": …}}` where the loss is read"
        );
        return Err(Failure::Here("evaluate", message));
    }
    if let Some(symbol) = optimizer.symbols().first() {
        let message = format!(
            "the hyper-parameter `{symbol}` of {} has no value: give it one, as in `{symbol}=\"9/10\"`",
            optimizer.name()
        );
        return Err(Failure::Here("evaluate", message));
    }
    Ok(Subject::new(optimizer)?)
}

/// What must be known to read results.
fn notes(loss: &loss::Loss, optimizer: &BoundOptimizer) -> Vec<Warning> {
    let variable = optimizer.variable().filter(|_| *optimizer.optimizer() == Algorithm::Nesterov);
    let variable = variable
        .map(|v| Warning::new("variable", format!("the modified equation of {} is about {v}", optimizer.name())));
    let parasitic = optimizer.warning().map(|message| Warning::new("parasitic-roots", message));
    loss.warnings.iter().cloned().chain(variable).chain(parasitic).collect()
}

/// An exact step size.
fn step(text: &str) -> Result<Rational, Failure> {
    let h: Rational = text.parse()?;
    if h.to_f64() > 0.0 && h.to_f64().is_finite() {
        return Ok(h);
    }
    Err(Failure::argument(format!("the step size is a number above 0, not {text}")))
}

pub(crate) fn flows(names: &[String]) -> Result<Vec<FlowName>, Failure> {
    names.iter().map(|name| Ok(name.parse::<FlowName>()?)).collect()
}

/// The flows that nobody named.
fn usual(loss: &loss::Loss) -> Vec<FlowName> {
    let list = if is_large(loss) { FlowName::USUAL_OF_LARGE } else { FlowName::USUAL };
    list.split(',').filter_map(|name| name.parse().ok()).collect()
}

/// A point in doubles.
pub(crate) fn doubles(point: &PyReadonlyArray1<'_, f64>) -> Vec<f64> {
    point.as_array().iter().copied().take(point.len()).collect()
}

/// How to integrate, as the arguments say.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Integration {
    tolerance: Option<f64>,
    max_steps: Option<usize>,
    flow_seconds: Option<f64>,
    at_cut: String,
    restart: String,
    record: bool,
}

impl Integration {
    fn options(&self, steps: usize) -> Result<IntegratorOptions, Failure> {
        let usual = IntegratorOptions::default();
        Ok(IntegratorOptions {
            tolerance: self.tolerance.unwrap_or(usual.tolerance),
            max_steps: self.max_steps.unwrap_or_else(|| steps.saturating_mul(200).saturating_add(5_000)),
            record: self.record,
            max_seconds: self.flow_seconds,
            seconds_name: "flow_seconds",
            at_cut: match self.at_cut.as_str() {
                "slide" => AtCut::Slide,
                "stop" => AtCut::Stop,
                other => return Err(Failure::argument(format!("at_cut is \"slide\" or \"stop\", not \"{other}\""))),
            },
            restart: match self.restart.as_str() {
                "never" => Restart::Never,
                "each" => Restart::Each,
                other => return Err(Failure::argument(format!("restart is \"never\" or \"each\", not \"{other}\""))),
            },
            foresees: false,
        })
    }
}

/// Runs an optimizer and flows beside it.
#[pyfunction]
#[pyo3(signature = (loss, optimizer, h, steps, start, flows=None, *, integration, progress=None, max_seconds=None))]
#[allow(clippy::too_many_arguments, reason = "each is a choice of the user's")]
pub(crate) fn simulate<'py>(
    py: Python<'py>,
    loss: &Loss,
    optimizer: &Optimizer,
    h: String,
    steps: usize,
    start: PyReadonlyArray1<'py, f64>,
    flows: Option<Vec<String>>,
    integration: Integration,
    progress: Option<Py<PyAny>>,
    max_seconds: Option<f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let (loss, bound, start) = (loss.inner.clone(), optimizer.bound.clone(), doubles(&start));
    let run = work(py, &Asked { progress, max_seconds }, move || {
        let subject = subject(&loss, &bound)?;
        let flows = flows.map_or_else(|| Ok(usual(&loss)), |names| self::flows(&names))?;
        let mut model = model_of(loss.expression.clone(), all_threads())?;
        let options = integration.options(steps)?;
        let mut run = flow::simulate_for(&subject, &mut *model, &step(&h)?, steps, &start, &flows, &options)?;
        run.warnings.splice(0..0, notes(&loss, &bound));
        Ok(run)
    })?;
    results::simulation(py, &run)
}

/// Where critical points are looked for.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Search {
    near: Option<Vec<f64>>,
    region: Option<String>,
    starts: Option<usize>,
    start: Option<Vec<f64>>,
    steps: Option<usize>,
    top: Option<usize>,
}

impl Search {
    fn wanted(&self, loss: &loss::Loss) -> Result<CriticalSearch, Failure> {
        if let Some(near) = &self.near {
            return Ok(CriticalSearch::near(near.clone()));
        }
        let pool = loss.expression.pool();
        let starts = self.starts.unwrap_or_else(|| CriticalSearch::default_starts(pool.dimension()));
        if let Some(region) = &self.region {
            let bounds: Vec<(f64, f64)> = loss::parse_region(region, pool)?
                .into_iter()
                .map(|b| b.map_or_else(CriticalSearch::default_bounds, |(low, high)| (low.to_f64(), high.to_f64())))
                .collect();
            return Ok(CriticalSearch::within(&bounds, starts));
        }
        if self.starts.is_none() && (self.start.is_some() || self.steps.is_some() || is_large(loss)) {
            return Ok(CriticalSearch::nowhere());
        }
        let search = CriticalSearch::everywhere(pool.dimension(), starts);
        let initial: Option<Vec<f64>> = loss.initial_values().into_iter().collect();
        Ok(match initial {
            Some(initial) => search.and_from(initial),
            None => search,
        })
    }
}

/// Critical points and what flows do there, and stability coefficients along a trajectory: the document, and as text.
#[pyfunction]
#[pyo3(signature = (loss, optimizer, h, flows, search, *, progress=None, max_seconds=None))]
#[allow(clippy::too_many_arguments, reason = "each is a choice of the user's")]
pub(crate) fn stability(
    py: Python<'_>,
    loss: &Loss,
    optimizer: &Optimizer,
    h: String,
    flows: Vec<String>,
    search: Search,
    progress: Option<Py<PyAny>>,
    max_seconds: Option<f64>,
) -> PyResult<(String, String)> {
    let (loss, bound) = (loss.inner.clone(), optimizer.bound.clone());
    work(py, &Asked { progress, max_seconds }, move || {
        let (subject, flows, h) = (subject(&loss, &bound)?, self::flows(&flows)?, step(&h)?);
        let value = LossValue::new(&*loss)?;
        let value = |theta: &[f64]| value.at(theta);
        let mut model = model_of(loss.expression.clone(), all_threads())?;
        let mut found = flow::stability(&subject, &*model, &value, &h, &search.wanted(&loss)?, &flows)?;
        if let Some(start) = &search.start {
            let steps = search.steps.unwrap_or(10);
            let mut trajectory = flow::stability_along(&subject, &mut *model, &value, &h, start, steps)?;
            trajectory.warnings.retain(|w| !found.warnings.contains(w));
            found.trajectory = Some(trajectory);
        }
        found.warnings.splice(0..0, notes(&loss, &bound));
        let about = About::new(&bound);
        let detail = text::Detail { top: search.top, ..text::Detail::default() };
        Ok((json::stability(&found).about(&about).to_string(), text::stability(&found, detail)))
    })
}

/// A flow over a grid.
#[pyfunction]
#[pyo3(signature = (loss, optimizer, h, flow, show, grid, at, *, steps=1, integration, threads=None, progress=None, max_seconds=None))]
#[allow(clippy::too_many_arguments, reason = "each is a choice of the user's")]
pub(crate) fn map<'py>(
    py: Python<'py>,
    loss: &Loss,
    optimizer: &Optimizer,
    h: String,
    flow: String,
    show: &str,
    grid: String,
    at: PyReadonlyArray1<'py, f64>,
    steps: usize,
    integration: Integration,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
    max_seconds: Option<f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let quantity = at_once(|| match show {
        "field" => Ok(Quantity::Field),
        "error" => Ok(Quantity::Error { steps }),
        "stability" => Ok(Quantity::Stability),
        other => Err(Failure::argument(format!("show is \"field\", \"error\" or \"stability\", not \"{other}\""))),
    })?;
    let (loss, bound, at) = (loss.inner.clone(), optimizer.bound.clone(), doubles(&at));
    let found = work(py, &Asked { progress, max_seconds }, move || {
        let names = loss.expression.pool().theta_names();
        let (subject, flow, h) = (subject(&loss, &bound)?, flow.parse::<FlowName>()?, step(&h)?);
        let grid = Grid::parse(&grid, &names)?;
        let options = integration.options(steps)?;
        let request =
            MapRequest { subject: &subject, h: &h, flow: &flow, quantity, grid: &grid, at: &at, options, threads };
        Ok(flow::map(&*loss, &request, &|| ())?)
    })?;
    results::map(py, &found)
}

/// Everything that is known of a loss at one point.
#[pyfunction]
#[pyo3(signature = (loss, optimizer, at, *, order=None, h=None, spectrum=None, flows=None, tolerance=None, digits=None, max_seconds=None))]
#[allow(clippy::too_many_arguments, reason = "each is a choice of the user's")]
pub(crate) fn evaluate(
    py: Python<'_>,
    loss: &Loss,
    optimizer: &Optimizer,
    at: Vec<String>,
    order: Option<usize>,
    h: Option<String>,
    spectrum: Option<usize>,
    flows: Option<Vec<String>>,
    tolerance: Option<f64>,
    digits: Option<usize>,
    max_seconds: Option<f64>,
) -> PyResult<(String, String)> {
    let (loss, bound): (Arc<loss::Loss>, _) = (loss.inner.clone(), optimizer.bound.clone());
    work(py, &Asked { progress: None, max_seconds }, move || {
        let subject = subject(&loss, &bound)?;
        let at = at.iter().map(|x| Ok(x.parse::<Rational>()?)).collect::<Result<Vec<_>, Failure>>()?;
        let flows = self::flows(&flows.unwrap_or_default())?;
        let h = h.as_deref().map(step).transpose()?;
        let usual = Request::default();
        let request = Request {
            order,
            h: h.as_ref(),
            spectrum,
            flows: &flows,
            digits,
            field_tolerance: tolerance.unwrap_or(usual.field_tolerance),
            ..usual
        };
        let mut found = evaluation::evaluate(&loss, &at, &subject, &request)?;
        found.values.warnings.splice(0..0, notes(&loss, &bound));
        let document = json::evaluation(&found).about(&About::new(&bound)).to_string();
        Ok((document, text::evaluation(&found, text::Detail::default())))
    })
}
