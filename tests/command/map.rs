//! Maps as the command writes them: files that other programs read, and what it refuses.

use crate::program::shadowflow;
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
