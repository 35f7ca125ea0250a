//! One panel of a chart.

use super::PlotError;
use super::canvas::{Across, Along, Canvas, Label, Stroke};
use super::ends::{self, End};
use super::frame::{Frame, Units};
use super::ink::Ink;
use super::series::{Rank, Series};

/// An axis of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What it shows; between two `$` it is mathematics, as in `$hλ_0$`.
    pub name: String,
    /// Both ends; what the points span, with a margin, if `None`.
    pub range: Option<(f64, f64)>,
    /// Whether it is logarithmic; points that are not positive are then left out.
    pub log: bool,
}

impl Axis {
    /// A linear axis.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), range: None, log: false }
    }

    /// The same, logarithmic.
    #[must_use]
    pub fn log(self) -> Self {
        Self { log: true, ..self }
    }

    /// The same between two ends.
    #[must_use]
    pub fn range(self, low: f64, high: f64) -> Self {
        Self { range: Some((low, high)), ..self }
    }

    /// The ends, logarithms if it is logarithmic; `None` if nothing determines them.
    fn ends(&self, values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
        let scale = |x: f64| if self.log { x.log10() } else { x };
        if let Some((low, high)) = self.range {
            let ends = (scale(low), scale(high));
            return (ends.0.is_finite() && ends.1.is_finite() && ends.0 < ends.1).then_some(ends);
        }
        let (low, high) = values
            .map(scale)
            .filter(|x| x.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let margin = if high > low { 0.05 * (high - low) } else { (0.1 * high.abs()).max(0.5) };
        let ends = (low - margin, high + margin);
        (ends.0.is_finite() && ends.1.is_finite()).then_some(ends)
    }
}

/// A rectangle with axes: contours, marks, and series above them in their order.
#[allow(missing_debug_implementations, reason = "a closure has none")]
pub struct Panel<'a> {
    /// What stands above it, if anything.
    pub title: String,
    /// The axis to the right.
    pub x: Axis,
    /// The axis upwards.
    pub y: Axis,
    /// A function whose contours are drawn; what is not finite has none. For linear axes.
    pub contours: Option<Box<dyn Fn(f64, f64) -> f64 + 'a>>,
    /// Values of x with a vertical line and a name above the frame.
    pub marks: Vec<(f64, String)>,
    /// Values of y with a horizontal line and a name to the right of the frame.
    pub levels: Vec<(f64, String)>,
    /// The axis upwards in other units too, to the right of the frame: what it shows there, and how many of these units one is.
    pub right: Option<(String, f64)>,
    /// The data.
    pub series: Vec<Series>,
}

impl<'a> Panel<'a> {
    /// An empty panel.
    #[must_use]
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        let (title, marks, levels, series) = (title.into(), Vec::new(), Vec::new(), Vec::new());
        Self { title, x, y, contours: None, marks, levels, right: None, series }
    }

    /// The same over the contours of a function.
    #[must_use]
    pub fn over(self, function: impl Fn(f64, f64) -> f64 + 'a) -> Self {
        Self { contours: Some(Box::new(function)), ..self }
    }

    /// The same with another vertical line.
    #[must_use]
    pub fn marked(mut self, at: f64, name: impl Into<String>) -> Self {
        self.marks.push((at, name.into()));
        self
    }

    /// The same with another horizontal line.
    #[must_use]
    pub fn at_level(mut self, at: f64, name: impl Into<String>) -> Self {
        self.levels.push((at, name.into()));
        self
    }

    /// The same with the axis upwards in other units too, of which one is so many, more than 0.
    #[must_use]
    pub fn also_in(self, name: impl Into<String>, each: f64) -> Self {
        let right = (each.is_finite() && each > 0.0).then(|| (name.into(), each));
        Self { right, ..self }
    }

    fn units(&self) -> Option<Units<'_>> {
        self.right.as_ref().map(|(name, each)| Units { name, each: *each })
    }

    /// The same with another series, drawn above the others.
    #[must_use]
    pub fn with(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Where its data are drawn.
    pub(super) fn frame(&self, place: (f64, f64, f64, f64)) -> Result<Frame, PlotError> {
        let points = || self.series.iter().flat_map(|s| s.points.iter());
        let nothing = PlotError::Empty("a panel has no point within its axes");
        let (Some(x), Some(y)) = (self.x.ends(points().map(|p| p.0)), self.y.ends(points().map(|p| p.1))) else {
            return Err(nothing);
        };
        Ok(Frame { place, x, y, x_log: self.x.log, log: self.y.log })
    }

    /// The room above a frame of a width: for the title, and the names of the vertical lines.
    pub(super) fn above(&self, canvas: &Canvas, frame: &Frame) -> f64 {
        let letters = canvas.letters;
        let title = self.title_lines(canvas, frame).len() as f64 * 1.3 * letters.heading();
        title + self.names(canvas, frame).1 as f64 * 1.25 * letters.small() + 8.0
    }

    /// The room to the right of a frame: for the names of the horizontal lines, if asked for those of all lines, and an axis.
    pub(super) fn beside(&self, canvas: &Canvas, frame: &Frame, named: bool) -> f64 {
        let axis = self.units().map_or(0.0, |units| frame.room_beside(canvas, units));
        axis + self.ends(frame, named).iter().map(|end| end.width(canvas)).fold(0.0, f64::max)
    }

    /// What is named to the right of a frame.
    fn ends(&self, frame: &Frame, named: bool) -> Vec<End<'_>> {
        let (_, top, right, bottom) = frame.place;
        let height = |at: f64| frame.at_y(at).filter(|y| (top..=bottom).contains(y));
        let levels = self.levels.iter().filter_map(|(at, name)| Some(End::level(name, (right, height(*at)?))));
        let lines = if named { ends::of(&self.series, frame) } else { Vec::new() };
        lines.into_iter().chain(levels).collect()
    }

    /// The names of the lines that can stand at their ends, if there is room for all above each other.
    pub(super) fn named(&self, canvas: &Canvas, frame: &Frame) -> Vec<&str> {
        let room = frame.place.3 - frame.place.1;
        let fits = self.contours.is_none() && self.ends(frame, true).len() as f64 * ends::row(canvas) <= room;
        if fits { ends::of(&self.series, frame).iter().map(End::name).collect() } else { Vec::new() }
    }

    fn title_lines(&self, canvas: &Canvas, frame: &Frame) -> Vec<String> {
        canvas.wrapped(&self.title, 0.98 * (frame.place.2 - frame.place.0), canvas.letters.heading(), true)
    }

    /// The names of the vertical lines: where each begins, and the row that has room for it; how many rows there are.
    fn names(&self, canvas: &Canvas, frame: &Frame) -> (Vec<(f64, usize, &str)>, usize) {
        let size = canvas.letters.small();
        let (left, right) = (frame.place.0, frame.place.2);
        // The right end of what stands in each row.
        let mut rows: Vec<f64> = Vec::new();
        let mut placed = Vec::new();
        for (at, name) in self.marks.iter().filter(|(_, name)| !name.is_empty()) {
            let Some(px) = frame.at_x(*at).filter(|px| (left..=right).contains(px)) else { continue };
            let width = 1.06 * canvas.measure(name, size, false);
            let from = px.min(right - width).max(left);
            let row = rows.iter().position(|end| *end + 8.0 <= from).unwrap_or(rows.len());
            if row == rows.len() {
                rows.push(0.0);
            }
            rows[row] = from + width;
            placed.push((from, row, name.as_str()));
        }
        (placed, rows.len())
    }

    /// Draws into a frame, with the names of lines at their ends if these are asked for.
    pub(super) fn draw(&self, canvas: &mut Canvas, frame: &Frame, named: bool) {
        let (left, top, right, bottom) = frame.place;
        let letters = canvas.letters;
        let (names, rows) = self.names(canvas, frame);
        let lines = self.title_lines(canvas, frame);
        let row = 1.25 * letters.small();
        for (k, line) in lines.iter().rev().enumerate() {
            let y = top - 7.0 - row * rows as f64 - 1.3 * letters.heading() * k as f64;
            let title = Label::new(letters.heading(), Ink::TEXT, Across::Left, Along::Bottom);
            canvas.text(line, (left, y), Label { strong: true, ..title });
        }
        if let Some(function) = self.contours.as_ref().filter(|_| !self.x.log && !self.y.log) {
            frame.contours(canvas, &**function);
        }
        frame.axes(canvas, (&self.x.name, &self.y.name), self.contours.is_none());
        let names_at = right + self.units().map_or(0.0, |units| frame.room_beside(canvas, units));
        if let Some(units) = self.units() {
            frame.axis_beside(canvas, units);
        }
        let remark = |across, along| Label::new(letters.small(), Ink::GREY, across, along);
        let stroke = Stroke::new(Ink::GREY, 1.0).dashed(&[3.0, 3.0]);
        for (at, _) in &self.marks {
            if let Some(px) = frame.at_x(*at).filter(|px| (left..=right).contains(px)) {
                canvas.line(&[(px, top), (px, bottom)], stroke);
            }
        }
        for (from, k, name) in names {
            canvas.text(name, (from, top - 5.0 - row * (rows - 1 - k) as f64), remark(Across::Left, Along::Bottom));
        }
        for (at, _) in &self.levels {
            if let Some(py) = frame.at_y(*at).filter(|py| (top..=bottom).contains(py)) {
                canvas.line(&[(left, py), (right, py)], stroke);
            }
        }
        self.draw_series(canvas, frame);
        ends::draw(canvas, &mut self.ends(frame, named), (frame, names_at), self.right.is_none());
    }

    /// Lines that may lie on each other are drawn in the order of their gaps, those with fewer first and thicker; what else there is keeps its place.
    fn draw_series(&self, canvas: &mut Canvas, frame: &Frame) {
        self.series.iter().for_each(|series| series.draw_joined(canvas, frame));
        let mut lines: Vec<usize> = (0..self.series.len()).filter(|k| self.series[*k].look.gaps().is_some()).collect();
        let places = lines.clone();
        lines.sort_by_key(|k| self.series[*k].look.gaps());
        let drawn = lines.iter().filter(|k| !self.series[**k].points.is_empty()).count();
        let mut rank = 0;
        for k in 0..self.series.len() {
            let turn = places.iter().position(|p| *p == k).map(|turn| lines[turn]);
            let series = &self.series[turn.unwrap_or(k)];
            if series.points.is_empty() {
                continue;
            }
            if turn.is_some() {
                series.draw(canvas, frame, Rank(rank, drawn));
                rank += 1;
            } else {
                series.draw(canvas, frame, Rank::ALONE);
            }
        }
    }
}
