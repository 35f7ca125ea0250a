//! Definitions in LaTeX's preambles.

use super::{Definitions, Fault};

/// Takes in a definition of a preamble.
pub(super) fn define(definitions: &mut Definitions, line: &str) -> Result<(), Fault> {
    balanced(line)?;
    for wrong in ["\\begin{document}", "\\end{document}", "\\documentclass"] {
        if let Some(at) = line.find(wrong) {
            return Err(Fault::new(at..at + wrong.len(), format!("`{wrong}` is the program's own")));
        }
    }
    definitions.unicode |= line.contains("{unicode-math}");
    let Some(command) = line.strip_prefix('\\') else { return Ok(()) };
    let head = 1 + command.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(command.len());
    let (kind, rest) = line.split_at(head);
    let starred = rest.trim_start();
    let rest = starred.strip_prefix('*').unwrap_or(starred).trim_start();
    let named = |text: &str| {
        let text = text.trim_start();
        let braced = text.strip_prefix('{');
        let inner = braced.unwrap_or(text).trim_start().strip_prefix('\\')?.to_owned();
        let length = inner.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(inner.len());
        let after = inner[length..].trim_start();
        let after = if braced.is_some() { after.strip_prefix('}')? } else { after };
        (length > 0).then(|| (inner[..length].to_owned(), after.to_owned()))
    };
    let Some((name, after)) = named(rest) else { return Ok(()) };
    let body = |text: &str| {
        let text = text.trim_start().strip_prefix('{')?;
        closing(text).map(|end| text[..end].to_owned())
    };
    match kind {
        "\\newcommand" | "\\renewcommand" | "\\providecommand" | "\\DeclareRobustCommand" => {
            if kind == "\\newcommand" && definitions.bodies.contains_key(&name) {
                return Err(Fault::new(0..line.len(), format!("`\\{name}` is defined already")));
            }
            let mut after = after.trim_start();
            let mut count = 0;
            if let Some((number, rest)) = after.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                count = number.trim().parse().ok().filter(|n| *n <= 9).unwrap_or(0);
                after = rest.trim_start();
            }
            // With an argument that may be left out it is nobody's guess what it shows.
            match (after.starts_with('['), body(after)) {
                (false, Some(body)) => drop(definitions.bodies.insert(name, (count, body))),
                _ => drop(definitions.bodies.remove(&name)),
            }
        }
        "\\DeclareMathOperator" => {
            if let Some(body) = body(&after) {
                definitions.bodies.insert(name, (0, format!("\\operatorname{{{body}}}")));
            }
        }
        "\\def" => {
            let count = after.split('{').next().unwrap_or_default().matches('#').count();
            if let Some(body) = after.find('{').and_then(|at| body(&after[at..])) {
                definitions.bodies.insert(name, (count, body));
            }
        }
        "\\let" => {
            let known = after.trim_start_matches('=').trim().to_owned();
            definitions.bodies.insert(name, (0, known));
        }
        _ => {}
    }
    Ok(())
}

/// Where a group ends that began before the text.
pub(super) fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if std::mem::replace(&mut escaped, false) => {}
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether the braces of a line close each other.
fn balanced(line: &str) -> Result<(), Fault> {
    let mut open = Vec::new();
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            _ if std::mem::replace(&mut escaped, false) => {}
            '\\' => escaped = true,
            '%' => break,
            '{' => open.push(at),
            '}' if open.pop().is_none() => return Err(Fault::new(at..at + 1, "this bracket closes none")),
            _ => {}
        }
    }
    open.pop().map_or(Ok(()), |at| Err(Fault::new(at..at + 1, "this is not closed")))
}
