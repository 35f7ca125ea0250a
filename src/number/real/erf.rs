//! The error function.

use super::{Real, Reals};
use crate::number::Rational;

impl Reals {
    /// `erf x = 2/√π ∫_0^x exp(−t²) dt`, relative to its own size for every argument.
    ///
    /// `erf x = 2x/√π · exp(−x²) · Σ_{n≥0} (2x²)^n / (1·3·5⋯(2n+1))` (Abramowitz & Stegun, 7.1.6): all terms are positive, so
    /// nothing cancels.
    #[must_use]
    pub fn erf(&mut self, x: &Real) -> Real {
        if x.is_zero() || !x.is_finite() {
            return x.clone();
        }
        // 1 − erf x < exp(−x²) is below the last place where x² > (precision + 2) log 2; 0.7 > log 2.
        let square = self.mul(x, x);
        let enough = Rational::new(7 * (i64::try_from(self.precision()).unwrap_or(i64::MAX / 8) + 2), 10);
        if square > self.rational(&enough) {
            return Self::saturated(x);
        }
        // The sum grows to at most exp(x²): absolute errors stay far below 2^-64 of the last place.
        let wide = self.widened(64);
        let reals = &mut *wide.reals;
        let square = reals.mul(x, x);
        let twice = reals.scale(&Rational::from(2), &square);
        let (mut term, mut sum, mut n) = (reals.rational(&Rational::ONE), reals.rational(&Rational::ONE), 1);
        let last = i64::try_from(reals.precision()).unwrap_or(i64::MAX);
        // Terms fall once 2n + 1 > 2x²; from there on the tail is at most a few times the term.
        while term.exponent().zip(sum.exponent()).is_some_and(|(t, s)| s - t <= last) {
            n += 2;
            term = reals.scale(&Rational::new(1, n), &reals.mul(&term, &twice));
            sum = reals.add(&sum, &term);
        }
        let bell = reals.exp(&square.negated());
        let pi = reals.pi();
        let root = reals.pow(&pi, &Rational::new(-1, 2));
        let factor = reals.mul(&reals.scale(&Rational::from(2), x), &root);
        let value = reals.mul(&reals.mul(&factor, &bell), &sum);
        wide.close(value)
    }
}
