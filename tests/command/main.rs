//! What users of the command are promised: what it prints, what it refuses and how, its limits, its files, and its documents.

mod arrays;
#[path = "../shared/bound.rs"]
mod bound;
mod claims;
mod data;
mod derive;
mod documents;
mod export;
mod map;
#[cfg(unix)]
mod memory;
mod methods;
mod outputs;
mod plot;
mod program;
#[path = "../shared/random.rs"]
mod random;
#[cfg(unix)]
mod reading;
mod rendering;
mod report;
mod shell;
mod simplification;
mod stability;
#[cfg(unix)]
mod streams;
mod sweep;
#[cfg(unix)]
mod time;
mod train;
#[cfg(unix)]
mod train_files;
mod training_arguments;
mod training_ends;
mod typeset;
mod usage;
mod verify;
mod warnings;
#[cfg(unix)]
mod writers;
