//! What each operation of the language is on the pool, and where it has no value.

use super::closed::{self, MAX_ENTRIES};
use super::evaluate::Evaluator;
use super::numbers::{self, Made};
use super::precise::{self, Sign};
use super::suggest::short;
use super::syntax::{Binary, Builtin, Span};
use super::{LossError, LossErrorKind};
use crate::expr::{Function, Id, Node, Shape};
use crate::number::Rational;

pub(super) type Outcome<T = Id> = Result<T, Box<LossError>>;

/// What an operation asks of its operand.
#[derive(Debug, Clone, Copy)]
enum Needs {
    Nonzero,
    Positive,
    NotNegative,
}

pub(super) fn error<T>(span: Span, kind: LossErrorKind) -> Outcome<T> {
    Err(Box::new(LossError::new(span.range(), kind)))
}

pub(super) fn no_value<T>(span: Span, what: &str) -> Outcome<T> {
    error(span, LossErrorKind::NoValue(what.to_owned()))
}

impl Evaluator<'_> {
    /// Refuses powers, and powers of powers, beyond the limit.
    pub(super) fn check_exponent(&self, id: Id, span: Span) -> Outcome<()> {
        let limit = self.options.max_exponent;
        let most = i64::try_from(limit).map_or_else(|_| Rational::from(i64::MAX), Rational::from);
        let (mut total, mut at) = (Rational::ONE, id);
        while let Node::Pow(base, q) = self.pool.node(at) {
            if !q.is_integer() && at != id {
                break;
            }
            total = &total * q;
            if total.abs() > most {
                let found = short(&total.to_string());
                return error(span, LossErrorKind::ExponentTooLarge { found, limit });
            }
            at = *base;
        }
        Ok(())
    }

    /// The shape of an elementwise result.
    pub(super) fn fit(&self, operation: &'static str, a: Id, b: Id, span: Span) -> Outcome<Shape> {
        let (left, right) = (self.pool.shape(a), self.pool.shape(b));
        match left.broadcast(right) {
            Some(shape) => Ok(shape),
            None => {
                let kind = LossErrorKind::ShapeMismatch { operation, left: left.clone(), right: right.clone() };
                let error = LossError::new(span.range(), kind);
                let whole = "operations are taken entry by entry, of arrays of one shape or with axes of length 1 and missing ones, from the last, repeated";
                Err(Box::new(error.help(match operation {
                    "*" => format!("{whole}; the matrix product is `@`"),
                    "^" => format!("{whole}; norm2(w) is the sum of squares"),
                    _ => whole.to_owned(),
                })))
            }
        }
    }

    /// Refuses constants, alone or as entries, at which an operation has no value.
    fn check(&mut self, a: Id, needs: Needs, span: Span, what: impl Fn(Sign) -> String) -> Outcome<()> {
        if self.is_rounded(a) {
            return self.check_numbers(a, needs, span, what);
        }
        if self.closed.is_open(self.pool, a) {
            return Ok(());
        }
        for k in 0..self.closed.different(self.pool, a) {
            let Some(entry) = self.closed.entry(self.pool, a, k) else { continue };
            let sign = self.closed.sign(self.pool, entry);
            let near = sign == Sign::NearZero;
            let refused = match needs {
                Needs::Nonzero => sign == Sign::Zero || near,
                Needs::Positive => matches!(sign, Sign::Zero | Sign::Negative) || near,
                // Left to the evaluation, which goes further.
                Needs::NotNegative => sign == Sign::Negative,
            };
            if refused && near {
                let most = precise::MOST;
                let text = format!(
                    "whether this has a value is not known: the number that decides it could not be told from 0 in {most} bits"
                );
                return no_value(span, &text);
            }
            if refused {
                return no_value(span, &what(sign));
            }
        }
        Ok(())
    }

    /// The same of data that were rounded to doubles, which are checked whole.
    fn check_numbers(&mut self, a: Id, needs: Needs, span: Span, what: impl Fn(Sign) -> String) -> Outcome<()> {
        self.spend_on(a, span)?;
        let entries = numbers::doubles(self.pool, a);
        let refused = |x: &f64| match needs {
            Needs::Nonzero => *x == 0.0,
            Needs::Positive => *x <= 0.0,
            Needs::NotNegative => *x < 0.0,
        };
        let Some(at) = entries.iter().position(refused) else { return Ok(()) };
        let sign = if entries[at] == 0.0 { Sign::Zero } else { Sign::Negative };
        no_value(span, &format!("{}, at the entry {:?}", what(sign), self.pool.shape(a).position(at)))
    }

    /// What a scalar is, for messages, where it is an exact number other than 0 and stands not there already.
    fn here(&mut self, a: Id) -> String {
        match self.closed.exact(self.pool, a).filter(|q| !q.is_zero()) {
            Some(q) => format!(" (here it is {})", short(&q.to_string())),
            None => String::new(),
        }
    }

    pub(super) fn binary(&mut self, op: Binary, a: Id, b: Id, span: Span) -> Outcome {
        match op {
            Binary::Add => self.fit("+", a, b, span).map(|_| self.pool.add(a, b)),
            Binary::Subtract => self.fit("-", a, b, span).map(|_| self.pool.sub(a, b)),
            Binary::Multiply => self.fit("*", a, b, span).map(|_| self.pool.mul(a, b)),
            Binary::Divide => {
                self.fit("/", a, b, span)?;
                self.check(b, Needs::Nonzero, span, |_| "division by zero".to_owned())?;
                Ok(self.pool.div(a, b))
            }
            Binary::Matmul => self.matmul(a, b, span),
            Binary::Power => self.power(a, b, span),
        }
    }

    fn power(&mut self, a: Id, b: Id, span: Span) -> Outcome {
        let shape = self.fit("^", a, b, span)?;
        if self.pool.shape(b).rank() == 0 {
            return match self.closed.exact(self.pool, b) {
                Some(q) => self.rational_power(a, &q, span),
                None => self.general_power(a, b, span),
            };
        }
        if let Some(q) = self.pool.as_uniform(b).cloned() {
            let power = self.rational_power(a, &q, span)?;
            return Ok(self.pool.broadcast(power, &shape).unwrap_or(power));
        }
        // Exponents that differ from entry to entry.
        if shape.size() > MAX_ENTRIES {
            return self.general_power(a, b, span);
        }
        let mut exponents = Vec::with_capacity(shape.size());
        for k in 0..shape.size() {
            let from = self.pool.shape(b).source_of(k, &shape);
            let known = match self.closed.entry(self.pool, b, from) {
                Some(entry) => entry,
                None if self.is_rounded(b) => self.pool.index(b, from),
                None => return self.general_power(a, b, span),
            };
            match self.pool.as_constant(known).cloned() {
                Some(q) => exponents.push(q),
                None => return self.general_power(a, b, span),
            }
        }
        let mut parts = Vec::with_capacity(exponents.len());
        for (k, q) in exponents.iter().enumerate() {
            let from = self.pool.shape(a).source_of(k, &shape);
            let base = self.pool.index(a, from);
            let part = self.rational_power(base, q, span)?;
            self.check_exponent(part, span)?;
            parts.push(part);
        }
        let stack = self.pool.stack(&parts);
        let power = self.pool.reshape(stack, shape);
        if [a, b].into_iter().any(|id| self.is_rounded(id)) && self.made(a) != Made::Open {
            self.spend_on(power, span)?;
            return self.computed(power, span);
        }
        Ok(power)
    }

    fn rational_power(&mut self, a: Id, q: &Rational, span: Span) -> Outcome {
        let limit = self.options.max_exponent;
        if q.abs() > i64::try_from(limit).map_or_else(|_| Rational::from(i64::MAX), Rational::from) {
            let found = short(&q.to_string());
            return error(span, LossErrorKind::ExponentTooLarge { found, limit });
        }
        if q.is_negative() {
            self.check(a, Needs::Nonzero, span, |_| "0 to a negative power divides by zero".to_owned())?;
        }
        if !q.is_integer() {
            let here = self.here(a);
            let what = |_| format!("a negative number to a power that is no integer is not real{here}");
            self.check(a, Needs::NotNegative, span, what)?;
        }
        self.closed.charge(closed::long_power(self.pool, a, q));
        Ok(self.pool.pow(a, q))
    }

    /// `a^b = exp(b·log a)`.
    fn general_power(&mut self, a: Id, b: Id, span: Span) -> Outcome {
        // e^x is exp(x).
        if let Node::Apply(Function::Exp, u) = *self.pool.node(a)
            && self.pool.shape(u).rank() == 0
            && self.closed.entry(self.pool, u, 0).is_some()
        {
            let exponent = self.pool.mul(b, u);
            return Ok(self.pool.apply(Function::Exp, exponent));
        }
        let here = self.here(a);
        self.check(a, Needs::Positive, span, |sign| {
            let base = if sign == Sign::Zero { "0" } else { "a negative number" };
            format!("{base} to a power that is no exact number, which is exp(exponent * log(base)){here}")
        })?;
        let log = self.pool.apply(Function::Log, a);
        let product = self.pool.mul(b, log);
        Ok(self.pool.apply(Function::Exp, product))
    }

    /// The integer that a constant expression is.
    pub(super) fn integer(&mut self, id: Id, what: &'static str, span: Span) -> Outcome<Rational> {
        let found = match self.closed.exact(self.pool, id) {
            Some(q) if q.is_integer() => return Ok(q),
            Some(q) => short(&q.to_string()),
            None if self.pool.shape(id).rank() > 0 => "an array".to_owned(),
            None => match self.closed.parameter(self.pool, id) {
                Some(_) => "an expression in the parameters".to_owned(),
                None if self.closed.is_open(self.pool, id) => "a symbol without a value".to_owned(),
                None => "a number that is not rational".to_owned(),
            },
        };
        let error = LossError::new(span.range(), LossErrorKind::NotAnInteger { what, found });
        Err(Box::new(match self.pool.node(id) {
            Node::Symbol(s) => {
                let name = self.pool.symbols().get(*s as usize).cloned().unwrap_or_default();
                error.help(format!("give it a value: const {name} = …, or `Options::set` ({name} = …)"))
            }
            _ => error,
        }))
    }

    /// The bounds of a sum.
    pub(super) fn range(&mut self, low: Id, high: Id, span: Span) -> Outcome<(i64, i64)> {
        let low = self.integer(low, "a sum's bound", span)?;
        let high = self.integer(high, "a sum's bound", span)?;
        let limit = self.options.max_sum;
        let terms = &high - &low;
        let within = terms.is_negative() || terms.to_i64().is_some_and(|n| n.unsigned_abs() <= limit);
        match (low.to_i64(), high.to_i64()) {
            (Some(low), Some(high)) if within => Ok((low, high)),
            _ => error(span, LossErrorKind::SumTooLarge { found: short(&terms.abs().to_string()), limit }),
        }
    }

    /// The functions that are taken entry by entry; `None` for the others.
    pub(super) fn elementwise(&mut self, builtin: Builtin, a: Id, span: Span) -> Option<Outcome> {
        match builtin {
            Builtin::Elementwise(f) => Some(self.function(f, a, span)),
            Builtin::Activation(f) => Some(Ok(self.pool.activate(f, a))),
            Builtin::Sqrt => Some(self.root(a, span)),
            _ => None,
        }
    }

    fn root(&mut self, a: Id, span: Span) -> Outcome {
        let here = self.here(a);
        self.check(a, Needs::NotNegative, span, |_| format!("sqrt of a negative number is not real{here}"))?;
        Ok(self.pool.pow(a, &Rational::new(1, 2)))
    }

    fn function(&mut self, function: Function, a: Id, span: Span) -> Outcome {
        let name = function.name();
        if self.is_rounded(a) || !self.closed.is_open(self.pool, a) {
            let one = self.pool.integer(1);
            match function {
                Function::Log => {
                    let here = self.here(a);
                    self.check(a, Needs::Positive, span, |sign| match sign {
                        Sign::Zero => "log of 0".to_owned(),
                        _ => format!("log of a negative number is not real{here}"),
                    })?;
                }
                Function::Log1p => {
                    let shifted = self.pool.add(a, one);
                    self.check(shifted, Needs::Positive, span, |_| "log1p of -1 or less".to_owned())?;
                }
                Function::Asin | Function::Acos => {
                    let (above, below) = (self.pool.sub(one, a), self.pool.add(one, a));
                    for side in [above, below] {
                        let what = |_| format!("{name} outside of -1 … 1 is not real");
                        self.check(side, Needs::NotNegative, span, what)?;
                    }
                }
                Function::Tan => {
                    let cosine = self.pool.apply(Function::Cos, a);
                    self.check(cosine, Needs::Nonzero, span, |_| "tan at a pole".to_owned())?;
                }
                _ => {}
            }
        }
        Ok(self.pool.apply(function, a))
    }
}
