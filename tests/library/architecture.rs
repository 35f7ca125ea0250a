//! What `docs/ARCHITECTURE.md` says of the source: rooms use those above them, files form no circles, formulas are spelt in one place, one room opens
//! files and one speaks.

mod exceptions;
mod source;

use exceptions::{CIRCLES, SPELLING, UPWARD};
use source::{Arrow, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::Path;
use std::sync::LazyLock;

/// The source of this crate.
static SOURCE: LazyLock<Source> = LazyLock::new(|| Source::read(root()));

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rooms from top to bottom, as the table of the document has them.
fn rooms(document: &str) -> Vec<String> {
    let cells = document.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let names = cells.flat_map(|cell| cell.split('`').filter_map(|name| name.strip_prefix("src/")));
    names.map(|name| name.trim_end_matches(".rs").trim_end_matches('/').to_owned()).collect()
}

/// The room of a file; none for the front of the library and of the program.
fn room(file: &str) -> Option<&str> {
    let name = file.strip_prefix("src/")?.split(['/', '.']).next()?;
    (!["lib", "main"].contains(&name)).then_some(name)
}

/// Arrows to a room further down the table, and to what is no room of it.
fn upward<'a>(arrows: &'a BTreeSet<Arrow>, rooms: &[String]) -> Vec<&'a Arrow> {
    let place = |file: &str| room(file).map(|room| rooms.iter().position(|r| r == room));
    let runs_up = |a: &&Arrow| match (place(&a.from), place(&a.to)) {
        (None, _) => false,
        (Some(Some(from)), Some(Some(to))) => to > from,
        _ => true,
    };
    arrows.iter().filter(runs_up).collect()
}

/// Groups of files of which each leads to each other. That a module uses what is inside of it closes no circle.
fn circles(arrows: &BTreeSet<Arrow>) -> Vec<BTreeSet<&str>> {
    let is_inside = |a: &Arrow| {
        let folder = a.from.trim_end_matches(".rs").trim_end_matches("mod").trim_end_matches('/');
        a.to.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for arrow in arrows.iter().filter(|a| !a.test && room(&a.from).is_some() && !is_inside(a)) {
        next.entry(&arrow.from).or_default().push(&arrow.to);
    }
    let reached = |file: &str| {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = next.get(file).into_iter().flatten().copied().collect();
        while let Some(at) = open.pop() {
            if reached.insert(at) {
                open.extend(next.get(at).into_iter().flatten());
            }
        }
        reached
    };
    let from: Vec<(&str, BTreeSet<&str>)> = next.keys().map(|file| (*file, reached(file))).collect();
    let mut found: Vec<BTreeSet<&str>> = Vec::new();
    for (file, reached) in from.iter().filter(|(file, reached)| reached.contains(file)) {
        if !found.iter().any(|circle| circle.contains(file)) {
            let back = from.iter().filter(|(other, to)| reached.contains(other) && to.contains(file));
            found.push(back.map(|(other, _)| *other).collect());
        }
    }
    found
}

/// Whether a format string joins its holes to a formula: LaTeX, a power, a product. A sentence may name one.
fn is_formula(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|w| w.len() > 2).count();
    let command = text.split('\\').skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let joined = ["}^", "^{", "}*", "*{", "} * {", "T[{", "} g"].iter().any(|joint| text.contains(joint));
    command || joined && words < 3
}

/// Fails where there is something to show.
fn none<T: Display>(wrong: impl IntoIterator<Item = T>, rule: &str) {
    let wrong: Vec<String> = wrong.into_iter().map(|w| w.to_string()).collect();
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

#[test]
fn a_room_uses_those_above_it() {
    let document = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let rooms = rooms(&document);
    let there: BTreeSet<&str> = SOURCE.files().into_iter().filter_map(room).collect();
    assert_eq!(rooms.iter().map(|r| &**r).collect::<BTreeSet<_>>(), there, "the rooms of the table, and those of src/");
    let (arrows, lost) = SOURCE.arrows();
    // What pest makes of the grammar is no item of the source.
    let lost: Vec<_> = lost.iter().filter(|path| !path.ends_with("parse::Rule")).collect();
    assert!(lost.is_empty(), "these paths lead nowhere, so that the reader of the source is wrong: {lost:#?}");
    let found = upward(&arrows, &rooms);
    let allowed = |a: &Arrow| UPWARD.iter().any(|(from, to, _)| *from == a.from && *to == a.to);
    none(found.iter().filter(|a| !allowed(a)), "data goes one way, down the table of docs/ARCHITECTURE.md");
    let gone = UPWARD.iter().filter(|(from, to, _)| !found.iter().any(|a| a.from == *from && a.to == *to));
    none(gone.map(|(from, to, _)| format!("{from} uses {to}")), "allowed as an exception, and not there");
}

#[test]
fn files_form_no_circles() {
    let (arrows, _) = SOURCE.arrows();
    let found = circles(&arrows);
    let known: Vec<BTreeSet<&str>> = CIRCLES.iter().map(|(files, _)| files.iter().copied().collect()).collect();
    let shown = |circle: &BTreeSet<&str>| {
        let within = arrows.iter().filter(|a| !a.test && circle.contains(&*a.from) && circle.contains(&*a.to));
        format!("{circle:?}\n    {}", within.map(Arrow::to_string).collect::<Vec<_>>().join("\n    "))
    };
    let new = found.iter().filter(|circle| !known.contains(circle)).map(shown);
    none(new, "each of these files leads to each other");
    none(known.iter().filter(|circle| !found.contains(circle)).map(shown), "allowed as an exception, and not there");
}

#[test]
fn formulas_are_spelt_in_one_place() {
    let spelling = |file: &str| {
        ["src/render/", "src/formula/", "src/export/"].iter().any(|room| file.starts_with(room))
            || file == "src/tree/notation.rs"
    };
    let found: Vec<_> = SOURCE.formats.iter().filter(|f| is_formula(&f.text) && !spelling(&f.file)).collect();
    let new = found.iter().filter(|f| !SPELLING.iter().any(|(file, _)| *file == f.file));
    none(new, "formulas are made as data, and spelt by formula, render, export and tree/notation");
    let gone = SPELLING.iter().filter(|(file, _)| !found.iter().any(|f| f.file == *file));
    none(gone.map(|(file, _)| *file), "allowed as an exception, and not there");
}

/// Files are opened in one room, and only one function talks to standard error: what is elsewhere would have no limit, would tear, or
/// would panic.
#[test]
fn one_room_opens_files_and_one_speaks() {
    let opening =
        ["fs::write", "fs::read(", "fs::read_to_string", "fs::rename", "File::create", "File::open(", "OpenOptions"];
    let speaking = ["println!", "print!", "io::stderr()", "process::exit", "process::abort", "panic = "];
    let mut faults = Vec::new();
    for file in SOURCE.files() {
        let name = file.trim_start_matches("src/");
        if name.ends_with("tests.rs") || name.contains("tests/") {
            continue;
        }
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
            let opens = has(&opening) && !name.starts_with("file/") && name != "budget/memory.rs";
            let asks = line.contains("is_terminal()");
            let speaks =
                has(&speaking) && !asks && !["cli/output.rs", "file/write.rs", "budget/process.rs"].contains(&name);
            if opens || speaks {
                faults.push(format!("{name}:{}: {line}", number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "use crate::file, and cli::output:\n{}", faults.join("\n"));
}

/// A small crate that keeps the rules, with something more in one of its files.
fn crate_with(file: &str, more: &str) -> (tempfile::TempDir, Source) {
    let files = [
        ("lib.rs", "pub mod low;\npub mod high;\n"),
        ("low/mod.rs", "mod a;\nmod b;\npub use a::*;\npub use b::{B, spelt as written};\npub struct Low;\n"),
        ("low/a.rs", "use super::Low;\npub struct A(Low);\n"),
        ("low/b.rs", "pub struct B;\npub fn spelt(x: f64) -> String { format!(\"{x}\") }\n"),
        (
            "high.rs",
            "use crate::low;\nmod inner;\npub fn high() { low::written(0.0); inner::used(); }\npub struct High;\n",
        ),
        ("high/inner.rs", "use super::*;\npub fn used() { let _ = (High, crate::low::A::default); }\n"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join("src").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, if name == file { format!("{text}{more}") } else { text.to_owned() }).unwrap();
    }
    let source = Source::read(folder.path());
    (folder, source)
}

/// The reader of the source finds what is planted, by whatever way it is written, and nothing else.
#[test]
fn planted_faults_are_found() {
    let rooms = rooms("| `src/low/` | first |\n| `grammar/x`, `src/high.rs` | second |\n");
    assert_eq!(rooms, ["low", "high"]);
    let cases: &[(&str, &str, usize, usize)] = &[
        ("", "", 0, 0),
        ("low/a.rs", "use crate::high::High;\n", 1, 0),
        ("low/a.rs", "fn up() { crate::high::high() }\n", 1, 0),
        ("low/a.rs", "fn up() { assert!(std::mem::size_of::<crate::high::High>() == 0) }\n", 1, 0),
        ("low/a.rs", "use crate::high as up;\nfn f() { up::high() }\n", 1, 0),
        ("low/a.rs", "#[cfg(test)]\nmod tests {\n    use crate::high::High;\n}\n", 1, 0),
        ("low/a.rs", "fn f() { use super::super::high::{High as H}; }\n", 1, 0),
        // A circle of a and b through what `low` hands on; that of `low` and what is inside of it is none.
        ("low/a.rs", "use crate::low::B;\n", 0, 0),
        ("low/b.rs", "use crate::low::A;\n", 0, 0),
        ("low/mod.rs", "fn f(_: A, _: B) {}\n", 0, 0),
        ("low/b.rs", "fn f(x: f64) -> String { format!(\"{x}^{x}\") }\n", 0, 1),
        ("low/b.rs", "fn f(x: f64) -> String { format!(r\"\\frac{{1}}{{{x}}}\") }\n", 0, 1),
        ("low/b.rs", "fn f(x: f64) -> String { format!(\"h^{x} is beyond the limit\") }\n", 0, 0),
    ];
    for (file, more, up, spelt) in cases {
        let (_folder, source) = crate_with(file, more);
        let (arrows, lost) = source.arrows();
        assert_eq!(lost, [] as [String; 0], "{file}: {more}");
        let formulas = source.formats.iter().filter(|f| is_formula(&f.text)).count();
        assert_eq!(
            (upward(&arrows, &rooms).len(), circles(&arrows).len(), formulas),
            (*up, 0, *spelt),
            "{file}: {more} {arrows:#?}"
        );
    }
    // One file uses the other, and back.
    let (folder, _) = crate_with("low/a.rs", "use crate::low::B;\n");
    std::fs::write(folder.path().join("src/low/b.rs"), "pub struct B(Box<super::A>);\npub fn spelt(_: f64) {}\n")
        .unwrap();
    let (arrows, _) = Source::read(folder.path()).arrows();
    assert_eq!(circles(&arrows), [BTreeSet::from(["src/low/a.rs", "src/low/b.rs"])], "{arrows:#?}");
    assert_eq!(upward(&arrows, &rooms), [] as [&Arrow; 0]);
}
