//! The loss and the sharpness at every step: the edge of stability as a picture.

use super::canvas::{Canvas, Label};
use super::frame::Frame;
use super::legend::{Named, color, legend, title};
use super::style::{GREY, INK, dash, step_size};
use super::{Picture, PlotError};
use crate::flow::Simulation;
use num_complex::Complex64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

/// The loss and `hλ_0` of the optimizer and the flows at every step, one panel above the other, with lines where `hλ_0` is 1 and 2, for any number of
/// parameters. Of complex values the real part is drawn.
///
/// The loss's axis is logarithmic where its values are positive and span more than a factor of 20. A runaway is cut at the top of its panel.
#[derive(Debug, Clone)]
pub struct SharpnessPlot<'a> {
    /// The simulation.
    pub simulation: &'a Simulation,
    /// The title.
    pub title: String,
}

/// One line of a panel.
struct Line {
    /// The flow's place in the palette; `None` for the optimizer.
    place: Option<usize>,
    values: Vec<Option<f64>>,
}

/// How many times the least loss the largest one is before the axis is logarithmic.
const DECADES: f64 = 20.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 600.0;

impl Picture for SharpnessPlot<'_> {
    fn size(&self) -> (u32, u32) {
        (760, 620)
    }

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>) -> Result<(), PlotError> {
        let simulation = self.simulation;
        let real = |values: &[Option<Complex64>]| values.iter().map(|z| z.map(|z| z.re)).collect();
        let flows = simulation.flows.iter().enumerate();
        let mut losses: Vec<Line> =
            flows.clone().map(|(place, f)| Line { place: Some(place), values: real(&f.loss) }).collect();
        let mut levels: Vec<Line> =
            flows.map(|(place, f)| Line { place: Some(place), values: real(&f.h_lambda_0) }).collect();
        losses.push(Line { place: None, values: simulation.loss.clone() });
        levels.push(Line { place: None, values: simulation.h_lambda_0.clone() });
        let last = simulation.times.len().saturating_sub(1).max(1);
        let x = (0.0, last as f64);
        canvas.fill(WHITE)?;
        let subtitle = format!("{}, {}", simulation.method, step_size(&simulation.parameters, simulation.h));
        title(canvas, LEFT, &self.title, &subtitle)?;

        // A logarithm only where there are decades to show.
        let (least, most) = finite(&losses).fold((f64::INFINITY, 0.0_f64), |(l, m), v| (l.min(v), m.max(v)));
        let positive = least > 0.0 && most > DECADES * least;
        let scale = |v: f64| if positive { v.log10() } else { v };
        let own = simulation.loss.iter().flatten().copied().filter(|v| v.is_finite()).map(scale);
        let y = range(finite(&losses).map(scale), own).ok_or(PlotError::Empty("the loss is finite at no step"))?;
        let above = Frame { place: (LEFT, 66.0, RIGHT, 292.0), x, y, x_log: false, log: positive };
        above.axes(canvas, ("step", "loss"), true)?;
        draw(canvas, &above, &losses)?;

        let own = simulation.h_lambda_0.iter().flatten().copied().filter(|v| v.is_finite());
        if let Some((low, high)) = range(finite(&levels), own) {
            // Room for the edge of stability and its name.
            let y = (low.min(-0.1), high.max(2.4));
            let below = Frame { place: (LEFT, 350.0, RIGHT, 566.0), x, y, x_log: false, log: false };
            below.axes(canvas, ("step", "largest hλ"), true)?;
            for (level, name) in [(1.0, "hλ = 1"), (2.0, "hλ = 2, the edge of stability")] {
                let (Some(a), Some(b)) = (below.map(x.0, level), below.map(x.1, level)) else { continue };
                if below.holds(a) {
                    canvas.dashed(&[a, b], Some((3.0, 3.0)), GREY.mix(0.9), 1.0)?;
                    canvas.text(name, (b.0 - 6.0, b.1 - 3.0), Label::new(12.0, GREY, HPos::Right, VPos::Bottom))?;
                }
            }
            draw(canvas, &below, &levels)?;
        }
        let is_drawn = |flow: &crate::flow::FlowRun| flow.loss.iter().skip(1).any(Option::is_some);
        let named = Named { optimizer: Some(&simulation.method), ..Named::of(simulation, is_drawn) };
        legend(canvas, (620.0, 66.0), &named)
    }
}

fn finite(lines: &[Line]) -> impl Iterator<Item = f64> + '_ {
    lines.iter().flat_map(|line| line.values.iter().flatten().copied()).filter(|v| v.is_finite())
}

/// What an axis shows: everything, but for runaways, which the middle of the optimizer's own values sets apart.
fn range(values: impl Iterator<Item = f64>, own: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let mut own: Vec<f64> = own.collect();
    own.sort_by(f64::total_cmp);
    let (least, most) = (*own.first()?, own[own.len() * 9 / 10]);
    let room = 1.5 * (most - least).max(0.05 * most.abs()).max(1e-9);
    let near = values.filter(|v| (least - room..=most + room).contains(v));
    let (low, high) = near.fold((least, most), |(low, high), v| (low.min(v), high.max(v)));
    let margin = (0.06 * (high - low)).max(1e-3 * high.abs()).max(1e-6);
    Some((low - margin, high + margin))
}

fn draw<B: DrawingBackend>(canvas: &Canvas<'_, B>, frame: &Frame, lines: &[Line]) -> Result<(), PlotError> {
    for line in lines {
        let points: Vec<Option<(f64, f64)>> = line
            .values
            .iter()
            .enumerate()
            .map(|(step, v)| v.filter(|v| v.is_finite()).and_then(|v| frame.map(step as f64, v)))
            .collect();
        for piece in frame.clipped(points.iter().copied()) {
            match line.place {
                Some(place) => canvas.dashed(&piece, dash(place), color(place).to_rgba(), 2.0)?,
                None => canvas.line(&piece, INK.mix(0.35), 0.9)?,
            }
        }
        if line.place.is_none() && points.len() <= 120 {
            for at in points.into_iter().flatten().filter(|at| frame.holds(*at)) {
                canvas.dot(at, 3.4, WHITE.mix(0.9))?;
                canvas.dot(at, 2.6, INK.to_rgba())?;
            }
        }
    }
    Ok(())
}
