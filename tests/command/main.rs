//! What users of the command are promised: what it prints, what it refuses and how, its limits, its files, and its documents.

mod claims;
mod derive;
mod documents;
#[cfg(unix)]
mod limits;
mod map;
mod methods;
mod simplification;
mod stability;
mod usage;
mod verify;
#[cfg(unix)]
mod writers;
