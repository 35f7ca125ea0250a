//! Verifying the document of a proven derivation: its steps, and that everything it claims is what they establish.

mod claimed;
mod members;
mod recurrence;
#[cfg(test)]
mod tests;

pub use members::read_document;
pub use recurrence::recurrence_json;

use super::check::check;
use super::read::{ReadProofError, read_proof};
use crate::number::{Fraction, Rational};
use crate::optimizer::Recurrence;
use crate::series::egraph::Exact;
use members::only;
use recurrence::{Named, coefficient};
use serde_json::Value;

/// Something in a document that does not follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyFailure {
    /// The number of the step, from 1; for claimed terms the step that solves for their order, where there is one.
    pub step: Option<usize>,
    /// The rule that the step names; none where it is not a step that fails.
    pub rule: Option<String>,
    /// The member of the document that is wrong, such as `orders[2].terms[1].text` or `proof[16]`, counting from 0.
    pub place: String,
    /// What is wrong.
    pub reason: String,
}

impl VerifyFailure {
    fn at(place: &str, reason: String) -> Self {
        Self { step: None, rule: None, place: place.to_owned(), reason }
    }

    fn after(self, step: Option<usize>) -> Self {
        Self { step: step.or(self.step), ..self }
    }
}

/// What was found in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// The number of steps replayed.
    pub steps: usize,
    /// The optimizer that the proof is about.
    pub method: String,
    /// The number of orders that the steps establish.
    pub orders: usize,
    /// The number of terms that the document claims.
    pub terms: usize,
    /// Whether everything follows.
    pub ok: bool,
    /// What does not, in the order of the steps.
    pub failed: Vec<VerifyFailure>,
}

/// Why a document cannot be verified at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The document is no JSON.
    #[error("this is no JSON document: {0}")]
    Json(String),
    /// A member is missing or no such thing as it should be.
    #[error("the document needs `{member}`: {expected}")]
    Member {
        /// The member.
        member: &'static str,
        /// What it should be.
        expected: String,
    },
}

/// Verifies the document of `derive --proof --format json`: replays every step without the rewriter, and compares everything
/// else that the document claims with what the steps establish: every member of every term, their order and number, the
/// optimizer's name, symbols, variable, momentum and recurrence. Members that it does not know are refused; `shadowflow` and `warnings`
/// claim nothing and are not looked at.
///
/// A document carries the recurrence that it is about, with the method, the symbols and the momentum repeated in it: of an
/// optimizer known to the program it must be that optimizer's. What a document repeats may not be missing or null.
///
/// # Errors
/// [`VerifyError`] where the value is no such document; whatever can be read and does not follow is in the report.
pub fn verify(document: &Value) -> Result<VerifyReport, VerifyError> {
    let wrong = |member, expected: &str| VerifyError::Member { member, expected: expected.to_owned() };
    let method = document["method"].as_str().ok_or_else(|| wrong("method", "the optimizer's name"))?;
    let symbols = document["symbols"].as_array().ok_or_else(|| wrong("symbols", "an array of names"))?;
    let symbols = symbols.iter().map(|s| s.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    let symbols = symbols.ok_or_else(|| wrong("symbols", "an array of names"))?;
    match &document["schema"] {
        Value::Null => return Err(wrong("schema", "1, the one that is read here")),
        schema if schema.as_u64() == Some(1) => {}
        schema => return Err(wrong("schema", &format!("1, the one that is read here, not {schema}"))),
    }
    let steps = match &document["proof"] {
        Value::Array(steps) => steps.len(),
        _ => return Err(wrong("proof", "an array of steps, as `render::json::equation` writes it")),
    };
    let orders = document["orders"].as_array().ok_or_else(|| wrong("orders", "an array of orders with their terms"))?;
    let report = verify_named(document, orders, method, symbols);
    Ok(report.unwrap_or_else(|failure| VerifyReport {
        steps,
        method: method.to_owned(),
        orders: 0,
        terms: 0,
        ok: false,
        failed: vec![failure],
    }))
}

/// Chooses the coefficients: numbers, or functions of the symbols.
fn verify_named(
    document: &Value,
    orders: &[Value],
    method: &str,
    symbols: Vec<String>,
) -> Result<VerifyReport, VerifyFailure> {
    let members = [
        "shadowflow",
        "schema",
        "method",
        "symbols",
        "variable",
        "momentum",
        "orders",
        "warnings",
        "recurrence",
        "proof",
    ];
    only(document, "", &members)?;
    let momentum = match &document["momentum"] {
        Value::Null => None,
        value => Some(
            coefficient::<Rational>(value, &[])
                .ok_or_else(|| VerifyFailure::at("momentum", format!("{value} is no exact number as text")))?,
        ),
    };
    let named = Named { method: method.to_owned(), symbols, momentum };
    named.distinct()?;
    let known = named.known()?;
    if named.symbols.is_empty() {
        // A name that stands for a recurrence with symbols must not stand for whatever recurrence has none.
        let number = |symbolic: Recurrence<Fraction>| {
            let expected = format!("{method} needs a number for {}, or the symbol", symbolic.symbols.join(", "));
            let numbers = symbolic.map(|c| c.evaluate(&|_| None).ok());
            numbers.ok_or_else(|| VerifyFailure::at("symbols", expected))
        };
        verify_over::<Rational>(document, orders, &named, known.map(number).transpose()?)
    } else {
        verify_over::<Fraction>(document, orders, &named, known)
    }
}

fn verify_over<C: Exact>(
    document: &Value,
    orders: &[Value],
    named: &Named,
    known: Option<Recurrence<C>>,
) -> Result<VerifyReport, VerifyFailure> {
    let mut failed = Vec::new();
    let recurrence = named.recurrence(&document["recurrence"], known, &mut failed)?;
    failed.extend(named.variable(&document["variable"], &recurrence).err());
    let proof = read_proof::<C>(&document["proof"], recurrence).map_err(unreadable)?;
    let report = check(&proof);
    if proof.steps.is_empty() {
        failed.push(VerifyFailure::at("proof", "there are no steps".to_owned()));
    }
    if orders.len() != proof.ends.len() {
        let reason = format!("the document claims {} orders, its steps are about {}", orders.len(), proof.ends.len());
        failed.push(VerifyFailure::at("orders", reason));
    }
    let mut count = 0;
    for (n, order) in orders.iter().enumerate() {
        let end = proof.ends.get(n).copied();
        let place = |member: &str| format!("orders[{n}].{member}");
        if let Err(unknown) = only(order, &format!("orders[{n}]"), &["order", "terms"]) {
            failed.push(unknown.after(end));
        }
        if order["order"].as_u64() != u64::try_from(n).ok() {
            let reason = format!("order {n} is numbered {}", order["order"]);
            failed.push(VerifyFailure::at(&place("order"), reason).after(end));
        }
        let Some(claimed) = order["terms"].as_array() else {
            let reason = format!("{} is no array of terms", order["terms"]);
            failed.push(VerifyFailure::at(&place("terms"), reason).after(end));
            continue;
        };
        count += claimed.len();
        // Where the steps establish no field, the terms rest on nothing, and the step that failed is told.
        if let Some(established) = report.equation.orders.get(n) {
            let compared = claimed::compare::<C>(n, claimed, established, &named.symbols);
            failed.extend(compared.into_iter().map(|f| f.after(end)));
        }
    }
    for failure in &report.failures {
        failed.push(VerifyFailure {
            step: Some(failure.step + 1),
            rule: failure.rule.map(|r| r.name().to_owned()),
            place: format!("proof[{}]", failure.step),
            reason: failure.reason.clone(),
        });
    }
    failed.sort_by_key(|f| f.step);
    Ok(VerifyReport {
        steps: report.steps,
        method: named.method.clone(),
        orders: proof.ends.len(),
        terms: count,
        ok: failed.is_empty(),
        failed,
    })
}

/// A step that cannot be read.
fn unreadable(error: ReadProofError) -> VerifyFailure {
    let (step, place) = match &error {
        ReadProofError::NoArray => (None, "proof".to_owned()),
        ReadProofError::Unknown { step, member } => (Some(*step), format!("proof[{}].{member}", step - 1)),
        ReadProofError::Member { step, member, .. } | ReadProofError::Term { step, member, .. } => {
            (Some(*step), format!("proof[{}].{member}", step - 1))
        }
    };
    VerifyFailure::at(&place, error.to_string()).after(step)
}
