//! A page of the book, from its Markdown.

use super::formulas::table;

/// The page with its formulas as MathML, and without links out of the book. `place` is its path below docs/.
pub(crate) fn in_the_book(text: &str, place: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with("```") {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| line.trim_start() != "```").collect();
            if line == "```formula" {
                out.push_str(&table(&inside.join("\n")).map_err(|e| format!("{place}: {e}"))?);
            } else {
                let language = line.split_whitespace().next().unwrap_or(line);
                out.push_str(&format!("{language}\n{}\n```\n", inside.join("\n")));
            }
        } else {
            // A link may go on in the next line.
            let mut prose = format!("{line}\n");
            while let Some(line) = lines.next_if(|line| !line.trim_start().starts_with("```")) {
                prose.push_str(&format!("{line}\n"));
            }
            out.push_str(&inside_links(&prose, place));
        }
    }
    Ok(out)
}

/// The text with the links that stay in the book; of others the words and the path are left.
fn inside_links(prose: &str, place: &str) -> String {
    let (mut out, mut rest) = (String::new(), prose);
    while let Some((before, text, target, after)) = next_link(rest) {
        out.push_str(before);
        match outside(target, place) {
            // mdBook makes an index of a folder's README.
            None => out.push_str(&format!("[{text}]({})", target.replace("README.md", "index.md"))),
            Some(path) if text.trim_matches('`') == path => out.push_str(&format!("`{path}`")),
            Some(path) => out.push_str(&format!("{text} (`{path}`)")),
        }
        rest = after;
    }
    out + rest
}

/// The first link of a text: what stands before it, its words, its target, what stands behind it.
fn next_link(prose: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = prose.find("](")?;
    let open = prose[..middle].rfind('[')?;
    let end = middle + prose[middle..].find(')')?;
    Some((&prose[..open], &prose[open + 1..middle], &prose[middle + 2..end], &prose[end + 1..]))
}

/// The path from the root of a target outside docs/.
fn outside(target: &str, place: &str) -> Option<String> {
    if target.contains("://") || target.starts_with('#') {
        return None;
    }
    let file = target.split('#').next().unwrap_or(target);
    let mut path = vec!["docs"];
    let folder = place.rsplit_once('/').map_or("", |(folder, _)| folder);
    for part in folder.split('/').chain(file.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    (path.first() != Some(&"docs")).then(|| path.join("/"))
}
