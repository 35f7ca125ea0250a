//! The e-nodes: sums and products of any number of parts, with the exact numbers in the operator.

use crate::expr::Function;
use crate::number::Rational;
use egg::{Id, Language};
use std::mem;
use std::sync::Arc;

/// An e-node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Term {
    /// A value from outside, by its index.
    Leaf(u32),
    /// The number π.
    Pi,
    /// A number plus multiples of terms, distinct and ordered by id; a number alone has no terms.
    Sum(Rational, Arc<[Rational]>, Box<[Id]>),
    /// A product of powers, ordered by id; one base may occur with exponents that do not merge.
    Product(Arc<[Rational]>, Box<[Id]>),
    /// A function's value.
    Apply(Function, [Id; 1]),
    /// `log Σ exp`.
    LogSumExp(Box<[Id]>),
}

/// The operator of a [`Term`] without its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Leaf,
    Pi,
    Sum,
    Product,
    Apply(Function),
    LogSumExp,
}

impl Term {
    /// A number.
    pub(super) fn number(q: Rational) -> Self {
        Term::Sum(q, Arc::default(), Box::default())
    }

    /// Whether its parts are in the order that equal terms have.
    pub(super) fn is_ordered(&self) -> bool {
        match self {
            Term::Sum(_, _, terms) => terms.windows(2).all(|w| w[0] < w[1]),
            Term::Product(_, factors) => factors.windows(2).all(|w| w[0] <= w[1]),
            _ => true,
        }
    }
}

impl Language for Term {
    type Discriminant = Kind;

    fn discriminant(&self) -> Kind {
        match self {
            Term::Leaf(_) => Kind::Leaf,
            Term::Pi => Kind::Pi,
            Term::Sum(..) => Kind::Sum,
            Term::Product(..) => Kind::Product,
            Term::Apply(f, _) => Kind::Apply(*f),
            Term::LogSumExp(_) => Kind::LogSumExp,
        }
    }

    fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Term::Leaf(a), Term::Leaf(b)) => a == b,
            (Term::Sum(p, c, _), Term::Sum(q, d, _)) => p == q && c == d,
            (Term::Product(e, _), Term::Product(f, _)) => e == f,
            (Term::Apply(f, _), Term::Apply(g, _)) => f == g,
            (Term::LogSumExp(a), Term::LogSumExp(b)) => a.len() == b.len(),
            _ => mem::discriminant(self) == mem::discriminant(other),
        }
    }

    fn children(&self) -> &[Id] {
        match self {
            Term::Leaf(_) | Term::Pi => &[],
            Term::Sum(_, _, children) | Term::Product(_, children) | Term::LogSumExp(children) => children,
            Term::Apply(_, child) => child,
        }
    }

    fn children_mut(&mut self) -> &mut [Id] {
        match self {
            Term::Leaf(_) | Term::Pi => &mut [],
            Term::Sum(_, _, children) | Term::Product(_, children) | Term::LogSumExp(children) => children,
            Term::Apply(_, child) => child,
        }
    }
}
