//! Abstract modified equations as text.

use crate::formula::text_factor;
use crate::number::Coefficient;
use crate::series::{ModifiedEquation, Term};
use crate::tree::Notation;
use std::fmt::Write as _;

/// One written line: the term, and the part that begins with it.
struct Line {
    text: String,
    part: Option<&'static str>,
}

/// Labels stand no further right than this, so that one long term does not push all of them away.
pub(super) const LABEL_LIMIT: usize = 56;

/// A modified equation as text, a term a line, principal and non-principal apart.
///
/// ```
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::render::text;
/// use shadowflow::series::derive;
/// use shadowflow::tree::Notation;
/// let derived = derive(&BoundOptimizer::gradient_descent(), 2).run()?;
/// let printed = text::equation(&derived.equation, Notation::Operator);
/// assert_eq!(
///     printed,
///     "f_0 = -g                 (principal)\n\
///      f_1 = -1/2 H g           (principal)\n\
///      f_2 = - 1/3  H^2 g       (principal)\n      \
///            - 1/12 T[g, g]     (non-principal)\n"
/// );
/// # Ok::<(), shadowflow::series::DeriveError>(())
/// ```
#[must_use]
pub fn equation(equation: &ModifiedEquation, notation: Notation) -> String {
    let mut lines = Vec::new();
    for (n, terms) in equation.orders.iter().enumerate() {
        write_order(&left_side(n, notation), terms, notation, &mut lines);
    }
    let width = |line: &Line| line.text.chars().count();
    let column = lines.iter().filter(|l| l.part.is_some()).map(width).filter(|w| *w <= LABEL_LIMIT).max();
    let column = column.unwrap_or(0);
    let mut out = String::new();
    for line in &lines {
        let _ = match line.part {
            Some(part) => writeln!(out, "{:<column$}     ({part})", line.text),
            None => writeln!(out, "{}", line.text),
        };
    }
    out
}

/// A line that names the method and the variable that its equation is about.
#[must_use]
pub fn about(method: &str, variable: &str) -> String {
    format!("{method}, of θ, {variable}\n")
}

/// What stands before the terms of an order.
pub(super) fn left_side(n: usize, notation: Notation) -> String {
    if notation == Notation::Index { format!("(f_{n})_i = ") } else { format!("f_{n} = ") }
}

pub(super) fn part_name(principal: bool) -> &'static str {
    if principal { "principal" } else { "non-principal" }
}

fn write_order(left: &str, terms: &[Term], notation: Notation, lines: &mut Vec<Line>) {
    let size = |t: &Term| {
        let (negative, size) = t.coefficient.formula().signed();
        (negative, if size.is_number("1") { String::new() } else { text_factor(&size) })
    };
    let sizes: Vec<(bool, String)> = terms.iter().map(size).collect();
    match (terms, sizes.as_slice()) {
        ([], _) => lines.push(Line { text: format!("{left}0"), part: None }),
        ([term], [(negative, size)]) => {
            let sign = if *negative { "-" } else { "" };
            let space = if size.is_empty() { "" } else { " " };
            let text = format!("{left}{sign}{size}{space}{}", notation.text(&term.tree));
            lines.push(Line { text, part: Some(part_name(term.tree.is_principal())) });
        }
        _ => {
            let width = sizes.iter().map(|(_, size)| size.chars().count()).max().unwrap_or(0).min(super::WIDEST);
            let indent = " ".repeat(left.chars().count());
            for (at, (term, (negative, size))) in terms.iter().zip(&sizes).enumerate() {
                let sign = match (negative, at) {
                    (true, _) => "-",
                    (false, 0) => " ",
                    (false, _) => "+",
                };
                let start = if at == 0 { left } else { &indent };
                let text = format!("{start}{sign} {size:<width$} {}", notation.text(&term.tree));
                let principal = term.tree.is_principal();
                let begins = at == 0 || terms[at - 1].tree.is_principal() != principal;
                lines.push(Line { text, part: begins.then(|| part_name(principal)) });
            }
        }
    }
}
