//! Optimizers as data: recurrences, tableaux, files of them, and their names.

mod bound;
mod definition;
mod error;
mod file;
mod names;
mod recurrence;
mod step;
mod tableau;

pub use bound::{BoundOptimizer, BoundRecurrence, MOMENTUM};
pub use definition::{Optimizer, UnknownOptimizer, UnsupportedTableau};
pub use error::OptimizerError;
pub use file::OptimizerFileError;
pub use recurrence::{Evaluation, Recurrence, RecurrenceError};
pub use tableau::Tableau;

pub(crate) use definition::irrational;
pub(crate) use names::other_spelling;
pub(crate) use step::step_of;
