//! Points of a panel and how they look.

use super::PlotError;
use super::canvas::{Canvas, Label};
use super::frame::Frame;
use super::legend::color;
use super::style::{GREY, INK, dash};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use rustc_hash::FxHashSet;

/// Points that belong together under a name.
///
/// Points that are not finite interrupt lines; what lies outside the panel is cut off.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The name, listed once for the whole chart; empty for none.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// The points.
    pub points: Vec<(f64, f64)>,
}

/// How points are drawn. Places are those of [`Look::of_flow`], from 0: each has a colour and dashes of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A line.
    Line(usize),
    /// A line with a dot at every point.
    Dotted(usize),
    /// A dashed line that ends in an arrowhead.
    Arrow(usize),
    /// A thin dark line, such as the graph of the loss.
    Curve,
    /// The optimizer's iterates: dark dots joined by a thin line, the first one larger.
    Iterates,
    /// A small cross at every point, such as a minimum.
    Cross,
    /// A dark line of the optimizer's own, the next of several ever lighter.
    Ink(usize),
    /// A line in a place's colour without its dashes, for lines that move too much to show them.
    Solid(usize),
    /// A dot at every point, in a place's colour.
    Dots(usize),
    /// A small dark dot at every point.
    InkDots,
    /// A thin dashed line that is no data: where something would be.
    Reference,
    /// The same where it moves from point to point, so that dashes would not show: thin and light.
    Trace,
}

impl Look {
    /// The place of a flow by its name, the same in every chart.
    ///
    /// ```
    /// use shadowflow::render::plot::Look;
    /// assert_eq!(Look::of_flow("pf"), 0);
    /// assert_ne!(Look::of_flow("ngf"), Look::of_flow("igr"));
    /// ```
    #[must_use]
    pub fn of_flow(name: &str) -> usize {
        const PLACES: [&str; 14] = [
            "pf", "ngf", "igr", "pf+np3", "third", "bea:4", "rpf2", "rpf:4", "rpf", "p2:0", "p2:1", "p2:2", "edge",
            "central",
        ];
        PLACES.iter().position(|known| *known == name).unwrap_or(PLACES.len())
    }
}

impl Series {
    /// Points under a name.
    #[must_use]
    pub fn new(name: impl Into<String>, look: Look, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), look, points }
    }

    /// A flow's line, in its place.
    #[must_use]
    pub fn flow(name: &str, points: Vec<(f64, f64)>) -> Self {
        Self::new(name, Look::Line(Look::of_flow(name)), points)
    }

    pub(super) fn draw<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>, frame: &Frame) -> Result<(), PlotError> {
        let points: Vec<Option<(f64, f64)>> = self.points.iter().map(|(x, y)| frame.map(*x, *y)).collect();
        for piece in frame.clipped(points.iter().copied()) {
            match self.look {
                Look::Line(place) | Look::Dotted(place) => {
                    canvas.dashed(&piece, dash(place), color(place).mix(0.95), 2.2)?;
                }
                Look::Arrow(place) => canvas.dashed(&piece, Some((5.0, 3.0)), color(place).to_rgba(), 1.6)?,
                Look::Curve => canvas.line(&piece, INK.mix(0.55), 1.2)?,
                Look::Iterates => canvas.line(&piece, INK.mix(0.35), 0.9)?,
                Look::Ink(k) => canvas.line(&piece, ink(k), if k == 0 { 1.4 } else { 1.1 })?,
                Look::Solid(place) => canvas.line(&piece, color(place).to_rgba(), 1.1)?,
                Look::Reference => canvas.dashed(&piece, Some(REFERENCE), GREY.mix(0.9), 1.1)?,
                Look::Trace => canvas.line(&piece, lighter(GREY, 0.4), 0.8)?,
                Look::Cross | Look::Dots(_) | Look::InkDots => {}
            }
        }
        if let (Look::Arrow(place), [.., Some(tail), Some(head)]) = (self.look, points.as_slice()) {
            arrowhead(canvas, *tail, *head, place)?;
        }
        let mut drawn = FxHashSet::default();
        for (k, at) in points.into_iter().enumerate() {
            let Some(at) = at.filter(|at| frame.holds(*at)) else { continue };
            // Of dots that cover each other one is drawn; coordinates of a picture are small.
            let cell = ((2.0 * at.0).round() as i32, (2.0 * at.1).round() as i32);
            if matches!(self.look, Look::Dots(_) | Look::InkDots) && !drawn.insert(cell) {
                continue;
            }
            match self.look {
                Look::Dotted(place) => canvas.dot(at, 2.4, color(place).to_rgba())?,
                Look::Iterates => {
                    let radius = if k == 0 { 4.6 } else { 3.0 };
                    canvas.dot(at, radius + 1.0, WHITE.mix(0.9))?;
                    canvas.dot(at, radius, INK.to_rgba())?;
                }
                Look::Cross => cross(canvas, at)?,
                Look::Dots(place) => canvas.dot(at, DOT, color(place).mix(0.75))?,
                Look::InkDots => canvas.dot(at, DOT, INK.mix(0.6))?,
                Look::Line(_)
                | Look::Arrow(_)
                | Look::Curve
                | Look::Ink(_)
                | Look::Solid(_)
                | Look::Reference
                | Look::Trace => {}
            }
        }
        Ok(())
    }

    /// Its line in the list of names, which starts at `(left, y)`.
    pub(super) fn key<B: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, B>,
        (left, y): (f64, f64),
    ) -> Result<(), PlotError> {
        let (middle, line) = (left + KEY / 2.0, [(left, y), (left + KEY, y)]);
        match self.look {
            Look::Line(place) => canvas.dashed(&line, dash(place), color(place).to_rgba(), 2.2)?,
            Look::Dotted(place) => {
                canvas.dashed(&line, dash(place), color(place).to_rgba(), 2.2)?;
                canvas.dot((middle, y), 2.8, color(place).to_rgba())?;
            }
            Look::Arrow(place) => {
                canvas.dashed(&line, Some((5.0, 3.0)), color(place).to_rgba(), 1.6)?;
                arrowhead(canvas, line[0], line[1], place)?;
            }
            Look::Curve => canvas.line(&line, INK.mix(0.55), 1.2)?,
            Look::Iterates => {
                canvas.line(&line, INK.mix(0.35), 0.9)?;
                canvas.dot((middle, y), 3.4, INK.to_rgba())?;
            }
            Look::Cross => cross(canvas, (middle, y))?,
            Look::Ink(k) => canvas.line(&line, ink(k), if k == 0 { 1.4 } else { 1.1 })?,
            Look::Solid(place) => canvas.line(&line, color(place).to_rgba(), 1.8)?,
            Look::Dots(place) => canvas.dot((middle, y), 3.2, color(place).to_rgba())?,
            Look::InkDots => canvas.dot((middle, y), 3.2, INK.mix(0.8))?,
            Look::Reference => canvas.dashed(&line, Some(REFERENCE), GREY.mix(0.9), 1.1)?,
            Look::Trace => canvas.line(&line, lighter(GREY, 0.5), 0.9)?,
        }
        canvas.text(&self.name, (left + KEY + 8.0, y), Label::new(13.5, INK, HPos::Left, VPos::Center))
    }

    /// The width of [`Series::key`], an estimate as text is measured by whoever shows it.
    pub(super) fn key_width(&self) -> f64 {
        KEY + 30.0 + 7.6 * self.name.chars().count() as f64
    }
}

/// The dashes of a line that is no data.
const REFERENCE: (f64, f64) = (4.0, 3.0);
/// The radius of a dot of many.
const DOT: f64 = 1.8;

/// The ink of the optimizer's k-th line.
fn ink(k: usize) -> RGBAColor {
    const SHARES: [f64; 5] = [0.9, 0.5, 0.36, 0.28, 0.22];
    lighter(INK, SHARES.get(k).copied().unwrap_or(0.18))
}

/// A share of a colour on white. It is opaque: a line that crosses itself often would darken where it shone through.
fn lighter(color: RGBColor, share: f64) -> RGBAColor {
    let mix = |c: u8| (255.0 - share * (255.0 - f64::from(c))).round() as u8;
    RGBColor(mix(color.0), mix(color.1), mix(color.2)).to_rgba()
}

/// The length of a line in the list of names.
const KEY: f64 = 30.0;

fn arrowhead<B: DrawingBackend>(
    canvas: &Canvas<'_, B>,
    tail: (f64, f64),
    head: (f64, f64),
    place: usize,
) -> Result<(), PlotError> {
    let angle = (head.1 - tail.1).atan2(head.0 - tail.0);
    let barb = |turn: f64| (head.0 - 8.0 * (angle + turn).cos(), head.1 - 8.0 * (angle + turn).sin());
    canvas.line(&[barb(0.45), head, barb(-0.45)], color(place).to_rgba(), 1.8)
}

fn cross<B: DrawingBackend>(canvas: &Canvas<'_, B>, (x, y): (f64, f64)) -> Result<(), PlotError> {
    canvas.line(&[(x - 4.0, y - 4.0), (x + 4.0, y + 4.0)], INK.to_rgba(), 1.6)?;
    canvas.line(&[(x - 4.0, y + 4.0), (x + 4.0, y - 4.0)], INK.to_rgba(), 1.6)
}
