//! Results as dictionaries of arrays, with NaN where a value is missing.

use num_complex::Complex64;
use numpy::{PyArray1, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use shadowflow::flow::{FlowMap, MapValues, Simulation};
use shadowflow::warning::Warning;

const NO: Complex64 = Complex64::new(f64::NAN, f64::NAN);

/// Rows that may be missing, side by side.
fn table<T: numpy::Element + Copy>(
    py: Python<'_>,
    rows: &[Option<Vec<T>>],
    count: usize,
    columns: usize,
    missing: T,
) -> PyResult<Py<PyAny>> {
    let mut flat = Vec::with_capacity(count * columns);
    for row in 0..count {
        match rows.get(row).and_then(Option::as_ref) {
            Some(values) => flat.extend_from_slice(values),
            None => flat.resize(flat.len() + columns, missing),
        }
    }
    flat.resize(count * columns, missing);
    Ok(PyArray1::from_vec(py, flat).reshape([count, columns])?.into_any().unbind())
}

fn list<T: numpy::Element + Copy>(py: Python<'_>, values: &[Option<T>], count: usize, missing: T) -> Py<PyAny> {
    let all = (0..count).map(|k| values.get(k).copied().flatten().unwrap_or(missing)).collect();
    PyArray1::from_vec(py, all).into_any().unbind()
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

/// A simulation.
pub(crate) fn simulation<'py>(py: Python<'py>, run: &Simulation) -> PyResult<Bound<'py, PyDict>> {
    let (count, dimension) = (run.times.len(), run.parameters.len());
    let out = PyDict::new(py);
    out.set_item("method", &run.method)?;
    out.set_item("parameters", &run.parameters)?;
    out.set_item("h", run.h)?;
    out.set_item("restart", run.restart.name())?;
    out.set_item("times", PyArray1::from_slice(py, &run.times))?;
    out.set_item("iterates", table(py, &run.iterates, count, dimension, f64::NAN)?)?;
    out.set_item("loss", list(py, &run.loss, count, f64::NAN))?;
    out.set_item("h_lambda_0", list(py, &run.h_lambda_0, count, f64::NAN))?;
    let flows = PyDict::new(py);
    for flow in &run.flows {
        let one = PyDict::new(py);
        one.set_item("trajectory", table(py, &flow.trajectory, count, dimension, NO)?)?;
        one.set_item("error", list(py, &flow.error, count, f64::NAN))?;
        one.set_item("loss", list(py, &flow.loss, count, NO))?;
        one.set_item("h_lambda_0", list(py, &flow.h_lambda_0, count, NO))?;
        let slid: Vec<bool> = (0..count).map(|step| flow.has_slid(step)).collect();
        one.set_item("slid", PyArray1::from_vec(py, slid))?;
        let path: Vec<Option<Vec<Complex64>>> = flow.path.iter().cloned().map(Some).collect();
        one.set_item("path", table(py, &path, path.len(), dimension, NO)?)?;
        let end = flow.end.as_ref().map(|end| (end.step, end.outcome.code(), end.message.clone()));
        one.set_item("end", end)?;
        flows.set_item(&flow.name, one)?;
    }
    out.set_item("flows", flows)?;
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
    match &map.values {
        MapValues::Field(all) => {
            let flat = table(py, all, all.len(), map.parameters.len(), NO)?;
            values.set_item("field", flat.call_method1(py, "reshape", (rows, columns, map.parameters.len()))?)?;
        }
        MapValues::Error(all) => {
            values
                .set_item("error", list(py, all, all.len(), f64::NAN).call_method1(py, "reshape", (rows, columns))?)?;
        }
        MapValues::Stability(all) => {
            for (name, of) in [("growth", 0), ("largest", 1), ("smallest", 2)] {
                let pick = |s: &shadowflow::flow::LocalStability| [s.growth, s.largest, s.smallest][of];
                let picked: Vec<Option<f64>> = all.iter().map(|s| s.as_ref().map(pick)).collect();
                let array = list(py, &picked, picked.len(), f64::NAN);
                values.set_item(name, array.call_method1(py, "reshape", (rows, columns))?)?;
            }
        }
    }
    out.set_item("values", values)?;
    out.set_item("slid", map.slid.clone())?;
    let missing: Vec<(&str, usize)> = map.missing.iter().map(|m| (m.outcome.code(), m.places.len())).collect();
    out.set_item("missing", missing)?;
    out.set_item("warnings", warnings(py, &map.warnings)?)?;
    Ok(out)
}
