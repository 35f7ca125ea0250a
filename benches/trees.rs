//! The tree routes: all coefficients of gradient descent to a number of nodes.

#![allow(missing_docs, reason = "criterion's macros make public functions")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use shadowflow::number::Rational;
use shadowflow::optimizer::Recurrence;
use shadowflow::series::{
    modified_equation_by_composition, modified_equation_by_lie_derivatives, modified_equation_by_trees,
    stream_coefficients,
};
use shadowflow::tree::{BSeries, TreeFamily};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;

fn routes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("modified_equation");
    group.sample_size(10);
    for nodes in [8_usize, 10, 12] {
        let order = nodes - 1;
        group.bench_with_input(BenchmarkId::new("trees", nodes), &order, |bencher, &order| {
            bencher.iter(|| modified_equation_by_trees(black_box(order)));
        });
        let recurrence = Recurrence::gradient_descent();
        group.bench_with_input(BenchmarkId::new("composition", nodes), &order, |bencher, &order| {
            bencher.iter(|| modified_equation_by_composition(&recurrence, black_box(order)));
        });
        if nodes <= 10 {
            group.bench_with_input(BenchmarkId::new("lie-derivatives", nodes), &order, |bencher, &order| {
                bencher.iter(|| modified_equation_by_lie_derivatives(black_box(order)));
            });
        }
    }
    group.finish();
}

fn streams(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stream_coefficients");
    group.sample_size(10);
    for nodes in [10_usize, 16] {
        group.bench_with_input(BenchmarkId::new("trees", nodes), &(nodes - 1), |bencher, &order| {
            bencher.iter(|| {
                let mut count = 0_u64;
                let end = stream_coefficients::<()>(black_box(order), |_, coefficient| {
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
