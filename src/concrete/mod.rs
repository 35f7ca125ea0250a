//! The modified equation of a given loss, in components.

pub mod arrays;
mod derivatives;
mod derive;
mod equation;
mod evaluate;
mod expansion;
mod limits;
mod modified_field;
mod point;
mod quadratic_algebra;
mod recurrence_field;
mod scheme;
mod steps;
pub mod trajectory;

pub use derivatives::{
    DerivativeEntry, DerivativeEquation, DerivativeOrder, DerivativeTerm, MAX_ENTRIES, MAX_ORDER, MAX_TERMS,
    NoDerivatives,
};
pub use derive::{Derive, DeriveError, FieldTapes, derive};
pub(crate) use equation::not_smooth;
pub use equation::{ConcreteEquation, ConcreteOrder, Formula};
pub use evaluate::{EvaluateError, EvaluateOptions, Evaluated, EvaluatedOrder, evaluate, evaluate_loss};
pub use limits::DeriveLimits;
pub use modified_field::{FieldError, FieldFamily, FieldRowsError, ModifiedField};
pub use scheme::Scheme;
