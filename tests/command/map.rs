//! Maps as the command writes them: files that other programs read, and what it refuses.

use crate::program::{document, refused_with, shadowflow, text};
use serde_json::Value;

#[test]
fn the_command_writes_pictures_and_data() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("b.loss"), "param x, y, w[2]\nloss (1 - x)^2 + 10*(y - x^2)^2 + w[0]^2*w[1]")
        .unwrap();
    let common = ["map", "b.loss", "--h", "1/100", "--flow", "pf", "--at", "w=[1,2]", "--grid", "y=-1:1:4,w[1]=0:2:5"];
    for (show, shape, width) in
        [("field", "(5, 4, 4, 2, )", 8), ("error", "(5, 4, )", 1), ("stability", "(5, 4, 3, )", 3)]
    {
        let mut arguments = common.to_vec();
        let at = arguments.iter().position(|a| *a == "w=[1,2]").unwrap();
        arguments[at] = "x=1/2,w=[1,2]";
        arguments.extend(["--show", show, "--plot", "m.svg", "--data", "m.npy", "--format", "json"]);
        let output = shadowflow(&arguments).current_dir(folder.path()).assert().success().get_output().stdout.clone();
        let document: Value = serde_json::from_slice(&output).unwrap();
        assert_eq!(document["schema"], 1);
        assert_eq!(document["quantity"], show);
        assert_eq!(document["fixed"], serde_json::json!({"x": 0.5, "w[0]": 1.0}));
        let values = document["values"].as_array().unwrap();
        assert!(values.len() == 5 && values.iter().all(|row| row.as_array().unwrap().len() == 4));
        let bytes = std::fs::read(folder.path().join("m.npy")).unwrap();
        let header = String::from_utf8_lossy(&bytes[..128]).into_owned();
        assert!(header.contains(shape), "{header}");
        assert_eq!(bytes.len(), 128 + 8 * 20 * width, "{show}");
        let svg = std::fs::read_to_string(folder.path().join("m.svg")).unwrap();
        assert!(svg.contains("</svg>") && !svg.contains("NaN"));
    }
    let csv = shadowflow(&common).current_dir(folder.path()).args(["--format", "csv"]).assert();
    // x has neither an initial value nor a place in the grid.
    csv.failure().code(2).stderr(predicates::str::contains("--at gives no value for x"));
    for (flag, value, word) in [
        ("--grid", "x=0:1,z=0:1", "--grid: `z` is not a parameter"),
        ("--data", "m.txt", "--data: cannot tell the format"),
        ("--plot", "m.gif", "--plot: cannot tell the format"),
        ("--steps", "0", "--steps"),
        ("--flow", "pff", "unknown flow"),
    ] {
        let mut arguments = vec!["map", "b.loss", "--h", "1/100", "--at", "w=[1,2]"];
        if flag != "--grid" {
            arguments.extend(["--grid", "x=-1:1:3,y=0:1:3"]);
        }
        arguments.extend([flag, value]);
        let refused = shadowflow(&arguments).current_dir(folder.path()).assert().failure().code(2);
        refused.stderr(predicates::str::contains(word));
    }
}

/// H = diag(2, 8): u0 = (0, 1) and u1 = (1, 0), up to the sign that makes the gradient (2, 8) point along them.
const BOWL: [&str; 5] = ["map", "--loss", "x^2 + 4*y^2", "--param", "x = 1, y = 1"];

#[test]
fn the_loss_over_a_plane_of_eigenvectors() {
    let found = document(&[&BOWL[..], &["--plane", "u0,u1", "--grid", "u0=-1:1:3,u1=0:2:2"]].concat());
    assert_eq!((&found["quantity"], &found["loss"]), (&"loss".into(), &5.0.into()));
    assert_eq!(found["plane"]["indices"], serde_json::json!([0, 1]));
    // x = 1 + u1, y = 1 + u0.
    let expected = [[1.0, 5.0, 17.0], [9.0, 13.0, 25.0]];
    for (row, expected) in found["values"].as_array().unwrap().iter().zip(expected) {
        for (value, expected) in row.as_array().unwrap().iter().zip(expected) {
            assert!((value.as_f64().unwrap() - expected).abs() < 1e-12, "{found}");
        }
    }
}

#[test]
fn planes_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("a.json"), "{\"x\": 3, \"y\": 1}").unwrap();
    std::fs::write(path("b.json"), "{\"x\": 1, \"y\": 0}").unwrap();
    let points = format!("{},{}", path("a.json"), path("b.json"));
    let call = [&BOWL[..], &["--plane", &points, "--grid", "a=0:1:2,b=0:1:2"]].concat();
    // At (0, 0) the start (1, 1), at (1, 0) A = (3, 1), at (0, 1) B = (1, 0), at (1, 1) both steps from the start: (3, 0).
    assert_eq!(document(&call)["values"], serde_json::json!([[5.0, 13.0], [1.0, 9.0]]));
    let csv = text(&[&call[..], &["--format", "csv"]].concat());
    assert_eq!(csv, "a,b,loss\n0.0,0.0,5.0\n1.0,0.0,13.0\n0.0,1.0,1.0\n1.0,1.0,9.0\n");
    let said = text(&[&call[..], &["--plot", &path("s.svg"), "--data", &path("s.npy")]].concat());
    assert!(said.contains("least") && said.contains("1.000000e0  a = 0.000000, b = 1.000000"), "{said}");
    let svg = std::fs::read_to_string(path("s.svg")).unwrap();
    assert!(svg.contains("the point") && svg.contains("through a ="));
    assert_eq!(std::fs::read(path("s.npy")).unwrap().len(), 128 + 8 * 4);
    let random = |seed: &str| document(&[&BOWL[..], &["--plane", seed, "--grid", "d0=-1:1:2,d1=-1:1:2"]].concat());
    assert_eq!(random("random:1"), random("random:1"));
    assert_ne!(random("random:1")["values"], random("random:2")["values"]);
    // The point, without matrices, is one filter.
    let length = random("random:1")["plane"]["lengths"][0].as_f64().unwrap();
    assert!((length - 2.0_f64.sqrt()).abs() < 1e-14);
}

#[test]
fn a_network_has_planes_through_its_start() {
    let iris = ["map", "examples/losses/iris.loss", "--grid"];
    for (plane, grid) in [("u0,u2", "u0=-1:1:3,u2=-1:1:3"), ("random:0", "d0=-1:1:3,d1=-1:1:3")] {
        let found = document(&[&iris[..], &[grid, "--plane", plane]].concat());
        let loss = document(&["eval", "examples/losses/iris.loss", "--spectrum", "3"]);
        assert_eq!(found["values"][1][1], found["loss"]);
        let near = |a: &Value, b: &Value| (a.as_f64().unwrap() / b.as_f64().unwrap() - 1.0).abs() < 1e-9;
        assert!(near(&found["loss"], &loss["loss"]));
        if plane == "u0,u2" {
            let values = &loss["spectrum"]["eigenvalues"];
            assert!(near(&found["plane"]["eigenvalues"][0], &values[0]));
            assert!(near(&found["plane"]["eigenvalues"][1], &values[2]));
            // Along u the loss is E + a g·u + a² λ/2 + O(a³).
            let fine = document(&[&iris[..], &["u0=-1e-3:1e-3:3,u2=-1e-3:1e-3:3", "--plane", plane]].concat());
            let at = |column: usize| fine["values"][1][column].as_f64().unwrap();
            let second = (at(0) - 2.0 * at(1) + at(2)) / 1e-6;
            assert!((second / values[0].as_f64().unwrap() - 1.0).abs() < 1e-3, "{second}");
            let first = (at(2) - at(0)) / 2e-3;
            assert!((first / loss["spectrum"]["gradient_along"][0].as_f64().unwrap() - 1.0).abs() < 1e-3, "{first}");
        }
    }
}

#[test]
fn what_is_no_plane_is_refused() {
    for (arguments, words) in [
        (&["--plane", "u0"][..], &["--plane", "write u0,u1"][..]),
        (&["--plane", "u0,u0"], &["both directions are u0"]),
        (&["--plane", "u0,u2"], &["there is no u2", "the last one is u1"]),
        (&["--plane", "random"], &["random:SEED"]),
        (&["--plane", "random:x"], &["random:x", "whole number from 0, as in random:7"]),
        (&["--plane", "u0,u1", "--h", "0.1"], &["--plane", "cannot be used with", "--h"]),
        (&["--plane", "u0,u1", "--flow", "ngf"], &["--plane", "cannot be used with", "--flow"]),
        (&["--plane", "u0,u1", "--steps", "3"], &["--plane", "cannot be used with", "--steps"]),
        (&["--plane", "u0,u1", "--max-steps", "3"], &["--plane", "cannot be used with", "--max-steps"]),
        (&["--plane", "u0,u1", "--tolerance", "1e-3"], &["--plane", "cannot be used with", "--tolerance"]),
        (&["--plane", "u0,u1", "--at-cut", "stop"], &["--plane", "cannot be used with", "--at-cut"]),
        (&["--plane", "u0,u1", "--method", "nesterov"], &["--plane", "cannot be used with", "--method"]),
        (&["--plane", "a.json,b.json"], &["a.json", "No such file"]),
        (&["--plane", "u0,u1", "--grid", "x=0:1:2,y=0:1:2"], &["--grid", "`x`", "u0, u1"]),
        (&["--plane", "u0,u1", "--show", "error"], &["--plane shows the loss"]),
        (&["--plane", "random:1", "--at", "x=0,y=0"], &["d0 is 0", "another point"]),
        (&["--show", "loss", "--h", "1", "--grid", "x=0:1:2,y=0:1:2"], &["--plane"]),
        (&["--grid", "x=0:1:2,y=0:1:2"], &["--h"]),
        (&["--h", "0.1"], &["--grid"]),
    ] {
        refused_with(&[&BOWL[..], arguments].concat(), words);
    }
    let nothing = ["map", "--loss", "log(x)*y", "--param", "x = -1, y = 1", "--plane", "u0,u1"];
    refused_with(&nothing, &["--plane", "not finite"]);
}
