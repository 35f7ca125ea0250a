//! The trees of a modified equation beside their elementary differentials.

use super::document::Document;
use super::equation::push_equation;
use super::style::Style;
use crate::formula::{Letter, Markup, Spelling};
use crate::render::tree::{forest, leaves, typst};
use crate::series::ModifiedEquation;
use crate::tree::{Notation, Tree};

/// Between a tree and its differential, and between neighbours, in thousandths of the size of the type.
const GAP: usize = 1500;
/// Between the nodes of a tree.
const UNIT: usize = 900;
/// Between its levels.
const LEVEL: usize = 740;
/// A table that is taller is set line by line.
const TALL: usize = 24_000;

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
        let mut widest = Widths::default();
        for term in terms {
            let tree = match style.markup {
                Markup::Latex => forest(&term.tree),
                Markup::Typst => typst(&term.tree),
            };
            let differential = written(notation.formula(&term.tree));
            widest.grow(leaves(&term.tree) * UNIT + GAP, differential.width + GAP);
            cells.push([tree, format!("${}$", differential.text)]);
        }
        let heights = terms.iter().map(|term| height(&term.tree));
        let field = written(Letter::Field(n).into()).text;
        // As many beside each other as there is room for.
        let columns = |width: usize| (style.room() / width.max(1)).clamp(1, 4).min(cells.len());
        let few = columns(widest.both);
        let tall = heights.sum::<usize>() / few > TALL;
        document.push(&match style.markup {
            Markup::Latex if tall => lines(&field, &cells, columns(widest.tree + widest.differential), widest),
            markup => table(&field, &cells, few, markup),
        });
    }
    document.finish()
}

/// How wide trees and differentials are at most, and a tree beside its own.
#[derive(Debug, Clone, Copy, Default)]
struct Widths {
    tree: usize,
    differential: usize,
    both: usize,
}

impl Widths {
    fn grow(&mut self, tree: usize, differential: usize) {
        self.tree = self.tree.max(tree);
        self.differential = self.differential.max(differential);
        self.both = self.both.max(tree + differential);
    }
}

/// How tall a row with this tree is.
fn height(tree: &Tree) -> usize {
    let levels = tree.levels().iter().max().map_or(1, |level| usize::from(*level) + 1);
    (levels * LEVEL).max(1000) + 600
}

/// Trees of LaTeX line by line, so that pages may break between them.
fn lines(field: &str, cells: &[[String; 2]], columns: usize, widths: Widths) -> String {
    // Thousandths of the size of the type, which is ten points.
    let stop = |width: usize| format!("\\hspace{{{}pt}}\\=", width / 100);
    let stops = format!("{}{}", stop(widths.tree), stop(widths.differential)).repeat(columns);
    let line = |row: &[[String; 2]]| {
        let cells: Vec<String> = row.iter().map(|[tree, differential]| format!("{tree} \\> {differential}")).collect();
        format!("  {}", cells.join(" \\> "))
    };
    let rows: Vec<String> = cells.chunks(columns).map(line).collect();
    format!(
        "\n\\noindent Trees of ${field}$:\\nopagebreak\n\\begin{{tabbing}}\n  {stops}\\kill\n{}\n\\end{{tabbing}}\n",
        rows.join(" \\\\[6pt]\n")
    )
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
