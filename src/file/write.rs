//! Writing whole or not at all.

use super::place::{Target, folder, in_folder, target};
use super::{inputs, part};
use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The files that are being written, to be removed where the process ends early.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is half-written. No file can be begun, finished or given up while the result is held, so that whoever ends the
/// process keeps it until then.
#[must_use]
#[cfg(feature = "command")]
pub(crate) fn remove_unfinished() -> impl Sized {
    let paths = unfinished();
    remove(&paths);
    paths
}

/// [`remove_unfinished`] for who may interrupt a thread that is doing just that.
#[cfg(feature = "command")]
pub(crate) fn try_remove_unfinished() {
    if let Ok(paths) = UNFINISHED.try_lock() {
        remove(&paths);
    }
}

#[cfg(feature = "command")]
fn remove(paths: &[PathBuf]) {
    for path in paths {
        // Nothing useful can be done if this fails.
        let _ = std::fs::remove_file(path);
    }
}

/// Writes a file: under a random name in the same folder, synced, and renamed when it is whole. An input of the command is not replaced.
///
/// The mode of a file that is there is kept, a symbolic link stays and its target is written. What is no regular file is written
/// straight: a pipe, a device, `/dev/stdout`.
///
/// # Errors
/// The system's; what was there before is then as it was.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let target = match target(path)? {
        Target::Descriptor(number) => return to_descriptor(number, bytes),
        Target::Path(target) => target,
    };
    if inputs::is_input(&target) {
        return Err(io::Error::other("it is read by this command, and stays"));
    }
    let there = match std::fs::metadata(&target) {
        Ok(there) if there.is_dir() => return Err(io::Error::other("it is a folder")),
        Ok(there) if !there.is_file() => return straight(&target, bytes),
        Ok(there) => {
            // Renaming asks the folder only; a file that may not be written stays.
            std::fs::OpenOptions::new().write(true).open(&target)?;
            Some(there)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if target.file_name().is_none() {
        return Err(io::Error::other("it names no file"));
    }
    replace(&target, there.as_ref(), bytes)
}

fn to_descriptor(number: u32, bytes: &[u8]) -> io::Result<()> {
    match number {
        1 => {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        }
        2 => io::stderr().write_all(bytes),
        _ => straight(Path::new(&format!("/dev/fd/{number}")), bytes),
    }
}

fn straight(path: &Path, bytes: &[u8]) -> io::Result<()> {
    #[cfg(unix)]
    let _held_open = super::fifo::await_reader(path)?;
    std::fs::OpenOptions::new().append(true).open(path)?.write_all(bytes)
}

fn replace(target: &Path, there: Option<&Metadata>, bytes: &[u8]) -> io::Result<()> {
    let folder = folder(target);
    let prefix = part::prefix(target);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(part::SUFFIX).rand_bytes(12);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Less what the user's mask takes, as for any new file; not readable by more than the one it replaces.
        builder.permissions(std::fs::Permissions::from_mode(if there.is_some() { 0o600 } else { 0o666 }));
    }
    // Named and remembered in one go, or an interrupt between the two would leave it.
    let temporary = {
        let mut paths = unfinished();
        let temporary = part::alive(|| builder.tempfile_in(folder).map_err(|error| in_folder(folder, error)))?;
        paths.push(temporary.path().to_owned());
        temporary
    };
    let name = temporary.path().to_owned();
    let written = fill(temporary.as_file(), there, bytes);
    // After an interrupt this waits for the end of the process, so that it does not report the file that was taken from it.
    let mut paths = unfinished();
    let done = written.and_then(|()| temporary.persist(target).map(drop).map_err(|failed| failed.error));
    paths.retain(|path| *path != name);
    drop(paths);
    if done.is_ok() {
        // The name is on disk when its folder is; not every system can do that.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    done
}

fn fill(mut file: &File, there: Option<&Metadata>, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(there) = there {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            // Only some may give a file away; before the mode, of which it takes bits.
            let _ = std::os::unix::fs::fchown(file, Some(there.uid()), Some(there.gid()));
        }
        file.set_permissions(there.permissions())?;
    }
    file.sync_all()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn modes_links_and_long_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let long = "n".repeat(251) + ".svg";
        write(&at(&long), b"1").unwrap();
        std::fs::write(at("old"), "old").unwrap();
        std::fs::set_permissions(at("old"), std::fs::Permissions::from_mode(0o751)).unwrap();
        symlink("old", at("link")).unwrap();
        symlink("link", at("second")).unwrap();
        symlink("new", at("dangling")).unwrap();
        symlink("loop", at("loop")).unwrap();
        write(&at("second"), b"2").unwrap();
        write(&at("dangling"), b"3").unwrap();
        assert!(write(&at("loop"), b"4").unwrap_err().to_string().contains("links"));
        let read = |name: &str| std::fs::read_to_string(at(name)).unwrap();
        assert_eq!((read(&long), read("old"), read("new")), ("1".to_owned(), "2".to_owned(), "3".to_owned()));
        assert_eq!(std::fs::metadata(at("old")).unwrap().permissions().mode() & 0o7777, 0o751);
        assert!(std::fs::symlink_metadata(at("second")).unwrap().is_symlink());
        assert_eq!(names(folder.path()), ["dangling", "link", "loop", "new", &long, "old", "second"]);
        assert!(unfinished().iter().all(|path| !path.starts_with(folder.path())));
    }

    #[test]
    fn what_is_no_file_is_said_or_written_straight() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write(folder.path(), b"").unwrap_err().to_string().contains("folder"));
        let missing = write(&folder.path().join("no/where"), b"").unwrap_err().to_string();
        assert!(missing.contains("there is no folder") && missing.ends_with("/no"), "{missing}");
        write(Path::new("/dev/null"), b"1").unwrap();
        #[cfg(target_os = "linux")]
        assert!(write(Path::new("/dev/full"), b"1").is_err());
    }

    #[test]
    fn two_writers_do_not_tear() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shared");
        std::thread::scope(|scope| {
            for byte in *b"abcd" {
                let path = &path;
                scope.spawn(move || (0..5).for_each(|_| write(path, &vec![byte; 300_000]).unwrap()));
            }
        });
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.len() == 300_000 && bytes.iter().all(|b| *b == bytes[0]));
        assert_eq!(names(folder.path()), ["shared"]);
    }
}
