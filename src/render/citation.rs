//! What to cite, as BibTeX, as text and as a citation file.

use crate::citation::{Author, Work, WorkKind};

/// Entries for BibTeX.
#[must_use]
pub fn bibtex(works: &[Work]) -> String {
    works.iter().map(entry).collect::<Vec<_>>().join("\n")
}

fn entry(work: &Work) -> String {
    let authors = work.authors.iter().map(|author| match author {
        Author::Person { given, family } => format!("{family}, {given}"),
        // In braces, so that it is not taken for names.
        Author::Group(name) => format!("{{{name}}}"),
    });
    let mut fields = vec![
        ("title", format!("{{{}}}", work.title)),
        ("author", authors.collect::<Vec<_>>().join(" and ")),
        ("year", work.year.to_string()),
    ];
    let kind = match work.kind {
        WorkKind::Software { version } => {
            fields.push(("note", format!("Version {version}")));
            "misc"
        }
        WorkKind::Article { journal, url } => {
            fields.push(("journal", journal.to_owned()));
            fields.push(("url", url.to_owned()));
            "article"
        }
    };
    let lines: String = fields.iter().map(|(name, value)| format!("  {name:<7} = {{{value}}},\n")).collect();
    format!("@{kind}{{{},\n{lines}}}\n", work.key)
}

/// A line each.
#[must_use]
pub fn text(works: &[Work]) -> String {
    let line = |work: &Work| {
        let names: Vec<String> = work.authors.iter().map(spoken).collect();
        let authors = match names.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            names => names.concat(),
        };
        let rest = match work.kind {
            WorkKind::Software { version } => format!("version {version}, {}.", work.year),
            WorkKind::Article { journal, url } => format!("{journal}, {}. {url}", work.year),
        };
        format!("{authors}. {}, {rest}\n", work.title)
    };
    works.iter().map(line).collect()
}

fn spoken(author: &Author) -> String {
    match author {
        Author::Person { given, family } => format!("{given} {family}"),
        Author::Group(name) => (*name).to_owned(),
    }
}

/// A citation file (`CITATION.cff`, format 1.2.0) of a program, and of the works that are to be cited with it.
///
/// The strings are written as JSON strings, which YAML reads.
#[must_use]
pub fn cff(program: &Work, works: &[Work]) -> String {
    let version = match program.kind {
        WorkKind::Software { version } => format!("version: {version}\n"),
        WorkKind::Article { .. } => String::new(),
    };
    let references: String = works.iter().map(reference).collect();
    format!(
        "cff-version: 1.2.0\n\
         message: \"If you use this program, please cite it, and the works that it refers to.\"\n\
         type: software\n\
         title: {}\n{version}license:\n  - MIT\n  - Apache-2.0\nauthors:\n{}references:\n{references}",
        quoted(program.title),
        authors(program.authors, "  "),
    )
}

fn reference(work: &Work) -> String {
    let (kind, fields) = match work.kind {
        WorkKind::Software { version } => ("software", format!("    version: {version}\n")),
        WorkKind::Article { journal, url } => {
            ("article", format!("    journal: {}\n    url: {}\n", quoted(journal), quoted(url)))
        }
    };
    let (title, authors) = (quoted(work.title), authors(work.authors, "      "));
    format!("  - type: {kind}\n    title: {title}\n    authors:\n{authors}    year: {}\n{fields}", work.year)
}

fn authors(authors: &[Author], indent: &str) -> String {
    let lines = authors.iter().map(|author| match author {
        Author::Person { given, family } => {
            format!("{indent}- family-names: {}\n{indent}  given-names: {}\n", quoted(family), quoted(given))
        }
        Author::Group(name) => format!("{indent}- name: {}\n", quoted(name)),
    });
    lines.collect()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::citation::{PRINCIPAL_FLOW, SHADOWFLOW, WORKS};

    #[test]
    fn the_citation_file_is_what_is_written() {
        let file = include_str!("../../CITATION.cff");
        assert_eq!(file, cff(&SHADOWFLOW, &[PRINCIPAL_FLOW]), "`shadowflow cite --format cff > CITATION.cff`");
    }

    #[test]
    fn each_format_names_everybody_and_the_version() {
        let formats = [bibtex(&WORKS), text(&WORKS), cff(&SHADOWFLOW, &[PRINCIPAL_FLOW])];
        for format in formats {
            for word in ["Rosca", "Wu", "Qin", "Dherin", "2023", "EYrRzKPInA", env!("CARGO_PKG_VERSION")] {
                assert!(format.contains(word), "{word}:\n{format}");
            }
        }
        assert!(bibtex(&WORKS).contains("{Rosca, Mihaela and Wu, Yan and Qin, Chongli and Dherin, Benoit}"));
        assert!(text(&WORKS).contains("Mihaela Rosca, Yan Wu, Chongli Qin and Benoit Dherin. On a continuous"));
    }
}
