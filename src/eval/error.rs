//! What can go wrong on the way to a program that runs.

use super::Operand;
use std::fmt;

/// Why a tape has no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// A symbolic constant has no value.
    #[error("the constant `{name}` has no value: give it one before computing numbers")]
    Symbol {
        /// The name of the constant.
        name: String,
    },
    /// The tape reads an entry of θ that the pool does not declare.
    #[error("the tape reads entry {index} of θ, which has {dimension} entries: it was made from another pool")]
    Parameter {
        /// The flat index read.
        index: u32,
        /// The number of entries of θ.
        dimension: usize,
    },
    /// The program would need more than 2³¹ numbers.
    #[error("the program needs more than 2^31 numbers: split what it computes")]
    TooLarge,
    /// Something reads a number that the program does not have, or does not have yet.
    #[error("{reader} reads {}", Missing(*operand, *count))]
    Operand {
        /// What it reads.
        operand: Operand,
        /// What reads it.
        reader: Reader,
        /// How many numbers of this kind there are to read at this place.
        count: usize,
    },
}

/// What reads an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The instruction at this index.
    Instruction(usize),
    /// The output at this index.
    Output(usize),
}

impl fmt::Display for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reader::Instruction(at) => write!(f, "instruction {at}"),
            Reader::Output(k) => write!(f, "output {k}"),
        }
    }
}

/// An operand that is not among so many.
struct Missing(Operand, usize);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(operand, count) = self;
        let (one, index) = match operand {
            Operand::Constant(c) => ("constant", c),
            Operand::Input(k) => ("input", k),
            Operand::Register(r) => ("result", r),
        };
        let plural = if *count == 1 { "" } else { "s" };
        let there = if *count == 1 { "is" } else { "are" };
        let before = if one == "result" { " before it" } else { "" };
        write!(f, "{one} {index}, but there {there} {count} {one}{plural}{before}")?;
        match count {
            0 => Ok(()),
            1 => write!(f, ": only number 0 may stand there"),
            _ => write!(f, ": numbers from 0 to {} may stand there", count - 1),
        }
    }
}

/// Why a program was not compiled to machine code; the interpreter runs it all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JitError {
    /// The crate is built without the compiler for single points.
    #[error("no machine code for single points: the crate is built without its feature `jit`")]
    NotBuilt,
    /// The code generator does not know this machine.
    #[error("no machine code for this machine: {0}")]
    Machine(String),
    /// The program is longer than [`MAX_JIT_INSTRUCTIONS`](super::MAX_JIT_INSTRUCTIONS).
    #[error("{instructions} instructions are more than the {limit} that are compiled to machine code")]
    TooLong {
        /// The length of the program.
        instructions: usize,
        /// The limit.
        limit: usize,
    },
    /// The code generator failed.
    #[error("the code generator failed: {0}")]
    Codegen(String),
}
