//! Errors as text: each with a window of the line that it is on.

#[cfg(feature = "command")]
mod drawn;
#[cfg(any(test, not(feature = "command")))]
mod plain;

#[cfg(feature = "command")]
use self::drawn::draw;
#[cfg(not(feature = "command"))]
use self::plain::draw;
use super::{LossError, LossErrors};
use std::ops::Range;

/// Lines longer than this many characters are shown in part.
const WIDTH: usize = 120;
/// What stands before the span in such a part.
const LEAD: usize = 40;

pub(super) fn render(all: &LossErrors, color: bool) -> String {
    let mut text = String::new();
    for error in &all.errors {
        text.push_str(&one(all, error, color));
    }
    if all.errors.len() == LossErrors::MAX {
        text.push_str(&format!("error: more than {} errors, the others are not shown\n", LossErrors::MAX - 1));
    }
    text
}

/// An error and the part of one line that it is about.
pub(super) struct Excerpt<'a> {
    pub(super) message: &'a str,
    /// A few words at the span.
    pub(super) label: &'a str,
    pub(super) help: Option<&'a str>,
    pub(super) note: Option<&'a str>,
    pub(super) path: String,
    /// Line and column of the place in the text, in characters from 1.
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) window: Window,
}

/// A part of one line, and where in it the span is, in characters.
pub(super) struct Window {
    pub(super) text: String,
    pub(super) span: Range<usize>,
}

/// The part of the line around `span`; what follows the line's end is left to the reader.
fn window(source: &str, span: &Range<usize>, column: usize) -> Window {
    let start = source[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = source[span.start..].find(['\r', '\n']).map_or(source.len(), |length| span.start + length);
    let line = &source[start..end];
    let from = column - 1;
    let length = source[span.start..span.end.clamp(span.start, end.max(span.start))].chars().count();
    let short = line.char_indices().nth(WIDTH).is_none();
    let first = if short { 0 } else { from.saturating_sub(LEAD) };
    let mut text: String = line.chars().skip(first).take(WIDTH).map(visible).collect();
    let shown = text.chars().count();
    let mut at = from - first;
    let length = length.min(shown.saturating_sub(at));
    if first > 0 {
        text.insert(0, '…');
        at += 1;
    }
    if !short && line.chars().count() > first + WIDTH {
        text.push('…');
    }
    // A point is shown by underlining the character there, at the line's end a blank.
    if length == 0 && at >= text.chars().count() {
        text.push(' ');
    }
    Window { text, span: at..at + length.max(1) }
}

/// A character as it may be shown on a terminal: one column, no control, nothing that reorders text.
fn visible(c: char) -> char {
    match c {
        '\t' => '\t',
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

fn one(all: &LossErrors, error: &LossError, color: bool) -> String {
    if !error.is_located() {
        let word = if color { "\u{1b}[31merror:\u{1b}[0m" } else { "error:" };
        let mut text = format!("{word} {}: {}\n", shown_path(&all.path), error.kind);
        for help in [&error.help, &error.note].into_iter().flatten() {
            text.push_str(&format!("  Help: {help}\n"));
        }
        return text;
    }
    let label = error.label.as_deref().unwrap_or_else(|| error.kind.label());
    let (message, help, note) = (error.kind.to_string(), error.help.as_deref(), error.note.as_deref());
    draw(&Excerpt { label, help, note, ..Excerpt::new(&all.path, &all.source, &error.span, &message) }, color)
}

/// An error at a place of any text, drawn under the line that it is on, and a note on what to do.
pub(crate) fn draw_located(
    path: &str,
    source: &str,
    span: &Range<usize>,
    message: &str,
    help: Option<&str>,
    color: bool,
) -> String {
    draw(&Excerpt { help, ..Excerpt::new(path, source, span, message) }, color)
}

fn shown_path(path: &str) -> String {
    path.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The line and the column of a byte of a text, both from 1, columns in characters.
pub(crate) fn position(source: &str, byte: usize) -> (usize, usize) {
    let at = (0..=byte.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let before = &source[..at];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

impl<'a> Excerpt<'a> {
    pub(super) fn new(path: &str, source: &str, span: &Range<usize>, message: &'a str) -> Self {
        let start = (0..=span.start.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
        let end = (span.end.min(source.len())..).find(|at| source.is_char_boundary(*at));
        let span = start..end.unwrap_or(start).max(start);
        let (line, column) = position(source, span.start);
        let window = window(source, &span, column);
        Self { message, label: "here", help: None, note: None, path: shown_path(path), line, column, window }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::LossErrorKind;

    fn drawn(source: &str, span: std::ops::Range<usize>) -> String {
        let error = LossError::new(span, LossErrorKind::MissingLoss).label("there");
        LossErrors::new(source.to_owned(), "a.loss", vec![error]).to_string()
    }

    #[test]
    fn places_count_characters() {
        for (source, span, place) in [
            ("", 0..0, "a.loss:1:1 "),
            ("loss x", 5..6, "a.loss:1:6 "),
            ("loss x", 6..6, "a.loss:1:7 "),
            ("# é\r\n\tloss ééé x", 20..21, "a.loss:2:12 "),
            ("a\nb\n", 4..4, "a.loss:3:1 "),
            ("日本語 x", 10..11, "a.loss:1:5 "),
            ("日本語 x", 4..5, "a.loss:1:2 "),
        ] {
            let text = drawn(source, span);
            assert!(text.contains(place), "{place:?} in\n{text}");
            assert!(text.contains("there"));
        }
    }

    #[test]
    fn long_lines_are_cut() {
        let source = format!("param x\nloss {}y{}\n", "x + ".repeat(10_000), " + x".repeat(10_000));
        let text = drawn(&source, 8 + 5 + 40_000..8 + 5 + 40_001);
        assert!(text.contains("a.loss:2:40006 "), "{text}");
        assert!(text.lines().all(|l| l.chars().count() < 200), "{text}");
        assert!(text.contains("…x + x"), "{text}");
    }

    #[cfg(feature = "command")]
    #[test]
    fn the_span_is_underlined() {
        insta::assert_snapshot!(drawn("param theta\nloss thera^2\n", 17..22), @r"
        error: there is no `loss` statement
           ╭─[ a.loss:2:6 ]
           │
         2 │ loss thera^2
           │      ──┬──  
           │        ╰──── there
        ───╯
        ");
        let deep = format!("{}loss\ty\n", "\n".repeat(12_344));
        insta::assert_snapshot!(drawn(&deep, 12_349..12_350), @r"
        error: there is no `loss` statement
               ╭─[ a.loss:12345:6 ]
               │
         12345 │ loss    y
               │         ┬  
               │         ╰── there
        ───────╯
        ");
    }
}
