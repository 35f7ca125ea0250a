//! Where exact expressions become floats: straight-line programs, interpreted and compiled, real and complex.
//!
//! A [`Tape`](crate::expr::Tape) lowers to a [`Program`] of real instructions, on real numbers or on complex numbers with
//! their parts interleaved. An [`Interpreter`], a [`Jit`] for single points and a [`BatchCode`] for many run the same
//! program and agree to the bit; [`Compiled`] holds what suits the program, and takes whole arrays of points. Without the crate's
//! feature `jit` there is no [`Jit`], and the interpreter runs single points; batches are compiled all the same.

mod allocation;
mod block;
mod builder;
mod compiled;
mod complex;
mod complex_functions;
mod erf;
mod error;
mod functions;
mod interpreter;
mod inverse_trigonometric;
#[cfg(feature = "jit")]
mod jit;
#[cfg(not(feature = "jit"))]
#[path = "jit/absent.rs"]
mod jit;
mod kernel;
mod lower;
mod math;
mod program;
mod rows;
mod vector;
mod vector_function;

#[cfg(test)]
mod tests;

pub use builder::ProgramBuilder;
pub use compiled::{ArrayError, Compiled};
pub use complex::{Complex, ComplexBuilder};
pub use error::{JitError, LowerError, Reader};
pub use interpreter::Interpreter;
pub use jit::Jit;
pub(crate) use kernel::Kernel;
pub use program::{Binary, Comparison, ComplexFunction, Instruction, Operand, Program, Unary};
pub use rows::{Rows, RowsMut, ShapeError};
pub use vector::{BatchCode, MAX_BATCH_INSTRUCTIONS};
pub use vector_function::{Scratch, VectorFunction};

/// The longest program that is compiled to machine code for single points; beyond it the interpreter is ready long before.
pub const MAX_JIT_INSTRUCTIONS: usize = 50_000;
