//! Sparse polynomials over the rationals in named symbols.

use super::divisors::{common_divisor, common_multiple};
use super::{Coefficient, Rational};
use crate::budget::tick;
use crate::formula::Formula;
use num_bigint::BigInt;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A product of powers of symbols, in graded lexicographic order: by degree, then by the exponent of the
/// alphabetically first symbol.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Monomial(Vec<(Arc<str>, u32)>);

impl Monomial {
    /// The total degree.
    #[must_use]
    pub fn degree(&self) -> u32 {
        self.0.iter().map(|(_, e)| e).sum()
    }

    /// The symbols with their exponents, none zero, alphabetically.
    pub fn factors(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(s, e)| (&**s, *e))
    }

    fn times(&self, other: &Self) -> Self {
        let mut result = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            match x.0.cmp(&y.0) {
                Ordering::Less => result.extend(a.next().cloned()),
                Ordering::Greater => result.extend(b.next().cloned()),
                Ordering::Equal => {
                    result.push((x.0.clone(), x.1 + y.1));
                    a.next();
                    b.next();
                }
            }
        }
        result.extend(a.chain(b).cloned());
        Self(result)
    }

    fn divided(&self, other: &Self) -> Option<Self> {
        let mut result = self.0.clone();
        for (symbol, exponent) in &other.0 {
            let place = result.iter().position(|(s, _)| s == symbol)?;
            result[place].1 = result[place].1.checked_sub(*exponent)?;
        }
        result.retain(|(_, e)| *e > 0);
        Some(Self(result))
    }
}

impl Ord for Monomial {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_degree = self.degree().cmp(&other.degree());
        by_degree.then_with(|| {
            for ((s, e), (t, f)) in self.0.iter().zip(&other.0) {
                // Who has the earlier symbol at all has the higher exponent of it.
                let order = t.cmp(s).then(e.cmp(f));
                if order.is_ne() {
                    return order;
                }
            }
            Ordering::Equal
        })
    }
}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A polynomial with rational coefficients in any number of named symbols, without zero terms.
///
/// Printed in the loss language, by ascending degree.
///
/// ```
/// use shadowflow::number::{Polynomial, Rational};
/// let m = Polynomial::symbol("m");
/// let one = Polynomial::from(Rational::ONE);
/// let square = one.minus(&m).times(&one.minus(&m));
/// assert_eq!(square.to_string(), "1-2*m+m^2");
/// assert_eq!(square.exactly_divided(&one.minus(&m)), Some(one.minus(&m)));
/// assert_eq!(square.exactly_divided(&m), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Polynomial(BTreeMap<Monomial, Rational>);

impl Polynomial {
    /// The polynomial that is one symbol.
    #[must_use]
    pub fn symbol(name: &str) -> Self {
        Self(BTreeMap::from([(Monomial(vec![(name.into(), 1)]), Rational::ONE)]))
    }

    /// Whether this is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a constant polynomial, `None` for others.
    #[must_use]
    pub fn as_constant(&self) -> Option<Rational> {
        match self.0.len() {
            0 => Some(Rational::ZERO),
            1 => self.0.get(&Monomial::default()).cloned(),
            _ => None,
        }
    }

    /// The total degree, 0 for a constant.
    #[must_use]
    pub fn degree(&self) -> u32 {
        self.0.last_key_value().map_or(0, |(m, _)| m.degree())
    }

    /// The terms, by ascending monomial.
    pub fn terms(&self) -> impl ExactSizeIterator<Item = (&Monomial, &Rational)> {
        self.0.iter()
    }

    fn add_term(&mut self, monomial: Monomial, coefficient: &Rational) {
        let sum = self.0.get(&monomial).map_or_else(|| coefficient.clone(), |c| c + coefficient);
        if sum.is_zero() {
            self.0.remove(&monomial);
        } else {
            self.0.insert(monomial, sum);
        }
    }

    fn add_product(&mut self, other: &Self, monomial: &Monomial, coefficient: &Rational) {
        for (m, c) in &other.0 {
            self.add_term(m.times(monomial), &(c * coefficient));
        }
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        for (m, c) in &other.0 {
            sum.add_term(m.clone(), c);
        }
        sum
    }

    /// The difference.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&other.scaled(&Rational::MINUS_ONE))
    }

    /// The product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let mut product = Self::default();
        for (m, c) in &self.0 {
            tick();
            product.add_product(other, m, c);
        }
        product
    }

    /// The product with a rational.
    #[must_use]
    pub fn scaled(&self, factor: &Rational) -> Self {
        if factor.is_zero() {
            return Self::default();
        }
        Self(self.0.iter().map(|(m, c)| (m.clone(), c * factor)).collect())
    }

    /// The power with a natural exponent.
    #[must_use]
    pub fn pow(&self, exponent: u32) -> Self {
        (0..exponent).fold(Self::from(Rational::ONE), |power, _| power.times(self))
    }

    /// The quotient if `divisor` divides this polynomial, else `None`; `None` for the divisor zero.
    #[must_use]
    pub fn exactly_divided(&self, divisor: &Self) -> Option<Self> {
        let (leading, coefficient) = divisor.0.last_key_value()?;
        let mut remainder = self.clone();
        let mut quotient = Self::default();
        while let Some((m, c)) = remainder.0.last_key_value() {
            let (m, c) = (m.divided(leading)?, c / coefficient);
            remainder.add_product(divisor, &m, &-&c);
            quotient.add_term(m, &c);
        }
        Some(quotient)
    }

    /// Splits into a rational and a primitive part: coprime integers, the lowest term positive. Zero is `0` times `0`.
    #[must_use]
    pub fn primitive(&self) -> (Rational, Self) {
        let Some((_, lowest)) = self.0.first_key_value() else { return Default::default() };
        let (mut gcd, mut lcm) = (BigInt::ZERO, BigInt::from(1));
        for c in self.0.values() {
            gcd = common_divisor(&gcd, &c.numerator());
            lcm = common_multiple(&lcm, &c.denominator());
        }
        let content = Rational::from_bigints(gcd, lcm).unwrap_or(Rational::ONE);
        let content = if lowest.is_negative() { -content } else { content };
        let inverse = content.recip().unwrap_or(Rational::ONE);
        (content, self.scaled(&inverse))
    }

    /// The polynomial as it is written, by ascending degree.
    #[must_use]
    pub fn formula(&self) -> Formula {
        let term = |(monomial, coefficient): (&Monomial, &Rational)| {
            let (negative, size) = coefficient.formula().signed();
            let number = (!size.is_number("1")).then_some(size);
            let powers = monomial.factors().map(|(symbol, exponent)| Formula::name(symbol).power(u64::from(exponent)));
            (negative, Formula::product(number.into_iter().chain(powers).collect()))
        };
        Formula::tight_sum(self.0.iter().map(term).collect())
    }

    /// The value where each symbol has the value that `value` gives it, or the first symbol without one.
    ///
    /// # Errors
    /// [`MissingSymbol`] where `value` returns `None`.
    pub fn evaluate(&self, value: &dyn Fn(&str) -> Option<Rational>) -> Result<Rational, MissingSymbol> {
        let mut sum = Rational::ZERO;
        for (monomial, coefficient) in &self.0 {
            let mut term = coefficient.clone();
            for (symbol, exponent) in monomial.factors() {
                let base = value(symbol).ok_or_else(|| MissingSymbol(symbol.to_owned()))?;
                term *= &base.pow(i64::from(exponent)).unwrap_or_default();
            }
            sum += &term;
        }
        Ok(sum)
    }
}

/// A symbol that has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` has no value: give it one")]
pub struct MissingSymbol(pub String);

impl From<Rational> for Polynomial {
    fn from(constant: Rational) -> Self {
        let mut polynomial = Self::default();
        polynomial.add_term(Monomial::default(), &constant);
        polynomial
    }
}

impl fmt::Display for Polynomial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.formula().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a_minus_2b() -> Polynomial {
        Polynomial::symbol("a").minus(&Polynomial::symbol("b").scaled(&Rational::from(2)))
    }

    #[test]
    fn prints_by_ascending_degree() {
        let one = Polynomial::from(Rational::new(1, 2));
        let p = a_minus_2b();
        assert_eq!(p.times(&p).plus(&one).to_string(), "1/2+4*b^2-4*a*b+a^2");
        assert_eq!(p.minus(&p).to_string(), "0");
    }

    #[test]
    fn divides_exactly_in_several_symbols() {
        let p = a_minus_2b();
        let q = p.times(&p).plus(&Polynomial::symbol("c"));
        assert_eq!(q.times(&p).exactly_divided(&p), Some(q.clone()));
        assert_eq!(q.times(&p).exactly_divided(&q), Some(p.clone()));
        assert_eq!(q.exactly_divided(&p), None);
        assert_eq!(q.exactly_divided(&Polynomial::default()), None);
        assert_eq!(Polynomial::default().exactly_divided(&q), Some(Polynomial::default()));
    }

    #[test]
    fn primitive_parts_are_coprime_integers() {
        let p = a_minus_2b().scaled(&Rational::new(-3, 7)).plus(&Polynomial::symbol("c").scaled(&Rational::new(9, 14)));
        let (content, primitive) = p.primitive();
        assert_eq!(primitive.scaled(&content), p);
        assert_eq!((content, primitive.to_string()), (Rational::new(3, 14), "3*c+4*b-2*a".to_owned()));
    }
}
