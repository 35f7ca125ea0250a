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
    /// Where the first number of the first row lies.
    start: usize,
    shape: [usize; 2],
    strides: [isize; 2],
    /// The last columns, each the same number in every row.
    constants: &'a [f64],
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
        strides: [isize; 2],
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

/// The first and the last place of memory that a matrix reaches, from the one of its first number; `None` where it has no number, or places have no
/// numbers.
fn reach(start: usize, shape: [usize; 2], strides: [isize; 2]) -> Option<(usize, usize)> {
    let (mut low, mut high) = (isize::try_from(start).ok()?, isize::try_from(start).ok()?);
    for (count, stride) in shape.into_iter().zip(strides) {
        let last = isize::try_from(count.checked_sub(1)?).ok()?.checked_mul(stride)?;
        low = low.checked_add(last.min(0))?;
        high = high.checked_add(last.max(0))?;
    }
    Some((usize::try_from(low).ok()?, usize::try_from(high).ok()?))
}

fn check(length: usize, start: usize, shape: [usize; 2], strides: [isize; 2]) -> Result<(), ShapeError> {
    let empty = shape.contains(&0);
    match reach(start, shape, strides) {
        Some((_, last)) if last < length => Ok(()),
        _ if empty => Ok(()),
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
        let signed = strides.map(|s| isize::try_from(s).unwrap_or(isize::MAX));
        Self::from_start(data, 0, shape, signed)
    }

    /// The same from a first number at `start`, with strides that may be negative, as those of `a[::-1]` in `NumPy` are.
    ///
    /// ```
    /// use shadowflow::eval::Rows;
    /// let data = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    /// let upside_down = Rows::from_start(&data, 4, [3, 2], [-2, 1])?;
    /// assert_eq!((upside_down.get(0, 1), upside_down.get(2, 0)), (Some(6.0), Some(1.0)));
    /// // Beyond the memory's beginning there is nothing.
    /// assert!(Rows::from_start(&data, 3, [3, 2], [-2, 1]).is_err());
    /// # Ok::<(), shadowflow::eval::ShapeError>(())
    /// ```
    ///
    /// # Errors
    /// [`ShapeError::TooShort`] where the matrix lies partly before or behind the memory.
    pub fn from_start(
        data: &'a [f64],
        start: usize,
        shape: [usize; 2],
        strides: [isize; 2],
    ) -> Result<Self, ShapeError> {
        check(data.len(), start, shape, strides)?;
        Ok(Self { data, start, shape, strides, constants: &[] })
    }

    /// The matrix with more columns, each the same number in every row, such as a step size beside points.
    ///
    /// ```
    /// use shadowflow::eval::Rows;
    /// let points = Rows::new(&[1.0, 2.0, 3.0, 4.0], [2, 2])?.beside(&[0.5]);
    /// assert_eq!((points.shape(), points.get(1, 1), points.get(1, 2)), ([2, 3], Some(4.0), Some(0.5)));
    /// # Ok::<(), shadowflow::eval::ShapeError>(())
    /// ```
    #[must_use]
    pub fn beside(self, constants: &'a [f64]) -> Self {
        Self { constants, ..self }
    }

    /// The number of rows and of columns.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        [self.shape[0], self.shape[1] + self.constants.len()]
    }

    /// The number in a row and a column, if the matrix has it.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        if row >= self.shape[0] {
            return None;
        }
        match column.checked_sub(self.shape[1]) {
            Some(constant) => self.constants.get(constant).copied(),
            None => Some(self.data[self.place(row, column)]),
        }
    }

    /// Where a number that the matrix has lies.
    fn place(&self, row: usize, column: usize) -> usize {
        // What is reached was found to have a place in memory.
        self.start.wrapping_add_signed(
            (row as isize).wrapping_mul(self.strides[0]).wrapping_add((column as isize).wrapping_mul(self.strides[1])),
        )
    }

    /// Some of the rows, which must be there.
    pub(crate) fn part(&self, first: usize, count: usize) -> Self {
        assert!(first + count <= self.shape[0], "rows {first} to {} of {}", first + count, self.shape[0]);
        let start = if count == 0 { self.start } else { self.place(first, 0) };
        Self { start, shape: [count, self.shape[1]], ..*self }
    }

    /// Copies one column to the first numbers of `to`, which has room for it.
    pub(super) fn read_column(&self, column: usize, to: &mut [f64]) {
        let rows = self.shape[0];
        if rows == 0 {
            return;
        }
        if let Some(constant) = column.checked_sub(self.shape[1]) {
            to[..rows].fill(self.constants[constant]);
            return;
        }
        let first = self.place(0, column);
        // Known strides become a few moves per number.
        match self.strides[0] {
            1 => read_every::<1>(&self.data[first..], &mut to[..rows]),
            2 => read_every::<2>(&self.data[first..], &mut to[..rows]),
            3 => read_every::<3>(&self.data[first..], &mut to[..rows]),
            4 => read_every::<4>(&self.data[first..], &mut to[..rows]),
            stride => {
                let mut place = first;
                for x in &mut to[..rows] {
                    *x = self.data[place];
                    // Beyond the last row nothing is read.
                    place = place.wrapping_add_signed(stride);
                }
            }
        }
    }

    /// The numbers, if they lie side by side in order and there are no others.
    pub(super) fn contiguous(&self) -> Option<&'a [f64]> {
        let row = isize::try_from(self.shape[1]).ok()?;
        let count = self.shape[0] * self.shape[1];
        (self.strides == [row, 1] && self.constants.is_empty()).then(|| &self.data[self.start..self.start + count])
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
        check(data.len(), 0, shape, [isize::try_from(stride).unwrap_or(isize::MAX), 1])?;
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
    pub(crate) fn part(&mut self, first: usize, count: usize) -> RowsMut<'_> {
        assert!(first + count <= self.shape[0], "rows {first} to {} of {}", first + count, self.shape[0]);
        let start = first.saturating_mul(self.stride).min(self.data.len());
        RowsMut { data: &mut self.data[start..], shape: [count, self.shape[1]], stride: self.stride }
    }

    /// Fills a row with as many numbers.
    ///
    /// # Panics
    /// If there is no such row, or it has not so many numbers.
    pub fn write(&mut self, row: usize, numbers: &[f64]) {
        assert!(row < self.shape[0], "row {row} of {}", self.shape[0]);
        self.data[row * self.stride..][..self.shape[1]].copy_from_slice(numbers);
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
