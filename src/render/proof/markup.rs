//! Derivations for papers, a block of equations an order, each line with its reason.

use super::{formulas, lines, notation};
use crate::formula::Spelling;
use crate::render::typeset::{Document, Row, Style, push_equation};
use crate::series::ModifiedEquation;
use crate::series::egraph::{Exact, Proof};
use crate::tree::Notation;

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
    for line in notation(proof) {
        document.sentence(&line, spelling);
    }
    for n in 0..proof.ends.len() {
        let rows = lines(proof, n).into_iter().map(|line| Row {
            left: line.left.map(|id| terms[id.index()].terms()).unwrap_or_default(),
            relation: Some('='),
            right: terms[line.right.index()].terms(),
            note: Some(line.reason),
            tag: Some(line.number),
        });
        let rows: Vec<Row> = rows.collect();
        document
            .push(&format!("\n{}", style.markup.comment(&format!("Order {n}: from the coefficient of h^{}", n + 1))));
        document.block(spelling, &rows);
    }
    document.push("\n");
    push_equation(&mut document, equation, variable, Notation::Operator, spelling);
    document.finish()
}
