//! LaTeX: an article that any of its engines sets, with `amsmath`, `graphicx` and what else every distribution has.

use super::appendix::unfolded;
use super::equations::rows;
use super::table::{self, TableLayout};
use super::text::{numbers, power_of_ten};
use super::{Block, Derivation, Document, Equation, Figure, Inline, Table, Text};
use crate::formula::{Formula, Markup, Spelling, typewriter};
use crate::render::typeset::{Row, Style, lines};
use std::fmt::Write as _;

/// The width of a line of the page.
const WIDTH: &str = "460pt";
/// Characters of typed text on a line.
const TYPED: usize = 88;

const PREAMBLE: &str = r"\documentclass[10pt]{article}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}
\usepackage[utf8]{inputenc}
\usepackage[a4paper,margin=24mm]{geometry}
\usepackage{amsmath,amssymb}
\usepackage{array,booktabs,longtable}
\usepackage{graphicx,xcolor}
\usepackage[hidelinks]{hyperref}
\definecolor{principal}{HTML}{00659E}
\definecolor{rest}{HTML}{9A4300}
\definecolor{good}{HTML}{00704F}
\definecolor{bad}{HTML}{B3261E}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt plus 1pt}
\setlength{\emergencystretch}{3em}
\allowdisplaybreaks
";

/// A document as a LaTeX article.
///
/// Its pictures stand in files beside it, of which `picture` says the name; a picture that has none is left out.
#[must_use]
pub fn latex_with(document: &Document, picture: &dyn Fn(&Figure) -> Option<String>) -> String {
    let (document, details) = unfolded(document);
    let style = Style { width: WIDTH.parse().unwrap_or_default(), ..Style::fragment(Markup::Latex) };
    let mut page = Page { out: PREAMBLE.to_owned(), spelling: &document.spelling, style, picture };
    let byline = written(&document.byline, page.spelling);
    let _ = write!(
        page.out,
        "\\title{{{}}}\n\\author{{{byline}}}\n\\date{{}}\n\\begin{{document}}\n\\maketitle\n\n",
        words(&document.title)
    );
    page.blocks(&document.summary);
    if document.sections.len() > 1 {
        page.out.push_str("\\tableofcontents\n\n");
    }
    for section in &document.sections {
        let _ = write!(page.out, "\\section{{{}}}\n\n", words(&section.title));
        page.blocks(&section.blocks);
    }
    if !details.is_empty() {
        page.out.push_str("\\section*{Details}\n\\addcontentsline{toc}{section}{Details}\n\n");
    }
    for detail in &details {
        let (label, summary) = (&detail.label, written(&detail.summary, page.spelling));
        let _ = write!(page.out, "\\subsection*{{\\hypertarget{{{label}}}{{}}{label}\\quad {summary}}}\n\n");
        page.blocks(&detail.blocks);
    }
    if !document.footer.is_empty() {
        let _ = write!(
            page.out,
            "\\bigskip\\hrule\\smallskip\n{{\\small {}}}\n\n",
            written(&document.footer, page.spelling)
        );
    }
    page.out.push_str("\\end{document}\n");
    page.out
}

/// A document as a LaTeX article without its pictures.
#[must_use]
pub fn latex(document: &Document) -> String {
    latex_with(document, &|_| None)
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
                Block::Paragraph(text) => self.paragraph("", text),
                Block::Note(text) => self.paragraph("\\small ", text),
                Block::Heading(text) => {
                    let text = written(text, self.spelling);
                    let _ = write!(self.out, "\\subsection*{{{text}}}\n\n");
                }
                Block::Formula(formula) => self.display(formula),
                Block::Equations(equations) => self.equations(equations),
                Block::Derivation(lines) => self.derivation(lines),
                Block::Source(source) => self.source(source),
                Block::Table(table) => self.table(table),
                Block::Figure(figure) => self.figure(figure),
                Block::List(items) => {
                    self.out.push_str("\\begin{itemize}\n");
                    for item in items {
                        let _ = writeln!(self.out, "  \\item {}", written(item, self.spelling));
                    }
                    self.out.push_str("\\end{itemize}\n\n");
                }
                Block::Fold { summary, blocks, .. } => {
                    let _ = write!(self.out, "\\paragraph{{{}}}\\mbox{{}}\n\n", written(summary, self.spelling));
                    self.blocks(blocks);
                }
            }
        }
    }

    fn paragraph(&mut self, size: &str, text: &Text) {
        let text = written(text, self.spelling);
        let _ = match size {
            "" => write!(self.out, "{text}\n\n"),
            size => write!(self.out, "{{{size}{text}\\par}}\n\n"),
        };
    }

    fn display(&mut self, formula: &Formula) {
        let (left, right) =
            formula.sides().map_or_else(|| (None, formula.clone()), |(left, right)| (Some(left), right));
        let equation = Equation { left, terms: right.terms(), ..Equation::default() };
        self.equations(&[equation]);
    }

    fn equations(&mut self, equations: &[Equation]) {
        let rows = rows(equations);
        self.aligned(&lines(&self.style, self.spelling, &rows));
    }

    fn derivation(&mut self, derivation: &[Derivation]) {
        let row = |line: &Derivation| Row {
            left: line.left.as_ref().map(Formula::terms).unwrap_or_default(),
            relation: Some('='),
            right: line.right.terms(),
            note: Some(line.reason.clone()),
            tag: Some(line.number),
        };
        let rows: Vec<Row> = derivation.iter().map(row).collect();
        self.aligned(&lines(&self.style, self.spelling, &rows));
    }

    fn aligned(&mut self, rows: &[String]) {
        if !rows.is_empty() {
            let _ = write!(self.out, "\\begin{{align*}}\n  {}\n\\end{{align*}}\n\n", rows.join(" \\\\\n  "));
        }
    }

    fn source(&mut self, source: &str) {
        self.out.push_str("\\begin{quote}\\small\\raggedright\n");
        for line in source.trim_end().lines() {
            for piece in folded(line, TYPED) {
                let typed = typed(&piece).replace(' ', "\\ ");
                let _ = writeln!(self.out, "{}\\\\", if piece.is_empty() { "\\mbox{}" } else { &typed });
            }
        }
        self.out.push_str("\\end{quote}\n\n");
    }

    fn table(&mut self, table: &Table) {
        for part in table::parts(table) {
            self.part(&part);
        }
    }

    fn part(&mut self, table: &Table) {
        let TableLayout { shares, crowded, widths } = table::layout(table);
        let columns: String = table
            .columns
            .iter()
            .zip(shares)
            .map(|(column, share)| match (share, column.is_number) {
                (Some(own), _) => format!(">{{\\raggedright\\arraybackslash}}p{{{own:.3}\\linewidth}}"),
                (None, true) => "r".to_owned(),
                (None, false) => "l".to_owned(),
            })
            .collect();
        let row = |cells: &mut dyn Iterator<Item = &Text>| {
            let cells: Vec<String> = cells.map(|cell| written(cell, self.spelling)).collect();
            format!("{} \\\\\n", cells.join(" & "))
        };
        let heads = table.columns.iter().zip(&widths).map(|(column, width)| {
            match table::head_lines(&column.head, *width).filter(|_| crowded) {
                Some(lines) => {
                    let lines: Vec<String> = lines.iter().map(|line| words(line)).collect();
                    let side = if column.is_number { 'r' } else { 'l' };
                    format!("\\shortstack[{side}]{{{}}}", lines.join("\\\\"))
                }
                None => written(&column.head, self.spelling),
            }
        });
        let head = format!("{} \\\\\n", heads.collect::<Vec<_>>().join(" & "));
        let rows: String = table.rows.iter().map(|cells| row(&mut cells.iter())).collect();
        let crowded = if crowded { "\\footnotesize\\setlength{\\tabcolsep}{4pt}" } else { "\\small" };
        let _ = write!(
            self.out,
            "{{{crowded}\n\\begin{{longtable}}[l]{{@{{}}{columns}@{{}}}}\n\\toprule\n{head}\\midrule\n\\endhead\n{rows}\\bottomrule\n\\end{{longtable}}}}\n\n"
        );
    }

    fn figure(&mut self, figure: &Figure) {
        let Some(file) = (self.picture)(figure) else { return };
        let share = figure.share_of_page();
        let _ = write!(
            self.out,
            "\\begin{{figure}}[htbp]\n  \\centering\n  \\includegraphics[width=\\linewidth,height={share}\\textheight,keepaspectratio]{{{file}}}\n  \\caption{{{}}}\n\\end{{figure}}\n\n",
            written(&figure.caption, self.spelling)
        );
    }
}

/// Text in LaTeX.
fn written(text: &Text, spelling: &Spelling) -> String {
    let mut out = String::new();
    for piece in text.pieces() {
        match piece {
            Inline::Words(text) => out.push_str(&words(&text)),
            Inline::Strong(name) => {
                let _ = write!(out, "\\textbf{{{}}}", words(&name));
            }
            Inline::Code(code) => out.push_str(&typed(&code)),
            Inline::Formula(formula) => {
                let _ = write!(out, "${}$", spelling.latex(&formula));
            }
            Inline::Number(number) => out.push_str(&number_latex(&number)),
            Inline::Reference(label) => {
                let _ = write!(out, "\\hyperlink{{{label}}}{{{label}}}");
            }
            Inline::Verdict(good, text) => {
                let color = if good { "good" } else { "bad" };
                let _ = write!(out, "\\textcolor{{{color}}}{{\\textbf{{{}}}}}", words(&text));
            }
        }
    }
    out
}

/// A number in mathematics mode, what is no number around it as words.
pub(super) fn number_latex(number: &str) -> String {
    let pieces = numbers(number);
    if !pieces.iter().any(|(is_number, _)| *is_number) {
        return words(number);
    }
    let mut out = String::from("$");
    for (is_number, piece) in pieces {
        match (is_number, power_of_ten(piece)) {
            (true, Some((digits, exponent))) => {
                let _ = write!(out, "{digits} \\cdot 10^{{{exponent}}}");
            }
            (true, None) => out.push_str(piece),
            (false, _) => out.push_str(&piece.replace('∞', "\\infty").replace('∪', "\\cup").replace('–', "\\text{--}")),
        }
    }
    out.push('$');
    out
}

/// What is typed, with places where a line may break.
fn typed(code: &str) -> String {
    let typed = |piece: &str| unicode(&typewriter(piece)).replace('-', "{-}");
    let (mut out, mut from) = (String::new(), 0);
    let letters: Vec<(usize, char)> = code.char_indices().collect();
    for (k, (at, c)) in letters.iter().enumerate() {
        let beside = |k: Option<usize>| k.and_then(|k| letters.get(k)).is_some_and(|(_, c)| c.is_alphanumeric());
        // Within a word, but not within the hyphens of a flag.
        let hyphen = *c == '-' && beside(k.checked_sub(1)) && beside(Some(k + 1));
        if matches!(c, '/' | ',') || hyphen {
            out.push_str(&typed(&code[from..=*at]));
            out.push_str("\\allowbreak{}");
            from = at + 1;
        }
    }
    out + &typed(&code[from..])
}

/// A line in pieces of at most so many characters, broken after spaces where there are any.
pub(super) fn folded(line: &str, most: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut length = 0;
    for word in line.split_inclusive(' ') {
        let own = word.chars().count();
        if length > 0 && length + own > most {
            pieces.push("    ".to_owned());
            length = 4;
        }
        for c in word.chars() {
            if length >= most {
                pieces.push("    ".to_owned());
                length = 4;
            }
            if let Some(last) = pieces.last_mut() {
                last.push(c);
            }
            length += 1;
        }
    }
    pieces
}

/// Words as LaTeX has them.
pub(super) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '$' | '%' | '&' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out.push_str("\\textbackslash{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '<' | '>' | '|' => out.extend(['$', c, '$']),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    unicode(&out)
}

/// Characters that fonts of LaTeX lack as commands, and what nothing is known of as a question mark.
fn unicode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '–' => out.push_str("--"),
            '—' => out.push_str("---"),
            '…' => out.push_str("\\dots{}"),
            '“' => out.push_str("``"),
            '”' => out.push_str("''"),
            '’' => out.push('\''),
            '‘' => out.push('`'),
            '\u{a0}' | '\u{202f}' | '\u{2009}' => out.push('~'),
            c => match COMMANDS.iter().find(|(known, _)| *known == c) {
                Some((_, command)) => {
                    let _ = write!(out, "\\ensuremath{{{command}}}");
                }
                // What the fonts of T1 have.
                None if ('\u{a1}'..='\u{17e}').contains(&c) => out.push(c),
                None => out.push('?'),
            },
        }
    }
    out
}

/// Characters and the commands that mathematics mode has for them.
#[rustfmt::skip]
const COMMANDS: [(char, &str); 66] = [
    ('α', "\\alpha"), ('β', "\\beta"), ('γ', "\\gamma"), ('δ', "\\delta"), ('ϵ', "\\epsilon"), ('ε', "\\varepsilon"), ('ζ', "\\zeta"),
    ('η', "\\eta"), ('θ', "\\theta"), ('ϑ', "\\vartheta"), ('ι', "\\iota"), ('κ', "\\kappa"), ('λ', "\\lambda"), ('μ', "\\mu"),
    ('ν', "\\nu"), ('ξ', "\\xi"), ('π', "\\pi"), ('ρ', "\\rho"), ('σ', "\\sigma"), ('τ', "\\tau"), ('υ', "\\upsilon"), ('ϕ', "\\phi"),
    ('φ', "\\varphi"), ('χ', "\\chi"), ('ψ', "\\psi"), ('ω', "\\omega"), ('Γ', "\\Gamma"), ('Δ', "\\Delta"), ('Θ', "\\Theta"),
    ('Λ', "\\Lambda"), ('Ξ', "\\Xi"), ('Π', "\\Pi"), ('Σ', "\\Sigma"), ('Φ', "\\Phi"), ('Ψ', "\\Psi"), ('Ω', "\\Omega"),
    ('−', "-"), ('×', "\\times"), ('·', "\\cdot"), ('⋅', "\\cdot"), ('±', "\\pm"), ('∓', "\\mp"), ('≤', "\\le"), ('≥', "\\ge"), ('≠', "\\ne"),
    ('≈', "\\approx"), ('→', "\\to"), ('∞', "\\infty"), ('∪', "\\cup"), ('∈', "\\in"), ('∇', "\\nabla"), ('∂', "\\partial"),
    ('√', "\\surd"), ('‖', "\\|"), ('ℰ', "\\mathcal{E}"), ('ℋ', "\\mathcal{H}"), ('½', "\\tfrac12"), ('²', "^2"), ('³', "^3"), ('¹', "^1"),
    ('₀', "_0"), ('₁', "_1"), ('₂', "_2"), ('₃', "_3"), ('⁻', "^-"), ('∑', "\\textstyle\\sum"),
];
