//! Concrete modified equations in LaTeX.

use super::{Names, lines};
use crate::render::formula::Formulas;
use crate::render::sum;

/// Characters a line, so that an article's text width holds it.
const WIDTH: usize = 46;

/// A concrete modified equation in LaTeX: `align*`s, which need `amsmath` and nothing else.
///
/// Where the loss declares a name like `f_1`, one sentence says how the terms are written instead. Shared subterms come first. `f_{n}^{\mathrm{p}}` and `f_{n}^{\mathrm{np}}` are the two parts of an `f_n` that has both.
#[must_use]
pub fn concrete(formulas: &Formulas) -> String {
    let mut out = String::new();
    let names = formulas.names();
    if let Some(sentence) = formulas.notation().latex_sentence("f", |name| names.expression(name)) {
        out.push_str(&sentence);
        out.push('\n');
    }
    let rows = shared(formulas, WIDTH).iter().flat_map(|row| aligned(row, "")).collect::<Vec<_>>();
    out.push_str(&lines::align(&rows));
    for n in 0..formulas.orders.len() {
        let mut rows = Vec::new();
        for block in blocks(formulas, n, WIDTH) {
            for (at, row) in block.rows.iter().enumerate() {
                rows.extend(aligned(row, if at == 0 { block.label } else { "" }));
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
    pub left: String,
    /// The right side in lines, each but the first beginning with its sign.
    pub lines: Vec<String>,
}

impl Row {
    fn new(names: &Names, left: String, text: &str, width: usize) -> Self {
        let terms = match sum::split(text).as_slice() {
            [_] => vec![(false, names.expression(text))],
            several => several.iter().map(|(negative, term)| (*negative, names.factor(term))).collect(),
        };
        Self { left, lines: lines::sum(terms, width, true) }
    }
}

/// The shared subterms, in lines of about `width` characters.
#[must_use]
pub fn shared(formulas: &Formulas, width: usize) -> Vec<Row> {
    let names = formulas.names();
    formulas.lets.iter().map(|(name, text)| Row::new(&names, names.expression(name), text, width)).collect()
}

/// `f_n` and, where it has both, its two parts, in lines of about `width` characters; nothing if there is no such order.
#[must_use]
pub fn blocks(formulas: &Formulas, n: usize, width: usize) -> Vec<Block> {
    let Some(order) = formulas.orders.get(n) else {
        return Vec::new();
    };
    let names = formulas.names();
    let f = formulas.notation().latex("f");
    let block = |label: &'static str, mark: &str, components: &[String]| Block {
        label,
        rows: formulas
            .parameters
            .iter()
            .zip(components)
            .map(|(name, text)| {
                let left = format!("({f}_{{{n}}}{mark})_{{{}}}", names.expression(name));
                Row::new(&names, left, text, width)
            })
            .collect(),
    };
    if order.is_principal() {
        vec![block("principal", "", &order.components)]
    } else if order.is_nonprincipal() {
        vec![block("non-principal", "", &order.components)]
    } else {
        vec![
            block("", "", &order.components),
            block("principal", "^{\\mathrm{p}}", &order.principal),
            block("non-principal", "^{\\mathrm{np}}", &order.nonprincipal),
        ]
    }
}

/// The rows of an `align*`.
fn aligned(row: &Row, label: &str) -> Vec<String> {
    let label = if label.is_empty() { String::new() } else { format!(" && \\text{{({label})}}") };
    let line = |(at, line): (usize, &String)| match at {
        0 => format!("{} &= {line}{label}", row.left),
        _ => format!("&\\quad {line}"),
    };
    row.lines.iter().enumerate().map(line).collect()
}
