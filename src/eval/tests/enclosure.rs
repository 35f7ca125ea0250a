//! Direct evaluation by the complex numbers of `num-complex`, each with a radius in which rounding may move it.

use crate::expr::{Algebra, Function};
use crate::number::Rational;
use num_complex::Complex64;

/// More than the error of one operation, num-complex's own included.
const ROUNDING: f64 = 1e-13;

/// A number and how far from it another evaluation may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Enclosed {
    pub(super) value: Complex64,
    pub(super) radius: f64,
}

impl Enclosed {
    pub(super) fn exact(value: Complex64) -> Self {
        Self { value, radius: 0.0 }
    }

    fn rounded(value: Complex64, radius: f64) -> Self {
        Self { value, radius: radius + ROUNDING * value.norm() }
    }

    /// Whether the enclosure says anything.
    pub(super) fn is_sharp(&self) -> bool {
        self.value.is_finite() && self.radius.is_finite() && self.radius <= 1e-6 * (1.0 + self.value.norm())
    }

    pub(super) fn admits(&self, other: Complex64) -> bool {
        !self.is_sharp() || (other - self.value).norm() <= self.radius
    }

    /// A function of it: how far its values differ around the number adds to the radius.
    fn map(self, f: impl Fn(Complex64) -> Complex64) -> Self {
        if !self.is_sharp() {
            return Self { value: Complex64::new(f64::NAN, f64::NAN), radius: f64::NAN };
        }
        let value = f(self.value);
        // A little more than the radius, and a little apart from a cut that the number may lie on.
        let reach = 2.0 * self.radius + 1e-15 * (1.0 + self.value.norm());
        let spread = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)]
            .map(|(s, t)| (f(self.value + Complex64::new(s * reach, t * reach)) - value).norm());
        let spread =
            if spread.iter().all(|s| s.is_finite()) { spread.into_iter().fold(0.0, f64::max) } else { f64::NAN };
        Self { value, radius: 2.0 * spread + ROUNDING * (1.0 + value.norm()) }
    }
}

/// The algebra of [`Enclosed`] numbers.
#[derive(Debug)]
pub(super) struct Enclosures;

impl Algebra for Enclosures {
    type Value = Enclosed;

    fn rational(&mut self, q: &Rational) -> Enclosed {
        Enclosed::rounded(Complex64::from(q.to_f64()), 0.0)
    }

    fn pi(&mut self) -> Enclosed {
        Enclosed::rounded(Complex64::from(std::f64::consts::PI), 0.0)
    }

    fn add(&mut self, a: &Enclosed, b: &Enclosed) -> Enclosed {
        Enclosed::rounded(a.value + b.value, a.radius + b.radius)
    }

    fn mul(&mut self, a: &Enclosed, b: &Enclosed) -> Enclosed {
        let radius = a.value.norm() * b.radius + b.value.norm() * a.radius + a.radius * b.radius;
        Enclosed::rounded(a.value * b.value, radius)
    }

    fn scale(&mut self, q: &Rational, a: &Enclosed) -> Enclosed {
        Enclosed::rounded(a.value * q.to_f64(), a.radius * q.to_f64().abs())
    }

    fn pow(&mut self, a: &Enclosed, exponent: &Rational) -> Enclosed {
        match exponent.to_i64().and_then(|n| i32::try_from(n).ok()) {
            Some(n) => a.map(|z| z.powi(n)),
            None => a.map(|z| z.powf(exponent.to_f64())),
        }
    }

    fn apply(&mut self, function: Function, a: &Enclosed) -> Enclosed {
        a.map(|z| match function {
            Function::Exp => z.exp(),
            Function::Log => z.ln(),
            Function::Log1p => (1.0 + z).ln(),
            Function::Expm1 => z.exp() - 1.0,
            Function::Sin => z.sin(),
            Function::Cos => z.cos(),
            Function::Tan => z.tan(),
            Function::Asin => z.asin(),
            Function::Acos => z.acos(),
            Function::Atan => z.atan(),
            Function::Sinh => z.sinh(),
            Function::Cosh => z.cosh(),
            Function::Tanh => z.tanh(),
            Function::Erf => erf(z),
            Function::Sigmoid => 1.0 / (1.0 + (-z).exp()),
            Function::Softplus => (1.0 + z.exp()).ln(),
            Function::Relu if z.re > 0.0 => z,
            Function::Abs if z.re > 0.0 => z,
            Function::Abs if z.re < 0.0 => -z,
            Function::Sign if z.re < 0.0 => Complex64::from(-1.0),
            Function::Sign | Function::Step if z.re > 0.0 => Complex64::ONE,
            Function::Relu | Function::Abs | Function::Sign | Function::Step => Complex64::ZERO,
        })
    }

    fn logsumexp(&mut self, terms: &[Enclosed]) -> Enclosed {
        let mut sum = Enclosed::exact(Complex64::ZERO);
        for term in terms {
            let exponential = self.apply(Function::Exp, term);
            sum = self.add(&sum, &exponential);
        }
        self.apply(Function::Log, &sum)
    }

    fn is_zero(&self, a: &Enclosed) -> bool {
        a.value == Complex64::ZERO && a.radius == 0.0
    }
}

/// By the Maclaurin series far beyond where the program uses it; NaN, which encloses anything, where it cancels.
fn erf(z: Complex64) -> Complex64 {
    if z.norm() > 3.0 {
        return Complex64::new(f64::NAN, f64::NAN);
    }
    let (mut power, mut sum) = (z, z);
    for n in 1..100_u32 {
        power = -power * z * z / f64::from(n);
        sum += power / f64::from(2 * n + 1);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}
