//! Markdown as GitHub shows it, formulas in dollars, no HTML.

use super::appendix::unfolded;
use super::equations::rows;
use super::html::slug;
use super::latex::number_latex;
use super::text::power_of_ten;
use super::{Block, Derivation, Document, Equation, Figure, Inline, Table, Text};
use crate::formula::{Formula, Markup, Spelling};
use crate::render::typeset::{Environment, Style, lines};
use std::fmt::Write as _;

/// The width of a line.
const WIDTH: &str = "600pt";

/// A document in Markdown.
///
/// Its pictures stand in files beside it, of which `picture` says the name; a picture that has none is left out.
#[must_use]
pub fn markdown_with(document: &Document, picture: &dyn Fn(&Figure) -> Option<String>) -> String {
    let (document, details) = unfolded(document);
    let mut page = Page { out: String::new(), spelling: &document.spelling, picture, figures: 0 };
    let _ = write!(page.out, "# {}\n\n", words(&document.title));
    if !document.byline.is_empty() {
        let _ = write!(page.out, "*{}*\n\n", page.text(&document.byline));
    }
    page.blocks(&document.summary);
    if document.sections.len() > 1 {
        for (at, section) in document.sections.iter().enumerate() {
            let anchor = format!("{}-{}", at + 1, slug(&section.title));
            let _ = writeln!(page.out, "{}. [{}](#{anchor})", at + 1, words(&section.title));
        }
        page.out.push('\n');
    }
    for (at, section) in document.sections.iter().enumerate() {
        let _ = write!(page.out, "## {}. {}\n\n", at + 1, words(&section.title));
        page.blocks(&section.blocks);
    }
    if !details.is_empty() {
        page.out.push_str("## Details\n\n");
    }
    for detail in &details {
        let _ = write!(page.out, "### {}\n\n{}\n\n", detail.label, page.text(&detail.summary));
        page.blocks(&detail.blocks);
    }
    if !document.footer.is_empty() {
        let _ = writeln!(page.out, "---\n\n{}", page.text(&document.footer));
    }
    page.out
}

/// A document in Markdown without its pictures.
#[must_use]
pub fn markdown(document: &Document) -> String {
    markdown_with(document, &|_| None)
}

struct Page<'a> {
    out: String,
    spelling: &'a Spelling,
    picture: &'a dyn Fn(&Figure) -> Option<String>,
    figures: usize,
}

impl Page<'_> {
    fn text(&self, text: &Text) -> String {
        let mut out = String::new();
        for piece in text.pieces() {
            match piece {
                Inline::Words(text) => out.push_str(&words(&text)),
                Inline::Strong(text) | Inline::Verdict(_, text) => {
                    let _ = write!(out, "**{}**", words(&text));
                }
                Inline::Code(code) => {
                    let _ = write!(out, "`{code}`");
                }
                Inline::Formula(formula) => {
                    let _ = write!(out, "${}$", mathematics(&self.spelling.latex(&formula)));
                }
                Inline::Reference(label) => {
                    let _ = write!(out, "[{label}](#{})", label.to_lowercase());
                }
                Inline::Number(number) if power_of_ten(&number).is_some() => out.push_str(&number_latex(&number)),
                Inline::Number(number) => out.push_str(&number.replace('-', "−")),
            }
        }
        out
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(text) | Block::Note(text) => {
                    let _ = write!(self.out, "{}\n\n", self.text(text));
                }
                Block::Heading(text) => {
                    let _ = write!(self.out, "### {}\n\n", self.text(text));
                }
                Block::Formula(formula) => self.display(formula),
                Block::Equations(equations) => self.equations(equations),
                Block::Derivation(lines) => self.derivation(lines),
                Block::Source(source) => {
                    let fence = fence(source);
                    let _ = write!(self.out, "{fence}text\n{}\n{fence}\n\n", source.trim_end());
                }
                Block::Table(table) => self.table(table),
                Block::Figure(figure) => self.figure(figure),
                Block::List(items) => {
                    for item in items {
                        let _ = writeln!(self.out, "- {}", self.text(item));
                    }
                    self.out.push('\n');
                }
                Block::Fold { summary, blocks, .. } => {
                    let _ = write!(self.out, "{}\n\n", self.text(summary));
                    self.blocks(blocks);
                }
            }
        }
    }

    fn display(&mut self, formula: &Formula) {
        let (left, right) =
            formula.sides().map_or_else(|| (None, formula.clone()), |(left, right)| (Some(left), right));
        self.equations(&[Equation { left, terms: right.terms(), ..Equation::default() }]);
    }

    fn equations(&mut self, equations: &[Equation]) {
        let style = Style {
            width: WIDTH.parse().unwrap_or_default(),
            environment: Environment::Aligned,
            ..Style::fragment(Markup::Latex)
        };
        let rows = lines(&style, self.spelling, &rows(equations));
        if !rows.is_empty() {
            let rows = mathematics(&rows.join(" \\\\\n"));
            let _ = write!(self.out, "$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$\n\n");
        }
    }

    fn derivation(&mut self, lines: &[Derivation]) {
        for line in lines {
            let left = line.left.as_ref().map(|left| self.spelling.latex(left)).unwrap_or_default();
            let equation = mathematics(&format!("{left} = {}", self.spelling.latex(&line.right)));
            let reason = self.text(&Text::from(line.reason.clone()));
            let _ = writeln!(self.out, "- {}: ${}$ ({reason})", line.number, equation.trim());
        }
        self.out.push('\n');
    }

    fn table(&mut self, table: &Table) {
        let cell = |text: &Text| match self.text(text) {
            text if text.is_empty() => " ".to_owned(),
            text => text,
        };
        let heads: Vec<String> = table.columns.iter().map(|column| cell(&column.head)).collect();
        let rules: Vec<&str> =
            table.columns.iter().map(|column| if column.is_number { "---:" } else { "---" }).collect();
        let mut rows = format!("| {} |\n| {} |\n", heads.join(" | "), rules.join(" | "));
        for row in &table.rows {
            let cells: Vec<String> = row.iter().map(cell).collect();
            let _ = writeln!(rows, "| {} |", cells.join(" | "));
        }
        rows.push('\n');
        self.out.push_str(&rows);
    }

    fn figure(&mut self, figure: &Figure) {
        let Some(file) = (self.picture)(figure) else { return };
        self.figures += 1;
        let alt = figure.caption.plain().replace(['[', ']', '\n'], " ");
        let (number, caption) = (self.figures, self.text(&figure.caption));
        let _ = write!(self.out, "![{alt}]({file})\n\n**Figure {number}.** {caption}\n\n");
    }
}

/// Mathematics for Markdown: a bar would end the cell of a table.
fn mathematics(latex: &str) -> String {
    latex.replace("\\|", "\\Vert ").replace('|', "\\vert ")
}

/// A fence longer than any in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// Words as Markdown shows them.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            // Before a space, or a formula, it begins no element.
            '<' if letters.peek().is_none_or(|next| next.is_whitespace()) => out.push(c),
            '>' if !out.is_empty() => out.push(c),
            '\\' | '*' | '_' | '$' | '<' | '>' | '[' | ']' | '|' | '`' | '#' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
