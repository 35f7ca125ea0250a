//! Rooted trees, the index set of elementary differentials and B-series.

mod bicoloured;
mod bseries;
mod contraction;
mod enumerate;
mod family;
mod index;
mod level;
mod notation;
mod order_polynomial;
mod series;
mod stream;
mod substitution;
mod subtrees;
mod symmetry;

pub use bicoloured::{PSeries, stormer_verlet, symplectic_euler};
pub use bseries::BSeries;
pub use enumerate::{LevelSequences, Trees, count, trees};
pub use family::TreeFamily;
pub use index::TreeIndex;
pub use level::{NotATree, Tree};
pub(crate) use notation::TreeWriter;
pub use notation::{Notation, UnknownNotation};
pub use order_polynomial::{linear_coefficient, linear_coefficients, order_polynomial};
pub use series::TreeSeries;
pub use stream::LinearCoefficients;
pub use subtrees::{RootedSubtree, rooted_subtrees};
pub use symmetry::symmetries;
