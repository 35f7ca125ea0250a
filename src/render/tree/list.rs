//! The trees of a modified equation beside their elementary differentials.

use super::text;
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

fn terms(equation: &ModifiedEquation) -> impl Iterator<Item = (usize, &Term)> {
    equation.orders.iter().enumerate().flat_map(|(n, terms)| terms.iter().map(move |term| (n, term)))
}
