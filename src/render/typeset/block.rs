//! One aligned block of equations: where its lines break, and where its labels stand.

use super::breaking::{HEIGHT, Line, Room, broken};
use super::style::{Environment, Style};
use crate::formula::{Formula, Markup, Part, Sentence, Spelling, Written};

/// A relation, its space included.
const RELATION: usize = 1334;
/// What a line that continues begins with.
const QUAD: usize = 1000;
/// Between formulas and their labels.
const GAP: usize = 2000;
/// The widest label in a column of its own.
const COLUMN: usize = 8000;

/// An equation of a block, or a further side of the one above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) struct Row {
    /// The terms of the left side, each with whether it is subtracted; none where the row continues the one above.
    pub left: Vec<(bool, Formula)>,
    /// What stands between the sides; none where the row only continues the sum above.
    pub relation: Option<char>,
    /// The terms of the right side.
    pub right: Vec<(bool, Formula)>,
    /// A label, without its parentheses.
    pub note: Option<Sentence>,
    /// A number of its own.
    pub tag: Option<usize>,
}

impl Row {
    /// An equation.
    pub(in crate::render) fn new(left: Formula, right: Vec<(bool, Formula)>) -> Self {
        Self { left: vec![(false, left)], relation: Some('='), right, note: None, tag: None }
    }

    pub(in crate::render) fn labelled(mut self, label: &str) -> Self {
        self.note = (!label.is_empty()).then(|| Sentence::words(label));
        self
    }
}

/// Sets the rows of one block.
pub(in crate::render) struct Setter<'a> {
    style: &'a Style,
    spelling: &'a Spelling,
    /// The width of the left column.
    column: usize,
    /// Whether labels have a column of their own.
    labels: bool,
    /// What is left beside the left column.
    room: usize,
}

impl<'a> Setter<'a> {
    pub(in crate::render) fn new(style: &'a Style, spelling: &'a Spelling, rows: &[Row]) -> Self {
        let whole = style.room();
        let left = |row: &Row| width(&terms(spelling, &row.left, style.markup));
        let column = rows.iter().map(left).filter(|w| *w <= whole * 3 / 10).max().unwrap_or(0);
        let notes = rows.iter().filter_map(|row| row.note.as_ref()).map(|note| note.width(spelling) + 778);
        let widest = notes.max().unwrap_or(0);
        let labels = widest > 0 && widest <= COLUMN && style.has_columns() && rows.iter().all(|row| row.tag.is_none());
        let taken = if labels { widest + GAP } else { 0 };
        let tags = if rows.iter().any(|row| row.tag.is_some()) && is_tagged(style) { 3200 } else { 0 };
        let room = whole.saturating_sub(column + taken + tags);
        Self { style, spelling, column, labels, room }
    }

    /// The lines of a row as the environment takes them.
    pub(in crate::render) fn set(&self, row: &Row) -> Vec<Line> {
        let markup = self.style.markup;
        let mut out = Vec::new();
        let left = terms(self.spelling, &row.left, markup);
        let mut start: String = String::new();
        let mut before = 0;
        let mut height = HEIGHT;
        if width(&left) > self.column {
            // A long left side has lines of its own, in the right column.
            let room = Room { first: self.room, rest: self.room.saturating_sub(QUAD), label: 0 };
            for (at, line) in broken(self.spelling, &row.left, true, room, markup).into_iter().enumerate() {
                let text = if at == 0 { format!("&{}", line.text) } else { self.continued(&line.text) };
                out.push(Line { text, ..line });
            }
        } else {
            start.extend(left.iter().map(|term| term.text.as_str()));
            height = left.iter().flat_map(|term| &term.tall).map(|(_, height)| *height).max().unwrap_or(HEIGHT);
        }
        if let Some(relation) = row.relation {
            before = RELATION;
            start.push_str(if start.is_empty() { "&" } else { " &" });
            start.push_str(self.relation(relation));
            start.push(' ');
        }
        let note = self.note(row);
        // What must fit beside the end of the last line.
        let label = match note.as_slice() {
            [only] if !self.labels => QUAD + only.width,
            _ => 0,
        };
        let rest = self.room.saturating_sub(QUAD);
        let first = if row.relation.is_some() { self.room.saturating_sub(before) } else { rest };
        let lines = broken(self.spelling, &row.right, row.relation.is_some(), Room { first, rest, label }, markup);
        let last = lines.len().saturating_sub(1);
        let mut fits = note.is_empty();
        for (at, line) in lines.into_iter().enumerate() {
            let mut text = match (at, row.relation) {
                (0, Some(_)) => format!("{start}{}", line.text),
                _ => self.continued(&line.text),
            };
            if let [Line { text: words, width: wide, .. }] = note.as_slice() {
                let lead = if at == 0 { before } else { QUAD };
                if self.labels && at == last {
                    let gap = if markup == Markup::Latex { " && " } else { " & #h(2em) & " };
                    text.push_str(&format!("{gap}{words}"));
                    fits = true;
                } else if !self.labels && at == last && line.width + lead + QUAD + wide <= self.room {
                    text.push_str(&format!(" {} {words}", self.quad()));
                    fits = true;
                }
            }
            out.push(Line { text, height: if at == 0 { line.height.max(height) } else { line.height }, ..line });
        }
        if !fits {
            let below = |line: Line| Line { text: format!("& {} {}", self.quad(), line.text), ..line };
            out.extend(note.into_iter().map(below));
        }
        if let (Some(tag), Some(line), true) = (row.tag, out.last_mut(), is_tagged(self.style)) {
            line.text.push_str(&format!(" \\tag{{{tag}}}"));
        }
        out
    }

    fn quad(&self) -> &'static str {
        if self.style.markup == Markup::Latex { "\\quad" } else { "quad" }
    }

    /// A line that continues: what is empty makes the sign a binary operator.
    fn continued(&self, line: &str) -> String {
        match self.style.markup {
            Markup::Latex => format!("&\\quad {{}} {}", line.trim_start()),
            Markup::Typst => format!("& quad \"\" {}", line.trim_start()),
        }
    }

    fn relation(&self, relation: char) -> &'static str {
        match (relation, self.style.markup) {
            ('∈', Markup::Latex) => "\\in",
            ('∈', Markup::Typst) => "in",
            ('<', _) => "<",
            _ => "=",
        }
    }

    /// The label of a row in lines, each in parentheses or a part of one.
    fn note(&self, row: &Row) -> Vec<Line> {
        let number = row.tag.filter(|_| !is_tagged(self.style));
        let Some(note) = &row.note else { return Vec::new() };
        let mut words = vec![Part::words(number.map_or_else(|| "(".to_owned(), |n| format!("({n}: ")))];
        words.extend(note.0.iter().cloned());
        words.push(Part::words(")"));
        let room = self.room.saturating_sub(QUAD);
        let mut lines: Vec<(Vec<Part>, usize)> = vec![(Vec::new(), 0)];
        let mut joined = true;
        for piece in pieces(&words) {
            let wide = Sentence(vec![piece.clone()]).width(self.spelling);
            let spaced = matches!(&piece, Part::Words(words) if words.ends_with(' '));
            match lines.last_mut() {
                Some((parts, used)) if joined || *used + wide <= room => {
                    parts.push(piece);
                    *used += wide;
                }
                _ => lines.push((vec![piece], wide)),
            }
            joined = !spaced;
        }
        let line = |(parts, width)| Line { text: self.prose(&Sentence(parts)), width, height: HEIGHT };
        lines.into_iter().map(line).collect()
    }

    /// A sentence inside of mathematics.
    fn prose(&self, sentence: &Sentence) -> String {
        let words = sentence.markup(self.spelling, self.style.markup);
        match self.style.markup {
            Markup::Latex => format!("\\text{{{}}}", words.trim_end()),
            Markup::Typst => format!("#[{}]", words.trim_end()),
        }
    }
}

/// Words one by one, each with the space behind it.
fn pieces(parts: &[Part]) -> Vec<Part> {
    let mut out: Vec<Part> = Vec::new();
    for part in parts {
        match part {
            Part::Words(words) => {
                out.extend(words.split_inclusive([' ', '\n']).map(|word| Part::words(word.replace('\n', " "))));
            }
            Part::Formula(_) => out.push(part.clone()),
        }
    }
    out
}

fn terms(spelling: &Spelling, terms: &[(bool, Formula)], markup: Markup) -> Vec<Written> {
    terms.iter().enumerate().map(|(at, term)| spelling.term(term, at == 0, None, markup)).collect()
}

fn width(terms: &[Written]) -> usize {
    terms.iter().map(|term| term.width).sum()
}

/// Whether equations have numbers in the margin.
fn is_tagged(style: &Style) -> bool {
    style.markup == Markup::Latex && style.environment == Environment::Align
}

/// The rows of one block as lines of its environment.
pub(super) fn set(style: &Style, spelling: &Spelling, rows: &[Row]) -> Vec<Line> {
    let setter = Setter::new(style, spelling, rows);
    rows.iter().flat_map(|row| setter.set(row)).collect()
}

/// The same, only what is written.
#[cfg(feature = "report")]
pub(in crate::render) fn lines(style: &Style, spelling: &Spelling, rows: &[Row]) -> Vec<String> {
    set(style, spelling, rows).into_iter().map(|line| line.text).collect()
}
