//! Losses whose arrays stay whole, as networks are.

mod derivatives;
mod evaluator;
mod rounding;
mod truncated;

use super::compiled::for_floats;
use super::derivatives::{Gradient, Hessian, HessianAction, HessianThird, Tensors, ThirdAction};
use super::field::Field;
use super::model::{Model, Value};
use super::name::FlowError;
use crate::expr::{Expression, Id, Nonsmooth, Pool};
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use crate::plan::{MOST_SCALAR_OPERATIONS, PlanCost, PlanError, PlanOptions, operation_count};
use derivatives::{ArrayAction, ArrayGradient, ArrayHessian};
use evaluator::{Evaluator, Pair, Roots};
use num_complex::Complex64;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use truncated::TruncatedArrays;

/// The most parameters for which a whole Hessian is put together from its columns.
pub const MOST_DENSE: usize = 2_000;

/// From more parameters on functions of the Hessian are made of products with it.
const FEWEST_FOR_PRODUCTS: usize = 64;

/// A loss of whole arrays as a [`Model`]: its derivatives are [`Plan`](crate::plan::Plan)s, whose length depends neither on the number of parameters nor on that
/// of the data's rows.
///
/// The gradient, the Hessian's action, `T[g, g]` and truncated series are offered at any size; the Hessian as a matrix up to [`MOST_DENSE`]
/// parameters, by D products. Whole higher tensors are not.
///
/// ```
/// use shadowflow::expr::{Expression, Pool, Shape};
/// use shadowflow::flow::{ArrayModel, Model};
/// let mut pool = Pool::new();
/// let w = pool.declare_parameter("W", Shape::new(&[300, 200]));
/// let square = pool.pow(w, &2.into());
/// let loss = pool.sum(square);
/// let mut model = ArrayModel::new(Expression::new(pool, loss), 1.try_into().unwrap())?;
/// let mut gradient = vec![0.0; 60_000];
/// model.real_gradient(&vec![0.5; 60_000], &mut gradient);
/// assert_eq!(gradient[59_999], 1.0);
/// // A matrix of 3.6·10^9 numbers is not put together.
/// assert!(model.hessian().is_err());
/// # Ok::<(), shadowflow::flow::FlowError>(())
/// ```
#[derive(Debug)]
pub struct ArrayModel {
    pool: Pool,
    written: Id,
    loss: Id,
    options: PlanOptions,
    gradient: Evaluator,
    /// What has been planned.
    planned: Mutex<Vec<(Roots, Arc<Pair>)>>,
}

impl ArrayModel {
    /// Plans the gradient of a scalar loss on at most so many threads; other derivatives are planned when a flow asks.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where a symbolic constant has no value (substitute one first) or there is no memory for it.
    ///
    /// # Panics
    /// If the loss is not a scalar.
    pub fn new(loss: impl Into<Expression>, threads: NonZeroUsize) -> Result<Self, FlowError> {
        let (mut pool, written) = loss.into().into_parts();
        if let Some(symbol) = pool.symbols_used(&[written]).first() {
            let name = pool.symbols()[*symbol as usize].clone();
            return Err(FlowError::Loss(format!("the constant `{name}` has no value")));
        }
        let loss = for_floats(&mut pool, written);
        let options = PlanOptions { threads };
        let pair = Arc::new(Pair::new(&pool, loss, Roots::Step, &options)?);
        let gradient = Evaluator::new(Arc::clone(&pair));
        let planned = Mutex::new(vec![(Roots::Step, pair)]);
        Ok(Self { pool, written, loss, options, gradient, planned })
    }

    /// What an evaluation of the gradient costs, and what entering a state and a product with its Hessian do.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where there is no memory for their plans.
    pub fn costs(&self) -> Result<[PlanCost; 2], FlowError> {
        Ok([self.pair(Roots::Step)?.real()?.cost().clone(), self.pair(Roots::HessianAction)?.real()?.cost().clone()])
    }

    /// The loss at a real state.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where there is no memory for its plan.
    pub fn real_value(&self, state: &[f64]) -> Result<f64, FlowError> {
        let mut value = [f64::NAN];
        Evaluator::new(self.pair(Roots::Loss)?).real(state, &mut value)?;
        Ok(value[0])
    }

    /// The gradient at a real state, and products with the Hessian there.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where there is no memory for their plans.
    pub fn at(&self, state: &[f64]) -> Result<ArrayPoint, FlowError> {
        let gradient = self.at_real(state)?;
        let mut product = Evaluator::new(self.pair(Roots::HessianAction)?);
        product.enter_real(state)?;
        Ok(ArrayPoint { gradient, product })
    }

    /// `T[g, g]` at a real state.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where there is no memory for its plan.
    pub fn third_along_gradient(&self, state: &[f64]) -> Result<Vec<f64>, FlowError> {
        let mut third = vec![0.0; state.len()];
        Evaluator::new(self.pair(Roots::Third)?).real(state, &mut third)?;
        Ok(third)
    }

    fn at_real(&self, state: &[f64]) -> Result<Vec<f64>, FlowError> {
        let mut gradient = vec![0.0; state.len()];
        Evaluator::new(self.pair(Roots::Gradient)?).real(state, &mut gradient)?;
        Ok(gradient)
    }

    fn pair(&self, roots: Roots) -> Result<Arc<Pair>, FlowError> {
        // A poisoned lock guards a list that is only ever added to.
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pair)) = planned.iter().find(|(r, _)| *r == roots) {
            return Ok(Arc::clone(pair));
        }
        let pair = Arc::new(Pair::new(&self.pool, self.loss, roots, &self.options)?);
        planned.push((roots, Arc::clone(&pair)));
        Ok(pair)
    }

    fn action(&self, third: bool) -> Result<ArrayAction, FlowError> {
        let third = if third { Some(self.pair(Roots::Third)?) } else { None };
        Ok(ArrayAction::new(self.pair(Roots::Gradient)?, self.pair(Roots::HessianAction)?, third))
    }

    fn dense(&self, third: bool) -> Result<ArrayHessian, FlowError> {
        let dimension = self.pool.dimension();
        if dimension > MOST_DENSE {
            return Err(FlowError::Loss(format!(
                "it needs the Hessian as a matrix, which is put together for {MOST_DENSE} parameters at most, and the loss has {dimension}"
            )));
        }
        Ok(ArrayHessian::new(self.action(third)?))
    }
}

impl Model for ArrayModel {
    fn parameters(&self) -> Vec<String> {
        self.pool.theta_names()
    }

    fn real_gradient(&mut self, state: &[f64], gradient: &mut [f64]) {
        if self.gradient.real(state, gradient).is_err() {
            gradient.fill(f64::NAN);
        }
    }

    fn gradient(&self) -> Result<Box<dyn Gradient + '_>, FlowError> {
        Ok(Box::new(ArrayGradient::new(self.pair(Roots::Gradient)?)))
    }

    fn hessian_action(&self) -> Result<Box<dyn HessianAction + '_>, FlowError> {
        Ok(Box::new(self.action(false)?))
    }

    fn third_action(&self) -> Result<Box<dyn ThirdAction + '_>, FlowError> {
        Ok(Box::new(self.action(true)?))
    }

    fn hessian(&self) -> Result<Box<dyn Hessian + '_>, FlowError> {
        Ok(Box::new(self.dense(false)?))
    }

    fn hessian_third(&self) -> Result<Box<dyn HessianThird + '_>, FlowError> {
        Ok(Box::new(self.dense(true)?))
    }

    fn tensors(&self, _: bool) -> Result<Box<dyn Tensors + '_>, FlowError> {
        let operations = operation_count(&self.pool, &[self.written]).total();
        Err(FlowError::Loss(format!(
            "it needs whole derivative tensors, which are made of the scalar operations of a loss, and the arrays of this one stay whole: it has \
             {operations} of them, more than {MOST_SCALAR_OPERATIONS}; pf+np3 needs a contraction only"
        )))
    }

    fn prefers_products(&self) -> bool {
        self.pool.dimension() > FEWEST_FOR_PRODUCTS
    }

    fn value(&self) -> Result<Option<Value<'_>>, FlowError> {
        let mut evaluator = Evaluator::new(self.pair(Roots::Loss)?);
        Ok(Some(Box::new(move |state| {
            let mut value = [Complex64::new(f64::NAN, f64::NAN)];
            match evaluator.any(state, &mut value) {
                Ok(()) => value[0],
                Err(_) => Complex64::new(f64::NAN, f64::NAN),
            }
        })))
    }

    fn truncated(
        &self,
        optimizer: &BoundOptimizer,
        order: usize,
        h: &Rational,
    ) -> Result<Box<dyn Field + '_>, FlowError> {
        Ok(Box::new(TruncatedArrays::new(&self.pool, self.loss, optimizer, order, h, &self.options)?))
    }

    fn nonsmooth(&self) -> Vec<Nonsmooth> {
        self.pool.nonsmooth(&[self.written])
    }

    fn is_quadratic(&self) -> bool {
        let mut pool = self.pool.clone();
        let v = pool.direction(0);
        let product = pool.hessian_vector(self.loss, &v);
        product.iter().all(|part| !pool.depends_on_parameters(*part))
    }
}

/// A real state of a loss, with what is known there.
#[derive(Debug)]
pub struct ArrayPoint {
    gradient: Vec<f64>,
    product: Evaluator,
}

impl ArrayPoint {
    /// The gradient, D numbers.
    #[must_use]
    pub fn gradient(&self) -> &[f64] {
        &self.gradient
    }

    /// Writes `Hv`, D numbers.
    pub fn hessian_times(&mut self, v: &[f64], out: &mut [f64]) {
        if self.product.along_real(v, out).is_err() {
            out.fill(f64::NAN);
        }
    }
}

fn refused(error: PlanError) -> FlowError {
    FlowError::Loss(error.to_string())
}
