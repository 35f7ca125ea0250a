//! Pipes with a name, whose other end may never come.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a reader waits for a writer, who was started before.
const FOR_A_WRITER: Duration = Duration::from_secs(2);
/// How long a writer waits for a reader, whom somebody may have to start first.
#[cfg(feature = "plot")]
const FOR_A_READER: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(5);

fn without_waiting(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags(libc::O_NONBLOCK).open(path)
}

/// Everything that is written to a FIFO, at most `limit` bytes and one piece.
///
/// # Errors
/// The system's, a FIFO that nobody writes to, and more bytes, as `None`.
pub(super) fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut file = without_waiting(OpenOptions::new().read(true), path)?;
    let mut bytes = Vec::new();
    let mut piece = vec![0; 1 << 16];
    let mut writer = false;
    let start = Instant::now();
    loop {
        match file.read(&mut piece) {
            Ok(0) if writer => return Ok(Some(bytes)),
            Ok(0) if start.elapsed() > FOR_A_WRITER => {
                return Err(io::Error::other("it is a FIFO that nobody writes to"));
            }
            Ok(0) => {}
            Ok(n) => {
                writer = true;
                bytes.extend_from_slice(&piece[..n]);
                if bytes.len() as u64 > limit {
                    return Ok(None);
                }
                continue;
            }
            // Somebody has it open, and has not written yet.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => writer = true,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        std::thread::sleep(PAUSE);
    }
}

/// Waits for who reads a FIFO, which opening it for writing would do for ever; what comes back holds it open until it is opened again. Of
/// everything else nothing.
///
/// # Errors
/// A FIFO that nobody reads.
#[cfg(feature = "plot")]
pub(super) fn await_reader(path: &Path) -> io::Result<Option<File>> {
    use std::os::unix::fs::FileTypeExt;
    if !std::fs::metadata(path).is_ok_and(|m| m.file_type().is_fifo()) {
        return Ok(None);
    }
    let start = Instant::now();
    loop {
        match without_waiting(OpenOptions::new().write(true), path) {
            Ok(file) => return Ok(Some(file)),
            Err(error) if error.raw_os_error() != Some(libc::ENXIO) => return Err(error),
            Err(_) if start.elapsed() > FOR_A_READER => {
                return Err(io::Error::other("it is a FIFO that nobody reads"));
            }
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}
