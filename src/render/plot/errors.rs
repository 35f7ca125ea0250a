//! The flows' errors against the optimizer's steps.

use super::series::{Look, Series};
use super::style::{Style, step_size};
use super::{Axis, Chart, Drawing, Panel, Picture, PlotError, Size};
use crate::flow::{FlowRun, Restart, Simulation};

/// The distance of each flow from the optimizer's iterate at every step, on a logarithmic scale, for any number of
/// parameters; errors of zero, as at the start, and missing ones are left out.
#[derive(Debug, Clone, Copy)]
pub struct ErrorsPlot<'a> {
    /// The simulation.
    pub simulation: &'a Simulation,
}

impl Picture for ErrorsPlot<'_> {
    fn draw(&self, size: Size) -> Result<Drawing, PlotError> {
        self.chart()?.draw(size)
    }
}

impl ErrorsPlot<'_> {
    fn chart(&self) -> Result<Chart<'static>, PlotError> {
        let simulation = self.simulation;
        let shown = |error: &Option<f64>| error.filter(|e| e.is_finite() && *e > 0.0);
        let errors = simulation.flows.iter().flat_map(|f| f.error.iter().filter_map(shown));
        let (low, high) = errors.fold((f64::INFINITY, 0.0_f64), |(low, high), e| (low.min(e), high.max(e)));
        if low > high {
            return Err(PlotError::Empty("no flow has an error above zero at any step"));
        }
        // Errors far beyond everything else or below rounding would flatten the rest.
        let high = high.log10().min(low.log10() + 40.0);
        let low = low.log10().max(high - 18.0);
        let margin = (0.06 * (high - low)).max(0.2);
        let last = simulation.times.len().saturating_sub(1).max(1);
        let (heading, axis) = match simulation.restart {
            Restart::Never => ("Error of the flows", "distance from the iterate"),
            Restart::Each => ("One-step error of the flows", "one-step error"),
        };
        let y = Axis::new(axis).log().range(10_f64.powf(low - margin), 10_f64.powf(high + margin));
        let mut panel = Panel::new("", Axis::new("step").range(0.0, last as f64), y);
        let is_drawn = |flow: &FlowRun| flow.error.iter().any(|e| shown(e).is_some());
        for (flow, style) in simulation.flows.iter().zip(styles(simulation)).filter(|(flow, _)| is_drawn(flow)) {
            let point = |(step, error): (usize, &Option<f64>)| (step as f64, shown(error).unwrap_or(f64::NAN));
            let points = flow.error.iter().enumerate().map(point).collect();
            panel = panel.with(Series::new(&flow.name, Look::Dotted(style), points));
        }
        let chart = Chart::new(heading, settings(simulation), vec![panel]);
        Ok(Chart { notes: missing(simulation, is_drawn), panel_size: (500, 310), ..chart })
    }
}

/// The styles of a simulation's flows.
pub(super) fn styles(simulation: &Simulation) -> Vec<Style> {
    Style::of_flows(simulation.flows.iter().map(|f| f.name.as_str()))
}

/// The optimizer, its step size, and that in units of the largest curvature at the start.
pub(super) fn settings(simulation: &Simulation) -> String {
    let step = step_size(&simulation.parameters, simulation.h);
    let edge = simulation.h_lambda_0.first().copied().flatten().filter(|z| z.is_finite());
    let edge =
        edge.map_or_else(String::new, |z| format!(", $hλ_0 =$ {} at the start", super::style::short(rounded(z))));
    format!("{}, {step}{edge}", simulation.method)
}

/// To three digits.
fn rounded(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

/// A sentence about the flows of which there is nothing to draw.
pub(super) fn missing(simulation: &Simulation, is_drawn: impl Fn(&FlowRun) -> bool) -> Vec<String> {
    let names: Vec<&str> = simulation.flows.iter().filter(|f| !is_drawn(f)).map(|f| f.name.as_str()).collect();
    if names.is_empty() { Vec::new() } else { vec![format!("no values to draw: {}", names.join(", "))] }
}
