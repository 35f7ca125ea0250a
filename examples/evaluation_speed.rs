//! How long the modified fields of two losses take at many points on one thread and at one point, as lines of JSON.
//!
//! ```text
//! taskset -c 1 cargo run --release --example evaluation_speed -- 1000000
//! ```
//!
//! `benches/peers/evaluate.py` runs this beside other programs.

#[path = "../benches/losses/mod.rs"]
mod losses;

use shadowflow::eval::{BatchCode, Compiled, Jit, Rows, RowsMut, Scratch, VectorFunction};
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Instant;

/// The parts that the points are timed in.
const PARTS: usize = 100;

/// The shortest of several runs, in seconds.
fn best(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

fn main() {
    let count: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    for field in losses::fields() {
        let (n, m) = (field.program.inputs(), field.program.outputs().len());
        // The golden ratio spreads points evenly.
        let points: Vec<f64> = (0..count * n)
            .map(|i| {
                let (low, high) = field.bounds[i % n];
                low + (high - low) * ((i / n) as f64 * (0.618_034 + 0.1 * (i % n) as f64)).fract()
            })
            .collect();
        let mut out = vec![0.0; count * m];
        let compile = best(5, || drop(black_box((BatchCode::new(&field.program), Jit::new(&field.program)))));
        let compiled = Compiled::new(&field.program);
        // In parts short enough to run undisturbed on a busy machine; the shortest time of each counts.
        let rows = count.div_ceil(PARTS);
        let mut parts = vec![f64::INFINITY; PARTS];
        for _ in 0..15 {
            for ((points, out), part) in points.chunks(rows * n).zip(out.chunks_mut(rows * m)).zip(&mut parts) {
                let rows = points.len() / n;
                let start = Instant::now();
                let points = Rows::new(points, [rows, n]).expect("n columns");
                let output = RowsMut::new(out, [rows, m]).expect("m columns");
                compiled.call_rows(&points, output, NonZeroUsize::MIN).expect("as many columns as inputs and outputs");
                *part = part.min(start.elapsed().as_secs_f64());
            }
        }
        let many: f64 = parts.iter().filter(|t| t.is_finite()).sum();
        // One point after another, each waiting for the one before.
        let (mut scratch, mut row) = (Scratch::new(), vec![0.0; m]);
        let single = count.min(5_000);
        let one = best(300, || {
            for point in points.chunks_exact(n).take(single) {
                compiled.call(black_box(point), &mut row, &mut scratch);
                black_box(&row);
            }
        });
        let error = losses::error(field.name, field.order, |point| {
            compiled.call(point, &mut row, &mut scratch);
            row.clone()
        });
        #[allow(clippy::print_stdout, reason = "an example for people to read")]
        {
            println!(
                r#"{{"loss": "{}", "order": {}, "instructions": {}, "many_ns": {:.2}, "one_ns": {:.1}, "compile_ms": {:.2}, "error": {error:.1e}}}"#,
                field.name,
                field.order,
                field.program.instructions().len(),
                many * 1e9 / count as f64,
                one * 1e9 / single as f64,
                compile * 1e3,
            );
        }
    }
}
