//! Points of a panel and how they look.

use super::canvas::{Canvas, Stroke};
use super::frame::Frame;
use super::ink::Ink;
use super::marker::marker;
use super::style::{Dash, MARKERS, Style};
use rustc_hash::FxHashSet;

/// Points that belong together under a name.
///
/// Points that are not finite interrupt lines; what lies outside the panel is cut off.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The name, listed once for the whole chart; empty for none. Between two `$` it is mathematics, as in `$λ_0$`.
    pub name: String,
    /// How it is drawn.
    pub look: Look,
    /// The points.
    pub points: Vec<(f64, f64)>,
}

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A line with the style's dashes. Of several in one panel those with more gaps are above, and thinner, so that lines that lie on each other are all seen.
    Line(Style),
    /// The same with the style's marker at every point.
    Dotted(Style),
    /// A dashed line that ends in an arrowhead.
    Arrow(Style),
    /// A thin dark line, such as the graph of the loss.
    Curve,
    /// An optimizer's iterates: its marker, open, joined by a thin line; the first one filled.
    Iterates(Style),
    /// A small cross at every point, such as a minimum.
    Cross,
    /// A line without dashes, the next of several ever lighter, such as the eigenvalues along one run.
    Shade(Style, usize),
    /// A line without dashes, for lines that move too much to show them.
    Solid(Style),
    /// A line without dashes with so many-th of all markers here and there, such as a run with one of several step sizes.
    Marked(Style, usize),
    /// A small marker of the style at every point, a dot where they are many.
    Dots(Style),
    /// A thin dashed line that is no data: where something would be.
    Reference,
    /// The same where it moves from point to point, so that dashes would not show: thin and light.
    Trace,
}

/// The place of a line among those of its panel that may lie on each other, from the lowest, and how many these are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rank(pub(super) usize, pub(super) usize);

impl Rank {
    pub(super) const ALONE: Self = Self(0, 1);

    /// From 0, the lowest, to 1.
    fn share(self) -> f64 {
        if self.1 > 1 { self.0 as f64 / (self.1 - 1) as f64 } else { 0.5 }
    }
}

impl Look {
    /// How many gaps it has: lines with more are drawn above those with fewer.
    pub(super) fn gaps(self) -> Option<Dash> {
        match self {
            Self::Line(style) | Self::Dotted(style) => Some(style.dash),
            _ => None,
        }
    }

    /// Whether it joins its points, so that one can follow it from its end.
    pub(super) fn is_line(self) -> bool {
        !matches!(self, Self::Cross | Self::Dots(_) | Self::Arrow(_))
    }

    /// Its line, if it has one.
    fn stroke(self, rank: Rank) -> Option<Stroke> {
        // The lowest of several is thick, the more so the more there are.
        let spread = (0.35 * (rank.1.saturating_sub(1)) as f64).min(1.1);
        let width = 2.1 + spread * (1.0 - 2.0 * rank.share());
        match self {
            Self::Line(style) | Self::Dotted(style) => Some(Stroke::new(style.ink, width).dashed(style.dash.lengths())),
            Self::Arrow(style) => Some(Stroke::new(style.ink, 1.6).dashed(Dash::Short.lengths())),
            Self::Curve => Some(Stroke::new(Ink::TEXT.on_paper(0.55), 1.2)),
            Self::Iterates(style) => Some(Stroke::new(style.ink.on_paper(0.45), 0.9)),
            Self::Shade(style, k) => Some(Stroke::new(style.ink.on_paper(shade(k)), if k == 0 { 1.5 } else { 1.1 })),
            Self::Solid(style) => Some(Stroke::new(style.ink, 1.2)),
            Self::Marked(style, _) => Some(Stroke::new(style.ink, 1.1)),
            Self::Reference => Some(Stroke::new(Ink::GREY, 1.1).dashed(&[4.0, 3.0])),
            Self::Trace => Some(Stroke::new(Ink::GREY.on_paper(0.4), 0.8)),
            Self::Cross | Self::Dots(_) => None,
        }
    }

    /// What stands beside its name, from a point of so many units to the right.
    pub(super) fn key(self, canvas: &mut Canvas, (left, y): (f64, f64), width: f64) {
        let (middle, line) = ((left + width / 2.0, y), [(left, y), (left + width, y)]);
        if let Some(stroke) = self.stroke(Rank::ALONE) {
            canvas.line(&line, Stroke { width: stroke.width.max(1.4), ..stroke });
        }
        match self {
            Self::Arrow(style) => arrowhead(canvas, line[0], line[1], style),
            Self::Dotted(style) => marker(canvas, &[middle], style.marker, 3.4, style.ink, true),
            Self::Iterates(style) => marker(canvas, &[middle], style.marker, 3.6, style.ink, false),
            Self::Marked(style, k) => marked(canvas, &[middle], style, k),
            Self::Dots(style) => marker(canvas, &[middle], style.marker, 3.2, style.ink, true),
            Self::Cross => cross(canvas, &[middle]),
            Self::Line(_) | Self::Curve | Self::Shade(..) | Self::Solid(_) | Self::Reference | Self::Trace => {}
        }
    }
}

impl Series {
    /// Points under a name.
    #[must_use]
    pub fn new(name: impl Into<String>, look: Look, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), look, points }
    }

    /// A flow's line, in its own style.
    #[must_use]
    pub fn flow(name: &str, points: Vec<(f64, f64)>) -> Self {
        Self::new(name, Look::Line(Style::flow(name)), points)
    }

    /// Draws the line that joins iterates: it is no data, and lies below all that is.
    pub(super) fn draw_joined(&self, canvas: &mut Canvas, frame: &Frame) {
        if let (Look::Iterates(_), Some(stroke)) = (self.look, self.look.stroke(Rank::ALONE)) {
            canvas.lines(&frame.clipped(self.points.iter().map(|(x, y)| frame.map(*x, *y))), stroke);
        }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, frame: &Frame, rank: Rank) {
        let points: Vec<Option<(f64, f64)>> = self.points.iter().map(|(x, y)| frame.map(*x, *y)).collect();
        let thin = canvas.letters.thin();
        let stroke = self.look.stroke(rank).filter(|_| !matches!(self.look, Look::Iterates(_)));
        if let Some(stroke) = stroke {
            let stroke = Stroke { width: thin * stroke.width, ..stroke };
            canvas.lines(&frame.clipped(points.iter().copied()), stroke);
        }
        if let (Look::Arrow(style), [.., Some(tail), Some(head)]) = (self.look, points.as_slice()) {
            arrowhead(canvas, *tail, *head, style);
        }
        let seen = || points.iter().copied().flatten().filter(|at| frame.holds(*at));
        match self.look {
            Look::Dotted(style) if points.len() <= MOST_MARKERS => {
                let all: Vec<_> = seen().collect();
                marker(canvas, &all, style.marker, thin * (3.8 - 1.6 * rank.share()), style.ink, true);
            }
            Look::Iterates(style) => {
                let first = points.first().copied().flatten().filter(|at| frame.holds(*at));
                let others: Vec<_> = seen().skip(usize::from(first.is_some())).collect();
                let small = if others.len() > MOST_MARKERS { 0.6 } else { 1.0 };
                marker(canvas, &others, style.marker, small * thin * 3.4, style.ink, false);
                if let Some(first) = first {
                    marker(canvas, &[first], style.marker, thin * 4.6, style.ink, true);
                }
            }
            Look::Cross => cross(canvas, &seen().collect::<Vec<_>>()),
            Look::Marked(style, k) => marked(canvas, &here_and_there(&seen().collect::<Vec<_>>(), k), style, k),
            Look::Dots(style) => {
                // Of dots that cover each other one is drawn; coordinates of a picture are small.
                let mut drawn = FxHashSet::default();
                let mut cell =
                    |at: &(f64, f64)| drawn.insert(((2.0 * at.0).round() as i32, (2.0 * at.1).round() as i32));
                let all: Vec<_> = seen().filter(|at| cell(at)).collect();
                if all.len() > MOST_SHAPES {
                    canvas.circles(&all, thin * DOT, Some(style.ink.on_paper(0.8)), None);
                } else {
                    marker(canvas, &all, style.marker, thin * 1.4 * DOT, style.ink.on_paper(0.8), true);
                }
            }
            _ => {}
        }
    }
}

/// The radius of a dot of many.
const DOT: f64 = 1.8;
/// Of more dots than that shapes cannot be seen.
const MOST_SHAPES: usize = 400;
/// Markers at more points than that would be a band.
const MOST_MARKERS: usize = 120;
/// Markers along a line that has them here and there.
const MARKS: usize = 7;

/// The share of ink of the k-th line of one thing.
fn shade(k: usize) -> f64 {
    const SHARES: [f64; 5] = [0.95, 0.55, 0.4, 0.31, 0.25];
    SHARES.get(k).copied().unwrap_or(0.2)
}

/// Some of the points of a line, others for each k, about as far from each other.
fn here_and_there(points: &[(f64, f64)], k: usize) -> Vec<(f64, f64)> {
    let stride = points.len().div_ceil(MARKS).max(1);
    points.iter().skip(k * stride / MARKERS.len() % stride).step_by(stride).copied().collect()
}

/// The k-th of all markers: after the filled ones their outlines.
fn marked(canvas: &mut Canvas, points: &[(f64, f64)], style: Style, k: usize) {
    let filled = (k / MARKERS.len()).is_multiple_of(2);
    marker(canvas, points, MARKERS[k % MARKERS.len()], 3.6, style.ink, filled);
}

fn arrowhead(canvas: &mut Canvas, tail: (f64, f64), head: (f64, f64), style: Style) {
    let angle = (head.1 - tail.1).atan2(head.0 - tail.0);
    let barb = |turn: f64| (head.0 - 8.0 * (angle + turn).cos(), head.1 - 8.0 * (angle + turn).sin());
    canvas.line(&[barb(0.45), head, barb(-0.45)], Stroke::new(style.ink, 1.8));
}

fn cross(canvas: &mut Canvas, points: &[(f64, f64)]) {
    marker(canvas, points, super::style::Marker::Cross, 5.0, Ink::TEXT, true);
}
