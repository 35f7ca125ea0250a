//! Links of the documents, and the flags and codes that they speak of.

use super::{documents, help, read, root, subcommands};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A document without its code blocks.
fn prose(text: &str) -> String {
    let mut open = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        open ^= fence;
        !open && !fence
    });
    lines.map(|line| format!("{line}\n")).collect()
}

/// What is between `open` and `close`, every time.
pub(super) fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split_once(close).map(|(inside, _)| inside))
}

/// The names that headings have as targets of links.
fn anchors(text: &str) -> BTreeSet<String> {
    let heading = |line: &str| line.starts_with('#').then(|| line.trim_start_matches('#').trim().to_lowercase());
    let kept = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    prose(text)
        .lines()
        .filter_map(heading)
        .map(|h| h.chars().filter(|c| kept(*c)).collect::<String>().replace(' ', "-"))
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for document in documents() {
        let text = read(&document);
        let folder = root().join(&document).parent().unwrap().to_path_buf();
        for target in between(&prose(&text), "](", ")") {
            if target.starts_with("https://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
            let path = if file.is_empty() { root().join(&document) } else { folder.join(file) };
            let found = anchor.map_or(path.exists(), |anchor| {
                std::fs::read_to_string(&path).is_ok_and(|text| anchors(&text).contains(anchor))
            });
            if !found {
                wrong.push(format!("{document}: {target}"));
            }
        }
        // Pages are reached from others.
        let name = Path::new(&document).file_name().unwrap().to_str().unwrap();
        let linked = documents().iter().any(|other| *other != document && read(other).contains(name));
        if document.starts_with("docs/") && !linked {
            wrong.push(format!("{document}: no document links it"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The long flags of a text.
fn flags(text: &str) -> BTreeSet<String> {
    let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect::<String>();
    let starts = text.match_indices("--").filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || c == '-' || c == '<'))
    });
    let names = starts.map(|(at, _)| name(&text[at + 2..]).trim_matches('-').to_owned());
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase())).collect()
}

#[test]
fn flags_in_documents_exist() {
    // Cargo's, git's and Slurm's, what .ci/run takes, and the summaries of experiments.
    let others = [
        "release",
        "profile",
        "example",
        "bench",
        "path",
        "open",
        "test",
        "lib",
        "locked",
        "long",
        "all-targets",
        "no-deps",
    ];
    // The last is misspelt on purpose, in docs/questions.md.
    let mut known: BTreeSet<String> =
        others.into_iter().chain(["from", "mean", "array", "metod"]).map(str::to_owned).collect();
    known.extend(flags(&help(&[])));
    for command in subcommands() {
        known.extend(flags(&help(&[&command])));
    }
    let mut wrong = Vec::new();
    // What changed may speak of flags that are gone.
    for document in documents().iter().filter(|name| *name != "CHANGELOG.md") {
        let unknown = flags(&read(document)).into_iter().filter(|flag| !known.contains(flag));
        wrong.extend(unknown.map(|flag| format!("{document}: --{flag}")));
    }
    assert!(wrong.is_empty(), "no subcommand has {wrong:#?}");
}

/// Words of the form `a-b` in the source that are no codes: names of methods, of checks, of kinds.
const NO_CODES: &[&str] = &[
    "adams-bashforth-2",
    "cross-entropy",
    "dal-per-parameter",
    "gradient-descent",
    "heavy-ball",
    "implicit-euler",
    "implicit-midpoint",
    "in-order",
    "lie-derivatives",
    "max-seconds",
    "memory-limit",
    "negative-gradient-flow",
    "non-principal",
    "one-fourth-derivative",
    "one-third-derivative",
    "partial-look-ahead",
    "principal-series",
    "radau-ia",
    "root-is-infinite",
    "root-is-zero",
    "roots-meet",
    "sans-serif",
    "stochastic-gradient-descent",
    "unit-circle",
];

fn sources(folder: &Path, into: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|name| name == "tests");
        if path.is_dir() && !is_test {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !is_test {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            into.push((path, code));
        }
    }
}

/// Codes in the source: every word of the form `a-b` in quotation marks, and single words that stand where codes do.
fn codes() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut codes = BTreeSet::new();
    for (path, text) in files.iter().filter(|(path, _)| !path.ends_with("cli/hints.rs")) {
        let outcomes = path.ends_with("flow/outcome.rs");
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        // rustfmt may break the line between a bracket and what is in it.
        let code = code.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        for (at, _) in code.match_indices('"') {
            let Some((word, after)) = code[at + 1..].split_once('"') else { continue };
            let before = code[..at].trim_end();
            let is_word = word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/".contains(c));
            let stands_where_codes_do = ["Warning::new(", "warn(", "code:"].iter().any(|b| before.ends_with(b))
                || before.ends_with("Stopped::Cancelled =>")
                || (before.ends_with("push(") && after.starts_with(", time"))
                || (outcomes && before.ends_with("=>"));
            if is_word && (word.contains('-') || stands_where_codes_do) && !NO_CODES.contains(&word) {
                codes.insert(word.to_owned());
            }
        }
    }
    codes
}

#[test]
fn every_warning_code_is_explained() {
    let page = read("docs/warnings.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let explained: BTreeSet<String> = rows
        .flat_map(|row| row.split(" | ").next().unwrap().split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    let codes = codes();
    let missing: Vec<_> = codes.difference(&explained).collect();
    let gone: Vec<_> = explained.difference(&codes).collect();
    assert!(missing.is_empty(), "docs/warnings.md does not explain {missing:?} (or they are no codes: NO_CODES)");
    assert!(gone.is_empty(), "docs/warnings.md explains {gone:?}, which the source does not have");
}
