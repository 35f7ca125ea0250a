//! Whole-array programs.

mod route;

pub use route::{LEAST_PER_NODE, MOST_SCALAR_OPERATIONS, Route, scalar_operations};
