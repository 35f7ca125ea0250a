//! Concrete losses: the trajectory route against values computed elsewhere.

use crate::losses::{Words, as_loss, gradient, parsed, polynomials};
use crate::problems::{banana, loss, network, q, reference, transcendental};
use proptest::prelude::*;
use shadowflow::concrete::trajectory::{Point, modified_field, principal_field};
use shadowflow::concrete::{DeriveError, DeriveLimits, EvaluateError, EvaluateOptions, Formula, derive, evaluate};
use shadowflow::expr::{
    Algebra, BallAlgebra, Exact, Expression, Function, Id, Polynomial, Pool, Shape, Tape, Variable,
};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;

fn within(a: &Rational, b: &Rational, tolerance: &str) -> bool {
    (a - b).abs() <= &b.abs() * &q(tolerance)
}

#[test]
fn fifty_digits_agree_with_the_reference() {
    for (name, loss) in [("L1", banana()), ("L2", transcendental()), ("L3", network())] {
        let tape = gradient(&loss);
        for (at, fields) in reference(name) {
            let mut reals = BallAlgebra::new(256);
            let theta = at.iter().map(|x| reals.rational(x)).collect();
            let point = Point { theta, symbols: Vec::new() };
            let got = modified_field(&mut reals, &tape, &point, fields.len() - 1);
            for (n, (got, expected)) in got.iter().zip(&fields).enumerate() {
                for (g, e) in got.iter().zip(expected) {
                    assert!(
                        within(&g.to_rational().unwrap(), e, "1e-49"),
                        "{name} f_{n}: {:?} for {}",
                        g.to_f64(),
                        e.to_f64()
                    );
                }
            }
            let values = evaluate(&loss, &at, fields.len() - 1, &EvaluateOptions::default()).unwrap();
            assert_eq!(values.warnings, []);
            for (order, expected) in values.orders.iter().zip(&fields) {
                let expected: Vec<Option<f64>> = expected.iter().map(|e| Some(e.to_f64())).collect();
                assert_eq!(order.value, expected);
            }
        }
    }
}

#[test]
fn banana_is_exact_in_rationals() {
    let tape = gradient(&banana());
    for (at, fields) in reference("L1") {
        let point = Point { theta: at, symbols: Vec::new() };
        let got = modified_field(&mut Exact::default(), &tape, &point, fields.len() - 1);
        for (got, expected) in got.iter().flatten().zip(fields.iter().flatten()) {
            assert!(within(got, expected, "1e-48"));
        }
    }
}

/// `∇^{k+1}E[v_1, …, v_k]` by differentiating the loss's polynomial, and nothing else.
fn contraction(loss: &Polynomial, at: &[Rational], vectors: &[&Vec<Rational>]) -> Vec<Rational> {
    let mut sums: Vec<Polynomial> = (0..at.len()).map(|i| loss.derivative(i)).collect();
    for v in vectors {
        sums = sums
            .iter()
            .map(|p| (0..at.len()).fold(Polynomial::zero(at.len()), |sum, k| sum.plus(&p.derivative(k).scaled(&v[k]))))
            .collect();
    }
    sums.iter().map(|p| p.evaluate(at)).collect()
}

/// `f_0..f_4` of gradient descent from their elementary differentials, as published.
fn by_trees(loss: &Polynomial, at: &[Rational]) -> Vec<Vec<Rational>> {
    let d = |vectors: &[&Vec<Rational>]| contraction(loss, at, vectors);
    let g = d(&[]);
    let hg = d(&[&g]);
    let hhg = d(&[&hg]);
    let hhhg = d(&[&hhg]);
    let tgg = d(&[&g, &g]);
    let htgg = d(&[&tgg]);
    let tghg = d(&[&g, &hg]);
    let qggg = d(&[&g, &g, &g]);
    let orders: [Vec<(&str, Vec<Rational>)>; 5] = [
        vec![("-1", g.clone())],
        vec![("-1/2", hg.clone())],
        vec![("-1/3", hhg.clone()), ("-1/12", tgg.clone())],
        vec![("-1/4", hhhg.clone()), ("-1/12", htgg.clone()), ("-1/12", tghg.clone())],
        vec![
            ("-1/5", d(&[&hhhg])),
            ("-3/40", d(&[&htgg])),
            ("-1/10", d(&[&tghg])),
            ("-1/60", d(&[&hg, &hg])),
            ("-1/20", d(&[&g, &hhg])),
            ("-1/120", d(&[&g, &tgg])),
            ("-1/180", d(&[&qggg])),
            ("1/120", d(&[&g, &g, &hg])),
            ("1/720", d(&[&g, &g, &g, &g])),
        ],
    ];
    orders.iter().map(|terms| (0..at.len()).map(|i| terms.iter().map(|(c, v)| &q(c) * &v[i]).sum()).collect()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn trajectory_trees_and_expansion_agree_exactly(
        polynomial in polynomials(3, 3, 7),
        at in prop::collection::vec((-6i64..7, 1i64..4), 3),
    ) {
        let at: Vec<Rational> = at.into_iter().map(|(n, d)| Rational::new(n, d)).collect();
        let expression = as_loss(&polynomial);
        let tape = gradient(&expression);
        let point = Point { theta: at.clone(), symbols: Vec::new() };
        let values = modified_field(&mut Exact::default(), &tape, &point, 6);
        prop_assert_eq!(&values[..5], by_trees(&polynomial, &at));
        // The expanded polynomials, derived by Lie derivatives, at the same point, to a higher order.
        let equation = derive(&expression, &BoundOptimizer::gradient_descent(), 6).run().unwrap();
        let value = |formula: &Formula| match formula {
            Formula::Polynomial(p) => p.evaluate(&at),
            Formula::Expression(_) => panic!("a polynomial loss is expanded"),
        };
        let principal = principal_field(&mut Exact::default(), &tape, &point, 6);
        for ((order, expected), principal) in equation.orders.iter().zip(&values).zip(&principal) {
            let part = |formulas: &[Formula]| formulas.iter().map(value).collect::<Vec<_>>();
            prop_assert_eq!(&part(&order.components), expected);
            prop_assert_eq!(&part(&order.principal), principal);
            let rest: Vec<Rational> = expected.iter().zip(principal).map(|(f, p)| f - p).collect();
            prop_assert_eq!(part(&order.nonprincipal), rest);
        }
        // Numbers: every digit.
        let numbers = evaluate(&expression, &at, 6, &EvaluateOptions::default()).unwrap();
        for (order, expected) in numbers.orders.iter().zip(&values) {
            prop_assert_eq!(&order.value, &expected.iter().map(|x| Some(x.to_f64())).collect::<Vec<_>>());
        }
    }
}

/// `x − log x`.
fn barrier() -> Expression {
    loss(&["x"], |p, v| {
        let log = p.apply(Function::Log, v[0]);
        p.sub(v[0], log)
    })
}

#[test]
fn digits_do_not_depend_on_the_route() {
    // Rational in x, but beyond the exact budget at this order: floats of growing precision take over.
    let expression = barrier();
    let at = [q("1.37")];
    let exact = modified_field(
        &mut Exact::default(),
        &gradient(&expression),
        &Point { theta: at.to_vec(), symbols: vec![] },
        28,
    );
    let numbers = evaluate(&expression, &at, 28, &EvaluateOptions::default()).unwrap();
    for (order, exact) in numbers.orders.iter().zip(&exact) {
        assert_eq!(order.value, [Some(exact[0].to_f64())]);
    }
}

#[test]
fn cancelled_zeros_come_out_as_zero() {
    // exp(x) + y²/2: the second component has no non-principal part; exp(x) − 3x/2 + … is an independent function.
    let expression = loss(&["x", "y"], |p, v| {
        let e = p.apply(Function::Exp, v[0]);
        let square = p.pow(v[1], &2.into());
        let half = p.scaled(&Rational::new(1, 2), square);
        p.add(e, half)
    });
    let values = evaluate(&expression, &[q("1/3"), q("1/7")], 5, &EvaluateOptions::default()).unwrap();
    assert_eq!(values.warnings, []);
    for (n, order) in values.orders.iter().enumerate() {
        assert_eq!(order.nonprincipal[1], Some(0.0), "f_{n}");
        assert_eq!(order.nonprincipal[0] == Some(0.0), n < 2, "f_{n}");
    }
    // cos(πx) at x = 1: sin π is zero by cancellation only.
    let expression = loss(&["x"], |p, v| {
        let pi = p.pi();
        let angle = p.mul(pi, v[0]);
        p.apply(Function::Cos, angle)
    });
    let values = evaluate(&expression, &[Rational::ONE], 4, &EvaluateOptions::default()).unwrap();
    assert_eq!(values.warnings, []);
    assert!(values.orders.iter().all(|o| o.value == [Some(0.0)]));
    // Small is not zero: the same at 1 + 10^-60.
    let near = &Rational::ONE + &q("1e-60");
    let values = evaluate(&expression, &[near], 0, &EvaluateOptions::default()).unwrap();
    let expected = -std::f64::consts::PI.powi(2) * 1e-60;
    let got = values.orders[0].value[0].unwrap();
    assert!((got - expected).abs() < 1e-74, "{got:e}");
}

#[test]
fn what_has_no_value_is_named() {
    let unary = |function: Function| loss(&["x"], |p, v| p.apply(function, v[0]));
    let at = |loss: &Expression, x: &str| evaluate(loss, &[q(x)], 3, &EvaluateOptions::default());
    // The gradient 1/x has a value at −1, the loss has none.
    let error = at(&unary(Function::Log), "-1").unwrap_err().to_string();
    assert!(error.contains("`log(-1)`"), "{error}");
    let error = at(&unary(Function::Asin), "2").unwrap_err().to_string();
    assert!(error.contains("`asin(2)`"), "{error}");
    // In the names of the loss, with the values of its parameters.
    for (source, point, words) in [
        ("param x\nloss x^(1/2)", &["-1"] as &[&str], "`sqrt(x)` is `(-1)^(1/2)` at x = -1, which has no real value"),
        ("param v, w\nloss v + (w - 2)^(1/3)", &["7", "1/2"], "`(w - 2)^(1/3)` is `(-1.5)^(1/3)` at w = 0.5, which"),
        ("param w\nloss 3/(w - 3)^2", &["3"], "`1/(w - 3)^2` is `0^-2` at w = 3, which"),
        ("param v, w\nloss v*log(exp(w) - 2)", &["1", "0"], "`log(exp(w) - 2)` is `log(-1)` at w = 0, which"),
        ("param w[3]\nloss w[0] + log(w[2])", &["1", "0", "-5"], "`log(w[2])` is `log(-5)` at w[2] = -5, which"),
        ("param x\nloss x^(3/2)", &["0"], "has none: that of `x^(3/2)` at x = 0"),
    ] {
        let loss = shadowflow::loss::Loss::parse(source, "a.loss", &shadowflow::loss::Options::default()).unwrap();
        let point: Vec<Rational> = point.iter().map(|x| q(x)).collect();
        let error = evaluate(&loss, &point, 1, &EvaluateOptions::default()).unwrap_err().to_string();
        assert!(error.contains(words), "{source}: {error}");
    }
    let root = loss(&["x"], |p, v| p.pow(v[0], &Rational::new(3, 2)));
    let error = at(&root, "0").unwrap_err();
    assert!(matches!(error, EvaluateError::Derivative { .. }), "{error}");
    // Its gradient alone exists at 0.
    let alone = evaluate(&root, &[Rational::ZERO], 0, &EvaluateOptions::default()).unwrap();
    assert_eq!(alone.orders[0].value, [Some(0.0)]);
    let kink = at(&unary(Function::Abs), "0").unwrap();
    assert_eq!(kink.warnings[0].code, "non-smooth");
    assert!(kink.warnings[0].message.contains("no derivative at this point"), "{:?}", kink.warnings);
    let smooth = at(&unary(Function::Relu), "2").unwrap();
    assert!(smooth.warnings[0].message.contains("relu"));
    assert_eq!(smooth.orders[0].value, [Some(-1.0)]);
    let expression = banana();
    let error = evaluate(&expression, &[q("1")], 1, &EvaluateOptions::default()).unwrap_err();
    assert_eq!(error, EvaluateError::Dimension { expected: 2, received: 1 });
    let large = evaluate(&expression, &[q("1e40"), q("1")], 4, &EvaluateOptions::default()).unwrap();
    assert_eq!(large.orders[4].value[0], None);
    assert!(large.warnings.iter().any(|w| w.code == "overflow"));
    let error = evaluate(&expression, &[q("1e40"), q("1")], 900, &EvaluateOptions::default()).unwrap_err();
    assert!(matches!(error, EvaluateError::TooMuchWork { .. }), "{error}");
}

#[test]
fn fields_are_summed_and_compiled_to_the_same_values() {
    for loss in [banana(), transcendental(), network()] {
        let at: Vec<Rational> = (0..loss.pool().dimension()).map(|k| Rational::new(2 * k as i64 - 3, 7)).collect();
        let h = q("1/1000");
        let options = EvaluateOptions { h: Some(&h), ..Default::default() };
        let expected = evaluate(&loss, &at, 4, &options).unwrap().field.unwrap().1;
        let tape = derive(&loss, &BoundOptimizer::gradient_descent(), 4).tapes(&h).unwrap().field;
        let mut reals = BallAlgebra::new(192);
        let values = tape.evaluate(&mut reals, |reals, v| match v {
            Variable::Theta(k) => reals.rational(&at[k as usize]),
            _ => panic!("no symbols here"),
        });
        let values: Vec<Option<f64>> = values.iter().map(|v| v.to_f64()).collect();
        assert_eq!(values, expected);
        // The formulas say the same as the numbers.
        let mut equation = derive(&loss, &BoundOptimizer::gradient_descent(), 4).run().unwrap();
        let numbers = evaluate(&loss, &at, 4, &EvaluateOptions::default()).unwrap();
        for (order, numbers) in equation.orders.clone().iter().zip(&numbers.orders) {
            for (formulas, numbers) in [
                (&order.components, &numbers.value),
                (&order.principal, &numbers.principal),
                (&order.nonprincipal, &numbers.nonprincipal),
            ] {
                let theta = equation.pool.theta();
                let roots: Vec<Id> = formulas
                    .iter()
                    .map(|f| match f {
                        Formula::Polynomial(p) => p.to_expression(&mut equation.pool, &theta),
                        Formula::Expression(id) => *id,
                    })
                    .collect();
                let tape = Tape::new(&equation.pool, &roots);
                let values = tape.evaluate(&mut reals, |reals, v| match v {
                    Variable::Theta(k) => reals.rational(&at[k as usize]),
                    _ => panic!("no symbols here"),
                });
                let values: Vec<Option<f64>> = values.iter().map(|v| v.to_f64()).collect();
                assert_eq!(&values, numbers);
            }
        }
    }
}

#[test]
fn symbols_stay_in_formulas_and_get_values_in_numbers() {
    // b x⁴: g = 4bx³, H = 12bx², T = 24bx, f_2 = −1/3 H²g − 1/12 T[g,g] = −(192 + 32) b³x⁷.
    let mut pool = Pool::new();
    let x = pool.declare_parameter("x", Shape::scalar());
    let b = pool.declare_symbol("b");
    let power = pool.pow(x, &4.into());
    let id = pool.mul(b, power);
    let gradient_descent = BoundOptimizer::gradient_descent();
    let asked = derive(pool.expression(id), &gradient_descent, 2);
    let equation = asked.run().unwrap();
    let expected = |c: i64| Formula::Polynomial(Polynomial::from_terms(2, [([7, 3], Rational::from(c))]));
    assert_eq!(equation.orders[2].components, [expected(-224)]);
    assert_eq!(equation.orders[2].nonprincipal, [expected(-32)]);
    let missing = evaluate(pool.expression(id), &[q("2")], 2, &EvaluateOptions::default()).unwrap_err();
    assert!(missing.to_string().contains("`Options::set` (b = VALUE)"));
    let symbols = [q("1/2")];
    let options = EvaluateOptions { symbols: &symbols, ..Default::default() };
    let values = evaluate(pool.expression(id), &[q("2")], 2, &options).unwrap();
    assert_eq!(values.orders[2].value, [Some(-224.0 * 16.0)]);
    // Too many terms: the same as shared expressions.
    let limits = DeriveLimits { max_terms: 0, ..Default::default() };
    let shared = asked.clone().limits(limits).run().unwrap();
    assert!(matches!(shared.orders[2].components[0], Formula::Expression(_)));
    let tiny = DeriveLimits { max_terms: 0, max_nodes: 3, ..Default::default() };
    assert!(matches!(asked.limits(tiny).run(), Err(DeriveError::TooLarge { .. })));
}

/// A removable singularity hides its values under many digits that cancel: none of them is 0, and their series says what they are.
#[test]
fn values_hidden_by_cancellation_are_not_taken_for_zero() {
    let series: Vec<String> = (0..24)
        .scan(1_i128, |factorial, k| {
            *factorial *= k + 1;
            Some(format!("x^{k}/{factorial}"))
        })
        .collect();
    let parsed = |text: &str| parsed(&format!("param x\nloss {text}"));
    let series = parsed(&series.join(" + "));
    let expression = parsed("(exp(x) - 1)/x");
    let at = [q("1e-40")];
    let hidden = evaluate(&expression, &at, 6, &EvaluateOptions::default()).unwrap();
    let known = evaluate(&series, &at, 6, &EvaluateOptions::default()).unwrap();
    for (hidden, known) in hidden.orders.iter().zip(&known.orders) {
        let (hidden, known) = (hidden.value[0].unwrap(), known.value[0].unwrap());
        assert!((hidden - known).abs() <= 1e-15 * known.abs(), "{hidden} {known}");
    }
}

/// Tails and cancellations, from mpmath: `tests/mpmath/tails.py`.
#[test]
fn tails_and_cancellations_are_right_to_the_last_digit() {
    for line in include_str!("data/tails.txt").lines().filter(|l| !l.starts_with('#')) {
        let [text, at, values] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
        let expression = parsed(&format!("param x, y\nloss {text}\n"));
        let found = evaluate(&expression, &[q(at), Rational::ONE], 1, &EvaluateOptions::default())
            .unwrap_or_else(|e| panic!("{line}: {e}"));
        let expected: Vec<Option<f64>> = values.split(' ').map(|v| v.parse().ok()).collect();
        let values: Vec<Option<f64>> = found.orders.iter().flat_map(|o| o.value.clone()).collect();
        assert_eq!(values, expected, "{line}: {:?}", found.warnings);
        if values.contains(&None) {
            assert!(found.warnings.iter().any(|w| w.code == "overflow"), "{line}: {:?}", found.warnings);
        }
    }
}

/// An exponential on the way may be beyond every float where the value is not: limits at infinity, to far more digits than a double has.
#[test]
fn an_operation_beyond_every_float_has_an_equal_form() {
    for (text, x, value) in [
        ("log(1 + exp(x))", "1e9", -1.0),
        ("log(1 + exp(x))", "1e300", -1.0),
        ("sqrt(1 + exp(2*x))*exp(-x)*x", "1e9", -1.0),
        ("x/(1 + exp(-x))", "-1e10", 0.0),
        // e^-100
        ("exp(exp(x))/exp(exp(x) + x)", "100", 3.720075976020836e-44),
    ] {
        let expression = parsed(&format!("param x\nloss {text}\n"));
        let found = evaluate(&expression, &[q(x)], 0, &EvaluateOptions::default()).unwrap();
        assert_eq!(found.orders[0].value, [Some(value)], "{text} at {x}: {:?}", found.warnings);
    }
}

/// No value without a proof, no zero without one, and no `not defined` where digits were missing.
#[test]
fn what_is_not_known_says_so() {
    let at = |text: &str, x: &str, order: usize| {
        let expression = parsed(&format!("param x\nloss {text}\n"));
        evaluate(&expression, &[q(x)], order, &EvaluateOptions::default())
    };
    // Zero, but by a relation between functions that no identity test knows.
    let near = at("exp(log(2)*x) - 2^(1/3)*x", "1/3", 0).unwrap();
    assert!(near.orders[0].value[0].is_some());
    let zero = at("x*(sin(1)^2 + cos(2)/2 - 1/2)", "3", 0).unwrap();
    assert_eq!(zero.orders[0].value, [Some(0.0)]);
    let warning = zero.warnings.iter().find(|w| w.code == "not-separated-from-zero").unwrap();
    assert!(warning.bound.unwrap() < 1e-322 && warning.message.contains("below 2^-"), "{warning:?}");
    assert_eq!(zero.warnings.len(), 1);
    // Identities and exact arithmetic prove theirs.
    for (text, x) in [
        ("sin(pi*x)^2", "7"),
        ("x*(tanh(2)*(exp(2) + exp(-2)) - exp(2) + exp(-2))", "1"),
        ("x*(sigmoid(3) + sigmoid(-3) - 1)", "1"),
        ("abs(x - 1/3)*exp(x)", "1/3"),
    ] {
        let found = at(text, x, 0).unwrap();
        assert_eq!(found.orders[0].value, [Some(0.0)], "{text}");
        assert!(found.warnings.iter().all(|w| w.code == "non-smooth"), "{text}: {:?}", found.warnings);
    }
    // Only what is proved to have no value is said to have none.
    assert!(matches!(at("log(x)", "-1", 0), Err(EvaluateError::Loss { .. })));
    assert!(matches!(at("log(x - 1/3)", "1/3", 0), Err(EvaluateError::Loss { .. })));
    for text in ["log(x*(sin(1)^2 + cos(2)/2 - 1/2))", "relu(x*(sin(1)^2 + cos(2)/2 - 1/2))"] {
        let error = at(text, "3", 0).unwrap_err();
        assert!(matches!(error, EvaluateError::Undecided { .. }), "{error}");
        assert!(error.to_string().contains("could not be told from 0 in"), "{error}");
    }
    // Too large to hold is no missing definition.
    let large = at("exp(exp(x))", "1000", 0).unwrap();
    assert_eq!(large.orders[0].value, [None]);
    assert!(large.warnings.iter().any(|w| w.code == "overflow"), "{:?}", large.warnings);
    let hidden = at("log(cosh(x))", "1e10", 0).unwrap();
    assert_eq!(hidden.orders[0].value, [None]);
    assert!(hidden.warnings.iter().any(|w| w.code == "overflow"), "{:?}", hidden.warnings);
    // The limit of the precision leaves a number out, with the reason.
    let limited = {
        let expression = parsed("param x\nloss x*(log(1 + exp(400)) - 400)\n");
        evaluate(&expression, &[q("1")], 0, &EvaluateOptions { max_precision: 512, ..Default::default() }).unwrap()
    };
    assert_eq!(limited.orders[0].value, [None]);
    assert_eq!(limited.warnings[0].code, "precision");
    // A point that no double shows.
    let point = at("x^2/2", "1e10000", 0).unwrap();
    assert!(point.warnings.iter().any(|w| w.message.contains("x is beyond the largest float")), "{:?}", point.warnings);
}

/// Expressions with tails.
const TAILS: Words = Words {
    leaves: &["x", "x", "y", "1", "3", "1/7", "pi"],
    functions: &[
        "exp", "log", "log1p", "expm1", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "erf",
        "sigmoid", "softplus", "relu", "abs", "sqrt", "exp", "log", "elu", "silu", "gelu",
    ],
    argument: "{}",
    operators: &["+", "-", "*"],
    exponents: &["2", "3", "-1", "1/3", "-1/2"],
    others: &["logsumexp([{}, {}])"],
};

fn coordinates() -> impl Strategy<Value = Rational> {
    let size = prop_oneof![Just(0i64), -2i64..3, -40i64..20, Just(-150)];
    (-999i64..1000, size).prop_map(|(n, e)| &Rational::new(n, 100) * &Rational::from(10).pow(e).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("SHADOWFLOW_BALL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(48)
    ))]

    /// A certified double is that of an evaluation that begins with four times the digits: the enclosures of both hold one number.
    #[test]
    fn certified_doubles_survive_four_times_the_digits(
        inner in TAILS.expressions(3, 16), x in coordinates(), y in coordinates(), tail in 0usize..12,
    ) {
        let text = match tail {
            0 => format!("y*(tanh({inner}) - 1)"),
            1 => format!("y*(1 - erf({inner}))"),
            2 => format!("log(1 + exp({inner})) - {inner}"),
            3 => format!("y*(sqrt(1 + ({inner})^2) - 1)"),
            4 => format!("log(1 - sigmoid({inner}))"),
            5 => format!("x*(exp({inner}) - 1 - {inner})"),
            _ => inner,
        };
        let Ok(loss) = Loss::parse(&format!("param x, y\nloss {text}\n"), "test.loss", &Options::default()) else {
            return Ok(());
        };
        let options = EvaluateOptions { max_precision: 1600, max_products: 2_000_000, ..Default::default() };
        let Ok(found) = evaluate(&loss, &[x.clone(), y.clone()], 1, &options) else { return Ok(()) };
        // The same field from its formulas, once, with very many digits.
        let mut pool = loss.expression.pool().clone();
        let gradient = pool.gradient_entries(loss.expression.id());
        let tape = Tape::new(&pool, &gradient);
        for bits in [1024, 6400] {
            let mut balls = BallAlgebra::new(bits);
            let values = tape.evaluate(&mut balls, |balls, v| match v {
                Variable::Theta(k) => balls.rational([&x, &y][k as usize]),
                _ => panic!("no symbols here"),
            });
            for (value, double) in values.iter().zip(&found.orders[0].value) {
                let (Some(known), Some(double)) = (value.to_f64(), double) else { continue };
                prop_assert_eq!(-known, *double, "{} at {}, {}", text, x, y);
            }
        }
    }
}
