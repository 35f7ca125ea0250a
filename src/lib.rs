//! Shadow flows.

pub mod bea;
pub mod expr;
pub mod number;
pub mod render;
pub mod tree;
