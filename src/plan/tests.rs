//! Plans beside the scalar programs of the same expressions.

use super::{Plan, PlanOptions};
use crate::eval::{Interpreter, Program, Scratch, VectorFunction};
use crate::expr::{Data, Function, Id, Pool, Shape, Tape};
use crate::number::Rational;
use num_complex::Complex64;
use std::num::NonZeroUsize;

mod networks;
mod random;
mod recomputed;

/// Numbers between −1 and 1 that repeat nothing soon.
fn numbers(count: usize, seed: usize) -> Vec<f64> {
    (0..count).map(|k| ((k * 617 + seed * 131 + 71) % 1009) as f64 / 520.0 - 0.95).collect()
}

fn threads(count: usize) -> PlanOptions {
    PlanOptions { threads: NonZeroUsize::new(count).unwrap() }
}

fn complex(re: &[f64], im: &[f64]) -> Vec<Complex64> {
    re.iter().zip(im).map(|(x, y)| Complex64::new(*x, 0.3 * y)).collect()
}

/// The largest difference in units of the largest entry.
fn distance(a: &[Complex64], b: &[Complex64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let size = b.iter().fold(1.0, |m: f64, z| m.max(z.norm()));
    let same = |x: f64, y: f64| x == y || x.is_nan() && y.is_nan();
    // What is beyond floats is no number, whichever part says so.
    let none = |z: &Complex64| z.re.is_nan() || z.im.is_nan();
    let apart = |a: &Complex64, b: &Complex64| {
        if same(a.re, b.re) && same(a.im, b.im) || none(a) && none(b) { 0.0 } else { (a - b).norm() / size }
    };
    a.iter().zip(b).fold(0.0, |m, (a, b)| {
        let d = apart(a, b);
        if d.is_nan() || d > m { d } else { m }
    })
}

fn real_parts(z: &[Complex64]) -> Vec<Complex64> {
    z.iter().map(|z| Complex64::from(z.re)).collect()
}

/// What expressions are at `theta` along `directions`, by their scalar program.
fn scalars(pool: &Pool, roots: &[Id], inputs: &[&[Complex64]], on_complex: bool) -> Vec<Complex64> {
    let tape = Tape::new(pool, roots);
    let whole: Vec<Complex64> = inputs.concat();
    if on_complex {
        let program = Program::complex(pool, &tape).unwrap();
        let mut out = vec![Complex64::ZERO; tape.outputs.len()];
        Interpreter::new(&program).call_complex(&whole[..program.inputs() / 2], &mut out, &mut Scratch::new());
        return out;
    }
    let program = Program::real(pool, &tape).unwrap();
    let mut out = vec![0.0; tape.outputs.len()];
    let input: Vec<f64> = whole[..program.inputs()].iter().map(|z| z.re).collect();
    Interpreter::new(&program).call(&input, &mut out, &mut Scratch::new());
    out.into_iter().map(Complex64::from).collect()
}

/// What expressions are by a plan, entered once and run along the directions twice.
fn planned(pool: &Pool, roots: &[Id], inputs: &[&[Complex64]], on_complex: bool) -> Vec<Complex64> {
    if on_complex {
        let plan = Plan::complex(pool, roots, &threads(1)).unwrap();
        let mut state = plan.state();
        let mut out = vec![Complex64::ZERO; plan.outputs()];
        plan.enter_complex(&mut state, inputs[0], &[]);
        let others: Vec<Vec<Complex64>> = inputs[1..].iter().map(|d| d.iter().map(|z| z * 2.0).collect()).collect();
        let others: Vec<&[Complex64]> = others.iter().map(|d| &d[..]).collect();
        plan.along_complex(&mut state, &others, &mut out);
        plan.along_complex(&mut state, &inputs[1..], &mut out);
        return out;
    }
    let plan = Plan::real(pool, roots, &threads(1)).unwrap();
    let mut state = plan.state();
    let mut out = vec![0.0; plan.outputs()];
    let inputs: Vec<Vec<f64>> = inputs.iter().map(|v| v.iter().map(|z| z.re).collect()).collect();
    let directions: Vec<&[f64]> = inputs[1..].iter().map(|v| &v[..]).collect();
    let others: Vec<Vec<f64>> = inputs[1..].iter().map(|d| d.iter().map(|x| x * 2.0).collect()).collect();
    let others: Vec<&[f64]> = others.iter().map(|d| &d[..]).collect();
    plan.enter(&mut state, &inputs[0], &[]);
    plan.along(&mut state, &others, &mut out);
    plan.along(&mut state, &directions, &mut out);
    let first = out.clone();
    plan.run(&mut state, &inputs[0], &[], &directions, &mut out);
    assert!(first.iter().zip(&out).all(|(a, b)| a.to_bits() == b.to_bits()), "{first:?} {out:?}");
    out.into_iter().map(Complex64::from).collect()
}

/// Asserts that a plan and the scalar program agree, on real and on complex numbers.
fn check(pool: &Pool, roots: &[Id], tolerance: f64) {
    let n = pool.dimension();
    let inputs = [0, 1, 2].map(|k| complex(&numbers(n, k), &numbers(n, k + 7)));
    let inputs: Vec<&[Complex64]> = inputs.iter().map(|v| &v[..]).collect();
    for on_complex in [false, true] {
        let (plan, program) = (planned(pool, roots, &inputs, on_complex), scalars(pool, roots, &inputs, on_complex));
        let apart = distance(&plan, &program);
        assert!(apart <= tolerance, "complex {on_complex}: {apart:e}\n{plan:?}\n{program:?}");
    }
    // On real numbers the complex plan has the real values, where these are defined.
    let real: Vec<Vec<Complex64>> = inputs.iter().map(|v| real_parts(v)).collect();
    let real: Vec<&[Complex64]> = real.iter().map(|v| &v[..]).collect();
    let [whole, line] = [true, false].map(|on_complex| planned(pool, roots, &real, on_complex));
    if line.iter().all(|z| z.is_finite()) {
        let apart = distance(&whole, &line);
        assert!(apart <= tolerance, "{apart:e}\n{whole:?}\n{line:?}");
    }
}

fn data(pool: &mut Pool, name: &str, axes: &[usize]) -> Id {
    let shape = Shape::new(axes);
    let values = numbers(shape.size(), 5);
    pool.declare_data(Data::new(name, shape, values).unwrap())
}

fn labels(pool: &mut Pool, count: usize, classes: usize) -> Id {
    let values: Vec<f64> = (0..count).map(|k| (k * 7 % classes) as f64).collect();
    pool.declare_data(Data::new("y", Shape::vector(count), values).unwrap())
}

/// Every node of a kind by itself, in one pool: roots that are inputs, numbers, whole arrays and parts.
#[test]
fn every_node_has_its_value() {
    let mut p = Pool::new();
    let w = p.declare_parameter("W", Shape::new(&[17, 9]));
    let b = p.declare_parameter("b", Shape::vector(9));
    let c = p.declare_parameter("c", Shape::new(&[17, 1]));
    let s = p.declare_parameter("s", Shape::scalar());
    let t = p.declare_parameter("T", Shape::new(&[2, 17, 9]));
    let x = data(&mut p, "X", &[9, 17]);
    let y = labels(&mut p, 17, 9);
    let v = p.direction(0);
    let (two, pi) = (p.integer(2), p.pi());
    let minus = p.constant(Rational::new(-3, 2));
    let rows = p.broadcast(b, &Shape::new(&[17, 9])).unwrap();
    let columns = p.broadcast(c, &Shape::new(&[17, 9])).unwrap();
    let three = p.broadcast(w, &Shape::new(&[2, 17, 9])).unwrap();
    let middle = p.broadcast(c, &Shape::new(&[2, 17, 9])).unwrap();
    let thin = p.reshape(s, Shape::new(&[1, 1]));
    let filled = p.fill(s, Shape::new(&[17, 9]));
    let turned = p.transpose(w).unwrap();
    let mut roots = vec![w, b, two, pi, minus, x, y, v[0], rows, columns, three, middle, thin, filled, turned, w];
    roots.push(p.add(w, rows));
    roots.push(p.mul(columns, rows));
    roots.push(p.mul(s, t));
    roots.push(p.mul(three, t));
    roots.push(p.add(middle, t));
    roots.push(p.add(v[0], w));
    for q in ["2", "3", "-1", "-2", "1/2", "-3/2", "1/3", "70", "0.3"] {
        roots.push(p.pow(w, &q.parse().unwrap()));
    }
    for f in Function::ALL {
        roots.push(p.apply(f, w));
        roots.push(p.apply(f, x));
    }
    let (first, last) = (p.index(w, 0), p.index(t, 305));
    let product = p.matmul(w, x).unwrap();
    let entry = p.index(product, 5);
    let stacked = p.stack(&[first, s, two, last, entry]);
    roots.extend([first, last, entry, product]);
    roots.push(p.apply(Function::Exp, stacked));
    roots.push(p.sum(stacked));
    for (a, axes) in [(w, 2), (t, 3), (x, 2), (product, 2)] {
        roots.push(p.sum(a));
        roots.push(p.logsumexp(a));
        for axis in 0..axes {
            roots.push(p.sum_axis(a, axis).unwrap());
            roots.push(p.logsumexp_axis(a, axis).unwrap());
        }
    }
    roots.push(p.matmul(turned, w).unwrap());
    let back = p.transpose(x).unwrap();
    roots.push(p.matmul(turned, back).unwrap());
    roots.push(p.matmul(back, turned).unwrap());
    roots.push(p.matmul(w, b).unwrap());
    roots.push(p.gather(w, y).unwrap());
    let one_hot = p.one_hot(y, 9).unwrap();
    roots.push(one_hot);
    roots.push(p.mul(one_hot, w));
    roots.push(p.matmul(x, one_hot).unwrap());
    check(&p, &roots, 1e-13);
}

#[test]
fn products_are_added_up() {
    let mut p = Pool::new();
    let names = ["A", "B", "C", "D"];
    let [a, b, c, d] = names.map(|name| p.declare_parameter(name, Shape::new(&[6, 6])));
    let (ab, cd) = (p.matmul(a, b).unwrap(), p.matmul(c, d).unwrap());
    let turned = p.transpose(d).unwrap();
    let ad = p.matmul(a, turned).unwrap();
    let third = p.scaled(&Rational::new(1, 3), ab);
    let sum = p.add(third, cd);
    let (rest, twice) = (p.add(sum, a), p.scaled(&Rational::from(-2), ad));
    let all = p.add(rest, twice);
    check(&p, &[all], 1e-14);
    let plan = Plan::real(&p, &[all], &threads(1)).unwrap();
    // One product of three terms, and the sum with A.
    assert_eq!(plan.cost().steps, 2);
    assert_eq!(plan.cost().operations().products, 3 * 216);
    // What is read twice stays by itself.
    check(&p, &[all, ab, sum], 1e-14);
}

#[test]
fn symbols_have_values_when_a_state_is_entered() {
    let mut p = Pool::new();
    let w = p.declare_parameter("w", Shape::vector(3));
    let (c, k) = (p.declare_symbol("c"), p.declare_symbol("k"));
    let product = p.mul(c, w);
    let shifted = p.add(product, k);
    let plan = Plan::real(&p, &[shifted, k], &PlanOptions::default()).unwrap();
    let (mut state, mut out) = (plan.state(), [0.0; 4]);
    plan.run(&mut state, &[1.0, 2.0, 3.0], &[10.0, 0.5], &[], &mut out);
    assert_eq!(out, [10.5, 20.5, 30.5, 0.5]);
    plan.enter(&mut state, &[1.0, 2.0, 3.0], &[2.0, 0.0]);
    plan.along(&mut state, &[], &mut out);
    assert_eq!(out, [2.0, 4.0, 6.0, 0.0]);
}

#[test]
fn logarithms_of_sums_do_not_overflow() {
    let mut p = Pool::new();
    let w = p.declare_parameter("W", Shape::new(&[3, 2]));
    let roots = [p.logsumexp_axis(w, 1).unwrap(), p.logsumexp_axis(w, 0).unwrap()];
    let plan = Plan::real(&p, &roots, &threads(1)).unwrap();
    let (mut state, mut out) = (plan.state(), [0.0; 5]);
    let infinite = f64::INFINITY;
    plan.run(&mut state, &[1000.0, 1000.0, -infinite, -infinite, f64::NAN, 1.0], &[], &[], &mut out);
    assert_eq!(out[..2], [1000.0 + std::f64::consts::LN_2, -infinite]);
    assert!(out[2].is_nan() && out[3].is_nan() && out[4] == 1000.0);
    plan.run(&mut state, &[infinite, 1.0, 2.0, 3.0, 4.0, 5.0], &[], &[], &mut out);
    assert_eq!(out[0], infinite);
}

/// What is left in the middle of a step, as when the time is up, goes on with the same numbers.
#[test]
fn a_state_that_was_left_goes_on() {
    use crate::budget::{Budget, Stopped};
    let mut pool = Pool::new();
    let w = pool.declare_parameter("W", Shape::new(&[3, 4]));
    let quartic = pool.pow(w, &4.into());
    let loss = pool.sum(quartic);
    let direction = pool.direction(0);
    let product = pool.hessian_vector(loss, &direction);
    let plan = Plan::complex(&pool, &product, &threads(1)).unwrap();
    let mut state = plan.state();
    let theta = complex(&numbers(12, 1), &numbers(12, 2));
    let v = complex(&numbers(12, 3), &numbers(12, 4));
    let (mut before, mut after) = (vec![Complex64::ZERO; 12], vec![Complex64::ZERO; 12]);
    plan.enter_complex(&mut state, &theta, &[]);
    plan.along_complex(&mut state, &[&v], &mut before);
    let left: Result<(), Stopped> = Budget::current().with_seconds(0.0, "max_seconds").run(|| {
        loop {
            plan.along_complex(&mut state, &[&v], &mut after);
        }
    });
    assert!(left.is_err());
    plan.along_complex(&mut state, &[&v], &mut after);
    assert_eq!(before, after);
}

/// A matrix that is read in another shape after it was turned is no transpose any more.
#[test]
fn reshaped_transposes_are_multiplied_as_they_are() {
    let mut p = Pool::new();
    let row = p.declare_parameter("r", Shape::new(&[1, 3]));
    let column = p.declare_parameter("c", Shape::new(&[2, 1]));
    let [m, n] = [("m", [3, 3]), ("n", [2, 2])].map(|(name, axes)| p.declare_parameter(name, Shape::new(&axes)));
    let whole = p.add(row, column);
    let turned = p.transpose(whole).unwrap();
    let [wide, tall] = [[2, 3], [3, 2]].map(|axes| p.reshape(turned, Shape::new(&axes)));
    let products = [(wide, m), (n, wide), (tall, n), (m, tall)].map(|(a, b)| p.matmul(a, b).unwrap());
    check(&p, &products, 1e-12);
}
