//! Quadratic extensions of the rationals, for tableaux with square roots.

use super::{Coefficient, Rational};
use crate::formula::Formula;
use std::fmt;

/// A number `a + b√d` with rational a, b and an integer d that is no square: an element of `Q(√d)`.
///
/// Rationals have `b = 0` and belong to every such field; d is kept with irrational numbers only, so that equality is
/// that of values.
///
/// ```
/// use shadowflow::number::{Coefficient, Quadratic, Rational};
/// let root = Quadratic::sqrt(12);
/// assert_eq!(root.to_string(), "2*sqrt(3)");
/// assert_eq!(root.times(&root).to_rational(), Some(Rational::from(12)));
/// let sum = Quadratic::one().plus(&root);
/// assert_eq!(sum.divided(&sum), Some(Quadratic::one()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Quadratic {
    rational: Rational,
    irrational: Rational,
    /// Squarefree and above 1, or 0 for a rational.
    radicand: u32,
}

impl Quadratic {
    /// The square root of a natural number, its square factors taken out.
    #[must_use]
    pub fn sqrt(n: u32) -> Self {
        let (mut outside, mut radicand) = (1_u32, n);
        if n == 0 {
            return Self::zero();
        }
        let mut factor = 2_u32;
        while let Some(square) = factor.checked_mul(factor).filter(|s| *s <= radicand) {
            if radicand % square == 0 {
                (radicand, outside) = (radicand / square, outside * factor);
            } else {
                factor += 1;
            }
        }
        let outside = Rational::from(i64::from(outside));
        if radicand == 1 {
            Self::from_rational(&outside)
        } else {
            Self { rational: Rational::ZERO, irrational: outside, radicand }
        }
    }

    /// The number as a rational, if it is one.
    #[must_use]
    pub fn to_rational(&self) -> Option<Rational> {
        self.irrational.is_zero().then(|| self.rational.clone())
    }

    /// The d of `√d`, `None` for a rational.
    #[must_use]
    pub fn radicand(&self) -> Option<u32> {
        (self.radicand != 0).then_some(self.radicand)
    }

    /// The a and b of `a + b√d`.
    #[must_use]
    pub fn parts(&self) -> (&Rational, &Rational) {
        (&self.rational, &self.irrational)
    }

    /// `a − b√d`.
    #[must_use]
    pub fn conjugate(&self) -> Self {
        Self { irrational: -self.irrational.clone(), ..self.clone() }
    }

    /// The nearest `f64`, up to rounding.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.rational.to_f64() + self.irrational.to_f64() * f64::from(self.radicand).sqrt()
    }

    /// The field that holds both.
    fn common(&self, other: &Self) -> u32 {
        let (d, e) = (self.radicand, other.radicand);
        assert!(d == 0 || e == 0 || d == e, "sqrt({d}) and sqrt({e}) have no common quadratic field");
        d.max(e)
    }

    fn new(rational: Rational, irrational: Rational, radicand: u32) -> Self {
        let radicand = if irrational.is_zero() { 0 } else { radicand };
        Self { rational, irrational, radicand }
    }
}

/// Sums and products of `√d` and `√e` with d ≠ e panic: whoever reads numbers keeps to one field.
impl Coefficient for Quadratic {
    fn from_rational(q: &Rational) -> Self {
        Self { rational: q.clone(), irrational: Rational::ZERO, radicand: 0 }
    }

    fn is_zero(&self) -> bool {
        self.rational.is_zero() && self.irrational.is_zero()
    }

    fn plus(&self, other: &Self) -> Self {
        let radicand = self.common(other);
        Self::new(&self.rational + &other.rational, &self.irrational + &other.irrational, radicand)
    }

    fn times(&self, other: &Self) -> Self {
        let radicand = self.common(other);
        let d = Rational::from(i64::from(radicand));
        let rational = &(&self.rational * &other.rational) + &(&(&self.irrational * &other.irrational) * &d);
        let irrational = &(&self.rational * &other.irrational) + &(&self.irrational * &other.rational);
        Self::new(rational, irrational, radicand)
    }

    fn divided(&self, other: &Self) -> Option<Self> {
        let d = Rational::from(i64::from(other.radicand));
        let norm = &(&other.rational * &other.rational) - &(&(&other.irrational * &other.irrational) * &d);
        let conjugate = Self::new(other.rational.clone(), -&other.irrational, other.radicand);
        Some(self.times(&conjugate).scaled(&norm.recip()?))
    }

    fn formula(&self) -> Formula {
        let mut terms = Vec::new();
        if !self.rational.is_zero() || self.irrational.is_zero() {
            terms.push(self.rational.formula().signed());
        }
        if !self.irrational.is_zero() {
            let root = Formula::call("sqrt", vec![Formula::natural(u64::from(self.radicand))]);
            let (negative, size) = self.irrational.formula().signed();
            let term = if size.is_number("1") { root } else { Formula::product(vec![size, root]) };
            terms.push((negative, term));
        }
        Formula::tight_sum(terms)
    }
}

impl fmt::Display for Quadratic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.formula().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = Quadratic> {
        (-9_i64..9, 1_i64..5, -9_i64..9, 1_i64..5)
            .prop_map(|(a, b, c, d)| Quadratic::new(Rational::new(a, b), Rational::new(c, d), 6))
    }

    proptest! {
        #[test]
        fn obeys_the_field_laws(a in numbers(), b in numbers(), c in numbers()) {
            prop_assert_eq!(a.times(&b), b.times(&a));
            prop_assert_eq!(a.times(&b).times(&c), a.times(&b.times(&c)));
            prop_assert_eq!(a.times(&b.plus(&c)), a.times(&b).plus(&a.times(&c)));
            prop_assert_eq!(a.plus(&a.negated()), Quadratic::zero());
            if !b.is_zero() {
                prop_assert_eq!(a.times(&b).divided(&b), Some(a));
            }
        }
    }

    #[test]
    fn roots_are_reduced() {
        assert_eq!(Quadratic::sqrt(0), Quadratic::zero());
        assert_eq!(Quadratic::sqrt(36).to_rational(), Some(Rational::from(6)));
        assert_eq!(Quadratic::sqrt(60).radicand(), Some(15));
        assert_eq!(Quadratic::one().divided(&Quadratic::zero()), None);
        let golden = Quadratic::new(Rational::new(1, 2), Rational::new(-1, 2), 5);
        assert_eq!(golden.to_string(), "1/2-1/2*sqrt(5)");
    }
}
