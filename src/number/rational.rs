//! Exact rationals: machine integers while they suffice, big ones when they do not.

use super::divisors::{common_divisor, gcd};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

/// An exact rational number `p/q` in lowest terms with `q > 0`.
///
/// Values whose numerator and denominator fit `i128` are kept there; others fall back to big integers. The
/// representation is canonical, so equality and hashing are those of the number.
///
/// ```
/// use shadowflow::number::Rational;
/// let third: Rational = "1/3".parse().unwrap();
/// assert_eq!(third.clone() + Rational::new(1, 6), Rational::new(1, 2));
/// assert_eq!("0.1".parse::<Rational>().unwrap(), Rational::new(1, 10));
/// assert_eq!("1e-3".parse::<Rational>().unwrap().to_string(), "1/1000");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Rational(pub(super) Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Repr {
    Small(i128, i128),
    Big(Box<BigRational>),
}

impl Rational {
    /// The number zero.
    pub const ZERO: Rational = Rational(Repr::Small(0, 1));
    /// The number one.
    pub const ONE: Rational = Rational(Repr::Small(1, 1));
    /// The number minus one.
    pub const MINUS_ONE: Rational = Rational(Repr::Small(-1, 1));

    /// The quotient `numerator / denominator` in lowest terms.
    ///
    /// # Panics
    /// If `denominator` is zero.
    #[must_use]
    pub fn new(numerator: i64, denominator: i64) -> Self {
        assert!(denominator != 0, "a rational needs a denominator other than zero");
        Self::small(i128::from(numerator), i128::from(denominator)).unwrap_or(Self::ZERO)
    }

    /// The quotient of two machine integers in lowest terms, or `None` if `denominator` is zero.
    #[must_use]
    pub fn from_integers(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        Self::small(numerator, denominator).or_else(|| Self::from_bigints(numerator.into(), denominator.into()))
    }

    /// Lowest terms of `n/d`, `d != 0`; `None` if a sign change overflows.
    pub(super) fn small(n: i128, d: i128) -> Option<Self> {
        let g = i128::try_from(gcd(n.unsigned_abs(), d.unsigned_abs())).ok()?;
        let (n, d) = (n / g, d / g);
        Some(if d < 0 { Self(Repr::Small(n.checked_neg()?, d.checked_neg()?)) } else { Self(Repr::Small(n, d)) })
    }

    pub(super) fn big(&self) -> BigRational {
        match &self.0 {
            Repr::Small(n, d) => BigRational::new_raw(BigInt::from(*n), BigInt::from(*d)),
            Repr::Big(b) => (**b).clone(),
        }
    }

    pub(super) fn from_big(b: BigRational) -> Self {
        match (b.numer().to_i128(), b.denom().to_i128()) {
            (Some(n), Some(d)) => Self(Repr::Small(n, d)),
            _ => Self(Repr::Big(Box::new(b))),
        }
    }

    /// The quotient of two big integers in lowest terms, or `None` if `denominator` is zero.
    #[must_use]
    pub fn from_bigints(numerator: BigInt, denominator: BigInt) -> Option<Self> {
        if denominator.is_zero() {
            return None;
        }
        let common = common_divisor(&numerator, &denominator);
        let common = if denominator.is_negative() { -common } else { common };
        Some(Self::from_big(BigRational::new_raw(numerator / &common, denominator / &common)))
    }

    /// The numerator, with the sign of the number.
    #[must_use]
    pub fn numerator(&self) -> BigInt {
        match &self.0 {
            Repr::Small(n, _) => BigInt::from(*n),
            Repr::Big(b) => b.numer().clone(),
        }
    }

    /// The denominator, positive.
    #[must_use]
    pub fn denominator(&self) -> BigInt {
        match &self.0 {
            Repr::Small(_, d) => BigInt::from(*d),
            Repr::Big(b) => b.denom().clone(),
        }
    }

    /// Whether the number is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Small(0, _))
    }

    /// Whether the number is one.
    #[must_use]
    pub fn is_one(&self) -> bool {
        matches!(self.0, Repr::Small(1, 1))
    }

    /// Whether the number is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(n, _) => *n < 0,
            Repr::Big(b) => b.is_negative(),
        }
    }

    /// Whether the number is an integer.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Repr::Small(_, d) => *d == 1,
            Repr::Big(b) => b.is_integer(),
        }
    }

    /// The number as a machine integer, if it is one.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small(n, 1) => i64::try_from(*n).ok(),
            _ => None,
        }
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        const EXACT: i128 = 1 << 53;
        match &self.0 {
            // Both convert exactly, so the division rounds once.
            #[allow(
                clippy::cast_precision_loss,
                reason = "both are at most 2^53 in size or a power of two, hence exact"
            )]
            Repr::Small(n, d) if n.abs() <= EXACT && (*d <= EXACT || d.count_ones() == 1) => *n as f64 / *d as f64,
            _ => self.big().to_f64().unwrap_or(f64::NAN),
        }
    }

    /// The exact value of a finite `f64`, or `None` for an infinity or a NaN.
    #[must_use]
    pub fn from_f64(x: f64) -> Option<Self> {
        // x = m/2^k; common factors are powers of two.
        let bits = x.to_bits();
        let (m, k) =
            (i128::from((bits & ((1 << 52) - 1)) | (1 << 52)), 1075 - i64::try_from((bits >> 52) & 2047).ok()?);
        let common = i64::from(m.trailing_zeros());
        if (common..common + 127).contains(&k) {
            let m = m >> common;
            return Some(Self(Repr::Small(if x < 0.0 { -m } else { m }, 1 << (k - common))));
        }
        BigRational::from_float(x).map(Self::from_big)
    }

    /// The absolute value.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { -self } else { self.clone() }
    }

    /// The reciprocal, or `None` for zero.
    #[must_use]
    pub fn recip(&self) -> Option<Self> {
        match &self.0 {
            Repr::Small(0, _) => None,
            Repr::Small(n, d) => Self::small(*d, *n).or_else(|| Some(Self::from_big(self.big().recip()))),
            Repr::Big(b) => Some(Self::from_big(b.recip())),
        }
    }

    /// The power with an integer exponent, or `None` for a negative power of zero.
    #[must_use]
    pub fn pow(&self, exponent: i64) -> Option<Self> {
        let base = if exponent < 0 { self.recip()? } else { self.clone() };
        let (mut result, mut square, mut e) = (Self::ONE, base, exponent.unsigned_abs());
        while e > 0 {
            if e & 1 == 1 {
                result = &result * &square;
            }
            e >>= 1;
            if e > 0 {
                square = &square * &square;
            }
        }
        Some(result)
    }

    /// The size of the number in memory: bits of the numerator plus bits of the denominator.
    #[must_use]
    pub fn bits(&self) -> u64 {
        match &self.0 {
            Repr::Small(n, d) => u64::from(256 - n.unsigned_abs().leading_zeros() - d.unsigned_abs().leading_zeros()),
            Repr::Big(b) => b.numer().bits() + b.denom().bits(),
        }
    }

    /// The quotient, or `None` when `other` is zero.
    #[must_use]
    pub fn checked_div(&self, other: &Self) -> Option<Self> {
        Some(self * &other.recip()?)
    }
}

impl From<i64> for Rational {
    fn from(n: i64) -> Self {
        Self(Repr::Small(i128::from(n), 1))
    }
}

impl From<BigInt> for Rational {
    fn from(n: BigInt) -> Self {
        Self::from_big(BigRational::from_integer(n))
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Small(an, ad), Repr::Small(bn, bd)) = (&self.0, &other.0)
            && let (Some(l), Some(r)) = (an.checked_mul(*bd), bn.checked_mul(*ad))
        {
            return l.cmp(&r);
        }
        self.big().cmp(&other.big())
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Default for Rational {
    fn default() -> Self {
        Self::ZERO
    }
}

impl One for Rational {
    fn one() -> Self {
        Self::ONE
    }
}

impl Zero for Rational {
    fn zero() -> Self {
        Self::ZERO
    }
    fn is_zero(&self) -> bool {
        Rational::is_zero(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn falls_back_to_big_integers_and_returns() {
        let big = Rational::from(i64::MAX).pow(5).unwrap();
        assert!(matches!(big.0, Repr::Big(_)));
        assert_eq!(&(&big / &big), &Rational::ONE);
        assert!(matches!((&big - &big).0, Repr::Small(0, 1)));
    }

    #[test]
    fn doubles_are_exact_and_back() {
        let edges = [
            0.0,
            -0.0,
            1.0,
            -1.5,
            3.0,
            6.0,
            0.1,
            -0.1,
            1e15,
            1e16,
            1e300,
            1e-20,
            1e-30,
            1e-40,
            1e-300,
            5e-324,
            f64::MAX,
            f64::MIN_POSITIVE,
        ];
        let spread =
            (0..200).map(|k| (1.0 + f64::from(k).sqrt()) * 2_f64.powi(100 - k) * if k % 3 == 0 { -1.0 } else { 1.0 });
        for x in edges.into_iter().chain(spread) {
            let exact = Rational::from_f64(x).unwrap();
            let big = Rational::from_big(BigRational::from_float(x).unwrap());
            assert_eq!((&exact, exact.to_f64()), (&big, x), "{x}");
        }
        assert!([f64::NAN, f64::INFINITY].iter().all(|x| Rational::from_f64(*x).is_none()));
    }
}
