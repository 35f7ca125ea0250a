//! Expressions of the loss language in LaTeX.
//!
//! One precedence parse of the printed text, with explicit stacks, so that depth costs no stack. Working from the text
//! keeps names, shared subterms and the order of terms the same in every format.

use super::name::{Name, Names};
use std::fmt::Write as _;

/// An expression of the loss language in LaTeX, for mathematics mode.
///
/// Products are juxtaposed, quotients are fractions, `w[0]` is `w_{0}`, Greek names are letters and names of several
/// letters stand in `\mathit`. A text that is no expression comes back as typewriter text.
///
/// ```
/// use shadowflow::render::latex::expression;
/// assert_eq!(expression("-1/3*x^2*(y - theta)"), r"-\frac{1}{3} x^{2} (y - \theta)");
/// assert_eq!(expression("sqrt(w[0])/log(rate)"), r"\frac{\sqrt{w_{0}}}{\log(\mathit{rate})}");
/// ```
#[must_use]
pub fn expression(text: &str) -> String {
    Names::default().expression(text)
}

/// An expression in LaTeX that can stand as a factor of a product: a sum is in parentheses.
#[must_use]
pub fn factor(text: &str) -> String {
    Names::default().factor(text)
}

impl Names {
    /// An expression in the names of this loss; see [`expression`].
    #[must_use]
    pub fn expression(&self, text: &str) -> String {
        convert(text, self).map_or_else(|| typewriter(text), |piece| piece.tex)
    }

    /// An expression in the names of this loss that can stand as a factor of a product: a sum is in parentheses.
    #[must_use]
    pub fn factor(&self, text: &str) -> String {
        convert(text, self).map_or_else(|| typewriter(text), |piece| piece.at_least(PRODUCT).tex)
    }
}

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

const SUM: u8 = 0;
const NEGATIVE: u8 = 1;
const PRODUCT: u8 = 2;
const POWER: u8 = 3;
const ATOM: u8 = 4;

/// A written operand and how tightly it binds.
#[derive(Debug, Clone)]
struct Piece {
    tex: String,
    binding: u8,
    /// What it is if it is a bare name, to be called, indexed or written.
    name: Option<Name>,
    word: String,
}

impl Piece {
    fn new(tex: String, binding: u8) -> Self {
        Self { tex, binding, name: None, word: String::new() }
    }

    /// In parentheses unless it binds at least this tightly.
    fn at_least(self, binding: u8) -> Self {
        if self.binding >= binding { self } else { Self::new(parenthesised(&self.tex), ATOM) }
    }

    /// Whether it has names of several letters, which need space beside each other.
    fn is_wide(&self) -> bool {
        self.tex.contains("\\mathit") || self.tex.contains("\\operatorname")
    }
}

fn is_tall(tex: &str) -> bool {
    ["\\frac", "\\sqrt", "\\left", "\\sum", "^{e"].iter().any(|tall| tex.contains(tall))
}

fn delimited(left: &str, tex: &str, right: &str) -> String {
    if is_tall(tex) { format!("\\left{left}{tex}\\right{right}") } else { format!("{left}{tex}{right}") }
}

fn parenthesised(tex: &str) -> String {
    delimited("(", tex, ")")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Power,
}

impl Operator {
    /// Precedence and whether it groups to the right.
    fn precedence(self) -> (u8, bool) {
        match self {
            Self::Add | Self::Subtract => (1, false),
            Self::Multiply | Self::Divide => (2, false),
            Self::Negate => (3, true),
            Self::Power => (4, true),
        }
    }
}

/// What waits on the stack of operators.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pending {
    Operator(Operator),
    /// An open bracket with the number of operands before its first argument.
    Group,
    List(usize),
    Call(String, usize),
    Index(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Number(&'a str),
    Name(&'a str),
    Sign(char),
    Power,
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    let while_ = |mut end: usize, accept: &dyn Fn(u8) -> bool| {
        while bytes.get(end).is_some_and(|b| accept(*b)) {
            end += 1;
        }
        end
    };
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'0'..=b'9' | b'.' if byte != b'.' || bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                at = while_(at, &|b| b.is_ascii_digit());
                if bytes.get(at) == Some(&b'.') && bytes.get(at + 1) != Some(&b'.') {
                    at = while_(at + 1, &|b| b.is_ascii_digit());
                }
                if bytes.get(at).is_some_and(|b| matches!(b, b'e' | b'E')) {
                    let sign = usize::from(bytes.get(at + 1).is_some_and(|b| matches!(b, b'+' | b'-')));
                    if bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
                        at = while_(at + 1 + sign, &|b| b.is_ascii_digit());
                    }
                }
                found.push(Token::Number(&text[start..at]));
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                at = while_(at, &|b| b.is_ascii_alphanumeric() || b == b'_');
                found.push(Token::Name(&text[start..at]));
            }
            b'*' if bytes.get(at + 1) == Some(&b'*') => {
                at += 2;
                found.push(Token::Power);
            }
            b'^' => {
                at += 1;
                found.push(Token::Power);
            }
            b'+' | b'-' | b'*' | b'/' | b'@' | b'(' | b')' | b'[' | b']' | b',' | b'\'' => {
                at += 1;
                found.push(Token::Sign(char::from(byte)));
            }
            _ => return None,
        }
    }
    Some(found)
}

fn convert(text: &str, names: &Names) -> Option<Piece> {
    let mut parser = Parser { operands: Vec::new(), pending: Vec::new(), has_e: names.has_e() };
    // Whether an operand has just ended, so that a bracket calls or indexes it and a sign is binary.
    let mut after_operand = false;
    for token in tokens(text)? {
        after_operand = match token {
            Token::Number(number) if !after_operand => parser.operand(number_piece(number)),
            Token::Name(word) if !after_operand => {
                let known = names.name(word);
                parser.operand(Piece {
                    name: Some(known.clone()),
                    word: word.to_owned(),
                    ..Piece::new(known.indexed(None), ATOM)
                })
            }
            Token::Sign(sign @ ('+' | '-')) if !after_operand => {
                if sign == '-' {
                    parser.pending.push(Pending::Operator(Operator::Negate));
                }
                false
            }
            Token::Sign('+') => parser.operator(Operator::Add)?,
            Token::Sign('-') => parser.operator(Operator::Subtract)?,
            Token::Sign('*' | '@') if after_operand => parser.operator(Operator::Multiply)?,
            Token::Sign('/') if after_operand => parser.operator(Operator::Divide)?,
            Token::Power if after_operand => parser.operator(Operator::Power)?,
            Token::Sign('\'') if after_operand => {
                let base = parser.operands.pop()?.at_least(ATOM);
                parser.operand(Piece::new(format!("{}^{{\\top}}", base.tex), POWER))
            }
            Token::Sign('(') if after_operand => {
                let function = parser.operands.pop().filter(|p| !p.word.is_empty())?;
                parser.pending.push(Pending::Call(function.word, parser.operands.len()));
                false
            }
            Token::Sign('(') => {
                parser.pending.push(Pending::Group);
                false
            }
            Token::Sign('[') if after_operand => {
                parser.pending.push(Pending::Index(parser.operands.len()));
                false
            }
            Token::Sign('[') => {
                parser.pending.push(Pending::List(parser.operands.len()));
                false
            }
            Token::Sign(',') if after_operand => {
                parser.reduce(0)?;
                false
            }
            Token::Sign(bracket @ (')' | ']')) => parser.close(bracket)?,
            _ => return None,
        };
    }
    parser.reduce(0)?;
    match (parser.pending.is_empty(), parser.operands.len()) {
        (true, 1) => parser.operands.pop(),
        _ => None,
    }
}

fn number_piece(number: &str) -> Piece {
    let (mantissa, exponent) = number.split_once(['e', 'E']).map_or((number, None), |(m, e)| (m, Some(e)));
    match exponent.map(|e| e.trim_start_matches('+')) {
        None => Piece::new(mantissa.to_owned(), ATOM),
        Some(exponent) if mantissa == "1" => Piece::new(format!("10^{{{exponent}}}"), POWER),
        Some(exponent) => Piece::new(format!("{mantissa} \\cdot 10^{{{exponent}}}"), PRODUCT),
    }
}

struct Parser {
    operands: Vec<Piece>,
    pending: Vec<Pending>,
    /// Whether `e` is a name.
    has_e: bool,
}

impl Parser {
    fn operand(&mut self, piece: Piece) -> bool {
        self.operands.push(piece);
        true
    }

    fn operator(&mut self, operator: Operator) -> Option<bool> {
        let (precedence, right) = operator.precedence();
        self.reduce(if right { precedence + 1 } else { precedence })?;
        self.pending.push(Pending::Operator(operator));
        Some(false)
    }

    /// Applies the waiting operators that bind at least this tightly.
    fn reduce(&mut self, precedence: u8) -> Option<()> {
        while let Some(Pending::Operator(operator)) = self.pending.last()
            && operator.precedence().0 >= precedence
        {
            let operator = *operator;
            self.pending.pop();
            let right = self.operands.pop()?;
            let piece = if operator == Operator::Negate {
                negated(right)
            } else {
                let left = self.operands.pop()?;
                combined(operator, left, right)
            };
            self.operands.push(piece);
        }
        Some(())
    }

    fn close(&mut self, bracket: char) -> Option<bool> {
        self.reduce(0)?;
        let piece = match (self.pending.pop()?, bracket) {
            (Pending::Group, ')') => {
                // The grouping shows in how tightly the operand binds; a name in parentheses is no longer called.
                let inner = self.operands.pop()?;
                Piece { name: None, word: String::new(), ..inner }
            }
            (Pending::List(first), ']') => {
                let entries = self.take(first)?;
                Piece::new(delimited("[", &joined(&entries), "]"), ATOM)
            }
            (Pending::Call(function, first), ')') => {
                let arguments = self.take(first)?;
                call(&function, arguments, self.has_e)
            }
            (Pending::Index(first), ']') => {
                let indices = joined(&self.take(first)?);
                let base = self.operands.pop()?;
                match &base.name {
                    Some(name) => Piece::new(name.indexed(Some(&indices)), ATOM),
                    None => Piece::new(format!("{{{}}}_{{{indices}}}", base.at_least(ATOM).tex), ATOM),
                }
            }
            _ => return None,
        };
        Some(self.operand(piece))
    }

    fn take(&mut self, first: usize) -> Option<Vec<Piece>> {
        (first <= self.operands.len()).then(|| self.operands.split_off(first))
    }
}

fn joined(pieces: &[Piece]) -> String {
    let texts: Vec<&str> = pieces.iter().map(|p| p.tex.as_str()).collect();
    texts.join(", ")
}

fn negated(piece: Piece) -> Piece {
    let piece = piece.at_least(PRODUCT);
    Piece::new(format!("-{}", piece.tex), NEGATIVE)
}

/// Takes the minus off a negative operand.
fn unsigned(piece: Piece) -> (bool, Piece) {
    match piece.tex.strip_prefix('-') {
        Some(rest) if piece.binding == NEGATIVE => (true, Piece::new(rest.to_owned(), PRODUCT)),
        _ => (false, piece),
    }
}

fn combined(operator: Operator, left: Piece, right: Piece) -> Piece {
    match operator {
        Operator::Add | Operator::Subtract => {
            let sign = if operator == Operator::Add { '+' } else { '-' };
            // `a + (b + c)` needs no parentheses, `a + (-b)` does.
            let grouped = operator == Operator::Subtract || right.tex.starts_with('-');
            let right = right.at_least(if grouped { PRODUCT } else { SUM });
            let mut tex = left.tex;
            let _ = write!(tex, " {sign} {}", right.tex);
            Piece::new(tex, SUM)
        }
        Operator::Multiply => {
            let (negative, left) = unsigned(left);
            let (left, right) = (left.at_least(PRODUCT), right.at_least(PRODUCT));
            let space = if right.tex.starts_with(|c: char| c.is_ascii_digit()) {
                " \\cdot "
            } else if left.is_wide() || right.is_wide() {
                " \\, "
            } else {
                " "
            };
            let mut tex = left.tex;
            tex.push_str(space);
            tex.push_str(&right.tex);
            with_sign(negative, tex, PRODUCT)
        }
        Operator::Divide => {
            let (negative, left) = unsigned(left);
            with_sign(negative, format!("\\frac{{{}}}{{{}}}", left.tex, right.tex), PRODUCT)
        }
        // The parser gives no other operator two operands.
        Operator::Power | Operator::Negate => {
            let base = left.at_least(ATOM);
            Piece::new(format!("{}^{{{}}}", base.tex, right.tex), POWER)
        }
    }
}

fn with_sign(negative: bool, tex: String, binding: u8) -> Piece {
    if negative { Piece::new(format!("-{tex}"), NEGATIVE) } else { Piece::new(tex, binding) }
}

fn call(function: &str, arguments: Vec<Piece>, has_e: bool) -> Piece {
    let inner = joined(&arguments);
    let operator = |name: &str| Piece::new(format!("{name}{}", parenthesised(&inner)), ATOM);
    match (function, arguments.as_slice()) {
        ("exp", [argument]) if !has_e && !is_tall(&argument.tex) => Piece::new(format!("e^{{{inner}}}"), POWER),
        ("exp" | "log" | "sin" | "cos" | "tan" | "sinh" | "cosh" | "tanh", _) => operator(&format!("\\{function}")),
        ("asin" | "acos" | "atan", _) => operator(&format!("\\arc{}", &function[1..])),
        ("log1p", [_]) => Piece::new(format!("\\log{}", parenthesised(&format!("1 + {inner}"))), ATOM),
        ("sqrt", [_]) => Piece::new(format!("\\sqrt{{{inner}}}"), ATOM),
        ("abs", [_]) => Piece::new(delimited("|", &inner, "|"), ATOM),
        ("norm2", [_]) => Piece::new(format!("{}^{{2}}", delimited("\\|", &inner, "\\|")), POWER),
        ("dot", [left, right]) => Piece::new(
            format!("{}^{{\\top}} {}", left.clone().at_least(ATOM).tex, right.clone().at_least(POWER).tex),
            PRODUCT,
        ),
        _ => operator(&format!("\\operatorname{{{}}}", function.replace('_', "\\_"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(expression(text), expected, "{text}");
    }

    #[test]
    fn arithmetic() {
        check("a - (b + c)", "a - (b + c)");
        check("a + (b - c)", "a + b - c");
        check("a - -b", "a - (-b)");
        check("-2*x*y^2/3", "-\\frac{2 x y^{2}}{3}");
        check("1/3*x^2*y", "\\frac{1}{3} x^{2} y");
        check("-x^2", "-x^{2}");
        check("(-x)^2", "(-x)^{2}");
        check("x^-2", "x^{-2}");
        check("x^(1/2)", "x^{\\frac{1}{2}}");
        check("2^x^y", "2^{x^{y}}");
        check("(x^2)^3", "(x^{2})^{3}");
        check("x*2*3", "x \\cdot 2 \\cdot 3");
        check("(a - x)^2 + b*(y - x^2)^2", "(a - x)^{2} + b (y - x^{2})^{2}");
        check("a/b/c", "\\frac{\\frac{a}{b}}{c}");
        check("a/(b*c)", "\\frac{a}{b c}");
        check("a/b*c", "\\frac{a}{b} c");
        check("-(a + b)", "-(a + b)");
        check("1.5e-3*x + 1e+2", "1.5 \\cdot 10^{-3} x + 10^{2}");
        check("(x/2)^2", "\\left(\\frac{x}{2}\\right)^{2}");
        check("-(x*y)*z", "-x y z");
    }

    #[test]
    fn functions_and_indices() {
        check("exp(-x^2)", "e^{-x^{2}}");
        check("exp(x/2)^2", "\\exp\\left(\\frac{x}{2}\\right)^{2}");
        check("exp(x)^2", "(e^{x})^{2}");
        check("log1p(x) + atan(y)", "\\log(1 + x) + \\arctan(y)");
        check("sigmoid(w[0, 1])", "\\operatorname{sigmoid}(w_{0, 1})");
        check("dot(u, v - w)", "u^{\\top} (v - w)");
        check("norm2(w)", "\\|w\\|^{2}");
        check("abs(x)*rate", "|x| \\, \\mathit{rate}");
        check("[1, x]'", "[1, x]^{\\top}");
        check("sum(w^2)", "\\operatorname{sum}(w^{2})");
    }

    #[test]
    fn what_is_no_expression_is_shown_as_it_is() {
        for text in ["", "x +", "(x", "x)", "a b", "x ? y", "f(", "1 2", "[1", ")", "*", "x^", "()", "3(x)"] {
            assert!(expression(text).starts_with("\\texttt{"), "{text}: {}", expression(text));
        }
        assert_eq!(typewriter("50% {x}_1^\\"), "\\texttt{50\\% \\{x\\}\\_1\\textasciicircum{}\\textbackslash{}}");
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{}x{}", "(1 + ".repeat(20_000), ")".repeat(20_000));
        assert!(expression(&deep).ends_with('x'));
        assert!(expression(&"-".repeat(20_000)).starts_with("\\texttt"));
    }
}
