//! Products of polynomials: monomials as integers, and the collection of like terms.

use super::poly::total;
use super::{MAX_FOLDED_BITS, NotPolynomial};
use crate::number::Rational;
use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Multiplies all pairs of terms and collects them by monomial.
pub(super) fn collect_products<K: Hash + Eq + Clone>(
    a: &[(K, &Rational)],
    b: &[(K, &Rational)],
    times: impl Fn(&K, &K) -> K,
    max_terms: usize,
) -> Result<Vec<(K, Rational)>, NotPolynomial> {
    let mut sums: FxHashMap<K, Rational> = FxHashMap::default();
    for (x, p) in a {
        for (y, q) in b {
            let product = *p * *q;
            if product.bits() > MAX_FOLDED_BITS {
                return Err(NotPolynomial::CoefficientTooLarge);
            }
            let sum = sums.entry(times(x, y)).or_default();
            *sum += &product;
            if sum.bits() > MAX_FOLDED_BITS {
                return Err(NotPolynomial::CoefficientTooLarge);
            }
        }
        // Sums that have cancelled count as well: they take memory, too.
        if sums.len() > max_terms.saturating_mul(2).saturating_add(16) {
            return Err(NotPolynomial::TooManyTerms(max_terms));
        }
    }
    let mut terms: Vec<(K, Rational)> = sums.into_iter().filter(|(_, c)| !c.is_zero()).collect();
    if terms.len() > max_terms {
        return Err(NotPolynomial::TooManyTerms(max_terms));
    }
    terms.shrink_to_fit();
    Ok(terms)
}

/// Monomials as one integer: the total degree on top, then the exponents, each in a field of `bits`.
///
/// Integers then compare as monomials do and add as monomials multiply.
#[derive(Clone, Copy)]
pub(super) struct Packing {
    bits: u32,
}

impl Packing {
    /// The packing for monomials of at most this total degree, if they fit.
    pub(super) fn new(variables: usize, degree: u32) -> Option<Self> {
        let bits = (u32::BITS - degree.leading_zeros()).max(1);
        let fields = u32::try_from(variables).ok()?.checked_add(1)?;
        (fields.checked_mul(bits)? <= u128::BITS).then_some(Self { bits })
    }

    pub(super) fn pack(self, exponents: &[u16]) -> u128 {
        exponents.iter().fold(u128::from(total(exponents)), |key, e| (key << self.bits) | u128::from(*e))
    }

    pub(super) fn unpack(self, key: u128, variables: usize, into: &mut Vec<u16>) {
        let mask = (1u128 << self.bits) - 1;
        let first = into.len();
        into.resize(first + variables, 0);
        let mut rest = key;
        for e in into[first..].iter_mut().rev() {
            *e = u16::try_from(rest & mask).unwrap_or(u16::MAX);
            rest >>= self.bits;
        }
    }
}
