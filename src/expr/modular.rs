//! Polynomials modulo several primes at once: what exact expansion computes with, since its numbers never grow.

use crate::number::{LANES, MAX_PRODUCTS, PrimeGroup, ResidueSums, Residues};
use multiversion::multiversion;
use rustc_hash::FxHashMap;

/// Monomials of bounded degrees as integers that add as monomials multiply: mixed radix, one place per variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonomialBox {
    /// One more than the largest exponent of each variable, and the integer that stands for it.
    places: Vec<(u64, u64)>,
    volume: u64,
}

impl MonomialBox {
    /// Monomials with exponents up to these; `None` where 64 bits do not suffice.
    #[must_use]
    pub fn new(degrees: &[u64]) -> Option<Self> {
        let mut volume = 1_u64;
        let mut places = Vec::with_capacity(degrees.len());
        for degree in degrees {
            let radix = degree.checked_add(1)?;
            places.push((radix, volume));
            volume = volume.checked_mul(radix)?;
        }
        Some(Self { places, volume })
    }

    /// The integer of a monomial.
    #[must_use]
    pub fn key(&self, exponents: &[u32]) -> u64 {
        exponents.iter().zip(&self.places).map(|(e, (_, stride))| u64::from(*e) * stride).sum()
    }

    fn exponent(&self, key: u64, variable: usize) -> u64 {
        let (radix, stride) = self.places[variable];
        key / stride % radix
    }

    /// The exponents of a monomial.
    #[must_use]
    pub fn exponents(&self, key: u64) -> Vec<u32> {
        (0..self.places.len()).map(|k| u32::try_from(self.exponent(key, k)).unwrap_or(u32::MAX)).collect()
    }
}

/// A polynomial modulo the primes of a group: monomials and their coefficients, in no particular order.
#[derive(Debug, Clone, Default)]
pub struct ModularPolynomial {
    terms: Vec<(u64, Residues)>,
}

impl ModularPolynomial {
    /// The polynomial with these terms, whose monomials differ.
    #[must_use]
    pub fn from_terms(terms: Vec<(u64, Residues)>) -> Self {
        Self { terms }
    }

    /// The terms.
    #[must_use]
    pub fn terms(&self) -> &[(u64, Residues)] {
        &self.terms
    }

    /// The number of terms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether this is zero modulo all primes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The partial derivative with respect to a variable of the box.
    #[must_use]
    pub fn derivative(&self, primes: &PrimeGroup, monomials: &MonomialBox, variable: usize) -> Self {
        let stride = monomials.places[variable].1;
        let lowered = self.terms.iter().filter_map(|(key, c)| {
            let exponent = monomials.exponent(*key, variable);
            let sums = c.map(|r| u64::from(r) * exponent);
            (exponent > 0).then(|| (key - stride, primes.reduced(&sums)))
        });
        // An exponent may be a multiple of no prime: it is far smaller.
        Self { terms: lowered.collect() }
    }

    /// The product with a number.
    #[must_use]
    pub fn scaled(&self, primes: &PrimeGroup, factor: &Residues) -> Self {
        Self { terms: self.terms.iter().map(|(key, c)| (*key, primes.times(c, factor))).collect() }
    }
}

/// The largest box that sums are looked up in by index.
const DENSE: u64 = 1 << 20;

const FREE: u32 = u32::MAX;

/// Where the sum of each monomial is.
#[derive(Debug)]
enum Slots {
    Dense(Vec<u32>),
    Sparse(FxHashMap<u64, u32>),
}

/// A sum of products of polynomials in the making, collected by monomial and reduced as seldom as machine integers allow.
#[derive(Debug)]
pub struct ModularSum<'a> {
    primes: &'a PrimeGroup,
    slots: Slots,
    keys: Vec<u64>,
    sums: Vec<ResidueSums>,
    pending: u32,
    products: u64,
}

impl<'a> ModularSum<'a> {
    /// The sum of nothing yet, of monomials in this box.
    #[must_use]
    pub fn new(primes: &'a PrimeGroup, monomials: &MonomialBox) -> Self {
        let slots = match usize::try_from(monomials.volume) {
            Ok(volume) if monomials.volume <= DENSE => Slots::Dense(vec![FREE; volume]),
            _ => Slots::Sparse(FxHashMap::default()),
        };
        Self { primes, slots, keys: Vec::new(), sums: Vec::new(), pending: 0, products: 0 }
    }

    /// How many pairs of terms were multiplied so far.
    #[must_use]
    pub fn products(&self) -> u64 {
        self.products
    }

    /// Adds `a b`, whose monomials must be in the box.
    pub fn add_product(&mut self, a: &ModularPolynomial, b: &ModularPolynomial) {
        let (outer, inner) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        self.products += outer.len() as u64 * inner.len() as u64;
        for (key, factor) in &outer.terms {
            self.add_multiple(*key, factor, inner);
        }
    }

    /// Adds the product of a polynomial with a number.
    pub fn add_scaled(&mut self, a: &ModularPolynomial, factor: &Residues) {
        self.add_multiple(0, factor, a);
    }

    fn add_multiple(&mut self, key: u64, factor: &Residues, terms: &ModularPolynomial) {
        if self.pending == MAX_PRODUCTS {
            for sums in &mut self.sums {
                *sums = self.primes.reduced(sums).map(u64::from);
            }
            self.pending = 0;
        }
        self.pending += 1;
        match &mut self.slots {
            Slots::Dense(table) => dense(table, &mut self.keys, &mut self.sums, key, factor, &terms.terms),
            Slots::Sparse(table) => {
                for (other, c) in &terms.terms {
                    let next = u32::try_from(self.sums.len()).unwrap_or(FREE);
                    let slot = *table.entry(key + other).or_insert(next);
                    if slot == next {
                        self.keys.push(key + other);
                        self.sums.push([0; LANES]);
                    }
                    add(&mut self.sums[slot as usize], factor, c);
                }
            }
        }
    }

    /// The sum times a number; what is zero modulo all primes is left out. Begins anew.
    pub fn take(&mut self, factor: &Residues) -> ModularPolynomial {
        let mut terms = Vec::with_capacity(self.keys.len());
        for (key, sums) in self.keys.iter().zip(&self.sums) {
            let c = self.primes.times(&self.primes.reduced(sums), factor);
            if c != [0; LANES] {
                terms.push((*key, c));
            }
        }
        match &mut self.slots {
            Slots::Dense(table) => {
                for key in &self.keys {
                    if let Some(slot) = usize::try_from(*key).ok().and_then(|k| table.get_mut(k)) {
                        *slot = FREE;
                    }
                }
            }
            Slots::Sparse(table) => table.clear(),
        }
        self.keys.clear();
        self.sums.clear();
        self.pending = 0;
        ModularPolynomial { terms }
    }
}

#[inline(always)]
fn add(sums: &mut ResidueSums, a: &Residues, b: &Residues) {
    for l in 0..LANES {
        sums[l] += u64::from(a[l]) * u64::from(b[l]);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn dense(
    table: &mut [u32],
    keys: &mut Vec<u64>,
    sums: &mut Vec<ResidueSums>,
    key: u64,
    factor: &Residues,
    terms: &[(u64, Residues)],
) {
    for (other, c) in terms {
        let key = key + other;
        let Some(slot) = usize::try_from(key).ok().and_then(|k| table.get_mut(k)) else { continue };
        if *slot == FREE {
            *slot = u32::try_from(sums.len()).unwrap_or(FREE);
            keys.push(key);
            sums.push([0; LANES]);
        }
        if let Some(sums) = sums.get_mut(*slot as usize) {
            add(sums, factor, c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Polynomial;
    use crate::number::{Rational, Reconstruction};
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn modular(primes: &PrimeGroup, monomials: &MonomialBox, p: &Polynomial) -> ModularPolynomial {
        let terms = p.terms().map(|(e, c)| (monomials.key(e), primes.residues(&c.numerator()))).collect();
        ModularPolynomial::from_terms(terms)
    }

    fn check(degrees: &[u64], a: &Polynomial, b: &Polynomial) {
        let monomials = MonomialBox::new(degrees).unwrap();
        let groups = PrimeGroup::covering(&BigInt::from(1_u64 << 40));
        let (primes, reconstruction) = (&groups[0], Reconstruction::new(&groups));
        let back = |p: &ModularPolynomial| {
            let terms = p.terms().iter().map(|(key, c)| {
                (monomials.exponents(*key), Rational::from_bigints(reconstruction.integer(c), 1.into()).unwrap())
            });
            Polynomial::from_terms(degrees.len(), terms)
        };
        let (x, y) = (modular(primes, &monomials, a), modular(primes, &monomials, b));
        let one = primes.residues(&1.into());
        let mut sum = ModularSum::new(primes, &monomials);
        // More products than a sum holds without being reduced.
        for _ in 0..300 {
            sum.add_product(&x, &y);
        }
        sum.add_scaled(&x, &primes.residues(&(-2).into()));
        let expected = a.times(b, 10_000).unwrap().scaled(&300.into()).minus(&a.scaled(&2.into()));
        assert_eq!(back(&sum.take(&one)), expected);
        sum.add_product(&y, &x);
        assert_eq!(back(&sum.take(&primes.inverse(1))), a.times(b, 10_000).unwrap());
        for k in 0..degrees.len() {
            assert_eq!(back(&x.derivative(primes, &monomials, k)), a.derivative(k));
        }
    }

    fn polynomial() -> impl Strategy<Value = Polynomial> {
        let term = (prop::collection::vec(0..5_u32, 3), -99..99_i64);
        prop::collection::vec(term.prop_map(|(e, n)| (e, Rational::from(n))), 0..9)
            .prop_map(|terms| Polynomial::from_terms(3, terms))
    }

    proptest! {
        #[test]
        fn they_multiply_as_polynomials(a in polynomial(), b in polynomial()) {
            check(&[8, 8, 8], &a, &b);
            // Too large for a table.
            check(&[8, 1 << 20, 1 << 30], &a, &b);
        }
    }

    #[test]
    fn boxes_have_64_bits() {
        assert_eq!(MonomialBox::new(&[1 << 40, 1 << 40]), None);
        let monomials = MonomialBox::new(&[3, 5]).unwrap();
        assert_eq!(monomials.exponents(monomials.key(&[3, 4])), [3, 4]);
    }
}
