//! Products of exponentials with what cancels them.

use super::{MOST_DEPTH, MOST_TERMS};
use crate::expr::{Function, Id, Node, Pool};
use crate::number::Rational;

/// Products of so many factors at most are rearranged.
const SHORT: usize = 64;

/// Sums of so many terms at most are multiplied out.
const FEW: usize = 8;

/// A number times powers of other expressions.
#[derive(Debug, Clone)]
pub(super) struct Factors {
    pub(super) number: Rational,
    pub(super) factors: Vec<(Id, Rational)>,
}

/// Where an expression grows, as far as its form tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
    Unknown,
}

/// The exponentials and sigmoids of a product.
#[derive(Debug, Default)]
struct Exponentials {
    exponents: Vec<Id>,
    sigmoids: Vec<(Id, i64)>,
}

impl Pool {
    /// A product as a number and powers; whole powers of products are spread over their factors.
    pub(super) fn factors(&self, id: Id) -> Option<Factors> {
        let (mut number, mut factors) = (Rational::ONE, Vec::new());
        let mut rest = vec![(id, Rational::ONE)];
        while let Some((id, power)) = rest.pop() {
            match self.node(id) {
                Node::Constant(q) if power.is_integer() => {
                    let value = power.to_i64().filter(|n| n.unsigned_abs() <= 64).and_then(|n| q.pow(n))?;
                    number = &number * &value;
                }
                Node::Mul(a, b) if power.is_integer() => rest.extend([(*b, power.clone()), (*a, power)]),
                Node::Pow(a, q) if power.is_integer() => rest.push((*a, q * &power)),
                _ => factors.push((id, power)),
            }
            if factors.len() + rest.len() > SHORT {
                return None;
            }
        }
        Some(Factors { number, factors })
    }

    pub(super) fn product_of(&mut self, Factors { number, factors }: &Factors) -> Id {
        let mut product = self.constant(number.clone());
        for (base, power) in factors {
            let power = self.pow(*base, power);
            product = self.mul(product, power);
        }
        product
    }

    /// The form of a product; `None` where it stays.
    pub(super) fn float_product(&mut self, id: Id) -> Option<Id> {
        let Factors { number, mut factors } = self.factors(id)?;
        let mut changed = self.hyperbolic(&mut factors);
        changed |= self.exponential_tangent(&mut factors);
        let (mut parts, mut others) = (Exponentials::default(), Vec::new());
        for (base, power) in factors {
            match (self.node(base).clone(), power.to_i64().filter(|_| power.is_integer())) {
                (Node::Apply(Function::Exp, a), Some(_)) => parts.exponents.push(self.scaled(&power, a)),
                (Node::Apply(Function::Sigmoid, v), Some(n)) if n > 0 => parts.sigmoids.push((v, n)),
                _ => others.push((base, power)),
            }
        }
        let damped = parts.exponents.iter().any(|e| self.is_damped(*e));
        if damped || !parts.sigmoids.is_empty() {
            changed |= self.spread(&mut others, &mut parts);
        }
        match self.joined(&parts) {
            Some(joined) => {
                others.push((joined, Rational::ONE));
                parts = Exponentials::default();
            }
            None if !changed => return None,
            None => {}
        }
        for e in parts.exponents {
            let exp = self.apply(Function::Exp, e);
            others.push((exp, Rational::ONE));
        }
        for (v, n) in parts.sigmoids {
            let sigmoid = self.apply(Function::Sigmoid, v);
            others.push((sigmoid, n.into()));
        }
        Some(self.product_of(&Factors { number, factors: others }))
    }

    /// `sinh u / cosh u = tanh u` and `cosh u / cosh u = 1`, with powers.
    fn hyperbolic(&mut self, factors: &mut Vec<(Id, Rational)>) -> bool {
        let mut changed = false;
        for below in 0..factors.len() {
            let Node::Apply(Function::Cosh, u) = *self.node(factors[below].0) else { continue };
            for above in 0..factors.len() {
                let (top, bottom) = (factors[above].1.clone(), factors[below].1.clone());
                if above == below
                    || !(top.is_integer() && bottom.is_integer() && bottom.is_negative())
                    || top.is_negative()
                    || top.is_zero()
                {
                    continue;
                }
                let tangent = match *self.node(factors[above].0) {
                    Node::Apply(Function::Sinh, v) if v == u => true,
                    Node::Apply(Function::Cosh, v) if v == u => false,
                    _ => continue,
                };
                let common = top.clone().min(bottom.abs());
                factors[above].1 = &top - &common;
                factors[below].1 = &bottom + &common;
                if tangent {
                    let tanh = self.apply(Function::Tanh, u);
                    factors.push((tanh, common));
                }
                changed = true;
            }
        }
        factors.retain(|(_, power)| !power.is_zero());
        changed
    }

    /// `(e^u − 1)/(e^u + 1) = tanh(u/2)`, which stands as `expm1(u) σ(−u)`.
    fn exponential_tangent(&mut self, factors: &mut [(Id, Rational)]) -> bool {
        let mut changed = false;
        for above in 0..factors.len() {
            let Node::Apply(Function::Expm1, u) = *self.node(factors[above].0) else { continue };
            let minus = self.neg(u);
            let partner = self.apply(Function::Sigmoid, minus);
            let one = Rational::ONE;
            if let Some(below) =
                factors.iter().position(|(b, power)| *b == partner && *power >= one && power.is_integer())
                && factors[above].1 == one
            {
                let half = self.scaled(&Rational::new(1, 2), u);
                factors[above].0 = self.apply(Function::Tanh, half);
                factors[below].1 = &factors[below].1 - &one;
                changed = true;
            }
        }
        changed
    }

    /// Whether an exponent has the logarithm of a sum of exponentials, with a factor below 0.
    fn is_damped(&self, exponent: Id) -> bool {
        self.terms(exponent, MOST_TERMS).is_some_and(|(_, terms)| {
            terms.iter().any(|(c, t)| {
                c.is_negative() && matches!(self.node(*t), Node::LogSumExp(_) | Node::Apply(Function::Softplus, _))
            })
        })
    }

    fn sign(&self, exponent: Id) -> Sign {
        let Some((_, terms)) = self.terms(exponent, MOST_TERMS) else { return Sign::Unknown };
        match (terms.iter().any(|(c, _)| c.is_negative()), terms.iter().any(|(c, _)| !c.is_negative())) {
            (false, true) => Sign::Plus,
            (true, false) => Sign::Minus,
            _ => Sign::Unknown,
        }
    }

    /// Multiplies sums of exponentials by the damped exponentials and sigmoids of the product, term by term.
    fn spread(&mut self, others: &mut [(Id, Rational)], parts: &mut Exponentials) -> bool {
        for other in others {
            let base = other.0;
            if !other.1.is_one() {
                continue;
            }
            let new = match *self.node(base) {
                Node::Add(..) => self.spread_sum(base, parts),
                Node::Sum(array) if self.has_exponential_factor(array) => {
                    let mut all = Exponentials { exponents: parts.exponents.clone(), sigmoids: parts.sigmoids.clone() };
                    let Some(Factors { number, factors }) = self.factors(array) else { continue };
                    let mut rest = Vec::new();
                    for (base, power) in factors {
                        match *self.node(base) {
                            Node::Apply(Function::Exp, a) if power.is_integer() => {
                                all.exponents.push(self.scaled(&power, a));
                            }
                            _ => rest.push((base, power)),
                        }
                    }
                    self.joined(&all).map(|joined| {
                        rest.push((joined, Rational::ONE));
                        let product = self.product_of(&Factors { number, factors: rest });
                        let shape = self.shape(array).clone();
                        let product = self.broadcast_to(product, &shape);
                        self.sum(product)
                    })
                }
                _ => None,
            };
            if let Some(new) = new {
                other.0 = new;
                *parts = Exponentials::default();
                return true;
            }
        }
        false
    }

    fn has_exponential_factor(&self, array: Id) -> bool {
        self.factors(array).is_some_and(|f| {
            f.factors
                .iter()
                .any(|(b, power)| power.is_integer() && matches!(self.node(*b), Node::Apply(Function::Exp, _)))
        })
    }

    fn spread_sum(&mut self, sum: Id, parts: &Exponentials) -> Option<Id> {
        let (constant, mut terms) = self.terms(sum, FEW)?;
        if let Some(tangent) = self.quotient_tangent(&constant, &terms, parts) {
            return Some(tangent);
        }
        if !constant.is_zero() {
            let one = self.integer(1);
            terms.push((constant, one));
        }
        let (mut total, mut some) = (self.integer(0), false);
        for (c, term) in terms {
            let mut all = Exponentials { exponents: parts.exponents.clone(), sigmoids: parts.sigmoids.clone() };
            let one = self.integer(1);
            let product = if term == one {
                let joined = self.joined(&all);
                joined.unwrap_or_else(|| self.apart(&all))
            } else {
                all.exponents.push(self.exponent_of(term)?);
                some = true;
                self.joined(&all)?
            };
            let scaled = self.scaled(&c, product);
            total = self.add(total, scaled);
        }
        some.then_some(total)
    }

    /// `(e^a − e^b)/(e^a + e^b) = tanh((a − b)/2)`.
    fn quotient_tangent(&mut self, constant: &Rational, terms: &[(Rational, Id)], parts: &Exponentials) -> Option<Id> {
        let ([(c, s), (d, t)], [exponent]) = (terms, &*parts.exponents) else { return None };
        if !constant.is_zero() || *c != -d || !parts.sigmoids.is_empty() {
            return None;
        }
        let (a, b) = (self.exponent_of(*s)?, self.exponent_of(*t)?);
        let pair = [self.stack(&[a, b]), self.stack(&[b, a])];
        let is_partner = pair.into_iter().any(|array| {
            let log = self.logsumexp(array);
            self.neg(log) == *exponent
        });
        if !is_partner {
            return None;
        }
        let difference = self.sub(a, b);
        let half = self.scaled(&Rational::new(1, 2), difference);
        let tanh = self.apply(Function::Tanh, half);
        Some(self.scaled(c, tanh))
    }

    /// The product of exponentials and sigmoids as it stands.
    fn apart(&mut self, parts: &Exponentials) -> Id {
        let mut product = self.integer(1);
        for e in &parts.exponents {
            let exp = self.apply(Function::Exp, *e);
            product = self.mul(product, exp);
        }
        for (v, n) in &parts.sigmoids {
            let sigmoid = self.apply(Function::Sigmoid, *v);
            let power = self.pow(sigmoid, &(*n).into());
            product = self.mul(product, power);
        }
        product
    }

    /// One exponential, or sigmoids, in place of factors of which one may be too large where another is too small; `None` where they stay.
    fn joined(&mut self, parts: &Exponentials) -> Option<Id> {
        let [first, rest @ ..] = &*parts.exponents else { return None };
        let exponent = rest.iter().fold(*first, |sum, e| self.add(sum, *e));
        // e^(−mv) σ(v)^n = σ(−v)^m σ(v)^(n−m).
        for (at, (v, n)) in parts.sigmoids.iter().enumerate() {
            for m in 1..=*n.min(&8) {
                if self.scaled(&(-m).into(), *v) != exponent {
                    continue;
                }
                let mut sigmoids = parts.sigmoids.clone();
                sigmoids[at].1 -= m;
                let minus = self.neg(*v);
                sigmoids.push((minus, m));
                sigmoids.retain(|(_, n)| *n > 0);
                return Some(self.apart(&Exponentials { exponents: Vec::new(), sigmoids }));
            }
        }
        let (damped, plain): (Vec<Id>, Vec<Id>) = parts.exponents.iter().partition(|e| self.is_damped(**e));
        let signs: Vec<Sign> = plain.iter().map(|e| self.sign(*e)).collect();
        let mixed = signs.contains(&Sign::Plus) && signs.contains(&Sign::Minus);
        let cancels = |v: Id, pool: &Self| {
            let sign = pool.sign(v);
            signs.iter().any(|s| *s != sign || sign == Sign::Unknown)
        };
        let sigmoids: Vec<(Id, i64)> = parts.sigmoids.iter().copied().filter(|(v, _)| cancels(*v, self)).collect();
        if !mixed && sigmoids.is_empty() && (damped.is_empty() || plain.is_empty()) {
            return None;
        }
        let left: Vec<(Id, i64)> = parts.sigmoids.iter().copied().filter(|s| !sigmoids.contains(s)).collect();
        let mut exponent = exponent;
        for (v, n) in sigmoids {
            let minus = self.neg(v);
            let softplus = self.apply(Function::Softplus, minus);
            let scaled = self.scaled(&(-n).into(), softplus);
            exponent = self.add(exponent, scaled);
        }
        let joined = self.sigmoid_of(exponent).unwrap_or_else(|| self.apply(Function::Exp, exponent));
        let left = self.apart(&Exponentials { exponents: Vec::new(), sigmoids: left });
        Some(self.mul(left, joined))
    }

    /// `e^a/(e^a + e^b) = σ(a − b)`.
    fn sigmoid_of(&mut self, exponent: Id) -> Option<Id> {
        let (constant, terms) = self.terms(exponent, MOST_DEPTH)?;
        let array = terms.iter().find_map(|(c, t)| match *self.node(*t) {
            Node::LogSumExp(array) if *c == Rational::MINUS_ONE && self.shape(array).size() == 2 => Some(array),
            _ => None,
        })?;
        let log = self.logsumexp(array);
        let mut rest = self.constant(constant);
        for (c, t) in terms.iter().filter(|(_, t)| *t != log) {
            let term = self.scaled(c, *t);
            rest = self.add(rest, term);
        }
        let (a, b) = (self.index(array, 0), self.index(array, 1));
        let other = if rest == a {
            b
        } else if rest == b {
            a
        } else {
            return None;
        };
        let difference = self.sub(rest, other);
        Some(self.apply(Function::Sigmoid, difference))
    }
}
