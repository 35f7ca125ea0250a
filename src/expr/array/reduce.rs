//! Sums and logarithms of sums, of all entries and along one axis.

use super::{OperandError, narrow};
use crate::expr::{Function, Id, Node, Pool, Shape};

impl Pool {
    /// The scalar factors in front of an array, and the array behind them.
    pub(in crate::expr) fn split_scalars(&self, a: Id) -> (Vec<Id>, Id) {
        let (mut factors, mut inner) = (Vec::new(), a);
        while let Node::Mul(x, y) = *self.node(inner)
            && self.shape(inner).rank() > 0
        {
            let (factor, rest) = match (self.shape(x).rank(), self.shape(y).rank()) {
                (0, _) => (x, y),
                (_, 0) => (y, x),
                _ => break,
            };
            factors.push(factor);
            inner = rest;
        }
        (factors, inner)
    }

    pub(in crate::expr) fn times_all(&mut self, factors: Vec<Id>, a: Id) -> Id {
        factors.into_iter().rev().fold(a, |product, factor| self.mul(factor, product))
    }

    /// A number of entries.
    pub(in crate::expr) fn count(&mut self, entries: usize) -> Id {
        self.integer(i64::try_from(entries).expect("an array of fewer than 2^63 entries"))
    }

    /// The sum of all entries, a scalar; scalar factors move in front of it.
    pub fn sum(&mut self, a: Id) -> Id {
        let (mut inner, mut factors) = (a, Vec::new());
        loop {
            inner = match *self.node(inner) {
                Node::Mul(x, y) if self.shape(x).rank() == 0 && self.shape(y).rank() > 0 => {
                    factors.push(x);
                    y
                }
                Node::Mul(x, y) if self.shape(y).rank() == 0 && self.shape(x).rank() > 0 => {
                    factors.push(y);
                    x
                }
                Node::Reshape(source, _) | Node::Transpose(source) | Node::SumAxis(source, _) => source,
                Node::Broadcast(source, _) if self.shape(source).size() > 1 => {
                    let copies = self.shape(inner).size() / self.shape(source).size();
                    factors.push(self.count(copies));
                    source
                }
                _ => break,
            };
        }
        let mut sum = match (self.filling(inner), self.shape(inner).size()) {
            (_, 0) => self.integer(0),
            (_, 1) => self.index(inner, 0),
            (Some(x), size) => {
                let count = self.count(size);
                self.mul(count, x)
            }
            _ => self.intern(Node::Sum(inner)),
        };
        for factor in factors.into_iter().rev() {
            sum = self.mul(factor, sum);
        }
        sum
    }

    /// The sums along one axis, counted from 0, which goes away: `s_i = Σ_j a_ij` for axis 1 of a matrix.
    ///
    /// Scalar factors move in front of it; of a vector it is [`Pool::sum`].
    ///
    /// ```
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let w = pool.declare_parameter("W", Shape::new(&[4, 10]));
    /// let columns = pool.sum_axis(w, 0)?;
    /// assert_eq!(pool.shape(columns), &Shape::vector(10));
    /// assert_eq!(pool.sum(columns), pool.sum(w));
    /// assert!(pool.sum_axis(w, 2).is_err());
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    ///
    /// # Errors
    /// [`OperandError::Axis`].
    pub fn sum_axis(&mut self, a: Id, axis: usize) -> Result<Id, OperandError> {
        self.check_axis(a, axis)?;
        Ok(self.summed(a, axis))
    }

    fn check_axis(&self, a: Id, axis: usize) -> Result<(), OperandError> {
        let shape = self.shape(a);
        if axis < shape.rank() { Ok(()) } else { Err(OperandError::Axis { axis, shape: shape.clone() }) }
    }

    /// [`Pool::sum_axis`] along an axis that there is.
    pub(in crate::expr) fn summed(&mut self, a: Id, axis: usize) -> Id {
        let shape = self.shape(a).clone();
        let (length, rest) = (shape.axes()[axis], shape.without(axis));
        if shape.rank() == 1 {
            return self.sum(a);
        }
        if rest.size() == 0 || length == 0 {
            let zero = self.integer(0);
            return self.fill(zero, rest);
        }
        if length == 1 {
            return self.reshape(a, rest);
        }
        let (factors, inner) = self.split_scalars(a);
        let sum = match *self.node(inner) {
            Node::Transpose(source) => self.summed(source, 1 - axis),
            // Shapes at least double from one Broadcast to the next, so that this ends soon.
            Node::Broadcast(source, _) => match self.shape(source).axis_over(axis, &shape) {
                Some((own, n)) if n == length => {
                    let sum = self.summed(source, own);
                    self.broadcast_to(sum, &rest)
                }
                over => {
                    let copies = self.count(length);
                    let once = self.dropped(source, over);
                    let sum = self.mul(copies, once);
                    self.broadcast_to(sum, &rest)
                }
            },
            _ => self.intern(Node::SumAxis(inner, narrow(axis))),
        };
        self.times_all(factors, sum)
    }

    /// An array without its axis of length 1, if it has it.
    fn dropped(&mut self, a: Id, axis: Option<(usize, usize)>) -> Id {
        match axis {
            Some((own, _)) => {
                let rest = self.shape(a).without(own);
                self.reshape(a, rest)
            }
            None => a,
        }
    }

    /// The adjoint of broadcasting: sums the entries of `a` that come from the same entry of an array of `shape`.
    pub(in crate::expr) fn sum_to(&mut self, a: Id, shape: &Shape) -> Id {
        let from = self.shape(a).clone();
        if from == *shape {
            return a;
        }
        if shape.size() == 1 {
            let total = self.sum(a);
            return self.reshape(total, shape.clone());
        }
        let mut sum = a;
        for axis in (0..from.rank()).rev() {
            match shape.axis_over(axis, &from) {
                Some((_, length)) if length == from.axes()[axis] => {}
                _ => sum = self.summed(sum, axis),
            }
        }
        self.reshape(sum, shape.clone())
    }

    /// What was reduced along an axis, repeated along it again.
    pub(in crate::expr) fn repeated(&mut self, reduced: Id, axis: usize, shape: &Shape) -> Id {
        let unit = self.shape(reduced).with_unit(axis);
        let column = self.reshape(reduced, unit);
        self.broadcast_to(column, shape)
    }

    /// `log Σ exp` over all entries, a scalar.
    pub fn logsumexp(&mut self, a: Id) -> Id {
        let (mut inner, mut copies) = (a, 1);
        loop {
            inner = match *self.node(inner) {
                Node::Reshape(source, _) | Node::Transpose(source) | Node::LogSumExpAxis(source, _) => source,
                // log(n·Σ exp(x)) = log Σ exp(x) + log(n)
                Node::Broadcast(source, _) => {
                    copies *= self.shape(inner).size() / self.shape(source).size();
                    source
                }
                _ => break,
            };
        }
        let value = match (self.shape(inner).rank(), self.shape(inner).size()) {
            (0, _) => inner,
            (_, 1) => self.index(inner, 0),
            _ => self.intern(Node::LogSumExp(inner)),
        };
        let copies = self.count(copies);
        let shift = self.apply(Function::Log, copies);
        self.add(value, shift)
    }

    /// `log Σ exp` along one axis, counted from 0, which goes away: `l_i = log Σ_j exp a_ij` for axis 1 of a matrix, without overflow.
    ///
    /// Its derivative is the softmax, `exp(a − l)` with `l` repeated along the axis.
    ///
    /// ```
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let z = pool.declare_parameter("z", Shape::new(&[5, 3]));
    /// let rows = pool.logsumexp_axis(z, 1)?;
    /// assert_eq!(pool.shape(rows), &Shape::vector(5));
    /// let empty = pool.declare_parameter("none", Shape::new(&[5, 0]));
    /// assert!(pool.logsumexp_axis(empty, 1).unwrap_err().to_string().contains("log(0)"));
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    ///
    /// # Errors
    /// [`OperandError::Axis`], and [`OperandError::Empty`] along an axis of length 0.
    pub fn logsumexp_axis(&mut self, a: Id, axis: usize) -> Result<Id, OperandError> {
        self.check_axis(a, axis)?;
        if self.shape(a).axes()[axis] == 0 {
            return Err(OperandError::Empty { axis, shape: self.shape(a).clone() });
        }
        Ok(self.log_summed(a, axis))
    }

    /// [`Pool::logsumexp_axis`] along an axis that there is and that has entries.
    pub(in crate::expr) fn log_summed(&mut self, a: Id, axis: usize) -> Id {
        let shape = self.shape(a).clone();
        let (length, rest) = (shape.axes()[axis], shape.without(axis));
        if shape.rank() == 1 {
            return self.logsumexp(a);
        }
        if length == 1 || rest.size() == 0 {
            return self.reshape(a, rest);
        }
        match *self.node(a) {
            Node::Transpose(source) => self.log_summed(source, 1 - axis),
            Node::Broadcast(source, _) => match self.shape(source).axis_over(axis, &shape) {
                Some((own, n)) if n == length => {
                    let log = self.log_summed(source, own);
                    self.broadcast_to(log, &rest)
                }
                over => {
                    let copies = self.count(length);
                    let shift = self.apply(Function::Log, copies);
                    let once = self.dropped(source, over);
                    let log = self.add(once, shift);
                    self.broadcast_to(log, &rest)
                }
            },
            _ => self.intern(Node::LogSumExpAxis(a, narrow(axis))),
        }
    }
}
