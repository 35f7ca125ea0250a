//! Optimizers other than gradient descent on concrete losses, against the tree route and closed solutions.

use crate::bound::bound;
use crate::losses::{as_loss, gradient, polynomials};
use proptest::prelude::*;
use shadowflow::concrete::Scheme;
use shadowflow::concrete::trajectory::Point;
use shadowflow::expr::{Exact, Polynomial};
use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, Simulation, Subject, simulate_for};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::series::{Route, derive};

fn q(text: &str) -> Rational {
    text.parse().unwrap()
}

/// `∇^{k+1}E[v_1, …, v_k]` by differentiating the loss's polynomial, and nothing else.
fn contraction(loss: &Polynomial, at: &[Rational], vectors: &[Vec<Rational>]) -> Vec<Rational> {
    let mut sums: Vec<Polynomial> = (0..at.len()).map(|i| loss.derivative(i)).collect();
    for v in vectors {
        sums = sums
            .iter()
            .map(|p| (0..at.len()).fold(Polynomial::zero(at.len()), |sum, k| sum.plus(&p.derivative(k).scaled(&v[k]))))
            .collect();
    }
    sums.iter().map(|p| p.evaluate(at)).collect()
}

/// The elementary differential of a tree in the derivatives of the loss.
fn differential(loss: &Polynomial, at: &[Rational], levels: &[u8]) -> Vec<Rational> {
    // The children of the root start where the level is one more than the root's.
    let below = &levels[1..];
    let starts: Vec<usize> = (0..below.len()).filter(|&i| below[i] == levels[0] + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([below.len()]);
    let children: Vec<Vec<Rational>> =
        starts.iter().zip(ends).map(|(&from, to)| differential(loss, at, &below[from..to])).collect();
    contraction(loss, at, &children)
}

/// `f_0..f_order` from the coefficients that the tree route gives.
fn by_trees(optimizer: &BoundOptimizer, loss: &Polynomial, at: &[Rational], order: usize) -> Vec<[Vec<Rational>; 2]> {
    let equation = derive(optimizer, order).route(Route::Trees).run().unwrap().equation;
    let terms = equation.orders.iter().map(|terms| {
        let mut sums = [vec![Rational::ZERO; at.len()], vec![Rational::ZERO; at.len()]];
        for term in terms {
            let coefficient = term.coefficient.to_rational().unwrap();
            let value = differential(loss, at, term.tree.levels());
            for (i, v) in value.iter().enumerate() {
                sums[0][i] += &(&coefficient * v);
                if term.tree.is_principal() {
                    sums[1][i] += &(&coefficient * v);
                }
            }
        }
        sums
    });
    terms.collect()
}

fn file(name: &str) -> String {
    format!("{}/examples/optimizers/{name}.toml", env!("CARGO_MANIFEST_DIR"))
}

/// Every kind of optimizer, and a momentum where there is one.
fn optimizers() -> Vec<BoundOptimizer> {
    let plain = [
        "gradient-descent",
        "implicit-euler",
        "rk:midpoint",
        "rk:rk4",
        "rk:implicit-midpoint",
        "rk:gauss2",
        "rk:radau5",
        "rk:trapezoidal",
    ]
    .map(str::to_owned);
    let files = ["adams-bashforth-2", "bdf2", "ralston"].map(file);
    let plain = plain.into_iter().chain(files).map(|name| bound(&name, None));
    plain.chain(["heavy-ball", "nesterov"].map(|name| bound(name, Some("2/7")))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn trajectories_and_trees_agree_exactly(
        polynomial in polynomials(2, 4, 6),
        at in prop::collection::vec((-6i64..7, 1i64..4), 2),
    ) {
        let at: Vec<Rational> = at.into_iter().map(|(n, d)| Rational::new(n, d)).collect();
        let loss = as_loss(&polynomial);
        let tape = gradient(&loss);
        let point = Point { theta: at.clone(), symbols: Vec::new() };
        for optimizer in optimizers() {
            let scheme = Scheme::of(&optimizer).unwrap();
            let expected = by_trees(&optimizer, &polynomial, &at, 5);
            let field = scheme.modified_field(&mut Exact::default(), &tape, &point, 5);
            let principal = scheme.principal_field(&mut Exact::default(), &tape, &point, 5);
            for (n, [value, part]) in expected.iter().enumerate() {
                prop_assert_eq!(&field[n], value, "{} f_{}", optimizer.name(), n);
                prop_assert_eq!(&principal[n], part, "{} principal part of f_{}", optimizer.name(), n);
            }
            // The highest order asked for does not change those below.
            let lower = scheme.modified_field(&mut Exact::default(), &tape, &point, 3);
            prop_assert_eq!(&field[..4], &lower[..]);
        }
    }
}

/// Nesterov's coefficient of `T[g, g]` in the iterate, as published: −(1+4m+7m²−6m³+6m⁴)/(12(1−m)⁵).
#[test]
fn symbolic_momentum_takes_its_value_from_the_point() {
    let cube = Polynomial::from_terms(1, [(vec![3], Rational::ONE)]);
    let loss = as_loss(&cube);
    let m = q("1/3");
    let symbolic = Scheme::of(&bound("nesterov", None)).unwrap();
    let point = Point { theta: vec![Rational::ONE], symbols: vec![m.clone()] };
    let field = symbolic.modified_field(&mut Exact::default(), &gradient(&loss), &point, 4);
    let numeric = Scheme::of(&bound("nesterov", Some("1/3"))).unwrap();
    let point = Point { theta: vec![Rational::ONE], symbols: Vec::new() };
    assert_eq!(field, numeric.modified_field(&mut Exact::default(), &gradient(&loss), &point, 4));
    let principal = symbolic.principal_field(
        &mut Exact::default(),
        &gradient(&loss),
        &Point { theta: vec![Rational::ONE], symbols: vec![m.clone()] },
        4,
    );
    // g = 3, T = 6 at x = 1: the rest of f_2 is c·54.
    let power = |n: i64| m.pow(n).unwrap();
    let above = q("1") + q("4") * &m + q("7") * power(2) - q("6") * power(3) + q("6") * power(4);
    let below = q("12") * (q("1") - &m).pow(5).unwrap();
    assert_eq!(&field[2][0] - &principal[2][0], -(above / below) * q("54"));
}

fn simulation(
    (name, momentum): (&str, Option<&str>),
    loss: &Polynomial,
    h: &str,
    steps: usize,
    start: &[f64],
    flows: &[&str],
) -> Simulation {
    let subject = Subject::new(&bound(name, momentum)).unwrap();
    let mut model = CompiledModel::new(as_loss(loss)).unwrap();
    let flows: Vec<FlowName> = flows.iter().map(|f| f.parse().unwrap()).collect();
    let options = IntegratorOptions { tolerance: 1e-12, ..IntegratorOptions::default() };
    simulate_for(&subject, &mut model, &q(h), steps, start, &flows, &options).unwrap()
}

/// `Σ c θ^e`.
fn polynomial(variables: usize, terms: &[(&str, &[u32])]) -> Polynomial {
    Polynomial::from_terms(variables, terms.iter().map(|(c, e)| (e.to_vec(), q(c))))
}

/// A quadratic in three parameters with coupling and a linear part.
fn quadratic() -> Polynomial {
    polynomial(
        3,
        &[
            ("1", &[2, 0, 0]),
            ("1/2", &[0, 2, 0]),
            ("3/10", &[1, 1, 0]),
            ("1/4", &[0, 1, 1]),
            ("2", &[0, 0, 2]),
            ("1/5", &[1, 0, 0]),
        ],
    )
}

/// Rosenbrock's with a milder valley.
fn banana() -> Polynomial {
    polynomial(2, &[("1", &[0, 0]), ("-2", &[1, 0]), ("1", &[2, 0]), ("3", &[0, 2]), ("-6", &[2, 1]), ("3", &[4, 0])])
}

#[test]
fn principal_flows_are_exact_on_quadratics() {
    for name in ["implicit-euler", "rk:rk4", "rk:gauss2", "rk:midpoint", "rk:euler", "rk:implicit-midpoint"] {
        let run = simulation((name, None), &quadratic(), "1/5", 10, &[1.0, -0.5, 0.3], &["pf", "exact", "pf+np3"]);
        assert_eq!(run.method, name);
        assert!(run.warnings.is_empty(), "{name}: {:?}", run.warnings);
        for flow in &run.flows {
            let worst = flow.error.iter().map(|e| e.unwrap()).fold(0.0, f64::max);
            assert!(worst < 1e-10, "{name} {}: {worst:e}", flow.name);
        }
    }
}

/// Iterates of momentum settle on the slow manifold, where each step multiplies by the principal root.
#[test]
fn momentum_settles_on_its_principal_flow() {
    let square = polynomial(1, &[("1/2", &[2])]);
    for (name, m) in [("heavy-ball", "1/10"), ("nesterov", "1/5")] {
        let run = simulation((name, Some(m)), &square, "1/5", 40, &[1.0], &["pf", "exact", "principal:40"]);
        assert!(run.warnings.iter().any(|w| w.code == "zero-velocity" && w.message.contains(name)));
        let iterate = |k: usize| run.iterates[k].as_ref().unwrap()[0];
        for flow in &run.flows {
            let state = |k: usize| flow.trajectory[k].as_ref().unwrap()[0];
            let difference = state(40) / state(39) - iterate(40) / iterate(39);
            assert!(difference.norm() < 1e-8, "{name} {}: {difference}", flow.name);
            // The start itself is off by a share of the order of m.
            assert!(flow.error[40].unwrap() > 1e-8 * iterate(40).abs());
        }
    }
}

#[test]
fn beyond_a_branch_point_the_output_says_so() {
    let run =
        simulation(("heavy-ball", Some("9/10")), &quadratic(), "1/10", 5, &[1.0, -0.5, 0.3], &["pf", "exact", "igr"]);
    let codes: Vec<&str> = run.warnings.iter().map(|w| w.code).collect();
    assert_eq!(codes, ["zero-velocity", "beyond-branch-point", "beyond-branch-point", "gradient-descent-flow"]);
    // Both ways to the complex flow agree, step by step.
    for (a, b) in run.flows[0].trajectory.iter().zip(&run.flows[1].trajectory) {
        for (a, b) in a.as_ref().unwrap().iter().zip(b.as_ref().unwrap()) {
            assert!((a - b).norm() < 1e-9, "{a} {b}");
        }
    }
}

/// The field to order N is off by `h^{N+2}` in one step, or less where the next order vanishes.
#[test]
fn truncated_fields_have_their_order() {
    for (name, orders) in [("implicit-euler", [0, 1, 2, 3]), ("rk:midpoint", [1, 2, 3, 4]), ("rk:heun3", [2, 3, 4, 5])]
    {
        for order in orders {
            let flow = format!("bea:{order}");
            let error =
                |h: &str| simulation((name, None), &banana(), h, 1, &[0.3, -0.2], &[&flow]).flows[0].error[1].unwrap();
            let rate = (error("1/100") / error("1/200")).log2();
            assert!(rate > order as f64 + 1.5, "{name} {flow}: h^{rate}");
        }
    }
}

/// `Σ a_j θ_{t+j} + h Σ b_i g_i`, the recurrence put to the iterates, from its file.
#[test]
fn iterates_obey_their_recurrences() {
    let slope = |x: f64| x + x.powi(3);
    let loss = polynomial(1, &[("1/2", &[2]), ("1/4", &[4])]);
    let h = 0.1;
    let (ab2, bdf2, look) = (file("adams-bashforth-2"), file("bdf2"), file("nesterov"));
    type Residual = fn(f64, f64, f64, f64, &dyn Fn(f64) -> f64) -> f64;
    let cases: [(&str, Option<&str>, Residual); 5] = [
        ("heavy-ball", Some("1/2"), |x, y, z, h, g| z - 1.5 * y + 0.5 * x + h * g(y)),
        ("nesterov", Some("1/2"), |x, y, z, h, g| z - 1.5 * y + 0.5 * x + h * g(1.5 * y - 0.5 * x)),
        (&look, Some("1/2"), |x, y, z, h, g| z - 1.5 * y + 0.5 * x + h * g(1.5 * y - 0.5 * x)),
        (&ab2, None, |x, y, z, h, g| z - y + h * (1.5 * g(y) - 0.5 * g(x))),
        (&bdf2, None, |x, y, z, h, g| 1.5 * z - 2.0 * y + 0.5 * x + h * g(z)),
    ];
    for (name, momentum, residual) in cases {
        let run = simulation((name, momentum), &loss, "1/10", 6, &[0.8], &[]);
        let iterates: Vec<f64> = run.iterates.iter().map(|x| x.as_ref().unwrap()[0]).collect();
        // From zero velocity.
        let all: Vec<f64> = std::iter::once(iterates[0]).chain(iterates).collect();
        for three in all.windows(3) {
            let off = residual(three[0], three[1], three[2], h, &slope);
            assert!(off.abs() < 1e-15 * 4.0, "{name}: {off:e}");
        }
    }
}
