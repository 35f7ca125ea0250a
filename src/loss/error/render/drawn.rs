//! An error drawn by `ariadne`, in colours or without.

use super::Excerpt;
use ariadne::{Color, Config, IndexType, Label, Report, ReportKind, Source};

pub(super) fn draw(excerpt: &Excerpt<'_>, color: bool) -> String {
    let Excerpt { path: id, line, column, window, .. } = excerpt;
    let (span, shown) = (window.span.clone(), window.span.start + 1);
    let config = Config::default().with_color(color).with_index_type(IndexType::Char).with_tab_width(4);
    let mut report =
        Report::build(ReportKind::Error, (id, span.clone())).with_config(config).with_message(excerpt.message);
    // The span is underlined only where it has a message.
    report = report.with_label(Label::new((id, span)).with_color(Color::Red).with_message(excerpt.label));
    if let Some(help) = excerpt.help {
        report = report.with_help(help);
    }
    if let Some(note) = excerpt.note {
        report = report.with_note(note);
    }
    let source = Source::from(&window.text).with_display_line_offset(line - 1);
    let mut bytes = Vec::new();
    // Writing to memory cannot fail.
    let _ = report.finish().write((id, source), &mut bytes);
    place(&String::from_utf8_lossy(&bytes), *line, &format!("{id}:{line}:{shown} "), &format!("{id}:{line}:{column} "))
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
