//! Matrices: transposes, products, labels of rows.

use super::{OperandError, narrow};
use crate::expr::{Id, Node, Pool, Shape};

impl Pool {
    fn check_matrix(&self, a: Id, operation: &'static str) -> Result<(), OperandError> {
        let found = self.shape(a);
        if found.rank() == 2 { Ok(()) } else { Err(OperandError::NotAMatrix { operation, found: found.clone() }) }
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
