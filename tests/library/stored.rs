//! Equations that are stored and read back.

use serde_json::{Value, json};
use shadowflow::optimizer::Optimizer;
use shadowflow::render;
use shadowflow::series::{ModifiedEquation, derive};

fn derived(name: &str, momentum: Option<&str>, order: usize) -> ModifiedEquation {
    let values: Vec<_> = momentum.iter().map(|m| ("m", m.parse().unwrap())).collect();
    let optimizer = name.parse::<Optimizer>().unwrap().bind(&values).unwrap();
    derive(&optimizer, order).run().unwrap().equation
}

/// Rational coefficients, roots and rational functions of symbols.
#[test]
fn what_is_written_is_read_back() {
    for (name, momentum) in
        [("gradient-descent", None), ("rk:gauss2", None), ("heavy-ball", None), ("nesterov", Some("9/10"))]
    {
        let equation = derived(name, momentum, 5);
        let text = render::json::equation(&equation, &[]).to_string();
        let read = ModifiedEquation::from_json(&serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(read, equation, "{name}");
    }
}

#[test]
fn what_is_none_is_refused_with_its_member() {
    let refused = |change: &dyn Fn(&mut Value), expected: &str| {
        let mut document = render::json::equation(&derived("gradient-descent", None, 1), &[]).value();
        change(&mut document);
        assert_eq!(ModifiedEquation::from_json(&document).unwrap_err().member, expected);
    };
    refused(&|d| d["method"] = 1.into(), "method");
    refused(&|d| d["symbols"] = json!([1]), "symbols");
    refused(&|d| d["orders"] = json!({}), "orders");
    for levels in [json!([0, 2]), json!([0]), json!("0"), json!([0, 300]), json!([0, 0])] {
        refused(&|d| d["orders"][1]["terms"][0]["tree"] = levels.clone(), "orders[1].terms[0].tree");
    }
    for text in ["1/0", "sqrt(2)/0", "", "1+sqrt(m)"] {
        refused(&|d| d["orders"][1]["terms"][0]["coefficient"] = text.into(), "orders[1].terms[0].coefficient");
    }
    refused(&|d| d["orders"][0]["terms"][0]["coefficient"] = "0".into(), "orders[0].terms[0]");
}
