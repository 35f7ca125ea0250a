//! The rectangle with axes that data are drawn in.

use super::canvas::{Across, Along, Canvas, Label, Stroke};
use super::contour::Grid;
use super::ink::Ink;
use super::style::short;

/// Cells a side of the grid that contours are found on.
const CELLS: usize = 140;
/// Contours drawn.
const LEVELS: usize = 16;

/// A rectangle of the picture that shows a rectangle of the data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Left, top, right and bottom, in units.
    pub(super) place: (f64, f64, f64, f64),
    /// The logarithms to base 10 of the ends if `x_log`.
    pub(super) x: (f64, f64),
    /// Likewise if `log`.
    pub(super) y: (f64, f64),
    pub(super) x_log: bool,
    pub(super) log: bool,
}

impl Frame {
    /// Where a point of the data stands in the picture; `None` unless finite.
    pub(super) fn map(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        Some((self.at_x(x)?, self.at_y(y)?))
    }

    /// Where a value of x stands.
    pub(super) fn at_x(&self, x: f64) -> Option<f64> {
        let x = if self.x_log { x.log10() } else { x };
        let at = self.place.0 + (self.place.2 - self.place.0) * (x - self.x.0) / (self.x.1 - self.x.0);
        at.is_finite().then_some(at)
    }

    /// Where a value of y stands.
    pub(super) fn at_y(&self, y: f64) -> Option<f64> {
        let y = if self.log { y.log10() } else { y };
        let at = self.place.3 - (self.place.3 - self.place.1) * (y - self.y.0) / (self.y.1 - self.y.0);
        at.is_finite().then_some(at)
    }

    pub(super) fn holds(&self, (x, y): (f64, f64)) -> bool {
        let (left, top, right, bottom) = self.place;
        (left..=right).contains(&x) && (top..=bottom).contains(&y)
    }

    /// The pieces of a line inside the frame; points that are not finite interrupt it.
    pub(super) fn clipped(&self, points: impl IntoIterator<Item = Option<(f64, f64)>>) -> Vec<Vec<(f64, f64)>> {
        let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut previous: Option<(f64, f64)> = None;
        for point in points {
            if let (Some(a), Some(b)) = (previous, point)
                && let Some((p, q)) = self.segment(a, b)
            {
                match pieces.last_mut() {
                    Some(piece) if piece.last() == Some(&p) => piece.push(q),
                    _ => pieces.push(vec![p, q]),
                }
            }
            previous = point;
        }
        pieces
    }

    /// The part of a segment inside the frame (Liang & Barsky 1984).
    fn segment(&self, a: (f64, f64), b: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
        let (left, top, right, bottom) = self.place;
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        for (direction, room) in [(-dx, a.0 - left), (dx, right - a.0), (-dy, a.1 - top), (dy, bottom - a.1)] {
            if direction == 0.0 {
                if room < 0.0 {
                    return None;
                }
            } else if direction < 0.0 {
                enter = enter.max(room / direction);
            } else {
                leave = leave.min(room / direction);
            }
        }
        let at = |t: f64| {
            if t == 0.0 {
                a
            } else if t == 1.0 {
                b
            } else {
                (a.0 + dx * t, a.1 + dy * t)
            }
        };
        (enter <= leave).then(|| (at(enter), at(leave)))
    }

    /// The contours of a function, at levels spaced logarithmically above its smallest value in the frame.
    pub(super) fn contours(&self, canvas: &mut Canvas, function: &dyn Fn(f64, f64) -> f64) {
        let grid = Grid::sample(function, self.x, self.y, CELLS);
        for (k, level) in grid.levels(LEVELS).into_iter().enumerate() {
            // Darker towards the minimum.
            let ink = Ink::CONTOUR.on_paper(0.62 - 0.42 * k as f64 / LEVELS as f64);
            self.contour(canvas, &grid, level, Stroke::new(ink, 0.9));
        }
    }

    /// One contour of a grid over the frame.
    pub(super) fn contour(&self, canvas: &mut Canvas, grid: &Grid, level: f64, stroke: Stroke) {
        let lines = grid.contour(level).into_iter();
        let pieces: Vec<_> =
            lines.flat_map(|line| self.clipped(line.into_iter().map(|(x, y)| self.map(x, y)))).collect();
        canvas.lines(&pieces, stroke);
    }

    /// The marks of both axes that have room for their numbers, and how wide those upwards are.
    pub(super) fn marks(&self, canvas: &Canvas) -> (Vec<Mark>, Vec<Mark>, f64) {
        let (left, top, right, bottom) = self.place;
        let size = canvas.letters.small();
        let width = |marks: &[Mark]| marks.iter().map(|m| canvas.measure(&m.name, size, false)).fold(0.0, f64::max);
        let most = ((right - left) / (3.4 * size)).round().clamp(2.0, 8.0) as usize;
        let x = (2..=most).rev().map(|count| ticks(self.x, self.x_log, count));
        let x =
            x.into_iter().find(|marks| marks.len() as f64 * (width(marks) + 1.1 * size) <= right - left + 2.0 * size);
        let y = ticks(self.y, self.log, ((bottom - top) / (3.4 * size)).round().clamp(2.0, 8.0) as usize);
        let widest = width(&y);
        (x.unwrap_or_else(|| ticks(self.x, self.x_log, 2)), y, widest)
    }

    /// The room to the left of a frame for the numbers of its axis and the name, and that below.
    pub(super) fn room(&self, canvas: &Canvas, (x_name, y_name): (&str, &str)) -> (f64, f64) {
        let letters = canvas.letters;
        let name = |name: &str| if name.is_empty() { 0.0 } else { letters.line() };
        let (_, _, widest) = self.marks(canvas);
        (TICK + GAP + widest + name(y_name) + 6.0, TICK + GAP + letters.small() + name(x_name) + 6.0)
    }

    /// Grid, axes and their names.
    pub(super) fn axes(&self, canvas: &mut Canvas, (x_name, y_name): (&str, &str), grid: bool) {
        let (left, top, right, bottom) = self.place;
        let letters = canvas.letters;
        let border = Stroke::new(Ink::GREY.on_paper(0.7), 1.0);
        let faint = Stroke::new(Ink::FAINT, 0.75);
        let number = |across, along| Label::new(letters.small(), Ink::GREY, across, along);
        let (x, y, widest) = self.marks(canvas);
        // Of logarithms where the axis is logarithmic.
        let at_x = |x: f64| left + (right - left) * (x - self.x.0) / (self.x.1 - self.x.0);
        let at_y = |y: f64| bottom - (bottom - top) * (y - self.y.0) / (self.y.1 - self.y.0);
        if grid {
            let up = x.iter().map(|m| at_x(m.at)).map(|px| vec![(px, top), (px, bottom)]);
            let across = y.iter().map(|m| at_y(m.at)).map(|py| vec![(left, py), (right, py)]);
            canvas.lines(&up.chain(across).collect::<Vec<_>>(), faint);
        }
        let mut ends: Vec<Vec<(f64, f64)>> =
            vec![vec![(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]];
        ends.extend(x.iter().map(|m| at_x(m.at)).map(|px| vec![(px, bottom), (px, bottom + TICK)]));
        ends.extend(y.iter().map(|m| at_y(m.at)).map(|py| vec![(left, py), (left - TICK, py)]));
        for px in between(self.x, self.x_log, &x) {
            ends.push(vec![(at_x(px), bottom), (at_x(px), bottom + 0.6 * TICK)]);
        }
        for py in between(self.y, self.log, &y) {
            ends.push(vec![(left, at_y(py)), (left - 0.6 * TICK, at_y(py))]);
        }
        canvas.lines(&ends, border);
        for mark in &x {
            canvas.text(&mark.name, (at_x(mark.at), bottom + TICK + GAP), number(Across::Middle, Along::Top));
        }
        for mark in &y {
            canvas.text(&mark.name, (left - TICK - GAP, at_y(mark.at)), number(Across::Right, Along::Middle));
        }
        let name = |across, along| Label::new(letters.usual(), Ink::TEXT, across, along);
        if !x_name.is_empty() {
            let at = (f64::midpoint(left, right), bottom + TICK + GAP + letters.small() + 0.5 * letters.usual());
            canvas.text(x_name, at, name(Across::Middle, Along::Top));
        }
        if !y_name.is_empty() {
            let at = (left - TICK - GAP - widest - 0.6 * letters.usual(), f64::midpoint(top, bottom));
            canvas.text(y_name, at, Label { upwards: true, ..name(Across::Middle, Along::Bottom) });
        }
    }
}

/// The axis upwards in other units, to the right of the frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct Units<'a> {
    /// What it shows.
    pub(super) name: &'a str,
    /// How many of these units one of the axis is.
    pub(super) each: f64,
}

impl Frame {
    /// The marks of the axis in other units, each with its height in the frame; and how wide their numbers are.
    fn marks_in(&self, canvas: &Canvas, each: f64) -> (Vec<(f64, String)>, f64) {
        let (_, top, _, bottom) = self.place;
        let size = canvas.letters.small();
        let there = |y: f64| if self.log { y + each.log10() } else { y * each };
        let back = |y: f64| if self.log { y - each.log10() } else { y / each };
        let count = ((bottom - top) / (3.4 * size)).round().clamp(2.0, 8.0) as usize;
        let marks = ticks((there(self.y.0), there(self.y.1)), self.log, count);
        let height = |y: f64| bottom - (bottom - top) * (back(y) - self.y.0) / (self.y.1 - self.y.0);
        let widest = marks.iter().map(|m| canvas.measure(&m.name, size, false)).fold(0.0, f64::max);
        (marks.into_iter().map(|m| (height(m.at), m.name)).collect(), widest)
    }

    /// The room to the right of the frame for an axis there.
    pub(super) fn room_beside(&self, canvas: &Canvas, units: Units<'_>) -> f64 {
        TICK + GAP + self.marks_in(canvas, units.each).1 + canvas.letters.line()
    }

    /// An axis to the right of the frame.
    pub(super) fn axis_beside(&self, canvas: &mut Canvas, units: Units<'_>) {
        let (_, top, right, bottom) = self.place;
        let letters = canvas.letters;
        let (marks, widest) = self.marks_in(canvas, units.each);
        let lines: Vec<_> = marks.iter().map(|(py, _)| vec![(right, *py), (right + TICK, *py)]).collect();
        canvas.lines(&lines, Stroke::new(Ink::GREY.on_paper(0.7), 1.0));
        for (py, name) in &marks {
            let label = Label::new(letters.small(), Ink::GREY, Across::Left, Along::Middle);
            canvas.text(name, (right + TICK + GAP, *py), label);
        }
        let label = Label::new(letters.usual(), Ink::TEXT, Across::Middle, Along::Top);
        let at = (right + TICK + GAP + widest + 0.4 * letters.usual(), f64::midpoint(top, bottom));
        canvas.text(units.name, at, Label { upwards: true, ..label });
    }
}

/// The length of the line at a number of an axis, and the gap to the number.
const TICK: f64 = 4.0;
const GAP: f64 = 4.0;

/// A number at an axis: where it stands, a logarithm on a logarithmic axis, and how it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) at: f64,
    pub(super) name: String,
}

fn ticks(range: (f64, f64), log: bool, count: usize) -> Vec<Mark> {
    let mark = |at: f64, name: String| Mark { at, name };
    if !log {
        return round_numbers(range, count).into_iter().map(|x| mark(x, short(x))).collect();
    }
    if range.1 - range.0 < 2.5 {
        let all = within_decades(range);
        // Too many for the room: the powers of ten and half of them.
        let kept = all.iter().filter(|x| all.len() <= 2 * count.max(2) || !format!("{x:e}").starts_with('2'));
        return kept.map(|x| mark(x.log10(), short(*x))).collect();
    }
    decades(range, count).into_iter().map(|y| mark(y, power_of_ten(y))).collect()
}

/// A power of ten with a whole exponent.
pub(super) fn power_of_ten(exponent: f64) -> String {
    match exponent {
        0.0 => "1".to_owned(),
        1.0 => "10".to_owned(),
        _ => format!("$10^{{{exponent:.0}}}$"),
    }
}

/// The multiples of powers of ten between numbers one decade apart.
fn between(range: (f64, f64), log: bool, marks: &[Mark]) -> Vec<f64> {
    let is_one_apart = marks.windows(2).all(|w| (w[1].at - w[0].at - 1.0).abs() < 1e-9);
    if !log || range.1 - range.0 < 2.5 || range.1 - range.0 > 9.0 || !is_one_apart {
        return Vec::new();
    }
    let first = range.0.floor();
    let decades = (0..12).map(|k| first + f64::from(k)).take_while(|d| *d <= range.1);
    let all = decades.flat_map(|d| (2..10).map(move |m| d + f64::from(m).log10()));
    all.filter(|x| (range.0..=range.1).contains(x)).collect()
}

/// Round numbers in a range, about `count` of them.
pub(super) fn round_numbers((low, high): (f64, f64), count: usize) -> Vec<f64> {
    let rough = (high - low) / count as f64;
    if rough <= 0.0 || !rough.is_finite() {
        return Vec::new();
    }
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= rough * 0.999).unwrap_or(rough);
    let first = (low / step).ceil();
    (0..=4 * count).map(|k| (first + k as f64) * step).take_while(|x| *x <= high + step * 1e-9).collect()
}

/// Whole exponents in a range, about `count` of them.
fn decades((low, high): (f64, f64), count: usize) -> Vec<f64> {
    let step = ((high - low) / count as f64).ceil().max(1.0);
    let first = (low / step).ceil();
    (0..16).map(|k| (first + f64::from(k)) * step).take_while(|y| *y <= high + 1e-9).collect()
}

/// The numbers 1, 2 and 5 times powers of ten whose exponents lie in a short range.
fn within_decades((low, high): (f64, f64)) -> Vec<f64> {
    let first = low.floor();
    let numbers = (0..5).flat_map(|k| [1.0, 2.0, 5.0].map(|m| m * 10_f64.powf(first + f64::from(k))));
    numbers.filter(|x| (low - 1e-9..=high + 1e-9).contains(&x.log10())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_and_interrupts() {
        let frame = Frame { place: (0.0, 0.0, 10.0, 10.0), x: (0.0, 10.0), y: (0.0, 10.0), x_log: false, log: false };
        let line = [Some((-5.0, 5.0)), Some((5.0, 5.0)), Some((15.0, 5.0)), None, Some((1.0, 1.0)), Some((2.0, 2.0))];
        let pieces = frame.clipped(line);
        assert_eq!(pieces, [vec![(0.0, 5.0), (5.0, 5.0), (10.0, 5.0)], vec![(1.0, 1.0), (2.0, 2.0)]]);
        assert!(frame.clipped([Some((-1.0, 0.0)), Some((-1.0, 9.0))]).is_empty());
        assert_eq!(frame.map(f64::NAN, 1.0), None);
        assert_eq!(frame.map(2.0, 2.0), Some((2.0, 8.0)));
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(round_numbers((0.1, 0.95), 4), [0.5]);
        assert_eq!(round_numbers((-1.0, 1.0), 5), [-1.0, -0.5, 0.0, 0.5, 1.0]);
        assert!(round_numbers((1.0, 1.0), 5).is_empty());
        assert_eq!(decades((-4.2, 0.3), 6), [-4.0, -3.0, -2.0, -1.0, 0.0]);
        let names: Vec<String> = ticks((-1.0, 0.5), true, 6).into_iter().map(|m| m.name).collect();
        assert_eq!(names, ["0.1", "0.2", "0.5", "1", "2"]);
    }
}
