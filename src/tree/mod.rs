//! Rooted trees, the index set of elementary differentials and B-series.

mod level;

pub use level::{NotATree, Tree};
