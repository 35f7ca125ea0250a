//! A file that grows, and that one process alone writes.

use super::Digest;
use super::place::{folder, in_folder};
use crate::budget;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// A file that bytes are added to, readable as it grows: a row is there when it is written.
///
/// A regular file is locked as long as this value or its process lives, against other processes that lock it; readers are not held up.
#[derive(Debug)]
pub(crate) struct Appender {
    file: File,
    length: u64,
    digest: Digest,
    /// Whether it can be cut and synced, as devices and pipes cannot.
    regular: bool,
    /// Why it could not be locked, where the system has no locks there.
    unlocked: Option<String>,
}

impl Appender {
    /// Opens a file and locks it; what is in it stays until [`Appender::empty`] or [`Appender::keep`].
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::ResourceBusy`] where another process holds the file.
    pub(crate) fn hold(path: &Path, create: bool) -> io::Result<Self> {
        #[cfg(unix)]
        let _held_open = super::fifo::await_reader(path)?;
        let opened = OpenOptions::new().write(true).create(create).truncate(false).open(path);
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if create => in_folder(folder(path), error),
            _ => error,
        })?;
        let regular = file.metadata()?.is_file();
        let unlocked = match if regular { file.try_lock() } else { Ok(()) } {
            Ok(()) => None,
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another process is writing it"));
            }
            Err(TryLockError::Error(error)) => Some(error.to_string()),
        };
        Ok(Self { file, length: 0, digest: Digest::new(), regular, unlocked })
    }

    /// Takes away all that is in it.
    pub(crate) fn empty(&mut self) -> io::Result<()> {
        if self.regular {
            self.file.set_len(0)?;
        }
        Ok(())
    }

    /// Keeps so many bytes, which must be those of a digest, and takes the rest away.
    ///
    /// # Errors
    /// The system's, and a file that is shorter or begins otherwise, which is left as it is.
    pub(crate) fn keep(mut self, path: &Path, length: u64, digest: u64) -> io::Result<Self> {
        // What is held was opened to be written.
        let found = begins(&mut File::open(path)?, length, digest)?;
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length))?;
        (self.length, self.digest) = (length, found);
        Ok(self)
    }

    /// Adds bytes.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        self.digest.take(bytes);
        Ok(())
    }

    /// Waits until all of it is on disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        if self.regular { self.file.sync_data() } else { Ok(()) }
    }

    /// How many bytes were written.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The digest of the bytes that were written.
    pub(crate) fn digest(&self) -> u64 {
        self.digest.value()
    }

    /// Whether it is a file, rather than a device or a pipe.
    pub(crate) fn is_regular(&self) -> bool {
        self.regular
    }

    /// Why nobody else is kept from writing it, where that is so.
    pub(crate) fn unlocked(&self) -> Option<&str> {
        self.unlocked.as_deref()
    }

    /// Whether a path leads to this file still, and it is as long as was written.
    pub(crate) fn is_whole_at(&self, path: &Path) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let (Ok(own), Ok(there)) = (self.file.metadata(), std::fs::metadata(path)) else { return false };
            (own.dev(), own.ino(), own.len()) == (there.dev(), there.ino(), self.length)
        }
        #[cfg(not(unix))]
        std::fs::metadata(path).is_ok_and(|there| there.len() == self.length)
    }
}

/// Whether a file is of a length and has a digest.
///
/// # Errors
/// The system's, and what is wrong in words.
pub(crate) fn is_whole(path: &Path, length: u64, digest: u64) -> io::Result<()> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    if metadata.len() > length {
        return Err(other_length(metadata.len(), length));
    }
    begins(&mut File::open(path)?, length, digest).map(drop)
}

fn other_length(there: u64, written: u64) -> io::Error {
    io::Error::other(format!("it has {there} bytes, and {written} were written"))
}

/// The digest of so many first bytes, which must be this one.
fn begins(file: &mut File, length: u64, digest: u64) -> io::Result<Digest> {
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() < length {
        return Err(other_length(metadata.len(), length));
    }
    let mut found = Digest::new();
    let mut piece = vec![0; 1 << 16];
    let mut rest = file.take(length);
    loop {
        budget::check().map_err(|stopped| io::Error::other(stopped.to_string()))?;
        match rest.read(&mut piece)? {
            0 => break,
            n => found.take(&piece[..n]),
        }
    }
    if found.value() == digest {
        Ok(found)
    } else {
        Err(io::Error::other(format!("its first {length} bytes are not those that were written")))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_others_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut first = Appender::hold(&path, true).unwrap();
        first.append(b"one\n").unwrap();
        assert_eq!(Appender::hold(&path, true).unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        assert_eq!(super::super::read_limited(&path, 10).unwrap(), b"one\n");
        let digest = first.digest();
        assert!(first.is_whole_at(&path) && is_whole(&path, 4, digest).is_ok());
        first.append(b"two\n").unwrap();
        assert!(is_whole(&path, 4, digest).unwrap_err().to_string().contains("8 bytes, and 4"));
        drop(first);
        let again = || Appender::hold(&path, false).unwrap();
        assert!(again().keep(&path, 4, digest + 1).unwrap_err().to_string().contains("first 4 bytes"));
        assert!(again().keep(&path, 9, digest).unwrap_err().to_string().contains("8 bytes, and 9"));
        let mut kept = again().keep(&path, 4, digest).unwrap();
        kept.append(b"three\n").unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), kept.length()), (b"one\nthree\n".to_vec(), 10));
        assert_eq!(kept.digest(), Digest::of(b"one\nthree\n").value());
        // Another file under its name, and none.
        std::fs::rename(&path, folder.path().join("b")).unwrap();
        assert!(!kept.is_whole_at(&path));
        std::fs::write(&path, "one\nthree\n").unwrap();
        assert!(!kept.is_whole_at(&path) && Appender::hold(&folder.path().join("c"), false).is_err());
        let missing = Appender::hold(&folder.path().join("no/c"), true).unwrap_err().to_string();
        assert!(missing.contains("there is no folder"), "{missing}");
    }
}
