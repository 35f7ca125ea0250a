//! Documents as `derive` writes them, right and tampered with.

use super::*;
use crate::optimizer::testing::named;
use crate::proof::proof_json;
use crate::render::json;
use crate::series::{Route, derive};
use serde_json::json;

fn document(method: &str, momentum: Option<&str>, order: usize) -> Value {
    let optimizer = named(method, momentum).unwrap();
    let derived = derive(&optimizer, order).proof(true).run().unwrap();
    let proof = derived.proof.unwrap();
    let recurrence = recurrence_json(&proof.recurrence, &optimizer);
    let document = json::equation_about(&derived.equation, optimizer.variable(), &[]).with("recurrence", recurrence);
    let mut document = document.with("proof", proof_json(&proof)).value();
    if let Some(momentum) = momentum {
        document["momentum"] = momentum.into();
    }
    let expected = derive(&optimizer, order).route(Route::Composition).run().unwrap();
    assert_eq!(document["orders"], json::orders(&expected.equation), "{method}");
    document
}

#[test]
fn proven_derivations_verify() {
    for (method, momentum, order) in [
        ("gradient-descent", None, 4),
        ("heavy-ball", None, 3),
        ("heavy-ball", Some("9/10"), 4),
        ("nesterov", Some("1/2"), 4),
        ("implicit-euler", None, 4),
        ("rk:midpoint", None, 3),
        ("rk:heun", None, 3),
        ("rk:ralston", None, 3),
        ("rk:implicit-midpoint", None, 3),
        (concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optimizers/bdf2.toml"), None, 4),
    ] {
        let report = verify(&document(method, momentum, order)).unwrap();
        assert_eq!(report.failed, [], "{method}");
        assert!(report.ok && report.orders == order + 1 && report.steps > 10);
    }
}

#[test]
fn the_example_verifies() {
    // 1 + 1 + 2 + 4 trees, of which the corolla with three leaves has the Bernoulli number 0.
    let document = serde_json::from_str(include_str!("../../../examples/proofs/order-3.json")).unwrap();
    let report = verify(&document).unwrap();
    assert!(report.ok && report.orders == 4 && report.terms == 7, "{report:?}");
}

#[test]
fn tampered_documents_fail() {
    type Tamper = fn(&mut Value);
    let ways: [(&str, Tamper); 12] = [
        ("a coefficient", |d| d["orders"][2]["terms"][1]["coefficient"] = "1/12".into()),
        ("a tree", |d| d["orders"][2]["terms"][1]["tree"] = json!([0, 1, 2])),
        ("no tree", |d| d["orders"][2]["terms"][1]["tree"] = json!([0, 2])),
        ("principal", |d| d["orders"][2]["terms"][1]["principal"] = true.into()),
        ("a term left out", |d| drop(d["orders"][2]["terms"].as_array_mut().unwrap().pop())),
        ("a term twice", |d| {
            let term = d["orders"][2]["terms"][0].clone();
            d["orders"][2]["terms"].as_array_mut().unwrap().push(term);
        }),
        ("an order left out", |d| drop(d["orders"].as_array_mut().unwrap().pop())),
        ("an order more", |d| d["orders"].as_array_mut().unwrap().push(json!({"order": 3, "terms": []}))),
        ("an order's number", |d| d["orders"][1]["order"] = 2.into()),
        ("the last step left out", |d| drop(d["proof"].as_array_mut().unwrap().pop())),
        ("no steps", |d| d["proof"] = json!([])),
        ("the recurrence", |d| d["recurrence"]["right"][0] = "2".into()),
    ];
    for method in ["gradient-descent", "nesterov"] {
        let right = document(method, None, 2);
        assert!(verify(&right).unwrap().ok);
        for (name, tamper) in &ways {
            let mut wrong = right.clone();
            tamper(&mut wrong);
            let report = verify(&wrong).unwrap();
            assert!(!report.ok && !report.failed.is_empty(), "{method}: {name}");
            assert!(report.failed.iter().all(|f| !f.place.is_empty()), "{method}: {name}");
        }
        let mut renamed = right.clone();
        renamed["method"] = "implicit-euler".into();
        assert!(verify(&renamed).map_or(true, |report| !report.ok));
    }
    // A name must not cover another optimizer's recurrence, whichever hyper-parameters it would leave open.
    for (of, name) in [("gradient-descent", "nesterov"), ("implicit-euler", "heavy-ball"), ("rk:heun", "nesterov")] {
        let mut renamed = document(of, None, 2);
        renamed["method"] = name.into();
        assert!(verify(&renamed).map_or(true, |report| !report.ok), "{of} as {name}");
    }
    let mut newer = document("gradient-descent", None, 1);
    newer["schema"] = 2.into();
    assert!(verify(&newer).unwrap_err().to_string().contains("schema"));
    for member in ["method", "symbols", "orders", "proof", "schema"] {
        let mut wrong = document("gradient-descent", None, 1);
        wrong[member] = Value::Null;
        assert!(verify(&wrong).unwrap_err().to_string().contains(member));
    }
    assert!(verify(&json!(3)).is_err());
}

/// Every member of every term, made wrong in several ways, is found at its place.
#[test]
fn every_member_of_every_term_is_checked() {
    let wrong: [(&str, &[Value]); 5] = [
        ("tree", &[json!([0, 1, 2, 2, 1]), json!([0, 1, 2, 3, 4]), json!([0, 2]), json!([]), json!("g"), Value::Null]),
        ("coefficient", &[json!("7"), json!("-1/1200"), json!("x"), json!(-1), json!(""), json!("1/0"), Value::Null]),
        ("principal", &[json!("true"), json!(1), Value::Null]),
        ("text", &[json!("H H H H g"), json!("2 g"), json!("g + H g"), json!("T[g"), json!(""), json!(3), Value::Null]),
        ("latex", &[json!("\\nabla_\\theta^5 E"), json!("-g"), json!("\\foo"), json!("H"), json!({}), Value::Null]),
    ];
    for (method, momentum, order) in [("gradient-descent", None, 3), ("heavy-ball", None, 2)] {
        let right = document(method, momentum, order);
        for n in 0..=order {
            for k in 0..right["orders"][n]["terms"].as_array().unwrap().len() {
                let term = &right["orders"][n]["terms"][k];
                let flipped = [json!(!term["principal"].as_bool().unwrap())];
                let further: [(&str, &[Value]); 2] = [("principal", &flipped), ("certainty", &[json!(1)])];
                for (member, values) in wrong.iter().chain(&further) {
                    for value in *values {
                        let mut tampered = right.clone();
                        tampered["orders"][n]["terms"][k][member] = value.clone();
                        let report = verify(&tampered).unwrap();
                        let place = format!("orders[{n}].terms[{k}].{member}");
                        let found = report.failed.iter().find(|f| f.place == place);
                        let found = found.unwrap_or_else(|| panic!("{method}: {place} = {value}: {report:?}"));
                        assert!(!report.ok && !found.reason.is_empty() && found.step.is_some());
                    }
                }
            }
        }
        // Terms in another order, an order twice.
        let mut swapped = right.clone();
        swapped["orders"][2]["terms"].as_array_mut().unwrap().swap(0, 1);
        let mut doubled = right.clone();
        doubled["orders"][2] = doubled["orders"][1].clone();
        let mut longer = right.clone();
        let last = longer["orders"][order].clone();
        longer["orders"].as_array_mut().unwrap().push(last);
        for wrong in [swapped, doubled, longer] {
            assert!(!verify(&wrong).unwrap().ok, "{method}");
        }
    }
}

/// The same formula in another notation is the same document.
#[test]
fn other_spellings_of_a_term_are_no_tampering() {
    let mut other = document("gradient-descent", None, 3);
    let terms = &mut other["orders"][3]["terms"];
    terms[2]["text"] = "T[H g, g]".into();
    terms[2]["latex"] = r"(\nabla^2_{\theta} E \nabla_\theta E)^T (\nabla_\theta^3 E) \nabla_\theta E".into();
    terms[0]["coefficient"] = "-0.25".into();
    let report = verify(&other).unwrap();
    assert!(report.ok, "{report:?}");
}

#[test]
fn names_symbols_and_momentum_are_bound_to_the_recurrence() {
    let bdf = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optimizers/bdf2.toml");
    let ahead = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optimizers/partial-look-ahead.toml");
    for (method, momentum) in [(bdf, None), (ahead, None), ("heavy-ball", Some("9/10")), ("heavy-ball", None)] {
        let right = document(method, momentum, 1);
        assert!(verify(&right).unwrap().ok, "{method}");
        for (member, value) in [
            ("method", json!("adam")),
            ("symbols", json!(["k"])),
            ("symbols", json!(["m", "beta", "k"])),
            ("momentum", json!("1/3")),
            ("momentum", json!("x")),
            ("trust", json!("me")),
        ] {
            let mut wrong = right.clone();
            wrong[member] = value.clone();
            assert!(!verify(&wrong).unwrap().ok, "{method}: {member} = {value}");
        }
    }
}

/// A known recurrence with whatever name, in both places.
#[test]
fn names_that_no_optimizer_has_are_refused() {
    for name in [
        "rk:foo",
        "",
        " ",
        "rk:",
        "-",
        "Gradient-Descent",
        "GRADIENT-DESCENT",
        "rk:Euler",
        "heavy ball",
        "heavyball",
        "implicit_euler",
        "heavy\u{2010}ball",
        "nester\u{43e}v",
        "gradient descent",
        "rk4",
        "heun",
    ] {
        let mut wrong = document("gradient-descent", None, 1);
        wrong["method"] = name.into();
        wrong["recurrence"]["method"] = name.into();
        let report = verify(&wrong).unwrap();
        assert!(report.failed.iter().any(|f| f.place == "method"), "{name}: {report:?}");
    }
    for method in ["heavy-ball", "implicit-euler"] {
        let mut wrong = document(method, None, 1);
        wrong["method"] = "rk:foo".into();
        wrong["recurrence"]["method"] = "rk:foo".into();
        assert!(!verify(&wrong).unwrap().ok, "{method}");
    }
    // A tableau of a file has a name that is not known here.
    let mut other = document("rk:heun", None, 1);
    other["method"] = "rk:mine".into();
    other["recurrence"]["method"] = "rk:mine".into();
    let report = verify(&other).unwrap();
    assert!(report.ok, "{report:?}");
}

/// What a document repeats is there, and nothing is null.
#[test]
fn nothing_is_missing_or_null() {
    let bdf = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optimizers/bdf2.toml");
    for (method, momentum) in [
        ("gradient-descent", None),
        ("heavy-ball", None),
        ("heavy-ball", Some("0")),
        ("nesterov", Some("1/2")),
        ("rk:heun", None),
        (bdf, None),
    ] {
        let right = document(method, momentum, 1);
        assert!(verify(&right).unwrap().ok, "{method}: {:?}", verify(&right));
        // The schema is needed to read the rest.
        let mut places = vec!["/recurrence", "/recurrence/method", "/recurrence/symbols", "/recurrence/left"];
        places.extend(["/recurrence/evaluations", "/recurrence/evaluations/0/at", "/recurrence/right"]);
        places.extend(["/recurrence/evaluations/0/minus_h_times", "/orders/0/order", "/orders/0/terms"]);
        places.extend([
            "/orders/0/terms/0/text",
            "/proof/0/order",
            "/proof/0/step",
            "/proof/0/rule",
            "/proof/0/before",
        ]);
        places.extend(["/method", "/symbols", "/schema", "/orders", "/proof"]);
        if momentum.is_some() {
            places.extend(["/momentum", "/recurrence/momentum"]);
        }
        if method == bdf || method == "heavy-ball" && momentum.is_none() {
            places.push("/variable");
        }
        for place in places {
            let mut null = right.clone();
            *null.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = Value::Null;
            let mut missing = right.clone();
            let (parent, member) = place.rsplit_once('/').unwrap();
            missing.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(member);
            for wrong in [null, missing] {
                assert!(verify(&wrong).map_or(true, |report| !report.ok), "{method}: {place}");
            }
        }
        for place in ["momentum", "variable"] {
            let mut null = right.clone();
            null[place] = Value::Null;
            assert!(verify(&null).map_or(true, |report| !report.ok), "{method}: {place}");
        }
        for member in ["uses", "backward"] {
            let mut null = right.clone();
            null["proof"][0][member] = Value::Null;
            assert!(!verify(&null).unwrap().ok, "{method}: {member}");
        }
    }
}

#[test]
fn a_symbol_stands_once() {
    for method in ["heavy-ball", concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optimizers/partial-look-ahead.toml")] {
        let mut wrong = document(method, None, 1);
        let mut symbols = wrong["symbols"].as_array().unwrap().clone();
        symbols.push(symbols[0].clone());
        wrong["symbols"] = symbols.clone().into();
        wrong["recurrence"]["symbols"] = symbols.into();
        let report = verify(&wrong).unwrap();
        assert!(report.failed[0].reason.contains("twice"), "{report:?}");
    }
}

#[test]
fn what_the_equation_is_about_is_checked() {
    let bdf = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optimizers/bdf2.toml");
    let ahead = "the iterate, not the look-ahead point";
    for (method, variable, right) in [
        ("heavy-ball", json!("the iterate"), true),
        ("heavy-ball", json!(ahead), false),
        ("heavy-ball", json!("the look-ahead point"), false),
        ("heavy-ball", json!(1), false),
        ("nesterov", json!(ahead), true),
        ("nesterov", json!("the look-ahead point"), false),
        (bdf, json!("the iterate"), true),
        (bdf, json!(""), false),
        ("gradient-descent", json!("the iterate"), false),
        ("rk:heun", json!("the iterate"), false),
    ] {
        let mut document = document(method, None, 1);
        document["variable"] = variable.clone();
        let report = verify(&document).unwrap();
        assert_eq!(report.ok, right, "{method}: {variable}: {report:?}");
        assert!(right || report.failed.iter().any(|f| f.place == "variable"), "{method}: {variable}");
    }
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let text = document("gradient-descent", None, 1).to_string();
    assert!(verify(&read_document(text.as_bytes()).unwrap()).unwrap().ok);
    let twice = text.replacen(r#""coefficient":"#, r#""coefficient":"5","coefficient":"#, 1);
    assert!(matches!(read_document(twice.as_bytes()), Err(VerifyError::Json(reason)) if reason.contains("twice")));
}
