//! Figure 1(a–b): discretization drift, and flows that miss the oscillations of gradient descent.

pub(crate) mod figures;

use figures::{Outcome, Race, Setting, Settings, largest_eigenvalue};
use shadowflow::render::plot::{Axis, Chart, Look, Panel, Series, Style};

pub(crate) const SETTINGS: [Setting; 5] = [
    ("loss", "param x, y\nloss x^2/2 + 3*y^2", "a loss of two parameters, in the loss language"),
    ("start", "-1.8,0.5", "where both panels start"),
    ("drift", "0.8", "h λ_0 of the one step on the left"),
    ("oscillation", "1.9", "h λ_0 of the steps on the right"),
    ("steps", "12", "how many"),
];

fn main() -> Outcome {
    figures::run("figure-1", &SETTINGS, figure)
}

/// One step and its drift; many steps beside the flows that were known.
pub(crate) fn figure(settings: &Settings) -> Outcome<Chart<'static>> {
    let (loss, start) = (settings.text("loss")?, settings.numbers("start")?);
    let largest = largest_eigenvalue(loss, &start)?;

    let z: f64 = settings.number("drift")?;
    let mut race = Race::new(loss, z / largest, &start, 1)?;
    let (flow, iterates) = (race.flow_in_plane("ngf")?, race.iterates_in_plane()?);
    let drift = flow.points.last().copied().into_iter().chain(iterates.points.last().copied()).collect();
    let left = panel(&race, format!("(a) one step, $hλ_0 =$ {z}"), (-1.85, -1.45), (0.0, 0.6))?
        .with(flow)
        .with(iterates)
        .with(Series::new("discretization drift", Look::Arrow(Style::nth(3)), drift));

    let z: f64 = settings.number("oscillation")?;
    let mut race = Race::new(loss, z / largest, &start, settings.number("steps")?)?;
    let right = panel(&race, format!("(b) $hλ_0 =$ {z}"), (-2.0, 0.4), (-0.7, 0.7))?
        .with(race.flow_in_plane("ngf")?)
        .with(race.flow_in_plane("igr")?)
        .with(race.iterates_in_plane()?);

    let chart = Chart::new("Motivation", "gradient descent and the flows known before", vec![left, right]);
    Ok(Chart { panel_size: (400, 280), ..chart })
}

/// An empty panel over the contours of the loss, with the ends of its axes.
fn panel(race: &Race, title: String, x: (f64, f64), y: (f64, f64)) -> Outcome<Panel<'static>> {
    let loss = race.loss()?;
    let (x, y) = (Axis::new("$x$").range(x.0, x.1), Axis::new("$y$").range(y.0, y.1));
    Ok(Panel::new(title, x, y).over(move |x, y| loss.at(&[x, y])))
}
