//! Gradient descent at the edge of stability beside the flows that model it: `docs/edge-of-stability.md` tells what is seen.

pub(crate) mod figures;

use figures::{Outcome, Setting, Settings};
use shadowflow::flow::{Model, PeriodTwo, PeriodTwoLaw, model_of};
use shadowflow::loss::{Loss, Options};
use std::fmt::Write as _;

const SETTINGS: [Setting; 6] = [
    ("loss", "examples/losses/iris.loss", "the loss file, with initial values"),
    ("h", "1.9", "the step size"),
    ("from", "40", "the step of the run that the flows start from"),
    ("flows", "ngf,edge,p2:0,p2:1,p2:2,p2:3", "which flows, of ngf, edge, central and p2:N"),
    ("after", "1,2,10,50,200", "after how many steps they are compared"),
    ("seed", "0", "the seed of initial values"),
];

#[allow(clippy::print_stdout, reason = "prints its table as it goes")]
fn main() -> Outcome {
    let settings = Settings::read(&SETTINGS, std::env::args().skip(1))?;
    let (h, from): (f64, usize) = (settings.number("h")?, settings.number("from")?);
    let after: Vec<usize> = settings.text("after")?.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let path = settings.text("loss")?;
    let options = Options { seed: settings.number("seed")?, ..Options::default() };
    let loss = Loss::read(path, &options)?;
    let start: Option<Vec<f64>> = loss.initial_values().into_iter().collect();
    let start = start.ok_or("every parameter of the loss needs an initial value")?;
    let mut model = model_of(loss, 1.try_into()?)?;
    let last = after.iter().max().copied().unwrap_or(0);
    let mut iterates = vec![start];
    for k in 0..from + last + 1 {
        let next = descend(&mut *model, &iterates[k], h);
        iterates.push(next);
    }
    let heads: String = after.iter().fold(String::new(), |mut text, k| {
        let _ = write!(text, " {k:>9}");
        text
    });
    println!(
        "h = {h}, from step {from}: distances from the iterates (of central from the means (θ₋₁ + 2θ + θ₊₁)/4) after so many steps"
    );
    println!("{:>8}{heads}", "");
    for name in settings.text("flows")?.split(',') {
        let law = match name {
            "edge" => Some(PeriodTwoLaw::Edge),
            "central" => Some(PeriodTwoLaw::Central),
            "ngf" => None,
            _ => Some(PeriodTwoLaw::Order(
                name.strip_prefix("p2:").ok_or("a flow is ngf, edge, central or p2:N")?.parse()?,
            )),
        };
        let mut row = format!("{name:>8}");
        let mut found = match law {
            None => None,
            Some(law) => {
                Some(PeriodTwo::start(&*model, law, h, [&iterates[from - 1], &iterates[from], &iterates[from + 1]])?)
            }
        };
        let mut state = iterates[from].clone();
        let (mut reached, mut lost) = (0, None);
        for k in &after {
            if lost.is_none() {
                match &mut found {
                    Some(flow) => lost = flow.advance(k - reached).err(),
                    None => (0..k - reached).for_each(|_| state = gradient_flow(&*model, &state, h)),
                }
            }
            reached = *k;
            let t = from + k;
            let target: Vec<f64> = if law == Some(PeriodTwoLaw::Central) {
                let at = |i: usize, j: usize| iterates[j][i];
                (0..state.len()).map(|i| (at(i, t - 1) + 2.0 * at(i, t) + at(i, t + 1)) / 4.0).collect()
            } else {
                iterates[t].clone()
            };
            let here = found.as_ref().map_or_else(|| state.clone(), PeriodTwo::iterate);
            let off = here.iter().zip(&target).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
            match &lost {
                None => write!(row, " {off:>9.1e}")?,
                Some(_) => write!(row, " {:>9}", "–")?,
            }
        }
        if let Some(flow) = &found {
            write!(row, "  oscillates by {:.3} in {} directions", flow.mean_square().sqrt(), flow.directions())?;
        }
        if let Some(outcome) = lost {
            write!(row, "; {}", outcome.sentence(""))?;
        }
        println!("{row}");
    }
    Ok(())
}

fn descend(model: &mut dyn Model, at: &[f64], h: f64) -> Vec<f64> {
    let mut g = vec![0.0; at.len()];
    model.real_gradient(at, &mut g);
    at.iter().zip(&g).map(|(x, g)| x - h * g).collect()
}

/// The negative gradient flow over the time of a step, by four of Runge and Kutta's.
fn gradient_flow(model: &dyn Model, start: &[f64], h: f64) -> Vec<f64> {
    use num_complex::Complex64;
    let Ok(mut gradient) = model.gradient() else { return vec![f64::NAN; start.len()] };
    let mut field = |at: &[f64]| -> Vec<f64> {
        let state: Vec<Complex64> = at.iter().map(|x| Complex64::from(*x)).collect();
        let mut out = vec![Complex64::ZERO; at.len()];
        gradient.gradient(&state, &mut out);
        out.iter().map(|z| -z.re).collect()
    };
    let moved = |at: &[f64], by: &[f64], dt: f64| -> Vec<f64> { at.iter().zip(by).map(|(x, v)| x + dt * v).collect() };
    let (mut x, dt) = (start.to_vec(), h / 4.0);
    for _ in 0..4 {
        let a = field(&x);
        let b = field(&moved(&x, &a, dt / 2.0));
        let c = field(&moved(&x, &b, dt / 2.0));
        let d = field(&moved(&x, &c, dt));
        for (k, x) in x.iter_mut().enumerate() {
            *x += dt / 6.0 * (a[k] + 2.0 * b[k] + 2.0 * c[k] + d[k]);
        }
    }
    x
}
