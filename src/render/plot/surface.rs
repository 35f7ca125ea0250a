//! The loss over a plane: colours and contours.

use super::canvas::{Canvas, Stroke};
use super::cells::cells;
use super::contour::Grid;
use super::ink::Ink;
use super::legend::{Key, Legend};
use super::marker::marker;
use super::plane::Plane;
use super::rich::symbols;
use super::scale::Scale;
use super::series::Look;
use super::style::{Marker, Style, short};
use super::{Drawing, Picture, PlotError, Size};
use crate::flow::{LossSurface, PlaneName};
use crate::render::text::plane_words;

/// The loss over a plane, drawn: its size as colour, its contours, and the points that the plane goes through; points where it is not finite are grey.
///
/// Colours go by the logarithm where the loss is positive and spans decades.
#[derive(Debug, Clone)]
pub struct SurfacePlot<'a> {
    /// The surface.
    pub surface: &'a LossSurface,
    /// The title, such as the name of the loss.
    pub title: String,
}

const CONTOURS: usize = 16;
/// Points where the loss is not finite.
const MISSING: Ink = Ink::fixed(0xcd_d0_d5);
/// Lines on shades, which are the same on dark paper.
const FAINT: Ink = Ink::fixed(0xc8_d2_d8);
const WHITE: Ink = Ink::fixed(0xff_ff_ff);
const BLACK: Ink = Ink::fixed(0x1a_1c_20);
/// How many times the least loss the largest one is before colours go by the logarithm.
const DECADES: f64 = 20.0;

impl Picture for SurfacePlot<'_> {
    fn draw(&self, size: Size) -> Result<Drawing, PlotError> {
        let surface = self.surface;
        let (x, y) = (&surface.grid.x, &surface.grid.y);
        let values: Vec<f64> = surface.values.iter().map(|v| v.unwrap_or(f64::NAN)).collect();
        let finite = || values.iter().copied().filter(|v| v.is_finite());
        let (least, most) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        if least > most {
            return Err(PlotError::Empty("the loss is finite at no point of the plane"));
        }
        let logarithmic = (least > 0.0 && most > DECADES * least).then(|| Scale::logarithmic(finite())).flatten();
        let scale = logarithmic.unwrap_or_else(|| Scale::linear(least, most));
        let missing = surface.values.iter().filter(|v| v.is_none()).count();
        let mut entries = Vec::new();
        for (_, shape, name) in self.points() {
            entries.push((Key::Look(Look::Iterates(Style { marker: shape, ..Style::optimizer("gd") })), name));
        }
        if missing > 0 {
            let share = 100.0 * missing as f64 / surface.values.len() as f64;
            entries.push((Key::Patch(MISSING), format!("no value, {} %", short((share * 10.0).round() / 10.0))));
        }
        let [x_name, y_name] = symbols([&x.name, &y.name]);
        let plane = Plane {
            title: &self.title,
            subtitle: &format!("the loss {}", plane_words(&surface.plane)),
            x: (x_name, (x.from, x.to)),
            y: (y_name, (y.from, y.to)),
            scale,
            quantity: "loss",
            legend: Legend { entries, notes: Vec::new() },
        };
        plane.draw(size, |canvas, frame| {
            let color = |at: usize| scale.shade(values[at]).map_or(MISSING, |shade| scale.color(shade));
            cells(canvas, frame, (x.count, y.count), &color);
            let grid = Grid::of(values.clone(), x.count, frame.x, frame.y);
            for level in grid.levels(CONTOURS) {
                frame.contour(canvas, &grid, level, Stroke::new(FAINT, 0.8));
            }
            for ((px, py), shape, _) in self.points() {
                if let Some(at) = frame.map(px, py).filter(|at| frame.holds(*at)) {
                    on_shades(canvas, at, shape);
                }
            }
        })
    }
}

impl SurfacePlot<'_> {
    /// The points that the plane goes through, with their markers and names.
    fn points(&self) -> Vec<((f64, f64), Marker, String)> {
        let mut points = vec![((0.0, 0.0), Marker::Circle, "the point".to_owned())];
        if let PlaneName::Points([a, b]) = &self.surface.plane.name {
            let stem = |file: &str| {
                let name = std::path::Path::new(file).file_stem().map(|n| n.to_string_lossy().into_owned());
                name.unwrap_or_default()
            };
            points.extend([((1.0, 0.0), Marker::Square, stem(a)), ((0.0, 1.0), Marker::Triangle, stem(b))]);
        }
        points
    }
}

/// An open marker that shows on every shade, and the shade within it.
fn on_shades(canvas: &mut Canvas, at: (f64, f64), shape: Marker) {
    for (radius, ink) in [(7.0, BLACK), (5.6, WHITE), (4.2, BLACK)] {
        marker(canvas, &[at], shape, radius, ink, false);
    }
}
