//! Long sums, broken into lines.

use crate::form::Formulas;
use crate::formula::{Formula, Markup, Spelling, Written};
use crate::render::terms::signed_term;
use crate::render::typeset;
use crate::series::Term;
use crate::tree::Notation;

/// What a character is wide, in thousandths of the size of the type, with the space around signs.
const CHARACTER: usize = 560;

/// A term of a sum on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTerm<F = ()> {
    /// Whether it is subtracted.
    pub negative: bool,
    /// The term, where it is kept: of a million terms it takes more room than all their text.
    pub formula: F,
    /// The same in LaTeX.
    pub latex: Written,
}

/// The terms of a sum in lines of about `limit` characters or one term.
fn broken<F>(
    spelling: &Spelling,
    terms: impl IntoIterator<Item = (bool, Formula)>,
    limit: usize,
    keep: impl Fn(Formula) -> F,
) -> Vec<Vec<LineTerm<F>>> {
    let mut lines: Vec<Vec<LineTerm<F>>> = Vec::new();
    let mut used = 0;
    for (negative, formula) in terms {
        let latex = spelling.factor(&formula, Markup::Latex);
        let length = latex.width + 2 * CHARACTER;
        let term = LineTerm { negative, formula: keep(formula), latex };
        match lines.last_mut() {
            Some(line) if used + length <= limit * CHARACTER => {
                line.push(term);
                used += length;
            }
            _ => {
                lines.push(vec![term]);
                used = length;
            }
        }
    }
    lines
}

/// Whether a part is principal, and its lines.
pub(in crate::render) type Part<F> = (bool, Vec<Vec<LineTerm<F>>>);

/// The name of `f_n`, of its component `i` in the notation with indices.
#[must_use]
pub fn left_side(n: usize, notation: Notation) -> Formula {
    typeset::left_side(n, notation)
}

/// The terms of some `f_n`, principal and non-principal apart, each part in lines of about `limit` characters, with what is kept of
/// each term's formula.
#[must_use]
pub fn parts<F>(
    terms: &[Term],
    notation: Notation,
    spelling: &Spelling,
    limit: usize,
    keep: impl Fn(Formula) -> F + Copy,
) -> Vec<Part<F>> {
    let part = |principal: bool| {
        let own = terms.iter().filter(|t| t.tree.is_principal() == principal);
        let written = own.map(|t| signed_term(t, notation));
        (principal, broken(spelling, written, limit, keep))
    };
    [part(true), part(false)].into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

/// One vector: some `f_n`, or one of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `principal`, `non-principal`, or empty for a whole that has both parts.
    pub label: &'static str,
    /// The components.
    pub rows: Vec<Row>,
}

/// An equation: one component or one shared subterm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The left side.
    pub left: Formula,
    /// The terms of the right side in lines.
    pub lines: Vec<Vec<LineTerm<Formula>>>,
}

fn row(spelling: &Spelling, row: typeset::Row, width: usize) -> Row {
    let left = row.left.into_iter().next().map_or_else(|| Formula::natural(0), Formula::from);
    Row { left, lines: broken(spelling, row.right, width, |formula| formula) }
}

/// The shared subterms and derivatives of the loss, in lines of about `width` characters.
#[must_use]
pub fn shared(formulas: &Formulas, width: usize) -> Vec<Row> {
    typeset::shared(formulas).into_iter().map(|own| row(&formulas.spelling, own, width)).collect()
}

/// `f_n` and, where it has both, its two parts, in lines of about `width` characters; nothing if there is no such order.
#[must_use]
pub fn blocks(formulas: &Formulas, n: usize, width: usize) -> Vec<Block> {
    let rows = |rows: Vec<typeset::Row>| rows.into_iter().map(|own| row(&formulas.spelling, own, width)).collect();
    typeset::blocks(formulas, n).into_iter().map(|block| Block { label: block.label, rows: rows(block.rows) }).collect()
}
