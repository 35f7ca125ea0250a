//! What the grammar would have taken where a statement goes wrong.

use super::hints::Place;
use super::parse::Rule;
use super::suggest::short;
use super::syntax::Span;
use super::{LossError, LossErrorKind};
use pest::error::{Error, ErrorVariant, InputLocation};

/// The error at the furthest place that the parser reached in a statement.
pub(super) fn describe(error: &Error<Rule>, source: &str, statement: Span, max_depth: usize) -> LossError {
    let text = statement.text(source);
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at.min(text.len()),
    };
    let rules: &[Rule] = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        // The parser's own guard of the stack, which the scanner's limit keeps it from meeting.
        ErrorVariant::CustomError { .. } => {
            let place = statement.start() + at;
            return LossError::new(place..place, LossErrorKind::TooDeep { limit: max_depth });
        }
    };
    // The place is where the parser stopped, which may be before blanks and comments.
    let skipped = skip_blanks(&text[at..]);
    let at = at + skipped;
    let found = token(&text[at..]);
    let start = statement.start() + at;
    let open = innermost(&text[..at]);
    let kind = LossErrorKind::Expected {
        expected: phrase(rules, open),
        found: if found.is_empty() { "the end of the statement".to_owned() } else { format!("`{}`", short(found)) },
    };
    let operator = rules.contains(&Rule::times);
    let place = Place { before: text[..at].trim_end(), rest: &text[at..], found, open, operator };
    match place.hint() {
        Some(hint) => {
            let end = start + found.len().max(hint.length);
            LossError::new(start - hint.before..end, kind).help(hint.help)
        }
        None => LossError::new(start..start + found.len(), kind),
    }
}

fn skip_blanks(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.find('\n').map_or("", |end| &comment[end..]),
            None => return text.len() - rest.len(),
        }
    }
}

/// The word, number or sign at the start of a text.
fn token(text: &str) -> &str {
    let word = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if word > 0 {
        return &text[..word];
    }
    if text.starts_with("..") || text.starts_with("**") {
        return &text[..2];
    }
    &text[..text.chars().next().map_or(0, char::len_utf8)]
}

/// The innermost bracket that is open at a text's end; the scanner has checked that brackets match.
fn innermost(text: &str) -> Option<char> {
    let mut open = Vec::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '(' | '[' => open.push(c),
            ')' | ']' => {
                open.pop();
            }
            '#' => {
                characters.by_ref().find(|c| *c == '\n');
            }
            '"' => {
                characters.by_ref().find(|c| *c == '"');
            }
            _ => {}
        }
    }
    open.pop()
}

/// What the rules are in words, such as “an operator or the end of the statement”.
fn phrase(rules: &[Rule], open: Option<char>) -> String {
    let has = |rule: Rule| rules.contains(&rule);
    let mut parts: Vec<&str> = Vec::new();
    if has(Rule::number) || has(Rule::group) || has(Rule::expression) {
        parts.push("an expression");
    } else if has(Rule::name) || has(Rule::parameter) || has(Rule::constant_item) || has(Rule::binding_item) {
        parts.push("a name");
    }
    let operator = has(Rule::times) || has(Rule::plus) || has(Rule::caret);
    if operator {
        parts.push("an operator");
    }
    if has(Rule::size) {
        parts.push("a size in [ ]");
    }
    if has(Rule::assign) {
        parts.push("`=`");
    }
    if has(Rule::open) {
        parts.push("`(`");
    }
    if has(Rule::close) {
        parts.extend(["`,`", "`)`"]);
    }
    if has(Rule::csv) {
        parts.push("csv(\"…\")");
    }
    if has(Rule::text) {
        parts.push("a file name in quotes");
    }
    if has(Rule::in_word) {
        parts.push("`in`");
    }
    if operator || parts.is_empty() {
        match open {
            Some('(') => parts.extend(["`,`", "`)`"]),
            Some(_) => parts.extend(["`,`", "`]`"]),
            None if parts.is_empty() && !has(Rule::EOI) => parts.push("`(`"),
            None => {}
        }
    }
    if has(Rule::EOI) && (!operator || open.is_none()) {
        parts.push("the end of the statement");
    }
    match parts.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "something else".to_owned(),
    }
}
