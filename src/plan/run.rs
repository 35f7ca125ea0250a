//! Running the steps of a plan on memory.

#![allow(unsafe_code, reason = "steps read and write parts of one piece of memory, which borrows cannot tell apart")]

use super::bases::Bases;
use super::blocks::{self, Workspace};
use super::noise::Noise;
use super::reduce::{largest, sum};
use super::step::{Factors, Matrix, Place, Step};
use super::steps::Steps;
use super::team::Team;
use crate::budget::tick;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// Runs some steps, with what they round drawn where there is noise.
///
/// # Safety
/// The bases have as many numbers as the plan says, and nothing else reads or writes its memory and the roots meanwhile.
pub(super) unsafe fn run(
    steps: &Steps,
    range: std::ops::Range<usize>,
    bases: &Bases<'_>,
    workspace: &mut Workspace,
    team: &Team,
    noise: Option<Noise>,
) {
    for (index, step) in range.clone().zip(&steps.steps[range]) {
        tick();
        // SAFETY: `assemble` has given every step places of the sizes that it needs, and none that it writes to overlaps another of its
        // places or what is read later.
        unsafe {
            run_step(steps, step, bases, workspace, team);
            if let Some(noise) = noise {
                noise.move_results(index, step, bases);
            }
        }
    }
}

unsafe fn run_step(steps: &Steps, step: &Step, bases: &Bases<'_>, workspace: &mut Workspace, team: &Team) {
    // SAFETY: as the caller promises.
    unsafe {
        match step {
            Step::Kernel(kernel) => blocks::run(&steps.codes[kernel.code], kernel, bases, workspace, team),
            Step::Product { rows, columns, terms, to } => product(*rows, *columns, terms, *to, bases, team),
            Step::Sum { from, lanes, to } => {
                let from = bases.slice(*from, lanes.outer * lanes.length * lanes.inner);
                sum(from, *lanes, bases.slice_mut(*to, lanes.outer * lanes.inner), team);
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
                transpose(bases.slice(*from, rows * columns), *columns, bases.slice_mut(*to, rows * columns), *rows);
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

/// Tiles of the size of a line of the cache, so that both sides stay in it.
const TILE: usize = 8;

fn transpose(from: &[f64], columns: usize, to: &mut [f64], rows: usize) {
    for first in (0..columns).step_by(TILE) {
        for i in 0..rows {
            for j in first..columns.min(first + TILE) {
                to[j * rows + i] = from[i * columns + j];
            }
        }
    }
}

/// Multiplications from which a product is split.
const MIN_SPLIT: usize = 1 << 21;

/// Rows of the result in one part of a split product.
const PART: usize = 96;

/// The sum of products, in parts that depend on its size only.
///
/// # Safety
/// The factors are where their places say, apart from the result.
unsafe fn product(rows: usize, columns: usize, terms: &[Factors], to: Place, bases: &Bases<'_>, team: &Team) {
    let inner: usize = terms.iter().map(|t| t.inner).sum();
    // SAFETY: as the caller promises; parts are rows of their own.
    let part = |first: usize, count: usize| unsafe {
        let at = bases.write(to).add(first * columns);
        let mut to = MatMut::from_raw_parts_mut(at, count, columns, columns as isize, 1);
        let mut accumulate = Accum::Replace;
        for term in terms {
            let matrix = |m: Matrix, from: usize, rows, columns| {
                let at = bases.read(m.at).add(from * m.row);
                MatRef::from_raw_parts(at, rows, columns, m.row as isize, m.column as isize)
            };
            let left = matrix(term.left, first, count, term.inner);
            let right = matrix(term.right, 0, term.inner, columns);
            matmul(to.as_mut(), accumulate, left, right, term.factor, Par::Seq);
            accumulate = Accum::Add;
        }
    };
    if rows.saturating_mul(columns).saturating_mul(inner) < MIN_SPLIT || rows < 2 * PART {
        return part(0, rows);
    }
    let parts = rows / PART;
    // Parts of nearly the same size.
    let begin = |k: usize| k * rows / parts;
    team.run(parts, |k| part(begin(k), begin(k + 1) - begin(k)));
}
