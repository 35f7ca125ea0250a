//! The command as people use it: what is printed runs, what is wrong is refused with status 2, files are whole.

use crate::program::{at, document, folder, refused_with, shadowflow, text, words};
use serde_json::Value;

#[test]
fn components_are_read_again_and_mean_the_same() {
    // f_1 = −1/2 H g of the banana function, by hand at x = 0.3, y = −0.2, from the printed components.
    let folder = tempfile::tempdir().unwrap();
    let derived = document(&["derive", "examples/losses/banana.loss", "--order", "2"]);
    assert_eq!(derived["parameters"], serde_json::json!(["x", "y"]));
    let values = document(&["eval", "examples/losses/banana.loss", "--order", "2", "--at", "x=0.3,y=-0.2"]);
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
                let again = document(&["eval", file.to_str().unwrap(), "--order", "0", "--at", "t=0"]);
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
        (
            &["simulate", case, "--set", "k=1", "--h", "0.1", "--steps", "1", "--start", "x=1,y=1e400"],
            &["--start: y is beyond the largest float"],
        ),
        (
            &["stability", case, "--set", "k=1", "--h", "0.1", "--near", "x=-1e400,y=1"],
            &["--near: x is beyond the largest float"],
        ),
        (
            &["stability", case, "--set", "k=1", "--h", "0.1", "--box", "y=0:1e400"],
            &["--box: y is beyond the largest float"],
        ),
        (&["report", case, "--output", "a.txt"], &[".html, .tex, .typ, .pdf or .md"]),
        (&["report", "--output", "a.html", "--h", "0.1"], &["--h is for a loss"]),
        (&["report", case, "--output", "a.html", "--record", "none.jsonl"], &["--record", "none.jsonl"]),
    ];
    for (arguments, expected) in cases {
        refused_with(arguments, expected);
    }
}

#[test]
fn check_passes_and_says_how_far_each_route_goes() {
    let report = document(&["check", "--order", "12"]);
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
        let line = words("simulate examples/losses/banana.loss --h 0.001 --steps 3 --start x=-0.9,y=0.95 --plot");
        let run = document(&[&line[..], &[path.to_str().unwrap()]].concat());
        assert_eq!(run["iterates"].as_array().unwrap().len(), 4);
        assert!(std::fs::metadata(&path).unwrap().len() > 5_000);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left behind");
}

/// What a newcomer types, and the words of the hint; every line is refused with status 2.
#[test]
fn wrong_flags_and_values_get_the_hint_that_helps() {
    let simulate = "simulate examples/losses/banana.loss --h 0.001 --steps 2 --start x=1,y=1";
    let cases: &[(&str, &[&str])] = &[
        ("simulate examples/losses/banana.loss --lr 0.001 --steps 2", &["--h", "step size"]),
        ("simulate examples/losses/banana.loss --learning-rate=0.001 --steps 2", &["--h"]),
        ("simulate examples/losses/banana.loss --h 0.001 --step 2", &["--steps", "--h"]),
        ("simulate examples/losses/banana.loss --h 0.001 --iterations 2", &["--steps"]),
        ("simulate examples/losses/banana.loss --h 0.001 --epochs 2", &["--steps"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --at x=1,y=1", &["--start"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --start x=1 y=1", &["commas"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --flow pf", &["--flows"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps two", &["whole number"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps -2", &["whole number"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --flows all", &["ngf,igr,third,bea:4,pf,pf+np3"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --flows ngf pf", &["commas"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --flows thrid", &["did you mean `third`"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --output a.svg", &["--plot", "> FILE"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --optimizer nesterov", &["--method"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --beta 0.9", &["--momentum"]),
        ("simulate examples/losses/banana.loss --h 0.001 --steps 2 --format text", &["'table'"]),
        ("eval examples/losses/banana.loss --start x=1,y=1", &["--at"]),
        ("eval examples/losses/banana.loss --at x=1,y=1 --format tex", &["no format latex", "derive"]),
        ("eval examples/losses/banana.loss --at x=1,y=1 --json", &["--format json"]),
        ("eval examples/losses/banana.loss --at x=1,y=1 --steps 3", &["simulate"]),
        ("map examples/losses/banana.loss --h 0.001 --grid x=0:1:2,y=0:1:2 --output a.csv", &["--plot", "--data"]),
        ("map examples/losses/banana.loss --h 0.001 --grid x=0:1:2,y=0:1:2 --flows pf", &["--flow"]),
        ("derive --order -1", &["--order", "whole number, 0 or above"]),
        ("derive --order 2.5", &["--order", "whole number, 0 or above"]),
        ("derive --format tex", &["'latex'"]),
        ("derive --format table", &["'text'"]),
        ("derive --lr 0.1", &["every step size", "eval"]),
        ("derive --output a.tex", &["> FILE"]),
        ("derive \u{2013}\u{2013}order 3", &["two plain hyphens"]),
        ("derive x^2", &["no such file", "--loss \"x^2\" --param x"]),
        ("derive x*y+exp(x)", &["--loss \"x*y+exp(x)\" --param x,y"]),
        ("banana.loss", &["shadowflow derive banana.loss"]),
        ("draw", &["simulate --plot", "plot"]),
        ("evaluate", &["eval"]),
    ];
    for (line, expected) in cases {
        refused_with(&words(line), expected);
    }
    // What the lines above were meant to be.
    shadowflow(&words(simulate)).assert().success();
}

#[test]
fn a_loss_comes_from_a_file_the_command_line_or_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quartic.loss");
    let text = "param x\nparam w[2]\nloss x^4/4 + x^2/2 + w[0]*w[1]\n";
    std::fs::write(&file, text).unwrap();
    let named = [file.to_str().unwrap()];
    let inline = ["--loss", "x^4/4 + x^2/2 + w[0]*w[1]", "--param", "x", "--param", "w[2]"];
    let start = "x=0.5,w=[0.1,0.2]";
    let html = folder.path().join("a.html");
    let commands: &[&[&str]] = &[
        &["derive", "--order", "2", "--format", "json"],
        &["eval", "--order", "2", "--at", start, "--format", "json"],
        &["simulate", "--h", "0.1", "--steps", "2", "--start", start, "--flows", "ngf,pf", "--format", "json"],
        &["stability", "--h", "0.1", "--near", start, "--format", "json"],
        &["map", "--h", "0.1", "--grid", "x=0:1:2,w[0]=0:1:2", "--at", "w=[0,0.5]", "--format", "json"],
        &["report", "--order", "1", "--h", "0.1", "--steps", "2", "--start", start, "--output", html.to_str().unwrap()],
    ];
    for command in commands {
        let result = |source: &[&str], input: &str| {
            let arguments = [command, source].concat();
            let output = shadowflow(&arguments).write_stdin(input).assert().success().get_output().stdout.clone();
            String::from_utf8(output).unwrap()
        };
        let from_file = result(&named, "");
        assert_eq!(from_file, result(&inline, ""), "{command:?}");
        assert_eq!(from_file, result(&["-"], text), "{command:?}");
    }
}

#[test]
fn a_loss_that_is_not_there_or_wrong_says_where_it_came_from() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["eval", "--at", "x=1"], &["which loss?", "--loss", "standard input"]),
        (&["eval", "examples/losses/banan.loss"], &["no such file", "examples/losses/banana.loss?"]),
        (&["eval", "examples/losses/banana"], &["no such file", "examples/losses/banana.loss?"]),
        (&["eval", "examples/losses"], &["it is a folder", "examples/losses/banana.loss"]),
        (&["eval", "a.loss", "--loss", "x^2", "--param", "x"], &["a.loss"]),
        (&["eval", "examples/losses/banana.loss", "--loss", "x", "--param", "x"], &["given twice"]),
        (&["derive", "--loss", "x*y"], &["--param x,y"]),
        (&["derive", "--loss", "1"], &["--param"]),
        (&["derive", "--param", "w[3]"], &["--loss \"norm2(w)/2\""]),
        (&["derive", "examples/losses/banana.loss", "--param", "x"], &["--param", "leave"]),
        (&["derive", "--loss", "examples/losses/banana.loss"], &["without --loss"]),
        (&["derive", "--loss", "x^2 + z", "--param", "x"], &["--loss:1:7", "add --param z"]),
        (&["derive", "--loss", "x^2 +", "--param", "x"], &["--loss:1:6"]),
        (&["derive", "--loss", "x^2", "--param", "x", "--param", "2y"], &["--param:2:1"]),
        (&["derive", "--loss", "x^2", "--param", "x", "--set", "a=1"], &["--set a"]),
        (&["derive", "--loss", "x^2", "--param", "x", "--proof"], &["--proof"]),
        (&["derive", "-"], &["<stdin>:1:5"]),
    ];
    for (arguments, expected) in cases {
        let assert = shadowflow(arguments).write_stdin("loss\n").assert().code(2);
        let message = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
        for word in *expected {
            assert!(message.contains(word), "{arguments:?}: {message}");
        }
    }
}

/// Runs on files that are written first; what is printed.
fn on(files: &[(&str, &[u8])], arguments: &[&str]) -> assert_cmd::assert::Assert {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    shadowflow(arguments).current_dir(folder.path()).assert()
}

fn text_on(source: &str, arguments: &[&str]) -> String {
    let output = on(&[("a.loss", source.as_bytes())], arguments).success().get_output().stdout.clone();
    String::from_utf8(output).unwrap()
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_taken_in_every_input() {
    let marked = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes();
    let loss = marked("param x, w[2]\nloss (x\n  - 1)^2 + norm2(w)\n");
    let point = marked("{\"x\": 0.1,\n \"w\": [1, \"2/3\"]}\n");
    let method = marked(
        "symbols = [\"m\"]\nleft = { 1 = 1, 0 = \"-(1+m)\", -1 = \"m\" }\nright = [1]\n[[evaluations]]\nat = { 0 = 1 }\n",
    );
    let claims = marked("# a claim\nf_1 = -1/2 H g\n[expect=false] f_1 = 1/2 H g\n");
    let proof = marked(include_str!("../../examples/proofs/order-3.json"));
    let files: &[(&str, &[u8])] =
        &[("a.loss", &loss), ("p.json", &point), ("mine.toml", &method), ("a.claims", &claims), ("proof.json", &proof)];
    let arguments = ["eval", "a.loss", "--order", "0", "--at", "p.json", "--method", "mine.toml", "--momentum", "1/2"];
    // −g/(1 − m) with g = 2(x − 1), 2w.
    let output = on(files, &[&arguments[..], &["--format", "json"]].concat()).success().get_output().stdout.clone();
    let values: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(values["orders"][0]["value"], serde_json::json!([3.6, -4.0, -8.0 / 3.0]));
    on(files, &["claim", "--file", "a.claims"]).success();
    on(files, &["verify", "proof.json"]).success();
    let piped = shadowflow(&["eval", "-", "--order", "0", "--at", "x=1,w=[0,0]"]).write_stdin(loss.clone()).assert();
    piped.success();

    // Places count from what a person sees.
    for (name, text, arguments, place) in [
        ("a.loss", "param x\nloss y\n", &["derive", "a.loss"] as &[&str], "a.loss:2:6"),
        ("a.loss", "loss y\n", &["derive", "a.loss"], "a.loss:1:6"),
        ("p.json", "{\"y\": 1}\n", &["eval", "a.loss", "--at", "p.json"], "p.json:1:7"),
        ("p.json", "{\"x\": 1,\n \"w\": NaN}\n", &["eval", "a.loss", "--at", "p.json"], "p.json:2:7"),
        ("mine.toml", "lift = 1\n", &["derive", "--method", "mine.toml"], "mine.toml:1:1"),
        ("mine.toml", "left = { 1 = 1, 0 = -1 }\nright = [x]\n", &["derive", "--method", "mine.toml"], "mine.toml:2:"),
        ("a.claims", "f_1 = -1/2 Q g\n", &["claim", "--file", "a.claims"], "a.claims:1:12"),
        ("a.claims", "f_0 = -g\nf_1 = -1/2 Q g\n", &["claim", "--file", "a.claims"], "a.claims:2:12"),
    ] {
        let bytes = marked(text);
        let mut files: Vec<(&str, &[u8])> = vec![("a.loss", &loss)];
        files.push((name, &bytes));
        let error = on(&files, arguments).code(2).get_output().stderr.clone();
        let error = String::from_utf8(error).unwrap();
        assert!(error.contains(place), "{place}: {error}");
    }
}

#[test]
fn names_of_ours_are_the_losses_own_where_it_declares_them() {
    let source = "param f_1, h, theta, time, kind, error, x1, x_1, x[2]\nloss f_1^2*h + theta^2 + time^2 + kind^2 + error^2 + x1*x_1 + x[1]^2\n";
    let text = text_on(source, &["derive", "a.loss", "--order", "1"]);
    assert!(text.starts_with("the loss declares f_1: here φ is"), "{text}");
    assert!(text.contains("φ_0 (principal)") && !text.contains("\nf_0"), "{text}");
    assert_eq!(text.matches("here φ").count(), 1);
    let tex = text_on(source, &["derive", "a.loss", "--order", "1", "--format", "latex"]);
    assert_eq!(tex.matches("The loss declares $f_{1}$").count(), 1, "{tex}");
    assert!(tex.contains("(\\mathsf{f}_{0})_{f_{1}} &= -2 f_{1} h"), "{tex}");
    for symbol in
        ["(\\mathsf{f}_{0})_{\\mathit{x1}}", "(\\mathsf{f}_{0})_{\\mathit{x\\_1}}", "(\\mathsf{f}_{0})_{x_{1}}"]
    {
        assert_eq!(tex.matches(&format!("{symbol} &=")).count(), 1, "{symbol}: {tex}");
    }
    let at = "f_1=1,h=1,theta=1,time=1,kind=1,error=1,x1=1,x_1=1,x=[1,1]";
    let eval = text_on(source, &["eval", "a.loss", "--order", "1", "--at", at, "--h", "1/10"]);
    assert!(eval.contains("|φ_0 + η φ_1 + …| at η = 1/10"), "{eval}");
    let all = text_on(source, &["eval", "a.loss", "--order", "1", "--at", at, "--h", "1/10", "--all"]);
    assert!(all.contains("φ_0 + η φ_1 + … at η = 1/10"), "{all}");
    let terms = ["derive", "a.loss", "--order", "1", "--terms", "--format", "json"];
    let document: Value = serde_json::from_str(&text_on("param g\nloss g^3\n", &terms)).unwrap();
    assert!(document["notation"].as_str().unwrap().contains("derivatives of the loss"));
    let document: Value = serde_json::from_str(&text_on("param x\nloss x^3\n", &terms)).unwrap();
    assert_eq!(document["notation"], Value::Null);

    let csv = |source: &str, arguments: &[&str]| -> Vec<String> {
        let text = text_on(source, arguments);
        text.lines().next().unwrap().split(',').map(str::to_owned).collect()
    };
    let small = "param time, error, pf\nloss time^2 + error^2 + pf^2\n";
    let simulated = csv(
        small,
        &[
            "simulate",
            "a.loss",
            "--h",
            "0.1",
            "--steps",
            "1",
            "--start",
            "time=1,error=1,pf=1",
            "--flows",
            "ngf,pf",
            "--format",
            "csv",
        ],
    );
    assert_eq!(simulated[..5], ["step", "time", "param.time", "param.error", "param.pf"]);
    assert!(simulated.contains(&"pf.param.error.re".to_owned()) && simulated.contains(&"pf.error".to_owned()));
    let other = "param kind, point, case\nloss kind^2 + point^2 + case^2\n";
    let points =
        csv(other, &["stability", "a.loss", "--h", "0.1", "--near", "kind=1,point=1,case=1", "--format", "csv"]);
    assert_eq!(points[..6], ["point", "direction", "param.kind", "param.point", "param.case", "kind"]);
    let along = csv(
        other,
        &["stability", "a.loss", "--h", "0.1", "--start", "kind=1,point=1,case=1", "--steps", "1", "--format", "csv"],
    );
    assert_eq!(along[..5], ["step", "direction", "kind", "point", "param.case"]);
    let map = csv(
        "param error, growth\nloss error^2 + growth^2\n",
        &["map", "a.loss", "--h", "0.1", "--grid", "error=0:1:2,growth=0:1:2", "--show", "error", "--format", "csv"],
    );
    assert_eq!(map, ["param.error", "param.growth", "error", "slid"]);
    for header in [simulated, points, along, map] {
        let mut once = header.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), header.len(), "{header:?}");
    }
}

#[test]
fn results_about_losses_name_method_momentum_and_variable() {
    let source = "param x, y\nloss x^4/4 + x^2 + y^2\n";
    let nesterov = ["--method", "nesterov", "--momentum", "9/10"];
    let calls: [&[&str]; 5] = [
        &["derive", "a.loss", "--order", "1"],
        &["eval", "a.loss", "--order", "1", "--at", "x=1,y=1"],
        &["simulate", "a.loss", "--h", "0.01", "--steps", "1", "--start", "x=1,y=1", "--flows", "ngf"],
        &["stability", "a.loss", "--h", "0.01", "--near", "x=1,y=1"],
        &["map", "a.loss", "--h", "0.01", "--grid", "x=0:1:2,y=0:1:2", "--flow", "ngf"],
    ];
    for call in calls {
        let text = text_on(source, &[call, &nesterov].concat());
        assert!(
            text.starts_with("nesterov with momentum 9/10, of θ, the iterate, not the look-ahead point\n"),
            "{call:?}: {text}"
        );
        let document = text_on(source, &[call, &nesterov, &["--format", "json"]].concat());
        let document: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(document["method"], "nesterov", "{call:?}");
        assert_eq!(document["momentum"], "9/10", "{call:?}");
        assert_eq!(document["hyper_parameters"], serde_json::json!({"m": "9/10"}), "{call:?}");
        assert_eq!(document["variable"], "the iterate, not the look-ahead point", "{call:?}");
        let plain: Value = serde_json::from_str(&text_on(source, &[call, &["--format", "json"]].concat())).unwrap();
        assert_eq!((&plain["momentum"], &plain["variable"]), (&Value::Null, &Value::Null), "{call:?}");
    }
    for call in [calls[0], calls[3]] {
        let tex = text_on(source, &[call, &nesterov, &["--format", "latex"]].concat());
        assert!(
            tex.starts_with("% nesterov with momentum \\frac{9}{10}, of \\theta, the iterate, not"),
            "{call:?}: {tex}"
        );
    }
    let symbolic = text_on(source, &["derive", "a.loss", "--order", "0", "--method", "heavy-ball"]);
    assert!(symbolic.starts_with("heavy-ball with momentum m, of θ, the iterate\n"), "{symbolic}");
    let method = b"symbols = [\"beta\"]\nleft = { 1 = 1, 0 = \"-(1+beta)\", -1 = \"beta\" }\nright = [1]\n[[evaluations]]\nat = { 0 = 1 }\n";
    let files: &[(&str, &[u8])] = &[("a.loss", source.as_bytes()), ("mine.toml", method)];
    let call = ["eval", "a.loss", "--order", "0", "--at", "x=1,y=1", "--method", "mine.toml", "--set", "beta=1/2"];
    let output = on(files, &call).success().get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    assert!(text.starts_with("mine with beta = 1/2, of θ, the iterate\n"), "{text}");
}

/// A column as wide as a number of ten thousand digits, or as a name of seventy thousand letters, is wider than a format takes.
#[test]
fn numbers_and_names_of_any_length_are_printed() {
    let powers = text(&["derive", "--order", "2", "--method", "heavy-ball", "--set", "m=1e9999"]);
    assert!(powers.lines().all(|line| !line.is_empty()) && powers.contains("T[g, g]"));
    let name = "x".repeat(70_000);
    let files = folder(&[("long.loss", &format!("param {name} = 1, y = 1\nloss {name}^2 + y^2 + {name}^4\n"))]);
    let path = at(&files, "long.loss");
    for arguments in
        [&["derive", &path, "--order", "2"][..], &["eval", &path], &["simulate", &path, "--h", "0.1", "--steps", "2"]]
    {
        assert!(text(arguments).contains(&name));
    }
}
