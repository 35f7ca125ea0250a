//! A program ready to run by what suits it.

use super::{BatchCode, Interpreter, Jit, JitError, Program, Rows, RowsMut, Scratch, VectorFunction};
use num_complex::Complex64;
use std::num::NonZeroUsize;
use std::sync::OnceLock;

/// From so many points on columns beat machine code for one point at a time.
const MIN_BATCH: usize = 16;

/// How many numbers are copied at most to bring rows side by side, unless one row alone has more.
const MOST_COPIED: usize = 1 << 20;

/// A thread is worth starting for so many operations: it takes tens of microseconds.
const MIN_OPERATIONS: usize = 1 << 19;

/// After so many operations it is asked whether to go on: a millisecond, or some tens of them where all are functions.
const WATCHED: usize = 1 << 21;

/// A [`Program`] compiled to machine code where that is possible: for one point at a time, and at the first batch for
/// many; by the interpreter where it is not.
///
/// All give the same floats to the bit, so which one ran is no part of a result.
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
/// assert!((out[0] - 0.479_425_538_604_203).abs() < 1e-15);
/// # Ok::<(), shadowflow::eval::LowerError>(())
/// ```
#[derive(Debug)]
pub struct Compiled {
    program: Program,
    interpreter: Interpreter,
    /// Whether columns are worth the moves between rows and columns: measured, four instructions per number moved.
    columns: bool,
    jit: Result<Jit, JitError>,
    batch: OnceLock<Option<BatchCode>>,
}

impl Compiled {
    /// Compiles a program.
    #[must_use]
    pub fn new(program: &Program) -> Self {
        let moved = program.inputs() + program.outputs().len();
        Self {
            program: program.clone(),
            interpreter: Interpreter::new(program),
            columns: program.instructions().len() >= 4 * moved,
            jit: Jit::new(program),
            batch: OnceLock::new(),
        }
    }

    /// Why the interpreter runs single points, if it does.
    #[must_use]
    pub fn fallback(&self) -> Option<&JitError> {
        self.jit.as_ref().err()
    }

    /// How many operations one point takes, moves of its numbers among them.
    pub(crate) fn operations(&self) -> usize {
        self.program.instructions().len() + self.program.inputs() + self.program.outputs().len()
    }

    fn batch(&self) -> Option<&BatchCode> {
        self.batch.get_or_init(|| BatchCode::new(&self.program).ok()).as_ref()
    }

    /// Evaluates at every row of an array of points, on at most so many threads.
    ///
    /// Nothing is copied but the block of 128 points at work. A point's value depends neither on the number of threads
    /// nor on the points beside it. Fewer threads run where the work is not worth them.
    ///
    /// # Errors
    /// [`ArrayError`] if the arrays do not have the same number of rows, or not a column for every input and output.
    ///
    /// ```
    /// use shadowflow::eval::{Compiled, Program, Rows, RowsMut};
    /// use shadowflow::expr::{Pool, Shape, Tape};
    /// let mut pool = Pool::new();
    /// let x = pool.declare_parameter("x", Shape::scalar());
    /// let y = pool.declare_parameter("y", Shape::scalar());
    /// let product = pool.mul(x, y);
    /// let compiled = Compiled::new(&Program::real(&pool, &Tape::new(&pool, &[product]))?);
    /// let points: Vec<f64> = (0..2000).map(f64::from).collect();
    /// let mut out = vec![0.0; 1000];
    /// let threads = std::thread::available_parallelism()?;
    /// compiled.call_rows(&Rows::new(&points, [1000, 2])?, RowsMut::new(&mut out, [1000, 1])?, threads)?;
    /// assert_eq!(out[3], 6.0 * 7.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn call_rows(&self, points: &Rows<'_>, output: RowsMut<'_>, threads: NonZeroUsize) -> Result<(), ArrayError> {
        self.call_rows_while(points, output, threads, &|_| true)
    }

    /// The same as long as somebody wants it: `goes_on` is told now and then, from any thread, how many more rows are done. Where it says no, the rest
    /// is left as it is.
    ///
    /// # Errors
    /// As [`Compiled::call_rows`].
    pub(crate) fn call_rows_while(
        &self,
        points: &Rows<'_>,
        output: RowsMut<'_>,
        threads: NonZeroUsize,
        goes_on: &(dyn Fn(usize) -> bool + Sync),
    ) -> Result<(), ArrayError> {
        let (n, m) = (self.inputs(), self.outputs());
        let ([rows, inputs], [results, outputs]) = (points.shape(), output.shape());
        if (rows, inputs, outputs) != (results, n, m) {
            return Err(ArrayError { points: points.shape(), output: output.shape(), inputs: n, outputs: m });
        }
        if m == 0 {
            // Without results any number of rows fits into no memory, and there is nothing to compute.
            return Ok(());
        }
        let operations = rows.saturating_mul(self.operations());
        let threads = threads.get().min(operations / MIN_OPERATIONS).max(1);
        // Whole blocks for each, so that none is cut.
        let share = rows.div_ceil(threads).next_multiple_of(super::block::BLOCK);
        let most = (WATCHED / self.operations()).max(1).next_multiple_of(super::block::BLOCK);
        let part = |points: Rows<'_>, mut output: RowsMut<'_>| {
            let (rows, mut scratch) = (points.shape()[0], Scratch::new());
            for first in (0..rows).step_by(most) {
                let count = most.min(rows - first);
                self.call_part(&points.part(first, count), &mut output.part(first, count), &mut scratch);
                if !goes_on(count) {
                    break;
                }
            }
        };
        std::thread::scope(|scope| {
            let (mut first, mut rest) = (0, output);
            while first + share < rows {
                let (own, others) = rest.split(share);
                rest = others;
                let points = points.part(first, share);
                scope.spawn(move || part(points, own));
                first += share;
            }
            part(points.part(first, rows - first), rest);
        });
        Ok(())
    }

    fn call_part(&self, points: &Rows<'_>, output: &mut RowsMut<'_>, scratch: &mut Scratch) {
        if points.shape()[0] >= MIN_BATCH
            && let Some(batch) = self.batch()
        {
            return batch.call_rows(points, output, scratch);
        }
        // Without code for batches: blocks of rows side by side, at most.
        let (rows, [n, m]) = (points.shape()[0], [self.inputs(), self.outputs()]);
        if let (Some(points), Some(output)) = (points.contiguous(), output.contiguous()) {
            return self.call_batch(points, output, scratch);
        }
        let block = super::block::BLOCK.min((MOST_COPIED / (n + m).max(1)).max(1));
        let (mut inputs, mut outputs) = (vec![0.0; block * n], vec![0.0; block * m]);
        let mut column = vec![0.0; block];
        for first in (0..rows).step_by(block) {
            let count = block.min(rows - first);
            let points = points.part(first, count);
            for k in 0..n {
                points.read_column(k, &mut column);
                inputs.chunks_exact_mut(n).zip(&column).for_each(|(row, x)| row[k] = *x);
            }
            self.call_batch(&inputs[..count * n], &mut outputs[..count * m], scratch);
            let mut output = output.part(first, count);
            for k in 0..m {
                column.iter_mut().zip(outputs.chunks_exact(m)).for_each(|(x, row)| *x = row[k]);
                output.write_column(k, &column);
            }
        }
    }
}

/// Arrays of other shapes than a program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{inputs} inputs and {outputs} outputs need arrays of n × {inputs} and n × {outputs} numbers, not {} × {} and {} × {}",
    points[0], points[1], output[0], output[1]
)]
pub struct ArrayError {
    /// The shape of the array of points.
    pub points: [usize; 2],
    /// The shape of the array of results.
    pub output: [usize; 2],
    /// The number of inputs.
    pub inputs: usize,
    /// The number of outputs.
    pub outputs: usize,
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
        let few = super::vector_function::batch_size(self, points, output) < MIN_BATCH;
        match &self.jit {
            Ok(jit) if few || !self.columns => jit.call_batch(points, output, scratch),
            // Compiling takes longer than a few rows.
            _ => match (!few).then(|| self.batch()).flatten() {
                Some(batch) => batch.call_batch(points, output, scratch),
                None => self.interpreter.call_batch(points, output, scratch),
            },
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
