//! The derivatives of a loss, compiled.

use super::super::cuts::LossBranches;
use super::super::derivatives::{Gradient, Hessian, HessianThird, Tensors};
use super::super::name::FlowError;
use super::{for_floats, refused};
use crate::budget;
use crate::eval::{Compiled, Program, Scratch, VectorFunction};
use crate::expr::{ExpressionRef, Id, Pool, Purpose, Tape};
use num_complex::Complex64;
use std::sync::Arc;

/// Refuses a Hessian that memory does not hold: its expressions and program, and the dense complex matrices that flows make of it.
pub(super) fn dense_hessian(dimension: usize) -> Result<(), FlowError> {
    const BYTES_PER_ENTRY: u64 = 128;
    let n = dimension as u64;
    budget::need(
        n.saturating_mul(n).saturating_mul(BYTES_PER_ENTRY),
        format!("a dense Hessian of {n} by {n} for {n} parameters"),
        "ask for flows that need only the gradient, ngf and pgf, or declare fewer parameters",
    )
    .map_err(|e| FlowError::Loss(e.to_string()))
}

/// How far derivatives go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// The gradient.
    Gradient,
    /// The gradient and the Hessian.
    Hessian,
    /// The gradient, the Hessian and `T[g, g]`.
    Third,
    /// The gradient, the Hessian and the whole third derivative.
    ThirdTensor,
    /// The gradient, the Hessian and the whole third and fourth derivatives.
    FourthTensor,
}

impl Depth {
    pub(super) fn tensor(fourth: bool) -> Self {
        if fourth { Self::FourthTensor } else { Self::ThirdTensor }
    }
}

/// The derivatives of a loss to one depth, from one program on complex numbers. Only the types below, each of one depth, are seen outside.
#[derive(Debug, Clone)]
pub(super) struct Evaluator {
    depth: Depth,
    dimension: usize,
    program: Arc<Compiled>,
    scratch: Scratch,
    /// `g`, the lower triangle of the Hessian and, as far as the depth goes, `T[g, g]` or the entries of the higher derivatives with indices
    /// that do not increase.
    values: Vec<Complex64>,
    branches: Option<LossBranches>,
}

impl Evaluator {
    pub(super) fn new(loss: ExpressionRef<'_>, depth: Depth) -> Result<Self, FlowError> {
        if depth >= Depth::Hessian {
            dense_hessian(loss.pool().dimension())?;
        }
        let mut pool = loss.pool().clone();
        let loss = for_floats(&mut pool, loss.id());
        let mut roots = pool.gradient_entries(loss);
        if depth >= Depth::Hessian {
            roots.extend(pool.hessian_entries(loss));
        }
        if depth == Depth::Third {
            roots.extend(third_along_gradient(&mut pool, loss));
        }
        if depth >= Depth::ThirdTensor {
            let n = pool.dimension();
            let mut entries = roots[n..].to_vec();
            let mut order = 2;
            while order < if depth == Depth::ThirdTensor { 3 } else { 4 } {
                entries = derivative_entries(&mut pool, &entries, order);
                roots.extend(&entries);
                order += 1;
            }
        }
        let roots = pool.for_floats(&roots, Purpose::Values);
        let tape = Tape::new(&pool, &roots);
        let program = Program::complex(&pool, &tape).map_err(refused)?;
        Ok(Self {
            depth,
            dimension: pool.dimension(),
            program: Arc::new(Compiled::new(&program)),
            scratch: Scratch::new(),
            values: vec![Complex64::ZERO; roots.len()],
            branches: LossBranches::new(&pool, &tape).map_err(refused)?,
        })
    }

    fn call(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        self.program.call_complex(state, &mut self.values, &mut self.scratch);
        gradient.copy_from_slice(&self.values[..self.dimension]);
    }

    /// Writes the Hessian of the last call.
    fn spread(&self, hessian: &mut [Complex64]) {
        let n = self.dimension;
        let mut entries = self.values[n..].iter().copied();
        for i in 0..n {
            for j in 0..=i {
                let Some(value) = entries.next() else { return };
                hessian[i * n + j] = value;
                hessian[j * n + i] = value;
            }
        }
    }

    /// What comes after the Hessian.
    fn beyond_hessian(&self) -> &[Complex64] {
        let n = self.dimension;
        &self.values[n + n * (n + 1) / 2..]
    }
}

/// Types that hold an evaluator of a depth at which they read it.
macro_rules! of_depth {
    ($($(#[$doc:meta])* $name:ident),+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(Evaluator);

        impl From<Evaluator> for $name {
            fn from(evaluator: Evaluator) -> Self {
                Self(evaluator)
            }
        }

        impl Gradient for $name {
            fn dimension(&self) -> usize {
                self.0.dimension
            }

            fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
                self.0.call(state, gradient);
            }

            fn crosses_cut(&mut self, from: &[Complex64], to: &[Complex64]) -> bool {
                self.0.branches.as_mut().is_some_and(|b| b.crossed(from, to))
            }
        }
    )+};
}

of_depth!(
    /// The compiled gradient of a loss.
    CompiledGradient,
    /// The compiled gradient and Hessian of a loss.
    CompiledHessian,
    /// The compiled gradient, Hessian and `T[g, g]` of a loss.
    CompiledThird,
    /// The compiled gradient, Hessian and whole third derivative of a loss, and the fourth if it was asked for.
    CompiledTensors
);

impl CompiledGradient {
    /// Compiles them for a scalar loss.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where a symbolic constant has no value or the program is too large.
    pub fn new<'a>(loss: impl Into<ExpressionRef<'a>>) -> Result<Self, FlowError> {
        Ok(Self(Evaluator::new(loss.into(), Depth::Gradient)?))
    }
}

impl CompiledHessian {
    /// Compiles them for a scalar loss.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where a symbolic constant has no value or the program is too large.
    pub fn new<'a>(loss: impl Into<ExpressionRef<'a>>) -> Result<Self, FlowError> {
        Ok(Self(Evaluator::new(loss.into(), Depth::Hessian)?))
    }
}

impl CompiledThird {
    /// Compiles them for a scalar loss.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where a symbolic constant has no value or the program is too large.
    pub fn new<'a>(loss: impl Into<ExpressionRef<'a>>) -> Result<Self, FlowError> {
        Ok(Self(Evaluator::new(loss.into(), Depth::Third)?))
    }
}

impl CompiledTensors {
    /// Compiles them for a scalar loss.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where a symbolic constant has no value or the program is too large.
    pub fn new<'a>(loss: impl Into<ExpressionRef<'a>>, fourth: bool) -> Result<Self, FlowError> {
        Ok(Self(Evaluator::new(loss.into(), Depth::tensor(fourth))?))
    }
}

impl Hessian for CompiledHessian {
    fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]) {
        self.0.call(state, gradient);
        self.0.spread(hessian);
    }
}

impl Hessian for CompiledThird {
    fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]) {
        self.0.call(state, gradient);
        self.0.spread(hessian);
    }
}

impl HessianThird for CompiledThird {
    fn gradient_hessian_third(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
    ) {
        self.gradient_hessian(state, gradient, hessian);
        third.copy_from_slice(self.0.beyond_hessian());
    }
}

impl Tensors for CompiledTensors {
    fn has_fourth(&self) -> bool {
        self.0.depth == Depth::FourthTensor
    }

    fn tensors(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
        fourth: &mut [Complex64],
    ) {
        self.0.call(state, gradient);
        self.0.spread(hessian);
        let n = self.0.dimension;
        let mut entries = self.0.beyond_hessian().iter();
        for (order, tensor) in [(3, third), (4, fourth)] {
            if tensor.is_empty() {
                continue;
            }
            let mut places = [0; 4];
            let indices = &mut places[..order];
            for value in entries.by_ref() {
                spread_symmetric(tensor, n, indices, *value);
                if !next_indices(indices, n) {
                    break;
                }
            }
        }
    }
}

/// The entries of `T[g, g]`.
pub(super) fn third_along_gradient(pool: &mut Pool, loss: Id) -> Vec<Id> {
    let gradient = pool.gradient(loss);
    let third = pool.third_contraction(loss, &gradient, &gradient);
    pool.entries(&third)
}

/// The entries of the next derivative with indices that do not increase, in the order of [`next_indices`], from those of this one with `order`
/// indices.
fn derivative_entries(pool: &mut Pool, entries: &[Id], order: usize) -> Vec<Id> {
    let n = pool.dimension();
    let (zero, one) = (pool.integer(0), pool.integer(1));
    let mut by_direction = Vec::with_capacity(n);
    let mut direction = vec![zero; n];
    for k in 0..n {
        // Only entries whose last index is k at least go on with k.
        let (mut wanted, mut indices) = (Vec::new(), vec![0; order]);
        for entry in entries {
            if indices.last().is_some_and(|last| *last >= k) {
                wanted.push(*entry);
            }
            next_indices(&mut indices, n);
        }
        direction[k] = one;
        let along = pool.by_parameter(&direction);
        by_direction.push(pool.directional(&wanted, &along).into_iter());
        direction[k] = zero;
    }
    let (mut found, mut indices) = (Vec::new(), vec![0; order]);
    for _ in entries {
        let last = indices.last().copied().unwrap_or(0);
        found.extend(by_direction[..=last].iter_mut().filter_map(Iterator::next));
        next_indices(&mut indices, n);
    }
    found
}

/// The next of the lists of indices below `n` that do not increase, in lexicographic order; `false` after the last one.
fn next_indices(indices: &mut [usize], n: usize) -> bool {
    for at in (0..indices.len()).rev() {
        let top = if at == 0 { n } else { indices[at - 1] + 1 };
        if indices[at] + 1 < top {
            indices[at] += 1;
            indices[at + 1..].fill(0);
            return true;
        }
    }
    false
}

/// Writes one value to all places of a symmetric tensor with these indices, which do not increase.
fn spread_symmetric(tensor: &mut [Complex64], n: usize, indices: &[usize], value: Complex64) {
    let at = |order: &[usize]| order.iter().fold(0, |at, i| at * n + i);
    match *indices {
        [i, j, k] => {
            for order in [[i, j, k], [i, k, j], [j, i, k], [j, k, i], [k, i, j], [k, j, i]] {
                tensor[at(&order)] = value;
            }
        }
        [i, j, k, l] => {
            for place in 0..4 {
                for [a, b, c] in [[i, j, k], [i, k, j], [j, i, k], [j, k, i], [k, i, j], [k, j, i]] {
                    let mut order = [a, b, c, l];
                    order.swap(place, 3);
                    tensor[at(&order)] = value;
                }
            }
        }
        _ => {}
    }
}
