//! Exponentials, logarithms, powers and what is made of them.

use super::{BEYOND, Ball, Balls, Domain, Magnitude, RANGE};
use crate::number::real::{NEAREST, Real};
use crate::number::{Rational, Reals};

/// Bits that are carried beyond the precision where a result is put together from several operations.
pub(super) const GUARD: usize = 64;

/// Whether the numbers are known to be at most 1/2 in size.
fn is_small(x: &Ball) -> bool {
    x.above() <= Magnitude::power_of_two(-1)
}

impl Balls {
    /// `f(x)` for numbers so small that `|f(x) − x| ≤ |x|^k`, `k` = 2 or 3, where that is below the precision.
    pub(super) fn tangent(&self, x: &Ball, k: u32) -> Option<Ball> {
        let Ball::Finite(mid, radius) = x else { return None };
        if x.is_zero() {
            return Some(x.clone());
        }
        let lost = i64::try_from(self.precision()).unwrap_or(i64::MAX / 2) / i64::from(k - 1) + 4;
        if mid.exponent().is_some_and(|e| e > -lost) || !is_small(x) {
            return None;
        }
        let size = x.above();
        let power = if k == 2 { size.times(size) } else { size.times(size).times(size) };
        Some(Ball::Finite(mid.clone(), radius.plus(power)))
    }

    /// The value at the midpoint by the library, and the radius times a bound of the slope.
    pub(super) fn by_slope(
        &mut self,
        (mid, radius): (&Real, Magnitude),
        slope: Magnitude,
        value: impl FnOnce(&mut Reals, &Real) -> Real,
    ) -> Ball {
        let value = value(&mut self.reals, mid);
        Ball::computed(value, self.precision(), radius.times(slope))
    }

    /// `exp x`: `|exp x − exp m| ≤ exp m (exp r − 1)`, and `exp r − 1 ≤ r + r²` for `r ≤ 1`.
    ///
    /// Where the radius is larger, or the value beyond the range of floats, the set is that between 0 and the largest value.
    #[must_use]
    pub fn exp(&mut self, x: &Ball) -> Ball {
        let (mid, radius) = match x {
            Ball::Unknown => return Ball::Unknown,
            // exp(2^e) ≥ 2^(2^e).
            Ball::Huge { negative, exponent } => {
                let exponent = 1_i64 << (*exponent).clamp(0, 60);
                return match negative {
                    true => Ball::around_zero(Magnitude::power_of_two(-exponent)),
                    false => Ball::Huge { negative: false, exponent },
                };
            }
            Ball::Finite(mid, radius) => (mid, *radius),
        };
        if x.is_zero() {
            return Self::integer(1);
        }
        let size = Magnitude::above(mid).log2_exp_above();
        if size < RANGE && radius <= Magnitude::ONE {
            let mut value = self.by_slope((mid, Magnitude::ZERO), Magnitude::ZERO, Reals::exp);
            if let Ball::Finite(value, error) = &mut value {
                let growth = radius.plus(radius.times(radius));
                *error = error.plus(Magnitude::above(value).times(growth));
            }
            return value;
        }
        let low = Magnitude::below(mid).minus_below(radius);
        match (mid.is_negative() && !mid.is_zero(), low) {
            (true, Some(low)) => Ball::around_zero(low.exp_minus()),
            (false, Some(low)) if low.log2_exp_below() > BEYOND => {
                Ball::Huge { negative: false, exponent: low.log2_exp_below() }
            }
            // At most the exponential of |m| + r.
            _ => match x.above().log2_exp_above() {
                bits if bits < RANGE => Ball::around_zero(Magnitude::power_of_two(bits)),
                _ => Ball::Unknown,
            },
        }
    }

    /// `exp x − 1`, relative to its own size: `|exp x − 1 − x| ≤ x²` for `|x| ≤ 1/2`.
    #[must_use]
    pub fn expm1(&mut self, x: &Ball) -> Ball {
        if let Some(value) = self.tangent(x, 2) {
            return value;
        }
        match x {
            Ball::Finite(mid, radius) if is_small(x) => {
                // The slope is exp x ≤ exp(1/2) < 2.
                self.by_slope((mid, *radius), Magnitude::power_of_two(1), Reals::expm1)
            }
            _ => {
                let exp = self.exp(x);
                self.sub(&exp, &Self::integer(1))
            }
        }
    }

    /// The natural logarithm: `|log x − log m| ≤ r / (m − r)`.
    ///
    /// # Errors
    /// [`Domain`], where the number is not or may not be positive.
    pub fn log(&mut self, x: &Ball) -> Result<Ball, Domain> {
        let (mid, radius) = match (x, x.sign()) {
            (Ball::Unknown, _) => return Ok(Ball::Unknown),
            (_, Some(-1 | 0)) => return Err(Domain::Outside),
            (_, None) => return Err(Domain::Undecided),
            // Between 2^27 log 2 and nothing.
            (Ball::Huge { .. }, _) => return Ok(Ball::Unknown),
            (Ball::Finite(mid, radius), _) => (mid, *radius),
        };
        if radius.is_zero() && mid.to_f64() == 1.0 && self.sub(x, &Self::integer(1)).is_zero() {
            return Ok(Self::integer(0));
        }
        let slope = Magnitude::ONE.over(x.below());
        Ok(self.by_slope((mid, radius), slope, Reals::log))
    }

    /// `log(1 + x)`, relative to its own size: `|log(1 + x) − x| ≤ x²` for `|x| ≤ 1/2`.
    ///
    /// # Errors
    /// [`Domain`], where the number is not or may not be above −1.
    pub fn log1p(&mut self, x: &Ball) -> Result<Ball, Domain> {
        if let Some(value) = self.tangent(x, 2) {
            return Ok(value);
        }
        match x {
            // The slope is 1/(1 + x) ≤ 2.
            Ball::Finite(mid, radius) if is_small(x) => {
                Ok(self.by_slope((mid, *radius), Magnitude::power_of_two(1), Reals::log1p))
            }
            _ => {
                let shifted = self.add(x, &Self::integer(1));
                self.log(&shifted)
            }
        }
    }

    /// The square root: `|√x − √m| ≤ r/√m`.
    ///
    /// # Errors
    /// [`Domain`], where the number is or may be negative.
    pub fn sqrt(&mut self, x: &Ball) -> Result<Ball, Domain> {
        match (x, x.sign()) {
            (Ball::Unknown, _) => Ok(Ball::Unknown),
            (_, Some(-1)) => Err(Domain::Outside),
            (_, Some(0)) => Ok(x.clone()),
            (_, None) => Err(Domain::Undecided),
            (Ball::Huge { exponent, .. }, _) if exponent / 2 >= BEYOND => {
                Ok(Ball::Huge { negative: false, exponent: exponent / 2 })
            }
            (Ball::Huge { .. }, _) => Ok(Ball::Unknown),
            (Ball::Finite(mid, radius), _) => {
                let error = radius.over(Magnitude::below(mid).sqrt_below());
                Ok(Ball::rounded(mid.0.sqrt(self.precision(), NEAREST), self.precision(), error))
            }
        }
    }

    /// `x^n` by repeated squaring.
    fn natural_power(&self, x: &Ball, n: u64) -> Ball {
        if let Ball::Huge { negative, exponent } = x {
            let exponent = exponent.saturating_mul(i64::try_from(n).unwrap_or(i64::MAX)).min(1 << 60);
            return Ball::Huge { negative: *negative && n % 2 == 1, exponent };
        }
        let (mut result, mut square, mut rest) = (None, x.clone(), n);
        loop {
            if rest & 1 == 1 {
                result = Some(match result {
                    Some(r) => self.mul(&r, &square),
                    None => square.clone(),
                });
            }
            rest >>= 1;
            if rest == 0 {
                return result.unwrap_or_else(|| Self::integer(1));
            }
            square = self.mul(&square, &square);
        }
    }

    /// `x^q`, principal branch: for a negative `x` only with an integer `q`, for 0 only with `q ≥ 0`.
    ///
    /// # Errors
    /// [`Domain`], where the number has or may have no such power.
    pub fn pow(&mut self, x: &Ball, q: &Rational) -> Result<Ball, Domain> {
        if q.is_zero() {
            return Ok(Self::integer(1));
        }
        if x.is_zero() {
            return if q.is_negative() { Err(Domain::Outside) } else { Ok(x.clone()) };
        }
        if let Some(n) = q.to_i64() {
            // The reciprocal first, so that what is too small for a float is not divided by.
            return if n < 0 {
                let inverse = self.inverse(x)?;
                Ok(self.natural_power(&inverse, n.unsigned_abs()))
            } else {
                Ok(self.natural_power(x, n.unsigned_abs()))
            };
        }
        if q.denominator() == 2.into() {
            let root = self.sqrt(x)?;
            return self.pow(&root, &Rational::from(q.numerator()));
        }
        if x.is_unknown() {
            return Ok(Ball::Unknown);
        }
        let mut outcome = Ok(());
        let value = self.with_bits(GUARD, |balls| match balls.log(x) {
            Ok(log) => {
                let exponent = balls.scale(q, &log);
                balls.exp(&exponent)
            }
            Err(domain) => {
                outcome = Err(domain);
                Ball::Unknown
            }
        });
        outcome.map(|()| value)
    }

    /// The absolute value of numbers whose sign is known, and whether they are negative.
    fn folded(&self, x: &Ball) -> (Ball, bool) {
        let negative = match x {
            Ball::Finite(mid, _) => mid.is_negative(),
            Ball::Huge { negative, .. } => *negative,
            Ball::Unknown => false,
        };
        (if negative { self.negated(x) } else { x.clone() }, negative)
    }

    fn halved(&self, x: &Ball) -> Ball {
        self.scale(&Rational::new(1, 2), x)
    }

    /// `sinh x = (t + t/(1 + t))/2` with `t = exp|x| − 1`, with the sign of x; `|sinh x − x| ≤ |x|³` for `|x| ≤ 1/2`.
    #[must_use]
    pub fn sinh(&mut self, x: &Ball) -> Ball {
        if let Some(value) = self.tangent(x, 3) {
            return value;
        }
        let (size, negative) = self.folded(x);
        let value = self.with_bits(GUARD, |balls| {
            let t = balls.expm1(&size);
            if matches!(t, Ball::Huge { .. }) {
                // sinh x ≥ (exp x − 1)/2.
                return balls.halved(&t);
            }
            let above = balls.add(&t, &Self::integer(1));
            match balls.div(&t, &above) {
                Ok(quotient) => balls.halved(&balls.add(&t, &quotient)),
                Err(_) => Ball::around_zero(t.above().plus(Magnitude::ONE)),
            }
        });
        if negative { self.negated(&value) } else { value }
    }

    /// `cosh x = (exp|x| + exp −|x|)/2`.
    #[must_use]
    pub fn cosh(&mut self, x: &Ball) -> Ball {
        let (size, _) = self.folded(x);
        self.with_bits(GUARD, |balls| {
            let large = balls.exp(&size);
            let small = balls.exp(&balls.negated(&size));
            balls.halved(&balls.add(&large, &small))
        })
    }

    /// `tanh x = −t/(2 + t)` with `t = exp(−2|x|) − 1`, with the sign of x; `|tanh x − x| ≤ |x|³` for `|x| ≤ 1/2`.
    #[must_use]
    pub fn tanh(&mut self, x: &Ball) -> Ball {
        if let Some(value) = self.tangent(x, 3) {
            return value;
        }
        let (size, negative) = self.folded(x);
        let value = self.with_bits(GUARD, |balls| {
            let t = balls.expm1(&balls.scale(&Rational::from(-2), &size));
            let below = balls.add(&t, &Self::integer(2));
            balls.div(&balls.negated(&t), &below).unwrap_or_else(|_| Ball::around_zero(Magnitude::ONE))
        });
        // Never beyond ±1, whatever the operand.
        let value = if value.is_unknown() { Ball::around_zero(Magnitude::ONE) } else { value };
        if negative { self.negated(&value) } else { value }
    }

    /// `1/(1 + exp −x)`, for a negative x `exp x/(1 + exp x)`, so that neither tail loses digits.
    #[must_use]
    pub fn sigmoid(&mut self, x: &Ball) -> Ball {
        let anywhere = || Ball::Finite(Self::half(), Magnitude::power_of_two(-1));
        if x.is_unknown() {
            return anywhere();
        }
        let (size, negative) = self.folded(x);
        let value = self.with_bits(GUARD, |balls| {
            let small = balls.exp(&balls.negated(&size));
            let below = balls.add(&small, &Self::integer(1));
            let above = if negative { &small } else { &Self::integer(1) };
            balls.div(above, &below).unwrap_or_else(|_| anywhere())
        });
        if value.is_unknown() { anywhere() } else { value }
    }

    fn half() -> Real {
        Real::from_rational(&Rational::new(1, 2), 64)
    }

    /// `log(1 + exp x) = max(x, 0) + log(1 + exp −|x|)` at the midpoint; the slope is below 1 and below `exp x`.
    #[must_use]
    pub fn softplus(&mut self, x: &Ball) -> Ball {
        let (mid, radius) = match x {
            Ball::Unknown => return Ball::Unknown,
            Ball::Huge { negative: false, .. } => return x.clone(),
            // log(1 + y) ≤ y.
            Ball::Huge { .. } => return self.exp(x),
            Ball::Finite(mid, radius) => (Ball::Finite(mid.clone(), Magnitude::ZERO), *radius),
        };
        let (size, negative) = self.folded(&mid);
        let value = self.with_bits(GUARD, |balls| {
            let small = balls.exp(&balls.negated(&size));
            // The numbers are above −1: those of the exponential are below 1 and its error is below 1/2.
            let rest = balls.log1p(&small).unwrap_or(Ball::Unknown);
            if negative { rest } else { balls.add(&mid, &rest) }
        });
        let slope = match Magnitude::below(&x.mid()).minus_below(radius) {
            Some(distance) if negative => distance.exp_minus().min_of(Magnitude::ONE),
            _ => Magnitude::ONE,
        };
        Self::wider(value, radius.times(slope))
    }

    /// The same numbers and those within a distance of them.
    pub(super) fn wider(value: Ball, by: Magnitude) -> Ball {
        match value {
            Ball::Finite(mid, radius) => Ball::Finite(mid, radius.plus(by)).within_range(),
            other => other,
        }
    }

    /// `log Σ exp x_i`: that of the midpoints, which is off by no more than the largest radius. Unknown without terms.
    #[must_use]
    pub fn logsumexp(&mut self, terms: &[Ball]) -> Ball {
        let (mut mids, mut widest) = (Vec::with_capacity(terms.len()), Magnitude::ZERO);
        for term in terms {
            match term {
                Ball::Finite(mid, radius) => {
                    widest = if *radius > widest { *radius } else { widest };
                    mids.push(Ball::Finite(mid.clone(), Magnitude::ZERO));
                }
                // exp of it is 0 but for a bound that the others' sum hides: left to the algebra, which says so.
                _ => return if terms.len() == 1 { term.clone() } else { Ball::Unknown },
            }
        }
        let mut largest = 0;
        for (i, x) in mids.iter().enumerate() {
            if x.mid() > mids[largest].mid() {
                largest = i;
            }
        }
        let Some(peak) = mids.get(largest) else { return Ball::Unknown };
        let value = self.with_bits(GUARD, |balls| {
            let mut rest = Self::integer(0);
            for (_, x) in mids.iter().enumerate().filter(|(i, _)| *i != largest) {
                let below = balls.sub(x, peak);
                let share = balls.exp(&below);
                rest = balls.add(&rest, &share);
            }
            // A sum of positive numbers, whose error is below 1.
            balls.log1p(&rest).map_or(Ball::Unknown, |rest| balls.add(peak, &rest))
        });
        Self::wider(value, widest)
    }

    /// `|x|`.
    #[must_use]
    pub fn abs(&self, x: &Ball) -> Ball {
        match x.sign() {
            Some(_) => self.folded(x).0,
            // From 0 to the largest size.
            None => match x {
                Ball::Finite(..) => Ball::around_zero(x.above()),
                _ => Ball::Unknown,
            },
        }
    }

    /// `max(x, 0)`.
    #[must_use]
    pub fn relu(&self, x: &Ball) -> Ball {
        match x.sign() {
            Some(1) => x.clone(),
            Some(_) => Self::integer(0),
            None => self.abs(x),
        }
    }

    /// −1, 0 or 1 by the sign of x.
    #[must_use]
    pub fn signum(&self, x: &Ball) -> Ball {
        x.sign().map_or(Ball::around_zero(Magnitude::ONE), |sign| Self::integer(sign.into()))
    }

    /// 1 where x is above 0, 0 elsewhere.
    #[must_use]
    pub fn step(&self, x: &Ball) -> Ball {
        match x.sign() {
            Some(sign) => Self::integer(i64::from(sign > 0)),
            None => Ball::Finite(Self::half(), Magnitude::power_of_two(-1)),
        }
    }
}
