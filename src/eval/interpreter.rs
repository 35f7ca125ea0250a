//! The block interpreter: the portable back end, and the oracle of the compiler.

mod columns;

use super::allocation::{Lifetimes, Slots};
use super::block::BLOCK;
use super::math::{self, Routine};
use super::program::{Binary, Comparison, Instruction, Operand, Program, Unary};
use super::vector_function::{batch_size, check_lengths};
use super::{Scratch, VectorFunction, complex_functions, functions};
use rustc_hash::FxHashMap;

/// From so many points on a block is filled with columns; fewer are evaluated one by one.
const MIN_COLUMNS: usize = 8;

/// Arithmetic of one operand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Simple {
    Neg,
    Abs,
    Sqrt,
}

/// Arithmetic of two operands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
}

/// One step of the interpreter; numbers live in slots, and a result's slot is none of its operands'.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "operands `a`, `b`, constants `c`, results `to`")]
pub(super) enum Step {
    Load { input: u32, to: u32 },
    Fill { c: f64, to: u32 },
    Store { a: u32, output: u32 },
    StoreConstant { c: f64, output: u32 },
    StoreInput { input: u32, output: u32 },
    Simple { op: Simple, a: u32, to: u32 },
    Arithmetic { op: Arithmetic, a: u32, b: u32, to: u32 },
    ArithmeticLeft { op: Arithmetic, c: f64, b: u32, to: u32 },
    ArithmeticRight { op: Arithmetic, a: u32, c: f64, to: u32 },
    Select { relation: Comparison, operands: [u32; 4], to: u32 },
    Call { f: Routine, a: u32, to: u32 },
    Power { a: u32, b: u32, to: u32 },
    Call2 { f: fn(f64, f64) -> f64, a: u32, b: u32, to: u32 },
    Complex { f: fn(f64, f64) -> (f64, f64), a: u32, b: u32, to: [u32; 2] },
}

/// Runs a [`Program`] by interpreting it, one point at a time or 128 points side by side.
#[derive(Debug, Clone)]
pub struct Interpreter {
    inputs: usize,
    outputs: usize,
    slots: usize,
    steps: Vec<Step>,
}

impl Interpreter {
    /// Prepares a program: every number gets a slot, slots are used again when their number has had its last use.
    #[must_use]
    pub fn new(program: &Program) -> Self {
        let mut translation = Translation::new(program);
        for (at, instruction) in program.instructions.iter().enumerate() {
            translation.instruction(at, instruction);
        }
        for (k, output) in program.outputs.iter().enumerate() {
            translation.constant_output(slot_index(k), *output);
        }
        Self {
            inputs: program.inputs(),
            outputs: program.outputs.len(),
            slots: translation.slots.count(),
            steps: translation.steps,
        }
    }
}

fn slot_index(n: usize) -> u32 {
    u32::try_from(n).expect("programs have fewer than 2^31 numbers")
}

struct Translation<'a> {
    program: &'a Program,
    lifetimes: Lifetimes,
    steps: Vec<Step>,
    slots: Slots,
    /// The slots of results and of inputs that have been loaded.
    at: FxHashMap<Operand, u32>,
    /// The outputs that each result is, by register, sorted.
    outputs: Vec<(u32, u32)>,
}

impl<'a> Translation<'a> {
    fn new(program: &'a Program) -> Self {
        let mut outputs: Vec<(u32, u32)> = (0..)
            .zip(&program.outputs)
            .filter_map(|(k, o)| match o {
                Operand::Register(r) => Some((*r, k)),
                _ => None,
            })
            .collect();
        outputs.sort_unstable();
        Self {
            program,
            lifetimes: Lifetimes::new(program),
            steps: Vec::with_capacity(program.instructions.len() + program.outputs.len()),
            slots: Slots::default(),
            at: FxHashMap::default(),
            outputs,
        }
    }

    fn constant(&self, operand: Operand) -> Option<f64> {
        match operand {
            Operand::Constant(c) => Some(self.program.constants[c as usize]),
            _ => None,
        }
    }

    /// The slot of an operand; a constant gets one in `borrowed`, to be given back after the instruction.
    fn slot(&mut self, operand: Operand, borrowed: &mut Vec<u32>) -> u32 {
        if let Some(&slot) = self.at.get(&operand) {
            return slot;
        }
        let to = self.slots.take();
        match operand {
            Operand::Constant(c) => {
                borrowed.push(to);
                self.steps.push(Step::Fill { c: self.program.constants[c as usize], to });
            }
            Operand::Input(input) => {
                self.at.insert(operand, to);
                self.steps.push(Step::Load { input, to });
            }
            Operand::Register(_) => unreachable!("a register is read after it is written"),
        }
        to
    }

    fn instruction(&mut self, at: usize, instruction: &Instruction) {
        let mut borrowed = Vec::new();
        let mut results = [Some(at), None];
        match *instruction {
            Instruction::ImaginaryPart => return,
            Instruction::Unary(op, a) => {
                let a = self.slot(a, &mut borrowed);
                let to = self.slots.take();
                self.result(at, to);
                self.steps.push(match op {
                    Unary::Neg => Step::Simple { op: Simple::Neg, a, to },
                    Unary::Abs => Step::Simple { op: Simple::Abs, a, to },
                    Unary::Sqrt => Step::Simple { op: Simple::Sqrt, a, to },
                    Unary::Function(f) => Step::Call { f: math::routine(f), a, to },
                });
            }
            Instruction::Binary(op, a, b) => self.binary(at, op, a, b, &mut borrowed),
            Instruction::Select(relation, operands) => {
                let operands = operands.map(|o| self.slot(o, &mut borrowed));
                let to = self.slots.take();
                self.result(at, to);
                self.steps.push(Step::Select { relation, operands, to });
            }
            Instruction::Complex(function, a, b) => {
                let (a, b) = (self.slot(a, &mut borrowed), self.slot(b, &mut borrowed));
                let to = [self.slots.take(), self.slots.take()];
                self.result(at, to[0]);
                self.result(at + 1, to[1]);
                self.steps.push(Step::Complex { f: complex_functions::implementation(function), a, b, to });
                results[1] = Some(at + 1);
            }
        }
        for slot in borrowed {
            self.slots.give(slot);
        }
        let ending: Vec<Operand> = self.lifetimes.ending(at, instruction).collect();
        for operand in ending {
            if let Some(slot) = self.at.remove(&operand) {
                self.slots.give(slot);
            }
        }
        for result in results.into_iter().flatten() {
            self.store(result);
        }
    }

    fn binary(&mut self, at: usize, op: Binary, a: Operand, b: Operand, borrowed: &mut Vec<u32>) {
        let arithmetic = match op {
            Binary::Add => Ok(Arithmetic::Add),
            Binary::Sub => Ok(Arithmetic::Sub),
            Binary::Mul => Ok(Arithmetic::Mul),
            Binary::Div => Ok(Arithmetic::Div),
            Binary::Power => Err(None),
            Binary::Modulus => Err(Some(f64::hypot as fn(f64, f64) -> f64)),
            Binary::Argument => Err(Some(functions::argument as fn(f64, f64) -> f64)),
        };
        let step = match (arithmetic, self.constant(a), self.constant(b)) {
            (Ok(op), None, Some(c)) => {
                let a = self.slot(a, borrowed);
                Step::ArithmeticRight { op, a, c, to: self.slots.take() }
            }
            (Ok(op), Some(c), None) => {
                let b = self.slot(b, borrowed);
                Step::ArithmeticLeft { op, c, b, to: self.slots.take() }
            }
            (Ok(op), ..) => {
                let (a, b) = (self.slot(a, borrowed), self.slot(b, borrowed));
                Step::Arithmetic { op, a, b, to: self.slots.take() }
            }
            (Err(f), ..) => {
                let (a, b) = (self.slot(a, borrowed), self.slot(b, borrowed));
                let to = self.slots.take();
                f.map_or(Step::Power { a, b, to }, |f| Step::Call2 { f, a, b, to })
            }
        };
        if let Step::ArithmeticRight { to, .. }
        | Step::ArithmeticLeft { to, .. }
        | Step::Arithmetic { to, .. }
        | Step::Power { to, .. }
        | Step::Call2 { to, .. } = step
        {
            self.result(at, to);
        }
        self.steps.push(step);
    }

    fn result(&mut self, register: usize, slot: u32) {
        self.at.insert(Operand::Register(slot_index(register)), slot);
    }

    /// Writes a new result to the outputs that it is, and frees its slot if nothing else reads it.
    fn store(&mut self, register: usize) {
        let key = Operand::Register(slot_index(register));
        let slot = self.at[&key];
        let first = self.outputs.partition_point(|(r, _)| (*r as usize) < register);
        for (_, output) in self.outputs[first..].iter().take_while(|(r, _)| *r as usize == register) {
            self.steps.push(Step::Store { a: slot, output: *output });
        }
        if self.lifetimes.registers[register] as usize == register {
            self.at.remove(&key);
            self.slots.give(slot);
        }
    }

    fn constant_output(&mut self, output: u32, operand: Operand) {
        match operand {
            Operand::Constant(c) => {
                self.steps.push(Step::StoreConstant { c: self.program.constants[c as usize], output });
            }
            Operand::Input(input) => self.steps.push(Step::StoreInput { input, output }),
            Operand::Register(_) => {}
        }
    }
}

impl VectorFunction for Interpreter {
    fn inputs(&self) -> usize {
        self.inputs
    }

    fn outputs(&self) -> usize {
        self.outputs
    }

    fn call(&self, input: &[f64], output: &mut [f64], scratch: &mut Scratch) {
        check_lengths(self, input, output);
        let v = scratch.values(self.slots);
        for step in &self.steps {
            match *step {
                Step::Load { input: k, to } => v[to as usize] = input[k as usize],
                Step::Fill { c, to } => v[to as usize] = c,
                Step::Store { a, output: k } => output[k as usize] = v[a as usize],
                Step::StoreConstant { c, output: k } => output[k as usize] = c,
                Step::StoreInput { input: i, output: k } => output[k as usize] = input[i as usize],
                Step::Simple { op, a, to } => v[to as usize] = op.of(v[a as usize]),
                Step::Arithmetic { op, a, b, to } => v[to as usize] = op.of(v[a as usize], v[b as usize]),
                Step::ArithmeticLeft { op, c, b, to } => v[to as usize] = op.of(c, v[b as usize]),
                Step::ArithmeticRight { op, a, c, to } => v[to as usize] = op.of(v[a as usize], c),
                Step::Select { relation, operands: [a, b, x, y], to } => {
                    let holds = functions::compare(relation, v[a as usize], v[b as usize]);
                    v[to as usize] = v[if holds { x } else { y } as usize];
                }
                Step::Call { f, a, to } => v[to as usize] = (f.scalar)(v[a as usize]),
                Step::Power { a, b, to } => v[to as usize] = math::power(v[a as usize], v[b as usize]),
                Step::Call2 { f, a, b, to } => v[to as usize] = f(v[a as usize], v[b as usize]),
                Step::Complex { f, a, b, to: [re, im] } => {
                    (v[re as usize], v[im as usize]) = f(v[a as usize], v[b as usize]);
                }
            }
        }
    }

    fn call_batch(&self, points: &[f64], output: &mut [f64], scratch: &mut Scratch) {
        let (n, m) = (self.inputs, self.outputs);
        let rows = batch_size(self, points, output);
        let mut first = 0;
        while first < rows {
            let count = BLOCK.min(rows - first);
            let (points, output) = (&points[first * n..][..count * n], &mut output[first * m..][..count * m]);
            if count < MIN_COLUMNS {
                for row in 0..count {
                    self.call(&points[row * n..][..n], &mut output[row * m..][..m], scratch);
                }
            } else {
                columns::run(&self.steps, self.slots, points, n, output, m, scratch);
            }
            first += count;
        }
    }
}

impl Simple {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        match self {
            Simple::Neg => -x,
            Simple::Abs => x.abs(),
            Simple::Sqrt => x.sqrt(),
        }
    }
}

impl Arithmetic {
    #[inline(always)]
    fn of(self, x: f64, y: f64) -> f64 {
        match self {
            Arithmetic::Add => x + y,
            Arithmetic::Sub => x - y,
            Arithmetic::Mul => x * y,
            Arithmetic::Div => x / y,
        }
    }
}
