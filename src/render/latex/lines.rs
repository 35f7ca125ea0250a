//! Long sums, broken into lines.

use crate::formula::{Formula, Latex, Spelling};

/// A term of a sum on a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTerm<F = ()> {
    /// Whether it is subtracted.
    pub negative: bool,
    /// The term, where it is kept: of a million terms it takes more room than all their text.
    pub formula: F,
    /// The same in LaTeX.
    pub latex: Latex,
}

/// The terms of a sum in lines of about `limit` characters or one term.
pub(in crate::render) fn broken<F>(
    spelling: &Spelling,
    terms: impl IntoIterator<Item = (bool, Formula)>,
    limit: usize,
    keep: impl Fn(Formula) -> F,
) -> Vec<Vec<LineTerm<F>>> {
    let mut lines: Vec<Vec<LineTerm<F>>> = Vec::new();
    let mut used = 0;
    for (negative, formula) in terms {
        let latex = spelling.latex_factor(&formula);
        let length = latex.characters + 2;
        let term = LineTerm { negative, formula: keep(formula), latex };
        match lines.last_mut() {
            Some(line) if used + length <= limit => {
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

/// A line in LaTeX; the first of an equation begins without a plus.
pub(in crate::render) fn line<F>(terms: &[LineTerm<F>], first: bool) -> String {
    let mut out = String::new();
    for (at, term) in terms.iter().enumerate() {
        out.push_str(match (at, first, term.negative) {
            (0, true, true) => "-",
            (0, true, false) => "",
            // The empty group makes the sign a binary operator.
            (0, false, true) => "{} - ",
            (0, false, false) => "{} + ",
            (_, _, true) => " - ",
            (_, _, false) => " + ",
        });
        out.push_str(&term.latex.text);
    }
    out
}

/// An `align*` of rows, which may break across pages.
pub(in crate::render) fn align(rows: &[String]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!("{{\\allowdisplaybreaks\n\\begin{{align*}}\n  {}\n\\end{{align*}}}}\n", rows.join(" \\\\\n  "))
}
