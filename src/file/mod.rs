//! Files: read within a limit, written whole or not at all. Nothing else in the crate opens one.

#[cfg(feature = "command")]
mod append;
mod below;
mod read;
#[cfg(feature = "plot")]
mod write;

#[cfg(feature = "command")]
pub(crate) use append::Appender;
pub(crate) use below::{NotRead, read_below};
#[cfg(feature = "command")]
pub(crate) use read::read_beginning;
pub(crate) use read::{read_from, read_limited, read_text};
#[cfg(feature = "plot")]
pub(crate) use write::write;
#[cfg(feature = "command")]
pub(crate) use write::{remove_unfinished, try_remove_unfinished};
