//! Results as dictionaries of arrays, with NaN where a value is missing.

use crate::error::Failure;
use crate::work::at_once;
use num_complex::Complex64;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use serde_json::Value;
use shadowflow::flow::{FlatMap, FlatSimulation, FlowMap, Simulation, StoredSimulation};
use shadowflow::warning::Warning;

/// A table of so many rows.
fn table<T: numpy::Element>(py: Python<'_>, flat: Vec<T>, rows: usize, columns: usize) -> PyResult<Py<PyAny>> {
    Ok(PyArray1::from_vec(py, flat).reshape([rows, columns])?.into_any().unbind())
}

fn list<T: numpy::Element>(py: Python<'_>, flat: Vec<T>) -> Py<PyAny> {
    PyArray1::from_vec(py, flat).into_any().unbind()
}

/// Warnings, as they stand in documents.
pub(crate) fn warnings<'py>(py: Python<'py>, all: &[Warning]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for warning in all {
        let one = PyDict::new(py);
        one.set_item("code", warning.code)?;
        one.set_item("message", &warning.message)?;
        if let Some(flow) = &warning.flow {
            one.set_item("flow", flow)?;
        }
        if let Some(step) = warning.step {
            one.set_item("step", step)?;
        }
        if let Some(bound) = warning.bound {
            one.set_item("bound", bound)?;
        }
        list.append(one)?;
    }
    Ok(list)
}

/// The arrays of a simulation.
fn arrays<'py>(
    py: Python<'py>,
    arrays: FlatSimulation,
    about: (&str, &[String], f64, &[f64]),
    more: &dyn Fn(&str, &Bound<'py, PyDict>) -> PyResult<()>,
) -> PyResult<Bound<'py, PyDict>> {
    let FlatSimulation { rows, columns, iterates, loss, h_lambda_0, flows } = arrays;
    let (method, parameters, h, times) = about;
    let out = PyDict::new(py);
    out.set_item("method", method)?;
    out.set_item("parameters", parameters)?;
    out.set_item("h", h)?;
    out.set_item("times", PyArray1::from_slice(py, times))?;
    out.set_item("iterates", table(py, iterates, rows, columns)?)?;
    out.set_item("loss", list(py, loss))?;
    out.set_item("h_lambda_0", list(py, h_lambda_0))?;
    let all = PyDict::new(py);
    for flat in flows {
        let one = PyDict::new(py);
        one.set_item("trajectory", table(py, flat.trajectory, rows, columns)?)?;
        one.set_item("error", list(py, flat.error))?;
        one.set_item("loss", list(py, flat.loss))?;
        one.set_item("h_lambda_0", list(py, flat.h_lambda_0))?;
        one.set_item("slid", list(py, flat.slid))?;
        more(&flat.name, &one)?;
        all.set_item(flat.name, one)?;
    }
    out.set_item("flows", all)?;
    Ok(out)
}

/// The states between the times.
fn path(py: Python<'_>, path: Vec<Complex64>, columns: usize) -> PyResult<Py<PyAny>> {
    let rows = path.len() / columns.max(1);
    table(py, path, rows, columns)
}

/// A simulation from the document that it is stored as. What it says in words is read where it is shown.
#[pyfunction]
pub(crate) fn stored_simulation<'py>(py: Python<'py>, document: &str) -> PyResult<Bound<'py, PyDict>> {
    let (document, stored) = at_once(|| {
        let no_json = |e: serde_json::Error| Failure::Here("simulation", format!("this is no JSON: {e}"));
        let document: Value = serde_json::from_str(document).map_err(no_json)?;
        let stored = StoredSimulation::from_json(&document).map_err(|e| Failure::Here("simulation", e.to_string()))?;
        Ok((document, stored))
    })?;
    let columns = stored.parameters.len();
    let about = (stored.method.as_str(), stored.parameters.as_slice(), stored.h, stored.times.as_slice());
    arrays(py, stored.arrays, about, &|name, flow| {
        let states = StoredSimulation::path(&document, name, columns);
        let states = states.map_err(|e| PyErr::from(Failure::Here("simulation", e.to_string())))?;
        flow.set_item("path", path(py, states, columns)?)
    })
}

/// A simulation.
pub(crate) fn simulation<'py>(py: Python<'py>, run: &Simulation) -> PyResult<Bound<'py, PyDict>> {
    let about = (run.method.as_str(), run.parameters.as_slice(), run.h, run.times.as_slice());
    let columns = run.parameters.len();
    let out = arrays(py, run.flat(), about, &|name, one| {
        let Some(flow) = run.flows.iter().find(|flow| flow.name == name) else { return Ok(()) };
        let states: Vec<Complex64> = flow.path.iter().flatten().copied().collect();
        one.set_item("path", path(py, states, columns)?)?;
        let end = flow.end.as_ref().map(|end| (end.step, end.outcome.code(), end.message.clone()));
        one.set_item("end", end)
    })?;
    out.set_item("restart", run.restart.name())?;
    let events = PyList::empty(py);
    for event in &run.events {
        let one = PyDict::new(py);
        one.set_item("code", event.code)?;
        one.set_item("message", &event.message)?;
        one.set_item("flow", &event.flow)?;
        one.set_item("time", event.time)?;
        one.set_item("step", event.step)?;
        one.set_item("count", event.count)?;
        one.set_item("last_time", event.last_time)?;
        events.append(one)?;
    }
    out.set_item("events", events)?;
    out.set_item("warnings", warnings(py, &run.warnings)?)?;
    Ok(out)
}

/// A map.
pub(crate) fn map<'py>(py: Python<'py>, map: &FlowMap) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    let (columns, rows) = (map.grid.x.count, map.grid.y.count);
    out.set_item("method", &map.method)?;
    out.set_item("parameters", &map.parameters)?;
    out.set_item("h", map.h)?;
    out.set_item("flow", &map.flow)?;
    for (name, axis) in [("x", &map.grid.x), ("y", &map.grid.y)] {
        let values: Vec<f64> = (0..axis.count).map(|k| axis.at(k)).collect();
        out.set_item(name, (&axis.name, PyArray1::from_vec(py, values)))?;
    }
    out.set_item("at", PyArray1::from_slice(py, &map.at))?;
    let values = PyDict::new(py);
    let add = |name: &str, flat: Vec<f64>| values.set_item(name, table(py, flat, rows, columns)?);
    match map.flat() {
        FlatMap::Field(flat) => {
            let shape = [rows, columns, map.parameters.len()];
            values.set_item("field", PyArray1::from_vec(py, flat).reshape(shape)?)?;
        }
        FlatMap::Error(flat) => add("error", flat)?,
        FlatMap::Stability { growth, largest, smallest } => {
            add("growth", growth)?;
            add("largest", largest)?;
            add("smallest", smallest)?;
        }
    }
    out.set_item("values", values)?;
    out.set_item("slid", map.slid.clone())?;
    let missing: Vec<(&str, usize)> = map.missing.iter().map(|m| (m.outcome.code(), m.places.len())).collect();
    out.set_item("missing", missing)?;
    out.set_item("warnings", warnings(py, &map.warnings)?)?;
    Ok(out)
}
