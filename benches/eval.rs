//! Compiled programs against the same functions written by hand: gradient and Hessian of the banana function
//! `(1 − x)² + 100 (y − x²)²`, one point and a hundred thousand; and modified fields by every back end.

#![allow(missing_docs, reason = "criterion's macros make public items")]

mod losses;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use num_complex::Complex64;
use shadowflow::eval::{BatchCode, Compiled, Interpreter, Jit, Program, ProgramBuilder, Scratch, VectorFunction};
use shadowflow::expr::{Algebra, Pool, Shape, Tape};
use shadowflow::number::Rational;
use std::hint::black_box;

/// The gradient and the Hessian, row-major: `[−2(1−x) − 400x(y−x²), 200(y−x²), 2 − 400(y−3x²), −400x, −400x, 200]`.
fn banana() -> (Pool, Tape) {
    let mut pool = Pool::new();
    let x = pool.declare_parameter("x", Shape::scalar());
    let y = pool.declare_parameter("y", Shape::scalar());
    let n = |pool: &mut Pool, n: i64| pool.integer(n);
    let (one, two, three) = (n(&mut pool, 1), n(&mut pool, 2), n(&mut pool, 3));
    let (minus_two, two_hundred, minus_400) = (n(&mut pool, -2), n(&mut pool, 200), n(&mut pool, -400));
    let square = pool.pow(x, &Rational::from(2));
    let valley = pool.sub(y, square);
    let rest = pool.sub(one, x);
    let slope = pool.mul(minus_two, rest);
    let xv = pool.mul(x, valley);
    let bend = pool.mul(minus_400, xv);
    let gx = pool.add(slope, bend);
    let gy = pool.mul(two_hundred, valley);
    let steep = pool.mul(three, square);
    let curvature = pool.sub(y, steep);
    let curvature = pool.mul(minus_400, curvature);
    let hxx = pool.add(two, curvature);
    let hxy = pool.mul(minus_400, x);
    let tape = Tape::new(&pool, &[gx, gy, hxx, hxy, hxy, two_hundred]);
    (pool, tape)
}

macro_rules! by_hand {
    ($name:ident, $number:ty) => {
        #[inline(never)]
        fn $name(p: &[$number], out: &mut [$number]) {
            let (x, y) = (p[0], p[1]);
            let valley = y - x * x;
            out[0] = -2.0 * (1.0 - x) - 400.0 * x * valley;
            out[1] = 200.0 * valley;
            out[2] = 2.0 - 400.0 * (y - 3.0 * x * x);
            out[3] = -400.0 * x;
            out[4] = out[3];
            out[5] = <$number>::from(200.0);
        }
    };
}
by_hand!(real_by_hand, f64);
by_hand!(complex_by_hand, Complex64);

fn single(c: &mut Criterion) {
    let (pool, tape) = banana();
    for (name, program) in
        [("real", Program::real(&pool, &tape).unwrap()), ("complex", Program::complex(&pool, &tape).unwrap())]
    {
        let mut group = c.benchmark_group(format!("banana g and H, one point, {name}"));
        let input = [-0.9, 0.82, 0.01, -0.02];
        let input = &input[..program.inputs()];
        let (mut out, mut scratch) = ([0.0; 12], Scratch::new());
        let out = &mut out[..program.outputs().len()];
        let (jit, interpreter) = (Jit::new(&program).unwrap(), Interpreter::new(&program));
        group.bench_function("machine code", |b| b.iter(|| jit.call(black_box(input), black_box(out), &mut scratch)));
        group.bench_function("interpreter", |b| {
            b.iter(|| interpreter.call(black_box(input), black_box(out), &mut scratch));
        });
        let mut out = [0.0; 6];
        let mut complex_out = [Complex64::ZERO; 6];
        let complex_input = [Complex64::new(-0.9, 0.82), Complex64::new(0.01, -0.02)];
        group.bench_function("by hand", |b| match name {
            "real" => b.iter(|| real_by_hand(black_box(&input[..2]), black_box(&mut out))),
            _ => b.iter(|| complex_by_hand(black_box(&complex_input), black_box(&mut complex_out))),
        });
        if name == "complex" {
            let compiled = Compiled::new(&program);
            group.bench_function("machine code, complex slices", |b| {
                b.iter(|| compiled.call_complex(black_box(&complex_input), black_box(&mut complex_out), &mut scratch));
            });
        }
        group.finish();
    }
}

fn batch(c: &mut Criterion) {
    const POINTS: u32 = 100_000;
    let (pool, tape) = banana();
    for (name, program) in
        [("real", Program::real(&pool, &tape).unwrap()), ("complex", Program::complex(&pool, &tape).unwrap())]
    {
        let mut group = c.benchmark_group(format!("banana g and H, {POINTS} points, {name}"));
        group.sample_size(20);
        let (n, m) = (program.inputs(), program.outputs().len());
        let points: Vec<f64> = (0..POINTS as usize * n).map(|i| (i as f64 * 0.618).fract() - 0.5).collect();
        let (mut out, mut scratch) = (vec![0.0; POINTS as usize * m], Scratch::new());
        let (jit, interpreter) = (Jit::new(&program).unwrap(), Interpreter::new(&program));
        group.bench_function("machine code", |b| b.iter(|| jit.call_batch(&points, &mut out, &mut scratch)));
        group.bench_function("interpreter", |b| b.iter(|| interpreter.call_batch(&points, &mut out, &mut scratch)));
        let pairs = |v: &[f64]| v.chunks(2).map(|p| Complex64::new(p[0], p[1])).collect::<Vec<_>>();
        let (complex_points, mut complex_out) = (pairs(&points), pairs(&out));
        group.bench_function("by hand", |b| match name {
            "real" => b.iter(|| points.chunks(2).zip(out.chunks_mut(6)).for_each(|(p, o)| real_by_hand(p, o))),
            _ => b.iter(|| {
                complex_points.chunks(2).zip(complex_out.chunks_mut(6)).for_each(|(p, o)| complex_by_hand(p, o));
            }),
        });
        group.finish();
    }
}

/// The modified fields of two losses at points that stay in cache, by every back end.
fn fields(c: &mut Criterion) {
    const POINTS: usize = 4096;
    for field in losses::fields() {
        let mut group = c.benchmark_group(format!("{} to order {}, {POINTS} points", field.name, field.order));
        let (n, m) = (field.program.inputs(), field.program.outputs().len());
        let points: Vec<f64> = (0..POINTS * n)
            .map(|i| {
                field.bounds[i % n].0 + (field.bounds[i % n].1 - field.bounds[i % n].0) * (i as f64 * 0.618).fract()
            })
            .collect();
        let (mut out, mut scratch) = (vec![0.0; POINTS * m], Scratch::new());
        let functions: [(&str, Box<dyn VectorFunction>); 3] = [
            ("vectors", Box::new(BatchCode::new(&field.program).unwrap())),
            ("columns", Box::new(Interpreter::new(&field.program))),
            ("one by one", Box::new(Jit::new(&field.program).unwrap())),
        ];
        for (name, function) in &functions {
            group.bench_function(*name, |b| b.iter(|| function.call_batch(&points, &mut out, &mut scratch)));
        }
        group
            .bench_function("compiling for vectors", |b| b.iter(|| BatchCode::new(black_box(&field.program)).unwrap()));
        group.finish();
    }
}

/// About a thousand instructions: the partial sums of a series by Horner's rule, with a product per step.
fn compile(c: &mut Criterion) {
    let mut group = c.benchmark_group("compile");
    group.sample_size(20);
    for steps in [330, 3300, 16_000] {
        let mut builder = ProgramBuilder::new(2).unwrap();
        let (x, y) = (builder.input(0), builder.input(1));
        let mut value = x;
        for k in 1..=steps {
            let scaled = builder.scale(&Rational::new(1, k), &value);
            let product = builder.mul(&scaled, &y);
            value = builder.add(&x, &product);
        }
        let program = builder.finish(&[value]).unwrap();
        let length = program.instructions().len();
        group.bench_function(format!("{length} instructions"), |b| {
            b.iter_batched(|| &program, |p| Jit::new(p).unwrap(), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, single, batch, fields, compile);
criterion_main!(benches);
