//! What is printed parses to the same expression, through the real parser.

use proptest::prelude::*;
use shadowflow::bea::{DeriveLimits, Formula, derive};
use shadowflow::expr::{Id, Pool};
use shadowflow::loss::{Loss, Options, parse_expression};

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
        let id = parse_expression(text, pool, &names).unwrap_or_else(|e| panic!("{text}\n{e}"));
        names.push((name.clone(), id));
    }
    for (root, text) in roots.iter().zip(&printed.expressions) {
        let again = parse_expression(text, pool, &names).unwrap_or_else(|e| panic!("{text}\n{e}"));
        assert_eq!(again, *root, "{text}");
    }
}

fn loss(source: &str) -> Option<Loss> {
    Loss::parse(source, "printing.loss", &Options::default()).ok()
}

#[test]
fn examples_and_their_series_survive() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/losses")).unwrap() {
        let mut loss = Loss::read(entry.unwrap().path(), &Options::default()).unwrap();
        check(&mut loss.pool, &[loss.loss]);
        let gradient = loss.pool.gradient_entries(loss.loss);
        check(&mut loss.pool, &gradient);
        let mut equation = derive(&loss.pool, loss.loss, 3, &DeriveLimits::default()).unwrap();
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

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("x".to_owned()),
        Just("y".to_owned()),
        Just("w[1]".to_owned()),
        Just("k".to_owned()),
        Just("pi".to_owned()),
        (1..30_i32, 1..9_i32).prop_map(|(p, q)| format!("{p}/{q}")),
        (0..50_i32).prop_map(|n| format!("0.{n}")),
    ];
    leaf.prop_recursive(6, 60, 3, |inner| {
        let function = prop::sample::select(vec!["exp", "sin", "tanh", "erf", "sigmoid", "softplus", "log1p", "cosh"]);
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/"]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            (inner.clone(), prop::sample::select(vec!["2", "3", "-1", "1/2", "-3/2"]))
                .prop_map(|(a, e)| format!("({a})^({e})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (function, inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("sum(w*({a})) - logsumexp(w + ({b}))")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn random_losses_survive(text in expression()) {
        // Constants without a value are refused, as they should be.
        if let Some(mut loss) = loss(&format!("param x, y, w[3]\nconst k\nloss {text}\n")) {
            check(&mut loss.pool, &[loss.loss]);
            let gradient = loss.pool.gradient_entries(loss.loss);
            check(&mut loss.pool, &gradient);
        }
    }
}
