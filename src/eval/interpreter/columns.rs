//! The interpreter's steps on columns: one dispatch for 128 points, arithmetic in the widest registers there are.

use super::{Arithmetic, Simple, Step};
use crate::eval::block::{BLOCK, Column};
use crate::eval::program::Comparison;
use crate::eval::{Scratch, math};
use multiversion::multiversion;

/// Evaluates `steps` at the rows of `points` (count × inputs), into the rows of `output` (count × outputs), for a count
/// of at most [`BLOCK`].
pub(super) fn run(
    steps: &[Step],
    slots: usize,
    points: &[f64],
    inputs: usize,
    output: &mut [f64],
    outputs: usize,
    scratch: &mut Scratch,
) {
    while scratch.columns.len() < slots {
        scratch.columns.push(Column::new());
    }
    let [spare, second] = &mut scratch.spare;
    let spare = spare.get_or_insert_with(Column::new);
    let second = second.get_or_insert_with(Column::new);
    let count = points.len().checked_div(inputs).unwrap_or(output.len() / outputs.max(1));
    run_steps(steps, &mut scratch.columns, spare, second, Rows { points, inputs, outputs, count }, output);
}

/// The shape of a block.
#[derive(Clone, Copy)]
struct Rows<'a> {
    points: &'a [f64],
    inputs: usize,
    outputs: usize,
    count: usize,
}

/// Results are written to a spare column, which then changes places with the result's: no step writes where it reads.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx512vbmi2+avx2+fma", "x86_64+avx2+fma",))]
fn run_steps(
    steps: &[Step],
    columns: &mut [Box<Column>],
    spare: &mut Box<Column>,
    second: &mut Box<Column>,
    rows: Rows<'_>,
    output: &mut [f64],
) {
    let Rows { points, inputs, outputs, count } = rows;
    for step in steps {
        let to = match *step {
            Step::Load { input, to } => {
                load(spare, points, inputs, input as usize);
                to
            }
            Step::Fill { c, to } => {
                spare.0.fill(c);
                to
            }
            Step::Store { a, output: k } => {
                store(&columns[a as usize], output, outputs, k as usize);
                continue;
            }
            Step::StoreConstant { c, output: k } => {
                for row in output.chunks_exact_mut(outputs) {
                    row[k as usize] = c;
                }
                continue;
            }
            Step::StoreInput { input, output: k } => {
                for (row, point) in output.chunks_exact_mut(outputs).zip(points.chunks_exact(inputs)) {
                    row[k as usize] = point[input as usize];
                }
                continue;
            }
            Step::Simple { op, a, to } => {
                let a = &columns[a as usize];
                match op {
                    Simple::Neg => one(spare, a, |x| -x),
                    Simple::Abs => one(spare, a, f64::abs),
                    Simple::Sqrt => one(spare, a, f64::sqrt),
                }
                to
            }
            Step::Arithmetic { op, a, b, to } => {
                let (a, b) = (&columns[a as usize], &columns[b as usize]);
                match op {
                    Arithmetic::Add => two(spare, a, b, |x, y| x + y),
                    Arithmetic::Sub => two(spare, a, b, |x, y| x - y),
                    Arithmetic::Mul => two(spare, a, b, |x, y| x * y),
                    Arithmetic::Div => two(spare, a, b, |x, y| x / y),
                }
                to
            }
            Step::ArithmeticLeft { op, c, b, to } => {
                let b = &columns[b as usize];
                match op {
                    Arithmetic::Add => one(spare, b, |y| c + y),
                    Arithmetic::Sub => one(spare, b, |y| c - y),
                    Arithmetic::Mul => one(spare, b, |y| c * y),
                    Arithmetic::Div => one(spare, b, |y| c / y),
                }
                to
            }
            Step::ArithmeticRight { op, a, c, to } => {
                let a = &columns[a as usize];
                match op {
                    Arithmetic::Add => one(spare, a, |x| x + c),
                    Arithmetic::Sub => one(spare, a, |x| x - c),
                    Arithmetic::Mul => one(spare, a, |x| x * c),
                    Arithmetic::Div => one(spare, a, |x| x / c),
                }
                to
            }
            Step::Select { relation, operands, to } => {
                let [a, b, x, y] = operands.map(|o| &*columns[o as usize]);
                match relation {
                    Comparison::Less => select(spare, [a, b, x, y], |a, b| a < b),
                    Comparison::LessOrEqual => select(spare, [a, b, x, y], |a, b| a <= b),
                }
                to
            }
            Step::Call { f, a, to } => {
                (f.column)(&columns[a as usize].0, &mut spare.0);
                to
            }
            Step::Power { a, b, to } => {
                math::power_column(&columns[a as usize].0, &columns[b as usize].0, &mut spare.0);
                to
            }
            Step::Call2 { f, a, b, to } => {
                let (a, b) = (&columns[a as usize], &columns[b as usize]);
                for i in 0..count {
                    spare.0[i] = f(a.0[i], b.0[i]);
                }
                to
            }
            Step::Complex { f, a, b, to } => {
                let (a, b) = (&columns[a as usize], &columns[b as usize]);
                for i in 0..count {
                    (spare.0[i], second.0[i]) = f(a.0[i], b.0[i]);
                }
                std::mem::swap(second, &mut columns[to[1] as usize]);
                to[0]
            }
        };
        std::mem::swap(spare, &mut columns[to as usize]);
    }
}

/// Reads one input of every point. Not multiversioned: the gathers and scatters of AVX-512 are slower than scalar moves.
#[inline(never)]
fn load(to: &mut Column, points: &[f64], inputs: usize, input: usize) {
    for (x, point) in to.0.iter_mut().zip(points.chunks_exact(inputs)) {
        *x = point[input];
    }
}

/// Writes one output of every point; not multiversioned, as [`load`] is not.
#[inline(never)]
fn store(a: &Column, output: &mut [f64], outputs: usize, k: usize) {
    for (row, x) in output.chunks_exact_mut(outputs).zip(a.0.iter()) {
        row[k] = *x;
    }
}

#[inline(always)]
fn one(to: &mut Column, a: &Column, f: impl Fn(f64) -> f64) {
    for i in 0..BLOCK {
        to.0[i] = f(a.0[i]);
    }
}

#[inline(always)]
fn two(to: &mut Column, a: &Column, b: &Column, f: impl Fn(f64, f64) -> f64) {
    for i in 0..BLOCK {
        to.0[i] = f(a.0[i], b.0[i]);
    }
}

#[inline(always)]
fn select(to: &mut Column, [a, b, x, y]: [&Column; 4], holds: impl Fn(f64, f64) -> bool) {
    for i in 0..BLOCK {
        to.0[i] = if holds(a.0[i], b.0[i]) { x.0[i] } else { y.0[i] };
    }
}
