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
        let slope = nearest.times_below(nearest).exp_minus().times(Magnitude::from_f64(1.1284));
        let slope = if nearest.is_zero() { Magnitude::from_f64(1.1284) } else { slope };
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
        let (mut term, mut sum, mut n) = (Self::integer(1), Self::integer(1), 1);
        let last = i64::try_from(self.precision()).unwrap_or(i64::MAX / 2);
        // The next term is this one times 2x²/(n + 2).
        let factor = twice.above().times(Magnitude::power_of_two(1)).to_f64();
        loop {
            n += 2;
            term = self.scale(&Rational::new(1, n), &self.mul(&term, &twice));
            sum = self.add(&sum, &term);
            #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
            let falls = factor <= n as f64;
            let size = term.above();
            if falls && size.exponent() < sum.below().exponent().saturating_sub(last) || term.is_unknown() {
                sum = Self::wider(sum, size);
                break;
            }
        }
        let bell = self.exp(&self.negated(&square));
        let pi = self.pi();
        let Ok(root) = self.pow(&pi, &Rational::new(-1, 2)) else { return Ball::Unknown };
        let factor = self.mul(&self.scale(&Rational::from(2), &x), &root);
        self.mul(&self.mul(&factor, &bell), &sum)
    }
}
