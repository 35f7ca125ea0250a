//! From tapes to programs: the builder as an algebra of real numbers.

use super::complex::{Complex, ComplexBuilder};
use super::program::{Binary, Comparison, Operand, Program, Unary};
use super::{LowerError, ProgramBuilder};
use crate::expr::{Algebra, Function, Op, Pool, Tape, Variable};
use crate::number::Rational;

impl Program {
    /// The program of a tape on real numbers: inputs θ and after it every direction that the tape reads, outputs those of the tape.
    ///
    /// # Errors
    /// [`LowerError::Symbol`] where a symbolic constant has not been given a value; [`LowerError::Parameter`] if the tape
    /// is of another pool; [`LowerError::TooLarge`].
    pub fn real(pool: &Pool, tape: &Tape) -> Result<Self, LowerError> {
        let n = pool.dimension();
        let mut builder = ProgramBuilder::new(inputs(pool, tape)?)?;
        let outputs = tape.evaluate(&mut builder, |_, variable| Operand::Input(input(n, variable)));
        builder.finish(&outputs)
    }

    /// The program of a tape on complex numbers: inputs and outputs have twice the entries, real and imaginary parts
    /// interleaved, which is the memory layout of a slice of [`Complex64`](num_complex::Complex64).
    ///
    /// Logarithms, roots and powers take their principal branch, a zero part counting as +0; relu, abs, sign and step go
    /// by the real part.
    ///
    /// # Errors
    /// Those of [`Program::real`].
    pub fn complex(pool: &Pool, tape: &Tape) -> Result<Self, LowerError> {
        let n = pool.dimension();
        let mut builder = ComplexBuilder::new(inputs(pool, tape)?)?;
        let outputs = tape.evaluate(&mut builder, |_, variable| {
            let k = input(n, variable);
            Complex { re: Operand::Input(2 * k), im: Operand::Input(2 * k + 1) }
        });
        builder.finish(&outputs)
    }
}

/// How many inputs there are: θ, and the directions up to the last that the tape reads. Symbols have no values.
fn inputs(pool: &Pool, tape: &Tape) -> Result<usize, LowerError> {
    let mut vectors = 1_usize;
    for op in &tape.ops {
        match op {
            Op::Input(Variable::Symbol(s)) => {
                let name = pool.symbols().get(*s as usize).cloned().unwrap_or_else(|| format!("symbol {s}"));
                return Err(LowerError::Symbol { name });
            }
            Op::Input(Variable::Theta(k)) if *k as usize >= pool.dimension() => {
                return Err(LowerError::Parameter { index: *k, dimension: pool.dimension() });
            }
            Op::Input(Variable::Direction(number, _)) => vectors = vectors.max(*number as usize + 2),
            _ => {}
        }
    }
    vectors.checked_mul(pool.dimension()).filter(|inputs| *inputs < 1 << 31).ok_or(LowerError::TooLarge)
}

/// Where a variable is among the inputs, of which there are fewer than 2^31.
fn input(dimension: usize, variable: Variable) -> u32 {
    match variable {
        Variable::Theta(k) => k,
        Variable::Direction(number, k) => (number + 1) * u32::try_from(dimension).unwrap_or(u32::MAX) + k,
        Variable::Symbol(_) => unreachable!("symbols are refused before"),
    }
}

impl ProgramBuilder {
    /// The largest of some numbers that is finite, or else zero: what the exponents of a log-sum-exp are shifted by.
    pub(super) fn shift(&mut self, terms: &[Operand]) -> Operand {
        let zero = self.constant(0.0);
        let Some((&first, rest)) = terms.split_first() else { return zero };
        let largest = rest.iter().fold(first, |m, &t| self.select(Comparison::Less, m, t, t, m));
        let size = self.unary(Unary::Abs, largest);
        let limit = self.constant(f64::MAX);
        self.select(Comparison::LessOrEqual, size, limit, largest, zero)
    }
}

impl Algebra for ProgramBuilder {
    type Value = Operand;

    fn rational(&mut self, q: &Rational) -> Operand {
        self.constant(q.to_f64())
    }

    fn pi(&mut self) -> Operand {
        self.constant(std::f64::consts::PI)
    }

    fn add(&mut self, a: &Operand, b: &Operand) -> Operand {
        self.binary(Binary::Add, *a, *b)
    }

    fn sub(&mut self, a: &Operand, b: &Operand) -> Operand {
        self.binary(Binary::Sub, *a, *b)
    }

    fn mul(&mut self, a: &Operand, b: &Operand) -> Operand {
        self.binary(Binary::Mul, *a, *b)
    }

    fn scale(&mut self, q: &Rational, a: &Operand) -> Operand {
        let q = self.rational(q);
        self.binary(Binary::Mul, q, *a)
    }

    fn pow(&mut self, a: &Operand, exponent: &Rational) -> Operand {
        self.power(*a, exponent)
    }

    fn apply(&mut self, function: Function, a: &Operand) -> Operand {
        let (zero, one) = (self.constant(0.0), self.constant(1.0));
        match function {
            Function::Relu => self.select(Comparison::LessOrEqual, *a, zero, zero, *a),
            Function::Abs => self.unary(Unary::Abs, *a),
            // What is neither below nor above zero is zero or NaN, and stays it.
            Function::Sign => {
                let minus = self.constant(-1.0);
                let above = self.select(Comparison::Less, zero, *a, one, *a);
                self.select(Comparison::Less, *a, zero, minus, above)
            }
            Function::Step => {
                let below = self.select(Comparison::LessOrEqual, *a, zero, zero, *a);
                self.select(Comparison::Less, zero, *a, one, below)
            }
            _ => self.unary(Unary::Function(function), *a),
        }
    }

    fn logsumexp(&mut self, terms: &[Operand]) -> Operand {
        let shift = self.shift(terms);
        let mut sum = self.constant(0.0);
        for term in terms {
            let shifted = self.binary(Binary::Sub, *term, shift);
            let exponential = self.unary(Unary::Function(Function::Exp), shifted);
            sum = self.binary(Binary::Add, sum, exponential);
        }
        let log = self.unary(Unary::Function(Function::Log), sum);
        self.binary(Binary::Add, shift, log)
    }

    fn is_zero(&self, a: &Operand) -> bool {
        self.value(*a) == Some(0.0)
    }
}
