//! What a command has read, so that it is not written over.

use super::place::folder;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Which file a path leads to, whatever its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A file that is there: its device and its number on that.
    #[cfg(unix)]
    Number(u64, u64),
    /// One that is not there yet, or where files have no number: its place.
    Place(PathBuf),
}

impl Identity {
    /// Of a file that is there or may be made; none of devices, pipes and folders, which nothing replaces.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => None,
            #[cfg(unix)]
            Ok(metadata) => {
                use std::os::unix::fs::MetadataExt;
                Some(Self::Number(metadata.dev(), metadata.ino()))
            }
            #[cfg(not(unix))]
            Ok(_) => path.canonicalize().ok().map(Self::Place),
            Err(_) => {
                let place = folder(path).canonicalize().ok()?;
                path.file_name().map(|name| Self::Place(place.join(name)))
            }
        }
    }
}

/// The files read since [`remember_inputs`].
static INPUTS: Mutex<Option<Vec<Identity>>> = Mutex::new(None);

/// From now on files that are read are not replaced by this process.
#[cfg(feature = "command")]
pub(crate) fn remember_inputs() {
    INPUTS.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default();
}

/// Remembers a file that is read.
pub(super) fn note(path: &Path) {
    if let Some(inputs) = &mut *INPUTS.lock().unwrap_or_else(PoisonError::into_inner)
        && let Some(identity) = Identity::of(path)
        && !inputs.contains(&identity)
    {
        inputs.push(identity);
    }
}

/// Whether a file was read, or is standard input.
pub(crate) fn is_input(path: &Path) -> bool {
    let inputs = INPUTS.lock().unwrap_or_else(PoisonError::into_inner);
    let (Some(inputs), Some(identity)) = (&*inputs, Identity::of(path)) else { return false };
    #[cfg(unix)]
    if Identity::of(Path::new("/dev/stdin")).as_ref() == Some(&identity) {
        return true;
    }
    inputs.contains(&identity)
}
