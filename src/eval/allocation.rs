//! Which slots the results of a program live in: linear scan over the straight line.

use super::program::{Instruction, Operand, Program};
use rustc_hash::FxHashMap;

/// Slots that are handed out and given back.
#[derive(Debug, Default)]
pub(super) struct Slots {
    free: Vec<u32>,
    count: u32,
}

impl Slots {
    /// A slot that nobody holds.
    pub(super) fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        })
    }

    /// Gives a slot back.
    pub(super) fn give(&mut self, slot: u32) {
        self.free.push(slot);
    }

    /// How many slots were in use at once.
    pub(super) fn count(&self) -> usize {
        self.count as usize
    }
}

/// When inputs and results are used last, as the index of an instruction; outputs are read right after the
/// instruction that makes them.
#[derive(Debug)]
pub(super) struct Lifetimes {
    /// Per instruction; the instruction itself if nothing reads it.
    pub(super) registers: Vec<u32>,
    /// Per input that an instruction reads.
    pub(super) inputs: FxHashMap<u32, u32>,
}

impl Lifetimes {
    pub(super) fn new(program: &Program) -> Self {
        let count = u32::try_from(program.instructions.len()).expect("programs have fewer than 2^31 instructions");
        let mut registers: Vec<u32> = (0..count).collect();
        let mut inputs = FxHashMap::default();
        for (at, instruction) in (0..count).zip(&program.instructions) {
            for operand in instruction.operands() {
                match operand {
                    Operand::Register(r) => registers[r as usize] = at,
                    Operand::Input(k) => {
                        inputs.insert(k, at);
                    }
                    Operand::Constant(_) => {}
                }
            }
        }
        Self { registers, inputs }
    }

    /// The distinct operands of an instruction which nothing later reads.
    pub(super) fn ending(&self, at: usize, instruction: &Instruction) -> impl Iterator<Item = Operand> {
        let operands: Vec<Operand> = instruction.operands().collect();
        (0..operands.len()).filter_map(move |i| {
            let last = match operands[i] {
                Operand::Register(r) => self.registers[r as usize] as usize,
                Operand::Input(k) => self.inputs[&k] as usize,
                Operand::Constant(_) => return None,
            };
            (last == at && !operands[..i].contains(&operands[i])).then(|| operands[i])
        })
    }
}
