//! Modified equations, of any loss and of one.

use crate::error::Failure;
use crate::loss::Loss;
use crate::optimizer::Optimizer;
use crate::work::{Asked, at_once, work};
use pyo3::prelude::*;
use serde_json::Value;
use shadowflow::concrete::{self, ConcreteEquation};
use shadowflow::evidence::PrincipalSummary;
use shadowflow::expr::simplify::{Cost, Domain, Options};
use shadowflow::form::{Form, Forms, Formulas};
use shadowflow::formula::{Markup, Spelling};
use shadowflow::optimizer::{BoundOptimizer, MOMENTUM};
use shadowflow::proof::document::recurrence_json;
use shadowflow::proof::proof_json;
use shadowflow::render::proof::proof_text;
use shadowflow::render::typeset::{self, Environment, Style};
use shadowflow::render::{About, json, text};
use shadowflow::series::{self, ModifiedEquation, Route};
use shadowflow::snapshot::Snapshot;
use shadowflow::tree::Notation;
use shadowflow::{claim, loss};
use std::sync::Arc;

/// The style of a typeset equation.
fn style(
    markup: &str,
    environment: &str,
    fragment: bool,
    width: &str,
    label: Option<String>,
) -> Result<Style, Failure> {
    let markup = match markup {
        "latex" => Markup::Latex,
        "typst" => Markup::Typst,
        other => return Err(Failure::argument(format!("there is no markup `{other}`: choose latex or typst"))),
    };
    let environment = match environment {
        "align" | "align*" => Environment::Align,
        "aligned" => Environment::Aligned,
        "split" => Environment::Split,
        other => {
            let message = format!("there is no environment `{other}` here: choose align, aligned or split");
            return Err(Failure::argument(message));
        }
    };
    let width = width.parse().map_err(|e: typeset::WidthError| Failure::argument(e.to_string()))?;
    Ok(Style { environment, fragment, width, label, ..Style::new(markup) })
}

/// What has changed: order, component, term, expected, derived.
type Changed = (usize, Option<String>, Option<String>, String, String);

fn changes(equation: &impl Snapshot, expected: &str) -> Result<Vec<Changed>, Failure> {
    let changes = equation.changes(expected)?;
    Ok(changes.into_iter().map(|c| (c.order, c.component, c.term, c.expected, c.derived)).collect())
}

/// A route by its name; the command's are three.
fn route(name: &str) -> Result<Route, Failure> {
    Ok(match name {
        "composition" => Route::Composition,
        "logarithm" => Route::Logarithm,
        "substitution" => Route::Substitution,
        "lie" => Route::LieDerivatives,
        other => other.parse()?,
    })
}

/// A modified equation of any loss.
#[pyclass(frozen, module = "shadowflow._core")]
#[derive(Debug)]
pub(crate) struct Equation {
    inner: Arc<ModifiedEquation>,
    variable: Option<String>,
    warnings: Vec<(String, String)>,
    route: Option<&'static str>,
    /// The document of a proven derivation, and its steps as text.
    proof: Option<(String, String)>,
}

/// Derives the modified equation of an optimizer.
#[pyfunction]
#[pyo3(signature = (optimizer, order, route, proof, progress=None, max_seconds=None))]
pub(crate) fn derive(
    py: Python<'_>,
    optimizer: &Optimizer,
    order: usize,
    route: String,
    proof: bool,
    progress: Option<Py<PyAny>>,
    max_seconds: Option<f64>,
) -> PyResult<Equation> {
    let bound = optimizer.bound.clone();
    work(py, &Asked { progress, max_seconds }, move || {
        let derived = series::derive(&bound, order).route(self::route(&route)?).proof(proof).run()?;
        let variable = bound.variable();
        let proof = derived.proof.as_ref().map(|steps| {
            let mut document = json::equation_about(&derived.equation, variable, &derived.warnings)
                .with("recurrence", recurrence_json(&steps.recurrence, &bound));
            if let Some(momentum) = bound.value(MOMENTUM) {
                document = document.with("momentum", momentum.to_string().into());
            }
            (document.with("proof", proof_json(steps)).to_string(), proof_text(steps))
        });
        Ok(Equation {
            inner: Arc::new(derived.equation),
            variable: variable.map(str::to_owned),
            warnings: derived.warnings.iter().map(|w| (w.code.to_owned(), w.message.clone())).collect(),
            route: Some(derived.route.name()),
            proof,
        })
    })
}

/// An equation from the document that it is stored as.
#[pyfunction]
#[pyo3(signature = (document, variable, warnings, proof=None))]
pub(crate) fn stored_equation(
    document: &str,
    variable: Option<String>,
    warnings: Vec<(String, String)>,
    proof: Option<(String, String)>,
) -> PyResult<Equation> {
    at_once(|| {
        let no_json = |e: serde_json::Error| Failure::Here("equation", format!("this is no JSON: {e}"));
        let value: Value = serde_json::from_str(document).map_err(no_json)?;
        let inner = ModifiedEquation::from_json(&value).map_err(|e| Failure::Here("equation", e.to_string()))?;
        Ok(Equation { inner: Arc::new(inner), variable, warnings, route: None, proof })
    })
}

#[pymethods]
impl Equation {
    #[getter]
    fn method(&self) -> &str {
        &self.inner.method
    }

    #[getter]
    fn symbols(&self) -> Vec<String> {
        self.inner.symbols.clone()
    }

    #[getter]
    fn order(&self) -> usize {
        self.inner.orders.len().saturating_sub(1)
    }

    #[getter]
    fn variable(&self) -> Option<&str> {
        self.variable.as_deref()
    }

    #[getter]
    fn warnings(&self) -> Vec<(String, String)> {
        self.warnings.clone()
    }

    #[getter]
    fn route(&self) -> Option<&'static str> {
        self.route
    }

    #[getter]
    fn proof(&self) -> Option<(String, String)> {
        self.proof.clone()
    }

    /// The terms of every order: level sequence, coefficient, whether it is principal, text, LaTeX.
    #[allow(clippy::type_complexity, reason = "rows for Python, which names them")]
    fn terms(&self, notation: &str) -> PyResult<Vec<Vec<(Vec<u8>, String, bool, String, String)>>> {
        at_once(|| {
            let notation: Notation = notation.parse()?;
            let row = |t: &series::Term| {
                let (tree, levels) = (&t.tree, t.tree.levels().to_vec());
                (levels, t.coefficient.to_string(), tree.is_principal(), notation.text(tree), notation.latex(tree))
            };
            Ok(self.inner.orders.iter().map(|terms| terms.iter().map(row).collect()).collect())
        })
    }

    /// The coefficient of an elementary differential.
    fn coefficient(&self, differential: &str) -> PyResult<String> {
        at_once(|| {
            let tree = claim::read_differential(differential)?;
            if tree.size() > self.inner.orders.len() {
                let (needed, order) = (tree.size() - 1, self.order());
                let message = format!("`{differential}` belongs to f_{needed}, and this goes to order {order}");
                return Err(Failure::argument(message));
            }
            Ok(self.inner.coefficient(&tree).to_string())
        })
    }

    fn text(&self, notation: &str) -> PyResult<String> {
        at_once(|| Ok(text::equation(&self.inner, notation.parse()?)))
    }

    #[pyo3(signature = (markup, notation, environment, fragment, width, label))]
    fn typeset(
        &self,
        markup: &str,
        notation: &str,
        environment: &str,
        fragment: bool,
        width: &str,
        label: Option<String>,
    ) -> PyResult<String> {
        at_once(|| {
            let style = style(markup, environment, fragment, width, label)?;
            let variable = self.variable.as_deref();
            Ok(typeset::equation(&self.inner, variable, notation.parse()?, &Spelling::default(), &style))
        })
    }

    fn json(&self) -> String {
        json::equation_about(&self.inner, self.variable.as_deref(), &[]).to_string()
    }

    fn snapshot(&self) -> String {
        self.inner.snapshot()
    }

    fn changes(&self, expected: &str) -> PyResult<Vec<Changed>> {
        at_once(|| changes(&*self.inner, expected))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.inner == other.inner
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (py, this) = (slf.py(), slf.get());
        let restore = py.import("shadowflow._core")?.getattr("stored_equation")?;
        let state = (this.json(), &this.variable, &this.warnings, &this.proof);
        Ok((restore, state.into_pyobject(py)?.into_any()))
    }
}

/// A modified equation of one loss.
#[pyclass(frozen, module = "shadowflow._core")]
pub(crate) struct LossEquation {
    loss: Py<Loss>,
    optimizer: Py<Optimizer>,
    order: usize,
    simplify: Option<String>,
    held: Arc<Held>,
}

/// What is derived, with what it is of.
struct Held {
    loss: Arc<loss::Loss>,
    optimizer: Arc<BoundOptimizer>,
    equation: ConcreteEquation,
    options: Option<Options>,
    names: Vec<String>,
}

impl Held {
    fn written(&self, form: &str) -> Result<Formulas, Failure> {
        let form: Form = form.parse().map_err(|e: shadowflow::form::UnknownForm| Failure::argument(e.to_string()))?;
        let forms = Forms::new(&*self.loss, &self.optimizer, &self.equation, self.options.as_ref(), &self.names);
        forms.written(form).map_err(|error| Failure::Here("form", error.to_string()))
    }
}

/// Derives the modified equation of an optimizer for one loss.
#[pyfunction]
#[pyo3(signature = (loss, optimizer, order, simplify=None, progress=None, max_seconds=None))]
pub(crate) fn derive_for(
    py: Python<'_>,
    loss: Py<Loss>,
    optimizer: Py<Optimizer>,
    order: usize,
    simplify: Option<String>,
    progress: Option<Py<PyAny>>,
    max_seconds: Option<f64>,
) -> PyResult<LossEquation> {
    let options = at_once(|| match simplify.as_deref() {
        None => Ok(None),
        Some("reading") => Ok(Some(Options::new(Cost::Reading, Domain::Real))),
        Some("running") => Ok(Some(Options::new(Cost::Running, Domain::Real))),
        Some(other) => Err(Failure::argument(format!("simplify is reading, running or None, not `{other}`"))),
    })?;
    let (inner, bound) = (loss.get().inner.clone(), optimizer.get().bound.clone());
    let held = work(py, &Asked { progress, max_seconds }, move || {
        let mut equation = concrete::derive(&*inner, &bound, order).run()?;
        if let Some(options) = &options {
            equation.simplify(options);
        }
        let names = inner.constants.iter().map(|(name, _)| name.clone()).collect();
        Ok(Arc::new(Held { loss: inner, optimizer: bound, equation, options, names }))
    })?;
    Ok(LossEquation { loss, optimizer, order, simplify, held })
}

#[pymethods]
impl LossEquation {
    #[getter]
    fn method(&self) -> &str {
        &self.held.equation.method
    }

    #[getter]
    fn order(&self) -> usize {
        self.order
    }

    #[getter]
    fn loss(&self, py: Python<'_>) -> Py<Loss> {
        self.loss.clone_ref(py)
    }

    #[getter]
    fn optimizer(&self, py: Python<'_>) -> Py<Optimizer> {
        self.optimizer.clone_ref(py)
    }

    /// The document, in the loss language.
    fn json(&self, py: Python<'_>) -> PyResult<String> {
        let held = self.held.clone();
        work(py, &Asked::default(), move || {
            let formulas = Formulas::new(&held.equation, &held.names);
            let warnings: Vec<_> = held.loss.warnings.iter().chain(&held.equation.warnings()).cloned().collect();
            let document = json::concrete(&formulas, None, None, &warnings);
            Ok(document.about(&About::new(&held.optimizer)).to_string())
        })
    }

    fn text(&self, py: Python<'_>, form: String) -> PyResult<String> {
        let held = self.held.clone();
        work(py, &Asked::default(), move || Ok(text::concrete(&held.written(&form)?)))
    }

    #[pyo3(signature = (markup, form, environment, fragment, width, label))]
    #[allow(clippy::too_many_arguments, reason = "each is a choice of the user's")]
    fn typeset(
        &self,
        py: Python<'_>,
        markup: String,
        form: String,
        environment: &str,
        fragment: bool,
        width: &str,
        label: Option<String>,
    ) -> PyResult<String> {
        let style = at_once(|| style(&markup, environment, fragment, width, label))?;
        let held = self.held.clone();
        work(py, &Asked::default(), move || {
            let about = About::new(&held.optimizer);
            Ok(typeset::concrete(&held.written(&form)?, about.markup(style.markup).as_deref(), &style))
        })
    }

    fn snapshot(&self, py: Python<'_>) -> PyResult<String> {
        let held = self.held.clone();
        work(py, &Asked::default(), move || Ok(held.equation.snapshot()))
    }

    fn changes(&self, py: Python<'_>, expected: String) -> PyResult<Vec<Changed>> {
        let held = self.held.clone();
        work(py, &Asked::default(), move || changes(&held.equation, &expected))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let (py, this) = (slf.py(), slf.get());
        let restore = py.import("shadowflow._core")?.getattr("derive_for")?;
        let state = (&this.loss, &this.optimizer, this.order, &this.simplify);
        Ok((restore, state.into_pyobject(py)?.into_any()))
    }
}

/// The principal part of an optimizer: the document, as text and in LaTeX.
#[pyfunction]
#[pyo3(signature = (optimizer, order, max_seconds=None))]
pub(crate) fn principal(
    py: Python<'_>,
    optimizer: &Optimizer,
    order: usize,
    max_seconds: Option<f64>,
) -> PyResult<(String, String, String)> {
    let bound = optimizer.bound.clone();
    work(py, &Asked { progress: None, max_seconds }, move || {
        let summary = PrincipalSummary::of(&bound, order)?;
        let style = Style { environment: Environment::Aligned, ..Style::fragment(Markup::Latex) };
        let latex = typeset::principal(&summary, &Spelling::default(), &style);
        Ok((json::principal(&summary).to_string(), text::principal(&summary), latex))
    })
}
