//! A million points of a compiled field by the library alone, on one thread and on all: what `python/benches/overhead.py` compares with. Prints both in seconds.

#![allow(clippy::print_stdout, reason = "what was measured")]

use shadowflow::eval::{Rows, RowsMut};
use shadowflow::flow::all_threads;
use shadowflow::loss::{Loss, Options};
use shadowflow::{concrete, optimizer::BoundOptimizer};
use std::num::NonZeroUsize;
use std::time::Instant;

const POINTS: usize = 1_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let parameters = ["x".to_owned(), "y".to_owned()];
    let loss = Loss::inline("(1 - x)^2 + 100*(y - x^2)^2", &parameters, &Options::default())?;
    let mut field = concrete::derive(&loss, &BoundOptimizer::gradient_descent(), 4).field(&"1/1000".parse()?)?;
    // Points spread over [−1, 1]², by the golden ratio.
    let spread = |k: usize| 2.0 * (k as f64 * 0.618_033_988_749_894_9).fract() - 1.0;
    let points: Vec<f64> = (0..2 * POINTS).map(spread).collect();
    let mut slopes = vec![0.0; 2 * POINTS];
    let mut seconds = Vec::new();
    for threads in [NonZeroUsize::MIN, all_threads()] {
        let mut best = f64::INFINITY;
        for _ in 0..5 {
            let begin = Instant::now();
            field.evaluate_rows(&Rows::new(&points, [POINTS, 2])?, RowsMut::new(&mut slopes, [POINTS, 2])?, threads)?;
            best = best.min(begin.elapsed().as_secs_f64());
        }
        seconds.push(best);
    }
    println!("{} {}", seconds[0], seconds[1]);
    Ok(())
}
