//! Training runs: the record in both formats, going on after any end, and what is refused.

use crate::program::{BANANA, message, names};
use crate::random::{Random, size};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn train(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shadowflow"));
    command.arg("train").args(line.split_whitespace().map(|word| word.replace("BANANA", BANANA)));
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn done(folder: &Path, line: &str) -> Output {
    train(folder, line).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", message(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The three starts of the banana that these runs share.
const RUN: &str =
    "BANANA --optimizer gd,heavy-ball,dal-p:0.5 --momentum 1/4 --h 0.0005,0.0002 --start x=-0.9,y=0.95 --quiet";

/// CSV has the same numbers as JSON lines, under names that are put together.
#[test]
fn both_formats_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let line = format!("{RUN} --steps 3 --record all --flows ngf,pf --branches pf --branch-at 1 --branch-steps 1");
    let csv = text(&done(folder.path(), &line));
    let json = text(&done(folder.path(), &format!("{line} --format jsonl")));
    let mut rows = csv.lines();
    let header: Vec<&str> = rows.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    let documents: Vec<serde_json::Value> = json.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(rows.len(), documents.len());
    let mut compared = 0;
    for (row, document) in rows.iter().zip(&documents) {
        let cell = |name: &str| row[header.iter().position(|h| *h == name).unwrap_or_else(|| panic!("{name}"))];
        let mut flat: BTreeMap<String, String> = BTreeMap::new();
        flatten("", document, &mut flat);
        for (name, value) in &flat {
            if name != "warnings_0" {
                let shown = cell(name).trim_matches('"');
                // The reader of JSON here is off by a bit now and then.
                let near = shown
                    .parse()
                    .is_ok_and(|a: f64| value.parse().is_ok_and(|b: f64| (a - b).abs() <= 1e-15 * b.abs()));
                assert!(shown == value || near, "{name}: {shown} and {value} of {document}");
                compared += 1;
            }
        }
        // A branch has no step of its own.
        assert_eq!(document["branch"].is_string(), document.get("drift").is_none() && document["step"] != 3);
    }
    assert!(compared > 500, "{compared}");
    let branch = documents.iter().find(|d| d["branch"] == "pf").unwrap();
    assert_eq!((&branch["from"], &branch["step"]), (&1.into(), &2.into()));
    assert!(branch["distance"].as_f64().unwrap() < 1e-3);
}

/// Names as CSV has them; `null` is an empty cell.
fn flatten(name: &str, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
    let join = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}_{part}") };
    let complex = ["flow_loss", "flow_lambda_0", "loss_rate", "stability_coefficients"];
    match value {
        serde_json::Value::Object(members) => members.iter().for_each(|(key, v)| flatten(&join(key), v, into)),
        serde_json::Value::Array(list) if complex.iter().any(|c| name.starts_with(c) && name != *c) => {
            list.iter().zip(["re", "im"]).for_each(|(v, part)| flatten(&join(part), v, into));
        }
        serde_json::Value::Array(list) => {
            list.iter().enumerate().for_each(|(k, v)| flatten(&join(&k.to_string()), v, into));
        }
        // Whether a list or one of its pairs has no value, CSV has empty cells under other names.
        serde_json::Value::Null => {}
        serde_json::Value::String(s) => drop(into.insert(name.to_owned(), s.clone())),
        serde_json::Value::Number(n) if n.is_f64() => {
            drop(into.insert(name.to_owned(), format!("{:?}", n.as_f64().unwrap())));
        }
        other => drop(into.insert(name.to_owned(), other.to_string())),
    }
}

/// Killed at fifty moments and gone on with each time, the record is that of an undisturbed run, to the byte; in half of the goes there is a
/// checkpoint after every step, so that many moments are within the writing of one.
#[test]
#[cfg(unix)]
fn kills_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let line = "BANANA --optimizer gd,dal-p:0.5 --h 0.0005 --start x=-0.9,y=0.95 --quiet --steps 600 --every 3 --checkpoint-every 10 \
                --record loss,theta_along_0,midpoint_loss,distance";
    let begin = Instant::now();
    text(&done(folder.path(), &format!("{line} --output whole.csv")));
    let time = begin.elapsed();
    let whole = std::fs::read(folder.path().join("whole.csv")).unwrap();
    let (_, seed) = size(50);
    let mut random = Random::new(seed, 5);
    let (mut killed, mut finished) = (0, 0);
    let (mut lengths, mut within) = (BTreeSet::new(), 0);
    while killed < 50 {
        // With the whole command, so that a kill before the first checkpoint starts again.
        let every = [1, 10][random.below(2)];
        let line = line.replace("--checkpoint-every 10", &format!("--checkpoint-every {every}"));
        let mut child = train(folder.path(), &format!("{line} --resume broken.csv")).spawn().unwrap();
        std::thread::sleep(time.mul_f64(0.7 * random.below(1000) as f64 / 1000.0));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            killed += 1;
        }
        let status = child.wait().unwrap();
        lengths.insert(std::fs::metadata(folder.path().join("broken.csv")).map_or(0, |m| m.len()));
        within += usize::from(names(folder.path()).iter().any(|name| name.ends_with(".part")));
        if status.success() {
            assert_eq!(std::fs::read(folder.path().join("broken.csv")).unwrap(), whole);
            finished += 1;
            for ending in ["", ".checkpoint", ".meta.json"] {
                std::fs::remove_file(folder.path().join(format!("broken.csv{ending}"))).unwrap();
            }
        }
    }
    text(&done(folder.path(), &format!("{line} --resume broken.csv")));
    assert_eq!(std::fs::read(folder.path().join("broken.csv")).unwrap(), whole, "after {finished} other ends");
    // The moments were not the same ones: some before there was a row, some between rows, some within a checkpoint.
    assert!(lengths.len() >= 10 && within > 0, "{lengths:?}, {within} within checkpoints");
    assert!(names(folder.path()).iter().all(|name| !name.ends_with(".part")));
    // A finished record is left as it is.
    text(&done(folder.path(), "--resume broken.csv"));
    assert_eq!(std::fs::read(folder.path().join("broken.csv")).unwrap(), whole);
    let meta: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("broken.csv.meta.json")).unwrap()).unwrap();
    assert_eq!((&meta["schema"], &meta["steps"], &meta["seeds"]), (&1.into(), &600.into(), &serde_json::json!([0])));
}

/// An interrupt ends after the step with a checkpoint and exit status 130.
#[test]
#[cfg(unix)]
fn interrupts_leave_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let line = "BANANA --optimizer gd --h 0.0001 --steps 100000000 --record loss --every 1000 --format jsonl --output run.jsonl";
    let mut child = train(folder.path(), line).spawn().unwrap();
    let record = folder.path().join("run.jsonl");
    let begin = Instant::now();
    // It is readable while it grows.
    while std::fs::read_to_string(&record).map_or(0, |t| t.lines().count()) < 3 {
        assert!(begin.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(10));
    }
    // As an interrupt, which test runners in the background have their children ignore.
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > Duration::from_secs(120) {
            child.kill().unwrap();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", message(&output));
    assert!(message(&output).contains("--resume run.jsonl"), "{}", message(&output));
    let rows = std::fs::read_to_string(&record).unwrap();
    assert!(rows.ends_with('\n') && rows.lines().all(|l| serde_json::from_str::<serde_json::Value>(l).is_ok()));
    // It is that of the step reached, in a row or between two.
    let said = message(&output);
    let after = said.split_once("after step ").and_then(|(_, rest)| rest.split(';').next());
    let after: u64 = after.unwrap().trim().parse().unwrap();
    let last: serde_json::Value = serde_json::from_str(rows.lines().last().unwrap()).unwrap();
    assert!(after > last["step"].as_u64().unwrap(), "{said}: {last}");
    assert!(folder.path().join("run.jsonl.checkpoint").exists());
    // What stands beside the record is written again where it is gone.
    let meta = folder.path().join("run.jsonl.meta.json");
    let before = std::fs::read(&meta).unwrap();
    std::fs::remove_file(&meta).unwrap();
    let output = done(folder.path(), "--resume run.jsonl --max-seconds 0.2");
    assert!(message(&output).contains("(--max-seconds) was reached after step"), "{}", message(&output));
    assert_eq!(std::fs::read(&meta).unwrap(), before);
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    text(&done(folder.path(), &format!("{RUN} --steps 2 --output a.csv")));
    let cases = [
        ("BANANA --steps 2", "--h H"),
        ("BANANA --optimizer gd --steps 2", "--h H"),
        ("BANANA --optimizer sgd --h 0.1 --steps 2", "--batch N"),
        ("BANANA --optimizer sgd --h 0.1 --steps 2 --batch 5", "rows of data"),
        ("BANANA --optimizer dal-per-parameter --steps 2", "--h-max H"),
        ("BANANA --optimizer heavy-ball --h 0.1 --steps 2", "--momentum"),
        ("BANANA --optimizer gd --h 0.1 --steps 2 --momentum 1/2", "none of these optimizers"),
        ("BANANA --optimizer adam --h 0.1 --steps 2", "sgd, dal"),
        ("BANANA --optimizer dal-p:x --steps 2", "dal-p:0.5"),
        ("BANANA --optimizer gd --h 0.1 --steps 2 --record los", "did you mean `loss`"),
        ("BANANA --optimizer gd --h 0.1 --steps 2 --record error", "--flows"),
        ("BANANA --optimizer gd --h 0.1 --steps 2 --eigenvalues-above 1", "--format jsonl"),
        ("BANANA --optimizer gd --h 0.1 --steps 2 --hg numerically", "difference:EPS"),
        ("BANANA --optimizer gd --h 0.1 --steps 2 --branches pf", "--branch-at"),
        ("BANANA --optimizer gd --h 0.1 --steps 2 --branches pf --branch-at 5", "step 5"),
        ("BANANA --optimizer gd --h 0.1 --steps 2 --output no/where.csv", "no/where.csv"),
        ("--resume b.csv", "no checkpoint"),
        ("--resume a.csv --steps 3", "no other argument"),
        ("--resume a.csv --every 5", "--every: --resume a.csv needs no other argument"),
        ("--resume a.csv --format jsonl --quiet", "--format: --resume"),
        ("--resume a.csv --checkpoint-every 5 --explain-plan", "--explain-plan: --resume"),
        ("BANANA --optimizer gd --h 0.1 --steps 2 --resume a.csv", "other settings"),
        (
            "BANANA --optimizer gd,heavy-ball,dal-p:0.5 --momentum 1/4 --h 0.0005,0.0002 --start x=0,y=0 --steps 2 --resume a.csv",
            "changed since",
        ),
        #[cfg(target_os = "linux")]
        ("BANANA --optimizer gd --h 0.0001 --steps 2 --output /dev/full", "/dev/full"),
    ];
    for (line, word) in cases {
        let output = done(folder.path(), line);
        let said = message(&output);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert!(said.contains(word) && !said.contains("TrainSettings"), "{line}: {said}");
    }
}

/// Lists of step sizes, seeds and powers are runs after each other, and their rows say which.
#[test]
fn lists_are_runs() {
    let folder = tempfile::tempdir().unwrap();
    let line = "--loss (x-1)^2+x*y+y^2 --param x=normal(1),y=1 --optimizer gd,dal-p:0.5,1 --h 1/4,1/8 --seed 1,2 --steps 1 --record loss --format jsonl --quiet";
    let rows: Vec<serde_json::Value> =
        text(&done(folder.path(), line)).lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let found: Vec<String> = (rows.iter().filter(|r| r["step"] == 0))
        .map(|r| format!("{} {} {}", r["optimizer"].as_str().unwrap(), r["h_setting"], r["seed"]))
        .collect();
    let want = [
        "gd 0.25 1",
        "gd 0.25 2",
        "gd 0.125 1",
        "gd 0.125 2",
        "dal-p:0.5 null 1",
        "dal-p:0.5 null 2",
        "dal null 1",
        "dal null 2",
    ];
    assert_eq!(found, want);
    // Another seed is another start.
    assert!(rows[0]["loss"] != rows[2]["loss"] && rows[0]["loss"] == rows[4]["loss"]);
}

/// What cannot begin leaves the record that is there, and no record replaces another file.
#[test]
fn files_that_are_there_stay() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("m.loss"), "let X = [1, 2, 3]\nparam w = 1/2\nloss mean((w*X - 1)^2)\n").unwrap();
    std::fs::write(file("notes.txt"), "mine").unwrap();
    let line = "m.loss --optimizer sgd --h 0.1 --steps 2 --record loss --output";
    text(&done(folder.path(), &format!("{line} r.csv --batch 2")));
    let before = ["r.csv", "r.csv.checkpoint", "r.csv.meta.json"].map(|name| std::fs::read(file(name)).unwrap());
    for (arguments, says) in [
        ("r.csv --batch 9", "rows"),
        ("r.csv --batch 0", "--batch"),
        ("m.loss --batch 2", "reads that file"),
        ("notes.txt --batch 2", "no record"),
        ("r.csv --batch 2 --plot r.csv", "--plot"),
    ] {
        let output = done(folder.path(), &format!("{line} {arguments}"));
        assert!(
            output.status.code() == Some(2) && message(&output).contains(says),
            "{arguments}: {}",
            message(&output)
        );
    }
    let after = ["r.csv", "r.csv.checkpoint", "r.csv.meta.json"].map(|name| std::fs::read(file(name)).unwrap());
    assert!(before == after && std::fs::read_to_string(file("m.loss")).unwrap().starts_with("let"));
}
