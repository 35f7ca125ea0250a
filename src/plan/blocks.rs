//! Running a kernel on arrays, block after block.

#![allow(unsafe_code, reason = "blocks are parts of one piece of memory, which borrows cannot tell apart")]

use super::bases::Bases;
use super::graph::Access;
use super::memory::Line;
use super::step::KernelStep;
use super::team::Team;
use crate::eval::{Kernel, Scratch};

const BLOCK: usize = Kernel::BLOCK;

/// Blocks in one part of the work of several threads.
const PART: usize = 32;

/// Entries times operations from which a kernel's work is shared.
const MIN_SHARED: usize = 1 << 18;

/// Sizes from which a kernel is compiled.
pub(super) const MIN_COMPILED: usize = 8;

/// What kernels use besides a plan's arrays.
#[derive(Debug, Clone)]
pub(super) struct Workspace {
    /// Repeated inputs.
    prepared: Vec<Line>,
    /// Where the arrays of the kernel at work begin.
    begins: Addresses,
    /// One for each thread.
    desks: Vec<Desk>,
}

/// What one thread uses.
#[derive(Debug, Clone)]
struct Desk {
    scratch: Scratch,
    /// A column for every input and output.
    columns: Vec<Line>,
    arrays: Addresses,
}

/// Addresses of one block, which are made before they are used.
#[derive(Debug, Default)]
struct Addresses(Vec<*mut f64>);

// SAFETY: nothing reads addresses that the same block has not written.
unsafe impl Send for Addresses {}
// SAFETY: likewise.
unsafe impl Sync for Addresses {}

impl Clone for Addresses {
    fn clone(&self) -> Self {
        Self(vec![std::ptr::null_mut(); self.0.len()])
    }
}

/// How much workspace the kernels of a plan need.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Needs {
    pub(super) prepared: usize,
    pub(super) columns: usize,
}

impl Needs {
    pub(super) fn add(&mut self, kernel: &KernelStep) {
        if kernel.size < MIN_COMPILED {
            return;
        }
        let prepared = kernel.inputs.iter().flatten().map(|(_, access)| room(access));
        self.prepared = self.prepared.max(prepared.sum());
        self.columns = self.columns.max(kernel.inputs.len() + kernel.outputs.len());
    }

    /// In numbers, for so many threads.
    pub(super) fn numbers(self, threads: usize) -> usize {
        self.prepared + threads * self.columns * BLOCK
    }
}

/// How many numbers a repeated input takes before all blocks.
fn room(access: &Access) -> usize {
    match access {
        Access::Scalar => BLOCK,
        Access::Row(length) => (length + BLOCK).next_multiple_of(super::memory::LINE),
        _ => 0,
    }
}

impl Workspace {
    pub(super) fn new(needs: Needs, threads: usize) -> Self {
        let lines = |numbers: usize| vec![Line::ZERO; numbers.div_ceil(super::memory::LINE)];
        let desk = || Desk {
            scratch: Scratch::new(),
            columns: lines(needs.columns * BLOCK),
            arrays: Addresses(vec![std::ptr::null_mut(); needs.columns]),
        };
        let begins = Addresses(vec![std::ptr::null_mut(); needs.columns]);
        Self { prepared: lines(needs.prepared), begins, desks: (0..threads).map(|_| desk()).collect() }
    }
}

/// Runs a kernel.
///
/// # Safety
/// Its arrays are where the places say, outputs apart from each other and from inputs, and the workspace is that of its plan.
pub(super) unsafe fn run(
    code: &Kernel,
    kernel: &KernelStep,
    bases: &Bases<'_>,
    workspace: &mut Workspace,
    team: &Team,
) {
    if kernel.size < MIN_COMPILED {
        for flat in 0..kernel.size {
            // SAFETY: as the caller promises.
            let input = |k: usize| unsafe {
                kernel.inputs[k].as_ref().map_or(0.0, |(place, access)| *bases.read(*place).add(access.at(flat)))
            };
            // SAFETY: likewise.
            let output = |k: usize, x: f64| unsafe { *bases.write(kernel.outputs[k]).add(flat) = x };
            code.run_point(input, output, &mut workspace.desks[0].scratch);
        }
        return;
    }
    let prepared = workspace.prepared.as_mut_ptr().cast::<f64>();
    let begins = &mut workspace.begins.0[..kernel.inputs.len() + kernel.outputs.len()];
    // SAFETY: as the caller promises; the workspace has room for all repeated inputs.
    unsafe { prepare(kernel, bases, prepared, begins) }
    let shared = Shared { begins, desks: workspace.desks.as_mut_ptr() };
    let shared = &shared;
    let blocks = kernel.size.div_ceil(BLOCK);
    // SAFETY: blocks write their own entries, and every thread uses its own desk.
    let some = |first: usize, count: usize, desk: usize| unsafe {
        let desk = &mut *shared.desks.add(desk);
        for block in first..first + count {
            run_block(code, kernel, shared.begins, block * BLOCK, desk);
        }
    };
    if kernel.size.saturating_mul(kernel.weight) < MIN_SHARED {
        some(0, blocks, 0);
    } else {
        team.run(blocks.div_ceil(PART), |k| some(k * PART, PART.min(blocks - k * PART), team.index()));
    }
}

/// What the threads of a kernel share.
struct Shared<'a> {
    begins: &'a [*mut f64],
    desks: *mut Desk,
}

// SAFETY: threads only read where arrays begin, and use the desk of their index.
unsafe impl Sync for Shared<'_> {}

/// Finds out where arrays begin; repeats scalars and rows, so that every block finds its part of them side by side.
unsafe fn prepare(kernel: &KernelStep, bases: &Bases<'_>, prepared: *mut f64, begins: &mut [*mut f64]) {
    let mut at = prepared;
    let (inputs, outputs) = begins.split_at_mut(kernel.inputs.len());
    for (begin, input) in inputs.iter_mut().zip(&kernel.inputs) {
        let Some((place, access)) = input else { continue };
        let from = bases.read(*place);
        // SAFETY: as the caller promises.
        unsafe {
            match *access {
                Access::Scalar => std::slice::from_raw_parts_mut(at, BLOCK).fill(*from),
                Access::Row(length) => {
                    let row = std::slice::from_raw_parts(from, length);
                    for part in std::slice::from_raw_parts_mut(at, length + BLOCK).chunks_mut(length) {
                        part.copy_from_slice(&row[..part.len()]);
                    }
                }
                _ => {}
            }
            let room = room(access);
            *begin = if room > 0 { at } else { from.cast_mut() };
            at = at.add(room);
        }
    }
    for (begin, place) in outputs.iter_mut().zip(&kernel.outputs) {
        *begin = bases.write(*place);
    }
}

unsafe fn run_block(code: &Kernel, kernel: &KernelStep, begins: &[*mut f64], first: usize, desk: &mut Desk) {
    let count = BLOCK.min(kernel.size - first);
    let whole = count == BLOCK;
    let arrays = &mut desk.arrays.0[..begins.len()];
    let mut column = desk.columns.as_mut_ptr().cast::<f64>();
    let inputs = kernel.inputs.len();
    // SAFETY: as the caller promises; columns have a block each.
    unsafe {
        for ((array, input), begin) in arrays.iter_mut().zip(&kernel.inputs).zip(begins) {
            *array = match input {
                None => column,
                Some((_, Access::Same)) if whole => begin.add(first),
                Some((_, Access::Same)) => {
                    std::ptr::copy_nonoverlapping(begin.add(first).cast_const(), column, count);
                    column
                }
                Some((_, Access::Scalar)) => *begin,
                Some((_, Access::Row(length))) => begin.add(first % length),
                Some((_, Access::Column(times))) => {
                    spread(begin.cast_const(), *times, first, std::slice::from_raw_parts_mut(column, count));
                    column
                }
                Some((_, access @ (Access::Lane(_) | Access::Broadcast(_)))) => {
                    for i in 0..count {
                        *column.add(i) = *begin.add(access.at(first + i));
                    }
                    column
                }
            };
            column = column.add(BLOCK);
        }
        for (k, begin) in begins[inputs..].iter().enumerate() {
            arrays[inputs + k] = if whole { begin.add(first) } else { column.add(k * BLOCK) };
        }
        code.run_block(arrays, count, &mut desk.scratch);
        if !whole {
            for (k, begin) in begins[inputs..].iter().enumerate() {
                std::ptr::copy_nonoverlapping(column.add(k * BLOCK).cast_const(), begin.add(first), count);
            }
        }
    }
}

/// Every number so many times, from a flat index on.
unsafe fn spread(from: *const f64, times: usize, first: usize, to: &mut [f64]) {
    let (mut source, mut left) = (first / times, times - first % times);
    let mut to = to;
    while !to.is_empty() {
        let (now, rest) = to.split_at_mut(left.min(to.len()));
        // SAFETY: as the caller promises.
        now.fill(unsafe { *from.add(source) });
        (source, left, to) = (source + 1, times, rest);
    }
}
