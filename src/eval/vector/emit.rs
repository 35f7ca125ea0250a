//! One segment of arithmetic as a loop of machine code: which numbers are in registers when.

use super::assembler::{Assembler, Base, Packed, Relation, Source, Vectors};
use super::plan::{Home, Stage};
use crate::eval::allocation::Slots;
use crate::eval::block::BLOCK;
use crate::eval::program::{Binary, Comparison, Instruction, Operand, Program, Unary};
use rustc_hash::FxHashMap;

/// The constants of a program as machine code reads them.
#[derive(Debug)]
pub(super) struct Constants {
    known: FxHashMap<u64, i32>,
    copies: usize,
    pub(super) table: Vec<f64>,
}

impl Constants {
    pub(super) fn new(vectors: Vectors) -> Self {
        Self { known: FxHashMap::default(), copies: vectors.copies(), table: Vec::new() }
    }

    fn source(&mut self, value: f64) -> Source {
        let next = i32::try_from(self.known.len()).expect("fewer than 2^31 constants");
        let index = *self.known.entry(value.to_bits()).or_insert(next);
        if index == next {
            self.table.extend(std::iter::repeat_n(value, self.copies));
        }
        Source::Constant(index)
    }
}

/// A number of the program in one of the vectors side by side.
type Name = (Operand, u8);

/// The code of a segment.
pub(super) struct Code {
    pub(super) bytes: Vec<u8>,
    /// How many vectors it puts aside.
    pub(super) spilled: usize,
    /// How often it puts one aside or takes one back.
    moves: usize,
    /// How many vectors one turn of the loop takes.
    pub(super) side_by_side: usize,
}

/// A number that the segment reads or makes.
#[derive(Debug, Default)]
struct Value {
    register: Option<u8>,
    memory: Option<(Base, i32)>,
    spilled: Option<u32>,
    /// When it is used, the next time last.
    uses: Vec<u32>,
}

/// Two vectors side by side may put aside and take back one number in so many instructions more than one does alone.
const WORTH: usize = 20;

/// The machine code of the arithmetic of `stage`.
///
/// Long chains of dependent operations leave a processor waiting. Two vectors side by side are two chains, where there are
/// registers enough for both.
pub(super) fn emit(program: &Program, stage: &Stage, vectors: Vectors, constants: &mut Constants) -> Code {
    let one = emit_copies(program, stage, vectors, constants, 1);
    if vectors == Vectors::Avx2 {
        return one;
    }
    let two = emit_copies(program, stage, vectors, constants, 2);
    if two.moves <= 2 * one.moves + 2 * stage.arithmetic.len() / WORTH { two } else { one }
}

fn emit_copies(program: &Program, stage: &Stage, vectors: Vectors, constants: &mut Constants, copies: u8) -> Code {
    let mut values: FxHashMap<Name, Value> = FxHashMap::default();
    let count = u32::try_from(stage.arithmetic.len() * usize::from(copies)).expect("fewer than 2^31 instructions");
    let order = || (0..).zip(stage.arithmetic.iter().flat_map(|at| (0..copies).map(move |copy| (*at, copy))));
    let backwards = stage.arithmetic.iter().rev().flat_map(|at| (0..copies).rev().map(move |copy| (*at, copy)));
    for (time, (at, copy)) in (0..count).rev().zip(backwards) {
        for operand in program.instructions[at as usize].operands() {
            let value = values.entry((operand, copy)).or_default();
            if value.uses.last() != Some(&time) {
                value.uses.push(time);
            }
        }
    }
    let lanes = vectors.lanes();
    let place = |column: u32, copy: u8| offset(column as usize * BLOCK + usize::from(copy) * lanes);
    for (operand, home) in &stage.columns {
        for copy in 0..copies {
            let memory = match *home {
                Home::Column(column) => (Base::Columns, place(column, copy)),
                Home::Array(index) => (Base::Array(index), offset(usize::from(copy) * lanes)),
            };
            values.entry((*operand, copy)).or_default().memory = Some(memory);
        }
    }
    let registers = usize::from(vectors.registers());
    let mut segment = Segment {
        program,
        constants,
        lanes,
        assembler: Assembler::new(vectors),
        values,
        holds: vec![None; registers],
        pinned: vec![false; registers],
        spilled: Slots::default(),
        moves: 0,
        time: 0,
        copy: 0,
    };
    let start = segment.assembler.place();
    for (time, (at, copy)) in order() {
        (segment.time, segment.copy) = (time, copy);
        segment.instruction(at, stage);
    }
    // Last, because their columns may be those of numbers that the segment has read.
    for &(c, column) in &stage.filled {
        let register = segment.take();
        let source = segment.constants.source(program.constants[c as usize]);
        segment.assembler.load(register, source);
        for copy in 0..copies {
            segment.assembler.store(Base::Columns, place(column, copy), register);
        }
        segment.pinned.fill(false);
    }
    let side_by_side = usize::from(copies);
    let (spilled, moves) = (segment.spilled.count(), segment.moves);
    Code { bytes: segment.assembler.finish(start, side_by_side), spilled, moves, side_by_side }
}

/// The distance in bytes of so many numbers.
fn offset(numbers: usize) -> i32 {
    i32::try_from(8 * numbers).expect("programs for machine code need fewer than 2^31 bytes")
}

struct Segment<'a> {
    program: &'a Program,
    constants: &'a mut Constants,
    lanes: usize,
    assembler: Assembler,
    values: FxHashMap<Name, Value>,
    /// What each register holds.
    holds: Vec<Option<Name>>,
    /// The registers that the instruction at work needs.
    pinned: Vec<bool>,
    spilled: Slots,
    moves: usize,
    time: u32,
    /// Which of the vectors side by side is at work.
    copy: u8,
}

impl Segment<'_> {
    fn instruction(&mut self, at: u32, stage: &Stage) {
        let instruction = self.program.instructions[at as usize];
        for operand in instruction.operands() {
            if let Some(value) = self.values.get_mut(&(operand, self.copy))
                && value.uses.last() == Some(&self.time)
            {
                value.uses.pop();
            }
        }
        // Before anything is read: fetching one operand must not take the register of another, whose last use this may be.
        for operand in instruction.operands() {
            if let Some(register) = self.values.get(&(operand, self.copy)).and_then(|v| v.register) {
                self.pinned[usize::from(register)] = true;
            }
        }
        let to = match instruction {
            Instruction::Unary(op, a) => self.unary(op, a, &instruction),
            Instruction::Binary(op, a, b) => self.binary(op, a, b, &instruction),
            Instruction::Select(relation, operands) => self.select(relation, operands, &instruction),
            // Functions are no arithmetic: the plan puts them elsewhere.
            Instruction::Complex(..) | Instruction::ImaginaryPart => return,
        };
        self.pinned.fill(false);
        for operand in instruction.operands() {
            self.free_memory(operand);
        }
        let result = Operand::Register(at);
        self.holds[usize::from(to)] = Some((result, self.copy));
        let value = self.values.entry((result, self.copy)).or_default();
        value.register = Some(to);
        if stage.columns.contains_key(&result)
            && let Some((base, offset)) = value.memory
        {
            self.assembler.store(base, offset, to);
        }
        self.free_register(result);
    }

    fn unary(&mut self, op: Unary, a: Operand, instruction: &Instruction) -> u8 {
        match op {
            Unary::Sqrt => {
                let a = self.source(a);
                let to = self.result(instruction);
                self.assembler.sqrt(to, a);
                to
            }
            _ => {
                let a = self.register(a);
                let (op, mask) = match op {
                    Unary::Abs => (Packed::And, f64::from_bits(u64::MAX >> 1)),
                    _ => (Packed::Xor, -0.0),
                };
                let mask = self.constants.source(mask);
                let to = self.result(instruction);
                self.assembler.packed(op, to, a, mask);
                to
            }
        }
    }

    fn binary(&mut self, op: Binary, a: Operand, b: Operand, instruction: &Instruction) -> u8 {
        let op = match op {
            Binary::Add => Packed::Add,
            Binary::Sub => Packed::Sub,
            Binary::Div => Packed::Div,
            _ => Packed::Mul,
        };
        let swap = matches!(op, Packed::Add | Packed::Mul) && !self.in_register(a) && self.in_register(b);
        let (a, b) = if swap { (b, a) } else { (a, b) };
        let a = self.register(a);
        let b = self.source(b);
        let to = self.result(instruction);
        self.assembler.packed(op, to, a, b);
        to
    }

    fn select(&mut self, relation: Comparison, [a, b, x, y]: [Operand; 4], instruction: &Instruction) -> u8 {
        let relation = match relation {
            Comparison::Less => Relation::Less,
            Comparison::LessOrEqual => Relation::LessOrEqual,
        };
        let (a, y) = (self.register(a), self.register(y));
        let (b, x) = (self.source(b), self.source(x));
        self.assembler.compare(relation, a, b);
        let to = self.result(instruction);
        self.assembler.choose(to, x, y);
        to
    }

    fn in_register(&self, operand: Operand) -> bool {
        self.values.get(&(operand, self.copy)).is_some_and(|v| v.register.is_some())
    }

    /// An operand in a register, for this instruction.
    fn register(&mut self, operand: Operand) -> u8 {
        if let Some(register) = self.values.get(&(operand, self.copy)).and_then(|v| v.register) {
            self.pinned[usize::from(register)] = true;
            return register;
        }
        let source = self.home(operand);
        let register = self.take();
        self.assembler.load(register, source);
        if !matches!(operand, Operand::Constant(_)) {
            self.holds[usize::from(register)] = Some((operand, self.copy));
            self.values.entry((operand, self.copy)).or_default().register = Some(register);
        }
        register
    }

    /// An operand wherever it is; one that is used again soon is brought to a register.
    fn source(&mut self, operand: Operand) -> Source {
        if self.in_register(operand) {
            return Source::Register(self.register(operand));
        }
        let next = self.values.get(&(operand, self.copy)).and_then(|v| v.uses.last().copied());
        match (operand, next) {
            (Operand::Constant(_), _) | (_, None) => self.home(operand),
            (_, Some(next)) if self.has_room(next) => Source::Register(self.register(operand)),
            _ => self.home(operand),
        }
    }

    /// Where an operand is when it is in no register.
    fn home(&mut self, operand: Operand) -> Source {
        match operand {
            Operand::Constant(c) => self.constants.source(self.program.constants[c as usize]),
            _ => {
                let memory = self.values.get(&(operand, self.copy)).and_then(|v| v.memory);
                let (base, offset) = memory.expect("a number is in a register or in memory");
                self.moves += usize::from(base == Base::Spilled);
                Source::Memory(base, offset)
            }
        }
    }

    /// Whether a register is free or holds what is used later than `next`.
    fn has_room(&self, next: u32) -> bool {
        self.candidates().any(|(_, use_at)| use_at > next)
    }

    /// The registers that may be taken, with the next use of what they hold.
    fn candidates(&self) -> impl Iterator<Item = (u8, u32)> {
        (0_u8..).zip(&self.holds).zip(&self.pinned).filter(|(_, pinned)| !**pinned).map(|((register, holds), _)| {
            let next = holds.map(|o| self.values.get(&o).and_then(|v| v.uses.last().copied()));
            // Free ones are the best, then those whose number is done with.
            (register, next.map_or(u32::MAX, |next| next.unwrap_or(u32::MAX - 1)))
        })
    }

    /// A register, pinned; what it held is put aside if it is needed again and nowhere else.
    fn take(&mut self) -> u8 {
        let (register, _) =
            self.candidates().max_by_key(|(r, next)| (*next, !r)).expect("an instruction has at most four operands");
        let index = usize::from(register);
        if let Some(held) = self.holds[index].take()
            && let Some(value) = self.values.get_mut(&held)
        {
            value.register = None;
            if value.memory.is_none() && !value.uses.is_empty() {
                let slot = self.spilled.take();
                let home = (Base::Spilled, offset(slot as usize * self.lanes));
                (value.spilled, value.memory) = (Some(slot), Some(home));
                self.assembler.store(home.0, home.1, register);
                self.moves += 1;
            }
        }
        self.pinned[index] = true;
        register
    }

    /// The register of the result, which may be that of an operand that nothing reads later.
    fn result(&mut self, instruction: &Instruction) -> u8 {
        for operand in instruction.operands() {
            self.free_register(operand);
        }
        self.pinned.fill(false);
        // The instruction reads before it writes, so that even an operand that is needed again may make room.
        self.take()
    }

    /// Frees the register of a number that nothing reads any more.
    fn free_register(&mut self, operand: Operand) {
        if let Some(value) = self.values.get_mut(&(operand, self.copy))
            && value.uses.is_empty()
            && let Some(register) = value.register.take()
        {
            self.holds[usize::from(register)] = None;
        }
    }

    /// Frees the memory of a number that nothing reads any more: only after the instruction that may read it from there.
    fn free_memory(&mut self, operand: Operand) {
        if let Some(value) = self.values.get_mut(&(operand, self.copy))
            && value.uses.is_empty()
            && let Some(slot) = value.spilled.take()
        {
            self.spilled.give(slot);
        }
    }
}
