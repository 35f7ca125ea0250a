//! The one ring that derived coefficients lie in.

use super::coefficient_text::{Names, Problem, read_coefficient};
use super::{Coefficient, Fraction, ParseFractionError, Quadratic, Rational};
use crate::formula::Formula;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// An exact coefficient of a derived formula: a rational number, a number of some `Q(√d)`, or a rational function of
/// hyper-parameters left symbolic.
///
/// Each value stands in the smallest of the three that holds it, so that equality is that of values. Optimizers have roots or
/// symbols, never both; where the two meet all the same, a root counts as a symbol `sqrt(d)`.
///
/// ```
/// use shadowflow::number::{Coefficient, Fraction, Quadratic, Rational, Scalar};
/// let half = Scalar::from(Rational::new(1, 2));
/// let root = Scalar::from(Quadratic::sqrt(2));
/// assert_eq!(half.times(&root).to_string(), "1/2*sqrt(2)");
/// // What turns out to be rational is rational.
/// assert_eq!(root.times(&root), Scalar::from(Rational::from(2)));
/// let m = Scalar::from(Fraction::symbol("m"));
/// assert_eq!(m.divided(&m).and_then(|one| one.to_rational()), Some(Rational::ONE));
/// assert_eq!(half.divided(&Scalar::zero()), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scalar(Kind);

/// Only rational numbers are held in place: they are by far the most.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    Rational(Rational),
    Root(Box<Quadratic>),
    Fraction(Box<Fraction>),
}

impl Scalar {
    /// The number, if it is rational.
    #[must_use]
    pub fn to_rational(&self) -> Option<Rational> {
        match &self.0 {
            Kind::Rational(q) => Some(q.clone()),
            Kind::Root(_) | Kind::Fraction(_) => None,
        }
    }

    /// The number as an element of its `Q(√d)`; `None` while it has symbols.
    #[must_use]
    pub fn to_quadratic(&self) -> Option<Quadratic> {
        match &self.0 {
            Kind::Rational(q) => Some(Quadratic::from_rational(q)),
            Kind::Root(root) => Some((**root).clone()),
            Kind::Fraction(_) => None,
        }
    }

    /// The value as a rational function, a square root as the symbol `sqrt(d)`.
    #[must_use]
    pub fn to_fraction(&self) -> Fraction {
        match &self.0 {
            Kind::Rational(q) => Fraction::from_rational(q),
            Kind::Fraction(fraction) => (**fraction).clone(),
            Kind::Root(root) => {
                let (rational, irrational) = root.parts();
                let symbol = Fraction::symbol(&format!("sqrt({})", root.radicand().unwrap_or(1)));
                Fraction::from_rational(rational).plus(&symbol.scaled(irrational))
            }
        }
    }

    /// The nearest `f64`, up to rounding; `None` while it has symbols.
    #[must_use]
    pub fn to_f64(&self) -> Option<f64> {
        match &self.0 {
            Kind::Rational(q) => Some(q.to_f64()),
            Kind::Root(root) => Some(root.to_f64()),
            Kind::Fraction(_) => None,
        }
    }

    /// What an operation gives in the smallest ring that holds both operands.
    fn with<T: Into<Self>, U: Into<Self>, V: Into<Self>>(
        &self,
        other: &Self,
        numbers: impl FnOnce(&Rational, &Rational) -> Option<T>,
        roots: impl FnOnce(&Quadratic, &Quadratic) -> Option<U>,
        fractions: impl FnOnce(&Fraction, &Fraction) -> Option<V>,
    ) -> Option<Self> {
        if let (Kind::Rational(a), Kind::Rational(b)) = (&self.0, &other.0) {
            return numbers(a, b).map(Into::into);
        }
        match (self.to_quadratic(), other.to_quadratic()) {
            (Some(a), Some(b)) => roots(&a, &b).map(Into::into),
            _ => fractions(&self.to_fraction(), &other.to_fraction()).map(Into::into),
        }
    }
}

impl From<Rational> for Scalar {
    fn from(q: Rational) -> Self {
        Self(Kind::Rational(q))
    }
}

impl From<Quadratic> for Scalar {
    fn from(root: Quadratic) -> Self {
        Self(root.to_rational().map_or_else(|| Kind::Root(Box::new(root)), Kind::Rational))
    }
}

impl From<Fraction> for Scalar {
    fn from(fraction: Fraction) -> Self {
        let constant = fraction.numerator().as_constant().filter(|_| fraction.denominator().len() == 0);
        Self(constant.map_or_else(|| Kind::Fraction(Box::new(fraction)), Kind::Rational))
    }
}

impl Coefficient for Scalar {
    fn from_rational(q: &Rational) -> Self {
        q.clone().into()
    }

    fn is_zero(&self) -> bool {
        matches!(&self.0, Kind::Rational(q) if q.is_zero())
    }

    fn plus(&self, other: &Self) -> Self {
        let sum = self.with(other, |a, b| Some(a + b), |a, b| Some(a.plus(b)), |a, b| Some(a.plus(b)));
        sum.unwrap_or_else(Self::zero)
    }

    fn times(&self, other: &Self) -> Self {
        let product = self.with(other, |a, b| Some(a * b), |a, b| Some(a.times(b)), |a, b| Some(a.times(b)));
        product.unwrap_or_else(Self::zero)
    }

    fn scaled(&self, q: &Rational) -> Self {
        match &self.0 {
            Kind::Rational(own) => (own * q).into(),
            Kind::Root(root) => root.scaled(q).into(),
            Kind::Fraction(fraction) => fraction.scaled(q).into(),
        }
    }

    fn divided(&self, other: &Self) -> Option<Self> {
        self.with(other, Rational::checked_div, Coefficient::divided, Coefficient::divided)
    }

    fn formula(&self) -> Formula {
        match &self.0 {
            Kind::Rational(q) => q.formula(),
            Kind::Root(root) => root.formula(),
            Kind::Fraction(fraction) => fraction.formula(),
        }
    }
}

/// A total order, by size among rational numbers and by how they are written among others.
impl Ord for Scalar {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Kind::Rational(a), Kind::Rational(b)) => a.cmp(b),
            (Kind::Fraction(a), Kind::Fraction(b)) => a.cmp(b),
            _ => self.to_fraction().cmp(&other.to_fraction()),
        }
    }
}

impl PartialOrd for Scalar {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Rational(q) => q.fmt(f),
            Kind::Root(root) => root.fmt(f),
            Kind::Fraction(fraction) => fraction.fmt(f),
        }
    }
}

impl FromStr for Scalar {
    type Err = ParseFractionError;

    /// Reads what a [`Fraction`] is read from, or numbers with square roots, `1/4-sqrt(3)/6`: symbols do not stand beside roots.
    ///
    /// ```
    /// use shadowflow::number::Scalar;
    /// for text in ["1/2", "1/4-1/6*sqrt(3)", "(1+m)/(2*(1-m)^3)"] {
    ///     assert_eq!(text.parse::<Scalar>()?.to_string(), text);
    /// }
    /// assert!("m*sqrt(3)".parse::<Scalar>().is_err() && "sqrt(2)*sqrt(3)".parse::<Scalar>().is_err());
    /// # Ok::<(), shadowflow::number::ParseFractionError>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, ParseFractionError> {
        if !text.contains("sqrt") {
            return text.parse::<Fraction>().map(Into::into);
        }
        let seen = Cell::new(None);
        let sqrt = |n| {
            let root = Quadratic::sqrt(n);
            match (root.radicand(), seen.get()) {
                (Some(d), Some(e)) if d != e => {
                    Err(format!("sqrt({d}) stands beside sqrt({e}): roots of one number only"))
                }
                (radicand, before) => {
                    seen.set(radicand.or(before));
                    Ok(Scalar::from(root))
                }
            }
        };
        let names = Names { symbol: &|name| Err(format!("`{name}` stands beside a root")), sqrt: &sqrt };
        read_coefficient(text, &names).map_err(|Problem { position, message }| ParseFractionError {
            text: text.chars().take(80).collect(),
            position,
            problem: message,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_the_smallest_ring() {
        let root = Scalar::from(Quadratic::sqrt(3));
        assert_eq!(root.plus(&root.negated()), Scalar::zero());
        assert_eq!(Scalar::from(Quadratic::sqrt(4)), Scalar::from(Rational::from(2)));
        let m: Scalar = "m/(1-m)".parse().unwrap();
        let one: Scalar = "(1-m)/(1-m)".parse().unwrap();
        assert_eq!((one.clone(), m.times(&Scalar::zero())), (Scalar::one(), Scalar::zero()));
        assert_eq!(m.plus(&one).to_string(), "1/(1-m)");
        assert_eq!((m.to_f64(), m.to_rational(), m.to_quadratic()), (None, None, None));
    }

    /// Among fractions numbers stand where they did as fractions, so that terms of a symbolic derivation keep their places.
    #[test]
    fn the_order_is_that_of_each_ring() {
        let values = ["-1", "1/2", "m", "-m", "1/(1-m)"].map(|t| t.parse::<Fraction>().unwrap());
        for a in &values {
            for b in &values {
                let (s, t) = (Scalar::from(a.clone()), Scalar::from(b.clone()));
                assert_eq!(s.cmp(&t), a.cmp(b), "{a} and {b}");
            }
        }
    }

    /// Long equations are as large as with rational numbers alone.
    #[test]
    fn rational_numbers_cost_nothing() {
        assert_eq!(size_of::<Scalar>(), size_of::<Rational>());
    }

    #[test]
    fn roots_and_symbols_are_written_together() {
        let sum = Scalar::from(Quadratic::sqrt(2)).plus(&"m".parse().unwrap());
        assert_eq!(sum.to_fraction(), Fraction::symbol("sqrt(2)").plus(&Fraction::symbol("m")));
    }
}
