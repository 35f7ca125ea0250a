//! Shapes of arrays, row-major, and how they broadcast.

use std::fmt;

/// The shape of an array: the length of each axis, row-major; a scalar has none.
///
/// ```
/// use shadowflow::expr::Shape;
/// let row = Shape::vector(3);
/// assert_eq!(row.broadcast(&Shape::scalar()), Some(Shape::vector(3)));
/// assert_eq!(row.broadcast(&Shape::vector(2)), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Shape(Box<[usize]>);

impl Shape {
    /// The shape of a scalar, rank 0.
    #[must_use]
    pub fn scalar() -> Self {
        Self::default()
    }

    /// The shape of a one-dimensional array of `n` entries.
    #[must_use]
    pub fn vector(n: usize) -> Self {
        Self(Box::new([n]))
    }

    /// The shape with these axes.
    #[must_use]
    pub fn new(axes: &[usize]) -> Self {
        Self(axes.into())
    }

    /// The axes' lengths.
    #[must_use]
    pub fn axes(&self) -> &[usize] {
        &self.0
    }

    /// The number of axes.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The number of entries.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.iter().product()
    }

    /// The position of the entry at a flat index, an index for each axis.
    #[must_use]
    pub fn position(&self, flat: usize) -> Vec<usize> {
        let mut rest = flat;
        let mut position: Vec<usize> = (self.0.iter().rev())
            .map(|&axis| {
                let index = rest % axis;
                rest /= axis;
                index
            })
            .collect();
        position.reverse();
        position
    }

    /// The common shape of two operands of an elementwise operation, or `None` if they do not fit.
    ///
    /// Axes are aligned from the last; those of length 1, and those missing, repeat.
    #[must_use]
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        let rank = self.rank().max(other.rank());
        let axis = |s: &Shape, k: usize| (k + s.rank()).checked_sub(rank).map_or(1, |i| s.0[i]);
        (0..rank)
            .map(|k| match (axis(self, k), axis(other, k)) {
                (a, b) if a == b || b == 1 => Some(a),
                (1, b) => Some(b),
                _ => None,
            })
            .collect::<Option<Box<[usize]>>>()
            .map(Shape)
    }

    /// The shape without one axis.
    ///
    /// # Panics
    /// If there is no such axis.
    pub(super) fn without(&self, axis: usize) -> Shape {
        let mut axes = self.0.to_vec();
        axes.remove(axis);
        Self::new(&axes)
    }

    /// The shape with an axis of length 1 before another one, or at the end.
    ///
    /// # Panics
    /// If there are fewer axes.
    pub(super) fn with_unit(&self, axis: usize) -> Shape {
        let mut axes = self.0.to_vec();
        axes.insert(axis, 1);
        Self::new(&axes)
    }

    /// The axis that stands over one of `to`, counted from the last, and its length; `None` where it is missing.
    pub(super) fn axis_over(&self, axis: usize, to: &Shape) -> Option<(usize, usize)> {
        let own = (axis + self.rank()).checked_sub(to.rank())?;
        Some((own, self.0[own]))
    }

    /// The flat index, in an array of this shape, of the entry that broadcasting puts at flat index `at` of `to`.
    #[must_use]
    pub fn source_of(&self, at: usize, to: &Shape) -> usize {
        let (mut rest, mut stride, mut flat) = (at, 1, 0);
        for k in (0..to.rank()).rev() {
            let position = rest % to.0[k];
            rest /= to.0[k];
            if let Some(i) = (k + self.rank()).checked_sub(to.rank()) {
                if self.0[i] != 1 {
                    flat += position * stride;
                }
                stride *= self.0[i];
            }
        }
        flat
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rank() == 0 {
            return f.write_str("scalar");
        }
        let axes: Vec<String> = self.0.iter().map(usize::to_string).collect();
        write!(f, "[{}]", axes.join(", "))
    }
}
