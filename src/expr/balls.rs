//! Enclosures as an algebra.

use super::fold::{exact_power, exact_value};
use super::{Algebra, Function};
use crate::budget::tick;
use crate::number::{Ball, Balls, Domain, Rational};

/// Why a value does not exist in the reals: proved, not suspected.
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
}

/// A number that the enclosures at one precision do not tell from 0, though the value depends on it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undecided {
    /// At the end of a function's domain, or at its kink.
    #[error("{}`{}`", prefix(*.0), .0.name())]
    Function(Function),
    /// The base of a power.
    #[error("the x of `x^({0})`")]
    Power(Rational),
}

fn prefix(function: Function) -> &'static str {
    match function {
        Function::Log1p => "1 plus the argument of ",
        Function::Tan => "the cosine in ",
        Function::Asin | Function::Acos => "the distance to ±1 of the argument of ",
        _ => "the argument of ",
    }
}

/// The longest rationals that are kept beside their enclosures, in bits.
const KEPT: u64 = 256;

/// A set that holds a number, and the number itself where it is a short rational.
#[derive(Debug, Clone)]
pub struct Enclosure {
    /// The set.
    pub ball: Ball,
    /// The number, if it is known.
    pub exact: Option<Rational>,
}

impl Enclosure {
    /// Of a number of which nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self { ball: Ball::Unknown, exact: None }
    }

    /// The double nearest to the number; `None` where the set does not tell.
    #[must_use]
    pub fn to_f64(&self) -> Option<f64> {
        self.exact.as_ref().map(Rational::to_f64).or_else(|| self.ball.to_f64())
    }

    /// The midpoint of the set as a rational, and the number itself where it is known.
    #[must_use]
    pub fn to_rational(&self) -> Option<Rational> {
        self.exact.clone().or_else(|| self.ball.mid().to_rational())
    }

    /// −1, 0 or 1, if the sign is known.
    #[must_use]
    pub fn sign(&self) -> Option<i8> {
        match &self.exact {
            Some(q) => Some(if q.is_zero() {
                0
            } else if q.is_negative() {
                -1
            } else {
                1
            }),
            None => self.ball.sign(),
        }
    }

    /// Whether something is known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.ball.is_unknown()
    }

    /// Whether the number is known to be 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.ball.is_zero()
    }

    /// The number that a message shows.
    fn shown(&self) -> f64 {
        self.to_f64().unwrap_or_else(|| self.ball.mid().to_f64())
    }
}

/// The algebra of enclosures with one precision.
///
/// What has no value is [`Ball::Unknown`] and from there on spreads; the first reason of each kind is kept. Where numbers on both sides of
/// the end of a domain, or of a kink, are enclosed, nothing is decided: more digits are needed.
///
/// ```
/// use shadowflow::expr::{Algebra, BallAlgebra, Function};
/// let mut balls = BallAlgebra::new(128);
/// let minus = balls.rational(&(-2).into());
/// assert!(balls.apply(Function::Log, &minus).ball.is_unknown());
/// assert_eq!(balls.undefined.unwrap().to_string(), "`log(-2)` has no real value");
/// ```
#[derive(Debug)]
pub struct BallAlgebra {
    /// The arithmetic.
    pub balls: Balls,
    /// The first thing that had no value.
    pub undefined: Option<Undefined>,
    /// The first number that was not told from 0.
    pub undecided: Option<Undecided>,
    /// The first operation whose result was too large to hold.
    pub overflow: Option<&'static str>,
    /// The functions taken at 0 exactly, where they have no derivative.
    pub kinks: Vec<Function>,
}

impl BallAlgebra {
    /// The algebra with this many bits.
    #[must_use]
    pub fn new(precision: usize) -> Self {
        Self { balls: Balls::new(precision), undefined: None, undecided: None, overflow: None, kinks: Vec::new() }
    }

    /// A short rational, whose set is exact where it has a finite binary expansion.
    fn exactly(&mut self, q: Rational) -> Enclosure {
        Enclosure { ball: self.balls.rational(&q), exact: Some(q) }
    }

    /// A result; where its set tells nothing though those of the operands do, it is too large.
    fn enclosed(&mut self, known: bool, ball: Ball, what: &'static str) -> Enclosure {
        if known && ball.is_unknown() {
            self.overflow.get_or_insert(what);
        }
        Enclosure { ball, exact: None }
    }

    /// The result with its exact value beside it; where that is whole, its set is exact.
    fn with_exact(&mut self, enclosure: Enclosure, exact: Option<Rational>) -> Enclosure {
        match exact.filter(|q| q.bits() <= KEPT) {
            Some(q) if q.is_integer() => self.exactly(q),
            exact => Enclosure { exact, ..enclosure },
        }
    }
}

impl Algebra for BallAlgebra {
    type Value = Enclosure;

    fn rational(&mut self, q: &Rational) -> Enclosure {
        Enclosure { ball: self.balls.rational(q), exact: (q.bits() <= KEPT).then(|| q.clone()) }
    }

    fn pi(&mut self) -> Enclosure {
        Enclosure { ball: self.balls.pi(), exact: None }
    }

    fn add(&mut self, a: &Enclosure, b: &Enclosure) -> Enclosure {
        let sum = self.balls.add(&a.ball, &b.ball);
        let value = self.enclosed(!a.ball.is_unknown() && !b.ball.is_unknown(), sum, "a sum");
        match (&a.exact, &b.exact) {
            (Some(p), Some(q)) => self.with_exact(value, Some(p + q)),
            _ => value,
        }
    }

    fn mul(&mut self, a: &Enclosure, b: &Enclosure) -> Enclosure {
        tick();
        let product = self.balls.mul(&a.ball, &b.ball);
        let value = self.enclosed(!a.ball.is_unknown() && !b.ball.is_unknown(), product, "a product");
        match (&a.exact, &b.exact) {
            (Some(p), Some(q)) if p.bits() + q.bits() <= KEPT => self.with_exact(value, Some(p * q)),
            _ => value,
        }
    }

    fn scale(&mut self, q: &Rational, a: &Enclosure) -> Enclosure {
        let product = self.balls.scale(q, &a.ball);
        let value = self.enclosed(!a.ball.is_unknown(), product, "a product");
        match &a.exact {
            Some(p) if p.bits() + q.bits() <= KEPT => self.with_exact(value, Some(p * q)),
            _ => value,
        }
    }

    fn pow(&mut self, a: &Enclosure, exponent: &Rational) -> Enclosure {
        if let Some(value) = a.exact.as_ref().and_then(|q| exact_power(q, exponent)).filter(|q| q.bits() <= KEPT) {
            return self.exactly(value);
        }
        match self.balls.pow(&a.ball, exponent) {
            Ok(value) => self.enclosed(!a.ball.is_unknown(), value, "a power"),
            Err(Domain::Outside) => {
                self.undefined.get_or_insert_with(|| Undefined::Power { base: a.shown(), exponent: exponent.clone() });
                Enclosure::unknown()
            }
            Err(Domain::Undecided) => {
                self.undecided.get_or_insert_with(|| Undecided::Power(exponent.clone()));
                Enclosure::unknown()
            }
        }
    }

    fn apply(&mut self, function: Function, a: &Enclosure) -> Enclosure {
        use Function as F;
        if !function.is_smooth() {
            return self.piecewise(function, a);
        }
        if let Some(value) = a.exact.as_ref().and_then(|q| exact_value(function, q)) {
            return self.exactly(value);
        }
        let (balls, x) = (&mut self.balls, &a.ball);
        let value = match function {
            F::Exp => Ok(balls.exp(x)),
            F::Log => balls.log(x),
            F::Log1p => balls.log1p(x),
            F::Expm1 => Ok(balls.expm1(x)),
            F::Sin => Ok(balls.sin(x)),
            F::Cos => Ok(balls.cos(x)),
            F::Tan => balls.tan(x),
            F::Asin => balls.asin(x),
            F::Acos => balls.acos(x),
            F::Atan => Ok(balls.atan(x)),
            F::Sinh => Ok(balls.sinh(x)),
            F::Cosh => Ok(balls.cosh(x)),
            F::Tanh => Ok(balls.tanh(x)),
            F::Erf => Ok(balls.erf(x)),
            F::Sigmoid => Ok(balls.sigmoid(x)),
            F::Softplus => Ok(balls.softplus(x)),
            F::Relu | F::Abs | F::Sign | F::Step => return self.piecewise(function, a),
        };
        match value {
            Ok(value) => self.enclosed(!a.ball.is_unknown(), value, function.name()),
            Err(Domain::Outside) => {
                self.undefined.get_or_insert_with(|| Undefined::Function { function, argument: a.shown() });
                Enclosure::unknown()
            }
            Err(Domain::Undecided) => {
                self.undecided.get_or_insert(Undecided::Function(function));
                Enclosure::unknown()
            }
        }
    }

    fn logsumexp(&mut self, terms: &[Enclosure]) -> Enclosure {
        if let [only] = terms {
            return only.clone();
        }
        let balls: Vec<Ball> = terms.iter().map(|t| t.ball.clone()).collect();
        let value = self.balls.logsumexp(&balls);
        self.enclosed(balls.iter().all(|t| !t.is_unknown()), value, "logsumexp")
    }

    fn is_zero(&self, a: &Enclosure) -> bool {
        a.is_zero()
    }
}

impl BallAlgebra {
    fn piecewise(&mut self, function: Function, a: &Enclosure) -> Enclosure {
        match a.sign() {
            Some(0) if !self.kinks.contains(&function) => self.kinks.push(function),
            None if !a.ball.is_unknown() => {
                self.undecided.get_or_insert(Undecided::Function(function));
            }
            _ => {}
        }
        if let Some(value) = a.exact.as_ref().and_then(|q| exact_value(function, q)) {
            return self.exactly(value);
        }
        let ball = match function {
            Function::Relu => self.balls.relu(&a.ball),
            Function::Abs => self.balls.abs(&a.ball),
            Function::Sign => self.balls.signum(&a.ball),
            _ => self.balls.step(&a.ball),
        };
        Enclosure { ball, exact: None }
    }
}
