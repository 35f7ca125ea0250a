//! Derivations for papers, a block of equations an order, each line with its reason.

use super::{formulas, notation, reason};
use crate::formula::Spelling;
use crate::render::typeset::{Document, Row, Style, push_equation};
use crate::series::ModifiedEquation;
use crate::series::egraph::{Exact, Proof, Rule};
use crate::tree::Notation;
use std::ops::Range;

/// The highest order that is written: beyond, formulas do not fit a page.
pub const MAX_LATEX_ORDER: usize = 4;

/// The derivation for a paper.
///
/// Consecutive steps by one rule are one line, unless others refer to what stands between them; a line has the
/// number of its last step.
///
/// ```
/// use shadowflow::formula::{Markup, Spelling};
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::proof::proof_markup;
/// use shadowflow::render::typeset::Style;
/// use shadowflow::series::derive;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 1).proof(true).run()?;
/// let proof = derived.proof.unwrap();
/// let latex = proof_markup(&proof, &derived.equation, None, &Spelling::default(), &Style::fragment(Markup::Latex));
/// // A block an order, and one for what was derived.
/// assert_eq!(latex.matches("\\begin{align*}").count(), 3);
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn proof_markup<C: Exact>(
    proof: &Proof<C>,
    equation: &ModifiedEquation,
    variable: Option<&str>,
    spelling: &Spelling,
    style: &Style,
) -> String {
    let mut document = Document::new(style);
    let terms = formulas(proof);
    let mut cited = vec![false; proof.steps.len() + 1];
    for link in proof.steps.iter().flat_map(|s| &s.uses) {
        for border in [link.first, link.last + 1] {
            if let Some(place) = cited.get_mut(border) {
                *place = true;
            }
        }
    }
    for line in notation(proof) {
        document.sentence(&line, spelling);
    }
    for n in 0..proof.ends.len() {
        let range = proof.order(n);
        let mut rows = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let last = gathered(proof, &cited, at, &range);
            let (step, end) = (&proof.steps[at], &proof.steps[last]);
            let continues = at > range.start && step.rule != Rule::Solve && proof.steps[at - 1].after == step.before;
            let left = if continues { Vec::new() } else { terms[step.before.index()].terms() };
            rows.push(Row {
                left,
                relation: Some('='),
                right: terms[end.after.index()].terms(),
                note: Some(reason(proof, end)),
                tag: Some(last + 1),
            });
            at = last + 1;
        }
        document
            .push(&format!("\n{}", style.markup.comment(&format!("Order {n}: from the coefficient of h^{}", n + 1))));
        document.block(spelling, &rows);
    }
    document.push("\n");
    push_equation(&mut document, equation, variable, Notation::Operator, spelling);
    document.finish()
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
