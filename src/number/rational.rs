//! Exact rationals: machine integers while they suffice, big ones when they do not.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

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
pub struct Rational(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Small(i128, i128),
    Big(Box<BigRational>),
}

/// Why a text is not an exact number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseRationalError {
    /// The text is no integer, decimal, exponent form or quotient of two of these.
    #[error("`{0}` is not an exact number: expected an integer, a decimal such as 0.25 or 1e-3, or a fraction p/q")]
    Malformed(String),
    /// The denominator is zero.
    #[error("`{0}` divides by zero")]
    ZeroDenominator(String),
    /// The decimal exponent is beyond [`MAX_DECIMAL_EXPONENT`].
    #[error("the exponent of `{0}` is beyond the limit of {MAX_DECIMAL_EXPONENT}")]
    ExponentTooLarge(String),
}

/// The largest decimal exponent accepted in a number, either sign: it bounds the memory that one literal can ask for.
pub const MAX_DECIMAL_EXPONENT: i64 = 10_000;

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        if let (Ok(x), Ok(y)) = (u64::try_from(a), u64::try_from(b)) {
            return u128::from(num_integer::gcd(x, y));
        }
        (a, b) = (b, a % b);
    }
    a
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
    fn small(n: i128, d: i128) -> Option<Self> {
        let g = i128::try_from(gcd(n.unsigned_abs(), d.unsigned_abs())).ok()?;
        let (n, d) = (n / g, d / g);
        Some(if d < 0 { Self(Repr::Small(n.checked_neg()?, d.checked_neg()?)) } else { Self(Repr::Small(n, d)) })
    }

    fn big(&self) -> BigRational {
        match &self.0 {
            Repr::Small(n, d) => BigRational::new_raw(BigInt::from(*n), BigInt::from(*d)),
            Repr::Big(b) => (**b).clone(),
        }
    }

    fn from_big(b: BigRational) -> Self {
        match (b.numer().to_i128(), b.denom().to_i128()) {
            (Some(n), Some(d)) => Self(Repr::Small(n, d)),
            _ => Self(Repr::Big(Box::new(b))),
        }
    }

    /// The quotient of two big integers in lowest terms, or `None` if `denominator` is zero.
    #[must_use]
    pub fn from_bigints(numerator: BigInt, denominator: BigInt) -> Option<Self> {
        (!denominator.is_zero()).then(|| Self::from_big(BigRational::new(numerator, denominator)))
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
            #[allow(clippy::cast_precision_loss, reason = "both are at most 2^53 in size, hence exact")]
            Repr::Small(n, d) if n.abs() <= EXACT && *d <= EXACT => *n as f64 / *d as f64,
            _ => self.big().to_f64().unwrap_or(f64::NAN),
        }
    }

    /// The exact value of a finite `f64`, or `None` for an infinity or a NaN.
    #[must_use]
    pub fn from_f64(x: f64) -> Option<Self> {
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

fn add_small(a: (i128, i128), b: (i128, i128)) -> Option<Rational> {
    let ((an, ad), (bn, bd)) = (a, b);
    if ad == 1 && bd == 1 {
        return Some(Rational(Repr::Small(an.checked_add(bn)?, 1)));
    }
    let g = i128::try_from(gcd(ad.unsigned_abs(), bd.unsigned_abs())).ok()?;
    let (ra, rb) = (ad / g, bd / g);
    let n = an.checked_mul(rb)?.checked_add(bn.checked_mul(ra)?)?;
    Rational::small(n, ad.checked_mul(rb)?)
}

fn mul_small(a: (i128, i128), b: (i128, i128)) -> Option<Rational> {
    let ((an, ad), (bn, bd)) = (a, b);
    // Cross-reduced, the product is in lowest terms already.
    let g = i128::try_from(gcd(an.unsigned_abs(), bd.unsigned_abs())).ok()?.max(1);
    let k = i128::try_from(gcd(bn.unsigned_abs(), ad.unsigned_abs())).ok()?.max(1);
    let n = (an / g).checked_mul(bn / k)?;
    let d = (ad / k).checked_mul(bd / g)?;
    Some(Rational(if n == 0 { Repr::Small(0, 1) } else { Repr::Small(n, d) }))
}

impl Add for &Rational {
    type Output = Rational;
    fn add(self, other: &Rational) -> Rational {
        if let (Repr::Small(an, ad), Repr::Small(bn, bd)) = (&self.0, &other.0)
            && let Some(sum) = add_small((*an, *ad), (*bn, *bd))
        {
            return sum;
        }
        Rational::from_big(self.big() + other.big())
    }
}

impl Mul for &Rational {
    type Output = Rational;
    fn mul(self, other: &Rational) -> Rational {
        if let (Repr::Small(an, ad), Repr::Small(bn, bd)) = (&self.0, &other.0)
            && let Some(product) = mul_small((*an, *ad), (*bn, *bd))
        {
            return product;
        }
        Rational::from_big(self.big() * other.big())
    }
}

impl Neg for &Rational {
    type Output = Rational;
    fn neg(self) -> Rational {
        match &self.0 {
            Repr::Small(n, d) if *n != i128::MIN => Rational(Repr::Small(-n, *d)),
            _ => Rational::from_big(-self.big()),
        }
    }
}

impl Sub for &Rational {
    type Output = Rational;
    fn sub(self, other: &Rational) -> Rational {
        self + &-other
    }
}

/// # Panics
/// On division by zero; see [`Rational::checked_div`].
impl Div for &Rational {
    type Output = Rational;
    fn div(self, other: &Rational) -> Rational {
        self.checked_div(other).expect("division of a rational by zero")
    }
}

macro_rules! by_value {
    ($($op:ident $method:ident),*) => {$(
        impl $op for Rational {
            type Output = Rational;
            fn $method(self, other: Rational) -> Rational {
                (&self).$method(&other)
            }
        }
        impl $op<&Rational> for Rational {
            type Output = Rational;
            fn $method(self, other: &Rational) -> Rational {
                (&self).$method(other)
            }
        }
    )*};
}
by_value!(Add add, Sub sub, Mul mul, Div div);

impl Neg for Rational {
    type Output = Rational;
    fn neg(self) -> Rational {
        -&self
    }
}

impl AddAssign<&Rational> for Rational {
    fn add_assign(&mut self, other: &Rational) {
        *self = &*self + other;
    }
}

impl SubAssign<&Rational> for Rational {
    fn sub_assign(&mut self, other: &Rational) {
        *self = &*self - other;
    }
}

impl MulAssign<&Rational> for Rational {
    fn mul_assign(&mut self, other: &Rational) {
        *self = &*self * other;
    }
}

impl std::iter::Sum for Rational {
    fn sum<I: Iterator<Item = Rational>>(iter: I) -> Rational {
        iter.fold(Rational::ZERO, |a, b| a + b)
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

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(n, 1) => write!(f, "{n}"),
            Repr::Small(n, d) => write!(f, "{n}/{d}"),
            Repr::Big(b) => write!(f, "{b}"),
        }
    }
}

impl fmt::Debug for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An unsigned or signed decimal, with or without a point and an exponent.
fn parse_decimal(text: &str, whole: &str) -> Result<Rational, ParseRationalError> {
    let malformed = || ParseRationalError::Malformed(whole.to_owned());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((m, e)) => {
            let digits = e.strip_prefix(['+', '-']).unwrap_or(e);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(malformed());
            }
            let too_large = || ParseRationalError::ExponentTooLarge(whole.to_owned());
            (m, e.parse::<i64>().map_err(|_| too_large())?)
        }
        None => (text, 0),
    };
    if exponent.abs() > MAX_DECIMAL_EXPONENT {
        return Err(ParseRationalError::ExponentTooLarge(whole.to_owned()));
    }
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{integer}{fraction}");
    if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed());
    }
    let value = BigInt::from_str(&all).map_err(|_| malformed())? * sign;
    let shift = exponent - i64::try_from(fraction.len()).map_err(|_| malformed())?;
    let ten = num_traits::pow(BigInt::from(10), usize::try_from(shift.unsigned_abs()).map_err(|_| malformed())?);
    Ok(Rational::from_big(if shift < 0 {
        BigRational::new(value, ten)
    } else {
        BigRational::from_integer(value * ten)
    }))
}

impl FromStr for Rational {
    type Err = ParseRationalError;

    /// Reads `12`, `-0.25`, `1e-3` or `p/q` with each of `p`, `q` one of these.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        match trimmed.split_once('/') {
            None => parse_decimal(trimmed, trimmed),
            Some((p, q)) => parse_decimal(p.trim(), trimmed)?
                .checked_div(&parse_decimal(q.trim(), trimmed)?)
                .ok_or_else(|| ParseRationalError::ZeroDenominator(trimmed.to_owned())),
        }
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
    use proptest::prelude::*;

    #[test]
    fn falls_back_to_big_integers_and_returns() {
        let big = Rational::from(i64::MAX).pow(5).unwrap();
        assert!(matches!(big.0, Repr::Big(_)));
        assert_eq!(&(&big / &big), &Rational::ONE);
        assert!(matches!((&big - &big).0, Repr::Small(0, 1)));
    }

    #[test]
    fn reads_exact_decimals() {
        for (text, n, d) in
            [("0.1", 1, 10), ("-2.50", -5, 2), ("1e2", 100, 1), (".5", 1, 2), ("3/4", 3, 4), ("1e-3/2", 1, 2000)]
        {
            assert_eq!(text.parse::<Rational>().unwrap(), Rational::new(n, d), "{text}");
        }
        for text in ["", "x", "1//2", "1/0", "--1", "1e", "1e99999999999", "0x1", "1_0", "."] {
            assert!(text.parse::<Rational>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_big_rationals(a: i64, b in 1i64.., c: i64, d in 1i64..) {
            let (x, y) = (Rational::new(a, b), Rational::new(c, d));
            prop_assert_eq!((&x + &y).big(), x.big() + y.big());
            prop_assert_eq!((&x * &y).big(), x.big() * y.big());
            prop_assert_eq!(x.cmp(&y), x.big().cmp(&y.big()));
        }
    }
}
