//! Losses with data and drawn starts, as the command reads them: files beside the loss, seeds, points of matrices, and what is refused.

use crate::program::{document, message, process, refused_with, shadowflow};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn at(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

/// `f_0`, the negative gradient, of a loss.
fn gradient(arguments: &[&str]) -> Vec<f64> {
    let value = document(&[&["eval"], arguments, &["--order", "0"]].concat());
    value["orders"][0]["value"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

const FIT: &str =
    "data x = csv(\"t.csv\")[.., 0], y = csv(\"t.csv\")[.., 1]\nparam a = 1, b = 0\nloss mean((a*x + b - y)^2)/2\n";

#[test]
fn data_lie_beside_the_loss() {
    let folder = folder(&[("t.csv", "x,y\n1,2\n3,4\n"), ("fit.loss", FIT)]);
    // The residuals are -1 and -1.
    assert_eq!(gradient(&[&at(folder.path(), "fit.loss")]), [2.0, 1.0]);
    // On standard input and on the command line they lie in the working directory.
    let standard = |arguments: &[&str]| {
        let mut command = process(arguments);
        command
            .current_dir(folder.path())
            .stdin(Stdio::from(std::fs::File::open(folder.path().join("fit.loss")).unwrap()));
        command.output().unwrap()
    };
    let output = standard(&["eval", "-", "--order", "0", "--format", "json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", message(&output)));
    assert_eq!(value["orders"][0]["value"], serde_json::json!([2.0, 1.0]));
    let output = process(&[
        "eval",
        "--loss",
        "norm2(w)/2",
        "--param",
        "w[2] = csv(\"w.csv\")",
        "--order",
        "0",
        "--format",
        "json",
    ])
    .current_dir(folder.path())
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        message(&output).contains("--param:1:8") && message(&output).contains("w.csv: there is no such file"),
        "{}",
        message(&output)
    );
}

#[test]
fn nothing_else_is_read_unless_told() {
    let folder = folder(&[("t.csv", "1,2\n3,4\n"), ("secret.csv", "1,2\n")]);
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let outside = FIT.replace("t.csv", "../t.csv");
    std::fs::write(inner.join("fit.loss"), &outside).unwrap();
    let absolute = FIT.replace("t.csv", &at(folder.path(), "t.csv"));
    std::fs::write(inner.join("absolute.loss"), absolute).unwrap();
    for (name, how) in
        [("fit.loss", "`..` leads out of the folder"), ("absolute.loss", "an absolute path leads out of the folder")]
    {
        let path = at(&inner, name);
        refused_with(&["eval", &path, "--order", "0"], &[how, &format!("{name}:1:10"), "--allow-path"]);
        assert_eq!(gradient(&[&path, "--allow-path"]), [2.0, 1.0]);
    }
}

#[test]
fn faults_of_data_are_in_both_files() {
    let folder = folder(&[("t.csv", "x,y\n1,2\n3,four\n"), ("fit.loss", FIT)]);
    let words = ["t.csv:3:3: the field `four` is not a finite decimal number", "fit.loss:1:35"];
    refused_with(&["eval", &at(folder.path(), "fit.loss")], &words);
    refused_with(&["derive", &at(folder.path(), "fit.loss")], &words);
    std::fs::write(folder.path().join("t.csv"), "1,2\n3\n").unwrap();
    refused_with(
        &["eval", &at(folder.path(), "fit.loss")],
        &["t.csv:2:2: 1 field, where line 1 has 2", "fit.loss:1:10"],
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("t.csv", "1,2\n"), ("fit.loss", FIT)]);
    let path = folder.path().join("t.csv");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Who may read everything reads it.
    if std::fs::read(&path).is_err() {
        refused_with(&["eval", &at(folder.path(), "fit.loss")], &["t.csv: permission denied", "fit.loss:1:10"]);
    }
}

#[test]
fn seeds_draw_other_starts() {
    let folder = folder(&[(
        "a.loss",
        "param W[2, 2] = glorot, b[2] = normal(1/2), c = 3\nloss norm2(W)/2 + norm2(b)/2 + c^2/2\n",
    )]);
    let path = at(folder.path(), "a.loss");
    let (none, zero, one) = (gradient(&[&path]), gradient(&[&path, "--seed", "0"]), gradient(&[&path, "--seed", "1"]));
    assert_eq!(none, zero);
    assert!(none[..6].iter().zip(&one).all(|(a, b)| a != b) && none[6] == -3.0 && one[6] == -3.0);
    // What is given is not drawn.
    let given = gradient(&[&path, "--at", "W=[[1,2],[3,4]]", "--seed", "1"]);
    assert_eq!((&given[..4], &given[4..]), (&[-1.0, -2.0, -3.0, -4.0][..], &one[4..]));
    refused_with(&["eval", &path, "--seed", "x"], &["--seed", "whole number from 0 to 18446744073709551615"]);
}

#[test]
fn points_are_nested_as_parameters_are() {
    let folder = folder(&[
        ("a.loss", "param W[2, 3], b\nloss norm2(W)/2 + b^2/2\n"),
        ("p.json", "{\"W\": [[1, 2, 3], [4, 5, 6]],\n \"b\": 7}"),
        ("flat.json", "{\"W\": [1, 2, 3, 4, 5, 6], \"b\": 7}"),
        ("turned.json", "{\"b\": 7, \"W\":\n [[1, 2], [3, 4], [5, 6]]}"),
    ]);
    let path = at(folder.path(), "a.loss");
    let seven: Vec<f64> = (1..8).map(|k| -f64::from(k)).collect();
    assert_eq!(gradient(&[&path, "--at", &at(folder.path(), "p.json")]), seven);
    assert_eq!(gradient(&[&path, "--at", "W=[[1,2,3],[4,5,6]],b=7"]), seven);
    let needs = "`W` has the shape [2, 3] and needs 2 lists of 3 numbers";
    for (point, words) in [
        (at(folder.path(), "flat.json"), ["flat.json:1:7", needs, "given is a list of 6"]),
        (at(folder.path(), "turned.json"), ["turned.json:2:2", needs, "given is a list of 3"]),
        ("W=[1,2,3,4,5,6],b=7".to_owned(), ["--at", needs, "given is a list of 6"]),
    ] {
        refused_with(&["eval", &path, "--at", &point], &words);
    }
    shadowflow(&["eval", &path, "--at", "W=[[1,2,3],[4,5,6]]"]).assert().code(2);
}

/// A row with a slip in its first line is not lost without a word, in any format.
#[test]
fn a_header_that_may_be_a_row_is_said() {
    let loss = "data X = csv(\"d.csv\")\nparam w[3] = zeros\nloss norm2(X@w - 1)\n";
    let place = folder(&[("d.csv", "1.0,2.x,3\n4,5,6\n7,8,9\n"), ("a.loss", loss)]);
    let file = at(place.path(), "a.loss");
    for command in [
        &["eval", "--order", "0"][..],
        &["simulate", "--h", "0.01", "--steps", "1", "--flows", "ngf"],
        &["derive", "--order", "0"],
        &["stability", "--h", "0.01"],
        &["map", "--h", "0.01", "--flow", "ngf", "--grid", "w[0]=0:1:2,w[1]=0:1:2", "--show", "field"],
    ] {
        let found = document(&[&command[..1], &[&file], &command[1..]].concat());
        let said: Vec<_> =
            found["warnings"].as_array().unwrap().iter().filter(|w| w["code"] == "doubtful-header").collect();
        assert_eq!(said.len(), 1, "{command:?}: {}", found["warnings"]);
        let message = said[0]["message"].as_str().unwrap();
        assert!(message.contains("d.csv:1:5: the field `2.x`") && message.contains("2 of its 3 fields"), "{message}");
    }
}

/// Doubles are fractions of powers of two, which nobody reads.
#[test]
fn numbers_of_data_are_printed_as_decimals() {
    let loss = "data d = csv(\"d.csv\")\nparam a, b\nloss sum(i in 0..3, (a*d[i, 0] + b - d[i, 1])^2)/2\n";
    let place = folder(&[("d.csv", "0.1,1.3\n0.9,-0.7\n0.7,1.9\n"), ("a.loss", loss)]);
    let file = at(place.path(), "a.loss");
    // Σ xᵢ² = 1.31, Σ xᵢ = 1.7, Σ xᵢ yᵢ = 0.83, Σ yᵢ = 2.5.
    let output = shadowflow(&["derive", &file, "--order", "0"]).assert().success().get_output().clone();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(text.contains("a: 0.83 - 1.31*a - 1.7*b\n  b: 5/2 - 1.7*a - 3*b\n"), "{text}");
    assert_eq!(message(&output).matches("rounded-data").count(), 1, "{}", message(&output));
    let latex = shadowflow(&["derive", &file, "--order", "0", "--format", "latex"]).assert().success();
    assert!(String::from_utf8_lossy(&latex.get_output().stdout).contains("0.83 - 1.31 a - 1.7 b"));
    for form in ["derivatives", "factored", "expanded"] {
        let found = document(&["derive", &file, "--order", "1", "--form", form]);
        let said = found["warnings"].as_array().unwrap().iter().filter(|w| w["code"] == "rounded-data").count();
        assert_eq!(said, 1, "{form}: {}", found["warnings"]);
        // Components stay exact: Σ xᵢ of the doubles is no decimal.
        assert!(found["orders"][0]["components"].to_string().contains("/36028797018963968"), "{}", found["orders"][0]);
        let display = found["orders"][0]["display"].to_string() + &found["display_derivatives"].to_string();
        assert!(!display.contains("36028797018963968"), "{display}");
    }
    let found = document(&["derive", &file, "--order", "0"]);
    assert_eq!(found["warnings"], serde_json::json!([]));
}
