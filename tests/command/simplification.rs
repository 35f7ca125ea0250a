//! What `derive --simplify` prints.

use assert_cmd::Command;

fn example(name: &str) -> String {
    format!("{}/examples/losses/{name}.loss", env!("CARGO_MANIFEST_DIR"))
}

fn printed(arguments: &[&str]) -> String {
    let output = Command::cargo_bin("shadowflow").unwrap().args(arguments).assert().success();
    String::from_utf8(output.get_output().stdout.clone()).unwrap()
}

#[test]
fn derive_prints_what_a_person_would_write() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("softplus.loss");
    std::fs::write(&file, "param x = 1\nloss softplus(x)\n").unwrap();
    let file = file.to_str().unwrap();
    // f_0 = −σ, f_1 = −σ·σ(1 − σ)/2, σ = sigmoid(x).
    let simple = printed(&["derive", file, "--order", "1", "--simplify", "reading"]);
    assert!(simple.contains("sigmoid(x)"), "{simple}");
    assert!(simple.contains("(1 - s1)") || simple.contains("(s1 - 1)"), "{simple}");
    let plain = printed(&["derive", file, "--order", "1", "--simplify", "none"]);
    assert_ne!(simple, plain);
}

#[test]
fn polynomials_are_left_alone() {
    let file = example("banana");
    let of = |how| printed(&["derive", &file, "--order", "2", "--simplify", how]);
    assert_eq!(of("reading"), of("none"));
    assert_eq!(of("running"), of("none"));
}

#[test]
fn an_unknown_way_is_refused() {
    let file = example("banana");
    let output = Command::cargo_bin("shadowflow").unwrap().args(["derive", &file, "--simplify", "fully"]).assert();
    let text = String::from_utf8(output.failure().get_output().stderr.clone()).unwrap();
    assert!(text.contains("reading") && text.contains("running") && text.contains("none"), "{text}");
}
