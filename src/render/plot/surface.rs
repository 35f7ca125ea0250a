//! The loss over a plane: colours and contours.

use super::canvas::{Canvas, Label};
use super::cells::cells;
use super::contour::Grid;
use super::frame::Frame;
use super::legend::title;
use super::scale::Scale;
use super::style::{GREY, INK, short};
use super::{Picture, PlotError};
use crate::flow::{LossSurface, PlaneName};
use crate::render::text::plane_words;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

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
/// Where the scale begins.
const NOTES: f64 = 644.0;
/// Points where the loss is not finite.
const MISSING: RGBColor = RGBColor(205, 208, 213);
/// How many times the least loss the largest one is before colours go by the logarithm.
const DECADES: f64 = 20.0;

impl Picture for SurfacePlot<'_> {
    fn size(&self) -> (u32, u32) {
        (760, 560)
    }

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>) -> Result<(), PlotError> {
        let surface = self.surface;
        let (x, y) = (&surface.grid.x, &surface.grid.y);
        let values: Vec<f64> = surface.values.iter().map(|v| v.unwrap_or(f64::NAN)).collect();
        let finite = || values.iter().copied().filter(|v| v.is_finite());
        let (least, most) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(v), b.max(v)));
        if least > most {
            return Err(PlotError::Empty("the loss is finite at no point of the plane"));
        }
        let frame =
            Frame { place: (76.0, 70.0, 616.0, 502.0), x: (x.from, x.to), y: (y.from, y.to), x_log: false, log: false };
        canvas.fill(WHITE)?;
        title(canvas, frame.place.0, &self.title, &format!("the loss {}", plane_words(&surface.plane)))?;
        let logarithmic = (least > 0.0 && most > DECADES * least).then(|| Scale::logarithmic(finite())).flatten();
        let scale = logarithmic.unwrap_or_else(|| Scale::linear(least, most));
        let color = |at: usize| scale.shade(values[at]).map_or(MISSING, |shade| scale.color(shade));
        cells(canvas, &frame, (x.count, y.count), &color)?;
        let grid = Grid::of(values.clone(), x.count, frame.x, frame.y);
        for level in grid.levels(CONTOURS) {
            for line in grid.contour(level) {
                for piece in frame.clipped(line.into_iter().map(|(x, y)| frame.map(x, y))) {
                    canvas.line(&piece, WHITE.mix(0.55), 0.9)?;
                }
            }
        }
        frame.axes(canvas, (&x.name, &y.name), false)?;
        let mut marks = vec![((0.0, 0.0), "the point".to_owned())];
        if let PlaneName::Points([a, b]) = &surface.plane.name {
            let stem = |file: &str| {
                let name = std::path::Path::new(file).file_stem().map(|n| n.to_string_lossy().into_owned());
                name.unwrap_or_default()
            };
            marks.extend([((1.0, 0.0), stem(a)), ((0.0, 1.0), stem(b))]);
        }
        for ((px, py), name) in marks {
            let Some(at) = frame.map(px, py).filter(|at| frame.holds(*at)) else { continue };
            canvas.dot(at, 5.0, WHITE.mix(0.95))?;
            canvas.dot(at, 3.6, INK.to_rgba())?;
            // To the left where there is no room to the right.
            let right = at.0 < frame.place.2 - 90.0;
            let (left, side) = if right { (at.0 + 9.0, HPos::Left) } else { (at.0 - 9.0, HPos::Right) };
            // Legible on any colour: about as wide as the text will be.
            let width = 6.6 * name.chars().count() as f64 + 6.0;
            let (from, to) = if right { (left - 3.0, left + width) } else { (left - width, left + 3.0) };
            canvas.rectangle((from, at.1 - 8.0), (to, at.1 + 8.0), WHITE)?;
            canvas.text(&name, (left, at.1), Label::new(12.5, INK, side, VPos::Center))?;
        }
        let missing = surface.values.iter().filter(|v| v.is_none()).count();
        let end = if missing > 0 { frame.place.3 - 40.0 } else { frame.place.3 };
        scale.bar(canvas, (NOTES, frame.place.1 + 30.0, end), "loss")?;
        if missing > 0 {
            let y = frame.place.3 - 8.0;
            canvas.rectangle((NOTES, y - 5.0), (NOTES + 15.0, y + 6.0), MISSING)?;
            let share = 100.0 * missing as f64 / surface.values.len() as f64;
            let text = format!("no value, {} %", short((share * 10.0).round() / 10.0));
            canvas.text(&text, (NOTES + 22.0, y), Label::new(12.0, GREY, HPos::Left, VPos::Center))?;
        }
        Ok(())
    }
}
