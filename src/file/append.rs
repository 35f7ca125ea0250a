//! A file that grows.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// A file that bytes are added to, readable as it grows: a row is there when it is written.
#[derive(Debug)]
pub(crate) struct Appender {
    file: File,
    length: u64,
    /// Whether it can be cut and synced, as devices and pipes cannot.
    regular: bool,
}

impl Appender {
    /// A new file, or an old one emptied.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        let regular = file.metadata()?.is_file();
        Ok(Self { file, length: 0, regular })
    }

    /// A file of which so many bytes are kept.
    ///
    /// # Errors
    /// The system's, and a file that is shorter.
    pub(crate) fn reopen(path: &Path, length: u64) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open(path)?;
        let there = file.metadata()?;
        if !there.is_file() || there.len() < length {
            return Err(io::Error::other(format!("it has {} bytes, and {length} were written", there.len())));
        }
        file.set_len(length)?;
        let mut appender = Self { file, length, regular: true };
        io::Seek::seek(&mut appender.file, io::SeekFrom::Start(length))?;
        Ok(appender)
    }

    /// Adds bytes.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Waits until all of it is on disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        if self.regular { self.file.sync_data() } else { Ok(()) }
    }

    /// How many bytes it has.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Whether it is a file, rather than a device or a pipe.
    pub(crate) fn is_regular(&self) -> bool {
        self.regular
    }
}
