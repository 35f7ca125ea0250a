//! The walk over expressions that keeps arrays whole.

use super::{ArrayAlgebra, Lanes};
use crate::expr::{Algebra, Id, Node, Pool, Variable};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// An input of an expression, whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Input {
    /// A parameter, by its index.
    Parameter(u32),
    /// A symbolic constant, by its index, a scalar.
    Symbol(u32),
    /// Part of a vector of parameter space: which vector, and along which parameter. See [`Pool::direction`].
    Direction(u32, u32),
}

impl Pool {
    /// Evaluates expressions in an algebra of arrays, with `bind` giving the inputs: one operation for every node, whatever the shapes.
    ///
    /// [`Tape::new`](crate::expr::Tape::new) is this walk in the algebra of scalar operations.
    pub fn evaluate<A: ArrayAlgebra>(
        &self,
        algebra: &mut A,
        roots: &[Id],
        mut bind: impl FnMut(&mut A, Input) -> A::Array,
    ) -> Vec<A::Array> {
        let mut values: FxHashMap<Id, A::Array> = FxHashMap::default();
        for id in self.reachable(roots) {
            let of = |a: &Id| &values[a];
            let data = |labels: &Id| match self.node(*labels) {
                Node::Data(d) => &self.data()[*d as usize],
                _ => unreachable!("labels are data"),
            };
            let value = match self.node(id) {
                Node::Constant(q) => algebra.number(q),
                Node::Pi => algebra.number_pi(),
                Node::Symbol(s) => bind(algebra, Input::Symbol(*s)),
                Node::Param(p) => bind(algebra, Input::Parameter(*p)),
                Node::Direction(number, p) => bind(algebra, Input::Direction(*number, *p)),
                Node::Data(_) => algebra.data(data(&id)),
                Node::Add(a, b) => algebra.plus(of(a), of(b)),
                Node::Mul(a, b) => match (self.as_constant(*a), self.as_constant(*b)) {
                    (Some(q), _) => algebra.multiple(q, of(b)),
                    (_, Some(q)) => algebra.multiple(q, of(a)),
                    _ => algebra.times(of(a), of(b)),
                },
                Node::Pow(a, q) => algebra.power(of(a), q),
                Node::Apply(f, a) => algebra.map(*f, of(a)),
                Node::Broadcast(a, shape) => algebra.broadcast(of(a), self.shape(*a), shape),
                Node::Stack(parts) => {
                    let parts: Vec<A::Array> = parts.iter().map(|p| of(p).clone()).collect();
                    algebra.stack(&parts)
                }
                Node::Reshape(a, shape) => algebra.reshape(of(a), shape),
                Node::Index(a, k) => algebra.entry(of(a), *k as usize),
                Node::Sum(a) => algebra.sum(of(a), Lanes::whole(self.shape(*a))),
                Node::SumAxis(a, axis) => algebra.sum(of(a), Lanes::along(self.shape(*a), *axis as usize)),
                Node::LogSumExp(a) => algebra.log_sum_exp(of(a), Lanes::whole(self.shape(*a))),
                Node::LogSumExpAxis(a, axis) => {
                    algebra.log_sum_exp(of(a), Lanes::along(self.shape(*a), *axis as usize))
                }
                Node::Transpose(a) => algebra.transpose(of(a), self.rows(*a), self.columns(*a)),
                Node::Matmul(a, b) => algebra.matmul(of(a), of(b), self.rows(*a), self.columns(*a), self.columns(*b)),
                Node::Gather(a, labels) => {
                    let columns = u32::try_from(self.columns(*a)).unwrap_or(u32::MAX);
                    algebra.gather(of(a), data(labels), columns)
                }
                Node::OneHot(labels, columns) => algebra.one_hot(data(labels), *columns),
            };
            values.insert(id, value);
        }
        roots.iter().map(|r| values[r].clone()).collect()
    }

    /// The input that an expression is, if it is one.
    pub(in crate::expr) fn input(&self, id: Id) -> Option<Input> {
        match *self.node(id) {
            Node::Symbol(s) => Some(Input::Symbol(s)),
            Node::Param(p) => Some(Input::Parameter(p)),
            Node::Direction(number, p) => Some(Input::Direction(number, p)),
            _ => None,
        }
    }

    /// The scalars that an input consists of, row-major.
    pub fn variables(&self, input: Input) -> impl Iterator<Item = Variable> + use<> {
        let range = match input {
            Input::Parameter(p) | Input::Direction(_, p) => self.parameter_range(p),
            Input::Symbol(_) => 0..1,
        };
        range.map(move |k| {
            let k = u32::try_from(k).expect("fewer than 2^32 parameters");
            match input {
                Input::Parameter(_) => Variable::Theta(k),
                Input::Direction(number, _) => Variable::Direction(number, k),
                Input::Symbol(s) => Variable::Symbol(s),
            }
        })
    }

    /// Inputs by entries: what [`Pool::evaluate`] asks for, from what gives scalars.
    pub fn by_entries<A: Algebra>(
        &self,
        mut bind: impl FnMut(&mut A, Variable) -> A::Value,
    ) -> impl FnMut(&mut A, Input) -> Rc<[A::Value]> {
        move |algebra, input| self.variables(input).map(|v| bind(algebra, v)).collect()
    }
}
