//! Typst: an article set in the fonts that Typst brings.

use super::appendix::unfolded;
use super::equations::rows;
use super::latex::folded;
use super::table;
use super::text::{numbers, power_of_ten};
use super::{Block, Derivation, Document, Equation, Figure, Inline, Table, Text};
use crate::formula::{Formula, Markup, Spelling};
use crate::render::tree::TYPST;
use crate::render::typeset::{Row, Style, lines};
use std::fmt::Write as _;

/// The width of a line of the page.
const WIDTH: &str = "460pt";
/// Characters of typed text on a line.
const TYPED: usize = 88;

const PREAMBLE: &str = r##"#set page(paper: "a4", margin: 24mm, numbering: "1")
#set text(font: "New Computer Modern", size: 10pt, lang: "en")
#set par(justify: true)
#set heading(numbering: "1")
#set figure(placement: auto)
#set table(stroke: none, inset: (x: 4pt, y: 2.5pt))
#show heading: set block(above: 1.6em, below: 0.9em)
#show math.equation: set block(breakable: true)
#show raw.where(block: true): block.with(inset: (x: 12pt, y: 4pt))
#show figure.caption: set text(size: 9pt)
#show outline.entry: set text(size: 10pt)
"##;

/// A document as a Typst article.
///
/// Its pictures stand in files beside it, of which `picture` says the name; a picture that has none is left out.
#[must_use]
pub fn typst_with(document: &Document, picture: &dyn Fn(&Figure) -> Option<String>) -> String {
    let (document, details) = unfolded(document);
    let style = Style { width: WIDTH.parse().unwrap_or_default(), ..Style::fragment(Markup::Typst) };
    let mut page = Page { out: String::new(), spelling: &document.spelling, style, picture };
    let (title, byline) = (words(&document.title), written(&document.byline, page.spelling));
    let _ = write!(
        page.out,
        "#align(center)[\n  #text(size: 17pt)[{title}]\n\n  {byline}\n]\n\n#set document(title: {})\n\n",
        string(&document.title)
    );
    page.blocks(&document.summary);
    if document.sections.len() > 1 {
        page.out.push_str("#outline(depth: 1)\n\n");
    }
    for section in &document.sections {
        let _ = write!(page.out, "= {}\n\n", words(&section.title));
        page.blocks(&section.blocks);
    }
    if !details.is_empty() {
        page.out.push_str("#heading(level: 1, numbering: none)[Details]\n\n");
    }
    for detail in &details {
        let (label, summary) = (&detail.label, written(&detail.summary, page.spelling));
        let _ = write!(page.out, "#heading(level: 2, numbering: none)[{label} #h(1em) {summary}] <{label}>\n\n");
        page.blocks(&detail.blocks);
    }
    if !document.footer.is_empty() {
        let _ = write!(
            page.out,
            "#line(length: 100%, stroke: 0.4pt)\n#text(size: 9pt)[{}]\n",
            written(&document.footer, page.spelling)
        );
    }
    let body = page.out;
    let trees = if body.contains("#smalltree(") || body.contains("#rootedtree(") { TYPST } else { "" };
    format!("{PREAMBLE}{trees}\n{body}")
}

/// A document as a Typst article without its pictures.
#[must_use]
pub fn typst(document: &Document) -> String {
    typst_with(document, &|_| None)
}

struct Page<'a> {
    out: String,
    spelling: &'a Spelling,
    style: Style,
    picture: &'a dyn Fn(&Figure) -> Option<String>,
}

impl Page<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(text) => {
                    let _ = write!(self.out, "{}\n\n", written(text, self.spelling));
                }
                Block::Note(text) => {
                    let _ = write!(self.out, "#text(size: 9pt)[{}]\n\n", written(text, self.spelling));
                }
                Block::Heading(text) => self.heading(2, text),
                Block::Formula(formula) => self.display(formula),
                Block::Equations(equations) => self.aligned(&rows(equations)),
                Block::Derivation(lines) => self.derivation(lines),
                Block::Source(source) => self.source(source),
                Block::Table(table) => self.table(table),
                Block::Figure(figure) => self.figure(figure),
                Block::List(items) => {
                    for item in items {
                        let _ = writeln!(self.out, "- {}", written(item, self.spelling));
                    }
                    self.out.push('\n');
                }
                Block::Fold { summary, blocks, .. } => {
                    self.heading(3, summary);
                    self.blocks(blocks);
                }
            }
        }
    }

    fn heading(&mut self, level: usize, text: &Text) {
        let _ = write!(
            self.out,
            "#heading(level: {level}, numbering: none, outlined: false)[{}]\n\n",
            written(text, self.spelling)
        );
    }

    fn display(&mut self, formula: &Formula) {
        let (left, right) =
            formula.sides().map_or_else(|| (None, formula.clone()), |(left, right)| (Some(left), right));
        self.aligned(&rows(&[Equation { left, terms: right.terms(), ..Equation::default() }]));
    }

    fn derivation(&mut self, derivation: &[Derivation]) {
        let row = |line: &Derivation| Row {
            left: line.left.as_ref().map(Formula::terms).unwrap_or_default(),
            relation: Some('='),
            right: line.right.terms(),
            note: Some(line.reason.clone()),
            tag: Some(line.number),
        };
        self.aligned(&derivation.iter().map(row).collect::<Vec<_>>());
    }

    fn aligned(&mut self, rows: &[Row]) {
        let lines = lines(&self.style, self.spelling, rows);
        if !lines.is_empty() {
            let _ = write!(self.out, "$ {} $\n\n", lines.join(" \\\n  "));
        }
    }

    fn source(&mut self, source: &str) {
        let lines: Vec<String> = source.trim_end().lines().flat_map(|line| folded(line, TYPED)).collect();
        let _ = write!(self.out, "#raw(block: true, {})\n\n", string(&lines.join("\n")));
    }

    fn table(&mut self, table: &Table) {
        for part in table::parts(table) {
            self.part(&part);
        }
    }

    fn part(&mut self, table: &Table) {
        let layout = table::layout(table);
        let columns: Vec<String> = layout
            .shares
            .iter()
            .map(|share| share.map_or_else(|| "auto".to_owned(), |share| format!("{share:.3}fr")))
            .collect();
        let align: Vec<&str> = table.columns.iter().map(|c| if c.is_number { "right" } else { "left" }).collect();
        let row = |cells: &mut dyn Iterator<Item = &Text>| {
            let cells: Vec<String> = cells.map(|cell| format!("[{}]", written(cell, self.spelling))).collect();
            cells.join(", ")
        };
        let head = row(&mut table.columns.iter().map(|column| &column.head));
        let rows: String = table.rows.iter().map(|cells| format!("  {},\n", row(&mut cells.iter()))).collect();
        let size = if layout.crowded { "8pt" } else { "9pt" };
        let _ = write!(
            self.out,
            "#[\n#set text(size: {size})\n#set par(justify: false)\n#table(\n  columns: ({},), align: ({},),\n  table.hline(),\n  \
             table.header({head}),\n  table.hline(stroke: 0.5pt),\n{rows}  table.hline(),\n)\n]\n\n",
            columns.join(", "),
            align.join(", ")
        );
    }

    fn figure(&mut self, figure: &Figure) {
        let Some(file) = (self.picture)(figure) else { return };
        let _ = write!(
            self.out,
            "#figure(image({}, width: 100%, height: {:.0}%, fit: \"contain\"), caption: [{}])\n\n",
            string(&file),
            100.0 * figure.share_of_page(),
            written(&figure.caption, self.spelling)
        );
    }
}

/// Text in Typst.
fn written(text: &Text, spelling: &Spelling) -> String {
    let mut out = String::new();
    // What follows code must not be read as a part of it.
    let mut after_code = false;
    for piece in text.pieces() {
        let (piece, code) = match piece {
            Inline::Words(text) => (words(&text), false),
            Inline::Strong(name) => (format!("#strong[{}]", words(&name)), true),
            Inline::Code(code) => (format!("#raw({})", string(&code)), true),
            Inline::Formula(formula) => (format!("${}$", spelling.written(&formula, Markup::Typst).text.trim()), false),
            Inline::Number(number) => (number_typst(&number), false),
            Inline::Reference(label) => (format!("#link(<{label}>)[{label}]"), true),
            Inline::Verdict(good, text) => {
                let color = if good { "00704f" } else { "b3261e" };
                (format!("#text(fill: rgb(\"#{color}\"), weight: \"bold\")[{}]", words(&text)), true)
            }
        };
        if after_code && piece.starts_with(['(', '[', '.', ';', '\\']) {
            out.push(';');
        }
        out.push_str(&piece);
        after_code = code;
    }
    // What begins a list or a heading elsewhere.
    match out.chars().next() {
        Some('-' | '+' | '=' | '/') => format!("\\{out}"),
        _ => out,
    }
}

/// A number in mathematics, what is no number around it as words.
fn number_typst(number: &str) -> String {
    let pieces = numbers(number);
    if !pieces.iter().any(|(is_number, _)| *is_number) {
        return words(number);
    }
    let mut out = String::new();
    for (is_number, piece) in pieces {
        match (is_number, power_of_ten(piece)) {
            (true, Some((digits, exponent))) => {
                let _ = write!(out, "{digits} dot.c 10^({exponent})");
            }
            (true, None) => out.push_str(piece),
            (false, _) => {
                for c in piece.chars() {
                    match c {
                        '∞' => out.push_str(" oo "),
                        '∪' => out.push_str(" union "),
                        ' ' | '(' | ')' | '[' | ']' | ',' | '+' | '-' => out.push(c),
                        'i' => out.push_str(" i"),
                        c => {
                            let _ = write!(out, " {}", string(&c.to_string()));
                        }
                    }
                }
            }
        }
    }
    format!("${}$", out.trim())
}

/// Words in Typst: two hyphens stay two hyphens, and a number before a point begins no list.
fn words(text: &str) -> String {
    let mut out = Markup::Typst.words(text).replace("--", "\\-\\-").replace("...", "\\.\\.\\.");
    let digits = out.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && out[digits..].starts_with('.') {
        out.insert(digits, '\\');
    }
    out
}

/// A string of Typst.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_typst_would_read_otherwise_is_marked() {
        let spelling = Spelling::default();
        let text = Text::words("1. a -- b").strong("x_1").then("(y)").code("\"q\"").then(".").number("1.9e-3");
        assert_eq!(
            written(&text, &spelling),
            "1\\. a \\-\\- b#strong[x\\_1];(y)#raw(\"\\\"q\\\"\");.$1.9 dot.c 10^(-3)$"
        );
        assert_eq!(written(&Text::words("- c #d $e"), &spelling), "\\- c \\#d \\$e");
        assert_eq!(number_typst("(0, 2e-4) ∪ (1, ∞)"), "$(0, 2 dot.c 10^(-4))  union  (1,  oo )$");
        assert_eq!((number_typst("0.5+2i"), number_typst("–")), ("$0.5+2 i$".to_owned(), "–".to_owned()));
    }
}
