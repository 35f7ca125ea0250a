//! Where bytes go: the file that a path leads to, and its folder.

use std::io;
use std::path::{Component, Path, PathBuf};

/// As many symbolic links in a row as systems follow.
const MAX_LINKS: usize = 40;

/// Where bytes go.
pub(super) enum Target {
    Path(PathBuf),
    /// An open file of this process.
    Descriptor(u32),
}

/// The end of a chain of symbolic links, which need not exist.
pub(super) fn target(path: &Path) -> io::Result<Target> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        if let Some(number) = descriptor(&path) {
            return Ok(Target::Descriptor(number));
        }
        let Ok(next) = std::fs::read_link(&path) else { return Ok(Target::Path(path)) };
        // A link is relative to the folder that it is in.
        path = match path.parent() {
            Some(folder) => folder.join(next),
            None => next,
        };
    }
    Err(io::Error::other("too many symbolic links"))
}

/// `/dev/fd/N` and its other names.
fn descriptor(path: &Path) -> Option<u32> {
    match path.to_str()? {
        "/dev/stdout" => return Some(1),
        "/dev/stderr" => return Some(2),
        _ => {}
    }
    let parts: Vec<_> = path.components().collect();
    let number = |part: &Component<'_>| part.as_os_str().to_str()?.parse().ok();
    let own = std::process::id().to_string();
    let word = |part: &Component<'_>, words: &[&str]| part.as_os_str().to_str().is_some_and(|p| words.contains(&p));
    match parts.as_slice() {
        [Component::RootDir, dev, fd, n] if word(dev, &["dev"]) && word(fd, &["fd"]) => number(n),
        [Component::RootDir, proc, own_id, fd, n]
            if word(proc, &["proc"]) && word(own_id, &["self", &own]) && word(fd, &["fd"]) =>
        {
            number(n)
        }
        _ => None,
    }
}

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Why no file can be made in a folder.
pub(super) fn in_folder(folder: &Path, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound if !folder.is_dir() => {
            io::Error::new(error.kind(), format!("there is no folder {}", folder.display()))
        }
        io::ErrorKind::NotFound => {
            io::Error::new(error.kind(), format!("the folder {} takes no new files", folder.display()))
        }
        // The temporary name, which means nothing to the user, is in the error's own text.
        kind => io::Error::new(
            kind,
            format!(
                "no file can be made in the folder {}: {}",
                folder.display(),
                error
                    .raw_os_error()
                    .map_or_else(|| kind.to_string(), |code| io::Error::from_raw_os_error(code).to_string())
            ),
        ),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn open_files_by_their_names() {
        assert!(matches!(descriptor(Path::new("/dev/fd/7")), Some(7)));
        assert!(matches!(descriptor(Path::new("/proc/self/fd/1")), Some(1)));
        assert!(descriptor(Path::new("/dev/full")).is_none());
        assert_eq!((folder(Path::new("a")), folder(Path::new("a/b"))), (Path::new("."), Path::new("a")));
    }
}
