//! Reading a derivation back from its JSON form, which `docs/proofs.md` describes.

use crate::optimizer::Recurrence;
use crate::series::egraph::{Exact, Link, Proof, ProofTerm, Rule, Step, TermId};
use serde_json::Value;

/// What a step may hold.
const MEMBERS: [&str; 7] = ["step", "order", "before", "rule", "after", "uses", "backward"];

/// Why a JSON value is no derivation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadProofError {
    /// It is no array.
    #[error("a proof is an array of steps")]
    NoArray,
    /// A member of a step is missing or no such thing as it should be.
    #[error("step {step} of the proof needs `{member}`: {expected}")]
    Member {
        /// Number of the step, from 1.
        step: usize,
        /// The member.
        member: &'static str,
        /// What it should be.
        expected: String,
    },
    /// A step has a member that means nothing, so that nothing vouches for it.
    #[error("step {step} of the proof cannot have a member `{member}`; known are {}", MEMBERS.join(", "))]
    Unknown {
        /// Number of the step, from 1.
        step: usize,
        /// The member.
        member: String,
    },
    /// A term cannot be read.
    #[error("step {step} of the proof, `{member}`, character {position}: {problem}")]
    Term {
        /// Number of the step, from 1.
        step: usize,
        /// `before` or `after`.
        member: &'static str,
        /// Where in the text, in characters from 1.
        position: usize,
        /// What is wrong there.
        problem: String,
    },
}

/// Reads the array of steps that [`proof_json`](super::proof_json) writes, of a proof about `recurrence`.
///
/// Nothing is checked but the syntax; see [`check`](super::check::check) for the rest.
///
/// # Errors
/// [`ReadProofError`] with the step and the place.
pub fn read_proof<C: Exact>(json: &Value, recurrence: Recurrence<C>) -> Result<Proof<C>, ReadProofError> {
    let steps = json.as_array().ok_or(ReadProofError::NoArray)?;
    let mut proof = Proof::new(recurrence);
    let mut orders = 0;
    for (index, object) in steps.iter().enumerate() {
        let number = index + 1;
        let wrong = |member, expected: String| ReadProofError::Member { step: number, member, expected };
        if object["step"].as_u64() != u64::try_from(number).ok() {
            return Err(wrong("step", format!("the number {number}, as steps count from 1")));
        }
        let mut members = object.as_object().into_iter().flatten().map(|(member, _)| member);
        if let Some(unknown) = members.find(|member| !MEMBERS.contains(&member.as_str())) {
            return Err(ReadProofError::Unknown { step: number, member: unknown.clone() });
        }
        let order = object["order"].as_u64().and_then(|n| usize::try_from(n).ok());
        match order {
            Some(n) if n == orders => {
                if index > 0 {
                    proof.ends.push(index);
                }
                orders += 1;
            }
            Some(n) if orders.checked_sub(1) == Some(n) => {}
            _ => return Err(wrong("order", "that of the step before or the next one, from 0".to_owned())),
        }
        let rule = object["rule"].as_str().and_then(Rule::from_name).ok_or_else(|| {
            let names: Vec<&str> = Rule::ALL.iter().map(|r| r.name()).collect();
            wrong("rule", format!("one of {}", names.join(", ")))
        })?;
        let mut side = |member: &'static str| {
            let text = object[member].as_str().ok_or_else(|| wrong(member, "a term".to_owned()))?;
            read_term(&mut proof, text).map_err(|(position, problem)| ReadProofError::Term {
                step: number,
                member,
                position,
                problem,
            })
        };
        let (before, after) = (side("before")?, side("after")?);
        let backward = match object.get("backward") {
            None => false,
            Some(Value::Bool(backward)) => *backward,
            Some(_) => return Err(wrong("backward", "true or false".to_owned())),
        };
        let uses = object.get("uses").map_or_else(|| Some(Vec::new()), links);
        let uses = uses.ok_or_else(|| wrong("uses", "an array of pairs [first, last] of step numbers".to_owned()))?;
        proof.steps.push(Step { before, rule, after, backward, uses });
    }
    if !proof.steps.is_empty() {
        proof.ends.push(proof.steps.len());
    }
    Ok(proof)
}

fn links(json: &Value) -> Option<Vec<Link>> {
    let index = |number: &Value| usize::try_from(number.as_u64()?.checked_sub(1)?).ok();
    let pairs = json.as_array()?.iter();
    pairs
        .map(|pair| match pair.as_array()?.as_slice() {
            [first, last] => Some(Link { first: index(first)?, last: index(last)? }),
            _ => None,
        })
        .collect()
}

/// An open bracket: its word, its place and what it holds so far.
struct Open<C> {
    word: String,
    position: usize,
    numbers: Vec<Number<C>>,
    children: Vec<TermId>,
}

/// A number as written, and as a coefficient.
struct Number<C> {
    text: String,
    value: C,
}

/// Reads one term, `(word argument …)`, without recursion.
fn read_term<C: Exact>(proof: &mut Proof<C>, text: &str) -> Result<TermId, (usize, String)> {
    let mut open: Vec<Open<C>> = Vec::new();
    let mut tokens = tokens(text).into_iter().peekable();
    while let Some((position, token)) = tokens.next() {
        match token {
            "(" => {
                let word = match tokens.next() {
                    Some((_, word)) if word != "(" && word != ")" => word.to_owned(),
                    _ => return Err((position, "expected a word after the bracket".to_owned())),
                };
                open.push(Open { word, position, numbers: Vec::new(), children: Vec::new() });
            }
            ")" => {
                let closed = open.pop().ok_or_else(|| (position, "this bracket closes nothing".to_owned()))?;
                let place = closed.position;
                let term = term(closed).map_err(|problem| (place, problem))?;
                let id = proof.intern(term);
                match (open.last_mut(), tokens.peek()) {
                    (Some(parent), _) => parent.children.push(id),
                    (None, None) => return Ok(id),
                    (None, Some((position, _))) => return Err((*position, "nothing may follow the term".to_owned())),
                }
            }
            word => {
                let top = open.last_mut().ok_or_else(|| (position, "a term starts with a bracket".to_owned()))?;
                let number = number(word).ok_or_else(|| (position, format!("`{word}` is no exact number p or p/q")))?;
                // In a sum numbers and terms alternate; elsewhere numbers stand alone.
                if top.word == "sum" && top.numbers.len() != top.children.len() {
                    return Err((position, "expected the term that the coefficient belongs to".to_owned()));
                }
                top.numbers.push(number);
            }
        }
    }
    Err((text.chars().count() + 1, "expected a term with all its brackets closed".to_owned()))
}

/// A number `p` or `p/q`, or in braces an expression in hyper-parameters.
fn number<C: Exact>(word: &str) -> Option<Number<C>> {
    let inside = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let plain = || word.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'/');
    let text = inside.or_else(|| plain().then_some(word))?;
    Some(Number { text: text.to_owned(), value: text.parse().ok()? })
}

/// The term that a bracket stands for.
fn term<C: Exact>(open: Open<C>) -> Result<ProofTerm<C>, String> {
    let Open { word, numbers, children, .. } = open;
    let small = |number: &Number<C>| number.text.parse::<usize>().ok();
    let term = match (word.as_str(), &numbers[..], &children[..]) {
        ("coefficient", [k], []) => small(k).map(ProofTerm::Coefficient),
        ("gradient", [i, m], []) => small(i).zip(small(m)).map(|(i, m)| ProofTerm::Gradient(i, m)),
        ("shift", [i, m], []) => small(i).zip(small(m)).map(|(i, m)| ProofTerm::Shift(i, m)),
        ("power", [i, m], []) => small(i).zip(small(m)).map(|(i, m)| ProofTerm::Power(i, m)),
        ("field", [n], []) => small(n).map(ProofTerm::Field),
        ("diff", [], children) => Some(ProofTerm::Diff(children.to_vec())),
        ("lie", [], [f, x]) => Some(ProofTerm::Lie(*f, *x)),
        ("sum", numbers, children) if numbers.len() == children.len() => {
            Some(ProofTerm::Sum(numbers.iter().map(|n| n.value.clone()).zip(children.iter().copied()).collect()))
        }
        ("coefficient" | "gradient" | "shift" | "power" | "field" | "diff" | "lie" | "sum", ..) => None,
        _ => return Err(format!("`{word}` is none of coefficient, gradient, shift, power, field, diff, sum, lie")),
    };
    term.ok_or_else(|| format!("`{word}` has wrong arguments"))
}

/// Brackets and words, each with its place in characters from 1.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let mut word: Option<(usize, usize)> = None;
    let mut braced = false;
    for (position, (at, c)) in text.char_indices().enumerate() {
        braced = c == '{' || (braced && c != '}');
        let separates = !braced && (c == '(' || c == ')' || c.is_whitespace());
        if separates && let Some((place, start)) = word.take() {
            tokens.push((place, &text[start..at]));
        }
        if !c.is_whitespace() && separates {
            tokens.push((position + 1, &text[at..=at]));
        } else if !separates && word.is_none() {
            word = Some((position + 1, at));
        }
    }
    if let Some((place, start)) = word {
        tokens.push((place, &text[start..]));
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::BoundOptimizer;
    use crate::proof::check::check;
    use crate::proof::proof_json;
    use crate::random::Random;
    use crate::series::egraph::Proof;
    use crate::series::{ModifiedEquation, derive};
    use serde_json::json;

    fn proven(order: usize) -> (ModifiedEquation, Proof) {
        let derived = derive(&BoundOptimizer::gradient_descent(), order).proof(true).run().unwrap();
        (derived.equation, derived.proof.unwrap())
    }

    #[test]
    fn what_is_written_reads_back_and_checks() {
        let (equation, proof) = proven(5);
        let text = proof_json(&proof).to_string();
        let read = read_proof(&serde_json::from_str(&text).unwrap(), proof.recurrence.clone()).unwrap();
        assert_eq!(proof_json(&read).to_string(), text);
        let report = check(&read);
        assert_eq!((report.failures, report.equation), (vec![], equation));
    }

    /// Whatever a proof says, reading and checking it ends with an answer, and a change that is read is either harmless or found.
    #[test]
    fn mutated_proofs_neither_panic_nor_prove_something_else() {
        let (equation, proof) = proven(3);
        let text = proof_json(&proof).to_string().into_bytes();
        let mut random = Random::new(1, 0);
        let mut checked = 0;
        for _ in 0..2_000 {
            let mut wrong = text.clone();
            let at = random.below(wrong.len());
            match random.below(3) {
                0 => wrong[at] = b"0123456789()/- "[random.below(15)],
                1 => drop(wrong.remove(at)),
                _ => wrong.insert(at, b"0123456789()/- "[random.below(15)]),
            }
            let Ok(json) = serde_json::from_slice(&wrong) else { continue };
            let Ok(read) = read_proof(&json, proof.recurrence.clone()) else { continue };
            let report = check(&read);
            assert!(!report.is_ok() || report.equation == equation);
            checked += 1;
        }
        assert!(checked > 100, "{checked}");
    }

    fn step(before: &str) -> Value {
        json!([{"step": 1, "order": 0, "before": before, "rule": "collect", "after": "(diff)"}])
    }

    #[test]
    fn malformed_terms_are_told_with_their_place() {
        for (text, position, problem) in [
            ("", 1, "closed"),
            ("diff", 1, "starts with a bracket"),
            ("(diff (diff)", 13, "closed"),
            ("(diff))", 7, "nothing may follow"),
            (")", 1, "closes nothing"),
            ("(θ̃ 1)", 1, "none of"),
            ("(diff 1)", 1, "wrong arguments"),
            ("(sum 1 2 (diff))", 8, "coefficient belongs"),
            ("(sum (diff))", 1, "wrong arguments"),
            ("(sum 1e9 (diff))", 6, "no exact number"),
            ("(sum 1/0 (diff))", 6, "no exact number"),
            ("(field -1)", 1, "wrong arguments"),
            ("(field 99999999999999999999999999)", 1, "wrong arguments"),
            ("(())", 1, "expected a word"),
        ] {
            match read_proof(&step(text), Recurrence::gradient_descent()) {
                Err(ReadProofError::Term { position: p, problem: q, step: 1, member: "before" }) => {
                    assert_eq!(p, position, "{text}: {q}");
                    assert!(q.contains(problem), "{text}: {q}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        // Depth is no problem, here or in the check.
        let deep = "(diff ".repeat(100_000) + &")".repeat(100_000);
        assert!(!check(&read_proof(&step(&deep), Recurrence::gradient_descent()).unwrap()).is_ok());
    }

    #[test]
    fn malformed_steps_are_told_with_their_member() {
        let mut cases = vec![(json!({}), "array")];
        for (member, value) in [
            ("step", json!(2)),
            ("order", json!(1)),
            ("rule", json!("magic")),
            ("before", json!(3)),
            ("uses", json!([1])),
        ] {
            let mut proof = step("(diff)");
            proof[0][member] = value;
            cases.push((proof, member));
        }
        for (proof, word) in cases {
            let error = read_proof(&proof, Recurrence::gradient_descent()).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
