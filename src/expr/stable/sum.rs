//! Sums: of exponentials, and differences of what is nearly equal.

use super::{MOST_DEPTH, MOST_TERMS};
use crate::expr::{Function, Id, Node, Pool, Shape};
use crate::number::Rational;

/// Differences are looked for in sums of so many terms at most.
const SHORT: usize = 32;

/// One of several exponentials `c e^a` with c > 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exponential {
    pub(super) factor: Rational,
    pub(super) exponent: Id,
}

impl Pool {
    /// A sum as a number and terms with their factors; `None` beyond so many.
    pub(super) fn terms(&self, id: Id, most: usize) -> Option<(Rational, Vec<(Rational, Id)>)> {
        let (mut constant, mut terms) = (Rational::ZERO, Vec::new());
        let mut rest = vec![(Rational::ONE, id)];
        while let Some((factor, id)) = rest.pop() {
            match self.node(id) {
                Node::Constant(q) => constant = &constant + &(&factor * q),
                Node::Add(a, b) => rest.extend([(factor.clone(), *b), (factor, *a)]),
                Node::Mul(c, x) if let Some(c) = self.as_constant(*c) => rest.push((&factor * c, *x)),
                _ => terms.push((factor, id)),
            }
            if terms.len() + rest.len() > most {
                return None;
            }
        }
        Some((constant, terms))
    }

    /// Whether an expression is a positive number, of π, positive rationals, exponentials of them and their products and powers.
    fn is_positive_number(&self, id: Id, depth: usize) -> bool {
        depth > 0
            && match self.node(id) {
                Node::Pi => true,
                Node::Constant(q) => !q.is_negative() && !q.is_zero(),
                Node::Pow(a, _) => self.is_positive_number(*a, depth - 1),
                Node::Mul(a, b) => self.is_positive_number(*a, depth - 1) && self.is_positive_number(*b, depth - 1),
                Node::Apply(Function::Exp, a) => matches!(self.node(*a), Node::Constant(_)),
                _ => false,
            }
    }

    /// The exponent of an exponential, of a whole power or of a product of such; positive numbers are exponentials of their logarithms.
    pub(super) fn exponent_of(&mut self, id: Id) -> Option<Id> {
        self.exponent_to(id, MOST_DEPTH)
    }

    fn exponent_to(&mut self, id: Id, depth: usize) -> Option<Id> {
        if depth == 0 {
            return None;
        }
        match self.node(id).clone() {
            Node::Apply(Function::Exp, a) => Some(a),
            Node::Pow(a, n) if n.is_integer() => {
                let exponent = self.exponent_to(a, depth - 1)?;
                Some(self.scaled(&n, exponent))
            }
            Node::Mul(a, b) => {
                let (a, b) = (self.exponent_to(a, depth - 1)?, self.exponent_to(b, depth - 1)?);
                Some(self.add(a, b))
            }
            _ if self.is_positive_number(id, depth) => Some(self.apply(Function::Log, id)),
            _ => None,
        }
    }

    /// Whether an expression holds an exponential as itself or as a factor.
    fn has_exponential(&self, id: Id, depth: usize) -> bool {
        depth > 0
            && match self.node(id) {
                Node::Apply(Function::Exp, _) => true,
                Node::Pow(a, _) => self.has_exponential(*a, depth - 1),
                Node::Mul(a, b) => self.has_exponential(*a, depth - 1) || self.has_exponential(*b, depth - 1),
                _ => false,
            }
    }

    /// A sum of two exponentials or more, each with a positive factor; a positive number is one with exponent 0.
    pub(super) fn exponentials(&mut self, id: Id) -> Option<Vec<Exponential>> {
        let (constant, terms) = self.terms(id, MOST_TERMS)?;
        if constant.is_negative() || terms.iter().any(|(c, _)| c.is_negative() || c.is_zero()) {
            return None;
        }
        let mut found = Vec::new();
        if !constant.is_zero() {
            found.push(Exponential { factor: constant, exponent: self.integer(0) });
        }
        let mut proper = false;
        for (factor, term) in terms {
            if let Node::Sum(array) = *self.node(term)
                && self.shape(array).size() <= MOST_TERMS
            {
                proper |= self.has_exponential(array, MOST_DEPTH);
                let exponent = self.exponent_of(array)?;
                let shape = self.shape(array).clone();
                let exponent = self.broadcast_to(exponent, &shape);
                for k in 0..shape.size() {
                    found.push(Exponential { factor: factor.clone(), exponent: self.index(exponent, k) });
                }
            } else {
                proper |= self.has_exponential(term, MOST_DEPTH);
                found.push(Exponential { factor, exponent: self.exponent_of(term)? });
            }
        }
        (proper && found.len() >= 2).then_some(found)
    }

    /// `(c, u)` where a sum of two exponentials is `c (1 + e^u)`.
    pub(super) fn one_plus_exponential(&mut self, sum: &[Exponential]) -> Option<(Rational, Id)> {
        let [a, b] = sum else { return None };
        let zero = |e: &Exponential, pool: &Self| pool.is_zero(e.exponent);
        let (one, other) = if zero(a, self) { (a, b) } else { (b, a) };
        if !zero(one, self) || zero(other, self) {
            return None;
        }
        let ratio = other.factor.checked_div(&one.factor)?;
        let shift = self.log_of(&ratio);
        Some((one.factor.clone(), self.add(shift, other.exponent)))
    }

    /// The logarithm of a positive number.
    pub(super) fn log_of(&mut self, q: &Rational) -> Id {
        let q = self.constant(q.clone());
        self.apply(Function::Log, q)
    }

    /// `log Σ c_i e^{a_i}`.
    pub(super) fn log_of_exponentials(&mut self, sum: &[Exponential]) -> Option<Id> {
        if let Some((c, u)) = self.one_plus_exponential(sum) {
            let softplus = self.apply(Function::Softplus, u);
            let shift = self.log_of(&c);
            return Some(self.add(shift, softplus));
        }
        let common = sum.first()?.factor.clone();
        let mut exponents = Vec::with_capacity(sum.len());
        for Exponential { factor, exponent } in sum {
            let shift = self.log_of(&factor.checked_div(&common)?);
            exponents.push(self.add(shift, *exponent));
        }
        let log = self.elementwise_logsumexp(&exponents)?;
        let shift = self.log_of(&common);
        Some(self.add(shift, log))
    }

    /// `log Σ exp` of several arrays, entry by entry.
    fn elementwise_logsumexp(&mut self, exponents: &[Id]) -> Option<Id> {
        let shape = exponents.iter().try_fold(Shape::scalar(), |s, e| s.broadcast(self.shape(*e)))?;
        if shape.rank() == 0 {
            let array = self.stack(exponents);
            return Some(self.logsumexp(array));
        }
        if shape.size().saturating_mul(exponents.len()) > MOST_TERMS {
            return None;
        }
        let whole: Vec<Id> = exponents.iter().map(|e| self.broadcast_to(*e, &shape)).collect();
        let mut entries = Vec::with_capacity(shape.size());
        for k in 0..shape.size() {
            let parts: Vec<Id> = whole.iter().map(|e| self.index(*e, k)).collect();
            let array = self.stack(&parts);
            entries.push(self.logsumexp(array));
        }
        let stacked = self.stack(&entries);
        Some(self.reshape(stacked, shape))
    }

    /// A sum in which a number nearly cancels a term, without the cancellation: `e^u − 1` as `expm1(u)`, `1 − σ(v)` as `σ(−v)`.
    ///
    /// `strict` is for what is divided by or has its logarithm taken, where the difference must not round to 0.
    pub(super) fn difference(&mut self, id: Id, strict: bool) -> Option<Id> {
        if let Node::Mul(c, x) = *self.node(id)
            && self.as_constant(c).is_some()
        {
            let x = self.difference(x, strict)?;
            return Some(self.mul(c, x));
        }
        if !matches!(self.node(id), Node::Add(..)) {
            return None;
        }
        let (constant, mut terms) = self.terms(id, SHORT)?;
        if constant.is_zero() {
            return None;
        }
        let (at, value) = (0..terms.len()).find_map(|at| {
            let (c, t) = terms[at].clone();
            Some((at, self.cancelled(&constant, &c, t, strict)?))
        })?;
        terms.remove(at);
        let mut sum = value;
        for (c, t) in terms {
            let term = self.scaled(&c, t);
            sum = self.add(sum, term);
        }
        Some(sum)
    }

    /// `k + c·t` for a term that the number nearly cancels somewhere.
    fn cancelled(&mut self, k: &Rational, c: &Rational, t: Id, strict: bool) -> Option<Id> {
        let opposite = *k == -c;
        let half = Rational::new(1, 2);
        let scaled = |pool: &mut Self, by: i64, of: &Rational, x: Id| pool.scaled(&(&Rational::from(by) * of), x);
        match self.node(t).clone() {
            Node::Apply(Function::Sigmoid, v) if opposite => {
                let minus = self.neg(v);
                let sigmoid = self.apply(Function::Sigmoid, minus);
                Some(self.scaled(k, sigmoid))
            }
            Node::Apply(Function::Tanh, u) if opposite || k == c => {
                // 1 ± tanh u = 2σ(±2u).
                let twice = scaled(self, if opposite { -2 } else { 2 }, &Rational::ONE, u);
                let sigmoid = self.apply(Function::Sigmoid, twice);
                Some(scaled(self, 2, k, sigmoid))
            }
            Node::Apply(function @ (Function::Cos | Function::Cosh), u) if opposite && strict => {
                // 1 − cos u = 2 sin²(u/2), cosh u − 1 = 2 sinh²(u/2).
                let u = self.scaled(&half, u);
                let (root, sign) = if function == Function::Cos { (Function::Sin, k) } else { (Function::Sinh, c) };
                let root = self.apply(root, u);
                let square = self.pow(root, &2.into());
                Some(scaled(self, 2, sign, square))
            }
            Node::Pow(base, exponent) if opposite && strict && exponent == 2.into() => {
                let value = match *self.node(base) {
                    // 1 − tanh² u = 4σ(2u)σ(−2u).
                    Node::Apply(Function::Tanh, u) => {
                        let (plus, minus) = (self.scaled(&2.into(), u), self.scaled(&(-2).into(), u));
                        let (a, b) = (self.apply(Function::Sigmoid, plus), self.apply(Function::Sigmoid, minus));
                        let product = self.mul(a, b);
                        self.scaled(&4.into(), product)
                    }
                    Node::Apply(function @ (Function::Sin | Function::Cos), u) => {
                        let other = if function == Function::Sin { Function::Cos } else { Function::Sin };
                        let value = self.apply(other, u);
                        self.pow(value, &2.into())
                    }
                    _ => return None,
                };
                Some(self.scaled(k, value))
            }
            Node::Pow(base, exponent) if opposite && strict && exponent == half => {
                // √A − 1 = (A − 1)/(√A + 1), where A is 1 + y.
                let one = self.integer(1);
                let rest = self.sub(base, one);
                if !matches!(self.node(base), Node::Add(..))
                    || self.terms(rest, SHORT).is_none_or(|(k, _)| !k.is_zero())
                {
                    return None;
                }
                let divisor = self.add(one, t);
                let quotient = self.div(rest, divisor);
                Some(self.scaled(c, quotient))
            }
            _ if opposite && self.has_exponential(t, MOST_DEPTH) => {
                let exponent = self.exponent_of(t)?;
                let value = self.apply(Function::Expm1, exponent);
                Some(self.scaled(c, value))
            }
            _ => None,
        }
    }
}
