//! Derivations as numbered text.

use super::{formulas, notation, reason};
use crate::formula::{Formula, Symbol, Symbols, text_terms};
use crate::series::egraph::{Exact, Proof, Rule};
use std::fmt::Write;

/// Columns that lines of text keep within where they can be broken.
const WIDTH: usize = 110;

/// The left-hand side beyond which `= …` goes to a line of its own.
const LONGEST_LEFT: usize = 48;

/// The derivation as text, one numbered line per step with its rule, a chain of equalities aligned as in a paper.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::proof::proof_text;
/// use shadowflow::series::derive;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 1).proof(true).run()?;
/// let proof = derived.proof.unwrap();
/// let text = proof_text(&proof);
/// assert!(text.contains("f_1 = -1/2 H g   (solving for f_1"));
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn proof_text<C: Exact>(proof: &Proof<C>) -> String {
    let terms = formulas(proof);
    let symbols = Symbols::default();
    let digits = proof.steps.len().to_string().len();
    let mut out = String::new();
    for line in notation(proof) {
        let _ = writeln!(out, "{}", line.text(&symbols));
    }
    for n in 0..proof.ends.len() {
        let _ = write!(
            out,
            "\nOrder {n}: f_{n} from the coefficient of {}\n\n",
            Formula::from(Symbol::Step).power(n as u64 + 1)
        );
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
                let left = pieces(&terms[step.before.index()]);
                indent = left.iter().map(|piece| width(piece)).sum::<usize>() + 1;
                if indent > LONGEST_LEFT {
                    indent = 4;
                    push_wrapped(&mut out, &line, &left, margin + 2);
                    out.push('\n');
                    line = " ".repeat(margin + indent);
                } else {
                    line.push_str(&left.concat());
                    line.push(' ');
                }
            }
            line.push_str("= ");
            let mut right = pieces(&terms[step.after.index()]);
            if let Some(last) = right.last_mut() {
                last.push_str("   ");
            }
            right.push(format!("({})", reason(proof, step).text(&symbols)));
            push_wrapped(&mut out, &line, &right, margin + indent + 2);
            out.push('\n');
        }
    }
    out
}

/// The width on a screen: the tilde of θ̃ takes no column.
fn width(text: &str) -> usize {
    text.chars().filter(|&c| c != '\u{303}').count()
}

/// Appends `prefix` and pieces of text, broken between them.
fn push_wrapped(out: &mut String, prefix: &str, pieces: &[String], indent: usize) {
    out.push_str(prefix);
    let mut column = width(prefix);
    let mut first = true;
    for piece in pieces {
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

/// The terms of a formula, each but the first with its sign.
fn pieces(formula: &Formula) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for (negative, term) in text_terms(formula, &Symbols::default()) {
        match pieces.last_mut() {
            Some(last) => {
                last.push(' ');
                pieces.push(format!("{} {term}", if negative { '-' } else { '+' }));
            }
            None => pieces.push(if negative { format!("-{term}") } else { term }),
        }
    }
    pieces
}
