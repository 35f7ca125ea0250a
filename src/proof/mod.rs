//! Proofs of derivations: written and read, checked, and their documents verified.

pub mod check;
pub mod document;
pub mod read;
mod write;

pub use write::proof_json;
