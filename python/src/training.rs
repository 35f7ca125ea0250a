//! Training runs and what they record.

use crate::error::Failure;
use crate::loss::Loss;
use crate::optimizer::{Optimizer, numbers};
use crate::results;
use crate::runs::{doubles, flows};
use crate::work::{Asked, work};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use shadowflow::budget::{self, Counted};
use shadowflow::flow::all_threads;
use shadowflow::number::Rational;
use shadowflow::render::json::{training_row, training_settings};
use shadowflow::train::{
    AtSteps, BatchOrder, BranchName, Column, Eigenvalues, OptimizerName, TrainOptimizer, TrainSettings, Training,
};
use shadowflow::warning::Warning;

/// An optimizer by name, or one that was made.
#[derive(FromPyObject)]
pub(crate) enum Named {
    Made(Py<Optimizer>),
    Name(String),
}

/// What to train and what to record.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Settings {
    momentum: Option<String>,
    dal_factor: Option<f64>,
    values: Vec<(String, String)>,
    h: Vec<f64>,
    h_at: Vec<(u64, f64)>,
    h_max: Option<f64>,
    seeds: Vec<u64>,
    steps: u64,
    every: u64,
    batch: Option<usize>,
    shuffled: bool,
    columns: Option<Vec<String>>,
    eigenvalues: Option<usize>,
    eigenvalues_above: Option<f64>,
    eigenvalues_every: u64,
    hg_difference: Option<f64>,
    flows: Vec<String>,
    flows_at: Vec<u64>,
    branches: Vec<String>,
    branch_at: Vec<u64>,
    branch_steps: u64,
    loss_goal: Option<f64>,
    accuracy_goal: Option<f64>,
    tolerance: f64,
    max_steps: usize,
    row_seconds: Option<f64>,
}

impl Settings {
    fn columns(&self) -> Result<Vec<Column>, Failure> {
        let flows = !self.flows.is_empty();
        let Some(names) = &self.columns else {
            return Ok(Column::ALL.into_iter().filter(|c| c.is_usual(flows)).collect());
        };
        let mut columns = Column::list(names).map_err(Failure::argument)?;
        if names.iter().any(|name| name == "all") && !flows {
            columns.retain(|c| !matches!(c, Column::Error | Column::FlowLoss | Column::FlowLambda0));
        }
        columns.sort_unstable();
        Ok(columns)
    }

    fn eigenvalues(&self) -> Eigenvalues {
        match (self.eigenvalues_above, self.eigenvalues) {
            (Some(least), count) => Eigenvalues::Above(least, count.unwrap_or(2).max(1)),
            (None, Some(count)) => Eigenvalues::Count(count),
            (None, None) => Eigenvalues::All,
        }
    }

    fn settings(&self, optimizers: Vec<TrainOptimizer>) -> Result<TrainSettings, Failure> {
        let mut columns = self.columns()?;
        if columns.contains(&Column::LearningRate) && optimizers.iter().any(TrainOptimizer::has_rates) {
            columns.push(Column::LearningRatesMinMax);
            columns.sort_unstable();
            columns.dedup();
        }
        let branches = self.branches.iter().map(|name| name.parse::<BranchName>());
        Ok(TrainSettings {
            optimizers,
            rates: self.h.clone(),
            changes: self.h_at.clone(),
            cap: self.h_max,
            seeds: self.seeds.clone(),
            steps: self.steps,
            every: self.every.max(1),
            batch: self.batch,
            order: if self.shuffled { BatchOrder::Shuffled } else { BatchOrder::InOrder },
            columns,
            eigenvalues: self.eigenvalues(),
            eigenvalues_at: AtSteps::Every(self.eigenvalues_every.max(1)),
            difference: self.hg_difference,
            flows: flows(&self.flows)?,
            flows_at: match self.flows_at.as_slice() {
                [] => AtSteps::Every(1),
                [stride] => AtSteps::Every((*stride).max(1)),
                listed => AtSteps::Listed(listed.to_vec()),
            },
            branches: branches.collect::<Result<_, _>>().map_err(Failure::argument)?,
            branch_at: self.branch_at.clone(),
            branch_steps: self.branch_steps,
            loss_goal: self.loss_goal,
            accuracy_goal: self.accuracy_goal,
            tolerance: self.tolerance,
            max_steps: self.max_steps,
            row_seconds: self.row_seconds.map(|seconds| (seconds, "row_seconds")),
            threads: all_threads(),
        })
    }
}

/// What was trained.
struct Trained {
    document: String,
    rows: Vec<String>,
    /// What rows cannot vouch for, once for each code.
    warnings: Vec<Warning>,
    /// Where runs ended.
    ends: Vec<Vec<f64>>,
    labels: Vec<(String, Option<f64>, Option<u64>)>,
}

/// Trains a loss. Rows are lines of JSON.
#[pyfunction]
#[pyo3(signature = (loss, optimizers, start, settings, *, progress=None, max_seconds=None))]
pub(crate) fn train<'py>(
    py: Python<'py>,
    loss: &Loss,
    optimizers: Vec<Named>,
    start: Option<PyReadonlyArray1<'py, f64>>,
    settings: Settings,
    progress: Option<Py<PyAny>>,
    max_seconds: Option<f64>,
) -> PyResult<Bound<'py, PyDict>> {
    let (inner, read, start) = (loss.inner.clone(), loss.reader(), start.map(|start| doubles(&start)));
    let name = loss.inner.source.lines().next().unwrap_or_default().to_owned();
    let optimizers: Vec<Result<std::sync::Arc<shadowflow::optimizer::BoundOptimizer>, String>> = optimizers
        .iter()
        .map(|named| match named {
            Named::Made(made) => Ok(made.get().bound.clone()),
            Named::Name(name) => Err(name.clone()),
        })
        .collect();
    let trained = work(py, &Asked { progress, max_seconds }, move || {
        let momentum = settings.momentum.as_deref().map(str::parse::<Rational>).transpose()?;
        let values = numbers(&settings.values)?;
        let mut trained = Vec::new();
        for named in &optimizers {
            let (name, values) = match named {
                Ok(bound) if bound.is_gradient_descent() => (OptimizerName::Descent, bound.values()),
                Ok(bound) => (OptimizerName::Recurrence(bound.optimizer().clone()), bound.values()),
                Err(name) => (name.parse().map_err(|e: String| Failure::Here("optimizer", e))?, &*values),
            };
            trained.push(TrainOptimizer::new(&name, momentum.as_ref(), settings.dal_factor, values)?);
        }
        let mut starts = Vec::new();
        for seed in &settings.seeds {
            let values = match &start {
                Some(start) => start.iter().map(|x| Some(*x).filter(|x| !x.is_nan())).collect(),
                None => vec![None; inner.expression.pool().dimension()],
            };
            let drawn = if values.iter().all(Option::is_some) { Vec::new() } else { read(*seed)?.initial_values() };
            let place = |(k, x): (usize, Option<f64>)| x.or_else(|| drawn.get(k).copied().flatten());
            let whole: Option<Vec<f64>> = values.into_iter().enumerate().map(place).collect();
            let missing = "the loss does not say where every parameter starts: give `start`";
            starts.push(whole.ok_or_else(|| Failure::argument(missing))?);
        }
        let training = Training::new((*inner).clone(), starts, settings.settings(trained)?)?;
        run(&training, &name)
    })?;
    let out = PyDict::new(py);
    out.set_item("document", trained.document)?;
    out.set_item("rows", trained.rows)?;
    out.set_item("warnings", results::warnings(py, &trained.warnings)?)?;
    let ends: Vec<_> = trained.ends.into_iter().map(|end| PyArray1::from_vec(py, end)).collect();
    out.set_item("ends", ends)?;
    out.set_item("runs", trained.labels)?;
    Ok(out)
}

fn run(training: &Training, name: &str) -> Result<Trained, Failure> {
    let steps = training.settings().steps;
    let counted = Counted::begin("steps", steps.saturating_mul(training.runs().len() as u64));
    let mut trained = Trained {
        document: training_settings(training, name).to_string(),
        rows: Vec::new(),
        warnings: Vec::new(),
        ends: Vec::new(),
        labels: Vec::new(),
    };
    for (index, plan) in training.runs().iter().enumerate() {
        let mut run = training.run(index)?;
        while !run.is_finished() {
            budget::check()?;
            run.advance(&mut |row| {
                for reason in &row.reasons {
                    if !trained.warnings.iter().any(|w| w.code == reason.code && w.flow == reason.flow) {
                        trained.warnings.push(reason.clone());
                    }
                }
                trained.rows.push(training_row(&row));
                Ok(())
            })?;
            counted.reach((index as u64).saturating_mul(steps).saturating_add(run.step()));
        }
        trained.ends.push(run.theta().to_vec());
        let label = training.label(*plan);
        trained.labels.push((label.optimizer, label.h_setting, label.seed));
        counted.reach((index as u64 + 1).saturating_mul(steps));
    }
    Ok(trained)
}
