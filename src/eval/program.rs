//! The straight-line program: what the interpreter runs and the compiler translates.

use crate::expr::Function;

/// Where an instruction finds a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operand {
    /// The entry of the table of constants at this index.
    Constant(u32),
    /// The input at this index.
    Input(u32),
    /// The result of the instruction at this index.
    Register(u32),
}

/// A real operation of one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the operation of its name")]
pub enum Unary {
    Neg,
    Abs,
    Sqrt,
    /// A function of the loss language, as [`Function`] defines it on the real line; NaN outside its domain.
    Function(Function),
}

/// A real operation of two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the operation of its name")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    /// `a^b`, NaN for a negative base with an exponent that is no integer.
    Power,
    /// `√(a² + b²)` without overflow.
    Modulus,
    /// The angle of `a + ib` in (−π, π]; a zero `b` counts as +0.
    Argument,
}

/// An order relation of real numbers, false if either is NaN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the relation of its name")]
pub enum Comparison {
    Less,
    LessOrEqual,
}

/// A complex function, from `(re, im)` to `(re, im)`.
///
/// A zero part of the argument counts as +0: on a cut, the value is the limit from the side of the positive parts, so
/// that `log(−1) = iπ` whatever the sign of the zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ComplexFunction {
    /// A smooth function of the loss language, principal branch.
    Function(Function),
    /// The principal square root.
    Sqrt,
    /// The reciprocal, without undue overflow.
    Reciprocal,
}

/// One instruction; its operands are constants, inputs and results of earlier instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Instruction {
    /// An operation of one operand.
    Unary(Unary, Operand),
    /// An operation of two operands.
    Binary(Binary, Operand, Operand),
    /// `if a ⋚ b { x } else { y }` of the operands `[a, b, x, y]`.
    Select(Comparison, [Operand; 4]),
    /// The real part of a complex function; always followed by [`Instruction::ImaginaryPart`].
    Complex(ComplexFunction, Operand, Operand),
    /// The imaginary part of the complex function just before.
    ImaginaryPart,
}

impl Instruction {
    /// The operands, in order.
    pub fn operands(&self) -> impl Iterator<Item = Operand> {
        let (buffer, count) = match *self {
            Instruction::Unary(_, a) => ([a; 4], 1),
            Instruction::Binary(_, a, b) | Instruction::Complex(_, a, b) => ([a, b, a, b], 2),
            Instruction::Select(_, operands) => (operands, 4),
            Instruction::ImaginaryPart => ([Operand::Constant(0); 4], 0),
        };
        buffer.into_iter().take(count)
    }

    /// The same instruction with every operand replaced.
    pub(super) fn map(&self, mut f: impl FnMut(Operand) -> Operand) -> Self {
        match *self {
            Instruction::Unary(op, a) => Instruction::Unary(op, f(a)),
            Instruction::Binary(op, a, b) => Instruction::Binary(op, f(a), f(b)),
            Instruction::Select(relation, operands) => Instruction::Select(relation, operands.map(f)),
            Instruction::Complex(function, a, b) => Instruction::Complex(function, f(a), f(b)),
            Instruction::ImaginaryPart => Instruction::ImaginaryPart,
        }
    }
}

/// A straight-line program from `f64` inputs to `f64` outputs.
///
/// Made by [`Program::real`], [`Program::complex`] or a [`ProgramBuilder`](super::ProgramBuilder), which alone vouch for
/// its invariants: operands exist and come before their use, and complex calls keep their two halves together.
///
/// ```
/// use shadowflow::eval::{Interpreter, Program, Scratch, VectorFunction};
/// use shadowflow::expr::{Pool, Shape, Tape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let square = pool.mul(x, x);
/// let tape = Tape::new(&pool, &[square]);
///
/// let mut out = [0.0];
/// let real = Interpreter::new(&Program::real(&pool, &tape)?);
/// real.call(&[3.0], &mut out, &mut Scratch::new());
/// assert_eq!(out, [9.0]);
///
/// // The same expression on complex numbers: parts interleaved, (1 + 2i)² = −3 + 4i.
/// let mut out = [0.0; 2];
/// let complex = Interpreter::new(&Program::complex(&pool, &tape)?);
/// complex.call(&[1.0, 2.0], &mut out, &mut Scratch::new());
/// assert_eq!(out, [-3.0, 4.0]);
/// # Ok::<(), shadowflow::eval::LowerError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    pub(super) inputs: u32,
    pub(super) constants: Vec<f64>,
    pub(super) instructions: Vec<Instruction>,
    pub(super) outputs: Vec<Operand>,
}

impl Program {
    /// The number of inputs.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs as usize
    }

    /// The table of constants.
    #[must_use]
    pub fn constants(&self) -> &[f64] {
        &self.constants
    }

    /// The instructions, in the order in which they run.
    #[must_use]
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Where the outputs are found, in order.
    #[must_use]
    pub fn outputs(&self) -> &[Operand] {
        &self.outputs
    }
}
