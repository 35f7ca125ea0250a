//! Files: read within a limit, written whole or not at all. Nothing else in the crate opens one.

#[cfg(feature = "command")]
mod append;
mod below;
mod digest;
#[cfg(unix)]
mod fifo;
#[cfg(feature = "plot")]
mod inputs;
#[cfg(feature = "plot")]
mod part;
#[cfg(feature = "plot")]
mod place;
mod read;
#[cfg(feature = "plot")]
mod write;

#[cfg(feature = "command")]
pub(crate) use append::{Appender, is_whole};
pub(crate) use below::{NotRead, read_below};
pub(crate) use digest::Digest;
#[cfg(feature = "command")]
pub(crate) use inputs::{Identity, is_input, remember_inputs};
#[cfg(feature = "command")]
pub(crate) use part::remove_abandoned;
#[cfg(feature = "command")]
pub(crate) use read::{read_beginning, read_own};
pub(crate) use read::{read_from, read_limited, read_text};
#[cfg(feature = "plot")]
pub(crate) use write::write;
#[cfg(feature = "command")]
pub(crate) use write::{remove_unfinished, try_remove_unfinished};
