//! Figure 4: the principal flow on E = z²/2 in each of the three cases.

pub(crate) mod figures;

use figures::{Outcome, Race, Setting, Settings};
use shadowflow::render::plot::{Axis, Chart, Look, Panel, Series, Style};

pub(crate) const SETTINGS: [Setting; 3] = [
    ("h", "0.5,1.7,2.1", "one step size for each panel; λ_0 is 1"),
    ("start", "1", "z at time 0"),
    ("steps", "8", "how many steps"),
];

fn main() -> Outcome {
    figures::run("figure-4", &SETTINGS, figure)
}

/// The real and the imaginary part over time.
pub(crate) fn figure(settings: &Settings) -> Outcome<Chart<'static>> {
    let mut panels = Vec::new();
    for (letter, h) in ('a'..).zip(settings.numbers("h")?) {
        let mut race = Race::new("param z\nloss z^2/2", h, &[settings.number("start")?], settings.number("steps")?)?;
        let path = race.flow("pf")?;
        let (re, im) = path.iter().map(|(t, z)| ((*t, z[0].re), (*t, z[0].im))).unzip();
        let iterates = race.iterates()?.iter().enumerate().map(|(k, z)| (k as f64, z[0])).collect();
        let case = if h < 1.0 {
            "real stable"
        } else if h < 2.0 {
            "complex stable"
        } else {
            "unstable complex"
        };
        panels.push(
            Panel::new(format!("({letter}) $h =$ {h}, {case}"), Axis::new("$t/h$"), Axis::new("$z$"))
                .with(Series::new("$Re z(t)$ of PF", Look::Line(Style::flow("pf")), re))
                .with(Series::new("$Im z(t)$ of PF", Look::Line(Style::flow("pf").dotted()), im))
                .with(Series::new("gradient descent", Look::Iterates(Style::optimizer("gd")), iterates)),
        );
    }
    Ok(Chart::new("The principal flow on $E = z^2/2$", "$z(t) = e^{t log(1−h)/h} z(0)$", panels))
}
