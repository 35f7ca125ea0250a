//! How closely nine flows follow gradient descent on five losses, over the step size: `docs/resummed-flow.md` tells what is seen.

pub(crate) mod figures;

use figures::{Outcome, Race, Setting, Settings, largest_eigenvalue};
use shadowflow::render::plot::{Axis, Chart, Panel, Picture, Series};

pub(crate) const SETTINGS: [Setting; 6] = [
    ("from", "0.1", "the least h λ_0, λ_0 at the start"),
    ("to", "3", "the largest h λ_0"),
    ("values", "24", "how many values of h λ_0, evenly spaced logarithms"),
    ("steps", "1,2,10", "after how many steps the errors are compared, a picture for each"),
    ("losses", "banana,cubic,cosine,logistic,network", "which losses"),
    ("flows", "ngf,igr,third,bea:4,pf,pf+np3,rpf,rpf:4,rpf2", "which flows"),
];

/// A name, the loss in the loss language, and a start.
type Problem = (&'static str, &'static str, &'static [f64]);

const PROBLEMS: [Problem; 5] = [
    ("banana", "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2", &[-0.9, 0.95]),
    ("cubic", "param x, y\nloss x^2/2 + y^2/10 + x^2*y/5 - y^3/15", &[0.6, 0.5]),
    ("cosine", "param x\nloss 1 - cos(x)", &[0.5]),
    (
        "logistic",
        "param a, b, c\n\
         let u = [1/2, -1, 3/2, -1/4, 2]\nlet v = [1, 1/3, -1/2, -3/2, 1/4]\nlet side = [1, -1, 1, 1, -1]\n\
         loss sum(k in 0..5, softplus(-side[k]*(a*u[k] + b*v[k] + c)))/5 + (a^2 + b^2 + c^2)/50",
        &[1.0, -0.5, 0.3],
    ),
    (
        "network",
        "param a[2], b[2], w[2], d\n\
         let u = [1/2, -1, 3/2, -1/4]\nlet label = [1, -1/2, 1/2, 0]\n\
         loss sum(k in 0..4, (sum(i in 0..2, w[i]*tanh(a[i]*u[k] + b[i])) + d - label[k])^2)/4",
        &[0.9, -0.6, 0.2, 0.4, 1.0, -0.8, 0.1],
    ),
];

fn main() -> Outcome {
    let settings = Settings::read(&SETTINGS, std::env::args().skip(1))?;
    let folder = settings.folder();
    std::fs::create_dir_all(&folder)?;
    for (steps, chart) in study(&settings)? {
        let picture = folder.join(format!("study-{steps}.svg"));
        chart.write(&picture)?;
        std::fs::write(picture.with_extension("csv"), chart.csv())?;
    }
    Ok(())
}

/// A chart of errors for each number of steps.
pub(crate) fn study(settings: &Settings) -> Outcome<Vec<(usize, Chart<'static>)>> {
    let steps: Vec<usize> = settings.numbers("steps")?.iter().map(|k| *k as usize).collect();
    let mut panels: Vec<Vec<Panel<'static>>> = steps.iter().map(|_| Vec::new()).collect();
    for name in settings.text("losses")?.split(',') {
        let problem = PROBLEMS.iter().find(|p| p.0 == name).ok_or_else(|| format!("the study has no loss `{name}`"))?;
        for (row, panel) in panels.iter_mut().zip(compare(problem, &steps, settings)?) {
            row.push(panel);
        }
    }
    let title = |steps: usize| match steps {
        1 => "Error after one step".to_owned(),
        _ => format!("Error after {steps} steps"),
    };
    let subtitle = "distance from gradient descent, over the length of its first step";
    let chart = |(steps, panels): (usize, Vec<Panel<'static>>)| {
        (steps, Chart { columns: 3, ..Chart::new(title(steps), subtitle, panels) })
    };
    Ok(steps.into_iter().zip(panels).map(chart).collect())
}

/// The errors of the flows on one loss, a panel for each number of steps.
fn compare((name, loss, start): &Problem, steps: &[usize], settings: &Settings) -> Outcome<Vec<Panel<'static>>> {
    let (from, to): (f64, f64) = (settings.number("from")?, settings.number("to")?);
    let values: usize = settings.number("values")?;
    let flows: Vec<&str> = settings.text("flows")?.split(',').collect();
    let largest = largest_eigenvalue(loss, start)?;
    let mut errors: Vec<Vec<Series>> =
        steps.iter().map(|_| flows.iter().map(|f| Series::flow(f, Vec::new())).collect()).collect();
    for k in 0..values {
        let z = from * (to / from).powf(k as f64 / (values.max(2) - 1) as f64);
        let longest = steps.iter().copied().max().unwrap_or(1);
        let run = Race::new(loss, z / largest, start, longest)?.simulation(&flows)?;
        let length = run.iterates[1].as_ref().map_or(f64::NAN, |x| distance(x, start));
        for (step, series) in steps.iter().zip(&mut errors) {
            for (flow, series) in run.flows.iter().zip(series) {
                series.points.push((z, flow.error[*step].map_or(f64::NAN, |e| e / length)));
            }
        }
    }
    let panel = |series: Vec<Series>| {
        let (z, error) = (Axis::new("hλ₀").range(from, to).log(), Axis::new("relative error").range(1e-12, 10.0).log());
        let panel = Panel::new(*name, z, error).marked(1.0, "1").marked(2.0, "2");
        series.into_iter().filter(|s| s.points.iter().any(|p| p.1.is_finite())).fold(panel, Panel::with)
    };
    Ok(errors.into_iter().map(panel).collect())
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}
