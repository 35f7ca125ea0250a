//! What the words of a formula stand for: derivatives, functions, sums, and marks for what is left out.

use super::parser::Parser;
use super::token::{Kind, Token};
use super::value::{Form, MAX_NODES, Value, lowest_power};
use super::{ClaimError, roots, spectral};
use crate::number::{Coefficient, Fraction, Rational};
use crate::optimizer::MOMENTUM;
use crate::series::limits::MAX_CLAIM_ORDER;
use crate::tree::Tree;
use std::ops::Range;

/// The most summands that are read, of all sums together.
const MAX_SUMMANDS: usize = 2_000;
/// The most summands of an infinite sum that are read until its terms are of high order.
const MAX_SEARCH: i64 = 64;
/// The most letters of a function with its argument written out, which doubles where it stands twice in another.
const MAX_FUNCTION: usize = 4_000;

impl Parser<'_> {
    fn derivative(order: usize, span: Range<usize>) -> Result<Value, ClaimError> {
        match order {
            1 => Ok(Value::form(Form::Vector(Tree::leaf()))),
            2 => Ok(Value::form(Form::Matrix(vec![Vec::new()]))),
            3..=MAX_NODES => Ok(Value::form(Form::Tensor(order))),
            _ => Err(ClaimError::new(span, format!("no derivative of order {order}: between 1 and {MAX_NODES}"))),
        }
    }

    /// `∇_θ^k E`, the decorations in any order and either may be absent.
    pub(super) fn nabla(&mut self) -> Result<Value, ClaimError> {
        let from = self.at;
        self.at += 1;
        let mut order = 1;
        loop {
            if self.eat('_') {
                let mut braces = 0_usize;
                while self.eat('{') {
                    braces += 1;
                }
                if !self.tokens.get(self.at).is_some_and(is_theta) {
                    return Err(self.unexpected("θ: derivatives are with respect to it"));
                }
                self.at += 1;
                for _ in 0..braces {
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
        let is_loss = |k: usize| matches!(self.tokens.get(k).map(|t| &t.kind), Some(Kind::Word(w)) if w == "E");
        let braced = self.is('{')
            && is_loss(self.at + 1)
            && self.tokens.get(self.at + 2).is_some_and(|t| t.kind == Kind::Sign('}'));
        if is_loss(self.at) || braced {
            self.at += if braced { 3 } else { 1 };
            self.skip_theta();
            return Self::derivative(order, self.since(from));
        }
        // The gradient of another scalar, ∇‖∇E‖².
        let scalar = matches!(self.peek(), Some(Kind::Sign('(' | '{'))) || (self.is('‖') && self.norms == 0);
        if !scalar {
            return Err(self.unexpected("E, or another scalar such as ‖∇E‖², whose derivative this is"));
        }
        self.deeper()?;
        let value = self.atom()?;
        self.shallower();
        let place = self.since(from);
        if order != 1 {
            return Err(ClaimError::new(
                place,
                "of other scalars than E only the gradient is read, no higher derivative",
            ));
        }
        value.gradient().map_err(|message| ClaimError::new(place, message))
    }

    /// Skips `(θ)`, with whatever decorates θ: `(\boldsymbol\theta_{t-1})`, `(\tilde\theta)`.
    fn skip_theta(&mut self) {
        if !self.is('(') {
            return;
        }
        let inside = self.tokens[self.at + 1..].iter().take(16).take_while(|t| t.kind != Kind::Sign(')'));
        let decoration = |t: &Token| match &t.kind {
            Kind::Word(w) => matches!(w.as_str(), "\\tilde" | "t"),
            Kind::Number(_) | Kind::Superscript(_) => true,
            Kind::Sign(c) => matches!(c, '{' | '}' | '_' | '^' | '*' | '-'),
        };
        let (length, theta) = inside.fold((Some(0_usize), false), |(length, theta), t| {
            let (is, decorates) = (is_theta(t), decoration(t));
            (length.filter(|_| is || (decorates && (theta || t.kind != Kind::Sign('-')))).map(|n| n + 1), theta || is)
        });
        if let Some(length) = length.filter(|_| theta)
            && self.tokens.get(self.at + 1 + length).is_some_and(|t| t.kind == Kind::Sign(')'))
        {
            self.at += length + 2;
        }
    }

    pub(super) fn word(&mut self, word: &str, span: Range<usize>) -> Result<Value, ClaimError> {
        if let Some(symbol) = self.with_subscript(word)? {
            return Ok(symbol);
        }
        match word {
            "g" => return Self::derivative(1, span),
            "H" => return Self::derivative(2, span),
            "T" => return Self::derivative(3, span),
            "I" => return Ok(Value::form(Form::Matrix(Vec::new()))),
            "E" if !self.is('^') => {
                self.skip_theta();
                return Ok(Value::form(Form::Energy(Tree::leaf())));
            }
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
            "exp" | "\\exp" => return self.function("exp"),
            "e" if self.is('^') => {
                self.at += 1;
                return self.function("exp");
            }
            "sum" | "\\sum" => return self.summation(span),
            "O" | "o" | "C" => return self.mark(word),
            "λ" | "lambda" | "\\lambda" => return self.eigenvalue(span),
            "θ" | "theta" | "\\theta" if self.has_symbol("theta") || self.has_symbol("theta_0") => {
                if self.is('_') {
                    self.skip_subscript()?;
                }
                let initial = self.has_symbol("theta_0");
                return Ok(if initial { symbol("theta_0") } else { Value::form(Form::Point) });
            }
            "u" if self.eigensums > 0 => {
                if self.is('_') {
                    self.skip_subscript()?;
                }
                // Functions of an eigenvalue speak of one eigendirection.
                let one = self.has_symbol("lambda") || self.has_symbol("z");
                return Ok(if one { Value::scalar(Fraction::one()) } else { Value::form(Form::Eigenvector) });
            }
            _ => {}
        }
        if let Some((_, value)) = self.indices.iter().rev().find(|(name, _)| name == word) {
            return Ok(Value::scalar(Fraction::from_rational(&Rational::from(*value))));
        }
        if let Some(unknown) = self.unknown(word)? {
            return Ok(unknown);
        }
        if let Some(order) = word.strip_prefix('E').and_then(|k| k.parse::<usize>().ok()) {
            return Self::derivative(order, span);
        }
        let name = word.trim_start_matches('\\');
        if self.symbols.iter().any(|s| s == name) {
            return Ok(Value::scalar(Fraction::symbol(name)));
        }
        let symbols = self.symbols.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", ");
        let mut among = if symbols.is_empty() { String::new() } else { format!(", {symbols}") };
        if name == MOMENTUM || (word.starts_with('\\') && !matches!(name, "theta" | "alpha" | "infty" | "tilde")) {
            among.push_str(
                "; hyper-parameters belong to an optimizer: give it to `Claim::parse`, such as heavy-ball for `m`",
            );
        }
        if name != MOMENTUM {
            among.push_str("; letters of your own are declared with `claim::Letters`, such as h=η,E=L,m=β,θ=ω");
        }
        Err(ClaimError::new(span, format!("`{}` has no meaning in this claim", word.trim_start_matches('\\')))
            .expecting(format!("a number, g, H, T, E4, …, ∇{among}")))
    }

    /// A hyper-parameter with a subscript: `\beta_{1}` is `beta1` or `beta_1`, `w_{\mathit{out}}` is `w_out`.
    fn with_subscript(&mut self, word: &str) -> Result<Option<Value>, ClaimError> {
        if !self.is('_') {
            return Ok(None);
        }
        let (mut open, mut parts) = (0_usize, Vec::new());
        for token in self.tokens[self.at + 1..].iter().take(16) {
            match &token.kind {
                Kind::Sign('{') => open += 1,
                Kind::Sign('}') => open = open.saturating_sub(1),
                Kind::Word(part) => parts.push(part.trim_start_matches('\\').to_owned()),
                Kind::Number(part) => parts.push(part.to_string()),
                _ => return Ok(None),
            }
            if open == 0 {
                break;
            }
        }
        let stem = word.trim_start_matches('\\');
        let spelt = [format!("{stem}_{}", parts.join("_")), format!("{stem}{}", parts.concat())];
        let Some(name) = spelt.into_iter().find(|name| self.has_symbol(name)) else { return Ok(None) };
        self.skip_subscript()?;
        Ok(Some(symbol(&name)))
    }

    fn has_symbol(&self, name: &str) -> bool {
        self.symbols.iter().any(|s| s == name)
    }

    /// λ, of whichever eigendirection; in a sum of vectors over all of them it is what the Hessian does.
    fn eigenvalue(&mut self, span: Range<usize>) -> Result<Value, ClaimError> {
        if self.is('_') {
            self.skip_subscript()?;
        }
        if self.has_symbol("lambda") {
            return Ok(symbol("lambda"));
        }
        if self.eigensums > 0 {
            return if self.spectral { Ok(symbol("lambda")) } else { Self::derivative(2, span) };
        }
        Err(ClaimError::new(span, "`λ` has no meaning in this claim")
            .expecting("H, or a sum over eigendirections such as \\sum_i λ_i (∇E^T u_i) u_i"))
    }

    /// `f_n`, in claims that may mention it.
    fn unknown(&mut self, word: &str) -> Result<Option<Value>, ClaimError> {
        let joined = word.strip_prefix('f').and_then(|n| n.parse::<usize>().ok());
        if (word != "f" && joined.is_none()) || !self.has_symbol("h") || self.has_symbol("lambda") {
            return Ok(None);
        }
        let from = self.at;
        let order = match joined {
            Some(order) => order,
            None if self.eat('_') => {
                let order = self.whole("the order n of f_n")?;
                usize::try_from(order).unwrap_or(usize::MAX)
            }
            None => return Err(self.unexpected("the order, as in f_1")),
        };
        if order > MAX_CLAIM_ORDER {
            let message = format!("order {order} is beyond the limit of {MAX_CLAIM_ORDER} for claims");
            return Err(ClaimError::new(self.since(from), message));
        }
        self.skip_theta();
        Ok(Some(Value::form(Form::Unknown(order))))
    }

    /// `O(h^k)`, or `C(∇³E)` for terms with a third or higher derivative.
    pub(super) fn mark(&mut self, word: &str) -> Result<Value, ClaimError> {
        if !self.is('(') {
            let expected = if word == "C" { "`(∇³E)` after C" } else { "`(h^k)` after O" };
            return Err(self.unexpected(expected));
        }
        let from = self.at;
        if word == "C" {
            self.at += 1;
            let value = self.factor()?;
            self.close(')')?;
            let order = match value.terms.first_key_value() {
                Some((Form::Tensor(k), _)) => Some(*k),
                Some((Form::Matrix(layers), _)) if layers.as_slice() == [vec![]] => Some(2),
                _ => None,
            };
            let order = order.ok_or_else(|| {
                ClaimError::new(self.since(from), "this is no class of terms")
                    .expecting("C(∇³E), or another derivative")
            })?;
            return Ok(Value::form(Form::Class { order, power: 0 }));
        }
        let value = self.atom()?;
        let span = self.since(from);
        let number = value.as_scalar().filter(|f| f.denominator().len() == 0 && f.numerator().terms().len() == 1);
        let power =
            number.as_ref().map(lowest_power).filter(|k| number.as_ref().is_some_and(|f| f.numerator().degree() == *k));
        let power = power.ok_or_else(|| {
            ClaimError::new(span, "this is no power of the step size").expecting("O(h^k), in functions of z O(z^k)")
        })?;
        Ok(Value::form(Form::Rest(if word == "o" { power + 1 } else { power })))
    }

    /// `\sum_{p=a}^{b} …` over a whole index, b possibly infinite; `\sum_i` and `\sum_{i=0}^{D-1}` over eigendirections.
    ///
    /// The sum takes in the product after it. An infinite one is read until its terms are beyond the highest order.
    fn summation(&mut self, span: Range<usize>) -> Result<Value, ClaimError> {
        self.deeper()?;
        let place = |parser: &Self| span.start..parser.span().start.max(span.end);
        if !self.eat('_') {
            return Err(self.unexpected("the index of the sum, as in \\sum_{p=0}^{12}"));
        }
        let braced = self.eat('{');
        let Some(Kind::Word(index)) = self.peek().cloned() else { return Err(self.unexpected("the index of the sum")) };
        self.at += 1;
        let first = if self.eat('=') { Some(self.whole("where the index begins")?) } else { None };
        if braced {
            self.close('}')?;
        }
        let last = if self.eat('^') { self.last_index()? } else { Last::Dimension };
        let body = self.at;
        let (mut total, mut p) = match (first, &last) {
            (_, Last::Dimension) => {
                let value = self.over_eigendirections()?;
                self.shallower();
                return Ok(value);
            }
            (None, _) => return Err(ClaimError::new(place(self), "where does the index begin?").expecting("`p=0`")),
            (Some(first), _) => (Value::zero(), first),
        };
        let first = p;
        loop {
            self.summands += 1;
            let distance = p.saturating_sub(first);
            if self.summands > MAX_SUMMANDS || (matches!(last, Last::Infinite) && distance > MAX_SEARCH) {
                let message = match last {
                    Last::Infinite => "the powers of h in this infinite sum do not grow with its index".to_owned(),
                    _ => format!("sums of more than {MAX_SUMMANDS} terms are beyond the limit"),
                };
                return Err(ClaimError::new(place(self), message));
            }
            self.at = body;
            self.indices.push((index.clone(), p));
            let term = self.product()?;
            self.indices.pop();
            let beyond = match last {
                Last::Number(last) => p > last,
                _ => term.terms.values().all(|c| lowest_power(c) as usize > MAX_CLAIM_ORDER) && !term.terms.is_empty(),
            };
            if beyond {
                break;
            }
            total = total.plus(&term).map_err(|message| ClaimError::new(place(self), message))?;
            if matches!(last, Last::Number(last) if p >= last) {
                break;
            }
            p += 1;
        }
        if matches!(last, Last::Infinite) {
            let rest = Value::form(Form::Rest(u32::try_from(MAX_CLAIM_ORDER + 1).unwrap_or(u32::MAX)));
            total = total.plus(&rest).map_err(|message| ClaimError::new(place(self), message))?;
        }
        self.shallower();
        Ok(total)
    }

    /// The product after a sum over eigendirections: λ is what the Hessian does, or else a number that functions take.
    fn over_eigendirections(&mut self) -> Result<Value, ClaimError> {
        let (body, depth, norms, indices) = (self.at, self.depth, self.norms, self.indices.len());
        self.eigensums += 1;
        let plain = self.product();
        let value = match plain {
            Err(first)
                if !self.spectral && self.eigensums == 1 && self.has_symbol("h") && !self.has_symbol("lambda") =>
            {
                (self.at, self.depth, self.norms) = (body, depth, norms);
                self.indices.truncate(indices);
                self.spectral = true;
                let functions = self.functions.clone();
                let value = self.product();
                self.spectral = false;
                let functions = std::mem::replace(&mut self.functions, functions);
                // Where there is no function, what the first reading says is closer.
                let value = value.map_err(|second| if functions == self.functions { first } else { second })?;
                spectral::expanded(&value, &functions).map_err(|message| ClaimError::new(self.since(body), message))?
            }
            other => other?,
        };
        self.eigensums -= 1;
        Ok(value)
    }

    /// What stands above a sum.
    fn last_index(&mut self) -> Result<Last, ClaimError> {
        let ahead = usize::from(self.is('{'));
        let last = match self.tokens.get(self.at + ahead).map(|t| &t.kind) {
            Some(Kind::Word(w)) if matches!(w.as_str(), "\\infty" | "infty" | "inf" | "infinity") => Last::Infinite,
            Some(Kind::Word(w)) if matches!(w.as_str(), "D" | "d") => Last::Dimension,
            _ => {
                let expected = "a whole number, \\infty, or D-1 for a sum over eigendirections";
                return self.whole(expected).map(Last::Number).map_err(|e| e.expecting(expected));
            }
        };
        if ahead == 0 {
            self.at += 1;
        } else {
            // As a subscript: up to the closing brace.
            self.at -= 1;
            self.skip_subscript()?;
        }
        Ok(last)
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
        self.shallower();
        let quotient = below.inverse().and_then(|inverse| above.times(&inverse));
        quotient.map_err(|message| ClaimError::new(self.since(from), message))
    }

    /// A function of a number: a symbol of its own, named by its argument.
    fn function(&mut self, name: &'static str) -> Result<Value, ClaimError> {
        if !self.is('(') && !self.is('{') && name != "exp" {
            return Err(self.unexpected(&format!("`(` after {name}")));
        }
        let from = self.at;
        let argument = self.atom()?;
        let Some(argument) = argument.as_scalar() else {
            return Err(ClaimError::new(self.since(from), format!("{name} takes a number")));
        };
        self.applied(name, argument, self.since(from))
    }

    /// A function of a number at this place.
    pub(super) fn applied(
        &mut self,
        name: &'static str,
        argument: Fraction,
        place: Range<usize>,
    ) -> Result<Value, ClaimError> {
        let rational = |q: Rational| Ok(Value::scalar(Fraction::from_rational(&q)));
        let constant = argument.numerator().as_constant().filter(|_| argument.denominator().len() == 0);
        match (name, &constant) {
            ("sqrt", Some(q)) if q.is_negative() => {
                return Err(ClaimError::new(place, format!("sqrt({argument}) is no real number")));
            }
            ("log", Some(q)) if q.is_zero() => return Err(ClaimError::new(place, "log(0) has no value")),
            ("log", Some(q)) if q.is_one() => return rational(Rational::ZERO),
            ("exp", Some(q)) if q.is_zero() => return rational(Rational::ONE),
            _ => {}
        }
        // The root of a square is rational.
        let root = if name == "sqrt" { roots::of_number(&argument) } else { None };
        if let Some(number) = root.and_then(|q| q.to_rational()) {
            return rational(number);
        }
        let symbol = format!("{name}({argument})");
        if symbol.len() > MAX_FUNCTION {
            return Err(ClaimError::new(
                place,
                format!("a function of more than {MAX_FUNCTION} letters is beyond the limit"),
            ));
        }
        self.functions.0.insert(symbol.clone(), (name, argument));
        Ok(Value::scalar(Fraction::symbol(&symbol)))
    }
}

/// Where the index of a sum ends.
enum Last {
    Number(i64),
    Infinite,
    /// The last eigendirection.
    Dimension,
}

fn is_theta(token: &Token) -> bool {
    matches!(&token.kind, Kind::Word(w) if matches!(w.as_str(), "θ" | "theta" | "\\theta"))
}

fn symbol(name: &str) -> Value {
    Value::scalar(Fraction::symbol(name))
}
