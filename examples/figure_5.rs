//! Figure 5: quadratic losses in two dimensions, where the principal flow is exact.

pub(crate) mod figures;

use figures::{Outcome, Race, Setting, Settings, largest_eigenvalue};
use shadowflow::render::plot::{Axis, Chart, Panel};

pub(crate) const SETTINGS: [Setting; 4] = [
    ("loss", "param x, y\nloss x^2/2 + x*y/2 + y^2", "a quadratic of two parameters, in the loss language"),
    ("start", "-0.9,-0.2", "where gradient descent and the flows start"),
    ("sharpness", "0.8,1.8,2.05", "h λ_0 of each panel"),
    ("steps", "10", "how many steps"),
];

fn main() -> Outcome {
    figures::run("figure-5", &SETTINGS, figure)
}

/// Gradient descent and three flows over the contours.
pub(crate) fn figure(settings: &Settings) -> Outcome<Chart<'static>> {
    let (loss, start) = (settings.text("loss")?, settings.numbers("start")?);
    let largest = largest_eigenvalue(loss, &start)?;
    let mut panels = Vec::new();
    for (letter, z) in ('a'..).zip(settings.numbers("sharpness")?) {
        let mut race = Race::new(loss, z / largest, &start, settings.number("steps")?)?;
        let value = race.loss()?;
        let (x, y) = (Axis::new("$x$").range(-1.0, 0.6), Axis::new("$y$").range(-0.9, 0.9));
        let mut panel = Panel::new(format!("({letter}) $hλ_0 =$ {z}"), x, y).over(move |x, y| value.at(&[x, y]));
        for flow in ["ngf", "igr", "pf"] {
            panel = panel.with(race.flow_in_plane(flow)?);
        }
        panels.push(panel.with(race.iterates_in_plane()?));
    }
    Ok(Chart::new("Quadratic losses in two dimensions", "real parts of the flows", panels))
}
