//! Whole arrays: data, the constructors of array operations, and the walk that keeps arrays whole.

mod algebra;
mod curve;
mod data;
mod error;
mod layout;
mod matrix;
mod reduce;
#[cfg(test)]
mod tests;
mod walk;

pub use algebra::{ArrayAlgebra, Lanes};
pub use curve::{Curve, Powers, Weight, Weights};
pub use data::Data;
pub use error::OperandError;
pub use walk::Input;

/// Axes are far fewer than 2^32, and columns with labels, too.
fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
