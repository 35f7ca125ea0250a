//! What a snapshot says, statement by statement.

use super::SnapshotError;

/// `f_1[x] at (1/3, 2/5) = VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    /// Its line, from 1.
    pub(super) line: usize,
    pub(super) order: usize,
    pub(super) component: Option<&'a str>,
    /// What stands in the brackets of `at`.
    pub(super) place: Option<&'a str>,
    /// What is behind `=`, with the lines that go on with it.
    pub(super) right: String,
}

impl Statement<'_> {
    pub(super) fn wrong(&self, message: impl Into<String>) -> SnapshotError {
        SnapshotError { line: self.line, message: message.into() }
    }
}

/// Reads all statements.
pub(super) fn statements(text: &str) -> Result<Vec<Statement<'_>>, SnapshotError> {
    let mut found: Vec<Statement<'_>> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        for piece in line.split(';').map(str::trim).filter(|piece| !piece.is_empty()) {
            let wrong = |message: &str| SnapshotError { line: at + 1, message: format!("{message}: `{piece}`") };
            match (piece.contains('='), found.last_mut()) {
                (true, _) => found.push(read(at + 1, piece).map_err(wrong)?),
                (false, Some(last)) => {
                    last.right.push(' ');
                    last.right.push_str(piece);
                }
                (false, None) => return Err(wrong(EXPECTED)),
            }
        }
    }
    if found.is_empty() {
        return Err(SnapshotError { line: 1, message: "it is empty, so that nothing is compared".to_owned() });
    }
    Ok(found)
}

const EXPECTED: &str = "expected a statement such as `f_1 = -1/2 H g` or `f_1[x] = -18*x^5`";

fn read(line: usize, piece: &str) -> Result<Statement<'_>, &'static str> {
    let (left, right) = piece.split_once('=').ok_or(EXPECTED)?;
    let name = left.trim().strip_prefix("f_").ok_or(EXPECTED)?;
    let digits = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
    let order = name[..digits].parse().map_err(|_| EXPECTED)?;
    let rest = name[digits..].trim();
    let (rest, place) = match rest.rsplit_once(" at ") {
        Some((rest, place)) => {
            let inside = place.trim().strip_prefix('(').and_then(|p| p.strip_suffix(')'));
            (rest.trim(), Some(inside.ok_or("expected numbers in brackets behind `at`")?))
        }
        None => (rest, None),
    };
    let component = match rest {
        "" => None,
        rest => Some(rest.strip_prefix('[').and_then(|r| r.strip_suffix(']')).ok_or(EXPECTED)?.trim()),
    };
    Ok(Statement { line, order, component, place, right: right.trim().to_owned() })
}
