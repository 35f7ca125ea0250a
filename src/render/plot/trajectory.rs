//! Trajectories in the plane of two parameters, over the loss's contours.

use super::errors::{missing, settings, styles};
use super::rich::symbols;
use super::series::{Look, Series};
use super::style::Style;
use super::{Axis, Chart, Drawing, Panel, Picture, PlotError, Size};
use crate::flow::{FlowRun, Simulation};
use num_complex::Complex64;

/// The optimizer's iterates (open markers) and the flows (lines, real parts) of a simulation with two parameters, over the
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
    fn draw(&self, size: Size) -> Result<Drawing, PlotError> {
        self.chart()?.draw(size)
    }
}

impl TrajectoryPlot<'_> {
    fn chart(&self) -> Result<Chart<'_>, PlotError> {
        let simulation = self.simulation;
        let [x_name, y_name] = simulation.parameters.as_slice() else {
            return Err(PlotError::NotPlanar(simulation.parameters.len()));
        };
        let (x, y) = window(simulation).ok_or(PlotError::Empty("no iterate is finite"))?;
        let axis = |name: String, (low, high): (f64, f64)| Axis::new(name).range(low, high);
        let [x_name, y_name] = symbols([x_name, y_name]);
        let mut panel = Panel::new("", axis(x_name, x), axis(y_name, y)).over(self.loss);
        let nowhere = (f64::NAN, f64::NAN);
        // A start alone is no line.
        let is_drawn = |flow: &FlowRun| flow.path.len() > 1 || flow.trajectory.iter().flatten().count() > 1;
        let mut series = Vec::new();
        for (flow, style) in simulation.flows.iter().zip(styles(simulation)).filter(|(flow, _)| is_drawn(flow)) {
            let at = |state: Option<&[Complex64]>| match state {
                Some([x, y]) => (x.re, y.re),
                _ => nowhere,
            };
            // What the flow passed between the optimizer's times, where it was recorded.
            let points: Vec<(f64, f64)> = if flow.path.is_empty() {
                flow.trajectory.iter().map(|state| at(state.as_deref())).collect()
            } else {
                flow.path.iter().map(|state| at(Some(state))).collect()
            };
            series.push(Series::new(&flow.name, Look::Line(style), points));
        }
        let iterates = simulation.iterates.iter().map(|iterate| match iterate.as_deref() {
            Some([x, y]) => (*x, *y),
            _ => nowhere,
        });
        let look = Look::Iterates(Style::optimizer(&simulation.method));
        // Named first, drawn last.
        panel = panel.with(Series::new(&simulation.method, look, Vec::new()));
        panel = series.into_iter().fold(panel, Panel::with).with(Series::new("", look, iterates.collect()));
        let subtitle = format!("{}, {}\u{a0}steps", settings(simulation), simulation.times.len().saturating_sub(1));
        let chart = Chart::new(&self.title, subtitle, vec![panel]);
        Ok(Chart { notes: missing(simulation, is_drawn), panel_size: (520, 410), ..chart })
    }
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
    let middle = distances[distances.len() / 2];
    // Where the iterates run away, the flows tell better how far the picture reaches, and the first step does.
    let first = iterates.get(1).map_or(f64::INFINITY, distance);
    let reach = 8.0 * usual_distance(simulation, distance).map_or(middle, |flows| middle.min(4.0 * flows.max(first)));
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

/// How far the flows are from the start in the middle of their ways, that of them which is in the middle.
fn usual_distance(simulation: &Simulation, distance: impl Fn(&[f64; 2]) -> f64) -> Option<f64> {
    let middle = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied()
    };
    let of = |flow: &FlowRun| {
        let states = flow.trajectory.iter().flatten().skip(1);
        let places = states.filter_map(|state| <&[Complex64; 2]>::try_from(state.as_slice()).ok());
        middle(places.map(|[x, y]| distance(&[x.re, y.re])).filter(|d| d.is_finite()).collect())
    };
    middle(simulation.flows.iter().filter_map(of).collect())
}
