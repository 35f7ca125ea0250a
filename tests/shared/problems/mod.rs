//! Named model losses and values of their modified fields computed elsewhere, shared by tests.

use serde_json::Value;
use shadowflow::expr::{Expression, Function, Id, Pool, Shape};
use shadowflow::number::Rational;

/// An exact number from text.
pub(crate) fn q(text: &str) -> Rational {
    text.parse().unwrap()
}

/// A loss with scalar parameters.
pub(crate) fn loss(names: &[&str], build: impl FnOnce(&mut Pool, &[Id]) -> Id) -> Expression {
    let mut pool = Pool::new();
    let parameters: Vec<Id> = names.iter().map(|n| pool.declare_parameter(n, Shape::scalar())).collect();
    let id = build(&mut pool, &parameters);
    Expression::new(pool, id)
}

/// Rosenbrock's banana `(1 − x)² + 100 (y − x²)²`.
pub(crate) fn banana() -> Expression {
    loss(&["x", "y"], |p, v| {
        let one = p.integer(1);
        let first = p.sub(one, v[0]);
        let first = p.pow(first, &2.into());
        let square = p.pow(v[0], &2.into());
        let second = p.sub(v[1], square);
        let second = p.pow(second, &2.into());
        let second = p.scaled(&100.into(), second);
        p.add(first, second)
    })
}

/// `log(1 + exp(ab)) + tanh(ca)²/2 + cos(bc)/3`.
pub(crate) fn transcendental() -> Expression {
    loss(&["a", "b", "c"], |p, v| {
        let ab = p.mul(v[0], v[1]);
        let e = p.apply(Function::Exp, ab);
        let one = p.integer(1);
        let e = p.add(one, e);
        let first = p.apply(Function::Log, e);
        let ca = p.mul(v[2], v[0]);
        let t = p.apply(Function::Tanh, ca);
        let t = p.pow(t, &2.into());
        let second = p.scaled(&Rational::new(1, 2), t);
        let bc = p.mul(v[1], v[2]);
        let c = p.apply(Function::Cos, bc);
        let third = p.scaled(&Rational::new(1, 3), c);
        let sum = p.add(first, second);
        p.add(sum, third)
    })
}

/// A 2-3-1 tanh network with mean squared error over four points, 13 parameters.
pub(crate) fn network() -> Expression {
    let names: Vec<String> = (0..13).map(|k| format!("p{k}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    loss(&names, |p, v| {
        let mut total = p.integer(0);
        for row in [["1/2", "-1/3", "1/4"], ["-3/4", "2/3", "-1/2"], ["1/5", "4/5", "3/4"], ["-2/5", "-1/2", "1/10"]] {
            let mut output = v[12];
            for j in 0..3 {
                let (a, b) = (p.scaled(&q(row[0]), v[2 * j]), p.scaled(&q(row[1]), v[2 * j + 1]));
                let sum = p.add(a, b);
                let sum = p.add(sum, v[6 + j]);
                let hidden = p.apply(Function::Tanh, sum);
                let term = p.mul(v[9 + j], hidden);
                output = p.add(output, term);
            }
            let target = p.constant(q(row[2]));
            let error = p.sub(output, target);
            let error = p.pow(error, &2.into());
            total = p.add(total, error);
        }
        p.scaled(&Rational::new(1, 4), total)
    })
}

/// A point and its `f_n` by order, to 50 digits.
pub(crate) type Reference = (Vec<Rational>, Vec<Vec<Rational>>);

/// The reference values of `L1` (banana), `L2` (transcendental) or `L3` (network), from an independent implementation:
/// derivative tensors and series in 70-digit arithmetic.
pub(crate) fn reference(name: &str) -> Vec<Reference> {
    let data: Value = serde_json::from_str(include_str!("reference.json")).unwrap();
    let numbers = |v: &Value| v.as_array().unwrap().iter().map(|x| q(x.as_str().unwrap())).collect::<Vec<_>>();
    let points = data[name]["points"].as_array().unwrap();
    points
        .iter()
        .map(|p| {
            let orders = p["f"].as_object().unwrap();
            let fields = (0..orders.len()).map(|n| numbers(&orders[&n.to_string()])).collect();
            (numbers(&p["theta"]), fields)
        })
        .collect()
}
