//! Proofs of derivations: read, checked, and their documents verified.

pub mod check;
pub mod document;
pub mod read;
