//! What becomes of single steps whose flow meets the cut of its α: `docs/flows.md` tells what is seen.
//!
//! ```sh
//! cargo run --release --example at_the_cut
//! ```

#![allow(clippy::print_stdout, reason = "a program that shows what it does")]

use shadowflow::flow::{AtCut, CompiledModel, FlowName, IntegratorOptions, Simulation, Subject, simulate_for};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;
use shadowflow::optimizer::{MOMENTUM, Optimizer};

/// A loss in the loss language, starts, and the largest eigenvalue of the Hessian at each.
type Problem = (&'static str, &'static [&'static [f64]]);

const PROBLEMS: [Problem; 4] = [
    (
        "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2",
        &[&[-0.9, 0.1], &[-0.9, 0.6], &[-0.9, 0.95], &[0.7, 0.1], &[0.7, 0.6], &[1.3, 0.6], &[-0.4, 1.1], &[0.2, -0.5]],
    ),
    ("param x, y\nloss x^2/2 + y^2/10 + x^2*y/5 - y^3/15", &[&[0.6, 0.5], &[1.0, -0.4], &[-0.5, 0.9], &[0.3, -0.8]]),
    ("param x\nloss 1 - cos(x)", &[&[0.5], &[0.9], &[1.2], &[-0.3]]),
    (
        "param a, b, w, d\nlet u = [1/2, -1, 3/2, -1/4]\nlet label = [1, -1/2, 1/2, 0]\n\
         loss sum(k in 0..4, (w*tanh(a*u[k] + b) + d - label[k])^2)/4",
        &[&[0.9, 0.2, 1.0, 0.1], &[0.5, -0.3, 1.5, 0.0], &[1.5, 0.4, -0.7, 0.3], &[-0.6, 0.8, 0.9, -0.5]],
    ),
];

/// `h λ_0` at the start.
const LEVELS: [f64; 12] = [0.6, 0.8, 0.9, 1.05, 1.2, 1.35, 1.5, 1.7, 1.9, 2.05, 2.25, 2.5];

/// What became of the steps of one flow.
#[derive(Default)]
struct Tally {
    steps: usize,
    finished: usize,
    crossed: usize,
    slid: usize,
    /// The reasons why steps have no end.
    lost: Vec<&'static str>,
    /// Errors in optimizer steps, of the steps that slid and of those that did not.
    after: Vec<f64>,
    plain: Vec<f64>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (half, tenth) = ("1/2".parse::<Rational>()?, "1/10".parse::<Rational>()?);
    let cases = [
        (Optimizer::GradientDescent, None, "pf,pf+np3,rpf,rpf:4"),
        (Optimizer::HeavyBall, Some(&tenth), "pf,pf+np3"),
        (Optimizer::HeavyBall, Some(&half), "pf,pf+np3"),
        (Optimizer::Nesterov, Some(&tenth), "pf,pf+np3"),
        (Optimizer::Nesterov, Some(&half), "pf,pf+np3"),
    ];
    for (optimizer, momentum, names) in cases {
        let values: Vec<(&str, Rational)> = momentum.map(|m| (MOMENTUM, m.clone())).into_iter().collect();
        let subject = Subject::new(&optimizer.bind(&values)?)?;
        let flows: Vec<FlowName> = names.split(',').map(str::parse).collect::<Result<_, _>>()?;
        let mut tallies: Vec<Tally> = flows.iter().map(|_| Tally::default()).collect();
        for (source, starts) in PROBLEMS {
            let loss = Loss::parse(source, "study.loss", &Options::default())?;
            let mut model = CompiledModel::new(loss.expression.clone())?;
            for start in starts {
                let options = IntegratorOptions { max_steps: 1_500, at_cut: AtCut::Slide, ..Default::default() };
                let top = simulate_for(&subject, &mut model, &Rational::ONE, 0, start, &[], &options)?.h_lambda_0[0];
                let Some(top) = top.filter(|top| *top > 0.0) else { continue };
                for level in LEVELS {
                    let h = Rational::from_f64(level / top).ok_or("the step size is not finite")?;
                    let run = simulate_for(&subject, &mut model, &h, 1, start, &flows, &options)?;
                    for (place, tally) in tallies.iter_mut().enumerate() {
                        count(&run, place, tally);
                    }
                }
            }
        }
        println!("{optimizer}{}", momentum.map_or(String::new(), |m| format!(", momentum {m}")));
        for (flow, tally) in flows.iter().zip(&mut tallies) {
            report(&flow.to_string(), tally);
        }
    }
    Ok(())
}

/// Adds one step to what became of all.
fn count(run: &Simulation, place: usize, tally: &mut Tally) {
    let (Some(Some(start)), Some(Some(end))) = (run.iterates.first(), run.iterates.get(1)) else { return };
    let length = start.iter().zip(end).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    let flow = &run.flows[place];
    let codes: Vec<&'static str> =
        run.warnings.iter().filter(|w| w.flow.as_ref() == Some(&flow.name)).map(|w| w.code).collect();
    tally.steps += 1;
    tally.crossed += usize::from(codes.contains(&"branch-cut"));
    let slid = !flow.slides.is_empty();
    tally.slid += usize::from(slid);
    if let Some(error) = flow.error[1] {
        tally.finished += 1;
        if slid { &mut tally.after } else { &mut tally.plain }.push(error / length);
    } else {
        let ends = ["beyond-branch-point", "branch-cut", "sliding"];
        tally.lost.extend(codes.iter().rev().find(|code| !ends.contains(code)));
    }
}

fn report(name: &str, tally: &mut Tally) {
    let median = |list: &mut Vec<f64>| {
        list.sort_by(f64::total_cmp);
        list.get(list.len() / 2).map_or("–".to_owned(), |m| format!("{m:.3}"))
    };
    let (still, good) =
        (tally.after.iter().filter(|e| **e >= 1.0).count(), tally.after.iter().filter(|e| **e < 0.5).count());
    println!(
        "  {name:8} {} steps, {} finished; {} crossed a cut without sliding; {} slid, {} of them finished: median error {}, below 0.5 {good}, \
         no better than standing still {still}; median error of the others {}; lost: {:?}",
        tally.steps,
        tally.finished,
        tally.crossed,
        tally.slid,
        tally.after.len(),
        median(&mut tally.after),
        median(&mut tally.plain),
        tally.lost
    );
}
