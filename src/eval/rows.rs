//! Matrices in memory that somebody else owns: points in rows, as `NumPy` lays them out.

/// A view of points: one per row, one coordinate per column.
///
/// ```
/// use shadowflow::eval::Rows;
/// let data = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
/// let row_major = Rows::new(&data, [3, 2])?;
/// assert_eq!(row_major.get(1, 0), Some(3.0));
/// // The same memory read column by column, as `numpy.asfortranarray` stores a 3 × 2 array.
/// let column_major = Rows::with_strides(&data, [3, 2], [1, 3])?;
/// assert_eq!(column_major.get(1, 0), Some(2.0));
/// # Ok::<(), shadowflow::eval::ShapeError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    data: &'a [f64],
    shape: [usize; 2],
    strides: [usize; 2],
}

/// A view of results: one point per row, the numbers of a row side by side.
#[derive(Debug)]
pub struct RowsMut<'a> {
    data: &'a mut [f64],
    shape: [usize; 2],
    stride: usize,
}

/// Why memory does not hold a matrix of some shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// The memory ends before the matrix does.
    #[error("{rows} rows of {columns} numbers with strides {strides:?} need more than the {length} numbers given")]
    TooShort {
        /// The number of rows.
        rows: usize,
        /// The number of columns.
        columns: usize,
        /// How many numbers lie from one row to the next, and from one column to the next.
        strides: [usize; 2],
        /// The length of the memory.
        length: usize,
    },
    /// Rows of results that overlap.
    #[error("rows of {columns} numbers overlap if they begin {stride} apart: leave at least {columns}")]
    Overlap {
        /// The number of columns.
        columns: usize,
        /// How many numbers lie from one row to the next.
        stride: usize,
    },
}

/// The length of memory that a matrix reaches over.
fn reach(shape: [usize; 2], strides: [usize; 2]) -> Option<usize> {
    let [rows, columns] = shape;
    if rows == 0 || columns == 0 {
        return Some(0);
    }
    (rows - 1).checked_mul(strides[0])?.checked_add((columns - 1).checked_mul(strides[1])?)?.checked_add(1)
}

fn check(length: usize, shape: [usize; 2], strides: [usize; 2]) -> Result<(), ShapeError> {
    match reach(shape, strides) {
        Some(reach) if reach <= length => Ok(()),
        _ => Err(ShapeError::TooShort { rows: shape[0], columns: shape[1], strides, length }),
    }
}

impl<'a> Rows<'a> {
    /// A row-major matrix of this shape, rows × columns.
    ///
    /// # Errors
    /// [`ShapeError::TooShort`].
    pub fn new(data: &'a [f64], shape: [usize; 2]) -> Result<Self, ShapeError> {
        Self::with_strides(data, shape, [shape[1], 1])
    }

    /// A matrix whose rows and columns lie so many numbers apart; a stride of zero repeats a row or a column.
    ///
    /// # Errors
    /// [`ShapeError::TooShort`].
    pub fn with_strides(data: &'a [f64], shape: [usize; 2], strides: [usize; 2]) -> Result<Self, ShapeError> {
        check(data.len(), shape, strides)?;
        Ok(Self { data, shape, strides })
    }

    /// The number of rows and of columns.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// The number in a row and a column, if the matrix has it.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        let inside = row < self.shape[0] && column < self.shape[1];
        inside.then(|| self.data[row * self.strides[0] + column * self.strides[1]])
    }

    /// Some of the rows, which must be there.
    pub(super) fn part(&self, first: usize, count: usize) -> Self {
        assert!(first + count <= self.shape[0], "rows {first} to {} of {}", first + count, self.shape[0]);
        let shape = [count, self.shape[1]];
        let start = if reach(shape, self.strides) == Some(0) { 0 } else { first * self.strides[0] };
        Self { data: &self.data[start..], shape, strides: self.strides }
    }

    /// Copies one column to the first numbers of `to`, which has room for it.
    pub(super) fn read_column(&self, column: usize, to: &mut [f64]) {
        if self.shape[0] == 0 {
            return;
        }
        let from = &self.data[column * self.strides[1]..];
        // Known strides become a few moves per number.
        match self.strides[0] {
            1 => read_every::<1>(from, &mut to[..self.shape[0]]),
            2 => read_every::<2>(from, &mut to[..self.shape[0]]),
            3 => read_every::<3>(from, &mut to[..self.shape[0]]),
            4 => read_every::<4>(from, &mut to[..self.shape[0]]),
            stride => to[..self.shape[0]].iter_mut().enumerate().for_each(|(i, x)| *x = from[i * stride]),
        }
    }

    /// The numbers, if they lie side by side in order.
    pub(super) fn contiguous(&self) -> Option<&'a [f64]> {
        (self.strides == [self.shape[1], 1]).then(|| &self.data[..self.shape[0] * self.shape[1]])
    }
}

/// Every N-th number from the first on.
#[inline(always)]
fn read_every<const N: usize>(from: &[f64], to: &mut [f64]) {
    let (whole, rest) = from.as_chunks::<N>();
    for (x, row) in to.iter_mut().zip(whole) {
        *x = row[0];
    }
    // The last number may have fewer than N − 1 behind it.
    if let (Some(x), Some(last)) = (to.get_mut(whole.len()), rest.first()) {
        *x = *last;
    }
}

#[inline(always)]
fn write_every<'x, const N: usize>(to: &mut [f64], from: impl Iterator<Item = &'x f64>) {
    let (whole, rest) = to.as_chunks_mut::<N>();
    let rows = whole.iter_mut().map(|row| &mut row[0]).chain(rest.first_mut());
    for (row, x) in rows.zip(from) {
        *row = *x;
    }
}

impl<'a> RowsMut<'a> {
    /// A row-major matrix of this shape, rows × columns.
    ///
    /// # Errors
    /// [`ShapeError::TooShort`].
    pub fn new(data: &'a mut [f64], shape: [usize; 2]) -> Result<Self, ShapeError> {
        Self::with_stride(data, shape, shape[1])
    }

    /// A matrix whose rows lie so many numbers apart, such as the first columns of a wider one.
    ///
    /// # Errors
    /// [`ShapeError::TooShort`]; [`ShapeError::Overlap`] for a stride below the number of columns.
    pub fn with_stride(data: &'a mut [f64], shape: [usize; 2], stride: usize) -> Result<Self, ShapeError> {
        check(data.len(), shape, [stride, 1])?;
        if stride < shape[1] {
            return Err(ShapeError::Overlap { columns: shape[1], stride });
        }
        Ok(Self { data, shape, stride })
    }

    /// The number of rows and of columns.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// The first rows and the others.
    pub(super) fn split(self, rows: usize) -> (Self, Self) {
        let rest = self.shape[0] - rows;
        let at = rows.saturating_mul(self.stride).min(self.data.len());
        let (first, second) = self.data.split_at_mut(at);
        let part = |data, rows| Self { data, shape: [rows, self.shape[1]], stride: self.stride };
        (part(first, rows), part(second, rest))
    }

    /// Some of the rows, which must be there.
    pub(super) fn part(&mut self, first: usize, count: usize) -> RowsMut<'_> {
        assert!(first + count <= self.shape[0], "rows {first} to {} of {}", first + count, self.shape[0]);
        let start = first.saturating_mul(self.stride).min(self.data.len());
        RowsMut { data: &mut self.data[start..], shape: [count, self.shape[1]], stride: self.stride }
    }

    /// Fills one column with the first numbers of `from`.
    pub(super) fn write_column(&mut self, column: usize, from: &[f64]) {
        let from = from.iter().take(self.shape[0]);
        match self.stride {
            2 => write_every::<2>(&mut self.data[column..], from),
            3 => write_every::<3>(&mut self.data[column..], from),
            stride => from.zip(self.data[column..].chunks_mut(stride)).for_each(|(x, row)| row[0] = *x),
        }
    }

    /// The numbers, if they lie side by side.
    pub(super) fn contiguous(&mut self) -> Option<&mut [f64]> {
        (self.stride == self.shape[1]).then(|| &mut self.data[..self.shape[0] * self.shape[1]])
    }
}
