//! Losses compiled from the expression DAG.

mod derivatives;
mod truncated;

pub use derivatives::{CompiledGradient, CompiledHessian, CompiledTensors, CompiledThird};

use super::derivatives::{Gradient, Hessian, HessianThird, Tensors};
use super::enclosed::EnclosedDerivatives;
use super::field::Field;
use super::kinks::Kinks;
use super::lost_value::{self, LostValue};
use super::model::{Model, Value};
use super::name::FlowError;
use super::value::LossValue;
use crate::concrete::derive;
use crate::eval::{Compiled, Program, Scratch, VectorFunction};
use crate::expr::{Expression, Id, Nonsmooth, Pool, Purpose, Tape};
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use derivatives::{Depth, Evaluator, dense_hessian, third_along_gradient};
use num_complex::Complex64;
use std::sync::{Arc, Mutex};
use truncated::TruncatedField;

/// A loss of the expression DAG as a [`Model`]: its derivatives are compiled to straight-line programs.
///
/// ```
/// use shadowflow::expr::{Expression, Pool, Shape};
/// use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, simulate};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.pow(x, &2.into());
/// let mut model = CompiledModel::new(Expression::new(pool, loss))?;
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
    compiled: Arc<Mutex<Vec<(Depth, Evaluator)>>>,
}

impl CompiledModel {
    /// Compiles the gradient of a scalar loss; other derivatives are compiled when a flow asks.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where a symbolic constant has no value (substitute one first) or the program is too large.
    ///
    /// # Panics
    /// If the loss is not a scalar.
    pub fn new(loss: impl Into<Expression>) -> Result<Self, FlowError> {
        let (mut pool, written) = loss.into().into_parts();
        let loss = for_floats(&mut pool, written);
        let gradient = pool.gradient_entries(loss);
        let gradient = pool.for_floats(&gradient, Purpose::Values);
        let program = Program::real(&pool, &Tape::new(&pool, &gradient)).map_err(refused)?;
        let gradient = Arc::new(Compiled::new(&program));
        Ok(Self { pool, written, loss, gradient, scratch: Scratch::new(), compiled: Arc::default() })
    }

    fn evaluator(&self, depth: Depth) -> Result<Evaluator, FlowError> {
        // A poisoned lock guards a list that is only ever added to.
        let mut compiled = self.compiled.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, there)) = compiled.iter().find(|(d, _)| *d == depth) {
            return Ok(there.clone());
        }
        let evaluator = Evaluator::new(self.pool.expression(self.loss), depth)?;
        compiled.push((depth, evaluator.clone()));
        Ok(evaluator)
    }
}

impl Model for CompiledModel {
    fn parameters(&self) -> Vec<String> {
        self.pool.theta_names()
    }

    fn real_gradient(&mut self, state: &[f64], gradient: &mut [f64]) {
        self.gradient.call(state, gradient, &mut self.scratch);
    }

    fn gradient(&self) -> Result<Box<dyn Gradient + '_>, FlowError> {
        Ok(Box::new(CompiledGradient::from(self.evaluator(Depth::Gradient)?)))
    }

    fn hessian(&self) -> Result<Box<dyn Hessian + '_>, FlowError> {
        Ok(Box::new(CompiledHessian::from(self.evaluator(Depth::Hessian)?)))
    }

    fn hessian_third(&self) -> Result<Box<dyn HessianThird + '_>, FlowError> {
        Ok(Box::new(CompiledThird::from(self.evaluator(Depth::Third)?)))
    }

    fn tensors(&self, fourth: bool) -> Result<Box<dyn Tensors + '_>, FlowError> {
        Ok(Box::new(CompiledTensors::from(self.evaluator(Depth::tensor(fourth))?)))
    }

    fn value(&self) -> Result<Option<Value<'_>>, FlowError> {
        let real = LossValue::new(self.pool.expression(self.written))?;
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
        let tapes = derive(self.pool.expression(self.loss), optimizer, order)
            .tapes(h)
            .map_err(|e| FlowError::Loss(e.to_string()))?;
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

    fn nonsmooth(&self) -> Vec<Nonsmooth> {
        self.pool.nonsmooth(&[self.written])
    }

    fn kinks(&self) -> Option<Kinks> {
        Kinks::new(&self.pool, self.loss)
    }

    fn enclosed(&self) -> Option<EnclosedDerivatives> {
        EnclosedDerivatives::new(self.pool.expression(self.loss))
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

/// The form of a loss that keeps its value in machine floats, and whose derivatives do.
pub(super) fn for_floats(pool: &mut Pool, loss: Id) -> Id {
    pool.for_floats(&[loss], Purpose::Loss).first().copied().unwrap_or(loss)
}

fn refused(error: crate::eval::LowerError) -> FlowError {
    FlowError::Loss(error.to_string())
}
