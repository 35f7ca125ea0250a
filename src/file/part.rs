//! The temporary files that whole ones are made of: whose they are, and whether anybody still writes them.
//!
//! Each is locked by who writes it. A process that is killed leaves its own, unlocked, for the next one that writes the same file to remove.

use super::Digest;
#[cfg(feature = "command")]
use super::place::{Target, folder, target};
#[cfg(feature = "command")]
use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use tempfile::NamedTempFile;

/// How names of temporary files end.
pub(super) const SUFFIX: &str = ".part";
/// As many entries of a folder as are looked at.
#[cfg(feature = "command")]
const ENTRIES: usize = 100_000;

/// How names of the temporary files of one file begin: hidden, and of one length however long its own name is.
pub(super) fn prefix(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default();
    format!(".shadowflow-{:016x}-", Digest::of(name.as_encoded_bytes()).value())
}

/// A temporary file with its lock, made anew where another process took one for abandoned before it had the lock.
pub(super) fn alive(make: impl Fn() -> io::Result<NamedTempFile>) -> io::Result<NamedTempFile> {
    loop {
        let temporary = make()?;
        match temporary.as_file().try_lock() {
            Err(TryLockError::WouldBlock) => {}
            // Where there are no locks nobody removes it either.
            Err(TryLockError::Error(_)) => return Ok(temporary),
            Ok(()) if temporary.path().exists() => return Ok(temporary),
            Ok(()) => {}
        }
    }
}

/// Removes the temporary files that killed processes left of one file.
#[cfg(feature = "command")]
pub(crate) fn remove_abandoned(path: &Path) {
    let Ok(Target::Path(target)) = target(path) else { return };
    let prefix = prefix(&target);
    let Ok(entries) = std::fs::read_dir(folder(&target)) else { return };
    for entry in entries.take(ENTRIES).flatten() {
        let name = entry.file_name();
        let is_part = name.to_str().is_some_and(|name| name.starts_with(&prefix) && name.ends_with(SUFFIX));
        if is_part
            && entry.file_type().is_ok_and(|t| t.is_file())
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            // Nothing useful can be done if this fails.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(all(test, feature = "command"))]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_writes_any_more_goes() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("a.csv");
        let part = |name: &Path, end: &str| place.path().join(format!("{}{end}{SUFFIX}", prefix(name)));
        let (dead, alive, other) = (part(&path, "1"), part(&path, "2"), part(Path::new("b.csv"), "3"));
        for path in [&dead, &alive, &other] {
            std::fs::write(path, "half").unwrap();
        }
        let writer = File::open(&alive).unwrap();
        writer.lock().unwrap();
        remove_abandoned(&path);
        assert_eq!([&dead, &alive, &other].map(|p| p.exists()), [false, true, true]);
        drop(writer);
        remove_abandoned(&path);
        assert_eq!([&alive, &other].map(|p| p.exists()), [false, true]);
    }
}
