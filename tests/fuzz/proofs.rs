//! Proofs: whatever is changed in a document, it is refused or still says the same.

use crate::bound::bound;
use crate::random::{Random, Slowest, size};
use serde_json::{Value, json};
use shadowflow::claim::read_differential;
use shadowflow::number::{Coefficient, Fraction};
use shadowflow::optimizer::MOMENTUM;
use shadowflow::proof::document::{read_document, recurrence_json, verify};
use shadowflow::proof::proof_json;
use shadowflow::render::json;
use shadowflow::series::derive;
use std::collections::BTreeMap;
use std::time::Instant;

fn document(method: &str, momentum: Option<&str>, order: usize) -> Value {
    let optimizer = bound(method, momentum);
    let derived = derive(&optimizer, order).proof(true).run().unwrap();
    let proof = derived.proof.unwrap();
    let recurrence = recurrence_json(&proof.recurrence, &optimizer);
    let document = json::equation_about(&derived.equation, optimizer.variable(), &[]).with("recurrence", recurrence);
    let document = match optimizer.value(MOMENTUM) {
        Some(momentum) => document.with("momentum", momentum.to_string().into()),
        None => document,
    };
    document.with("proof", proof_json(&proof)).value()
}

/// An exact coefficient, spelt in one way only.
fn exact(value: &Value) -> Value {
    value.as_str().and_then(|t| t.parse::<Fraction>().ok()).map_or(Value::Null, |f| f.to_string().into())
}

/// Pairs of places and coefficients, those of one place added up.
fn pairs(value: &Value) -> Value {
    let mut sums: BTreeMap<i64, Fraction> = BTreeMap::new();
    for pair in value.as_array().into_iter().flatten() {
        let c = pair[1].as_str().and_then(|t| t.parse::<Fraction>().ok()).unwrap_or_else(Fraction::zero);
        let sum = sums.entry(pair[0].as_i64().unwrap_or(i64::MAX)).or_insert_with(Fraction::zero);
        *sum = sum.plus(&c);
    }
    sums.retain(|_, c| !c.is_zero());
    sums.into_iter().map(|(j, c)| json!([j, c.to_string()])).collect()
}

/// What a document claims, spelt in one way only.
fn claims(document: &Value) -> Value {
    let differential = |value: &Value| value.as_str().and_then(|t| read_differential(t).ok());
    let recurrence = |r: &Value| {
        let evaluations = r["evaluations"].as_array().into_iter().flatten();
        json!({
            "method": r["method"], "symbols": r["symbols"], "momentum": exact(&r["momentum"]), "left": pairs(&r["left"]),
            "right": r["right"].as_array().into_iter().flatten().map(exact).collect::<Value>(),
            "evaluations": evaluations.map(|e| json!([pairs(&e["at"]), pairs(&e["minus_h_times"])])).collect::<Value>(),
        })
    };
    let mut claims = json!({
        "method": document["method"], "symbols": document["symbols"], "momentum": exact(&document["momentum"]),
        "variable": document["variable"], "schema": document["schema"], "recurrence": recurrence(&document["recurrence"]),
    });
    for order in document["orders"].as_array().into_iter().flatten() {
        for term in order["terms"].as_array().into_iter().flatten() {
            let spelt = ["text", "latex"].map(|m| differential(&term[m]).map(|t| t.levels().to_vec()));
            let term = json!([order["order"], term["tree"], exact(&term["coefficient"]), term["principal"], spelt]);
            claims["terms"][term.to_string()] = true.into();
        }
    }
    claims
}

/// All places in a document.
fn places(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::Array(values) => open.extend(values.iter().enumerate().map(|(k, v)| (format!("{place}/{k}"), v))),
            Value::Object(members) => open.extend(members.iter().map(|(k, v)| (format!("{place}/{k}"), v))),
            _ => {}
        }
        found.push(place);
    }
    found
}

const NAMES: [&str; 14] = [
    "heavy ball",
    "heavyball",
    "Heavy-Ball",
    "implicit_euler",
    "heavy\u{2010}ball",
    "gradient\u{2212}descent",
    "nester\u{43e}v",
    "gradient-descent",
    "heavy-ball",
    "nesterov",
    "rk4",
    "rk:heun",
    "rk:mine",
    "adam",
];

/// Something else where a value was.
fn other(r: &mut Random, value: &Value, document: &Value, places: &[String]) -> Value {
    match r.below(9) {
        0 => Value::Null,
        1 => json!(r.pick(&NAMES)),
        2 => json!([]),
        3 => json!({}),
        4 => json!(u64::MAX),
        5 => json!(-1),
        6 => json!(1.5),
        7 => [
            json!(true),
            json!("0"),
            json!("1e9999"),
            json!("((((((((1"),
            json!("(field 0)"),
            json!("(power 99999999 99999999)"),
        ][r.below(6)]
        .clone(),
        // From another place of the document.
        _ => document.pointer(&places[r.below(places.len())]).unwrap_or(value).clone(),
    }
}

fn changed_text(r: &mut Random, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=r.below(2) {
        let at = r.below(letters.len() + 1);
        let letter =
            ['0', '1', '2', '/', '-', '(', ')', ' ', 'g', 'H', 'm', 'T', '{', '}', '^', 'е', '\u{200b}'][r.below(17)];
        match r.below(4) {
            0 => letters.insert(at, letter),
            1 if at < letters.len() => drop(letters.remove(at)),
            2 if at + 1 < letters.len() => letters.swap(at, at + 1),
            _ => letters.iter_mut().skip(at).take(1).for_each(|l| *l = letter),
        }
    }
    letters.into_iter().collect()
}

/// A random change of one value of a document.
fn change(r: &mut Random, document: &mut Value, places: &[String]) -> String {
    // Half of the changes are to claims; steps are the most of a document.
    let only_claims = r.one_in(2);
    let place = loop {
        let place = &places[r.below(places.len())];
        if (!only_claims || !place.starts_with("/proof")) && !place.starts_with("/warnings") && place != "/shadowflow" {
            break place.clone();
        }
    };
    let whole = document.clone();
    let Some(value) = document.pointer_mut(&place) else { return place };
    if r.one_in(3) {
        *value = other(r, value, &whole, places);
        return place;
    }
    match value {
        Value::String(text) => *text = changed_text(r, text),
        Value::Number(number) => {
            *value = (number.as_i64().unwrap_or(0).wrapping_add([-1, 1, 5, 1 << 40][r.below(4)])).into();
        }
        Value::Bool(flag) => *flag = !*flag,
        Value::Array(values) => {
            let (a, b) = (r.below(values.len()), r.below(values.len()));
            match r.below(3) {
                _ if values.is_empty() => values.push(json!(1)),
                0 => drop(values.remove(a)),
                1 => values.insert(a, values[b].clone()),
                _ => values.swap(a, b),
            }
        }
        Value::Object(members) => {
            let name = members.keys().nth(r.below(members.len())).cloned().unwrap_or_default();
            let old = members.remove(&name).unwrap_or_default();
            match r.below(3) {
                0 => drop(members.insert(format!("{name}2"), old)),
                // Members may stand in any order.
                1 => drop(members.insert(name, old)),
                _ => {}
            }
        }
        Value::Null => {}
    }
    place
}

#[test]
#[allow(clippy::print_stdout, reason = "the outcome of a long run, shown with --nocapture")]
fn changed_proofs_are_refused_or_say_the_same() {
    let (cases, seed) = size(600);
    let bdf = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optimizers/bdf2.toml");
    let ahead = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optimizers/partial-look-ahead.toml");
    let documents: Vec<Value> = [
        ("gradient-descent", None, 2),
        ("heavy-ball", None, 2),
        ("heavy-ball", Some("9/10"), 1),
        ("nesterov", Some("1/2"), 2),
        ("implicit-euler", None, 2),
        ("rk:heun", None, 2),
        (bdf, None, 2),
        (ahead, None, 1),
    ]
    .into_iter()
    .map(|(method, momentum, order)| document(method, momentum, order))
    .collect();
    let prepared: Vec<_> = documents.iter().map(|d| (d, places(d), claims(d))).collect();
    let (mut same, mut slowest) = (0, Slowest::new());
    for case in 0..cases {
        let mut r = Random::new(seed, case);
        let (right, places, claimed) = &prepared[r.below(prepared.len())];
        let mut wrong = (*right).clone();
        let mut place = String::new();
        for _ in 0..if r.one_in(4) { 2 } else { 1 } {
            place = change(&mut r, &mut wrong, places);
        }
        let start = Instant::now();
        match verify(&wrong) {
            Ok(report) if report.ok => {
                same += 1;
                assert_eq!(&claims(&wrong), claimed, "case {case}: {place}");
            }
            Ok(report) => assert!(
                report.failed.iter().all(|f| !f.reason.is_empty() && !f.place.is_empty()) && !report.failed.is_empty(),
                "case {case}: {place}: {report:?}"
            ),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
        slowest.note(case, start, &place);
    }
    println!("{cases} changed proofs, {same} say the same, {slowest}");
    assert!(same < cases / 3, "{same} of {cases} changes found nothing");
}

/// Names in all places at once: only a method's own name is taken for it.
#[test]
fn no_other_name_is_taken_for_a_known_one() {
    for (method, momentum) in [("gradient-descent", None), ("heavy-ball", Some("1/2")), ("rk:heun", None)] {
        let right = document(method, momentum, 1);
        for name in
            NAMES.into_iter().filter(|n| *n != method && *n != "adam" && !(*n == "rk:mine" && method == "rk:heun"))
        {
            let mut wrong = right.clone();
            wrong["method"] = name.into();
            wrong["recurrence"]["method"] = name.into();
            assert!(verify(&wrong).map_or(true, |report| !report.ok), "{method} as {name}");
        }
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the outcome of a long run, shown with --nocapture")]
fn changed_bytes_are_refused_or_say_the_same() {
    const SCRAPS: [&str; 20] = [
        "\"method\": \"nesterov\", ",
        "null",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\u0000",
        "1e999",
        "-0",
        "0.0",
        "1E0",
        "\u{feff}",
        "\"momentum\": \"0\", ",
        "\\u0068",
        "true",
        "[[[[[[[[[[[[[[[[[[[[",
        "99999999999999999999999999",
    ];
    let (cases, seed) = size(200);
    let documents = [document("gradient-descent", None, 1), document("nesterov", Some("1/2"), 1)];
    let texts: Vec<(String, Value)> = documents.iter().map(|d| (d.to_string(), claims(d))).collect();
    let mut slowest = Slowest::new();
    let mut same = 0;
    for case in 0..cases {
        let mut r = Random::new(seed, case);
        let (text, claimed) = &texts[r.below(texts.len())];
        let bytes = if r.one_in(30) {
            // Deep.
            let unit = r.pick(&["[", "{\"a\":", "{\"method\":["]);
            unit.repeat(r.below(100_000)).into_bytes()
        } else {
            r.mutated(text.clone(), &SCRAPS)
        };
        let start = Instant::now();
        if let Ok(document) = read_document(&bytes)
            && let Ok(report) = verify(&document)
            && report.ok
        {
            same += 1;
            assert_eq!(&claims(&document), claimed, "case {case}: {}", String::from_utf8_lossy(&bytes));
        }
        slowest.note(case, start, &String::from_utf8_lossy(&bytes));
    }
    println!("{cases} changed files, {same} say the same, {slowest}");
}
