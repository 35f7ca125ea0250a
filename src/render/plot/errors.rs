//! The flows' errors against the optimizer's steps.

use super::canvas::Canvas;
use super::frame::Frame;
use super::legend::{Named, color, legend, title};
use super::style::{dash, step_size};
use super::{Picture, PlotError};
use crate::flow::{Restart, Simulation};
use plotters::prelude::*;

/// The distance of each flow from the optimizer's iterate at every step, on a logarithmic scale, for any number of
/// parameters; errors of zero, as at the start, and missing ones are left out.
#[derive(Debug, Clone, Copy)]
pub struct ErrorsPlot<'a> {
    /// The simulation.
    pub simulation: &'a Simulation,
}

impl Picture for ErrorsPlot<'_> {
    fn size(&self) -> (u32, u32) {
        (760, 440)
    }

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>) -> Result<(), PlotError> {
        let simulation = self.simulation;
        let shown = |error: &Option<f64>| error.filter(|e| e.is_finite() && *e > 0.0);
        let errors = simulation.flows.iter().flat_map(|f| f.error.iter().filter_map(shown));
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for error in errors {
            (low, high) = (low.min(error), high.max(error));
        }
        if low > high {
            return Err(PlotError::Empty("no flow has an error above zero at any step"));
        }
        // Errors far beyond everything else or below rounding would flatten the rest.
        let high = high.log10().min(low.log10() + 40.0);
        let low = low.log10().max(high - 18.0);
        let margin = (0.06 * (high - low)).max(0.2);
        let last = simulation.times.len().saturating_sub(1).max(1);
        let frame = Frame {
            place: (76.0, 66.0, 600.0, 386.0),
            x: (0.0, last as f64),
            y: (low - margin, high + margin),
            x_log: false,
            log: true,
        };
        canvas.fill(WHITE)?;
        let subtitle = format!("{}, {}", simulation.method, step_size(&simulation.parameters, simulation.h));
        let (heading, axis) = match simulation.restart {
            Restart::Never => ("Error of the flows", "distance from the iterate"),
            Restart::Each => ("One-step error of the flows", "one-step error"),
        };
        title(canvas, frame.place.0, heading, &subtitle)?;
        frame.axes(canvas, ("step", axis), true)?;
        for (place, flow) in simulation.flows.iter().enumerate() {
            let points: Vec<Option<(f64, f64)>> = flow
                .error
                .iter()
                .enumerate()
                .map(|(step, error)| shown(error).and_then(|e| frame.map(step as f64, e)))
                .collect();
            for piece in frame.clipped(points.iter().copied()) {
                canvas.dashed(&piece, dash(place), color(place).to_rgba(), 2.2)?;
            }
            if points.len() <= 60 {
                for at in points.into_iter().flatten().filter(|at| frame.holds(*at)) {
                    canvas.dot(at, 2.6, color(place).to_rgba())?;
                }
            }
        }
        let named = Named::of(simulation, |flow| flow.error.iter().any(|e| shown(e).is_some()));
        legend(canvas, (620.0, frame.place.1), &named)
    }
}
