use super::*;
use crate::expr::testing::{random_loss, read};
use crate::expr::{BallAlgebra, Function, Shape};
use crate::number::Rational;
use crate::random::Random;
use proptest::prelude::*;

/// Expressions of the loss language over x, y and z, simplified and printed with the shared subterms put in.
fn written_by(texts: &[&str], options: &Options) -> (Vec<String>, Outcome) {
    let mut pool = Pool::new();
    for name in ["x", "y", "z"] {
        pool.declare_parameter(name, Shape::scalar());
    }
    let roots: Vec<Id> = texts.iter().map(|text| read(&mut pool, &FxHashMap::default(), text)).collect();
    let simple = simplify(&mut pool, &roots, options);
    (in_full(&pool, &simple.roots), simple.outcome)
}

fn in_full(pool: &Pool, roots: &[Id]) -> Vec<String> {
    // One by one, and each shared subterm in its place, which is right for atoms and powers of them.
    let print = |root: &Id| {
        let printed = pool.print(&[*root], &[]);
        let mut text = printed.expressions[0].to_string();
        for (name, value) in printed.lets.iter().rev() {
            text = text.replace(name.as_str(), &value.to_string());
        }
        text
    };
    roots.iter().map(print).collect()
}

fn reading() -> Options {
    Options { time: Duration::from_secs(60), ..Options::new(Cost::Reading, Domain::Real) }
}

/// Values by enclosures of 400 bits, where these are narrow: sums that cancel lose nothing.
fn enclosed(pool: &Pool, roots: &[Id], point: &[f64]) -> Vec<Option<f64>> {
    let mut reals = BallAlgebra::new(400);
    let values = Tape::new(pool, roots).evaluate(&mut reals, |reals, variable| match variable {
        Variable::Theta(k) => reals.rational(&Rational::from_f64(point[k as usize]).unwrap()),
        _ => reals.rational(&Rational::new(1, 2)),
    });
    values.iter().map(|value| value.to_f64().filter(|x| x.is_finite())).collect()
}

fn check_written(cases: &[(&str, &str)], options: &Options) {
    for (text, expected) in cases {
        let (written, outcome) = written_by(&[text], options);
        assert!(matches!(outcome, Outcome::Simplified | Outcome::Unchanged), "{text}: {outcome:?}");
        assert_eq!(written[0], *expected, "{text}");
    }
}

#[test]
fn identities_of_the_textbook() {
    check_written(
        &[
            ("sin(x)^2 + cos(x)^2", "1"),
            ("y*sin(x)^2 + y*cos(x)^2 + z", "y + z"),
            ("3*sin(x)^2 + 3*cos(x)^2 - 3", "0"),
            ("exp(x)*exp(y)*exp(-x)", "exp(y)"),
            ("log(exp(x) + 0*y)", "x"),
            ("exp(3*log(exp(x)))", "exp(3*x)"),
            ("(1 + x^2)*y/(1 + x^2)", "y"),
            ("x*y/x", "x*y/x"),
            ("sqrt(x^2)", "abs(x)"),
            ("abs(exp(x) + 1)", "exp(x) + 1"),
            ("sign(x)*x", "abs(x)"),
            ("relu(softplus(x))", "softplus(x)"),
            ("step(-x^2)", "0"),
            ("tanh(x)*cosh(x)", "sinh(x)"),
            ("1 - sigmoid(-x)", "sigmoid(x)"),
            ("softplus(x) - softplus(-x)", "x"),
            ("log(1 + exp(x))", "softplus(x)"),
            ("1/(1 + exp(-x))", "sigmoid(x)"),
            ("exp(-x)/(1 + exp(-x))^2", "sigmoid(x)*(1 - sigmoid(x))"),
            ("sigmoid(x)*(1 - sigmoid(x))", "sigmoid(x)*(1 - sigmoid(x))"),
            ("log(exp(x)*(1 + y^2)) - log(1 + y^2)", "x"),
            ("x*y + x*z", "x*(y + z)"),
            ("x/z + y/z", "(x + y)/z"),
            ("(x + y) - (x - y)", "2*y"),
            ("x + y*z", "x + y*z"),
            ("2*sin(x)*cos(x)", "sin(2*x)"),
            ("sqrt(1 + x^2)*sqrt(1 + x^2)", "x^2 + 1"),
        ],
        &reading(),
    );
}

#[test]
fn nothing_is_cancelled_that_may_be_zero_or_negative() {
    check_written(
        &[("x/x", "x/x"), ("sqrt(x)^4", "x^2"), ("exp(log(x))", "exp(log(x))"), ("log(x) + log(y)", "log(x) + log(y)")],
        &reading(),
    );
}

/// The derivatives of the usual activations, as a person writes them.
#[test]
fn derivatives_of_activations() {
    let derivative = |function: Function, order: usize| {
        let mut pool = Pool::new();
        let x = pool.declare_parameter("x", Shape::scalar());
        let mut value = pool.apply(function, x);
        for _ in 0..order {
            value = pool.gradient(value)[0];
        }
        let simple = simplify(&mut pool, &[value], &reading());
        assert!(matches!(simple.outcome, Outcome::Simplified | Outcome::Unchanged));
        in_full(&pool, &simple.roots).remove(0)
    };
    // σ = 1/(1 + e^−x): softplus′ = σ, σ′ = σ − σ², which is less to read than σ(1 − σ), σ″ = σ(1 − σ)(1 − 2σ); tanh″ = −2 tanh (1 − tanh²).
    assert_eq!(derivative(Function::Softplus, 1), "sigmoid(x)");
    assert_eq!(derivative(Function::Softplus, 2), "sigmoid(x) - sigmoid(x)^2");
    assert_eq!(derivative(Function::Sigmoid, 1), "sigmoid(x) - sigmoid(x)^2");
    assert_eq!(derivative(Function::Tanh, 1), "1 - tanh(x)^2");
    assert_eq!(derivative(Function::Sigmoid, 2), "sigmoid(x)*(sigmoid(x) - 1)*(2*sigmoid(x) - 1)");
    assert_eq!(derivative(Function::Tanh, 2), "2*tanh(x)*(tanh(x)^2 - 1)");
}

#[test]
fn wrong_rules_are_caught() {
    let wrong = [
        ("sin: sin(a)^2 + cos(a)^2 => 2 # sound: real", "sin(x)^2 + cos(x)^2 + y"),
        ("root: sqrt(a^2) => a # sound: real", "sqrt(x^2)*y"),
        ("cancel: a/a => 1 # sound: real", "log(x)/log(x)"),
        ("exp: exp(a)*exp(b) => exp(a*b) # sound: real", "exp(x)*exp(y)"),
        ("tanh: 1 - tanh(a)^2 => 1/cosh(a) # sound: real", "(1 - tanh(x)^2)*y"),
    ];
    for (rule, text) in wrong {
        let mut pool = Pool::new();
        for name in ["x", "y", "z"] {
            pool.declare_parameter(name, Shape::scalar());
        }
        let root = read(&mut pool, &FxHashMap::default(), text);
        let simple = simplify_by(&mut pool, &[root], &reading(), &parse(rule).unwrap());
        let expected = if rule.starts_with("cancel") { Outcome::Wider } else { Outcome::Refuted };
        assert_eq!(simple.outcome, expected, "{rule}");
        assert_eq!(simple.roots, [root]);
    }
}

/// Numbers for the number variables of rules.
fn number_for(rule: &Rule, k: usize, seed: usize) -> Rational {
    let choices = ["2", "3", "-1", "-2", "1/2", "-1/2", "5/3", "-3/2"];
    let holds = |q: &Rational| {
        rule.conditions.iter().all(|c| match c {
            Condition::Integer(n) if *n == k => q.is_integer(),
            Condition::PositiveNumber(n) if *n == k => !q.is_negative(),
            _ => true,
        })
    };
    let allowed: Vec<Rational> = choices.iter().map(|c| c.parse().unwrap()).filter(holds).collect();
    allowed[seed % allowed.len()].clone()
}

/// Every rule, from the file itself: both sides agree to 60 digits or have no value, at random points under its conditions.
#[test]
fn every_rule_is_sound_on_the_real_line() {
    let mut random = Random::new(7, 0);
    for rule in rules() {
        let mut defined = 0;
        for seed in 0..60 {
            let mut pool = Pool::new();
            let names = ["x", "y", "z", "t"];
            let variables: Vec<Id> = names.iter().map(|n| pool.declare_parameter(n, Shape::scalar())).collect();
            let numbers: Vec<Rational> = (0..Rule::ARITY.1).map(|k| number_for(rule, k, seed + k)).collect();
            let (left, right) = rule.sides(&mut pool, &variables, &numbers);
            let point: Vec<Rational> = (0..names.len())
                .map(|v| {
                    let holds = |x: &Rational| {
                        rule.conditions.iter().all(
                            |c| !matches!(c, Condition::Value(w, relation, at) if *w == v && !relation.holds(x, at)),
                        )
                    };
                    let width = [400, 6000][seed % 2];
                    // Edges of the conditions too.
                    let edges = rule.conditions.iter().filter_map(|c| match c {
                        Condition::Value(w, _, at) if *w == v => Some(at.clone()),
                        _ => None,
                    });
                    let mut tries: Vec<Rational> = if seed == 0 { edges.collect() } else { Vec::new() };
                    tries.extend((0..50).map(|_| {
                        let k = i64::try_from(random.below(width)).unwrap() - i64::try_from(width / 2).unwrap();
                        Rational::new(k, 997)
                    }));
                    tries.into_iter().find(holds).expect("a point under the conditions")
                })
                .collect();
            let tape = Tape::new(&pool, &[left, right]);
            let mut reals = BallAlgebra::new(320);
            let values = tape.evaluate(&mut reals, |reals, variable| match variable {
                Variable::Theta(k) => reals.rational(&point[k as usize]),
                _ => unreachable!(),
            });
            let (l, r) = (&values[0], &values[1]);
            assert_eq!(l.is_known(), r.is_known(), "{}: {l:?} {r:?} at {point:?} {numbers:?}", rule.name);
            if l.is_known() {
                defined += 1;
                let difference = reals.sub(l, r).ball.above();
                let size = l.ball.above().exponent().max(0);
                assert!(
                    difference.exponent() < size - 200,
                    "{}: {:?} {:?} at {point:?} with {numbers:?}",
                    rule.name,
                    l.to_f64(),
                    r.to_f64()
                );
            }
        }
        assert!(defined >= 10, "{}: defined at {defined} of 60 points", rule.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Random losses and their gradients: the same values, no higher cost, nothing left to gain.
    #[test]
    fn random_losses_keep_their_values(code in prop::collection::vec(any::<u8>(), 1..40), running: bool) {
        let (mut pool, loss) = random_loss(&code);
        let mut roots = vec![loss];
        roots.extend(pool.gradient_entries(loss));
        let cost = if running { Cost::Running } else { Cost::Reading };
        let options = Options { cost, max_nodes: 600, ..reading() };
        let simple = simplify(&mut pool, &roots, &options);
        // Whatever the generator makes exists near the origin.
        prop_assert!(simple.outcome != Outcome::Refuted, "refuted");
        prop_assert!(cost.of(&pool, &simple.roots) <= cost.of(&pool, &roots));
        for point in [[0.3, -0.4, 0.1, 0.7, -0.2], [-0.9, 0.5, -0.3, 0.2, 0.6]] {
            let (a, b) = (enclosed(&pool, &roots, &point), enclosed(&pool, &simple.roots, &point));
            for (a, b) in a.iter().zip(&b) {
                // What 400 bits do not tell of, such as a sine of 10^200, is left out.
                if let (Some(a), Some(b)) = (a, b) {
                    prop_assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()), "{a} {b}");
                }
            }
        }
    }
}

/// With `r = sqrt(t/2 + 1)` the class of `r^2` holds `sqrt(r^2)*r`, whose factor `sqrt(r^2)` is not the whole.
#[test]
fn roots_of_a_class_in_itself_are_no_wholes() {
    let mut pool = Pool::new();
    for name in ["x", "y"] {
        pool.declare_parameter(name, Shape::scalar());
    }
    let r = "sqrt(tanh(x - y^5)/2 + 1)";
    let text = format!("x + y + {r}*(tanh(x - y^5) - {r} + 2) + ({r}*(tanh(x - y^5) - {r} + 2))^3");
    let loss = read(&mut pool, &FxHashMap::default(), &text);
    let mut roots = vec![loss];
    roots.extend(pool.gradient_entries(loss));
    assert_ne!(simplify(&mut pool, &roots, &reading()).outcome, Outcome::Refuted);
    // The case in which it was found.
    let (mut pool, loss) = random_loss(&[187, 0, 54, 215, 54, 72, 43, 55, 11, 210, 134, 148, 71]);
    let mut roots = vec![loss];
    roots.extend(pool.gradient_entries(loss));
    let options = Options { max_nodes: 600, ..reading() };
    assert_ne!(simplify(&mut pool, &roots, &options).outcome, Outcome::Refuted);
}

/// Other names in the same order give the same formulas in those names.
#[test]
fn names_decide_nothing() {
    let written = |names: [&str; 2]| {
        let mut pool = Pool::new();
        let ids = names.map(|name| pool.declare_parameter(name, Shape::scalar()));
        let known: FxHashMap<String, Id> = ["x", "y"].iter().map(|n| (*n).to_owned()).zip(ids).collect();
        let text = "(x*y - 1)^2*sigmoid(x) + log(1 + y^2*x^2)";
        let loss = read(&mut pool, &known, text);
        let roots = pool.gradient_entries(loss);
        let simple = simplify(&mut pool, &roots, &reading());
        in_full(&pool, &simple.roots).join("; ").replace(names[0], "#").replace(names[1], "$")
    };
    let first = written(["A", "B"]);
    for names in [["B", "A"], ["P", "Q"], ["Z", "THETA"], ["LONGER", "K"]] {
        assert_eq!(written(names), first);
    }
}

#[test]
fn a_second_time_changes_nothing() {
    for text in
        ["exp(x)*exp(y) + sin(z)^2", "softplus(x*y) + tanh(x)^2", "(x + y)*z/(1 + x^2)", "log(1 + exp(x))*sigmoid(x)"]
    {
        let mut pool = Pool::new();
        for name in ["x", "y", "z"] {
            pool.declare_parameter(name, Shape::scalar());
        }
        let loss = read(&mut pool, &FxHashMap::default(), text);
        let mut roots = pool.gradient_entries(loss);
        roots.push(loss);
        for options in [reading(), Options { cost: Cost::Running, ..reading() }] {
            let once = simplify(&mut pool, &roots, &options);
            let twice = simplify(&mut pool, &once.roots, &options);
            assert_eq!(twice.outcome, Outcome::Unchanged, "{text}");
            assert_eq!(once.roots, twice.roots);
        }
    }
}

#[test]
fn what_is_too_large_comes_back() {
    let mut pool = Pool::new();
    let x = pool.declare_parameter("x", Shape::scalar());
    let (mut a, mut roots) = (x, Vec::new());
    for k in 0..30_000 {
        let shifted = pool.constant(Rational::new(k + 1, 3));
        let sum = pool.add(a, shifted);
        a = if k % 3 == 0 { pool.apply(Function::Tanh, sum) } else { pool.mul(sum, x) };
        if k % 1000 == 0 {
            roots.push(a);
        }
    }
    let simple = simplify(&mut pool, &roots, &Options::new(Cost::Running, Domain::Real));
    assert_eq!(simple.outcome, Outcome::TooLarge);
    assert_eq!(simple.roots, roots);
    // In pieces, as far as the time goes.
    let options = Options { max_operations: 1_000_000, ..Options::new(Cost::Running, Domain::Real) };
    let simple = simplify(&mut pool, &roots[..2], &options);
    assert!(simple.outcome != Outcome::Refuted);
}

#[test]
fn fields_on_the_complex_plane_use_rules_that_hold_there() {
    let options = Options { domain: Domain::Complex, ..reading() };
    check_written(
        &[
            ("log(exp(x))", "log(exp(x))"),
            ("sqrt(x^2)", "sqrt(x^2)"),
            ("y*(1 + x^2)/(1 + x^2)", "y*(x^2 + 1)/(x^2 + 1)"),
            ("sin(x)^2 + cos(x)^2", "1"),
            ("y*exp(x)/exp(x)", "y"),
            ("softplus(x) - softplus(-x)", "softplus(x) - softplus(-x)"),
        ],
        &options,
    );
}
/// Products in which classes that were merged stand twice keep both when a common factor is taken out.
#[test]
fn a_common_factor_is_taken_out_once() {
    for text in [
        "z^3*sigmoid(-x)*(1 - sigmoid(-x))",
        "z^3*sigmoid(-z*x)^2*(1 - sigmoid(-z*x))/2",
        "x^2*z^3*sigmoid(-z*x)^2*(1 - sigmoid(-z*x))",
    ] {
        let mut pool = Pool::new();
        for name in ["x", "y", "z"] {
            pool.declare_parameter(name, Shape::scalar());
        }
        let roots = vec![read(&mut pool, &FxHashMap::default(), text)];
        let tape = Tape::new(&pool, &roots);
        let (rules, end): (Vec<&Rule>, _) = (rules().iter().collect(), Instant::now() + Duration::from_secs(600));
        let found = saturated(&mut pool, &roots, tape, &reading(), &rules, end);
        assert_eq!(check::compare(&pool, &roots, &found, end), check::Verdict::Equal, "{text}");
        assert_ne!(simplify(&mut pool, &roots, &reading()).outcome, Outcome::Refuted, "{text}");
    }
}

/// tanh is bounded where its argument has no value, which is no value of it.
#[test]
fn bounded_functions_of_what_does_not_exist_have_no_value() {
    let mut pool = Pool::new();
    pool.declare_parameter("x", Shape::scalar());
    let pair = ["(1 - tanh(log(x))^2)^2/x^3", "1/(x^3*cosh(log(x))^4)"]
        .map(|text| read(&mut pool, &FxHashMap::default(), text));
    let end = Instant::now() + Duration::from_secs(60);
    assert_eq!(check::compare(&pool, &pair[..1], &pair[1..], end), check::Verdict::Equal);
    assert_eq!(check::compare(&pool, &pair[1..], &pair[..1], end), check::Verdict::Equal);
}
