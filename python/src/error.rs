//! What goes wrong, as `shadowflow.ShadowflowError` with its places and help.

use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};
use shadowflow::{Diagnostic, Error};

/// Something that went wrong where Python is not at hand.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library says so.
    Library(Error),
    /// This crate says so: a code, a message.
    Here(&'static str, String),
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Library(error.into())
    }
}

impl Failure {
    /// That an argument is not what is taken.
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::Here("argument", message.into())
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Library(error) => error.code(),
            Self::Here(code, _) => code,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Library(error) => in_python(&error.to_string()),
            Self::Here(_, message) => message.clone(),
        }
    }

    fn diagnostics(&self) -> Vec<Diagnostic> {
        match self {
            Self::Library(error) => error.diagnostics(),
            Self::Here(_, message) => vec![Diagnostic { message: message.clone(), place: None, help: None }],
        }
    }
}

/// What the library calls by its own names, by those of Python.
fn in_python(text: &str) -> String {
    let names = [
        ("Its momentum is `m` of `Optimizer::bind`", "Its momentum is the argument `momentum`"),
        ("give `m` to `Optimizer::bind`", "give `momentum` a number"),
        ("`concrete::arrays::evaluate` gives", "`Loss.evaluate` gives"),
        ("`TrainSettings::rates`", "`h`"),
        ("`TrainSettings::cap`", "`h_max`"),
        ("`TrainSettings::batch`", "`batch`"),
        ("`TrainSettings::flows`", "`flows`"),
        ("`Request::h`", "`h`"),
    ];
    names.iter().fold(text.to_owned(), |text, (ours, theirs)| text.replace(ours, theirs))
}

static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| exception(py, &failure).unwrap_or_else(|error| error))
    }
}

fn exception(py: Python<'_>, failure: &Failure) -> PyResult<PyErr> {
    if let Failure::Library(Error::OverMemory(error)) = failure {
        return Ok(PyMemoryError::new_err(error.to_string()));
    }
    let class = CLASS.get_or_try_init(py, || {
        Ok::<_, PyErr>(py.import("shadowflow._errors")?.getattr("ShadowflowError")?.unbind())
    })?;
    let all = PyList::empty(py);
    for Diagnostic { message, place, help } in failure.diagnostics() {
        let one = PyDict::new(py);
        one.set_item("message", in_python(&message))?;
        one.set_item("path", place.as_ref().and_then(|p| p.path.clone()))?;
        one.set_item("line", place.as_ref().map(|p| p.line))?;
        one.set_item("column", place.as_ref().map(|p| p.column))?;
        one.set_item("help", help.as_deref().map(in_python))?;
        all.append(one)?;
    }
    let value = class.bind(py).call1((failure.message(), failure.code(), all))?;
    Ok(PyErr::from_value(value))
}
