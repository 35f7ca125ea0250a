//! Sine, cosine, tangent and their inverses.

use super::functions::GUARD;
use super::{Ball, Balls, Domain, Magnitude};
use crate::number::{Rational, Reals};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

/// Arguments beyond `2^TURNS` are not reduced: that takes as many digits of π.
const TURNS: i64 = 200_000;

impl Balls {
    /// `sin x`; the slope is at most 1.
    #[must_use]
    pub fn sin(&mut self, x: &Ball) -> Ball {
        self.tangent(x, 3).unwrap_or_else(|| self.wave(x, 0))
    }

    /// `cos x`; the slope is at most 1.
    #[must_use]
    pub fn cos(&mut self, x: &Ball) -> Ball {
        if x.is_zero() {
            return Self::integer(1);
        }
        // |cos x − 1| ≤ x².
        match self.tangent(x, 2) {
            Some(_) => Ball::Finite(Self::integer(1).mid(), x.above().times(x.above())),
            None => self.wave(x, 1),
        }
    }

    /// The sine of x and `quarters` right angles: `x = y + k π/2` with `|y|` below 1, and of y the library gives sine and cosine.
    fn wave(&mut self, x: &Ball, quarters: i64) -> Ball {
        let anywhere = || Ball::around_zero(Magnitude::ONE);
        let Ball::Finite(mid, radius) = x else { return anywhere() };
        let exponent = mid.exponent().unwrap_or(0);
        if *radius >= Magnitude::ONE || exponent > TURNS {
            return anywhere();
        }
        let (y, turns) = if exponent <= 0 {
            (x.clone(), 0)
        } else {
            let bits = usize::try_from(exponent).unwrap_or(0) + GUARD;
            let mut turns = 0;
            let y = self.with_bits(bits, |balls| {
                let quarter = balls.right_angle();
                let number = balls.reals.div(mid, &quarter.mid()).to_rational().map(|q| nearest(&q));
                let Some(k) = number else { return Ball::Unknown };
                turns = k.mod_floor(&BigInt::from(4)).to_i64().unwrap_or(0);
                let whole = balls.rational(&Rational::from(k));
                balls.sub(x, &balls.mul(&whole, &quarter))
            });
            (y, turns)
        };
        let Ball::Finite(mid, radius) = &y else { return anywhere() };
        let odd = (turns + quarters) % 2 == 1;
        let function = if odd { Reals::cos } else { Reals::sin };
        let value = self.by_slope((mid, *radius), Magnitude::ONE, function);
        let value = if y.is_zero() { Self::integer(i64::from(odd)) } else { value };
        if (turns + quarters) % 4 >= 2 { self.negated(&value) } else { value }
    }

    /// `tan x = sin x / cos x`; `|tan x − x| ≤ |x|³` for `|x| ≤ 1/2`.
    ///
    /// # Errors
    /// [`Domain`], where a pole may be among the numbers.
    pub fn tan(&mut self, x: &Ball) -> Result<Ball, Domain> {
        if let Some(value) = self.tangent(x, 3) {
            return Ok(value);
        }
        let (sin, cos) = (self.sin(x), self.cos(x));
        self.div(&sin, &cos)
    }

    /// `asin x = atan(x/√((1 − x)(1 + x)))`; `|asin x − x| ≤ |x|³` for `|x| ≤ 1/2`.
    ///
    /// # Errors
    /// [`Domain`], where the number is or may be beyond ±1.
    pub fn asin(&mut self, x: &Ball) -> Result<Ball, Domain> {
        if let Some(value) = self.tangent(x, 3) {
            return Ok(value);
        }
        let [above, below] = self.distances(x)?;
        if above.is_zero() || below.is_zero() {
            let right = self.right_angle();
            return Ok(if below.is_zero() { self.negated(&right) } else { right });
        }
        let root = self.sqrt(&self.mul(&above, &below))?;
        let slope = self.div(x, &root)?;
        Ok(self.atan(&slope))
    }

    /// `acos x = 2 atan √((1 − x)/(1 + x))`, for a negative x by `acos x = π − acos(−x)`.
    ///
    /// # Errors
    /// [`Domain`], where the number is or may be beyond ±1.
    pub fn acos(&mut self, x: &Ball) -> Result<Ball, Domain> {
        if x.mid().is_negative() {
            let rest = self.acos(&self.negated(x))?;
            let pi = self.pi();
            return Ok(self.sub(&pi, &rest));
        }
        let [above, below] = self.distances(x)?;
        if above.is_zero() {
            return Ok(Self::integer(0));
        }
        let ratio = self.div(&above, &below)?;
        let root = self.sqrt(&ratio)?;
        let half = self.atan(&root);
        Ok(self.scale(&Rational::from(2), &half))
    }

    /// π/2.
    fn right_angle(&mut self) -> Ball {
        let pi = self.pi();
        self.scale(&Rational::new(1, 2), &pi)
    }

    /// `1 − x` and `1 + x`, neither of them negative.
    fn distances(&self, x: &Ball) -> Result<[Ball; 2], Domain> {
        let one = Self::integer(1);
        let both = [self.sub(&one, x), self.add(&one, x)];
        for side in &both {
            match side.sign() {
                _ if side.is_unknown() => {}
                Some(-1) => return Err(Domain::Outside),
                Some(_) => {}
                None => return Err(Domain::Undecided),
            }
        }
        Ok(both)
    }

    /// `atan x`, beyond ±3/2 by `atan x = ±π/2 − atan(1/x)`; the slope is at most 1.
    #[must_use]
    pub fn atan(&mut self, x: &Ball) -> Ball {
        if let Some(value) = self.tangent(x, 3) {
            return value;
        }
        let anywhere = || Ball::around_zero(Magnitude::power_of_two(1));
        if let Ball::Finite(mid, radius) = x
            && Magnitude::above(mid) <= Magnitude::from_f64(1.5)
        {
            return self.by_slope((mid, *radius), Magnitude::ONE, Reals::atan);
        }
        let Ok(inverse) = self.inverse(x) else { return anywhere() };
        if inverse.is_unknown() {
            return anywhere();
        }
        let negative = x.sign() == Some(-1);
        let rest = self.atan(&inverse);
        let right = self.right_angle();
        let right = if negative { self.negated(&right) } else { right };
        self.sub(&right, &rest)
    }
}

/// The whole number nearest to a rational.
fn nearest(q: &Rational) -> BigInt {
    let doubled: BigInt = q.numerator() * 2 + q.denominator();
    doubled.div_floor(&(q.denominator() * 2))
}
