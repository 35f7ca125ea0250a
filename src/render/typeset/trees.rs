//! The trees of a modified equation beside their elementary differentials.

use super::document::Document;
use super::equation::push_equation;
use super::style::Style;
use crate::formula::{Letter, Markup, Spelling};
use crate::render::tree::{forest, leaves, typst};
use crate::series::ModifiedEquation;
use crate::tree::Notation;

/// Between a tree and its differential, and between neighbours, in thousandths of the size of the type.
const GAP: usize = 1500;
/// Between the nodes of a tree.
const UNIT: usize = 900;

/// A modified equation for a paper, and below it every term's tree beside its elementary differential, an order after another.
#[must_use]
pub fn trees(
    equation: &ModifiedEquation,
    variable: Option<&str>,
    notation: Notation,
    spelling: &Spelling,
    style: &Style,
) -> String {
    let mut document = Document::new(style);
    push_equation(&mut document, equation, variable, notation, spelling);
    document.defines_trees();
    let written = |formula| spelling.written(&formula, style.markup);
    for (n, terms) in equation.orders.iter().enumerate().filter(|(_, terms)| !terms.is_empty()) {
        let mut cells: Vec<[String; 2]> = Vec::new();
        let mut widest = 0;
        for term in terms {
            let tree = match style.markup {
                Markup::Latex => forest(&term.tree),
                Markup::Typst => typst(&term.tree),
            };
            let differential = written(notation.formula(&term.tree));
            widest = widest.max(leaves(&term.tree) * UNIT + GAP + differential.width + GAP);
            cells.push([tree, format!("${}$", differential.text)]);
        }
        // As many beside each other as there is room for.
        let columns = (style.room() / widest.max(1)).clamp(1, 4).min(cells.len());
        document.push(&table(&written(Letter::Field(n).into()).text, &cells, columns, style.markup));
    }
    document.finish()
}

fn table(field: &str, cells: &[[String; 2]], columns: usize, markup: Markup) -> String {
    let rows = cells.chunks(columns);
    match markup {
        Markup::Latex => {
            let line = |row: &[[String; 2]]| {
                let cells: Vec<String> =
                    row.iter().map(|[tree, differential]| format!("{tree} & {differential}")).collect();
                format!("  {} \\\\[6pt]\n", cells.join(" & "))
            };
            let rows: String = rows.map(line).collect();
            let kinds = "cl@{\\qquad}".repeat(columns);
            let kinds = kinds.trim_end_matches("@{\\qquad}");
            format!(
                "\n\\noindent Trees of ${field}$:\\nopagebreak\n\n\\noindent\\begin{{tabular}}{{@{{}}{kinds}@{{}}}}\n{rows}\\end{{tabular}}\n"
            )
        }
        Markup::Typst => {
            let line = |row: &[[String; 2]]| {
                let cells: Vec<String> =
                    row.iter().map(|[tree, differential]| format!("[{tree}], [{differential}]")).collect();
                format!("  {},\n", cells.join(", "))
            };
            let rows: String = rows.map(line).collect();
            let kinds = 2 * columns;
            format!(
                "\nTrees of ${field}$:\n\n#grid(\n  columns: {kinds}, column-gutter: 1em, row-gutter: 1em, align: horizon,\n{rows})\n"
            )
        }
    }
}
