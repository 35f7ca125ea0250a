//! Losses whose arrays stay whole: everything by products with vectors.

use super::fields::{FieldRoute, FieldValue, about, by_field, described, warn_of_root};
use super::orders::{ArrayOrder, RelativeBounds, array_orders};
use super::plan::{PartCost, PlanReport};
use super::spectrum::LeadingSpectrum;
use super::{Evaluation, EvaluationError, Request, accuracy_in_time, digits_of, timed};
use crate::budget;
use crate::concrete::{EvaluateError, Evaluated, EvaluatedOrder};
use crate::expr::{ExpressionRef, Nonsmooth};
use crate::flow::{ArrayModel, ArrayPoint, FlowDescription, FlowError, FlowLaw, Model, Subject, ThirdTerm};
use crate::loss::Loss;
use crate::number::Rational;
use crate::plan::{PlanOptions, Route};
use crate::spectral::{
    Alpha, FieldOptions, KrylovEnd, KrylovError, KrylovFunction, KrylovValue, LeadingOptions, leading_eigenpairs, norm,
    spectral_functions,
};
use crate::warning::Warning;
use num_complex::Complex64;

/// What sets the most products, for messages.
const MAX_PRODUCTS: &str = "`Request::max_products`";

/// Everything that is asked for.
pub(super) fn evaluate(
    loss: &Loss,
    at: &[Rational],
    theta: &[f64],
    subject: &Subject,
    request: &Request<'_>,
) -> Result<Evaluation, EvaluationError> {
    let expression = ExpressionRef::from(loss);
    let dimension = expression.pool().dimension();
    if at.len() != dimension {
        return Err(EvaluateError::Dimension { expected: dimension, received: at.len() }.into());
    }
    let model = ArrayModel::new(loss.expression.clone(), request.threads)?;
    let value = model.real_value(theta)?;
    let mut warnings = kinks(&model);
    if !value.is_finite() {
        // An infinite loss may have a gradient, as `log(cosh(w))` at w = 800 has.
        if value.is_nan() || !model.at(theta)?.gradient().iter().all(|g| g.is_finite()) {
            let message =
                format!("the loss is {value} at this point in double precision, so that nothing else is evaluated");
            return Err(FlowError::Loss(message).into());
        }
        let message = "the loss is beyond the largest double, or made of such numbers, and is left out";
        warnings.push(Warning::new("overflow", message.to_owned()));
    }
    let mut values = Evaluated {
        method: subject.optimizer().name().to_owned(),
        parameters: expression.pool().theta_names(),
        at: at.to_vec(),
        loss: Some(value).filter(|x| x.is_finite()),
        orders: Vec::new(),
        field: None,
        warnings,
    };
    let accuracy = accuracy_in_time(loss, theta, request, &mut values.warnings)?;
    let (mut parts, mut bounds) = (Vec::new(), Vec::new());
    if request.explain {
        let [gradient, product] = model.costs()?;
        parts.push(PartCost::of("gradient", &gradient));
        parts.push(PartCost::of("Hessian product, with the state's part", &product));
    }
    if let Some(order) = request.order {
        let options = PlanOptions { threads: request.threads };
        let of_order = |n| array_orders(expression, theta, &[], subject.optimizer(), n, &options);
        let (found, stopped) = timed::orders(order, of_order)?;
        let found = found.map(|(last, found)| {
            parts.push(PartCost::of(&format!("f_0..f_{last}"), &found.cost));
            found.orders
        });
        let found = found.unwrap_or_default();
        bounds = found.iter().map(|o| o.bounds).collect();
        values.field = request.h.map(|h| (h.clone(), truncated(&found, h.to_f64())));
        let finite = |part: Vec<f64>| part.into_iter().map(|x| Some(x).filter(|x| x.is_finite())).collect();
        let of = |o: ArrayOrder| EvaluatedOrder {
            value: finite(o.value),
            principal: finite(o.principal),
            nonprincipal: finite(o.nonprincipal),
        };
        values.orders = found.into_iter().map(of).collect();
        values.warnings.extend(untrusted(&values.orders, &bounds));
        bounds.resize(order + 1, RelativeBounds::UNKNOWN);
        if let Some(stopped) = stopped {
            timed::fill_up(&mut values, order, stopped);
        }
    }
    let warnings = &mut values.warnings;
    let (spectrum, fields) = match request.spectrum.is_some() || !request.flows.is_empty() {
        true => spectrum_and_fields(subject, &model, theta, request, warnings)?,
        false => (None, Vec::new()),
    };
    let digits = digits_of(expression, at, subject, request, warnings)?;
    Ok(Evaluation {
        values,
        route: Route::Array,
        accuracy,
        bounds,
        digits,
        spectrum,
        step: request.h.filter(|_| !request.flows.is_empty()).cloned(),
        fields,
        plan: request.explain.then(|| PlanReport::of(expression, parts)),
    })
}

/// What to say of functions without a derivative somewhere.
fn kinks(model: &ArrayModel) -> Vec<Warning> {
    let warn = |function: Nonsmooth| {
        let message = format!("{}: the values hold as long as its argument does not change sign", function.sentence());
        Warning::new("non-smooth", message)
    };
    model.nonsmooth().into_iter().map(warn).collect()
}

/// Relative errors from which on a value is warned of.
const COARSE: f64 = 1e-4;

/// What to say of values that doubles do not hold.
fn untrusted(orders: &[EvaluatedOrder], bounds: &[RelativeBounds]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(n) = orders.iter().position(|o| o.value.contains(&None)) {
        let message =
            format!("f_{n} has components beyond the largest double, or made of such numbers; they are left out");
        warnings.push(Warning::new("overflow", message));
    }
    let is_zero = |n: &usize| orders[*n].value.iter().all(|x| *x == Some(0.0));
    let coarse = |n: &usize| !orders[*n].value.contains(&None) && bounds[*n].value.is_none_or(|bound| bound > COARSE);
    let (zeros, found): (Vec<usize>, Vec<usize>) = (0..orders.len()).filter(coarse).partition(is_zero);
    if !zeros.is_empty() {
        let names: Vec<String> = zeros.iter().map(|n| format!("f_{n}")).collect();
        let message = format!(
            "{} 0 in double precision, which does not tell zero from what rounding or underflow has made of other numbers",
            match names.as_slice() {
                [one] => format!("{one} is"),
                several => format!("{} are", several.join(", ")),
            }
        );
        warnings.push(Warning::new("not-separated-from-zero", message));
    }
    if let Some(first) = found.first() {
        let names: Vec<String> = found.iter().map(|n| format!("f_{n}")).collect();
        let error =
            bounds[*first].value.map_or_else(|| "as much as it is".to_owned(), |e| format!("{e:.0e} of its norm"));
        let message = format!(
            "rounding in double precision leaves few digits of {}: f_{first} may be off by {error}; more digits of small losses come with `Request::digits`",
            names.join(", ")
        );
        warnings.push(Warning::new("lost-digits", message));
    }
    warnings
}

/// `Σ_n h^n f_n`.
fn truncated(orders: &[ArrayOrder], h: f64) -> Vec<Option<f64>> {
    let dimension = orders.first().map_or(0, |o| o.value.len());
    let sum = |k: usize| orders.iter().rev().fold(0.0, |sum, o| sum * h + o.value[k]);
    (0..dimension).map(|k| Some(sum(k)).filter(|x: &f64| x.is_finite())).collect()
}

/// The leading eigenvalues and the fields of flows by products with the Hessian, as far as the time goes.
pub(super) fn spectrum_and_fields(
    subject: &Subject,
    model: &ArrayModel,
    theta: &[f64],
    request: &Request<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<(Option<LeadingSpectrum>, Vec<FieldValue>), EvaluationError> {
    let mut point = timed::part("products with the Hessian", warnings, |_| model.at(theta)).transpose()?;
    let spectrum = request.spectrum.map(|count| {
        let found = match &mut point {
            Some(point) => {
                timed::part("the spectrum", warnings, |warnings| leading(point, count, warnings)).transpose()?
            }
            None => None,
        };
        Ok::<_, EvaluationError>(found.unwrap_or_else(|| LeadingSpectrum::unknown(count, theta.len())))
    });
    let spectrum = spectrum.transpose()?;
    let fields = match &mut point {
        Some(point) => timed::part("the fields of flows", warnings, |warnings| {
            fields_of(subject, model, theta, point, request, warnings)
        })
        .transpose()?,
        None => None,
    };
    let none = || request.flows.iter().map(|flow| FieldValue::none(&flow.describe(), FieldRoute::Krylov)).collect();
    Ok((spectrum, fields.unwrap_or_else(none)))
}

/// The fields of all flows that are asked for.
fn fields_of(
    subject: &Subject,
    model: &ArrayModel,
    theta: &[f64],
    point: &mut ArrayPoint,
    request: &Request<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<FieldValue>, EvaluationError> {
    let Some(h) = request.h else { return Ok(Vec::new()) };
    let mut flows: Vec<FlowDescription> = Vec::new();
    for flow in request.flows {
        let description = described(flow, model);
        if flows.iter().all(|f| f.name != description.name) {
            flows.push(description);
        }
    }
    let step = h.to_f64();
    // One Krylov space for all of them.
    let mut functions: Vec<KrylovFunction> = Vec::new();
    let mut function_of = Vec::new();
    for flow in &flows {
        let alpha = match flow.law {
            FlowLaw::Spectral(_) => Some(flow.alpha_along(0, subject)?).filter(|a| !matches!(a, Alpha::Polynomial(_))),
            _ => None,
        };
        function_of.push(alpha.map(|alpha| {
            let function = KrylovFunction::new(alpha, step);
            functions.iter().position(|f| *f == function).unwrap_or_else(|| {
                functions.push(function);
                functions.len() - 1
            })
        }));
    }
    let values = match functions.is_empty() {
        true => Vec::new(),
        false => functions_of(&functions, point, model.gradient_rounding(theta)?, request),
    };
    let mut third: Option<Vec<f64>> = None;
    let mut found = Vec::new();
    for (flow, function) in flows.iter().zip(function_of) {
        warn_of_root(subject, model, flow, h, theta, warnings)?;
        if let Some(message) = flow.not_own(subject) {
            warnings.push(about(flow, "gradient-descent-flow", message));
        }
        let Some(function) = function else {
            found.push(by_field(subject, model, flow, h, theta, warnings)?.field);
            continue;
        };
        let value = match &values[function] {
            Ok(value) => value,
            Err(error) => {
                warnings.push(no_value(flow, error));
                found.push(FieldValue::none(flow, FieldRoute::Krylov));
                continue;
            }
        };
        let mut field = FieldValue {
            name: flow.name.clone(),
            value: Some(value.value.clone()),
            error_estimate: Some(value.error_estimate).filter(|e| e.is_finite()),
            products: value.products,
            route: value.route.into(),
        };
        let weight = match flow.law {
            FlowLaw::Spectral(ThirdTerm::Weight(weight)) => weight,
            FlowLaw::Spectral(ThirdTerm::Own) => subject.third_weight(),
            _ => 0.0,
        };
        if weight != 0.0 {
            if third.is_none() {
                match budget::part(|| model.third_along_gradient(theta)) {
                    Ok(found) => third = Some(found?),
                    Err(stopped) => {
                        let message = format!("{stopped} before the field could be computed");
                        warnings.push(about(flow, stopped.code(), message));
                        found.push(FieldValue::none(flow, FieldRoute::Krylov));
                        continue;
                    }
                }
            }
            add_third(&mut field, weight * step * step, third.as_deref().unwrap_or_default());
        }
        if let Some(warning) = value.warning(request.field_tolerance) {
            warnings.push(Warning { flow: Some(flow.name.clone()), ..warning });
        }
        found.push(field);
    }
    Ok(found)
}

/// `α(hH) g` for every function, from one Krylov space.
fn functions_of(
    functions: &[KrylovFunction],
    point: &mut ArrayPoint,
    gradient_error: f64,
    request: &Request<'_>,
) -> Vec<Result<KrylovValue, KrylovError>> {
    let options = FieldOptions {
        tolerance: request.field_tolerance,
        max_products: request.max_products,
        products_name: MAX_PRODUCTS,
        gradient_error,
    };
    let gradient = point.gradient().to_vec();
    let mut times = |v: &[f64], out: &mut [f64]| point.hessian_times(v, out);
    match spectral_functions(&gradient, functions, &options, &mut times) {
        Ok(values) => values.into_iter().map(Ok).collect(),
        Err(error) if functions.len() == 1 => vec![Err(error)],
        // One of them has none: each by itself.
        Err(_) => functions
            .iter()
            .map(|f| Ok(spectral_functions(&gradient, std::slice::from_ref(f), &options, &mut times)?.swap_remove(0)))
            .collect(),
    }
}

fn refused(error: KrylovError) -> EvaluationError {
    FlowError::Loss(error.to_string()).into()
}

fn no_value(flow: &FlowDescription, error: &KrylovError) -> Warning {
    let code = match error {
        KrylovError::Spectral(error) => crate::flow::Outcome::from(*error).code(),
        KrylovError::Memory(_) => "not-computed",
        KrylovError::Stopped(stopped) => stopped.code(),
    };
    about(flow, code, format!("the field has no value at this point: {error}"))
}

/// Rounding of `T[g, g]`, relative to it: what is known of it without another way to it.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// Subtracts `weight · T[g, g]` from a field, whose error is then another part of it.
fn add_third(field: &mut FieldValue, weight: f64, third: &[f64]) {
    let Some(value) = &mut field.value else { return };
    let before = norm(value.iter().copied());
    for (z, t) in value.iter_mut().zip(third) {
        *z -= weight * t;
    }
    let after = norm(value.iter().copied());
    let added = weight.abs() * norm(third.iter().map(|t| Complex64::from(*t)));
    if let Some(estimate) = &mut field.error_estimate
        && after > 0.0
    {
        *estimate = *estimate * (before / after) + ROUNDING * (added / after);
    }
}

/// The leading eigenvalues.
fn leading(
    point: &mut ArrayPoint,
    count: usize,
    warnings: &mut Vec<Warning>,
) -> Result<LeadingSpectrum, EvaluationError> {
    let gradient = point.gradient().to_vec();
    let mut times = |v: &[f64], out: &mut [f64]| point.hessian_times(v, out);
    let options = LeadingOptions::new(count);
    let found = leading_eigenpairs(&gradient, None, &options, &mut times).map_err(refused)?;
    if found.end != KrylovEnd::Reached {
        let largest = found.residuals.iter().copied().fold(0.0, f64::max);
        let message = format!(
            "after {} products with the Hessian the leading eigenvalues have residuals of up to {largest:.1e}; there may be larger ones that are not found",
            found.products
        );
        warnings.push(Warning::new("unreached-tolerance", message));
    }
    Ok(LeadingSpectrum {
        eigenvalues: found.eigenvalues,
        gradient_along: found.gradient_along,
        residuals: found.residuals,
        products: found.products,
        route: found.route.into(),
    })
}
