//! Which parts of a program run as one loop of machine code, and which numbers stand in columns between them.
//!
//! Functions run on whole columns. An instruction's level is how many functions lie one behind another on the way to it; the arithmetic
//! between two levels of functions is one segment. Arithmetic runs as late as its users allow: its operands are
//! inputs and functions in the end, which stand in columns anyway.

use crate::eval::allocation::Slots;
use crate::eval::math::Routine;
use crate::eval::program::{Binary, ComplexFunction, Instruction, Operand, Program, Unary};
use crate::eval::{complex_functions, functions, math};
use rustc_hash::FxHashMap;

/// Where a number of every point of a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// In a column, by its number.
    Column(u32),
    /// In an array of the caller's, by its number: the inputs, and the outputs behind them.
    Array(u32),
}

/// A function on columns.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call {
    One(Routine, Home, Home),
    Power([Home; 2], Home),
    Two(fn(f64, f64) -> f64, [Home; 2], Home),
    Complex(fn(f64, f64) -> (f64, f64), [Home; 2], [Home; 2]),
}

/// Arithmetic, then the functions that need nothing but what is known by then.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// The indices of instructions, in order.
    pub(super) arithmetic: Vec<u32>,
    /// The columns that the arithmetic reads, and those that it writes, by operand.
    pub(super) columns: FxHashMap<Operand, Home>,
    /// The constants that the functions read from columns which the arithmetic fills: index and column.
    pub(super) filled: Vec<(u32, u32)>,
    pub(super) calls: Vec<Call>,
}

/// A program in stages.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) stages: Vec<Stage>,
    /// The inputs that are read, and their columns.
    pub(super) inputs: Vec<(u32, u32)>,
    /// Where the outputs that are results stand, by output.
    pub(super) outputs: Vec<(u32, Home)>,
    /// The number of columns.
    pub(super) columns: usize,
}

/// Where an instruction runs: in the arithmetic of a stage, or among its functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Time(u32);

impl Time {
    fn arithmetic(level: u32) -> Self {
        Self(2 * level)
    }

    fn calls(level: u32) -> Self {
        Self(2 * level + 1)
    }
}

fn is_call(instruction: &Instruction) -> bool {
    match instruction {
        Instruction::Unary(op, _) => matches!(op, Unary::Function(_)),
        Instruction::Binary(op, ..) => matches!(op, Binary::Power | Binary::Modulus | Binary::Argument),
        Instruction::Select(..) => false,
        Instruction::Complex(..) | Instruction::ImaginaryPart => true,
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).expect("programs have fewer than 2^31 numbers")
}

/// The time of every instruction, and the number of stages.
fn times(program: &Program) -> (Vec<Time>, u32) {
    let instructions = &program.instructions;
    // As early as possible: how many functions lie before.
    let mut levels = vec![0_u32; instructions.len()];
    for (at, instruction) in instructions.iter().enumerate() {
        levels[at] = match instruction {
            Instruction::ImaginaryPart => levels[at - 1],
            _ => {
                let before = instruction.operands().filter_map(|o| match o {
                    Operand::Register(r) => Some(levels[r as usize]),
                    _ => None,
                });
                before.max().unwrap_or(0) + u32::from(is_call(instruction))
            }
        };
    }
    let last = levels.iter().copied().max().unwrap_or(0);
    // As late as possible, for arithmetic; functions right after the arithmetic of the level before theirs.
    let mut latest = vec![last; instructions.len()];
    for at in (0..instructions.len()).rev() {
        let instruction = &instructions[at];
        let level = if is_call(instruction) { levels[at] - 1 } else { latest[at] };
        for operand in instruction.operands() {
            if let Operand::Register(r) = operand {
                latest[r as usize] = latest[r as usize].min(level);
            }
        }
        latest[at] = level;
    }
    let time = |at: usize| if is_call(&instructions[at]) { Time::calls } else { Time::arithmetic }(latest[at]);
    ((0..instructions.len()).map(time).collect(), last + 1)
}

impl Plan {
    /// With inputs and outputs in arrays that the caller has, or in columns that they are copied to and from.
    pub(super) fn new(program: &Program, arrays: bool) -> Self {
        let (times, count) = times(program);
        let end = Time::calls(count);
        // The last use of every input and of every result that is used at another time than it is made.
        let mut last: FxHashMap<Operand, Time> = FxHashMap::default();
        for (at, instruction) in program.instructions.iter().enumerate() {
            for operand in instruction.operands() {
                let stands = match operand {
                    Operand::Constant(_) => is_call(instruction),
                    Operand::Input(_) => true,
                    Operand::Register(r) => is_call(instruction) || times[r as usize] != times[at],
                };
                if stands {
                    let time = last.entry(operand).or_insert(times[at]);
                    *time = (*time).max(times[at]);
                }
            }
            if is_call(instruction) {
                last.entry(Operand::Register(number(at))).or_insert(times[at]);
            }
        }
        for output in program.outputs.iter().filter(|o| matches!(o, Operand::Register(_))) {
            last.insert(*output, end);
        }
        // The first output that a result is.
        let mut direct = FxHashMap::default();
        for (k, output) in (0..).zip(&program.outputs).filter(|_| arrays) {
            direct.entry(*output).or_insert(Home::Array(program.inputs + k));
        }
        Layout { program, times: &times, last, slots: Slots::default(), at: FxHashMap::default(), direct, arrays }
            .run(count)
    }
}

/// Gives columns to operands as the stages go by.
struct Layout<'a> {
    program: &'a Program,
    times: &'a [Time],
    last: FxHashMap<Operand, Time>,
    slots: Slots,
    at: FxHashMap<Operand, Home>,
    /// The arrays that results are written to.
    direct: FxHashMap<Operand, Home>,
    arrays: bool,
}

impl Layout<'_> {
    fn run(mut self, count: u32) -> Plan {
        let program = self.program;
        let mut by_time: Vec<Vec<u32>> = vec![Vec::new(); 2 * count as usize];
        for (at, time) in self.times.iter().enumerate() {
            by_time[time.0 as usize].push(number(at));
        }
        // What ends when, in an order that does not depend on hashing.
        let mut ending: Vec<Vec<Operand>> = vec![Vec::new(); 2 * count as usize + 2];
        for (operand, time) in &self.last {
            ending[time.0 as usize].push(*operand);
        }
        let mut inputs: Vec<Operand> = self.last.keys().copied().filter(|o| matches!(o, Operand::Input(_))).collect();
        inputs.sort_unstable();
        let inputs: Vec<(u32, u32)> = inputs.into_iter().filter_map(|o| self.input(o)).collect();
        let mut stages = Vec::new();
        for level in 0..count as usize {
            let mut stage = Stage { arithmetic: std::mem::take(&mut by_time[2 * level]), ..Stage::default() };
            for &at in &stage.arithmetic {
                let result = Operand::Register(at);
                for operand in program.instructions[at as usize].operands() {
                    if let (Some(&column), false) = (self.at.get(&operand), matches!(operand, Operand::Constant(_))) {
                        stage.columns.insert(operand, column);
                    }
                }
                if self.last.contains_key(&result) {
                    let home = self.take(result);
                    stage.columns.insert(result, home);
                }
            }
            self.end(&mut ending[2 * level]);
            for &at in &by_time[2 * level + 1] {
                stage.calls.extend(self.call(at, &mut stage.filled));
            }
            self.end(&mut ending[2 * level + 1]);
            stages.push(stage);
        }
        let outputs = program.outputs.iter().enumerate().filter_map(|(k, o)| Some((number(k), *self.at.get(o)?)));
        let outputs = outputs.filter(|(k, _)| matches!(program.outputs[*k as usize], Operand::Register(_))).collect();
        Plan { stages, inputs, outputs, columns: self.slots.count() }
    }

    /// The column that an input is copied to, if it is.
    fn input(&mut self, operand: Operand) -> Option<(u32, u32)> {
        let Operand::Input(k) = operand else { return None };
        if self.arrays {
            self.at.insert(operand, Home::Array(k));
            return None;
        }
        match self.take(operand) {
            Home::Column(column) => Some((k, column)),
            Home::Array(_) => None,
        }
    }

    fn take(&mut self, operand: Operand) -> Home {
        let direct = match operand {
            Operand::Register(_) => self.direct.get(&operand).copied(),
            _ => None,
        };
        let home = direct.unwrap_or_else(|| Home::Column(self.slots.take()));
        self.at.insert(operand, home);
        home
    }

    fn end(&mut self, operands: &mut Vec<Operand>) {
        operands.sort_unstable();
        for operand in operands.drain(..) {
            if let Some(Home::Column(column)) = self.at.remove(&operand) {
                self.slots.give(column);
            }
        }
    }

    /// The column of an operand of a call. A constant gets one that the arithmetic of the stage fills.
    fn operand(&mut self, operand: Operand, filled: &mut Vec<(u32, u32)>) -> Home {
        match self.at.get(&operand) {
            Some(&home) => home,
            None => {
                let home = self.take(operand);
                if let (Operand::Constant(c), Home::Column(column)) = (operand, home) {
                    filled.push((c, column));
                }
                home
            }
        }
    }

    fn call(&mut self, at: u32, filled: &mut Vec<(u32, u32)>) -> Option<Call> {
        let result = Operand::Register(at);
        Some(match self.program.instructions[at as usize] {
            Instruction::Unary(Unary::Function(f), a) => {
                let a = self.operand(a, filled);
                Call::One(math::routine(f), a, self.take(result))
            }
            Instruction::Binary(op, a, b) => {
                let operands = [self.operand(a, filled), self.operand(b, filled)];
                let to = self.take(result);
                match op {
                    Binary::Power => Call::Power(operands, to),
                    Binary::Modulus => Call::Two(f64::hypot, operands, to),
                    _ => Call::Two(functions::argument, operands, to),
                }
            }
            Instruction::Complex(function, a, b) => self.complex(function, [a, b], at, filled),
            _ => return None,
        })
    }

    fn complex(
        &mut self,
        function: ComplexFunction,
        operands: [Operand; 2],
        at: u32,
        filled: &mut Vec<(u32, u32)>,
    ) -> Call {
        let operands = operands.map(|o| self.operand(o, filled));
        let to = [self.take(Operand::Register(at)), self.take(Operand::Register(at + 1))];
        Call::Complex(complex_functions::implementation(function), operands, to)
    }
}
