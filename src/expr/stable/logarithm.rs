//! Logarithms of sums and products of exponentials.

use super::product::Factors;
use crate::expr::{Function, Id, Node, Pool};
use crate::number::Rational;

impl Pool {
    /// The form of `log(p)`; `additive` where multiples of 2πi do not matter.
    pub(super) fn float_log(&mut self, p: Id, additive: bool) -> Option<Id> {
        let apart = self.difference(p, true);
        let argument = apart.unwrap_or(p);
        if let Some(log) = self.log_of_positive(argument) {
            return Some(log);
        }
        if additive && let Some(log) = self.log_of_product(argument) {
            return Some(log);
        }
        if apart.is_some() {
            return Some(self.apply(Function::Log, argument));
        }
        // log(1 + y), where y may be small.
        if matches!(self.node(p), Node::Add(..))
            && let Some((one, _)) = self.terms(p, super::MOST_TERMS)
            && one.is_one()
        {
            let one = self.integer(1);
            let rest = self.sub(p, one);
            return Some(self.apply(Function::Log1p, rest));
        }
        None
    }

    /// The form of `log(1 + a)`.
    pub(super) fn float_log1p(&mut self, a: Id, additive: bool) -> Option<Id> {
        let one = self.integer(1);
        let sum = self.add(one, a);
        let sum = self.difference(sum, true).unwrap_or(sum);
        self.log_of_positive(sum).or_else(|| if additive { self.log_of_product(sum) } else { None })
    }

    /// The principal logarithm of a sum of exponentials, of a sigmoid and of their reciprocals and roots, times a positive number.
    fn log_of_positive(&mut self, p: Id) -> Option<Id> {
        if let Some(sum) = self.exponentials(p) {
            return self.log_of_exponentials(&sum);
        }
        let Factors { number, factors } = self.factors(p)?;
        let [(base, power)] = &*factors else { return None };
        // log(x^q) = q log x for these powers only, whose angles stay below π.
        if power.abs() > Rational::ONE || number.is_negative() || number.is_zero() {
            return None;
        }
        let log = match *self.node(*base) {
            Node::Apply(Function::Sigmoid, v) => {
                let minus = self.neg(v);
                let softplus = self.apply(Function::Softplus, minus);
                self.neg(softplus)
            }
            Node::Apply(Function::Exp, a) => self.principal_exponent(a)?,
            _ => {
                let sum = self.exponentials(*base)?;
                self.log_of_exponentials(&sum)?
            }
        };
        let (shift, scaled) = (self.log_of(&number), self.scaled(power, log));
        Some(self.add(shift, scaled))
    }

    /// The principal logarithm of `e^a`, where that is known: of a power with an exponent of size at most 1, and of a part of a sum.
    fn principal_exponent(&mut self, a: Id) -> Option<Id> {
        let (shift, terms) = self.terms(a, super::MOST_TERMS)?;
        let is_log = |node: &Node| matches!(node, Node::LogSumExp(_) | Node::Apply(Function::Softplus, _));
        if let [(c, log)] = &*terms
            && shift.is_zero()
            && c.abs() <= Rational::ONE
            && is_log(self.node(*log))
        {
            return Some(a);
        }
        // e^a / Σ e^(b_i) with a among the b_i is 1/(1 + …), whose logarithm is −log Σ e^(b_i − a).
        let (at, parts) = terms.iter().enumerate().find_map(|(at, (c, log))| match *self.node(*log) {
            Node::LogSumExp(array) if *c == Rational::MINUS_ONE => Some((at, array)),
            _ => None,
        })?;
        let mut rest = self.constant(shift);
        for (k, (c, term)) in terms.iter().enumerate().filter(|(k, _)| *k != at) {
            debug_assert_ne!(k, at);
            let term = self.scaled(c, *term);
            rest = self.add(rest, term);
        }
        if self.shape(rest).rank() > 0 {
            return None;
        }
        let entries: Vec<Id> = (0..self.shape(parts).size()).map(|k| self.index(parts, k)).collect();
        if !entries.contains(&rest) {
            return None;
        }
        let shifted: Vec<Id> = entries.into_iter().map(|b| self.sub(b, rest)).collect();
        let array = self.stack(&shifted);
        let log = self.logsumexp(array);
        Some(self.neg(log))
    }

    /// The logarithm of a product as a sum, up to a multiple of 2πi; what is not known to be positive on the real line stays together.
    fn log_of_product(&mut self, p: Id) -> Option<Id> {
        let Factors { number, factors } = self.factors(p)?;
        let (mut sum, mut rest, mut found) = (self.integer(0), Vec::new(), false);
        for (base, power) in factors {
            let log = match *self.node(base) {
                Node::Apply(Function::Exp, a) => Some(a),
                _ => self.log_of_positive(base),
            };
            if let Some(log) = log {
                let scaled = self.scaled(&power, log);
                sum = self.add(sum, scaled);
                found = true;
            } else {
                rest.push((base, power));
            }
        }
        if !found || (rest.is_empty() && (number.is_negative() || number.is_zero())) {
            return None;
        }
        let rest = self.product_of(&Factors { number, factors: rest });
        let log = match self.float_log(rest, false) {
            Some(log) => log,
            None => self.apply(Function::Log, rest),
        };
        Some(self.add(sum, log))
    }
}
