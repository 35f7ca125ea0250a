//! How LaTeX spells formulas, with `amsmath`.

use super::Symbol;
use super::sheet::Around;
use super::tongue::{Sign, Tongue};

/// LaTeX.
#[derive(Debug)]
pub(super) struct Latex;

pub(super) const LATEX: Latex = Latex;

/// Text that LaTeX prints as it is, in a typewriter font.
#[must_use]
pub fn typewriter(text: &str) -> String {
    let mut escaped = String::from("\\texttt{");
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '{' | '}' | '$' | '%' | '&' | '#' | '_' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped.push('}');
    escaped
}

impl Tongue for Latex {
    fn sign(&self, sign: Sign) -> &'static str {
        match sign {
            Sign::Nabla => "\\nabla",
            Sign::Times => "\\cdot",
            Sign::Thin => "\\,",
            Sign::Dots => "\\cdots",
            Sign::Transposed => "\\top",
            Sign::Sum => "\\sum",
            Sign::Below => "\\le",
            Sign::Above => "\\ge",
            Sign::In => "\\in",
            Sign::Infinity => "\\infty",
            Sign::Slash => "/",
            Sign::Delta => "\\delta",
            Sign::Theta => "\\Theta",
            Sign::Alpha => "\\alpha",
        }
    }

    fn greek(&self, name: &str) -> String {
        format!("\\{name}")
    }

    fn letter(&self, symbol: Symbol, changed: bool) -> &'static str {
        match (symbol, changed) {
            (Symbol::Field, false) => "f",
            (Symbol::Field, true) => "\\mathsf{f}",
            (Symbol::Step, false) => "h",
            (Symbol::Step, true) => "\\mathsf{h}",
            (Symbol::Loss, false) => "E",
            (Symbol::Loss, true) => "\\mathsf{E}",
            (Symbol::Gradient, false) => "g",
            (Symbol::Gradient, true) => "\\mathsf{g}",
            (Symbol::Hessian, false) => "H",
            (Symbol::Hessian, true) => "\\mathsf{H}",
            (Symbol::Third, false) => "T",
            (Symbol::Third, true) => "\\mathsf{T}",
            (Symbol::Parameters, false) => "\\theta",
            (Symbol::Parameters, true) => "\\boldsymbol{\\theta}",
        }
    }

    fn italic(&self, text: &str) -> String {
        format!("\\mathit{{{}}}", text.replace('_', "\\_"))
    }

    fn upright(&self, text: &str) -> String {
        format!("\\mathrm{{{}}}", text.replace('_', "\\_"))
    }

    fn typewriter(&self, text: &str) -> String {
        typewriter(text)
    }

    fn words(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '–' => out.push_str("--"),
                '…' => out.push_str("\\dots{}"),
                '$' | '%' | '&' | '#' | '_' => out.extend(['\\', c]),
                '\\' | '^' | '~' | '{' | '}' => out.push_str(&typewriter(c.encode_utf8(&mut [0; 4]))),
                c => out.push(c),
            }
        }
        out
    }

    fn accent(&self, accent: &str, letter: &str) -> String {
        format!("\\{accent}{{{letter}}}")
    }

    fn by_time(&self) -> String {
        "\\frac{\\mathrm{d}}{\\mathrm{d} t}".to_owned()
    }

    fn wide_tilde(&self) -> &'static str {
        "widetilde"
    }

    fn function(&self, name: &str, known: bool) -> String {
        if known { format!("\\{name}") } else { format!("\\operatorname{{{}}}", name.replace('_', "\\_")) }
    }

    fn script(&self) -> [&'static str; 4] {
        ["{", "}", "{", "}"]
    }

    fn bare_scripts(&self, below: &str, exponent: usize) -> Option<String> {
        let command = below.strip_prefix('\\').is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphabetic()));
        match exponent {
            _ if !command => None,
            1 => Some(format!("_{below}")),
            2..=9 => Some(format!("_{below}^{exponent}")),
            _ => Some(format!("_{below}^{{{exponent}}}")),
        }
    }

    fn is_token(&self, _text: &str) -> bool {
        false
    }

    fn fraction(&self) -> [&'static str; 3] {
        ["\\frac{", "}{", "}"]
    }

    fn plain_fraction(&self, _above: &str, _below: &str) -> Option<String> {
        None
    }

    fn root(&self) -> [&'static str; 2] {
        ["\\sqrt{", "}"]
    }

    fn matrix(&self) -> [&'static str; 4] {
        ["\\begin{bmatrix} ", " & ", " \\\\ ", " \\end{bmatrix}"]
    }

    fn stack(&self) -> [&'static str; 3] {
        ["\\begin{subarray}{c}", ", \\\\ ", "\\end{subarray}"]
    }

    fn pieces(&self, pieces: &[String]) -> String {
        format!("{{\\begin{{subarray}}{{c}}{}\\end{{subarray}}}}", pieces.join(" \\\\ "))
    }

    fn picture(&self) -> [&'static str; 5] {
        ["\\left(\\rootedtree{", "", "[", "]", "}\\right)"]
    }

    fn brackets(&self, around: Around, grow: bool, broken: bool) -> [&'static str; 2] {
        match (around, grow) {
            (Around::Round, true) if broken => ["\\Bigl(", "\\Bigr)"],
            (Around::Square, true) if broken => ["\\Bigl[", "\\Bigr]"],
            (Around::Bars, true) if broken => ["\\Bigl\\lvert ", " \\Bigr\\rvert"],
            (Around::Norm, true) if broken => ["\\Bigl\\lVert ", " \\Bigr\\rVert"],
            (Around::Round, false) => ["(", ")"],
            (Around::Round, true) => ["\\left(", "\\right)"],
            (Around::Square, false) => ["[", "]"],
            (Around::Square, true) => ["\\left[", "\\right]"],
            (Around::Bars, false) => ["\\lvert ", " \\rvert"],
            (Around::Bars, true) => ["\\left\\lvert ", " \\right\\rvert"],
            (Around::Norm, false) => ["\\lVert ", " \\rVert"],
            (Around::Norm, true) => ["\\left\\lVert ", " \\right\\rVert"],
        }
    }

    fn sticks(&self, before: &str, _token_ends: bool, after: &str) -> bool {
        // A command ends where no letter follows.
        after.starts_with(|c: char| c.is_ascii_alphabetic())
            && before
                .rsplit_once('\\')
                .is_some_and(|(_, name)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic()))
    }
}
