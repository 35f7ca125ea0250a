//! Modified equations as tables of formulas.

use super::{escaped, formula};
use crate::bea::ModifiedEquation;
use crate::render::formula::Formulas;
use crate::render::latex::{self, Row};
use crate::render::{Notation, Signed};

/// Characters a line, so that a page of ordinary width holds it.
const WIDTH: usize = 54;

struct Table(String);

impl Table {
    fn new() -> Self {
        Self("<div class=\"scroll\"><table class=\"series\">\n".to_owned())
    }

    fn row(&mut self, class: &str, left: &str, right: &str, part: &str) {
        let left = if left.is_empty() { String::new() } else { formula(&format!("{left} ="), false) };
        // Display style, so that fractions keep their size beside each other.
        let right = formula(&format!("\\displaystyle {right}"), false);
        self.0.push_str(&format!(
            "<tr class=\"{class}\"><td class=\"left\">{left}</td><td>{right}</td><td class=\"part\">{}</td></tr>\n",
            escaped(part)
        ));
    }

    fn end(mut self) -> String {
        self.0.push_str("</table></div>\n");
        self.0
    }
}

/// An abstract modified equation, order by order, the parts apart.
pub(super) fn equation<C: Signed>(equation: &ModifiedEquation<C>, notation: Notation) -> String {
    let mut table = Table::new();
    for (n, terms) in equation.orders.iter().enumerate() {
        let left = latex::left_side(n, notation);
        if terms.is_empty() {
            table.row("first", &left, "0", "");
        }
        for (at, (principal, lines)) in latex::parts(terms, notation, WIDTH).iter().enumerate() {
            for (k, line) in lines.iter().enumerate() {
                let first = at == 0 && k == 0;
                let class = format!("{}{}", if first { "first " } else { "" }, class(*principal));
                let left = if first { left.as_str() } else { "" };
                table.row(&class, left, line, if k == 0 { name(*principal) } else { "" });
            }
        }
    }
    table.end()
}

fn class(principal: bool) -> &'static str {
    if principal { "principal" } else { "rest" }
}

fn name(principal: bool) -> &'static str {
    if principal { "principal" } else { "non-principal" }
}

fn rows(table: &mut Table, row: &Row, class: &str, part: &str) {
    for (k, line) in row.lines.iter().enumerate() {
        table.row(class, if k == 0 { &row.left } else { "" }, line, if k == 0 { part } else { "" });
    }
}

/// A concrete modified equation: the shared subterms, then a table for every order.
pub(super) fn concrete(formulas: &Formulas) -> String {
    let mut out = String::new();
    if !formulas.lets.is_empty() {
        out.push_str("<h3>Shared subterms</h3>\n");
        let mut table = Table::new();
        for row in latex::shared(formulas, WIDTH) {
            rows(&mut table, &row, "", "");
        }
        out.push_str(&table.end());
    }
    for n in 0..formulas.orders.len() {
        out.push_str(&format!("<h3>{}</h3>\n", formula(&format!("f_{{{n}}}"), false)));
        let mut table = Table::new();
        for block in latex::blocks(formulas, n, WIDTH) {
            let class = if block.label == "principal" { "principal" } else { "rest" };
            for (k, row) in block.rows.iter().enumerate() {
                let class = if k == 0 { format!("first {class}") } else { class.to_owned() };
                rows(&mut table, row, &class, if k == 0 { block.label } else { "" });
            }
        }
        out.push_str(&table.end());
    }
    out
}
