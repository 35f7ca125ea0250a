//! Floats of any precision as an algebra.

use super::{Algebra, Function};
use crate::number::{Rational, Real, Reals};

/// Why a value does not exist in the reals.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Undefined {
    /// A function outside its domain.
    #[error("`{}({argument})` has no real value", .function.name())]
    Function {
        /// The function.
        function: Function,
        /// Its argument, rounded.
        argument: f64,
    },
    /// A power that does not exist: a negative power of zero, or a fractional power of a negative number.
    #[error("`x^({exponent})` has no real value at x = {base}")]
    Power {
        /// The base, rounded.
        base: f64,
        /// The exponent.
        exponent: Rational,
    },
    /// A number beyond about `2^(2^31)`.
    #[error("{0} overflows every float")]
    Overflow(&'static str),
}

/// The algebra of floats with one precision.
///
/// What has no value is not a number and from there on spreads; the first reason is kept.
///
/// ```
/// use shadowflow::expr::{Algebra, Function, RealAlgebra};
/// let mut reals = RealAlgebra::new(128);
/// let minus = reals.rational(&(-2).into());
/// assert!(reals.apply(Function::Log, &minus).is_nan());
/// assert_eq!(reals.undefined.unwrap().to_string(), "`log(-2)` has no real value");
/// ```
#[derive(Debug)]
pub struct RealAlgebra {
    /// The arithmetic.
    pub reals: Reals,
    /// The first thing that had no value.
    pub undefined: Option<Undefined>,
    /// The functions taken so near to where they have no derivative that the precision does not tell the sides apart.
    pub kinks: Vec<Function>,
}

impl RealAlgebra {
    /// The algebra with this many bits.
    #[must_use]
    pub fn new(precision: usize) -> Self {
        Self { reals: Reals::new(precision), undefined: None, kinks: Vec::new() }
    }

    /// Notes the reason where finite operands led to something that is not.
    fn checked(&mut self, operands_finite: bool, value: Real, reason: impl FnOnce() -> Undefined) -> Real {
        if operands_finite && value.is_nan() {
            self.undefined.get_or_insert_with(reason);
        }
        value
    }

    fn finite(&mut self, operands_finite: bool, value: Real, what: &'static str) -> Real {
        if operands_finite && !value.is_finite() && !value.is_nan() {
            self.undefined.get_or_insert(Undefined::Overflow(what));
        }
        value
    }
}

impl Algebra for RealAlgebra {
    type Value = Real;

    fn rational(&mut self, q: &Rational) -> Real {
        self.reals.rational(q)
    }

    fn pi(&mut self) -> Real {
        self.reals.pi()
    }

    fn add(&mut self, a: &Real, b: &Real) -> Real {
        self.reals.add(a, b)
    }

    fn mul(&mut self, a: &Real, b: &Real) -> Real {
        let value = self.reals.mul(a, b);
        self.finite(a.is_finite() && b.is_finite(), value, "a product")
    }

    fn scale(&mut self, q: &Rational, a: &Real) -> Real {
        self.reals.scale(q, a)
    }

    fn pow(&mut self, a: &Real, exponent: &Rational) -> Real {
        let value = self.reals.pow(a, exponent);
        let value = self.finite(a.is_finite(), value, "a power");
        self.checked(a.is_finite(), value, || Undefined::Power { base: a.to_f64(), exponent: exponent.clone() })
    }

    fn apply(&mut self, function: Function, a: &Real) -> Real {
        use Function as F;
        let reals = &mut self.reals;
        let value = match function {
            F::Exp => reals.exp(a),
            F::Log => reals.log(a),
            F::Log1p => reals.log1p(a),
            F::Expm1 => reals.expm1(a),
            F::Sin => reals.sin(a),
            F::Cos => reals.cos(a),
            F::Tan => reals.tan(a),
            F::Asin => reals.asin(a),
            F::Acos => reals.acos(a),
            F::Atan => reals.atan(a),
            F::Sinh => reals.sinh(a),
            F::Cosh => reals.cosh(a),
            F::Tanh => reals.tanh(a),
            F::Erf => reals.erf(a),
            F::Sigmoid => reals.sigmoid(a),
            F::Softplus => reals.softplus(a),
            F::Relu | F::Abs | F::Sign | F::Step => return self.piecewise(function, a),
        };
        let value = self.finite(a.is_finite(), value, function.name());
        self.checked(a.is_finite(), value, || Undefined::Function { function, argument: a.to_f64() })
    }

    fn logsumexp(&mut self, terms: &[Real]) -> Real {
        self.reals.logsumexp(terms)
    }

    fn is_zero(&self, a: &Real) -> bool {
        a.is_zero() && a.is_exact()
    }
}

impl RealAlgebra {
    fn piecewise(&mut self, function: Function, a: &Real) -> Real {
        if a.is_nan() {
            return a.clone();
        }
        let doubtful = i64::try_from(self.reals.precision() / 2).unwrap_or(i64::MAX);
        let at_kink = a.exponent().map_or(a.is_zero(), |e| e < -doubtful);
        if at_kink && !self.kinks.contains(&function) {
            self.kinks.push(function);
        }
        let positive = !a.is_zero() && !a.is_negative();
        let whole = |n: i64| Real::from_rational(&n.into(), 64);
        match function {
            Function::Relu if !positive => whole(0),
            Function::Relu => a.clone(),
            Function::Abs => a.abs(),
            Function::Sign if a.is_negative() => whole(-1),
            _ => whole(i64::from(positive)),
        }
    }
}
