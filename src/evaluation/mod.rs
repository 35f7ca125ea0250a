//! Everything that is known of a loss at one point: its value, `f_0..f_N`, its leading eigenvalues, the fields of flows.

mod arrays;
mod classifier;
mod fields;
mod orders;
mod plan;
mod spectrum;
#[cfg(test)]
mod tests;
mod timed;

pub use classifier::accuracy;
pub use fields::{FieldRoute, FieldValue};
pub use orders::{ArrayOrder, ArrayOrders, RelativeBounds, array_orders};
pub use plan::{PartCost, PlanReport};
pub use spectrum::LeadingSpectrum;

use crate::budget::Budget;
use crate::concrete::arrays::{OrderDigits, order_digits};
use crate::concrete::{self, EvaluateError, EvaluateOptions, Evaluated};
use crate::expr::ExpressionRef;
use crate::flow::{ArrayModel, CompiledModel, FlowError, FlowName, Subject};
use crate::loss::Loss;
use crate::number::Rational;
use crate::plan::Route;
use crate::warning::Warning;
use std::num::NonZeroUsize;

/// The most parameters for which the entries of the Hessian are compiled one by one; beyond it eigenvalues and fields are made of products.
const MOST_TAKEN_APART: usize = 256;

/// What to evaluate beside the loss itself.
///
/// ```
/// use shadowflow::evaluation::{Request, evaluate};
/// use shadowflow::flow::{FlowName, Subject};
/// use shadowflow::loss::{Loss, Options};
/// use shadowflow::optimizer::BoundOptimizer;
/// let loss = Loss::parse("param w[2]\nloss w[0]^2 + w[1]^2/2\n", "bowl.loss", &Options::default())?;
/// let subject = Subject::new(&BoundOptimizer::gradient_descent())?;
/// let h = "1/4".parse()?;
/// let request = Request { order: Some(1), h: Some(&h), spectrum: Some(1), flows: &[FlowName::Pf], ..Request::default() };
/// let found = evaluate(&loss, &["1".parse()?, "1".parse()?], &subject, &request)?;
/// assert_eq!((found.values.loss, found.values.orders[1].value[0]), (Some(1.5), Some(-2.0)));
/// assert!((found.spectrum.unwrap().eigenvalues[0] - 2.0).abs() < 1e-15);
/// // log(1 − 1/2)/(1/2) · 2
/// assert!((found.fields[0].value.as_ref().unwrap()[0].re - 4.0 * 0.5f64.ln()).abs() < 1e-14);
/// # Ok::<(), shadowflow::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The highest order of the modified equation, if it is asked for.
    pub order: Option<usize>,
    /// The step size of the truncated sum `Σ h^n f_n` and of the fields.
    pub h: Option<&'a Rational>,
    /// How many leading eigenvalues.
    pub spectrum: Option<usize>,
    /// The flows whose fields are asked for; they need a step size.
    pub flows: &'a [FlowName],
    /// To which part of a field's norm it is computed where it takes products with the Hessian.
    pub field_tolerance: f64,
    /// The most such products for one field; 200 unless told, and what was told keeps the Hessian from being put together instead.
    pub max_products: Option<usize>,
    /// Significant digits of `f_n` beside its doubles; it takes as long as enclosures of every entry do.
    pub digits: Option<usize>,
    /// Whether to tell how it is evaluated.
    pub explain: bool,
    /// The most threads; results do not depend on it.
    pub threads: NonZeroUsize,
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            order: None,
            h: None,
            spectrum: None,
            flows: &[],
            field_tolerance: 1e-10,
            max_products: None,
            digits: None,
            explain: false,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }
}

/// What was found; see [`evaluate`].
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The loss, `f_0..f_N`, and all warnings.
    pub values: Evaluated,
    /// Whether the loss was taken apart into scalar operations or its arrays stayed whole.
    pub route: Route,
    /// The share of the rows of a classifier's data that it tells right; `None` for losses that are none.
    pub accuracy: Option<f64>,
    /// Per order, what `f_n` and its parts are off by at most, where arrays stay whole; empty where digits are certified.
    pub bounds: Vec<RelativeBounds>,
    /// More digits of the orders, if they were asked for.
    pub digits: Vec<OrderDigits>,
    /// The leading eigenvalues, if they were asked for.
    pub spectrum: Option<LeadingSpectrum>,
    /// The step size of the fields.
    pub step: Option<Rational>,
    /// The fields, in the order in which they were asked for.
    pub fields: Vec<FieldValue>,
    /// How it was evaluated, if that was asked for.
    pub plan: Option<PlanReport>,
}

/// Why there is nothing to show.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EvaluationError {
    /// The modified equation has no values.
    #[error(transparent)]
    Values(#[from] EvaluateError),
    /// A flow, or the loss as flows take it, cannot be had.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A setting does not fit.
    #[error("{0}")]
    Setting(String),
}

/// Evaluates a loss at an exact point, by scalar operations or with its arrays whole: see [`Route`].
///
/// By scalar operations every digit of `f_n` is certified ([`concrete::evaluate`]); where arrays stay whole it is
/// what doubles can hold, and [`Evaluation::bounds`] says how much that is. Eigenvalues and fields are doubles either way, with
/// residuals and estimates of their error.
///
/// # Errors
/// See [`EvaluationError`].
pub fn evaluate(
    loss: &Loss,
    at: &[Rational],
    subject: &Subject,
    request: &Request<'_>,
) -> Result<Evaluation, EvaluationError> {
    let expression = ExpressionRef::from(loss);
    if !request.flows.is_empty() && request.h.is_none() {
        return Err(EvaluationError::Setting("the fields of flows need a step size, `Request::h`".to_owned()));
    }
    if request.spectrum == Some(0) {
        return Err(EvaluationError::Setting("at least one eigenvalue must be asked for".to_owned()));
    }
    let route = Route::of(expression);
    let theta: Vec<f64> = at.iter().map(Rational::to_f64).collect();
    if route == Route::Array {
        return arrays::evaluate(loss, at, &theta, subject, request);
    }
    let options = EvaluateOptions { optimizer: subject.optimizer(), h: request.h, ..EvaluateOptions::default() };
    let loss_alone = || concrete::evaluate_loss(expression, at, &options);
    let mut values = match request.order {
        Some(order) => {
            // The loss first, so that there is something to show.
            let loss = if Budget::current().is_timed() { Some(loss_alone()?) } else { None };
            let (found, stopped) = timed::orders(order, |n| concrete::evaluate(expression, at, n, &options))?;
            let mut values = found.map(|(_, found)| found).or(loss).map_or_else(loss_alone, Ok)?;
            if let Some(stopped) = stopped {
                timed::fill_up(&mut values, order, stopped);
            }
            values
        }
        None => loss_alone()?,
    };
    let warnings = &mut values.warnings;
    let accuracy = accuracy_in_time(loss, &theta, request, warnings)?;
    let (mut spectrum, mut fields) = (None, Vec::new());
    if theta.len() > MOST_TAKEN_APART && (request.spectrum.is_some() || !request.flows.is_empty()) {
        let model = ArrayModel::new(loss.expression.clone(), request.threads)?;
        (spectrum, fields) = arrays::spectrum_and_fields(subject, &model, &theta, request, warnings)?;
    } else if request.spectrum.is_some() || !request.flows.is_empty() {
        let model = CompiledModel::new(loss.expression.clone())?;
        if let Some(count) = request.spectrum {
            let found =
                timed::part("the spectrum", warnings, |_| spectrum::dense(&model, &theta, count)).transpose()?;
            spectrum = Some(found.unwrap_or_else(|| LeadingSpectrum::unknown(count, theta.len())));
        }
        fields = fields::evaluate(subject, &model, loss, &theta, request, warnings)?;
    }
    let digits = digits_of(expression, at, subject, request, warnings)?;
    Ok(Evaluation {
        values,
        route,
        accuracy,
        bounds: Vec::new(),
        digits,
        spectrum,
        step: request.h.filter(|_| !request.flows.is_empty()).cloned(),
        fields,
        plan: request.explain.then(|| PlanReport::of(expression, Vec::new())),
    })
}

/// As many digits as were asked for.
fn digits_of(
    loss: ExpressionRef<'_>,
    at: &[Rational],
    subject: &Subject,
    request: &Request<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<OrderDigits>, EvaluationError> {
    let (Some(digits), Some(order)) = (request.digits, request.order) else { return Ok(Vec::new()) };
    let limit = EvaluateOptions::default().max_products;
    let what = format!("{digits} digits of f_n");
    let found =
        timed::part(&what, warnings, |_| order_digits(loss, at, &[], order, subject.optimizer(), digits, limit));
    let found = found.transpose()?.unwrap_or_default();
    let lacks = |part: &Vec<Option<String>>| part.contains(&None);
    if let Some(n) = found.iter().position(|o| [&o.value, &o.principal, &o.nonprincipal].into_iter().any(lacks)) {
        let missing = found.iter().flat_map(|o| [&o.value, &o.principal, &o.nonprincipal]).flatten();
        let message = format!(
            "{} numbers have no {digits} digits, the first of them in f_{n}: they were not told from 0 within the precision allowed, and may be 0",
            missing.filter(|x| x.is_none()).count()
        );
        warnings.push(Warning::new("precision", message));
    }
    Ok(found)
}

/// [`accuracy`], for which there may be no time.
fn accuracy_in_time(
    loss: &Loss,
    theta: &[f64],
    request: &Request<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Option<f64>, EvaluationError> {
    let found = timed::part("the accuracy", warnings, |_| accuracy(loss, theta, request.threads));
    Ok(found.transpose()?.flatten())
}
