//! The document of everything known at one point.

use super::numbers::{floats, pair};
use super::{Document, float, numbers};
use crate::evaluation::{Evaluation, FieldValue, LeadingSpectrum, PlanReport};
use serde_json::{Map, Value, json};

/// The document of an evaluation: that of its values with the loss, the accuracy, the route, and what else was asked for.
#[must_use]
pub fn evaluation(found: &Evaluation) -> Document {
    let number = |x: Option<f64>| x.map_or(Value::Null, float);
    let mut document = numbers::values(&found.values)
        .with("loss", number(found.values.loss))
        .with("accuracy", number(found.accuracy))
        .with("route", found.route.to_string().into());
    if !found.bounds.is_empty()
        && let Some(Value::Array(orders)) = document.member_mut("orders")
    {
        for (order, bounds) in orders.iter_mut().zip(&found.bounds) {
            order["relative_error_bound"] = number(bounds.value);
            order["principal_relative_error_bound"] = number(bounds.principal);
            order["nonprincipal_relative_error_bound"] = number(bounds.nonprincipal);
        }
    }
    if let Some(Value::Array(orders)) = document.member_mut("orders") {
        for (order, digits) in orders.iter_mut().zip(&found.digits) {
            order["digits"] = json!({
                "value": digits.value,
                "principal": digits.principal,
                "nonprincipal": digits.nonprincipal,
            });
        }
    }
    if let Some(found) = &found.spectrum {
        document = document.with("spectrum", spectrum(found));
    }
    if !found.fields.is_empty() {
        let fields: Map<String, Value> = found.fields.iter().map(|f| (f.name.clone(), field(f))).collect();
        document = document.with("fields", Value::Object(fields));
    }
    if let Some(found) = &found.plan {
        document = document.with("plan", plan(found));
    }
    document.with_warnings(&found.values.warnings)
}

fn spectrum(found: &LeadingSpectrum) -> Value {
    json!({
        "eigenvalues": floats(&found.eigenvalues),
        "gradient_along": floats(&found.gradient_along),
        "residuals": floats(&found.residuals),
        "products": found.products,
        "route": found.route.to_string(),
    })
}

fn field(found: &FieldValue) -> Value {
    json!({
        "value": found.value.as_ref().map_or(Value::Null, |value| value.iter().map(|z| pair(*z)).collect()),
        "error_estimate": found.error_estimate.map_or(Value::Null, float),
        "products": found.products,
        "route": found.route.to_string(),
    })
}

fn plan(found: &PlanReport) -> Value {
    let parts = found.parts.iter().map(|part| {
        json!({
            "part": part.name,
            "product_multiplications": part.product_multiplications,
            "elementwise_operations": part.elementwise_operations,
            "function_calls": part.function_calls,
            "buffers": part.buffers,
            "peak_bytes": part.peak_bytes,
        })
    });
    json!({
        "route": found.route.to_string(),
        "rule": found.rule,
        "scalar_operations": found.scalar_operations,
        "array_operations": found.array_operations,
        "parameters": found.parameters,
        "parts": parts.collect::<Vec<_>>(),
    })
}
