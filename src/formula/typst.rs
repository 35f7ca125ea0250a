//! How Typst spells formulas.

use super::Symbol;
use super::sheet::Around;
use super::tongue::{Sign, Tongue};

/// Typst.
#[derive(Debug)]
pub(super) struct Typst;

pub(super) const TYPST: Typst = Typst;

/// A string of Typst.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl Tongue for Typst {
    fn sign(&self, sign: Sign) -> &'static str {
        match sign {
            Sign::Nabla => "nabla",
            Sign::Times => "dot.c",
            Sign::Thin => "thin",
            Sign::Dots => "dots.c",
            Sign::Transposed => "top",
            Sign::Sum => "sum",
            Sign::Below => "<=",
            Sign::Above => ">=",
            Sign::In => "in",
            Sign::Infinity => "oo",
            // Alone it would make a fraction.
            Sign::Slash => "\\/",
            Sign::Delta => "delta",
            Sign::Theta => "Theta",
            Sign::Alpha => "alpha",
        }
    }

    fn greek(&self, name: &str) -> String {
        match name {
            "epsilon" => "epsilon.alt",
            "varepsilon" => "epsilon",
            "vartheta" => "theta.alt",
            "varrho" => "rho.alt",
            "varsigma" => "sigma.alt",
            "varpi" => "pi.alt",
            "phi" => "phi.alt",
            "varphi" => "phi",
            name => name,
        }
        .to_owned()
    }

    fn letter(&self, symbol: Symbol, changed: bool) -> &'static str {
        match (symbol, changed) {
            (Symbol::Field, false) => "f",
            (Symbol::Field, true) => "sans(f)",
            (Symbol::Step, false) => "h",
            (Symbol::Step, true) => "sans(h)",
            (Symbol::Loss, false) => "E",
            (Symbol::Loss, true) => "sans(E)",
            (Symbol::Gradient, false) => "g",
            (Symbol::Gradient, true) => "sans(g)",
            (Symbol::Hessian, false) => "H",
            (Symbol::Hessian, true) => "sans(H)",
            (Symbol::Third, false) => "T",
            (Symbol::Third, true) => "sans(T)",
            (Symbol::Parameters, false) => "theta",
            (Symbol::Parameters, true) => "bold(theta)",
        }
    }

    fn italic(&self, text: &str) -> String {
        format!("italic({})", string(text))
    }

    fn upright(&self, text: &str) -> String {
        if text.chars().count() == 1 { format!("upright({})", string(text)) } else { string(text) }
    }

    fn typewriter(&self, text: &str) -> String {
        format!("mono({})", string(text))
    }

    fn words(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\\' | '$' | '#' | '*' | '_' | '`' | '<' | '>' | '@' | '[' | ']' | '~' | '=' | '/' => {
                    out.extend(['\\', c]);
                }
                c if c.is_control() => out.push(' '),
                c => out.push(c),
            }
        }
        out
    }

    fn accent(&self, accent: &str, letter: &str) -> String {
        format!("{accent}({letter})")
    }

    fn by_time(&self) -> String {
        "frac(upright(\"d\"), upright(\"d\") t)".to_owned()
    }

    fn wide_tilde(&self) -> &'static str {
        "tilde"
    }

    fn function(&self, name: &str, known: bool) -> String {
        if known { name.to_owned() } else { format!("op({})", string(name)) }
    }

    fn script(&self) -> [&'static str; 4] {
        ["(", ")", "", ""]
    }

    fn is_token(&self, text: &str) -> bool {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let mut letters = text.chars();
        let letter = letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none();
        !text.is_empty() && (digits || letter)
    }

    fn fraction(&self) -> [&'static str; 3] {
        ["frac(", ", ", ")"]
    }

    fn plain_fraction(&self, above: &str, below: &str) -> Option<String> {
        (self.is_token(above) && self.is_token(below)).then(|| format!("{above}/{below}"))
    }

    fn root(&self) -> [&'static str; 2] {
        ["sqrt(", ")"]
    }

    fn matrix(&self) -> [&'static str; 4] {
        ["mat(delim: \"[\", ", ", ", "; ", ")"]
    }

    fn stack(&self) -> [&'static str; 3] {
        ["mat(delim: #none, row-gap: #0.2em, ", " \",\"; ", ")"]
    }

    fn pieces(&self, pieces: &[String]) -> String {
        format!("script(mat(delim: #none, row-gap: #0.2em, {}))", pieces.join("; "))
    }

    fn picture(&self) -> [&'static str; 5] {
        // A list of one has a comma.
        ["(#smalltree(", "", "(", "),", "))"]
    }

    fn brackets(&self, around: Around, _grow: bool, broken: bool) -> [&'static str; 2] {
        match (around, broken) {
            (Around::Round, false) => ["(", ")"],
            (Around::Round, true) => ["\\(", "\\)"],
            (Around::Square, false) => ["[", "]"],
            (Around::Square, true) => ["\\[", "\\]"],
            (Around::Bars, _) => ["abs(", ")"],
            (Around::Norm, _) => ["norm(", ")"],
        }
    }

    fn sticks(&self, before: &str, token_ends: bool, after: &str) -> bool {
        let letters = |c: char| c.is_alphanumeric() || c == '"' || c == '.' || c == '#';
        let Some(last) = before.chars().next_back() else { return false };
        token_ends && after.starts_with(['(', '\'', '!']) || letters(last) && after.starts_with(letters)
    }
}
