//! Figure 3: the coefficients α of the negative gradient flow and of the principal flow.

pub(crate) mod figures;

use figures::{Outcome, Setting, Settings};
use num_complex::Complex64;
use shadowflow::render::plot::{Axis, Chart, Look, Panel, Series, Style};
use shadowflow::spectral::Alpha;

pub(crate) const SETTINGS: [Setting; 2] = [("from", "-1", "the least h λ shown"), ("to", "4", "the largest h λ shown")];

fn main() -> Outcome {
    figures::run("figure-3", &SETTINGS, figure)
}

/// Both α, with the borders of the three cases of section 3.1.
pub(crate) fn figure(settings: &Settings) -> Outcome<Chart<'static>> {
    let (from, to): (f64, f64) = (settings.number("from")?, settings.number("to")?);
    let curve = |name: &str, style: Style, alpha: &Alpha, part: fn(Complex64) -> f64| {
        let points = (0..=401).map(|k| from + (to - from) * f64::from(k) / 401.0);
        Series::new(name, Look::Line(style), points.map(|z| (z, part(alpha.at(z.into())))).collect())
    };
    let panel = Panel::new(
        "$α$ of NGF and PF, and the three cases",
        Axis::new("$hλ$").range(from, to),
        Axis::new("$α(hλ)$").range(-4.0, 3.4),
    )
    .marked(from, "real stable")
    .marked(1.0, "complex stable")
    .marked(2.0, "unstable complex")
    .with(Series::new("", Look::Curve, vec![(from, 0.0), (to, 0.0)]))
    .with(curve("$NGF: −1$", Style::flow("ngf"), &Alpha::negative_gradient(), |a| a.re))
    .with(curve("$PF: Re log(1−z)/z$", Style::flow("pf"), &Alpha::Logarithm, |a| a.re))
    .with(curve("$PF: Im log(1−z)/z$", Style::flow("pf").dotted(), &Alpha::Logarithm, |a| a.im));
    let chart = Chart::new("Coefficients along an eigendirection", "$θ′ = Σ α(hλ_i) (g^T u_i) u_i$", vec![panel]);
    Ok(Chart { panel_size: (620, 340), ..chart })
}
