//! How deriving grows with the order: time and size for three losses, with fitted exponents, as a table or JSON and a picture.
//!
//! `cargo run --release --example growth -- docs/pictures/growth.svg`; with `--json` the figures are lines of JSON.

#![allow(clippy::print_stdout, reason = "a program that shows what it does")]

use shadowflow::concrete::{ConcreteEquation, Formula, derive};
use shadowflow::expr::{Id, Tape};
use shadowflow::loss::{Loss, Options};
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::render::plot::{Axis, Chart, Look, Panel, Picture, Series, Style};
use std::path::Path;
use std::time::Instant;

/// A name, a loss and the highest order.
const LOSSES: [(&str, &str, usize); 3] = [
    ("L1", include_str!("../benches/losses/banana.loss"), 24),
    ("L2", include_str!("../benches/losses/transcendental.loss"), 20),
    ("L3", include_str!("../benches/losses/network.loss"), 20),
];

/// Orders from which exponents are fitted.
const ASYMPTOTIC: usize = 10;

/// Seconds that this thread has run; of the clock where the system does not tell.
fn seconds(start: Instant) -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |n| n / 1e9)
}

/// Terms of expanded polynomials, or operations of the shared expressions, in all of `f_0, …, f_N`.
fn size(equation: &ConcreteEquation) -> usize {
    let components = || equation.orders.iter().flat_map(|order| &order.components);
    let terms: usize = components().map(|c| if let Formula::Polynomial(p) = c { p.len() } else { 0 }).sum();
    let roots: Vec<Id> =
        components().filter_map(|c| if let Formula::Expression(id) = c { Some(*id) } else { None }).collect();
    terms + if roots.is_empty() { 0 } else { Tape::new(&equation.pool, &roots).ops.len() }
}

/// The exponent p of `c n^p` by least squares of logarithms.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(n, y)| (n.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| logs.iter().map(f).sum::<f64>() / count;
    let (x, y) = (mean(&|p| p.0), mean(&|p| p.1));
    mean(&|p| (p.0 - x) * (p.1 - y)) / mean(&|p| (p.0 - x).powi(2))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|a| a == "--json");
    let picture = arguments.iter().find(|a| !a.starts_with("--"));
    let start = Instant::now();
    let axis = |name: &str| Axis::new(name).log();
    let mut time_panel = Panel::new("time, one thread", axis("$n$"), axis("ms"));
    let mut size_panel = Panel::new("terms (L1), operations (L2, L3)", axis("$n$"), axis("size"));
    let mut fits = Vec::new();
    for (place, (name, source, highest)) in LOSSES.into_iter().enumerate() {
        let loss = Loss::parse(source, name, &Options::default())?;
        let mut times = Vec::new();
        let mut sizes = Vec::new();
        for order in 1..=highest {
            // The system counts in ticks, so that many runs are timed as one.
            let (mut runs, mut spent) = (0.0, 0.0);
            let mut equation = None;
            let before = seconds(start);
            while spent < 0.2 && runs < 10_000.0 {
                equation = Some(derive(&loss, &BoundOptimizer::gradient_descent(), order).run()?);
                runs += 1.0;
                spent = seconds(start) - before;
            }
            let best = spent / runs;
            let size = equation.as_ref().map_or(0, size);
            times.push((order as f64, best));
            sizes.push((order as f64, size as f64));
            if json {
                println!("{{\"loss\": \"{name}\", \"order\": {order}, \"seconds\": {best:.6}, \"size\": {size}}}");
            } else {
                println!("{name} n = {order:2}: {:10.3} ms, size {size}", best * 1e3);
            }
        }
        let fit = |points: &[(f64, f64)]| exponent(&points[ASYMPTOTIC - 1..]);
        let (time, size) = (fit(&times), fit(&sizes));
        if !json {
            println!("{name}: time grows as n^{time:.1}, size as n^{size:.1}, from n = {ASYMPTOTIC} on");
        }
        fits.push(format!("{name}: time $n^{{{time:.1}}}$, size $n^{{{size:.1}}}$"));
        let times = times.iter().map(|(n, t)| (*n, t * 1e3)).collect();
        time_panel = time_panel.with(Series::new(name, Look::Dotted(Style::nth(place)), times));
        size_panel = size_panel.with(Series::new(name, Look::Dotted(Style::nth(place)), sizes));
    }
    if let Some(path) = picture {
        let fits = format!("fitted from $n =$ {ASYMPTOTIC}:  {}", fits.join("   "));
        Chart::new("Deriving $f_0$ to $f_n$", fits, vec![time_panel, size_panel]).write(Path::new(path))?;
    }
    Ok(())
}
