//! One self-contained HTML page: text, MathML and SVG inline, no script, nothing from the network.

use super::text::{numbers, power_of_ten};
use super::{Block, Derivation, Document, Equation, Figure, Inline, Table, Text, Tone};
use crate::formula::{Formula, MathMl, Spelling};
use crate::render::tree;
use crate::render::xml::escaped;
use std::fmt::Write as _;

/// Characters of a cell beyond which its column wraps.
const WIDE: usize = 24;
const STYLE: &str = include_str!("style.css");

/// A document as one HTML page that needs no other file, no network and no script.
///
/// Its colours follow the reader's choice of light and dark, formulas are MathML and break between their terms on narrow screens, what is too wide scrolls
/// inside its own box, and folded parts are unfolded where the page is printed.
#[must_use]
pub fn html(document: &Document) -> String {
    let title = escaped(&document.title);
    let mut page = Page { out: String::new(), spelling: &document.spelling, figures: 0 };
    let _ = write!(
        page.out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n"
    );
    if !document.byline.is_empty() {
        page.text("<p class=\"byline\">", &document.byline, "</p>\n");
    }
    page.out.push_str("</header>\n<main>\n");
    if !document.summary.is_empty() {
        page.out.push_str("<section class=\"summary\">\n");
        page.blocks(&document.summary);
        page.out.push_str("</section>\n");
    }
    if document.sections.len() > 1 {
        page.contents(document);
    }
    for (at, section) in document.sections.iter().enumerate() {
        let _ = writeln!(
            page.out,
            "<section id=\"{}\">\n<h2><span class=\"at\">{}</span>{}</h2>",
            slug(&section.title),
            at + 1,
            escaped(&section.title)
        );
        page.blocks(&section.blocks);
        page.out.push_str("</section>\n");
    }
    page.out.push_str("</main>\n");
    if !document.footer.is_empty() {
        page.text("<footer>", &document.footer, "</footer>\n");
    }
    page.out.push_str("</body>\n</html>\n");
    page.out
}

/// A page under construction.
struct Page<'a> {
    out: String,
    spelling: &'a Spelling,
    figures: usize,
}

impl Page<'_> {
    fn contents(&mut self, document: &Document) {
        self.out.push_str("<nav aria-label=\"Contents\"><ol>\n");
        for section in &document.sections {
            let title = &section.title;
            let _ = writeln!(self.out, "<li><a href=\"#{}\">{}</a></li>", slug(title), escaped(title));
        }
        self.out.push_str("</ol></nav>\n");
    }

    fn text(&mut self, before: &str, text: &Text, after: &str) {
        self.out.push_str(before);
        for piece in text.pieces() {
            match piece {
                Inline::Words(words) => self.out.push_str(&escaped(&words)),
                Inline::Strong(name) => {
                    let _ = write!(self.out, "<b>{}</b>", escaped(&name));
                }
                Inline::Code(code) => {
                    let _ = write!(self.out, "<code>{}</code>", typed(&code));
                }
                Inline::Formula(formula) => self.out.push_str(&self.spelling.mathml(&formula)),
                Inline::Reference(label) => self.out.push_str(&escaped(&label)),
                Inline::Number(number) => self.out.push_str(&number_html(&number)),
                Inline::Verdict(good, words) => {
                    let class = if good { "good" } else { "bad" };
                    let _ = write!(self.out, "<span class=\"{class}\">{}</span>", escaped(&words));
                }
            }
        }
        self.out.push_str(after);
    }

    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Paragraph(text) => self.text("<p>", text, "</p>\n"),
                Block::Note(text) => self.text("<p class=\"note\">", text, "</p>\n"),
                Block::Heading(text) => self.text("<h3>", text, "</h3>\n"),
                Block::Formula(formula) => self.display(formula),
                Block::Equations(equations) => self.equations(equations),
                Block::Derivation(lines) => self.derivation(lines),
                Block::Source(source) => {
                    // A carriage return is no line of its own.
                    let source = source.trim_end().replace("\r\n", "\n").replace('\r', "\n");
                    let _ = writeln!(self.out, "<pre>{}</pre>", typed(&source));
                }
                Block::Table(table) => self.table(table),
                Block::Figure(figure) => self.figure(figure),
                Block::List(items) => {
                    self.out.push_str("<ul>\n");
                    for item in items {
                        self.text("<li>", item, "</li>\n");
                    }
                    self.out.push_str("</ul>\n");
                }
                Block::Fold { summary, open, blocks } => {
                    self.out.push_str(if *open { "<details open>" } else { "<details>" });
                    self.text("<summary>", summary, "</summary>\n");
                    self.blocks(blocks);
                    self.out.push_str("</details>\n");
                }
            }
        }
    }

    /// A formula on a line of its own; a sum breaks between its terms.
    fn display(&mut self, formula: &Formula) {
        let (left, right) = match formula.sides() {
            Some((left, right)) => (Some(self.spelling.element(&left).equals().large()), right),
            None => (None, formula.clone()),
        };
        let left = left.map(|left| format!("{left} ")).unwrap_or_default();
        let terms = self.terms(&right.terms(), true);
        let _ = writeln!(self.out, "<p class=\"formula\">{left}{terms}</p>");
    }

    /// The terms of a sum, an element each, so that lines break between them; the first without a plus where the sum begins with it.
    fn terms(&self, terms: &[(bool, Formula)], first: bool) -> String {
        let written = terms.iter().enumerate().map(|(at, term)| {
            let element: MathMl = self.spelling.mathml_line(std::slice::from_ref(term), at > 0 || !first);
            element.large()
        });
        written.collect::<Vec<_>>().join("<wbr>")
    }

    fn equations(&mut self, equations: &[Equation]) {
        let trees = equations.iter().any(|equation| equation.tree.is_some());
        let labels = equations.iter().any(|equation| !equation.label.is_empty());
        let class = format!("{}{}", if trees { " trees" } else { "" }, if labels { " labels" } else { "" });
        let _ = writeln!(self.out, "<div class=\"equations{class}\">");
        for equation in equations {
            let left = equation.left.as_ref().map(|left| self.spelling.element(left).equals().finish());
            let tone = match equation.tone {
                Tone::Plain => "",
                Tone::Principal => " principal",
                Tone::Rest => " rest",
            };
            let first = if left.is_some() { " first" } else { "" };
            let terms = self.terms(&equation.terms, left.is_some());
            // Fractions above each other need room.
            let tall = if terms.contains("<mfrac>") { " tall" } else { "" };
            let left = left.as_deref().unwrap_or_default();
            // On narrow screens the label stands behind the formula.
            let tag = match equation.label {
                label if trees || label.is_empty() => String::new(),
                label => format!(" <span class=\"tag{tone}\">{label}</span>"),
            };
            let _ = write!(
                self.out,
                "<div class=\"left{first}\">{left}</div><div class=\"right{tall}{first}\">{terms}{tag}</div>"
            );
            if trees {
                let tree = equation.tree.as_ref().map(tree::svg).unwrap_or_default();
                let _ = write!(self.out, "<div class=\"picture{first}\">{tree}</div>");
            }
            if labels {
                let _ = write!(self.out, "<div class=\"part{first}{tone}\">{}</div>", equation.label);
            }
            self.out.push('\n');
        }
        self.out.push_str("</div>\n");
    }

    fn derivation(&mut self, lines: &[Derivation]) {
        self.out.push_str("<div class=\"derivation\">\n");
        for line in lines {
            let left = line.left.as_ref().map_or_else(String::new, |left| format!("{} ", self.spelling.mathml(left)));
            let first = if line.left.is_some() { " first" } else { "" };
            let terms = self.terms(&line.right.terms(), true);
            let reason = line.reason.html(self.spelling, escaped);
            let _ = writeln!(
                self.out,
                "<div class=\"number{first}\">{}</div><div class=\"step{first}\">{left}<math><mo form=\"infix\">=</mo></math> {terms} <span class=\"reason\">{reason}</span></div>",
                line.number
            );
        }
        self.out.push_str("</div>\n");
    }

    fn table(&mut self, table: &Table) {
        self.out.push_str("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>");
        let class = |at: usize| match table.columns.get(at) {
            Some(column) if column.is_number => " class=\"number\"",
            _ if table.widest(at) > WIDE => " class=\"wide\"",
            _ => "",
        };
        for (at, column) in table.columns.iter().enumerate() {
            self.text(&format!("<th{}>", class(at)), &column.head, "</th>");
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.out.push_str("<tr>");
            for (at, cell) in row.iter().enumerate() {
                self.text(&format!("<td{}>", class(at)), cell, "</td>");
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody></table></div>\n");
    }

    fn figure(&mut self, figure: &Figure) {
        self.figures += 1;
        let svg = figure.svg();
        let svg = svg.trim();
        // An SVG document begins with a declaration that a part of a page has not.
        let bare = |svg: &str| svg.find("<svg").map_or(svg, |at| &svg[at..]).trim_end().to_owned();
        let _ = writeln!(self.out, "<figure id=\"{}\">", slug(&figure.name));
        match figure.narrow_svg() {
            Some(narrow) => {
                let _ = write!(
                    self.out,
                    "<div class=\"wide\">{}</div>\n<div class=\"narrow\">{}</div>\n",
                    bare(svg),
                    bare(&narrow)
                );
            }
            None => {
                let _ = writeln!(self.out, "{}", bare(svg));
            }
        }
        let before = format!("<figcaption><b>Figure {}.</b> ", self.figures);
        self.text(&before, &figure.caption, "</figcaption>\n</figure>\n");
    }
}

/// What is typed; lines break before a flag and not within it.
fn typed(text: &str) -> String {
    let is_flag = |word: &str| {
        let name = word.strip_prefix("--").unwrap_or_default();
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && name.len() <= 24
    };
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive([' ', '\n']) {
        let word = piece.trim_end_matches([' ', '\n']);
        if is_flag(word) {
            let _ = write!(out, "<span class=\"flag\">{word}</span>");
        } else {
            out.push_str(&escaped(word));
        }
        out.push_str(&piece[word.len()..]);
    }
    out
}

/// A number as text and superscripts.
fn number_html(number: &str) -> String {
    let mut out = String::new();
    for (is_number, piece) in numbers(number) {
        match (is_number, power_of_ten(piece)) {
            (true, Some((digits, exponent))) => {
                let _ = write!(out, "{digits}\u{202f}×\u{202f}10<sup>{exponent}</sup>");
            }
            _ => out.push_str(&escaped(piece)),
        }
    }
    format!("<span class=\"n\">{}</span>", out.replace('-', "−"))
}

/// A heading as the name of a place in the page.
pub(super) fn slug(title: &str) -> String {
    let letters =
        title.chars().map(|c| if c.is_alphanumeric() { c.to_lowercase().to_string() } else { "-".to_owned() });
    let joined: String = letters.collect();
    joined.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}
