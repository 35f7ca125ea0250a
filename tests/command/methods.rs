//! Optimizers other than gradient descent on concrete losses, as the command takes them.

use crate::program::{at, codes, document, folder, refused_with, shadowflow};

/// A loss in a file of its own.
fn loss_file(text: &str) -> (tempfile::TempDir, String) {
    let folder = folder(&[("a.loss", text)]);
    let path = at(&folder, "a.loss");
    (folder, path)
}

#[test]
fn derive_takes_a_method() {
    let (_folder, path) = loss_file("param x\nconst a\nloss a*x^2/2 + x^3/6\n");
    // g = ax + x²/2, H = a + x: −(1+m)/(2(1−m)³) H g at m = 1/2 is −6 H g.
    let numeric = document(&["derive", &path, "--order", "1", "--method", "heavy-ball", "--momentum", "1/2"]);
    assert_eq!(numeric["method"], "heavy-ball");
    assert_eq!(numeric["symbols"], serde_json::json!(["a"]));
    assert_eq!(numeric["orders"][0]["components"][0], "-x^2 - 2*x*a");
    assert_eq!(numeric["orders"][1]["components"][0], "-3*x^3 - 9*x^2*a - 6*x*a^2");
    // A momentum left out is a symbol after the loss's.
    let symbolic = document(&["derive", &path, "--order", "2", "--method", "nesterov", "--terms"]);
    assert_eq!(symbolic["symbols"], serde_json::json!(["a", "m"]));
    assert!(symbolic["warnings"][0]["message"].as_str().unwrap().contains("not the look-ahead point"));
    assert_eq!(symbolic["orders"][2]["terms"][1]["text"], "T[g, g]");
    // What is known to vanish is zero, whatever the loss.
    let (_other, exponential) = loss_file("param x\nloss exp(x) + x^4\n");
    let rk4 = document(&["derive", &exponential, "--order", "4", "--method", "rk:rk4"]);
    for n in 1..4 {
        assert_eq!(rk4["orders"][n]["components"][0], "0");
    }
    assert_ne!(rk4["orders"][4]["components"][0], "0");
    for format in ["text", "latex"] {
        shadowflow(&["derive", &path, "--method", "nesterov", "--format", format]).assert().success();
    }
}

#[test]
fn symbolic_components_are_right_at_numbers() {
    let source = "param x, y\nloss (1-x)^2 + 3*(y-x^2)^2\n";
    let (_folder, path) = loss_file(source);
    for method in ["heavy-ball", "nesterov"] {
        let derived = document(&["derive", &path, "--order", "3", "--method", method]);
        let values =
            document(&["eval", &path, "--order", "3", "--method", method, "--momentum", "1/3", "--at", "x=0.3,y=-0.2"]);
        // The components are expressions of the loss language: their values are those of a loss with them.
        for n in 0..4 {
            for k in 0..2 {
                let mut text = "param x, y\nconst m = 1/3\n".to_owned();
                for pair in derived["lets"].as_array().unwrap() {
                    text += &format!("let {} = {}\n", pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
                }
                let component = derived["orders"][n]["components"][k].as_str().unwrap();
                // Minus the gradient of ½(x + c)² by x is −c at x = 0, which a further parameter gives without a derivative.
                text = text.replace("param x, y", "param z, x, y");
                text += &format!("loss z*({component})\n");
                let (_other, inner) = loss_file(&text);
                let found = document(&["eval", &inner, "--order", "0", "--at", "z=0,x=0.3,y=-0.2"]);
                let (found, want) = (found["orders"][0]["value"][0].as_f64(), values["orders"][n]["value"][k].as_f64());
                let (found, want) = (-found.unwrap(), want.unwrap());
                assert!((found - want).abs() <= 1e-12 * want.abs(), "{method} f_{n}: {found} {want}");
            }
        }
    }
}

#[test]
fn simulate_takes_a_method() {
    let banana = "examples/losses/banana.loss";
    let run = document(&[
        "simulate",
        banana,
        "--h",
        "1e-3",
        "--steps",
        "4",
        "--method",
        "nesterov",
        "--momentum",
        "1/10",
        "--flows",
        "bea:2,pf",
    ]);
    assert_eq!(run["method"], "nesterov");
    let codes = codes(&run);
    assert!(codes.contains(&"variable") && codes.contains(&"zero-velocity"), "{codes:?}");
    let run = document(&[
        "simulate",
        banana,
        "--h",
        "1e-3",
        "--steps",
        "4",
        "--method",
        "rk:gauss2",
        "--flows",
        "bea:4,bea:3",
    ]);
    let error = |flow: &str| run["flows"][flow]["error"][4].as_f64().unwrap();
    assert!(error("bea:4") < 0.1 * error("bea:3"), "{run}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let (_folder, path) = loss_file("param x = 1\nconst m = 3\nloss m*x^2\n");
    refused_with(&["derive", &path, "--method", "heavy-ball"], &["declares `m`"]);
    shadowflow(&["derive", &path, "--method", "heavy-ball", "--momentum", "1/2"]).assert().success();
    refused_with(&["eval", &path, "--method", "nesterov"], &["--momentum"]);
    refused_with(&["simulate", &path, "--h", "1/10", "--steps", "1", "--method", "nesterov"], &["--momentum"]);
    refused_with(&["eval", &path, "--method", "heavy-ball", "--momentum", "1"], &["does not determine a flow"]);
    refused_with(&["derive", &path, "--momentum", "1/2"], &["has no momentum"]);
    refused_with(&["eval", &path, "--method", "implicit-euler", "--order", "200"], &["ask for a lower order"]);
    refused_with(&["derive", &path, "--method", "rk:gauss2", "--order", "500"], &["ask for a lower order"]);
    // Roots outside the unit circle are no error, but told.
    let warned = document(&["eval", &path, "--method", "heavy-ball", "--momentum", "3/2"]);
    assert_eq!(warned["warnings"][0]["code"], "parasitic-roots");
}
