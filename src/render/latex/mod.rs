//! LaTeX: equations as they stand in a document with `amsmath`, of one column.
//!
//! [`super::typeset`] has whole documents, other widths, and Typst.

mod lines;

pub use lines::{Block, LineTerm, Row, blocks, left_side, parts, shared};

use super::text::Detail;
use super::typeset::{self, Style};
use crate::evidence::PrincipalSummary;
use crate::flow::Stability;
use crate::form::Formulas;
use crate::formula::{Markup, Spelling};
use crate::series::ModifiedEquation;
use crate::tree::Notation;

/// A modified equation in LaTeX: one `align*`, which needs `amsmath` and nothing else.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::latex;
/// use shadowflow::series::derive;
/// use shadowflow::tree::Notation;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 2).run()?;
/// let printed = latex::equation(&derived.equation, Notation::Operator);
/// assert!(printed.contains(r"f_{2} &= -\frac{1}{3} H^{2} g && \text{(principal)} \\"));
/// assert!(printed.contains(r"&\quad {} - \frac{1}{12} T[g, g] && \text{(non-principal)}"));
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn equation(equation: &ModifiedEquation, notation: Notation) -> String {
    typeset::equation(equation, None, notation, &Spelling::default(), &Style::fragment(Markup::Latex))
}

/// A concrete modified equation in LaTeX: one `align*`, which needs `amsmath` and nothing else.
///
/// Where the loss declares a name like `f_1`, one sentence says how the terms are written instead. Derivatives and shared subterms come first.
/// `f_{n}^{\mathrm{p}}` and `f_{n}^{\mathrm{np}}` are the two parts of an `f_n` that has both.
#[must_use]
pub fn concrete(formulas: &Formulas) -> String {
    typeset::concrete(formulas, None, &Style::fragment(Markup::Latex))
}

/// An optimizer's principal part in LaTeX: one `align*`, which needs `amsmath` and nothing else.
#[must_use]
pub fn principal(summary: &PrincipalSummary) -> String {
    typeset::principal(summary, &Spelling::default(), &Style::fragment(Markup::Latex))
}

/// Critical points in LaTeX: for each a table of its eigendirections and one of its flows, which need `booktabs`.
#[must_use]
pub fn stability(stability: &Stability) -> String {
    let spelling = typeset::spelling_of(&stability.parameters);
    typeset::stability(stability, Detail::default(), None, &spelling, &Style::fragment(Markup::Latex))
}
