//! What `docs/ARCHITECTURE.md` says of the source stays true.

use std::path::{Path, PathBuf};

/// Files are opened in one room, and only one function talks to standard error: what is elsewhere would have no limit, would tear, or
/// would panic.
#[test]
fn one_room_opens_files_and_one_speaks() {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                into.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    let opening =
        ["fs::write", "fs::read(", "fs::read_to_string", "fs::rename", "File::create", "File::open(", "OpenOptions"];
    let speaking = ["println!", "print!", "io::stderr()", "process::exit", "process::abort", "panic = "];
    let mut faults = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        if name.ends_with("tests.rs") || name.contains("tests/") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
            let opens = has(&opening) && !["file/read.rs", "file/write.rs", "budget/memory.rs"].contains(&&*name);
            let asks = line.contains("is_terminal()");
            let speaks =
                has(&speaking) && !asks && !["cli/output.rs", "file/write.rs", "budget/process.rs"].contains(&&*name);
            if opens || speaks {
                faults.push(format!("{name}:{}: {line}", number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "use crate::file, and cli::output:\n{}", faults.join("\n"));
}
