//! How far derivations of a concrete loss go, and why.

use crate::expr::Polynomials;

/// How large formulas may grow.
///
/// | limit | default | why |
/// |---|---|---|
/// | `max_terms` | 20,000 | expanded forms are for reading; beyond, the shared expression is shorter |
/// | `max_products` | [`Polynomials::MAX_PRODUCTS`] | a few seconds |
/// | `max_nodes` | 5,000,000 | memory: every product is a node |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeriveLimits {
    /// The largest number of terms of an expanded polynomial; a loss that needs more is derived as a shared expression.
    pub max_terms: usize,
    /// The largest number of products of coefficients that expansion may take; likewise.
    pub max_products: u64,
    /// The largest size of a shared expression, in products that building it takes.
    pub max_nodes: u64,
}

impl Default for DeriveLimits {
    fn default() -> Self {
        Self { max_terms: 20_000, max_products: Polynomials::MAX_PRODUCTS, max_nodes: 5_000_000 }
    }
}

/// A gradient of up to this many terms is always expanded.
pub(super) const MAX_EXPANDED_TERMS: usize = 40;
/// A longer one only if it has at most this many terms for every operation that it was written with: nobody writes out
/// `(x + 1)^100`.
pub(super) const MAX_EXPANSION: usize = 4;
