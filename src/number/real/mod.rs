//! Floats of any precision.

mod convert;
mod erf;
mod functions;
#[cfg(test)]
mod tests;

pub(super) use functions::NEAREST;
pub use functions::Reals;

use astro_float::{BigFloat, RoundingMode, Sign};
use std::cmp::Ordering;

/// A binary float of any precision; arithmetic on it is in [`Reals`], which holds the precision.
///
/// Beside its value it knows whether it is exact, that is, whether no rounding went into it.
#[derive(Debug, Clone)]
pub struct Real(pub(super) BigFloat);

impl Real {
    /// The number zero, exact.
    #[must_use]
    pub fn zero() -> Self {
        Self(BigFloat::from_word(0, 64))
    }

    /// Not a number: the value of what has none.
    #[must_use]
    pub fn nan() -> Self {
        Self(BigFloat::nan(None))
    }

    /// Whether this is not a number.
    #[must_use]
    pub fn is_nan(&self) -> bool {
        self.0.is_nan()
    }

    /// Whether this is a number and not infinite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        !self.0.is_nan() && !self.0.is_inf()
    }

    /// Whether the value is zero, by rounding or exactly.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether no rounding went into the value.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.is_finite() && !self.0.inexact()
    }

    /// Whether the value is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.0.sign() == Some(Sign::Neg) && !self.0.is_zero()
    }

    /// The exponent e with `2^(e−1) ≤ |x| < 2^e`; `None` for zero and what is not finite.
    #[must_use]
    pub fn exponent(&self) -> Option<i64> {
        if self.is_zero() { None } else { self.0.exponent().map(i64::from) }
    }

    /// Whether two finite values differ by less than `2^(1−bits)` of this one's size.
    #[must_use]
    pub fn agrees(&self, other: &Self, bits: i64) -> bool {
        let difference = Self(self.0.sub(&other.0, 64, RoundingMode::ToEven));
        match (difference.exponent(), self.exponent()) {
            (Some(d), Some(e)) => d <= e - bits,
            _ => difference.is_zero(),
        }
    }

    /// The negative.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self(self.0.neg())
    }

    /// The absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.negated() } else { self.clone() }
    }
}

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.cmp(&other.0).map(|c| c.cmp(&0))
    }
}
