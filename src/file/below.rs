//! Reading below one folder only.

use super::read_limited;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Why a file below a folder was not read.
#[derive(Debug)]
pub(crate) enum NotRead {
    /// The path leaves the folder: how it does.
    Outside(&'static str),
    /// The system's reason, or one of [`read_limited`].
    Unreadable(io::Error),
}

/// The bytes of a file whose path is relative to a folder, at most `limit` of them. Unless `anywhere` the file must be below the folder,
/// with every symbolic link followed: a path that says otherwise by its words is refused before anything is looked up.
pub(crate) fn read_below(folder: &Path, path: &Path, anywhere: bool, limit: u64) -> Result<Vec<u8>, NotRead> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let target = if anywhere { folder.join(path) } else { inside(folder, path)? };
    read_limited(&target, limit).map_err(NotRead::Unreadable)
}

/// The file's path without symbolic links, below the folder's.
fn inside(folder: &Path, path: &Path) -> Result<PathBuf, NotRead> {
    let mut depth = 0_usize;
    for part in path.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => {
                depth = depth.checked_sub(1).ok_or(NotRead::Outside("`..` leads out of the folder"))?;
            }
            Component::RootDir | Component::Prefix(_) => {
                return Err(NotRead::Outside("an absolute path leads out of the folder"));
            }
        }
    }
    let root = folder.canonicalize().map_err(NotRead::Unreadable)?;
    let target = root.join(path).canonicalize().map_err(NotRead::Unreadable)?;
    if target.starts_with(&root) {
        Ok(target)
    } else {
        Err(NotRead::Outside("a symbolic link leads out of the folder"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path, path: &str, anywhere: bool) -> Result<Vec<u8>, String> {
        read_below(folder, Path::new(path), anywhere, 100).map_err(|e| match e {
            NotRead::Outside(how) => how.to_owned(),
            NotRead::Unreadable(error) => format!("{:?}", error.kind()),
        })
    }

    #[test]
    fn only_below_unless_told() {
        let folder = tempfile::tempdir().unwrap();
        let (inner, outer) = (folder.path().join("in"), folder.path().join("out"));
        std::fs::create_dir_all(inner.join("deep")).unwrap();
        std::fs::create_dir(&outer).unwrap();
        std::fs::write(inner.join("a"), "a").unwrap();
        std::fs::write(outer.join("b"), "b").unwrap();
        assert_eq!(read(&inner, "./deep/../a", false).unwrap(), b"a");
        assert_eq!(read(&inner, "a/../../out/b", false).unwrap_err(), "`..` leads out of the folder");
        assert_eq!(read(&inner, "../out/b", false).unwrap_err(), "`..` leads out of the folder");
        assert_eq!(read(&inner, "../nowhere", false).unwrap_err(), "`..` leads out of the folder");
        assert_eq!(read(&inner, "../out/b", true).unwrap(), b"b");
        let absolute = outer.join("b");
        assert_eq!(
            read(&inner, absolute.to_str().unwrap(), false).unwrap_err(),
            "an absolute path leads out of the folder"
        );
        assert_eq!(read(&inner, absolute.to_str().unwrap(), true).unwrap(), b"b");
        assert_eq!(read(&inner, "no", false).unwrap_err(), "NotFound");
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink("../out", inner.join("folder")).unwrap();
            symlink("../out/b", inner.join("link")).unwrap();
            symlink("a", inner.join("near")).unwrap();
            symlink(&inner, folder.path().join("itself")).unwrap();
            let outside = "a symbolic link leads out of the folder";
            assert_eq!(read(&inner, "folder/b", false).unwrap_err(), outside);
            assert_eq!(read(&inner, "link", false).unwrap_err(), outside);
            assert_eq!(read(&inner, "link", true).unwrap(), b"b");
            assert_eq!(read(&inner, "near", false).unwrap(), b"a");
            // The folder may be reached by a link.
            assert_eq!(read(&folder.path().join("itself"), "near", false).unwrap(), b"a");
        }
    }
}
