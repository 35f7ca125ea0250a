//! The routes against each other, for every kind of one-step method.

use crate::number::{Coefficient, Rational};
use crate::optimizer::testing::numbers;
use crate::optimizer::{Optimizer, Recurrence};
use crate::series::{ModifiedEquation, composition, lie_derivatives_of_step, order_polynomials};
use crate::tree::{BSeries, TreeFamily};
use std::sync::Arc;

fn q(n: i64, d: i64) -> Rational {
    Rational::new(n, d)
}

/// A name, the rows of A, the weights.
type Method = (&'static str, Vec<Vec<Rational>>, Vec<Rational>);

fn methods() -> Vec<Method> {
    let (o, half) = (Rational::ZERO, q(1, 2));
    let rk4 = vec![vec![], vec![half.clone()], vec![o.clone(), half.clone()], vec![o.clone(), o.clone(), q(1, 1)]];
    vec![
        ("euler", vec![vec![]], vec![q(1, 1)]),
        ("midpoint", vec![vec![], vec![half]], vec![o, q(1, 1)]),
        ("rk4", rk4, vec![q(1, 6), q(1, 3), q(1, 3), q(1, 6)]),
        ("implicit-euler", vec![vec![q(1, 1)]], vec![q(1, 1)]),
    ]
}

/// Substitution, logarithm, composition with the recurrence and Lie derivatives: all trees with at most nine nodes.
#[test]
fn four_routes_agree_to_size_nine() {
    let family = Arc::new(TreeFamily::new(9, 1));
    let exact = BSeries::exact_flow(&family);
    for (name, a, b) in methods() {
        let step = BSeries::runge_kutta(&family, &[(&a, &b)]);
        let field = exact.substituted_for(&step).unwrap();
        assert_eq!(field, step.logarithm(), "{name}");
        let substituted = ModifiedEquation::from_field(name, &field);
        let recurrence = Recurrence::runge_kutta(name, &a, &b).unwrap();
        assert_eq!(composition(&recurrence, 8).as_ref(), Ok(&substituted), "{name}");
        assert_eq!(lie_derivatives_of_step(name, &step), substituted, "{name}");
        if name == "euler" {
            assert_eq!(order_polynomials(8).orders, substituted.orders);
        }
    }
}

/// The field of a multistep method is a B-series too, and its flow obeys the recurrence.
#[test]
fn the_flow_of_heavy_ball_obeys_its_recurrence() {
    let m = q(2, 5);
    let equation = composition(&numbers(&Optimizer::HeavyBall, &m), 6).unwrap();
    let family = Arc::new(TreeFamily::new(7, 1));
    let field = BSeries::from_fn(&family, Rational::ZERO, |n| {
        let levels: Vec<u8> = family.nodes(n).iter().map(|&(l, _)| l).collect();
        let tree = crate::tree::Tree::from_levels(&levels).unwrap();
        let sign = if levels.len().is_multiple_of(2) { q(1, 1) } else { q(-1, 1) };
        &(&equation.coefficient(&tree).to_rational().unwrap() * family.symmetry(n)) * &sign
    });
    let flow = field.exponential();
    // θ_{t+1} − (1+m) θ_t + m θ_{t−1} = h f(θ_t).
    let left = flow.plus(&flow.inverse(), &m).plus(&BSeries::identity(&family), &-(&Rational::ONE + &m));
    assert_eq!(left, BSeries::field(&family));
    assert!(left.empty().is_zero() && Coefficient::is_zero(left.empty()));
}
