//! Modified equations as tables of formulas.

use super::{escaped, formula};
use crate::render::formula::Formulas;
use crate::render::latex::{self, Row};
use crate::render::{Notation, Symbols, tree};
use crate::series::ModifiedEquation;

/// Characters a line, so that a page of ordinary width holds it.
const WIDTH: usize = 54;
/// Orders with more terms than this have several on a line and no pictures of trees.
const PICTURED: usize = 20;

struct Table(String);

impl Table {
    fn new() -> Self {
        Self("<div class=\"scroll\"><table class=\"series\">\n".to_owned())
    }

    fn row(&mut self, class: &str, left: &str, right: &str, part: &str) {
        self.cells(class, left, right, "", part);
    }

    /// A row with a cell between the formula and its part.
    fn cells(&mut self, class: &str, left: &str, right: &str, picture: &str, part: &str) {
        let left = if left.is_empty() { String::new() } else { formula(&format!("{left} ="), false) };
        // Display style, so that fractions keep their size beside each other.
        let right = formula(&format!("\\displaystyle {right}"), false);
        self.0.push_str(&format!(
            "<tr class=\"{class}\"><td class=\"left\">{left}</td><td>{right}</td>{picture}<td class=\"part\">{}</td></tr>\n",
            escaped(part)
        ));
    }

    fn end(mut self) -> String {
        self.0.push_str("</table></div>\n");
        self.0
    }
}

/// An abstract modified equation, order by order, the parts apart.
pub(super) fn equation(equation: &ModifiedEquation, notation: Notation, symbols: &Symbols) -> String {
    let mut table = Table::new();
    for (n, terms) in equation.orders.iter().enumerate() {
        let left = symbols.latex(&latex::left_side(n, notation));
        if terms.is_empty() {
            table.cells("first", &left, "0", "<td></td>", "");
        }
        let pictured = terms.len() <= PICTURED;
        let width = if pictured { 1 } else { WIDTH };
        for (at, (principal, lines)) in latex::parts(terms, notation, width).iter().enumerate() {
            let mut pictures = terms.iter().filter(|t| t.tree.is_principal() == *principal).map(|t| tree::svg(&t.tree));
            for (k, line) in lines.iter().enumerate() {
                let picture = if pictured { pictures.next().unwrap_or_default() } else { String::new() };
                let picture = format!("<td class=\"tree\">{picture}</td>");
                let first = at == 0 && k == 0;
                let class = format!("{}{}", if first { "first " } else { "" }, class(*principal));
                let left = if first { left.as_str() } else { "" };
                table.cells(&class, left, &symbols.latex(line), &picture, if k == 0 { name(*principal) } else { "" });
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

/// The highest order whose formulas are not folded away.
const OPEN_ORDER: usize = 1;

/// A concrete modified equation: the shared subterms, then a table for every order; long ones are folded away.
pub(super) fn concrete(formulas: &Formulas) -> String {
    let mut out = String::new();
    if !formulas.lets.is_empty() {
        out.push_str("<details><summary>Shared subterms</summary>\n");
        let mut table = Table::new();
        for row in latex::shared(formulas, WIDTH) {
            rows(&mut table, &row, "", "");
        }
        out.push_str(&table.end());
        out.push_str("</details>\n");
    }
    for n in 0..formulas.orders.len() {
        let open = if n <= OPEN_ORDER { " open" } else { "" };
        let name = formula(&formulas.notation().latex(&format!("f_{{{n}}}")), false);
        out.push_str(&format!("<details{open}><summary>{name}</summary>\n"));
        let mut table = Table::new();
        for block in latex::blocks(formulas, n, WIDTH) {
            let class = if block.label == "principal" { "principal" } else { "rest" };
            for (k, row) in block.rows.iter().enumerate() {
                let class = if k == 0 { format!("first {class}") } else { class.to_owned() };
                rows(&mut table, row, &class, if k == 0 { block.label } else { "" });
            }
        }
        out.push_str(&table.end());
        out.push_str("</details>\n");
    }
    out
}
