//! The algebra of complex numbers on top of the real instructions: one lowering for both.

use super::program::{Binary, Comparison, ComplexFunction, Operand, Program, Unary};
use super::{LowerError, ProgramBuilder};
use crate::expr::{Algebra, Function};
use crate::number::Rational;

/// The largest integer power computed by complex multiplication.
const MAX_MULTIPLIED: u64 = 64;

/// A complex number as the operands of its parts; constants have the constant zero for their imaginary part, and the
/// builder's identities leave out the work on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Complex {
    /// The real part.
    pub re: Operand,
    /// The imaginary part.
    pub im: Operand,
}

/// Collects the instructions of a [`Program`] on complex numbers; an [`Algebra`] over them.
#[derive(Debug, Clone)]
pub struct ComplexBuilder {
    real: ProgramBuilder,
}

impl ComplexBuilder {
    /// A builder of a program with so many complex inputs, parts interleaved.
    ///
    /// # Errors
    /// [`LowerError::TooLarge`] from 2³⁰ inputs.
    pub fn new(inputs: usize) -> Result<Self, LowerError> {
        let real = ProgramBuilder::new(inputs.checked_mul(2).ok_or(LowerError::TooLarge)?)?;
        Ok(Self { real })
    }

    /// The complex input at an index.
    ///
    /// # Panics
    /// If there is no such input.
    pub fn input(&mut self, index: usize) -> Complex {
        Complex { re: self.real.input(2 * index), im: self.real.input(2 * index + 1) }
    }

    /// The program with these outputs, parts interleaved.
    ///
    /// # Errors
    /// [`LowerError::TooLarge`] from 2³¹ instructions.
    pub fn finish(self, outputs: &[Complex]) -> Result<Program, LowerError> {
        let parts: Vec<Operand> = outputs.iter().flat_map(|z| [z.re, z.im]).collect();
        self.real.finish(&parts)
    }

    /// The program with these outputs, each one part of a number.
    pub(crate) fn finish_parts(self, outputs: &[Operand]) -> Result<Program, LowerError> {
        self.real.finish(outputs)
    }

    /// A real number.
    pub(crate) fn number(&mut self, value: f64) -> Complex {
        self.constant(value)
    }

    fn constant(&mut self, value: f64) -> Complex {
        Complex { re: self.real.constant(value), im: self.real.constant(0.0) }
    }

    fn function(&mut self, function: ComplexFunction, a: Complex) -> Complex {
        let (re, im) = self.real.complex(function, a.re, a.im);
        Complex { re, im }
    }

    /// `if re ⋚ 0 { x } else { y }` or with the sides exchanged, on the first number's real part.
    fn select(&mut self, relation: Comparison, a: Operand, b: Operand, x: Complex, y: Complex) -> Complex {
        Complex { re: self.real.select(relation, a, b, x.re, y.re), im: self.real.select(relation, a, b, x.im, y.im) }
    }
}

/// The product, and the square as `((a − b)(a + b), 2ab)`.
fn times(real: &mut ProgramBuilder, a: Complex, b: Complex) -> Complex {
    let mut op = |op, x, y| real.binary(op, x, y);
    if a == b {
        let (difference, sum) = (op(Binary::Sub, a.re, a.im), op(Binary::Add, a.re, a.im));
        let cross = op(Binary::Mul, a.re, a.im);
        return Complex { re: op(Binary::Mul, difference, sum), im: op(Binary::Add, cross, cross) };
    }
    let (rr, ii) = (op(Binary::Mul, a.re, b.re), op(Binary::Mul, a.im, b.im));
    let (ri, ir) = (op(Binary::Mul, a.re, b.im), op(Binary::Mul, a.im, b.re));
    Complex { re: op(Binary::Sub, rr, ii), im: op(Binary::Add, ri, ir) }
}

impl Algebra for ComplexBuilder {
    type Value = Complex;

    fn rational(&mut self, q: &Rational) -> Complex {
        self.constant(q.to_f64())
    }

    fn pi(&mut self) -> Complex {
        self.constant(std::f64::consts::PI)
    }

    fn add(&mut self, a: &Complex, b: &Complex) -> Complex {
        Complex { re: self.real.binary(Binary::Add, a.re, b.re), im: self.real.binary(Binary::Add, a.im, b.im) }
    }

    fn sub(&mut self, a: &Complex, b: &Complex) -> Complex {
        Complex { re: self.real.binary(Binary::Sub, a.re, b.re), im: self.real.binary(Binary::Sub, a.im, b.im) }
    }

    fn mul(&mut self, a: &Complex, b: &Complex) -> Complex {
        times(&mut self.real, *a, *b)
    }

    fn scale(&mut self, q: &Rational, a: &Complex) -> Complex {
        let q = self.real.constant(q.to_f64());
        Complex { re: self.real.binary(Binary::Mul, q, a.re), im: self.real.binary(Binary::Mul, q, a.im) }
    }

    /// Multiplications for integers, the square root for halves, and `|z|^q (cos qφ + i sin qφ)` with the principal angle
    /// φ for the rest.
    fn pow(&mut self, a: &Complex, exponent: &Rational) -> Complex {
        let twice = (exponent + exponent).to_i64().filter(|n| n.unsigned_abs() <= 2 * MAX_MULTIPLIED);
        let Some(twice) = twice else {
            let e = self.real.constant(exponent.to_f64());
            let modulus = self.real.binary(Binary::Modulus, a.re, a.im);
            let modulus = self.real.binary(Binary::Power, modulus, e);
            let angle = self.real.binary(Binary::Argument, a.re, a.im);
            let angle = self.real.binary(Binary::Mul, e, angle);
            let (cos, sin) = (Unary::Function(Function::Cos), Unary::Function(Function::Sin));
            let (cos, sin) = (self.real.unary(cos, angle), self.real.unary(sin, angle));
            return Complex {
                re: self.real.binary(Binary::Mul, modulus, cos),
                im: self.real.binary(Binary::Mul, modulus, sin),
            };
        };
        let whole = self.real.repeated(twice.unsigned_abs() / 2, *a, times);
        let magnitude = if twice % 2 == 0 {
            whole
        } else {
            let root = self.function(ComplexFunction::Sqrt, *a);
            Some(whole.map_or(root, |w| times(&mut self.real, w, root)))
        };
        match magnitude {
            None => self.constant(1.0),
            Some(m) if twice < 0 => self.function(ComplexFunction::Reciprocal, m),
            Some(m) => m,
        }
    }

    fn apply(&mut self, function: Function, a: &Complex) -> Complex {
        let zero = self.constant(0.0);
        match function {
            Function::Relu => self.select(Comparison::LessOrEqual, a.re, zero.re, zero, *a),
            Function::Abs => {
                let minus = self.scale(&Rational::MINUS_ONE, a);
                let above = self.select(Comparison::Less, zero.re, a.re, *a, zero);
                let mut value = self.select(Comparison::Less, a.re, zero.re, minus, above);
                // As a number of its own, so that NaN stays NaN.
                value.re = self.real.unary(Unary::Abs, a.re);
                value
            }
            Function::Sign | Function::Step => Complex { re: self.real.apply(function, &a.re), im: zero.im },
            _ => self.function(ComplexFunction::Function(function), *a),
        }
    }

    fn logsumexp(&mut self, terms: &[Complex]) -> Complex {
        let parts: Vec<Operand> = terms.iter().map(|t| t.re).collect();
        let shift = Complex { re: self.real.shift(&parts), im: self.real.constant(0.0) };
        let mut sum = self.constant(0.0);
        for term in terms {
            let shifted = self.sub(term, &shift);
            let exponential = self.apply(Function::Exp, &shifted);
            sum = self.add(&sum, &exponential);
        }
        let log = self.apply(Function::Log, &sum);
        self.add(&shift, &log)
    }

    fn is_zero(&self, a: &Complex) -> bool {
        self.real.is_zero(&a.re) && self.real.is_zero(&a.im)
    }
}
