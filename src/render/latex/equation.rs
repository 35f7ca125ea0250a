//! Abstract modified equations in LaTeX.

use super::lines::{self, LineTerm};
use crate::formula::{Formula, Letter, Spelling};
use crate::render::terms::signed_term;
use crate::series::{ModifiedEquation, Term};
use crate::tree::Notation;

/// Characters a line, so that an article's text width holds it with its labels.
const WIDTH: usize = 44;

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
    let mut rows = Vec::new();
    let spelling = Spelling::default();
    for (n, terms) in equation.orders.iter().enumerate() {
        let left = spelling.latex(&left_side(n, notation));
        if terms.is_empty() {
            rows.push(format!("{left} &= 0"));
            continue;
        }
        for (at, (principal, lines)) in parts(terms, notation, &spelling, WIDTH, drop).into_iter().enumerate() {
            for (row, line) in lines.iter().enumerate() {
                let line = lines::line(line, at == 0 && row == 0);
                let start = if at == 0 && row == 0 { format!("{left} &= ") } else { "&\\quad ".to_owned() };
                let label = match (row, principal) {
                    (0, true) => " && \\text{(principal)}",
                    (0, false) => " && \\text{(non-principal)}",
                    _ => "",
                };
                rows.push(format!("{start}{line}{label}"));
            }
        }
    }
    format!("% {}: {}\n{}", equation.method.replace(['\n', '\r'], " "), legend(notation), lines::align(&rows))
}

/// A comment that names the method and the variable that its equation is about.
#[must_use]
pub fn about(method: &str, variable: &str) -> String {
    format!("% {}, of \\theta, {variable}\n", method.replace(['\n', '\r'], " "))
}

/// The name of `f_n`, of its component `i` in the notation with indices.
#[must_use]
pub fn left_side(n: usize, notation: Notation) -> Formula {
    if notation == Notation::Index { Formula::component(n, None, Formula::name("i")) } else { Letter::Field(n).into() }
}

/// Whether a part is principal, and its lines.
pub(in crate::render) type Part<F> = (bool, Vec<Vec<LineTerm<F>>>);

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
        (principal, lines::broken(spelling, written, limit, keep))
    };
    [part(true), part(false)].into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

/// What the notation's symbols stand for, as a LaTeX comment without line breaks.
fn legend(notation: Notation) -> &'static str {
    match notation {
        Notation::Operator => "g, H, T, E^{(4)}, ... are the derivatives of E, brackets hold their arguments",
        Notation::Paper => {
            "\\nabla_\\theta^k E are the derivatives of E; v^T (\\nabla_\\theta^3 E) w and (\\nabla_\\theta^k E)[...] contract them"
        }
        Notation::Index => "E_{ij...} are the partial derivatives of E, repeated indices are summed",
    }
}
