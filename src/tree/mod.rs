//! Rooted trees, the index set of elementary differentials and B-series.

mod enumerate;
mod index;
mod level;
mod order_polynomial;
mod series;
mod symmetry;

pub use enumerate::{LevelSequences, Trees, count, trees};
pub use index::TreeIndex;
pub use level::{NotATree, Tree};
pub use order_polynomial::{linear_coefficient, linear_coefficients, order_polynomial};
pub use series::TreeSeries;
pub use symmetry::symmetries;
