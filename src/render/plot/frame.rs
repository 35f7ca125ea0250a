//! The rectangle with axes that data are drawn in.

use super::PlotError;
use super::canvas::{Canvas, Label};
use super::contour::Grid;
use super::style::{FAINT, GREY, INK, short};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

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
        let (x, y) = (if self.x_log { x.log10() } else { x }, if self.log { y.log10() } else { y });
        let (left, top, right, bottom) = self.place;
        let at = (
            left + (right - left) * (x - self.x.0) / (self.x.1 - self.x.0),
            bottom - (bottom - top) * (y - self.y.0) / (self.y.1 - self.y.0),
        );
        (at.0.is_finite() && at.1.is_finite()).then_some(at)
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
    pub(super) fn contours<B: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, B>,
        function: &dyn Fn(f64, f64) -> f64,
    ) -> Result<(), PlotError> {
        let grid = Grid::sample(function, self.x, self.y, CELLS);
        for (k, level) in grid.levels(LEVELS).into_iter().enumerate() {
            // Darker towards the minimum.
            let shade = RGBColor(120, 134, 156).mix(0.62 - 0.42 * k as f64 / LEVELS as f64);
            for line in grid.contour(level) {
                for piece in self.clipped(line.into_iter().map(|(x, y)| self.map(x, y))) {
                    canvas.line(&piece, shade, 0.9)?;
                }
            }
        }
        Ok(())
    }

    /// Grid, axes and their names.
    pub(super) fn axes<B: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, B>,
        (x_name, y_name): (&str, &str),
        grid: bool,
    ) -> Result<(), PlotError> {
        let (left, top, right, bottom) = self.place;
        let border = GREY.mix(0.55);
        // As many as have room for their names.
        let room = |length: f64, each: f64| (length / each).round().clamp(3.0, 8.0) as usize;
        for (x, name) in ticks(self.x, self.x_log, room(right - left, 60.0)) {
            let px = left + (right - left) * (x - self.x.0) / (self.x.1 - self.x.0);
            if grid {
                canvas.line(&[(px, top), (px, bottom)], FAINT.to_rgba(), 0.75)?;
            }
            canvas.line(&[(px, bottom), (px, bottom + 4.0)], border, 1.0)?;
            canvas.text(&name, (px, bottom + 8.0), Label::new(12.5, GREY, HPos::Center, VPos::Top))?;
        }
        for (y, name) in ticks(self.y, self.log, room(bottom - top, 70.0)) {
            let py = bottom - (bottom - top) * (y - self.y.0) / (self.y.1 - self.y.0);
            if grid {
                canvas.line(&[(left, py), (right, py)], FAINT.to_rgba(), 0.75)?;
            }
            canvas.line(&[(left - 4.0, py), (left, py)], border, 1.0)?;
            canvas.text(&name, (left - 8.0, py), Label::new(12.5, GREY, HPos::Right, VPos::Center))?;
        }
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        canvas.line(&corners, border, 1.0)?;
        let middle = (left + right) / 2.0;
        canvas.text(x_name, (middle, bottom + 28.0), Label::new(14.0, INK, HPos::Center, VPos::Top))?;
        let upwards = Label { upwards: true, ..Label::new(14.0, INK, HPos::Center, VPos::Top) };
        canvas.text(y_name, (left - 58.0, f64::midpoint(top, bottom)), upwards)
    }
}

/// Places and names of about `count` ticks; on a logarithmic axis places are exponents.
fn ticks(range: (f64, f64), log: bool, count: usize) -> Vec<(f64, String)> {
    if !log {
        return round_numbers(range, count).into_iter().map(|x| (x, short(x))).collect();
    }
    if range.1 - range.0 < 2.5 {
        return within_decades(range).into_iter().map(|x| (x.log10(), short(x))).collect();
    }
    let name = |y: f64| if y == 0.0 { "1".to_owned() } else { format!("1e{y:.0}").replace('-', "−") };
    decades(range, count).into_iter().map(|y| (y, name(y))).collect()
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
        let names: Vec<String> = ticks((-1.0, 0.5), true, 6).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["0.1", "0.2", "0.5", "1", "2"]);
    }
}
