//! Reads a formula to its value: sums and products with bounded nesting.

use super::token::{Kind, Token, tokens};
use super::value::{Form, Value};
use super::{ClaimError, Functions, rounded};
use crate::number::{Coefficient, Fraction, Rational};
use std::ops::Range;

/// The deepest nesting accepted.
const MAX_DEPTH: usize = 64;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// How many norms are open, where a bar closes.
    pub(super) norms: usize,
    /// The symbols that coefficients may hold.
    pub(super) symbols: &'a [String],
    pub(super) functions: Functions,
    /// Indices of sums with their present values, the innermost last.
    pub(super) indices: Vec<(String, i64)>,
    /// How many sums over the Hessian's eigendirections are open.
    pub(super) eigensums: usize,
    /// Whether λ is a number in them, for functions of it, and not the Hessian.
    pub(super) spectral: bool,
    /// How many summands have been read.
    pub(super) summands: usize,
    /// Where decimals are what they are rounded from: how many have been read, and whether whole numbers are such too.
    pub(super) rounding: Option<(usize, bool)>,
}

/// Reads the formula that begins at `start` of the text.
pub(super) fn parse(text: &str, start: usize, symbols: &[String]) -> Result<(Value, Functions), ClaimError> {
    read(text, start, symbols, None)
}

/// Reads a formula whose decimals are rounded; a whole number by itself too where it is `approximate`. `None` where there are none, or where they stand
/// inside functions, which are exact.
pub(super) fn parse_rounded(text: &str, start: usize, symbols: &[String], approximate: bool) -> Option<Value> {
    let tokens = tokens(text, start).ok()?;
    let alone = matches!(
        tokens.iter().map(|t| &t.kind).collect::<Vec<_>>().as_slice(),
        [Kind::Number(_)] | [Kind::Sign('-'), Kind::Number(_)]
    );
    let (value, functions) = read(text, start, symbols, Some((0, approximate && alone))).ok()?;
    let rounded = value.terms.values().any(|c| rounded::digits(c).is_some());
    (rounded && functions.0.values().all(|(_, argument)| rounded::digits(argument).is_none())).then_some(value)
}

fn read(
    text: &str,
    start: usize,
    symbols: &[String],
    rounding: Option<(usize, bool)>,
) -> Result<(Value, Functions), ClaimError> {
    let tokens = tokens(text, start)?;
    let mut parser = Parser {
        text,
        tokens,
        at: 0,
        depth: 0,
        norms: 0,
        symbols,
        functions: Functions::default(),
        indices: Vec::new(),
        eigensums: 0,
        spectral: false,
        summands: 0,
        rounding,
    };
    let value = parser.sum()?;
    if parser.is('=') {
        return Err(parser.unexpected("one `=` in a claim: make two of a chain `a = b = c`, `a = b` and `a = c`"));
    }
    if parser.at < parser.tokens.len() {
        return Err(parser.unexpected("an operator, a factor or the end"));
    }
    Ok((value, parser.functions))
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|t| &t.kind)
    }

    pub(super) fn is(&self, sign: char) -> bool {
        self.peek() == Some(&Kind::Sign(sign))
    }

    pub(super) fn eat(&mut self, sign: char) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), |t| t.span.clone())
    }

    /// From the token numbered `from` to the last one read.
    pub(super) fn since(&self, from: usize) -> Range<usize> {
        let start = self.tokens.get(from).map_or(self.text.len(), |t| t.span.start);
        let end = self.at.checked_sub(1).and_then(|k| self.tokens.get(k)).map_or(start, |t| t.span.end);
        start..end.max(start)
    }

    pub(super) fn unexpected(&self, expected: &str) -> ClaimError {
        let found = match self.tokens.get(self.at) {
            None => "the formula ends here".to_owned(),
            Some(token) => format!("`{}` cannot stand here", &self.text[token.span.clone()]),
        };
        ClaimError::new(self.span(), found).expecting(expected)
    }

    pub(super) fn close(&mut self, close: char) -> Result<(), ClaimError> {
        if self.eat(close) { Ok(()) } else { Err(self.unexpected(&format!("`{close}`"))) }
    }

    pub(super) fn shallower(&mut self) {
        self.depth -= 1;
    }

    /// Counts a level of brackets or of fractions without them, which recursion follows.
    pub(super) fn deeper(&mut self) -> Result<(), ClaimError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH + 1 {
            return Err(ClaimError::new(self.span(), format!("brackets nest at most {MAX_DEPTH} deep")));
        }
        Ok(())
    }

    pub(super) fn sum(&mut self) -> Result<Value, ClaimError> {
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
    pub(super) fn product(&mut self) -> Result<Value, ClaimError> {
        let mut factors: Vec<(Value, Range<usize>)> = Vec::new();
        let mut negative = false;
        loop {
            while self.is('+') || self.is('-') {
                negative ^= self.is('-');
                self.at += 1;
            }
            let from = self.at;
            let divides = !factors.is_empty() && from > 0 && self.tokens[from - 1].kind == Kind::Sign('/');
            self.no_number_behind(factors.last().map(|(factor, _)| factor))?;
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

    /// Refuses a bare number behind a vector, and behind anything at the end: an equation's number is no factor.
    fn no_number_behind(&self, factor: Option<&Value>) -> Result<(), ClaimError> {
        let Some(factor) = factor else { return Ok(()) };
        let kind = |k: usize| self.tokens.get(k).map(|t| &t.kind);
        if self.at.checked_sub(1).and_then(kind).is_some_and(|k| matches!(k, Kind::Sign('*' | '/' | '+' | '-'))) {
            return Ok(());
        }
        let number = |k: usize| matches!(kind(k), Some(Kind::Number(_)));
        let close = match kind(self.at) {
            Some(Kind::Sign('(')) => Some(')'),
            Some(Kind::Sign('{')) => Some('}'),
            _ => None,
        };
        let length = match close {
            None if number(self.at) => 1,
            Some(close) if number(self.at + 1) && kind(self.at + 2) == Some(&Kind::Sign(close)) => 3,
            _ => return Ok(()),
        };
        let last = self.at + length == self.tokens.len();
        if !last && !factor.terms.keys().any(Form::is_complete) {
            return Ok(());
        }
        let span = self.span().start..self.tokens.get(self.at + length - 1).map_or(self.text.len(), |t| t.span.end);
        let found = &self.text[span.clone()];
        Err(ClaimError::new(span, format!("the number `{found}` stands behind what it would multiply"))
            .expecting("numbers in front, or the number of an equation as `\\quad (2)` or `\\tag{2}`"))
    }

    fn starts_factor(&self) -> bool {
        matches!(self.peek(), Some(Kind::Number(_) | Kind::Word(_) | Kind::Sign('(' | '{' | '∇')))
            || (self.is('‖') && self.norms == 0)
    }

    /// An atom with its arguments, powers and transposition.
    pub(super) fn factor(&mut self) -> Result<Value, ClaimError> {
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
            } else if self.is('_')
                && self.tokens.get(self.at.wrapping_sub(1)).is_some_and(|t| t.kind == Kind::Sign('}'))
            {
                self.skip_subscript()?;
            } else if self.is('^') && self.tokens.get(self.at + 1).is_some_and(|t| t.kind == Kind::Sign('*')) {
                // θ^*, λ^*: at a critical point.
                self.at += 2;
            } else if self.eat('^') {
                let result = if self.transposition() { value.transposed() } else { self.powered(&value)? };
                value = result.map_err(|message| ClaimError::new(self.since(from), message))?;
            } else {
                return Ok(value);
            }
        }
    }

    /// Whether `{O}` or `{C}` stands here, as `\mathcal{O}` leaves it.
    fn is_braced_mark(&self) -> bool {
        let mark = |t: &Token| matches!(&t.kind, Kind::Word(w) if matches!(w.as_str(), "O" | "o" | "C"));
        self.tokens.get(self.at + 1).is_some_and(mark)
            && self.tokens.get(self.at + 2).is_some_and(|t| t.kind == Kind::Sign('}'))
    }

    /// `‖v‖²`.
    fn norm(&mut self) -> Result<Value, ClaimError> {
        let from = self.at;
        self.at += 1;
        self.norms += 1;
        let value = self.sum()?;
        self.close('‖')?;
        self.norms -= 1;
        if self.is('_') {
            self.skip_subscript()?;
        }
        let squared = match self.peek() {
            Some(Kind::Superscript(2)) => {
                self.at += 1;
                true
            }
            Some(Kind::Sign('^')) => {
                self.at += 1;
                self.whole("2: a norm is read only squared")? == 2
            }
            _ => false,
        };
        if !squared {
            return Err(self.unexpected("the square: a norm is read only squared"));
        }
        value.squared_norm().map_err(|message| ClaimError::new(self.since(from), message))
    }

    /// Skips `_x` or `_{…}`, which names an eigendirection, a step or a term under a brace.
    pub(super) fn skip_subscript(&mut self) -> Result<(), ClaimError> {
        self.at += 1;
        if !self.is('{') {
            if !matches!(self.peek(), Some(Kind::Word(_) | Kind::Number(_))) {
                return Err(self.unexpected("a subscript"));
            }
            self.at += 1;
            return Ok(());
        }
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Some(Kind::Sign('{')) => open += 1,
                Some(Kind::Sign('}')) => open -= 1,
                Some(_) => {}
                None => return Err(self.unexpected("`}`")),
            }
            self.at += 1;
            if open == 0 {
                return Ok(());
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
        let bracket = self.is('(') || (self.is('{') && !self.closes_or_marks(self.at + 1));
        let base = value.as_scalar().filter(|b| !b.is_zero() && bracket);
        let exponent = match base {
            Some(base) => {
                let exponent = self.atom()?;
                match exponent.as_scalar().filter(|e| !is_whole(e)) {
                    Some(exponent) => return self.real_power(base, &exponent, self.since(from)).map(Ok),
                    None => self.whole_number(&exponent, from)?,
                }
            }
            None => self.whole("a whole exponent, or T for a transposed vector")?,
        };
        let magnitude = u32::try_from(exponent.unsigned_abs()).map_err(|_| {
            ClaimError::new(self.since(from), format!("{exponent} is no whole exponent within the limits"))
        })?;
        let power = value.power(magnitude);
        Ok(if exponent < 0 { power.and_then(|p| p.inverse()) } else { power })
    }

    /// Whether the mark of a critical point stands here, as in λ^{*2}, or a closing brace.
    fn closes_or_marks(&self, at: usize) -> bool {
        matches!(self.tokens.get(at).map(|t| &t.kind), None | Some(Kind::Sign('*' | '}')))
    }

    /// A number to the power of another that is no whole number: `(1 − hλ)^{t/h}` is `e^{t log(1 − hλ)/h}`.
    fn real_power(&mut self, base: Fraction, exponent: &Fraction, place: Range<usize>) -> Result<Value, ClaimError> {
        let half = constant(&exponent.scaled(&Rational::from(2))).filter(Rational::is_integer);
        if let Some(k) = half.and_then(|k| k.to_i64()).filter(|k| k.abs() <= 64) {
            let root = self.applied("sqrt", base, place.clone())?;
            let power = root.power(u32::try_from(k.unsigned_abs()).unwrap_or(u32::MAX));
            let power = if k < 0 { power.and_then(|p| p.inverse()) } else { power };
            return power.map_err(|message| ClaimError::new(place, message));
        }
        let logarithm = self.applied("log", base, place.clone())?;
        let product = logarithm.times(&Value::scalar(exponent.clone()));
        let product = product.map_err(|message| ClaimError::new(place.clone(), message))?;
        self.applied("exp", product.as_scalar().unwrap_or_else(Fraction::zero), place)
    }

    /// A whole number: one symbol, or an expression of numbers and indices in brackets.
    pub(super) fn whole(&mut self, expected: &str) -> Result<i64, ClaimError> {
        let from = self.at;
        let value = if self.eat('{') {
            // The mark of a critical point, as in λ^{*2}.
            self.eat('*');
            if self.peek().is_none() || self.is('}') {
                return Err(self.unexpected(expected));
            }
            let value = self.sum()?;
            self.close('}')?;
            value
        } else if self.is('(') {
            self.atom()?
        } else {
            let negative = self.eat('-');
            if !matches!(self.peek(), Some(Kind::Number(_) | Kind::Word(_))) {
                return Err(self.unexpected(expected));
            }
            let value = self.atom()?;
            if negative { value.negated() } else { value }
        };
        self.whole_number(&value, from)
    }

    fn whole_number(&self, value: &Value, from: usize) -> Result<i64, ClaimError> {
        let number =
            if value.terms.is_empty() { Some(Rational::ZERO) } else { value.as_scalar().as_ref().and_then(constant) };
        let whole = number.as_ref().and_then(Rational::to_i64);
        whole.ok_or_else(|| {
            let found = number.map_or_else(|| "this".to_owned(), |n| n.to_string());
            ClaimError::new(self.since(from), format!("{found} is no whole exponent within the limits"))
        })
    }

    pub(super) fn atom(&mut self) -> Result<Value, ClaimError> {
        let span = self.span();
        let Some(kind) = self.peek().cloned() else { return Err(self.unexpected("a number, a name or `(`")) };
        match kind {
            Kind::Number(q) => {
                self.at += 1;
                if q.numerator().bits() > 4096 || q.denominator().bits() > 4096 {
                    return Err(ClaimError::new(span, "a number of more than 4096 bits is beyond the limit"));
                }
                let text = &self.text[span];
                if let Some((count, whole)) = &mut self.rounding
                    && let Some(precision) = rounded::precision(text, *whole)
                {
                    *count += 1;
                    return Ok(Value::scalar(rounded::decimal(&q, *count, &precision)));
                }
                Ok(Value::scalar(Fraction::from_rational(&q)))
            }
            Kind::Sign('{') if self.is_braced_mark() => {
                self.at += 1;
                let Some(Kind::Word(word)) = self.peek().cloned() else { return Err(self.unexpected("O or C")) };
                self.at += 2;
                self.mark(&word)
            }
            Kind::Sign('‖') if self.norms == 0 => self.norm(),
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
}

/// The number that a coefficient is, if it has no symbols.
fn constant(value: &Fraction) -> Option<Rational> {
    value.numerator().as_constant().filter(|_| value.denominator().len() == 0)
}

fn is_whole(value: &Fraction) -> bool {
    value.is_zero() || constant(value).is_some_and(|q| q.is_integer())
}
