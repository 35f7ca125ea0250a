//! A program run on arrays, whose entries stand side by side.

use super::block::BLOCK;
use super::{BatchCode, Interpreter, Program, Scratch, VectorFunction};

/// A [`Program`] for every entry of arrays.
#[derive(Debug)]
pub(crate) struct Kernel {
    inputs: usize,
    outputs: usize,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// Machine code, or where there is none, the interpreter, which gives the same bits.
    Blocks(BatchCode),
    Points(Interpreter),
}

impl Kernel {
    /// How many entries are a block.
    pub(crate) const BLOCK: usize = BLOCK;

    /// For few entries, which are not worth compiling, or for many.
    pub(crate) fn new(program: &Program, few: bool) -> Self {
        let code = if few { None } else { BatchCode::on_arrays(program).ok() };
        let form = code.map_or_else(|| Form::Points(Interpreter::new(program)), Form::Blocks);
        Self { inputs: program.inputs(), outputs: program.outputs().len(), form }
    }

    /// Evaluates for a block of entries: arrays of inputs, and behind them those of outputs.
    ///
    /// # Safety
    /// Each array has [`Kernel::BLOCK`] numbers; no output shares any of them with another array, and nothing else uses them meanwhile.
    #[allow(unsafe_code, reason = "arrays are parts of one piece of memory, which borrows cannot tell apart")]
    pub(crate) unsafe fn run_block(&self, arrays: &[*mut f64], count: usize, scratch: &mut Scratch) {
        assert!(arrays.len() == self.inputs + self.outputs && count <= BLOCK, "the arrays of this program");
        match &self.form {
            // SAFETY: as the caller promises.
            Form::Blocks(code) => unsafe { code.run_arrays(arrays, count, scratch) },
            Form::Points(_) => {
                let (inputs, outputs) = arrays.split_at(self.inputs);
                for i in 0..count {
                    // SAFETY: as the caller promises.
                    let input = |k: usize| unsafe { *inputs[k].add(i) };
                    // SAFETY: likewise.
                    self.run_point(input, |k, x| unsafe { *outputs[k].add(i) = x }, scratch);
                }
            }
        }
    }

    /// Evaluates for one entry, of a kernel for few.
    pub(crate) fn run_point(
        &self,
        input: impl Fn(usize) -> f64,
        mut output: impl FnMut(usize, f64),
        scratch: &mut Scratch,
    ) {
        let Form::Points(interpreter) = &self.form else { return };
        let mut parts = scratch.take_parts(self.inputs + self.outputs);
        let (inputs, outputs) = parts[..self.inputs + self.outputs].split_at_mut(self.inputs);
        for (k, x) in inputs.iter_mut().enumerate() {
            *x = input(k);
        }
        interpreter.call(inputs, outputs, scratch);
        for (k, x) in outputs.iter().enumerate() {
            output(k, *x);
        }
        scratch.give_parts(parts);
    }
}
