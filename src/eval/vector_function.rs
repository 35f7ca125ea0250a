//! What a back end offers: a function from vectors to vectors.

use super::block::Column;
use num_complex::Complex64;

/// Working memory of a call, grown by the first call and reused by the next, for any function and either back end.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    pub(super) values: Vec<f64>,
    #[allow(clippy::vec_box, reason = "columns change places with the spare ones, by pointer")]
    pub(super) columns: Vec<Box<Column>>,
    pub(super) spare: [Option<Box<Column>>; 2],
    block: Vec<Column>,
    parts: Vec<f64>,
}

impl Scratch {
    /// Memory that nothing has used yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At least so many numbers, of any value.
    #[inline]
    pub(super) fn values(&mut self, count: usize) -> &mut [f64] {
        if self.values.len() < count {
            self.grow(count);
        }
        &mut self.values
    }

    /// So many columns side by side, of any values.
    pub(super) fn block(&mut self, count: usize) -> &mut [Column] {
        if self.block.len() < count {
            self.block.resize(count, Column::ZERO);
        }
        &mut self.block[..count]
    }

    /// At least so many numbers for a call's inputs and outputs, to be given back.
    pub(super) fn take_parts(&mut self, count: usize) -> Vec<f64> {
        let mut parts = std::mem::take(&mut self.parts);
        if parts.len() < count {
            parts.resize(count, 0.0);
        }
        parts
    }

    pub(super) fn give_parts(&mut self, parts: Vec<f64>) {
        self.parts = parts;
    }

    #[cold]
    fn grow(&mut self, count: usize) {
        self.values.resize(count, 0.0);
    }
}

/// A compiled function from `inputs` floats to `outputs` floats. Programs on complex numbers count both parts.
///
/// No call allocates once its scratch has grown to size.
pub trait VectorFunction {
    /// The number of inputs.
    fn inputs(&self) -> usize;

    /// The number of outputs.
    fn outputs(&self) -> usize;

    /// Evaluates at one point.
    ///
    /// # Panics
    /// If `input` or `output` has the wrong length.
    fn call(&self, input: &[f64], output: &mut [f64], scratch: &mut Scratch);

    /// Evaluates at `n` points, row-major: `points` is n × inputs, `output` n × outputs.
    ///
    /// # Panics
    /// If the lengths are not those of the same number of points.
    fn call_batch(&self, points: &[f64], output: &mut [f64], scratch: &mut Scratch) {
        for row in 0..batch_size(self, points, output) {
            let (n, m) = (self.inputs(), self.outputs());
            self.call(&points[row * n..][..n], &mut output[row * m..][..m], scratch);
        }
    }

    /// Evaluates a program on complex numbers at one point.
    ///
    /// # Panics
    /// If twice the length of `input` or `output` is not the number of floats.
    fn call_complex(&self, input: &[Complex64], output: &mut [Complex64], scratch: &mut Scratch) {
        check_complex_lengths(self, input, output);
        let needed = self.inputs() + self.outputs();
        let mut parts = scratch.take_parts(needed);
        let (inputs, outputs) = parts[..needed].split_at_mut(self.inputs());
        for (pair, z) in inputs.chunks_exact_mut(2).zip(input) {
            (pair[0], pair[1]) = (z.re, z.im);
        }
        self.call(inputs, outputs, scratch);
        for (z, pair) in output.iter_mut().zip(outputs.chunks_exact(2)) {
            *z = Complex64::new(pair[0], pair[1]);
        }
        scratch.give_parts(parts);
    }
}

/// The number of points of a batch.
pub(super) fn batch_size<F: VectorFunction + ?Sized>(function: &F, points: &[f64], output: &[f64]) -> usize {
    let (n, m) = (function.inputs(), function.outputs());
    let rows = match (n, m) {
        (0, 0) => 0,
        (0, m) => output.len() / m,
        (n, _) => points.len() / n,
    };
    assert_eq!(points.len(), rows * n, "the points of {rows} rows of {n} inputs");
    assert_eq!(output.len(), rows * m, "the outputs of {rows} rows of {m} outputs");
    rows
}

/// Checks the lengths of the slices of one call.
#[inline]
pub(super) fn check_lengths<F: VectorFunction + ?Sized>(function: &F, input: &[f64], output: &[f64]) {
    assert_eq!(input.len(), function.inputs(), "the inputs of one point");
    assert_eq!(output.len(), function.outputs(), "the outputs of one point");
}

/// Checks the lengths of the slices of one call on complex numbers.
#[inline]
pub(super) fn check_complex_lengths<F: VectorFunction + ?Sized>(
    function: &F,
    input: &[Complex64],
    output: &[Complex64],
) {
    assert_eq!(2 * input.len(), function.inputs(), "complex inputs, two floats each");
    assert_eq!(2 * output.len(), function.outputs(), "complex outputs, two floats each");
}
