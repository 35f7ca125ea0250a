//! Lines of an `align*` that fit an article's text width: where equalities break, and where their reasons stand.

use super::latex::width as characters;

/// Characters of mathematics that fit a line of the standard classes at ten points, a tag set apart.
const LINE: usize = 52;
/// The widest left side that stands in a column of its own, before `=`.
const COLUMN: usize = 13;

/// The rows of one `align*`.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<String>,
    /// Characters of the left column so far asked for.
    column: usize,
}

impl Rows {
    /// Rows whose left column is as wide as the widest of these left sides that fit it.
    pub(super) fn new<'a>(lefts: impl Iterator<Item = &'a str>) -> Self {
        let column = lefts.map(width).filter(|w| *w <= COLUMN).max().unwrap_or(0);
        Self { rows: Vec::new(), column }
    }

    /// `left = right (reason)`, tagged; an empty left side continues the equality above. Both sides are sums cut into terms.
    pub(super) fn push(&mut self, left: &[String], right: &[String], reason: &str, tag: usize) {
        let room = LINE.saturating_sub(self.column);
        let whole = left.concat();
        let mut start = format!("{whole} &= ");
        if width(&whole) > COLUMN {
            // A long left side has lines of its own.
            for (at, line) in lines(left, room).into_iter().enumerate() {
                self.rows.push(if at == 0 { format!("&{line}") } else { format!("&\\quad {{}}{line}") });
            }
            "&= ".clone_into(&mut start);
        }
        let words = format!("\\text{{({reason})}} \\tag{{{tag}}}");
        let lines = lines(right, room.saturating_sub(3));
        let last = lines.len().saturating_sub(1);
        let mut fits = false;
        for (at, line) in lines.iter().enumerate() {
            // Letters of text are narrower than those of mathematics.
            fits = at == last && width(line) + reason.len() * 3 / 4 + 4 <= room;
            let end = if fits { format!(" \\quad {words}") } else { String::new() };
            // The empty group makes the sign a binary operator.
            let begin = if at == 0 { start.clone() } else { "&\\quad {}".to_owned() };
            self.rows.push(format!("{begin}{line}{end}"));
        }
        if !fits {
            self.rows.push(format!("&\\qquad {words}"));
        }
    }
}

/// Terms on lines of at most `room` characters; a term that is longer is broken inside its brackets.
fn lines(pieces: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for piece in pieces.iter().flat_map(|piece| cut(piece, room)) {
        let size = width(&piece);
        match lines.last_mut() {
            Some(line) if used + size <= room => {
                line.push_str(&piece);
                used += size;
            }
            _ => {
                lines.push(if lines.is_empty() { piece.trim_start().to_owned() } else { piece });
                used = size;
            }
        }
    }
    lines
}

/// A term cut before every sign inside its brackets, if it is longer than a line. What is in braces stays whole.
fn cut(piece: &str, room: usize) -> Vec<String> {
    if width(piece) <= room {
        return vec![piece.to_owned()];
    }
    let bytes = piece.as_bytes();
    let (mut braces, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => braces += 1,
            b'}' => braces = braces.saturating_sub(1),
            b' ' if braces == 0
                && at > start
                && matches!(bytes.get(at + 1), Some(b'+' | b'-'))
                && bytes.get(at + 2) == Some(&b' ') =>
            {
                parts.push(piece[start..at].to_owned());
                start = at;
            }
            _ => {}
        }
    }
    parts.push(piece[start..].to_owned());
    parts
}

/// Characters that a formula is wide: of a fraction the wider of its two parts.
pub(super) fn width(tex: &str) -> usize {
    let mut total = 0;
    let mut rest = tex;
    while let Some((before, after)) = rest.split_once("\\frac{") {
        let (above, after) = braced(after);
        let (below, after) = braced(after.strip_prefix('{').unwrap_or(after));
        total += characters(before) + characters(above).max(characters(below));
        rest = after;
    }
    total + characters(rest)
}

/// What stands before the brace that closes an open one, and what after.
fn braced(text: &str) -> (&str, &str) {
    let mut open = 1_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return (&text[..at], &text[at + 1..]);
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_as_wide_as_their_wider_part() {
        assert_eq!(width("\\frac{1 + m}{2 (1 - m)^{2}} H g"), "2(1-m)2Hg".len());
        assert_eq!(width("T[g, g]"), 6);
    }

    #[test]
    fn long_terms_break_at_signs_in_brackets_and_reasons_move_below() {
        let mut rows = Rows::new(["f_{0}"].into_iter());
        let long = format!("\\frac{{1}}{{2}} (H g{})", " + T[g, g]".repeat(9));
        rows.push(&["f_{0}".to_owned()], &["g".to_owned(), format!(" - {long}")], "collecting like terms", 7);
        assert!(rows.rows.len() >= 2 && rows.rows[0].starts_with("f_{0} &= g"), "{:?}", rows.rows);
        assert!(rows.rows.iter().all(|row| width(row.split("\\text").next().unwrap()) <= LINE + 4), "{:?}", rows.rows);
        assert!(rows.rows.last().unwrap().ends_with("\\tag{7}"));
        assert_eq!(rows.rows.concat().matches("T[g, g]").count(), 9);
    }
}
