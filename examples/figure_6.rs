//! Figure 6: the banana function, where the principal flow is not exact.

pub(crate) mod figures;

use figures::{Outcome, Race, Setting, Settings, largest_eigenvalue};
use shadowflow::render::plot::Chart;

pub(crate) const SETTINGS: [Setting; 5] = [
    ("loss", "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2", "a loss of two parameters, in the loss language"),
    ("start", "0.7,0.4", "where gradient descent and the flows start"),
    ("sharpness", "0.9,1.9,2.4", "h λ_0 of each panel, λ_0 at the start"),
    ("steps", "14", "how many steps"),
    ("flows", "ngf,igr,pf,pf+np3", "which flows"),
];

fn main() -> Outcome {
    figures::run("figure-6", &SETTINGS, figure)
}

/// Gradient descent and flows over the contours.
pub(crate) fn figure(settings: &Settings) -> Outcome<Chart<'static>> {
    let (loss, start) = (settings.text("loss")?, settings.numbers("start")?);
    let largest = largest_eigenvalue(loss, &start)?;
    let mut panels = Vec::new();
    for (letter, z) in ('a'..).zip(settings.numbers("sharpness")?) {
        let mut race = Race::new(loss, z / largest, &start, settings.number("steps")?)?;
        let mut panel = race.plane(format!("({letter}) $hλ_0 =$ {z}"))?;
        for flow in settings.text("flows")?.split(',') {
            panel = panel.with(race.flow_in_plane(flow)?);
        }
        panels.push(panel.with(race.iterates_in_plane()?));
    }
    Ok(Chart::new("The banana function $(1−x)^2 + 10(y−x^2)^2$", "real parts of the flows", panels))
}
