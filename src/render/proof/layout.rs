//! Lines of an `align*` that fit an article's text width: where equalities break, and where their reasons stand.

use crate::formula::Latex;

/// Characters of mathematics that fit a line of the standard classes at ten points, a tag set apart.
const LINE: usize = 52;
/// The widest left side that stands in a column of its own, before `=`.
const COLUMN: usize = 13;

/// The rows of one `align*`.
#[derive(Debug, Default)]
pub(in crate::render) struct Rows {
    pub(in crate::render) rows: Vec<String>,
    /// Characters of the left column so far asked for.
    column: usize,
}

impl Rows {
    /// Rows whose left column is as wide as the widest of these left sides that fit it.
    pub(in crate::render) fn new(lefts: impl Iterator<Item = Vec<Latex>>) -> Self {
        let column = lefts.map(|left| width(&left)).filter(|w| *w <= COLUMN).max().unwrap_or(0);
        Self { rows: Vec::new(), column }
    }

    /// `left = right (reason)`, tagged; an empty left side continues the equality above. Both sides are sums in terms with their
    /// signs, and a reason is in LaTeX and as long as so many letters.
    pub(in crate::render) fn push(&mut self, left: &[Latex], right: &[Latex], reason: (&str, usize), tag: usize) {
        let room = LINE.saturating_sub(self.column);
        let mut start = String::new();
        if width(left) > COLUMN {
            // A long left side has lines of its own.
            for (at, (line, _)) in lines(left, room).into_iter().enumerate() {
                self.rows.push(if at == 0 { format!("&{line}") } else { format!("&\\quad {{}}{line}") });
            }
        } else {
            start.extend(left.iter().map(|term| term.text.as_str()));
            start.push(' ');
        }
        start.push_str("&= ");
        let words = format!("\\text{{({})}} \\tag{{{tag}}}", reason.0);
        let lines = lines(right, room.saturating_sub(3));
        let last = lines.len().saturating_sub(1);
        let mut fits = false;
        for (at, (line, width)) in lines.iter().enumerate() {
            // Letters of text are narrower than those of mathematics.
            fits = at == last && width + reason.1 * 3 / 4 + 4 <= room;
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

fn width(terms: &[Latex]) -> usize {
    terms.iter().map(|term| term.width).sum()
}

/// Terms on lines of at most `room` characters, each with its width; a term that is longer is broken before the signs inside it.
fn lines(terms: &[Latex], room: usize) -> Vec<(String, usize)> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    for term in terms {
        let breaks: &[(usize, usize)] = if term.width > room { &term.breaks } else { &[] };
        let ends = breaks.iter().copied().chain([(term.text.len(), term.width)]);
        let starts = std::iter::once((0, 0)).chain(breaks.iter().copied());
        for ((from, before), (to, after)) in starts.zip(ends) {
            let (piece, size) = (&term.text[from..to], after.saturating_sub(before));
            match lines.last_mut() {
                Some((line, used)) if *used + size <= room => {
                    line.push_str(piece);
                    *used += size;
                }
                Some(_) => lines.push((piece.to_owned(), size)),
                None => lines.push((piece.trim_start().to_owned(), size)),
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::{Formula, Spelling};

    #[test]
    fn long_terms_break_at_signs_in_brackets_and_reasons_move_below() {
        let [f, g] = ["f", "g"].map(Formula::name);
        let third = Formula::contraction(vec![g.clone(), g.clone()]);
        let long: Vec<(bool, Formula)> = vec![(false, third); 9];
        let half = Formula::natural(1).over(Formula::natural(2));
        let right = Formula::sum(vec![(false, g), (true, half.before(Formula::sum(long)))]);
        let spelling = Spelling::default();
        let left = spelling.latex_terms(&f);
        let mut rows = Rows::new([left.clone()].into_iter());
        rows.push(&left, &spelling.latex_terms(&right), ("collecting like terms", 21), 7);
        assert!(rows.rows.len() >= 2 && rows.rows[0].starts_with("f &= g"), "{:?}", rows.rows);
        let characters = |row: &String| row.split("\\text").next().unwrap().replace("\\frac{1}{2}", "2").len();
        assert!(rows.rows.iter().all(|row| characters(row) <= LINE + 24), "{:?}", rows.rows);
        assert!(rows.rows.last().unwrap().ends_with("\\tag{7}"));
        assert_eq!(rows.rows.concat().matches("T[g, g]").count(), 9);
    }
}
