//! Expressions for machine floats: equal ones that keep their value where the one written loses it.
//!
//! `log(1 - sigmoid(w))` is `log(0)` in double precision from w = 37 on, though its value is about −w: it is `-softplus(w)`. Here a few
//! such identities are applied from the leaves up, in one walk. They are no simplification: nothing is made shorter, and what
//! computes well already stays as it is, to the last bit.
//!
//! Each holds on the complex plane with principal branches, but on the cuts themselves, where a branch jumps anyway. Two kinds of step
//! do not: `log(exp(a))` is `a` up to a multiple of 2πi, and so is the logarithm of a product the sum of those of its factors. They are
//! taken only where a loss holds the logarithm as a summand with a constant factor, so that no derivative sees the difference, and
//! only for factors that are positive on the real line.

mod logarithm;
mod product;
mod sum;

use super::{Function, Id, Node, Pool};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};

/// Sums of so many terms and products of so many factors are looked into.
const MOST_TERMS: usize = 4096;

/// How deep products of exponentials are followed.
const MOST_DEPTH: usize = 16;

/// What becomes of some expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// They are losses, of which derivatives are taken: constants that are added to them do not matter on the complex plane.
    Loss,
    /// Their values are computed.
    Values,
    /// They are expansions with the slopes of `tanh` and `sigmoid` in them, `1 − tanh²` and `s − s²`, which round to nothing where these functions are
    /// flat; nothing else is looked at, so that what expansions share stays shared.
    Slopes,
}

impl Pool {
    /// Equal expressions for machine floats, in the same order: where the ones given lose a value that exists, such as
    /// `log(1 + exp(x))` at x = 1000 or `exp(x) - 1` at x = 1e-20, these have it. Expressions without such forms keep their [`Id`].
    ///
    /// ```
    /// use shadowflow::expr::{Function, Pool, Purpose, Shape};
    /// let mut pool = Pool::new();
    /// let x = pool.declare_parameter("x", Shape::scalar());
    /// let one = pool.integer(1);
    /// let exp = pool.apply(Function::Exp, x);
    /// let sum = pool.add(one, exp);
    /// let log = pool.apply(Function::Log, sum);
    /// assert_eq!(pool.for_floats(&[log], Purpose::Loss), [pool.apply(Function::Softplus, x)]);
    /// ```
    #[must_use]
    pub fn for_floats(&mut self, roots: &[Id], purpose: Purpose) -> Vec<Id> {
        let ids = self.reachable(roots);
        let additive = if purpose == Purpose::Loss { self.additive(roots, &ids) } else { FxHashSet::default() };
        // Only what changes has an entry.
        let mut changed: FxHashMap<Id, Id> = FxHashMap::default();
        for id in ids {
            let rebuilt =
                if self.children(id).iter().any(|c| changed.contains_key(c)) { self.rebuild(id, &changed) } else { id };
            let new = match purpose {
                Purpose::Slopes => self.float_slope(rebuilt).unwrap_or(rebuilt),
                Purpose::Loss | Purpose::Values => self.float_form(rebuilt, additive.contains(&id)),
            };
            if new != id {
                changed.insert(id, new);
            }
        }
        roots.iter().map(|r| changed.get(r).copied().unwrap_or(*r)).collect()
    }

    /// The nodes that reach the roots as summands with constant factors and in no other way.
    fn additive(&self, roots: &[Id], ids: &[Id]) -> FxHashSet<Id> {
        let mut inside: FxHashSet<Id> = FxHashSet::default();
        for &id in ids.iter().rev() {
            let passes = match self.node(id) {
                Node::Add(..)
                | Node::Sum(_)
                | Node::SumAxis(..)
                | Node::Stack(_)
                | Node::Reshape(..)
                | Node::Broadcast(..)
                | Node::Transpose(_)
                | Node::Gather(..)
                | Node::Index(..) => true,
                Node::Mul(c, _) => self.as_constant(*c).is_some(),
                _ => false,
            };
            if !passes || inside.contains(&id) {
                inside.extend(self.children(id));
            }
        }
        debug_assert!(roots.iter().all(|r| ids.contains(r)));
        ids.iter().copied().filter(|id| !inside.contains(id)).collect()
    }

    /// The form of one node whose children have theirs.
    fn float_form(&mut self, id: Id, additive: bool) -> Id {
        match self.node(id).clone() {
            Node::Apply(Function::Log, a) => self.float_log(a, additive).unwrap_or(id),
            Node::Apply(Function::Log1p, a) => self.float_log1p(a, additive).unwrap_or(id),
            Node::Pow(a, exponent) => self.float_power(a, &exponent).unwrap_or(id),
            Node::Add(..) => self.difference(id, false).unwrap_or(id),
            Node::Mul(..) => self.float_product(id).unwrap_or(id),
            _ => id,
        }
    }

    /// `1 − tanh² u = cosh⁻² u` and `σ(u) − σ(u)² = σ(u) σ(−u)`, of whole arrays too.
    fn float_slope(&mut self, id: Id) -> Option<Id> {
        let Node::Add(a, b) = *self.node(id) else { return None };
        let minus_square = |pool: &Self, id: Id| match pool.node(id) {
            Node::Mul(c, square) if pool.as_constant(*c) == Some(&Rational::MINUS_ONE) => match pool.node(*square) {
                Node::Pow(base, n) if *n == 2.into() => Some(*base),
                _ => None,
            },
            _ => None,
        };
        let (rest, base) = [(a, b), (b, a)].into_iter().find_map(|(x, y)| Some((x, minus_square(self, y)?)))?;
        match *self.node(base) {
            Node::Apply(Function::Tanh, u) if self.as_constant(rest).is_some_and(Rational::is_one) => {
                let cosh = self.apply(Function::Cosh, u);
                Some(self.pow(cosh, &(-2).into()))
            }
            Node::Apply(Function::Sigmoid, u) if rest == base => {
                let minus = self.neg(u);
                let other = self.apply(Function::Sigmoid, minus);
                Some(self.mul(base, other))
            }
            _ => None,
        }
    }

    /// Powers that divide or take roots: of differences in the form that keeps them apart from 0, and of sums of exponentials as
    /// exponentials of their logarithm.
    fn float_power(&mut self, base: Id, exponent: &Rational) -> Option<Id> {
        if exponent.is_integer() && !exponent.is_negative() {
            return None;
        }
        if let Some(base) = self.difference(base, true) {
            return Some(self.float_power(base, exponent).unwrap_or_else(|| self.pow(base, exponent)));
        }
        // (e^a)^n = e^(na) for whole n only: for others it holds on a strip of the plane.
        if let Node::Apply(Function::Exp, a) = *self.node(base)
            && exponent.is_integer()
        {
            let a = self.scaled(exponent, a);
            return Some(self.apply(Function::Exp, a));
        }
        let sum = self.exponentials(base)?;
        // 1/(c + d e^u) = σ(−u − log(d/c))/c.
        if exponent.is_integer()
            && let Some((c, u)) = self.one_plus_exponential(&sum)
        {
            let minus = self.neg(u);
            let sigmoid = self.apply(Function::Sigmoid, minus);
            let power = self.pow(sigmoid, &exponent.abs());
            let scale = self.constant(c);
            let scale = self.pow(scale, exponent);
            return Some(self.mul(scale, power));
        }
        // The principal power is e^(q log S), for every q.
        let log = self.log_of_exponentials(&sum)?;
        let scaled = self.scaled(exponent, log);
        Some(self.apply(Function::Exp, scaled))
    }
}
