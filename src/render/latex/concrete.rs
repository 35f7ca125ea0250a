//! Concrete modified equations in LaTeX.

use super::lines::{self, LineTerm};
use crate::form::Formulas;
use crate::formula::{Formula, Spelling};

/// Characters a line, so that an article's text width holds it.
const WIDTH: usize = 46;

/// A concrete modified equation in LaTeX: `align*`s, which need `amsmath` and nothing else.
///
/// Where the loss declares a name like `f_1`, one sentence says how the terms are written instead. Shared subterms come first. `f_{n}^{\mathrm{p}}` and `f_{n}^{\mathrm{np}}` are the two parts of an `f_n` that has both.
#[must_use]
pub fn concrete(formulas: &Formulas) -> String {
    let mut out = String::new();
    let spelling = &formulas.spelling;
    if let Some(sentence) = formulas.sentence("f") {
        out.push_str(&sentence.capitalised().latex(spelling));
        out.push('\n');
    }
    let rows = shared(formulas, WIDTH).iter().flat_map(|row| aligned(spelling, row, "")).collect::<Vec<_>>();
    out.push_str(&lines::align(&rows));
    for n in 0..formulas.orders.len() {
        let mut rows = Vec::new();
        for block in blocks(formulas, n, WIDTH) {
            for (at, row) in block.rows.iter().enumerate() {
                rows.extend(aligned(spelling, row, if at == 0 { block.label } else { "" }));
            }
        }
        out.push_str(&lines::align(&rows));
    }
    out
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

impl Row {
    fn new(spelling: &Spelling, left: Formula, right: &Formula, width: usize) -> Self {
        Self { left, lines: lines::broken(spelling, right.terms(), width, |formula| formula) }
    }
}

/// The shared subterms and derivatives of the loss, in lines of about `width` characters.
#[must_use]
pub fn shared(formulas: &Formulas, width: usize) -> Vec<Row> {
    let row = |(name, value): &(String, Formula)| Row::new(&formulas.spelling, Formula::name(name), value, width);
    let derivative = |(letter, value): &(Formula, Formula)| Row::new(&formulas.spelling, letter.clone(), value, width);
    formulas.lets.iter().map(row).chain(formulas.derivatives.iter().map(derivative)).collect()
}

/// `f_n` and, where it has both, its two parts, in lines of about `width` characters; nothing if there is no such order.
#[must_use]
pub fn blocks(formulas: &Formulas, n: usize, width: usize) -> Vec<Block> {
    let Some(order) = formulas.orders.get(n) else {
        return Vec::new();
    };
    let block = |label: &'static str, principal: Option<bool>, components: &[Formula]| Block {
        label,
        rows: formulas
            .parameters
            .iter()
            .zip(components)
            .map(|(entry, component)| {
                Row::new(&formulas.spelling, Formula::component(n, principal, entry.clone()), component, width)
            })
            .collect(),
    };
    if order.is_principal() {
        vec![block("principal", None, &order.components)]
    } else if order.is_nonprincipal() {
        vec![block("non-principal", None, &order.components)]
    } else {
        vec![
            block("", None, &order.components),
            block("principal", Some(true), &order.principal),
            block("non-principal", Some(false), &order.nonprincipal),
        ]
    }
}

/// The rows of an `align*`.
fn aligned(spelling: &Spelling, row: &Row, label: &str) -> Vec<String> {
    let label = if label.is_empty() { String::new() } else { format!(" && \\text{{({label})}}") };
    let line = |(at, terms): (usize, &Vec<LineTerm<Formula>>)| match at {
        0 => format!("{} &= {}{label}", spelling.latex(&row.left), lines::line(terms, true)),
        _ => format!("&\\quad {}", lines::line(terms, false)),
    };
    row.lines.iter().enumerate().map(line).collect()
}
