//! Building programs: every operation numbered by value, folded, and dropped again if nothing needs it.

use super::error::Reader;
use super::program::{Binary, Comparison, ComplexFunction, Instruction, Operand, Program, Unary};
use super::{LowerError, complex_functions, functions};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// The largest integer power computed by multiplication on the real line; larger ones take [`Binary::Power`], whose
/// error does not grow with the exponent.
const MAX_MULTIPLIED: u64 = 64;

/// The constant that every builder begins with.
const ZERO: Operand = Operand::Constant(0);

/// Collects the instructions of a [`Program`].
///
/// Equal operations become one instruction, constants fold, and exact identities hold: `x + 0 = x`, `1·x = x`,
/// `0·x = 0`, `a + (−b) = a − b`, `(−a)·b = −(a·b)`. Sums and products keep their association, so no identity costs accuracy.
///
/// It is an [`Algebra`](crate::expr::Algebra) of real numbers.
///
/// Operands come from this builder. One that it has not given out, such as an input that the program does not have or a result of a later
/// instruction, is an error of [`ProgramBuilder::finish`].
///
/// ```
/// use shadowflow::eval::{LowerError, Operand, ProgramBuilder, Unary};
/// let mut builder = ProgramBuilder::new(2)?;
/// let root = builder.unary(Unary::Sqrt, Operand::Input(100_000));
/// let refused = builder.finish(&[root]).unwrap_err();
/// assert_eq!(refused.to_string(), "instruction 0 reads input 100000, but there are 2 inputs: numbers from 0 to 1 may stand there");
/// # Ok::<(), LowerError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ProgramBuilder {
    inputs: u32,
    pub(super) constants: Vec<f64>,
    pub(super) instructions: Vec<Instruction>,
    /// The first operand that is none of this program's, even if folding has left it out since.
    stray: Option<LowerError>,
    known_constants: FxHashMap<u64, u32>,
    known: FxHashMap<Instruction, Operand>,
}

impl ProgramBuilder {
    /// A builder of a program with so many inputs.
    ///
    /// # Errors
    /// [`LowerError::TooLarge`] from 2³¹ inputs.
    pub fn new(inputs: usize) -> Result<Self, LowerError> {
        let inputs = u32::try_from(inputs).ok().filter(|n| *n < 1 << 31).ok_or(LowerError::TooLarge)?;
        let mut builder = Self {
            inputs,
            constants: Vec::new(),
            instructions: Vec::new(),
            stray: None,
            known_constants: FxHashMap::default(),
            known: FxHashMap::default(),
        };
        builder.constant(0.0);
        Ok(builder)
    }

    /// The input at an index.
    ///
    /// # Panics
    /// If there is no such input.
    pub fn input(&mut self, index: usize) -> Operand {
        match u32::try_from(index) {
            Ok(i) if i < self.inputs => Operand::Input(i),
            _ => panic!("input {index} of a program with {} inputs", self.inputs),
        }
    }

    /// A number; both zeros are +0.
    pub fn constant(&mut self, value: f64) -> Operand {
        let value = if value == 0.0 { 0.0 } else { value };
        let next = u32::try_from(self.constants.len()).expect("fewer than 2^32 constants");
        let at = *self.known_constants.entry(value.to_bits()).or_insert(next);
        if at == next {
            self.constants.push(value);
        }
        Operand::Constant(at)
    }

    /// The value of an operand, if it is a constant.
    #[must_use]
    pub fn value(&self, operand: Operand) -> Option<f64> {
        match operand {
            Operand::Constant(c) => self.constants.get(c as usize).copied(),
            _ => None,
        }
    }

    /// Whether some of these operands, or of earlier ones, is none of this program's: nothing is built any more, since a result that
    /// reads itself has no end, and [`ProgramBuilder::finish`] refuses.
    fn is_astray(&mut self, operands: &[Operand]) -> bool {
        if self.stray.is_none() {
            let at = self.instructions.len();
            self.stray = operands.iter().find_map(|o| self.bounds(at).refuse(*o, Reader::Instruction(at)));
        }
        self.stray.is_some()
    }

    /// The operands that an instruction at this place may read.
    fn bounds(&self, at: usize) -> Bounds {
        Bounds { constants: self.constants.len(), inputs: self.inputs as usize, results: at }
    }

    fn is(&self, operand: Operand, value: f64) -> bool {
        self.value(operand) == Some(value)
    }

    fn instruction(&self, operand: Operand) -> Option<Instruction> {
        match operand {
            Operand::Register(r) => self.instructions.get(r as usize).copied(),
            _ => None,
        }
    }

    /// What `operand` is the negative of, if it was made by a change of sign.
    fn negated(&self, operand: Operand) -> Option<Operand> {
        match self.instruction(operand) {
            Some(Instruction::Unary(Unary::Neg, a)) => Some(a),
            _ => None,
        }
    }

    fn push(&mut self, instruction: Instruction) -> Operand {
        if let Some(&known) = self.known.get(&instruction) {
            return known;
        }
        let result = Operand::Register(u32::try_from(self.instructions.len()).expect("fewer than 2^32 instructions"));
        self.instructions.push(instruction);
        self.known.insert(instruction, result);
        result
    }

    /// An operation of one operand.
    pub fn unary(&mut self, op: Unary, a: Operand) -> Operand {
        if self.is_astray(&[a]) {
            return ZERO;
        }
        if let Some(x) = self.value(a) {
            return self.constant(functions::unary(op, x));
        }
        match op {
            Unary::Neg => self.negated(a).unwrap_or_else(|| self.push(Instruction::Unary(op, a))),
            _ => self.push(Instruction::Unary(op, a)),
        }
    }

    /// An operation of two operands.
    pub fn binary(&mut self, op: Binary, a: Operand, b: Operand) -> Operand {
        if self.is_astray(&[a, b]) {
            return ZERO;
        }
        if let (Some(x), Some(y)) = (self.value(a), self.value(b)) {
            return self.constant(functions::binary(op, x, y));
        }
        match op {
            Binary::Add => self.add_of(a, b),
            Binary::Sub => self.sub_of(a, b),
            Binary::Mul => self.mul_of(a, b),
            Binary::Div if self.is(b, 1.0) => a,
            _ => self.push(Instruction::Binary(op, a, b)),
        }
    }

    fn add_of(&mut self, a: Operand, b: Operand) -> Operand {
        if self.is(a, 0.0) {
            return b;
        }
        if self.is(b, 0.0) {
            return a;
        }
        if let Some(b) = self.negated(b) {
            return self.binary(Binary::Sub, a, b);
        }
        if let Some(a) = self.negated(a) {
            return self.binary(Binary::Sub, b, a);
        }
        self.push(Instruction::Binary(Binary::Add, a.min(b), a.max(b)))
    }

    fn sub_of(&mut self, a: Operand, b: Operand) -> Operand {
        if self.is(b, 0.0) {
            return a;
        }
        if self.is(a, 0.0) {
            return self.unary(Unary::Neg, b);
        }
        if let Some(b) = self.negated(b) {
            return self.binary(Binary::Add, a, b);
        }
        self.push(Instruction::Binary(Binary::Sub, a, b))
    }

    fn mul_of(&mut self, a: Operand, b: Operand) -> Operand {
        for (x, y) in [(a, b), (b, a)] {
            match self.value(x) {
                Some(0.0) => return x,
                Some(1.0) => return y,
                Some(-1.0) => return self.unary(Unary::Neg, y),
                Some(2.0) => return self.binary(Binary::Add, y, y),
                Some(c) if let Some(y) = self.negated(y) => {
                    let c = self.constant(-c);
                    return self.binary(Binary::Mul, c, y);
                }
                Some(_) => {}
                None if let Some(x) = self.negated(x) => {
                    let product = self.binary(Binary::Mul, x, y);
                    return self.unary(Unary::Neg, product);
                }
                None => {}
            }
        }
        self.push(Instruction::Binary(Binary::Mul, a.min(b), a.max(b)))
    }

    /// `if a ⋚ b { x } else { y }`.
    pub fn select(&mut self, relation: Comparison, a: Operand, b: Operand, x: Operand, y: Operand) -> Operand {
        if self.is_astray(&[a, b, x, y]) {
            return ZERO;
        }
        match (self.value(a), self.value(b)) {
            _ if x == y => x,
            (Some(u), Some(v)) => {
                if functions::compare(relation, u, v) {
                    x
                } else {
                    y
                }
            }
            _ => self.push(Instruction::Select(relation, [a, b, x, y])),
        }
    }

    /// A complex function of `re + i·im`: its real and imaginary part.
    pub fn complex(&mut self, function: ComplexFunction, re: Operand, im: Operand) -> (Operand, Operand) {
        if self.is_astray(&[re, im]) {
            return (ZERO, ZERO);
        }
        if let (Some(x), Some(y)) = (self.value(re), self.value(im)) {
            let (u, v) = complex_functions::complex(function, x, y);
            return (self.constant(u), self.constant(v));
        }
        let real = self.push(Instruction::Complex(function, re, im));
        let Operand::Register(r) = real else { return (real, real) };
        // Not by value: the second half belongs to the call before it.
        if r as usize + 1 == self.instructions.len() {
            self.instructions.push(Instruction::ImaginaryPart);
        }
        (real, Operand::Register(r + 1))
    }

    /// The power of a real number with an exact exponent: multiplications, a division for a negative exponent, a square
    /// root for halves, and [`Binary::Power`] for the rest.
    pub fn power(&mut self, a: Operand, exponent: &Rational) -> Operand {
        if self.is_astray(&[a]) {
            return ZERO;
        }
        let rounded = exponent.to_f64();
        if let Some(x) = self.value(a) {
            return self.constant(functions::binary(Binary::Power, x, rounded));
        }
        let twice = (exponent + exponent).to_i64().filter(|n| n.unsigned_abs() <= 2 * MAX_MULTIPLIED);
        let Some(twice) = twice else {
            let e = self.constant(rounded);
            return self.binary(Binary::Power, a, e);
        };
        let whole = self.repeated(twice.unsigned_abs() / 2, a, |b, x, y| b.binary(Binary::Mul, x, y));
        let magnitude = if twice % 2 == 0 {
            whole
        } else {
            let root = self.unary(Unary::Sqrt, a);
            Some(whole.map_or(root, |w| self.binary(Binary::Mul, w, root)))
        };
        let one = self.constant(1.0);
        match magnitude {
            None => one,
            Some(m) if twice < 0 => self.binary(Binary::Div, one, m),
            Some(m) => m,
        }
    }

    /// `a·a·…·a`, `count` times, by repeated squaring; `None` for no factor.
    pub(super) fn repeated<V: Copy>(
        &mut self,
        count: u64,
        a: V,
        mut times: impl FnMut(&mut Self, V, V) -> V,
    ) -> Option<V> {
        let (mut result, mut square, mut rest) = (None, a, count);
        while rest > 0 {
            if rest & 1 == 1 {
                result = Some(match result {
                    None => square,
                    Some(r) => times(self, r, square),
                });
            }
            rest >>= 1;
            if rest > 0 {
                square = times(self, square, square);
            }
        }
        result
    }

    /// The program with these outputs: what they do not need is dropped, and a reciprocal that is used in one product
    /// only becomes a division.
    ///
    /// # Errors
    /// [`LowerError::TooLarge`] from 2³¹ instructions; [`LowerError::Operand`] if an instruction, used or not, or an output reads an operand
    /// that is none of this program's.
    pub fn finish(self, outputs: &[Operand]) -> Result<Program, LowerError> {
        if self.instructions.len() >= 1 << 31 || self.constants.len() >= 1 << 31 {
            return Err(LowerError::TooLarge);
        }
        self.check(outputs)?;
        let Self { inputs, constants, mut instructions, .. } = self;
        let mut uses = count_uses(&instructions, outputs);
        divide_once(&mut instructions, &constants, &mut uses);

        let mut new_constants = Vec::new();
        let mut constant_at: FxHashMap<u32, u32> = FxHashMap::default();
        let mut register_at = vec![u32::MAX; instructions.len()];
        let mut kept: Vec<Instruction> = Vec::with_capacity(instructions.len());
        let mut renumber = |operand: Operand, register_at: &[u32]| match operand {
            Operand::Input(_) => operand,
            Operand::Register(r) => Operand::Register(register_at[r as usize]),
            Operand::Constant(c) => Operand::Constant(*constant_at.entry(c).or_insert_with(|| {
                new_constants.push(constants[c as usize]);
                index(new_constants.len() - 1)
            })),
        };
        for (r, instruction) in instructions.iter().enumerate() {
            if uses[r] > 0 {
                let mapped = instruction.map(|o| renumber(o, &register_at));
                register_at[r] = index(kept.len());
                kept.push(mapped);
            }
        }
        let outputs = outputs.iter().map(|o| renumber(*o, &register_at)).collect();
        Ok(Program { inputs, constants: new_constants, instructions: kept, outputs })
    }
}

impl ProgramBuilder {
    /// That every operand exists and comes before its use: what all back ends, machine code too, rely on.
    fn check(&self, outputs: &[Operand]) -> Result<(), LowerError> {
        let stray = self.instructions.iter().enumerate().find_map(|(at, instruction)| {
            let bounds = self.bounds(at);
            instruction.operands().find_map(|o| bounds.refuse(o, Reader::Instruction(at)))
        });
        let all = self.bounds(self.instructions.len());
        let stray = stray.or_else(|| self.stray.clone());
        let stray = stray.or_else(|| (0..).zip(outputs).find_map(|(k, o)| all.refuse(*o, Reader::Output(k))));
        stray.map_or(Ok(()), Err)
    }
}

/// How many numbers of every kind there are to read.
struct Bounds {
    constants: usize,
    inputs: usize,
    results: usize,
}

impl Bounds {
    /// Why an operand may not be read, if so.
    fn refuse(&self, operand: Operand, reader: Reader) -> Option<LowerError> {
        let (index, count) = match operand {
            Operand::Constant(c) => (c, self.constants),
            Operand::Input(k) => (k, self.inputs),
            Operand::Register(r) => (r, self.results),
        };
        (index as usize >= count).then_some(LowerError::Operand { operand, reader, count })
    }
}

/// An index that [`ProgramBuilder::finish`] has checked to fit.
fn index(n: usize) -> u32 {
    u32::try_from(n).expect("fewer than 2^31 numbers")
}

/// How often each instruction's result is used by instructions that are needed, and by the outputs.
fn count_uses(instructions: &[Instruction], outputs: &[Operand]) -> Vec<u32> {
    let mut uses = vec![0_u32; instructions.len()];
    let use_it = |uses: &mut [u32], operand: Operand| {
        if let Operand::Register(r) = operand {
            uses[r as usize] = uses[r as usize].saturating_add(1);
        }
    };
    for &output in outputs {
        use_it(&mut uses, output);
    }
    for r in (0..instructions.len()).rev() {
        if uses[r] == 0 {
            continue;
        }
        for operand in instructions[r].operands() {
            use_it(&mut uses, operand);
        }
        // Both halves of a complex call are kept if either is used.
        match instructions[r] {
            Instruction::ImaginaryPart => uses[r - 1] = uses[r - 1].max(1),
            Instruction::Complex(..) => uses[r + 1] = uses[r + 1].max(1),
            _ => {}
        }
    }
    uses
}

/// Replaces `a·(1/b)` by `a/b` where the reciprocal has no other use: one rounding and one instruction less.
fn divide_once(instructions: &mut [Instruction], constants: &[f64], uses: &mut [u32]) {
    for r in 0..instructions.len() {
        let Instruction::Binary(Binary::Mul, a, b) = instructions[r] else { continue };
        if uses[r] == 0 || a == b {
            continue;
        }
        for (x, y) in [(a, b), (b, a)] {
            if let Operand::Register(q) = y
                && uses[q as usize] == 1
                && let Instruction::Binary(Binary::Div, Operand::Constant(one), divisor) = instructions[q as usize]
                && constants[one as usize] == 1.0
            {
                instructions[r] = Instruction::Binary(Binary::Div, x, divisor);
                uses[q as usize] = 0;
                break;
            }
        }
    }
}
