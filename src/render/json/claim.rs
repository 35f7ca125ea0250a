//! The document of `claim`.

use super::Document;
use crate::claim::{Derived, Difference, Verdict};
use crate::render::text;
use crate::warning::Warning;
use serde_json::{Value, json};

/// The document of verdicts: each claim with `ok`, its differences and the right formula; `ok` of the whole is whether all
/// verdicts are as `expected`. A claim without a verdict has `"ok": null`, and a warning `no-verdict` says why.
#[must_use]
pub fn claims(verdicts: &[Verdict]) -> Document {
    claims_of(verdicts, verdicts.len(), &verdicts.iter().filter_map(Verdict::warning).collect::<Vec<_>>())
}

/// [`claims`] of the first of `total` claims, the others being null, with these warnings.
#[must_use]
pub fn claims_of(verdicts: &[Verdict], total: usize, warnings: &[Warning]) -> Document {
    let difference = |d: &Difference| {
        let mut value = json!({
            "tree": d.tree.as_ref().map(|t| t.levels().to_vec()),
            "claimed": d.claimed,
            "derived": d.derived,
        });
        if let Some(term) = &d.term {
            value["term"] = term.as_str().into();
        }
        if let Some(order) = d.order {
            value["order"] = order.into();
        }
        value
    };
    let claim = |v: &Verdict| {
        let derived: Vec<String> = match &v.derived {
            Derived::Function(left, right) => vec![format!("{left} = {right}")],
            Derived::Orders { orders, .. } => {
                orders.iter().map(|(n, terms)| format!("f_{n} = {}", text::claim_sum(terms))).collect()
            }
        };
        let mut value = json!({
            "claim": v.claim,
            "method": v.method,
            "ok": v.open.is_none().then(|| v.ok()),
            "expected": v.expected,
            "differences": v.differences.iter().map(difference).collect::<Value>(),
            "derived": derived,
        });
        if let Some(digits) = v.digits.filter(|_| v.ok()) {
            value["digits"] = digits.into();
        }
        value
    };
    let missing = (verdicts.len()..total).map(|_| Value::Null);
    Document::new()
        .with("claims", verdicts.iter().map(claim).chain(missing).collect())
        .with("ok", verdicts.iter().all(Verdict::as_expected).into())
        .with_warnings(warnings)
}
