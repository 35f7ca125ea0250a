//! Optimizers, with what they were read from.

use crate::error::Failure;
use crate::work::at_once;
use pyo3::prelude::*;
use shadowflow::number::Rational;
use shadowflow::optimizer::{BoundOptimizer, Optimizer as Algorithm};
use std::sync::Arc;

/// What an optimizer is read from, which is what it is stored as.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Name(String),
    Toml { text: String, path: String },
}

/// An optimizer, some of its hyper-parameters numbers.
#[pyclass(frozen, module = "shadowflow._core")]
#[derive(Debug)]
pub(crate) struct Optimizer {
    source: Source,
    pub(crate) bound: Arc<BoundOptimizer>,
}

/// Pairs of names and exact numbers.
pub(crate) fn numbers(pairs: &[(String, String)]) -> Result<Vec<(String, Rational)>, Failure> {
    let read = |(name, text): &(String, String)| match text.parse::<Rational>() {
        Ok(number) => Ok((name.clone(), number)),
        Err(error) => Err(Failure::Here("number", format!("`{name}`: {error}"))),
    };
    pairs.iter().map(read).collect()
}

impl Optimizer {
    fn new(source: Source, algorithm: &Algorithm, values: &[(String, String)]) -> Result<Self, Failure> {
        let values = numbers(values)?;
        let values: Vec<(&str, Rational)> = values.iter().map(|(name, q)| (name.as_str(), q.clone())).collect();
        Ok(Self { source, bound: Arc::new(algorithm.bind(&values)?) })
    }
}

/// An optimizer by its name, `rk:NAME`.
#[pyfunction]
pub(crate) fn named_optimizer(name: &str, values: Vec<(String, String)>) -> PyResult<Optimizer> {
    at_once(|| Optimizer::new(Source::Name(name.to_owned()), &name.parse()?, &values))
}

/// An optimizer from the text of a TOML file.
#[pyfunction]
pub(crate) fn toml_optimizer(text: &str, path: &str, values: Vec<(String, String)>) -> PyResult<Optimizer> {
    at_once(|| {
        let source = Source::Toml { text: text.to_owned(), path: path.to_owned() };
        let algorithm = Algorithm::from_toml(text, path)
            .map_err(|error| Failure::from(shadowflow::optimizer::UnknownOptimizer::File(error)))?;
        Optimizer::new(source, &algorithm, &values)
    })
}

#[pymethods]
impl Optimizer {
    #[getter]
    fn name(&self) -> &str {
        self.bound.name()
    }

    /// The hyper-parameters left symbolic.
    #[getter]
    fn symbols(&self) -> Vec<String> {
        self.bound.symbols().to_vec()
    }

    /// All hyper-parameters.
    #[getter]
    fn hyper_parameters(&self) -> Vec<String> {
        self.bound.optimizer().symbols()
    }

    #[getter]
    fn values(&self) -> Vec<(String, String)> {
        self.bound.values().iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
    }

    #[getter]
    fn variable(&self) -> Option<&'static str> {
        self.bound.variable()
    }

    /// The same with more numbers.
    fn with_values(&self, values: Vec<(String, String)>) -> PyResult<Self> {
        at_once(|| {
            let mut all = self.values();
            all.retain(|(name, _)| !values.iter().any(|(other, _)| other == name));
            all.extend(values);
            Self::new(self.source.clone(), self.bound.optimizer(), &all)
        })
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.bound == other.bound
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (py, this) = (slf.py(), slf.get());
        let module = py.import("shadowflow._core")?;
        Ok(match &this.source {
            Source::Name(name) => {
                (module.getattr("named_optimizer")?, (name, this.values()).into_pyobject(py)?.into_any())
            }
            Source::Toml { text, path } => {
                (module.getattr("toml_optimizer")?, (text, path, this.values()).into_pyobject(py)?.into_any())
            }
        })
    }
}
