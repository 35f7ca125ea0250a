//! The symbols that claims are made of, of plain text and of LaTeX.

use super::ClaimError;
use super::letters::greek;
use crate::number::Rational;
use std::ops::Range;

/// One symbol and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Number(Rational),
    /// A name: letters and the digits after them, or a LaTeX command without its backslash.
    Word(String),
    /// `²`, `³`, …: an exponent.
    Superscript(u32),
    /// One of `+ - * / ^ _ ( ) [ ] { } , =`, `∇`, `ᵀ` or `‖`; `**` is `^`, and `≈` a second `=`.
    Sign(char),
}

/// LaTeX commands that change the looks only.
const SILENT: [&str; 37] = [
    "left",
    "right",
    "big",
    "Big",
    "bigl",
    "bigr",
    "Bigl",
    "Bigr",
    "bigg",
    "biggl",
    "biggr",
    "Biggl",
    "Biggr",
    "quad",
    "qquad",
    "displaystyle",
    "textstyle",
    "mathrm",
    "mathbf",
    "mathit",
    "operatorname",
    "boldsymbol",
    "bm",
    "nonumber",
    "limits",
    "mathopen",
    "mathclose",
    "mathcal",
    "mathbb",
    "pmb",
    "tiny",
    "small",
    "scriptstyle",
    "underbrace",
    "notag",
    "middle",
    "widetilde",
];

/// LaTeX commands whose argument is prose or a label.
const PROSE: [&str; 6] = ["text", "textrm", "textit", "mbox", "tag", "label"];

/// The Greek letters that hyper-parameters have for names.
const GREEK: [&str; 28] = [
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "vartheta",
    "iota",
    "kappa",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Sigma",
    "Phi",
    "Omega",
];

/// The letters that may stand together without a space, as in `hHg` and `hf_1`.
const JOINED: [char; 5] = ['f', 'g', 'h', 'H', 'T'];

/// Splits a text from `start` on.
pub(super) fn tokens(text: &str, start: usize) -> Result<Vec<Token>, ClaimError> {
    let mut tokens = Vec::new();
    let mut at = start;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match c {
            c if c.is_whitespace() => c.len_utf8(),
            '$' | '&' | '~' => 1,
            '0'..='9' | '.' => number(rest, at, &mut tokens)?,
            '\\' => command(rest, at, &mut tokens)?,
            c if c.is_ascii_alphabetic() => word(rest, at, &mut tokens),
            '|' => {
                // One bar or two, as a norm.
                let length = if rest.starts_with("||") { 2 } else { 1 };
                tokens.push(Token { kind: Kind::Sign('‖'), span: at..at + length });
                length
            }
            // A combining tilde or dot over the letter before it.
            '\u{303}' | '\u{307}' => c.len_utf8(),
            '∑' | 'Σ' | '∞' => {
                let word = if c == '∞' { "\\infty" } else { "\\sum" };
                tokens.push(Token { kind: Kind::Word(word.to_owned()), span: at..at + c.len_utf8() });
                c.len_utf8()
            }
            'θ' | 'λ' => {
                tokens.push(Token { kind: Kind::Word(c.to_string()), span: at..at + c.len_utf8() });
                c.len_utf8()
            }
            '*' if rest.starts_with("**") => {
                tokens.push(Token { kind: Kind::Sign('^'), span: at..at + 2 });
                2
            }
            '≈' | '≃' | '≅' | '∼' => {
                tokens.push(Token { kind: Kind::Sign('='), span: at..at + c.len_utf8() });
                c.len_utf8()
            }
            c if greek(c).is_some() => {
                let name = greek(c).unwrap_or_default();
                tokens.push(Token { kind: Kind::Word(format!("\\{name}")), span: at..at + c.len_utf8() });
                c.len_utf8()
            }
            '⁰' | '¹' | '²' | '³' | '⁴'..='⁹' => superscript(rest, at, &mut tokens),
            _ => {
                let sign = match c {
                    '+' | '-' | '*' | '/' | '^' | '_' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | '=' | '∇' | 'ᵀ'
                    | '‖' => c,
                    '−' | '–' => '-',
                    '·' | '×' | '⋅' => '*',
                    _ => {
                        return Err(ClaimError::new(
                            at..at + c.len_utf8(),
                            format!("unexpected character `{}`", c.escape_debug()),
                        )
                        .expecting("a number, a name, `∇`, an operator or a bracket"));
                    }
                };
                tokens.push(Token { kind: Kind::Sign(sign), span: at..at + c.len_utf8() });
                c.len_utf8()
            }
        };
        at += length;
    }
    Ok(without_empty_groups(tokens))
}

/// Without `{}`, which in LaTeX makes the sign after it stand between two terms; not where an argument is expected.
fn without_empty_groups(tokens: Vec<Token>) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let empty = token.kind == Kind::Sign('}') && kept.last().is_some_and(|t| t.kind == Kind::Sign('{'));
        let before = kept.len().checked_sub(2).map(|k| &kept[k].kind);
        let argument = match before {
            Some(Kind::Word(word)) => matches!(word.as_str(), "\\frac" | "\\tfrac" | "\\dfrac" | "\\sqrt" | "\\log"),
            Some(Kind::Sign(sign)) => matches!(sign, '^' | '_'),
            _ => false,
        };
        if empty && !argument {
            kept.pop();
        } else {
            kept.push(token);
        }
    }
    kept
}

fn length_while(text: &str, accept: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accept(c)).unwrap_or(text.len())
}

fn number(rest: &str, at: usize, tokens: &mut Vec<Token>) -> Result<usize, ClaimError> {
    let mut length = length_while(rest, |c| c.is_ascii_digit() || c == '.');
    // `1e-3`, if digits follow; a capital E is a derivative.
    if let Some(exponent) = rest[length..].strip_prefix('e') {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        let digits = length_while(&exponent[sign..], |c| c.is_ascii_digit());
        length += if digits > 0 { 1 + sign + digits } else { 0 };
    }
    let span = at..at + length;
    let value = rest[..length]
        .parse()
        .map_err(|e: crate::number::ParseRationalError| ClaimError::new(span.clone(), e.to_string()))?;
    tokens.push(Token { kind: Kind::Number(value), span });
    Ok(length)
}

fn command(rest: &str, at: usize, tokens: &mut Vec<Token>) -> Result<usize, ClaimError> {
    let letters = length_while(&rest[1..], |c| c.is_ascii_alphabetic());
    if letters == 0 {
        // `\,`, `\;`, `\!`, `\\` and the like are space.
        if rest[1..].starts_with('|') {
            tokens.push(Token { kind: Kind::Sign('‖'), span: at..at + 2 });
        }
        return Ok(1 + rest[1..].chars().next().map_or(0, char::len_utf8));
    }
    let name = &rest[1..=letters];
    let span = at..at + letters + 1;
    match name {
        "nabla" => tokens.push(Token { kind: Kind::Sign('∇'), span }),
        "approx" | "simeq" | "cong" | "sim" => tokens.push(Token { kind: Kind::Sign('='), span }),
        "cdot" | "times" => tokens.push(Token { kind: Kind::Sign('*'), span }),
        "lbrack" => tokens.push(Token { kind: Kind::Sign('['), span }),
        "rbrack" => tokens.push(Token { kind: Kind::Sign(']'), span }),
        "Vert" | "lVert" | "rVert" | "vert" | "lvert" | "rvert" => tokens.push(Token { kind: Kind::Sign('‖'), span }),
        name if PROSE.contains(&name) => {
            // `\tag*{…}` too.
            let after = &rest[letters + 1..];
            let braces = after.trim_start().trim_start_matches('*').trim_start();
            let argument = braces.starts_with('{').then(|| after.find('}')).flatten();
            return Ok(letters + 1 + argument.map_or(0, |end| end + 1));
        }
        "dots" | "cdots" | "ldots" => {
            return Err(ClaimError::new(span, "dots say nothing exact")
                .expecting("all terms, a sum such as \\sum_{p=0}^{\\infty}, or O(h^k) for what is left out"));
        }
        name if SILENT.contains(&name) => {}
        "frac" | "tfrac" | "dfrac" | "theta" | "lambda" | "alpha" | "log" | "ln" | "sqrt" | "top" | "intercal"
        | "sum" | "infty" | "tilde" | "exp" => {
            tokens.push(Token { kind: Kind::Word(format!("\\{name}")), span });
        }
        name if GREEK.contains(&name) => tokens.push(Token { kind: Kind::Word(format!("\\{name}")), span }),
        _ => {
            return Err(ClaimError::new(span, format!("the LaTeX command `\\{name}` is not part of a claim"))
                .expecting("\\nabla, \\frac, \\sum, \\theta, \\lambda, \\log, \\left and \\right, or plain text"));
        }
    }
    Ok(letters + 1)
}

fn word(rest: &str, at: usize, tokens: &mut Vec<Token>) -> usize {
    let length = length_while(rest, |c| c.is_ascii_alphabetic());
    let letters = &rest[..length];
    if letters.chars().count() > 1 && letters.chars().all(|c| JOINED.contains(&c)) {
        for (k, c) in letters.char_indices() {
            tokens.push(Token { kind: Kind::Word(c.to_string()), span: at + k..at + k + 1 });
        }
        return length;
    }
    let digits = length_while(&rest[length..], |c| c.is_ascii_digit());
    let whole = length + digits;
    tokens.push(Token { kind: Kind::Word(rest[..whole].to_owned()), span: at..at + whole });
    whole
}

fn superscript(rest: &str, at: usize, tokens: &mut Vec<Token>) -> usize {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let length = length_while(rest, |c| DIGITS.contains(&c));
    let digits = rest[..length].chars().filter_map(|c| (0..).zip(DIGITS).find(|(_, d)| *d == c).map(|(k, _)| k));
    let value = digits.fold(0_u32, |value, digit: u32| value.saturating_mul(10).saturating_add(digit));
    tokens.push(Token { kind: Kind::Superscript(value), span: at..at + length });
    length
}
