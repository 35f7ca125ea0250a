//! Backward error analysis: the modified equation of an optimizer, derived by independent routes.

mod check;
mod composition;
mod concrete;
mod derive;
pub mod egraph;
mod equation;
mod evaluate;
mod expansion;
mod lie;
mod optimizer;
pub mod proof_check;
pub mod proof_read;
mod remainder;
mod routes;
mod taylor;
pub mod trajectory;
mod trees;

pub use check::{Check, CheckReport, Row, check, check_agreement, check_principal_series};
pub use composition::modified_equation_by_composition;
pub use concrete::{ConcreteEquation, ConcreteOrder, Formula};
pub use derive::{DeriveError, DeriveLimits, derive, field_tape};
pub use equation::{ModifiedEquation, Term};
pub use evaluate::{EvaluateError, EvaluateOptions, EvaluatedOrder, Evaluation, evaluate};
pub use lie::modified_equation_by_lie_derivatives;
pub use optimizer::{Evaluation as GradientEvaluation, Optimizer, Recurrence, RecurrenceError, UnknownOptimizer};
pub use remainder::{check_divergence, check_remainder};
pub use routes::{Route, RouteError, check_routes, derive_abstract};
pub use taylor::taylor_log1m_over_z;
pub use trees::{MAX_TREE_ORDER, modified_equation_by_trees};
