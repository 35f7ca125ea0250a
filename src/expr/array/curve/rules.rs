//! How the coefficients of every node follow from those of its operands.

use crate::expr::{Id, Node, Pool};
use crate::number::Rational;

/// How a node moves along a curve.
#[derive(Debug, Clone)]
pub(super) enum Rule {
    /// A parameter, by its index.
    Parameter(u32),
    /// The sum.
    Sum(Id, Id),
    /// The product of a fixed array with a moving one.
    Scaled(Id, Id),
    /// An operation on one array that is linear: the node's own.
    Linear(Id),
    /// The array of scalars.
    Stack(Box<[Id]>),
    /// The elementwise product.
    Product(Id, Id),
    /// The elementwise square.
    Square(Id),
    /// The matrix product.
    Matmul(Id, Id),
    /// A function `u(a)` with `u′ = slope·a′`.
    Integral { of: Id, slope: Id },
    /// `log Σ exp` with its derivative, the weights of the softmax; over all entries or along an axis.
    LogSum { of: Id, weights: Id, axis: Option<usize> },
    /// `u = a^q` with `a u′ = q a′ u`, and the leading coefficients of `q a^(q−1)` and `1/a`.
    Power { base: Id, exponent: Rational, slope: Id, inverse: Id },
}

impl Rule {
    /// The rule of a node, `moves` telling it of its operands; `None` for a node that stays where it is. What its coefficients need beside
    /// those of its operands is added to `needed`.
    pub(super) fn of(pool: &mut Pool, id: Id, moves: impl Fn(&Id) -> bool, needed: &mut Vec<Id>) -> Option<Self> {
        Some(match pool.node(id).clone() {
            Node::Constant(_) | Node::Pi | Node::Symbol(_) | Node::Data(_) | Node::Direction(..) | Node::OneHot(..) => {
                return None;
            }
            Node::Param(p) => Self::Parameter(p),
            Node::Stack(parts) => {
                if !parts.iter().any(moves) {
                    return None;
                }
                Self::Stack(parts)
            }
            Node::Add(a, b) | Node::Mul(a, b) | Node::Matmul(a, b) if !moves(&a) && !moves(&b) => return None,
            Node::Add(a, b) => Self::Sum(a, b),
            Node::Mul(a, b) if !moves(&a) => Self::Scaled(a, b),
            Node::Mul(a, b) if !moves(&b) => Self::Scaled(b, a),
            Node::Mul(a, b) => Self::Product(a, b),
            Node::Matmul(a, b) => Self::Matmul(a, b),
            Node::Pow(a, _)
            | Node::Apply(_, a)
            | Node::LogSumExp(a)
            | Node::LogSumExpAxis(a, _)
            | Node::Broadcast(a, _)
            | Node::Reshape(a, _)
            | Node::Index(a, _)
            | Node::Sum(a)
            | Node::SumAxis(a, _)
            | Node::Transpose(a)
            | Node::Gather(a, _)
                if !moves(&a) =>
            {
                return None;
            }
            Node::Broadcast(a, _)
            | Node::Reshape(a, _)
            | Node::Index(a, _)
            | Node::Sum(a)
            | Node::SumAxis(a, _)
            | Node::Transpose(a)
            | Node::Gather(a, _) => Self::Linear(a),
            Node::Pow(a, q) => Self::power(pool, a, q),
            Node::Apply(function, a) => {
                let slope = pool.derivative(function, a, id)?;
                needed.push(slope);
                Self::Integral { of: a, slope }
            }
            Node::LogSumExp(a) => Self::log_sum(pool, id, a, None, needed),
            Node::LogSumExpAxis(a, axis) => Self::log_sum(pool, id, a, Some(axis as usize), needed),
        })
    }

    /// What the coefficient of an order needs of the same order.
    pub(super) fn operands(&self) -> Vec<Id> {
        match self {
            Self::Parameter(_) => Vec::new(),
            Self::Sum(a, b) | Self::Product(a, b) | Self::Matmul(a, b) => vec![*a, *b],
            Self::Stack(parts) => parts.to_vec(),
            Self::Scaled(_, a)
            | Self::Linear(a)
            | Self::Square(a)
            | Self::Integral { of: a, .. }
            | Self::LogSum { of: a, .. }
            | Self::Power { base: a, .. } => vec![*a],
        }
    }

    /// Whole powers multiply, so that they are right where the base is zero; all others divide by it.
    fn power(pool: &mut Pool, base: Id, exponent: Rational) -> Self {
        let whole = exponent.to_i64().filter(|n| *n >= 2);
        match whole {
            Some(2) => Self::Square(base),
            Some(n) if n % 2 == 0 => Self::Square(pool.pow(base, &Rational::from(n / 2))),
            Some(n) => Self::Product(base, pool.pow(base, &Rational::from(n - 1))),
            None => {
                let (slope, inverse) = (pool.power_derivative(base, &exponent), pool.pow(base, &Rational::MINUS_ONE));
                Self::Power { base, exponent, slope, inverse }
            }
        }
    }

    fn log_sum(pool: &mut Pool, id: Id, of: Id, axis: Option<usize>, needed: &mut Vec<Id>) -> Self {
        let weights = pool.softmax(of, id, axis);
        needed.push(weights);
        Self::LogSum { of, weights, axis }
    }
}

impl Pool {
    /// A node's own linear operation on another array in place of its operand.
    pub(super) fn reapplied(&mut self, node: Id, operand: Id) -> Id {
        match self.node(node).clone() {
            Node::Broadcast(_, shape) => self.broadcast_to(operand, &shape),
            Node::Reshape(_, shape) => self.reshape(operand, shape),
            Node::Index(_, k) => self.index(operand, k as usize),
            Node::Sum(_) => self.sum(operand),
            Node::SumAxis(_, axis) => self.summed(operand, axis as usize),
            Node::Transpose(_) => self.transposed(operand),
            Node::Gather(_, labels) => self.gathered(operand, labels),
            _ => operand,
        }
    }
}
