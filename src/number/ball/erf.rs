//! The error function.

use super::functions::GUARD;
use super::{Ball, Balls, Magnitude};
use crate::number::Rational;
use crate::number::real::Real;

impl Balls {
    /// `erf x = 2/√π ∫_0^x exp(−t²) dt`; its slope is `2/√π exp(−x²)`, and `1 − erf x ≤ exp(−x²)` for `x ≥ 0`.
    ///
    /// At the midpoint `erf x = 2x/√π · exp(−x²) · Σ_{n≥0} (2x²)^n / (1·3·5⋯(2n+1))` (Abramowitz & Stegun, 7.1.6): all terms are
    /// positive, and from where one is below half of the last before it, the rest is no more than that one.
    #[must_use]
    pub fn erf(&mut self, x: &Ball) -> Ball {
        let one = |negative: bool| Self::integer(if negative { -1 } else { 1 });
        let (mid, radius) = match x {
            Ball::Unknown => return Ball::around_zero(Magnitude::ONE),
            Ball::Huge { negative, exponent } => {
                let rest = Magnitude::power_of_two(*exponent).exp_minus();
                return Self::wider(one(*negative), rest);
            }
            _ if x.is_zero() => return x.clone(),
            Ball::Finite(mid, radius) => (mid, *radius),
        };
        // Between the midpoint and the numbers the slope is largest nearest to 0.
        let nearest = x.below();
        let slope = nearest.times_below(nearest).exp_minus().times(Magnitude::from_f64(1.2));
        let slope = if nearest.is_zero() { Magnitude::from_f64(1.2) } else { slope };
        let error = radius.times(slope);
        let size = Magnitude::below(mid);
        let square = size.times_below(size);
        let precision = i64::try_from(self.precision()).unwrap_or(i64::MAX / 2);
        let tail = square.exp_minus();
        let value = if tail.exponent() < -(precision + 2) && !size.is_zero() {
            Self::wider(one(mid.is_negative()), tail)
        } else {
            self.with_bits(GUARD, |balls| balls.erf_by_series(mid))
        };
        let value = Self::wider(value, error);
        // Never beyond ±1.
        if value.above() > Magnitude::power_of_two(1) { Ball::around_zero(Magnitude::ONE) } else { value }
    }

    fn erf_by_series(&mut self, x: &Real) -> Ball {
        let x = Ball::Finite(x.clone(), Magnitude::ZERO);
        let square = self.mul(&x, &x);
        let twice = self.scale(&Rational::from(2), &square);
        let sum = self.odd_factorials(&twice);
        let bell = self.exp(&self.negated(&square));
        let pi = self.pi();
        let Ok(root) = self.pow(&pi, &Rational::new(-1, 2)) else { return Ball::Unknown };
        let factor = self.mul(&self.scale(&Rational::from(2), &x), &root);
        self.mul(&self.mul(&factor, &bell), &sum)
    }

    /// `Σ t^n / (1·3⋯(2n+1))` for `t ≥ 0`, from the last term down and in blocks of m terms (Smith, *Math. Comp.* 52, 1989): with b the
    /// first index of the block of n, `R_n = (t^(n−b) + R_{n+1})/(2n + 1)`, where `R_b` of the next block is multiplied by `t^m`. So only
    /// `2√N` of N terms take a product of long numbers.
    fn odd_factorials(&self, t: &Ball) -> Ball {
        let size = t.above();
        let last = -i64::try_from(self.precision()).unwrap_or(i64::MAX / 2);
        // Beyond N terms each is below half of the one before, and all together below twice the first, which is below the precision: the sum is 1 at least.
        let (mut term, mut n) = (Magnitude::ONE, 0_i64);
        loop {
            n += 1;
            let ratio = size.over(Magnitude::from_whole(2 * n + 1));
            term = term.times(ratio);
            if ratio <= Magnitude::power_of_two(-1) && term.exponent() < last {
                break;
            }
            if n > 1 << 24 || !term.is_finite() {
                return Ball::Unknown;
            }
        }
        let block = n.isqrt().max(1);
        let mut powers = vec![Self::integer(1)];
        for _ in 0..block {
            let next = powers.last().map_or(Ball::Unknown, |p| self.mul(p, t));
            powers.push(next);
        }
        let top = powers.pop().unwrap_or(Ball::Unknown);
        let mut rest = Self::integer(0);
        for k in (0..n).rev() {
            let place = k % block;
            if place == block - 1 {
                rest = self.mul(&rest, &top);
            }
            let power = usize::try_from(place).ok().and_then(|i| powers.get(i));
            let sum = power.map_or(Ball::Unknown, |p| self.add(p, &rest));
            rest = self.scale(&Rational::new(1, 2 * k + 1), &sum);
        }
        Self::wider(rest, term.times(Magnitude::power_of_two(1)))
    }
}
