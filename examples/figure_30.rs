//! The appendix's figure in one dimension: the principal flow on a loss that is not quadratic.

pub(crate) mod figures;

use figures::{Outcome, Race, Setting, Settings};
use shadowflow::render::plot::{Axis, Chart, Look, Panel, Series, Style};

pub(crate) const SETTINGS: [Setting; 5] = [
    ("loss", "param x\nloss 1 - cos(x)", "a loss of one parameter, in the loss language"),
    ("start", "0.5", "where gradient descent and the flows start"),
    ("h", "0.8,1.8,2.1", "the step size of each panel; λ at the minimum is 1"),
    ("steps", "12", "how many steps"),
    ("flows", "ngf,igr,pf,pf+np3", "which flows"),
];

fn main() -> Outcome {
    figures::run("figure-30", &SETTINGS, figure)
}

/// Gradient descent and the real parts of flows over time.
pub(crate) fn figure(settings: &Settings) -> Outcome<Chart<'static>> {
    let (loss, start) = (settings.text("loss")?, settings.number::<f64>("start")?);
    let reach = 1.8 * start.abs();
    let mut panels = Vec::new();
    for (letter, h) in ('a'..).zip(settings.numbers("h")?) {
        let mut race = Race::new(loss, h, &[start], settings.number("steps")?)?;
        let (time, x) = (Axis::new("$t/h$"), Axis::new("$Re x$").range(-reach, reach));
        let mut panel = Panel::new(format!("({letter}) $h =$ {h}"), time, x);
        for flow in settings.text("flows")?.split(',') {
            let points = race.flow(flow)?.iter().map(|(t, x)| (*t, x[0].re)).collect();
            panel = panel.with(Series::flow(flow, points));
        }
        let iterates = race.iterates()?.iter().enumerate().map(|(k, x)| (k as f64, x[0])).collect();
        panels.push(panel.with(Series::new("gradient descent", Look::Iterates(Style::optimizer("gd")), iterates)));
    }
    Ok(Chart::new("One dimension, not quadratic", "$E = 1 − cos x$", panels))
}
