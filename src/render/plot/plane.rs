//! A plane of coloured points with its scale and names beside it, or below where there is no room.

use super::canvas::Canvas;
use super::frame::Frame;
use super::legend::{Legend, title};
use super::scale::Scale;
use super::{Drawing, PlotError, Size};

/// What a plane shows.
pub(super) struct Plane<'a> {
    pub(super) title: &'a str,
    pub(super) subtitle: &'a str,
    /// The names of the axes, with the ends.
    pub(super) x: (String, (f64, f64)),
    pub(super) y: (String, (f64, f64)),
    pub(super) scale: Scale,
    /// What the scale is of.
    pub(super) quantity: &'a str,
    pub(super) legend: Legend,
}

/// Height over width of the plane, its width unless told, and between it and its scale.
const RATIO: f64 = 0.8;
const WIDTH: f64 = 540.0;
const GAP: f64 = 26.0;
/// Names stand below a plane that they would make narrower than this.
const NARROWEST: f64 = 230.0;

impl Plane<'_> {
    /// Draws it, what is in the frame with a function.
    pub(super) fn draw(&self, size: Size, inside: impl FnOnce(&mut Canvas, &Frame)) -> Result<Drawing, PlotError> {
        let name = format!("{}: {}", self.title, self.subtitle);
        let mut canvas = Canvas::new(0.0, 0.0, size.letters(), &name);
        let names = (self.x.0.as_str(), self.y.0.as_str());
        let frame_of = |place| Frame { place, x: self.x.1, y: self.y.1, x_log: false, log: false };
        let (left, below) = frame_of((0.0, 0.0, WIDTH, RATIO * WIDTH)).room(&canvas, names);
        let bar = self.scale.width(&canvas, self.quantity);
        let column = bar.max(self.legend.width(&canvas));
        let fits = |beside: f64| size.units().map_or(WIDTH, |w| w - left - GAP - beside - 8.0);
        let beside = fits(column) >= NARROWEST;
        let panel = if beside { fits(column) } else { fits(bar) }.max(60.0);
        let width = size.units().unwrap_or(left + panel + GAP + column + 8.0);
        let sides = if width < 480.0 { (12.0, width - 12.0) } else { (left, width - 8.0) };
        let top = title(&mut canvas, sides, (self.title, self.subtitle), true) + 10.0;
        let frame = frame_of((left, top, left + panel, top + RATIO * panel));
        inside(&mut canvas, &frame);
        frame.axes(&mut canvas, names, false);
        let (scale_left, bottom) = (left + panel + GAP, frame.place.3);
        let line = canvas.letters.line();
        let legend_height =
            if beside && !self.legend.is_empty() { self.legend.height(&canvas) + 0.8 * line } else { 0.0 };
        self.scale.bar(&mut canvas, (scale_left, top + 1.2 * line, bottom - legend_height), self.quantity);
        let mut end = bottom + below;
        if beside {
            end = end.max(self.legend.column(&mut canvas, (scale_left, bottom - legend_height + 0.8 * line)));
        } else {
            end = self.legend.rows(&mut canvas, sides, end + 4.0, true);
        }
        canvas.set_size(width, end + 10.0);
        Ok(Drawing::new(canvas, size))
    }
}
