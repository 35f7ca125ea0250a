//! Derivations as numbered text for people and as JSON for machines.

use super::Signed;
use crate::optimizer::Recurrence;
use crate::series::egraph::{Exact, Link, Proof, ProofTerm, Rule, Step, TermId};
use serde_json::{Value, json};
use std::fmt::Write;

/// Columns that lines of text keep within where they can be broken.
const WIDTH: usize = 110;

/// The left-hand side beyond which `= …` goes to a line of its own.
const LONGEST_LEFT: usize = 48;

/// What the symbols mean, and what is asked of the flow.
fn notation<C: Exact + Signed>(proof: &Proof<C>) -> String {
    let recurrence = &proof.recurrence;
    let mut text = String::from(
        "\
Notation. g, H and T are the gradient, the Hessian and the third derivative of E; E4, E5, … are the higher ones, and
T[u, v] is T contracted with u and v. θ̃ is the modified flow from θ̃(0) = θ, so that θ̃' = f_0 + h f_1 + h^2 f_2 + …;
its time derivatives θ̃', θ̃'', … are taken at time 0. [h^m] x is the coefficient of h^m in x, and L_fk(x) is the
derivative of x along f_k. ",
    );
    if is_gradient_descent(recurrence) {
        text.push_str("The step to be matched is θ̃(h) = θ - h g.\n");
        return text;
    }
    let _ = writeln!(text, "The optimizer is {}.", recurrence.method);
    let right = recurrence.right.iter().enumerate().map(|(i, b)| (b.negated(), gradient_name(recurrence, i)));
    let right: Vec<(C, String)> = right.filter(|(b, _)| !b.is_zero()).collect();
    let right = sum_text(right.iter().map(|(b, name)| (b, format!("h {name}"))));
    if is_one_step(recurrence) {
        let _ = writeln!(text, "The step to be matched is θ̃(h) = θ{}.", continued(&right));
    } else {
        let left = sum_text(recurrence.left.iter().map(|(j, a)| (a, flow_name(*j))));
        let _ = writeln!(text, "The recurrence to be matched is Θ(h) = {right} with Θ(h) = {left}.");
    }
    for (i, evaluation) in recurrence.evaluations.iter().enumerate() {
        let name = evaluation_name(recurrence, i);
        if gradient_name(recurrence, i) == "g" {
            continue;
        }
        let mut at = sum_text(evaluation.at.iter().map(|(k, c)| (c, flow_name(*k))));
        let stages: Vec<(C, String)> =
            evaluation.minus_h_times.iter().map(|(l, d)| (d.negated(), gradient_name(recurrence, *l))).collect();
        if !stages.is_empty() {
            at.push_str(&continued(&sum_text(stages.iter().map(|(d, name)| (d, format!("h {name}"))))));
        }
        let _ = writeln!(text, "g{name} is the gradient at {at}, which is θ + δ{name}.");
    }
    text
}

/// A sum as it goes on after other terms.
fn continued(sum: &str) -> String {
    match sum.strip_prefix('-') {
        Some(rest) => format!(" - {rest}"),
        None => format!(" + {sum}"),
    }
}

fn flow_name(j: i32) -> String {
    match j {
        0 => "θ".to_owned(),
        1 => "θ̃(h)".to_owned(),
        -1 => "θ̃(-h)".to_owned(),
        j => format!("θ̃({j}h)"),
    }
}

/// Whether the recurrence speaks of one step from θ.
pub(super) fn is_one_step<C: Exact>(recurrence: &Recurrence<C>) -> bool {
    let pairs: Vec<(i32, &C)> = recurrence.left.iter().map(|(j, a)| (*j, a)).filter(|(_, a)| !a.is_zero()).collect();
    pairs.len() == 2
        && pairs.iter().all(|(j, a)| (*j == 1 && **a == C::one()) || (*j == 0 && **a == C::one().negated()))
}

/// Whether it is that of gradient descent.
pub(super) fn is_gradient_descent<C: Exact>(recurrence: &Recurrence<C>) -> bool {
    is_one_step(recurrence) && recurrence.right == [C::one()] && gradient_name(recurrence, 0) == "g"
}

/// `1`, `2`, … where several gradients are taken elsewhere than at θ, a mark where it is one.
pub(super) fn evaluation_name<C: Exact>(recurrence: &Recurrence<C>, i: usize) -> String {
    if recurrence.evaluations.len() == 1 { "*".to_owned() } else { (i + 1).to_string() }
}

/// `g` for a gradient taken at θ, else its name.
pub(super) fn gradient_name<C: Exact>(recurrence: &Recurrence<C>, i: usize) -> String {
    let displaced = recurrence.evaluations.get(i).is_some_and(|e| {
        e.at.iter().any(|(k, c)| *k != 0 && !c.is_zero()) || e.minus_h_times.iter().any(|(_, d)| !d.is_zero())
    });
    if displaced { format!("g{}", evaluation_name(recurrence, i)) } else { "g".to_owned() }
}

/// The derivation as text, one numbered line per step with its rule, a chain of equalities aligned as in a paper.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::series::derive;
/// use shadowflow::render::proof::proof_text;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 1).proof(true).run()?;
/// let proof = derived.proof.unwrap();
/// let text = proof_text(&proof);
/// assert!(text.contains("f_1 = -1/2 H g   (solving for f_1"));
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn proof_text<C: Exact + Signed>(proof: &Proof<C>) -> String {
    let terms = spelt(proof);
    let text = |id: TermId| terms[id.index()].text.as_str();
    let digits = proof.steps.len().to_string().len();
    let mut out = notation(proof);
    for n in 0..proof.ends.len() {
        let _ = write!(out, "\nOrder {n}: f_{n} from the coefficient of {}\n\n", power_of_h(n + 1));
        let range = proof.order(n);
        let mut indent = 0;
        for index in range.clone() {
            let step = &proof.steps[index];
            let number = format!("{:>width$}. ", index + 1, width = digits + 1);
            let margin = number.len();
            // A solution stands alone: it is no link of the chain above it.
            let continues =
                index > range.start && step.rule != Rule::Solve && proof.steps[index - 1].after == step.before;
            let mut line = number;
            if continues {
                line.push_str(&" ".repeat(indent));
            } else {
                let left = text(step.before);
                indent = width(left) + 1;
                if indent > LONGEST_LEFT {
                    indent = 4;
                    push_wrapped(&mut out, &line, left, margin + 2);
                    out.push('\n');
                    line = " ".repeat(margin + indent);
                } else {
                    line.push_str(left);
                    line.push(' ');
                }
            }
            line.push_str("= ");
            let right = format!("{}   ({})", text(step.after), reason(proof, step));
            push_wrapped(&mut out, &line, &right, margin + indent + 2);
            out.push('\n');
        }
    }
    out
}

/// Why a step holds, in words.
fn reason<C: Exact>(proof: &Proof<C>, step: &Step) -> String {
    let by = |uses: &[Link]| uses.iter().map(|link| steps(*link)).collect::<Vec<_>>().join(", ");
    let words = match step.rule {
        Rule::Taylor => "Taylor expansion",
        Rule::Update if is_gradient_descent(&proof.recurrence) => "gradient descent step, θ̃(h) = θ - h g",
        Rule::Update => return format!("step of {}", proof.recurrence.method),
        Rule::Displacement => "where this gradient is taken",
        Rule::Expansion => "Taylor expansion of g about θ",
        Rule::Flow => "definition of the modified flow",
        Rule::Series => "time derivative along the modified flow",
        Rule::Linearity => "linearity",
        Rule::Chain => "chain rule",
        Rule::Product => "product rule",
        Rule::Multilinearity => "multilinearity",
        Rule::Symmetry => "symmetry",
        Rule::Collect => "collecting like terms",
        Rule::Substitution => return format!("by {}", by(&step.uses)),
        Rule::Solve => {
            let unknown = match proof.term(step.before) {
                ProofTerm::Field(n) => format!("f_{n}"),
                _ => "it".to_owned(),
            };
            return format!("solving for {unknown}, by {}", by(&step.uses));
        }
    };
    if step.backward { format!("{words}, backwards") } else { words.to_owned() }
}

fn steps(link: Link) -> String {
    if link.first == link.last {
        format!("{}", link.first + 1)
    } else {
        format!("{}–{}", link.first + 1, link.last + 1)
    }
}

/// The width on a screen: the tilde of θ̃ takes no column.
fn width(text: &str) -> usize {
    text.chars().filter(|&c| c != '\u{303}').count()
}

/// Appends `prefix` and `text`, broken between the terms of a sum that stands outside all brackets.
fn push_wrapped(out: &mut String, prefix: &str, text: &str, indent: usize) {
    out.push_str(prefix);
    let mut column = width(prefix);
    let mut first = true;
    for piece in pieces(text) {
        let size = width(piece);
        if !first && column + size > WIDTH {
            while out.ends_with(' ') {
                out.pop();
            }
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        }
        out.push_str(piece);
        column += size;
        first = false;
    }
}

/// Cuts before every `+ ` and `- ` and before a reason, outside brackets.
fn pieces(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let (mut depth, mut start, mut result) = (0_usize, 0, Vec::new());
    for (i, &byte) in bytes.iter().enumerate() {
        let breaks = match byte {
            b'+' | b'-' => bytes.get(i + 1) == Some(&b' ') && i > 0 && bytes[i - 1] == b' ',
            b'(' => i > 1 && bytes[i - 1] == b' ' && bytes[i - 2] == b' ',
            _ => false,
        };
        if breaks && depth == 0 {
            result.push(&text[start..i]);
            start = i;
        }
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    result.push(&text[start..]);
    result
}

/// A term as text, and what its context needs to know of it.
struct Spelt {
    text: String,
    /// `H^p base` as `(p, base)`.
    power: Option<(usize, String)>,
    /// Whether it is a sum other than a lone term with coefficient 1.
    sum: bool,
}

impl Spelt {
    fn atom(text: String) -> Self {
        Self { text, power: None, sum: false }
    }

    /// The text as a factor.
    fn factor(&self) -> String {
        if self.sum { format!("({})", self.text) } else { self.text.clone() }
    }
}

/// All terms as text, by index: children come first.
fn spelt<C: Exact + Signed>(proof: &Proof<C>) -> Vec<Spelt> {
    let mut done: Vec<Spelt> = Vec::with_capacity(proof.terms().len());
    let left = if is_one_step(&proof.recurrence) { "θ̃(h)" } else { "Θ(h)" };
    let name = |i: usize| evaluation_name(&proof.recurrence, i);
    for term in proof.terms() {
        let spelt = match term {
            ProofTerm::Coefficient(k) => Spelt::atom(format!("[{}] {left}", power_of_h(*k))),
            ProofTerm::Gradient(i, 0) => Spelt::atom(format!("[1] g{}", name(*i))),
            ProofTerm::Gradient(i, m) => Spelt::atom(format!("[{}] g{}", power_of_h(*m), name(*i))),
            ProofTerm::Shift(i, m) => Spelt::atom(format!("[{}] δ{}", power_of_h(*m), name(*i))),
            ProofTerm::Power(i, m) if *i <= 3 => Spelt::atom(format!("[{}] θ̃{}", power_of_h(*m), "'".repeat(*i))),
            ProofTerm::Power(i, m) => Spelt::atom(format!("[{}] θ̃^({i})", power_of_h(*m))),
            ProofTerm::Field(n) => Spelt::atom(format!("f_{n}")),
            ProofTerm::Diff(children) => match &children[..] {
                [] => Spelt::atom("g".to_owned()),
                [child] => {
                    let child = &done[child.index()];
                    let (p, base) = child.power.clone().unwrap_or_else(|| (0, child.factor()));
                    let hessians = if p == 0 { "H".to_owned() } else { format!("H^{}", p + 1) };
                    let gap = if base.starts_with('(') { "" } else { " " };
                    Spelt { text: format!("{hessians}{gap}{base}"), power: Some((p + 1, base)), sum: false }
                }
                _ => {
                    let name = if children.len() == 2 { "T".to_owned() } else { format!("E{}", children.len() + 1) };
                    let inside: Vec<&str> = children.iter().map(|c| done[c.index()].text.as_str()).collect();
                    Spelt::atom(format!("{name}[{}]", inside.join(", ")))
                }
            },
            ProofTerm::Lie(f, x) => {
                let field = match proof.term(*f) {
                    ProofTerm::Field(n) => format!("f{n}"),
                    _ => format!("{{{}}}", done[f.index()].text),
                };
                Spelt::atom(format!("L_{field}({})", done[x.index()].text))
            }
            ProofTerm::Sum(terms) => {
                let text = sum_text(terms.iter().map(|(c, child)| (c, done[child.index()].factor())));
                let sum = !matches!(&terms[..], []) && !matches!(&terms[..], [(one, _)] if *one == C::one());
                Spelt { text, power: None, sum }
            }
        };
        done.push(spelt);
    }
    done
}

fn power_of_h(k: usize) -> String {
    if k == 1 { "h".to_owned() } else { format!("h^{k}") }
}

fn sum_text<'a, C: Signed + 'a>(terms: impl Iterator<Item = (&'a C, String)>) -> String {
    let mut out = String::new();
    for (coefficient, factor) in terms {
        let (negative, size) = coefficient.sign_and_size();
        let sign = match (out.is_empty(), negative) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        let gap = size.map(|size| size + " ").unwrap_or_default();
        let _ = write!(out, "{sign}{gap}{factor}");
    }
    if out.is_empty() { "0".to_owned() } else { out }
}

/// The derivation as a JSON array of steps, in the exact syntax of `docs/proofs.md`.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::series::derive;
/// use shadowflow::render::proof::proof_json;
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
