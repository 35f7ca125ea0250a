//! Arithmetic and the scalar functions at one precision.

use super::Real;
use crate::number::Rational;
use astro_float::{BigFloat, Consts, RoundingMode, WORD_BIT_SIZE};
use std::cell::RefCell;

/// Bits carried beyond the precision inside functions.
const GUARD: usize = 64;

/// Arguments of trigonometric functions beyond `2^TURNS` have no value here: reducing them takes that many digits of π.
const TURNS: i64 = 100_000;

/// The arithmetic of [`Real`] at one precision: sums, products, quotients and square roots are rounded to nearest, ties to even,
/// functions have an error of a few units in the last place.
///
/// Where a function has no value (`log` of a negative number, `1/0`) the result is not a number; an overflow, beyond about
/// `2^(2^31)`, is infinite.
///
/// ```
/// use shadowflow::number::{Rational, Real, Reals};
/// let mut reals = Reals::new(256);
/// let half = Real::from_rational(&Rational::new(1, 2), 256);
/// assert_eq!(reals.erf(&half).to_f64(), 0.520_499_877_813_046_5);
/// assert!(reals.log(&half.negated()).is_nan());
/// ```
#[derive(Debug)]
pub struct Reals {
    precision: usize,
}

thread_local! {
    /// The digits of e, π, ln 2 and ln 10 that this thread has needed; `None` only where memory for them could not be had, and every function is then not
    /// a number.
    static CONSTANTS: RefCell<Option<Consts>> = RefCell::new(Consts::new().ok());
}

pub(in crate::number) const NEAREST: RoundingMode = RoundingMode::ToEven;
const ANY: RoundingMode = RoundingMode::None;

impl Reals {
    /// Arithmetic with this many bits, rounded up to whole words.
    #[must_use]
    pub fn new(precision: usize) -> Self {
        Self { precision: precision.max(1).next_multiple_of(WORD_BIT_SIZE) }
    }

    /// The number of bits.
    #[must_use]
    pub fn precision(&self) -> usize {
        self.precision
    }

    /// Changes the number of bits, rounded up to whole words.
    pub(in crate::number) fn set_precision(&mut self, precision: usize) {
        self.precision = precision.max(1).next_multiple_of(WORD_BIT_SIZE);
    }

    /// The same with more bits.
    pub(super) fn widened(&mut self, bits: usize) -> Widened<'_> {
        let precision = self.precision;
        self.precision = (precision + bits).next_multiple_of(WORD_BIT_SIZE);
        Widened { reals: self, precision }
    }

    /// Rounds to the precision.
    fn rounded(&self, x: Real) -> Real {
        let mut value = x.0;
        if value.mantissa_max_bit_len().is_some_and(|bits| bits > self.precision)
            && value.set_precision(self.precision, NEAREST).is_err()
        {
            return Real::nan();
        }
        Real(value)
    }

    /// The sum.
    #[must_use]
    pub fn add(&self, a: &Real, b: &Real) -> Real {
        Real(a.0.add(&b.0, self.precision, NEAREST))
    }

    /// The difference.
    #[must_use]
    pub fn sub(&self, a: &Real, b: &Real) -> Real {
        Real(a.0.sub(&b.0, self.precision, NEAREST))
    }

    /// The product.
    #[must_use]
    pub fn mul(&self, a: &Real, b: &Real) -> Real {
        // The library forgets here whether a zero was exact.
        if a.is_zero() && (a.is_exact() || b.is_finite()) {
            return a.clone();
        }
        if b.is_zero() && (b.is_exact() || a.is_finite()) {
            return b.clone();
        }
        Real(a.0.mul(&b.0, self.precision, NEAREST))
    }

    /// The quotient; not a number where `b` is zero.
    #[must_use]
    pub fn div(&self, a: &Real, b: &Real) -> Real {
        if b.is_zero() { Real::nan() } else { Real(a.0.div(&b.0, self.precision, NEAREST)) }
    }

    /// A rational, rounded.
    #[must_use]
    pub fn rational(&self, q: &Rational) -> Real {
        Real::from_rational(q, self.precision)
    }

    /// The product with a rational.
    #[must_use]
    pub fn scale(&self, q: &Rational, a: &Real) -> Real {
        if a.is_zero() {
            return a.clone();
        }
        match (q.to_i64(), q.recip().and_then(|r| r.to_i64())) {
            (Some(1), _) => a.clone(),
            (Some(-1), _) => a.negated(),
            (Some(n), _) => Real(a.0.mul(&small(n), self.precision, NEAREST)),
            (_, Some(d)) => Real(a.0.div(&small(d), self.precision, NEAREST)),
            _ => self.mul(&self.rational(q), a),
        }
    }

    /// The number π.
    #[must_use]
    pub fn pi(&mut self) -> Real {
        let precision = self.precision;
        Self::with(|c| c.pi(precision, ANY))
    }

    fn with(compute: impl FnOnce(&mut Consts) -> BigFloat) -> Real {
        CONSTANTS.with_borrow_mut(|constants| constants.as_mut().map_or_else(Real::nan, |c| Real(compute(c))))
    }

    /// A function of the library behind this, with guard bits. `None` in the library's flag means nothing here: values of
    /// functions count as rounded.
    fn library(
        &mut self,
        x: &Real,
        function: impl FnOnce(&BigFloat, usize, RoundingMode, &mut Consts) -> BigFloat,
    ) -> Real {
        let precision = self.precision + GUARD;
        let mut value = Self::with(|c| function(&x.0, precision, ANY, c));
        value.0.set_inexact(true);
        self.rounded(value)
    }

    fn one() -> Real {
        Real(small(1))
    }

    /// Whether `|x|` is so large that functions saturate or overflow.
    fn is_huge(x: &Real) -> bool {
        x.exponent().is_some_and(|e| e > 31)
    }

    /// Zero that stands for a positive number too small to hold.
    fn underflow() -> Real {
        let mut zero = Real::zero();
        zero.0.set_inexact(true);
        zero
    }

    fn infinite() -> Real {
        Real(astro_float::INF_POS)
    }

    /// `exp x`.
    #[must_use]
    pub fn exp(&mut self, x: &Real) -> Real {
        if x.is_zero() && x.is_exact() {
            return Self::one();
        }
        if Self::is_huge(x) {
            return if x.is_negative() { Self::underflow() } else { Self::infinite() };
        }
        self.library(x, BigFloat::exp)
    }

    /// `exp x − 1`, without cancellation.
    #[must_use]
    pub fn expm1(&mut self, x: &Real) -> Real {
        let Some(e) = x.exponent() else { return x.clone() };
        if e > 1 {
            let exp = self.exp(x);
            return self.sub(&exp, &Self::one());
        }
        let lost = bits_below_one(e);
        if lost > self.precision + 2 {
            // x + x²/2, the next term being below x·2^(−2 precision).
            let square = self.mul(x, x);
            return self.add(x, &self.scale(&Rational::new(1, 2), &square));
        }
        let wide = self.widened(lost + GUARD);
        let exp = wide.reals.exp(x);
        let value = wide.reals.sub(&exp, &Self::one());
        wide.close(value)
    }

    /// The natural logarithm; not a number at 0 and below.
    #[must_use]
    pub fn log(&mut self, x: &Real) -> Real {
        if x.is_zero() || x.is_negative() || !x.is_finite() {
            return Real::nan();
        }
        let distance = self.sub(x, &Self::one());
        if distance.is_zero() && distance.is_exact() {
            return Real::zero();
        }
        if distance.exponent().is_none_or(|e| e < 0) {
            // Near 1 the difference is exact, and so is its logarithm's leading digit.
            let exact = Real(x.0.sub_full_prec(&small(1)));
            return self.log1p(&exact);
        }
        self.library(x, BigFloat::ln)
    }

    /// `log(1 + x)`, without cancellation; not a number at −1 and below.
    #[must_use]
    pub fn log1p(&mut self, x: &Real) -> Real {
        let Some(e) = x.exponent() else { return x.clone() };
        if e > -1 {
            let shifted = Real(x.0.add(&small(1), self.precision + GUARD, NEAREST));
            let shifted =
                if shifted.exponent().is_none_or(|e| e < 0) { Real(x.0.add_full_prec(&small(1))) } else { shifted };
            if shifted.is_zero() || shifted.is_negative() {
                return Real::nan();
            }
            return self.library(&shifted, BigFloat::ln);
        }
        if bits_below_one(e) > self.precision + 2 {
            let square = self.mul(x, x);
            return self.sub(x, &self.scale(&Rational::new(1, 2), &square));
        }
        // 1 + x is exact in this many more bits, and its logarithm loses as many as x has leading zeros.
        let wide = self.widened(bits_below_one(e) + GUARD);
        let shifted = wide.reals.add(x, &Self::one());
        let value = wide.reals.library(&shifted, BigFloat::ln);
        wide.close(value)
    }

    fn trigonometric(
        &mut self,
        x: &Real,
        at_zero: Real,
        function: impl FnOnce(&BigFloat, usize, RoundingMode, &mut Consts) -> BigFloat,
    ) -> Real {
        match x.exponent() {
            None if x.is_zero() => at_zero,
            Some(e) if e < TURNS => self.library(x, function),
            _ => Real::nan(),
        }
    }

    /// `sin x`.
    #[must_use]
    pub fn sin(&mut self, x: &Real) -> Real {
        self.trigonometric(x, x.clone(), BigFloat::sin)
    }

    /// `cos x`.
    #[must_use]
    pub fn cos(&mut self, x: &Real) -> Real {
        self.trigonometric(x, Self::one(), BigFloat::cos)
    }

    /// `tan x`.
    #[must_use]
    pub fn tan(&mut self, x: &Real) -> Real {
        self.trigonometric(x, x.clone(), BigFloat::tan)
    }

    /// `asin x`; not a number beyond ±1.
    #[must_use]
    pub fn asin(&mut self, x: &Real) -> Real {
        if x.is_zero() { x.clone() } else { self.library(x, BigFloat::asin) }
    }

    /// `acos x`; not a number beyond ±1.
    #[must_use]
    pub fn acos(&mut self, x: &Real) -> Real {
        if *x == Self::one() { Real::zero() } else { self.library(x, BigFloat::acos) }
    }

    /// `atan x`.
    #[must_use]
    pub fn atan(&mut self, x: &Real) -> Real {
        if x.is_zero() { x.clone() } else { self.library(x, BigFloat::atan) }
    }

    /// `sinh x`.
    #[must_use]
    pub fn sinh(&mut self, x: &Real) -> Real {
        if x.is_zero() {
            return x.clone();
        }
        if Self::is_huge(x) {
            return if x.is_negative() { Self::infinite().negated() } else { Self::infinite() };
        }
        self.library(x, BigFloat::sinh)
    }

    /// `cosh x`.
    #[must_use]
    pub fn cosh(&mut self, x: &Real) -> Real {
        if x.is_zero() {
            return Self::one();
        }
        if Self::is_huge(x) { Self::infinite() } else { self.library(x, BigFloat::cosh) }
    }

    /// `tanh x`.
    #[must_use]
    pub fn tanh(&mut self, x: &Real) -> Real {
        if x.is_zero() {
            return x.clone();
        }
        if Self::is_huge(x) {
            return Self::saturated(x);
        }
        self.library(x, BigFloat::tanh)
    }

    /// ±1 with the sign of `x`, rounded from just inside.
    pub(super) fn saturated(x: &Real) -> Real {
        let mut one = Self::one();
        one.0.set_inexact(true);
        if x.is_negative() { one.negated() } else { one }
    }

    /// `1/(1 + exp(−x))`.
    #[must_use]
    pub fn sigmoid(&mut self, x: &Real) -> Real {
        let small = self.exp(&x.abs().negated());
        let denominator = self.add(&Self::one(), &small);
        if x.is_negative() { self.div(&small, &denominator) } else { self.div(&Self::one(), &denominator) }
    }

    /// `log(1 + exp x)`.
    #[must_use]
    pub fn softplus(&mut self, x: &Real) -> Real {
        let small = self.exp(&x.abs().negated());
        let rest = self.log1p(&small);
        if x.is_negative() { rest } else { self.add(x, &rest) }
    }

    /// `x^q`: for a negative `x` only with an integer `q`, for zero only with `q ≥ 0`.
    #[must_use]
    pub fn pow(&mut self, x: &Real, q: &Rational) -> Real {
        if q.is_zero() {
            return Self::one();
        }
        if x.is_zero() {
            return if q.is_negative() { Real::nan() } else { x.clone() };
        }
        if q.to_i64() == Some(2) {
            return self.mul(x, x);
        }
        if let Some(n) = q.to_i64() {
            let magnitude = n.unsigned_abs();
            let power = match usize::try_from(magnitude) {
                Ok(1) => x.clone(),
                Ok(n) => {
                    // Each of the 2·log2(n) products may double the relative error and add to it.
                    let bits = self.precision + GUARD + usize::BITS as usize;
                    Real(x.0.powi(n, bits, NEAREST))
                }
                Err(_) => Real::nan(),
            };
            let power = if n < 0 { self.div(&Self::one(), &power) } else { power };
            return self.rounded(power);
        }
        if x.is_negative() {
            return Real::nan();
        }
        if q.denominator() == 2.into() {
            let numerator = Rational::from(q.numerator());
            let wide = self.widened(GUARD);
            let root = Real(x.0.sqrt(wide.reals.precision, NEAREST));
            let value = wide.reals.pow(&root, &numerator);
            return wide.close(value);
        }
        // The error of q·log x is multiplied by its size.
        let wide = self.widened(GUARD + 32);
        let log = wide.reals.log(x);
        let exponent = wide.reals.scale(q, &log);
        let value = wide.reals.exp(&exponent);
        wide.close(value)
    }

    /// `log Σ exp x_i` without overflow or cancellation; not a number without terms.
    #[must_use]
    pub fn logsumexp(&mut self, terms: &[Real]) -> Real {
        let mut largest = 0;
        for (i, x) in terms.iter().enumerate() {
            if !x.is_finite() {
                return Real::nan();
            }
            if *x > terms[largest] {
                largest = i;
            }
        }
        let Some(peak) = terms.get(largest) else { return Real::nan() };
        let mut rest = Real::zero();
        for x in terms.iter().enumerate().filter(|(i, _)| *i != largest).map(|(_, x)| x) {
            let below = self.sub(x, peak);
            let share = self.exp(&below);
            rest = self.add(&rest, &share);
        }
        let rest = self.log1p(&rest);
        self.add(peak, &rest)
    }
}

/// The number of leading zero bits after the point of a number with this exponent.
fn bits_below_one(exponent: i64) -> usize {
    usize::try_from(-exponent).unwrap_or(0)
}

fn small(n: i64) -> BigFloat {
    BigFloat::from_i64(n, WORD_BIT_SIZE)
}

/// Arithmetic that has been given more bits for a while.
pub(super) struct Widened<'a> {
    pub(super) reals: &'a mut Reals,
    precision: usize,
}

impl Widened<'_> {
    /// Goes back to the former precision, rounding a value to it.
    pub(super) fn close(self, value: Real) -> Real {
        self.reals.precision = self.precision;
        self.reals.rounded(value)
    }
}
