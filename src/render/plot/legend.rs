//! The titles of a picture and the list of what is drawn.

use super::canvas::{Across, Along, Canvas, Label, Stroke};
use super::ink::Ink;
use super::series::Look;

/// What stands beside a name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    /// A line or points as they are drawn.
    Look(Look),
    /// A line.
    Line(Stroke),
    /// A patch of a colour.
    Patch(Ink),
}

/// Names with what they name, and remarks below them.
#[derive(Debug, Clone, Default)]
pub(super) struct Legend {
    pub(super) entries: Vec<(Key, String)>,
    pub(super) notes: Vec<String>,
}

/// The length of a line beside its name, and the gap between.
const KEY: f64 = 28.0;
const GAP: f64 = 7.0;
/// What text may be wider in the font of whoever shows it.
const SLACK: f64 = 1.06;
/// The width that remarks are broken at.
const NOTE: f64 = 130.0;
/// The longest name.
const LONGEST: usize = 26;

impl Legend {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.notes.is_empty()
    }

    /// How wide it is as a column.
    pub(super) fn width(&self, canvas: &Canvas) -> f64 {
        let letters = canvas.letters;
        let name =
            |(_, name): &(Key, String)| KEY + GAP + SLACK * canvas.measure(&shortened(name), letters.usual(), false);
        let notes = self.notes.iter().flat_map(|n| canvas.wrapped(n, NOTE, letters.small(), false));
        let notes = notes.map(|line| SLACK * canvas.measure(&line, letters.small(), false));
        self.entries.iter().map(name).chain(notes).fold(0.0, f64::max)
    }

    /// Draws it as a column; its lower end.
    pub(super) fn column(&self, canvas: &mut Canvas, (left, top): (f64, f64)) -> f64 {
        let line = canvas.letters.line();
        let mut y = top + 0.5 * line;
        for (key, name) in &self.entries {
            entry(canvas, *key, name, (left, y));
            y += 1.2 * line;
        }
        self.remarks(canvas, left, y, NOTE) - 0.5 * line
    }

    /// How high the column is.
    pub(super) fn height(&self, canvas: &Canvas) -> f64 {
        let small = canvas.letters.small();
        let notes: usize = self.notes.iter().map(|n| canvas.wrapped(n, NOTE, small, false).len()).sum();
        canvas.letters.line() * 1.2 * self.entries.len() as f64 + 1.3 * small * notes as f64
    }

    /// Draws it as rows between two sides, or only finds its lower end.
    pub(super) fn rows(&self, canvas: &mut Canvas, (left, right): (f64, f64), top: f64, draws: bool) -> f64 {
        if self.is_empty() {
            return top;
        }
        let (line, size) = (canvas.letters.line(), canvas.letters.usual());
        let (mut x, mut y) = (left, top + 0.5 * line);
        for (key, name) in &self.entries {
            let width = KEY + GAP + SLACK * canvas.measure(&shortened(name), size, false) + 14.0;
            if x > left && x + width > right + 14.0 {
                (x, y) = (left, y + 1.2 * line);
            }
            if draws {
                entry(canvas, *key, name, (x, y));
            }
            x += width;
        }
        y += if self.entries.is_empty() { 0.0 } else { 1.2 * line };
        if draws {
            return self.remarks(canvas, left, y, right - left) - 0.4 * line;
        }
        let small = canvas.letters.small();
        let notes: usize = self.notes.iter().map(|n| canvas.wrapped(n, right - left, small, false).len()).sum();
        y + 1.3 * small * notes as f64 - 0.4 * line
    }

    fn remarks(&self, canvas: &mut Canvas, left: f64, mut y: f64, most: f64) -> f64 {
        let size = canvas.letters.small();
        for note in &self.notes {
            for text in canvas.wrapped(note, most, size, false) {
                canvas.text(&text, (left, y), Label::new(size, Ink::GREY, Across::Left, Along::Middle));
                y += 1.3 * size;
            }
        }
        y
    }
}

fn entry(canvas: &mut Canvas, key: Key, name: &str, (left, y): (f64, f64)) {
    match key {
        Key::Look(look) => look.key(canvas, (left, y), KEY),
        Key::Line(stroke) => canvas.line(&[(left, y), (left + KEY, y)], stroke),
        Key::Patch(ink) => canvas.rectangles(&[[left + 6.0, y - 5.5, left + 22.0, y + 5.5]], ink),
    }
    let label = Label::new(canvas.letters.usual(), Ink::TEXT, Across::Left, Along::Middle);
    canvas.text(&shortened(name), (left + KEY + GAP, y), label);
}

/// A name that is no wider than a list should be.
fn shortened(name: &str) -> String {
    let is_long = !name.contains('$') && name.chars().count() > LONGEST;
    if is_long { name.chars().take(LONGEST - 1).chain(['…']).collect() } else { name.to_owned() }
}

/// The title and the line below it, broken where they are too long, or only their lower end.
pub(super) fn title(
    canvas: &mut Canvas,
    (left, right): (f64, f64),
    (title, subtitle): (&str, &str),
    draws: bool,
) -> f64 {
    let letters = canvas.letters;
    let mut y = 12.0;
    for (text, size, strong) in [(title, letters.title(), true), (subtitle, letters.usual(), false)] {
        for line in canvas.wrapped(text, (right - left) / SLACK, size, strong) {
            if draws {
                let ink = if strong { Ink::TEXT } else { Ink::GREY };
                canvas.text(&line, (left, y), Label { strong, ..Label::new(size, ink, Across::Left, Along::Top) });
            }
            y += 1.3 * size;
        }
        // A little more below the title.
        y += if strong && !text.is_empty() { 2.0 } else { 0.0 };
    }
    y
}
