//! Gradients, Hessian–vector products and third derivatives of multilayer perceptrons by plans, as lines of JSON: the least and the median time
//! in milliseconds of each. `benches/peers/networks_jax.py` runs this beside JAX.
//!
//! `cargo bench --bench networks -- 150:4,28,28,3 1797:64,16,10`; `THREADS` says how many threads.

#![allow(clippy::print_stdout, reason = "the results are read from there")]

use shadowflow::expr::{Data, Function, Id, Pool, Shape};
use shadowflow::number::Rational;
use shadowflow::plan::{Plan, PlanOptions};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// How long each is repeated.
const BUDGET: Duration = Duration::from_millis(700);

fn numbers(count: usize, seed: usize) -> Vec<f64> {
    (0..count).map(|k| ((k * 617 + seed * 131 + 71) % 1009) as f64 / 504.0 - 1.0).collect()
}

/// Softmax cross-entropy of a perceptron with tanh.
fn network(rows: usize, widths: &[usize]) -> (Pool, Id) {
    let mut p = Pool::new();
    let layers: Vec<(Id, Id)> = widths
        .windows(2)
        .map(|w| (p.declare_parameter("W", Shape::new(&[w[0], w[1]])), p.declare_parameter("b", Shape::vector(w[1]))))
        .collect();
    let inputs = Data::new("X", Shape::new(&[rows, widths[0]]), numbers(rows * widths[0], 5)).unwrap();
    let classes = widths[widths.len() - 1];
    let labels: Vec<f64> = (0..rows).map(|k| (k * 7 % classes) as f64).collect();
    let (mut z, y) = (p.declare_data(inputs), Data::new("y", Shape::vector(rows), labels).unwrap());
    let y = p.declare_data(y);
    for (k, (w, b)) in layers.iter().enumerate() {
        if k > 0 {
            z = p.apply(Function::Tanh, z);
        }
        let product = p.matmul(z, *w).unwrap();
        z = p.add(product, *b);
    }
    let (log, picked) = (p.logsumexp_axis(z, 1).unwrap(), p.gather(z, y).unwrap());
    let rest = p.sub(log, picked);
    let total = p.sum(rest);
    let loss = p.scaled(&Rational::new(1, i64::try_from(rows).unwrap()), total);
    (p, loss)
}

/// θ as networks start, layer by layer.
fn start(p: &Pool) -> Vec<f64> {
    let scaled = |(k, (_, shape)): (usize, (&str, &Shape))| {
        let size = if shape.rank() == 2 { 1.7 / (shape.axes()[0] as f64).sqrt() } else { 0.1 };
        numbers(shape.size(), k).into_iter().map(move |x| size * x)
    };
    p.parameters().enumerate().flat_map(scaled).collect()
}

fn time(network: &str, name: &str, plan: &Plan, mut work: impl FnMut()) {
    for _ in 0..3 {
        work();
    }
    let (mut times, begin) = (Vec::new(), Instant::now());
    while times.len() < 5 || begin.elapsed() < BUDGET {
        let start = Instant::now();
        work();
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let cost = plan.cost();
    println!(
        "{{\"network\": \"{network}\", \"name\": \"{name}\", \"best\": {}, \"median\": {}, \"bytes\": {}, \"steps\": {}}}",
        times[0],
        times[times.len() / 2],
        cost.peak_bytes,
        cost.steps
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a.contains(':')).collect();
    let chosen =
        if arguments.is_empty() { vec!["150:4,28,28,3".to_owned(), "150:64,280,280,10".to_owned()] } else { arguments };
    let threads = std::env::var("THREADS").ok().and_then(|t| t.parse().ok()).unwrap_or(NonZeroUsize::MIN);
    let options = PlanOptions { threads };
    for spec in &chosen {
        let (rows, widths) = spec.split_once(':').expect("rows:width,width,…");
        let widths: Vec<usize> = widths.split(',').map(|w| w.parse().expect("a width")).collect();
        let (mut p, loss) = network(rows.parse().expect("rows"), &widths);
        let gradient = p.gradient(loss);
        let (u, v) = (p.direction(0), p.direction(1));
        let (product, third) = (p.hessian_vector(loss, &u), p.third_contraction(loss, &u, &v));
        let (theta, n) = (start(&p), p.dimension());
        let (a, b) = (numbers(n, 17), numbers(n, 23));
        let mut out = vec![0.0; n];
        for (name, roots) in [("grad", &gradient), ("hvp", &product), ("third", &third)] {
            let begin = Instant::now();
            let plan = Plan::real(&p, roots, &options).unwrap();
            let mut state = plan.state();
            let planning = begin.elapsed().as_secs_f64() * 1e3;
            println!(
                "{{\"network\": \"{spec}\", \"name\": \"{name} planning\", \"best\": {planning}, \"median\": {planning}}}"
            );
            let directions: &[&[f64]] = &[&a[..], &b[..]][..plan.directions()];
            time(spec, name, &plan, || plan.run(&mut state, &theta, &[], directions, &mut out));
            if plan.directions() > 0 {
                plan.enter(&mut state, &theta, &[]);
                time(spec, &format!("{name} along"), &plan, || plan.along(&mut state, directions, &mut out));
            }
        }
    }
}
