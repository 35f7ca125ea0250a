//! A map: colours over a grid, with what helps to read them.

use super::canvas::{Canvas, Label};
use super::cells::cells;
use super::contour::Grid;
use super::frame::Frame;
use super::legend::title;
use super::scale::Scale;
use super::style::{GREY, INK, short, step_size};
use super::{Picture, PlotError};
use crate::flow::{FlowMap, MapValues, Quantity};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
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
/// The greys of points without a value, by reason; the last one serves all further reasons.
const MISSING: [RGBColor; 4] =
    [RGBColor(205, 208, 213), RGBColor(150, 155, 163), RGBColor(98, 103, 112), RGBColor(226, 214, 196)];
/// The dashes of the line around points whose flow slid.
const SLID: Option<(f64, f64)> = Some((5.0, 3.0));
/// The height of a line of the list of reasons.
const LINE: f64 = 17.0;

impl Picture for MapPlot<'_> {
    fn size(&self) -> (u32, u32) {
        (760, 560)
    }

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>) -> Result<(), PlotError> {
        let map = self.map;
        let (x, y) = (&map.grid.x, &map.grid.y);
        let frame =
            Frame { place: (76.0, 70.0, 616.0, 502.0), x: (x.from, x.to), y: (y.from, y.to), x_log: false, log: false };
        canvas.fill(WHITE)?;
        let what = match map.quantity {
            Quantity::Field => "size and direction of the field".to_owned(),
            Quantity::Error { steps: 1 } => "distance from the optimizer after one step".to_owned(),
            Quantity::Error { steps } => format!("distance from the optimizer after {steps} steps"),
            Quantity::Stability => "growth over one step, with the Hessian held fixed".to_owned(),
        };
        let subtitle = format!("{} beside {}, {}: {what}", map.flow, map.method, step_size(&map.parameters, map.h));
        title(canvas, frame.place.0, &self.title, &subtitle)?;
        let values = self.colored();
        let numbers = values.iter().copied();
        let (scale, name) = match map.quantity {
            Quantity::Field => (Scale::logarithmic(numbers), "|field|"),
            Quantity::Error { .. } => (Scale::logarithmic(numbers), "error"),
            Quantity::Stability => (Scale::diverging(numbers), "growth"),
        };
        // Where every value is 0 there is no logarithm to show.
        let scale = scale.unwrap_or(Scale::Logarithmic { low: -1.0, high: 0.0 });
        let greys = self.greys();
        let grey = |at: usize| greys.get(&at).copied().unwrap_or(MISSING[0]);
        // A shade of the scale, or the grey of a reason.
        let shade = |at: usize| scale.shade(values[at]).map_or_else(|| grey(at), |s| scale.color(s));
        cells(canvas, &frame, (x.count, y.count), &shade)?;
        match &map.values {
            MapValues::Stability(values) => {
                let largest = values.iter().map(|s| s.map_or(f64::NAN, |s| s.largest)).collect();
                let grid = Grid::of(largest, x.count, frame.x, frame.y);
                for (level, dash) in [(1.0, Some((6.0, 4.0))), (2.0, None)] {
                    for line in grid.contour(level) {
                        for piece in frame.clipped(line.into_iter().map(|(x, y)| frame.map(x, y))) {
                            canvas.dashed(&piece, dash, INK.to_rgba(), 1.6)?;
                        }
                    }
                }
            }
            MapValues::Field(_) | MapValues::Error(_) => {
                let grid = Grid::sample(self.loss, frame.x, frame.y, CONTOUR_CELLS);
                for level in grid.levels(CONTOURS) {
                    for line in grid.contour(level) {
                        for piece in frame.clipped(line.into_iter().map(|(x, y)| frame.map(x, y))) {
                            canvas.line(&piece, WHITE.mix(0.4), 0.8)?;
                        }
                    }
                }
            }
        }
        self.slides(canvas, &frame)?;
        self.arrows(canvas, &frame)?;
        frame.axes(canvas, (&x.name, &y.name), false)?;
        // From the bottom: the reasons, then the lines of stability, then the scale.
        let notes = map.missing.len().min(MISSING.len()) + usize::from(!map.slid.is_empty());
        let top = 536.0 - LINE * notes as f64;
        let levels = matches!(map.quantity, Quantity::Stability);
        let end = if levels { top - 80.0 } else { frame.place.3.min(top - 22.0) };
        if levels {
            for (k, (text, dash)) in [("hλ = 1", Some((6.0, 4.0))), ("hλ = 2", None)].into_iter().enumerate() {
                let y = top - 46.0 + 22.0 * k as f64;
                canvas.dashed(&[(NOTES, y), (NOTES + 28.0, y)], dash, INK.to_rgba(), 1.6)?;
                canvas.text(text, (NOTES + 36.0, y), Label::new(13.0, INK, HPos::Left, VPos::Center))?;
            }
        }
        scale.bar(canvas, (NOTES, frame.place.1 + 30.0, end), name)?;
        self.notes(canvas, top)
    }
}

/// Where the scale and what stands below it begin.
const NOTES: f64 = 644.0;

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
    fn greys(&self) -> HashMap<usize, RGBColor> {
        let greys = self.map.missing.iter().enumerate();
        greys.flat_map(|(k, m)| m.places.iter().map(move |p| (*p, MISSING[k.min(MISSING.len() - 1)]))).collect()
    }

    /// A line around the points whose flow slid.
    fn slides<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>, frame: &Frame) -> Result<(), PlotError> {
        if self.map.slid.is_empty() {
            return Ok(());
        }
        let mut inside = vec![0.0; self.map.grid.len()];
        self.map.slid.iter().for_each(|place| inside[*place] = 1.0);
        let grid = Grid::of(inside, self.map.grid.x.count, frame.x, frame.y);
        for line in grid.contour(0.5) {
            for piece in frame.clipped(line.into_iter().map(|(x, y)| frame.map(x, y))) {
                canvas.dashed(&piece, SLID, INK.to_rgba(), 1.4)?;
            }
        }
        Ok(())
    }

    /// What the line around points and the greys mean, each with its share of the points.
    fn notes<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>, top: f64) -> Result<(), PlotError> {
        let text =
            |text: &str, y: f64| canvas.text(text, (NOTES + 22.0, y), Label::new(12.0, GREY, HPos::Left, VPos::Center));
        let share = |count: usize| {
            let percent = 100.0 * count as f64 / self.map.grid.len().max(1) as f64;
            if percent < 0.1 { "<0.1 %".to_owned() } else { format!("{} %", short((percent * 10.0).round() / 10.0)) }
        };
        let mut y = top + LINE / 2.0;
        if !self.map.slid.is_empty() {
            canvas.dashed(&[(NOTES, y), (NOTES + 16.0, y)], SLID, INK.to_rgba(), 1.4)?;
            text(&format!("slid, {}", share(self.map.slid.len())), y)?;
            y += LINE;
        }
        for (k, missing) in self.map.missing.iter().enumerate().take(MISSING.len()) {
            canvas.rectangle((NOTES, y - 5.0), (NOTES + 15.0, y + 6.0), MISSING[k])?;
            let rest = if k + 1 == MISSING.len() { &self.map.missing[k..] } else { std::slice::from_ref(missing) };
            let count = rest.iter().map(|m| m.places.len()).sum();
            let name = if rest.len() > 1 { "others" } else { missing.outcome.code() };
            text(&format!("{name}, {}", share(count)), y)?;
            y += LINE;
        }
        Ok(())
    }

    /// Arrows of one length along the real part of the field.
    fn arrows<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>, frame: &Frame) -> Result<(), PlotError> {
        let MapValues::Field(values) = &self.map.values else { return Ok(()) };
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
                    for piece in frame.clipped(line.into_iter().map(Some)) {
                        canvas.line(&piece, WHITE.mix(0.92), 1.3)?;
                    }
                }
            }
        }
        Ok(())
    }
}
