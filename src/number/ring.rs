//! The exact coefficient ring that derivations are generic over.

use super::Rational;
use crate::formula::Formula;
use std::fmt::{Debug, Display};

/// An exact commutative ring that contains the rationals: the coefficients of derived formulas.
///
/// Implemented by [`Rational`] and by rational functions of an optimizer's hyper-parameters. Equality must be equality
/// of values, so implementations keep a canonical form.
pub trait Coefficient: Clone + PartialEq + Eq + Debug + Display {
    /// The rational number `q` as an element.
    fn from_rational(q: &Rational) -> Self;
    /// Whether this is the zero element.
    fn is_zero(&self) -> bool;
    /// The sum.
    #[must_use]
    fn plus(&self, other: &Self) -> Self;
    /// The product.
    #[must_use]
    fn times(&self, other: &Self) -> Self;
    /// The product with a rational.
    #[must_use]
    fn scaled(&self, q: &Rational) -> Self {
        self.times(&Self::from_rational(q))
    }
    /// The additive inverse.
    #[must_use]
    fn negated(&self) -> Self {
        self.scaled(&Rational::MINUS_ONE)
    }
    /// The quotient, or `None` where the ring has none (zero, or a divisor that is not a unit).
    fn divided(&self, other: &Self) -> Option<Self>;
    /// The element as it is written.
    ///
    /// ```
    /// use shadowflow::number::{Coefficient, Fraction};
    /// let size = "-(1+m)/2".parse::<Fraction>()?.formula().signed();
    /// assert_eq!((size.0, size.1.to_string()), (true, "(1+m)/2".to_owned()));
    /// # Ok::<(), shadowflow::number::ParseFractionError>(())
    /// ```
    fn formula(&self) -> Formula;
    /// The zero element.
    #[must_use]
    fn zero() -> Self {
        Self::from_rational(&Rational::ZERO)
    }
    /// The unit element.
    #[must_use]
    fn one() -> Self {
        Self::from_rational(&Rational::ONE)
    }
}

impl Coefficient for Rational {
    fn from_rational(q: &Rational) -> Self {
        q.clone()
    }
    fn is_zero(&self) -> bool {
        Rational::is_zero(self)
    }
    fn plus(&self, other: &Self) -> Self {
        self + other
    }
    fn times(&self, other: &Self) -> Self {
        self * other
    }
    fn divided(&self, other: &Self) -> Option<Self> {
        self.checked_div(other)
    }
    fn formula(&self) -> Formula {
        let size = Formula::digits(self.abs().numerator().to_string());
        let divisor = self.denominator();
        let size = if self.is_integer() { size } else { size.over(Formula::digits(divisor.to_string())) };
        (self.is_negative(), size).into()
    }
}
