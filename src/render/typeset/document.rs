//! What stands around blocks of equations: a preamble, or nothing where a paper takes them in.

use super::block::{Row, set};
use super::breaking::Line;
use super::style::{Environment, Style};
use crate::formula::{Markup, Sentence, Spelling};
use crate::render::tree::{FOREST, TYPST};
use std::fmt::Write as _;

/// A document in the making.
#[derive(Debug)]
pub(in crate::render) struct Document<'a> {
    style: &'a Style,
    body: String,
    /// Comments, which stand first.
    comments: String,
    packages: Vec<&'static str>,
    definitions: Vec<&'static str>,
    /// How many blocks have a label by now.
    labels: usize,
}

/// What is taller, in thousandths of the size of the type, has more than one block where blocks do not break across pages.
const PAGE: usize = 51_000;

impl<'a> Document<'a> {
    pub(in crate::render) fn new(style: &'a Style) -> Self {
        Self {
            style,
            body: String::new(),
            comments: String::new(),
            packages: vec!["amsmath"],
            definitions: Vec::new(),
            labels: 0,
        }
    }

    /// The language.
    pub(in crate::render) fn markup(&self) -> Markup {
        self.style.markup
    }

    /// A comment, or more than one.
    pub(in crate::render) fn comment(&mut self, text: &str) {
        self.comments.push_str(&self.style.markup.comment(text));
    }

    /// A sentence of its own; a comment where there is nothing but mathematics.
    pub(in crate::render) fn sentence(&mut self, sentence: &Sentence, spelling: &Spelling) {
        let words = sentence.markup(spelling, self.style.markup);
        if self.style.environment == Environment::Align {
            let _ = writeln!(self.body, "{words}");
        } else {
            self.comment(&words);
        }
    }

    /// A heading of its own, in words.
    pub(in crate::render) fn heading(&mut self, sentence: &Sentence, spelling: &Spelling) {
        let words = sentence.markup(spelling, self.style.markup);
        let _ = match self.style.markup {
            Markup::Latex => writeln!(self.body, "\n\\medskip\\noindent {words}\n"),
            Markup::Typst => writeln!(self.body, "\n{words}\n"),
        };
    }

    /// Markup as it is.
    pub(in crate::render) fn push(&mut self, markup: &str) {
        self.body.push_str(markup);
    }

    /// A package of LaTeX.
    pub(in crate::render) fn needs(&mut self, package: &'static str) {
        if !self.packages.contains(&package) {
            self.packages.push(package);
        }
    }

    /// A definition, which stands before all else, in a fragment too.
    pub(in crate::render) fn defines(&mut self, definition: &'static str) {
        if !self.definitions.contains(&definition) {
            self.definitions.push(definition);
        }
    }

    /// Whether there may be pictures in equations; `MathJax` and `KaTeX` have none.
    pub(in crate::render) fn draws(&self) -> bool {
        self.style.markup == Markup::Typst || self.style.environment == Environment::Align
    }

    /// What draws trees.
    pub(in crate::render) fn defines_trees(&mut self) {
        match self.style.markup {
            Markup::Latex => {
                self.needs("forest");
                self.defines(FOREST);
            }
            Markup::Typst => self.defines(TYPST),
        }
    }

    /// One block of equations.
    pub(in crate::render) fn block(&mut self, spelling: &Spelling, rows: &[Row]) {
        let lines = set(self.style, spelling, rows);
        if lines.is_empty() {
            return;
        }
        let breaks = self.style.markup == Markup::Typst || self.style.environment == Environment::Align;
        let mut parts: Vec<Vec<String>> = vec![Vec::new()];
        let mut used = 0;
        for Line { text, height, .. } in lines {
            used += height;
            match parts.last_mut() {
                Some(part) if breaks || self.style.fragment || used <= PAGE || part.is_empty() => part.push(text),
                _ => {
                    parts.push(vec![text]);
                    used = height;
                }
            }
        }
        for part in parts {
            self.equations(&part);
        }
    }

    fn equations(&mut self, lines: &[String]) {
        let label = self.style.label.as_ref().map(|name| {
            self.labels += 1;
            if self.labels == 1 { format!("eq:{name}") } else { format!("eq:{name}-{}", self.labels) }
        });
        let body = &mut self.body;
        let _ = match (self.style.markup, self.style.environment) {
            (Markup::Typst, _) => {
                let name = label.map(|label| format!(" <{label}>")).unwrap_or_default();
                writeln!(body, "$ {} ${name}", lines.join(" \\\n  "))
            }
            (Markup::Latex, Environment::Align) => match label {
                None => writeln!(body, "\\begin{{align*}}\n  {}\n\\end{{align*}}", joined(lines)),
                Some(label) => {
                    // One number for the block, unless its lines have their own.
                    let tagged = lines.iter().any(|line| line.contains("\\tag{"));
                    let (name, silent) = if tagged { ("align*", "") } else { ("align", " \\notag") };
                    let mut lines = lines.to_vec();
                    let own = if !tagged || lines[0].contains("\\tag{") {
                        format!(" \\label{{{label}}}")
                    } else {
                        String::new()
                    };
                    for (at, line) in lines.iter_mut().enumerate() {
                        line.push_str(if at == 0 { &own } else { silent });
                    }
                    writeln!(body, "\\begin{{{name}}}\n  {}\n\\end{{{name}}}", joined(&lines))
                }
            },
            (Markup::Latex, environment) => {
                let name = if environment == Environment::Split { "split" } else { "aligned" };
                let inner = format!("\\begin{{{name}}}\n  {}\n\\end{{{name}}}", joined(lines));
                match (label, self.style.fragment) {
                    (Some(label), _) => {
                        writeln!(body, "\\begin{{equation}} \\label{{{label}}}\n{inner}\n\\end{{equation}}")
                    }
                    (None, true) => writeln!(body, "{inner}"),
                    (None, false) if name == "split" => {
                        writeln!(body, "\\begin{{equation*}}\n{inner}\n\\end{{equation*}}")
                    }
                    (None, false) => writeln!(body, "\\[\n{inner}\n\\]"),
                }
            }
        };
    }

    /// The whole.
    pub(in crate::render) fn finish(self) -> String {
        let Self { style, body, comments, packages, definitions, .. } = &self;
        let definitions: String = definitions.iter().map(|definition| format!("{definition}\n")).collect();
        if style.fragment {
            let needed: Vec<&str> = packages.iter().copied().filter(|package| *package != "amsmath").collect();
            let needed = match (style.markup, needed.as_slice()) {
                (Markup::Typst, _) | (_, []) => String::new(),
                (Markup::Latex, needed) => style.markup.comment(&format!("needs the packages {}", needed.join(", "))),
            };
            return format!("{comments}{needed}{definitions}{body}");
        }
        let own: String = style.preamble.iter().map(|line| format!("{line}\n")).collect();
        let points = style.width.points();
        match style.markup {
            Markup::Latex => {
                let class = if style.width.is_half() { "[twocolumn]" } else { "" };
                let packages: String = packages.iter().map(|name| format!("\\usepackage{{{name}}}\n")).collect();
                let width = match style.width.is_half() || style.width.is_whole() {
                    true => String::new(),
                    false => format!("\\setlength{{\\textwidth}}{{{points}pt}}\n"),
                };
                format!(
                    "{comments}\\documentclass{class}{{article}}\n{packages}{width}\\allowdisplaybreaks\n{own}{definitions}\\begin{{document}}\n{body}\\end{{document}}\n"
                )
            }
            Markup::Typst => {
                let page = match style.width.is_half() {
                    true => "#set page(columns: 2, width: 469pt + 4cm, margin: (x: 2cm))\n#set columns(gutter: 11pt)\n"
                        .to_owned(),
                    false => format!("#set page(width: {points}pt + 4cm, margin: (x: 2cm))\n"),
                };
                let numbers = if style.label.is_some() { "#set math.equation(numbering: \"(1)\")\n" } else { "" };
                format!(
                    "{comments}{page}#set text(font: \"New Computer Modern\", size: 10pt)\n#show math.equation: set block(breakable: true)\n{numbers}{own}{definitions}\n{body}"
                )
            }
        }
    }
}

/// Lines of LaTeX's, with more room where a matrix would touch its neighbour.
fn joined(lines: &[String]) -> String {
    let tall = |line: &String| line.contains("\\begin{bmatrix}");
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            out.push_str(if tall(line) || tall(&lines[at - 1]) { " \\\\[4pt]\n  " } else { " \\\\\n  " });
        }
        out.push_str(line);
    }
    out
}
