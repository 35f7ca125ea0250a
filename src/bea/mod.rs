//! Backward error analysis: the modified equation of an optimizer, derived by independent routes.

#[cfg(test)]
mod agreement;
mod branch_points;
mod characteristic;
mod check;
mod check_routes;
pub mod claim;
mod composition;
mod concrete;
mod curve;
mod derive;
mod differential;
pub mod egraph;
mod equation;
mod error;
mod evaluate;
mod expansion;
mod families;
mod lie;
mod method;
mod optimizer;
mod optimizer_file;
mod optimizer_names;
mod principal;
mod principal_check;
mod principal_series;
mod principal_summary;
pub mod proof_check;
pub mod proof_read;
mod quadratic_algebra;
mod recurrence;
mod recurrence_field;
mod remainder;
mod root_path;
mod routes;
mod scheme;
mod step;
mod steps;
mod tableau;
mod taylor;
pub mod trajectory;
mod trees;
pub mod verify;

pub use branch_points::{BranchKind, BranchPoint};
pub use characteristic::{Characteristic, Stability};
pub use check::{Check, CheckReport, Row, check, check_agreement, check_principal_series};
pub use check_routes::check_routes;
pub use composition::modified_equation_by_composition;
pub use concrete::{ConcreteEquation, ConcreteOrder, Formula};
pub use derive::{
    DeriveError, DeriveLimits, FieldTapes, derive, derive_for, field_tape, field_tape_for, field_tapes_for,
};
pub use differential::{check_trajectory, elementary_differential};
pub use equation::{ModifiedEquation, Term};
pub use error::MethodError;
pub use evaluate::{EvaluateError, EvaluateOptions, Evaluated, EvaluatedOrder, evaluate};
pub use families::{bernoulli_numbers, check_corollas, check_one_derivative, one_derivative_coefficient};
pub use lie::{modified_equation_by_lie_derivatives, modified_equation_of_step_by_lie_derivatives};
pub use method::{
    MAX_SERIES_ORDER, MAX_SYMBOLIC_ORDER, SeriesRoute, largest_order, modified_equation_for,
    modified_equation_with_roots,
};
pub use optimizer::{Optimizer, UnknownOptimizer, UnsupportedTableau};
pub use optimizer_file::OptimizerFileError;
pub use principal::PrincipalPart;
pub use principal_check::check_principal_part;
pub use principal_series::principal_series;
pub use principal_summary::{PrincipalSummary, SummaryStability};
pub use recurrence::{Evaluation, Recurrence, RecurrenceError};
pub use remainder::{check_divergence, check_remainder};
pub(crate) use root_path::{follow_root, path_from_below};
pub use routes::{Route, RouteError, derive_abstract};
pub use scheme::Scheme;
pub use tableau::Tableau;
pub use taylor::taylor_log1m_over_z;
pub use trees::{MAX_STREAM_ORDER, MAX_TREE_ORDER, modified_equation_by_trees, stream_coefficients};
