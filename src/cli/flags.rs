//! The command's words for what the library's messages name: fields and functions there, flags here.

use std::borrow::Cow;

/// What the library says, and what the command says; `{}` stands for a name that both have. The first of two that fit is taken.
const WORDS: &[(&str, &str)] = &[
    ("`Options::set` ({} = VALUE)", "--set {}=VALUE"),
    ("`Options::set` ({} = …)", "--set {}=…"),
    ("`Options::set`, ", "--set "),
    ("`Options::set` gives", "--set gives"),
    ("set `Options::allow_path`", "give --allow-path"),
    ("`Optimizer::bind` (NAME = VALUE)", "--momentum or --set NAME=VALUE"),
    ("`Optimizer::bind` (m = VALUE)", "--momentum"),
    ("`Optimizer::bind` ({} = VALUE)", "--set {}=VALUE"),
    ("Its momentum is `m` of `Optimizer::bind`", "Its momentum is --momentum M"),
    ("give `m` to `Optimizer::bind`", "give --momentum"),
    ("give it to `Claim::parse`", "give it with --method"),
    ("with `claim::Letters`, such as ", "with --notation, such as --notation "),
    ("in `claim::Letters`, as ", "as --notation "),
    ("in a point, as for `loss::parse_point`", "with --at or --start"),
    ("add {} to the parameters of `Loss::inline`", "add --param {}"),
    ("with `ReportOptions::start`", "with --start"),
    ("`ReportOptions::flows` asks", "--flows pf,pf+np3 asks"),
    ("`series::derive` gives", "`shadowflow derive --order N` gives"),
    ("`concrete::derive` gives", "`shadowflow derive FILE --order N` gives"),
    ("`flow::stability_along` follows", "`shadowflow stability FILE --h H --steps K` follows"),
    ("`flow::stability` searches", "`shadowflow stability FILE --h H --starts N` searches"),
    ("`flow::stability` gives", "`shadowflow stability FILE --h H` gives"),
    ("`proof::proof_json` writes", "`shadowflow derive --order N --proof` writes"),
    ("`concrete::arrays::evaluate` gives", "`shadowflow eval` gives"),
    ("`Request::max_products`", "--max-products"),
    ("`Request::h`", "--h"),
    ("`TrainSettings::rates`", "--h H"),
    ("`TrainSettings::cap`", "--h-max H"),
    ("`TrainSettings::batch`", "--batch N"),
    ("`TrainSettings::flows`", "--flows LIST"),
    ("`Request::digits`", "--digits"),
    ("in `RecordPlot::new`", "by --columns"),
    ("as `render::json::equation` writes it", "as derive --proof --format json writes it"),
];

/// What the library calls the arguments of `Loss::inline`, as a file's name in messages, and the flags that give them.
const ARGUMENTS: &[(&str, &str)] = &[("expression", "--loss"), ("parameters", "--param")];

/// What the command calls the text that errors of `Loss::inline` are about.
pub(super) fn argument(path: &str) -> &str {
    ARGUMENTS.iter().find(|(ours, _)| *ours == path).map_or(path, |(_, flag)| flag)
}

/// A text of the library in the command's words.
pub(super) fn in_words(text: &str) -> Cow<'_, str> {
    // Every name of the library has it, and results are long.
    if !text.contains("::") {
        return Cow::Borrowed(text);
    }
    WORDS.iter().fold(Cow::Borrowed(text), |text, (ours, theirs)| match replaced(&text, ours, theirs) {
        Some(changed) => Cow::Owned(changed),
        None => text,
    })
}

/// The text with every place of `from` as `to`; `None` where there is none.
fn replaced(text: &str, from: &str, to: &str) -> Option<String> {
    let Some((before, after)) = from.split_once("{}") else {
        return text.contains(from).then(|| text.replace(from, to));
    };
    let (mut out, mut rest, mut any) = (String::new(), text, false);
    while let Some(at) = rest.find(before) {
        let (skipped, tail) = rest.split_at(at + before.len());
        let name = tail.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
        if name.is_empty() || !tail[name.len()..].starts_with(after) {
            out.push_str(skipped);
            rest = tail;
            continue;
        }
        any = true;
        out.push_str(&skipped[..at]);
        out.push_str(&to.replace("{}", name));
        rest = &tail[name.len() + after.len()..];
    }
    out.push_str(rest);
    any.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Where a flag may be named outside the command, and why.
    const EXCEPTIONS: &[(&str, &str)] = &[
        ("render/text/", "tables for people who use the command say which flag shows what they leave out"),
        ("export/abstract_flow.rs", "a source says the command that writes it again"),
    ];

    /// The string literals of a file, tests left out.
    fn literals(source: &str) -> Vec<String> {
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let mut rest = code;
        let mut found = Vec::new();
        while let Some(at) = rest.find(['"', '\'', '/']) {
            let from = &rest[at..];
            rest = if from.starts_with("//") {
                from.split_once('\n').map_or("", |(_, after)| after)
            } else if let Some(after) = from.strip_prefix("'\"'") {
                after
            } else if let Some(text) = from.strip_prefix('"') {
                let raw = rest[..at]
                    .ends_with(['r', '#'])
                    .then(|| rest[..at].chars().rev().take_while(|c| *c == '#').count());
                let (literal, after) = match raw {
                    Some(hashes) => text.split_once(&format!("\"{}", "#".repeat(hashes))).unwrap_or((text, "")),
                    None => text.split_at(closing(text)),
                };
                found.push(literal.to_owned());
                after.strip_prefix('"').unwrap_or(after)
            } else {
                &from[1..]
            };
        }
        found
    }

    /// Where a text that is not raw ends.
    fn closing(text: &str) -> usize {
        let mut escaped = false;
        let end = text.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        end.unwrap_or(text.len())
    }

    fn walk(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, see);
            } else if path.extension().is_some_and(|e| e == "rs") {
                see(&path, &std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn the_library_names_no_flags_and_says_every_word_of_the_table() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut flags, mut said) = (Vec::new(), String::new());
        walk(&root, &mut |path, source| {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let tests = name.ends_with("tests.rs") || name.contains("/tests/");
            if name.starts_with("cli/") || tests {
                return;
            }
            for literal in literals(source) {
                let flag = literal.match_indices("--").any(|(at, _)| {
                    let before = literal[..at].chars().next_back();
                    literal[at + 2..].starts_with(|c: char| c.is_ascii_lowercase())
                        && !before.is_some_and(|c| c == '-' || c.is_alphanumeric())
                });
                if flag && !EXCEPTIONS.iter().any(|(place, _)| name.starts_with(place)) {
                    flags.push(format!("{name}: {literal}"));
                }
                said.push_str(&literal);
            }
        });
        assert_eq!(flags, Vec::<String>::new(), "the library's terms, and the flag's name in WORDS");
        for (ours, _) in WORDS {
            let name = ours.split('`').nth(1).unwrap();
            assert!(said.contains(&format!("`{name}`")), "nothing says {name}");
        }
    }

    #[test]
    fn names_are_kept() {
        for (library, command) in [
            ("a value: const a = …, or `Options::set` (a = …)", "a value: const a = …, or --set a=…"),
            ("with `Optimizer::bind` (m = VALUE)", "with --momentum"),
            ("with `Optimizer::bind` (w_1 = VALUE)", "with --set w_1=VALUE"),
            ("`Options::set`, aa: no constant", "--set aa: no constant"),
            ("a parameter, add z to the parameters of `Loss::inline`; add it", "a parameter, add --param z; add it"),
            ("add a word, and add é to the parameters of `Loss::inline`", "add a word, and add --param é"),
            ("a::b `Options::set` (", "a::b `Options::set` ("),
        ] {
            assert_eq!(in_words(library), command);
        }
    }
}
