//! `shadowflow stability`: critical points of losses whose critical points are known, Jacobians and thresholds in closed form, and
//! stability coefficients on a quadratic, where they can be had by hand.

use crate::program::{at, folder, process};
use serde_json::Value;
use std::f64::consts::PI;

fn run(loss: &str, arguments: &[&str]) -> std::process::Output {
    let place = folder(&[("case.loss", loss)]);
    process(&[&["stability", &at(&place, "case.loss")], arguments].concat()).output().unwrap()
}

fn json(loss: &str, arguments: &[&str]) -> Value {
    let output = run(loss, &[arguments, &["--format", "json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], 1);
    // What is null has a reason.
    assert!(!document.to_string().contains("null") || document["warnings"][0]["message"].is_string());
    document
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list")).iter().map(number).collect()
}

fn complex(value: &Value) -> Vec<(f64, f64)> {
    value.as_array().unwrap().iter().map(|z| (number(&z[0]), number(&z[1]))).collect()
}

fn codes(document: &Value) -> Vec<&str> {
    document["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect()
}

#[track_caller]
fn near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance * expected.abs().max(1.0), "{got}, not {expected}");
}

#[track_caller]
fn spectrum(flow: &Value, expected: &[(f64, f64)]) {
    let got = complex(&flow["jacobian_eigenvalues"]);
    assert_eq!(got.len(), expected.len());
    for (g, e) in got.iter().zip(expected) {
        near(g.0, e.0, 1e-11);
        near(g.1, e.1, 1e-11);
    }
    let size = expected.iter().fold(1.0_f64, |m, e| m.max(e.0.abs()).max(e.1.abs()));
    assert!(number(&flow["difference"]) < 1e-8 * size, "the field's Jacobian differs: {flow}");
}

#[track_caller]
fn interval(flow: &Value, expected: &[(f64, Option<f64>)]) {
    let got = flow["attractive_h"].as_array().unwrap();
    assert_eq!(got.len(), expected.len(), "{flow}");
    for (g, e) in got.iter().zip(expected) {
        near(number(&g["above"]), e.0, 1e-11);
        match e.1 {
            Some(end) => near(number(&g["below"]), end, 1e-11),
            None => assert!(g.get("below").is_none()),
        }
    }
}

const BANANA: &str = "param x, y\nconst a = 1, b = 100\nloss (a - x)^2 + b*(y - x^2)^2\n";
const SADDLE: &str = "param x, y\nloss x^2 - 3*y^2/2\n";
const HIMMELBLAU: &str = "param x, y\nloss (x^2 + y - 11)^2 + (x + y^2 - 7)^2\n";

#[test]
fn the_bananas_minimum() {
    let document = json(
        BANANA,
        &["--h", "0.0015", "--near", "x=-0.9,y=0.95", "--flows", "ngf,pgf,igr,third,bea:4,principal:4,pf,pf+np3"],
    );
    assert_eq!(document["parameters"], serde_json::json!(["x", "y"]));
    assert_eq!(document["warnings"], serde_json::json!([]));
    let points = document["points"].as_array().unwrap();
    assert_eq!(points.len(), 1);
    let point = &points[0];
    assert_eq!(point["kind"], "minimum");
    for x in numbers(&point["at"]) {
        near(x, 1.0, 1e-12);
    }
    // [[802, −400], [−400, 200]] has trace 1002 and determinant 400.
    let root = (501.0_f64 * 501.0 - 400.0).sqrt();
    let lambda = [501.0 + root, 400.0 / (501.0 + root)];
    for (got, expected) in numbers(&point["eigenvalues"]).iter().zip(lambda) {
        near(*got, expected, 1e-12);
    }
    let h = 0.0015;
    let real = |f: &dyn Fn(f64) -> f64| lambda.map(|l| (f(l), 0.0));
    let flows = &point["flows"];
    spectrum(&flows["ngf"], &real(&|l| -l));
    spectrum(&flows["pgf"], &real(&|l| l));
    spectrum(&flows["igr"], &real(&|l| -l - h / 2.0 * l * l));
    spectrum(&flows["third"], &real(&|l| -l - h / 2.0 * l * l - h * h / 3.0 * l * l * l));
    let series = |l: f64| -(0..=4).map(|p| h.powi(p) * l.powi(p + 1) / f64::from(p + 1)).sum::<f64>();
    spectrum(&flows["bea:4"], &real(&series));
    spectrum(&flows["principal:4"], &real(&series));
    // hλ_0 = 1.5: complex and stable.
    let principal = [((h * lambda[0] - 1.0).ln() / h, PI / h), ((-h * lambda[1]).ln_1p() / h, 0.0)];
    spectrum(&flows["pf"], &principal);
    spectrum(&flows["pf+np3"], &principal);
    for flow in ["ngf", "igr", "third", "bea:4", "principal:4"] {
        assert_eq!(flows[flow]["attractive"], true);
        interval(&flows[flow], &[(0.0, None)]);
    }
    for flow in ["pf", "pf+np3"] {
        assert_eq!(flows[flow]["attractive"], true);
        interval(&flows[flow], &[(0.0, Some(2.0 / lambda[0]))]);
    }
    assert_eq!(flows["pgf"]["attractive"], false);
    interval(&flows["pgf"], &[]);
    interval(&point["optimizer"], &[(0.0, Some(2.0 / lambda[0]))]);
    let cases: Vec<&Value> = point["directions"].as_array().unwrap().iter().map(|d| &d["case"]).collect();
    assert_eq!(cases, ["complex stable", "real stable"]);
    near(number(&point["directions"][0]["h_lambda"]), h * lambda[0], 1e-12);

    // Beyond 2/λ_0 the principal flow leaves, and the others do not know it.
    let point = &json(BANANA, &["--h", "0.0025", "--near", "x=0.9,y=0.9"])["points"][0];
    assert_eq!(point["directions"][0]["case"], "unstable");
    for (flow, attractive) in [("ngf", true), ("igr", true), ("third", true), ("bea:4", true), ("pf", false)] {
        assert_eq!(point["flows"][flow]["attractive"], attractive, "{flow}");
    }
    assert_eq!(point["optimizer"]["attractive"], false);
}

#[test]
fn a_saddle_and_igr_beyond_its_threshold() {
    // λ = 2 and −3.
    let point = &json(SADDLE, &["--h", "0.25", "--near", "x=1,y=1", "--flows", "ngf,igr,pf,exact,flip:1"])["points"][0];
    assert_eq!(point["kind"], "saddle");
    assert_eq!(numbers(&point["at"]), [0.0, 0.0]);
    assert_eq!(numbers(&point["eigenvalues"]), [2.0, -3.0]);
    let flows = &point["flows"];
    spectrum(&flows["ngf"], &[(-2.0, 0.0), (3.0, 0.0)]);
    spectrum(&flows["igr"], &[(-2.5, 0.0), (3.0 - 0.125 * 9.0, 0.0)]);
    spectrum(&flows["pf"], &[(4.0 * 0.5f64.ln(), 0.0), (4.0 * 1.75f64.ln(), 0.0)]);
    spectrum(&flows["flip:1"], &[(-2.0, 0.0), (-3.0, 0.0)]);
    assert_eq!(complex(&flows["exact"]["jacobian_eigenvalues"]), complex(&flows["pf"]["jacobian_eigenvalues"]));
    for flow in ["ngf", "igr", "pf", "exact"] {
        assert_eq!(flows[flow]["attractive"], false, "{flow}");
    }
    // Reversed along negative curvature, the flow arrives at the saddle.
    assert_eq!(flows["flip:1"]["attractive"], true);
    // λ < −2/h: h > 2/3.
    interval(&flows["igr"], &[(2.0 / 3.0, None)]);
    interval(&flows["pf"], &[]);
    let cases: Vec<&Value> = point["directions"].as_array().unwrap().iter().map(|d| &d["case"]).collect();
    assert_eq!(cases, ["real stable", "negative curvature"]);
    let point = &json(SADDLE, &["--h", "0.7", "--near", "x=1,y=1"])["points"][0];
    assert_eq!(point["flows"]["igr"]["attractive"], true);
    assert_eq!(point["flows"]["pf"]["attractive"], false);
}

/// Minima, saddles and the maximum as they are published for this function, to six decimals.
#[test]
fn all_nine_of_himmelblau() {
    let expected = [
        ("minimum", -3.779_310, -3.283_186, 0.0),
        ("minimum", -2.805_118, 3.131_312, 0.0),
        ("minimum", 3.0, 2.0, 0.0),
        ("minimum", 3.584_428, -1.848_126, 0.0),
        ("saddle", -3.073_026, -0.081_353, 104.015),
        ("saddle", -0.127_961, -1.953_715, 178.337),
        ("saddle", 0.086_678, 2.884_255, 67.719),
        ("saddle", 3.385_154, 0.073_852, 13.312),
        ("maximum", -0.270_845, -0.923_039, 181.617),
    ];
    for arguments in [&["--h", "0.01"][..], &["--h", "0.01", "--box", "x=-4:4,y=-4:4", "--starts", "200"]] {
        let document = json(HIMMELBLAU, arguments);
        let points = document["points"].as_array().unwrap();
        assert_eq!(points.len(), 9, "{arguments:?}");
        for (point, (kind, x, y, loss)) in points.iter().zip(expected) {
            assert_eq!(point["kind"], kind);
            let at = numbers(&point["at"]);
            assert!((at[0] - x).abs() < 1e-6 && (at[1] - y).abs() < 1e-6, "{at:?}");
            assert!((number(&point["loss"]) - loss).abs() < 1e-3);
        }
        assert_eq!(run(HIMMELBLAU, arguments).stdout, run(HIMMELBLAU, arguments).stdout, "the same every time");
    }
    // Only the box's own are shown, and the others counted.
    let corner = json(HIMMELBLAU, &["--h", "0.01", "--box", "x=2:4,y=1:4"]);
    assert_eq!(corner["points"].as_array().unwrap().len(), 1);
    assert!(codes(&corner).contains(&"outside-box"));
    // A start next to the maximum leads to it.
    let top = json(HIMMELBLAU, &["--h", "0.01", "--near", "x=-0.3,y=-0.9"]);
    assert_eq!(top["points"][0]["kind"], "maximum");
}

#[test]
fn a_double_well() {
    // E′ = x³ − x, E″ = 3x² − 1: 2 at ±1, −1 at 0.
    let document = json("param x\nloss (x^2 - 1)^2/4\n", &["--h", "3/4"]);
    let kinds: Vec<(&str, f64, f64)> = document["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["kind"].as_str().unwrap(), number(&p["at"][0]), number(&p["eigenvalues"][0])))
        .collect();
    for (got, expected) in kinds.iter().zip([("minimum", -1.0, 2.0), ("minimum", 1.0, 2.0), ("maximum", 0.0, -1.0)]) {
        assert_eq!(got.0, expected.0);
        near(got.1, expected.1, 1e-12);
        near(got.2, expected.2, 1e-12);
    }
    assert_eq!(kinds.len(), 3);
    assert_eq!(document["points"][0]["directions"][0]["case"], "complex stable");
}

#[test]
fn degenerate_points_are_called_so() {
    for (loss, near) in [
        ("param x\nloss x^4\n", "x=1"),
        ("param x\nloss (x - 3)^4\n", "x=1"),
        ("param x\nloss x^3\n", "x=1"),
        ("param x\nloss x^4 + 0*x\n", "x=0"),
        ("param x, y\nloss x^4 + y^2\n", "x=1,y=1"),
        ("param x, y\nloss (x*y - 1)^2\n", "x=1,y=2"),
        ("param x, y\nloss (x + y)^2\n", "x=1,y=2"),
    ] {
        let document = json(loss, &["--h", "0.1", "--near", near]);
        assert_eq!(document["points"][0]["kind"], "degenerate", "{loss}: {document}");
        assert!(codes(&document).contains(&"degenerate"), "{loss}");
        for flow in ["ngf", "igr", "pf"] {
            assert!(document["points"][0]["flows"][flow]["attractive"].is_null(), "{loss} {flow}");
        }
        assert!(document["points"][0]["optimizer"]["attractive"].is_null(), "{loss}");
        let directions = document["points"][0]["directions"].as_array().unwrap();
        assert!(directions.iter().any(|d| d["case"] == "flat"), "{loss}");
    }
    // A whole line of them is not listed at length.
    let document = json("param x, y\nloss (x + y)^2\n", &["--h", "0.1"]);
    assert!(document["points"].as_array().unwrap().len() <= 8);
    assert!(codes(&document).contains(&"critical-set"));
}

#[test]
fn where_there_is_none_it_is_said() {
    for (loss, arguments) in [
        ("param x, y\nloss x + 2*y\n", &["--near", "x=1,y=1"][..]),
        ("param x, y\nloss x + 2*y\n", &[]),
        ("param x\nloss exp(x)\n", &["--near", "x=1"]),
        ("param x\nloss x + x^3\n", &["--near", "x=1"]),
        ("param x\nloss 1/x\n", &["--near", "x=1"]),
        // The gradient 1/x − 1 has a value at −1, but the loss has none.
        ("param x\nloss log(x) - x\n", &["--near", "x=-1"]),
        ("param x\nloss abs(x)\n", &["--near", "x=1"]),
    ] {
        let document = json(loss, &[&["--h", "0.1"], arguments].concat());
        assert_eq!(document["points"], serde_json::json!([]), "{loss}");
        assert!(codes(&document).contains(&"no-critical-point"), "{loss}");
    }
    let kink = json("param x\nloss abs(x) + (x - 2)^2\n", &["--h", "0.1", "--near", "x=1"]);
    assert!(codes(&kink).contains(&"non-smooth"));
    near(number(&kink["points"][0]["at"][0]), 1.5, 1e-12);
    // From many starts, those outside the domain do no harm: the only critical point is 1.
    let domain = json("param x\nloss x - log(x)\n", &["--h", "0.1"]);
    assert_eq!(domain["points"].as_array().unwrap().len(), 1);
    near(number(&domain["points"][0]["at"][0]), 1.0, 1e-12);
    assert_eq!(domain["points"][0]["kind"], "minimum");
}

#[test]
fn at_the_branch_point_and_at_the_edge() {
    let square = "param x\nloss 2*x^2\n";
    let document = json(square, &["--h", "1/4", "--near", "x=1"]);
    let point = &document["points"][0];
    assert_eq!(point["directions"][0]["case"], "branch point");
    assert_eq!(point["flows"]["pf"]["jacobian_eigenvalues"], serde_json::json!([null]));
    assert_eq!(point["flows"]["pf"]["attractive"], true);
    assert!(codes(&document).contains(&"branch-point"));
    let document = json(square, &["--h", "1/2", "--near", "x=1"]);
    let point = &document["points"][0];
    assert_eq!(point["directions"][0]["case"], "edge of stability");
    assert!(point["flows"]["pf"]["attractive"].is_null() && point["optimizer"]["attractive"].is_null());
    assert!(codes(&document).contains(&"edge-of-stability"));
}

/// A real part, or a multiplier's distance from the unit circle, that is zero decides nothing; one direction that repels decides all.
#[test]
fn what_linearisation_does_not_decide() {
    let quartic = "param x\nloss x^4/4 - x^2/2\n";
    let hyperbola = "param u, v\nloss (u*v - 1)^2/2\n";
    let (yes, no, open) = (Some(true), Some(false), None);
    for (loss, arguments, warning, expected) in [
        // λ = 2 at x = 1: the multiplier of gradient descent is 1 − h·2 = −1, and |1 − hλ| = 1.
        (
            quartic,
            "--h 1 --near x=0.9 --flows ngf,igr,bea:4,pf,rpf2,pgf",
            "edge-of-stability",
            vec![
                ("optimizer", open),
                ("ngf", yes),
                ("igr", yes),
                ("bea:4", yes),
                ("pf", open),
                ("rpf2", open),
                ("pgf", no),
            ],
        ),
        // λ = −1 at 0: −z − z²/2 is 0 at z = −2, and 1 − z is 3.
        (
            quartic,
            "--h 2 --near x=0.01 --flows igr,ngf",
            "edge-of-stability",
            vec![("optimizer", no), ("igr", open), ("ngf", no)],
        ),
        // An α of one's own that vanishes at z = 1/2.
        (
            quartic,
            "--h 1/4 --near x=0.9 --flows alpha:1-2*z",
            "edge-of-stability",
            vec![("optimizer", yes), ("alpha:1-2*z", open)],
        ),
        // λ = u² + v² > 2 and 0, from u = 1.2, v = 0.8 to a point of uv = 1 with λ below 2/0.9 and above 2/1.1.
        (
            hyperbola,
            "--h 0.9 --near u=1.2,v=0.8",
            "degenerate",
            vec![("optimizer", open), ("ngf", open), ("igr", open), ("pf", open)],
        ),
        (
            hyperbola,
            "--h 1.1 --near u=1.2,v=0.8",
            "degenerate",
            vec![("optimizer", no), ("ngf", open), ("igr", open), ("pf", no)],
        ),
        // λ = 2: heavy ball loses its stability at hλ = 2(1 + m) = 3.
        (
            quartic,
            "--h 3/2 --near x=0.9 --flows ngf,pf --method heavy-ball --momentum 1/2",
            "edge-of-stability",
            vec![("optimizer", open), ("ngf", yes), ("pf", open)],
        ),
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let document = json(loss, &arguments);
        let point = &document["points"][0];
        for (name, expected) in expected {
            let of = if name == "optimizer" { &point["optimizer"] } else { &point["flows"][name] };
            assert_eq!(of["attractive"].as_bool(), expected, "{arguments:?}: {name}");
        }
        assert!(codes(&document).contains(&warning), "{arguments:?}");
    }
    let text = run(hyperbola, &["--h", "1.1", "--near", "u=1.2,v=0.8", "--flows", "ngf,pf"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("not attractive for the optimizer, pf; undecided by linearisation for ngf"), "{text}");
}

#[test]
fn other_optimizers_have_their_own_thresholds() {
    // λ = 4: heavy ball is stable for hλ < 2(1+m), Nesterov for hλ < 2(1+m)/(1+2m).
    let square = "param x\nloss 2*x^2\n";
    for (method, momentum, threshold) in [
        ("heavy-ball", "1/2", Some(3.0 / 4.0)),
        ("nesterov", "1/2", Some(1.5 / 4.0)),
        ("rk:midpoint", "", Some(2.0 / 4.0)),
        ("implicit-euler", "", None),
    ] {
        let mut arguments = vec!["--h", "0.01", "--near", "x=1", "--method", method];
        if !momentum.is_empty() {
            arguments.extend(["--momentum", momentum]);
        }
        let document = json(square, &arguments);
        let point = &document["points"][0];
        interval(&point["flows"]["pf"], &[(0.0, threshold)]);
        interval(&point["optimizer"], &[(0.0, threshold)]);
        assert!(number(&point["flows"]["pf"]["difference"]) < 1e-8);
        assert!(number(&point["flows"]["bea:4"]["difference"]) < 1e-8);
    }
    // −log(1 + hλ)/h, and f_0 + h f_1 = −g + h/2 Hg.
    let point = &json(square, &["--h", "1/4", "--near", "x=1", "--method", "implicit-euler", "--flows", "pf,bea:1"])["points"]
        [0];
    spectrum(&point["flows"]["pf"], &[(-4.0 * 2f64.ln(), 0.0)]);
    spectrum(&point["flows"]["bea:1"], &[(-4.0 + 2.0, 0.0)]);
}

/// On a quadratic eigenvectors do not turn, and the principal flow's prediction is what happens.
#[test]
fn coefficients_along_a_trajectory() {
    // λ = 4 along x, 1 along y, h = 3/8: hλ = 3/2 and 3/8.
    let quadratic = "param x, y\nloss 2*x^2 + y^2/2\n";
    let document = json(quadratic, &["--h", "3/8", "--start", "x=1,y=-2", "--steps", "3"]);
    assert_eq!(document["points"], serde_json::json!([]));
    let steps = document["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 3);
    let mut gradient = [4.0, 2.0];
    for step in steps {
        let mut total = 0.0;
        for (k, z) in [1.5_f64, 0.375].into_iter().enumerate() {
            let d = &step["directions"][k];
            let g: f64 = gradient[k];
            near(number(&d["h_lambda"]), z, 1e-14);
            near(number(&d["gradient"]), g, 1e-14);
            let alpha = [(0.5f64.ln() / 1.5, PI / 1.5), (0.625f64.ln() / 0.375, 0.0)][k];
            near(number(&d["stability_coefficient"][0]), alpha.0 * g, 1e-13);
            near(number(&d["stability_coefficient"][1]), alpha.1 * g, 1e-13);
            near(number(&d["energy_rate"][0]), alpha.0 * g * g, 1e-13);
            near(number(&d["energy_rate"][1]), alpha.1 * g * g, 1e-13);
            total += alpha.0 * g * g;
            near(number(&d["predicted"]["ngf"]), g * (-z).exp(), 1e-13);
            near(number(&d["predicted"]["igr"]), g * (-z - z * z / 2.0).exp(), 1e-13);
            near(number(&d["predicted"]["pf"][0]), g * (1.0 - z), 1e-13);
            near(number(&d["actual"]), g * (1.0 - z), 1e-13);
            near(number(&d["actual_frozen"]), g * (1.0 - z), 1e-13);
            near(number(&d["overlap"]), 1.0, 1e-14);
            assert_eq!(d["case"], ["complex stable", "real stable"][k]);
            gradient[k] *= (1.0 - z).abs();
        }
        near(number(&step["energy_rate"][0]), total, 1e-13);
        assert!(number(&step["loss_change"]) < 0.0);
    }
    // In the table as in CSV a row a step and direction.
    let csv = run(quadratic, &["--h", "3/8", "--start", "x=1,y=-2", "--steps", "3", "--format", "csv"]);
    let csv = String::from_utf8(csv.stdout).unwrap();
    assert_eq!(csv.lines().count(), 1 + 3 * 2);
    assert!(csv.starts_with("step,direction,x,y,loss,eigenvalue,h_lambda,case,gradient,"), "{csv}");
    let table = run(quadratic, &["--h", "3/8", "--start", "x=1,y=-2", "--steps", "3"]);
    assert!(String::from_utf8(table.stdout).unwrap().contains("complex stable"));
}

#[test]
fn a_trajectory_that_ends_early_says_so() {
    // E = x⁴/4 from 10 with h = 1: θ ↦ θ − θ³ leaves the finite numbers.
    let document = json("param x\nloss x^4/4\n", &["--h", "1", "--start", "x=10", "--steps", "20"]);
    assert_eq!(document["steps"].as_array().unwrap().len(), 20);
    assert!(document["steps"][19].is_null());
    assert!(!codes(&document).is_empty());
    // The same at hλ = 1: infinite, and said.
    let document = json("param x\nloss x^2/2\n", &["--h", "1", "--start", "x=1", "--steps", "1"]);
    assert!(document["steps"][0]["directions"][0]["stability_coefficient"].is_null());
    assert_eq!(number(&document["steps"][0]["directions"][0]["actual"]), 0.0);
    assert!(codes(&document).contains(&"branch-point"));
}

#[test]
fn every_format_and_what_is_wrong() {
    let text = run(BANANA, &["--h", "0.0015", "--near", "x=1.1,y=1"]);
    let text = String::from_utf8(text.stdout).unwrap();
    for words in ["minimum at x = 1, y = 1", "complex stable", "(0, 0.0019968)", "bea:4"] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    let latex = run(BANANA, &["--h", "0.0015", "--near", "x=1.1,y=1", "--format", "latex"]);
    let latex = String::from_utf8(latex.stdout).unwrap();
    assert_eq!(latex.matches("\\begin{tabular}").count(), 2);
    assert_eq!(latex.matches("\\end{tabular}").count(), 2);
    assert!(latex.contains("\\toprule") && latex.contains("$(0, 0.0019968)$"), "{latex}");
    let csv = run(BANANA, &["--h", "0.0015", "--near", "x=1.1,y=1", "--format", "csv", "--flows", "pf"]);
    let csv = String::from_utf8(csv.stdout).unwrap();
    assert!(csv.starts_with("point,direction,x,y,kind,eigenvalue,h_lambda,case,pf.jacobian.re,"), "{csv}");

    for (arguments, words) in [
        (&["--near", "x=1"][..], &["--near", "y"][..]),
        (&["--near", "x=1,z=2"], &["--near", "z", "x, y"]),
        (&["--box", "x=-2:2,yy=-1:3"], &["--box:1:8", "did you mean `y`?"]),
        (&["--box", "x=2:-2"], &["--box:1:3", "x=-2:2"]),
        (&["--box", "x=-2"], &["--box:1:1", "NAME=LOW:HIGH"]),
        (&["--near", "x=1,y=1", "--box", "x=-2:2"], &["--near", "--box"]),
        (&["--starts", "0"], &["--starts"]),
        (&["--flows", "pff"], &["pff", "ngf"]),
        (&["--start", "x=1"], &["--start", "y"]),
        (&["--steps", "-1"], &["--steps"]),
        (&["--steps", "99999999", "--start", "x=1,y=1"], &["fewer steps"]),
        (&["--method", "heavy-ball"], &["--momentum"]),
    ] {
        let output = run(BANANA, &[&["--h", "0.001"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        let message = String::from_utf8_lossy(&output.stderr);
        for word in words {
            assert!(message.contains(word), "{arguments:?}: {message}");
        }
    }
    assert_eq!(run(BANANA, &["--h", "0"]).status.code(), Some(2));
    // A flow that does not fit is said not to, and does not disturb the others.
    let document = json(BANANA, &["--h", "0.001", "--near", "x=1,y=1", "--flows", "exact,flip:5,pf"]);
    assert_eq!(codes(&document), ["unsuitable", "unsuitable"]);
    let flows = &document["points"][0]["flows"];
    assert!(flows["exact"]["attractive"].is_null() && flows["flip:5"]["attractive"].is_null());
    assert_eq!(flows["pf"]["attractive"], true);
}

/// Five coupled parameters with cubic and quartic terms: beyond closed forms for 2×2, with hλ on both sides of 1 and 2.
#[test]
fn fields_of_five_parameters_have_the_jacobians_of_the_closed_forms() {
    let loss = "param w[5]\n\
        let q = sum(i in 0..5, (i + 1)*w[i]^2/2) + sum(i in 0..4, w[i]*w[i + 1]/3)\n\
        loss q - 3*w[1]^2 + w[0]*w[1]*w[2] + sum(i in 0..5, w[i]^4) + sin(w[3]*w[4]^2)\n";
    for h in ["0.1", "0.3", "0.45", "1"] {
        let flows = "ngf,pgf,igr,third,bea:4,bea:7,principal:5,pf,pf+np3,flip:0+3";
        let document = json(loss, &["--h", h, "--near", "w=[0,0,0,0,0]", "--flows", flows]);
        let point = &document["points"][0];
        assert_eq!(point["kind"], "saddle");
        assert_eq!(point["flows"].as_object().unwrap().len(), 10);
        for (name, flow) in point["flows"].as_object().unwrap() {
            let size = complex(&flow["jacobian_eigenvalues"]).iter().fold(1.0_f64, |m, z| m.max(z.0.hypot(z.1)));
            let difference = number(&flow["difference"]);
            assert!(difference < 1e-8 * size, "{name} at h = {h}: {difference}");
        }
    }
    // The field of an optimizer with momentum, by the recurrence of its matrix function.
    let momentum = ["--method", "nesterov", "--momentum", "1/4", "--flows", "bea:3,pf,pf+np3"];
    let document = json(loss, &[&["--h", "0.1", "--near", "w=[0,0,0,0,0]"][..], &momentum].concat());
    for (name, flow) in document["points"][0]["flows"].as_object().unwrap() {
        assert!(number(&flow["difference"]) < 1e-7, "{name}: {flow}");
    }
}

/// Terms with two gradients or more do nothing to first order: the resummed flows have the Jacobian of the principal flow.
#[test]
fn resummed_and_given_flows() {
    let flows = "pf,rpf,rpf:4,rpf2,alpha:log(1-z)/z,alpha:-1/(1+z)";
    let document = json(HIMMELBLAU, &["--h", "0.02", "--near", "x=3,y=2", "--flows", flows]);
    let flows = document["points"][0]["flows"].as_object().unwrap();
    // [[74, 20], [20, 34]] at (3, 2).
    let root = (20.0_f64 * 20.0 + 400.0).sqrt();
    let (h, lambda) = (0.02, [54.0 + root, 54.0 - root]);
    let principal = lambda.map(|l| ((1.0 - h * l).abs().ln() / h, if h * l > 1.0 { PI / h } else { 0.0 }));
    for flow in ["pf", "rpf", "rpf:4", "alpha:log(1-z)/z"] {
        spectrum(&flows[flow], &principal);
        interval(&flows[flow], &[(0.0, Some(2.0 / lambda[0]))]);
    }
    spectrum(&flows["rpf2"], &principal.map(|(re, _)| (re, 0.0)));
    interval(&flows["rpf2"], &[(0.0, Some(2.0 / lambda[0]))]);
    spectrum(&flows["alpha:-1/(1+z)"], &lambda.map(|l| (-l / (1.0 + h * l), 0.0)));
    interval(&flows["alpha:-1/(1+z)"], &[(0.0, None)]);
}
