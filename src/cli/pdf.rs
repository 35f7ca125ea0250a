//! PDF documents, by a LaTeX or a Typst that is found on the PATH.

use super::Failure;
use crate::file::{read_own, write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What sets LaTeX.
const ENGINES: [&str; 4] = ["pdflatex", "lualatex", "xelatex", "tectonic"];
/// What sets Typst.
const TYPST: &str = "typst";
/// The first version of it that takes pictures as PDF.
const WITH_PDF: (u32, u32) = (0, 14);
/// Runs that it takes for the list of contents to be right.
const RUNS: usize = 2;
/// The largest PDF and the longest log that are read.
const MOST: u64 = 1 << 28;
/// The name of the document while it is set.
const NAME: &str = "report";

/// A text, and the files that it names with their bytes.
pub(super) type WithFiles = (String, Vec<(String, Vec<u8>)>);

/// What the pictures of a document are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PictureFormat {
    Svg,
    Pdf,
    Png,
}

/// A program on the PATH.
fn found(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&folders).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

/// A document as the bytes of a PDF, by the first program that sets it: from LaTeX, or from Typst with pictures of a format that it takes. Why there is none.
pub(super) fn set(
    latex: &dyn Fn() -> Result<WithFiles, Failure>,
    typst: &dyn Fn(PictureFormat) -> Result<WithFiles, Failure>,
) -> Result<Result<Vec<u8>, String>, Failure> {
    let engines: Vec<(&str, PathBuf)> = ENGINES.iter().filter_map(|name| Some((*name, found(name)?))).collect();
    let other = found(TYPST);
    if engines.is_empty() && other.is_none() {
        return Ok(Err(format!("none of {} and {TYPST} is on the PATH", ENGINES.join(", "))));
    }
    let mut complaints = Vec::new();
    if !engines.is_empty() {
        let source = latex()?;
        for (name, program) in engines {
            let done = prepared(&source, "tex").and_then(|folder| run_latex((name, &program), folder.path()));
            match done {
                Ok(bytes) => return Ok(Ok(bytes)),
                Err(why) => complaints.push(format!("{name}: {why}")),
            }
        }
    }
    if let Some(program) = other {
        let source = typst(if takes_pdf(&program) { PictureFormat::Pdf } else { PictureFormat::Png })?;
        let done = prepared(&source, "typ").and_then(|folder| run_typst(&program, folder.path()));
        match done {
            Ok(bytes) => return Ok(Ok(bytes)),
            Err(why) => complaints.push(format!("{TYPST}: {why}")),
        }
    }
    Ok(Err(complaints.join("; ")))
}

/// A folder with a document and its pictures.
fn prepared((text, pictures): &WithFiles, ending: &str) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("there is no folder to set it in: {e}"))?;
    let put = |name: &str, bytes: &[u8]| write(&folder.path().join(name), bytes).map_err(|e| format!("{name}: {e}"));
    put(&format!("{NAME}.{ending}"), text.as_bytes())?;
    for (name, bytes) in pictures {
        put(name, bytes)?;
    }
    Ok(folder)
}

fn call(program: &Path, arguments: &[&str], folder: &Path) -> Result<Output, String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command.output().map_err(|e| e.to_string())
}

fn result(folder: &Path) -> Result<Vec<u8>, String> {
    read_own(&folder.join(format!("{NAME}.pdf")), MOST).map_err(|e| format!("it wrote no PDF: {e}"))
}

fn run_latex((name, program): (&str, &Path), folder: &Path) -> Result<Vec<u8>, String> {
    let file = format!("{NAME}.tex");
    let plain = name == "tectonic";
    for _ in 0..if plain { 1 } else { RUNS } {
        let quiet = ["-interaction=batchmode", "-halt-on-error", "-no-shell-escape", file.as_str()];
        let done = call(program, if plain { &quiet[3..] } else { &quiet }, folder)?;
        if !done.status.success() {
            return Err(complaint(&folder.join(format!("{NAME}.log"))));
        }
    }
    result(folder)
}

fn run_typst(program: &Path, folder: &Path) -> Result<Vec<u8>, String> {
    let done = call(program, &["compile", &format!("{NAME}.typ"), &format!("{NAME}.pdf")], folder)?;
    if done.status.success() {
        return result(folder);
    }
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let line = said.lines().find_map(|line| line.strip_prefix("error: "));
    Err(line.unwrap_or("it could not set the document").to_owned())
}

/// Whether a Typst takes pictures as PDF; one that does not say its version takes them as PNG.
fn takes_pdf(program: &Path) -> bool {
    let said = call(program, &["--version"], Path::new(".")).map(|said| said.stdout).unwrap_or_default();
    version(&String::from_utf8_lossy(&said)).is_some_and(|version| version >= WITH_PDF)
}

/// `typst 0.14.1 (…)` as 0 and 14.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.split_whitespace().nth(1)?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// The first complaint of a log.
fn complaint(log: &Path) -> String {
    let text = String::from_utf8_lossy(&read_own(log, MOST).unwrap_or_default()).into_owned();
    let line =
        text.lines().find(|line| line.starts_with('!')).map(|line| line.trim_start_matches(['!', ' ']).to_owned());
    line.unwrap_or_else(|| "it could not set the document".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(version("typst 0.13.1 (8ace67d9)"), Some((0, 13)));
        assert!(version("typst 0.14.0").unwrap() >= WITH_PDF && version("typst 1.2.3").unwrap() >= WITH_PDF);
        assert_eq!((version("typst"), version("")), (None, None));
    }
}
