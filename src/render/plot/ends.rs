//! Names where lines end, beside the frame.

use super::canvas::{Across, Along, Canvas, Label, Stroke};
use super::frame::Frame;
use super::ink::Ink;
use super::series::{Look, Series};

/// What stands beside a frame at a height: the name of a line where that ends, or of a level.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct End<'a> {
    name: &'a str,
    /// A line's, which stands before its name; a level has none.
    look: Option<Look>,
    /// Where the line ends.
    from: (f64, f64),
}

/// The length of the piece of a line before its name, and the gap between.
const KEY: f64 = 28.0;
const GAP: f64 = 5.0;
/// From the frame to the names.
const LEAD: f64 = 14.0;
/// The share of a frame's width within which a line's end is close to its right side.
const FAR: f64 = 0.3;
/// What text may be wider in the font of whoever shows it.
const SLACK: f64 = 1.06;

/// The name of a series; what is drawn without one has that of what is only named, and looks the same.
fn name<'a>(all: &'a [Series], of: &'a Series) -> &'a str {
    if !of.name.is_empty() {
        return &of.name;
    }
    let named = all.iter().find(|other| other.points.is_empty() && !other.name.is_empty() && other.look == of.look);
    named.map_or("", |other| &other.name)
}

/// The lines of a panel that have a name and end near the right side of its frame, each once.
pub(super) fn of<'a>(all: &'a [Series], frame: &Frame) -> Vec<End<'a>> {
    let mut ends: Vec<End<'a>> = Vec::new();
    for series in all.iter().filter(|series| series.look.is_line()) {
        let name = name(all, series);
        let place = |(x, y): &(f64, f64)| frame.map(*x, *y).filter(|at| frame.holds(*at));
        let near = frame.place.2 - FAR * (frame.place.2 - frame.place.0);
        let Some(from) = series.points.iter().rev().find_map(place).filter(|at| at.0 >= near) else { continue };
        // What is drawn last is above the others of its name.
        match ends.iter_mut().find(|end| end.name == name) {
            _ if name.is_empty() => {}
            Some(end) => (end.look, end.from) = (Some(series.look), from),
            None => ends.push(End { name, look: Some(series.look), from }),
        }
    }
    ends
}

impl<'a> End<'a> {
    /// A horizontal line with a name.
    pub(super) fn level(name: &'a str, from: (f64, f64)) -> Self {
        Self { name, look: None, from }
    }

    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// The room that it takes.
    pub(super) fn width(&self, canvas: &Canvas) -> f64 {
        let text = SLACK * canvas.measure(self.name, canvas.letters.small(), false);
        text + if self.look.is_some() { LEAD + KEY + GAP } else { 6.0 }
    }
}

/// The distance of two names.
pub(super) fn row(canvas: &Canvas) -> f64 {
    1.35 * canvas.letters.small()
}

/// Draws names from a place to the right of a frame on, in the order of their lines, each as close to its line as the others leave it room;
/// `leads` joins them to their lines.
pub(super) fn draw(canvas: &mut Canvas, ends: &mut [End<'_>], (frame, left): (&Frame, f64), leads: bool) {
    let (_, top, right, bottom) = frame.place;
    ends.sort_by(|a, b| a.from.1.total_cmp(&b.from.1));
    let heights: Vec<f64> = ends.iter().map(|end| end.from.1).collect();
    let places = spread(&heights, row(canvas), (top, bottom));
    for (end, y) in ends.iter().zip(places) {
        let size = canvas.letters.small();
        let Some(look) = end.look else {
            canvas.text(end.name, (left + 5.0, y), Label::new(size, Ink::GREY, Across::Left, Along::Middle));
            continue;
        };
        if leads {
            let stroke = Stroke::new(Ink::GREY.on_paper(0.6), 0.7);
            let from = (end.from.0 + 4.0, end.from.1);
            canvas.line(&[from, ((right + 3.0).max(from.0), end.from.1), (right + LEAD - 2.0, y)], stroke);
        }
        look.key(canvas, (left + LEAD, y), KEY);
        let label = Label::new(size, Ink::TEXT, Across::Left, Along::Middle);
        canvas.text(end.name, (left + LEAD + KEY + GAP, y), label);
    }
}

/// Places in the order of heights, at least a row apart, near them and between two sides if these have room for all.
fn spread(heights: &[f64], row: f64, (top, bottom): (f64, f64)) -> Vec<f64> {
    let mut places: Vec<f64> = Vec::with_capacity(heights.len());
    // Each joins those above it that it would cover, which then stand around the middle of where they belong.
    let mut groups: Vec<(f64, usize)> = Vec::new();
    let begin = |(middle, count): (f64, usize)| {
        let span = row * (count as f64 - 1.0);
        (middle - 0.5 * span).min(bottom - span).max(top)
    };
    for height in heights {
        let mut group = (*height, 1);
        while let Some(above) = groups.pop() {
            if begin(above) + row * above.1 as f64 <= begin(group) {
                groups.push(above);
                break;
            }
            let count = above.1 + group.1;
            group = ((above.0 * above.1 as f64 + group.0 * group.1 as f64) / count as f64, count);
        }
        groups.push(group);
    }
    for group in groups {
        places.extend((0..group.1).map(|k| begin(group) + row * k as f64));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_order_and_a_distance() {
        let sides = (0.0, 100.0);
        assert!(spread(&[], 10.0, sides).is_empty());
        assert_eq!(spread(&[20.0, 60.0], 10.0, sides), [20.0, 60.0]);
        // Two at 50 stand around it, three at the bottom above each other.
        assert_eq!(spread(&[50.0, 50.0], 10.0, sides), [45.0, 55.0]);
        assert_eq!(spread(&[99.0, 99.0, 100.0], 10.0, sides), [80.0, 90.0, 100.0]);
        assert_eq!(spread(&[0.0, 0.0, 14.0], 10.0, sides), [0.0, 10.0, 20.0]);
    }
}
