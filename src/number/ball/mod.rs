//! Enclosures: floats of any precision with a bound of their error.

mod erf;
mod functions;
mod magnitude;
#[cfg(test)]
mod tests;
mod trigonometric;

pub use magnitude::Magnitude;

use super::real::{Real, Reals};
use super::{Rational, real::NEAREST};
use astro_float::{BigFloat, WORD_BIT_SIZE};

/// Midpoints stay within `2^±RANGE`, so that products of two of them are floats too.
const RANGE: i64 = (1 << 30) - 128;

/// What is beyond `2^BEYOND` in size is [`Ball::Huge`] at the least.
const BEYOND: i64 = 1 << 27;

/// The bits of midpoints that a double is decided on, beyond which they are cut off.
const DECIDING: usize = 128;

/// A set of real numbers that holds the one that was to be computed.
///
/// Every operation of [`Balls`] on sets gives a set that holds all results for numbers of the operands.
#[derive(Debug, Clone)]
pub enum Ball {
    /// The numbers within a distance of a midpoint. The radius 0 says that the midpoint is the number itself.
    Finite(Real, Magnitude),
    /// The numbers of one sign of at least the size `2^exponent`.
    Huge {
        /// Whether they are below zero.
        negative: bool,
        /// At least 2^27.
        exponent: i64,
    },
    /// Every number, and no number: nothing is known.
    Unknown,
}

/// Why a function has no enclosure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// No number of the operand has a value.
    Outside,
    /// Some have a value and others none: more digits may tell.
    Undecided,
}

impl Ball {
    /// A number, exactly.
    #[must_use]
    pub fn exact(value: Real) -> Self {
        let mut value = value;
        value.0.set_inexact(false);
        Self::Finite(value, Magnitude::ZERO).within_range()
    }

    /// The numbers of at most this size.
    #[must_use]
    pub fn around_zero(size: Magnitude) -> Self {
        if size.exponent() > RANGE && !size.is_zero() { Self::Unknown } else { Self::Finite(Real::zero(), size) }
    }

    /// The midpoint; not a number where there is none.
    #[must_use]
    pub fn mid(&self) -> Real {
        match self {
            Self::Finite(mid, _) => mid.clone(),
            _ => Real::nan(),
        }
    }

    /// At least the distance of the numbers from the midpoint.
    #[must_use]
    pub fn radius(&self) -> Magnitude {
        match self {
            Self::Finite(_, radius) => *radius,
            _ => Magnitude::INFINITE,
        }
    }

    /// At least the size of every number.
    #[must_use]
    pub fn above(&self) -> Magnitude {
        match self {
            Self::Finite(mid, radius) => Magnitude::above(mid).plus(*radius),
            _ => Magnitude::INFINITE,
        }
    }

    /// At most the size of every number; zero where 0 may be among them.
    #[must_use]
    pub fn below(&self) -> Magnitude {
        match self {
            Self::Finite(mid, radius) => Magnitude::below(mid).minus_below(*radius).unwrap_or(Magnitude::ZERO),
            Self::Huge { exponent, .. } => Magnitude::power_of_two(*exponent),
            Self::Unknown => Magnitude::ZERO,
        }
    }

    /// Whether the number is known to be exactly 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self, Self::Finite(mid, radius) if mid.is_zero() && radius.is_zero())
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// −1, 0 or 1 if all numbers have that sign.
    #[must_use]
    pub fn sign(&self) -> Option<i8> {
        let of = |negative: bool| if negative { -1 } else { 1 };
        match self {
            _ if self.is_zero() => Some(0),
            Self::Huge { negative, .. } => Some(of(*negative)),
            Self::Finite(mid, _) => (!self.below().is_zero()).then(|| of(mid.is_negative())),
            Self::Unknown => None,
        }
    }

    /// The double that every number rounds to (to nearest, ties to even); infinite beyond the largest, `None` where it is not
    /// the same for all.
    ///
    /// ```
    /// use shadowflow::number::{Balls, Rational};
    /// let mut balls = Balls::new(128);
    /// let third = balls.rational(&Rational::new(1, 3));
    /// assert_eq!(third.to_f64(), Some(1.0 / 3.0));
    /// let unit = balls.rational(&Rational::ONE);
    /// // 1 − exp(−10^-60): 128 bits tell no digit of it.
    /// let tiny = balls.rational(&"-1e-60".parse().unwrap());
    /// let difference = { let exp = balls.exp(&tiny); balls.sub(&unit, &exp) };
    /// assert_eq!(difference.to_f64(), None);
    /// ```
    #[must_use]
    pub fn to_f64(&self) -> Option<f64> {
        let (mid, radius) = match self {
            Self::Unknown => return None,
            Self::Huge { negative: true, .. } => return Some(f64::NEG_INFINITY),
            Self::Huge { negative: false, .. } => return Some(f64::INFINITY),
            Self::Finite(mid, radius) => (mid, *radius),
        };
        if radius.is_zero() {
            return Some(mid.to_f64());
        }
        if self.above() < Magnitude::power_of_two(-1075) {
            let negative = self.sign() == Some(-1);
            return Some(if negative { -0.0 } else { 0.0 });
        }
        // Without 0 among the numbers the radius is below the midpoint's size, 2^e, and what the two sums below lose is less than
        // 2^(e−100): rounding to doubles keeps the order.
        let exponent = mid.exponent().filter(|_| !self.below().is_zero())?;
        let slack = radius.plus(Magnitude::power_of_two(exponent - 100)).to_real();
        let near = |value: BigFloat| Real(value).to_f64();
        let low = near(mid.0.sub(&slack.0, DECIDING, NEAREST));
        let high = near(mid.0.add(&slack.0, DECIDING, NEAREST));
        (low == high).then_some(low)
    }

    /// The bits that the radius must shrink by for a double to be told, as far as that can be known; `None` where nothing is known.
    #[must_use]
    pub fn missing_bits(&self) -> Option<u64> {
        let Self::Finite(mid, radius) = self else { return None };
        let goal = if self.below().is_zero() { -1080 } else { (mid.exponent()? - 64).max(-1080) };
        Some(u64::try_from(radius.exponent().saturating_sub(goal)).unwrap_or(0).max(1))
    }

    /// The result of an operation of the library that rounds to nearest at `precision` bits and says whether it did; a result
    /// beyond the range is enclosed as far as it can.
    fn rounded(mut value: BigFloat, precision: usize, mut radius: Magnitude) -> Self {
        if value.inexact() {
            match value.exponent() {
                Some(_) if value.is_zero() => return Self::Unknown,
                Some(e) => radius = radius.plus(last_place(e.into(), precision)),
                None => return Self::Unknown,
            }
            value.set_inexact(false);
        }
        Self::Finite(Real(value), radius).within_range()
    }

    /// A value of [`Reals`], whose functions are right to a few units in the last place.
    fn computed(value: Real, precision: usize, radius: Magnitude) -> Self {
        let mut value = value.0;
        let Some(e) = value.exponent() else { return Self::Unknown };
        if value.is_zero() {
            return if value.inexact() { Self::Unknown } else { Self::Finite(Real(value), radius) };
        }
        value.set_inexact(false);
        let error = last_place(i64::from(e) + 3, precision);
        Self::Finite(Real(value), radius.plus(error)).within_range()
    }

    fn within_range(self) -> Self {
        let Self::Finite(mid, radius) = &self else { return self };
        if !mid.is_finite() || !radius.is_finite() {
            return Self::Unknown;
        }
        match mid.exponent() {
            Some(e) if e < -RANGE => Self::around_zero(self.above()),
            Some(e) if e > RANGE => match self.below() {
                low if low.exponent() >= BEYOND && !low.is_zero() => {
                    Self::Huge { negative: mid.is_negative(), exponent: low.exponent() }
                }
                _ => Self::Unknown,
            },
            _ if !radius.is_zero() && radius.exponent() > RANGE => Self::Unknown,
            _ => self,
        }
    }
}

/// At least a unit in the last place, and so twice the error of rounding to nearest, of a number below `2^exponent`.
fn last_place(exponent: i64, precision: usize) -> Magnitude {
    Magnitude::power_of_two(exponent - i64::try_from(precision).unwrap_or(i64::MAX / 2))
}

impl Magnitude {
    /// As a float; sizes below `2^-RANGE` are rounded up to it.
    pub(crate) fn to_real(self) -> Real {
        if self.is_zero() {
            return Real::zero();
        }
        let exponent = self.exponent().clamp(-RANGE, RANGE);
        let mut value = BigFloat::from_f64(self.over(Self::power_of_two(self.exponent())).to_f64(), WORD_BIT_SIZE);
        let own = value.exponent().map_or(0, i64::from);
        value.set_exponent(i32::try_from(own + exponent).unwrap_or(i32::MAX));
        Real(value)
    }
}

/// Arithmetic on enclosures at one precision.
///
/// What is assumed of the library behind it, of results with p bits: sums, products, quotients and square roots are rounded to nearest,
/// and its flag for inexact results is never missing; exponential, logarithm, sine, cosine, arc tangent and π are asked for with 64 bits more and
/// must be right to within 2^60 of their units in the last place. Everything else is proved where it is computed.
///
/// ```
/// use shadowflow::number::{Balls, Domain, Rational};
/// let mut balls = Balls::new(64);
/// let x = balls.rational(&"400".parse().unwrap());
/// let tail = { let tanh = balls.tanh(&x); balls.sub(&tanh, &balls.rational(&Rational::ONE)) };
/// assert_eq!(tail.sign(), None); // 1 − tanh 400 is below 2^-1150.
/// assert!(matches!(balls.log(&tail), Err(Domain::Undecided)));
/// ```
#[derive(Debug)]
pub struct Balls {
    reals: Reals,
}

impl Balls {
    /// Arithmetic with this many bits, rounded up to whole words.
    #[must_use]
    pub fn new(precision: usize) -> Self {
        Self { reals: Reals::new(precision) }
    }

    /// The number of bits.
    #[must_use]
    pub fn precision(&self) -> usize {
        self.reals.precision()
    }

    /// Does something with more bits and rounds its result.
    fn with_bits(&mut self, more: usize, work: impl FnOnce(&mut Self) -> Ball) -> Ball {
        let precision = self.precision();
        self.reals.set_precision(precision.saturating_add(more));
        let value = work(self);
        self.reals.set_precision(precision);
        self.settled(value)
    }

    /// Rounds a midpoint that has more bits.
    fn settled(&self, value: Ball) -> Ball {
        let Ball::Finite(mut mid, radius) = value else { return value };
        let precision = self.precision();
        if mid.0.mantissa_max_bit_len().is_some_and(|bits| bits > precision)
            && mid.0.set_precision(precision, NEAREST).is_err()
        {
            return Ball::Unknown;
        }
        Ball::rounded(mid.0, precision, radius)
    }

    /// A rational.
    #[must_use]
    pub fn rational(&self, q: &Rational) -> Ball {
        Ball::rounded(Real::from_rational(q, self.precision()).0, self.precision(), Magnitude::ZERO)
    }

    /// A small integer.
    fn integer(n: i64) -> Ball {
        Ball::Finite(Real(BigFloat::from_i64(n, WORD_BIT_SIZE)), Magnitude::ZERO)
    }

    /// The number π.
    #[must_use]
    pub fn pi(&mut self) -> Ball {
        let value = self.reals.pi();
        Ball::computed(value, self.precision(), Magnitude::ZERO)
    }

    /// The negative.
    #[must_use]
    pub fn negated(&self, a: &Ball) -> Ball {
        match a {
            Ball::Finite(mid, radius) => Ball::Finite(mid.negated(), *radius),
            Ball::Huge { negative, exponent } => Ball::Huge { negative: !negative, exponent: *exponent },
            Ball::Unknown => Ball::Unknown,
        }
    }

    /// The sum: radii add.
    #[must_use]
    pub fn add(&self, a: &Ball, b: &Ball) -> Ball {
        match (a, b) {
            (Ball::Finite(x, r), Ball::Finite(y, s)) => {
                Ball::rounded(x.0.add(&y.0, self.precision(), NEAREST), self.precision(), r.plus(*s))
            }
            (Ball::Huge { negative: m, exponent: e }, Ball::Huge { negative: n, exponent: f }) if m == n => {
                Ball::Huge { negative: *m, exponent: *e.max(f) }
            }
            (Ball::Huge { negative, exponent }, other) | (other, Ball::Huge { negative, exponent })
                if other.above() < Magnitude::power_of_two(exponent - 1) && *exponent > BEYOND =>
            {
                Ball::Huge { negative: *negative, exponent: exponent - 1 }
            }
            _ => Ball::Unknown,
        }
    }

    /// The difference.
    #[must_use]
    pub fn sub(&self, a: &Ball, b: &Ball) -> Ball {
        self.add(a, &self.negated(b))
    }

    /// The product: `|xy − mn| ≤ |m| s + |n| r + r s` for x within r of m and y within s of n.
    #[must_use]
    pub fn mul(&self, a: &Ball, b: &Ball) -> Ball {
        match (a, b) {
            _ if a.is_zero() || b.is_zero() => Self::integer(0),
            (Ball::Finite(x, r), Ball::Finite(y, s)) => {
                let mut radius = Magnitude::ZERO;
                if !s.is_zero() {
                    radius = s.times(Magnitude::above(x).plus(*r));
                }
                if !r.is_zero() {
                    radius = radius.plus(r.times(Magnitude::above(y)));
                }
                Ball::rounded(x.0.mul(&y.0, self.precision(), NEAREST), self.precision(), radius)
            }
            (Ball::Huge { negative, .. }, other) | (other, Ball::Huge { negative, .. }) => {
                let size = a.below().times_below(b.below());
                match other.sign() {
                    Some(sign) if size.exponent() >= BEYOND && !size.is_zero() => {
                        Ball::Huge { negative: *negative != (sign < 0), exponent: size.exponent().min(1 << 60) }
                    }
                    _ => Ball::Unknown,
                }
            }
            _ => Ball::Unknown,
        }
    }

    /// The product with a rational.
    #[must_use]
    pub fn scale(&self, q: &Rational, a: &Ball) -> Ball {
        if q.is_zero() {
            return Self::integer(0);
        }
        let Ball::Finite(mid, radius) = a else { return self.mul(&self.rational(q), a) };
        let small = |n: i64| BigFloat::from_i64(n, WORD_BIT_SIZE);
        let size = |n: i64| Magnitude::above(&Real(small(n)));
        match (q.to_i64(), q.recip().and_then(|r| r.to_i64())) {
            (Some(1), _) => a.clone(),
            (Some(-1), _) => self.negated(a),
            (Some(n), _) => {
                Ball::rounded(mid.0.mul(&small(n), self.precision(), NEAREST), self.precision(), radius.times(size(n)))
            }
            (_, Some(d)) => {
                let below = Magnitude::below(&Real(small(d)));
                Ball::rounded(mid.0.div(&small(d), self.precision(), NEAREST), self.precision(), radius.over(below))
            }
            _ => self.mul(&self.rational(q), a),
        }
    }

    /// The reciprocal: `|1/x − 1/m| ≤ r / (|m| (|m| − r))` for x within r of m.
    ///
    /// # Errors
    /// [`Domain`], where 0 is or may be the number.
    pub fn inverse(&self, a: &Ball) -> Result<Ball, Domain> {
        match a {
            _ if a.is_zero() => Err(Domain::Outside),
            Ball::Unknown => Ok(Ball::Unknown),
            Ball::Huge { exponent, .. } => Ok(Ball::around_zero(Magnitude::power_of_two(-exponent))),
            Ball::Finite(mid, radius) => {
                let nearest = a.below();
                if nearest.is_zero() {
                    return Err(Domain::Undecided);
                }
                let error = radius.over(nearest).over(Magnitude::below(mid));
                let one = BigFloat::from_i64(1, WORD_BIT_SIZE);
                Ok(Ball::rounded(one.div(&mid.0, self.precision(), NEAREST), self.precision(), error))
            }
        }
    }

    /// The quotient.
    ///
    /// # Errors
    /// [`Domain`], where the divisor is or may be 0.
    pub fn div(&self, a: &Ball, b: &Ball) -> Result<Ball, Domain> {
        let inverse = self.inverse(b)?;
        Ok(self.mul(a, &inverse))
    }
}
