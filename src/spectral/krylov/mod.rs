//! Functions and eigenpairs of a Hessian that is known by its products with vectors, `v ↦ Hv`, and never is a matrix.

mod basis;
mod dense;
mod entry;
mod function;
mod leading;
mod ritz;
mod route;
mod space;
#[cfg(test)]
mod tests;

pub use dense::{DENSE_ROWS, DenseSpectrum, Route, dense_hessian};
pub use entry::Entry;
pub use function::{KrylovEnd, KrylovError, KrylovOptions, KrylovValue, krylov_functions};
pub use leading::{Leading, LeadingOptions, leading_eigenpairs};
pub use ritz::KrylovFunction;
pub use route::{FieldOptions, spectral_functions};
pub use space::KrylovSpace;
