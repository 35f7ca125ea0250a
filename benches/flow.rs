//! One evaluation of the principal flow's field on the banana function: composed from parts beside one written by hand with
//! the same 2×2 eigendecomposition. The claim is a factor of 4 at most.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

#[path = "../tests/handwritten/mod.rs"]
mod handwritten;

use criterion::{Criterion, criterion_group, criterion_main};
use handwritten::Banana;
use num_complex::Complex64;
use shadowflow::expr::{Id, Pool, Shape};
use shadowflow::flow::{CompiledDerivatives, Field, Level, SpectralField};
use shadowflow::spectral::Alpha;
use std::f64::consts::{PI, TAU};
use std::hint::black_box;

/// `Σ_i α(hλ_i) (gᵀu_i) u_i` with the eigenvectors of a complex symmetric 2×2 matrix, which must not be defective.
fn by_hand(h: f64, z: &[Complex64], f: &mut [Complex64]) {
    let (x, w) = (z[0], z[1] - z[0] * z[0]);
    let g = [2.0 * (x - 1.0) - 40.0 * x * w, 20.0 * w];
    let (a, b, d) = (2.0 - 40.0 * w + 80.0 * x * x, -40.0 * x, Complex64::new(20.0, 0.0));
    let (mean, half) = ((a + d) * 0.5, (a - d) * 0.5);
    let root = (half * half + b * b).sqrt();
    f.fill(Complex64::ZERO);
    for lambda in [mean + root, mean - root] {
        let u = [b, lambda - a];
        let s = h * lambda;
        let mu = 1.0 - s;
        let argument = mu.im.atan2(mu.re);
        let argument = if argument < -PI / 2.0 { argument + TAU } else { argument };
        let alpha = Complex64::new(0.5 * mu.norm_sqr().ln(), argument) / s;
        let factor = alpha * (g[0] * u[0] + g[1] * u[1]) / (u[0] * u[0] + u[1] * u[1]);
        f[0] += factor * u[0];
        f[1] += factor * u[1];
    }
}

/// `(1 − x)² + 10 (y − x²)²`.
fn banana() -> (Pool, Id) {
    let mut pool = Pool::new();
    let (x, y) = (pool.declare_parameter("x", Shape::scalar()), pool.declare_parameter("y", Shape::scalar()));
    let one = pool.integer(1);
    let first = pool.sub(one, x);
    let first = pool.pow(first, &2.into());
    let square = pool.pow(x, &2.into());
    let second = pool.sub(y, square);
    let second = pool.pow(second, &2.into());
    let second = pool.scaled(&10.into(), second);
    let loss = pool.add(first, second);
    (pool, loss)
}

fn principal_flow(c: &mut Criterion) {
    let mut group = c.benchmark_group("pf on the banana function");
    let (pool, loss) = banana();
    let compiled = CompiledDerivatives::new(&pool, loss, Level::Hessian).expect("a program");
    let mut parts = SpectralField::new(Banana { a: 1.0, b: 10.0 }, 0.02, Alpha::Logarithm, 0.0);
    let mut whole = SpectralField::new(compiled, 0.02, Alpha::Logarithm, 0.0);
    let state = [Complex64::new(-0.9, 0.02), Complex64::new(0.95, -0.01)];
    let mut out = [Complex64::ZERO; 2];
    let mut want = out;
    by_hand(0.02, &state, &mut want);
    for field in [&mut parts as &mut dyn Field, &mut whole] {
        field.evaluate(&state, &mut out).expect("a value");
        assert!(out.iter().zip(&want).all(|(o, w)| (o - w).norm() < 1e-12), "{out:?} {want:?}");
    }
    group.bench_function("by hand", |b| b.iter(|| by_hand(black_box(0.02), black_box(&state), &mut out)));
    group.bench_function("derivatives by hand", |b| b.iter(|| parts.evaluate(black_box(&state), &mut out)));
    group.bench_function("compiled", |b| b.iter(|| whole.evaluate(black_box(&state), &mut out)));
    group.finish();
}

criterion_group!(benches, principal_flow);
criterion_main!(benches);
