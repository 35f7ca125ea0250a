//! What users of the library are promised: numbers against values computed elsewhere, texts that were read once.

#[path = "../shared/accuracy.rs"]
mod accuracy;
mod architecture;
mod array_nodes;
mod arrays;
#[path = "../shared/bound.rs"]
mod bound;
mod claims;
mod concrete_snapshots;
mod derivatives;
mod documented_formulas;
mod errors;
mod evaluation;
mod example_losses;
#[cfg(feature = "plot")]
mod figures;
mod flows;
mod forms;
mod function_accuracy;
mod handwritten;
mod losses;
mod manifest;
mod map;
mod matrix_function;
mod methods;
mod optimizers;
mod order_precision;
mod period_two;
mod printing;
#[allow(dead_code, reason = "shared with benchmarks, and each takes what it needs")]
#[path = "../shared/problems/mod.rs"]
mod problems;
mod proof_text;
#[path = "../shared/random.rs"]
mod random;
mod resummed;
mod routes;
mod simplification;
mod stored;
