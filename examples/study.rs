//! How closely nine flows follow gradient descent on five losses, over the step size: `docs/resummed-flow.md` tells what is seen.

pub(crate) mod figures;

use figures::{Outcome, Race, Setting, Settings, largest_eigenvalue};
use shadowflow::render::plot::{Axis, Chart, Panel, Picture, Series};

pub(crate) const SETTINGS: [Setting; 6] = [
    ("from", "0.1", "the least h λ_0, λ_0 at the start"),
    ("to", "3", "the largest h λ_0"),
    ("values", "12", "how many values of h λ_0, evenly spaced logarithms"),
    ("steps", "1,2", "after how many steps the errors are compared, a picture for each"),
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
        "param a, b, w, d\n\
         let u = [1/2, -1, 3/2, -1/4]\nlet label = [1, -1/2, 1/2, 0]\n\
         loss sum(k in 0..4, (w*tanh(a*u[k] + b) + d - label[k])^2)/4",
        &[0.9, 0.2, 1.0, 0.1],
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

/// A chart of errors for each number of steps, a panel for each loss; losses run in parallel.
pub(crate) fn study(settings: &Settings) -> Outcome<Vec<(usize, Chart<'static>)>> {
    let steps: Vec<usize> = settings.numbers("steps")?.iter().map(|k| *k as usize).collect();
    let names: Vec<&str> = settings.text("losses")?.split(',').collect();
    let errors: Vec<Result<Vec<Vec<Series>>, String>> = std::thread::scope(|scope| {
        let compare = |name| compare(name, &steps, settings).map_err(|e| e.to_string());
        let threads: Vec<_> = names.iter().map(|name| scope.spawn(move || compare(name))).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a thread panicked".to_owned()))).collect()
    });
    let (from, to) = (settings.number("from")?, settings.number("to")?);
    let mut charts: Vec<(usize, Chart<'static>)> = Vec::new();
    for step in &steps {
        let title = format!("Error after {step} step{}", if *step == 1 { "" } else { "s" });
        let subtitle = "distance from gradient descent, over the length of its first step";
        charts.push((*step, Chart { columns: 3, ..Chart::new(title, subtitle, Vec::new()) }));
    }
    for (name, errors) in names.iter().zip(errors) {
        for ((_, chart), series) in charts.iter_mut().zip(errors?) {
            let z = Axis::new("$hλ_0$").range(from, to).log();
            let panel = Panel::new(*name, z, Axis::new("relative error").range(1e-11, 10.0).log());
            let panel = panel.marked(1.0, "1").marked(2.0, "2");
            // `rpf2` has no value after one step.
            let shown = series.into_iter().filter(|s| s.points.iter().any(|(_, error)| error.is_finite()));
            chart.panels.push(shown.fold(panel, Panel::with));
        }
    }
    Ok(charts)
}

/// The errors of the flows on one loss over `hλ_0`, for each number of steps.
fn compare(name: &str, steps: &[usize], settings: &Settings) -> Outcome<Vec<Vec<Series>>> {
    let problem = PROBLEMS.iter().find(|p| p.0 == name);
    let (_, loss, start) = problem.ok_or_else(|| format!("the study has no loss `{name}`"))?;
    let (from, to): (f64, f64) = (settings.number("from")?, settings.number("to")?);
    let values: usize = settings.number("values")?;
    let flows: Vec<&str> = settings.text("flows")?.split(',').collect();
    let none = || flows.iter().map(|flow| Series::flow(flow, Vec::new())).collect();
    let mut errors: Vec<Vec<Series>> = steps.iter().map(|_| none()).collect();
    let (longest, largest) = (steps.iter().copied().max().unwrap_or(1), largest_eigenvalue(loss, start)?);
    for k in 0..values {
        let z = from * (to / from).powf(k as f64 / (values.max(2) - 1) as f64);
        let run = Race::new(loss, z / largest, start, longest)?.simulation(&flows)?;
        let length = run.iterates[1].as_ref().map_or(f64::NAN, |x| distance(x, start));
        for (step, series) in steps.iter().zip(&mut errors) {
            for (flow, series) in run.flows.iter().zip(series) {
                series.points.push((z, flow.error[*step].map_or(f64::NAN, |e| e / length)));
            }
        }
    }
    Ok(errors)
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}
