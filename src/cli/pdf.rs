//! PDF documents, by a LaTeX that is found on the PATH.

use crate::file::{read_own, write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What sets LaTeX.
const ENGINES: [&str; 4] = ["pdflatex", "lualatex", "xelatex", "tectonic"];
/// Runs that it takes for the list of contents to be right.
const RUNS: usize = 2;
/// The largest PDF and the longest log that are read.
const MOST: u64 = 1 << 28;
/// The name of the document while it is set.
const NAME: &str = "report";

/// A program on the PATH.
fn found(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&folders).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

/// A LaTeX document and its pictures, by their names, as the bytes of a PDF; why there is none.
pub(super) fn set(source: &str, pictures: &[(String, Vec<u8>)]) -> Result<Vec<u8>, String> {
    let engines: Vec<(&str, PathBuf)> = ENGINES.iter().filter_map(|name| Some((*name, found(name)?))).collect();
    if engines.is_empty() {
        return Err(format!("none of {} is on the PATH", ENGINES.join(", ")));
    }
    let folder = tempfile::tempdir().map_err(|e| format!("there is no folder to set it in: {e}"))?;
    let put = |name: &str, bytes: &[u8]| write(&folder.path().join(name), bytes).map_err(|e| format!("{name}: {e}"));
    put(&format!("{NAME}.tex"), source.as_bytes())?;
    for (name, bytes) in pictures {
        put(name, bytes)?;
    }
    let mut complaints = Vec::new();
    for (name, program) in engines {
        match run((name, &program), folder.path()) {
            Ok(bytes) => return Ok(bytes),
            Err(why) => complaints.push(format!("{name}: {why}")),
        }
    }
    Err(complaints.join("; "))
}

/// Sets the document in a folder.
fn run((name, program): (&str, &Path), folder: &Path) -> Result<Vec<u8>, String> {
    let plain = name == "tectonic";
    for _ in 0..if plain { 1 } else { RUNS } {
        let mut command = Command::new(program);
        if !plain {
            command.args(["-interaction=batchmode", "-halt-on-error", "-no-shell-escape"]);
        }
        command.arg(format!("{NAME}.tex")).current_dir(folder).stdin(Stdio::null());
        let done = command.output().map_err(|e| e.to_string())?;
        if !done.status.success() {
            return Err(complaint(&folder.join(format!("{NAME}.log"))));
        }
    }
    read_own(&folder.join(format!("{NAME}.pdf")), MOST).map_err(|e| format!("it wrote no PDF: {e}"))
}

/// The first complaint of a log.
fn complaint(log: &Path) -> String {
    let text = String::from_utf8_lossy(&read_own(log, MOST).unwrap_or_default()).into_owned();
    let line =
        text.lines().find(|line| line.starts_with('!')).map(|line| line.trim_start_matches(['!', ' ']).to_owned());
    line.unwrap_or_else(|| "it could not set the document".to_owned())
}
