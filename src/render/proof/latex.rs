//! Derivations in LaTeX, one `align*` an order, each line with its reason.

use super::layout::Rows;
use super::{formulas, notation, reason};
use crate::formula::{Spelling, Symbols};
use crate::render::latex::align;
use crate::series::egraph::{Exact, Proof, Rule, TermId};
use std::ops::Range;

/// The highest order that is written: beyond, formulas do not fit a page.
pub const MAX_LATEX_ORDER: usize = 4;

/// The derivation in LaTeX; it needs `amsmath` and nothing else.
///
/// Consecutive steps by one rule are one line, unless others refer to what stands between them; a line is tagged with the
/// number of its last step.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::proof::proof_latex;
/// use shadowflow::series::derive;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 1).proof(true).run()?;
/// let proof = derived.proof.unwrap();
/// let latex = proof_latex(&proof);
/// assert_eq!(latex.matches("\\begin{align*}").count(), 2);
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn proof_latex<C: Exact>(proof: &Proof<C>) -> String {
    let terms = formulas(proof);
    let spelling = Spelling::default();
    let symbols = Symbols::default();
    let mut cited = vec![false; proof.steps.len() + 1];
    for link in proof.steps.iter().flat_map(|s| &s.uses) {
        for border in [link.first, link.last + 1] {
            if let Some(place) = cited.get_mut(border) {
                *place = true;
            }
        }
    }
    let method = |c: &char| c.is_ascii_alphanumeric() || " -:./".contains(*c);
    let method: String = proof.recurrence.method.chars().filter(method).collect();
    let lines: Vec<String> = notation(proof).iter().map(|line| line.latex(&spelling)).collect();
    let mut out = format!("% {method}\n\\noindent {}\n", lines.join("\n"));
    for n in 0..proof.ends.len() {
        out.push_str(&format!("\n% Order {n}: f_{n} from the coefficient of h^{}\n", n + 1));
        let range = proof.order(n);
        let written = |id: TermId| spelling.latex_terms(&terms[id.index()]);
        let lefts = range.clone().map(|at| written(proof.steps[at].before));
        let mut rows = Rows::new(lefts);
        let mut at = range.start;
        while at < range.end {
            let last = gathered(proof, &cited, at, &range);
            let (step, end) = (&proof.steps[at], &proof.steps[last]);
            let continues = at > range.start && step.rule != Rule::Solve && proof.steps[at - 1].after == step.before;
            let left = if continues { Vec::new() } else { written(step.before) };
            let why = reason(proof, end);
            let characters = why.text(&symbols).chars().count();
            rows.push(&left, &written(end.after), (&why.latex(&spelling), characters), last + 1);
            at = last + 1;
        }
        out.push_str(&align(&rows.rows));
    }
    out
}

/// The last of the steps from `at` on that one line holds.
fn gathered<C: Exact>(proof: &Proof<C>, cited: &[bool], at: usize, range: &Range<usize>) -> usize {
    let mut last = at;
    while last + 1 < range.end {
        let (this, next) = (&proof.steps[last], &proof.steps[last + 1]);
        let alike = this.rule == next.rule && this.backward == next.backward && this.uses == next.uses;
        if !alike || this.after != next.before || cited[last + 1] || this.rule == Rule::Solve {
            break;
        }
        last += 1;
    }
    last
}
