//! Rooted trees and B-series.

use crate::error::Failure;
use crate::work::{Asked, at_once, work};
use pyo3::prelude::*;
use shadowflow::claim;
use shadowflow::number::{Coefficient, Rational, Scalar};
use shadowflow::optimizer::Optimizer as Algorithm;
use shadowflow::tree::{self, BSeries, Notation, TreeFamily};
use std::sync::Arc;

/// The most trees of one size: those of 13 nodes in one colour are 12,486, those of 7 in two 4,116.
const MAX_TREES: u128 = 13_000;
/// The most colours.
const MAX_COLOURS: u8 = 9;

/// The levels and colours of a tree's nodes, in preorder.
type Nodes = Vec<(u8, u8)>;

/// A tableau as it is given: rows and weights.
type Tableau = (Vec<Vec<String>>, Vec<String>);

/// The trees with at most `size` nodes, where they are not too many.
fn family(size: usize, colours: u8) -> Result<Arc<TreeFamily>, Failure> {
    if !(1..=MAX_COLOURS).contains(&colours) {
        return Err(Failure::argument(format!("trees have 1 to {MAX_COLOURS} colours, not {colours}")));
    }
    let few = |size: usize| TreeFamily::count(size, colours).is_some_and(|n| n <= MAX_TREES);
    // Sizes beyond these have more trees than any number below that holds.
    if size > 30 || !few(size) {
        let most = (1..=30).rev().find(|n| few(*n)).unwrap_or(1);
        let message = format!("series over trees of {colours} colours go to {most} nodes, not {size}");
        return Err(Failure::argument(message.replace("of 1 colours", "of one colour")));
    }
    Ok(Arc::new(TreeFamily::new(size, colours)))
}

fn numbers(texts: &[String]) -> Result<Vec<Scalar>, Failure> {
    let read = |text: &String| text.parse::<Scalar>().map_err(|e| Failure::Here("number", e.to_string()));
    texts.iter().map(read).collect()
}

/// That roots of one number only are among some coefficients, which have a common field then.
fn one_root<'a>(mut coefficients: impl Iterator<Item = &'a Scalar>) -> Result<(), Failure> {
    let mut found: Option<u32> = None;
    coefficients.try_for_each(|c| {
        let radicand = c.to_quadratic().and_then(|root| root.radicand());
        match (radicand, found) {
            (Some(d), Some(e)) if d != e => Err(Failure::argument(format!(
                "sqrt({d}) and sqrt({e}) have no common field: roots of one number only"
            ))),
            _ => {
                found = radicand.or(found);
                Ok(())
            }
        }
    })
}

/// All trees with at most `size` nodes, by size.
#[pyfunction]
pub(crate) fn trees(py: Python<'_>, size: usize, colours: u8) -> PyResult<Vec<Nodes>> {
    work(py, &Asked::default(), move || {
        let family = family(size, colours)?;
        Ok((0..family.len()).map(|n| family.nodes(n).to_vec()).collect())
    })
}

/// The level sequence of an elementary differential.
#[pyfunction]
pub(crate) fn read_tree(differential: &str) -> PyResult<Vec<u8>> {
    at_once(|| Ok(claim::read_differential(differential)?.levels().to_vec()))
}

/// An elementary differential in a notation, as text and LaTeX.
#[pyfunction]
pub(crate) fn write_tree(levels: Vec<u8>, notation: &str) -> PyResult<(String, String)> {
    at_once(|| {
        let tree = tree::Tree::from_levels(&levels).map_err(|e| Failure::Here("tree", e.to_string()))?;
        let notation: Notation = notation.parse()?;
        Ok((notation.text(&tree), notation.latex(&tree)))
    })
}

/// A truncated B-series with exact coefficients.
#[pyclass(frozen, module = "shadowflow._core")]
#[derive(Debug)]
pub(crate) struct Series {
    inner: Arc<BSeries<Scalar>>,
}

impl Series {
    /// A map, whose coefficient at the empty tree is 1.
    fn map(&self) -> Result<Arc<BSeries<Scalar>>, Failure> {
        let empty = self.inner.empty();
        if *empty == Scalar::one() {
            return Ok(self.inner.clone());
        }
        Err(Failure::argument(format!(
            "this is for the steps of methods, whose coefficient at the empty tree is 1, not {empty}"
        )))
    }

    /// A field, whose coefficient at the empty tree is 0.
    fn field(&self) -> Result<Arc<BSeries<Scalar>>, Failure> {
        let empty = self.inner.empty();
        if empty.is_zero() {
            return Ok(self.inner.clone());
        }
        Err(Failure::argument(format!(
            "this is for vector fields, whose coefficient at the empty tree is 0, not {empty}"
        )))
    }

    /// The other series of an operation, over the same trees and with a common ring.
    fn beside(&self, other: &Self) -> Result<Arc<BSeries<Scalar>>, Failure> {
        let (here, there) = (self.inner.family(), other.inner.family());
        if (here.max_size(), here.colours()) != (there.max_size(), there.colours()) {
            let told = |f: &TreeFamily| format!("{} nodes in {} colours", f.max_size(), f.colours());
            let message = format!("one series has trees to {}, the other to {}", told(here), told(there));
            return Err(Failure::argument(message));
        }
        one_root(self.inner.values().iter().chain(other.inner.values()))?;
        Ok(other.inner.clone())
    }
}

/// Does what may take long, and gives a series.
fn found(py: Python<'_>, job: impl FnOnce() -> Result<BSeries<Scalar>, Failure> + Send + 'static) -> PyResult<Series> {
    work(py, &Asked::default(), move || Ok(Series { inner: Arc::new(job()?) }))
}

/// The series of one step of a Runge-Kutta method, with a tableau for each colour.
#[pyfunction]
pub(crate) fn runge_kutta_series(py: Python<'_>, tableaux: Vec<Tableau>, size: usize) -> PyResult<Series> {
    found(py, move || {
        let mut read = Vec::new();
        for (rows, weights) in &tableaux {
            let stages = weights.len();
            if rows.len() != stages || rows.iter().any(|row| row.len() > stages) {
                let message = format!(
                    "a tableau has as many rows as weights, none of them longer: {} rows, {stages} weights",
                    rows.len()
                );
                return Err(Failure::argument(message));
            }
            let rows: Vec<Vec<Scalar>> = rows.iter().map(|row| numbers(row)).collect::<Result<_, _>>()?;
            read.push((rows, numbers(weights)?));
        }
        one_root(read.iter().flat_map(|(rows, weights)| rows.iter().flatten().chain(weights)))?;
        let colours = u8::try_from(read.len()).unwrap_or(u8::MAX);
        let tableaux: Vec<(&[Vec<Scalar>], &[Scalar])> =
            read.iter().map(|(rows, weights)| (rows.as_slice(), weights.as_slice())).collect();
        Ok(BSeries::runge_kutta(&family(size, colours)?, &tableaux))
    })
}

/// The rows and weights of an optimizer that is a Runge-Kutta method.
#[pyfunction]
pub(crate) fn tableau(optimizer: &crate::optimizer::Optimizer) -> PyResult<Tableau> {
    at_once(|| {
        let (none, one) = (Vec::new(), vec!["1".to_owned()]);
        Ok(match optimizer.bound.optimizer() {
            Algorithm::GradientDescent => (vec![none], one),
            Algorithm::ImplicitEuler => (vec![one.clone()], one),
            Algorithm::RungeKutta(tableau) => {
                let texts = |row: &[_]| row.iter().map(ToString::to_string).collect();
                (tableau.matrix().iter().map(|row| texts(row)).collect(), texts(tableau.weights()))
            }
            other => {
                let message = format!("`{}` is no Runge-Kutta method, so its step is no B-series", other.name());
                return Err(Failure::argument(message));
            }
        })
    })
}

/// The exact flow over time h.
#[pyfunction]
pub(crate) fn exact_series(py: Python<'_>, size: usize, colours: u8) -> PyResult<Series> {
    found(py, move || Ok(BSeries::exact_flow(&family(size, colours)?)))
}

/// A series from all its coefficients.
#[pyfunction]
pub(crate) fn stored_series(
    py: Python<'_>,
    size: usize,
    colours: u8,
    empty: String,
    values: Vec<String>,
) -> PyResult<Series> {
    found(py, move || {
        let family = family(size, colours)?;
        if values.len() != family.len() {
            let message = format!("{} coefficients for {} trees", values.len(), family.len());
            return Err(Failure::argument(message));
        }
        let empty = numbers(&[empty])?.remove(0);
        let values = numbers(&values)?;
        one_root(values.iter().chain([&empty]))?;
        Ok(BSeries::from_fn(&family, empty, |n| values[n].clone()))
    })
}

#[pymethods]
impl Series {
    /// The most nodes of a tree.
    #[getter]
    fn size(&self) -> usize {
        self.inner.family().max_size()
    }

    #[getter]
    fn colours(&self) -> u8 {
        self.inner.family().colours()
    }

    /// The coefficient of the empty tree.
    #[getter]
    fn empty(&self) -> String {
        self.inner.empty().to_string()
    }

    /// Trees and their coefficients.
    fn rows(&self) -> Vec<(Nodes, String)> {
        let family = self.inner.family();
        self.inner.values().iter().enumerate().map(|(n, c)| (family.nodes(n).to_vec(), c.to_string())).collect()
    }

    fn compose(&self, py: Python<'_>, after: &Self) -> PyResult<Self> {
        let (first, then) = at_once(|| Ok((self.map()?, self.beside(after)?)))?;
        found(py, move || Ok(first.compose(&then)))
    }

    fn substitute(&self, py: Python<'_>, into: &Self) -> PyResult<Self> {
        let (field, into) = at_once(|| Ok((self.field()?, self.beside(into)?)))?;
        found(py, move || Ok(field.substitute(&into)))
    }

    fn inverse(&self, py: Python<'_>) -> PyResult<Self> {
        let map = at_once(|| self.map())?;
        found(py, move || Ok(map.inverse()))
    }

    fn logarithm(&self, py: Python<'_>) -> PyResult<Self> {
        let map = at_once(|| self.map())?;
        found(py, move || Ok(map.logarithm()))
    }

    fn exponential(&self, py: Python<'_>) -> PyResult<Self> {
        let field = at_once(|| self.field())?;
        found(py, move || Ok(field.exponential()))
    }

    fn modifying_integrator(&self, py: Python<'_>) -> PyResult<Self> {
        let map = at_once(|| self.map())?;
        found(py, move || {
            let message = "the method does not move at first order, so no field makes its steps exact";
            map.modifying_integrator().ok_or_else(|| Failure::argument(message))
        })
    }

    fn with_step(&self, factor: &str) -> PyResult<Self> {
        let factor = factor.parse::<Rational>().map_err(|e| PyErr::from(Failure::Here("number", e.to_string())))?;
        Ok(Self { inner: Arc::new(self.inner.with_step(&factor)) })
    }

    /// `self + factor other`.
    fn plus(&self, other: &Self, factor: &str) -> PyResult<Self> {
        at_once(|| {
            let other = self.beside(other)?;
            let factor = numbers(&[factor.to_owned()])?.remove(0);
            one_root(self.inner.values().iter().chain(other.values()).chain([&factor]))?;
            let sum = |a: &Scalar, b: &Scalar| a.plus(&b.times(&factor));
            let empty = sum(self.inner.empty(), other.empty());
            let values = |n: usize| sum(&self.inner.values()[n], &other.values()[n]);
            Ok(Self { inner: Arc::new(BSeries::from_fn(self.inner.family(), empty, values)) })
        })
    }

    /// The order of the method, `None` where it is beyond the truncation.
    #[getter]
    fn order(&self) -> PyResult<Option<usize>> {
        at_once(|| Ok(self.map()?.order()))
    }

    /// The order conditions that fail: trees, and what the coefficient is too large by.
    fn failed(&self) -> PyResult<Vec<(Nodes, String)>> {
        at_once(|| {
            let map = self.map()?;
            let failed = map.failed_order_conditions(map.family().max_size());
            Ok(failed.into_iter().map(|(n, c)| (map.family().nodes(n).to_vec(), c.to_string())).collect())
        })
    }

    #[getter]
    fn is_symplectic(&self) -> PyResult<bool> {
        at_once(|| Ok(self.map()?.is_symplectic()))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.inner == other.inner
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (py, this) = (slf.py(), slf.get());
        let values: Vec<String> = this.inner.values().iter().map(ToString::to_string).collect();
        let state = (this.size(), this.colours(), this.empty(), values);
        Ok((py.import("shadowflow._core")?.getattr("stored_series")?, state.into_pyobject(py)?.into_any()))
    }
}
