//! Verifying the document of a proven derivation: its steps, and that its terms are what they establish.

use super::egraph::Exact;
use super::proof_check::check;
use super::proof_read::{ReadProofError, read_proof};
use super::{Evaluation, Optimizer, Recurrence, Tableau, Term};
use crate::number::{Fraction, Rational};
use crate::tree::Tree;
use serde_json::{Value, json};
use std::sync::Arc;

/// Something in a document that does not follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyFailure {
    /// The number of the step, from 1; for claimed terms the step that solves for their order, where there is one.
    pub step: Option<usize>,
    /// The rule that the step names; none where it is not a step that fails.
    pub rule: Option<String>,
    /// What is wrong.
    pub reason: String,
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
    /// What does not.
    pub failed: Vec<VerifyFailure>,
}

/// Why a document cannot be verified at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A member is missing or no such thing as it should be.
    #[error("the document needs `{member}`: {expected}")]
    Member {
        /// The member.
        member: &'static str,
        /// What it should be.
        expected: String,
    },
    /// The proof cannot be read.
    #[error(transparent)]
    Proof(#[from] ReadProofError),
}

/// A recurrence as the member `"recurrence"` of a proven derivation: `left` and `at` as pairs `[j, coefficient]`,
/// `minus_h_times` as pairs `[evaluation, coefficient]` with evaluations from 0, coefficients as text.
#[must_use]
pub fn recurrence_json<C: Exact>(recurrence: &Recurrence<C>) -> Value {
    let pairs = |pairs: &[(i32, C)]| -> Value { pairs.iter().map(|(j, c)| json!([j, c.to_string()])).collect() };
    let evaluation = |e: &Evaluation<C>| {
        let stages: Value = e.minus_h_times.iter().map(|(l, c)| json!([l, c.to_string()])).collect();
        json!({"at": pairs(&e.at), "minus_h_times": stages})
    };
    json!({
        "left": pairs(&recurrence.left),
        "evaluations": recurrence.evaluations.iter().map(evaluation).collect::<Value>(),
        "right": recurrence.right.iter().map(|c| json!(c.to_string())).collect::<Value>(),
    })
}

/// Verifies the document of `derive --proof --format json`: replays every step without the rewriter, and compares the terms
/// of `orders` with the fields that the steps establish.
///
/// A document that names an optimizer known to the program must carry that optimizer's recurrence, or none; a gradient
/// descent's document needs none.
///
/// # Errors
/// [`VerifyError`] where the document cannot be read as such; whatever can be read and does not follow is in the report.
pub fn verify(document: &Value) -> Result<VerifyReport, VerifyError> {
    let wrong = |member, expected: &str| VerifyError::Member { member, expected: expected.to_owned() };
    let method = document["method"].as_str().ok_or_else(|| wrong("method", "the optimizer's name"))?;
    let symbols = document["symbols"].as_array().ok_or_else(|| wrong("symbols", "an array of names"))?;
    let symbols = symbols.iter().map(|s| s.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    let symbols = symbols.ok_or_else(|| wrong("symbols", "an array of names"))?;
    let momentum = match &document["momentum"] {
        Value::Null => None,
        value => Some(coefficient::<Rational>(value).ok_or_else(|| wrong("momentum", "an exact number as text"))?),
    };
    match &document["schema"] {
        Value::Null => {}
        schema if schema.as_u64() == Some(1) => {}
        schema => return Err(wrong("schema", &format!("1, the one that is read here, not {schema}"))),
    }
    let known = known(method, momentum.as_ref());
    if symbols.is_empty() {
        // A name that stands for a recurrence with symbols must not stand for whatever recurrence has none.
        let known = match known {
            None => None,
            Some(symbolic) => {
                let expected = format!("a number for {}, which `symbols` does not list", symbolic.symbols.join(", "));
                let numbers = symbolic.map(|c| c.evaluate(&|_| None).ok());
                Some(numbers.ok_or_else(|| wrong("momentum", &expected))?)
            }
        };
        verify_over::<Rational>(document, method, symbols, known)
    } else {
        verify_over::<Fraction>(document, method, symbols, known)
    }
}

/// The recurrence of an optimizer that the program knows by name; names of files are not looked at.
fn known(method: &str, momentum: Option<&Rational>) -> Option<Recurrence<Fraction>> {
    let optimizer = match method.strip_prefix("rk:") {
        Some(name) => Optimizer::RungeKutta(Arc::new(Tableau::named(name)?)),
        None => Optimizer::ALL.into_iter().find(|o| o.name() == method)?,
    };
    let recurrence = optimizer.symbolic_recurrence().ok()?;
    match momentum {
        None => Some(recurrence),
        Some(momentum) => {
            let value = |name: &str| (name == "m").then(|| momentum.clone());
            let mut given = recurrence.map(|c| c.substituted(&value))?;
            given.symbols.clear();
            Some(given)
        }
    }
}

fn verify_over<C: Exact>(
    document: &Value,
    method: &str,
    symbols: Vec<String>,
    known: Option<Recurrence<C>>,
) -> Result<VerifyReport, VerifyError> {
    let wrong = |member, expected: &str| VerifyError::Member { member, expected: expected.to_owned() };
    let written = match &document["recurrence"] {
        Value::Null => None,
        value => Some(recurrence::<C>(value, method, symbols.clone()).ok_or_else(|| {
            wrong("recurrence", "left, evaluations and right, with coefficients as text over the symbols")
        })?),
    };
    let mut failed = Vec::new();
    let mut fail = |step, reason| failed.push(VerifyFailure { step, rule: None, reason });
    let recurrence = match (written, known) {
        (Some(written), Some(known)) => {
            let named = Recurrence { symbols: known.symbols.clone(), ..written.clone() };
            if named != known || symbols != known.symbols {
                fail(None, format!("the recurrence is not that of {method}"));
            }
            written
        }
        (Some(only), None) => only,
        (None, Some(known)) if symbols == known.symbols => known,
        (None, _) => {
            return Err(wrong(
                "recurrence",
                &format!("nothing is known of an optimizer `{method}` with these symbols"),
            ));
        }
    };
    let steps = match &document["proof"] {
        Value::Array(_) => &document["proof"],
        _ => return Err(wrong("proof", "an array of steps, as derive --proof --format json writes it")),
    };
    let proof = read_proof::<C>(steps, recurrence)?;
    let orders = document["orders"].as_array().ok_or_else(|| wrong("orders", "an array of orders with their terms"))?;
    let report = check(&proof);
    if proof.steps.is_empty() {
        fail(None, "there are no steps".to_owned());
    }
    if orders.len() != proof.ends.len() {
        fail(None, format!("the document claims {} orders, its steps are about {}", orders.len(), proof.ends.len()));
    }
    let mut count = 0;
    for (n, order) in orders.iter().enumerate() {
        let end = proof.ends.get(n).copied();
        if order["order"].as_u64() != u64::try_from(n).ok() {
            fail(end, format!("order {n} is numbered {}", order["order"]));
        }
        let Some(claimed) = order["terms"].as_array() else {
            return Err(wrong("terms", &format!("an array of terms at order {n}")));
        };
        count += claimed.len();
        // Where the steps establish no field, the terms rest on nothing, and the step that failed is told.
        let Some(established) = report.equation.orders.get(n) else { continue };
        if let Err(reason) = same_terms(claimed, established) {
            fail(end, format!("order {n}: {reason}"));
        }
    }
    for failure in &report.failures {
        failed.push(VerifyFailure {
            step: Some(failure.step + 1),
            rule: failure.rule.map(|r| r.name().to_owned()),
            reason: failure.reason.clone(),
        });
    }
    failed.sort_by_key(|f| f.step);
    Ok(VerifyReport {
        steps: report.steps,
        method: method.to_owned(),
        orders: proof.ends.len(),
        terms: count,
        ok: failed.is_empty(),
        failed,
    })
}

/// Whether a document's terms are those established, in their order, in every member that states a fact.
fn same_terms<C: Exact>(claimed: &[Value], established: &[Term<C>]) -> Result<(), String> {
    for (place, value) in claimed.iter().enumerate() {
        let tree = &value["tree"];
        let levels = tree.as_array().map(|levels| {
            levels.iter().map(|l| l.as_u64().and_then(|l| u8::try_from(l).ok())).collect::<Option<Vec<u8>>>()
        });
        let levels = levels.flatten().filter(|l| Tree::from_levels(l).is_ok_and(|t| t.levels() == &l[..]));
        let levels = levels.ok_or_else(|| format!("{tree} is no tree as documents write them"))?;
        let found: C = coefficient(&value["coefficient"])
            .ok_or_else(|| format!("tree {tree} has the coefficient {}, no exact number", value["coefficient"]))?;
        let term = established
            .iter()
            .find(|t| t.tree.levels() == &levels[..])
            .ok_or_else(|| format!("the steps give no term with tree {tree}, the document has {found} times it"))?;
        if term.coefficient != found {
            return Err(format!(
                "the coefficient of tree {tree} is {found} in the document, but the steps give {}",
                term.coefficient
            ));
        }
        if value["principal"].as_bool() != Some(term.tree.is_principal()) {
            let is = if term.tree.is_principal() { "is" } else { "is not" };
            return Err(format!("tree {tree} {is} principal, the document has {}", value["principal"]));
        }
        if established.get(place).is_none_or(|t| t.tree != term.tree) {
            return Err(format!("tree {tree} is out of place or stands twice"));
        }
    }
    match established.get(claimed.len()) {
        Some(missing) => Err(format!(
            "the steps give {} times tree {:?}, which the document leaves out",
            missing.coefficient,
            missing.tree.levels()
        )),
        None => Ok(()),
    }
}

fn coefficient<C: Exact>(value: &Value) -> Option<C> {
    value.as_str()?.parse().ok()
}

fn recurrence<C: Exact>(value: &Value, method: &str, symbols: Vec<String>) -> Option<Recurrence<C>> {
    fn pairs<J: TryFrom<i64>, C: Exact>(value: &Value) -> Option<Vec<(J, C)>> {
        let pair = |pair: &Value| match pair.as_array()?.as_slice() {
            [j, c] => Some((J::try_from(j.as_i64()?).ok()?, coefficient(c)?)),
            _ => None,
        };
        value.as_array()?.iter().map(pair).collect()
    }
    let evaluation = |e: &Value| Some(Evaluation { at: pairs(&e["at"])?, minus_h_times: pairs(&e["minus_h_times"])? });
    Some(Recurrence {
        method: method.to_owned(),
        symbols,
        left: pairs(&value["left"])?,
        evaluations: value["evaluations"].as_array()?.iter().map(evaluation).collect::<Option<_>>()?,
        right: value["right"].as_array()?.iter().map(coefficient).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bea::egraph::{Limits, Proof, Proven, modified_equation_with_proof_for};
    use crate::bea::{ModifiedEquation, SeriesRoute, modified_equation_for};
    use crate::render::{Signed, json, proof::proof_json};

    fn written<C: Exact + Signed>(equation: &ModifiedEquation<C>, proof: &Proof<C>) -> Value {
        let document = json::equation(equation, &[]).with("recurrence", recurrence_json(&proof.recurrence));
        document.with("proof", proof_json(proof)).value()
    }

    fn document(method: &str, momentum: Option<&str>, order: usize) -> Value {
        let optimizer: Optimizer = method.parse().unwrap();
        let value = momentum.map(|m| m.parse::<Rational>().unwrap());
        let proven = modified_equation_with_proof_for(&optimizer, value.as_ref(), order, &Limits::default()).unwrap();
        let mut document = match &proven {
            Proven::Numbers(equation, proof) => written(equation, proof),
            Proven::Symbols(equation, proof) => written(equation, proof),
        };
        if let Some(momentum) = momentum {
            document["momentum"] = momentum.into();
        }
        let expected = modified_equation_for(&optimizer, value.as_ref(), order, SeriesRoute::Composition).unwrap();
        assert_eq!(document["orders"], json::orders(&expected), "{method}");
        document
    }

    #[test]
    fn proven_derivations_verify() {
        for (method, momentum, order) in [
            ("gradient-descent", None, 4),
            ("heavy-ball", None, 3),
            ("heavy-ball", Some("9/10"), 4),
            ("nesterov", Some("1/2"), 4),
            ("implicit-euler", None, 4),
            ("rk:midpoint", None, 3),
            ("rk:heun", None, 3),
            ("rk:ralston", None, 3),
            ("rk:implicit-midpoint", None, 3),
            (concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optimizers/bdf2.toml"), None, 4),
        ] {
            let report = verify(&document(method, momentum, order)).unwrap();
            assert_eq!(report.failed, [], "{method}");
            assert!(report.ok && report.orders == order + 1 && report.steps > 10);
        }
    }

    #[test]
    fn the_example_verifies() {
        // 1 + 1 + 2 + 4 trees, of which the corolla with three leaves has the Bernoulli number 0.
        let document = serde_json::from_str(include_str!("../../examples/proofs/order-3.json")).unwrap();
        let report = verify(&document).unwrap();
        assert!(report.ok && report.orders == 4 && report.terms == 7, "{report:?}");
    }

    #[test]
    fn tampered_documents_fail() {
        type Tamper = fn(&mut Value);
        let ways: [(&str, Tamper); 12] = [
            ("a coefficient", |d| d["orders"][2]["terms"][1]["coefficient"] = "1/12".into()),
            ("a tree", |d| d["orders"][2]["terms"][1]["tree"] = json!([0, 1, 2])),
            ("no tree", |d| d["orders"][2]["terms"][1]["tree"] = json!([0, 2])),
            ("principal", |d| d["orders"][2]["terms"][1]["principal"] = true.into()),
            ("a term left out", |d| drop(d["orders"][2]["terms"].as_array_mut().unwrap().pop())),
            ("a term twice", |d| {
                let term = d["orders"][2]["terms"][0].clone();
                d["orders"][2]["terms"].as_array_mut().unwrap().push(term);
            }),
            ("an order left out", |d| drop(d["orders"].as_array_mut().unwrap().pop())),
            ("an order more", |d| d["orders"].as_array_mut().unwrap().push(json!({"order": 3, "terms": []}))),
            ("an order's number", |d| d["orders"][1]["order"] = 2.into()),
            ("the last step left out", |d| drop(d["proof"].as_array_mut().unwrap().pop())),
            ("no steps", |d| d["proof"] = json!([])),
            ("the recurrence", |d| d["recurrence"]["right"][0] = "2".into()),
        ];
        for method in ["gradient-descent", "nesterov"] {
            let right = document(method, None, 2);
            assert!(verify(&right).unwrap().ok);
            for (name, tamper) in &ways {
                let mut wrong = right.clone();
                tamper(&mut wrong);
                let report = verify(&wrong).unwrap();
                assert!(!report.ok && !report.failed.is_empty(), "{method}: {name}");
            }
            let mut renamed = right.clone();
            renamed["method"] = "implicit-euler".into();
            assert!(verify(&renamed).map_or(true, |report| !report.ok));
        }
        // A name must not cover another optimizer's recurrence, whichever hyper-parameters it would leave open.
        for (of, name) in [("gradient-descent", "nesterov"), ("implicit-euler", "heavy-ball"), ("rk:heun", "nesterov")]
        {
            let mut renamed = document(of, None, 2);
            renamed["method"] = name.into();
            assert!(verify(&renamed).map_or(true, |report| !report.ok), "{of} as {name}");
        }
        let mut newer = document("gradient-descent", None, 1);
        newer["schema"] = 2.into();
        assert!(verify(&newer).unwrap_err().to_string().contains("schema"));
        for member in ["method", "symbols", "orders", "proof"] {
            let mut wrong = document("gradient-descent", None, 1);
            wrong[member] = Value::Null;
            assert!(verify(&wrong).unwrap_err().to_string().contains(member));
        }
        assert!(verify(&json!(3)).is_err());
    }
}
