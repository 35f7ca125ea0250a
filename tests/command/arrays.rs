//! Losses of matrices: their values, and errors that name both shapes and both places.

use crate::program::{at, document, folder, refused_with, text};

/// Without `eval --at`, which some refused losses never come to.
fn derive_refused(source: &str, words: &[&str]) {
    let place = folder(&[("case.loss", source)]);
    let file = at(&place, "case.loss");
    let line = words.first().map(|word| format!("case.loss:{word}")).unwrap();
    refused_with(&["derive", &file, "--order", "0"], &[&[line.as_str()], &words[1..]].concat());
}

#[test]
fn what_does_not_fit_names_shapes_and_places() {
    let data = "const X = [[1, 2, 3, 4], [5, 6, 7, 8], [0, 1, 0, 1]]\nconst y = [0, 2, 1]\n";
    for (rest, words) in [
        (
            "param W[5, 3], b[3]\nloss softmax_cross_entropy(X @ W + b, y)",
            &["4:28", "[3, 4]", "[5, 3]", "declared at 1:7", "declared at 3:7"] as &[&str],
        ),
        (
            "param W[4, 3], b[2]\nloss softmax_cross_entropy(X @ W + b, y)",
            &["4:28", "[3, 3]", "[2]", "`X @ W` at 4:28", "`b`, declared at 3:16"],
        ),
        (
            "param W[4, 2]\nloss softmax_cross_entropy(X @ W, y)",
            &["4:6", "label 1 is 2", "from 0 to 1", "declared at 2:7"],
        ),
        ("param W[4, 3]\nloss softmax_cross_entropy(X @ W, [0, 1])", &["4:6", "[2]", "[3, 3]", "3 rows"]),
        ("param W[4, 3]\nloss sum(sum(W, 2))", &["4:10", "axis 2", "[4, 3]"]),
        ("param W[4, 3]\nloss X @ W", &["4:6", "[3, 3]", "take the sum, mean or norm2"]),
        ("param W[4, 3]\nloss sum(W[5, 0]*X)", &["4:10", "index 5", "axis 0", "[4, 3]"]),
        ("param W[1000000, 1000000]\nloss sum(W)", &["3:7", "33554432 entries"]),
        (
            "param w[3]\nloss sum(standardise(X - X[0, 0]*0 + [[1], [1], [1]])*0) + sum(standardise([[1, 2], [1, 3]]))",
            &["4:64", "column 0"],
        ),
    ] {
        derive_refused(&format!("{data}{rest}\n"), words);
    }
}

#[test]
fn a_network_of_literals_has_its_loss_and_gradient() {
    let loss = "examples/losses/exclusive_or.loss";
    // All weights 0: every case costs log(2), and only the last bias could have a slope, which is 0 for labels in balance.
    let zero: Vec<String> =
        ["W1=[[0,0],[0,0]]", "b1=[0,0]", "W2=[[0,0],[0,0]]", "b2=[0,0]"].map(str::to_owned).to_vec();
    let found = document(&["eval", loss, "--order", "0", "--at", &zero.join(",")]);
    assert_eq!(found["parameters"][3], "W1[1, 1]");
    assert!(found["orders"][0]["value"].as_array().unwrap().iter().all(|x| x.as_f64() == Some(0.0)), "{found}");
    // b2 = (1, 0): −∂E/∂b2[0] = mean([y = 0]) − σ(1).
    let at = "W1=[[0,0],[0,0]],b1=[0,0],W2=[[0,0],[0,0]],b2=[1,0]";
    let found = document(&["eval", loss, "--order", "0", "--at", at]);
    let slope = found["orders"][0]["value"][10].as_f64().unwrap();
    assert!((slope - (0.5 - 1.0 / (1.0 + (-1f64).exp()))).abs() < 1e-15, "{found}");
}

#[test]
fn what_derive_prints_of_arrays_is_taken_again() {
    let place = folder(&[("a.loss", "const X = [[1, 2], [0.5, -1]]\nparam w[2]\nloss norm2(tanh(X @ w))\n")]);
    let derived = document(&["derive", &at(&place, "a.loss"), "--order", "1"]);
    let lets: String = (derived["lets"].as_array().unwrap().iter())
        .map(|pair| format!("let {} = {}\n", pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .collect();
    for component in derived["orders"][1]["components"].as_array().unwrap() {
        let again = format!("param w[2]\n{lets}loss {}\n", component.as_str().unwrap());
        let place = folder(&[("b.loss", &again)]);
        assert!(text(&["eval", &at(&place, "b.loss"), "--order", "0", "--at", "w=[0.3,0.2]"]).contains("f_0"));
    }
}

/// What nobody named is done of a network as far as it ends in seconds, and what is left out is said with how to ask for it.
#[test]
fn networks_have_defaults_of_their_own() {
    let place = folder(&[("net.loss", "param W[20, 20] = glorot\nloss norm2(tanh(W @ W @ W))/100\n")]);
    let file = at(&place, "net.loss");
    let line = ["simulate", &file, "--h", "0.1", "--steps", "1"];
    let found = document(&line);
    let flows: Vec<&String> = found["flows"].as_object().unwrap().keys().collect();
    assert_eq!(flows, ["ngf", "igr", "third", "bea:4"]);
    assert_eq!(found["warnings"][0]["code"], "not-computed");
    assert!(found["warnings"][0]["message"].as_str().unwrap().contains("--flows pf,pf+np3 asks for them"), "{found}");
    let named = document(&[&line[..], &["--flows", "ngf"]].concat());
    assert_eq!((named["flows"].as_object().unwrap().len(), named["warnings"].as_array().unwrap().len()), (1, 0));
    // Every parameter, on lines that a screen holds.
    let all = text(&[&line[..], &["--flows", "ngf", "--all"]].concat());
    assert!(all.contains("W[19, 19]") && all.lines().all(|line| line.chars().count() < 160), "{all}");
    let all = text(&["eval", &file, "--order", "0", "--all"]);
    assert!(all.contains("W[19, 19] = ") && all.lines().all(|line| line.chars().count() < 120), "{all}");
}

/// Formulas of thousands of lines are counted and not printed, whether an order is named or not.
#[test]
fn formulas_of_networks_do_not_flood() {
    let rows: Vec<String> = (0..40).map(|k| format!("[{k}, 1/{}, {}]", k + 2, k * k % 7)).collect();
    let source = format!("const X = [{}]\nparam W[3, 12], v[12]\nloss norm2(tanh(X @ W) @ v)\n", rows.join(", "));
    let place = folder(&[("net.loss", &source)]);
    let file = at(&place, "net.loss");
    let found = text(&["derive", &file, "--order", "1", "--simplify", "none"]);
    assert!(found.lines().count() < 2100 && found.contains("left out: f_"), "{}", found.lines().count());
    assert!(found.contains("; --verbose and JSON have them"));
}
