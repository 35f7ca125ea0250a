//! A program run on arrays whose entries stand side by side, every input and output an array.

use super::block::BLOCK;
use super::{Interpreter, Program, Scratch, VectorFunction};

/// A [`Program`] for every entry of arrays.
#[derive(Debug)]
pub(crate) struct Kernel {
    interpreter: Interpreter,
}

impl Kernel {
    pub(crate) fn new(program: &Program) -> Self {
        Self { interpreter: Interpreter::new(program) }
    }

    pub(crate) fn run_by_entries(
        &self,
        size: usize,
        input: impl Fn(usize, usize) -> f64,
        mut output: impl FnMut(usize, usize, f64),
        scratch: &mut Scratch,
    ) {
        let (inputs, outputs) = (self.interpreter.inputs(), self.interpreter.outputs());
        let mut points = vec![0.0; BLOCK * inputs];
        let mut results = vec![0.0; BLOCK * outputs];
        for first in (0..size).step_by(BLOCK) {
            let count = BLOCK.min(size - first);
            for i in 0..count {
                for k in 0..inputs {
                    points[i * inputs + k] = input(k, first + i);
                }
            }
            self.interpreter.call_batch(&points[..count * inputs], &mut results[..count * outputs], scratch);
            for i in 0..count {
                for k in 0..outputs {
                    output(k, first + i, results[i * outputs + k]);
                }
            }
        }
    }
}
