//! Every optimizer's modified equation by at least two routes to all trees with nine nodes, and against published values.

use crate::bound::bound;
use shadowflow::number::{Coefficient, Fraction, Quadratic, Rational, Scalar};
use shadowflow::optimizer::{BoundOptimizer, Optimizer, Recurrence, Tableau};
use shadowflow::series::{ModifiedEquation, Route, derive};
use shadowflow::tree::{BSeries, Tree, TreeFamily, count};
use std::sync::Arc;

/// All trees with nine nodes.
const ORDER: usize = 8;

fn q(text: &str) -> Rational {
    text.parse().unwrap()
}

fn file(name: &str) -> String {
    format!("{}/examples/optimizers/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}

fn derived(optimizer: &BoundOptimizer, order: usize, route: Route) -> ModifiedEquation {
    derive(optimizer, order).route(route).run().unwrap().equation
}

/// In a ring that holds all coefficients.
fn rational(c: &Scalar) -> Rational {
    c.to_rational().unwrap()
}

/// The field `h f̃` as a B-series in `f = −g`.
fn field<C: Coefficient>(
    equation: &ModifiedEquation,
    family: &Arc<TreeFamily>,
    value: impl Fn(&Scalar) -> C,
) -> BSeries<C> {
    let mut place = vec![C::zero(); family.len()];
    for term in equation.orders.iter().flatten() {
        let nodes: Vec<(u8, u8)> = term.tree.levels().iter().map(|&level| (level, 0)).collect();
        let n = family.position(&nodes).unwrap();
        let sign = if term.tree.size().is_multiple_of(2) { Rational::ONE } else { Rational::MINUS_ONE };
        place[n] = value(&term.coefficient).scaled(&(family.symmetry(n) * &sign));
    }
    BSeries::from_fn(family, C::zero(), |n| place[n].clone())
}

/// Whether the exact flow of the equation obeys the recurrence, `Σ a_j ψ_j = h Σ b_i f(Σ_k c_ik ψ_k)`, on all trees. The
/// flow is the exponential of the field; the derivation by composition knows no exponential.
fn obeys<C: Coefficient>(
    recurrence: &Recurrence<C>,
    equation: &ModifiedEquation,
    value: impl Fn(&Scalar) -> C,
) -> bool {
    let family = Arc::new(TreeFamily::new(equation.orders.len(), 1));
    let field = field(equation, &family, value);
    let zero = BSeries::from_fn(&family, C::zero(), |_| C::zero());
    let flow = |j: i32| match j {
        0 => BSeries::identity(&family),
        _ => zero.plus(&field, &Rational::from(i64::from(j))).exponential(),
    };
    let scaled = |s: &BSeries<C>, c: &C| BSeries::from_fn(&family, s.empty().times(c), |n| s.values()[n].times(c));
    let combined = |pairs: &[(i32, C)]| {
        pairs.iter().fold(zero.clone(), |sum, (j, c)| sum.plus(&scaled(&flow(*j), c), &Rational::ONE))
    };
    let gradients = recurrence.evaluations.iter().map(|e| {
        assert!(e.minus_h_times.is_empty());
        combined(&e.at).compose(&BSeries::field(&family))
    });
    let right = recurrence.right.iter().zip(gradients);
    let right = right.fold(zero.clone(), |sum, (b, g)| sum.plus(&scaled(&g, b), &Rational::ONE));
    combined(&recurrence.left) == right
}

/// Substitution, logarithm, Lie derivatives and composition, for every named method.
#[test]
fn one_step_methods_agree() {
    let names = Tableau::names().map(|name| format!("rk:{name}"));
    let others = ["gradient-descent".to_owned(), "implicit-euler".to_owned(), format!("rk:{}", file("ralston"))];
    let trees = derived(&BoundOptimizer::gradient_descent(), ORDER, Route::Trees);
    for name in names.chain(others) {
        let optimizer = bound(&name, None);
        let first = derived(&optimizer, ORDER, Route::Logarithm);
        for route in [Route::Auto, Route::Trees, Route::Substitution, Route::Composition] {
            assert_eq!(derived(&optimizer, ORDER, route), first, "{name}");
        }
        assert_eq!(derived(&optimizer, 6, Route::LieDerivatives).orders, first.orders[..7], "{name}");
        assert!(name != "gradient-descent" || first == trees);
    }
    let rewritten = derived(&BoundOptimizer::gradient_descent(), 7, Route::Egraph);
    assert_eq!(rewritten.orders, trees.orders[..8]);
}

/// The recurrence is obeyed by the exponential of the field, and the e-graph derives the same.
#[test]
fn multistep_methods_agree() {
    let momenta = ["1/2", "-2/7", "9/10"];
    let files = ["adams-bashforth-2", "bdf2", "implicit-euler"].map(|name| (file(name), None));
    let named = ["heavy-ball", "nesterov"].iter().flat_map(|name| momenta.map(|m| ((*name).to_owned(), Some(m))));
    for (name, momentum) in named.chain(files) {
        let optimizer = bound(&name, momentum);
        let equation = derived(&optimizer, ORDER, Route::Composition);
        assert!(obeys(optimizer.numbers().unwrap(), &equation, rational), "{name}");
        let rewritten = derived(&optimizer, 4, Route::Egraph);
        assert_eq!(rewritten.orders, equation.orders[..5], "{name}");
    }
}

/// The same with symbols, as rational functions.
#[test]
fn symbolic_methods_agree() {
    for (name, order) in [("heavy-ball".to_owned(), 5), ("nesterov".to_owned(), 5), (file("partial-look-ahead"), 3)] {
        let optimizer = bound(&name, None);
        let recurrence: Recurrence<Fraction> = optimizer.fractions().unwrap();
        let equation = derived(&optimizer, order, Route::Composition);
        assert!(obeys(&recurrence, &equation, Scalar::to_fraction), "{name}");
        let rewritten = derived(&optimizer, 3, Route::Egraph);
        assert_eq!(rewritten.orders, equation.orders[..4], "{name}");
        // A broken coefficient is noticed.
        let mut broken = equation.clone();
        broken.orders[2][0].coefficient = broken.orders[2][0].coefficient.scaled(&q("2"));
        assert!(!obeys(&recurrence, &broken, Scalar::to_fraction), "{name}");
    }
}

/// A tableau whose step is irrational: Nørsett's method of two stages, of order 3.
#[test]
fn roots_are_carried_exactly() {
    let text = "a = [[\"1/2+sqrt(3)/6\"], [\"-sqrt(3)/3\", \"1/2+sqrt(3)/6\"]]\nb = [\"1/2\", \"1/2\"]";
    let optimizer = Optimizer::from_toml(text, "norsett.toml").unwrap().bind(&[]).unwrap();
    let equation = derived(&optimizer, 6, Route::Auto);
    assert_eq!(derived(&optimizer, 6, Route::Composition), equation);
    assert!(equation.orders[1].is_empty() && equation.orders[2].is_empty() && !equation.orders[3].is_empty());
    let Optimizer::RungeKutta(tableau) = optimizer.optimizer() else { panic!("it has `a` and `b`") };
    let family = Arc::new(TreeFamily::new(7, 1));
    let number = |c: &Scalar| c.to_quadratic().unwrap();
    assert_eq!(field(&equation, &family, number).exponential(), tableau.step(&family));
    // log R(−z)/z at z³: R agrees with exp to z³ and has at z⁴ the coefficient R_4, so that it is R_4 − 1/24, with
    // R(x) = (1 + (1−2γ)x + (1/2 − 2γ + γ²)x²)/(1 − γx)², γ = 1/2 + √3/6: R_4 = 5γ⁴ + 4γ³(1−2γ) + 3γ²(1/2 − 2γ + γ²).
    let gamma = 0.5 + 3.0_f64.sqrt() / 6.0;
    let fourth = 5.0 * gamma.powi(4)
        + 4.0 * gamma.powi(3) * (1.0 - 2.0 * gamma)
        + 3.0 * gamma * gamma * (0.5 - 2.0 * gamma + gamma * gamma);
    let found: Quadratic = number(&equation.coefficient(&Tree::tall(3)));
    assert!((found.to_f64() - (fourth - 1.0 / 24.0)).abs() < 1e-14, "{found}");
    assert_eq!(found.radicand(), Some(3));
}

/// Trees with at most five nodes in the order of the tests of BSeries.jl.
const TREES: [&[u8]; 17] = [
    &[0],
    &[0, 1],
    &[0, 1, 1],
    &[0, 1, 2],
    &[0, 1, 1, 1],
    &[0, 1, 2, 1],
    &[0, 1, 2, 2],
    &[0, 1, 2, 3],
    &[0, 1, 1, 1, 1],
    &[0, 1, 2, 1, 1],
    &[0, 1, 2, 1, 2],
    &[0, 1, 2, 2, 1],
    &[0, 1, 2, 2, 2],
    &[0, 1, 2, 3, 1],
    &[0, 1, 2, 3, 2],
    &[0, 1, 2, 3, 3],
    &[0, 1, 2, 3, 4],
];

/// Coefficients of modified equations, times the symmetry, which the tests of BSeries.jl (Ketcheson & Ranocha 2023,
/// *Computing with B-series*) hold, there checked with the Python package `BSeries`.
#[test]
fn values_of_bseries_jl() {
    let cases = [
        ("rk:midpoint", "1 0 -1/12 -1/6 0 0 1/8 1/8 7/240 1/40 1/30 3/80 -7/240 7/240 -1/40 -19/240 -1/20"),
        ("rk:heun", "1 0 1/6 -1/6 0 -1/8 0 1/8 -1/30 -7/120 3/40 7/120 1/30 1/20 7/120 -7/120 -1/20"),
        ("rk:ssprk3", "1 0 0 0 0 -1/24 1/12 -1/24 1/120 -1/60 1/30 1/60 -1/120 1/120 -1/40 -1/60 1/30"),
    ];
    for (name, values) in cases {
        let equation = derived(&bound(name, None), 4, Route::Auto);
        for (levels, value) in TREES.iter().zip(values.split(' ')) {
            let tree = Tree::from_levels(levels).unwrap();
            let sign = if tree.size().is_multiple_of(2) { Rational::ONE } else { Rational::MINUS_ONE };
            let found = rational(&equation.coefficient(&tree)) * &tree.symmetry() * &sign;
            assert_eq!(found, q(value), "{name} at {levels:?}");
        }
    }
}

/// And of the modifying integrator of the explicit midpoint rule.
#[test]
fn modifying_integrators_of_bseries_jl() {
    let values = "1 0 1/12 1/6 0 0 -1/8 -1/8 1/80 1/60 7/240 1/240 9/80 1/80 13/120 13/80 2/15";
    let family = Arc::new(TreeFamily::new(5, 1));
    let step = Tableau::named("midpoint").unwrap().rational_step(&family).unwrap();
    let integrator = step.modifying_integrator().unwrap();
    for (levels, value) in TREES.iter().zip(values.split(' ')) {
        assert_eq!(integrator.coefficient(&Tree::from_levels(levels).unwrap()), Some(q(value)), "{levels:?}");
    }
}

/// The list of Hairer, Lubich & Wanner, GNI, IX.1, for explicit Euler in `f = −g`: `f_2 = −½ f′f`,
/// `f_3 = 1/12 f″(f,f) + 1/3 f′f′f`, `f_4 = −1/12 f′f″(f,f) − 1/12 f″(f,f′f) − 1/4 f′f′f′f`.
#[test]
fn values_of_hairer_lubich_wanner() {
    let equation = derived(&BoundOptimizer::gradient_descent(), 3, Route::Trees);
    let cases: [(&[u8], &str); 7] = [
        (&[0], "1"),
        (&[0, 1], "-1/2"),
        (&[0, 1, 1], "1/12"),
        (&[0, 1, 2], "1/3"),
        (&[0, 1, 2, 2], "-1/12"),
        (&[0, 1, 2, 1], "-1/12"),
        (&[0, 1, 2, 3], "-1/4"),
    ];
    for (levels, value) in cases {
        let sign = if levels.len().is_multiple_of(2) { Rational::ONE } else { Rational::MINUS_ONE };
        let found = rational(&equation.coefficient(&Tree::from_levels(levels).unwrap()));
        assert_eq!(found * &sign, q(value), "{levels:?}");
    }
    assert!(equation.coefficient(&Tree::from_levels(&[0, 1, 1, 1]).unwrap()).is_zero());
}

/// Ghosh, Lyu, Zhang & Wang 2023, *Implicit regularization in heavy-ball momentum accelerated stochastic gradient
/// descent*: the gradient flow of `E/(1−m) + h (1+m)/(4 (1−m)³) ‖∇E‖²`.
#[test]
fn values_of_ghosh_and_others() {
    let equation = derived(&bound("heavy-ball", None), 1, Route::Auto);
    let of = |k: usize| equation.coefficient(&Tree::tall(k)).to_string();
    assert_eq!((of(0).as_str(), of(1).as_str()), ("-1/(1-m)", "-(1+m)/(2*(1-m)^3)"));
    let nesterov = derived(&bound("nesterov", None), 2, Route::Auto);
    let corolla = nesterov.coefficient(&Tree::from_levels(&[0, 1, 1]).unwrap());
    assert_eq!(corolla.to_string(), "-(1+4*m+7*m^2-6*m^3+6*m^4)/(12*(1-m)^5)");
}

/// Order conditions to order 1, 2, …: 1, 2, 4, 8, 17, 37, 85, 200, 486, 1205 (Hairer, Nørsett & Wanner I, table II.2.3), and the
/// first that each method fails.
#[test]
fn numbers_of_order_conditions() {
    let mut sum = 0;
    for (order, conditions) in [1, 2, 4, 8, 17, 37, 85, 200, 486, 1205].iter().enumerate() {
        sum += count(order + 1).unwrap();
        assert_eq!(sum, *conditions);
    }
    for (name, order) in [("rk:rk4", 4), ("rk:kutta38", 4), ("rk:radau5", 5), ("rk:ssprk3", 3), ("rk:gauss2", 4)] {
        let equation = derived(&bound(name, None), order, Route::Auto);
        assert!(equation.orders[1..order].iter().all(Vec::is_empty) && !equation.orders[order].is_empty(), "{name}");
    }
}
