//! Sparse multivariate polynomials over the rationals, in canonical form.

mod packing;

use self::packing::{Packing, collect_products};
use super::MAX_FOLDED_BITS;
use crate::number::Rational;
use std::cmp::Ordering;

/// The largest total degree of a [`Polynomial`]: those of two factors can be added without looking.
pub const MAX_DEGREE: u32 = 1 << 27;

/// Why something is not computed as an expanded polynomial.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPolynomial {
    /// A negative or fractional power of something that is not a constant, or a power that is not rational.
    #[error("a power with exponent {0} is no polynomial here")]
    Power(Rational),
    /// A function that is not rational at its argument.
    #[error("the function `{0}` is no polynomial")]
    Function(&'static str),
    /// The number π, which is not rational.
    #[error("`pi` is not a rational coefficient")]
    Pi,
    /// More terms than asked for.
    #[error("the expanded polynomial has more than {0} terms")]
    TooManyTerms(usize),
    /// A total degree beyond [`MAX_DEGREE`].
    #[error("the total degree {0} is beyond the limit of {MAX_DEGREE}")]
    DegreeTooLarge(u64),
    /// A coefficient beyond [`MAX_FOLDED_BITS`].
    #[error("a coefficient takes more than {MAX_FOLDED_BITS} bits")]
    CoefficientTooLarge,
    /// More coefficient products than [`Polynomials::max_products`](super::Polynomials).
    #[error("expanding takes more than {0} products of coefficients")]
    TooManyProducts(u64),
}

/// A polynomial in θ and the symbolic constants, expanded and collected.
///
/// Variables are numbered: the entries of θ first, then the symbols. Terms with coefficient 0 are left out and the rest
/// is sorted by descending total degree, then by descending exponents, so equality is that of polynomials.
///
/// ```
/// use shadowflow::expr::Polynomial;
/// use shadowflow::number::Rational;
/// let p = Polynomial::from_terms(2, [([3, 1], 2.into()), ([0, 1], Rational::new(-1, 2)), ([0, 0], 1.into())]);
/// assert_eq!(p.to_text(&["x".to_owned(), "y".to_owned()]), "2*x^3*y - 1/2*y + 1");
/// assert_eq!(p.derivative(1).to_text(&["x".to_owned(), "y".to_owned()]), "2*x^3 - 1/2");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Polynomial {
    variables: usize,
    /// The exponents of all terms, one row of `variables` after the other.
    exponents: Vec<u32>,
    coefficients: Vec<Rational>,
}

/// The order of display: descending total degree, then descending exponents.
fn display_order(a: &[u32], b: &[u32]) -> Ordering {
    total(b).cmp(&total(a)).then_with(|| b.cmp(a))
}

/// The total degree of a monomial; at most [`MAX_DEGREE`] in every polynomial.
fn total(exponents: &[u32]) -> u32 {
    exponents.iter().fold(0, |sum, e| sum.saturating_add(*e))
}

impl Polynomial {
    /// The zero polynomial.
    #[must_use]
    pub fn zero(variables: usize) -> Self {
        Self { variables, ..Self::default() }
    }

    /// A constant.
    #[must_use]
    pub fn constant(variables: usize, value: Rational) -> Self {
        let mut p = Self::zero(variables);
        p.push(&vec![0; variables], value);
        p
    }

    /// One variable.
    ///
    /// # Panics
    /// If `k` is not below `variables`.
    #[must_use]
    pub fn variable(variables: usize, k: usize) -> Self {
        let mut exponents = vec![0; variables];
        exponents[k] = 1;
        let mut p = Self::zero(variables);
        p.push(&exponents, Rational::ONE);
        p
    }

    /// The sum of these terms: exponents (one per variable) and coefficients, in any order, with repetitions.
    ///
    /// # Panics
    /// If a term has another number of exponents than `variables`, or a total degree beyond [`MAX_DEGREE`].
    #[must_use]
    pub fn from_terms<E: AsRef<[u32]>>(variables: usize, terms: impl IntoIterator<Item = (E, Rational)>) -> Self {
        let mut terms: Vec<(E, Rational)> = terms.into_iter().collect();
        for (e, _) in &terms {
            assert_eq!(e.as_ref().len(), variables, "a term has one exponent per variable");
            assert!(total(e.as_ref()) <= MAX_DEGREE, "a term's total degree is at most {MAX_DEGREE}");
        }
        terms.sort_by(|(a, _), (b, _)| display_order(a.as_ref(), b.as_ref()));
        let mut p = Self::zero(variables);
        let mut rest = terms.into_iter().peekable();
        while let Some((e, mut sum)) = rest.next() {
            while let Some((_, c)) = rest.next_if(|(other, _)| other.as_ref() == e.as_ref()) {
                sum += &c;
            }
            p.push(e.as_ref(), sum);
        }
        p
    }

    /// Appends a term that comes after all others, unless it is zero.
    fn push(&mut self, exponents: &[u32], coefficient: Rational) {
        if !coefficient.is_zero() {
            self.exponents.extend_from_slice(exponents);
            self.coefficients.push(coefficient);
        }
    }

    fn row(&self, term: usize) -> &[u32] {
        &self.exponents[term * self.variables..(term + 1) * self.variables]
    }

    /// The number of variables.
    #[must_use]
    pub fn variables(&self) -> usize {
        self.variables
    }

    /// The terms in the order of display: exponents (one per variable) and non-zero coefficient.
    pub fn terms(&self) -> impl DoubleEndedIterator<Item = (&[u32], &Rational)> + ExactSizeIterator {
        self.coefficients.iter().enumerate().map(|(term, c)| (self.row(term), c))
    }

    /// The number of terms.
    #[must_use]
    pub fn len(&self) -> usize {
        self.coefficients.len()
    }

    /// Whether there are no terms: the same as [`Polynomial::is_zero`].
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.coefficients.is_empty()
    }

    /// Whether this is the zero polynomial.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.coefficients.is_empty()
    }

    /// The value of a constant polynomial; `None` where a variable occurs.
    #[must_use]
    pub fn as_constant(&self) -> Option<Rational> {
        match self.coefficients.as_slice() {
            [] => Some(Rational::ZERO),
            [c] if self.degree() == 0 => Some(c.clone()),
            _ => None,
        }
    }

    /// The largest total degree of a term; 0 for the zero polynomial.
    #[must_use]
    pub fn degree(&self) -> u32 {
        if self.is_zero() { 0 } else { total(self.row(0)) }
    }

    /// The coefficient of a monomial, zero where it does not occur.
    #[must_use]
    pub fn coefficient(&self, exponents: &[u32]) -> Rational {
        self.terms().find(|(e, _)| *e == exponents).map_or(Rational::ZERO, |(_, c)| c.clone())
    }

    /// The size in bits of the largest coefficient.
    #[must_use]
    pub fn max_bits(&self) -> u64 {
        self.coefficients.iter().map(Rational::bits).max().unwrap_or(0)
    }

    /// The sum.
    ///
    /// # Panics
    /// If the numbers of variables differ.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        assert_eq!(self.variables, other.variables, "polynomials in the same variables");
        let mut sum = Self::zero(self.variables);
        let (mut i, mut j) = (0, 0);
        while i < self.len() && j < other.len() {
            match display_order(self.row(i), other.row(j)) {
                Ordering::Less => {
                    sum.push(self.row(i), self.coefficients[i].clone());
                    i += 1;
                }
                Ordering::Greater => {
                    sum.push(other.row(j), other.coefficients[j].clone());
                    j += 1;
                }
                Ordering::Equal => {
                    sum.push(self.row(i), &self.coefficients[i] + &other.coefficients[j]);
                    i += 1;
                    j += 1;
                }
            }
        }
        for (rest, from) in [(self, i), (other, j)] {
            sum.exponents.extend_from_slice(&rest.exponents[from * rest.variables..]);
            sum.coefficients.extend_from_slice(&rest.coefficients[from..]);
        }
        sum
    }

    /// The difference.
    ///
    /// # Panics
    /// If the numbers of variables differ.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.plus(&other.scaled(&Rational::MINUS_ONE))
    }

    /// The product with a number.
    #[must_use]
    pub fn scaled(&self, q: &Rational) -> Self {
        if q.is_zero() {
            return Self::zero(self.variables);
        }
        Self { coefficients: self.coefficients.iter().map(|c| c * q).collect(), ..self.clone() }
    }

    /// The product, if it has at most `max_terms` terms.
    ///
    /// # Errors
    /// [`NotPolynomial`] where terms, degree or coefficients are beyond their limits.
    ///
    /// # Panics
    /// If the numbers of variables differ.
    pub fn times(&self, other: &Self, max_terms: usize) -> Result<Self, NotPolynomial> {
        assert_eq!(self.variables, other.variables, "polynomials in the same variables");
        let degree = self.degree() + other.degree();
        if degree > MAX_DEGREE {
            return Err(NotPolynomial::DegreeTooLarge(degree.into()));
        }
        if let Some(c) = self.as_constant() {
            return other.scaled_within(&c);
        }
        if let Some(c) = other.as_constant() {
            return self.scaled_within(&c);
        }
        let mut product = Self::zero(self.variables);
        if let Some(packing) = Packing::new(self.variables, degree) {
            let keys = |p: &Self| p.terms().map(|(e, _)| packing.pack(e)).collect::<Vec<u128>>();
            let (a, b) = (keys(self), keys(other));
            let a: Vec<_> = a.into_iter().zip(&self.coefficients).collect();
            let b: Vec<_> = b.into_iter().zip(&other.coefficients).collect();
            let mut terms = collect_products(&a, &b, |x, y| x + y, max_terms)?;
            terms.sort_unstable_by_key(|term| std::cmp::Reverse(term.0));
            for (key, c) in terms {
                packing.unpack(key, self.variables, &mut product.exponents);
                product.coefficients.push(c);
            }
        } else {
            let a: Vec<(Vec<u32>, _)> = self.terms().map(|(e, c)| (e.to_vec(), c)).collect();
            let b: Vec<(Vec<u32>, _)> = other.terms().map(|(e, c)| (e.to_vec(), c)).collect();
            let times = |x: &Vec<u32>, y: &Vec<u32>| x.iter().zip(y).map(|(e, f)| e + f).collect();
            let mut terms = collect_products(&a, &b, times, max_terms)?;
            terms.sort_unstable_by(|(x, _), (y, _)| display_order(x, y));
            for (e, c) in terms {
                product.push(&e, c);
            }
        }
        Ok(product)
    }

    fn scaled_within(&self, q: &Rational) -> Result<Self, NotPolynomial> {
        let product = self.scaled(q);
        if product.max_bits() > MAX_FOLDED_BITS { Err(NotPolynomial::CoefficientTooLarge) } else { Ok(product) }
    }

    /// The power with a non-negative integer exponent, if every step of it has at most `max_terms` terms.
    ///
    /// # Errors
    /// [`NotPolynomial`] where terms, degree or coefficients are beyond their limits.
    pub fn power(&self, exponent: u32, max_terms: usize) -> Result<Self, NotPolynomial> {
        let degree = u64::from(self.degree()) * u64::from(exponent);
        if degree > u64::from(MAX_DEGREE) {
            return Err(NotPolynomial::DegreeTooLarge(degree));
        }
        if let [c] = self.coefficients.as_slice() {
            let trivial = c.abs().is_one();
            if !trivial && c.bits().saturating_mul(u64::from(exponent)) > MAX_FOLDED_BITS {
                return Err(NotPolynomial::CoefficientTooLarge);
            }
            let mut power = Self::zero(self.variables);
            let exponents: Vec<u32> = self.exponents.iter().map(|e| e * exponent).collect();
            power.push(&exponents, c.pow(i64::from(exponent)).unwrap_or_default());
            return Ok(power);
        }
        self.power_with(exponent, |a, b| a.times(b, max_terms))
    }

    /// The power by squaring, with products from elsewhere.
    pub(super) fn power_with(
        &self,
        exponent: u32,
        mut times: impl FnMut(&Self, &Self) -> Result<Self, NotPolynomial>,
    ) -> Result<Self, NotPolynomial> {
        let (mut result, mut square, mut e) = (None, self.clone(), exponent);
        while e > 0 {
            if e & 1 == 1 {
                result = Some(match result {
                    Some(r) => times(&r, &square)?,
                    None => square.clone(),
                });
            }
            e >>= 1;
            if e > 0 {
                square = times(&square, &square)?;
            }
        }
        Ok(result.unwrap_or_else(|| Self::constant(self.variables, Rational::ONE)))
    }

    /// The partial derivative with respect to a variable.
    ///
    /// # Panics
    /// If `k` is not one of the variables.
    #[must_use]
    pub fn derivative(&self, k: usize) -> Self {
        let lowered = self.terms().filter(|(e, _)| e[k] > 0).map(|(e, c)| {
            let mut exponents = e.to_vec();
            exponents[k] -= 1;
            (exponents, c * &Rational::from(i64::from(e[k])))
        });
        // Lowering one exponent of every term keeps their order.
        let mut derivative = Self::zero(self.variables);
        for (e, c) in lowered {
            derivative.push(&e, c);
        }
        derivative
    }

    /// The value at a point.
    ///
    /// # Panics
    /// If `at` does not have one number per variable.
    #[must_use]
    pub fn evaluate(&self, at: &[Rational]) -> Rational {
        assert_eq!(at.len(), self.variables, "one number per variable");
        self.terms()
            .map(|(e, c)| {
                e.iter().zip(at).filter(|(e, _)| **e > 0).fold(c.clone(), |product, (e, x)| {
                    // A non-negative power always exists.
                    product * x.pow(i64::from(*e)).unwrap_or_default()
                })
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Raw = Vec<(Vec<u32>, Rational)>;

    fn raw(variables: usize, degree: u32) -> impl Strategy<Value = Raw> {
        let term = (prop::collection::vec(0..=degree, variables), -9i64..9, 1i64..4);
        prop::collection::vec(term.prop_map(|(e, n, d)| (e, Rational::new(n, d))), 0..8)
    }

    /// Multiplication with nothing clever in it.
    fn naive(a: &Raw, b: &Raw) -> Raw {
        let mut sums: BTreeMap<Vec<u32>, Rational> = BTreeMap::new();
        for (e, p) in a {
            for (f, q) in b {
                *sums.entry(e.iter().zip(f).map(|(x, y)| x + y).collect()).or_default() += &(p * q);
            }
        }
        sums.into_iter().collect()
    }

    fn check_product(variables: usize, a: Raw, b: Raw) {
        let (p, q) = (Polynomial::from_terms(variables, a.clone()), Polynomial::from_terms(variables, b.clone()));
        let product = p.times(&q, 1000).unwrap();
        assert_eq!(product, Polynomial::from_terms(variables, naive(&a, &b)));
        assert_eq!(product, q.times(&p, 1000).unwrap());
        let x: Vec<Rational> = (2..).map(Rational::from).take(variables).collect();
        assert_eq!(product.evaluate(&x), p.evaluate(&x) * q.evaluate(&x));
        assert_eq!(p.plus(&q).evaluate(&x), p.evaluate(&x) + q.evaluate(&x));
        assert!(p.minus(&p).is_zero());
        // Canonical: the same terms in another order are the same polynomial.
        let reversed = Polynomial::from_terms(variables, product.terms().rev().map(|(e, c)| (e.to_vec(), c.clone())));
        assert_eq!(reversed, product);
        for k in 0..variables {
            let rule = p.derivative(k).times(&q, 1000).unwrap().plus(&p.times(&q.derivative(k), 1000).unwrap());
            assert_eq!(product.derivative(k), rule);
        }
    }

    proptest! {
        #[test]
        fn products_of_few_variables(a in raw(3, 4), b in raw(3, 4)) {
            check_product(3, a, b);
        }

        // Too many for one integer: 40 fields of 10 bits.
        #[test]
        fn products_of_many_variables(a in raw(40, 9), b in raw(40, 9)) {
            check_product(40, a, b);
        }

        #[test]
        fn products_of_no_variables(a in raw(0, 0), b in raw(0, 0)) {
            check_product(0, a, b);
        }
    }

    #[test]
    fn limits_are_kept() {
        let x = Polynomial::variable(2, 0);
        let y = Polynomial::variable(2, 1);
        let sum = x.plus(&y);
        assert_eq!(sum.power(20, 21).map(|p| p.len()), Ok(21));
        assert_eq!(sum.power(20, 20), Err(NotPolynomial::TooManyTerms(20)));
        assert_eq!(x.power(MAX_DEGREE, 10).map(|p| p.degree()), Ok(MAX_DEGREE));
        let beyond = u64::from(MAX_DEGREE) + 1;
        assert_eq!(x.power(MAX_DEGREE + 1, 10), Err(NotPolynomial::DegreeTooLarge(beyond)));
        let full = x.power(MAX_DEGREE, 10).unwrap();
        assert_eq!(full.times(&y, 10), Err(NotPolynomial::DegreeTooLarge(beyond)));
        let large = x.scaled(&Rational::from(i64::MAX).pow(1000).unwrap());
        assert_eq!(large.times(&large, 10), Err(NotPolynomial::CoefficientTooLarge));
        assert_eq!(large.power(2, 10), Err(NotPolynomial::CoefficientTooLarge));
    }

    #[test]
    fn binomials() {
        let sum = Polynomial::variable(2, 0).plus(&Polynomial::variable(2, 1));
        let power = sum.power(10, 100).unwrap();
        assert_eq!(power.coefficient(&[4, 6]), 210.into());
        assert_eq!(power.coefficient(&[4, 5]), Rational::ZERO);
        assert_eq!(sum.power(0, 1).unwrap().as_constant(), Some(Rational::ONE));
    }
}
