//! `shadowflow claim`: its document, its texts, its files, and what it refuses.

use crate::bound::bound;
use crate::program::{refused_with, shadowflow, text};
use serde_json::{Value, json};
use shadowflow::claim::Claim;

fn judged(arguments: &[&str]) -> assert_cmd::Command {
    shadowflow(&[&["claim"], arguments].concat())
}

fn document(arguments: &[&str], status: i32) -> Value {
    let output = judged(arguments).args(["--format", "json"]).assert().code(status).get_output().stdout.clone();
    serde_json::from_slice(&output).unwrap()
}

#[test]
fn the_document_is_the_one_promised() {
    let right = document(&["f_2 = -1/3 H^2 g - 1/12 T[g,g]"], 0);
    assert_eq!((&right["ok"], &right["claims"][0]["ok"]), (&json!(true), &json!(true)));
    assert_eq!(right["claims"][0]["differences"], json!([]));
    let wrong = document(&["f_2 = -1/3 H^2 g + 1/12 T[g,g]"], 1);
    assert_eq!((&wrong["ok"], &wrong["claims"][0]["ok"]), (&json!(false), &json!(false)));
    assert_eq!(wrong["claims"][0]["claim"], "f_2 = -1/3 H^2 g + 1/12 T[g,g]");
    let difference = &wrong["claims"][0]["differences"][0];
    assert_eq!(difference["tree"], json!([0, 1, 1]));
    assert_eq!((&difference["claimed"], &difference["derived"]), (&json!("1/12"), &json!("-1/12")));
    document(&["f_1 = -(1+m)/(2 (1-m)^3) H g", "--method", "heavy-ball"], 0);
    document(&["f_1 = -950 H g", "--method", "heavy-ball", "--momentum", "9/10"], 0);
}

#[test]
fn the_right_formula_stands_beside_a_wrong_one() {
    for (claim, words) in [
        ("f_1 = 1/2 H g", &["WRONG", "claimed 1/2, derived -1/2", "right: f_1 = -1/2 H g"][..]),
        ("J_IGR = -lambda - h^2/2 lambda^2", &["WRONG", "right: J_igr = -lambda*(2+h*lambda)/2"]),
        (r"\dot\theta = -g", &[]),
    ] {
        let code = i32::from(!words.is_empty());
        let output = judged(&[claim]).assert().code(code).get_output().stdout.clone();
        let output = String::from_utf8(output).unwrap();
        for word in words {
            assert!(output.contains(word), "{claim}: {output}");
        }
    }
}

#[test]
fn unreadable_claims_are_refused_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.claims");
    std::fs::write(
        &file,
        "# title\nf_1 = -1/2 H g\n  [method=sgd] f_0 = -g\n[expect=maybe] f_0 = -g\nf_1 = k H g # é\n",
    )
    .unwrap();
    let name = file.to_str().unwrap();
    let places = ["3:4", "4:2", "5:7"].map(|place| format!("wrong.claims:{place}"));
    for (arguments, expected) in [
        (&["f_1 = -1/2 Q g"][..], &["claim:1:12", "Q", "expected"][..]),
        (&["f_1 = -950 H g", "--momentum", "1/2"], &["has no momentum"]),
        (&["f_1 = H g", "--method", "heavy-ball", "--momentum", "1"], &["--momentum: `heavy-ball`"]),
        (&["--file", name, "--method", "nesterov", "--momentum", "1"], &["--momentum: `nesterov`"]),
        (&["f_1 = -(1+m)/2 H g"], &["claim:1:11", "--method"]),
        (&[r"\dot\theta = -\nabla_\theta E \; 2"], &["claim:1:34", "stands behind"]),
        (&["--file", "absent.claims"], &["absent.claims"]),
        (&["--file", name], &[&places[0], &places[1], &places[2], "expect=true or expect=false"]),
        (&[], &["CLAIM"]),
    ] {
        refused_with(&[&["claim"], arguments].concat(), expected);
    }
}

#[test]
fn a_file_passes_when_every_line_is_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("some.claims");
    let name = file.to_str().unwrap();
    std::fs::write(&file, "[expect=false] f_1 = 1/2 H g\r\n[momentum=1/2, method=nesterov] f_0 = -2 g\r\n").unwrap();
    let passed = document(&["--file", name], 0);
    assert_eq!((&passed["ok"], &passed["claims"][0]["ok"]), (&json!(true), &json!(false)));
    std::fs::write(&file, "[expect=false] f_1 = -1/2 H g\n").unwrap();
    document(&["--file", name], 1);
}

/// Equation 12 of Rosca et al. 2023 defines the principal flow: the modified flow apart from terms with a third derivative.
#[test]
fn the_principal_flow_is_told_from_the_modified_one() {
    let flow =
        r"\dot\theta = \sum_{i=0}^{D-1}\frac{\log(1-h\lambda_i)}{h\lambda_i}(\nabla_\theta E^T\mathbf u_i)\mathbf u_i";
    document(&[&format!(r"{flow} + \mathcal{{C}}(\nabla_\theta^3 E) \quad (12)")], 0);
    let output = judged(&[flow]).assert().code(1).get_output().stdout.clone();
    let output = String::from_utf8(output).unwrap();
    assert!(output.contains("T[g, g] in f_2: claimed 0, derived -1/12"), "{output}");
    assert!(output.contains("the principal terms are right") && output.contains("differences more"), "{output}");
    assert!(output.lines().count() < 100);
}

#[test]
fn an_equation_number_is_left_out() {
    document(&[r"\dot{\theta} = -\nabla_\theta E \quad (2)"], 0);
}

/// Every order of what `derive --format latex` prints, pasted into a claim.
#[test]
fn what_derive_prints_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().join("named.toml");
    let definition = "symbols = [\"beta1\", \"decay\", \"mu_2\", \"w_out\"]\nleft = { 1 = 1, 0 = \"-(1+beta1)\", -1 = \"beta1\" }\n\
                right = [\"decay\"]\n[[evaluations]]\nat = { 0 = \"1+mu_2-w_out\", -1 = \"w_out-mu_2\" }\n";
    std::fs::write(&named, definition).unwrap();
    let roots = folder.path().join("sdirk.toml");
    std::fs::write(&roots, "a = [[\"1-sqrt(2)/2\"]]\nb = [1]\n").unwrap();
    let mut read = 0;
    for (method, momentum, order) in [
        ("gradient-descent", None, "5"),
        ("heavy-ball", None, "3"),
        ("nesterov", None, "3"),
        ("nesterov", Some("1/2"), "3"),
        ("implicit-euler", None, "3"),
        ("rk:midpoint", None, "3"),
        ("rk:gauss2", None, "4"),
        ("examples/optimizers/bdf2.toml", None, "3"),
        ("examples/optimizers/partial-look-ahead.toml", None, "2"),
        (named.to_str().unwrap(), None, "2"),
        (roots.to_str().unwrap(), None, "3"),
    ] {
        for notation in ["operator", "paper"] {
            let latex = ["derive", "--format", "latex", "--method", method, "--order", order, "--notation", notation];
            let momentum_words = momentum.map_or(vec![], |m| vec!["--momentum", m]);
            let output = text(&[&latex[..], &momentum_words].concat());
            let body = output.split_once("\\begin{align*}\n").unwrap().1.split_once("\\end{align*}").unwrap().0;
            // The first line is the equation of the flow.
            let body = body.split_once("\\\\\n").unwrap().1;
            let optimizer = bound(method, momentum);
            for formula in body.split("f_{").skip(1) {
                let claim = format!("f_{{{formula}");
                let parsed = Claim::parse(&claim, &optimizer)
                    .unwrap_or_else(|e| panic!("{method}: {}", e.render("claim", &claim, false)));
                let verdict = parsed.judge(&optimizer).unwrap();
                assert!(verdict.ok(), "{method}: {claim}: {:?}", verdict.differences);
                read += 1;
            }
        }
    }
    assert_eq!(read, 2 * (6 + 4 * 5 + 5 + 4 + 3 + 3 + 4));
}

/// Letters of the user's own, and what is said where one has no meaning.
#[test]
fn letters_of_the_users_own() {
    document(&["--notation", "h=η,E=L,θ=ω", r"\dot\omega = -\nabla L - \frac\eta2 \nabla^2 L \nabla L"], 0);
    for (arguments, words) in [
        (&["--notation", "h=η", r"f = -g - \eta k"][..], &["claim:1:15", "`k` has no meaning"][..]),
        (&["--notation", "q=η", "f = -g"], &["--notation", "`q`", "theta"]),
        (&["--notation", "h", "f = -g"], &["--notation", "OURS=THEIRS"]),
        (&["f = -g - η H g"], &["claim:1:10", "--notation h=η"]),
        (&[r"\dot\omega = -g"], &["--notation θ=omega"]),
        (&["f2 = -1/3 H^2 g"], &["f_2"]),
        (&["f^{(2)} = -1/3 H^2 g"], &["f_2"]),
        (&["thresold = 2"], &["`threshold`: did you mean it?"]),
        (&["f_1 = -g = -0.5 g"], &["claim:1:10"]),
        (&["f_1 = -g ≈ -0.5 g"], &["claim:1:10", "chain"]),
    ] {
        refused_with(&[&["claim"], arguments].concat(), words);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.claims");
    std::fs::write(
        &file,
        "\u{feff}[notation=h=η] f = -g - η/2 H g\r\n[notation=h=ε,notation=E=L] f = -∇L - ε/2 ∇²L ∇L\r\n",
    )
    .unwrap();
    document(&["--file", file.to_str().unwrap()], 0);
}

/// A claim without a verdict is no error: the others have theirs.
#[test]
fn what_cannot_be_compared_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("open.claims");
    std::fs::write(&file, "f_1 = -1/2 H g\nthreshold = exp(exp(10))\nalpha = log((1-z)^2)/(2z)\nf_1 = H g\n").unwrap();
    let file = file.to_str().unwrap();
    let document = document(&["--file", file], 2);
    let verdicts: Vec<&Value> = document["claims"].as_array().unwrap().iter().map(|c| &c["ok"]).collect();
    assert_eq!(verdicts, [&json!(true), &Value::Null, &Value::Null, &json!(false)]);
    assert_eq!((&document["ok"], &document["warnings"][0]["code"]), (&json!(false), &json!("no-verdict")));
    let output = judged(&["--file", file]).assert().code(2).get_output().stdout.clone();
    let output = String::from_utf8(output).unwrap();
    assert!(output.contains("OPEN   threshold") && output.contains("could not be compared with 2"), "{output}");
    assert!(output.contains("agrees with log(1-z)/z in numbers"), "{output}");
}

#[test]
fn digits_are_told() {
    let rounded = document(&["threshold = 2.785", "--method", "rk:rk4"], 0);
    assert_eq!((&rounded["ok"], &rounded["claims"][0]["digits"]), (&json!(true), &json!(4)));
    let output = judged(&["threshold = 2.785", "--method", "rk:rk4"]).assert().success().get_output().stdout.clone();
    assert!(String::from_utf8(output).unwrap().contains("(to 4 digits)"));
    let output = judged(&["f_2 = -0.333 H^2 g - 0.0833 T[g,g]"]).assert().code(1).get_output().stdout.clone();
    assert!(String::from_utf8(output).unwrap().contains("write ≈ for ="));
}
