//! Sparse multivariate polynomials over the rationals, in canonical form.

use crate::number::Rational;

/// A polynomial in θ and the symbolic constants, expanded and collected.
///
/// Variables are numbered: the entries of θ first, then the symbols.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Polynomial {
    /// The number of variables.
    pub variables: usize,
    /// Exponents (one per variable) and non-zero coefficients, by descending total degree, then descending exponents.
    pub terms: Vec<(Box<[u16]>, Rational)>,
}
