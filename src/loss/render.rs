//! Errors as text, drawn by `ariadne` over a window of the line that they are on.

use super::{LossError, LossErrors};
use ariadne::{Color, Config, IndexType, Label, Report, ReportKind, Source};

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

/// A part of one line, and where in it the span is, in characters.
struct Window {
    text: String,
    span: std::ops::Range<usize>,
}

/// The part of the line around `span`; what follows the line's end is left to the reader.
fn window(source: &str, span: &std::ops::Range<usize>, column: usize) -> Window {
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
    let path: String = all.path.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if !error.is_located() {
        let mut text = format!("error: {path}: {}\n", error.kind);
        for help in [&error.help, &error.note].into_iter().flatten() {
            text.push_str(&format!("  Help: {help}\n"));
        }
        return text;
    }
    let label = error.label.as_deref().unwrap_or_else(|| error.kind.label());
    let place = Place { path: &path, source: &all.source, span: &error.span };
    drawn(&place, &error.kind.to_string(), label, error.help.as_deref(), error.note.as_deref(), color)
}

/// A place in a text.
struct Place<'a> {
    path: &'a str,
    source: &'a str,
    span: &'a std::ops::Range<usize>,
}

/// The line and the column of a place, in characters from 1.
fn position(source: &str, at: usize) -> (usize, usize) {
    let before = &source[..at];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

/// An error at a place of any text, drawn under the line that it is on: `message`, `label` at the place, and a note on what to do.
pub(crate) fn draw_located(
    path: &str,
    source: &str,
    span: &std::ops::Range<usize>,
    message: &str,
    label: &str,
    help: Option<&str>,
    color: bool,
) -> String {
    let path: String = path.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    drawn(&Place { path: &path, source, span }, message, label, help, None, color)
}

fn drawn(place: &Place<'_>, message: &str, label: &str, help: Option<&str>, note: Option<&str>, color: bool) -> String {
    let Place { path, source, span } = *place;
    let path = path.to_owned();
    let start = (0..=span.start.min(source.len())).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
    let end = (span.end.min(source.len())..).find(|at| source.is_char_boundary(*at));
    let span = start..end.unwrap_or(start).max(start);
    let (line, column) = position(source, span.start);
    let window = window(source, &span, column);
    let shown = window.span.start + 1;

    let config = Config::default().with_color(color).with_index_type(IndexType::Char).with_tab_width(4);
    let id = path.clone();
    let mut report =
        Report::build(ReportKind::Error, (id.clone(), window.span.clone())).with_config(config).with_message(message);
    // The span is underlined only where it has a message.
    report = report.with_label(Label::new((id.clone(), window.span)).with_color(Color::Red).with_message(label));
    if let Some(help) = help {
        report = report.with_help(help);
    }
    if let Some(note) = note {
        report = report.with_note(note);
    }
    let source = Source::from(window.text).with_display_line_offset(line - 1);
    let mut bytes = Vec::new();
    // Writing to memory cannot fail.
    let _ = report.finish().write((id, source), &mut bytes);
    let drawn = String::from_utf8_lossy(&bytes).into_owned();
    self::place(&drawn, line, &format!("{path}:{line}:{shown} "), &format!("{path}:{line}:{column} "))
}

/// The drawing is of one line on its own: puts in its number, and the column in the file for that in the window.
fn place(drawn: &str, line: usize, shown: &str, real: &str) -> String {
    let number = line.to_string();
    let indent = " ".repeat(number.len() - 1);
    let mut text = String::with_capacity(drawn.len() + 16 * indent.len());
    for (k, row) in drawn.lines().enumerate() {
        match k {
            // One spelling with all other errors.
            0 => text.push_str(&row.replacen("Error", "error", 1)),
            1 => {
                text.push_str(&indent);
                text.push_str(&row.replacen(shown, real, 1));
            }
            // The row of the source has the number 1 before its bar; the rows above it have no number.
            3 => text.push_str(&row.replacen("1 │", &format!("{number} │"), 1)),
            _ if row.contains("───╯") => text.push_str(&row.replacen('─', &"─".repeat(number.len()), 1)),
            _ => {
                text.push_str(&indent);
                text.push_str(row);
            }
        }
        text.push('\n');
    }
    text
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
