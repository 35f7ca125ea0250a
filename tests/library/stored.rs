//! Equations and simulations that are stored and read back.

use num_complex::Complex64;
use serde_json::{Value, json};
use shadowflow::flow::{FlowRun, Simulation, StoredSimulation};
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

/// A run of which the second half is missing.
fn run() -> Simulation {
    let z = |re, im| Complex64::new(re, im);
    Simulation {
        method: "gradient-descent".to_owned(),
        parameters: vec!["x".to_owned(), "y".to_owned()],
        h: 0.1,
        times: vec![0.0, 0.1],
        iterates: vec![Some(vec![1.0, 0.1 + 0.2]), None],
        loss: vec![Some(5e-324), None],
        h_lambda_0: vec![Some(1.5), None],
        flows: vec![FlowRun {
            name: "pf".to_owned(),
            trajectory: vec![Some(vec![z(1.0, -0.0), z(1.0 / 3.0, 2.0)]), None],
            error: vec![Some(0.0), None],
            loss: vec![Some(z(1e300, 1e-300)), None],
            h_lambda_0: vec![None, None],
            slid: vec![false, true],
            ..FlowRun::default()
        }],
        ..Simulation::default()
    }
}

#[test]
fn a_simulation_is_read_to_the_bit() {
    let run = run();
    let document: Value = serde_json::from_str(&render::json::simulation(&run).to_string()).unwrap();
    let stored = StoredSimulation::from_json(&document).unwrap();
    // NaN is not equal to itself, and written alike.
    assert_eq!(format!("{:?}", stored.arrays), format!("{:?}", run.flat()));
    assert_eq!((stored.method, stored.parameters, stored.h), (run.method, run.parameters, run.h));
    assert_eq!(StoredSimulation::path(&document, "pf", 2), Ok(Vec::new()));
}

#[test]
fn what_is_wrong_with_a_simulation_is_named() {
    let document: Value = serde_json::from_str(&render::json::simulation(&run()).to_string()).unwrap();
    let refused = |change: &dyn Fn(&mut Value), member: &str| {
        let mut document = document.clone();
        change(&mut document);
        assert_eq!(StoredSimulation::from_json(&document).unwrap_err().member, member);
    };
    refused(&|d| d["method"] = json!(1), "method");
    refused(&|d| d["parameters"] = json!("x"), "parameters");
    refused(&|d| d["times"] = json!(["0", 1]), "times");
    refused(&|d| d["iterates"][0] = json!([1]), "iterates[0]");
    refused(&|d| d["loss"] = json!([1]), "loss");
    refused(&|d| d["h"] = json!(null), "h");
    refused(&|d| d["flows"] = json!([]), "flows");
    refused(&|d| d["flows"]["pf"]["trajectory"][0] = json!([[1, 2], 3]), "flows.pf.trajectory[0]");
    refused(&|d| d["flows"]["pf"]["slid"] = json!([true]), "flows.pf.slid");
    let refused = StoredSimulation::from_json(&json!({})).unwrap_err();
    assert_eq!(refused.to_string(), "the document holds no simulation: `method` is no text");
}
