//! Arrays of `NumPy` files as data.

use super::Fault;
use crate::loss::npy;
use std::ops::Range;

/// An array with up to two axes, row-major.
#[derive(Debug)]
pub(super) struct Matrix {
    axes: Vec<usize>,
    numbers: Vec<f64>,
}

impl Matrix {
    /// Reads a file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let array = npy::read(bytes).map_err(Fault::Format)?;
        if array.axes.len() > 2 {
            let (shape, rank) = (npy::shape_text(&array.axes), array.axes.len());
            return Err(Fault::Format(format!(
                "the array has the shape ({shape}), which are {rank} axes; data have rows and columns"
            )));
        }
        let mut numbers = array.numbers.into_doubles();
        if let ([rows, columns], true) = (array.axes.as_slice(), array.fortran) {
            let (rows, columns) = (*rows, *columns);
            let places = (0..rows).flat_map(|i| (0..columns).map(move |j| j * rows + i));
            numbers = places.map(|at| numbers[at]).collect();
        }
        Ok(Self { axes: array.axes, numbers })
    }

    pub(super) fn axes(&self) -> &[usize] {
        &self.axes
    }

    /// The numbers in these ranges, one for each axis.
    pub(super) fn numbers(&self, ranges: &[Range<usize>]) -> Result<Vec<f64>, Fault> {
        let rows = ranges.first().cloned().unwrap_or(0..1);
        let columns = ranges.get(1).cloned().unwrap_or(0..1);
        let stride = self.axes.get(1).copied().unwrap_or(1);
        let mut values = Vec::with_capacity(rows.len() * columns.len());
        for row in rows {
            values.extend_from_slice(&self.numbers[row * stride + columns.start..row * stride + columns.end]);
        }
        match values.iter().position(|x| !x.is_finite()) {
            None => Ok(values),
            Some(at) => {
                let first = ranges.first().map_or(0, |r| r.start) + at / columns.len();
                let place = match self.axes.len() {
                    0 => String::new(),
                    1 => format!(" at index {first}"),
                    _ => format!(" at row {first}, column {}, counted from 0", columns.start + at % columns.len()),
                };
                Err(Fault::Format(format!("the entry{place} is {}, and data are finite numbers", values[at])))
            }
        }
    }
}
