//! Factors over the rationals of polynomials and of quotients of them, as far as they are cheap to find, each seen to divide.

mod atom;
mod collected;
mod collector;
mod compact;
mod division;
mod fraction;
mod parts;
mod relations;
mod residues;
mod shared;
mod split;
#[cfg(test)]
mod tests;
mod univariate;
mod write;

pub use atom::{Atom, Collected};
pub use fraction::RationalFunction;

use super::Polynomial;
use crate::number::Rational;
use division::{common_monomial, content, divided_out, primitive};
use parts::Factor;
use std::cmp::Ordering;

/// A polynomial as a number times powers of polynomials with coprime whole coefficients, the leading one positive.
///
/// Factors come as they are written: single variables in their order, then the others by degree, number of terms and exponents.
///
/// ```
/// use shadowflow::expr::Polynomial;
/// use shadowflow::formula::Formula;
/// let (a, b) = (Polynomial::variable(2, 0), Polynomial::variable(2, 1));
/// // 2b − 2ab² = −2b(ab − 1)
/// let p = b.scaled(&2.into()).minus(&a.times(&b, 9)?.times(&b, 9)?.scaled(&2.into()));
/// let factored = p.factored();
/// assert_eq!(factored.formula(&[Formula::name("a"), Formula::name("b")]).to_string(), "-2*b*(a*b - 1)");
/// assert_eq!(factored.product(9)?, p);
/// assert!(factored.complete);
/// # Ok::<(), shadowflow::expr::NotPolynomial>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factored {
    /// The number in front; zero for the zero polynomial, which has no factors.
    pub content: Rational,
    /// The factors with their powers, none zero, no two equal.
    pub factors: Vec<(Polynomial, u32)>,
    /// Whether every factor is known to be irreducible over the rationals. Otherwise what is beyond the limits is left whole.
    pub complete: bool,
    variables: usize,
}

impl Polynomial {
    /// The factors over the rationals.
    ///
    /// Content and common variables come first; then, by recursion over the variables, what divides a leading coefficient; then large
    /// numbers for all variables but one, and Zassenhaus's method. Polynomials of more than 600 terms, of a degree beyond 60 in one
    /// variable or of several variables with high degrees keep parts whole, which [`Factored::complete`] tells. The factors
    /// multiply to the polynomial, which is checked exactly.
    #[must_use]
    pub fn factored(&self) -> Factored {
        self.factored_with(&[])
    }

    /// [`Polynomial::factored`], where the factors of `hints` are tried first: those of the loss and of its gradient, say, which are
    /// found in polynomials too large to be taken apart otherwise.
    ///
    /// ```
    /// use shadowflow::expr::Polynomial;
    /// let x = Polynomial::variable(1, 0);
    /// let shifted = x.minus(&Polynomial::constant(1, 2.into()));
    /// let large = shifted.times(&x.power(99, 9)?.plus(&Polynomial::constant(1, 3.into())), 9)?;
    /// assert_eq!(large.factored().factors.len(), 1);
    /// assert_eq!(large.factored_with(&[shifted]).factors.len(), 2);
    /// # Ok::<(), shadowflow::expr::NotPolynomial>(())
    /// ```
    ///
    /// # Panics
    /// If a hint has another number of variables.
    #[must_use]
    pub fn factored_with(&self, hints: &[Self]) -> Factored {
        let mut known = Vec::new();
        let mut complete = true;
        for hint in hints.iter().filter(|h| !h.is_zero()) {
            let found = split::split(&without_variables(&primitive(hint)).1);
            complete &= found.complete;
            known.extend(found.factors.into_iter().map(|(factor, _)| factor));
        }
        let mut found = self.factored_by(&known);
        found.complete &= complete;
        found
    }

    /// [`Polynomial::factored`], where these are tried first, each irreducible as far as is known.
    fn factored_by(&self, known: &[Self]) -> Factored {
        let variables = self.variables();
        if self.is_zero() {
            return Factored { content: Rational::ZERO, factors: Vec::new(), complete: true, variables };
        }
        let number = content(self);
        let (mut factors, rest) = without_variables(&primitive(self));
        let mut rest = rest;
        for factor in known {
            let (left, power) = divided_out(rest, factor);
            rest = left;
            factors.push((factor.clone(), power));
        }
        let rest = split::split(&primitive(&rest));
        factors.extend(rest.factors);
        let found = Factored::new(variables, number.clone(), factors, rest.complete);
        // Whatever is wrong above does not get out of here.
        match found.product(self.len().max(1).saturating_mul(1_000)) {
            Ok(product) if product == *self => found,
            _ => Factored::new(variables, number, vec![(primitive(self), 1)], false),
        }
    }
}

/// The variables that divide a polynomial, with their powers, and what is left.
fn without_variables(p: &Polynomial) -> (Vec<Factor>, Polynomial) {
    let common = common_monomial(p);
    if common.iter().all(|e| *e == 0) {
        return (Vec::new(), p.clone());
    }
    let lowered = p.terms().map(|(e, c)| (e.iter().zip(&common).map(|(e, f)| e - f).collect::<Vec<_>>(), c.clone()));
    let rest = Polynomial::from_terms(p.variables(), lowered);
    let powers = common.iter().enumerate().filter(|(_, e)| **e > 0);
    (powers.map(|(k, e)| (Polynomial::variable(p.variables(), k), *e)).collect(), rest)
}

/// A term of a polynomial.
type Monomial<'a> = (&'a [u32], &'a Rational);

/// The order in which factors are written.
fn order(a: &Polynomial, b: &Polynomial) -> Ordering {
    let rank = |p: &Polynomial| (p.len() > 1, p.degree(), p.len());
    let earlier = |((e, c), (f, d)): (Monomial<'_>, Monomial<'_>)| f.cmp(e).then_with(|| c.cmp(d));
    rank(a).cmp(&rank(b)).then_with(|| a.terms().zip(b.terms()).map(earlier).fold(Ordering::Equal, Ordering::then))
}

impl Factored {
    /// Collects and sorts factors; constants among them are left out.
    fn new(variables: usize, content: Rational, found: Vec<Factor>, complete: bool) -> Self {
        let mut factors: Vec<Factor> = Vec::new();
        for (factor, power) in found.into_iter().filter(|(factor, power)| *power > 0 && factor.degree() > 0) {
            match factors.iter_mut().find(|(known, _)| *known == factor) {
                Some((_, known)) => *known += power,
                None => factors.push((factor, power)),
            }
        }
        factors.sort_by(|(a, _), (b, _)| order(a, b));
        Self { content, factors, complete, variables }
    }

    /// The number of variables.
    #[must_use]
    pub fn variables(&self) -> usize {
        self.variables
    }

    /// The polynomial, multiplied out.
    ///
    /// # Errors
    /// [`NotPolynomial`](super::NotPolynomial) where a product has more than `max_terms` terms or is beyond another limit.
    pub fn product(&self, max_terms: usize) -> Result<Polynomial, super::NotPolynomial> {
        let mut product = Polynomial::constant(self.variables, self.content.clone());
        for (factor, power) in &self.factors {
            product = product.times(&factor.power(*power, max_terms)?, max_terms)?;
        }
        Ok(product)
    }
}
