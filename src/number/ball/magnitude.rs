//! Sizes with a wide exponent, rounded to one side: what error bounds are computed in.

use super::super::real::Real;

/// Exponents are kept within `±2^60`; what is larger is infinite, and what is smaller is rounded up to that size.
const EXTREME: i64 = 1 << 60;

/// A size `mantissa · 2^exponent` that is not negative; every operation whose name says nothing else rounds up.
///
/// The mantissa is 0, infinite, or in [1, 2). A product or sum of two such is wrong by less than half a unit in the last place in
/// machine arithmetic, and the next float above it is an upper bound of the exact one.
///
/// ```
/// use shadowflow::number::Magnitude;
/// let third = Magnitude::power_of_two(-3000).times(Magnitude::from_f64(1.0 / 3.0));
/// assert_eq!((third.exponent(), third.to_f64()), (-3002, 5e-324));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Magnitude {
    mantissa: f64,
    exponent: i64,
}

impl PartialOrd for Magnitude {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let key = |m: &Self| (m.mantissa != 0.0, m.mantissa.is_infinite(), m.exponent);
        match key(self).cmp(&key(other)) {
            std::cmp::Ordering::Equal => self.mantissa.partial_cmp(&other.mantissa),
            order => Some(order),
        }
    }
}

/// `2^e` for `|e| ≤ 1022`.
fn power(e: i64) -> f64 {
    f64::from_bits(u64::try_from(e + 1023).unwrap_or(0) << 52)
}

impl Magnitude {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0.0, exponent: 0 };
    /// One.
    pub const ONE: Self = Self { mantissa: 1.0, exponent: 0 };
    /// No bound.
    pub const INFINITE: Self = Self { mantissa: f64::INFINITY, exponent: 0 };

    /// `2^e`.
    #[must_use]
    pub fn power_of_two(e: i64) -> Self {
        if e > EXTREME { Self::INFINITE } else { Self { mantissa: 1.0, exponent: e.max(-EXTREME) } }
    }

    /// The size of a float, exactly; infinite for a NaN.
    #[must_use]
    pub fn from_f64(x: f64) -> Self {
        if x.is_nan() {
            return Self::INFINITE;
        }
        let x = x.abs();
        if x < f64::MIN_POSITIVE { Self::normalised(x * power(200), -200) } else { Self::normalised(x, 0) }
    }

    /// Of a whole number below `2^53`, exactly; it is not negative.
    #[must_use]
    pub fn from_whole(n: i64) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
        Self::from_f64(n as f64)
    }

    /// Of a float that is 0, infinite or normal.
    fn normalised(x: f64, exponent: i64) -> Self {
        if x == 0.0 {
            return Self::ZERO;
        }
        if x.is_infinite() {
            return Self::INFINITE;
        }
        let bits = x.to_bits();
        let own = i64::try_from(bits >> 52).unwrap_or(0) - 1023;
        let exponent = exponent.saturating_add(own);
        if exponent > EXTREME {
            return Self::INFINITE;
        }
        if exponent < -EXTREME {
            return Self { mantissa: 1.0, exponent: -EXTREME };
        }
        Self { mantissa: f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52)), exponent }
    }

    /// The leading 53 bits of a number other than zero, cut off, and the exponent above it.
    fn leading(x: &Real) -> Option<(Self, i64)> {
        let (words, _, _, exponent, _) = x.0.as_raw_parts()?;
        let exponent = i64::from(exponent);
        // The value is 0.b1b2… · 2^exponent.
        #[allow(clippy::cast_precision_loss, reason = "at most 2^53")]
        let top = (words.last().copied()? >> 11) as f64;
        // A number that is not normalised, below 2^(-2^31), has fewer bits there.
        let known = top >= power(52);
        Some((if known { Self::normalised(top, exponent - 53) } else { Self::ZERO }, exponent))
    }

    /// At least `|x|`; infinite for what is not finite.
    #[must_use]
    pub fn above(x: &Real) -> Self {
        if x.is_zero() {
            return Self::ZERO;
        }
        match Self::leading(x) {
            None => Self::INFINITE,
            Some((Self::ZERO, exponent)) => Self::power_of_two(exponent),
            Some((m, _)) => Self { mantissa: m.mantissa + f64::EPSILON, ..m }.carried(),
        }
    }

    /// At most `|x|`; zero for what is not finite.
    #[must_use]
    pub fn below(x: &Real) -> Self {
        if x.is_zero() { Self::ZERO } else { Self::leading(x).map_or(Self::ZERO, |(m, _)| m) }
    }

    fn carried(self) -> Self {
        if self.mantissa >= 2.0 { Self::normalised(self.mantissa, self.exponent) } else { self }
    }

    /// Whether this is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.mantissa == 0.0
    }

    /// Whether this is a bound at all.
    #[must_use]
    pub fn is_finite(self) -> bool {
        self.mantissa.is_finite()
    }

    /// e with `2^e ≤ self < 2^(e+1)`; the smallest number for zero and the largest for what is infinite.
    #[must_use]
    pub fn exponent(self) -> i64 {
        match self.mantissa {
            0.0 => i64::MIN,
            m if m.is_infinite() => i64::MAX,
            _ => self.exponent,
        }
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let (large, small) = if self < other { (other, self) } else { (self, other) };
        if small.is_zero() || !large.is_finite() {
            return large;
        }
        let distance = large.exponent - small.exponent;
        let shifted = if distance > 900 { f64::MIN_POSITIVE } else { small.mantissa * power(-distance) };
        Self::normalised((large.mantissa + shifted).next_up(), large.exponent)
    }

    /// The product.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::ZERO;
        }
        Self::normalised((self.mantissa * other.mantissa).next_up(), self.exponent.saturating_add(other.exponent))
    }

    /// The product, rounded down.
    #[must_use]
    pub fn times_below(self, other: Self) -> Self {
        if self.is_zero() || other.is_zero() {
            return Self::ZERO;
        }
        Self::normalised((self.mantissa * other.mantissa).next_down(), self.exponent.saturating_add(other.exponent))
    }

    /// The smaller of two.
    #[must_use]
    pub fn min_of(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    /// The quotient; infinite where the divisor is zero.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        if other.is_zero() {
            return Self::INFINITE;
        }
        if self.is_zero() {
            return self;
        }
        Self::normalised((self.mantissa / other.mantissa).next_up(), self.exponent.saturating_sub(other.exponent))
    }

    /// The difference, rounded down; `None` where it is not above zero.
    #[must_use]
    pub fn minus_below(self, other: Self) -> Option<Self> {
        if !self.is_finite() || self <= other {
            return None;
        }
        if other.is_zero() {
            return Some(self);
        }
        let distance = self.exponent - other.exponent;
        let shifted = if distance > 900 { f64::MIN_POSITIVE } else { other.mantissa * power(-distance) };
        let difference = (self.mantissa - shifted).next_down();
        (difference > f64::MIN_POSITIVE).then(|| Self::normalised(difference, self.exponent))
    }

    /// The square root, rounded down.
    #[must_use]
    pub fn sqrt_below(self) -> Self {
        if self.is_zero() || !self.is_finite() {
            return self;
        }
        let odd = self.exponent & 1;
        let root = (self.mantissa * power(odd)).sqrt().next_down();
        Self::normalised(root.max(1.0), (self.exponent - odd) / 2)
    }

    /// As a machine float; infinite where it is larger than the largest.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        match self.exponent {
            _ if self.is_zero() || !self.is_finite() => self.mantissa,
            1024.. => f64::INFINITY,
            e if e < -1074 => f64::from_bits(1),
            e if e < -1000 => (self.mantissa * power(e + 1000) * power(-1000)).next_up(),
            e => self.mantissa * power(e),
        }
    }

    /// The bits `b`, rounded down, with `exp(self) ≥ 2^b`; 2^60 at most.
    #[must_use]
    #[allow(clippy::approx_constant, reason = "a bound of it")]
    pub fn log2_exp_below(self) -> i64 {
        // log2 e = 1.44269…
        #[allow(clippy::cast_possible_truncation, reason = "floats beyond 2^60 are cut")]
        if self.exponent() >= 59 { EXTREME / 2 } else { (self.to_f64() * 1.4426).floor() as i64 - 1 }
    }

    /// The bits `b`, rounded up, with `exp(self) ≤ 2^b`; the largest number where that is beyond 2^60.
    #[must_use]
    #[allow(clippy::approx_constant, reason = "a bound of it")]
    pub fn log2_exp_above(self) -> i64 {
        #[allow(clippy::cast_possible_truncation, reason = "below 2^60")]
        if self.exponent() >= 59 { i64::MAX } else { (self.to_f64() * 1.4427).ceil() as i64 + 1 }
    }

    /// At least `exp(−self)`.
    #[must_use]
    pub fn exp_minus(self) -> Self {
        Self::power_of_two(-self.log2_exp_below())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Rational;
    use proptest::prelude::*;

    fn exact(m: Magnitude) -> Rational {
        &Rational::from_f64(m.mantissa).unwrap() * &Rational::from(2).pow(m.exponent).unwrap()
    }

    /// Of either sign, and of any size but those that floats hold with fewer digits.
    fn normal() -> impl Strategy<Value = f64> {
        prop::num::f64::NORMAL
    }

    proptest! {
        #[test]
        fn every_operation_errs_to_its_side(a in normal(), b in normal(), i in -400i64..400, j in -400i64..400) {
            let (x, y) = (
                Magnitude::from_f64(a).times(Magnitude::power_of_two(i)),
                Magnitude::from_f64(b).times(Magnitude::power_of_two(j)),
            );
            let (p, q) = (exact(x), exact(y));
            let near = |bound: &Rational, value: &Rational| bound <= &(value * &"1.00000000000001".parse().unwrap());
            for (bound, value) in [(x.plus(y), &p + &q), (x.times(y), &p * &q), (x.over(y), &p / &q)] {
                prop_assert!(exact(bound) >= value && near(&exact(bound), &value));
            }
            prop_assert_eq!(x < y, p < q);
            if let Some(low) = x.minus_below(y) {
                prop_assert!(exact(low) <= &p - &q);
            } else {
                prop_assert!(&p * &"0.99999999999999".parse().unwrap() <= q);
            }
            let root = exact(x.sqrt_below());
            prop_assert!(&root * &root <= p && near(&p, &(&root * &root)));
            let real = Real::from_rational(&p, 192);
            prop_assert!(exact(Magnitude::above(&real)) >= p && exact(Magnitude::below(&real)) <= p);
        }
    }

    #[test]
    fn extremes_stay_on_their_side() {
        let tiny = Magnitude::power_of_two(-(1 << 59));
        assert!(tiny.times(tiny).times(tiny) > Magnitude::ZERO);
        assert!(!Magnitude::power_of_two(1 << 60).times(Magnitude::power_of_two(60)).is_finite());
        assert_eq!(Magnitude::from_f64(5e-324).to_f64(), 1e-323);
        assert_eq!(Magnitude::from_f64(800.0).exp_minus().exponent(), -1153);
        assert!(Magnitude::from_f64(1e300).exp_minus() > Magnitude::ZERO);
    }
}
