//! What is known of α(hH)g, how it was found, and why no better.

use super::super::error::SpectralError;
use crate::budget::{OverMemory, Stopped};
use num_complex::Complex64;
use std::fmt;

/// The way to a spectral quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// By products with vectors.
    Krylov,
    /// By the whole matrix.
    Dense,
}

impl Route {
    /// The name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Krylov => "krylov",
            Self::Dense => "dense",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a Krylov space was not grown further for a result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KrylovEnd {
    /// The estimate is within the tolerance.
    Reached,
    /// All products that were allowed are made, this many, by the setting of this name.
    Products(usize, &'static str),
    /// More vectors do not fit into the memory that may be used; what sets its limit.
    Memory(&'static str),
    /// The estimate is that of rounding errors, which more products do not lower.
    Rounding,
    /// The estimate is that of the error of g itself, which the options state.
    Gradient,
    /// The time is up, or nobody waits.
    Stopped(Stopped),
}

/// `α(hH) g`, as far as a Krylov space holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct KrylovValue {
    /// The value, D numbers.
    pub value: Vec<Complex64>,
    /// An estimate of the norm of its error, relative to its own norm. See [`krylov_functions`](super::krylov_functions).
    pub error_estimate: f64,
    /// How many products with H it is made of.
    pub products: usize,
    /// Why there are no more of them.
    pub end: KrylovEnd,
    /// `1 − hλ` of the eigenvalues λ of H that the space holds to within 1e-4/h, in no particular order.
    pub shifted: Vec<Complex64>,
    /// The way that it was found.
    pub route: Route,
}

impl KrylovValue {
    /// Whether the estimate is within the tolerance.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.end == KrylovEnd::Reached
    }
}

/// Why there is no value at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum KrylovError {
    /// The function has none.
    #[error(transparent)]
    Spectral(#[from] SpectralError),
    /// Even the smallest basis is too large.
    #[error(transparent)]
    Memory(#[from] OverMemory),
    /// The time was up before the first product.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}
