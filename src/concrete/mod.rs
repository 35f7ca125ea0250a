//! The modified equation of a given loss, in components.

mod derive;
mod equation;
mod evaluate;
mod expansion;
mod quadratic_algebra;
mod recurrence_field;
mod scheme;
mod steps;
pub mod trajectory;

pub use derive::{
    DeriveError, DeriveLimits, FieldTapes, derive, derive_for, field_tape, field_tape_for, field_tapes_for,
};
pub use equation::{ConcreteEquation, ConcreteOrder, Formula};
pub use evaluate::{EvaluateError, EvaluateOptions, Evaluated, EvaluatedOrder, evaluate};
pub use scheme::Scheme;
