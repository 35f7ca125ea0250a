//! Modified equations as tables of formulas.

use super::escaped;
use crate::form::Formulas;
use crate::formula::{Formula, Letter, MathMl, Spelling};
use crate::render::latex::{self, LineTerm, Row};
use crate::render::tree;
use crate::series::ModifiedEquation;
use crate::tree::Notation;

/// Characters a line, so that a page of ordinary width holds it.
const WIDTH: usize = 54;
/// Orders with more terms than this have several on a line and no pictures of trees.
const PICTURED: usize = 20;

struct Table(String);

impl Table {
    fn new() -> Self {
        Self("<div class=\"scroll\"><table class=\"series\">\n".to_owned())
    }

    /// A row: the left side, a line of the right one, what stands between that and its part, and the part.
    fn row(&mut self, class: &str, left: Option<MathMl>, right: MathMl, picture: &str, part: &str) {
        let left = left.map_or_else(String::new, |left| left.equals().finish());
        // In display style fractions keep their size beside each other.
        self.0.push_str(&format!(
            "<tr class=\"{class}\"><td class=\"left\">{left}</td><td>{}</td>{picture}<td class=\"part\">{}</td></tr>\n",
            right.large(),
            escaped(part)
        ));
    }

    fn end(mut self) -> String {
        self.0.push_str("</table></div>\n");
        self.0
    }
}

/// A line of terms as MathML; the first of an equation begins without a plus.
fn line(spelling: &Spelling, terms: &[LineTerm<Formula>], first: bool) -> MathMl {
    let terms: Vec<(bool, Formula)> = terms.iter().map(|term| (term.negative, term.formula.clone())).collect();
    spelling.mathml_line(&terms, !first)
}

/// An abstract modified equation, order by order, the parts apart.
pub(super) fn equation(equation: &ModifiedEquation, notation: Notation, spelling: &Spelling) -> String {
    let mut table = Table::new();
    for (n, terms) in equation.orders.iter().enumerate() {
        let left = spelling.element(&latex::left_side(n, notation));
        if terms.is_empty() {
            table.row("first", Some(left.clone()), spelling.element(&Formula::natural(0)), "<td></td>", "");
        }
        let pictured = terms.len() <= PICTURED;
        let width = if pictured { 1 } else { WIDTH };
        for (at, (principal, lines)) in
            latex::parts(terms, notation, spelling, width, |formula| formula).iter().enumerate()
        {
            let mut pictures = terms.iter().filter(|t| t.tree.is_principal() == *principal).map(|t| tree::svg(&t.tree));
            for (k, terms) in lines.iter().enumerate() {
                let picture = if pictured { pictures.next().unwrap_or_default() } else { String::new() };
                let picture = format!("<td class=\"tree\">{picture}</td>");
                let first = at == 0 && k == 0;
                let class = format!("{}{}", if first { "first " } else { "" }, class(*principal));
                let part = if k == 0 { name(*principal) } else { "" };
                table.row(&class, first.then(|| left.clone()), line(spelling, terms, first), &picture, part);
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

fn rows(table: &mut Table, spelling: &Spelling, row: &Row, class: &str, part: &str) {
    for (k, terms) in row.lines.iter().enumerate() {
        let left = (k == 0).then(|| spelling.element(&row.left));
        table.row(class, left, line(spelling, terms, k == 0), "", if k == 0 { part } else { "" });
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
            rows(&mut table, &formulas.spelling, &row, "", "");
        }
        out.push_str(&table.end());
        out.push_str("</details>\n");
    }
    for n in 0..formulas.orders.len() {
        let open = if n <= OPEN_ORDER { " open" } else { "" };
        let name = formulas.spelling.mathml(&Letter::Field(n).into());
        out.push_str(&format!("<details{open}><summary>{name}</summary>\n"));
        let mut table = Table::new();
        for block in latex::blocks(formulas, n, WIDTH) {
            let class = if block.label == "principal" { "principal" } else { "rest" };
            for (k, row) in block.rows.iter().enumerate() {
                let class = if k == 0 { format!("first {class}") } else { class.to_owned() };
                rows(&mut table, &formulas.spelling, row, &class, if k == 0 { block.label } else { "" });
            }
        }
        out.push_str(&table.end());
        out.push_str("</details>\n");
    }
    out
}
