//! Products of polynomials: monomials as integers, and the collection of like terms.

use super::{NotPolynomial, total};
use crate::expr::MAX_FOLDED_BITS;
use crate::number::Rational;
use crate::number::common_multiple;
use num_bigint::BigInt;
use num_traits::{One, Zero};
use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Bits of a common denominator up to which sums are taken over it.
const COMMON_BITS: u64 = 512;

/// Multiplies all pairs of terms and collects them by monomial.
///
/// Sums are taken in integers over a common denominator where there is a small one, so that fractions are reduced once
/// per term of the result and not once per product.
pub(super) fn collect_products<K: Hash + Eq + Clone>(
    a: &[(K, &Rational)],
    b: &[(K, &Rational)],
    times: impl Fn(&K, &K) -> K,
    max_terms: usize,
) -> Result<Vec<(K, Rational)>, NotPolynomial> {
    let terms = match common_denominator(a).zip(common_denominator(b)) {
        Some((d, e)) => {
            let (x, y) = (over(a, &d), over(b, &e));
            let bits = |terms: &[(K, BigInt)]| terms.iter().map(|(_, n)| n.bits()).max().unwrap_or(0);
            let carries = u64::from(usize::BITS - a.len().min(b.len()).leading_zeros());
            let denominator = d * e;
            let reduced = |(key, n): (K, BigInt)| Rational::from_bigints(n, denominator.clone()).map(|c| (key, c));
            if bits(&x) + bits(&y) + carries < u64::from(i128::BITS) {
                let small = |terms: Vec<(K, BigInt)>| -> Vec<(K, i128)> {
                    terms.into_iter().map(|(k, n)| (k, i128::try_from(n).unwrap_or_default())).collect()
                };
                let sums = collect(
                    &small(x),
                    &small(y),
                    times,
                    |sum: &mut i128, p, q| {
                        *sum += p * q;
                        true
                    },
                    max_terms,
                )?;
                sums.into_iter().filter(|(_, n)| *n != 0).filter_map(|(k, n)| reduced((k, n.into()))).collect()
            } else {
                let sums = collect(
                    &x,
                    &y,
                    times,
                    |sum: &mut BigInt, p, q| {
                        *sum += p * q;
                        true
                    },
                    max_terms,
                )?;
                sums.into_iter().filter(|(_, n)| !n.is_zero()).filter_map(reduced).collect::<Vec<_>>()
            }
        }
        None => {
            let sums = collect(
                a,
                b,
                times,
                |sum: &mut Rational, p, q| {
                    *sum += &(*p * *q);
                    sum.bits() <= MAX_FOLDED_BITS
                },
                max_terms,
            )?;
            sums.into_iter().filter(|(_, c)| !c.is_zero()).collect()
        }
    };
    if terms.len() > max_terms {
        return Err(NotPolynomial::TooManyTerms(max_terms));
    }
    if terms.iter().any(|(_, c)| c.bits() > MAX_FOLDED_BITS) {
        return Err(NotPolynomial::CoefficientTooLarge);
    }
    Ok(terms)
}

/// Sums by monomial, with `accumulate` adding a product to a sum and telling whether it is within the limits.
fn collect<K: Hash + Eq + Clone, N, S: Default>(
    a: &[(K, N)],
    b: &[(K, N)],
    times: impl Fn(&K, &K) -> K,
    accumulate: impl Fn(&mut S, &N, &N) -> bool,
    max_terms: usize,
) -> Result<FxHashMap<K, S>, NotPolynomial> {
    let mut sums: FxHashMap<K, S> = FxHashMap::default();
    for (x, p) in a {
        for (y, q) in b {
            if !accumulate(sums.entry(times(x, y)).or_default(), p, q) {
                return Err(NotPolynomial::CoefficientTooLarge);
            }
        }
        // Sums that have cancelled count as well: they take memory, too.
        if sums.len() > max_terms.saturating_mul(2).saturating_add(16) {
            return Err(NotPolynomial::TooManyTerms(max_terms));
        }
    }
    Ok(sums)
}

fn common_denominator<K>(terms: &[(K, &Rational)]) -> Option<BigInt> {
    let mut common = BigInt::one();
    for (_, c) in terms {
        if !c.is_integer() {
            common = common_multiple(&common, &c.denominator());
            if common.bits() > COMMON_BITS {
                return None;
            }
        }
    }
    Some(common)
}

/// The numerators over a common denominator.
fn over<K: Clone>(terms: &[(K, &Rational)], denominator: &BigInt) -> Vec<(K, BigInt)> {
    terms.iter().map(|(k, c)| (k.clone(), c.numerator() * (denominator / c.denominator()))).collect()
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

    pub(super) fn pack(self, exponents: &[u32]) -> u128 {
        exponents.iter().fold(u128::from(total(exponents)), |key, e| (key << self.bits) | u128::from(*e))
    }

    pub(super) fn unpack(self, key: u128, variables: usize, into: &mut Vec<u32>) {
        let mask = (1u128 << self.bits) - 1;
        let first = into.len();
        into.resize(first + variables, 0);
        let mut rest = key;
        for e in into[first..].iter_mut().rev() {
            *e = u32::try_from(rest & mask).unwrap_or(u32::MAX);
            rest >>= self.bits;
        }
    }
}
