//! Records of training as pictures: what is drawn, and what is refused.

use crate::program::{at, codes, document, folder, message, process, refused_with, shadowflow, text};
use std::io::Write;
use std::process::Stdio;

/// Two optimizers, two step sizes of one of them, and a branch.
const CSV: &str = "\
step,optimizer,h_setting,seed,branch,from,loss,test_loss,lambda_0,lambda_1,learning_rate,hg_norm,drift,gradient_next_along_0,predicted_gradient_along_0_pf,error_pf,error_p2:1
0,gd,0.1,0,,,4,5,3,1,0.1,2,0.01,1,1.1,1e-3,2e-3
1,gd,0.1,0,,,2,3,4,1,0.1,1,0.005,-1,-0.9,1e-4,2e-4
2,gd,0.1,0,,,1,2,5,1,,,,,,,
1,gd,0.1,0,p2:1,1,2,,4,,,,,,,,
2,gd,0.1,0,p2:1,1,1.5,,4.5,,,,,,,,
0,gd,0.2,0,,,4,5,3,1,0.2,2,0.03,1,1.1,1e-3,2e-3
1,gd,0.2,0,,,0.01,3,4,1,,,,,,,
0,dal,,0,,,4,5,3,1,0.3,2,0.03,1,1.1,1e-3,2e-3
1,dal,,0,,,3,3,4,1,,,,,,,
";

#[test]
fn a_record_becomes_a_picture_of_each_format() {
    let folder = folder(&[("run.csv", CSV)]);
    let run = at(&folder, "run.csv");
    for (name, start) in [("a.svg", &b"<svg"[..]), ("a.png", b"\x89PNG"), ("a.pdf", b"%PDF-")] {
        let output = at(&folder, name);
        let found = document(&["plot", &run, "--output", &output]);
        assert_eq!(found["rows"], 9);
        let runs: Vec<&str> =
            found["runs"].as_array().unwrap().iter().map(|r| r["optimizer"].as_str().unwrap()).collect();
        assert_eq!(runs, ["gd", "gd", "dal"]);
        assert_eq!(found["runs"][0]["branches"], serde_json::json!([{"branch": "p2:1", "from": 1, "rows": 2}]));
        let panels: Vec<&str> = found["panels"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        assert_eq!(panels.len(), 6, "{panels:?}");
        // Two points lie on a line.
        assert_eq!(found["correlations"][0]["pearson"], 1.0);
        assert!(std::fs::read(&output).unwrap().starts_with(start), "{name}");
    }
    let svg = std::fs::read_to_string(at(&folder, "a.svg")).unwrap();
    let words: String = svg.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text).collect();
    for name in ["gd, h = 0.1: loss", "dal: sharpness", "2/h", "test_loss", "p2:1", "exact match"] {
        assert!(words.contains(name), "{name}");
    }
    assert!(!svg.contains("NaN"));
}

#[test]
fn columns_are_chosen_by_name() {
    let folder = folder(&[("run.csv", CSV)]);
    let (run, output) = (at(&folder, "run.csv"), at(&folder, "a.svg"));
    let said = text(&["plot", &run, "--output", &output, "--columns", "loss,error", "--title", "Two of them"]);
    assert!(said.contains("drawn: loss; error\n"), "{said}");
    let svg = std::fs::read_to_string(&output).unwrap();
    assert!(svg.contains("Two of them") && svg.contains("pf") && !svg.contains("sharpness"));
}

/// As a run writes it, a record ends within a line now and then.
#[test]
fn a_record_is_drawn_while_it_is_written() {
    let half = &CSV[..CSV.len() - 4];
    let folder = folder(&[("run.csv", half)]);
    let (run, output) = (at(&folder, "run.csv"), at(&folder, "a.svg"));
    let found = document(&["plot", &run, "--output", &output]);
    assert_eq!((found["rows"].as_u64(), codes(&found)), (Some(8), vec!["unfinished-record"]));
    let process = process(&["plot", &run, "--output", &output]).output().unwrap();
    assert!(message(&process).contains("warning [unfinished-record]"));
}

#[test]
fn a_record_comes_from_standard_input_too() {
    let folder = folder(&[]);
    let output = at(&folder, "a.svg");
    let mut child = process(&["plot", "-", "--output", &output]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"{\"step\":0,\"loss\":1}\n{\"step\":1,\"loss\":0.5}\n").unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success() && String::from_utf8_lossy(&done.stdout).contains("<stdin>: 2 rows"));
}

#[test]
fn what_is_no_record_is_refused_with_its_place() {
    let folder = folder(&[
        ("run.csv", CSV),
        ("empty.csv", "step,loss\n"),
        ("words.csv", "step,loss\n0,one\n"),
        ("other.csv", "x,y\n1,2\n"),
        ("torn.jsonl", "{\"step\":0,\n{\"step\":1}\n"),
        ("bare.jsonl", "{\"step\":0}\n"),
        ("null.csv", "step,loss,own\n0,1,\n"),
    ]);
    let run = |name: &str| at(&folder, name);
    let output = run("a.svg");
    for (name, words) in [
        ("empty.csv", &["empty.csv has no whole row yet"][..]),
        ("words.csv", &["words.csv:2:3: `one` in column `loss` is no number"]),
        ("other.csv", &["other.csv:1:1: no record of training", "x, y"]),
        ("torn.jsonl", &["torn.jsonl:1:", "each line of a record is one JSON object"]),
        ("bare.jsonl", &["nothing to draw", "--columns"]),
        ("missing.csv", &["cannot read", "missing.csv"]),
    ] {
        refused_with(&["plot", &run(name), "--output", &output], words);
    }
    let csv = run("run.csv");
    for (arguments, words) in [
        (
            &["--columns", "lamda_0"][..],
            &["--columns", "no column `lamda_0` (did you mean `lambda_0`?); it has step, from, loss"][..],
        ),
        (&["--columns", ","], &["--columns names no column"]),
    ] {
        refused_with(&[&["plot", &csv, "--output", &output], arguments].concat(), words);
    }
    refused_with(&["plot", &run("null.csv"), "--output", &output, "--columns", "own"], &["no number in column `own`"]);
    refused_with(&["plot", &csv, "--output", &run("a.gif")], &["--output", ".svg, .png or .pdf"]);
    refused_with(&["plot", &csv], &["--output"]);
    for beside in ["run.csv.meta.json", "run.csv.checkpoint"] {
        std::fs::write(run(beside), "{}").unwrap();
        refused_with(&["plot", &run(beside), "--output", &output], &["stands beside the record", "run.csv; draw that"]);
    }
    assert!(!std::path::Path::new(&output).exists());
}

#[test]
fn widths_in_print_are_asked_for_in_millimetres() {
    let folder = folder(&[("run.csv", CSV)]);
    let (run, output) = (at(&folder, "run.csv"), at(&folder, "a.svg"));
    let simulate = "simulate examples/losses/banana.loss --h 0.001 --steps 3 --flows ngf,pf --plot";
    let map = "map examples/losses/banana.loss --h 0.001 --grid x=-1:1:9,y=0:1:9 --plot";
    for (line, flag) in [("plot", "--width"), (simulate, "--plot-width"), (map, "--plot-width")] {
        let mut arguments: Vec<&str> = line.split(' ').collect();
        arguments.extend(if line == "plot" { vec![run.as_str(), "--output", &output] } else { vec![output.as_str()] });
        shadowflow(&[&arguments[..], &[flag, "84"]].concat()).assert().success();
        let svg = std::fs::read_to_string(&output).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains(" width=\"84mm\" "), "{line}");
        for width in ["0", "-84", "8.4", "1000", "wide", "nan", "84mm"] {
            refused_with(&[&arguments[..], &[flag, width]].concat(), &[flag, "millimetres"]);
        }
    }
}

#[test]
fn every_picture_may_be_a_pdf() {
    let folder = folder(&[]);
    for line in [
        "simulate examples/losses/banana.loss --h 0.001 --steps 3 --flows ngf,pf --plot",
        "simulate examples/losses/banana.loss --h 0.001 --steps 3 --flows ngf --plot-sharpness",
        "map examples/losses/banana.loss --h 0.001 --grid x=-1:1:9,y=0:1:9 --plot",
        "map examples/losses/banana.loss --plane u0,u1 --plot",
    ] {
        let output = at(&folder, "a.pdf");
        let arguments: Vec<&str> = line.split(' ').chain([output.as_str()]).collect();
        shadowflow(&arguments).assert().success();
        assert!(std::fs::read(&output).unwrap().starts_with(b"%PDF-"), "{line}");
        std::fs::remove_file(&output).unwrap();
    }
}
