//! The spectral part of flows: `α(z)`, its branch and divided differences, and `α(hH) g` for real and complex symmetric `H`.
//!
//! Of gradient descent the principal flow is
//!
#![doc = include_str!("../../assets/formulas/principal_flow.html")]
//!
//! A principal flow is `θ̇ = Σ_i α(hλ_i) (gᵀu_i) u_i = α(hH) g`. On complex states `H` is complex symmetric, not Hermitian, and may
//! lack a basis of eigenvectors; the matrix function exists all the same, away from the branch point `hλ = 1`, and is what
//! [`MatrixFunction`] evaluates.

mod alpha;
mod analytic;
mod cut;
mod eigenvalues;
mod error;
mod function;
mod jet;
mod krylov;
mod large;
mod matrix_function;
mod norm;
mod phi;
mod resummed;
mod schur;
mod solve;
mod symmetric;
mod tensor;
mod triangle;

pub use alpha::{Alpha, Given, alpha, divided_difference, log_one_minus};
pub use analytic::Analytic;
pub use cut::{Cut, SPREAD};
pub use eigenvalues::Eigenvalues;
pub(crate) use eigenvalues::general_eigenvalues;
pub use error::SpectralError;
pub use function::SpectralFunction;
pub use krylov::{
    DENSE_ROWS, DenseSpectrum, Entry, FieldOptions, KrylovEnd, KrylovError, KrylovFunction, KrylovOptions, KrylovSpace,
    KrylovValue, Leading, LeadingOptions, Route, dense_hessian, krylov_functions, leading_eigenpairs,
    spectral_functions,
};
pub(crate) use krylov::{is_dense_for, leading_of_matrix};
pub use matrix_function::MatrixFunction;
pub use norm::norm;
pub use phi::phi;
pub use resummed::{Resummed, Steps};
pub(crate) use solve::solve_linear;
pub use symmetric::SymmetricEigen;
