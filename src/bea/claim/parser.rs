//! Reads a formula to its value: sums and products with bounded nesting.

use super::token::{Kind, Token, tokens};
use super::value::{Form, MAX_NODES, Value};
use super::{ClaimError, Functions};
use crate::number::{Coefficient, Fraction, Rational};
use crate::tree::Tree;
use std::ops::Range;

/// The deepest nesting accepted.
const MAX_DEPTH: usize = 64;

pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// The symbols that coefficients may hold.
    symbols: &'a [String],
    functions: Functions,
}

/// Reads the formula that begins at `start` of the text.
pub(super) fn parse(text: &str, start: usize, symbols: &[String]) -> Result<(Value, Functions), ClaimError> {
    let tokens = tokens(text, start)?;
    let mut parser = Parser { text, tokens, at: 0, depth: 0, symbols, functions: Functions::default() };
    let value = parser.sum()?;
    if parser.at < parser.tokens.len() {
        return Err(parser.unexpected("an operator, a factor or the end"));
    }
    Ok((value, parser.functions))
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|t| &t.kind)
    }

    fn is(&self, sign: char) -> bool {
        self.peek() == Some(&Kind::Sign(sign))
    }

    fn eat(&mut self, sign: char) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), |t| t.span.clone())
    }

    /// From the token numbered `from` to the last one read.
    fn since(&self, from: usize) -> Range<usize> {
        let start = self.tokens.get(from).map_or(self.text.len(), |t| t.span.start);
        let end = self.at.checked_sub(1).and_then(|k| self.tokens.get(k)).map_or(start, |t| t.span.end);
        start..end.max(start)
    }

    fn unexpected(&self, expected: &str) -> ClaimError {
        let found = match self.tokens.get(self.at) {
            None => "the formula ends here".to_owned(),
            Some(token) => format!("`{}` cannot stand here", &self.text[token.span.clone()]),
        };
        ClaimError::new(self.span(), found).expecting(expected)
    }

    fn close(&mut self, close: char) -> Result<(), ClaimError> {
        if self.eat(close) { Ok(()) } else { Err(self.unexpected(&format!("`{close}`"))) }
    }

    /// Counts a level of brackets or of fractions without them, which recursion follows.
    fn deeper(&mut self) -> Result<(), ClaimError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH + 1 {
            return Err(ClaimError::new(self.span(), format!("brackets nest at most {MAX_DEPTH} deep")));
        }
        Ok(())
    }

    fn sum(&mut self) -> Result<Value, ClaimError> {
        self.deeper()?;
        let first = self.at;
        let mut sum = self.product()?;
        while self.is('+') || self.is('-') {
            let negative = self.is('-');
            self.at += 1;
            let term = self.product()?;
            let term = if negative { term.negated() } else { term };
            sum = sum.plus(&term).map_err(|message| ClaimError::new(self.since(first), message))?;
        }
        self.depth -= 1;
        Ok(sum)
    }

    /// Factors beside each other or with `*`; `/` divides by the one factor after it.
    fn product(&mut self) -> Result<Value, ClaimError> {
        let mut factors: Vec<(Value, Range<usize>)> = Vec::new();
        let mut negative = false;
        loop {
            while self.is('+') || self.is('-') {
                negative ^= self.is('-');
                self.at += 1;
            }
            let from = self.at;
            let divides = !factors.is_empty() && from > 0 && self.tokens[from - 1].kind == Kind::Sign('/');
            let factor = self.factor()?;
            let span = self.since(from);
            let factor = if divides {
                factor.inverse().map_err(|message| ClaimError::new(span.clone(), message))?
            } else {
                factor
            };
            // v^T (∇³E) binds first, so that H v^T (∇³E) w means H (v^T (∇³E) w).
            match factors.last_mut() {
                Some((row, place)) if row.is_row() && factor.is_tensor() => {
                    *place = place.start..span.end;
                    *row = row.times(&factor).map_err(|message| ClaimError::new(place.clone(), message))?;
                }
                _ => factors.push((factor, span)),
            }
            if self.is('*') || self.is('/') {
                self.at += 1;
            } else if !self.starts_factor() {
                break;
            }
        }
        let mut product = Value::scalar(Fraction::one());
        for (factor, span) in &factors {
            product = product.times(factor).map_err(|message| ClaimError::new(span.clone(), message))?;
        }
        Ok(if negative { product.negated() } else { product })
    }

    fn starts_factor(&self) -> bool {
        matches!(self.peek(), Some(Kind::Number(_) | Kind::Word(_) | Kind::Sign('(' | '{' | '∇')))
    }

    /// An atom with its arguments, powers and transposition.
    fn factor(&mut self) -> Result<Value, ClaimError> {
        let from = self.at;
        let mut value = self.atom()?;
        loop {
            if self.is('[') {
                let order = match value.terms.first_key_value() {
                    Some((Form::Tensor(k), c)) if value.terms.len() == 1 && *c == Fraction::one() => *k,
                    Some((Form::Matrix(layers), c)) if *c == Fraction::one() && layers.as_slice() == [vec![]] => 2,
                    _ => return Err(self.unexpected("arguments in brackets after a derivative of E only")),
                };
                self.at += 1;
                let mut arguments = vec![self.sum()?];
                while self.eat(',') {
                    arguments.push(self.sum()?);
                }
                self.close(']')?;
                let result = Value::contracted(order, &arguments);
                value = result.map_err(|message| ClaimError::new(self.since(from), message))?;
            } else if self.eat('ᵀ') {
                value = value.transposed().map_err(|message| ClaimError::new(self.since(from), message))?;
            } else if let Some(Kind::Superscript(exponent)) = self.peek() {
                let power = value.power(*exponent);
                self.at += 1;
                value = power.map_err(|message| ClaimError::new(self.since(from), message))?;
            } else if self.eat('^') {
                let result = if self.transposition() { value.transposed() } else { self.powered(&value)? };
                value = result.map_err(|message| ClaimError::new(self.since(from), message))?;
            } else {
                return Ok(value);
            }
        }
    }

    /// Reads `T`, `{T}`, `\top` if it stands here.
    fn transposition(&mut self) -> bool {
        let is_t = |k: Option<&Token>| {
            k.is_some_and(|t| matches!(&t.kind, Kind::Word(w) if matches!(w.as_str(), "T" | "\\top" | "\\intercal")))
        };
        if is_t(self.tokens.get(self.at)) {
            self.at += 1;
            return true;
        }
        let braced = self.is('{')
            && is_t(self.tokens.get(self.at + 1))
            && self.tokens.get(self.at + 2).is_some_and(|t| t.kind == Kind::Sign('}'));
        self.at += if braced { 3 } else { 0 };
        braced
    }

    fn powered(&mut self, value: &Value) -> Result<Result<Value, String>, ClaimError> {
        let from = self.at;
        let braced = self.eat('{');
        let bracketed = !braced && self.eat('(');
        let negative = self.eat('-');
        let Some(Kind::Number(number)) = self.peek().cloned() else {
            return Err(self.unexpected("a whole exponent, or T for a transposed vector"));
        };
        self.at += 1;
        if braced {
            self.close('}')?;
        }
        if bracketed {
            self.close(')')?;
        }
        let exponent = number.to_string().parse::<u32>().map_err(|_| {
            ClaimError::new(self.since(from), format!("{number} is no whole exponent within the limits"))
        })?;
        let power = value.power(exponent);
        Ok(if negative { power.and_then(|p| p.inverse()) } else { power })
    }

    fn atom(&mut self) -> Result<Value, ClaimError> {
        let span = self.span();
        let Some(kind) = self.peek().cloned() else { return Err(self.unexpected("a number, a name or `(`")) };
        match kind {
            Kind::Number(q) => {
                self.at += 1;
                if q.numerator().bits() > 4096 || q.denominator().bits() > 4096 {
                    return Err(ClaimError::new(span, "a number of more than 4096 bits is beyond the limit"));
                }
                Ok(Value::scalar(Fraction::from_rational(&q)))
            }
            Kind::Sign(open @ ('(' | '{')) => {
                self.at += 1;
                let value = self.sum()?;
                self.close(if open == '(' { ')' } else { '}' })?;
                Ok(value)
            }
            Kind::Sign('∇') => self.nabla(),
            Kind::Word(word) => {
                self.at += 1;
                self.word(&word, span)
            }
            _ => Err(self.unexpected("a number, a name or `(`")),
        }
    }

    fn derivative(order: usize, span: Range<usize>) -> Result<Value, ClaimError> {
        match order {
            1 => Ok(Value::form(Form::Vector(Tree::leaf()))),
            2 => Ok(Value::form(Form::Matrix(vec![Vec::new()]))),
            3..=MAX_NODES => Ok(Value::form(Form::Tensor(order))),
            _ => Err(ClaimError::new(span, format!("no derivative of order {order}: between 1 and {MAX_NODES}"))),
        }
    }

    /// `∇_θ^k E`, the decorations in any order and either may be absent.
    fn nabla(&mut self) -> Result<Value, ClaimError> {
        let from = self.at;
        self.at += 1;
        let mut order = 1;
        loop {
            if self.eat('_') {
                let braced = self.eat('{');
                let theta =
                    matches!(self.peek(), Some(Kind::Word(w)) if matches!(w.as_str(), "θ" | "theta" | "\\theta"));
                if !theta {
                    return Err(self.unexpected("θ: derivatives are with respect to it"));
                }
                self.at += 1;
                if braced {
                    self.close('}')?;
                }
            } else if let Some(Kind::Superscript(k)) = self.peek() {
                order = *k as usize;
                self.at += 1;
            } else if self.eat('^') {
                let braced = self.eat('{');
                let number = match self.peek() {
                    Some(Kind::Number(k)) => k.to_string().parse::<usize>().ok(),
                    _ => None,
                };
                let Some(k) = number else { return Err(self.unexpected("the order of the derivative")) };
                order = k;
                self.at += 1;
                if braced {
                    self.close('}')?;
                }
            } else {
                break;
            }
        }
        if !matches!(self.peek(), Some(Kind::Word(w)) if w == "E") {
            return Err(self.unexpected("E, whose derivative this is"));
        }
        self.at += 1;
        self.skip_theta();
        Self::derivative(order, self.since(from))
    }

    /// Skips `(θ)`.
    fn skip_theta(&mut self) {
        let theta = |t: &Token| matches!(&t.kind, Kind::Word(w) if matches!(w.as_str(), "θ" | "theta" | "\\theta"));
        if let [open, argument, close, ..] = &self.tokens[self.at..]
            && open.kind == Kind::Sign('(')
            && theta(argument)
            && close.kind == Kind::Sign(')')
        {
            self.at += 3;
        }
    }

    fn word(&mut self, word: &str, span: Range<usize>) -> Result<Value, ClaimError> {
        match word {
            "g" => return Self::derivative(1, span),
            "H" => return Self::derivative(2, span),
            "T" => return Self::derivative(3, span),
            "E" => {
                // E^{(k)} and E^(k).
                let from = self.at;
                let braced = self.eat('^') && self.eat('{');
                let opened = self.eat('(');
                if let Some(Kind::Number(k)) = self.peek().cloned()
                    && opened
                    && let Ok(k) = k.to_string().parse::<usize>()
                {
                    self.at += 1;
                    self.close(')')?;
                    if braced {
                        self.close('}')?;
                    }
                    return Self::derivative(k, span.start..self.since(from).end);
                }
                return Err(self.unexpected("the order of a derivative, as in E4[…] or E^{(4)}[…]"));
            }
            "\\frac" | "\\tfrac" | "\\dfrac" => return self.fraction(),
            "log" | "ln" | "\\log" | "\\ln" => return self.function("log"),
            "sqrt" | "\\sqrt" => return self.function("sqrt"),
            _ => {}
        }
        if let Some(order) = word.strip_prefix('E').and_then(|k| k.parse::<usize>().ok()) {
            return Self::derivative(order, span);
        }
        let name = if word == "λ" { "lambda" } else { word.trim_start_matches('\\') };
        if self.symbols.iter().any(|s| s == name) {
            return Ok(Value::scalar(Fraction::symbol(name)));
        }
        let symbols = self.symbols.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
        let among = if symbols.is_empty() { String::new() } else { format!(", {symbols}") };
        Err(ClaimError::new(span, format!("`{}` has no meaning in this claim", word.trim_start_matches('\\')))
            .expecting(format!("a number, g, H, T, E4, …, ∇{among}")))
    }

    /// The two arguments of `\frac`: braced, or one digit or letter each, as in `\tfrac12`.
    fn fraction(&mut self) -> Result<Value, ClaimError> {
        self.deeper()?;
        let from = self.at;
        let span = self.span();
        let text = &self.text[span.clone()];
        let mut single = text.chars();
        let joined = match (single.next(), single.next(), single.next()) {
            (Some(above), Some(below), None) if above.is_ascii_alphanumeric() && below.is_ascii_digit() => {
                Some((above, below))
            }
            _ => None,
        };
        let digit =
            |c: char| Value::scalar(Fraction::from_rational(&Rational::from(i64::from(c.to_digit(10).unwrap_or(0)))));
        let (above, below) = if let Some((above, below)) = joined {
            self.at += 1;
            let above = if above.is_ascii_digit() { digit(above) } else { self.word(&above.to_string(), span)? };
            (above, digit(below))
        } else {
            (self.atom()?, self.atom()?)
        };
        self.depth -= 1;
        let quotient = below.inverse().and_then(|inverse| above.times(&inverse));
        quotient.map_err(|message| ClaimError::new(self.since(from), message))
    }

    /// A function of a number: a symbol of its own, named by its argument.
    fn function(&mut self, name: &'static str) -> Result<Value, ClaimError> {
        if !self.is('(') && !self.is('{') {
            return Err(self.unexpected(&format!("`(` after {name}")));
        }
        let from = self.at;
        let argument = self.atom()?;
        let Some(argument) = argument.as_scalar() else {
            return Err(ClaimError::new(self.since(from), format!("{name} takes a number")));
        };
        let symbol = format!("{name}({argument})");
        self.functions.0.insert(symbol.clone(), (name, argument));
        Ok(Value::scalar(Fraction::symbol(&symbol)))
    }
}
