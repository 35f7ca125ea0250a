//! The cuts of α, and how the jump across one is spread where a flow slides along it.

use num_complex::Complex64;

/// Half the angle over which the jump is spread, in radians.
pub const SPREAD: f64 = 0.2;

/// A cut of α: the vertical line from a branch point, upwards or, below the real line, downwards.
///
/// α of gradient descent, `log(1−z)/z`, has one, upwards from 1, which is `arg(1−z) = −π/2`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// The branch point, as a value of `z = hλ`.
    pub point: Complex64,
}

impl Cut {
    /// That of gradient descent's α.
    pub const LOGARITHM: Self = Self { point: Complex64::ONE };

    /// Whether it runs downwards.
    #[must_use]
    pub fn is_downward(self) -> bool {
        self.point.im < 0.0
    }

    /// The signed angle from the cut at which `z` is seen from the branch point, given `1 − z`: positive where `Re z` is the smaller, and on the cut
    /// itself 0, which belongs to that side.
    #[must_use]
    pub fn angle(self, shifted: Complex64) -> f64 {
        let d = self.seen(shifted);
        let down = if self.is_downward() { d.im } else { -d.im };
        d.re.atan2(down)
    }

    /// `point − z`, from `1 − z`.
    fn seen(self, shifted: Complex64) -> Complex64 {
        shifted - (1.0 - self.point)
    }

    /// Whether the segment between two values of `1 − z` meets the cut.
    #[must_use]
    pub fn crossed(self, from: Complex64, to: Complex64) -> bool {
        let (from, to) = (self.seen(from), self.seen(to));
        if (from.re < 0.0) == (to.re < 0.0) {
            return false;
        }
        // Where the segment meets the line of the cut.
        let share = from.re / (from.re - to.re);
        let height = from.im + share * (to.im - from.im);
        if self.is_downward() { height > 0.0 } else { height < 0.0 }
    }

    /// The weight of the value of the side with the smaller `Re z`: 1 there, 0 on the other side, and within [`SPREAD`] of the cut, at the
    /// angle x, `3u² − 2u³` with `u = (x/SPREAD + 1)/2`.
    #[must_use]
    pub fn weight(self, shifted: Complex64) -> f64 {
        let u = (0.5 * (self.angle(shifted) / SPREAD + 1.0)).clamp(0.0, 1.0);
        u * u * (3.0 - 2.0 * u)
    }

    /// The weight of the other side's value, relative to the side that `z` is on: with the sheet of that side, `log(1−z)` has `2πi` times this
    /// added where its jump is spread. Between −1/2 and 1/2; 0 beyond [`SPREAD`] from the cut.
    #[must_use]
    pub fn share(self, shifted: Complex64) -> f64 {
        let x = self.angle(shifted);
        if x.is_nan() || x.abs() >= SPREAD {
            return 0.0;
        }
        let weight = self.weight(shifted);
        if x >= 0.0 { 1.0 - weight } else { -weight }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c(re: f64, im: f64) -> Complex64 {
        Complex64::new(re, im)
    }

    #[test]
    fn the_jump_is_spread_smoothly() {
        let cut = Cut::LOGARITHM;
        let at = |x: f64| cut.share(Complex64::from_polar(0.7, x - std::f64::consts::FRAC_PI_2));
        assert!((at(0.0) - 0.5).abs() < 1e-12 && (at(-1e-12) + 0.5).abs() < 1e-9);
        assert_eq!((at(0.21), at(-0.21), at(1.7), at(-1.7)), (0.0, 0.0, 0.0, 0.0));
        // 3u² − 2u³ at u = 3/4: 27/32.
        assert!((at(0.1) - 5.0 / 32.0).abs() < 1e-12 && (at(-0.1) + 5.0 / 32.0).abs() < 1e-12);
        for x in [0.1999999, -0.1999999] {
            assert!(at(x).abs() < 1e-12);
        }
    }

    #[test]
    fn cuts_run_away_from_the_real_line() {
        let up = Cut { point: c(0.5, 0.25) };
        assert!(up.crossed(c(0.6, -1.0), c(0.4, -1.0)) && !up.crossed(c(0.6, -0.2), c(0.4, -0.2)));
        let down = Cut { point: c(0.5, -0.25) };
        assert!(down.crossed(c(0.6, 1.0), c(0.4, 1.0)) && !down.crossed(c(0.6, -1.0), c(0.4, -1.0)));
        assert!(down.angle(c(0.6, 1.0)) > 0.0 && up.angle(c(0.6, -1.0)) > 0.0);
    }
}
