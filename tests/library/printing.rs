//! What is printed parses to the same expression, through the real parser.

use crate::losses::Words;
use proptest::prelude::*;
use shadowflow::concrete::{EvaluateOptions, Formula, derive, evaluate};
use shadowflow::expr::{Exact, Id, Pool, Tape, Variable};
use shadowflow::loss::{Loss, Options, parse_expression};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::render::Formulas;

/// Prints, reads back into the same pool, and compares.
fn check(pool: &mut Pool, roots: &[Id]) {
    let printed = pool.print(roots, &[]);
    let mut names: Vec<(String, Id)> = Vec::new();
    let parameters: Vec<String> = pool.parameters().map(|(name, _)| name.to_owned()).collect();
    for (k, name) in (0u32..).zip(parameters) {
        names.push((name, pool.parameter(k)));
    }
    let symbols = pool.symbols().to_vec();
    for (k, name) in (0u32..).zip(symbols) {
        names.push((name, pool.symbol(k)));
    }
    for (name, text) in &printed.lets {
        let text = &text.to_string();
        let id = parse_expression(text, pool, &names).unwrap_or_else(|e| panic!("{text}\n{e}"));
        names.push((name.clone(), id));
    }
    for (root, text) in roots.iter().zip(&printed.expressions) {
        let text = &text.to_string();
        let again = parse_expression(text, pool, &names).unwrap_or_else(|e| panic!("{text}\n{e}"));
        assert_eq!(again, *root, "{text}");
    }
}

/// Checks a loss and its gradient.
fn check_loss(loss: &Loss) {
    let (mut pool, id) = loss.expression.clone().into_parts();
    check(&mut pool, &[id]);
    let gradient = pool.gradient_entries(id);
    check(&mut pool, &gradient);
}

fn loss(source: &str) -> Option<Loss> {
    Loss::parse(source, "printing.loss", &Options::default()).ok()
}

#[test]
fn examples_and_their_series_survive() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/losses")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "loss") {
            continue;
        }
        let loss = Loss::read(path, &Options::default()).unwrap();
        // Losses of data are not written out entry by entry.
        if !loss.expression.pool().data().is_empty() {
            continue;
        }
        check_loss(&loss);
        let mut equation = derive(&loss, &BoundOptimizer::gradient_descent(), 3).run().unwrap();
        let roots: Vec<Id> = equation
            .orders
            .iter()
            .flat_map(|o| [&o.components, &o.principal, &o.nonprincipal])
            .flatten()
            .filter_map(|f| if let Formula::Expression(id) = f { Some(*id) } else { None })
            .collect();
        check(&mut equation.pool, &roots);
    }
}

/// What `derive` prints of powers far beyond what anybody expands: short, accepted by the parser as it stands, and with the
/// values that `evaluate` finds on its own way.
#[test]
fn large_powers_are_printed_short_and_read_back() {
    for (body, longest) in [
        ("x^1000000", 350),
        ("x^1000", 300),
        ("(x^500)^3", 300),
        ("x^1000000*y", 1000),
        ("x^1000000/3 - x^999999", 1200),
        ("(x + 1)^1000000", 500),
        ("(x + 1)^100", 400),
        ("(x + y - 1)^1000000", 600),
        ("(x^2 + y^2 - 1)^1000", 1300),
        ("(x*y + 1)^64 + x", 1600),
        ("x^1000000 + sin(x - 1)", 500),
        ("exp(x - 1)*x^1000000*y", 1500),
        ("1/x^1000000", 600),
        ("x^30000", 350),
    ] {
        let source = format!("param x, y\nloss {body}\n");
        let loss = loss(&source).unwrap_or_else(|| panic!("{source}"));
        let equation = derive(&loss, &BoundOptimizer::gradient_descent(), 2).run().unwrap();
        let formulas = Formulas::new(&equation, &[]);
        let texts = formulas.orders.iter().flat_map(|o| [&o.components, &o.principal, &o.nonprincipal]).flatten();
        let length: usize = texts.map(|text| text.to_string().len()).sum::<usize>()
            + formulas.lets.iter().map(|(name, text)| name.len() + text.to_string().len()).sum::<usize>();
        assert!(length <= longest, "{body}: {length} characters");

        let mut pool = Pool::new();
        for (name, shape) in loss.expression.pool().parameters() {
            pool.declare_parameter(name, shape.clone());
        }
        let mut names: Vec<(String, Id)> =
            (0u32..).zip(&formulas.parameters).map(|(k, name)| (name.to_string(), pool.parameter(k))).collect();
        for (name, text) in &formulas.lets {
            let text = &text.to_string();
            let id = parse_expression(text, &mut pool, &names).unwrap_or_else(|e| panic!("{body}: {text}\n{e}"));
            names.push((name.clone(), id));
        }
        let at = [Rational::ONE, Rational::ONE];
        let values = evaluate(&loss, &at, 2, &EvaluateOptions::default());
        for (n, order) in formulas.orders.iter().enumerate() {
            for (k, text) in order.components.iter().enumerate() {
                let text = &text.to_string();
                let id = parse_expression(text, &mut pool, &names).unwrap_or_else(|e| panic!("{body}: {text}\n{e}"));
                let mut exact = Exact::new(1 << 22);
                let tape = Tape::new(&pool, &[id]);
                let value = tape.evaluate(&mut exact, |_, v| match v {
                    Variable::Theta(k) => at[k as usize].clone(),
                    _ => Rational::ZERO,
                });
                // Two to the millionth is no float, and is left to the losses that are 1 at the point.
                if let (false, Ok(values)) = (exact.stopped(), &values)
                    && let Some(expected) = values.orders[n].value[k]
                {
                    let difference = (value[0].to_f64() - expected).abs();
                    assert!(
                        difference <= 1e-14 * expected.abs(),
                        "{body}, f_{n}, {k}: {} {expected}",
                        value[0].to_f64()
                    );
                }
            }
        }
    }
}

const WORDS: Words = Words {
    leaves: &["x", "y", "w[1]", "k", "pi", "0.7", "0.25", "7", "12"],
    functions: &["exp", "sin", "tanh", "erf", "sigmoid", "softplus", "log1p", "cosh"],
    argument: "{}",
    operators: &["+", "-", "*", "/"],
    exponents: &["2", "3", "-1", "1/2", "-3/2"],
    others: &["-({})", "sum(w*({})) - logsumexp(w + ({}))"],
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn random_losses_survive(text in WORDS.expressions(6, 60)) {
        // Constants without a value are refused, as they should be.
        if let Some(loss) = loss(&format!("param x, y, w[3]\nconst k\nloss {text}\n")) {
            check_loss(&loss);
        }
    }
}
