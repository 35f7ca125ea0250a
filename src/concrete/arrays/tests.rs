//! Whole arrays against the scalar route and against elementary differentials.

use super::{field_parts, modified_field, principal_field, third_along, truncated};
use crate::concrete::Scheme;
use crate::concrete::trajectory::Point;
use crate::expr::testing::{classifier, number};
use crate::expr::{Algebra, BallAlgebra, Function, Id, Node, Pool, SeriesTape, Shape, Tape, Variable};
use crate::number::{Coefficient, Fraction, Rational};
use crate::optimizer::{BoundOptimizer, Evaluation, Optimizer, Recurrence};

fn matrix(m: usize, n: usize) -> Shape {
    Shape::new(&[m, n])
}

/// `sum(C, 1) @ sum(C, 0) + logsumexp(C) + sum(logsumexp(C', 0)^2)` with `C = (s*c + r)^3`, and an entry of `r` by itself.
fn layouts() -> (Pool, Id) {
    let mut p = Pool::new();
    let column = p.declare_parameter("c", matrix(2, 1));
    let row = p.declare_parameter("r", Shape::vector(2));
    let s = p.declare_parameter("s", Shape::scalar());
    let scaled = p.mul(s, column);
    let whole = p.add(scaled, row);
    let cube = p.pow(whole, &3.into());
    let across = p.sum_axis(cube, 1).unwrap();
    let down = p.sum_axis(cube, 0).unwrap();
    let product = p.matmul(across, down).unwrap();
    let log = p.logsumexp(cube);
    let turned = p.transpose(cube).unwrap();
    let logs = p.logsumexp_axis(turned, 0).unwrap();
    let squares = p.pow(logs, &2.into());
    let squares = p.sum(squares);
    let entry = p.index(row, 1);
    let stacked = p.stack(&[entry, s, entry]);
    let fifth = p.pow(stacked, &5.into());
    let entry = p.sum(fifth);
    let loss = [log, squares, entry].into_iter().fold(product, |sum, x| p.add(sum, x));
    (p, loss)
}

/// `sum(f(W @ v)^2) + sum((2 + v)^q)` with arguments where every function has derivatives.
fn functions(function: Function, exponent: &Rational) -> (Pool, Id) {
    let mut p = Pool::new();
    let w = p.declare_parameter("W", matrix(2, 2));
    let v = p.declare_parameter("v", Shape::vector(2));
    let product = p.matmul(w, v).unwrap();
    let half = p.scaled(&Rational::new(1, 3), product);
    let shift = p.constant(Rational::new(2, 5));
    let inside = p.add(half, shift);
    let value = p.apply(function, inside);
    let square = p.pow(value, &2.into());
    let first = p.sum(square);
    let two = p.integer(2);
    let shifted = p.add(two, v);
    let power = p.pow(shifted, exponent);
    let second = p.sum(power);
    let loss = p.add(first, second);
    (p, loss)
}

fn value(variable: Variable) -> Rational {
    match variable {
        Variable::Theta(k) => number(k as usize, 0),
        Variable::Direction(..) | Variable::Symbol(_) => Rational::new(1, 3),
    }
}

/// The values of arrays, entry by entry, each to the last digit.
fn values(pool: &Pool, roots: &[Id]) -> Vec<f64> {
    let mut balls = BallAlgebra::new(384);
    let bind = pool.by_entries(|balls: &mut BallAlgebra, v| balls.rational(&value(v)));
    let arrays = pool.evaluate(&mut balls, roots, bind);
    arrays.iter().flat_map(|a| a.iter()).map(|x| x.to_f64().unwrap_or(0.0)).collect()
}

/// `f_0, …, f_N` of the scalar route, one after another.
fn by_scalars(pool: &Pool, loss: Id, optimizer: &BoundOptimizer, order: usize) -> [Vec<f64>; 2] {
    let mut pool = pool.clone();
    let gradient = pool.gradient_entries(loss);
    let tape = SeriesTape::new(&Tape::new(&pool, &gradient));
    let mut balls = BallAlgebra::new(384);
    let theta = (0..pool.dimension()).map(|k| balls.rational(&value(Variable::Theta(u32::try_from(k).unwrap()))));
    let point = Point { theta: theta.collect(), symbols: vec![balls.rational(&Rational::new(1, 3))] };
    let scheme = Scheme::of(optimizer).unwrap();
    let mut field = scheme.modified_field(&mut balls, &tape, &point, order);
    for (_, f) in field.iter_mut().enumerate().filter(|(n, _)| scheme.vanishes(*n)) {
        f.fill(balls.rational(&Rational::ZERO));
    }
    let principal = scheme.principal_field(&mut balls, &tape, &point, order);
    [field, principal].map(|f| f.into_iter().flatten().map(|x| x.to_f64().unwrap_or(0.0)).collect())
}

fn assert_close(name: &str, values: &[f64], expected: &[f64]) {
    assert_eq!(values.len(), expected.len(), "{name}");
    for (k, (a, b)) in values.iter().zip(expected).enumerate() {
        // Zeros of the scalar route are enclosures around 0.
        assert!((a - b).abs() <= 1e-14 * b.abs() + 1e-60, "{name}, number {k}: {a:e} {b:e}");
    }
}

fn check(name: &str, (mut pool, loss): (Pool, Id), optimizer: &BoundOptimizer, order: usize) {
    let expected = by_scalars(&pool, loss, optimizer, order);
    let field = modified_field(&mut pool, loss, optimizer, order).unwrap();
    let principal = principal_field(&mut pool, loss, optimizer, order).unwrap();
    let parts = field_parts(&mut pool, loss, optimizer, order).unwrap();
    let [whole, own] = expected;
    let rest: Vec<f64> = whole.iter().zip(&own).map(|(f, p)| f - p).collect();
    let flat = |f: &[Vec<Id>]| f.concat();
    for (f, expected) in [(&field, &whole), (&principal, &own), (&parts.field, &whole), (&parts.principal, &own)] {
        assert_close(name, &values(&pool, &flat(f)), expected);
    }
    let sizes = whole.iter().zip(&own).map(|(f, p)| f.abs() + p.abs());
    for ((a, b), size) in values(&pool, &flat(&parts.nonprincipal)).iter().zip(&rest).zip(sizes) {
        assert!((a - b).abs() <= 1e-14 * size + 1e-60, "{name}: {a:e} {b:e}");
    }
}

fn bound(name: &str, momentum: Option<Rational>) -> BoundOptimizer {
    let values: Vec<(&str, Rational)> = momentum.into_iter().map(|m| ("m", m)).collect();
    name.parse::<Optimizer>().unwrap().bind(&values).unwrap()
}

#[test]
fn networks_agree_with_the_scalar_route() {
    let descent = BoundOptimizer::gradient_descent();
    check("two layers", classifier(Function::Tanh, 3, &[2, 2, 2, 3]), &descent, 4);
    check("sigmoid", classifier(Function::Sigmoid, 3, &[2, 2, 3]), &descent, 5);
    for order in 0..3 {
        check("one layer", classifier(Function::Softplus, 3, &[2, 2, 3]), &descent, order);
    }
}

#[test]
fn layouts_agree_with_the_scalar_route() {
    check("layouts", layouts(), &BoundOptimizer::gradient_descent(), 4);
}

#[test]
fn every_function_agrees_with_the_scalar_route() {
    let exponents = ["-2", "3/2", "6", "-1/3", "1/2", "-1"].map(|q| q.parse::<Rational>().unwrap());
    for (function, exponent) in Function::ALL.into_iter().zip(exponents.iter().cycle()) {
        let name = format!("{} and power {exponent}", function.name());
        check(&name, functions(function, exponent), &BoundOptimizer::gradient_descent(), 4);
    }
}

#[test]
fn every_optimizer_agrees_with_the_scalar_route() {
    let one = || Rational::ONE;
    let evaluation = |at: Vec<(i32, Rational)>| Evaluation { at, minus_h_times: Vec::new() };
    let multistep = Recurrence {
        method: "adams".to_owned(),
        symbols: Vec::new(),
        left: vec![(1, one()), (0, Rational::MINUS_ONE)],
        evaluations: [1, 0, -1].map(|k| evaluation(vec![(k, one())])).to_vec(),
        right: vec![Rational::new(5, 12), Rational::new(8, 12), Rational::new(-1, 12)],
    };
    let half = Some(Rational::new(1, 2));
    let optimizers = [
        bound("heavy-ball", half.clone()),
        bound("nesterov", half),
        bound("implicit-euler", None),
        Optimizer::Recurrence(multistep.map(|q| Some(Fraction::from_rational(q))).unwrap().into()).bind(&[]).unwrap(),
        bound("rk:midpoint", None),
        bound("rk:rk4", None),
        bound("rk:trapezoidal", None),
        bound("rk:gauss2", None),
    ];
    for optimizer in &optimizers {
        let order = if optimizer.name().starts_with("rk:") { 4 } else { 5 };
        check(optimizer.name(), functions(Function::Sin, &Rational::new(3, 2)), optimizer, order);
        check(optimizer.name(), classifier(Function::Tanh, 3, &[2, 2, 3]), optimizer, 2);
    }
    let (mut pool, loss) = layouts();
    assert!(modified_field(&mut pool, loss, &bound("nesterov", None), 1).is_err());
}

#[test]
fn high_orders_agree_with_the_scalar_route() {
    let descent = BoundOptimizer::gradient_descent();
    check("order 8", functions(Function::Exp, &Rational::new(-3, 2)), &descent, 8);
}

/// `f_2 = −1/3 H²g − 1/12 T[g,g]` and `f_3 = −1/4 H³g − 1/12 H T[g,g] − 1/12 T[g,Hg]`, by derivatives along directions.
#[test]
fn elementary_differentials_give_the_same() {
    let (mut p, loss) = classifier(Function::Tanh, 3, &[2, 3, 3]);
    let field = modified_field(&mut p, loss, &BoundOptimizer::gradient_descent(), 3).unwrap();
    let g = p.gradient(loss);
    let hg = p.hessian_vector(loss, &g);
    let hhg = p.hessian_vector(loss, &hg);
    let hhhg = p.hessian_vector(loss, &hhg);
    let t = p.third_contraction(loss, &g, &g);
    let ht = p.hessian_vector(loss, &t);
    let tgh = p.third_contraction(loss, &g, &hg);
    let along = third_along(&mut p, loss, &g);
    assert_close("T[g, g]", &values(&p, &along), &values(&p, &t));
    let [h2, h3, t, ht, tgh] = [hhg, hhhg, t, ht, tgh].map(|arrays| values(&p, &arrays));
    let second: Vec<f64> = h2.iter().zip(&t).map(|(h, t)| -h / 3.0 - t / 12.0).collect();
    let third: Vec<f64> = (0..h3.len()).map(|k| -h3[k] / 4.0 - ht[k] / 12.0 - tgh[k] / 12.0).collect();
    for (f, expected) in [(&field[2], second), (&field[3], third)] {
        let values = values(&p, f);
        let size = expected.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        assert!(values.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= 1e-15 * size), "{values:?} {expected:?}");
    }
}

#[test]
fn truncation_sums_the_orders() {
    let mut p = Pool::new();
    let w = p.declare_parameter("w", Shape::vector(2));
    let square = p.pow(w, &2.into());
    let loss = p.sum(square);
    let field = modified_field(&mut p, loss, &BoundOptimizer::gradient_descent(), 2).unwrap();
    let h = p.constant(Rational::new(1, 4));
    // −2w (1 + hλ/2 + (hλ)²/3) with λ = 2.
    assert_eq!(truncated(&mut p, &field, h), [p.scaled(&Rational::new(-8, 3), w)]);
}

/// The multiplications in matrix products, and the number of nodes.
fn work(pool: &Pool, roots: &[Id]) -> (f64, usize) {
    let ids = pool.reachable(roots);
    let products = ids.iter().filter_map(|id| match pool.node(*id) {
        Node::Matmul(a, _) => Some(pool.shape(*a).axes()[1] * pool.shape(*id).size()),
        _ => None,
    });
    (products.sum::<usize>() as f64, ids.len())
}

#[test]
fn the_work_in_gradients_does_not_depend_on_sizes() {
    let descent = BoundOptimizer::gradient_descent();
    // One node for each power of s at every order would take 1, 3, 9, 21 and 36 gradients.
    let most = [1.0, 3.0, 6.0, 11.0, 21.0];
    let counts = [[4, 28, 28, 3], [64, 280, 280, 10]].map(|widths| {
        let (mut p, loss) = classifier(Function::Tanh, 150, &widths);
        let gradient = p.gradient(loss);
        let (one, _) = work(&p, &gradient);
        let nodes = most.iter().enumerate().map(|(order, most)| {
            let field = modified_field(&mut p, loss, &descent, order).unwrap();
            let (all, nodes) = work(&p, &field.concat());
            assert!(all <= most * one, "f_0..f_{order}: {} gradients", all / one);
            nodes
        });
        let mut nodes: Vec<usize> = nodes.collect();
        let parts = field_parts(&mut p, loss, &descent, 4).unwrap();
        let (all, count) = work(&p, &[parts.field, parts.principal, parts.nonprincipal].concat().concat());
        assert!(all <= 24.0 * one, "with parts: {} gradients", all / one);
        nodes.push(count);
        nodes
    });
    assert_eq!(counts[0], counts[1]);
}
