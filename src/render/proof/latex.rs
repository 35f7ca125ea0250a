//! Derivations in LaTeX, one `align*` an order, each line with its reason.

use super::layout::Rows;
use super::{formulas, notation};
use crate::formula::{Spelling, Symbols};
use crate::render::latex::align;
use crate::series::egraph::{Exact, Proof, TermId};

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
    let method = |c: &char| c.is_ascii_alphanumeric() || " -:./".contains(*c);
    let method: String = proof.recurrence.method.chars().filter(method).collect();
    let sentences: Vec<String> = notation(proof).iter().map(|line| line.latex(&spelling)).collect();
    let mut out = format!("% {method}\n\\noindent {}\n", sentences.join("\n"));
    for n in 0..proof.ends.len() {
        out.push_str(&format!("\n% Order {n}: f_{n} from the coefficient of h^{}\n", n + 1));
        let written = |id: TermId| spelling.latex_terms(&terms[id.index()]);
        let lines = super::lines(proof, n);
        let mut rows = Rows::new(lines.iter().map(|line| line.left.map(written).unwrap_or_default()));
        for line in &lines {
            let left = line.left.map(written).unwrap_or_default();
            let characters = line.reason.text(&symbols).chars().count();
            rows.push(&left, &written(line.right), (&line.reason.latex(&spelling), characters), line.number);
        }
        out.push_str(&align(&rows.rows));
    }
    out
}
