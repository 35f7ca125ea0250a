//! Shadow flows.

pub mod bea;
pub mod eval;
pub mod expr;
pub mod flow;
pub mod loss;
pub mod number;
pub mod spectral;
pub mod tree;
pub mod warning;
