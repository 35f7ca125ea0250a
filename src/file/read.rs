//! Reading within a limit.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The bytes of a file, at most `limit` of them.
///
/// What is no regular file is read until it ends: a pipe, `/dev/stdin`. A FIFO that nobody writes to is an error after two
/// seconds, where plain reading would wait for ever.
///
/// # Errors
/// The system's, a folder, and more bytes than the limit, which the message names.
pub(crate) fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    #[cfg(feature = "plot")]
    super::inputs::note(path);
    read_own(path, limit)
}

/// [`read_limited`] of what the program itself has written, and may write again.
pub(crate) fn read_own(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::Error::other("it is a folder, not a file"));
    }
    if metadata.is_file() && metadata.len() > limit {
        return Err(too_long(limit));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if metadata.file_type().is_fifo() {
            return super::fifo::read(path, limit)?.ok_or_else(|| too_long(limit));
        }
    }
    read_from(File::open(path)?, limit)
}

/// How a file begins: so many bytes, or fewer.
#[cfg(feature = "command")]
pub(crate) fn read_beginning(path: &Path, count: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a file, at most `limit` bytes, without a byte order mark.
///
/// # Errors
/// As [`read_limited`], and bytes that are not UTF-8.
pub(crate) fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    let text = String::from_utf8(read_limited(path, limit)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        io::Error::other(format!("byte {at} is not UTF-8; save the file as UTF-8"))
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Everything that a reader gives, at most `limit` bytes.
///
/// # Errors
/// The reader's, and more bytes than the limit, which the message names.
pub(crate) fn read_from(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(too_long(limit)) } else { Ok(bytes) }
}

fn too_long(limit: u64) -> io::Error {
    io::Error::other(format!("it is longer than the limit of {limit} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_folders_and_marks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "\u{feff}ab").unwrap();
        assert_eq!(read_text(&path, 5).unwrap(), "ab");
        assert!(read_text(&path, 4).unwrap_err().to_string().contains("limit of 4 bytes"));
        assert!(read_limited(folder.path(), 4).unwrap_err().to_string().contains("folder"));
        assert_eq!(read_limited(&folder.path().join("b"), 4).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::write(&path, b"ab\xff").unwrap();
        assert!(read_text(&path, 5).unwrap_err().to_string().contains("byte 2"));
        assert!(read_from(io::repeat(0), 1000).unwrap_err().to_string().contains("1000 bytes"));
    }

    #[cfg(unix)]
    #[test]
    fn devices_end_at_the_limit() {
        assert!(read_limited(Path::new("/dev/zero"), 1 << 20).unwrap_err().to_string().contains("1048576 bytes"));
        assert!(read_limited(Path::new("/dev/null"), 1).unwrap().is_empty());
    }
}
