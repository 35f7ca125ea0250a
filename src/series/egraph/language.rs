//! The terms of the derivation as e-nodes.

use super::Exact;
use egg::{Id, Language};
use std::mem;
use std::sync::Arc;

/// An e-node. Sums and derivatives are n-ary, because binary operators with associativity and commutativity blow up: order 2
/// takes millions of nodes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Node<C> {
    /// `[h^k] Σ_j a_j θ̃(jh)`, the coefficient of `h^k` in the left side of the recurrence; for one step `[h^k] θ̃(h)`.
    Coefficient(usize),
    /// `[h^m] g_i`, the coefficient of `h^m` in the i-th gradient that the recurrence takes.
    Gradient(usize, usize),
    /// `[h^m] δ_i`, the coefficient of `h^m` in the displacement from θ of the place where `g_i` is taken.
    Shift(usize, usize),
    /// `[h^m] θ̃^{(i)}`, the coefficient of `h^m` in the i-th time derivative of the modified flow at time 0.
    Power(usize, usize),
    /// `f_n`.
    Field(usize),
    /// `∇^{k+1}E` contracted with its `k` children.
    Diff(Box<[Id]>),
    /// The sum of the children, each times its coefficient. Exact numbers live in the operator, never in e-classes.
    Sum(Arc<[C]>, Box<[Id]>),
    /// `L_f(x)`, the derivative of `x` along the field `f`.
    Lie([Id; 2]),
}

/// The operator of a [`Node`] without its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Kind {
    Coefficient,
    Gradient,
    Shift,
    Power,
    Field,
    Diff,
    Sum,
    Lie,
}

impl Kind {
    /// The kind as a one-bit set.
    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl<C: Exact> Node<C> {
    /// The sum of `terms`.
    pub(super) fn sum(terms: impl IntoIterator<Item = (C, Id)>) -> Self {
        let (coefficients, children): (Vec<_>, Vec<_>) = terms.into_iter().unzip();
        Self::Sum(coefficients.into(), children.into())
    }

    /// The derivative of `E` contracted with `children`.
    pub(super) fn diff(children: impl IntoIterator<Item = Id>) -> Self {
        Self::Diff(children.into_iter().collect())
    }
}

impl<C: Exact> Language for Node<C> {
    type Discriminant = Kind;

    fn discriminant(&self) -> Kind {
        match self {
            Node::Coefficient(_) => Kind::Coefficient,
            Node::Gradient(..) => Kind::Gradient,
            Node::Shift(..) => Kind::Shift,
            Node::Power(..) => Kind::Power,
            Node::Field(_) => Kind::Field,
            Node::Diff(_) => Kind::Diff,
            Node::Sum(..) => Kind::Sum,
            Node::Lie(_) => Kind::Lie,
        }
    }

    fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Node::Diff(a), Node::Diff(b)) => a.len() == b.len(),
            (Node::Sum(a, _), Node::Sum(b, _)) => a == b,
            (Node::Lie(_), Node::Lie(_)) => true,
            _ => mem::discriminant(self) == mem::discriminant(other) && self == other,
        }
    }

    fn children(&self) -> &[Id] {
        match self {
            Node::Diff(children) | Node::Sum(_, children) => children,
            Node::Lie(children) => children,
            _ => &[],
        }
    }

    fn children_mut(&mut self) -> &mut [Id] {
        match self {
            Node::Diff(children) | Node::Sum(_, children) => children,
            Node::Lie(children) => children,
            _ => &mut [],
        }
    }
}
