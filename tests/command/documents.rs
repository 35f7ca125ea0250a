//! The documents as a reader uses them: every command that they and `--help` show runs as printed and prints what is
//! shown, links lead somewhere, flags and warning codes are those of the program.
//!
//! Code blocks named `console` hold commands after `$ ` with what they print, those named `sh` commands only; `status=1` says
//! that they end so, a line `…` in what is shown stands for any lines. A block of another language with a file's name behind it
//! is that file, for the commands of its document. Blocks marked `slow` run where `SHADOWFLOW_LONG` is set, as by
//! `.ci/long`, and the files that they write must be the committed ones. `SHADOWFLOW_UPDATE=1 cargo test --test command
//! documents` writes what is printed into the documents, and the files of slow blocks into the tree, to be looked at with
//! `git diff`. `SHADOWFLOW_DOCUMENT=PATH` runs the commands of that one alone.
//!
//! The slow commands of `docs/experiments/` run every time, with few steps, and in full with the others.

mod blocks;
mod book;
mod links;
mod short;

use blocks::{Block, blocks, fits};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// No command that a document shows prints more lines.
const MOST_LINES: usize = 400;

/// The folder of the pages whose slow commands run every time, made short.
const EXPERIMENTS: &str = "docs/experiments";

/// What the documents' commands read.
const FOLDERS: [&str; 4] = ["examples", "benches", "docs", "grammar"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_shadowflow"))
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0")
}

/// Paths of all documents, from the root.
fn documents() -> Vec<String> {
    let mut names: Vec<String> = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(str::to_owned).to_vec();
    for folder in ["docs", EXPERIMENTS] {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        let mut pages: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".md"))
            .map(|name| format!("{folder}/{name}"))
            .collect();
        pages.sort();
        names.extend(pages);
    }
    names
}

fn read(document: &str) -> String {
    std::fs::read_to_string(root().join(document)).unwrap_or_else(|e| panic!("{document}: {e}"))
}

/// The names of the subcommands.
fn subcommands() -> Vec<String> {
    let help = help(&[]);
    let commands = help.lines().skip_while(|l| !l.starts_with("Commands:")).skip(1);
    let names: Vec<String> = commands
        .map_while(|l| l.strip_prefix("  "))
        .filter(|l| !l.starts_with(' '))
        .filter_map(|l| l.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "help")
        .collect();
    assert!(names.len() >= 9, "{names:?}");
    names
}

fn help(arguments: &[&str]) -> String {
    // As wide as a terminal that nobody has widened.
    let output = Command::new(program()).args(arguments).arg("--help").env("COLUMNS", "80").output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Files of `docs/pictures`, by their paths from the root.
type Pictures = BTreeMap<PathBuf, Vec<u8>>;

/// A copy of what commands read, with the program and a `cargo` that runs it on the search path.
struct Workplace {
    folder: tempfile::TempDir,
    long: bool,
    /// Whether a document's slow commands are run, made short.
    short: bool,
}

impl Workplace {
    fn new(document: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in FOLDERS {
            copy(&root().join(name), &folder.path().join(name));
        }
        let bin = folder.path().join(".bin");
        std::fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(program(), bin.join("shadowflow")).unwrap();
        let ci = folder.path().join(".ci");
        std::fs::create_dir(&ci).unwrap();
        script(&bin.join("cargo"), CARGO);
        // It would run this test again.
        script(&ci.join("run"), "#!/bin/sh\n");
        let long = is_set("SHADOWFLOW_LONG");
        Self { folder, long, short: !long && document.starts_with(EXPERIMENTS) }
    }

    /// What its commands may draw.
    fn pictures(&self) -> Pictures {
        let mut pictures = Pictures::new();
        let mut folders = vec![PathBuf::from("docs/pictures")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(self.folder.path().join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let path = folder.join(entry.file_name());
                if entry.file_type().unwrap().is_dir() {
                    folders.push(path);
                } else {
                    pictures.insert(path, std::fs::read(entry.path()).unwrap());
                }
            }
        }
        pictures
    }

    /// What a command prints, standard error included, and its exit status.
    fn run(&self, command: &str) -> (String, Option<i32>) {
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("exec 2>&1\n{command}"))
            .current_dir(self.folder.path())
            .env("PATH", format!("{}:{path}", self.folder.path().join(".bin").display()))
            .env("ROOT", root())
            .env("REAL_CARGO", env!("CARGO"))
            .env("LONG", if self.long { "1" } else { "" })
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
    }
}

fn has_python() -> bool {
    Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Stands for cargo: runs the program that is built already; examples only in long runs.
const CARGO: &str = r#"#!/bin/sh
case "$*" in
    "run --release -- "*)
        shift 3
        exec shadowflow "$@" ;;
    "run --release --example "*)
        test -e "$ROOT/examples/$4.rs" || { echo "no example $4"; exit 1; }
        test -z "$LONG" && exit 0
        shift 2
        exec "$REAL_CARGO" run --quiet --manifest-path "$ROOT/Cargo.toml" --release "$@" ;;
    # They build, or take long; .ci/run runs the tests, clippy and the documentation.
    "install --path ." | build* | test* | doc* | bench* | fmt* | clippy*)
        exit 0 ;;
    *)
        echo "the documents' test does not know: cargo $*"
        exit 1 ;;
esac
"#;

fn script(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Does the work of each item on all cores.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(item);
                    done.lock().unwrap().push(result);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

/// Runs the commands of a document and says what is wrong.
fn run_document(name: &str) -> String {
    let text = read(name);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut wrong = String::new();
    let place = Workplace::new(name);
    // Not the tree's, where another document's pictures may be written meanwhile.
    let committed = place.pictures();
    let mut pictures = committed.clone();
    // From the end, so that lines keep their numbers when what is shown is written anew; commands still run in order.
    let mut updates = Vec::new();
    for block in blocks(&text) {
        if let Some(file) = block.file() {
            write_shown_file(name, &block, file, &place, &mut wrong);
        }
        if block.runs() && (place.long || place.short || !block.is_slow()) {
            run_block(name, &block, &place, &mut wrong, &mut updates);
            if place.long && block.is_slow() {
                let drawn = place.pictures();
                compare_pictures(name, &block, &drawn, &pictures, &mut wrong);
                pictures = drawn;
            }
        }
        // A line of a manifest is no command.
        let commands = |line: &&String| {
            ["$ ", "shadowflow ", "cargo "].iter().any(|start| line.starts_with(start))
                && !line.starts_with("shadowflow = ")
        };
        if let (false, Some(line)) = (block.runs(), block.lines.iter().find(commands)) {
            let _ = writeln!(wrong, "{name}:{}: the command `{line}` is not in a console or sh block", block.line);
        }
    }
    if is_set("SHADOWFLOW_UPDATE") {
        for (path, bytes) in pictures.iter().filter(|(path, bytes)| committed.get(*path) != Some(bytes)) {
            std::fs::write(root().join(path), bytes).unwrap();
        }
    }
    if is_set("SHADOWFLOW_UPDATE") && !updates.is_empty() {
        for (first, count, found) in updates.into_iter().rev() {
            lines.splice(first..first + count, found);
        }
        std::fs::write(root().join(name), lines.join("\n") + "\n").unwrap();
    }
    wrong
}

/// The file that a block shows is the one in the tree, or is made from the block.
fn write_shown_file(name: &str, block: &Block, file: &str, place: &Workplace, wrong: &mut String) {
    let path = place.folder.path().join(file);
    match std::fs::read_to_string(&path) {
        Ok(text) if text.trim_end() == block.text().trim_end() => {}
        Ok(text) => {
            let _ = writeln!(wrong, "{name}:{}: this is not {file}:\n{}", block.line, difference(&block.text(), &text));
        }
        Err(_) => std::fs::write(&path, block.text()).unwrap(),
    }
}

fn run_block(
    name: &str,
    block: &Block,
    place: &Workplace,
    wrong: &mut String,
    updates: &mut Vec<(usize, usize, Vec<String>)>,
) {
    for shown in block.commands() {
        let at = format!("{name}:{}", block.line + shown.at);
        if place.short && block.is_slow() {
            let command = short::shortened(&shown.command);
            // Python is asked for in long runs only.
            if command.starts_with("python3 ") && !has_python() {
                continue;
            }
            // What is left out of the short command is looked at, at least.
            let plan =
                shown.command.starts_with("shadowflow train ").then(|| format!("{} --explain-plan", shown.command));
            for command in plan.into_iter().chain([command]) {
                let (printed, status) = place.run(&command);
                if status != Some(block.status()) {
                    let _ = writeln!(wrong, "{at}: `{command}` ended with status {status:?}:\n{printed}");
                }
            }
            continue;
        }
        let (printed, status) = place.run(&shown.command);
        if status != Some(block.status()) {
            let _ = writeln!(wrong, "{at}: `{}` ended with status {status:?}:\n{printed}", shown.command);
            continue;
        }
        let found: Vec<String> = printed.lines().map(|line| line.trim_end().to_owned()).collect();
        if found.len() > MOST_LINES {
            let _ = writeln!(wrong, "{at}: `{}` prints {} lines", shown.command, found.len());
        }
        let Some((first, count)) = shown.output else { continue };
        let mut expected: Vec<String> =
            block.lines[first..first + count].iter().map(|line| line.trim_end().to_owned()).collect();
        // A blank line before the next command is there for the eye.
        while expected.last().is_some_and(String::is_empty) && found.last().is_none_or(|line| !line.is_empty()) {
            expected.pop();
        }
        if !fits(&expected, &found) {
            let difference = difference(&(expected.join("\n") + "\n"), &(found.join("\n") + "\n"));
            let _ = writeln!(wrong, "{at}: `{}` prints something else than is shown:\n{difference}", shown.command);
            updates.push((block.line - 1 + first, expected.len(), found));
        }
    }
}

/// What slow commands have drawn is what is in the tree.
fn compare_pictures(name: &str, block: &Block, drawn: &Pictures, committed: &Pictures, wrong: &mut String) {
    for (path, _) in drawn.iter().filter(|(path, bytes)| committed.get(*path) != Some(bytes)) {
        let _ = writeln!(wrong, "{name}:{}: {} is not what is written now", block.line, path.display());
    }
}

fn difference(shown: &str, found: &str) -> String {
    similar::TextDiff::from_lines(shown, found).unified_diff().header("shown", "printed").to_string()
}

#[test]
fn every_command_runs_as_printed() {
    let only = std::env::var("SHADOWFLOW_DOCUMENT").ok();
    let chosen: Vec<String> = documents().into_iter().filter(|name| only.as_ref().is_none_or(|o| o == name)).collect();
    assert!(!chosen.is_empty(), "there is no document {only:?}");
    let wrong = in_parallel(&chosen, |name| run_document(name)).concat();
    assert!(wrong.is_empty(), "{wrong}\nSHADOWFLOW_UPDATE=1 writes what is printed into the documents.");
}

#[test]
fn every_help_ends_with_an_example_that_works() {
    let mut commands = subcommands();
    commands.push(String::new());
    let wrong = in_parallel(&commands, |command| {
        let arguments: Vec<&str> = Some(command.as_str()).filter(|name| !name.is_empty()).into_iter().collect();
        let help = help(&arguments);
        let place = Workplace::new("");
        let lines: Vec<&str> = help.lines().skip_while(|l| !l.starts_with("Example")).skip(1).collect();
        let mut wrong = String::new();
        if lines.is_empty() || !lines.iter().all(|l| l.starts_with("  ")) {
            let _ = writeln!(wrong, "{command} --help does not end with an example");
        }
        let examples = lines.join("\n").replace("\\\n", "\\\u{0}");
        for example in examples.lines().map(|line| line.replace('\u{0}', "\n")) {
            let (printed, status) = place.run(example.trim());
            let lines = printed.lines().count();
            if status != Some(0) || lines > MOST_LINES || !example.starts_with("  shadowflow ") {
                let _ = writeln!(wrong, "`{}`: status {status:?}, {lines} lines\n{printed}", example.trim());
            }
        }
        wrong
    });
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{wrong}");
}

/// What is most wanted stands in the first lines, fits in a terminal and is short; the rest is behind flags.
#[test]
fn verdicts_come_first_and_texts_fit_a_terminal() {
    let many = "stability --loss norm2(w)/2+w[0]^4 --param w[12] --h 0.5 --near w=[1,1,1,1,1,1,1,1,1,1,1,1]";
    let points = "stability --loss sin(x)*cos(y) --param x,y --h 0.5 --box x=-2:2,y=-2:2";
    let along = "stability examples/losses/banana.loss --h 0.0015 --start x=-0.9,y=0.95";
    let eval = "eval --loss norm2(w)/2+w[0]^4 --param w[12] --at w=[1,1,1,1,1,1,1,1,1,1,1,1]";
    let simulate = "simulate examples/losses/banana.loss --h 0.001 --steps 20 --flows ngf,pf";
    // The command, words of its first lines, the most columns and lines.
    let cases: &[(&str, &str, usize, usize)] = &[
        ("check --order 6", "checks hold", 80, 30),
        (many, "attractive for the optimizer", 100, 40),
        (points, "4 critical points in the box and 31 outside; 99 of 100 starts led to one of them", 100, 12),
        (along, "10 steps: the largest hλ is between", 100, 30),
        (eval, "at |θ| = 3.46410161514", 80, 12),
        (simulate, "distances after step 20: pf", 120, 60),
    ];
    let text = |line: &str| {
        let output = Command::new(program()).current_dir(root()).args(line.split(' ')).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    for (line, verdict, columns, lines) in cases {
        let (printed, _) = text(line);
        let first: Vec<&str> = printed.lines().take(6).collect();
        assert!(first.join("\n").contains(verdict), "{line}\n{printed}");
        let widest = printed.lines().map(|l| l.chars().count()).max().unwrap_or(0);
        assert!(widest <= *columns, "{line}: {widest} columns\n{printed}");
        assert!(printed.lines().count() <= *lines, "{line}: {} lines\n{printed}", printed.lines().count());
    }
    let count = |line: &str, word: &str| text(line).0.matches(word).count();
    assert_eq!(count(many, "real stable"), 8);
    assert_eq!(count(&format!("{many} --top 3"), "real stable"), 3);
    assert_eq!(count(&format!("{many} --all"), "real stable"), 12);
    assert_eq!(count(&format!("{many} --all"), "w[11] = 0"), 1);
    assert_eq!(count(&format!("{many} --verbose"), "by differentiation"), 1);
    assert_eq!(count(&format!("{points} --verbose"), "eigenvalues of its Jacobian"), 4);
    assert_eq!(count(&format!("{along} --verbose"), "dE/dt"), 1);
    assert_eq!(count(&format!("{eval} --all --order 0"), "w[11]"), 2);
    assert!(count("check --order 3 --verbose", "no disagreement") > 20);
    let (_, said) = text(points);
    assert!(said.contains("outside-box"), "{said}");
    let (_, said) = text(&format!("{points} --quiet"));
    assert!(said.is_empty(), "{said}");
}
