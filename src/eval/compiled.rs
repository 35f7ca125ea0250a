//! A program ready to run by what suits it.

use super::{Interpreter, Jit, JitError, Program, Scratch, VectorFunction};
use num_complex::Complex64;

/// From so many points on the interpreter's columns beat machine code for one point at a time.
const MIN_BATCH: usize = 16;

/// A [`Program`] compiled to machine code where that is possible, and the interpreter for batches and the rest.
///
/// Both give the same floats to the bit, so which one ran is no part of a result.
///
/// ```
/// use shadowflow::eval::{Compiled, Program, Scratch, VectorFunction};
/// use shadowflow::expr::{Function, Pool, Shape, Tape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let sine = pool.apply(Function::Sin, x);
/// let compiled = Compiled::new(&Program::real(&pool, &Tape::new(&pool, &[sine]))?);
/// let mut out = [0.0];
/// compiled.call(&[0.5], &mut out, &mut Scratch::new());
/// assert!((out[0] - 0.479_425_538_604_203).abs() < 1e-16);
/// # Ok::<(), shadowflow::eval::LowerError>(())
/// ```
#[derive(Debug)]
pub struct Compiled {
    interpreter: Interpreter,
    /// Whether columns are worth the moves between rows and columns: measured, four instructions per number moved.
    columns: bool,
    jit: Result<Jit, JitError>,
}

impl Compiled {
    /// Compiles a program.
    #[must_use]
    pub fn new(program: &Program) -> Self {
        let moved = program.inputs() + program.outputs().len();
        Self {
            interpreter: Interpreter::new(program),
            columns: program.instructions().len() >= 4 * moved,
            jit: Jit::new(program),
        }
    }

    /// Why the interpreter runs everything, if it does.
    #[must_use]
    pub fn fallback(&self) -> Option<&JitError> {
        self.jit.as_ref().err()
    }
}

impl VectorFunction for Compiled {
    fn inputs(&self) -> usize {
        self.interpreter.inputs()
    }

    fn outputs(&self) -> usize {
        self.interpreter.outputs()
    }

    #[inline]
    fn call(&self, input: &[f64], output: &mut [f64], scratch: &mut Scratch) {
        match &self.jit {
            Ok(jit) => jit.call(input, output, scratch),
            Err(_) => self.interpreter.call(input, output, scratch),
        }
    }

    fn call_batch(&self, points: &[f64], output: &mut [f64], scratch: &mut Scratch) {
        match &self.jit {
            Ok(jit) if !self.columns || points.len() < MIN_BATCH * self.inputs() => {
                jit.call_batch(points, output, scratch);
            }
            _ => self.interpreter.call_batch(points, output, scratch),
        }
    }

    #[inline]
    fn call_complex(&self, input: &[Complex64], output: &mut [Complex64], scratch: &mut Scratch) {
        match &self.jit {
            Ok(jit) => jit.call_complex(input, output, scratch),
            Err(_) => self.interpreter.call_complex(input, output, scratch),
        }
    }
}
