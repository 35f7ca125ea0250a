//! The batch compiler: arithmetic on whole vectors as machine code, functions on columns between.
//!
//! Cranelift's vectors have two numbers; those of AVX2 and AVX-512 have four and eight, and straight-line arithmetic needs so few
//! instructions that they are written down here.

mod assembler;
#[cfg(test)]
mod decoded;
mod emit;
mod plan;

use super::block::{BLOCK, Column};
use super::vector_function::{batch_size, check_lengths};
use super::{JitError, Operand, Program, Rows, RowsMut, Scratch, VectorFunction, math};
use assembler::Vectors;
use emit::Constants;
use memmap2::{Mmap, MmapMut};
use plan::{Call, Home, Plan};

/// The longest program that is compiled for batches.
pub const MAX_BATCH_INSTRUCTIONS: usize = 200_000;

/// A [`Program`] as machine code for 128 points at a time.
///
/// It agrees to the bit with the [`Interpreter`](super::Interpreter).
#[derive(Debug)]
pub struct BatchCode {
    inputs: usize,
    plan: Plan,
    /// The arithmetic of each stage, if it has any.
    starts: Vec<Option<Start>>,
    code: Option<Mmap>,
    constants: Vec<f64>,
    /// The vectors that the arithmetic puts aside, in columns.
    spilled: usize,
    outputs: Vec<Output>,
    /// Whether inputs and outputs are arrays of the caller's.
    arrays: bool,
}

/// A loop of machine code.
#[derive(Debug, Clone, Copy)]
struct Start {
    /// Where it begins.
    place: usize,
    /// How many points one turn takes.
    numbers: usize,
}

/// Where an output comes from.
#[derive(Debug, Clone, Copy)]
enum Output {
    Column(u32),
    /// An array that the code has written to.
    Array(u32),
    Input(u32),
    Constant(f64),
}

impl BatchCode {
    /// Compiles a program.
    ///
    /// # Errors
    /// [`JitError::Machine`] where there is neither AVX2 nor AVX-512, [`JitError::TooLong`] beyond
    /// [`MAX_BATCH_INSTRUCTIONS`], [`JitError::Codegen`] if the system gives no memory for code.
    pub fn new(program: &Program) -> Result<Self, JitError> {
        let vectors =
            Vectors::detect().ok_or_else(|| JitError::Machine("it has neither AVX2 nor AVX-512".to_owned()))?;
        Self::with(program, vectors, false)
    }

    /// Compiles a program for arrays: see [`BatchCode::run_arrays`].
    ///
    /// # Errors
    /// Those of [`BatchCode::new`].
    pub(super) fn on_arrays(program: &Program) -> Result<Self, JitError> {
        let vectors =
            Vectors::detect().ok_or_else(|| JitError::Machine("it has neither AVX2 nor AVX-512".to_owned()))?;
        Self::with(program, vectors, true)
    }

    /// Compiles a program for vectors that the machine has.
    fn with(program: &Program, vectors: Vectors, arrays: bool) -> Result<Self, JitError> {
        let size = program.instructions.len().max(program.inputs()).max(program.outputs.len());
        if size > MAX_BATCH_INSTRUCTIONS {
            return Err(JitError::TooLong { instructions: size, limit: MAX_BATCH_INSTRUCTIONS });
        }
        let plan = Plan::new(program, arrays);
        let mut constants = Constants::new(vectors);
        let (mut bytes, mut starts, mut spilled) = (Vec::new(), Vec::new(), 0);
        for stage in &plan.stages {
            if stage.arithmetic.is_empty() && stage.filled.is_empty() {
                starts.push(None);
                continue;
            }
            let code = emit::emit(program, stage, vectors, &mut constants);
            starts.push(Some(Start { place: bytes.len(), numbers: code.side_by_side * vectors.lanes() }));
            bytes.extend(code.bytes);
            spilled = spilled.max(code.spilled);
        }
        let mut outputs: Vec<Output> = program
            .outputs
            .iter()
            .map(|o| match o {
                Operand::Constant(c) => Output::Constant(program.constants[*c as usize]),
                Operand::Input(k) => Output::Input(*k),
                Operand::Register(_) => Output::Constant(f64::NAN),
            })
            .collect();
        for &(k, home) in &plan.outputs {
            outputs[k as usize] = match home {
                Home::Column(column) => Output::Column(column),
                Home::Array(array) => Output::Array(array),
            };
        }
        Ok(Self {
            inputs: program.inputs(),
            plan,
            starts,
            code: executable(&bytes)?,
            constants: constants.table,
            spilled: (spilled * vectors.lanes()).div_ceil(BLOCK),
            outputs,
            arrays,
        })
    }

    /// Evaluates at the rows of `points` into the rows of `output`, block after block.
    pub(super) fn call_rows(&self, points: &Rows<'_>, output: &mut RowsMut<'_>, scratch: &mut Scratch) {
        assert!(!self.arrays, "code for arrays runs on arrays");
        let columns = scratch.block(self.plan.columns + self.spilled);
        let rows = output.shape()[0];
        for first in (0..rows).step_by(BLOCK) {
            let count = BLOCK.min(rows - first);
            self.block(&points.part(first, count), &mut output.part(first, count), count, columns);
        }
    }

    fn block(&self, points: &Rows<'_>, output: &mut RowsMut<'_>, count: usize, columns: &mut [Column]) {
        for &(input, column) in &self.plan.inputs {
            points.read_column(input as usize, &mut columns[column as usize].0);
        }
        for (stage, start) in self.plan.stages.iter().zip(&self.starts) {
            if let Some(start) = start {
                self.arithmetic(*start, count, columns, &[]);
            }
            for call in &stage.calls {
                run_call(call, columns, count);
            }
        }
        for (k, from) in self.outputs.iter().enumerate() {
            match *from {
                Output::Column(column) => output.write_column(k, &columns[column as usize].0),
                Output::Input(input) => {
                    let mut column = [0.0; BLOCK];
                    points.read_column(input as usize, &mut column);
                    output.write_column(k, &column);
                }
                Output::Constant(c) => output.write_column(k, &[c; BLOCK]),
                Output::Array(_) => unreachable!("only code for arrays writes to them"),
            }
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn arithmetic(&self, start: Start, count: usize, columns: &mut [Column], arrays: &[*mut f64]) {
        /// The arithmetic of a stage: columns, constants, numbers put aside, how many turns, arrays, how many bytes of them are done.
        type Arithmetic =
            unsafe extern "sysv64" fn(*mut Column, *const f64, *mut Column, usize, *const *mut f64, usize);
        let Some(code) = &self.code else { return };
        assert!(columns.len() == self.plan.columns + self.spilled && count <= BLOCK, "a block of this program");
        let (main, aside) = columns.split_at_mut(self.plan.columns);
        assert!(!self.arrays || arrays.len() == self.inputs + self.outputs.len(), "the arrays of this program");
        // SAFETY: `start.place` is where `emit` began a function of this signature in `code`, which is never changed. It reads
        // `constants` within the table that it made for it, and reads and writes vectors of `main` below `plan.columns`
        // and, from each column, count rounded up to whole turns, at most BLOCK numbers; `aside` has room for `spilled`.
        // Code for arrays reads and writes as many numbers of those, which the caller of `run_arrays` vouches for.
        // `detect` has found the instructions that it is made of.
        #[allow(unsafe_code, reason = "machine code becomes a function and runs")]
        unsafe {
            let arithmetic: Arithmetic = std::mem::transmute(code.as_ptr().add(start.place));
            let turns = count.div_ceil(start.numbers);
            if turns > 0 {
                let (main, aside) = (main.as_mut_ptr(), aside.as_mut_ptr());
                arithmetic(main, self.constants.as_ptr(), aside, turns, arrays.as_ptr(), 0);
            }
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn arithmetic(&self, _: Start, _: usize, _: &mut [Column], _: &[*mut f64]) {
        // Vectors are never detected here, so that there is no such code.
        let _ = (&self.code, &self.constants);
    }
}

impl BatchCode {
    /// Evaluates at one block of points, whose numbers stand in arrays: the inputs, and behind them the outputs.
    ///
    /// # Safety
    /// Each array has [`BLOCK`] numbers; no output shares any of them with another array, and nothing else uses them meanwhile.
    #[allow(unsafe_code, reason = "arrays are parts of one piece of memory, which borrows cannot tell apart")]
    pub(super) unsafe fn run_arrays(&self, arrays: &[*mut f64], count: usize, scratch: &mut Scratch) {
        assert!(self.arrays && arrays.len() == self.inputs + self.outputs.len(), "the arrays of this program");
        let columns = scratch.block(self.plan.columns + self.spilled);
        for (stage, start) in self.plan.stages.iter().zip(&self.starts) {
            if let Some(start) = start {
                self.arithmetic(*start, count, columns, arrays);
            }
            let base = columns.as_mut_ptr();
            let at = |home: Home| match home {
                // SAFETY: columns that the plan has counted.
                Home::Column(c) => unsafe { base.add(c as usize).cast::<f64>() },
                Home::Array(a) => arrays[a as usize],
            };
            for call in &stage.calls {
                // SAFETY: a plan gives the result of a call no column of an operand, and the caller vouches for arrays.
                unsafe { run_call_on_arrays(call, at, count) }
            }
        }
        for (k, from) in self.outputs.iter().enumerate() {
            let to = arrays[self.inputs + k];
            let from: *const f64 = match *from {
                Output::Array(array) => arrays[array as usize],
                Output::Column(c) => columns[c as usize].0.as_ptr(),
                Output::Input(input) => arrays[input as usize],
                Output::Constant(c) => {
                    // SAFETY: as the caller promises.
                    unsafe { std::slice::from_raw_parts_mut(to, BLOCK) }.fill(c);
                    continue;
                }
            };
            if !std::ptr::eq(from, to) {
                // SAFETY: as the caller promises.
                unsafe { std::ptr::copy(from, to, BLOCK) }
            }
        }
    }
}

/// [`run_call`] with numbers at addresses.
///
/// # Safety
/// Each has [`BLOCK`] numbers, and those of results are none of the operands'.
#[allow(unsafe_code, reason = "arrays are parts of one piece of memory, which borrows cannot tell apart")]
unsafe fn run_call_on_arrays(call: &Call, at: impl Fn(Home) -> *mut f64, count: usize) {
    // SAFETY: as the caller promises.
    let read = |home: Home| unsafe { &*at(home).cast_const().cast::<math::Numbers>() };
    // SAFETY: as the caller promises.
    #[allow(clippy::mut_from_ref, reason = "results share nothing with operands")]
    let write = |home: Home| unsafe { &mut *at(home).cast::<math::Numbers>() };
    match *call {
        Call::One(f, a, to) => (f.column)(read(a), write(to)),
        Call::Power([a, b], to) => math::power_column(read(a), read(b), write(to)),
        Call::Two(f, [a, b], to) => {
            let (a, b, to) = (read(a), read(b), write(to));
            for i in 0..count {
                to[i] = f(a[i], b[i]);
            }
        }
        Call::Complex(f, [a, b], [re, im]) => {
            let (a, b, re, im) = (read(a), read(b), write(re), write(im));
            for i in 0..count {
                (re[i], im[i]) = f(a[i], b[i]);
            }
        }
    }
}

#[cfg(test)]
impl BatchCode {
    /// The program for every kind of vector that this machine has.
    pub(super) fn every(program: &Program) -> Vec<Self> {
        let kinds: &[Vectors] = match Vectors::detect() {
            Some(Vectors::Avx512) => &[Vectors::Avx512, Vectors::Avx2],
            Some(Vectors::Avx2) => &[Vectors::Avx2],
            None => &[],
        };
        kinds.iter().map(|vectors| Self::with(program, *vectors, false).expect("a program that compiles")).collect()
    }
}

/// Memory with this code in it that can be run, and no longer written.
fn executable(bytes: &[u8]) -> Result<Option<Mmap>, JitError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let failed = |e: std::io::Error| JitError::Codegen(e.to_string());
    let mut memory = MmapMut::map_anon(bytes.len()).map_err(failed)?;
    memory.copy_from_slice(bytes);
    memory.make_exec().map_err(failed).map(Some)
}

fn run_call(call: &Call, columns: &mut [Column], count: usize) {
    // A plan gives the result of a call no column of an operand.
    const DISTINCT: &str = "distinct columns";
    let column = |home: Home| match home {
        Home::Column(c) => c as usize,
        Home::Array(_) => unreachable!("only code for arrays reads and writes them"),
    };
    match *call {
        Call::One(f, a, to) => {
            let [a, to] = columns.get_disjoint_mut([column(a), column(to)]).expect(DISTINCT);
            (f.column)(&a.0, &mut to.0);
        }
        Call::Power([a, b], to) if a == b => {
            let [a, to] = columns.get_disjoint_mut([column(a), column(to)]).expect(DISTINCT);
            math::power_column(&a.0, &a.0, &mut to.0);
        }
        Call::Power([a, b], to) => {
            let [a, b, to] = columns.get_disjoint_mut([column(a), column(b), column(to)]).expect(DISTINCT);
            math::power_column(&a.0, &b.0, &mut to.0);
        }
        Call::Two(f, [a, b], to) => {
            let [a, b, to] = [a, b, to].map(column);
            for i in 0..count {
                columns[to].0[i] = f(columns[a].0[i], columns[b].0[i]);
            }
        }
        Call::Complex(f, [a, b], [re, im]) => {
            let [a, b, re, im] = [a, b, re, im].map(column);
            for i in 0..count {
                (columns[re].0[i], columns[im].0[i]) = f(columns[a].0[i], columns[b].0[i]);
            }
        }
    }
}

impl VectorFunction for BatchCode {
    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs.len()
    }

    fn call(&self, input: &[f64], output: &mut [f64], scratch: &mut Scratch) {
        check_lengths(self, input, output);
        self.call_batch(input, output, scratch);
    }

    fn call_batch(&self, points: &[f64], output: &mut [f64], scratch: &mut Scratch) {
        let rows = batch_size(self, points, output);
        let (n, m) = (self.inputs, self.outputs.len());
        // Lengths that `batch_size` has checked.
        let (Ok(points), Ok(mut output)) = (Rows::new(points, [rows, n]), RowsMut::new(output, [rows, m])) else {
            return;
        };
        self.call_rows(&points, &mut output, scratch);
    }
}
