//! Derivations in the exact syntax that machines check.

use crate::series::egraph::{Exact, Proof, ProofTerm};
use serde_json::{Value, json};
use std::fmt::Write;

/// The derivation as a JSON array of steps, in the exact syntax of `docs/proofs.md`.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::proof::proof_json;
/// use shadowflow::series::derive;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 0).proof(true).run()?;
/// let proof = derived.proof.unwrap();
/// let json = proof_json(&proof);
/// assert_eq!(json[0]["before"], "(coefficient 1)");
/// assert_eq!(json[0]["rule"], "taylor");
/// assert_eq!(json[0]["after"], "(power 1 0)");
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn proof_json<C: Exact>(proof: &Proof<C>) -> Value {
    let exact = exact(proof);
    let mut steps = Vec::with_capacity(proof.steps.len());
    for n in 0..proof.ends.len() {
        for index in proof.order(n) {
            let step = &proof.steps[index];
            let mut object = json!({
                "step": index + 1,
                "order": n,
                "before": exact[step.before.index()],
                "rule": step.rule.name(),
                "after": exact[step.after.index()],
            });
            if !step.uses.is_empty() {
                object["uses"] = step.uses.iter().map(|link| json!([link.first + 1, link.last + 1])).collect();
            }
            if step.backward {
                object["backward"] = Value::Bool(true);
            }
            steps.push(object);
        }
    }
    Value::Array(steps)
}

/// All terms in the exact syntax, by index.
fn exact<C: Exact>(proof: &Proof<C>) -> Vec<String> {
    let mut done: Vec<String> = Vec::with_capacity(proof.terms().len());
    for term in proof.terms() {
        let mut text = String::from("(");
        let _ = match term {
            ProofTerm::Coefficient(k) => write!(text, "coefficient {k}"),
            ProofTerm::Gradient(i, m) => write!(text, "gradient {i} {m}"),
            ProofTerm::Shift(i, m) => write!(text, "shift {i} {m}"),
            ProofTerm::Power(i, m) => write!(text, "power {i} {m}"),
            ProofTerm::Field(n) => write!(text, "field {n}"),
            ProofTerm::Lie(f, x) => write!(text, "lie {} {}", done[f.index()], done[x.index()]),
            ProofTerm::Diff(children) => {
                text.push_str("diff");
                children.iter().try_for_each(|c| write!(text, " {}", done[c.index()]))
            }
            ProofTerm::Sum(terms) => {
                text.push_str("sum");
                terms.iter().try_for_each(|(c, child)| write!(text, " {} {}", exact_number(c), done[child.index()]))
            }
        };
        text.push(')');
        done.push(text);
    }
    done
}

/// A coefficient as one word: bare if it is `p` or `p/q`, otherwise in braces.
fn exact_number<C: Exact>(c: &C) -> String {
    let text = c.to_string();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'/');
    if plain { text } else { format!("{{{text}}}") }
}
