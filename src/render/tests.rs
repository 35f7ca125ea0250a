//! Snapshots of the derived series in every format, and the documents' shape.

use super::{Evaluated, EvaluatedParts, Formulas, Notation, example, json, latex, text};
use crate::number::Rational;
use serde_json::{Value, json};

#[test]
fn series_in_every_format() {
    let equation = example::equation();
    for notation in Notation::ALL {
        insta::assert_snapshot!(format!("series_text_{notation}"), text::equation(&equation, notation));
        insta::assert_snapshot!(format!("series_latex_{notation}"), latex::equation(&equation, notation));
    }
    insta::assert_snapshot!(
        "series_json",
        json::equation(&equation, &[]).to_string().replace(env!("CARGO_PKG_VERSION"), "VERSION")
    );
}

#[test]
fn momentum_in_every_format() {
    let equation = example::momentum();
    insta::assert_snapshot!("momentum_text", text::equation(&equation, Notation::Operator));
    insta::assert_snapshot!("momentum_latex", latex::equation(&equation, Notation::Operator));
    let document = json::equation(&equation, &[]).value();
    assert_eq!(document["symbols"], json!(["m"]));
    assert_eq!(document["orders"][1]["terms"][0]["coefficient"], "-(1-m+2*m^2)/(2*(1-m)^3)");
    assert_eq!(document["orders"][2], json!({"order": 2, "terms": []}));
}

#[test]
fn concrete_in_every_format() {
    let formulas = Formulas::new(&example::concrete(), &[]);
    insta::assert_snapshot!("concrete_text", text::concrete(&formulas));
    insta::assert_snapshot!("concrete_latex", latex::concrete(&formulas));
    let document = json::concrete::<Rational>(&formulas, None, &[]).value();
    let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["shadowflow", "schema", "method", "symbols", "parameters", "lets", "orders", "warnings"]);
    assert_eq!(document["parameters"], json!(["x", "w[0]"]));
    assert_eq!(
        document["orders"][0],
        json!({
            "order": 0,
            "components": ["-w[0]*c - x", "-x*c"],
            "principal_components": ["-w[0]*c - x", "-x*c"],
            "nonprincipal_components": ["0", "0"],
        })
    );
    assert_eq!(document["warnings"][0]["code"], "non-smooth");
    let with_terms = json::concrete(&formulas, Some(&example::equation()), &[]).value();
    assert_eq!(with_terms["orders"][2]["terms"][1]["text"], "T[g, g]");
}

#[test]
fn the_documented_example() {
    let mut equation = example::equation();
    equation.orders.truncate(3);
    let mut document = json::equation(&equation, &[]).value();
    for n in 1..3 {
        for term in document["orders"][n]["terms"].as_array_mut().unwrap() {
            term["latex"] = "…".into();
        }
    }
    document["shadowflow"] = "0.1.0".into();
    document.as_object_mut().unwrap().remove("warnings");
    let expected: Value = serde_json::from_str(
        r#"{"shadowflow": "0.1.0", "schema": 1, "method": "gradient-descent", "symbols": [],
 "orders": [
  {"order": 0, "terms": [{"tree": [0], "coefficient": "-1", "principal": true, "text": "g", "latex": "\\nabla_\\theta E"}]},
  {"order": 1, "terms": [{"tree": [0,1], "coefficient": "-1/2", "principal": true, "text": "H g", "latex": "…"}]},
  {"order": 2, "terms": [{"tree": [0,1,2], "coefficient": "-1/3", "principal": true, "text": "H^2 g", "latex": "…"},
                         {"tree": [0,1,1], "coefficient": "-1/12", "principal": false, "text": "T[g, g]", "latex": "…"}]}]}"#,
    )
    .unwrap();
    assert_eq!(document, expected);
    assert_eq!(document.to_string(), expected.to_string(), "members in the documented order");
}

#[test]
fn simulation_document() {
    let document = json::simulation(&example::simulation()).value();
    assert_eq!(document["times"], json!([0.0, 0.1, 0.2]));
    assert_eq!(document["iterates"], json!([[1.0, -0.5], [0.30000000000000004, -0.25], null]));
    let pf = &document["flows"]["pf"];
    assert_eq!(pf["trajectory"], json!([[[1.0, 0.0], [-0.5, 0.0]], [[0.3, 1e-300], [-0.25, 0.0]], null]));
    assert_eq!(pf["error"], json!([0.0, 5.551115123125783e-17, null]));
    assert_eq!(
        document["flows"]["ngf"],
        json!({"trajectory": [[[1.0, 0.0], [-0.5, 0.0]], null, null], "error": [0.0, null, null]})
    );
    let warnings = document["warnings"].as_array().unwrap();
    assert_eq!(warnings[0], json!({"code": "step-limit", "message": "too many steps", "flow": "ngf", "step": 1}));
    // Whatever is null has a reason: the optimizer and pf had none, ngf had one.
    assert_eq!(warnings.len(), 3);
    assert_eq!((&warnings[1]["step"], &warnings[1]["flow"]), (&json!(2), &Value::Null));
    assert_eq!((&warnings[2]["step"], &warnings[2]["flow"]), (&json!(2), &json!("pf")));
    let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["shadowflow", "schema", "method", "parameters", "h", "times", "iterates", "flows", "warnings"]);
    insta::assert_snapshot!("simulation_table", text::simulation(&example::simulation()));
    insta::assert_snapshot!("warnings", text::warnings(&example::simulation().warnings));
}

#[test]
fn evaluation_document_and_table() {
    let evaluated = Evaluated {
        method: "gradient-descent".into(),
        parameters: vec!["x".into(), "y".into()],
        at: vec![0.3, -0.2],
        orders: vec![
            EvaluatedParts { value: vec![-33.4, 58.0], principal: vec![-33.4, 58.0], nonprincipal: vec![0.0, 0.0] },
            EvaluatedParts {
                value: vec![-1663113.6, 1609958.6666666667],
                principal: vec![-1467033.3333333333, 1572773.3333333333],
                nonprincipal: vec![f64::NAN, 1e-300],
            },
        ],
        field: Some((0.01, vec![1.0, f64::INFINITY])),
        warnings: vec![],
    };
    let document = json::evaluation(&evaluated).value();
    assert_eq!(document["orders"][1]["nonprincipal"], json!([null, 1e-300]));
    assert_eq!(document["orders"][1]["value"][1].to_string(), "1609958.6666666667");
    assert_eq!(document["field"], json!([1.0, null]));
    assert_eq!(document["warnings"].as_array().unwrap().len(), 2);
    insta::assert_snapshot!("evaluation_table", text::evaluation(&evaluated));
}

#[test]
fn check_document_and_table() {
    let mut broken = example::equation();
    broken.orders[3][1].coefficient = Rational::new(1, 12);
    let typed = example::equation();
    let checks = vec![
        crate::bea::check_principal_series("typed", &typed, 4),
        crate::bea::check_agreement(("typed", &typed), ("broken", &broken), 4),
        crate::bea::check_remainder("typed", &typed, 4),
    ];
    let report = crate::bea::CheckReport { checks };
    let document = json::checks(&report).value();
    assert_eq!(document["ok"], false);
    let first = &document["checks"][0];
    assert_eq!(
        (&first["name"], &first["orders"], &first["compared"], &first["ok"]),
        (&json!("principal-series"), &json!([0, 4]), &json!(5), &json!(true))
    );
    insta::assert_snapshot!("check_table", text::checks(&report));
}
