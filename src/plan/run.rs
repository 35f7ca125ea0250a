//! Running the steps of a plan on memory.

#![allow(unsafe_code, reason = "steps read and write parts of one piece of memory, which borrows cannot tell apart")]

use super::steps::{Base, Factors, Matrix, Place, Step, Steps};
use crate::budget::tick;
use crate::eval::Scratch;
use crate::expr::{Data, Lanes};
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// Where everything is that places are counted from.
pub(super) struct Bases<'a> {
    pub(super) memory: *mut f64,
    pub(super) theta: *const f64,
    pub(super) directions: &'a dyn Fn(usize) -> *const f64,
    pub(super) symbols: *const f64,
    pub(super) data: &'a [Data],
    pub(super) out: *mut f64,
}

impl Bases<'_> {
    fn read(&self, place: Place) -> *const f64 {
        let base = match place.base {
            Base::Memory => self.memory.cast_const(),
            Base::Theta => self.theta,
            Base::Direction(number) => (self.directions)(number as usize),
            Base::Symbols => self.symbols,
            Base::Data(d) => self.data[d as usize].values().as_ptr(),
            Base::Out => self.out.cast_const(),
        };
        base.wrapping_add(place.offset)
    }

    fn write(&self, place: Place) -> *mut f64 {
        let base = match place.base {
            Base::Memory => self.memory,
            Base::Out => self.out,
            _ => unreachable!("steps write to memory and roots only"),
        };
        base.wrapping_add(place.offset)
    }

    /// # Safety
    /// So many numbers are there, and nothing writes to them meanwhile.
    unsafe fn slice(&self, place: Place, size: usize) -> &[f64] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts(self.read(place), size) }
    }

    /// # Safety
    /// So many numbers are there, and nothing else reads or writes them meanwhile.
    #[allow(clippy::mut_from_ref, reason = "the parts of memory that steps write to are none of those that they read")]
    unsafe fn slice_mut(&self, place: Place, size: usize) -> &mut [f64] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(self.write(place), size) }
    }
}

/// Runs some steps.
///
/// # Safety
/// The bases have as many numbers as the plan says, and nothing else reads or writes its memory and the roots meanwhile.
pub(super) unsafe fn run(steps: &Steps, range: std::ops::Range<usize>, bases: &Bases<'_>, scratch: &mut Scratch) {
    for step in &steps.steps[range] {
        tick();
        // SAFETY: `assemble` has given every step places of the sizes that it needs, and none that it writes to overlaps another of its
        // places or what is read later.
        unsafe { run_step(steps, step, bases, scratch) }
    }
}

unsafe fn run_step(steps: &Steps, step: &Step, bases: &Bases<'_>, scratch: &mut Scratch) {
    // SAFETY: as the caller promises.
    unsafe {
        match step {
            Step::Kernel { code, size, inputs, outputs } => {
                let input = |k: usize, flat: usize| match &inputs[k] {
                    Some((place, access)) => *bases.read(*place).add(access.at(flat)),
                    None => 0.0,
                };
                let output = |k: usize, flat: usize, x: f64| *bases.write(outputs[k]).add(flat) = x;
                steps.codes[*code].run_by_entries(*size, input, output, scratch);
            }
            Step::Product { rows, columns, terms, to } => {
                let to = MatMut::from_raw_parts_mut(bases.write(*to), *rows, *columns, *columns as isize, 1);
                product(to, terms, bases);
            }
            Step::Sum { from, lanes, to } => {
                let from = bases.slice(*from, lanes.outer * lanes.length * lanes.inner);
                sum(from, *lanes, bases.slice_mut(*to, lanes.outer * lanes.inner));
            }
            Step::Largest { from, lanes, to } => {
                let from = bases.slice(*from, lanes.outer * lanes.length * lanes.inner);
                largest(from, *lanes, bases.slice_mut(*to, lanes.outer * lanes.inner));
            }
            Step::Gather { from, labels, columns, to } => {
                let from = bases.slice(*from, labels.len() * columns);
                let to = bases.slice_mut(*to, labels.len());
                for ((x, row), label) in to.iter_mut().zip(from.chunks_exact(*columns)).zip(labels) {
                    *x = row[*label as usize];
                }
            }
            Step::OneHot { labels, columns, to } => {
                let to = bases.slice_mut(*to, labels.len() * columns);
                to.fill(0.0);
                for (row, label) in to.chunks_exact_mut(*columns).zip(labels) {
                    row[*label as usize] = 1.0;
                }
            }
            Step::Transpose { from, rows, columns, to } => {
                let (from, to) = (bases.slice(*from, rows * columns), bases.slice_mut(*to, rows * columns));
                for (j, row) in to.chunks_exact_mut(*rows).enumerate() {
                    for (i, x) in row.iter_mut().enumerate() {
                        *x = from[i * columns + j];
                    }
                }
            }
            Step::Stack { parts, to } => {
                let to = bases.slice_mut(*to, parts.len());
                for (x, part) in to.iter_mut().zip(parts) {
                    *x = part.map_or(0.0, |place| *bases.read(place));
                }
            }
            Step::Copy { from, size, to } => {
                bases.slice_mut(*to, *size).copy_from_slice(bases.slice(*from, *size));
            }
            Step::Zero { size, to } => bases.slice_mut(*to, *size).fill(0.0),
        }
    }
}

/// The sum of products.
///
/// # Safety
/// The factors are where their places say, apart from the result.
unsafe fn product(mut to: MatMut<'_, f64>, terms: &[Factors], bases: &Bases<'_>) {
    let (rows, columns) = (to.nrows(), to.ncols());
    let mut accumulate = Accum::Replace;
    for term in terms {
        // SAFETY: as the caller promises.
        let matrix = |m: Matrix, rows, columns| unsafe {
            MatRef::from_raw_parts(bases.read(m.at), rows, columns, m.row as isize, m.column as isize)
        };
        let (left, right) = (matrix(term.left, rows, term.inner), matrix(term.right, term.inner, columns));
        matmul(to.as_mut(), accumulate, left, right, term.factor, Par::Seq);
        accumulate = Accum::Add;
    }
}

fn sum(from: &[f64], lanes: Lanes, to: &mut [f64]) {
    let Lanes { length, inner, .. } = lanes;
    if inner == 1 {
        for (x, lane) in to.iter_mut().zip(from.chunks_exact(length)) {
            *x = lane.iter().sum();
        }
        return;
    }
    for (to, block) in to.chunks_exact_mut(inner).zip(from.chunks_exact(length * inner)) {
        to.fill(0.0);
        for row in block.chunks_exact(inner) {
            for (x, y) in to.iter_mut().zip(row) {
                *x += y;
            }
        }
    }
}

fn largest(from: &[f64], lanes: Lanes, to: &mut [f64]) {
    let Lanes { length, inner, .. } = lanes;
    for (to, block) in to.chunks_exact_mut(inner).zip(from.chunks_exact(length * inner)) {
        to.copy_from_slice(&block[..inner]);
        for row in block.chunks_exact(inner).skip(1) {
            for (x, y) in to.iter_mut().zip(row) {
                *x = if *x < *y { *y } else { *x };
            }
        }
        for x in to {
            *x = if x.is_finite() { *x } else { 0.0 };
        }
    }
}
