//! The tree routes: all coefficients of gradient descent to a number of nodes.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::series::{Route, derive};
use shadowflow::tree::{BSeries, TreeFamily};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;

fn routes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("modified_equation");
    group.sample_size(10);
    let gradient_descent = BoundOptimizer::gradient_descent();
    for (name, route, most) in [
        ("trees", Route::Trees, 12),
        ("composition", Route::Composition, 12),
        ("lie-derivatives", Route::LieDerivatives, 10),
    ] {
        for nodes in [8_usize, 10, 12].into_iter().filter(|nodes| *nodes <= most) {
            group.bench_with_input(BenchmarkId::new(name, nodes), &(nodes - 1), |bencher, &order| {
                bencher.iter(|| derive(&gradient_descent, black_box(order)).route(route).run());
            });
        }
    }
    group.finish();
}

fn streams(criterion: &mut Criterion) {
    let gradient_descent = BoundOptimizer::gradient_descent();
    let mut group = criterion.benchmark_group("stream_coefficients");
    group.sample_size(10);
    for nodes in [10_usize, 16] {
        group.bench_with_input(BenchmarkId::new("trees", nodes), &(nodes - 1), |bencher, &order| {
            bencher.iter(|| {
                let mut count = 0_u64;
                let asked = derive(&gradient_descent, black_box(order)).route(Route::Trees);
                let end = asked.stream::<()>(|_, coefficient| {
                    count += u64::from(!coefficient.is_zero());
                    ControlFlow::Continue(())
                });
                (count, end)
            });
        });
    }
    group.finish();
}

/// The general routes for a Runge–Kutta method, the trees numbered beforehand or not.
fn runge_kutta(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("runge_kutta");
    group.sample_size(10);
    let (zero, half) = (Rational::ZERO, Rational::new(1, 2));
    let a = [vec![], vec![half.clone()], vec![zero.clone(), half], vec![zero.clone(), zero, Rational::ONE]];
    let b = [(1, 6), (1, 3), (1, 3), (1, 6)].map(|(n, d)| Rational::new(n, d));
    for nodes in [8_usize, 10] {
        group.bench_with_input(BenchmarkId::new("logarithm", nodes), &nodes, |bencher, &nodes| {
            bencher.iter(|| {
                let family = Arc::new(TreeFamily::new(black_box(nodes), 1));
                BSeries::runge_kutta(&family, &[(&a, &b)]).logarithm()
            });
        });
        group.bench_with_input(BenchmarkId::new("substitution", nodes), &nodes, |bencher, &nodes| {
            bencher.iter(|| {
                let family = Arc::new(TreeFamily::new(black_box(nodes), 1));
                BSeries::exact_flow(&family).substituted_for(&BSeries::runge_kutta(&family, &[(&a, &b)]))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, routes, streams, runge_kutta);
criterion_main!(benches);
