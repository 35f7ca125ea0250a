//! Flows of compiled losses: those by hand, truncated ones, given ones, and sweeps of them.

use super::{exact, run};
use crate::handwritten::{Banana, Quadratic};
use num_complex::Complex64;
use shadowflow::expr::{Expression, Function, Pool, Shape};
use shadowflow::flow::{CompiledGradient, CompiledModel, FlowName, Gradient, IntegratorOptions, Model, simulate};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;

/// The banana function with b = 10 as an expression.
fn compiled_banana() -> CompiledModel {
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
    CompiledModel::new(Expression::new(pool, loss)).expect("a model")
}

#[test]
fn compiled_losses_give_the_same_flows() {
    for h in [0.01, 1.0 / 55.0] {
        let flows = ["ngf", "igr", "third", "pf", "pf+np3", "flip:1", "principal:5"];
        let by_hand = run(&mut Banana { a: 1.0, b: 10.0 }, h, 3, &[-0.9, 0.95], &flows);
        let compiled = run(&mut compiled_banana(), h, 3, &[-0.9, 0.95], &flows);
        assert_eq!(by_hand.warnings, compiled.warnings);
        for (a, b) in by_hand.flows.iter().zip(&compiled.flows) {
            for (a, b) in a.trajectory.iter().zip(&b.trajectory) {
                for (a, b) in a.as_ref().unwrap().iter().zip(b.as_ref().unwrap()) {
                    assert!((a - b).norm() < 1e-9, "{a} {b}");
                }
            }
        }
    }
}

#[test]
fn truncated_flows_meet_those_with_names() {
    let simulation =
        run(&mut compiled_banana(), 0.01, 3, &[-0.9, 0.95], &["bea:0", "ngf", "bea:1", "igr", "bea:2", "third"]);
    for pair in simulation.flows.chunks(2) {
        for (a, b) in pair[0].error.iter().zip(&pair[1].error) {
            assert!((a.unwrap() - b.unwrap()).abs() < 1e-10);
        }
    }
}

#[test]
fn truncated_flows_have_their_local_order() {
    // Step sizes small enough for the leading term and large enough for an error above rounding, by order.
    let losses: [(&str, &[f64], [i64; 5]); 3] = [
        ("param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n", &[-0.9, 0.95], [5000, 5000, 5000, 2000, 1000]),
        (
            "param a, b, c\nloss log(1 + exp(a*b)) + tanh(c*a)^2/2 + cos(b*c)/3\n",
            &[0.3, -0.2, 0.7],
            [64, 64, 32, 16, 8],
        ),
        ("param x\nloss exp(x) - 2*x\n", &[1.1], [256, 128, 64, 64, 64]),
    ];
    let options = IntegratorOptions { tolerance: 1e-14, ..Default::default() };
    for (source, start, coarse) in losses {
        let loss = Loss::parse(source, "order.loss", &Options::default()).unwrap();
        for (order, inverse) in coarse.into_iter().enumerate() {
            let error = |inverse: i64| {
                let h = Rational::new(1, inverse);
                let mut model = CompiledModel::new(loss.expression.clone()).unwrap();
                let flows = [FlowName::Bea(order)];
                let simulation = simulate(&mut model, &h, 1, start, &flows, &options).unwrap();
                simulation.flows[0].error[1].unwrap()
            };
            let slope = (error(inverse) / error(2 * inverse)).log2();
            assert!((slope - (order + 2) as f64).abs() < 0.1, "bea:{order} of {source}: {slope:.3}");
        }
    }
}

/// `log x` is followed through negative x by its principal branch, whose cut lies there.
#[test]
fn a_loss_says_where_its_own_branch_jumps() {
    let mut pool = Pool::new();
    let x = pool.declare_parameter("x", Shape::scalar());
    let l = pool.apply(Function::Log, x);
    let square = pool.pow(l, &2.into());
    let loss = pool.scaled(&"1/2".parse().unwrap(), square);
    let mut derivatives = CompiledGradient::new(pool.expression(loss)).unwrap();
    let at = |re, im| [Complex64::new(re, im)];
    assert!(derivatives.crosses_cut(&at(-1.0, 0.1), &at(-1.0, -0.1)));
    assert!(!derivatives.crosses_cut(&at(1.0, 0.1), &at(1.0, -0.1)));
    let mut model = CompiledModel::new(Expression::new(pool, loss)).unwrap();
    assert!(!model.is_quadratic());
    let simulation = run(&mut model, 0.1, 3, &[2.0], &["pf"]);
    assert_eq!(simulation.warnings, []);
}

/// Tightening the tolerance brings the trajectory closer, on both sides of the branch point and of the edge of stability.
#[test]
fn flows_converge_with_the_tolerance() {
    let source = "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default()).expect("a loss");
    for h_lambda in [0.9, 1.1, 1.9, 2.1] {
        let h = h_lambda / 82.0772;
        let mut model = CompiledModel::new(loss.expression.clone()).expect("a model");
        let flows: Vec<FlowName> = ["ngf", "pf", "pf+np3", "rpf"].iter().map(|f| f.parse().expect("a flow")).collect();
        let mut ends = |tolerance: f64| -> Vec<Vec<Complex64>> {
            let options = IntegratorOptions { tolerance, ..Default::default() };
            let simulation = simulate(&mut model, &exact(h), 3, &[-0.9, 0.95], &flows, &options).expect("a simulation");
            simulation.flows.iter().map(|f| f.trajectory[3].clone().expect("a state")).collect()
        };
        let reference = ends(1e-14);
        for tolerance in [1e-5, 1e-7, 1e-9, 1e-11] {
            for ((end, best), flow) in ends(tolerance).iter().zip(&reference).zip(&flows) {
                let off = end.iter().zip(best).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max);
                assert!(off < 30.0 * tolerance, "hλ = {h_lambda}, {flow}, tolerance {tolerance:e}: off by {off:e}");
            }
        }
    }
}

#[test]
fn an_alpha_given_as_an_expression() {
    let source = "param x, y, z\nloss (1 - x)^2 + 3*(y - x^2)^2 + x*y*z + z^4/4 + z^2\n";
    let loss = Loss::parse(source, "three.loss", &Options::default()).expect("a loss");
    let mut model = CompiledModel::new(loss).expect("a model");
    let flows: Vec<FlowName> = ["pf", "alpha:log(1-z)/z", "ngf", "alpha:-1", "igr", "alpha:-1-z/2"]
        .iter()
        .map(|f| f.parse().unwrap())
        .collect();
    let simulation = simulate(&mut model, &exact(0.02), 4, &[-0.9, 0.5, 0.4], &flows, &IntegratorOptions::default())
        .expect("a simulation");
    for pair in simulation.flows.chunks_exact(2) {
        for (a, b) in pair[0].error.iter().zip(&pair[1].error) {
            let (a, b) = (a.expect("an error"), b.expect("an error"));
            assert!((a - b).abs() < 1e-9, "{}: {a} {b}", pair[1].name);
        }
    }
    // A pole is met where an eigenvalue is 0, and said.
    let mut flat = Quadratic { a: vec![1.0, 0.0, 0.0, 0.0], b: vec![0.0, 1.0] };
    let simulation = run(&mut flat, 0.5, 1, &[1.0, 1.0], &["alpha:1/z"]);
    assert_eq!(simulation.warnings[0].code, "branch-point");
}
