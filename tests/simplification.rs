//! Simplified formulas: rules that hold where they say, and what `derive --simplify` prints.

use assert_cmd::Command;
use num_complex::Complex64;
use shadowflow::bea::{DeriveLimits, derive};
use shadowflow::eval::{Interpreter, Program, Scratch, VectorFunction};
use shadowflow::expr::simplify::{Condition, Cost, Domain, Options, Outcome, Relation, Rule, rules};
use shadowflow::expr::{Id, Pool, Shape, Tape};
use shadowflow::loss::{Loss, Options as LossOptions};
use shadowflow::number::Rational;

/// Reproducible numbers between −1 and 1 (Knuth's linear congruence).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX) * 2.0 - 1.0
    }
}

/// A value for a variable of a rule: complex, unless a condition says that it is real.
fn value(rule: &Rule, variable: usize, random: &mut Random) -> Complex64 {
    let conditions: Vec<(Relation, f64)> = rule
        .conditions
        .iter()
        .filter_map(|c| match c {
            Condition::Value(v, relation, at) if *v == variable && *relation != Relation::Not => {
                Some((*relation, at.to_f64()))
            }
            _ => None,
        })
        .collect();
    if conditions.is_empty() {
        return Complex64::new(2.5 * random.next(), 2.5 * random.next());
    }
    let holds = |x: f64| {
        conditions.iter().all(|(relation, at)| match relation {
            Relation::Above => x > *at,
            Relation::AtLeast => x >= *at,
            Relation::Below => x < *at,
            Relation::AtMost => x <= *at,
            Relation::Not => true,
        })
    };
    loop {
        let x = 3.0 * random.next();
        if holds(x) {
            return Complex64::new(x, 0.0);
        }
    }
}

/// Rules that complex fields use hold at complex points, on the principal branches of compiled code.
#[test]
fn rules_marked_complex_hold_on_the_complex_plane() {
    let mut random = Random(1);
    let mut wrong = Vec::new();
    for rule in rules().iter().filter(|r| r.sound == Domain::Complex) {
        let integer = rule.conditions.iter().any(|c| matches!(c, Condition::Integer(_)));
        let mut compared = 0;
        for number in ["2", "-1", "3", "1/2", "-3/2"] {
            let number: Rational = number.parse().unwrap();
            if integer && !number.is_integer() {
                continue;
            }
            let mut pool = Pool::new();
            let variables: Vec<Id> =
                ["x", "y", "z", "t"].iter().map(|n| pool.declare_parameter(n, Shape::scalar())).collect();
            let (left, right) = rule.sides(&mut pool, &variables, &vec![number; Rule::ARITY.1]);
            let tape = Tape::new(&pool, &[left, right]);
            let function = Interpreter::new(&Program::complex(&pool, &tape).unwrap());
            for _ in 0..60 {
                let point: Vec<Complex64> = (0..4).map(|v| value(rule, v, &mut random)).collect();
                let mut sides = [Complex64::ZERO; 2];
                function.call_complex(&point, &mut sides, &mut Scratch::new());
                let [l, r] = sides;
                if l.is_finite() && r.is_finite() {
                    compared += 1;
                    if (l - r).norm() > 1e-9 * (1.0 + l.norm()) {
                        wrong.push(format!("{}: {l} {r} at {point:?}", rule.name));
                        break;
                    }
                }
            }
        }
        assert!(compared > 0, "{}", rule.name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn example(name: &str) -> String {
    format!("{}/examples/losses/{name}.loss", env!("CARGO_MANIFEST_DIR"))
}

fn printed(arguments: &[&str]) -> String {
    let output = Command::cargo_bin("shadowflow").unwrap().args(arguments).assert().success();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

#[test]
fn derive_prints_what_a_person_would_write() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("softplus.loss");
    std::fs::write(&file, "param x = 1\nloss softplus(x)\n").unwrap();
    let file = file.to_str().unwrap();
    // f_0 = −σ, f_1 = −σ·σ(1 − σ)/2, σ = sigmoid(x).
    let simple = printed(&["derive", file, "--order", "1", "--simplify", "reading"]);
    assert!(simple.contains("sigmoid(x)"), "{simple}");
    assert!(simple.contains("(1 - s1)") || simple.contains("(s1 - 1)"), "{simple}");
    let plain = printed(&["derive", file, "--order", "1", "--simplify", "none"]);
    assert_ne!(simple, plain);
}

#[test]
fn polynomials_are_left_alone() {
    let file = example("banana");
    let of = |how| printed(&["derive", &file, "--order", "2", "--simplify", how]);
    assert_eq!(of("reading"), of("none"));
    assert_eq!(of("running"), of("none"));
}

#[test]
fn an_unknown_way_is_refused() {
    let file = example("banana");
    let output = Command::cargo_bin("shadowflow").unwrap().args(["derive", &file, "--simplify", "fully"]).assert();
    let text = String::from_utf8(output.failure().get_output().stderr.clone()).unwrap();
    assert!(text.contains("reading") && text.contains("running") && text.contains("none"), "{text}");
}

/// The equations of the example losses become cheaper and stay equal (the simplifier checks, and would say).
#[test]
fn equations_of_the_examples_get_cheaper() {
    for name in ["logistic_regression", "nonquadratic_1d"] {
        let loss = Loss::read(example(name), &LossOptions::default()).unwrap();
        for (cost, domain) in
            [(Cost::Reading, Domain::Real), (Cost::Running, Domain::Real), (Cost::Running, Domain::Complex)]
        {
            let mut equation = derive(&loss.pool, loss.loss, 2, &DeriveLimits::default()).unwrap();
            let outcome = equation.simplify(&Options::new(cost, domain));
            assert!(matches!(outcome, Outcome::Simplified | Outcome::Unchanged), "{name}: {outcome:?}");
        }
    }
}
