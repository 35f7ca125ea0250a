//! The rationals as an algebra, as far as they go.

use super::fold::{exact_power, exact_value};
use super::{Algebra, Function};
use crate::number::Rational;

/// The algebra of exact rationals, which has no value for most functions and stops when the numbers grow too large.
///
/// Once [`Exact::stopped`], every value is zero, costs nothing and means nothing.
///
/// ```
/// use shadowflow::expr::{Algebra, Exact, Function};
/// let mut exact = Exact::default();
/// assert_eq!(exact.pow(&9.into(), &"-1/2".parse().unwrap()), "1/3".parse().unwrap());
/// assert!(!exact.stopped());
/// exact.apply(Function::Exp, &1.into());
/// assert!(exact.stopped());
/// ```
#[derive(Debug, Clone)]
pub struct Exact {
    budget: Option<u64>,
    /// The functions that were taken where they have no derivative, without repetition.
    pub kinks: Vec<Function>,
}

impl Exact {
    /// Arithmetic that stops after work of this size: each operation counts 1, and more when its numbers are large.
    #[must_use]
    pub fn new(budget: u64) -> Self {
        Self { budget: Some(budget), kinks: Vec::new() }
    }

    /// Whether some value could not be computed.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.budget.is_none()
    }

    fn stop(&mut self) -> Rational {
        self.budget = None;
        Rational::ZERO
    }

    /// Pays for an operation on numbers of these sizes in bits; schoolbook multiplication and the gcd are quadratic.
    fn pays(&mut self, bits: u64) -> bool {
        let words = bits >> 7;
        self.budget = self.budget.and_then(|b| b.checked_sub(1 + words.saturating_mul(words)));
        self.budget.is_some()
    }
}

impl Default for Exact {
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

impl Algebra for Exact {
    type Value = Rational;

    fn rational(&mut self, q: &Rational) -> Rational {
        q.clone()
    }

    fn pi(&mut self) -> Rational {
        self.stop()
    }

    fn add(&mut self, a: &Rational, b: &Rational) -> Rational {
        if self.pays(a.bits() + b.bits()) { a + b } else { Rational::ZERO }
    }

    fn mul(&mut self, a: &Rational, b: &Rational) -> Rational {
        if self.pays(a.bits() + b.bits()) { a * b } else { Rational::ZERO }
    }

    fn scale(&mut self, q: &Rational, a: &Rational) -> Rational {
        self.mul(q, a)
    }

    fn pow(&mut self, a: &Rational, exponent: &Rational) -> Rational {
        let size = exponent.numerator().bits().min(40);
        if !self.pays(a.bits().saturating_mul(1 << size)) {
            return Rational::ZERO;
        }
        match exact_power(a, exponent) {
            Some(value) => value,
            None => self.stop(),
        }
    }

    fn apply(&mut self, function: Function, a: &Rational) -> Rational {
        if !function.is_smooth() && a.is_zero() && !self.kinks.contains(&function) {
            self.kinks.push(function);
        }
        match exact_value(function, a) {
            Some(value) => value,
            None => self.stop(),
        }
    }

    fn logsumexp(&mut self, terms: &[Rational]) -> Rational {
        match terms {
            [only] => only.clone(),
            _ => self.stop(),
        }
    }

    fn is_zero(&self, a: &Rational) -> bool {
        a.is_zero()
    }
}
