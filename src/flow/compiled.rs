//! Losses compiled from the expression DAG.

use super::cuts::LossBranches;
use super::derivatives::{Derivatives, Level, Model, Value};
use super::field::{Crossings, Field};
use super::kinks::Kinks;
use super::lost_value::{self, LostValue};
use super::name::FlowError;
use super::precision::{OrderPrecision, Orders};
use super::value::{LossValue, for_floats};
use crate::budget;
use crate::concrete::{FieldTapes, derive};
use crate::eval::{Compiled, Program, Scratch, VectorFunction};
use crate::expr::{Function, Id, Pool, Purpose, Tape};
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use crate::spectral::SpectralError;
use num_complex::Complex64;
use std::sync::{Arc, Mutex};

/// A loss of the expression DAG as a [`Model`]: its derivatives are compiled to straight-line programs.
///
/// ```
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, simulate};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.pow(x, &2.into());
/// let mut model = CompiledModel::new(pool, loss)?;
/// let simulation = simulate(&mut model, &"1/4".parse()?, 2, &[1.0], &[FlowName::Pf], &IntegratorOptions::default())?;
/// assert_eq!(simulation.iterates[2], Some(vec![0.25]));
/// assert!(simulation.flows[0].error[2].is_some_and(|e| e < 1e-10));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct CompiledModel {
    pool: Pool,
    /// As it was given, and in the form for machine floats that derivatives are taken of.
    written: Id,
    loss: Id,
    gradient: Arc<Compiled>,
    scratch: Scratch,
    /// What has been compiled, shared with clones.
    compiled: Arc<Mutex<Vec<(Level, CompiledDerivatives)>>>,
}

impl CompiledModel {
    /// Compiles the gradient of a scalar loss; other derivatives are compiled when a flow asks.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where a symbolic constant has no value (substitute one first) or the program is too large.
    ///
    /// # Panics
    /// If the loss is not a scalar.
    pub fn new(mut pool: Pool, written: Id) -> Result<Self, FlowError> {
        let loss = for_floats(&mut pool, written);
        let gradient = pool.gradient_entries(loss);
        let gradient = pool.for_floats(&gradient, Purpose::Values);
        let program = Program::real(&pool, &Tape::new(&pool, &gradient)).map_err(refused)?;
        let gradient = Arc::new(Compiled::new(&program));
        Ok(Self { pool, written, loss, gradient, scratch: Scratch::new(), compiled: Arc::default() })
    }
}

impl Model for CompiledModel {
    fn parameters(&self) -> Vec<String> {
        self.pool.theta_names()
    }

    fn real_gradient(&mut self, state: &[f64], gradient: &mut [f64]) {
        self.gradient.call(state, gradient, &mut self.scratch);
    }

    fn derivatives(&self, level: Level) -> Result<Box<dyn Derivatives + '_>, FlowError> {
        // A poisoned lock guards a list that is only ever added to.
        let mut compiled = self.compiled.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, there)) = compiled.iter().find(|(l, _)| *l == level) {
            return Ok(Box::new(there.clone()));
        }
        let derivatives = CompiledDerivatives::new(&self.pool, self.loss, level)?;
        compiled.push((level, derivatives.clone()));
        Ok(Box::new(derivatives))
    }

    fn value(&self) -> Result<Option<Value<'_>>, FlowError> {
        let real = LossValue::new(&self.pool, self.written)?;
        // Of values, multiples of 2πi are a part.
        let mut pool = self.pool.clone();
        let roots = pool.for_floats(&[self.written], Purpose::Values);
        let program = Program::complex(&pool, &Tape::new(&pool, &roots)).map_err(refused)?;
        let (program, mut scratch) = (Compiled::new(&program), Scratch::new());
        let mut point = vec![0.0; self.pool.dimension()];
        Ok(Some(Box::new(move |state| {
            // On the real line what the optimizer sees, to the bit.
            if state.iter().all(|z| z.im == 0.0) {
                point.iter_mut().zip(state).for_each(|(x, z)| *x = z.re);
                let value = real.at(&point);
                if value.is_finite() {
                    return value.into();
                }
            }
            let mut value = [Complex64::new(f64::NAN, f64::NAN)];
            program.call_complex(state, &mut value, &mut scratch);
            value[0]
        })))
    }

    fn truncated(
        &self,
        optimizer: &BoundOptimizer,
        order: usize,
        h: &Rational,
    ) -> Result<Box<dyn Field + '_>, FlowError> {
        let tapes =
            derive(&self.pool, self.loss, optimizer, order).tapes(h).map_err(|e| FlowError::Loss(e.to_string()))?;
        Ok(Box::new(TruncatedField::new(&self.pool, tapes, h.to_f64())?))
    }

    fn lost_value(&self, state: &[Complex64], real: bool) -> Option<LostValue> {
        let mut pool = self.pool.clone();
        let gradient = pool.gradient_entries(self.loss);
        if let Some(found) = lost_value::find(&pool, &[self.loss], state, real) {
            // In the user's own words, where they have no value either.
            let found = lost_value::find(&pool, &[self.written], state, real).unwrap_or(found);
            // What the optimizer's next iterate hangs on.
            let beyond = if real { lost_value::is_beyond(&pool, &gradient, state) } else { found.beyond };
            return Some(LostValue { beyond, ..found });
        }
        let floats = pool.for_floats(&gradient, Purpose::Values);
        let mut found = lost_value::find(&pool, &floats, state, real);
        if found.is_none() && !real {
            let mut higher = pool.hessian_entries(self.loss);
            higher.extend(third_along_gradient(&mut pool, self.loss));
            let floats = pool.for_floats(&higher, Purpose::Values);
            found = lost_value::find(&pool, &floats, state, real);
        }
        found.map(LostValue::of_derivative)
    }

    fn nonsmooth(&self) -> Vec<Function> {
        self.pool.nonsmooth(&[self.written])
    }

    fn kinks(&self) -> Option<Kinks> {
        Kinks::new(&self.pool, self.loss)
    }

    fn is_quadratic(&self) -> bool {
        if dense_hessian(self.pool.dimension()).is_err() {
            return false;
        }
        let mut pool = self.pool.clone();
        let hessian = pool.hessian_entries(self.loss);
        hessian.iter().all(|entry| !pool.depends_on_parameters(*entry))
    }
}

/// Refuses a Hessian that memory does not hold: its expressions and program, and the dense complex matrices that flows make of it.
fn dense_hessian(dimension: usize) -> Result<(), FlowError> {
    const BYTES_PER_ENTRY: u64 = 128;
    let n = dimension as u64;
    budget::need(
        n.saturating_mul(n).saturating_mul(BYTES_PER_ENTRY),
        format!("a dense Hessian of {n} by {n} for {n} parameters"),
        "ask for flows that need only the gradient, ngf and pgf, or declare fewer parameters",
    )
    .map_err(|e| FlowError::Loss(e.to_string()))
}

/// The derivatives of a loss up to one level, from one program on complex numbers.
#[derive(Debug, Clone)]
pub struct CompiledDerivatives {
    dimension: usize,
    program: Arc<Compiled>,
    scratch: Scratch,
    /// `g`, the lower triangle of the Hessian and, as far as the level goes, `T[g, g]` or the entries of the higher derivatives with indices
    /// that do not increase.
    values: Vec<Complex64>,
    branches: Option<LossBranches>,
}

impl CompiledDerivatives {
    /// Compiles the derivatives of a scalar loss up to a level.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where a symbolic constant has no value or the program is too large.
    pub fn new(pool: &Pool, loss: Id, level: Level) -> Result<Self, FlowError> {
        if level >= Level::Hessian {
            dense_hessian(pool.dimension())?;
        }
        let mut pool = pool.clone();
        let loss = for_floats(&mut pool, loss);
        let mut roots = pool.gradient_entries(loss);
        if level >= Level::Hessian {
            roots.extend(pool.hessian_entries(loss));
        }
        if level == Level::Third {
            roots.extend(third_along_gradient(&mut pool, loss));
        }
        if level >= Level::ThirdTensor {
            let n = pool.dimension();
            let mut entries = roots[n..].to_vec();
            let mut order = 2;
            while order < if level == Level::ThirdTensor { 3 } else { 4 } {
                entries = derivative_entries(&mut pool, &entries, order);
                roots.extend(&entries);
                order += 1;
            }
        }
        let roots = pool.for_floats(&roots, Purpose::Values);
        let tape = Tape::new(&pool, &roots);
        let program = Program::complex(&pool, &tape).map_err(refused)?;
        Ok(Self {
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

    /// Spreads the lower triangle; beyond the level everything is NaN.
    fn spread(&self, hessian: &mut [Complex64]) {
        let n = self.dimension;
        let mut entries = self.values[n..].iter().copied();
        for i in 0..n {
            for j in 0..=i {
                let value = entries.next().unwrap_or(Complex64::new(f64::NAN, f64::NAN));
                hessian[i * n + j] = value;
                hessian[j * n + i] = value;
            }
        }
    }
}

impl Derivatives for CompiledDerivatives {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn gradient(&mut self, state: &[Complex64], gradient: &mut [Complex64]) {
        self.call(state, gradient);
    }

    fn gradient_hessian(&mut self, state: &[Complex64], gradient: &mut [Complex64], hessian: &mut [Complex64]) {
        self.call(state, gradient);
        self.spread(hessian);
    }

    fn gradient_hessian_third(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
    ) {
        self.call(state, gradient);
        self.spread(hessian);
        let n = self.dimension;
        match self.values.get(n + n * (n + 1) / 2..) {
            Some(values) if values.len() == n => third.copy_from_slice(values),
            _ => third.fill(Complex64::new(f64::NAN, f64::NAN)),
        }
    }

    fn tensors(
        &mut self,
        state: &[Complex64],
        gradient: &mut [Complex64],
        hessian: &mut [Complex64],
        third: &mut [Complex64],
        fourth: &mut [Complex64],
    ) {
        self.call(state, gradient);
        self.spread(hessian);
        let n = self.dimension;
        let mut entries = self.values[n + n * (n + 1) / 2..].iter().copied();
        for (order, tensor) in [(3, third), (4, fourth)] {
            if tensor.is_empty() {
                continue;
            }
            let mut places = [0; 4];
            let indices = &mut places[..order];
            loop {
                let value = entries.next().unwrap_or(Complex64::new(f64::NAN, f64::NAN));
                spread_symmetric(tensor, n, indices, value);
                if !next_indices(indices, n) {
                    break;
                }
            }
        }
    }

    fn crosses_cut(&mut self, from: &[Complex64], to: &[Complex64]) -> bool {
        self.branches.as_mut().is_some_and(|b| b.crossed(from, to))
    }
}

/// The entries of `T[g, g]`.
fn third_along_gradient(pool: &mut Pool, loss: Id) -> Vec<Id> {
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

/// The truncated modified field `Σ_{n≤N} h^n f_n`, compiled.
#[derive(Debug)]
struct TruncatedField {
    program: Compiled,
    scratch: Scratch,
    last: Vec<Complex64>,
    branches: Option<LossBranches>,
    orders: Orders,
}

impl TruncatedField {
    fn new(pool: &Pool, FieldTapes { field: tape, orders }: FieldTapes, h: f64) -> Result<Self, FlowError> {
        let program = Program::complex(pool, &tape).map_err(refused)?;
        Ok(Self {
            program: Compiled::new(&program),
            scratch: Scratch::new(),
            last: vec![Complex64::ZERO; pool.dimension()],
            branches: LossBranches::new(pool, &tape).map_err(refused)?,
            orders: Orders::new(pool, orders, h)?,
        })
    }
}

impl Field for TruncatedField {
    fn evaluate(&mut self, state: &[Complex64], out: &mut [Complex64]) -> Result<(), SpectralError> {
        self.program.call_complex(state, out, &mut self.scratch);
        if out.iter().all(|x| x.is_finite()) { Ok(()) } else { Err(SpectralError::NotFinite) }
    }

    fn precision(&self, state: &[f64]) -> Option<OrderPrecision> {
        self.orders.precision(state)
    }

    fn accept(&mut self, state: &[Complex64], first: bool) -> Crossings {
        let loss = !first && self.branches.as_mut().is_some_and(|b| b.crossed(&self.last, state));
        self.last.copy_from_slice(state);
        Crossings { spectrum: None, loss }
    }
}

fn refused(error: crate::eval::LowerError) -> FlowError {
    FlowError::Loss(error.to_string())
}
