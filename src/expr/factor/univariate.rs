//! Factors over the integers of polynomials in one variable: modulo a prime, lifted to a power of it and put together (Zassenhaus 1969).

use super::residues::{ByDegree, Field, PRIMES, Residues};
use crate::budget::tick;
use crate::number::common_divisor;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// A polynomial with whole coefficients, by ascending power, without leading zeros.
pub(super) type Whole = Vec<BigInt>;

/// The most factors modulo a prime whose products are tried.
const MAX_MODULAR: usize = 12;

/// The largest degree.
const MAX_DEGREE: usize = 60;

/// The most bits of all coefficients of a polynomial that is not known to be without multiple factors.
const MAX_REPEATED_BITS: u64 = 60_000;

fn trimmed(mut p: Whole) -> Whole {
    while p.last().is_some_and(Zero::is_zero) {
        p.pop();
    }
    p
}

fn minus(a: &[BigInt], b: &[BigInt]) -> Whole {
    let zero = BigInt::ZERO;
    let get = |p: &'_ [BigInt], k: usize| p.get(k).unwrap_or(&zero).clone();
    trimmed((0..a.len().max(b.len())).map(|k| get(a, k) - get(b, k)).collect())
}

pub(super) fn times(a: &[BigInt], b: &[BigInt]) -> Whole {
    if a.is_empty() || b.is_empty() {
        return Vec::new();
    }
    let mut product = vec![BigInt::ZERO; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            product[i + j] += x * y;
        }
    }
    product
}

fn derivative(p: &[BigInt]) -> Whole {
    (1_u64..).zip(p.iter().skip(1)).map(|(k, c)| c * k).collect()
}

/// Divided by the greatest common divisor of its coefficients, with a positive leading one.
pub(super) fn primitive(p: Whole) -> Whole {
    let content = p.iter().fold(BigInt::ZERO, |g, c| common_divisor(&g, c));
    let content = if p.last().is_some_and(Signed::is_negative) { -content } else { content };
    if content.is_zero() || content.is_one() { p } else { p.into_iter().map(|c| c / &content).collect() }
}

/// The quotient, if it has whole coefficients and nothing remains.
pub(super) fn exactly_divided(p: &[BigInt], divisor: &[BigInt]) -> Option<Whole> {
    let leading = divisor.last()?;
    if p.len() < divisor.len() {
        return p.is_empty().then(Vec::new);
    }
    let mut rest = p.to_vec();
    let mut quotient = vec![BigInt::ZERO; p.len() - divisor.len() + 1];
    for shift in (0..quotient.len()).rev() {
        let (factor, left) = rest[shift + divisor.len() - 1].div_rem(leading);
        if !left.is_zero() {
            return None;
        }
        for (k, c) in divisor.iter().enumerate() {
            rest[shift + k] -= &factor * c;
        }
        quotient[shift] = factor;
    }
    rest.iter().all(Zero::is_zero).then_some(quotient)
}

/// The primitive greatest common divisor, by pseudo-remainders of which each is made primitive.
fn gcd(a: &[BigInt], b: &[BigInt]) -> Whole {
    let (mut a, mut b) = (primitive(a.to_vec()), primitive(b.to_vec()));
    if a.len() < b.len() {
        (a, b) = (b, a);
    }
    while !b.is_empty() {
        tick();
        let leading = b[b.len() - 1].clone();
        let mut rest = a;
        while rest.len() >= b.len() {
            let (shift, factor) = (rest.len() - b.len(), rest[rest.len() - 1].clone());
            for c in &mut rest {
                *c *= &leading;
            }
            for (k, c) in b.iter().enumerate() {
                rest[shift + k] -= &factor * c;
            }
            rest = trimmed(rest);
        }
        (a, b) = (b, primitive(rest));
    }
    a
}

fn residues(p: &[BigInt], field: Field) -> Residues {
    let prime = BigInt::from(field.0);
    let mut residues: Residues = p.iter().map(|c| c.mod_floor(&prime).to_u64().unwrap_or(0)).collect();
    while residues.last() == Some(&0) {
        residues.pop();
    }
    residues
}

/// The irreducible factors of a primitive polynomial of degree one or more with a positive leading coefficient, with their powers;
/// `None` where that takes too long.
pub(super) fn factors(f: &[BigInt]) -> Option<Vec<(Whole, u32)>> {
    if f.len() > MAX_DEGREE + 1 {
        return None;
    }
    let leading = f.last()?;
    let is_simple = PRIMES.iter().map(|p| Field(*p)).any(|field| {
        let modular = residues(f, field);
        modular.len() == f.len() && field.gcd(&modular, &field.derivative(&modular)).len() == 1
    });
    if is_simple {
        return Some(simple_factors(f)?.into_iter().map(|factor| (factor, 1)).collect());
    }
    if f.iter().map(BigInt::bits).sum::<u64>() > MAX_REPEATED_BITS || leading.is_zero() {
        return None;
    }
    // Yun (1976).
    let slope = derivative(f);
    let common = gcd(f, &slope);
    let mut rest = exactly_divided(f, &common)?;
    let mut other = minus(&exactly_divided(&slope, &common)?, &derivative(&rest));
    let mut found = Vec::new();
    let mut power = 1;
    while rest.len() > 1 {
        let part = if other.is_empty() { rest.clone() } else { gcd(&rest, &other) };
        rest = exactly_divided(&rest, &part)?;
        other = if other.is_empty() { Vec::new() } else { minus(&exactly_divided(&other, &part)?, &derivative(&rest)) };
        if part.len() > 1 {
            found.extend(simple_factors(&part)?.into_iter().map(|factor| (factor, power)));
        }
        power += 1;
    }
    Some(found)
}

/// The irreducible factors of a primitive polynomial without multiple ones.
fn simple_factors(f: &[BigInt]) -> Option<Vec<Whole>> {
    let degree = f.len().saturating_sub(1);
    if degree <= 1 {
        return Some(vec![f.to_vec()]);
    }
    let mut best: Option<(usize, Field, ByDegree)> = None;
    // A factor's degree is a sum of degrees of factors modulo every prime: bit d stands for d.
    let mut possible = u64::MAX;
    for field in PRIMES.iter().map(|p| Field(*p)) {
        tick();
        let modular = residues(f, field);
        if modular.len() < f.len() || field.gcd(&modular, &field.derivative(&modular)).len() > 1 {
            continue;
        }
        let monic = field.scaled(&modular, field.inverse(modular[modular.len() - 1]));
        let found = field.by_degree(&monic);
        let copies = |(product, d): &(Residues, usize)| std::iter::repeat_n(*d, (product.len() - 1) / d);
        possible &= found.iter().flat_map(copies).fold(1, |sums, d| sums | sums << d);
        if possible.count_ones() == 2 {
            return Some(vec![f.to_vec()]);
        }
        let count = found.iter().flat_map(copies).count();
        if best.as_ref().is_none_or(|(least, ..)| count < *least) {
            best = Some((count, field, found));
        }
    }
    let (_, field, by_degree) = best.filter(|(count, ..)| *count <= MAX_MODULAR)?;
    let modular = field.factors(by_degree);
    let leading = f.last()?.clone();
    // Mignotte: the coefficients of a factor are at most 2^n |f|, and it is met as its multiple by the leading coefficient.
    let largest = f.iter().map(Signed::abs).max()?;
    let bound = (largest * &leading * BigInt::from(f.len())) << (f.len() + 1);
    let (lifted, modulus) = lifted(f, &leading, field, &modular, &bound);
    Some(recombined(f, lifted, &modulus))
}

fn reduced(c: &BigInt, modulus: &BigInt) -> BigInt {
    let c = c.mod_floor(modulus);
    if &c + &c > *modulus { c - modulus } else { c }
}

/// Factors modulo a power of the prime above a bound, from those modulo the prime (Hensel's lemma).
fn lifted(f: &[BigInt], leading: &BigInt, field: Field, factors: &[Residues], bound: &BigInt) -> (Vec<Whole>, BigInt) {
    let product = |but: usize| {
        let others = factors.iter().enumerate().filter(|(k, _)| *k != but);
        others.fold(vec![1], |product, (_, factor)| field.times(&product, factor))
    };
    let inverses: Vec<Residues> =
        factors.iter().enumerate().map(|(k, factor)| field.inverse_modulo(&product(k), factor)).collect();
    let unit = field.inverse(leading.mod_floor(&field.0.into()).to_u64().unwrap_or(1));
    let mut whole: Vec<Whole> =
        factors.iter().map(|factor| factor.iter().map(|c| BigInt::from(*c)).collect()).collect();
    let mut modulus = BigInt::from(field.0);
    while modulus <= *bound {
        tick();
        let next = &modulus * field.0;
        let product = whole.iter().fold(vec![leading.clone()], |product, factor| {
            times(&product, factor).iter().map(|c| c.mod_floor(&next)).collect()
        });
        let error: Whole = minus(f, &product).iter().map(|c| c.mod_floor(&next) / &modulus).collect();
        let error = field.scaled(&residues(&error, field), unit);
        for ((factor, small), inverse) in whole.iter_mut().zip(factors).zip(&inverses) {
            let correction = field.divided(&field.times(&error, inverse), small).1;
            for (c, d) in factor.iter_mut().zip(&correction) {
                *c += &modulus * *d;
            }
        }
        modulus = next;
    }
    (whole, modulus)
}

/// The products of lifted factors that divide, the fewest factors first.
fn recombined(f: &[BigInt], mut lifted: Vec<Whole>, modulus: &BigInt) -> Vec<Whole> {
    let mut found = Vec::new();
    let mut rest = f.to_vec();
    let mut size = 1;
    'sizes: while 2 * size <= lifted.len() {
        for subset in 0_u32..1 << lifted.len() {
            if subset.count_ones() as usize != size {
                continue;
            }
            tick();
            let chosen = |k: usize| subset >> k & 1 == 1;
            let leading = rest[rest.len() - 1].clone();
            let product =
                lifted.iter().enumerate().filter(|(k, _)| chosen(*k)).fold(vec![leading], |product, (_, g)| {
                    times(&product, g).iter().map(|c| c.mod_floor(modulus)).collect()
                });
            let candidate = primitive(trimmed(product.iter().map(|c| reduced(c, modulus)).collect()));
            if let Some(quotient) = exactly_divided(&rest, &candidate) {
                found.push(candidate);
                rest = quotient;
                let mut k = 0;
                lifted.retain(|_| {
                    k += 1;
                    !chosen(k - 1)
                });
                continue 'sizes;
            }
        }
        size += 1;
    }
    if rest.len() > 1 {
        found.push(rest);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(c: &[i64]) -> Whole {
        c.iter().map(|c| BigInt::from(*c)).collect()
    }

    fn sorted(mut factors: Vec<(Whole, u32)>) -> Vec<(Whole, u32)> {
        factors.sort();
        factors
    }

    #[test]
    fn known_factorisations() {
        // x^6 − 1, x^4 + 4 (Sophie Germain), x^4 + 1 and x^4 − 10x² + 1, which split modulo every prime.
        let cyclotomic =
            vec![(whole(&[-1, 1]), 1), (whole(&[1, -1, 1]), 1), (whole(&[1, 1]), 1), (whole(&[1, 1, 1]), 1)];
        let cases = [
            (whole(&[-1, 0, 0, 0, 0, 0, 1]), cyclotomic),
            (whole(&[4, 0, 0, 0, 1]), vec![(whole(&[2, -2, 1]), 1), (whole(&[2, 2, 1]), 1)]),
            (whole(&[1, 0, 0, 0, 1]), vec![(whole(&[1, 0, 0, 0, 1]), 1)]),
            (whole(&[1, 0, -10, 0, 1]), vec![(whole(&[1, 0, -10, 0, 1]), 1)]),
            (whole(&[1, 2]), vec![(whole(&[1, 2]), 1)]),
            (whole(&[1, 4, 4]), vec![(whole(&[1, 2]), 2)]),
        ];
        for (f, expected) in cases {
            assert_eq!(factors(&f).map(sorted), Some(sorted(expected)), "{f:?}");
        }
        assert_eq!(factors(&vec![BigInt::one(); 80]), None);
    }

    /// Eisenstein's polynomials for 3, which are irreducible.
    fn irreducible() -> impl Strategy<Value = Whole> {
        (prop::collection::vec(-3_i64..4, 0..3), prop::sample::select(vec![3_i64, -3, 6, -6, 12]), 1_i64..3).prop_map(
            |(inner, last, first)| {
                let mut c = vec![last];
                c.extend(inner.iter().map(|c| 3 * c));
                c.push(first);
                primitive(whole(&c))
            },
        )
    }

    proptest! {
        #[test]
        fn products_of_irreducible_polynomials_are_taken_apart(parts in prop::collection::vec((irreducible(), 1_u32..3), 1..4)) {
            let mut expected: Vec<(Whole, u32)> = Vec::new();
            let mut product = whole(&[1]);
            for (part, power) in parts {
                for _ in 0..power {
                    product = times(&product, &part);
                }
                match expected.iter_mut().find(|(known, _)| *known == part) {
                    Some((_, known)) => *known += power,
                    None => expected.push((part, power)),
                }
            }
            prop_assert_eq!(factors(&product).map(sorted), Some(sorted(expected)));
        }
    }
}
