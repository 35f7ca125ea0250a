//! Snapshots of the derived series in every format, and the documents' shape.

use super::{Formulas, example, json, latex, text};
use crate::concrete::{Evaluated, EvaluatedOrder};
use crate::evaluation::Evaluation;
use crate::formula::{Formula, Spelling};
use crate::number::Rational;
use crate::plan::Route;
use crate::tree::Notation;
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
    let document = json::concrete(&formulas, None, None, &[]).value();
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
    let with_terms = json::concrete(&formulas, Some(&example::equation()), None, &[]).value();
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
    let mut run = example::simulation();
    run.give_reasons();
    let document = json::simulation(&run).value();
    assert_eq!(document["times"], json!([0.0, 0.1, 0.2]));
    assert_eq!(document["iterates"], json!([[1.0, -0.5], [0.30000000000000004, -0.25], null]));
    let pf = &document["flows"]["pf"];
    assert_eq!(pf["trajectory"], json!([[[1.0, 0.0], [-0.5, 0.0]], [[0.3, 1e-300], [-0.25, 0.0]], null]));
    assert_eq!(pf["error"], json!([0.0, 5.551115123125783e-17, null]));
    assert_eq!(
        document["flows"]["ngf"],
        json!({
            "trajectory": [[[1.0, 0.0], [-0.5, 0.0]], null, null],
            "error": [0.0, null, null],
            "loss": [[0.625, 0.0], null, null],
            "h_lambda_0": [[1.5, 0.0], null, null],
            "slid": [false, false, false],
            "slides": [],
        })
    );
    assert_eq!(document["loss"], json!([0.625, 0.1, null]));
    assert_eq!(document["h_lambda_0"], json!([1.5, 0.30000000000000004, null]));
    assert_eq!(pf["loss"], json!([[0.625, 0.0], [0.1, 1e-300], null]));
    assert_eq!(pf["h_lambda_0"], json!([[1.5, 0.0], [0.25, -0.5], null]));
    assert_eq!(pf["slid"], json!([false, true, true]));
    assert_eq!(pf["slides"], json!([{"time": 0.05, "step": 1, "direction": 0, "h_lambda": [1.0, 0.5]}]));
    let warnings = document["warnings"].as_array().unwrap();
    assert_eq!(warnings[0], json!({"code": "step-limit", "message": "too many steps", "flow": "ngf", "step": 1}));
    // Whatever is null has a reason: the optimizer and pf had none, ngf had one.
    assert_eq!(warnings.len(), 3);
    assert_eq!((&warnings[1]["step"], &warnings[1]["flow"]), (&json!(2), &Value::Null));
    assert_eq!((&warnings[2]["step"], &warnings[2]["flow"]), (&json!(2), &json!("pf")));
    let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "shadowflow",
            "schema",
            "method",
            "parameters",
            "h",
            "restart",
            "times",
            "iterates",
            "loss",
            "h_lambda_0",
            "flows",
            "events",
            "warnings"
        ]
    );
    insta::assert_snapshot!(
        "simulation_table",
        text::simulation(&example::simulation(), text::SimulationDetail::default())
    );
    insta::assert_snapshot!("warnings", text::warnings(&example::simulation().warnings));
}

#[test]
fn evaluation_document_and_table() {
    let evaluated = Evaluated {
        method: "gradient-descent".into(),
        parameters: vec!["x".into(), "y".into()],
        loss: None,
        at: vec![Rational::new(3, 10), Rational::new(-1, 5)],
        orders: vec![
            EvaluatedOrder {
                value: vec![Some(-33.4), Some(58.0)],
                principal: vec![Some(-33.4), Some(58.0)],
                nonprincipal: vec![Some(0.0), Some(0.0)],
            },
            EvaluatedOrder {
                value: vec![Some(-1663113.6), Some(1609958.6666666667)],
                principal: vec![Some(-1467033.3333333333), Some(1572773.3333333333)],
                nonprincipal: vec![None, Some(1e-300)],
            },
        ],
        field: Some((Rational::new(1, 100), vec![Some(1.0), Some(f64::INFINITY)])),
        warnings: vec![],
    };
    let found = Evaluation {
        values: evaluated,
        route: Route::Scalar,
        accuracy: None,
        bounds: Vec::new(),
        digits: Vec::new(),
        spectrum: None,
        step: None,
        fields: Vec::new(),
        plan: None,
    };
    let document = json::evaluation(&found).value();
    assert_eq!(document["orders"][1]["nonprincipal"], json!([null, 1e-300]));
    assert_eq!(document["orders"][1]["value"][1].to_string(), "1609958.6666666667");
    assert_eq!(document["field"], json!([1.0, null]));
    assert_eq!(document["warnings"], json!([]));
    insta::assert_snapshot!("evaluation_table", text::evaluation(&found, text::Detail::default()));
}

#[test]
fn check_document_and_table() {
    let mut broken = example::equation();
    broken.orders[3][1].coefficient = Rational::new(1, 12).into();
    let typed = example::equation();
    let checks = vec![
        crate::evidence::check_principal_series("typed", &typed, 4),
        crate::evidence::check_agreement(("typed", &typed), ("broken", &broken), 4),
        crate::evidence::check_remainder("typed", &typed, 4),
    ];
    let report = crate::evidence::CheckReport { checks, ..Default::default() };
    let document = json::checks(&report).value();
    assert_eq!(document["ok"], false);
    let first = &document["checks"][0];
    assert_eq!(
        (&first["name"], &first["orders"], &first["compared"], &first["ok"]),
        (&json!("principal-series"), &json!([0, 4]), &json!(5), &json!(true))
    );
    insta::assert_snapshot!("check_table", text::checks(&report, text::Detail::default()));
    let detail = text::Detail { verbose: true, ..text::Detail::default() };
    insta::assert_snapshot!("check_table_verbose", text::checks(&report, detail));
}

/// Every element is closed, and none holds more or fewer rows than it takes.
fn well_formed(mathml: &str) {
    let mut open: Vec<(&str, usize)> = Vec::new();
    for piece in mathml.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap_or_else(|| panic!("{mathml}"));
        if let Some(name) = tag.strip_prefix('/') {
            let (opened, children) = open.pop().unwrap_or_else(|| panic!("{mathml}"));
            assert_eq!(opened, name, "{mathml}");
            let expected = match name {
                "mfrac" | "msub" | "msup" | "mover" | "munder" => children == 2,
                "msubsup" => children == 3,
                "mi" | "mn" | "mo" | "mtext" => children == 0,
                _ => children > 0,
            };
            assert!(expected, "{name} has {children} children in {mathml}");
            continue;
        }
        if let Some((_, children)) = open.last_mut() {
            *children += 1;
        }
        if !tag.ends_with('/') {
            open.push((tag.split(' ').next().unwrap(), 0));
        }
    }
    assert!(open.is_empty(), "{mathml}");
}

#[test]
fn every_formula_has_mathml() {
    let spelling = Spelling::default();
    for notation in Notation::ALL {
        for terms in &crate::series::order_polynomials(6).orders {
            for term in terms.iter().flat_map(|t| [notation.formula(&t.tree)]) {
                well_formed(&spelling.mathml(&term));
            }
        }
        for line in
            latex::parts(&example::momentum().orders[1], notation, &spelling, 40, |f| f).into_iter().flat_map(|p| p.1)
        {
            let terms: Vec<(bool, Formula)> = line.into_iter().map(|t| (t.negative, t.formula)).collect();
            well_formed(&spelling.mathml_line(&terms, true).large());
        }
    }
    let formulas = Formulas::new(&example::concrete(), &[]);
    for order in &formulas.orders {
        for (entry, component) in formulas.parameters.iter().zip(&order.components) {
            let left = Formula::component(2, Some(false), entry.clone());
            well_formed(&formulas.spelling.mathml(&left.equals(component.clone())));
        }
    }
    for formula in every_construct() {
        well_formed(&spelling.mathml(&formula));
    }
}

/// Everything that the loss language can say and these printers write.
fn every_construct() -> Vec<Formula> {
    let [x, y, rate] = ["x", "y", "rate"].map(Formula::name);
    let entry = || Formula::entry("a_b", vec![0, 1]);
    let calls = ["exp", "log", "log1p", "sqrt", "abs", "sigmoid", "tanh", "atan", "logsumexp", "erf"];
    let mut all: Vec<Formula> = calls.iter().map(|f| Formula::call(f, vec![x.clone().over(entry())])).collect();
    all.extend(calls.iter().map(|f| Formula::call(f, vec![x.clone()]).power(3).negated()));
    all.push(Formula::list(vec![Formula::list(vec![x.clone(), y.clone()]), Formula::list(vec![entry()])]));
    all.push(Formula::product(vec![x.negated(), rate, Formula::natural(2), y]));
    all
}

#[test]
fn long_sums_break_at_their_signs() {
    let [x, y] = ["x", "y"].map(Formula::name);
    let term = |k: u64| {
        let third = Formula::natural(1_000 + k).over(Formula::natural(3));
        (true, Formula::product(vec![third, x.clone().power(k), y.clone().power(2)]))
    };
    let long = Formula::sum((1..40).map(term).collect());
    let terms: Vec<String> = (1..40).map(|k| term(k).1.to_string()).collect();
    let (zero, one) = (Formula::natural(0), Formula::natural(1));
    let order = super::FormulaOrder {
        components: vec![long.clone(), one.clone()],
        principal: vec![long.clone(), zero.clone()],
        nonprincipal: vec![zero, one],
    };
    let formulas = Formulas {
        method: "gradient-descent".into(),
        parameters: vec![x.clone(), y.clone()],
        symbols: vec![],
        spelling: Spelling::default(),
        lets: vec![("s1".into(), long)],
        derivatives: vec![],
        orders: vec![order],
        warnings: vec![],
    };
    let printed = text::concrete(&formulas);
    assert!(printed.lines().skip(2).all(|line| line.chars().count() <= 100));
    let joined: Vec<&str> = printed.split_whitespace().collect();
    assert!(joined.join(" ").contains(&format!("x: -{}", terms.join(" - "))));
    let tex = latex::concrete(&formulas);
    // The subterm, and the whole in its parts.
    assert_eq!(tex.matches("y^{2}").count(), 2 * terms.len(), "{tex}");
    assert!(tex.lines().all(|line| line.matches("\\frac").count() <= 7));
    if let Ok(keep) = std::env::var("SHADOWFLOW_KEEP_PICTURES") {
        std::fs::write(std::path::Path::new(&keep).join("long.tex"), &tex).unwrap();
        let order_8 = crate::series::order_polynomials(7);
        let all: String = Notation::ALL.iter().map(|n| latex::equation(&order_8, *n)).collect();
        std::fs::write(std::path::Path::new(&keep).join("order7.tex"), all).unwrap();
    }
}
