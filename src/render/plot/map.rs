//! A map: colours over a grid, with what helps to read them.

use super::canvas::{Canvas, Stroke};
use super::cells::cells;
use super::contour::Grid;
use super::frame::Frame;
use super::ink::Ink;
use super::legend::{Key, Legend};
use super::plane::Plane;
use super::rich::symbols;
use super::scale::Scale;
use super::style::{short, step_size};
use super::{Drawing, Picture, PlotError, Size};
use crate::flow::{FlowMap, MapValues, Quantity};
use std::collections::HashMap;

/// A map drawn: the size of the field, the error or the growth as colours; points without a value are grey, a shade for
/// every reason, and a dashed line goes around those whose flow slid along a cut of its field.
///
/// The field has arrows in the direction of its real part, fields and errors the loss's contours; stability has the lines where the
/// largest `hλ` is 1 (dashed) and 2 (solid).
#[allow(missing_debug_implementations, reason = "a closure has none")]
pub struct MapPlot<'a> {
    /// The map.
    pub map: &'a FlowMap,
    /// The loss at a point of the grid's plane; what is not finite has no contour.
    pub loss: &'a dyn Fn(f64, f64) -> f64,
    /// The title, such as the name of the loss.
    pub title: String,
}

const ARROWS: usize = 22;
const CONTOUR_CELLS: usize = 120;
const CONTOURS: usize = 14;
/// Lines on shades of a scale, which are the same on dark paper.
const WHITE: Ink = Ink::fixed(0xff_ff_ff);
const BLACK: Ink = Ink::fixed(0x1a_1c_20);
/// Contours of the loss, which lie on the dark half of the scale mostly.
const FAINT: Ink = Ink::fixed(0xb8_c4_cc);
/// The greys of points without a value, by reason; the last one serves all further reasons.
const MISSING: [Ink; 4] =
    [Ink::fixed(0xcd_d0_d5), Ink::fixed(0x96_9b_a3), Ink::fixed(0x62_67_70), Ink::fixed(0xe2_d6_c4)];

/// The line around points whose flow slid.
fn slid() -> Stroke {
    Stroke::new(BLACK, 1.4).dashed(&[5.0, 3.0])
}

/// The lines where the largest hλ is 1 and 2.
fn levels() -> [(f64, Stroke); 2] {
    [(1.0, Stroke::new(BLACK, 1.6).dashed(&[6.0, 4.0])), (2.0, Stroke::new(BLACK, 1.6))]
}

impl Picture for MapPlot<'_> {
    fn draw(&self, size: Size) -> Result<Drawing, PlotError> {
        let map = self.map;
        let (x, y) = (&map.grid.x, &map.grid.y);
        let what = match map.quantity {
            Quantity::Field => "size and direction of the field".to_owned(),
            Quantity::Error { steps: 1 } => "distance from the optimizer after one step".to_owned(),
            Quantity::Error { steps } => format!("distance from the optimizer after {steps} steps"),
            Quantity::Stability => "growth over one step, with the Hessian held fixed".to_owned(),
        };
        let subtitle = format!("{} beside {}, {}: {what}", map.flow, map.method, step_size(&map.parameters, map.h));
        let values = self.colored();
        let numbers = values.iter().copied();
        let (scale, quantity) = match map.quantity {
            Quantity::Field => (Scale::logarithmic(numbers), "|field|"),
            Quantity::Error { .. } => (Scale::logarithmic(numbers), "error"),
            Quantity::Stability => (Scale::diverging(numbers), "growth"),
        };
        // Where every value is 0 there is no logarithm to show.
        let scale = scale.unwrap_or(Scale::Logarithmic { low: -1.0, high: 0.0 });
        let [x_name, y_name] = symbols([&x.name, &y.name]);
        let plane = Plane {
            title: &self.title,
            subtitle: &subtitle,
            x: (x_name, (x.from, x.to)),
            y: (y_name, (y.from, y.to)),
            scale,
            quantity,
            legend: self.legend(),
        };
        plane.draw(size, |canvas, frame| {
            let greys = self.greys();
            let grey = |at: usize| greys.get(&at).copied().unwrap_or(MISSING[0]);
            // A shade of the scale, or the grey of a reason.
            let shade = |at: usize| scale.shade(values[at]).map_or_else(|| grey(at), |s| scale.color(s));
            cells(canvas, frame, (x.count, y.count), &shade);
            match &map.values {
                MapValues::Stability(values) => {
                    let largest = values.iter().map(|s| s.map_or(f64::NAN, |s| s.largest)).collect();
                    let grid = Grid::of(largest, x.count, frame.x, frame.y);
                    for (level, stroke) in levels() {
                        frame.contour(canvas, &grid, level, stroke);
                    }
                }
                MapValues::Field(_) | MapValues::Error(_) => {
                    let grid = Grid::sample(self.loss, frame.x, frame.y, CONTOUR_CELLS);
                    for level in grid.levels(CONTOURS) {
                        frame.contour(canvas, &grid, level, Stroke::new(FAINT, 0.7));
                    }
                }
            }
            self.slides(canvas, frame);
            self.arrows(canvas, frame);
        })
    }
}

impl MapPlot<'_> {
    /// The number that colours every point; NaN where there is none.
    fn colored(&self) -> Vec<f64> {
        match &self.map.values {
            MapValues::Field(values) => {
                let size = |f: &Vec<num_complex::Complex64>| f.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
                values.iter().map(|v| v.as_ref().map_or(f64::NAN, size)).collect()
            }
            MapValues::Error(values) => values.iter().map(|v| v.unwrap_or(f64::NAN)).collect(),
            MapValues::Stability(values) => values.iter().map(|v| v.map_or(f64::NAN, |s| s.growth)).collect(),
        }
    }

    /// The grey of every point without a value.
    fn greys(&self) -> HashMap<usize, Ink> {
        let greys = self.map.missing.iter().enumerate();
        greys.flat_map(|(k, m)| m.places.iter().map(move |p| (*p, MISSING[k.min(MISSING.len() - 1)]))).collect()
    }

    /// A line around the points whose flow slid.
    fn slides(&self, canvas: &mut Canvas, frame: &Frame) {
        if self.map.slid.is_empty() {
            return;
        }
        let mut inside = vec![0.0; self.map.grid.len()];
        self.map.slid.iter().for_each(|place| inside[*place] = 1.0);
        let grid = Grid::of(inside, self.map.grid.x.count, frame.x, frame.y);
        frame.contour(canvas, &grid, 0.5, Stroke { dash: &[], ..slid() }.on(WHITE, 2.6));
        frame.contour(canvas, &grid, 0.5, slid());
    }

    /// What lines mean, and the greys, each with its share of the points.
    fn legend(&self) -> Legend {
        let share = |count: usize| {
            let percent = 100.0 * count as f64 / self.map.grid.len().max(1) as f64;
            if percent < 0.1 { "<0.1 %".to_owned() } else { format!("{} %", short((percent * 10.0).round() / 10.0)) }
        };
        let mut entries = Vec::new();
        if matches!(self.map.quantity, Quantity::Stability) {
            let line = |stroke: Stroke| Key::Line(Stroke { ink: Ink::TEXT, ..stroke });
            entries.extend(levels().map(|(level, stroke)| (line(stroke), format!("$hλ_0 = {level}$"))));
        }
        if !self.map.slid.is_empty() {
            let line = Key::Line(Stroke { ink: Ink::TEXT, ..slid() });
            entries.push((line, format!("slid, {}", share(self.map.slid.len()))));
        }
        for (k, missing) in self.map.missing.iter().enumerate().take(MISSING.len()) {
            let rest = if k + 1 == MISSING.len() { &self.map.missing[k..] } else { std::slice::from_ref(missing) };
            let count = rest.iter().map(|m| m.places.len()).sum();
            let name = if rest.len() > 1 { "others" } else { missing.outcome.code() };
            entries.push((Key::Patch(MISSING[k]), format!("{name}, {}", share(count))));
        }
        Legend { entries, notes: Vec::new() }
    }

    /// Arrows of one length along the real part of the field.
    fn arrows(&self, canvas: &mut Canvas, frame: &Frame) {
        let MapValues::Field(values) = &self.map.values else { return };
        let mut lines = Vec::new();
        let (x, y) = (&self.map.grid.x, &self.map.grid.y);
        let (left, top, right, bottom) = frame.place;
        let pace = |count: usize| count.div_ceil(ARROWS);
        let length = 0.7 * ((right - left) / ARROWS as f64).min((bottom - top) / ARROWS as f64);
        for row in (pace(y.count) / 2..y.count).step_by(pace(y.count)) {
            for column in (pace(x.count) / 2..x.count).step_by(pace(x.count)) {
                let (Some(field), Some(at)) = (&values[row * x.count + column], frame.map(x.at(column), y.at(row)))
                else {
                    continue;
                };
                let along = |k: usize, pixels: f64, range: (f64, f64)| field[k].re * pixels / (range.1 - range.0);
                let (dx, dy) = (along(x.parameter, right - left, frame.x), -along(y.parameter, bottom - top, frame.y));
                let size = dx.hypot(dy);
                if size == 0.0 || !size.is_finite() {
                    continue;
                }
                let (dx, dy) = (dx / size * length, dy / size * length);
                let (tail, tip) = ((at.0 - dx / 2.0, at.1 - dy / 2.0), (at.0 + dx / 2.0, at.1 + dy / 2.0));
                let barb = |turn: f64| {
                    let (sin, cos) = (std::f64::consts::PI - turn).sin_cos();
                    (tip.0 + 0.34 * (dx * cos - dy * sin), tip.1 + 0.34 * (dx * sin + dy * cos))
                };
                for line in [vec![tail, tip], vec![barb(0.5), tip, barb(-0.5)]] {
                    lines.extend(frame.clipped(line.into_iter().map(Some)));
                }
            }
        }
        // Seen on dark and on bright shades.
        canvas.lines(&lines, Stroke::new(Ink::fixed(0x0010_1216), 2.4));
        canvas.lines(&lines, Stroke::new(WHITE, 1.2));
    }
}
