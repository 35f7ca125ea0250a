//! Figure 2: real flows stop at a minimum that gradient descent steps across; the principal flow goes around it.

pub(crate) mod figures;

use figures::{Outcome, Race, Setting, Settings};
use shadowflow::render::plot::{Axis, Chart, Look, Panel, Series, Style};

pub(crate) const SETTINGS: [Setting; 3] = [
    ("h", "1.8", "the step size on E = z²/2, whose λ_0 is 1"),
    ("start", "1", "where gradient descent and the flows start"),
    ("steps", "7", "how many steps"),
];

fn main() -> Outcome {
    figures::run("figure-2", &SETTINGS, figure)
}

/// Real flows on the graph of the loss; the principal flow in the complex plane.
pub(crate) fn figure(settings: &Settings) -> Outcome<Chart<'static>> {
    let (h, start): (f64, f64) = (settings.number("h")?, settings.number("start")?);
    let mut race = Race::new("param z\nloss z^2/2", h, &[start], settings.number("steps")?)?;
    let loss = race.loss()?;
    let iterates: Vec<f64> = race.iterates()?.iter().map(|z| z[0]).collect();
    let reach = 1.15 * start.abs();

    let on_graph = |z: f64| (z, loss.at(&[z]));
    let graph = (-50..=50).map(|k| on_graph(reach * f64::from(k) / 50.0)).collect();
    let mut real = Panel::new("(a) real flows stop at the minimum", Axis::new("$z$"), Axis::new("$E(z)$"))
        .with(Series::new("$E$", Look::Curve, graph));
    for flow in ["ngf", "igr"] {
        let points = race.flow(flow)?.iter().map(|(_, z)| on_graph(z[0].re)).collect();
        real = real.with(Series::flow(flow, points));
    }
    let dots = iterates.iter().map(|z| on_graph(*z)).collect();
    real = real.with(Series::new("gradient descent", Look::Iterates(Style::optimizer("gd")), dots));

    let around = race.flow("pf")?.iter().map(|(_, z)| (z[0].re, z[0].im)).collect();
    let dots = iterates.iter().map(|z| (*z, 0.0)).collect();
    let (re, im) = (Axis::new("$Re z$").range(-reach, reach), Axis::new("$Im z$").range(-reach, reach));
    let complex = Panel::new("(b) the principal flow goes around it", re, im)
        .with(Series::flow("pf", around))
        .with(Series::new("gradient descent", Look::Iterates(Style::optimizer("gd")), dots))
        .with(Series::new("minimum", Look::Cross, vec![(0.0, 0.0)]));

    let chart =
        Chart::new("Complex flows capture oscillations", format!("$E = z^2/2$, $h =$ {h}"), vec![real, complex]);
    Ok(Chart { panel_size: (340, 320), ..chart })
}
