//! Files that a command writes: none of them is one that it reads, nor one of the others.

use super::Failure;
use crate::file::{Identity, is_input, remove_abandoned};
use crate::render::plot::Format;
use std::path::Path;

/// The name that stands for standard output.
const STANDARD: &str = "-";

/// Whether a result is to go to standard output rather than to a file.
pub(super) fn is_standard(path: &Path) -> bool {
    path == Path::new(STANDARD)
}

/// Refuses outputs, given with their flags, that cannot be files, are inputs of the command or each other; asked when all inputs are read, and before the work. What a
/// killed process left of them is removed.
pub(super) fn check(outputs: &[(&str, Option<&Path>)]) -> Result<(), Failure> {
    let mut known: Vec<(&str, Identity)> = Vec::new();
    for (flag, path) in outputs.iter().filter_map(|(flag, path)| Some((*flag, (*path)?))) {
        let refuse = |why: &str| Failure::Other(format!("{flag} {}: {why}; choose another name", path.display()));
        if path.as_os_str().is_empty() {
            return Err(Failure::Other(format!("{flag}: the name of the file is empty")));
        }
        if path.is_dir() {
            return Err(refuse("that is a folder"));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(Failure::Other(format!("{flag} {}: there is no folder {}", path.display(), folder.display())));
        }
        if is_input(path) {
            return Err(refuse("the command reads that file"));
        }
        let Some(identity) = Identity::of(path) else { continue };
        if let Some((other, _)) = known.iter().find(|(_, other)| *other == identity) {
            return Err(refuse(&format!("{other} goes to that file too")));
        }
        known.push((flag, identity));
        remove_abandoned(path);
    }
    Ok(())
}

/// Refuses a picture whose name does not say its format; asked before anything is read.
pub(super) fn picture(flag: &str, path: Option<&Path>) -> Result<(), Failure> {
    path.map_or(Ok(()), |path| Format::of(path).map(drop).map_err(|e| Failure::flag(flag, e)))
}
