//! What machine floats carry of `f_n`, to order 20: against the same in 50 digits and more, and what is said where they fail.

use crate::bound::bound;
use crate::losses::{gradient, parsed};
use crate::problems::{banana, network, q, transcendental};
use shadowflow::concrete::trajectory::Point;
use shadowflow::concrete::{Scheme, derive};
use shadowflow::eval::{Interpreter, Program, Scratch, VectorFunction};
use shadowflow::expr::{Algebra, BallAlgebra, Expression};
use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, Model, simulate};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;

/// The largest relative error of each compiled `f_n`, component by component over the largest, against floats of 256 bits.
fn errors(optimizer: &BoundOptimizer, loss: &Expression, at: &[Rational], order: usize) -> Vec<f64> {
    let h = q("1/100");
    let tapes = derive(loss, optimizer, order).tapes(&h).unwrap();
    let program = Interpreter::new(&Program::real(loss.pool(), &tapes.orders).unwrap());
    let state: Vec<f64> = at.iter().map(Rational::to_f64).collect();
    let mut values = vec![0.0; tapes.orders.outputs.len()];
    program.call(&state, &mut values, &mut Scratch::new());

    let tape = gradient(loss);
    let mut reals = BallAlgebra::new(256);
    let theta = state.iter().map(|x| reals.rational(&Rational::from_f64(*x).unwrap())).collect();
    let exact =
        Scheme::of(optimizer).unwrap().modified_field(&mut reals, &tape, &Point { theta, symbols: Vec::new() }, order);
    let relative = exact.iter().zip(values.chunks(at.len())).map(|(exact, values)| {
        let exact: Vec<Rational> = exact.iter().map(|x| x.to_rational().unwrap()).collect();
        let size = exact.iter().map(|x| x.abs().to_f64()).fold(0.0, f64::max);
        let error = |(x, v): (&Rational, &f64)| (x - &Rational::from_f64(*v).unwrap()).abs().to_f64();
        let largest = exact.iter().zip(values).map(error).fold(0.0, f64::max);
        if largest == 0.0 { 0.0 } else { largest / size }
    });
    relative.collect()
}

fn carried(name: &str, optimizer: &BoundOptimizer, loss: Expression, at: &[&str], order: usize) {
    let at: Vec<Rational> = at.iter().map(|x| q(x)).collect();
    let errors = errors(optimizer, &loss, &at, order);
    for (n, error) in errors.iter().enumerate() {
        assert!(*error < 1e-12, "{name}: f_{n} has the error {error:e}");
    }
}

#[test]
fn floats_carry_twelve_digits_to_order_twenty() {
    let gradient_descent = &BoundOptimizer::gradient_descent();
    carried("banana", gradient_descent, banana(), &["-9/10", "19/20"], 20);
    carried("transcendental", gradient_descent, transcendental(), &["1/2", "-3/4", "5/8"], 20);
    let at = ["1/4", "-1/2", "3/8", "1/8", "-5/8", "3/4", "1/16", "-1/8", "3/16", "1/2", "-3/4", "5/8", "1/8"];
    carried("network", gradient_descent, network(), &at, 10);
    for (source, at) in [
        ("param x\nloss x - log(x)\n", ["7/5"].as_slice()),
        ("param x\nloss softplus(3*x) + erf(x)^2 + sigmoid(x)/2\n", &["2/3"]),
        ("param x, y\nloss logsumexp([x, 2*y, x*y]) + atan(x - y) + sqrt(1 + x^2)\n", &["1/3", "-4/5"]),
        ("param x, y\nloss cosh(x*y)/5 + asin(x/3) + log1p(y^2) + tan(y/4)\n", &["3/4", "6/5"]),
        ("param x, y\nloss expm1(x/2)^2 + sinh(y)*cos(x)/3 + acos(y/4)/5 + 1/(2 + sin(x))\n", &["1/2", "-2/3"]),
    ] {
        carried(source, gradient_descent, parsed(source), at, 20);
    }
}

#[test]
fn other_optimizers_keep_their_digits() {
    for name in ["heavy-ball", "nesterov"] {
        let optimizer = bound(name, Some("1/2"));
        carried(name, &optimizer, parsed("param x\nloss x - log(x)\n"), &["7/5"], 12);
        carried(name, &optimizer, transcendental(), &["1/2", "-3/4", "5/8"], 8);
    }
    carried("implicit-euler", &bound("implicit-euler", None), parsed("param x\nloss x - log(x)\n"), &["7/5"], 12);
}

#[test]
fn a_compiled_field_knows_its_digits() {
    // K (sinh x − x) is a difference of two numbers of size K x = 1e10, each with an error up to 1e-6: a step of 1/100 shows it.
    let source = "param x\nloss 10^16*(cosh(x) - x^2/2 + 1)\n";
    let at = q("1/1000000");
    let measured = errors(&BoundOptimizer::gradient_descent(), &parsed(source), std::slice::from_ref(&at), 2);
    let mut model = CompiledModel::new(parsed(source)).unwrap();
    let start = [at.to_f64()];
    let precision =
        model.truncated(&BoundOptimizer::gradient_descent(), 2, &q("1/100")).unwrap().precision(&start).unwrap();
    for (known, measured) in precision.relative.iter().zip(&measured) {
        assert!((known - measured).abs() <= 1e-6 * measured, "{known:e} {measured:e}");
    }
    assert_eq!(precision.first_beyond(1e-10), Some(0));
    assert_eq!(precision.first_beyond(1.0), None);
    let warnings = |model: &mut CompiledModel, flow: FlowName, start: &[f64]| {
        let run = simulate(model, &q("1/100"), 1, start, &[flow], &IntegratorOptions::default()).unwrap();
        run.warnings.into_iter().map(|w| w.code).collect::<Vec<_>>()
    };
    assert_eq!(warnings(&mut model, FlowName::Bea(2), &start), ["order-precision"]);
    let far = model.truncated(&BoundOptimizer::gradient_descent(), 2, &q("1/100")).unwrap().precision(&[1.5]).unwrap();
    assert_eq!(far.first_beyond(1e-10), None);
    let mut barrier = CompiledModel::new(parsed("param x\nloss x - log(x)\n")).unwrap();
    assert!(warnings(&mut barrier, FlowName::Bea(20), &[1.4]).is_empty());
}

/// At a critical point `f_0` is all rounding, and so is what sinh x − x keeps of 1e-13: nothing that any step shows.
#[test]
fn nothing_is_lost_at_rest() {
    let codes = |source: &str, h: &str, steps: usize, start: &[f64], order: usize| {
        let mut model = CompiledModel::new(parsed(source)).unwrap();
        let flows = [FlowName::Bea(order)];
        let run = simulate(&mut model, &q(h), steps, start, &flows, &IntegratorOptions::default()).unwrap();
        assert!(run.flows[0].trajectory[steps].is_some());
        run.warnings.into_iter().map(|w| w.code).collect::<Vec<_>>()
    };
    let hyperbola = "param u, v\nloss (u*v - 1)^2/2\n";
    assert!(codes(hyperbola, "11/10", 8, &[1.2, 0.7], 4).is_empty());
    assert!(codes(hyperbola, "1/2", 20, &[1.2, 0.7], 12).is_empty());
    assert!(codes("param x\nloss cosh(x) - x^2/2 + 1\n", "1/100", 1, &[1e-4], 2).is_empty());
    assert!(codes("param x\nloss x - log(x)\n", "1/2", 40, &[1.4], 8).is_empty());
}

/// Polynomials whose expanded form has large terms, away from 0 and at a critical point: compiled fields must not expand them.
#[test]
fn polynomials_far_from_zero_keep_their_digits() {
    let source = "param x, y\nloss (x - 10)^2/2 + (x - 10)^4/4 + (y + 7)^2*(x - 10)^2 + y^2 + 14*y\n";
    carried(source, &BoundOptimizer::gradient_descent(), parsed(source), &["21/2", "-6"], 16);
    let mut model = CompiledModel::new(parsed(source)).unwrap();
    let run = simulate(&mut model, &q("1/100"), 2, &[10.0, -7.0], &[FlowName::Bea(8)], &IntegratorOptions::default())
        .unwrap();
    assert_eq!(run.flows[0].error[2], Some(0.0));
    assert!(run.warnings.is_empty(), "{:?}", run.warnings);
}
