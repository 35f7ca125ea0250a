//! Entries of arrays in other places: filled, stacked, reshaped, picked, repeated.

use super::OperandError;
use crate::expr::{Id, Node, Pool, Shape};

impl Pool {
    /// A scalar repeated to a shape.
    ///
    /// # Panics
    /// If `a` is not a scalar.
    pub fn fill(&mut self, a: Id, shape: Shape) -> Id {
        assert_eq!(self.shape(a).rank(), 0, "only a scalar fills a shape");
        if shape.rank() == 0 {
            return a;
        }
        if shape.axes() == [0] {
            return self.intern(Node::Stack(Box::default()));
        }
        // [w[0]] is w itself where w has one entry.
        if let Node::Index(source, 0) = self.node(a)
            && *self.shape(*source) == shape
            && shape.size() == 1
        {
            return *source;
        }
        self.intern(Node::Broadcast(a, shape))
    }

    /// The one-dimensional array of scalars.
    ///
    /// # Panics
    /// If a part is not a scalar.
    pub fn stack(&mut self, parts: &[Id]) -> Id {
        assert!(parts.iter().all(|p| self.shape(*p).rank() == 0), "an array is stacked from scalars");
        // [w[0], w[1], …] over all of w is w itself.
        if let Some(Node::Index(source, 0)) = parts.first().map(|p| self.node(*p))
            && self.shape(*source).size() == parts.len()
            && parts
                .iter()
                .enumerate()
                .all(|(k, p)| matches!(self.node(*p), Node::Index(s, i) if s == source && *i as usize == k))
        {
            return self.reshape(*source, Shape::vector(parts.len()));
        }
        if let Some((&first, rest)) = parts.split_first()
            && rest.iter().all(|p| *p == first)
        {
            return self.fill(first, Shape::vector(parts.len()));
        }
        self.intern(Node::Stack(parts.into()))
    }

    /// The same entries, row-major, in another shape.
    ///
    /// # Panics
    /// If the shapes have different sizes.
    pub fn reshape(&mut self, a: Id, shape: Shape) -> Id {
        assert_eq!(self.shape(a).size(), shape.size(), "{} reshaped to {shape}", self.shape(a));
        if *self.shape(a) == shape {
            return a;
        }
        if shape.rank() == 0 {
            return self.index(a, 0);
        }
        match self.node(a).clone() {
            _ if self.shape(a).rank() == 0 => self.fill(a, shape),
            Node::Broadcast(s, _) if self.shape(s).rank() == 0 => self.fill(s, shape),
            // What is behind a Reshape is never a Reshape itself.
            Node::Reshape(source, _) if *self.shape(source) == shape => source,
            Node::Reshape(source, _) => self.intern(Node::Reshape(source, shape)),
            Node::Mul(..) => {
                let (factors, inner) = self.split_scalars(a);
                let reshaped =
                    if inner == a { self.intern(Node::Reshape(a, shape)) } else { self.reshape(inner, shape) };
                self.times_all(factors, reshaped)
            }
            _ => self.intern(Node::Reshape(a, shape)),
        }
    }

    /// The entry at a flat index, a scalar.
    ///
    /// # Panics
    /// If the index is out of bounds.
    pub fn index(&mut self, a: Id, flat: usize) -> Id {
        assert!(flat < self.shape(a).size(), "index {flat} of an array of shape {}", self.shape(a));
        let (mut a, mut flat) = (a, flat);
        loop {
            (a, flat) = match self.node(a) {
                _ if self.shape(a).rank() == 0 => return a,
                Node::Stack(parts) => return parts[flat],
                Node::Data(d) => {
                    let value = self.data()[*d as usize].exact(flat);
                    return self.constant(value);
                }
                Node::Broadcast(x, shape) => (*x, self.shape(*x).source_of(flat, shape)),
                Node::Reshape(x, _) => (*x, flat),
                Node::Transpose(x) => {
                    let (rows, columns) = (self.rows(*x), self.columns(*x));
                    (*x, flat % rows * columns + flat / rows)
                }
                _ => return self.intern(Node::Index(a, u32::try_from(flat).expect("fewer than 2^32 entries"))),
            };
        }
    }

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
}
