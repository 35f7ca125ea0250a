//! The constructors of array operations, which check shapes and keep the nodes canonical.

use super::super::{Function, Id, Node, Pool, Shape};
use super::OperandError;

impl Pool {
    /// `a` repeated to a shape: axes are aligned from the last, and those of length 1 and missing ones repeat.
    ///
    /// ```
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let b = pool.declare_parameter("b", Shape::vector(3));
    /// let rows = pool.broadcast(b, &Shape::new(&[2, 3]))?;
    /// // Three entries repeated: the sum along the new axis counts them.
    /// assert_eq!(pool.sum_axis(rows, 0)?, pool.scaled(&2.into(), b));
    /// assert_eq!(
    ///     pool.broadcast(b, &Shape::new(&[3, 2])).unwrap_err().to_string(),
    ///     "an array of shape [3] repeated to [3, 2]: axes are aligned from the last, and only those of length 1 and missing ones repeat"
    /// );
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    ///
    /// # Errors
    /// [`OperandError::Broadcast`].
    pub fn broadcast(&mut self, a: Id, shape: &Shape) -> Result<Id, OperandError> {
        if self.shape(a).broadcast(shape).as_ref() == Some(shape) {
            return Ok(self.broadcast_to(a, shape));
        }
        Err(OperandError::Broadcast { from: self.shape(a).clone(), to: shape.clone() })
    }

    /// [`Pool::broadcast`] of what is known to fit.
    pub(in crate::expr) fn broadcast_to(&mut self, a: Id, shape: &Shape) -> Id {
        if self.shape(a) == shape {
            return a;
        }
        if shape.size() == 0 {
            let zero = self.integer(0);
            return self.fill(zero, shape.clone());
        }
        // What is behind a Broadcast is neither one itself nor has leading axes of length 1.
        let mut a = a;
        loop {
            let axes = self.shape(a).axes();
            let leading = axes.iter().take_while(|n| **n == 1).count();
            a = match *self.node(a) {
                Node::Broadcast(source, _) => source,
                _ if leading > 0 && leading < axes.len() => {
                    let rest = Shape::new(&axes[leading..]);
                    self.reshape(a, rest)
                }
                _ => break,
            };
        }
        match self.shape(a).size() {
            1 => {
                let entry = self.index(a, 0);
                self.fill(entry, shape.clone())
            }
            size if size == shape.size() => self.reshape(a, shape.clone()),
            _ => self.intern(Node::Broadcast(a, shape.clone())),
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

    fn check_axis(&self, a: Id, axis: usize) -> Result<(), OperandError> {
        let shape = self.shape(a);
        if axis < shape.rank() { Ok(()) } else { Err(OperandError::Axis { axis, shape: shape.clone() }) }
    }

    fn check_matrix(&self, a: Id, operation: &'static str) -> Result<(), OperandError> {
        let found = self.shape(a);
        if found.rank() == 2 { Ok(()) } else { Err(OperandError::NotAMatrix { operation, found: found.clone() }) }
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

    /// The matrix with rows and columns exchanged, `t_ij = a_ji`.
    ///
    /// ```
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let w = pool.declare_parameter("W", Shape::new(&[4, 10]));
    /// let t = pool.transpose(w)?;
    /// assert_eq!(pool.shape(t), &Shape::new(&[10, 4]));
    /// assert_eq!(pool.transpose(t)?, w);
    /// let b = pool.declare_parameter("b", Shape::vector(3));
    /// assert_eq!(pool.transpose(b).unwrap_err().to_string(), "a transpose takes a matrix, not an array of shape [3]");
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    ///
    /// # Errors
    /// [`OperandError::NotAMatrix`].
    pub fn transpose(&mut self, a: Id) -> Result<Id, OperandError> {
        self.check_matrix(a, "a transpose")?;
        Ok(self.transposed(a))
    }

    /// [`Pool::transpose`] of a matrix.
    pub(in crate::expr) fn transposed(&mut self, a: Id) -> Id {
        let (rows, columns) = (self.rows(a), self.columns(a));
        let shape = Shape::new(&[columns, rows]);
        // One row and one column have their entries in the same order.
        if rows <= 1 || columns <= 1 {
            return self.reshape(a, shape);
        }
        let (factors, inner) = self.split_scalars(a);
        let transposed = match *self.node(inner) {
            Node::Transpose(source) => source,
            Node::Broadcast(source, _) => {
                let axes = self.shape(source).axes();
                let turned = match *axes {
                    [n] => Shape::new(&[n, 1]),
                    [m, n] => Shape::new(&[n, m]),
                    _ => Shape::scalar(),
                };
                let source = self.reshape(source, turned);
                self.broadcast_to(source, &shape)
            }
            _ => self.intern(Node::Transpose(inner)),
        };
        self.times_all(factors, transposed)
    }

    /// The matrix product, `c_ij = Σ_k a_ik b_kj`; a vector on the left is a row, one on the right a column, and of two vectors it is
    /// their scalar product.
    ///
    /// Scalar factors move in front of it; with a uniform matrix it is a sum along an axis, and with one column and one row an elementwise product.
    ///
    /// ```
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let w = pool.declare_parameter("W", Shape::new(&[4, 10]));
    /// let v = pool.declare_parameter("v", Shape::vector(10));
    /// let product = pool.matmul(w, v)?;
    /// assert_eq!(pool.shape(product), &Shape::vector(4));
    /// let square = pool.pow(v, &2.into());
    /// assert_eq!(pool.matmul(v, v)?, pool.sum(square));
    /// assert!(pool.matmul(v, w).unwrap_err().to_string().starts_with("a matrix product of [10] and [4, 10]"));
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    ///
    /// # Errors
    /// [`OperandError::Matmul`].
    pub fn matmul(&mut self, a: Id, b: Id) -> Result<Id, OperandError> {
        let (left, right) = (self.shape(a).clone(), self.shape(b).clone());
        let (rows, columns, result) = match (left.axes(), right.axes()) {
            ([k], [l]) if k == l => {
                let product = self.mul(a, b);
                return Ok(self.sum(product));
            }
            ([m, k], [l]) if k == l => ([*m, *k], [*l, 1], Shape::vector(*m)),
            ([k], [l, n]) if k == l => ([1, *k], [*l, *n], Shape::vector(*n)),
            ([m, k], [l, n]) if k == l => ([*m, *k], [*l, *n], Shape::new(&[*m, *n])),
            _ => return Err(OperandError::Matmul { left, right }),
        };
        let (a, b) = (self.reshape(a, Shape::new(&rows)), self.reshape(b, Shape::new(&columns)));
        let product = self.product(a, b);
        Ok(self.reshape(product, result))
    }

    /// [`Pool::matmul`] of matrices that fit.
    pub(in crate::expr) fn product(&mut self, a: Id, b: Id) -> Id {
        let shape = Shape::new(&[self.rows(a), self.columns(b)]);
        if self.columns(a) == 0 || shape.size() == 0 {
            let zero = self.integer(0);
            return self.fill(zero, shape);
        }
        let ((mut factors, a), (more, b)) = (self.split_scalars(a), self.split_scalars(b));
        factors.extend(more);
        let product = if let Some(s) = self.filling(a) {
            let columns = self.summed(b, 0);
            let row = self.mul(s, columns);
            self.broadcast_to(row, &shape)
        } else if let Some(s) = self.filling(b) {
            let rows = self.summed(a, 1);
            let column = self.mul(s, rows);
            self.repeated(column, 1, &shape)
        } else if self.columns(a) == 1 {
            let (a, b) = (self.broadcast_to(a, &shape), self.broadcast_to(b, &shape));
            self.mul(a, b)
        } else {
            self.intern(Node::Matmul(a, b))
        };
        self.times_all(factors, product)
    }

    /// The labels that an expression is, for a matrix: data, a vector with a column's number for every row.
    fn check_labels(&self, labels: Id, matrix: &Shape) -> Result<(), OperandError> {
        let found = self.shape(labels);
        match self.node(labels) {
            Node::Data(d) if *found == Shape::vector(matrix.axes()[0]) => {
                self.data()[*d as usize].labels(narrow(matrix.axes()[1])).map(|_| ())
            }
            node => {
                let data = matches!(node, Node::Data(_));
                let labels = if data { found.to_string() } else { format!("an expression of shape {found}") };
                Err(OperandError::Labels { labels, matrix: matrix.clone() })
            }
        }
    }

    /// Of every row of a matrix the entry whose column is the row's label, `g_i = a[i, y_i]`.
    ///
    /// The mean of `logsumexp(z, 1) − gather(z, y)` is the softmax cross-entropy.
    ///
    /// ```
    /// use shadowflow::expr::{Data, Pool, Shape};
    /// let mut pool = Pool::new();
    /// let z = pool.declare_parameter("z", Shape::new(&[2, 3]));
    /// let y = pool.declare_data(Data::new("y", Shape::vector(2), [2.0, 0.0])?);
    /// let picked = pool.gather(z, y)?;
    /// assert_eq!(pool.shape(picked), &Shape::vector(2));
    /// let wrong = pool.declare_data(Data::new("wrong", Shape::vector(2), [2.0, 3.0])?);
    /// assert_eq!(pool.gather(z, wrong).unwrap_err().to_string(), "label 1 is 3, and labels are whole numbers from 0 to 2");
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    ///
    /// # Errors
    /// [`OperandError::NotAMatrix`]; [`OperandError::Labels`] if the labels are not data of one number a row; [`OperandError::Label`] for one
    /// that is no column.
    pub fn gather(&mut self, a: Id, labels: Id) -> Result<Id, OperandError> {
        self.check_matrix(a, "gather")?;
        self.check_labels(labels, &self.shape(a).clone())?;
        Ok(self.gathered(a, labels))
    }

    /// [`Pool::gather`] of labels that fit.
    pub(in crate::expr) fn gathered(&mut self, a: Id, labels: Id) -> Id {
        let (factors, inner) = self.split_scalars(a);
        let rows = Shape::vector(self.rows(a));
        let gathered = if let Some(s) = self.filling(inner) {
            self.fill(s, rows)
        } else if self.columns(inner) == 1 {
            self.reshape(inner, rows)
        } else {
            self.intern(Node::Gather(inner, labels))
        };
        self.times_all(factors, gathered)
    }

    /// The matrix with a 1 at every row's label and 0 elsewhere, `o_ij = [y_i = j]`: what scatters to labels when it is multiplied.
    ///
    /// ```
    /// use shadowflow::expr::{Data, Pool, Shape};
    /// let mut pool = Pool::new();
    /// let y = pool.declare_data(Data::new("y", Shape::vector(2), [2.0, 0.0])?);
    /// let matrix = pool.one_hot(y, 3)?;
    /// assert_eq!(pool.shape(matrix), &Shape::new(&[2, 3]));
    /// assert!(pool.one_hot(y, 2).is_err());
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    ///
    /// # Errors
    /// [`OperandError::Labels`] and [`OperandError::Label`], as [`Pool::gather`].
    pub fn one_hot(&mut self, labels: Id, classes: u32) -> Result<Id, OperandError> {
        let shape = Shape::new(&[self.shape(labels).size(), classes as usize]);
        self.check_labels(labels, &shape)?;
        Ok(self.intern(Node::OneHot(labels, classes)))
    }
}

/// Axes are far fewer than 2^32, and columns with labels, too.
fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
