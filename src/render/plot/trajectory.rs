//! Trajectories in the plane of two parameters, over the loss's contours.

use super::canvas::Canvas;
use super::frame::Frame;
use super::legend::{Named, color, legend, title};
use super::style::{INK, dash, step_size};
use super::{Picture, PlotError};
use crate::flow::{FlowRun, Simulation};
use num_complex::Complex64;
use plotters::prelude::*;

/// The optimizer's iterates (dots) and the flows (lines, real parts) of a simulation with two parameters, over the
/// contours of the loss.
///
/// Points that are not finite interrupt a line, and a runaway is cut at the window, which the bulk of the iterates
/// determines. The contours' levels are spaced logarithmically above the smallest value in the window.
#[allow(missing_debug_implementations, reason = "a closure has none")]
pub struct TrajectoryPlot<'a> {
    /// The simulation.
    pub simulation: &'a Simulation,
    /// The loss at a point; what is not finite has no contour.
    pub loss: &'a dyn Fn(f64, f64) -> f64,
    /// The title, such as the name of the loss.
    pub title: String,
}

impl Picture for TrajectoryPlot<'_> {
    fn size(&self) -> (u32, u32) {
        (760, 540)
    }

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<'_, B>) -> Result<(), PlotError> {
        let simulation = self.simulation;
        let [x_name, y_name] = simulation.parameters.as_slice() else {
            return Err(PlotError::NotPlanar(simulation.parameters.len()));
        };
        let (x, y) = window(simulation).ok_or(PlotError::Empty("no iterate is finite"))?;
        let frame = Frame { place: (76.0, 66.0, 600.0, 486.0), x, y, x_log: false, log: false };
        canvas.fill(WHITE)?;
        let subtitle = format!(
            "{}, {}, {} steps",
            simulation.method,
            step_size(&simulation.parameters, simulation.h),
            steps(simulation)
        );
        title(canvas, frame.place.0, &self.title, &subtitle)?;
        frame.contours(canvas, self.loss)?;
        frame.axes(canvas, (x_name, y_name), false)?;
        for (place, flow) in simulation.flows.iter().enumerate() {
            let at = |state: Option<&[Complex64]>| match state {
                Some([x, y]) => frame.map(x.re, y.re),
                _ => None,
            };
            // What the flow passed between the optimizer's times, where it was recorded.
            let points: Vec<Option<(f64, f64)>> = if flow.path.is_empty() {
                flow.trajectory.iter().map(|state| at(state.as_deref())).collect()
            } else {
                flow.path.iter().map(|state| at(Some(state))).collect()
            };
            for piece in frame.clipped(points.iter().copied()) {
                canvas.dashed(&piece, dash(place), color(place).mix(0.95), 2.4)?;
            }
        }
        let iterates: Vec<Option<(f64, f64)>> = simulation
            .iterates
            .iter()
            .map(|iterate| match iterate.as_deref() {
                Some([x, y]) => frame.map(*x, *y),
                _ => None,
            })
            .collect();
        for piece in frame.clipped(iterates.iter().copied()) {
            canvas.line(&piece, INK.mix(0.35), 0.9)?;
        }
        for (step, at) in iterates.iter().enumerate() {
            if let Some(at) = at.filter(|at| frame.holds(*at)) {
                let radius = if step == 0 { 5.0 } else { 3.2 };
                canvas.dot(at, radius + 1.0, WHITE.mix(0.9))?;
                canvas.dot(at, radius, INK.to_rgba())?;
            }
        }
        // A start alone is no line.
        let is_drawn = |flow: &FlowRun| flow.path.len() > 1 || flow.trajectory.iter().flatten().count() > 1;
        let named = Named { optimizer: Some(&simulation.method), ..Named::of(simulation, is_drawn) };
        legend(canvas, (620.0, frame.place.1), &named)
    }
}

fn steps(simulation: &Simulation) -> usize {
    simulation.times.len().saturating_sub(1)
}

/// The ranges of both parameters: the iterates without runaways, flows that stay near, and a margin.
fn window(simulation: &Simulation) -> Option<((f64, f64), (f64, f64))> {
    let finite = |p: &[f64; 2]| p.iter().all(|x| x.is_finite());
    let iterates = simulation.iterates.iter().flatten().filter_map(|p| <[f64; 2]>::try_from(p.as_slice()).ok());
    let iterates: Vec<[f64; 2]> = iterates.filter(finite).collect();
    let start = *iterates.first()?;
    let distance = |p: &[f64; 2]| (p[0] - start[0]).abs().max((p[1] - start[1]).abs());
    let mut distances: Vec<f64> = iterates.iter().map(distance).collect();
    distances.sort_by(f64::total_cmp);
    let reach = 8.0 * distances[distances.len() / 2];
    let mut low = start;
    let mut high = start;
    let mut include = |p: &[f64; 2]| {
        for k in 0..2 {
            low[k] = low[k].min(p[k]);
            high[k] = high[k].max(p[k]);
        }
    };
    iterates.iter().filter(|p| distance(p) <= reach).for_each(&mut include);
    let (low_core, high_core) = (low, high);
    let core = (0..2).map(|k| high_core[k] - low_core[k]).fold(0.0, f64::max);
    let mut include = |p: &[f64; 2]| {
        let near = |k: usize| p[k] >= low_core[k] - 0.35 * core && p[k] <= high_core[k] + 0.35 * core;
        if near(0) && near(1) {
            for k in 0..2 {
                low[k] = low[k].min(p[k]);
                high[k] = high[k].max(p[k]);
            }
        }
    };
    for state in simulation.flows.iter().flat_map(|f| f.trajectory.iter().flatten()) {
        if let [x, y] = state.as_slice() {
            include(&[x.re, y.re]);
        }
    }
    let largest = (0..2).map(|k| high[k] - low[k]).fold(0.0, f64::max);
    // A direction in which nothing moves still gets a width, so that contours show.
    let least = if largest > 0.0 { 0.35 * largest } else { start[0].abs().max(start[1].abs()).max(1.0) };
    let range = |k: usize| {
        let width = (high[k] - low[k]).max(least);
        let (middle, half) = (f64::midpoint(low[k], high[k]), 0.6 * width);
        (middle - half, middle + half)
    };
    let (x, y) = (range(0), range(1));
    [x.0, x.1, y.0, y.1].iter().all(|v| v.is_finite()).then_some((x, y))
}
