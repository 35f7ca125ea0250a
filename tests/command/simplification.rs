//! What `derive --simplify` prints.

use crate::program::{BANANA, at, folder, refused_with, text as printed};

/// Of formulas as sums: the forms that are factored or in derivatives find much the same by themselves.
#[test]
fn derive_prints_what_a_person_would_write() {
    let place = folder(&[("sum.loss", "param x = 1\nloss log(cosh(x)) + exp(x)/(1 + exp(x))\n")]);
    let file = &at(&place, "sum.loss");
    // E' = tanh(x) + σ(1 − σ), σ = sigmoid(x).
    let simple = printed(&["derive", file, "--order", "1", "--form", "expanded", "--simplify", "reading"]);
    assert!(simple.contains("sigmoid(x)") && simple.contains("tanh(x)") && !simple.contains("cosh(x)"), "{simple}");
    let plain = printed(&["derive", file, "--order", "1", "--form", "expanded", "--simplify", "none"]);
    assert!(plain.contains("cosh(x)") && plain.contains("exp(x)"), "{plain}");
}

#[test]
fn polynomials_are_left_alone() {
    let of = |how| printed(&["derive", BANANA, "--order", "2", "--form", "expanded", "--simplify", how]);
    assert_eq!(of("reading"), of("none"));
    assert_eq!(of("running"), of("none"));
}

/// One sentence to whoever asks for what cannot be had.
#[test]
fn it_is_said_when_nothing_was_found() {
    let derived = |flags: &[&str]| -> serde_json::Value {
        let all = [&["derive", BANANA, "--order", "1", "--format", "json"], flags].concat();
        serde_json::from_str(&printed(&all)).unwrap()
    };
    let warned = |json: &serde_json::Value| json["warnings"].to_string().contains("not-simplified");
    assert!(warned(&derived(&["--simplify", "reading"])));
    assert!(!warned(&derived(&[])));
    assert!(!warned(&derived(&["--simplify", "none"])));
}

#[test]
fn an_unknown_way_is_refused() {
    refused_with(&["derive", BANANA, "--simplify", "fully"], &["reading", "running", "none"]);
}
