//! Losses, with what they were read from.

use crate::error::Failure;
use crate::field::{Rowwise, evaluate_rows};
use crate::optimizer::numbers;
use crate::work::{Asked, at_once, work};
use numpy::PyArray1;
use pyo3::prelude::*;
use shadowflow::expr::Data;
use shadowflow::flow::LossValue;
use shadowflow::loss::{self, Example, LossErrorKind, Options, parse_point};
use shadowflow::number::Rational;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What a loss is read from, which is what it is stored as.
#[derive(Debug, Clone)]
struct Source {
    /// The text, or the name of a built-in loss.
    text: String,
    /// The name in messages; none of a built-in loss.
    path: Option<String>,
    set: Vec<(String, String)>,
    seed: u64,
    /// Where its data lie.
    folder: Option<String>,
    allow_path: bool,
}

impl Source {
    fn options(&self) -> Result<Options, Failure> {
        Ok(Options {
            set: numbers(&self.set)?,
            seed: self.seed,
            folder: self.folder.as_ref().map(PathBuf::from),
            allow_path: self.allow_path,
            ..Options::default()
        })
    }

    fn read(&self) -> Result<loss::Loss, Failure> {
        let options = self.options()?;
        match &self.path {
            Some(path) => Ok(loss::Loss::parse(&self.text, path, &options)?),
            None => match Example::named(&self.text) {
                Some(example) => Ok(example.loss(&options)?),
                None => {
                    let close = Example::nearest(&self.text);
                    let close = close.map_or(String::new(), |e| format!("; did you mean `{}`?", e.name()));
                    let message = format!("there is no built-in loss `{}`{close}", self.text);
                    Err(Failure::Here("loss", message))
                }
            },
        }
    }
}

/// A loss.
#[pyclass(frozen, module = "shadowflow._core")]
pub(crate) struct Loss {
    source: Source,
    pub(crate) inner: Arc<loss::Loss>,
    value: Mutex<Option<Arc<Mutex<LossValue>>>>,
}

impl Loss {
    fn new(source: Source) -> Result<Self, Failure> {
        let inner = Arc::new(source.read()?);
        Ok(Self { source, inner, value: Mutex::new(None) })
    }

    /// The loss with another seed for what is drawn.
    pub(crate) fn reader(&self) -> impl Fn(u64) -> Result<loss::Loss, Failure> + Send + 'static {
        let source = self.source.clone();
        move |seed| Source { seed, ..source.clone() }.read()
    }
}

/// A loss from a text in the loss language.
#[pyfunction]
#[pyo3(signature = (text, path, set, seed, folder, allow_path))]
pub(crate) fn parse_loss(
    py: Python<'_>,
    text: String,
    path: String,
    set: Vec<(String, String)>,
    seed: u64,
    folder: Option<String>,
    allow_path: bool,
) -> PyResult<Loss> {
    let source = Source { text, path: Some(path), set, seed, folder, allow_path };
    // Data may be large.
    work(py, &Asked::default(), move || Loss::new(source))
}

/// A loss that is an expression with its parameters.
#[pyfunction]
pub(crate) fn inline_loss(
    expression: &str,
    parameters: Vec<String>,
    set: Vec<(String, String)>,
    seed: u64,
) -> PyResult<Loss> {
    at_once(|| {
        let mut source =
            Source { text: String::new(), path: Some("loss".to_owned()), set, seed, folder: None, allow_path: false };
        let inner = loss::Loss::inline(expression, &parameters, &source.options()?)?;
        source.text.clone_from(&inner.source);
        Ok(Loss { source, inner: Arc::new(inner), value: Mutex::new(None) })
    })
}

/// A loss from a file.
#[pyfunction]
pub(crate) fn read_loss(
    py: Python<'_>,
    path: String,
    set: Vec<(String, String)>,
    seed: u64,
    folder: Option<String>,
    allow_path: bool,
) -> PyResult<Loss> {
    work(py, &Asked::default(), move || {
        let mut source = Source { text: String::new(), path: Some(path.clone()), set, seed, folder, allow_path };
        let inner = loss::Loss::read(&path, &source.options()?)?;
        source.text.clone_from(&inner.source);
        Ok(Loss { source, inner: Arc::new(inner), value: Mutex::new(None) })
    })
}

/// A built-in loss.
#[pyfunction]
pub(crate) fn example_loss(py: Python<'_>, name: String, set: Vec<(String, String)>, seed: u64) -> PyResult<Loss> {
    let source = Source { text: name, path: None, set, seed, folder: None, allow_path: false };
    work(py, &Asked::default(), move || Loss::new(source))
}

/// The names of the built-in losses.
#[pyfunction]
pub(crate) fn examples() -> Vec<&'static str> {
    Example::all().iter().map(Example::name).collect()
}

/// The names that an expression uses and does not declare, in the order in which they stand.
#[pyfunction]
pub(crate) fn undeclared(expression: &str) -> PyResult<Vec<String>> {
    at_once(|| {
        let mut names: Vec<String> = Vec::new();
        // All errors are told at once, but for a limit; what is declared is not told again.
        loop {
            let before = names.len();
            let found = loss::Loss::inline(expression, &names, &Options::default());
            for error in found.err().into_iter().flat_map(|errors| errors.errors) {
                if let LossErrorKind::Undeclared(name) = error.kind
                    && !names.contains(&name)
                {
                    names.push(name);
                }
            }
            if names.len() == before {
                return Ok(names);
            }
        }
    })
}

/// Doubles with NaN for what is missing.
fn with_gaps(values: Vec<Option<f64>>) -> Vec<f64> {
    values.into_iter().map(|x| x.unwrap_or(f64::NAN)).collect()
}

#[pymethods]
impl Loss {
    /// The text that was read.
    #[getter]
    fn source(&self) -> &str {
        &self.inner.source
    }

    /// The name in messages.
    #[getter]
    fn name(&self) -> &str {
        self.source.path.as_ref().unwrap_or(&self.source.text)
    }

    /// The names of the entries of θ.
    #[getter]
    fn parameters(&self) -> Vec<String> {
        self.inner.expression.pool().theta_names()
    }

    /// The parameters as they are declared, with their shapes.
    #[getter]
    fn declared(&self) -> Vec<(String, Vec<usize>)> {
        let pool = self.inner.expression.pool();
        pool.parameters().map(|(name, shape)| (name.to_owned(), shape.axes().to_vec())).collect()
    }

    /// The constants without a value.
    #[getter]
    fn symbols(&self) -> Vec<String> {
        self.inner.expression.pool().symbols().to_vec()
    }

    #[getter]
    fn constants(&self) -> Vec<(String, Option<String>)> {
        self.inner.constants.iter().map(|(name, q)| (name.clone(), q.as_ref().map(ToString::to_string))).collect()
    }

    /// Where it starts, NaN where it does not say so.
    #[getter]
    fn start<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_vec(py, with_gaps(self.inner.initial_values()))
    }

    #[getter]
    fn warnings(&self) -> Vec<(&'static str, String)> {
        self.inner.warnings.iter().map(|w| (w.code, w.message.clone())).collect()
    }

    #[getter]
    fn has_accuracy(&self) -> bool {
        self.inner.classifier.is_some()
    }

    /// The same with another seed for what is drawn.
    fn with_seed(&self, seed: u64) -> PyResult<Self> {
        let source = Source { seed, ..self.source.clone() };
        at_once(|| Self::new(source))
    }

    /// The loss as an expression in the loss language: the shared terms, then the expression.
    fn printed(&self) -> PyResult<(Vec<(String, String)>, String)> {
        at_once(|| {
            let pool = self.inner.expression.pool();
            let reserved: Vec<String> = self.inner.constants.iter().map(|(name, _)| name.clone()).collect();
            let printed = pool.print(&[self.inner.expression.id()], &reserved);
            let lets = printed.lets.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
            Ok((lets, printed.expressions[0].to_string()))
        })
    }

    /// The data: name, shape, whether the numbers are exact or doubles, and the numbers in rows.
    fn data(&self) -> Vec<(String, Vec<usize>, bool, Vec<String>)> {
        let row = |data: &Data| {
            let whole = |k: usize| data.exact(k).to_string();
            let double = |(k, x): (usize, &f64)| if x.fract() == 0.0 { whole(k) } else { format!("{x:?}") };
            let numbers = if data.is_exact() {
                (0..data.values().len()).map(whole).collect()
            } else {
                data.values().iter().enumerate().map(double).collect()
            };
            (data.name().to_owned(), data.shape().axes().to_vec(), data.is_exact(), numbers)
        };
        self.inner.expression.pool().data().iter().map(row).collect()
    }

    /// A point as the command takes it, `x=0.3,w=[0.1,-2]`, with NaN for what it leaves out.
    fn point<'py>(&self, py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let point = self.exact(text)?;
        let value = |x: &Option<Rational>| x.as_ref().map(Rational::to_f64);
        Ok(PyArray1::from_vec(py, with_gaps(point.iter().map(value).collect())))
    }

    /// The same as exact numbers.
    fn exact_point(&self, text: &str) -> PyResult<Vec<Option<String>>> {
        Ok(self.exact(text)?.into_iter().map(|x| x.map(|q| q.to_string())).collect())
    }

    /// The loss at a point, or at each of many.
    fn value<'py>(&self, theta: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let value = self.compiled(theta.py())?;
        let dimension = self.inner.expression.pool().dimension();
        evaluate_rows(
            theta,
            None,
            dimension,
            None,
            &Rowwise(&|point, out| {
                out[0] = value.lock().unwrap_or_else(PoisonError::into_inner).at(point);
            }),
        )
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (py, Source { text, path, set, seed, folder, allow_path }) = (slf.py(), &slf.get().source);
        let module = py.import("shadowflow._core")?;
        Ok(match path {
            Some(path) => (
                module.getattr("parse_loss")?,
                (text, path, set, seed, folder, allow_path).into_pyobject(py)?.into_any(),
            ),
            None => (module.getattr("example_loss")?, (text, set, seed).into_pyobject(py)?.into_any()),
        })
    }
}

impl Loss {
    fn exact(&self, text: &str) -> PyResult<Vec<Option<Rational>>> {
        at_once(|| Ok(parse_point(text, self.inner.expression.pool())?))
    }

    fn compiled(&self, py: Python<'_>) -> PyResult<Arc<Mutex<LossValue>>> {
        if let Some(value) = &*self.value.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(value.clone());
        }
        let loss = self.inner.clone();
        let value = work(py, &Asked::default(), move || Ok(Arc::new(Mutex::new(LossValue::new(&*loss)?))))?;
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = Some(value.clone());
        Ok(value)
    }
}
