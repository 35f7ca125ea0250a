//! Deriving `f_0..f_n` of three losses, beside what computer algebra systems take where `benches/peers/results.json` tells
//! (written by `benches/peers/run.py` on the same machine).

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::print_stdout, reason = "a comparison for the reader of the benchmark")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use serde_json::Value;
use shadowflow::concrete::derive;
use shadowflow::loss::{Loss, Options};
use shadowflow::optimizer::BoundOptimizer;
use std::hint::black_box;
use std::time::Instant;

/// A name, a loss and orders.
const LOSSES: [(&str, &str, &[usize]); 3] = [
    ("L1", include_str!("losses/banana.loss"), &[4, 8, 10, 16, 24]),
    ("L2", include_str!("losses/transcendental.loss"), &[4, 6, 7, 12, 20]),
    ("L3", include_str!("losses/network.loss"), &[2, 3, 4, 8, 12]),
];

fn peers() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers/results.json");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let results: Value = serde_json::from_str(&text).unwrap_or_default();
    results["peers"].as_array().cloned().unwrap_or_default()
}

fn losses(criterion: &mut Criterion) {
    let peers = peers();
    for (name, source, orders) in LOSSES {
        let loss = Loss::parse(source, name, &Options::default()).expect("a loss");
        let run = |order: usize| derive(&loss, &BoundOptimizer::gradient_descent(), order).run().expect("a field");
        let mut group = criterion.benchmark_group(format!("derive/{name}"));
        group.sample_size(10);
        for &order in orders {
            group.bench_with_input(BenchmarkId::from_parameter(order), &order, |bencher, &order| {
                bencher.iter(|| run(black_box(order)));
            });
        }
        group.finish();
        for peer in peers.iter().filter(|p| p["loss"] == name) {
            let Some(order) = peer["order"].as_u64().and_then(|n| usize::try_from(n).ok()) else { continue };
            let (Some(system), Some(theirs)) = (peer["system"].as_str(), peer["seconds"].as_f64()) else { continue };
            let start = Instant::now();
            black_box(run(order));
            let ours = start.elapsed().as_secs_f64();
            println!(
                "{name} to n = {order}: {system} {theirs:.4} s, shadowflow {ours:.4} s, ratio {:.0}",
                theirs / ours
            );
        }
    }
}

criterion_group!(benches, losses);
criterion_main!(benches);
