//! The modified equation of an abstract loss as a series over trees, by independent routes.

mod composition;
pub mod egraph;
mod equation;
mod lie;
mod method;
mod order_polynomials;
mod route;

pub use composition::modified_equation_by_composition;
pub use equation::{ModifiedEquation, Term};
pub use lie::{modified_equation_by_lie_derivatives, modified_equation_of_step_by_lie_derivatives};
pub use method::{
    MAX_SERIES_ORDER, MAX_SYMBOLIC_ORDER, SeriesRoute, largest_order, modified_equation_for,
    modified_equation_with_roots,
};
pub use order_polynomials::{MAX_STREAM_ORDER, MAX_TREE_ORDER, modified_equation_by_trees, stream_coefficients};
pub use route::{Route, RouteError, derive_abstract};
