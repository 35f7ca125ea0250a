//! Bounds of constant expressions in machine numbers, wide enough to be true: most signs are decided here.

use crate::expr::Function;
use crate::number::Rational;

/// A closed interval that holds a number, and the number's sign where more is known than the bounds say (underflow).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    low: f64,
    high: f64,
    /// −1 or 1 if the number is known to be strictly of that sign.
    sign: i8,
}

/// Relative width added to results of library functions, whose error is below a few units in the last place.
const SLACK: f64 = 1e-14;

impl Interval {
    pub(super) const ALL: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY, sign: 0 };

    fn new(low: f64, high: f64) -> Self {
        if low.is_nan() || high.is_nan() || low > high {
            return Self::ALL;
        }
        let sign = if low > 0.0 {
            1
        } else if high < 0.0 {
            -1
        } else {
            0
        };
        Self { low, high, sign }
    }

    /// The interval widened by some units in the last place of its ends.
    fn wide(low: f64, high: f64) -> Self {
        let slack = |x: f64| if x.is_finite() { x.abs() * SLACK + f64::MIN_POSITIVE } else { 0.0 };
        Self::new(low - slack(low), high + slack(high))
    }

    fn with_sign(mut self, sign: i8) -> Self {
        if sign > 0 {
            self.low = self.low.max(0.0);
            self.high = self.high.max(0.0);
        } else if sign < 0 {
            self.high = self.high.min(0.0);
            self.low = self.low.min(0.0);
        }
        if sign != 0 {
            self.sign = sign;
        }
        self
    }

    /// −1 or 1 if the number is known to be strictly of that sign, else 0.
    pub(super) fn sign(self) -> i8 {
        self.sign
    }

    pub(super) fn rational(q: &Rational) -> Self {
        let x = q.to_f64();
        let bounds = if x == f64::INFINITY {
            Self::new(f64::MAX, x)
        } else if x == f64::NEG_INFINITY {
            Self::new(x, f64::MIN)
        } else {
            Self::wide(x, x)
        };
        let sign = if q.is_zero() {
            return Self::new(0.0, 0.0);
        } else if q.is_negative() {
            -1
        } else {
            1
        };
        bounds.with_sign(sign)
    }

    pub(super) fn pi() -> Self {
        Self::wide(std::f64::consts::PI, std::f64::consts::PI)
    }

    pub(super) fn add(self, other: Self) -> Self {
        let sign = if self.sign == other.sign { self.sign } else { 0 };
        let slack = |x: f64, y: f64| (x.abs().max(y.abs()) * SLACK).min(f64::MAX);
        let low = self.low + other.low - slack(self.low, other.low);
        let high = self.high + other.high + slack(self.high, other.high);
        Self::new(low, high).with_sign(sign)
    }

    pub(super) fn mul(self, other: Self) -> Self {
        let ends = [self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high];
        let sign = self.sign * other.sign;
        if ends.iter().any(|x| x.is_nan()) {
            return Self::ALL.with_sign(sign);
        }
        let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
        let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self::wide(low, high).with_sign(sign)
    }

    pub(super) fn pow(self, exponent: &Rational) -> Self {
        let even = exponent.is_integer() && !exponent.numerator().bit(0);
        let sign = match self.sign {
            0 => 0,
            _ if even => 1,
            s => s,
        };
        let q = exponent.to_f64();
        // The size is a power of the size, monotone; the exponent's own rounding is magnified by the logarithm.
        let size = |x: f64, up: bool| {
            let y = x.powf(q);
            let slack = SLACK * (1.0 + (q * x.ln()).abs());
            match (y.is_finite(), slack.is_finite()) {
                (true, true) => y * if up { 1.0 + slack } else { (1.0 - slack).max(0.0) },
                (true, false) => y,
                _ if up => f64::INFINITY,
                _ => f64::MAX,
            }
        };
        let (near, far) = match self.sign {
            0 => return if even { Self::new(0.0, f64::INFINITY) } else { Self::ALL },
            1 => (self.low, self.high),
            _ => (-self.high, -self.low),
        };
        let (a, b) = if q >= 0.0 { (near, far) } else { (far, near) };
        let bounds = Self::new(size(a, false), size(b, true));
        if sign < 0 { Self::new(-bounds.high, -bounds.low).with_sign(-1) } else { bounds.with_sign(1) }
    }

    pub(super) fn apply(self, function: Function) -> Self {
        use Function as F;
        let monotone = |f: fn(f64) -> f64| Self::wide(f(self.low), f(self.high));
        let clamped = |low: f64, high: f64| (self.low.clamp(low, high), self.high.clamp(low, high));
        match function {
            F::Exp => monotone(f64::exp).with_sign(1),
            F::Log => Self::wide(self.low.max(0.0).ln(), self.high.max(0.0).ln()),
            F::Log1p => Self::wide(self.low.max(-1.0).ln_1p(), self.high.max(-1.0).ln_1p()).with_sign(self.sign),
            F::Expm1 => monotone(f64::exp_m1).with_sign(self.sign),
            F::Sin => self.wave(f64::sin),
            F::Cos => self.wave(f64::cos),
            F::Tan => self.tan(),
            F::Asin => {
                let (low, high) = clamped(-1.0, 1.0);
                Self::wide(low.asin(), high.asin()).with_sign(self.sign)
            }
            F::Acos => {
                let (low, high) = clamped(-1.0, 1.0);
                Self::wide(high.acos(), low.acos())
            }
            F::Atan => monotone(f64::atan).with_sign(self.sign),
            F::Sinh => monotone(f64::sinh).with_sign(self.sign),
            F::Cosh => Self::new(1.0, f64::INFINITY),
            F::Tanh => monotone(f64::tanh).with_sign(self.sign),
            F::Erf => Self::new(-1.0, 1.0).with_sign(self.sign),
            F::Sigmoid => Self::new(0.0, 1.0).with_sign(1),
            F::Softplus => Self::new(0.0, f64::INFINITY).with_sign(1),
            F::Relu => Self::new(self.low.max(0.0), self.high.max(0.0)).with_sign(self.sign.max(0)),
            F::Abs => {
                let far = self.low.abs().max(self.high.abs());
                let near = if self.sign == 0 { 0.0 } else { self.low.abs().min(self.high.abs()) };
                Self::new(near, far).with_sign(self.sign.abs())
            }
            F::Sign => match self.sign {
                0 => Self::new(-1.0, 1.0),
                s => Self::new(f64::from(s), f64::from(s)),
            },
            F::Step => match self.sign {
                1 => Self::new(1.0, 1.0),
                -1 => Self::new(0.0, 0.0),
                _ => Self::new(0.0, 1.0),
            },
        }
    }

    /// Half the width and the middle, if the interval is narrow and not far out.
    fn narrow(self) -> Option<(f64, f64)> {
        let (middle, half) = (0.5 * (self.low + self.high), 0.5 * (self.high - self.low));
        (middle.abs() < 1e6 && half < 1e-6).then_some((middle, half))
    }

    /// A sine or cosine, whose slope is at most 1.
    fn wave(self, f: fn(f64) -> f64) -> Self {
        match self.narrow() {
            Some((middle, half)) => {
                let (y, slack) = (f(middle), half + 1e-14);
                Self::new((y - slack).max(-1.0), (y + slack).min(1.0))
            }
            None => Self::new(-1.0, 1.0),
        }
    }

    fn tan(self) -> Self {
        let (sin, cos) = (self.wave(f64::sin), self.wave(f64::cos));
        match cos.sign {
            0 => Self::ALL,
            _ => sin.mul(cos.pow(&Rational::MINUS_ONE)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever the operation, the machine number lies within the bounds.
        #[test]
        fn bounds_hold(a in -1000i64..1000, b in 1i64..1000, c in -1000i64..1000, n in -5i64..6) {
            let (p, q) = (Rational::new(a, b), Rational::new(c, b));
            let (x, y) = (Interval::rational(&p), Interval::rational(&q));
            let (u, v) = (p.to_f64(), q.to_f64());
            let holds = |i: Interval, z: f64| z.is_nan() || (i.low <= z && z <= i.high);
            prop_assert!(holds(x.add(y), u + v));
            prop_assert!(holds(x.mul(y), u * v));
            if a != 0 {
                prop_assert!(holds(x.pow(&Rational::from(n)), u.powf(n as f64)), "{:?}", x.pow(&Rational::from(n)));
            }
            for (f, g) in [
                (Function::Exp, f64::exp as fn(f64) -> f64), (Function::Log, f64::ln), (Function::Sin, f64::sin),
                (Function::Cos, f64::cos), (Function::Tan, f64::tan), (Function::Atan, f64::atan),
                (Function::Sinh, f64::sinh), (Function::Tanh, f64::tanh), (Function::Asin, f64::asin),
                (Function::Acos, f64::acos), (Function::Abs, f64::abs), (Function::Cosh, f64::cosh),
                (Function::Expm1, f64::exp_m1), (Function::Log1p, f64::ln_1p),
            ] {
                prop_assert!(holds(x.apply(f), g(u)), "{f:?} of {u} in {:?}", x.apply(f));
            }
        }
    }

    #[test]
    fn signs_survive_underflow() {
        let tiny = Interval::rational(&Rational::from(-10_000)).apply(Function::Exp);
        assert_eq!(tiny.sign(), 1);
        assert_eq!(tiny.mul(tiny).sign(), 1);
        assert_eq!(tiny.pow(&Rational::from(-1)).sign(), 1);
    }
}
