//! Functions and eigenpairs of a Hessian that is known by its products with vectors, `v ↦ Hv`, and never is a matrix.

mod basis;
mod dense;
mod entry;
mod function;
mod leading;
mod pairs;
mod ritz;
mod route;
mod space;
#[cfg(test)]
mod tests;
mod value;

pub use dense::{DENSE_ROWS, DenseSpectrum, dense_hessian};
pub(crate) use dense::{is_dense_for, leading_of_matrix};
pub use entry::Entry;
pub use function::{KrylovOptions, krylov_functions};
pub use leading::{LeadingOptions, leading_eigenpairs};
pub use pairs::Leading;
pub use ritz::KrylovFunction;
pub use route::{FieldOptions, spectral_functions};
pub use space::KrylovSpace;
pub use value::{KrylovEnd, KrylovError, KrylovValue, Route};
