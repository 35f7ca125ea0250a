//! Compiled fields on arrays of any batch shape.

use crate::error::Failure;
use crate::loss::Loss;
use crate::optimizer::Optimizer;
use crate::views::{Output, Points, filled, single};
use crate::work::{Asked, at_once, work, work_within};
use pyo3::prelude::*;
use shadowflow::concrete::{self, FieldFamily, ModifiedField};
use shadowflow::eval::{Rows, RowsMut};
use shadowflow::number::Rational;
use shadowflow::{budget, flow};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError, TryLockError};

/// From so many operations on the interpreter's lock is given up, which takes some microseconds.
const LONG: usize = 1 << 20;

/// A function of points.
pub(crate) trait Kernel: Sync {
    /// Whether so many points are long work.
    fn is_long(&self, points: usize) -> bool;
    /// Evaluates rows.
    fn rows(&self, points: &Rows<'_>, output: RowsMut<'_>) -> Result<(), Failure>;
}

/// A function of one point after another.
pub(crate) struct Rowwise<'a>(pub(crate) &'a (dyn Fn(&[f64], &mut [f64]) + Sync));

impl Kernel for Rowwise<'_> {
    fn is_long(&self, points: usize) -> bool {
        points > 64
    }

    fn rows(&self, points: &Rows<'_>, mut output: RowsMut<'_>) -> Result<(), Failure> {
        let [rows, columns] = points.shape();
        let mut point = vec![0.0; columns];
        let mut value = vec![0.0; output.shape()[1]];
        for row in 0..rows {
            point.iter_mut().enumerate().for_each(|(k, x)| *x = points.get(row, k).unwrap_or(f64::NAN));
            (self.0)(&point, &mut value);
            output.write(row, &value);
            budget::check()?;
        }
        Ok(())
    }
}

/// Evaluates a function at every point of an array; without `outputs` results are scalars.
pub(crate) fn evaluate_rows<'py>(
    theta: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
    inputs: usize,
    outputs: Option<usize>,
    kernel: &dyn Kernel,
) -> PyResult<Bound<'py, PyAny>> {
    let py = theta.py();
    let points = Points::new(theta, inputs)?;
    let shape = points.shape_of(outputs);
    let mut output = match out {
        Some(given) => Output::given(given, &shape)?,
        None => Output::new(py, &shape),
    };
    let points = points.apart_from(&output)?;
    let long = kernel.is_long(points.count());
    {
        let (parts, mut numbers) = (points.parts(), output.numbers());
        let rows = parts.rows();
        let job = || parts.for_each(|points| kernel.rows(&points, numbers.take(rows, outputs.unwrap_or(1))?));
        if long { work_within(py, &Asked::default(), job)? } else { at_once(job)? }
    }
    Ok(output.into_array())
}

/// A truncated modified field.
#[pyclass(frozen, module = "shadowflow._core")]
pub(crate) struct Field {
    loss: Py<Loss>,
    optimizer: Py<Optimizer>,
    order: usize,
    /// The step size that is compiled in, or the one that is put in.
    h: Option<String>,
    family: Option<FieldFamily>,
    /// The one that is put in, where it is.
    step: Option<f64>,
    dimension: usize,
    run: Mutex<ModifiedField>,
}

/// What a field is compiled from.
fn compiled<T: Send + 'static>(
    py: Python<'_>,
    loss: &Py<Loss>,
    optimizer: &Py<Optimizer>,
    order: usize,
    compile: impl FnOnce(&concrete::Derive<'_>) -> Result<T, Failure> + Send + 'static,
) -> PyResult<T> {
    let (loss, bound) = (loss.get().inner.clone(), optimizer.get().bound.clone());
    work(py, &Asked::default(), move || compile(&concrete::derive(&*loss, &bound, order)))
}

fn dimension(loss: &Py<Loss>) -> usize {
    loss.get().inner.expression.pool().dimension()
}

fn step(text: &str) -> Result<Rational, Failure> {
    Ok(text.parse::<Rational>()?)
}

/// Compiles a field for one step size.
#[pyfunction]
pub(crate) fn compile_field(
    py: Python<'_>,
    loss: Py<Loss>,
    optimizer: Py<Optimizer>,
    order: usize,
    h: String,
) -> PyResult<Field> {
    let exact = at_once(|| step(&h))?;
    let run = compiled(py, &loss, &optimizer, order, move |derive| Ok(derive.field(&exact)?))?;
    let dimension = dimension(&loss);
    Ok(Field { loss, optimizer, order, h: Some(h), family: None, step: None, dimension, run: Mutex::new(run) })
}

/// Compiles a field for every step size; it has one where `h` is given.
#[pyfunction]
#[pyo3(signature = (loss, optimizer, order, h=None))]
pub(crate) fn compile_family(
    py: Python<'_>,
    loss: Py<Loss>,
    optimizer: Py<Optimizer>,
    order: usize,
    h: Option<String>,
) -> PyResult<Field> {
    let family = compiled(py, &loss, &optimizer, order, |derive| Ok(derive.field_family()?))?;
    let at = at_once(|| h.as_deref().map(step).transpose())?;
    let step = at.map(|q| q.to_f64());
    let run = Mutex::new(family.at(step.unwrap_or(f64::NAN)));
    let dimension = dimension(&loss);
    Ok(Field { loss, optimizer, order, h, family: Some(family), step, dimension, run })
}

/// The field on rows, each call with memory of its own.
struct OnRows {
    field: Mutex<ModifiedField>,
    threads: NonZeroUsize,
    operations: usize,
}

impl Kernel for OnRows {
    fn is_long(&self, points: usize) -> bool {
        points.saturating_mul(self.operations) > LONG
    }

    fn rows(&self, points: &Rows<'_>, output: RowsMut<'_>) -> Result<(), Failure> {
        let mut field = self.field.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(field.evaluate_rows(points, output, self.threads)?)
    }
}

impl Field {
    /// Something done with the field, which nothing else uses meanwhile.
    fn with<T>(&self, h: Option<f64>, work: impl FnOnce(&mut ModifiedField) -> T) -> PyResult<T> {
        if h.is_some() && self.family.is_none() {
            let own = self.h.as_deref().unwrap_or_default();
            let message = format!(
                "this field is compiled for h = {own}: leave `h` out, or take `Loss.field(order)`, which is compiled for every step size"
            );
            return Err(Failure::argument(message).into());
        }
        if h.is_none() && self.h.is_none() {
            let message = "which step size? Call the field as `field(theta, h)`, or take `field.at(h)`";
            return Err(Failure::argument(message).into());
        }
        let at = |field: &mut ModifiedField| {
            if let Some(h) = h.or(self.step) {
                field.set_step(h);
            }
            work(field)
        };
        match self.run.try_lock() {
            Ok(mut field) => Ok(at(&mut field)),
            Err(TryLockError::Poisoned(field)) => Ok(at(&mut field.into_inner())),
            // Another thread is at it.
            Err(TryLockError::WouldBlock) => {
                let mut own = self.run.lock().unwrap_or_else(PoisonError::into_inner).clone();
                Ok(at(&mut own))
            }
        }
    }
}

#[pymethods]
impl Field {
    #[pyo3(signature = (theta, h=None, *, out=None, threads=None))]
    fn __call__<'py>(
        &self,
        theta: &Bound<'py, PyAny>,
        h: Option<f64>,
        out: Option<&Bound<'py, PyAny>>,
        threads: Option<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = theta.py();
        let n = self.dimension;
        if out.is_none()
            && let Some(point) = single(theta, n)
            && let Some(found) = self.with(h, |field| {
                let short = field.operations().is_some_and(|operations| operations < LONG);
                short.then(|| at_once(|| Ok(filled(py, n, |slope| field.evaluate(point, slope)))))
            })?
        {
            return Ok(found?.into_any());
        }
        let field = self.with(h, |field| field.clone())?;
        let operations = field.operations().unwrap_or(LONG);
        let threads = match threads {
            None => flow::all_threads(),
            Some(count) => NonZeroUsize::new(count)
                .ok_or_else(|| Failure::argument("`threads` is a number of threads, 1 or more"))?,
        };
        evaluate_rows(theta, out, n, Some(n), &OnRows { field: Mutex::new(field), threads, operations })
    }

    /// The field of one step size; where it is compiled for every one, this is cheap.
    fn at(slf: &Bound<'_, Self>, h: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (py, this) = (slf.py(), slf.get());
        let h: String = py.import("shadowflow._numbers")?.call_method1("exact", (h, "h"))?.extract()?;
        let (loss, optimizer) = (this.loss.clone_ref(py), this.optimizer.clone_ref(py));
        match &this.family {
            None => compile_field(py, loss, optimizer, this.order, h),
            Some(family) => {
                let exact = at_once(|| step(&h))?;
                let step = Some(exact.to_f64());
                let run = Mutex::new(family.at(exact.to_f64()));
                let (order, dimension, family) = (this.order, this.dimension, Some(family.clone()));
                Ok(Self { loss, optimizer, order, h: Some(h), family, step, dimension, run })
            }
        }
    }

    #[getter]
    fn order(&self) -> usize {
        self.order
    }

    #[getter]
    fn h(&self) -> Option<&str> {
        self.h.as_deref()
    }

    #[getter]
    fn parameters(&self) -> Vec<String> {
        self.loss.get().inner.expression.pool().theta_names()
    }

    #[getter]
    fn loss(&self, py: Python<'_>) -> Py<Loss> {
        self.loss.clone_ref(py)
    }

    #[getter]
    fn optimizer(&self, py: Python<'_>) -> Py<Optimizer> {
        self.optimizer.clone_ref(py)
    }

    fn __repr__(&self) -> String {
        let (order, method) = (self.order, self.optimizer.get().bound.name().to_owned());
        let h = self.h.as_ref().map_or("any h".to_owned(), |h| format!("h = {h}"));
        format!("<shadowflow.Field of order {order}, {method}, {h}, {} parameters>", self.dimension)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (py, this) = (slf.py(), slf.get());
        let module = py.import("shadowflow._core")?;
        let restore = module.getattr(if this.family.is_some() { "compile_family" } else { "compile_field" })?;
        let state = (&this.loss, &this.optimizer, this.order, &this.h);
        Ok((restore, state.into_pyobject(py)?.into_any()))
    }
}
