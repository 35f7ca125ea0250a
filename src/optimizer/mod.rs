//! Optimizers as data.
//!
//! - An [`Optimizer`] is the algorithm that a user names, or describes in a file, with its hyper-parameters still open.
//! - A [`Recurrence`] is its formula, in iterates and gradients, over a ring of coefficients.
//! - A [`Tableau`] is the formula of a Runge–Kutta method, which is read and spelt differently, and may hold square roots.
//! - A [`BoundOptimizer`] is an optimizer with numbers for hyper-parameters, checked, and its recurrence with them put in: what every
//!   derivation, flow and claim is about.
//!
//! The hyper-parameters stay symbols until they are bound, as the momentum m of heavy-ball does in its modified flow:
//!
#![doc = include_str!("../../assets/formulas/heavy_ball.html")]
//!
//! [`concrete::Scheme`](crate::concrete::Scheme) is made of a bound optimizer and carries how its iterates are expanded on a given loss, and
//! [`flow::Subject`](crate::flow::Subject) the floats that its flows are made of; neither can be made of anything else.

mod bound;
mod definition;
mod error;
mod file;
mod names;
mod recurrence;
mod tableau;
#[cfg(test)]
pub(crate) mod testing;

pub use bound::{BoundOptimizer, BoundRecurrence};
pub use definition::{MOMENTUM, Optimizer, UnknownOptimizer};
pub use error::{OptimizerError, UnsupportedTableau};
pub use file::OptimizerFileError;
pub use recurrence::{Evaluation, Recurrence, RecurrenceError};
pub use tableau::{Tableau, TableauError};

pub(crate) use names::other_spelling;
