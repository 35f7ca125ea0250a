//! The loss and the sharpness at every step: the edge of stability as a picture.

use super::errors::{missing, settings, styles};
use super::series::{Look, Series};
use super::style::Style;
use super::{Axis, Chart, Drawing, Panel, Picture, PlotError, Size};
use crate::flow::{FlowRun, Simulation};
use num_complex::Complex64;

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

/// How many times the least loss the largest one is before the axis is logarithmic.
const DECADES: f64 = 20.0;
/// The optimizer's points have markers up to so many steps.
const MARKED: usize = 120;
/// Flows are shown up to so many times the span of what the optimizer does away from it.
const NEAR: f64 = 10.0;

impl Picture for SharpnessPlot<'_> {
    fn draw(&self, size: Size) -> Result<Drawing, PlotError> {
        self.chart()?.draw(size)
    }
}

impl SharpnessPlot<'_> {
    fn chart(&self) -> Result<Chart<'static>, PlotError> {
        let simulation = self.simulation;
        let last = simulation.times.len().saturating_sub(1).max(1);
        let step = Axis::new("step").range(0.0, last as f64);
        let is_drawn = |flow: &FlowRun| flow.loss.iter().skip(1).any(Option::is_some);

        let losses = self.series(|flow| &flow.loss, &simulation.loss);
        // A logarithm only where there are decades to show; real parts of complex losses that are not positive are left out.
        let own = || simulation.loss.iter().flatten().copied().filter(|v| v.is_finite());
        let (least, most) = own().fold((f64::INFINITY, 0.0_f64), |(l, m), v| (l.min(v), m.max(v)));
        let count = |of: fn(&f64) -> bool| finite(&losses).filter(of).count();
        let positive = least > 0.0 && most > DECADES * least && 10 * count(|v| *v <= 0.0) < count(|_| true);
        let scale = |v: f64| if positive { v.log10() } else { v };
        let shown = finite(&losses).map(scale).filter(|v| v.is_finite());
        let (low, high) = range(shown, own().map(scale), if positive { Runaway::Decades } else { Runaway::Values })
            .ok_or(PlotError::Empty("the loss is finite at no step"))?;
        let loss = Axis::new("loss");
        let loss = if positive { loss.log().range(10_f64.powf(low), 10_f64.powf(high)) } else { loss.range(low, high) };
        let mut panels = vec![losses.into_iter().fold(Panel::new("", step.clone(), loss), Panel::with)];

        let levels = self.series(|flow| &flow.h_lambda_0, &simulation.h_lambda_0);
        let own = simulation.h_lambda_0.iter().flatten().copied().filter(|v| v.is_finite());
        if let Some((low, high)) = range(finite(&levels), own, Runaway::Values) {
            // Room for the edge of stability.
            let axis = Axis::new("$hλ_0$").range(low.min(-0.1), high.max(2.4));
            // Other optimizers have theirs elsewhere.
            let edge = match simulation.method.as_str() {
                "gradient-descent" => "edge of stability",
                _ => "edge of gradient descent",
            };
            let panel = Panel::new("", step, axis).at_level(1.0, "$hλ_0 = 1$").at_level(2.0, edge);
            panels.push(levels.into_iter().fold(panel, Panel::with));
        }
        let chart = Chart::new(&self.title, settings(simulation), panels);
        Ok(Chart { notes: missing(simulation, is_drawn), columns: 1, panel_size: (500, 210), ..chart })
    }

    /// The optimizer's and the flows' lines.
    fn series(&self, of: fn(&FlowRun) -> &Vec<Option<Complex64>>, own: &[Option<f64>]) -> Vec<Series> {
        let simulation = self.simulation;
        let point = |(step, value): (usize, Option<f64>)| (step as f64, value.unwrap_or(f64::NAN));
        let style = Style::optimizer(&simulation.method);
        let look = if own.len() <= MARKED { Look::Iterates(style) } else { Look::Shade(style, 0) };
        // Named first, drawn last.
        let mut series = vec![Series::new(&simulation.method, look, Vec::new())];
        for (flow, style) in simulation.flows.iter().zip(styles(simulation)) {
            let values = of(flow);
            if values.iter().skip(1).any(Option::is_some) {
                let points = values.iter().map(|z| z.map(|z| z.re)).enumerate().map(point).collect();
                series.push(Series::new(&flow.name, Look::Line(style), points));
            }
        }
        series.push(Series::new("", look, own.iter().copied().enumerate().map(point).collect()));
        series
    }
}

fn finite(lines: &[Series]) -> impl Iterator<Item = f64> + '_ {
    lines.iter().flat_map(|line| line.points.iter().map(|p| p.1)).filter(|v| v.is_finite())
}

/// What runs away, of values in the order of the steps.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Runaway {
    /// What is a thousand times the first, and the edge of stability.
    Values,
    /// Logarithms: what is twelve decades above the first.
    Decades,
}

impl Runaway {
    fn most(self, first: f64) -> f64 {
        match self {
            Self::Values => 1e3 * first.abs().max(1.0),
            Self::Decades => first + 12.0,
        }
    }

    /// Where an axis ends that cuts them.
    fn end(self, first: f64) -> f64 {
        match self {
            Self::Values => 4.0 * first.abs().max(1.0),
            Self::Decades => first + 6.0,
        }
    }
}

/// What an axis shows: all that the optimizer does but runaways, and of flows what is near.
fn range(values: impl Iterator<Item = f64>, own: impl Iterator<Item = f64>, runaway: Runaway) -> Option<(f64, f64)> {
    let mut own: Vec<f64> = own.collect();
    let first = *own.first()?;
    own.sort_by(f64::total_cmp);
    let (least, mut most) = (own[0], own[own.len() - 1]);
    let mut room = NEAR * (most - least).max(0.05 * most.abs()).max(1e-9);
    if most > runaway.most(first) {
        (most, room) = (runaway.end(first), 0.0);
    }
    let near = values.filter(|v| (least - room..=most + room).contains(v));
    let (low, high) = near.fold((least, most), |(low, high), v| (low.min(v), high.max(v)));
    let margin = (0.06 * (high - low)).max(1e-3 * high.abs()).max(1e-6);
    Some((low - margin, high + margin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runaways_do_not_flatten_the_rest() {
        let of = |own: &[f64], runaway| range(own.iter().copied(), own.iter().copied(), runaway).unwrap();
        let spike = [1.0, 2.0, 30.0];
        assert!(of(&spike, Runaway::Values).1 > 30.0);
        // A flow that settles at −0.02 while the optimizer's loss is between 0 and 0.003 is seen.
        let settles = range([-0.02, 0.001].into_iter(), [0.0, 0.003].into_iter(), Runaway::Values).unwrap();
        assert!(settles.0 < -0.02 && settles.1 < 0.01, "{settles:?}");
        let away = [2.4, 1e9, 1e30, 1e90, 1e240];
        assert!(of(&away, Runaway::Values).1 < 12.0);
        let (low, high) = of(&away.map(f64::log10), Runaway::Decades);
        assert!(low < 0.4 && (5.0..8.0).contains(&high));
    }
}
