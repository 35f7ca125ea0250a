//! Files: read within a limit, written whole or not at all. Nothing else in the crate opens one.

mod read;
mod write;

#[allow(unused_imports, reason = "for losses on standard input")]
pub(crate) use read::read_from;
pub(crate) use read::{read_limited, read_text};
pub(crate) use write::{remove_unfinished, try_remove_unfinished, write};
