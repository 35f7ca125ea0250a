//! The command as people use it: what is printed runs, what is wrong is refused with status 2, files are whole.

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

fn shadowflow(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("shadowflow").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    command
}

fn json(arguments: &[&str]) -> Value {
    let output = shadowflow(arguments).assert().success().get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

/// Splits a line as a shell does, for the quoting that documentation uses.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if c == q => quote = None,
            (None, ' ') => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            (_, c) => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[test]
fn every_help_ends_with_an_example_that_works() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["examples", "docs"] {
        std::os::unix::fs::symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), folder.path().join(name)).unwrap();
    }
    let help = shadowflow(&["--help"]).assert().success().get_output().stdout.clone();
    let help = String::from_utf8(help).unwrap();
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|l| !l.starts_with("Commands:"))
        .skip(1)
        .map_while(|l| l.strip_prefix("  "))
        .filter(|l| !l.starts_with(' '))
        .filter_map(|l| l.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        let help = shadowflow(&[command, "--help"]).assert().success().get_output().stdout.clone();
        let help = String::from_utf8(help).unwrap();
        let examples: Vec<&str> = help
            .lines()
            .skip_while(|l| !l.starts_with("Example"))
            .filter_map(|l| l.trim().strip_prefix("shadowflow "))
            .collect();
        assert!(!examples.is_empty(), "{command} --help has no example");
        for example in examples {
            let mut run = Command::cargo_bin("shadowflow").unwrap();
            run.current_dir(folder.path()).args(words(example)).assert().success();
        }
    }
}

#[test]
fn the_readme_prints_what_the_program_prints() {
    let readme = include_str!("../README.md");
    let mut ran = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let (command, expected) = block.split_once('\n').unwrap();
        let arguments = words(command.strip_prefix("$ shadowflow ").expect("a console block runs shadowflow"));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = shadowflow(&arguments).assert().success().get_output().stdout.clone();
        assert_eq!(String::from_utf8(output).unwrap().trim_end(), expected.trim_end(), "{command}");
        ran += 1;
    }
    assert!(ran > 0);
}

#[test]
fn components_are_read_again_and_mean_the_same() {
    // f_1 = −1/2 H g of the banana function, by hand at x = 0.3, y = −0.2, from the printed components.
    let folder = tempfile::tempdir().unwrap();
    let derived = json(&["derive", "examples/losses/banana.loss", "--order", "2", "--format", "json"]);
    assert_eq!(derived["parameters"], serde_json::json!(["x", "y"]));
    let values =
        json(&["eval", "examples/losses/banana.loss", "--order", "2", "--at", "x=0.3,y=-0.2", "--format", "json"]);
    for n in 0..=2 {
        for part in [
            ("components", "value"),
            ("principal_components", "principal"),
            ("nonprincipal_components", "nonprincipal"),
        ] {
            for component in 0..2 {
                // A linear loss c·t has gradient c, so that −f_0 of it evaluates the expression.
                let expression = derived["orders"][n][part.0][component].as_str().unwrap();
                let text = format!("param t\nconst x = 0.3, y = -0.2\nloss t*({expression})\n");
                let file = folder.path().join("component.loss");
                std::fs::write(&file, text).unwrap();
                let again = json(&["eval", file.to_str().unwrap(), "--order", "0", "--at", "t=0", "--format", "json"]);
                let (got, want) = (&again["orders"][0]["value"][0], &values["orders"][n][part.1][component]);
                let (got, want) = (-got.as_f64().unwrap(), want.as_f64().unwrap());
                assert!((got - want).abs() <= 1e-13 * want.abs(), "f_{n} {} {component}: {got} {want}", part.0);
            }
        }
    }
}

#[test]
fn what_is_wrong_is_refused_with_its_place_and_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.loss");
    std::fs::write(&file, "param x, y\nconst k\nloss k*x^2 + y^2\n").unwrap();
    let case = file.to_str().unwrap();
    let cases: &[(&[&str], &[&str])] = &[
        (&["derive", "--order", "-1"], &["--order"]),
        (&["derive", "--order", "1001"], &["1000", "--max-order"]),
        (&["derive", "--order", "40"], &["order 40"]),
        (&["derive", "--method", "sgd"], &["--method", "gradient-descent"]),
        (&["derive", "--route", "magic"], &["egraph"]),
        (&["derive", "absent.loss"], &["absent.loss"]),
        (&["derive", case, "--set", "j=1"], &["j", "k"]),
        (&["derive", case, "--set", "k"], &["NAME=VALUE"]),
        (&["eval", case, "--at", "x=1,y=1"], &["--set k=VALUE"]),
        (&["eval", case, "--set", "k=1", "--at", "x=1"], &["--at", "y"]),
        (&["eval", case, "--set", "k=1", "--at", "x=1,z=1"], &["--at", "z", "x, y"]),
        (&["simulate", case, "--set", "k=1", "--h", "0", "--steps", "1"], &["--h"]),
        (&["simulate", case, "--set", "k=1", "--h", "0.1", "--steps", "1", "--start", "x=1"], &["--start", "y"]),
        (
            &["simulate", case, "--set", "k=1", "--h", "0.1", "--steps", "1", "--start", "x=1,y=1", "--flows", "pff"],
            &["pff", "ngf", "pf+np3"],
        ),
        (
            &["simulate", case, "--set", "k=1", "--h", "0.1", "--steps", "1", "--start", "x=1,y=1", "--plot", "a.gif"],
            &[".svg", ".png"],
        ),
        (&["report", case, "--output", "a.txt"], &[".html"]),
    ];
    for (arguments, expected) in cases {
        let assert = shadowflow(arguments).assert().code(2);
        let output = assert.get_output();
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(output.stdout.is_empty(), "{arguments:?} printed to standard output");
        for word in *expected {
            assert!(message.contains(word), "{arguments:?}: {message}");
        }
    }
}

#[test]
fn check_passes_and_says_how_far_each_route_goes() {
    let report = json(&["check", "--order", "12", "--format", "json"]);
    assert_eq!(report["ok"], true);
    let checks = report["checks"].as_array().unwrap();
    let series =
        checks.iter().find(|c| c["name"] == "principal-series" && c["orders"] == serde_json::json!([0, 12])).unwrap();
    assert_eq!(series["compared"], 13);
    assert!(checks.iter().all(|c| c["ok"] == true));
}

#[test]
fn simulate_draws_what_it_prints() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["plot.svg", "plot.png"] {
        let path = folder.path().join(name);
        let arguments = [
            "simulate",
            "examples/losses/banana.loss",
            "--h",
            "0.001",
            "--steps",
            "3",
            "--start",
            "x=-0.9,y=0.95",
            "--format",
            "json",
            "--plot",
            path.to_str().unwrap(),
        ];
        let run = json(&arguments);
        assert_eq!(run["iterates"].as_array().unwrap().len(), 4);
        assert!(std::fs::metadata(&path).unwrap().len() > 5_000);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left behind");
}

#[test]
fn report_is_one_file_that_needs_no_network() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("banana.html");
    shadowflow(&["report", "examples/losses/banana.loss", "--output", path.to_str().unwrap()]).assert().success();
    let html = std::fs::read_to_string(&path).unwrap();
    assert!(html.contains("<math") && html.contains("<svg"));
    for remote in ["src=\"http", "href=\"http", "url(http", "@import"] {
        assert!(!html.contains(remote), "{remote}");
    }
}
