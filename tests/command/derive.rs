//! `shadowflow derive` for abstract losses: streams, principal parts, hyper-parameters, what the output is about.

use crate::program::{codes, document, message, process, refused_with, shadowflow, text, words};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Order 9 is streamed, order 8 comes from the e-graph: one document and one text.
#[test]
fn streams_continue_what_the_egraph_begins() {
    let streamed = document(&["derive", "--order", "10"]);
    let whole = document(&["derive", "--order", "8"]);
    assert_eq!(streamed["orders"].as_array().unwrap()[..9], whole["orders"].as_array().unwrap()[..]);
    let keys = |d: &Value| d.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&streamed), keys(&whole));
    // 286 trees have nine nodes; those whose coefficient is zero are left out.
    let counts: Vec<usize> = (8..=10).map(|n| streamed["orders"][n]["terms"].as_array().unwrap().len()).collect();
    assert!(counts[0] <= 286 && counts[1] <= 719 && counts[2] <= 1842 && counts[2] > counts[1]);
    let printed = text(&["derive", "--order", "10"]);
    let lines: usize = (0..=10).map(|n| streamed["orders"][n]["terms"].as_array().unwrap().len()).sum();
    assert_eq!(printed.lines().count(), lines);
    assert!(printed.contains("f_10 = ") && printed.contains("H^10 g"));
}

/// A reader that has seen enough ends the stream, quietly.
#[test]
fn a_broken_pipe_is_no_error() {
    let mut child = process(&["derive", "--order", "19", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "{");
    drop(lines);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn limits_are_named() {
    refused_with(&["derive", "--order", "20"], &["order 20", "35221832", "order 19"]);
    refused_with(&["derive", "--order", "17", "--format", "latex"], &["latex", "16"]);
    refused_with(&["derive", "--order", "17", "--trees"], &["--trees", "16"]);
    refused_with(&["derive", "--order", "14", "--method", "rk:rk4"], &["order 14", "limit of 13", "trees"]);
    refused_with(&["derive", "--order", "9", "--method", "nesterov"], &["limit of 8", "rational functions"]);
    refused_with(&["derive", "--principal", "--order", "61"], &["60"]);
}

#[test]
fn principal_parts_of_momentum() {
    let heavy_ball = document(&["derive", "--principal", "--method", "heavy-ball", "--order", "3"]);
    let principal = &heavy_ball["principal"];
    assert_eq!(heavy_ball["symbols"], json!(["m"]));
    assert_eq!(heavy_ball["variable"], "the iterate");
    assert_eq!(principal["equation"], "r^2-(1-z+m)*r+m");
    assert_eq!(principal["series"][1], "-(1+m)/(2*(1-m)^3)");
    assert_eq!(principal["check"]["compared"], 4);
    assert_eq!(principal["check"]["ok"], true);
    assert_eq!(principal["branch_points"][0], json!({"exact": "1+m-2*sqrt(m)", "value": null, "kind": "roots-meet"}));
    assert_eq!(principal["stability"], json!({"stable": "below", "threshold": "2*(1+m)", "inside_unit_circle": "m"}));
    let numeric = document(&["derive", "--principal", "--method", "heavy-ball", "--momentum", "1/4"]);
    assert_eq!(numeric["principal"]["stability"], json!({"stable": "below", "threshold": "5/2", "value": 2.5}));
    assert_eq!(numeric["principal"]["branch_points"][0]["value"], json!([0.25, 0.0]));
    let set = document(&["derive", "--principal", "--method", "heavy-ball", "--set", "m=1/4"]);
    assert_eq!(set, numeric);
}

#[test]
fn principal_parts_of_one_step_methods() {
    let printed = text(&["derive", "--principal", "--method", "implicit-euler"]);
    for part in ["α(z) = -log(1+z)/z", "stable for all hλ > 0", "z = -1 (the root is infinite: a logarithm)"] {
        assert!(printed.contains(part), "{printed}");
    }
    let printed = text(&["derive", "--principal", "--method", "rk:rk4"]);
    assert!(printed.contains("stable for 0 < hλ < 2.785293563405"), "{printed}");
    let latex = text(&["derive", "--principal", "--method", "nesterov", "--format", "latex"]);
    for part in ["\\begin{align*}", "not the look-ahead point", "\\alpha(z) &=", "h \\lambda <"] {
        assert!(latex.contains(part), "{latex}");
    }
}

/// Orders out of reach are refused before anything is derived, with the limit and what goes further.
#[test]
fn limits_are_known_beforehand() {
    refused_with(
        &["derive", "--proof", "--order", "20"],
        &["the proof goes to order 10, not 20", "without --proof", "order 19"],
    );
    refused_with(&["derive", "--proof", "--order", "1000"], &["the proof goes to order 10"]);
    for order in ["14", "30"] {
        let parts = ["the e-graph goes to order 12", "without --route egraph the derivation goes to order 19"];
        refused_with(&["derive", "--route", "egraph", "--order", order], &parts);
    }
    refused_with(
        &["derive", "--proof", "--order", "9", "--method", "heavy-ball"],
        &["order 8 with 1 symbol", "numbers"],
    );
    let mixed = "examples/optimizers/partial-look-ahead.toml";
    refused_with(
        &["derive", "--proof", "--order", "7", "--method", mixed],
        &["order 6 with 2 symbols", "goes to order 7"],
    );
    refused_with(&["derive", "--order", "8", "--method", mixed], &["limit of 7"]);
    refused_with(&["derive", "--proof", "--method", "rk:gauss2"], &["irrational entries, 1/4-1/6*sqrt(3) among them"]);
}

#[test]
fn multistep_output_names_its_variable() {
    for format in ["text", "latex", "json"] {
        let printed = text(&["derive", "--order", "1", "--method", "nesterov", "--format", format]);
        assert!(printed.contains("the iterate, not the look-ahead point"), "{printed}");
        let plain = text(&["derive", "--order", "1", "--method", "rk:midpoint", "--format", format]);
        assert!(!plain.contains("iterate"), "{plain}");
    }
    let file = text(&["derive", "--order", "1", "--method", "examples/optimizers/bdf2.toml"]);
    assert!(file.starts_with("bdf2, of θ, the iterate\n"), "{file}");
}

#[test]
fn parasitic_roots_are_warned_of() {
    let arguments = ["derive", "--order", "1", "--method", "heavy-ball", "--momentum", "3/2"];
    assert_eq!(document(&arguments)["warnings"][0]["code"], "parasitic-roots");
    let assert = shadowflow(&arguments).assert().success();
    assert!(String::from_utf8_lossy(&assert.get_output().stderr).contains("warning [parasitic-roots]"));
    let arguments = [&arguments[..], &["--principal"]].concat();
    assert_eq!(document(&arguments)["warnings"][0]["code"], "parasitic-roots");
}

#[test]
fn hyper_parameters_are_set() {
    let mixed = "examples/optimizers/partial-look-ahead.toml";
    let half = document(&["derive", "--order", "2", "--method", mixed, "--set", "m=1/2", "--set", "beta=1/2"]);
    let nesterov = document(&["derive", "--order", "2", "--method", "nesterov", "--momentum", "1/2"]);
    assert_eq!((&half["orders"], &half["symbols"]), (&nesterov["orders"], &json!([])));
    let partly = document(&["derive", "--order", "1", "--method", mixed, "--set", "beta=0"]);
    assert_eq!(partly["symbols"], json!(["m"]));
    assert_eq!(partly["orders"][1]["terms"][0]["coefficient"], "-(1+m)/(2*(1-m)^3)");
    refused_with(&["derive", "--method", mixed, "--set", "betta=1"], &["`betta`", "did you mean `beta`?"]);
    refused_with(&["derive", "--set", "m=1"], &["gradient-descent", "has none"]);
    refused_with(
        &["derive", "--method", "heavy-ball", "--set", "m=1"],
        &["--set: `heavy-ball` does not determine a flow"],
    );
    refused_with(
        &["derive", "--method", "nesterov", "--momentum", "1"],
        &["--momentum: `nesterov` does not determine"],
    );
    refused_with(
        &["derive", "--method", mixed, "--momentum", "1", "--set", "beta=0"],
        &["--momentum: `partial-look-ahead`"],
    );
    refused_with(&["derive", "--method", mixed, "--set", "m=1"], &["does not determine a flow"]);
    refused_with(&["derive", "--method", mixed, "--set", "beta=1", "--set", "beta=2"], &["given twice"]);
    refused_with(&["derive", "--method", "heavy-ball", "--momentum", "1/2", "--set", "m=1/3"], &["--momentum already"]);
    // On a loss the names that are not the optimizer's are the loss's.
    let loss = "examples/losses/banana.loss";
    let numbers = ["eval", loss, "--order", "1", "--at", "x=0.3,y=-0.2", "--method", mixed];
    refused_with(&numbers, &["`m`", "--momentum"]);
    let set = document(&[&numbers[..], &["--set", "m=1/2", "--set", "beta=1/2", "--set", "b=10"]].concat());
    let named = ["eval", loss, "--order", "1", "--at", "x=0.3,y=-0.2", "--method", "nesterov"];
    let named = document(&[&named[..], &["--momentum", "1/2", "--set", "b=10"]].concat());
    assert_eq!(set["orders"], named["orders"]);
    refused_with(&[&numbers[..], &["--set", "m=1/2"]].concat(), &["--set beta=VALUE"]);
    let run = ["simulate", loss, "--h", "0.001", "--steps", "1", "--flows", "ngf", "--method", mixed];
    shadowflow(&[&run[..], &["--set", "m=1/2", "--set", "beta=0"]].concat()).assert().success();
}

#[test]
fn roots_are_printed_in_the_loss_language() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sdirk.toml");
    std::fs::write(
        &file,
        "a = [[\"1-sqrt(2)/2\"], [\"sqrt(2)/2\", \"1-sqrt(2)/2\"]]\nb = [\"sqrt(2)/2\", \"1-sqrt(2)/2\"]\n",
    )
    .unwrap();
    let method = format!("rk:{}", file.display());
    let derived = document(&["derive", "--order", "2", "--method", &method]);
    assert_eq!(derived["orders"][1]["terms"], json!([]));
    // log R(−z)/z at z², R(x) = (1 + (1−2γ)x)/(1−γx)², γ = 1 − √2/2: 1/6 − R_3 with R_3 = 4γ³ + 3γ²(1−2γ) = 3γ² − 2γ³,
    // γ² = 3/2 − √2 and γ³ = 5/2 − 7√2/4.
    assert_eq!(derived["orders"][2]["terms"][0]["coefficient"], "2/3-1/2*sqrt(2)");
    assert!(text(&["derive", "--order", "2", "--method", &method]).contains("(2/3-1/2*sqrt(2)) H^2 g"));
    shadowflow(&["derive", "--principal", "--method", &method]).assert().code(2);
}

/// The places of nulls in a document.
fn nulls(value: &serde_json::Value, place: &str, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Null => found.push(place.to_owned()),
        serde_json::Value::Array(entries) => {
            entries.iter().enumerate().for_each(|(k, v)| nulls(v, &format!("{place}[{k}]"), found));
        }
        serde_json::Value::Object(members) => {
            members.iter().for_each(|(name, v)| nulls(v, &format!("{place}.{name}"), found));
        }
        _ => {}
    }
}

/// Documents in which something has no value, and what a warning must name for each kind of it.
#[test]
fn every_null_has_its_reason() {
    let banana = "examples/losses/banana.loss";
    let of = |loss: &'static str, param: &'static str| ["--loss", loss, "--param", param];
    let simulate = |loss, h, start: &'static str, flows: &'static str| {
        let rest = ["--h", h, "--steps", "4", "--start", start, "--flows", flows, "--max-steps", "300"];
        [&["simulate"][..], &of(loss, "x"), &rest].concat()
    };
    let map = |loss, flow, show| {
        let rest = ["--h", "0.5", "--flow", flow, "--grid", "x=-30:30:3,y=-1:3:3", "--show", show];
        [&["map"][..], &of(loss, "x,y"), &rest].concat()
    };
    let principal = |method| vec!["derive", "--principal", "--order", "2", "--method", method];
    let commands: Vec<Vec<&str>> = vec![
        principal("heavy-ball"),
        principal("nesterov"),
        principal("rk:rk4"),
        principal("rk:radau5"),
        principal("rk:gauss3"),
        [&["eval"][..], &of("exp(x)", "x"), &["--at", "x=1e10", "--order", "1"]].concat(),
        [&["eval"][..], &of("x^2", "x"), &["--at", "x=1e10000", "--order", "1", "--h", "1e400"]].concat(),
        [&["eval"][..], &of("x^4", "x"), &["--at", "v=1e200,x=1e200", "--order", "1"]].concat(),
        simulate("x^4", "1", "x=10", "ngf,bea:2,exact,rpf2"),
        simulate("1/x", "0.1", "x=0", "ngf,pf"),
        simulate("x^2/2", "1", "x=1", "pf,rpf,exact"),
        simulate("log(1 - erf(x))", "1", "x=7", "pf,alpha:z"),
        simulate("abs(x) + x", "0.1", "x=0.3", "ngf"),
        vec![
            "simulate",
            banana,
            "--h",
            "0.01",
            "--steps",
            "3",
            "--start",
            "x=-0.9,y=0.95",
            "--flows",
            "pf",
            "--at-cut",
            "stop",
        ],
        vec![
            "simulate",
            banana,
            "--h",
            "0.01",
            "--steps",
            "3",
            "--start",
            "x=-0.9,y=0.95",
            "--max-steps",
            "300",
            "--flows",
            "rpf2",
            "--restart",
            "each",
        ],
        map("log(x)*y", "ngf", "field"),
        map("sqrt(x)*y", "pf", "error"),
        map("exp(x^2)*y", "pf", "error"),
        map("exp(x^2)*y", "pf", "stability"),
        [&["stability"][..], &of("x^2", "x"), &["--h", "0.5", "--near", "x=1", "--flows", "pf,rpf"]].concat(),
        [&["stability"][..], &of("x^4", "x"), &["--h", "1", "--start", "x=10", "--steps", "6"]].concat(),
        [&["stability"][..], &of("log(x)", "x"), &["--h", "1", "--start", "x=1", "--steps", "4"]].concat(),
    ];
    let mut seen = 0;
    for arguments in commands {
        let output = process(&arguments).args(["--format", "json"]).output().unwrap();
        if output.status.code() == Some(2) {
            continue;
        }
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut found = Vec::new();
        nulls(&document, "", &mut found);
        let warnings = document["warnings"].as_array().unwrap();
        seen += usize::from(!found.is_empty());
        for place in found {
            // What is a flow's needs a reason of that flow or of the whole.
            let flow = place.strip_prefix(".flows.").map(|rest| rest.split(['.', '[']).next().unwrap_or_default());
            let about = |w: &serde_json::Value| w.get("flow").is_none_or(|f| flow.is_none_or(|flow| f == flow));
            let reasons: Vec<&serde_json::Value> = warnings.iter().filter(|w| about(w)).collect();
            assert!(!reasons.is_empty(), "{arguments:?}: {place} is null without a reason");
            if let Some(member) = place.strip_prefix(".principal.") {
                let name = member.split(['[', '.']).next().unwrap_or_default();
                let last = member.rsplit('.').next().unwrap_or_default();
                let says = |w: &&serde_json::Value| {
                    let message = w["message"].as_str().unwrap_or_default();
                    message.contains(name) && message.contains(last)
                };
                assert!(reasons.iter().any(says), "{arguments:?}: {place} has no reason of its own: {reasons:?}");
            }
        }
    }
    assert!(seen >= 18, "{seen}");
}

/// Where a parameter has a name of ours, the letter that stands for ours instead is said, in text and in LaTeX, and none that is not there.
#[test]
fn letters_that_a_loss_declares_are_explained() {
    for (name, text_says, latex_says) in [
        (
            "g",
            "the loss declares g: here γ is the gradient",
            Some("The loss declares $g$: here $\\mathsf{g}$ is the gradient."),
        ),
        (
            "H",
            "the loss declares H: here ℋ is the Hessian",
            Some("The loss declares $H$: here $\\mathsf{H}$ is the Hessian."),
        ),
        (
            "T",
            "the loss declares T: here τ is the third derivative",
            Some("here $\\mathsf{T}$ is the third derivative."),
        ),
        (
            "f",
            "the loss declares f: here φ is the terms of the modified equation",
            Some("here $\\mathsf{f}$ is the terms"),
        ),
        // The step size is in the equation of the flow, which is LaTeX's alone.
        ("h", "", Some("The loss declares $h$: here $\\mathsf{h}$ is the step size.")),
        ("E", "", None),
    ] {
        let loss = format!("{name}^4/4 + {name}^2*x + x^3");
        let parameters = format!("{name},x");
        let arguments = ["derive", "--loss", &loss, "--param", &parameters, "--order", "2", "--form", "derivatives"];
        let printed = text(&arguments);
        let said = printed.lines().next().filter(|line| line.starts_with("the loss declares"));
        assert_eq!(said.unwrap_or(""), text_says, "{name}: {printed}");
        let latex = text(&[&arguments[..], &["--format", "latex"]].concat());
        assert!(
            latex_says.map_or(!latex.contains("The loss declares"), |said| latex.contains(said)),
            "{name}: {latex}"
        );
    }
    // With one parameter derivatives have primes, and with none of ours nothing is said.
    let arguments = |name: &str| {
        text(&["derive", "--loss", &format!("exp({name})*{name}^4"), "--param", name, "--form", "derivatives"])
    };
    assert!(arguments("E").starts_with("the loss declares E: here ℰ is the loss\n"), "{}", arguments("E"));
    assert!(!arguments("g").contains("declares"));
    // In full nothing of ours occurs.
    let full = text(&["derive", "--loss", "g^4/4 + g^2*x", "--param", "g,x", "--order", "1", "--form", "expanded"]);
    assert!(!full.contains("declares"), "{full}");
}

/// `(x²)^(3/2)/3 + x` is `|x|³/3 + x`: its third derivative, `2 sign x`, is in `f_2` for the first time. `(x²)²` and `√x⁴` are smooth.
#[test]
fn roots_of_squares_are_not_smooth() {
    let codes_of = |loss: &str, order: &str| {
        let document = document(&["derive", "--loss", loss, "--param", "x", "--order", order]);
        codes(&document).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    for (loss, order, expected) in [
        ("(x^2)^(3/2)/3 + x", "2", true),
        ("(x^2)^(3/2)/3 + x", "1", false),
        ("abs(x)^3/3 + x", "2", true),
        ("sqrt(x^2) + x^2", "0", true),
        ("sqrt(4*x^2 - 4*x + 1)", "1", true),
        ("(x^2)^2", "3", false),
        ("sqrt(x^4)", "2", false),
        ("sqrt(x^2 + 1)", "2", false),
    ] {
        let found = codes_of(loss, order);
        assert_eq!(found.iter().any(|code| code == "non-smooth"), expected, "{loss} to order {order}: {found:?}");
    }
    for command in [
        "simulate --h 0.1 --steps 1 --start x=1 --flows ngf",
        "eval --order 2 --at x=1",
        "stability --h 0.1 --near x=1",
        "export --target numpy --flow bea:2",
    ] {
        let output = process(&[&words(command)[..], &["--loss", "(x^2)^(3/2)/3 + x", "--param", "x"]].concat())
            .output()
            .unwrap();
        assert!(message(&output).contains("warning [non-smooth]"), "{command}: {}", message(&output));
    }
}
