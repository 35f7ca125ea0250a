//! Simplified formulas: rules that hold where they say.

use crate::random::Random;
use num_complex::Complex64;
use shadowflow::concrete::derive;
use shadowflow::eval::{Interpreter, Program, Scratch, VectorFunction};
use shadowflow::expr::simplify::{Condition, Cost, Domain, Options, Outcome, Relation, Rule, rules};
use shadowflow::expr::{Id, Pool, Shape, Tape};
use shadowflow::loss::{Loss, Options as LossOptions};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;

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
        return Complex64::new(random.between(-2.5, 2.5), random.between(-2.5, 2.5));
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
        let x = random.between(-3.0, 3.0);
        if holds(x) {
            return Complex64::new(x, 0.0);
        }
    }
}

/// Rules that complex fields use hold at complex points, on the principal branches of compiled code.
#[test]
fn rules_marked_complex_hold_on_the_complex_plane() {
    let mut random = Random::new(1, 0);
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

/// The equations of the example losses become cheaper and stay equal (the simplifier checks, and would say).
#[test]
fn equations_of_the_examples_get_cheaper() {
    for name in ["logistic_regression", "nonquadratic_1d"] {
        let loss = Loss::read(example(name), &LossOptions::default()).unwrap();
        for (cost, domain) in
            [(Cost::Reading, Domain::Real), (Cost::Running, Domain::Real), (Cost::Running, Domain::Complex)]
        {
            let mut equation = derive(&loss, &BoundOptimizer::gradient_descent(), 2).run().unwrap();
            let outcome = equation.simplify(&Options::new(cost, domain));
            assert!(matches!(outcome, Outcome::Simplified | Outcome::Unchanged), "{name}: {outcome:?}");
        }
    }
}

mod float_forms {
    //! Expressions for machine floats: the same values, where the ones written lose theirs too.

    use super::{Complex64, Loss, LossOptions, Random};
    use shadowflow::eval::{Interpreter, Program, Scratch, VectorFunction};
    use shadowflow::expr::{Expression, Id, Node, Purpose, Tape};
    use shadowflow::flow::{CompiledModel, Model};
    use shadowflow::number::Rational;

    fn read(text: &str) -> Expression {
        let loss = Loss::parse(&format!("param x\nparam y\nloss {text}\n"), "test", &LossOptions::default()).unwrap();
        loss.expression
    }

    /// What is written, and what it becomes inside a loss.
    const FORMS: &[(&str, &str)] = &[
        ("log(1 + exp(x))^2", "softplus(x)^2"),
        ("log(1 - sigmoid(x))^2", "(-softplus(x))^2"),
        ("log(sigmoid(x))^2", "(-softplus(-x))^2"),
        ("-log(1 - sigmoid(x))", "softplus(x)"),
        ("log1p(exp(x))^2", "softplus(x)^2"),
        ("log1p(-sigmoid(x))^2", "(-softplus(x))^2"),
        ("log(1/(1 + exp(-x)))^2", "(-softplus(-x))^2"),
        ("log(exp(x)/(1 + exp(x)))^2", "(-softplus(-x))^2"),
        ("sin(1/(1 + exp(-x)))", "sin(sigmoid(x))"),
        ("sin(exp(x)/(1 + exp(x)))", "sin(sigmoid(x))"),
        ("sin(exp(2*x)/(1 + exp(x))^2)", "sin(sigmoid(x)^2)"),
        ("sin(exp(x)/(exp(x) + exp(y)))", "sin(sigmoid(x - y))"),
        ("sin(exp(x) - 1)", "sin(expm1(x))"),
        ("sin(3 - 3*exp(x*y))", "sin(-3*expm1(x*y))"),
        ("log(1 + x)^2", "log1p(x)^2"),
        ("log(1 + x^2*y^2)^2", "log1p(x^2*y^2)^2"),
        ("log(exp(x) + exp(y) + 1)^2", "logsumexp([1 - 1, x, y])^2"),
        ("sin(log(exp(x) + exp(y)))", "sin(logsumexp([x, y]))"),
        ("log(2*exp(x) + 2*exp(y))^2", "(log(2) + logsumexp([x, y]))^2"),
        ("sin(1 - sigmoid(x))", "sin(sigmoid(-x))"),
        ("sin(1 + tanh(x))", "sin(2*sigmoid(2*x))"),
        ("sin((exp(x) - exp(-x))/(exp(x) + exp(-x)))", "sin(tanh(x))"),
        ("sin((1 - exp(-2*x))/(1 + exp(-2*x)))", "sin(-tanh(-x))"),
        ("sin(sinh(x)/cosh(x))", "sin(tanh(x))"),
        // As summands, up to multiples of 2πi.
        ("3*log(exp(x))", "3*x"),
        ("y - log(exp(-x^2/2)/sqrt(2*pi))", "y - (log((2*pi)^(-1/2)) - x^2/2)"),
        ("log(sigmoid(x)*sigmoid(y))", "-softplus(-x) - softplus(-y)"),
        ("-log(exp(x)/(exp(x) + exp(y)))", "softplus(-(x - y))"),
    ];

    /// What stays as it is, to the last bit.
    const KEPT: &[&str] = &[
        "(1 - x)^2 + 100*(y - x^2)^2",
        "exp(x)*exp(y)",
        "tanh(x*y)^2 + sigmoid(x)^2 - sigmoid(y)",
        "log(x^2 + y^2)",
        "log(exp(x))^2",
        "log(2 + x)",
        "sqrt(1 + x^2) - 1",
        "1 - cos(x)",
        "log(cosh(x))",
        "log(x*y)",
        "softplus(x) + logsumexp([x, y, 1])",
        "exp(-x^2)*sin(y)/(1 + y^2)",
    ];

    #[test]
    fn forms_are_those_that_keep_their_value() {
        let mut wrong = Vec::new();
        for (written, expected) in FORMS {
            let (mut pool, both) = read(&format!("sum([{written}, {expected}])")).into_parts();
            let Node::Sum(array) = *pool.node(both) else { panic!("{written}") };
            let [written_id, expected_id] = *pool.children(array) else { panic!("{written}") };
            let new = pool.for_floats(&[written_id], Purpose::Loss);
            let text = |id| pool.print(&[id], &[]).expressions[0].to_string();
            if new != [expected_id] {
                wrong.push(format!("{written} is {}, not {}", text(new[0]), text(expected_id)));
            }
            assert_eq!(pool.for_floats(&new, Purpose::Loss), new, "{written} a second time");
        }
        for written in KEPT {
            let (mut pool, loss) = read(written).into_parts();
            if pool.for_floats(&[loss], Purpose::Loss) != [loss] {
                wrong.push(format!("{written} changes"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// On the complex plane: values to rounding, and of losses the gradients.
    #[test]
    fn forms_are_equal_on_the_complex_plane() {
        let mut random = Random::new(3, 0);
        let more = VALUES.iter().map(|(text, ..)| *text);
        for text in FORMS.iter().map(|(written, _)| *written).chain(KEPT.iter().copied()).chain(more) {
            let (mut pool, loss) = read(text).into_parts();
            let values = pool.for_floats(&[loss], Purpose::Values);
            let rewritten = pool.for_floats(&[loss], Purpose::Loss);
            let before = pool.gradient_entries(loss);
            let after = pool.gradient_entries(rewritten[0]);
            let floats = pool.for_floats(&after, Purpose::Values);
            let pairs: Vec<(Id, Id)> = [(loss, values[0])]
                .into_iter()
                .chain(before.iter().copied().zip(after.iter().copied()))
                .chain(before.iter().copied().zip(floats))
                .collect();
            let outputs: Vec<Id> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
            let function = Interpreter::new(&Program::complex(&pool, &Tape::new(&pool, &outputs)).unwrap());
            let (mut out, mut compared) = (vec![Complex64::ZERO; outputs.len()], 0);
            for _ in 0..200 {
                let point: Vec<Complex64> =
                    (0..2).map(|_| Complex64::new(random.between(-4.0, 4.0), random.between(-4.0, 4.0))).collect();
                function.call_complex(&point, &mut out, &mut Scratch::new());
                for sides in out.chunks(2).filter(|s| s.iter().all(|z| z.is_finite())) {
                    compared += 1;
                    let error = (sides[0] - sides[1]).norm();
                    assert!(error <= 1e-9 * (1.0 + sides[0].norm()), "{text}: {sides:?} at {point:?}");
                }
            }
            assert!(compared > 300, "{text}");
        }
    }

    /// Losses in x, a point, and the derivative there by mpmath with 2,000 digits.
    #[allow(clippy::excessive_precision, reason = "as computed")]
    const VALUES: &[(&str, &str, f64)] = &[
        ("-log(1 - sigmoid(x))", "37", 0.999999999999999915),
        ("-log(1 - sigmoid(x))", "89", 1.0),
        ("-log(1 - sigmoid(x))", "800", 1.0),
        ("-log(1 - sigmoid(x))", "-800", 0.0),
        ("-log(sigmoid(x))", "-800", -1.0),
        ("-log(sigmoid(x))", "40", -4.24835425529158898e-18),
        ("log(1 + exp(x))", "800", 1.0),
        ("log(1 + exp(x))", "-40", 4.24835425529158898e-18),
        ("log(1 + exp(-x^2/10))*x", "3", -0.179137020542905043),
        ("-log(1/(1 + exp(-x)))", "-800", -1.0),
        ("-log(1/(1 + exp(-x)))", "3", -0.0474258731775667809),
        ("-log(exp(x)/(1 + exp(x)))", "-800", -1.0),
        ("-log(exp(x)/(1 + exp(x)))", "800", 0.0),
        ("exp(x)/(1 + exp(x))", "800", 0.0),
        ("exp(x)/(1 + exp(x))", "-700", 9.85967654375977086e-305),
        ("(exp(x) - 1)^2", "1e-20", 2.0e-20),
        ("1/(exp(x) - 1)", "1e-20", -1.0e+40),
        ("log(1 + x)^2", "1e-20", 2.0e-20),
        ("log(exp(x) + exp(2*x) + 3)", "800", 2.0),
        ("log(exp(x) + exp(2*x) + 3)", "-800", 0.0),
        ("-log(exp(-x^2/2)/sqrt(2*pi))", "50", 50.0),
        ("-log(exp(-(x-1)^2/2)/3 + 2*exp(-(x+1)^2/2)/3)", "60", 59.0),
        ("-log(exp(-(x-1)^2/2)/3 + 2*exp(-(x+1)^2/2)/3)", "-60", -59.0),
        ("log(1 + tanh(x))", "-30", 2.0),
        ("log(1 + tanh(x))", "30", 1.75130215253930407e-26),
        ("log(1 - tanh(x)^2)", "30", -2.0),
        ("sqrt(1 + exp(x))", "-40", 2.12417712764579449e-18),
        ("1/sqrt(1 + exp(x))", "800", -9.57584798357002848e-175),
        ("1/sqrt(1 + exp(x))", "2", -0.152051013832389317),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", "3", 0.00986603716544019127),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", "500", 0.0),
        ("(1 - exp(-2*x))/(1 + exp(-2*x))", "-3", 0.00986603716544019127),
        ("(1 - exp(-2*x))/(1 + exp(-2*x))", "-500", 0.0),
        ("log(cosh(x))", "800", 1.0),
        ("log(cosh(x))", "1e-12", 1.0e-12),
        ("-log(sigmoid(x)*sigmoid(-3*x))", "800", 3.0),
        ("-log(sigmoid(x)*sigmoid(-3*x))", "-800", -1.0),
        ("log(1 - cos(x))", "1e-9", 2000000000.0),
        ("1/(sqrt(1 + x^2) - 1)", "1e-10", -4.0e+30),
        ("exp(-x)/(exp(-x) + exp(x) + 1)", "-800", 0.0),
        ("exp(-x)/(exp(-x) + exp(x) + 1)", "-1", -0.282587451079442289),
        ("sigmoid(x)/(1 - sigmoid(x))", "40", 235385266837019985.0),
        ("log(1 - exp(x))", "-1e-20", -1.0e+20),
        ("log(1 - exp(x))", "-40", -4.24835425529158901e-18),
    ];

    #[test]
    fn gradients_exist_where_they_do() {
        for (text, at, expected) in VALUES {
            let mut model = CompiledModel::new(read(text)).unwrap();
            let x: Rational = at.parse().unwrap();
            let mut gradient = [f64::NAN; 2];
            model.real_gradient(&[x.to_f64(), 0.0], &mut gradient);
            let error = (gradient[0] - expected).abs();
            assert!(
                error <= 1e-12 * expected.abs() + 1e-16 * f64::from(u8::from(expected.abs() == 0.0)),
                "{text} at {at}: {}",
                gradient[0]
            );
        }
    }
}
