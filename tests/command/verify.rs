//! `verify` on what `derive --proof --format json` prints.

use crate::program::shadowflow;
use serde_json::{Value, json};
use std::path::Path;

fn proven(arguments: &[&str]) -> Value {
    let output = shadowflow(&["derive", "--proof", "--format", "json"]).args(arguments).assert().success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

/// The report on a document, with the exit status that it must have.
fn verified(document: &[u8], status: i32) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("proof.json");
    std::fs::write(&file, document).unwrap();
    let output = shadowflow(&["verify", "--format", "json", file.to_str().unwrap()]).assert().code(status);
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

#[test]
fn every_proof_that_derive_prints_is_verified() {
    let mut cases: Vec<Vec<String>> = [
        &["gradient-descent", "--order", "4"][..],
        &["heavy-ball", "--order", "1"],
        &["heavy-ball", "--order", "3"],
        // Roots on the unit circle: the document has warnings.
        &["heavy-ball", "--momentum", "3/2", "--order", "2"],
        &["nesterov", "--order", "4"],
        &["nesterov", "--momentum", "1/2", "--order", "3"],
        &["implicit-euler", "--order", "3"],
        &["rk:midpoint", "--order", "3"],
        &["rk:heun", "--order", "3"],
        &["examples/optimizers/partial-look-ahead.toml", "--set", "beta=1/3", "--order", "2"],
    ]
    .iter()
    .map(|case| case.iter().map(|argument| (*argument).to_owned()).collect())
    .collect();
    let optimizers = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/optimizers");
    for entry in std::fs::read_dir(optimizers).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            cases.push(vec![path.to_str().unwrap().to_owned(), "--order".to_owned(), "2".to_owned()]);
        }
    }
    assert!(cases.len() >= 16);
    for case in &cases {
        let arguments: Vec<&str> = std::iter::once("--method").chain(case.iter().map(String::as_str)).collect();
        let output = shadowflow(&["derive", "--proof", "--format", "json"]).args(&arguments).assert().success();
        let report = verified(&output.get_output().stdout, 0);
        assert_eq!((&report["ok"], &report["failed"]), (&json!(true), &json!([])), "{case:?}");
    }
}

#[test]
fn changed_documents_are_refused_where_they_are_wrong() {
    let nesterov = proven(&["--method", "nesterov", "--order", "2"]);
    let descent = proven(&["--order", "2"]);
    let bdf = proven(&["--method", "examples/optimizers/bdf2.toml", "--order", "1"]);
    for (document, member, value, place) in [
        (&nesterov, "variable", json!("the look-ahead point"), "variable"),
        (&nesterov, "symbols", json!(["m", "m"]), "symbols[1]"),
        (&bdf, "variable", json!("the gradient"), "variable"),
        (&descent, "variable", json!("the iterate"), "variable"),
        (&descent, "method", json!("rk:foo"), "method"),
        (&descent, "method", json!(""), "method"),
        (&descent, "method", json!("Gradient-Descent"), "method"),
    ] {
        let mut wrong = document.clone();
        wrong[member] = value.clone();
        if member != "variable" {
            wrong["recurrence"][member] = value.clone();
        }
        let report = verified(wrong.to_string().as_bytes(), 1);
        let failed = report["failed"].as_array().unwrap();
        assert!(failed.iter().any(|f| f["place"] == place), "{member} = {value}: {report}");
    }
    // Warnings claim nothing.
    let mut warned = descent.clone();
    warned["warnings"] = json!([{"code": "any", "message": "whatever"}]);
    verified(warned.to_string().as_bytes(), 0);
}

#[test]
fn steps_left_out_are_missed() {
    let right = proven(&["--order", "2"]);
    let steps = right["proof"].as_array().unwrap();
    let number = |step: &Value| step["step"].as_u64().unwrap();
    // Only what the theorem says and what is asked for, an order.
    let mut short: Vec<Value> = Vec::new();
    for order in 0..3 {
        let first = short.len() + 1;
        for step in steps.iter().filter(|s| s["order"] == order) {
            let mut step = step.clone();
            match step["rule"].as_str().unwrap() {
                "taylor" | "update" => {}
                "solve" => step["uses"] = json!([[first, first], [first + 1, first + 1]]),
                _ => continue,
            }
            step["step"] = (short.len() + 1).into();
            short.push(step);
        }
    }
    assert_eq!(short.len(), 9);
    let mut document = right.clone();
    document["proof"] = short.into();
    let report = verified(document.to_string().as_bytes(), 1);
    let failed = report["failed"].as_array().unwrap();
    assert!([3, 6, 9].iter().all(|step| failed.iter().any(|f| f["step"] == *step)), "{report}");

    // Without the last pair of the last solution; with a substitution before it that changes nothing.
    let last = steps.len() - 1;
    let mut document = right.clone();
    document["proof"][last]["uses"].as_array_mut().unwrap().pop();
    let report = verified(document.to_string().as_bytes(), 1);
    assert_eq!(report["failed"][0]["step"], number(&steps[last]));
    let index = steps.iter().rposition(|s| s["rule"] == "substitution").unwrap();
    let mut document = right.clone();
    document["proof"][index]["after"] = document["proof"][index]["before"].clone();
    let report = verified(document.to_string().as_bytes(), 1);
    assert!(report["failed"].as_array().unwrap().iter().any(|f| f["step"] == number(&steps[index])), "{report}");
}
