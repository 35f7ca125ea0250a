//! An error as plain text, where the crate is built without its feature `command`.

use super::Excerpt;
use std::fmt::Write as _;

/// What the drawing says, without its lines and without colours.
pub(super) fn draw(excerpt: &Excerpt<'_>, _color: bool) -> String {
    let Excerpt { message, label, path, line, column, window, .. } = excerpt;
    let place = format!("{path}:{line}:{column} ");
    let margin = " ".repeat(place.chars().count());
    // A tab under a tab keeps what follows in its column.
    let before: String = window.text.chars().take(window.span.start).map(|c| if c == '\t' { c } else { ' ' }).collect();
    let mut text = format!("error: {message}\n{place} {}\n", window.text);
    let _ = writeln!(text, "{margin} {before}{} {label}", "^".repeat(window.span.len()));
    for (what, said) in [("Help", excerpt.help), ("Note", excerpt.note)] {
        if let Some(said) = said {
            let _ = writeln!(text, "{what}: {said}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_underlined() {
        let (source, span) = ("param theta\nloss\tthera^2\n", 17..22);
        let (help, note) = (Some("did you mean `theta`?"), None);
        let excerpt = Excerpt {
            label: "not known",
            help,
            note,
            ..Excerpt::new("a.loss", source, &span, "`thera` is not declared")
        };
        assert_eq!(
            draw(&excerpt, false),
            "error: `thera` is not declared\n\
             a.loss:2:6  loss\tthera^2\n                \t^^^^^ not known\n\
             Help: did you mean `theta`?\n"
        );
    }
}
