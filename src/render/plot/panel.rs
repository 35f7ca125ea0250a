//! One panel of a chart.

use super::PlotError;
use super::canvas::{Canvas, Label};
use super::frame::Frame;
use super::series::Series;
use super::style::{GREY, INK};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// An axis of a panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What it shows.
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
    /// What stands above it.
    pub title: String,
    /// The axis to the right.
    pub x: Axis,
    /// The axis upwards.
    pub y: Axis,
    /// A function whose contours are drawn; what is not finite has none. For linear axes.
    pub contours: Option<Box<dyn Fn(f64, f64) -> f64 + 'a>>,
    /// Values of x with a vertical line and a name at its top.
    pub marks: Vec<(f64, String)>,
    /// The data.
    pub series: Vec<Series>,
}

impl<'a> Panel<'a> {
    /// An empty panel.
    #[must_use]
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self { title: title.into(), x, y, contours: None, marks: Vec::new(), series: Vec::new() }
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

    /// The same with another series, drawn above the others.
    #[must_use]
    pub fn with(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Draws into a rectangle: left, top, right and bottom of the frame.
    pub(super) fn draw<B: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, B>,
        place: (f64, f64, f64, f64),
    ) -> Result<(), PlotError> {
        let points = || self.series.iter().flat_map(|s| s.points.iter());
        let nothing = PlotError::Empty("a panel has no point within its axes");
        let (Some(x), Some(y)) = (self.x.ends(points().map(|p| p.0)), self.y.ends(points().map(|p| p.1))) else {
            return Err(nothing);
        };
        let frame = Frame { place, x, y, x_log: self.x.log, log: self.y.log };
        let title = Label { bold: true, ..Label::new(14.0, INK, HPos::Left, VPos::Bottom) };
        canvas.text(&self.title, (place.0, place.1 - 7.0), title)?;
        if let Some(function) = self.contours.as_ref().filter(|_| !self.x.log && !self.y.log) {
            frame.contours(canvas, &**function)?;
        }
        frame.axes(canvas, (&self.x.name, &self.y.name), self.contours.is_none())?;
        for (at, name) in &self.marks {
            let Some((px, _)) =
                frame.map(*at, if frame.log { 1.0 } else { 0.0 }).filter(|(px, _)| (place.0..=place.2).contains(px))
            else {
                continue;
            };
            canvas.dashed(&[(px, place.1), (px, place.3)], Some((3.0, 3.0)), GREY.mix(0.9), 1.0)?;
            canvas.text(name, (px + 5.0, place.1 + 5.0), Label::new(12.0, GREY, HPos::Left, VPos::Top))?;
        }
        self.series.iter().try_for_each(|series| series.draw(canvas, &frame))
    }
}
