//! Runs the program in the repository's root: what it prints, and how it refuses.

use assert_cmd::Command;
use serde_json::Value;
use std::process::Output;

pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");
pub(crate) const BANANA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/losses/banana.loss");

/// A process with nothing on its standard input.
pub(crate) fn process(arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_shadowflow"));
    command.current_dir(ROOT).args(arguments).stdin(std::process::Stdio::null());
    command
}

/// The same, to assert on what it does.
pub(crate) fn shadowflow(arguments: &[&str]) -> Command {
    Command::from_std(process(arguments))
}

/// The arguments of a line without quotes.
pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// What is printed.
pub(crate) fn text(arguments: &[&str]) -> String {
    String::from_utf8(shadowflow(arguments).assert().success().get_output().stdout.clone()).unwrap()
}

/// What is printed with `--format json`.
pub(crate) fn document(arguments: &[&str]) -> Value {
    serde_json::from_str(&text(&[arguments, &["--format", "json"]].concat())).unwrap()
}

/// What is said on standard error.
pub(crate) fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The message of a command that must end with exit status 2 and print nothing.
pub(crate) fn refused(arguments: &[&str]) -> String {
    let output = process(arguments).output().unwrap();
    let message = message(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty() && !message.contains("panicked"), "{arguments:?}: {message}");
    message
}

/// That a command is refused with all these words.
pub(crate) fn refused_with(arguments: &[&str], words: &[&str]) {
    let message = refused(arguments);
    for word in words {
        assert!(message.contains(word), "{arguments:?}: {word} in {message}");
    }
}

/// The codes of a document's warnings.
pub(crate) fn codes(document: &Value) -> Vec<&str> {
    document["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect()
}

/// A folder with files of these names and contents.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// The path of a file in such a folder.
pub(crate) fn at(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

/// What is in a folder, in order.
pub(crate) fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
