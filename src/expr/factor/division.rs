//! Exact division of polynomials, and what they have in common with all their terms.

use crate::budget::tick;
use crate::expr::Polynomial;
use crate::number::Rational;
use crate::number::{common_divisor, common_multiple};
use num_bigint::BigInt;
use std::collections::BTreeMap;

/// The most products of coefficients of a division.
const MAX_PRODUCTS: usize = 200_000;

impl Polynomial {
    /// The quotient if `divisor` divides this polynomial, else `None`; `None` also for the divisor zero, and beyond 200,000 products of
    /// coefficients.
    ///
    /// ```
    /// use shadowflow::expr::Polynomial;
    /// let (x, y) = (Polynomial::variable(2, 0), Polynomial::variable(2, 1));
    /// let difference = x.power(3, 9)?.minus(&y.power(3, 9)?);
    /// let quotient = difference.exactly_divided(&x.minus(&y)).unwrap();
    /// assert_eq!(quotient.to_text(&["x".to_owned(), "y".to_owned()]), "x^2 + x*y + y^2");
    /// assert_eq!(difference.exactly_divided(&x.plus(&y)), None);
    /// # Ok::<(), shadowflow::expr::NotPolynomial>(())
    /// ```
    ///
    /// # Panics
    /// If the numbers of variables differ.
    #[must_use]
    pub fn exactly_divided(&self, divisor: &Self) -> Option<Self> {
        assert_eq!(self.variables(), divisor.variables(), "polynomials in the same variables");
        let (leading, unit) = divisor.terms().next()?;
        let within = |(e, f): (u32, u32)| e >= f;
        if !degrees(self).into_iter().zip(degrees(divisor)).all(within) && !self.is_zero() {
            return None;
        }
        // By a primitive polynomial whole coefficients have whole quotients (Gauss).
        let whole = content(divisor).is_one() && self.terms().all(|(_, c)| c.is_integer());
        let total = |e: &[u32]| e.iter().sum::<u32>();
        let mut rest: BTreeMap<(u32, Vec<u32>), Rational> =
            self.terms().map(|(e, c)| ((total(e), e.to_vec()), c.clone())).collect();
        let mut quotient: Vec<(Vec<u32>, Rational)> = Vec::new();
        let mut products = 0;
        while let Some(((_, e), c)) = rest.pop_last() {
            tick();
            let exponents: Vec<u32> = e.iter().zip(leading).map(|(e, f)| e.checked_sub(*f)).collect::<Option<_>>()?;
            let factor = c.checked_div(unit)?;
            products += divisor.len();
            if whole && !factor.is_integer() || products > MAX_PRODUCTS {
                return None;
            }
            for (f, d) in divisor.terms().skip(1) {
                let key: Vec<u32> = exponents.iter().zip(f).map(|(e, f)| e + f).collect();
                let entry = rest.entry((total(&key), key)).or_default();
                *entry -= &(&factor * d);
            }
            while rest.last_entry().is_some_and(|last| last.get().is_zero()) {
                rest.pop_last();
            }
            quotient.push((exponents, factor));
        }
        Some(Self::from_terms(self.variables(), quotient))
    }
}

/// The largest exponent of every variable.
pub(super) fn degrees(p: &Polynomial) -> Vec<u32> {
    p.terms().fold(vec![0; p.variables()], |most, (e, _)| most.iter().zip(e).map(|(m, e)| *m.max(e)).collect())
}

/// The smallest exponent of every variable.
pub(super) fn common_monomial(p: &Polynomial) -> Vec<u32> {
    let least =
        p.terms().map(|(e, _)| e.to_vec()).reduce(|least, e| least.iter().zip(&e).map(|(m, e)| *m.min(e)).collect());
    least.unwrap_or_else(|| vec![0; p.variables()])
}

/// The number by which the coefficients are coprime integers and the leading one is positive; 1 for zero.
pub(super) fn content(p: &Polynomial) -> Rational {
    let above = p.terms().fold(BigInt::ZERO, |g, (_, c)| common_divisor(&g, &c.numerator()));
    let below = p.terms().fold(BigInt::from(1), |l, (_, c)| common_multiple(&l, &c.denominator()));
    match (p.terms().next(), Rational::from_bigints(above, below)) {
        (Some((_, leading)), Some(size)) if leading.is_negative() => -size,
        (Some(_), Some(size)) => size,
        _ => Rational::ONE,
    }
}

/// The polynomial without its content.
pub(super) fn primitive(p: &Polynomial) -> Polynomial {
    match content(p).recip() {
        Some(inverse) if !inverse.is_one() => p.scaled(&inverse),
        _ => p.clone(),
    }
}

/// How often a polynomial that is no number divides, and what is left then.
pub(super) fn divided_out(mut p: Polynomial, divisor: &Polynomial) -> (Polynomial, u32) {
    let mut power = 0;
    while divisor.degree() > 0
        && let Some(quotient) = p.exactly_divided(divisor)
    {
        p = quotient;
        power += 1;
    }
    (p, power)
}
