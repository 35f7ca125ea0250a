//! Backward error analysis: the modified equation of an optimizer, derived by independent routes.

mod composition;
mod equation;
mod lie;
mod optimizer;
mod trees;

pub use composition::modified_equation_by_composition;
pub use equation::{ModifiedEquation, Term};
pub use lie::modified_equation_by_lie_derivatives;
pub use optimizer::{Evaluation, Optimizer, Recurrence, RecurrenceError, UnknownOptimizer};
pub use trees::{MAX_TREE_ORDER, modified_equation_by_trees};
