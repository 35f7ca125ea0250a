//! One evaluation of a flow's field on the banana function `(1 − x)² + 100 (y − x²)²`, at a complex state, against the same field
//! written by hand: the principal flow with the closed 2×2 eigendecomposition, and the modified field to order 4 from
//! the elementary differentials. Then whole trajectories, and large matrices beside the decompositions that they need.

#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, criterion_group, criterion_main};
use num_complex::Complex64;
use shadowflow::flow::{
    CompiledHessian, CompiledModel, CompiledTensors, Field, FlowName, IntegratorOptions, Model, ResummedField,
    SpectralField, Subject, all_threads,
};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::spectral::{Alpha, MatrixFunction, Steps, SymmetricEigen};
use shadowflow::sweep::{Finished, Sweep, SweptLoss};
use std::hint::black_box;
use std::ops::ControlFlow;

const B: f64 = 100.0;
const H: f64 = 0.0018;

type Vector = [Complex64; 2];

struct Derivatives {
    x: Complex64,
    g: Vector,
    /// `H_xx, H_xy, H_yy`.
    hessian: [Complex64; 3],
}

impl Derivatives {
    fn at([x, y]: Vector) -> Self {
        let r = y - x * x;
        Self {
            x,
            g: [2.0 * (x - 1.0) - 4.0 * B * x * r, 2.0 * B * r],
            hessian: [2.0 - 4.0 * B * r + 8.0 * B * x * x, -4.0 * B * x, (2.0 * B).into()],
        }
    }

    fn times(&self, v: Vector) -> Vector {
        let [a, b, c] = self.hessian;
        [a * v[0] + b * v[1], b * v[0] + c * v[1]]
    }

    fn third(&self, u: Vector, v: Vector) -> Vector {
        let product = u[0] * v[0];
        [24.0 * B * self.x * product - 4.0 * B * (u[0] * v[1] + u[1] * v[0]), -4.0 * B * product]
    }
}

fn fourth(u: Vector, v: Vector, w: Vector) -> Vector {
    [24.0 * B * u[0] * v[0] * w[0], Complex64::ZERO]
}

fn log_one_minus(z: Complex64) -> Complex64 {
    let m = 1.0 - z;
    let log = m.ln();
    // The cut along the negative imaginary axis.
    if m.re < 0.0 && m.im < 0.0 { log + Complex64::new(0.0, std::f64::consts::TAU) } else { log }
}

fn alpha(z: Complex64) -> Complex64 {
    if z.norm() < 1e-4 { -1.0 - z / 2.0 - z * z / 3.0 } else { log_one_minus(z) / z }
}

#[inline(never)]
fn principal_by_hand(state: &[Complex64], out: &mut [Complex64]) {
    let d = Derivatives::at([state[0], state[1]]);
    let [a, b, c] = d.hessian.map(|e| e * H);
    let (mean, half) = ((a + c) / 2.0, (a - c) / 2.0);
    let root = (half * half + b * b).sqrt();
    let (u, v) = (mean + root, mean - root);
    let (first, second) = (alpha(u), alpha(v));
    let slope = (first - second) / (u - v);
    out[0] = first * d.g[0] + slope * ((a - u) * d.g[0] + b * d.g[1]);
    out[1] = first * d.g[1] + slope * (b * d.g[0] + (c - u) * d.g[1]);
}

#[inline(never)]
fn truncated_by_hand(state: &[Complex64], out: &mut [Complex64]) {
    let d = Derivatives::at([state[0], state[1]]);
    let g = d.g;
    let hg = d.times(g);
    let hhg = d.times(hg);
    let hhhg = d.times(hhg);
    let hhhhg = d.times(hhhg);
    let tgg = d.third(g, g);
    let tghg = d.third(g, hg);
    let (htgg, htghg) = (d.times(tgg), d.times(tghg));
    let hhtgg = d.times(htgg);
    let (thghg, tghhg, tgtgg) = (d.third(hg, hg), d.third(g, hhg), d.third(g, tgg));
    let (hq, q) = (d.times(fourth(g, g, g)), fourth(g, g, hg));
    for i in 0..2 {
        let f1 = -hg[i] / 2.0;
        let f2 = -hhg[i] / 3.0 - tgg[i] / 12.0;
        let f3 = -hhhg[i] / 4.0 - (htgg[i] + tghg[i]) / 12.0;
        let f4 = -hhhhg[i] / 5.0
            - hhtgg[i] * (3.0 / 40.0)
            - htghg[i] / 10.0
            - thghg[i] / 60.0
            - tghhg[i] / 20.0
            - tgtgg[i] / 120.0
            - hq[i] / 180.0
            + q[i] / 120.0;
        out[i] = -g[i] + H * (f1 + H * (f2 + H * (f3 + H * f4)));
    }
}

fn close(a: &[Complex64], b: &[Complex64]) -> bool {
    let scale = b.iter().map(|x| x.norm()).fold(0.0, f64::max);
    a.iter().zip(b).all(|(a, b)| (a - b).norm() < 1e-10 * scale)
}

fn fields(c: &mut Criterion) {
    let source = "param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    let state = [Complex64::new(-0.9, 0.01), Complex64::new(0.95, -0.02)];
    let mut out = [Complex64::ZERO; 2];
    let mut expected = [Complex64::ZERO; 2];

    let derivatives = CompiledHessian::new(&loss).expect("derivatives");
    let mut principal = SpectralField::new(derivatives, H, Alpha::Logarithm);
    principal.evaluate(&state, &mut out).expect("a field");
    principal_by_hand(&state, &mut expected);
    assert!(close(&out, &expected), "{out:?} {expected:?}");
    let mut group = c.benchmark_group("principal flow");
    group.bench_function("by hand", |b| b.iter(|| principal_by_hand(black_box(&state), black_box(&mut expected))));
    group.bench_function("shadowflow", |b| b.iter(|| principal.evaluate(black_box(&state), black_box(&mut out))));
    group.finish();

    let model = CompiledModel::new(loss).expect("a model");
    let mut truncated =
        model.truncated(&BoundOptimizer::gradient_descent(), 4, &"0.0018".parse().expect("a number")).expect("a field");
    truncated.evaluate(&state, &mut out).expect("a field");
    truncated_by_hand(&state, &mut expected);
    assert!(close(&out, &expected), "{out:?} {expected:?}");
    let mut group = c.benchmark_group("modified field to order 4");
    group.bench_function("by hand", |b| b.iter(|| truncated_by_hand(black_box(&state), black_box(&mut expected))));
    group.bench_function("shadowflow", |b| b.iter(|| truncated.evaluate(black_box(&state), black_box(&mut out))));
    group.finish();
}

/// A thousand trajectories of the principal flow of 100 steps each on the banana function, from a circle around the valley.
fn trajectories(c: &mut Criterion) {
    let source = "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    let h: Rational = "0.005".parse().expect("a number");
    let start = |k: usize| {
        let angle = k as f64 * std::f64::consts::TAU / 1000.0;
        vec![0.6 * angle.cos(), 0.5 + 0.4 * angle.sin()]
    };
    let plan = Sweep {
        losses: vec![SweptLoss {
            name: "banana".to_owned(),
            seed: 0,
            expression: loss.expression,
            starts: (0..1000).map(start).collect(),
        }],
        step_sizes: vec![h],
        flows: vec![FlowName::Pf],
        subject: Subject::new(&BoundOptimizer::gradient_descent()).expect("gradient descent"),
        steps: 100,
        options: IntegratorOptions::default(),
    };
    let mut group = c.benchmark_group("1,000 trajectories of 100 steps");
    group.sample_size(10);
    group.bench_function("principal flow, all threads", |b| {
        b.iter(|| {
            let mut followed = 0;
            let digest = |finished: &Finished<'_>| finished.flow_run().error[100].is_some();
            plan.run(0..1000, all_threads(), digest, |_, whole| {
                followed += usize::from(whole);
                ControlFlow::Continue(())
            })
            .expect("a sweep");
            assert!(followed > 900, "{followed} of 1000 reach the end");
        });
    });
    group.finish();
}

/// `α(hH) g` for a dense matrix of 200 rows beside the decomposition that it needs.
fn dense(c: &mut Criterion) {
    let n = 200;
    let wave = |i: usize, j: usize| ((7 * i * j + 3 * (i + j)) as f64 * 0.37).sin() / 15.0;
    let gradient: Vec<Complex64> = (0..n).map(|k| Complex64::new((k as f64).cos(), 0.0)).collect();
    let mut out = vec![Complex64::ZERO; n];
    let mut group = c.benchmark_group("a dense 200×200 Hessian");
    group.sample_size(10);
    let real: Vec<Complex64> = (0..n * n).map(|k| wave(k / n, k % n).into()).collect();
    let mut eigen = SymmetricEigen::new(n);
    group.bench_function("eigendecomposition", |b| b.iter(|| eigen.decompose(|i, j| real[i * n + j].re)));
    let mut function = MatrixFunction::new(Alpha::Logarithm, n);
    group.bench_function("principal flow, real", |b| b.iter(|| function.apply(1.0, &real, &gradient, &mut out)));
    let complex: Vec<Complex64> =
        (0..n * n).map(|k| Complex64::new(wave(k / n, k % n), 0.1 * wave(k / n + 1, k % n + 1))).collect();
    group.bench_function("principal flow, complex", |b| b.iter(|| function.apply(1.0, &complex, &gradient, &mut out)));
    group.finish();
}

/// One evaluation of the resummed fields on the banana function at a complex state.
fn resummed(c: &mut Criterion) {
    let source = "param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    let state = [Complex64::new(-0.9, 0.01), Complex64::new(0.95, -0.02)];
    let mut out = [Complex64::ZERO; 2];
    let mut group = c.benchmark_group("resummed fields");
    for (name, fourth) in [("rpf", false), ("rpf:4", true)] {
        let derivatives = CompiledTensors::new(&loss, fourth).expect("derivatives");
        let mut field = ResummedField::new(derivatives, H, Steps::One);
        group.bench_function(name, |b| b.iter(|| field.evaluate(black_box(&state), black_box(&mut out))));
    }
    group.finish();
}

criterion_group!(benches, fields, trajectories, dense, resummed);
criterion_main!(benches);
