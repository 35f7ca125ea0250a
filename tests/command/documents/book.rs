//! The book: its table of contents, its formulas, and, where `SHADOWFLOW_BOOK` names the folder of a built one, its pages.

#[path = "../../../examples/book/formulas.rs"]
mod formulas;
#[path = "../../../examples/book/page.rs"]
mod page;

use super::blocks::blocks;
use super::links::between;
use super::{documents, read, root};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The documents below docs/, which are the book's pages.
fn pages() -> impl Iterator<Item = String> {
    documents()
        .into_iter()
        .filter_map(|name| name.strip_prefix("docs/").map(str::to_owned))
        .filter(|n| n != "SUMMARY.md")
}

#[test]
fn every_page_is_a_chapter_once() {
    let summary = read("docs/SUMMARY.md");
    let mut chapters: Vec<&str> = between(&summary, "](", ")").collect();
    chapters.sort_unstable();
    let mut found: Vec<String> = pages().collect();
    found.sort();
    assert_eq!(chapters, found, "chapters of docs/SUMMARY.md beside the pages of docs/");
}

#[test]
fn formulas_are_read_as_they_are_written() {
    let mut count = 0;
    for document in documents() {
        for block in blocks(&read(&document)).iter().filter(|block| block.language == "formula") {
            for line in &block.lines {
                let (left, right) = formulas::read(line).unwrap_or_else(|e| panic!("{document}: `{line}`: {e}"));
                let left = left.map_or_else(String::new, |left| format!("{left} = "));
                assert_eq!(format!("{left}{right}"), formulas::plain(line), "{document}");
                count += 1;
            }
        }
    }
    assert!(count > 10, "{count} formulas");
}

#[test]
fn what_is_no_formula_is_refused() {
    for (text, words) in [
        ("f_1 = ", "ends too early"),
        ("f_1 = -1/2 H g)", "too much"),
        ("f_1 = (g", "expected `)`"),
        ("f_2 = T[g]", "does not take 1"),
        ("f_2 = g & h", "`&` has no meaning"),
        ("θ\u{303}(2)", "the flow is taken at"),
    ] {
        let error = formulas::read(text).unwrap_err();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn pages_become_those_of_the_book() {
    let text = "See [f](flows.md#x), [`a.loss`](../../examples/a.loss) and [it](../../b.rs).\n\n```formula\nf_1 = -1/2 H g\n```\n```text a.loss\n[x](../../y)\n```\n";
    let made = page::in_the_book(text, "experiments/dal.md").unwrap();
    assert!(made.starts_with("See [f](flows.md#x), `a.loss` (`examples/a.loss`) and it (`b.rs`).\n\n<table"), "{made}");
    assert!(
        made.contains("<msub><mi>f</mi><mn>1</mn></msub><mo form=\"infix\">=</mo>") && !made.contains("```formula"),
        "{made}"
    );
    assert!(made.ends_with("```text\n[x](../../y)\n```\n"), "{made}");
    assert!(page::in_the_book("```formula\n1 +\n```\n", "a.md").unwrap_err().starts_with("a.md: `1 +`"));
}

/// Headings of the page of questions are words of the messages below them.
#[test]
fn questions_have_the_words_of_messages() {
    let text = read("docs/questions.md");
    let mut asked = 0;
    for section in text.split("\n### ").skip(1) {
        let (heading, rest) = section.split_once('\n').unwrap();
        let shown: String = blocks(rest).iter().filter(|b| b.runs()).map(|b| b.lines[1..].join("\n")).collect();
        if !shown.is_empty() {
            assert!(shown.contains(heading), "`{heading}` is not in:\n{shown}");
            asked += 1;
        }
    }
    assert!(asked > 10);
}

/// A newcomer's way to a first flow: few lines to read, few commands to type.
#[test]
fn the_first_flow_is_near() {
    let text = read("README.md");
    let end = text.lines().position(|line| line.starts_with("f_0")).unwrap();
    let begun: Vec<&str> = text.lines().take(end).collect();
    let commands = begun.iter().filter(|line| line.starts_with("$ ") || line.starts_with("cargo ")).count();
    assert!(begun.len() <= 30 && commands <= 3, "{} lines, {commands} commands", begun.len());
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, into) } else { into.push(path) }
    }
}

/// What an attribute of tags has for values.
fn values<'a>(text: &'a str, attribute: &'a str) -> impl Iterator<Item = &'a str> {
    between(text, attribute, "\"")
}

#[test]
fn the_built_book_is_whole() {
    let Some(folder) = std::env::var_os("SHADOWFLOW_BOOK").map(|path| root().join(path)) else { return };
    let mut all = Vec::new();
    files(&folder, &mut all);
    let html: Vec<&PathBuf> = all.iter().filter(|path| path.extension().is_some_and(|e| e == "html")).collect();
    let mut wrong = Vec::new();
    for path in &html {
        let text = std::fs::read_to_string(path).unwrap();
        if text.contains("language-formula") {
            wrong.push(format!("{}: a formula is left as text", path.display()));
        }
        // mdBook's own page of errors is meant for a server's root.
        if path.ends_with("404.html") {
            continue;
        }
        for target in values(&text, " href=\"").chain(values(&text, " src=\"")) {
            let (file, anchor) = target.split_once('#').map_or((target, ""), |(file, anchor)| (file, anchor));
            let other = if file.is_empty() { (*path).clone() } else { path.parent().unwrap().join(file) };
            let found = target.starts_with("https://")
                || (other.exists() && (anchor.is_empty() || ids(&other).contains(anchor)));
            if !found {
                wrong.push(format!("{}: {target}", path.display()));
            }
        }
        // Nothing is fetched: only what a reader follows leads elsewhere.
        for tag in between(&text, "<", ">").filter(|tag| tag.starts_with("link ") || tag.starts_with("script ")) {
            if tag.contains("=\"http") || tag.contains("=\"//") {
                wrong.push(format!("{}: <{tag}>", path.display()));
            }
        }
    }
    for page in pages() {
        let made = folder.join(page.replace("README.md", "index.md")).with_extension("html");
        if !made.exists() {
            wrong.push(format!("{} is missing", made.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    opens_without_a_message(&folder.join("mathematics.html"));
    opens_without_a_message(&folder.join("experiments/index.html"));
}

fn ids(path: &Path) -> BTreeSet<String> {
    values(&std::fs::read_to_string(path).unwrap_or_default(), " id=\"").map(str::to_owned).collect()
}

/// A browser shows the page, formulas and all, and its console has nothing to say.
fn opens_without_a_message(page: &Path) {
    let place = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", "--dump-dom"])
        .arg(format!("--user-data-dir={}", place.path().display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap_or_else(|e| panic!("chromium, which opens the book: {e}"));
    let (shown, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let console: Vec<&str> = said.lines().filter(|line| line.contains(":CONSOLE")).collect();
    assert!(output.status.success() && shown.contains("</html>"), "{}: {said}", page.display());
    assert!(console.is_empty(), "{}: {console:#?}", page.display());
}
