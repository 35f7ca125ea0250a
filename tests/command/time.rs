//! What is promised in `docs/limits.md`: where time ends, what is finished is printed; and extremes that end by themselves.

use crate::program::{BANANA, at, codes, document, folder, message, names, process, refused, words};

/// The third derivatives lead trial steps to |hλ| = 10^116, where α is followed over floats' whole range.
#[test]
fn flows_that_try_enormous_steps_end() {
    for (method, h, limit) in
        [("heavy-ball", "0.5", ["--flow-seconds", "30"]), ("nesterov", "1.1", ["--flow-seconds", "0.2"])]
    {
        let run = document(
            &[
                &["simulate", "--loss", "(u*v-1)^2/2", "--param", "u,v", "--h", h, "--start", "u=1.2,v=0.7"][..],
                &["--steps", "1", "--method", method, "--momentum", "9/10", "--flows", "pf+np3"],
                &limit,
            ]
            .concat(),
        );
        let error = &run["flows"]["pf+np3"]["error"][1];
        let ends = ["time-limit", "step-limit", "step-underflow", "not-finite", "diverged"];
        assert!(error.is_f64() || codes(&run).iter().any(|c| ends.contains(c)), "{method}: {}", run["warnings"]);
    }
}

/// On a loss with the curvature 10^9 the negative gradient flow takes some 10^8 integrator steps for each of these.
const ENDLESS: &str = "--h 1 --steps 3 --start x=1,y=1 --max-steps 4000000000";

#[test]
fn what_is_finished_is_printed_when_time_is_up() {
    let place = folder(&[("stiff.loss", "param x, y\nloss 10^9*x^2/2 + y^2/2\n")]);
    let stiff = at(&place, "stiff.loss");
    for more in
        [["--flows", "ngf,alpha:-1", "--max-seconds", "0.3"], ["--flows", "ngf,alpha:-1", "--flow-seconds", "0.1"]]
    {
        let run = document(&[&["simulate", &stiff][..], &words(ENDLESS), &more].concat());
        assert_eq!(run["iterates"].as_array().unwrap().iter().filter(|x| !x.is_null()).count(), 4);
        for flow in ["ngf", "alpha:-1"] {
            assert!(run["flows"][flow]["trajectory"][0].is_array());
            assert!(run["flows"][flow]["trajectory"][3].is_null() && run["flows"][flow]["error"][3].is_null());
        }
        assert_eq!(codes(&run).iter().filter(|c| **c == "time-limit").count(), 2, "{}", run["warnings"]);
        let message = run["warnings"][0]["message"].as_str().unwrap();
        assert!(message.contains(more[2]), "{message}");
    }
    // More claims than there is time for.
    let claims = folder(&[("many.claims", &format!("f_1 = -1/2 H g\n{}", "f_9 = 0\n".repeat(2000)))]);
    let judged = process(&["claim", "--file", &at(&claims, "many.claims"), "--format", "json", "--max-seconds", "1"])
        .output()
        .unwrap();
    let judged_text = String::from_utf8_lossy(&judged.stdout);
    if !judged_text.is_empty() {
        let judged: serde_json::Value = serde_json::from_str(&judged_text).unwrap();
        assert_eq!(judged["claims"].as_array().unwrap().len(), 2001);
        assert!(judged["claims"][0].is_object());
    }
    // Millions of terms, written as they come: the document is whole.
    let series = process(&["derive", "--order", "18", "--format", "json", "--max-seconds", "0.5"]).output().unwrap();
    assert_eq!(series.status.code(), Some(0), "{}", message(&series));
    let series: serde_json::Value = serde_json::from_slice(&series.stdout).unwrap();
    assert_eq!(codes(&series), ["time-limit"]);
    assert!(series["orders"].as_array().unwrap().len() > 8);
    // A flow that would take minutes to prepare leaves the others alone.
    let line = "--h 0.001 --steps 2 --start x=0.5,y=0.5 --method rk:gauss2 --flows ngf,principal:1000,bea:1 --flow-seconds 0.5";
    let run = document(&[&["simulate", BANANA][..], &words(line)].concat());
    assert!(run["flows"]["ngf"]["error"][2].is_f64() && run["flows"]["bea:1"]["error"][2].is_f64());
    assert!(run["flows"]["principal:1000"]["error"][2].is_null());
    assert_eq!(codes(&run), ["time-limit"]);
    let line = "--h 1 --flow ngf --grid x=1:2:4,y=1:2:4 --show error --max-steps 4000000000 --max-seconds 0.3";
    let map = document(&[&["map", &stiff][..], &words(line)].concat());
    assert!(codes(&map).contains(&"time-limit"), "{}", map["warnings"]);
    // What is finished is written up, however long that takes: here some hundred thousand rows.
    let line = "--h 0.001 --steps 200000 --start x=-1,y=1 --max-seconds 0.1";
    let run = document(&[&["simulate", BANANA][..], &words(line)].concat());
    assert!(codes(&run).contains(&"time-limit"), "{}", run["warnings"]);
    let found = document(&["stability", BANANA, "--h", "0.001", "--starts", "100000", "--max-seconds", "0.3"]);
    assert!(codes(&found).contains(&"time-limit"), "{}", found["warnings"]);
}

#[test]
fn where_there_is_nothing_to_print_the_limit_is_named() {
    let place = folder(&[("old.html", "old")]);
    let page = at(&place, "old.html");
    let cases: Vec<Vec<&str>> = vec![
        vec!["derive", "--order", "13", "--method", "rk:rk4"],
        vec!["derive", BANANA, "--order", "20"],
        vec!["report", BANANA, "--output", &page, "--order", "7"],
    ];
    for arguments in cases {
        let message = refused(&[&arguments[..], &["--max-seconds", "0.01"]].concat());
        assert!(message.contains("--max-seconds") && message.contains("0.01"), "{arguments:?}: {message}");
    }
    assert_eq!(
        (names(place.path()), std::fs::read_to_string(&page).unwrap()),
        (vec!["old.html".to_owned()], "old".to_owned())
    );
    for seconds in ["0", "-1", "nan", "soon"] {
        assert!(refused(&["derive", &format!("--max-seconds={seconds}")]).contains("seconds above 0"), "{seconds}");
    }
    assert!(process(&["derive", "--max-seconds", "1e300", "--flow-seconds", "inf"]).output().unwrap().status.success());
}

/// Numbers far from any that is useful, and orders of losses that have none: each took half a minute or more.
#[test]
fn extremes_end() {
    let place = folder(&[
        ("quadratic.loss", "param x, y\nloss x^2 + y^2/2 + x*y/3\n"),
        ("constant.loss", "param x\nloss 3\n"),
        ("linear.loss", "param x, y\nloss 3*x - y\n"),
        ("turns.loss", "param u\nloss tan(u*1e9990)\n"),
    ]);
    let quadratic = at(&place, "quadratic.loss");
    let digits = format!("0.{}", "123456789".repeat(33));
    for momentum in ["1e300", "-1e300", "1e-300", &digits] {
        for method in ["heavy-ball", "nesterov"] {
            let line = words("--h 0.001 --steps 2 --start x=0.5,y=0.5 --flows ngf,pf --method");
            let run = document(&[&["simulate", &quadratic][..], &line, &[method, "--momentum", momentum]].concat());
            // One step from rest: −h g = −0.001 (2x + y/3, y + x/3).
            let x = run["iterates"][1][0].as_f64().unwrap();
            let expected = 0.5 - 0.001 * (1.0 + 0.5 / 3.0);
            // Beyond 2^53 the velocity that is added and taken off again leaves nothing of the start.
            assert!(momentum.contains("e300") || (x - expected).abs() < 1e-15, "{method} {momentum}: {x}");
            assert!(x.is_finite());
        }
    }
    // The stability function of Radau IIA is about 3/z far out: (1 − 2z/5 + z²/20)/(1 + 3z/5 + 3z²/20 + z³/60), in mpmath at 50 digits. Beyond
    // z³ = 10^308 floats do not hold it.
    let far = |h: &str| {
        let words = ["simulate", &quadratic, "--flows", "exact", "--method", "rk:radau5", "--h", h, "--steps", "3"];
        document(&[&words[..], &["--start", "x=1,y=1"]].concat())
    };
    let run = far("1e80");
    for (step, expected) in [
        (1, [1.058_823_529_411_764_8e-80, 2.647_058_823_529_412e-80]),
        (3, [-3.709_546_102_177_895e-240, 2.477_976_796_254_834e-239]),
    ] {
        for (k, value) in expected.iter().enumerate() {
            let got = run["flows"]["exact"]["trajectory"][step][k][0].as_f64().unwrap();
            assert!((got - value).abs() <= 1e-12 * value.abs(), "step {step}: {got}, not {value}");
        }
    }
    let run = far("1e120");
    assert!(run["flows"]["exact"]["trajectory"][1].is_null());
    assert_eq!(codes(&run), ["not-finite"]);
    for (name, zero_from, first) in [("constant.loss", 0, "0"), ("linear.loss", 1, "-3")] {
        let derived = document(&["derive", &at(&place, name), "--order", "400"]);
        let orders = derived["orders"].as_array().unwrap();
        assert_eq!((orders.len(), &orders[0]["components"][0]), (401, &serde_json::json!(first)));
        for order in &orders[zero_from..] {
            for part in ["components", "principal_components", "nonprincipal_components"] {
                assert_eq!(order[part][0], "0");
            }
        }
    }
    let turns = document(&["derive", &at(&place, "turns.loss"), "--order", "1"]);
    assert_eq!(codes(&turns), ["not-simplified"]);
    let turns = document(&["eval", &at(&place, "turns.loss"), "--at", "u=1", "--order", "2", "--max-seconds", "60"]);
    assert!(turns["orders"].is_array());
}

/// Of an evaluation and of a simulation of a network, what is finished stands; what no time was left for is null.
#[test]
fn parts_of_a_result_stand_alone() {
    let found = document(&["eval", BANANA, "--order", "150", "--max-seconds", "1", "--at", "x=1/3,y=2/7"]);
    assert!(found["loss"].is_f64() && found["orders"][4]["value"][0].is_f64());
    let orders = found["orders"].as_array().unwrap();
    assert_eq!((orders.len(), &orders[150]["value"][1]), (151, &serde_json::Value::Null));
    assert_eq!(codes(&found), ["time-limit"]);
    // Of a network the coefficients of the thousandth order alone would take minutes.
    let line = "--h 0.5 --steps 2 --flows ngf,bea:1000 --flow-seconds 1";
    let run = document(&[&["simulate", "examples/losses/iris.loss"][..], &words(line)].concat());
    assert!(run["flows"]["ngf"]["error"][2].is_f64() && run["flows"]["ngf"]["loss"][2].is_array());
    assert!(run["loss"][2].is_f64() && run["flows"]["bea:1000"]["error"][2].is_null());
    assert_eq!(codes(&run), ["time-limit"]);
}
