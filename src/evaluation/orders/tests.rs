//! Doubles against enclosures.

use super::{ArrayOrders, array_orders};
use crate::concrete::arrays::field_parts;
use crate::expr::testing::{classifier, number};
use crate::expr::{Algebra, BallAlgebra, Function, Id, Pool, Variable};
use crate::number::Rational;
use crate::optimizer::{BoundOptimizer, Optimizer};
use crate::plan::{Plan, PlanOptions};

/// `f_0..f_N` to the last digit.
fn exactly(pool: &Pool, loss: Id, theta: &[f64], optimizer: &BoundOptimizer, order: usize) -> Vec<Vec<f64>> {
    let mut pool = pool.clone();
    let parts = field_parts(&mut pool, loss, optimizer, order).unwrap();
    let mut balls = BallAlgebra::new(256);
    let bind = pool.by_entries(|balls: &mut BallAlgebra, v| match v {
        Variable::Theta(k) => balls.rational(&Rational::from_f64(theta[k as usize]).unwrap()),
        _ => unreachable!(),
    });
    let values = pool.evaluate(&mut balls, &parts.field.concat(), bind);
    let entries: Vec<f64> = values.iter().flat_map(|a| a.iter()).map(|x| x.to_f64().unwrap_or(0.0)).collect();
    entries.chunks(theta.len()).map(<[f64]>::to_vec).collect()
}

fn norm(v: impl Iterator<Item = f64>) -> f64 {
    v.map(|x| x * x).sum::<f64>().sqrt()
}

/// `1e-12 max(1, λ_0^n |g| / |H^n g|)`.
fn holding(pool: &Pool, loss: Id, theta: &[f64], order: usize, largest: f64) -> Vec<f64> {
    let descent = BoundOptimizer::gradient_descent();
    let found = array_orders(pool.expression(loss), theta, &[], &descent, order, &PlanOptions::default()).unwrap();
    let g = norm(found.orders[0].principal.iter().copied());
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
            // What plain floats can hold, with λ_0 that is a fourth too large at most.
            let hold = holding(&pool, loss, &theta, *order, found.largest_eigenvalue / 1.25);
            let exact = exactly(&pool, loss, &theta, optimizer, *order);
            for (n, ((order, exact), hold)) in found.orders.iter().zip(&exact).zip(hold).enumerate() {
                let size = norm(exact.iter().copied());
                let error = norm(order.value.iter().zip(exact).map(|(a, b)| a - b)) / size.max(f64::MIN_POSITIVE);
                let bound = order.relative_error_bound.unwrap();
                let rest = norm(
                    order.principal.iter().zip(&order.nonprincipal).zip(&order.value).map(|((p, r), f)| p + r - f),
                );
                assert!(error <= hold, "{} f_{n}: {error:e}, and doubles hold {hold:e}", optimizer.name());
                assert!(error <= bound && rest <= 1e-15 * size, "{} f_{n}: {error:e} {bound:e}", optimizer.name());
            }
        }
    }
}
