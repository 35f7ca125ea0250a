//! The trees of a modified equation beside their elementary differentials.

use super::{forest, text};
use crate::series::{ModifiedEquation, Term};
use crate::tree::Notation;
use std::fmt::Write as _;

/// All terms of a modified equation with their trees, as text: the order, the elementary differential, the picture.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::tree;
/// use shadowflow::series::derive;
/// use shadowflow::tree::Notation;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 1).run()?;
/// let listed = tree::text_list(&derived.equation, Notation::Operator);
/// assert_eq!(listed, "f_0  g\n     ●\nf_1  H g\n     ●\n     └─●\n");
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn text_list(equation: &ModifiedEquation, notation: Notation) -> String {
    let mut out = String::new();
    for (n, term) in terms(equation) {
        let left = format!("f_{n}");
        let _ = writeln!(out, "{left}  {}", notation.text(&term.tree));
        for line in text(&term.tree).lines() {
            let _ = writeln!(out, "{:1$}  {line}", "", left.len());
        }
    }
    out
}

/// All terms of a modified equation with their trees, in LaTeX: a `tabular` for each order, which needs the package
/// `forest`.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::tree;
/// use shadowflow::series::derive;
/// use shadowflow::tree::Notation;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 2).run()?;
/// let listed = tree::forest_list(&derived.equation, Notation::Operator);
/// assert!(listed.contains(" [[][]]\\end{forest} & $T[g, g]$ \\\\"));
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn forest_list(equation: &ModifiedEquation, notation: Notation) -> String {
    let mut out = "% needs \\usepackage{forest}\n".to_owned();
    for (n, terms) in equation.orders.iter().enumerate().filter(|(_, terms)| !terms.is_empty()) {
        let _ = writeln!(out, "\\begin{{tabular}}{{cl}}\n  & $f_{{{n}}}$ \\\\");
        for term in terms {
            let _ = writeln!(out, "  {} & ${}$ \\\\", forest(&term.tree), notation.latex(&term.tree));
        }
        out.push_str("\\end{tabular}\n");
    }
    out
}

fn terms(equation: &ModifiedEquation) -> impl Iterator<Item = (usize, &Term)> {
    equation.orders.iter().enumerate().flat_map(|(n, terms)| terms.iter().map(move |term| (n, term)))
}
