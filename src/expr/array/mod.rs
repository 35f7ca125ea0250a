//! Whole arrays: data, the constructors of array operations, and the walk that keeps arrays whole.

mod algebra;
mod build;
mod data;
mod error;
#[cfg(test)]
mod tests;
mod walk;

pub use algebra::{ArrayAlgebra, Lanes};
pub use data::Data;
pub use error::OperandError;
pub use walk::Input;
