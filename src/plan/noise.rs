//! Rounding made visible: what every operation rounds is drawn anew, so that two evaluations differ by about what one is off.
//!
//! Monte Carlo arithmetic (Parker, UCLA CSD-970002, 1997), of whole arrays. What rounding does to an entry depends on the entry alone: equal entries are
//! rounded alike, as machines do, so that errors of rows that occur often add up.

#![allow(unsafe_code, reason = "steps read and write parts of one piece of memory, which borrows cannot tell apart")]

use super::bases::Bases;
use super::step::{Factors, Matrix, Place, Step};
use shadowflow_kernels::rounding::{UNIT, absolute, add_squares, mixed, relative, sign};

/// One draw of what every step of a plan rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Noise(pub(super) u64);

impl Noise {
    /// The draw of one step.
    fn of(self, step: usize) -> u64 {
        mixed(self.0.wrapping_add((step as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Moves numbers that are rounded before anything is computed.
    pub(super) fn move_numbers(self, numbers: &mut [f64]) {
        for (k, x) in numbers.iter_mut().enumerate() {
            *x += *x * 2.0 * UNIT * sign(mixed(self.of(usize::MAX - 1 - k)));
        }
    }

    /// Moves what a step has written.
    ///
    /// # Safety
    /// As for the step.
    pub(super) unsafe fn move_results(self, index: usize, step: &Step, bases: &Bases<'_>) {
        let draw = self.of(index);
        // SAFETY: as the caller promises.
        unsafe {
            match step {
                // Copies are exact.
                Step::Kernel(kernel) if kernel.weight == 0 => {}
                Step::Kernel(kernel) => {
                    for place in &kernel.outputs {
                        relative(bases.slice_mut(*place, kernel.size), draw);
                    }
                }
                Step::Product { rows, columns, terms, to } => {
                    let sizes: Vec<[Vec<f64>; 2]> =
                        terms.iter().map(|t| factor_norms(t, *rows, *columns, bases)).collect();
                    let inner: usize = terms.iter().map(|t| t.inner).sum();
                    products(bases.slice_mut(*to, rows * columns), *columns, &sizes, inner, draw);
                }
                Step::Sum { from, lanes, to } => {
                    let from = bases.slice(*from, lanes.outer * lanes.length * lanes.inner);
                    for (lane, x) in bases.slice_mut(*to, lanes.outer * lanes.inner).iter_mut().enumerate() {
                        let first = lane / lanes.inner * lanes.length * lanes.inner + lane % lanes.inner;
                        let entries = (0..lanes.length).map(|k| from[first + k * lanes.inner]);
                        let size = 2.0 * norm(entries) + partial_sums(lanes.length) * x.abs();
                        *x += UNIT * size * sign(mixed(x.to_bits() ^ draw));
                    }
                }
                // What is exact.
                Step::Largest { .. }
                | Step::Gather { .. }
                | Step::OneHot { .. }
                | Step::Transpose { .. }
                | Step::Stack { .. }
                | Step::Copy { .. }
                | Step::Zero { .. } => {}
            }
        }
    }
}

/// What the partial sums of so many numbers of one sign round, in units of the sum: about the square root, with equal numbers more.
fn partial_sums(count: usize) -> f64 {
    (count as f64).sqrt() / 2.0
}

fn norm(entries: impl Iterator<Item = f64>) -> f64 {
    entries.map(|x| x * x).sum::<f64>().sqrt()
}

/// The norms of the rows of the left factor and of the columns of the right one.
///
/// # Safety
/// The factors are where their places say.
unsafe fn factor_norms(term: &Factors, rows: usize, columns: usize, bases: &Bases<'_>) -> [Vec<f64>; 2] {
    let transposed = Matrix { row: term.right.column, column: term.right.row, ..term.right };
    // SAFETY: as the caller promises.
    let [mut left, right] =
        unsafe { [row_norms(term.left, rows, term.inner, bases), row_norms(transposed, columns, term.inner, bases)] };
    left.iter_mut().for_each(|norm| *norm *= term.factor.abs());
    [left, right]
}

/// The norms of the rows of a matrix, read in the order in which it stands in memory.
///
/// # Safety
/// The matrix is where its place says.
unsafe fn row_norms(matrix: Matrix, rows: usize, columns: usize, bases: &Bases<'_>) -> Vec<f64> {
    let mut squares = vec![0.0; rows];
    let line = |offset: usize, count: usize| {
        // SAFETY: as the caller promises.
        unsafe { bases.slice(Place { offset: matrix.at.offset + offset, ..matrix.at }, count) }
    };
    if matrix.column == 1 {
        for (i, square) in squares.iter_mut().enumerate() {
            *square = line(i * matrix.row, columns).iter().map(|x| x * x).sum();
        }
    } else {
        for j in 0..columns {
            add_squares(&mut squares, line(j * matrix.column, rows));
        }
    }
    squares.into_iter().map(f64::sqrt).collect()
}

/// A sum of so many products is rounded by about the norms of its factors (by Cauchy and Schwarz no less than the norm of the products), and
/// where they have one sign by what partial sums round.
fn products(values: &mut [f64], columns: usize, sizes: &[[Vec<f64>; 2]], inner: usize, draw: u64) {
    let partial = partial_sums(inner);
    let mut made = vec![0.0; columns];
    for (i, row) in values.chunks_exact_mut(columns.max(1)).enumerate() {
        made.fill(0.0);
        for [left, right] in sizes {
            made.iter_mut().zip(right).for_each(|(made, right)| *made += left[i] * right);
        }
        absolute(row, &made, partial, draw);
    }
}
