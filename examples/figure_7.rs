//! Figure 7: a small network on random data, how far every flow is from gradient descent after n steps.

pub(crate) mod figures;

use figures::{Outcome, Race, Setting, Settings, largest_eigenvalue};
use shadowflow::render::plot::{Axis, Chart, Look, Panel, Series, Style};

pub(crate) const SETTINGS: [Setting; 6] = [
    ("sharpness", "0.5,1.5,2.2", "h λ_0 of each panel, λ_0 at the start"),
    ("steps", "30", "how many steps"),
    ("hidden", "3", "units of the hidden layer, with tanh"),
    ("points", "6", "points of the data, with two inputs and a label each"),
    ("seed", "1", "of the data and of the initial weights, all uniform in (−1, 1)"),
    ("flows", "ngf,igr,third,pf,pf+np3", "which flows"),
];

fn main() -> Outcome {
    figures::run("figure-7", &SETTINGS, figure)
}

/// The errors over the steps, for small, medium and large steps.
pub(crate) fn figure(settings: &Settings) -> Outcome<Chart<'static>> {
    let (hidden, points) = (settings.number("hidden")?, settings.number("points")?);
    let mut random = Random(settings.number("seed")?);
    let loss = network(hidden, points, &mut random);
    let start = random.numbers(4 * hidden + 1);
    let largest = largest_eigenvalue(&loss, &start)?;
    let flows: Vec<&str> = settings.text("flows")?.split(',').collect();
    let mut panels = Vec::new();
    for (letter, z) in ('a'..).zip(settings.numbers("sharpness")?) {
        let run = Race::new(&loss, z / largest, &start, settings.number("steps")?)?.simulation(&flows)?;
        let (n, error) = (Axis::new("$n$"), Axis::new("$|θ_n − θ(nh)|$").log());
        let mut panel = Panel::new(format!("({letter}) $hλ_0 =$ {z}"), n, error);
        for flow in &run.flows {
            let error = |(n, error): (usize, &Option<f64>)| (n as f64, error.unwrap_or(f64::NAN));
            let errors = flow.error.iter().enumerate().skip(1).map(error).collect();
            panel = panel.with(Series::new(&flow.name, Look::Dotted(Style::flow(&flow.name)), errors));
        }
        panels.push(panel);
    }
    let subtitle = format!("2-{hidden}-1 network with tanh, {points} random points, {} parameters", start.len());
    Ok(Chart::new("Error of the flows on a small network", subtitle, panels))
}

/// The mean square error of a network with one hidden layer, its data as constants.
fn network(hidden: usize, points: usize, random: &mut Random) -> String {
    let mut data = || format!("{:?}", random.numbers(points));
    let (u, v, label) = (data(), data(), data());
    format!(
        "param a[{hidden}], b[{hidden}], c[{hidden}], w[{hidden}], d\n\
         let u = {u}\nlet v = {v}\nlet label = {label}\n\
         loss sum(k in 0..{points}, \
             (sum(i in 0..{hidden}, w[i]*tanh(a[i]*u[k] + b[i]*v[k] + c[i])) + d - label[k])^2)/{points}\n"
    )
}

/// Numbers in (−1, 1) with four decimals, the same everywhere (Knuth's 64-bit linear congruential generator).
struct Random(u64);

impl Random {
    fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.number()).collect()
    }

    fn number(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f64 / f64::from(1 << 23) * 1e4 - 1e4).round() / 1e4
    }
}
