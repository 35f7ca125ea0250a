//! What can go wrong on the way to a program that runs.

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
}

/// Why a program was not compiled to machine code; the interpreter runs it all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JitError {
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
