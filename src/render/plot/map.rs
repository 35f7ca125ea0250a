//! A map: colours over a grid, with what helps to read them.

use super::canvas::{Canvas, Label};
use super::contour::Grid;
use super::frame::Frame;
use super::legend::title;
use super::scale::Scale;
use super::style::{GREY, INK, step_size};
use super::{Picture, PlotError};
use crate::flow::{FlowMap, MapValues, Quantity};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// A map drawn: the size of the field, the error or the growth as colours; points without a value are left grey.
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

/// The most cells a side that are drawn; finer maps are drawn from some of their points.
const MOST_CELLS: usize = 400;
const ARROWS: usize = 22;
const CONTOUR_CELLS: usize = 120;
const CONTOURS: usize = 14;
const MISSING: RGBColor = RGBColor(196, 200, 206);

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
        self.cells(canvas, &frame, scale, &values)?;
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
                let (left, top) = (644.0, 440.0);
                for (k, (text, dash)) in [("hλ = 1", Some((6.0, 4.0))), ("hλ = 2", None)].into_iter().enumerate() {
                    let y = top + 24.0 * k as f64;
                    canvas.dashed(&[(left, y), (left + 28.0, y)], dash, INK.to_rgba(), 1.6)?;
                    canvas.text(text, (left + 36.0, y), Label::new(13.0, INK, HPos::Left, VPos::Center))?;
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
        self.arrows(canvas, &frame)?;
        frame.axes(canvas, (&x.name, &y.name), false)?;
        let end = if matches!(map.quantity, Quantity::Stability) { 400.0 } else { frame.place.3 };
        scale.bar(canvas, (644.0, frame.place.1 + 30.0, end), name)?;
        if values.iter().any(|v| v.is_nan()) {
            let at = (644.0, 522.0);
            canvas.rectangle(at, (at.0 + 18.0, at.1 + 12.0), MISSING)?;
            canvas.text("no value", (at.0 + 26.0, at.1 + 6.0), Label::new(12.5, GREY, HPos::Left, VPos::Center))?;
        }
        Ok(())
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

    fn cells<B: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, B>,
        frame: &Frame,
        scale: Scale,
        values: &[f64],
    ) -> Result<(), PlotError> {
        let (left, top, right, bottom) = frame.place;
        let (nx, ny) = (self.map.grid.x.count, self.map.grid.y.count);
        let (columns, rows) = (nx.min(MOST_CELLS), ny.min(MOST_CELLS));
        let place = |k: usize, drawn: usize, count: usize| (k * (count - 1) + (drawn - 1) / 2) / (drawn - 1);
        let (width, height) = ((right - left) / columns as f64, (bottom - top) / rows as f64);
        for row in 0..rows {
            let from = place(row, rows, ny) * nx;
            let shade = |column: usize| scale.shade(values[from + place(column, columns, nx)]);
            let low = bottom - height * row as f64;
            // Half a unit over the row above and the next cell, which are drawn later, so that no seam shows.
            let high = (low - height - 0.5).max(top);
            let mut start = 0;
            while start < columns {
                let own = shade(start);
                let end = (start + 1..columns).find(|k| shade(*k) != own).unwrap_or(columns);
                let color = own.map_or(MISSING, |s| scale.color(s));
                let reach = (left + width * end as f64 + 0.5).min(right);
                canvas.rectangle((left + width * start as f64, low), (reach, high), color)?;
                start = end;
            }
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
