//! Everything known at one point, for people.

use super::Detail;
use super::detail::PARAMETERS;
use super::numbers::{near, significant, values};
use super::table::{Align, table};
use crate::evaluation::{Evaluation, FieldValue, LeadingSpectrum, PlanReport};
use std::fmt::Write as _;

/// The values of `f_0..f_N` as a table, then eigenvalues, fields and the plan, as far as they were asked for.
///
/// Beyond eight parameters norms stand for values, unless `detail` asks for all.
#[must_use]
pub fn evaluation(found: &Evaluation, detail: Detail) -> String {
    let mut out = String::new();
    if let Some(plan) = &found.plan {
        out.push_str(&explained(plan));
        out.push('\n');
    }
    if found.values.loss.is_some() || found.spectrum.is_some() || !found.fields.is_empty() {
        let _ = write!(out, "loss {}", found.values.loss.map_or_else(|| "–".to_owned(), |x| format!("{x:?}")));
        if let Some(accuracy) = found.accuracy {
            let _ = write!(out, ", accuracy {}", significant(accuracy, 6));
        }
        out.push_str("\n\n");
    }
    if !found.values.orders.is_empty() {
        out.push_str(&values(&found.values, &found.bounds, detail));
    }
    if !found.digits.is_empty() {
        gap(&mut out);
        out.push_str(&digits(found, detail));
    }
    if let Some(found) = &found.spectrum {
        gap(&mut out);
        out.push_str(&spectrum(found));
    }
    if !found.fields.is_empty() {
        gap(&mut out);
        out.push_str(&fields(found, detail));
    }
    out
}

/// An empty line between blocks.
fn gap(out: &mut String) {
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
}

/// The orders to more digits than doubles have.
fn digits(found: &Evaluation, detail: Detail) -> String {
    let all = found.values.parameters.len();
    let shown = if detail.shows(all) { all } else { PARAMETERS };
    let header = ["", "component", "value", "principal", "non-principal"].map(str::to_owned);
    let mut rows = Vec::new();
    for (n, order) in found.digits.iter().enumerate() {
        for (k, parameter) in found.values.parameters.iter().enumerate().take(shown) {
            let entry = |part: &[Option<String>]| part.get(k).cloned().flatten().unwrap_or_else(|| "–".to_owned());
            let name = if k == 0 { format!("f_{n}") } else { String::new() };
            rows.push(vec![
                name,
                parameter.clone(),
                entry(&order.value),
                entry(&order.principal),
                entry(&order.nonprincipal),
            ]);
        }
    }
    let right = Align::Right;
    let mut out = table(&header, &[Align::Left, Align::Left, right, right, right], &rows);
    if shown < all {
        let _ = writeln!(out, "\n{} more components are in JSON, and here with --all", all - shown);
    }
    out
}

fn spectrum(found: &LeadingSpectrum) -> String {
    let header = ["", "eigenvalue", "|g·u|", "residual"].map(str::to_owned);
    let rows: Vec<Vec<String>> = (0..found.eigenvalues.len())
        .map(|k| {
            vec![
                format!("λ_{k}"),
                significant(found.eigenvalues[k], 12),
                significant(found.gradient_along[k], 12),
                significant(found.residuals[k], 2),
            ]
        })
        .collect();
    let right = Align::Right;
    let how = match found.products {
        0 if found.eigenvalues.iter().all(|x| x.is_nan()) => "not found".to_owned(),
        0 => "from the whole Hessian".to_owned(),
        products => format!("from {products} products with the Hessian"),
    };
    format!("Leading eigenvalues of the Hessian, {how}\n{}", table(&header, &[Align::Left, right, right, right], &rows))
}

fn fields(found: &Evaluation, detail: Detail) -> String {
    let h = found.step.as_ref().map_or_else(|| "–".to_owned(), near);
    let header = ["", "|field|", "|Re|", "|Im|", "error estimate", "how"].map(str::to_owned);
    let length = |part: &dyn Fn(&FieldValue) -> Option<f64>, field: &FieldValue| {
        part(field).map_or_else(|| "–".to_owned(), |x| significant(x, 12))
    };
    let rows: Vec<Vec<String>> = found
        .fields
        .iter()
        .map(|field| {
            vec![
                field.name.clone(),
                length(&|f| f.norm(|z| z.norm()), field),
                length(&|f| f.norm(|z| z.re.abs()), field),
                length(&|f| f.norm(|z| z.im.abs()), field),
                field.error_estimate.map_or_else(|| "–".to_owned(), |x| significant(x, 2)),
                match field.products {
                    0 => field.route.to_string(),
                    products => format!("{}, {products} products", field.route),
                },
            ]
        })
        .collect();
    let right = Align::Right;
    let mut out = format!("Fields at h = {h}; error estimates are relative to |field|\n");
    out.push_str(&table(&header, &[Align::Left, right, right, right, right, Align::Left], &rows));
    if detail.shows(found.values.parameters.len()) {
        for field in &found.fields {
            let Some(value) = &field.value else { continue };
            let _ = writeln!(out, "\n{}", field.name);
            for (name, z) in found.values.parameters.iter().zip(value) {
                let imaginary = if z.im == 0.0 { String::new() } else { format!("  {:+?} i", z.im) };
                let _ = writeln!(out, "  {name}: {:?}{imaginary}", z.re);
            }
        }
    }
    out
}

/// The route and what the parts of the evaluation cost.
fn explained(plan: &PlanReport) -> String {
    let mut out = format!(
        "Route: {}, since {}\n{} parameters; the loss is {} scalar operations, {} operations on arrays\n",
        plan.route, plan.rule, plan.parameters, plan.scalar_operations, plan.array_operations
    );
    if !plan.parts.is_empty() {
        let header = ["", "multiplications in products", "elementwise", "functions", "buffers", "peak memory"]
            .map(str::to_owned);
        let rows: Vec<Vec<String>> = plan
            .parts
            .iter()
            .map(|part| {
                vec![
                    part.name.clone(),
                    part.product_multiplications.to_string(),
                    part.elementwise_operations.to_string(),
                    part.function_calls.to_string(),
                    part.buffers.to_string(),
                    crate::budget::bytes_text(part.peak_bytes),
                ]
            })
            .collect();
        let right = Align::Right;
        out.push_str(&table(&header, &[Align::Left, right, right, right, right, right], &rows));
    }
    out
}
