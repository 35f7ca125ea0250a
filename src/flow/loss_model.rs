//! The model of a loss by the route that it takes.

use super::arrays::ArrayModel;
use super::compiled::CompiledModel;
use super::model::Model;
use super::name::FlowError;
use crate::expr::{Expression, ExpressionRef};
use crate::plan::Route;
use std::num::NonZeroUsize;

/// As many threads as the machine runs at once.
#[must_use]
pub fn all_threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Parameters up to which flows of functions of the Hessian are followed unless told.
pub const MOST_FOLLOWED: usize = 256;

/// Whether the loss is so large that following a principal flow takes minutes a step: more than [`MOST_FOLLOWED`] parameters in arrays that stay
/// whole.
#[must_use]
pub fn is_large<'a>(loss: impl Into<ExpressionRef<'a>>) -> bool {
    let loss = loss.into();
    loss.pool().dimension() > MOST_FOLLOWED && Route::of(loss) == Route::Array
}

/// A loss as a [`Model`]: compiled from scalar operations or with its arrays whole, as [`Route`] says.
///
/// ```
/// use shadowflow::flow::{FlowName, IntegratorOptions, model_of, simulate};
/// use shadowflow::loss::{Loss, Options};
/// let loss = Loss::parse("param w[100]\nloss norm2(w)/2\n", "bowl.loss", &Options::default())?;
/// let mut model = model_of(loss, 1.try_into().unwrap())?;
/// let run = simulate(&mut *model, &"1/2".parse()?, 1, &[1.0; 100], &[FlowName::Pf], &IntegratorOptions::default())?;
/// assert_eq!(run.iterates[1], Some(vec![0.5; 100]));
/// # Ok::<(), shadowflow::Error>(())
/// ```
///
/// # Errors
/// [`FlowError::Loss`] where a symbolic constant has no value (substitute one first) or it is too large.
pub fn model_of(loss: impl Into<Expression>, threads: NonZeroUsize) -> Result<Box<dyn Model>, FlowError> {
    let loss = loss.into();
    Ok(match Route::of(&loss) {
        Route::Scalar => Box::new(CompiledModel::new(loss)?),
        Route::Array => Box::new(ArrayModel::new(loss, threads)?),
    })
}
