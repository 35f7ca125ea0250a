//! The fields of flows at a point.

use super::{EvaluationError, Request};
use crate::flow::{
    ArrayModel, FlowDescription, FlowLaw, FlowName, Model, Outcome, Subject, beyond_branch_point, field_of,
};
use crate::loss::Loss;
use crate::number::Rational;
use crate::spectral::{self, Alpha};
use crate::warning::Warning;
use num_complex::Complex64;
use std::fmt;

/// How a field is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldRoute {
    /// On a Krylov space of the gradient, by products with the Hessian.
    Krylov,
    /// From the spectrum of the whole Hessian.
    Dense,
    /// From derivatives along vectors, without the spectrum.
    Direct,
}

impl From<spectral::Route> for FieldRoute {
    fn from(route: spectral::Route) -> Self {
        match route {
            spectral::Route::Krylov => Self::Krylov,
            spectral::Route::Dense => Self::Dense,
        }
    }
}

impl fmt::Display for FieldRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Krylov => "krylov",
            Self::Dense => "dense",
            Self::Direct => "direct",
        })
    }
}

/// The field of one flow at a point, in doubles.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldValue {
    /// The flow, as users name it.
    pub name: String,
    /// θ̇, one number for every entry of θ; `None` where there is none, which a warning explains.
    pub value: Option<Vec<Complex64>>,
    /// An estimate of the error's norm, relative to the field's; `None` where there is none, as for what takes no spectrum, and for a field that is 0
    /// with an error.
    pub error_estimate: Option<f64>,
    /// How many products with the Hessian it took; 0 where the whole Hessian was at hand.
    pub products: usize,
    /// How it was computed.
    pub route: FieldRoute,
}

impl FieldValue {
    /// None, which a warning explains.
    pub(super) fn none(flow: &FlowDescription, route: FieldRoute) -> Self {
        Self { name: flow.name.clone(), value: None, error_estimate: None, products: 0, route }
    }

    /// The Euclidean norm of a part of the field.
    #[must_use]
    pub fn norm(&self, part: impl Fn(&Complex64) -> f64) -> Option<f64> {
        let value = self.value.as_ref()?;
        Some(spectral::norm(value.iter().map(|z| Complex64::from(part(z)))))
    }
}

/// The fields of all flows that are asked for, and what is to be said of them.
pub(super) fn evaluate(
    subject: &Subject,
    model: &dyn Model,
    loss: &Loss,
    theta: &[f64],
    request: &Request<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<FieldValue>, EvaluationError> {
    let Some(h) = request.h.filter(|_| !request.flows.is_empty()) else { return Ok(Vec::new()) };
    let rounding = || ArrayModel::new(loss.expression.clone(), request.threads)?.gradient_rounding(theta);
    // Without time for it there is none for a field either.
    let gradient_error = crate::budget::part(rounding).unwrap_or(Ok(f64::INFINITY))?;
    let mut fields: Vec<FieldValue> = Vec::new();
    for flow in request.flows {
        let description = described(flow, model);
        if fields.iter().any(|f| f.name == description.name) {
            continue;
        }
        warn_of_root(subject, model, &description, h, theta, warnings)?;
        if let Some(message) = description.not_own(subject) {
            warnings.push(about(&description, "gradient-descent-flow", message));
        }
        let mut field = by_field(subject, model, &description, h, theta, warnings)?;
        if let (Some(estimate), Some(size)) = (field.field.error_estimate, field.field.norm(|z| z.norm())) {
            let given = field.stretch * gradient_error / size;
            let estimate = if given.is_nan() { estimate } else { estimate + given };
            field.field.error_estimate = Some(estimate).filter(|e| e.is_finite());
            if estimate > request.field_tolerance {
                let tolerance = request.field_tolerance;
                let why = if given > 0.5 * estimate { OF_GRADIENT } else { OF_ROUNDING };
                let much = if estimate.is_finite() {
                    format!("about {estimate:.1e} of its size")
                } else {
                    "more than its size".to_owned()
                };
                let message = format!(
                    "the field has an error of {much}, by an estimate, where {tolerance:.1e} was asked for; {why}"
                );
                warnings.push(about(&description, "unreached-tolerance", message));
            }
        }
        fields.push(field.field);
    }
    Ok(fields)
}

/// What a flow is at a point: the closed solution of a quadratic is that of its principal flow, whose field it has.
pub(super) fn described(flow: &FlowName, model: &dyn Model) -> FlowDescription {
    let description = flow.describe();
    match description.law {
        FlowLaw::Closed if model.is_quadratic() => {
            FlowDescription { name: description.name, ..FlowName::Pf.describe() }
        }
        _ => description,
    }
}

/// Warns of an α beyond its first branch point, where it is no longer that of the iterates.
pub(super) fn warn_of_root(
    subject: &Subject,
    model: &dyn Model,
    flow: &FlowDescription,
    h: &Rational,
    theta: &[f64],
    warnings: &mut Vec<Warning>,
) -> Result<(), EvaluationError> {
    if flow.follows_one_root() {
        let here = [Some(theta.to_vec())];
        let found = crate::budget::part(|| subject.beyond_branch_point(model, h.to_f64(), &here));
        if let Some((_, z)) = found.unwrap_or(Ok(None))? {
            warnings.push(about(flow, "beyond-branch-point", beyond_branch_point(z)));
        }
    }
    Ok(())
}

pub(super) fn about(flow: &FlowDescription, code: &'static str, message: String) -> Warning {
    Warning { flow: Some(flow.name.clone()), ..Warning::new(code, message) }
}

const OF_GRADIENT: &str =
    "this is what rounding leaves of the gradient, which is small beside the numbers that it is made of";
const OF_ROUNDING: &str =
    "this is what rounding leaves, since an hλ lies close to a branch point of α or the tolerance is small";

/// A field, and by how much it may make an error of the gradient larger.
pub(super) struct ByField {
    pub(super) field: FieldValue,
    stretch: f64,
}

/// The field as a trajectory would have it, where there is time for it.
pub(super) fn by_field(
    subject: &Subject,
    model: &dyn Model,
    flow: &FlowDescription,
    h: &Rational,
    theta: &[f64],
    warnings: &mut Vec<Warning>,
) -> Result<ByField, EvaluationError> {
    match crate::budget::part(|| evaluated(subject, model, flow, h, theta, warnings)) {
        Ok(found) => found,
        Err(stopped) => {
            let field = FieldValue::none(flow, FieldRoute::Direct);
            warnings.push(about(flow, stopped.code(), format!("{stopped} before the field could be computed")));
            Ok(ByField { field, stretch: 1.0 })
        }
    }
}

fn evaluated(
    subject: &Subject,
    model: &dyn Model,
    flow: &FlowDescription,
    h: &Rational,
    theta: &[f64],
    warnings: &mut Vec<Warning>,
) -> Result<ByField, EvaluationError> {
    let mut field = match field_of(subject, model, flow, h) {
        Ok(field) => field,
        Err(error) => {
            warnings.push(about(flow, Outcome::from(&error).code(), error.to_string()));
            return Ok(ByField { field: FieldValue::none(flow, FieldRoute::Direct), stretch: 1.0 });
        }
    };
    let state: Vec<Complex64> = theta.iter().map(|x| Complex64::from(*x)).collect();
    let mut value = vec![Complex64::ZERO; theta.len()];
    let evaluated = field.evaluate(&state, &mut value);
    let alpha = match flow.law {
        FlowLaw::Spectral(_) => Some(flow.alpha_along(0, subject)?).filter(|a| !matches!(a, Alpha::Polynomial(_))),
        _ => None,
    };
    let spectral = alpha.is_some();
    let sizes = alpha.iter().flat_map(|a| field.shifted_spectrum().iter().map(|m| a.at(1.0 - m).norm()));
    let stretch = sizes.filter(|size| size.is_finite()).reduce(f64::max).unwrap_or(1.0);
    let dense = spectral || matches!(flow.law, FlowLaw::Reversed { .. } | FlowLaw::Resummed { .. });
    let route = if dense { FieldRoute::Dense } else { FieldRoute::Direct };
    // Rounding in the eigenvectors, more so where the logarithm is steep.
    let steep = field.distance_to_branch_point().map_or(1.0, |d| 1.0 + 1.0 / d);
    let rounding = f64::EPSILON * theta.len() as f64 * steep;
    let value = match evaluated {
        Ok(()) => Some(value),
        Err(error) => {
            let outcome = Outcome::from(error);
            warnings.push(about(flow, outcome.code(), format!("the field has no value at this point: {error}")));
            None
        }
    };
    let error_estimate = value.as_ref().filter(|_| dense && rounding.is_finite()).map(|_| rounding);
    let field = FieldValue { name: flow.name.clone(), value, error_estimate, products: 0, route };
    Ok(ByField { field, stretch })
}
