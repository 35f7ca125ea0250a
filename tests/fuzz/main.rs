//! No input makes a reader panic, hang or take a false statement for a true one: random and mutated losses, claims, files of
//! optimizers and proofs, made by their grammars.
//!
//! Deterministic. `SHADOWFLOW_FUZZ_CASES=100000 cargo test --release --test fuzz -- --nocapture` runs so many cases of each;
//! `SHADOWFLOW_FUZZ_SEED` chooses others.

#[path = "../shared/bound.rs"]
mod bound;
mod claims;
mod losses;
mod optimizers;
mod proofs;
#[path = "../shared/random.rs"]
mod random;
