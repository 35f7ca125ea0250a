//! Files: read within a limit, written whole or not at all. Nothing else in the crate opens one.

mod read;
mod write;

pub(crate) use read::{read_from, read_limited, read_text};
pub(crate) use write::{remove_unfinished, try_remove_unfinished, write};
