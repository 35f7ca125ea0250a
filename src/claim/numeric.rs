//! Functions compared in numbers: complex floats, each with a bound on its error, so that a difference is one.
//!
//! Two functions that differ at a point are different. Two that agree at several points may be one: that takes enough
//! points at which both have values, and values that the errors do not drown.

use super::Functions;
use crate::number::{Fraction, Polynomial, Rational};
use std::collections::BTreeMap;
use std::f64::consts::PI;

/// A function with the functions inside it.
pub(super) type Function = (Fraction, Functions);

/// What numbers say of two functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    /// At some point they have different values.
    Differ,
    /// They have equal values at all of at least [`ENOUGH`] points.
    Agree,
    /// There are too few points at which both have values that can be told apart.
    Impossible,
}

/// So many points have to agree.
const ENOUGH: usize = 3;

/// Values of `z = hλ`: small, so that functions are followed from z = 0 without meeting a branch point, also where a
/// momentum near 1 brings it near; of both signs.
const PLACES: [f64; 8] = [0.11, -0.13, 0.043, -0.37, 0.0011, -0.0017, 0.000_13, -0.9];

/// Agreement means values that are known at least so well, relative to their size and 1.
const SHARP: f64 = 1e-7;

/// More than the rounding of one operation, relative to its value.
const ROUNDING: f64 = 1.0 / (1u64 << 50) as f64;

/// More than anything that underflows.
const TINY: f64 = 1e-290;

/// Functions inside functions, to this depth.
const MAX_DEPTH: usize = 64;

/// Compares two functions at points of their symbols.
///
/// Points where one of them has no finite value say nothing, and no more do those where the right one is not real: it is
/// compared on the branch that starts at z = 0.
pub(super) fn compare(a: &Function, right: &Function) -> Comparison {
    let mut agreed = 0;
    for (k, &place) in PLACES.iter().enumerate() {
        let point = Point { z: place, k };
        let (Some(x), Some(y)) = (point.value(a), point.value(right)) else { continue };
        if !y.real {
            continue;
        }
        let distance = (x.re - y.re).hypot(x.im - y.im);
        let doubt = x.error + y.error + ROUNDING * (x.size() + y.size());
        if distance > doubt {
            return Comparison::Differ;
        }
        agreed += usize::from(doubt <= SHARP * (1.0 + y.size()));
    }
    if agreed >= ENOUGH { Comparison::Agree } else { Comparison::Impossible }
}

/// The value of a constant with a bound on its error, if it is real and can be computed.
pub(super) fn constant(value: &Function) -> Option<(f64, f64)> {
    let point = Point { z: PLACES[0], k: 0 };
    point.value(value).filter(|v| v.real).map(|v| (v.re, v.error))
}

/// A complex number known up to `error`.
#[derive(Debug, Clone, Copy)]
struct Ball {
    re: f64,
    im: f64,
    error: f64,
    /// Whether it is known to be real; then the error is along the real line.
    real: bool,
}

impl Ball {
    /// A real number, rounded.
    fn new(re: f64) -> Self {
        Self { re, im: 0.0, error: ROUNDING * re.abs() + TINY, real: true }
    }

    fn size(&self) -> f64 {
        self.re.hypot(self.im)
    }

    /// With the rounding of its own computation, if it is finite.
    fn rounded(self) -> Option<Self> {
        let error = self.error * (1.0 + ROUNDING) + ROUNDING * self.size() + TINY;
        (self.re.is_finite() && self.im.is_finite() && error.is_finite()).then_some(Self { error, ..self })
    }

    fn plus(self, other: Self) -> Option<Self> {
        let real = self.real && other.real;
        Self { re: self.re + other.re, im: self.im + other.im, error: self.error + other.error, real }.rounded()
    }

    fn times(self, other: Self) -> Option<Self> {
        let (a, b) = (self.size(), other.size());
        let error = a * other.error + b * self.error + self.error * other.error + 2.0 * ROUNDING * a * b;
        let re = self.re * other.re - self.im * other.im;
        let im = self.re * other.im + self.im * other.re;
        Self { re, im, error, real: self.real && other.real }.rounded()
    }

    fn inverse(self) -> Option<Self> {
        let size = self.size();
        let least = (size - self.error) * (1.0 - ROUNDING);
        if least <= 0.0 {
            return None;
        }
        let square = size * size;
        let error = self.error / least / size + 4.0 * ROUNDING / size;
        Self { re: self.re / square, im: -self.im / square, error, real: self.real }.rounded()
    }

    fn exponential(self) -> Option<Self> {
        let size = self.re.exp();
        let error = size * self.error.exp_m1() + size * ROUNDING * (2.0 + self.re.abs());
        if self.real {
            return Self { re: size, im: 0.0, error, real: true }.rounded();
        }
        Self { re: size * self.im.cos(), im: size * self.im.sin(), error, real: false }.rounded()
    }

    /// Whether its argument is certain: the cut of logarithms and roots is not met.
    fn is_off_the_cut(self) -> bool {
        self.real || self.re > self.error || self.im.abs() > self.error
    }

    /// The principal logarithm.
    fn logarithm(self) -> Option<Self> {
        let size = self.size();
        let least = (size - self.error) * (1.0 - ROUNDING);
        if least <= 0.0 || !self.is_off_the_cut() {
            return None;
        }
        let (re, im) = if self.real {
            (size.ln(), if self.re < 0.0 { PI } else { 0.0 })
        } else {
            (size.ln(), self.im.atan2(self.re))
        };
        let error = self.error / least + ROUNDING * (4.0 + re.abs());
        Self { re, im, error, real: self.real && self.re > 0.0 }.rounded()
    }

    /// The principal square root.
    fn root(self) -> Option<Self> {
        let size = self.size();
        if size <= self.error || !self.is_off_the_cut() {
            return None;
        }
        let root = size.sqrt();
        let error = self.error / root + 4.0 * ROUNDING * root;
        if self.real {
            let (re, im) = if self.re > 0.0 { (root, 0.0) } else { (0.0, root) };
            return Self { re, im, error, real: self.re > 0.0 }.rounded();
        }
        let half = self.im.atan2(self.re) / 2.0;
        Self { re: root * half.cos(), im: root * half.sin(), error, real: false }.rounded()
    }
}

/// Where functions are compared.
#[derive(Clone, Copy)]
struct Point {
    z: f64,
    k: usize,
}

impl Point {
    fn value(self, (value, functions): &Function) -> Option<Ball> {
        Evaluator { point: self, functions, known: BTreeMap::new() }.fraction(value, 0)
    }

    /// What a symbol is: `z = hλ`, others between 0.05 and 0.3 so that no two are equal.
    fn symbol(self, name: &str) -> Ball {
        let h = 0.21 + 0.01 * self.k as f64;
        match name {
            "z" => Ball::new(self.z),
            "h" => Ball::new(h),
            "lambda" => Ball::new(self.z / h),
            other => {
                let sum = other.bytes().fold(7_u64, |sum, b| sum.wrapping_mul(31).wrapping_add(u64::from(b)));
                Ball::new(0.05 + 0.25 * ((sum % 97) as f64 + 0.13 * self.k as f64) / 98.0)
            }
        }
    }
}

struct Evaluator<'a> {
    point: Point,
    functions: &'a Functions,
    /// Values of functions, each computed once.
    known: BTreeMap<&'a str, Option<Ball>>,
}

impl<'a> Evaluator<'a> {
    fn fraction(&mut self, value: &'a Fraction, depth: usize) -> Option<Ball> {
        let mut result = self.polynomial(value.numerator(), depth)?;
        for (factor, power) in value.denominator() {
            let inverse = self.polynomial(factor, depth)?.inverse()?;
            for _ in 0..power {
                result = result.times(inverse)?;
            }
        }
        Some(result)
    }

    fn polynomial(&mut self, p: &'a Polynomial, depth: usize) -> Option<Ball> {
        let mut sum = Ball { re: 0.0, im: 0.0, error: 0.0, real: true };
        for (monomial, q) in p.terms() {
            let mut product = number(q)?;
            for (symbol, exponent) in monomial.factors() {
                let factor = self.symbol(symbol, depth)?;
                for _ in 0..exponent {
                    product = product.times(factor)?;
                }
            }
            sum = sum.plus(product)?;
        }
        Some(sum)
    }

    fn symbol(&mut self, name: &'a str, depth: usize) -> Option<Ball> {
        let Some((function, argument)) = self.functions.0.get(name) else {
            // Infinity is no number.
            return (name != "infty" && !name.contains('(')).then(|| self.point.symbol(name));
        };
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let value = (depth < MAX_DEPTH).then(|| self.fraction(argument, depth + 1)).flatten();
        let value = value.and_then(|argument| match *function {
            "log" => argument.logarithm(),
            "exp" => argument.exponential(),
            _ => argument.root(),
        });
        self.known.insert(name, value);
        value
    }
}

/// A rational as a float, if it is within their range.
fn number(q: &Rational) -> Option<Ball> {
    Ball::new(q.to_f64()).rounded()
}

#[cfg(test)]
mod tests {
    use super::super::parser;
    use super::*;

    fn function(text: &str) -> Function {
        let symbols = ["z", "h", "lambda", "m", "infty"].map(str::to_owned);
        let (value, functions) = parser::parse(text, 0, &symbols).unwrap();
        (value.as_scalar().unwrap(), functions)
    }

    #[test]
    fn what_can_be_told_apart() {
        use Comparison::{Agree, Differ, Impossible};
        for (a, right, expected) in [
            ("log((1-z)^2)/(2z)", "log(1-z)/z", Agree),
            ("(log(z-1)-log(-1))/z", "log(1-z)/z", Agree),
            ("sqrt(z-1)*sqrt(z-1)", "z-1", Agree),
            ("exp(log(1-z))", "1-z", Agree),
            ("log(exp(3)*(1-z))-3", "log(1-z)", Agree),
            ("sqrt(1-2*z-2*m+z^2-2*m*z+m^2)^2", "1-2*z-2*m+z^2-2*m*z+m^2", Agree),
            ("log(1-z)", "log(1+z)", Differ),
            ("sqrt(z-100)", "log(1-z)/z", Differ),
            ("log(z-1)/z", "log(1-z)/z", Differ),
            ("1+exp(-20)", "1", Differ),
            // Beyond doubles, or of unknown size.
            ("exp(1000000)", "log(1-z)/z", Impossible),
            ("log(exp(1000)(1-z))-1000", "log(1-z)", Impossible),
            ("exp(exp(30))", "1", Impossible),
            ("exp(36) log(1-z) - exp(36) log(1-z) + exp(36) z^2 - (exp(18))^2 z^2", "0", Impossible),
            ("exp(infty)", "2", Impossible),
            // What underflows is no difference, and none is claimed.
            ("exp(-1000)", "0", Agree),
        ] {
            assert_eq!(compare(&function(a), &function(right)), expected, "{a} and {right}");
        }
    }

    #[test]
    fn constants_have_bounds() {
        let (value, error) = constant(&function("sqrt(2)+exp(1)")).unwrap();
        assert!((value - 4.132_495_390_832_14).abs() <= error && error < 1e-13);
        assert_eq!(constant(&function("exp(1000)")), None);
        assert_eq!(constant(&function("sqrt(exp(1)-3)")), None);
    }
}
