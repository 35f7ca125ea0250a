//! Doubles against enclosures.

use super::{ArrayOrders, array_orders};
use crate::concrete::arrays::field_parts;
use crate::expr::testing::{classifier, number};
use crate::expr::{Algebra, BallAlgebra, Function, Id, Pool, Variable};
use crate::flow::ArrayModel;
use crate::loss::{Loss, Options};
use crate::number::Rational;
use crate::optimizer::{BoundOptimizer, Optimizer};
use crate::plan::{Plan, PlanOptions};
use crate::spectral::{LeadingOptions, leading_eigenpairs};
use std::num::NonZeroUsize;

/// `f_0..f_N` and their parts to the last digit.
fn exactly(pool: &Pool, loss: Id, theta: &[f64], optimizer: &BoundOptimizer, order: usize) -> Vec<[Vec<f64>; 3]> {
    let mut pool = pool.clone();
    let parts = field_parts(&mut pool, loss, optimizer, order).unwrap();
    let roots = [parts.field.concat(), parts.principal.concat(), parts.nonprincipal.concat()].concat();
    let entries = |precision: usize| -> Vec<Option<f64>> {
        let mut balls = BallAlgebra::new(precision);
        let bind = pool.by_entries(|balls: &mut BallAlgebra, v| match v {
            Variable::Theta(k) => balls.rational(&Rational::from_f64(theta[k as usize]).unwrap()),
            _ => unreachable!(),
        });
        let values = pool.evaluate(&mut balls, &roots, bind);
        values.iter().flat_map(|a| a.iter()).map(|x| x.to_f64()).collect()
    };
    // What so many bits do not tell from zero is none.
    let found = entries(256);
    let found = if found.contains(&None) { entries(4096) } else { found };
    let entries: Vec<f64> = found.into_iter().map(Option::unwrap_or_default).collect();
    let of = |part: usize, n: usize| entries[(part * (order + 1) + n) * theta.len()..][..theta.len()].to_vec();
    (0..=order).map(|n| [0, 1, 2].map(|part| of(part, n))).collect()
}

fn norm(v: impl Iterator<Item = f64>) -> f64 {
    v.map(|x| x * x).sum::<f64>().sqrt()
}

/// `1e-12 max(1, λ_0^n |g| / |H^n g|)`: what plain floats can hold.
fn holding(pool: &Pool, loss: Id, theta: &[f64], order: usize) -> Vec<f64> {
    let descent = BoundOptimizer::gradient_descent();
    let found = array_orders(pool.expression(loss), theta, &[], &descent, order, &PlanOptions::default()).unwrap();
    let mut model = ArrayModel::new(pool.expression(loss), NonZeroUsize::MIN).unwrap().at(theta).unwrap();
    let gradient = model.gradient().to_vec();
    let options = LeadingOptions::new(1);
    let spectrum = leading_eigenpairs(&gradient, None, &options, &mut |v, out: &mut [f64]| model.hessian_times(v, out));
    let (largest, g) = (spectrum.unwrap().eigenvalues[0], norm(gradient.iter().copied()));
    let powers = found.orders.iter().zip(1..).zip(0..);
    let relative = powers
        .map(|((order, n), power)| largest.powi(power) * g / (f64::from(n) * norm(order.principal.iter().copied())));
    relative.map(|r| 1e-12 * r.max(1.0)).collect()
}

/// States of a network: drawn, large, and after some steps of gradient descent.
fn states(pool: &Pool, loss: Id) -> Vec<Vec<f64>> {
    let n = pool.dimension();
    let start: Vec<f64> = (0..n).map(|k| number(k, 0).to_f64()).collect();
    let large = start.iter().map(|x| 6.0 * x).collect();
    let mut pool = pool.clone();
    let gradient = pool.gradient(loss);
    let plan = Plan::real(&pool, &gradient, &PlanOptions::default()).unwrap();
    let (mut state, mut theta, mut g) = (plan.state(), start.clone(), vec![0.0; n]);
    for _ in 0..400 {
        plan.run(&mut state, &theta, &[], &[], &mut g);
        theta.iter_mut().zip(&g).for_each(|(x, g)| *x -= 0.5 * g);
    }
    vec![start, large, theta]
}

#[test]
fn bounds_hold_and_are_of_use() {
    let momentum = |name: &str| name.parse::<Optimizer>().unwrap().bind(&[("m", Rational::new(9, 10))]).unwrap();
    let optimizers = [
        (BoundOptimizer::gradient_descent(), 4),
        (momentum("heavy-ball"), 3),
        (momentum("nesterov"), 3),
        ("rk:gauss2".parse::<Optimizer>().unwrap().bind(&[]).unwrap(), 4),
    ];
    let (pool, loss) = classifier(Function::Tanh, 6, &[3, 4, 3]);
    for theta in states(&pool, loss) {
        for (optimizer, order) in &optimizers {
            let found: ArrayOrders =
                array_orders(pool.expression(loss), &theta, &[], optimizer, *order, &PlanOptions::default()).unwrap();
            let hold = holding(&pool, loss, &theta, *order);
            let exact = exactly(&pool, loss, &theta, optimizer, *order);
            for (n, ((order, exact), hold)) in found.orders.iter().zip(&exact).zip(hold).enumerate() {
                let [exact, ..] = exact;
                let size = norm(exact.iter().copied());
                let error = norm(order.value.iter().zip(exact).map(|(a, b)| a - b)) / size.max(f64::MIN_POSITIVE);
                let bound = order.bounds.value.unwrap();
                let rest = norm(
                    order.principal.iter().zip(&order.nonprincipal).zip(&order.value).map(|((p, r), f)| p + r - f),
                );
                assert!(error <= hold, "{} f_{n}: {error:e}, and doubles hold {hold:e}", optimizer.name());
                assert!(error <= bound && rest <= 1e-15 * size, "{} f_{n}: {error:e} {bound:e}", optimizer.name());
            }
        }
    }
}

/// Numbers between −1 and 1 without a pattern.
fn drawn(count: usize, seed: u64) -> Vec<f64> {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A matrix in the loss language.
fn matrix(rows: usize, columns: usize, seed: u64, scale: f64) -> String {
    let entry = |x: &f64| format!("{}", (x * scale * 1024.0).round() / 1024.0);
    let row = |r: &[f64]| format!("[{}]", r.iter().map(entry).collect::<Vec<_>>().join(", "));
    format!("[{}]", drawn(rows * columns, seed).chunks(columns).map(row).collect::<Vec<_>>().join(", "))
}

/// A network on drawn data: `inner` is applied to its hidden layer, `outer` made of its outputs.
fn network(inner: &str, outer: &str, rows: usize, seed: u64) -> String {
    let (x, y) = (matrix(rows, 3, seed, 2.0), matrix(rows, 2, seed + 1, 1.0));
    format!(
        "let X = {x}\nlet Y = {y}\nparam W[3, 5] = 0\nparam b[5] = 0\nparam V[5, 2] = 0\nlet Z = X @ W + b\nlet O = ({inner}) @ V\nloss {outer}\n"
    )
}

/// A function of `w*X` with equal rows, and states of w.
const SINGLE: [(&str, &[f64]); 15] = [
    ("tanh(w*X)", &[5.0, 20.0]),
    ("sigmoid(w*X)", &[40.0, -20.0]),
    ("-log(1-sigmoid(w*X))", &[20.0, 40.0, 100.0]),
    ("erf(w*X)", &[3.0]),
    ("log(1+exp(w*X))", &[800.0, -40.0]),
    ("1-tanh(w*X)^2", &[20.0]),
    ("gelu(w*X)", &[-5.0, -8.0]),
    ("silu(w*X)", &[-30.0]),
    ("elu(w*X)", &[-1.0, -30.0, 3.0]),
    ("sqrt(1+(w*X)^2)-w*X", &[1e3, 1e6]),
    ("log(cosh(w*X))", &[800.0, 0.1]),
    ("(w*X-1/3)^2", &[1.0 / 3.0, 0.333]),
    ("1-cos(w*X)", &[1e-9, 1.0]),
    ("(exp(w*X) - 2)^2", &[0.69]),
    ("log(1e-6+(w*X-0.7)^2)", &[0.7001, 0.7]),
];

const HIDDEN: [&str; 10] = [
    "tanh(Z)",
    "sigmoid(Z)",
    "relu(Z)",
    "softplus(Z)",
    "silu(Z)",
    "gelu(Z)",
    "elu(Z)",
    "sin(Z)",
    "Z",
    "log(1e-6 + (Z-1)^2)",
];

#[test]
fn bounds_hold_where_functions_are_saturated_and_sums_cancel() {
    let mut cases: Vec<(String, Vec<f64>)> = Vec::new();
    let ones = format!("[{}]", ["1"; 1000].join(", "));
    for (function, states) in SINGLE {
        let source = format!("let X = {ones}\nparam w = 1\nloss mean({function})\n");
        cases.extend(states.iter().map(|w| (source.clone(), vec![*w])));
    }
    for (k, hidden) in HIDDEN.iter().enumerate() {
        let outer = ["mean((O - Y)^2)", "mean(logsumexp(O, 1)) - mean(O*Y)"][k % 2];
        for scale in [0.1, 5.0, 30.0] {
            let theta = drawn(30, 77 + k as u64).iter().map(|x| (x * scale * 64.0).round() / 64.0).collect();
            cases.push((network(hidden, outer, 12, 10 * k as u64 + 3), theta));
        }
    }
    let descent = BoundOptimizer::gradient_descent();
    let mut ratios = Vec::new();
    for (source, theta) in cases {
        let loss = Loss::parse(&source, "case.loss", &Options::default()).unwrap();
        let (pool, id) = (loss.expression.pool(), loss.expression.id());
        let found = array_orders(&loss, &theta, &[], &descent, 2, &PlanOptions::default()).unwrap();
        let exact = exactly(pool, id, &theta, &descent, 2);
        for (n, (order, exact)) in found.orders.iter().zip(&exact).enumerate() {
            let bounds = [order.bounds.value, order.bounds.principal, order.bounds.nonprincipal];
            for ((value, exact), bound) in
                [&order.value, &order.principal, &order.nonprincipal].into_iter().zip(exact).zip(bounds)
            {
                // Zero with an error has no bound.
                let Some(bound) = bound else { continue };
                let (error, size) = (norm(value.iter().zip(exact).map(|(a, b)| a - b)), norm(value.iter().copied()));
                assert!(
                    error <= bound * size,
                    "f_{n} at {} is off by {error:e} of {size:e}, bound {bound:e}: {source}",
                    theta[0]
                );
                ratios.extend((size > 0.0).then(|| error / size / bound));
            }
        }
    }
    // Nor are they of no use.
    ratios.sort_by(f64::total_cmp);
    assert!(ratios[ratios.len() / 2] > 1e-3, "{}", ratios[ratios.len() / 2]);
}

#[test]
fn a_zero_is_known_by_its_form_only() {
    let descent = BoundOptimizer::gradient_descent();
    let bounds = |source: &str| {
        let loss = Loss::parse(source, "case.loss", &Options::default()).unwrap();
        array_orders(&loss, &[0.5], &[], &descent, 1, &PlanOptions::default()).unwrap().orders[1].bounds
    };
    // e^−1000 is below all doubles.
    let lost = bounds("param w = 1\nloss exp(-1000 - w^2)\n");
    assert_eq!((lost.value, lost.nonprincipal), (None, Some(0.0)));
    let linear = bounds("param w = 1\nloss 3*w\n");
    assert_eq!(linear.value, Some(0.0));
}
