//! The loss itself, compiled.

use super::name::FlowError;
use crate::eval::{Compiled, Program, Scratch, VectorFunction};
use crate::expr::{ExpressionRef, Id, Pool, Purpose, Tape};
use crate::plan::{Plan, PlanOptions, PlanState, Route};
use std::cell::RefCell;
use std::num::NonZeroUsize;

/// The value `E(θ)` of a loss at real states, for contours and tables.
///
/// ```
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::flow::LossValue;
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let square = pool.pow(x, &2.into());
/// assert_eq!(LossValue::new(pool.expression(square))?.at(&[3.0]), 9.0);
/// # Ok::<(), shadowflow::flow::FlowError>(())
/// ```
#[derive(Debug)]
pub struct LossValue(Way);

#[derive(Debug)]
enum Way {
    Program(Box<Compiled>, RefCell<Scratch>),
    Plan(Box<Plan>, RefCell<PlanState>),
}

impl LossValue {
    /// Compiles a scalar loss.
    ///
    /// # Errors
    /// [`FlowError::Loss`] where a symbolic constant has no value or the program is too large.
    pub fn new<'a>(loss: impl Into<ExpressionRef<'a>>) -> Result<Self, FlowError> {
        Self::on(loss, std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }

    /// The same on at most so many threads, where its arrays stay whole.
    ///
    /// # Errors
    /// As [`LossValue::new`].
    pub fn on<'a>(loss: impl Into<ExpressionRef<'a>>, threads: NonZeroUsize) -> Result<Self, FlowError> {
        let loss = loss.into();
        let mut pool = loss.pool().clone();
        let route = Route::of(loss);
        let loss = for_floats(&mut pool, loss.id());
        if route == Route::Array {
            let options = PlanOptions { threads };
            let plan = Plan::real(&pool, &[loss], &options).map_err(|e| FlowError::Loss(e.to_string()))?;
            let state = RefCell::new(plan.state());
            return Ok(Self(Way::Plan(Box::new(plan), state)));
        }
        let program = Program::real(&pool, &Tape::new(&pool, &[loss])).map_err(|e| FlowError::Loss(e.to_string()))?;
        Ok(Self(Way::Program(Box::new(Compiled::new(&program)), RefCell::new(Scratch::new()))))
    }

    /// The loss at a state; NaN where it has no value.
    #[must_use]
    pub fn at(&self, state: &[f64]) -> f64 {
        let mut value = [f64::NAN];
        match &self.0 {
            Way::Program(program, scratch) => program.call(state, &mut value, &mut scratch.borrow_mut()),
            Way::Plan(plan, memory) => plan.run(&mut memory.borrow_mut(), state, &[], &[], &mut value),
        }
        value[0]
    }
}

/// The form of a loss that keeps its value in machine floats, and whose derivatives do.
pub(super) fn for_floats(pool: &mut Pool, loss: Id) -> Id {
    pool.for_floats(&[loss], Purpose::Loss).first().copied().unwrap_or(loss)
}
