//! What is promised in `docs/limits.md`: inputs without an end, pipes, and numbers that are too long.

use crate::program::{BANANA, at, folder, message, process, refused};
use std::fs::File;
use std::process::{Command, Stdio};

/// Every reader, and what it is called with.
fn readers(file: &str) -> Vec<Vec<String>> {
    let words = |line: &str| line.split(' ').map(|w| w.replace("FILE", file).replace("BANANA", BANANA)).collect();
    [
        "derive FILE.loss --order 1",
        "simulate FILE.loss --h 1 --steps 1 --start x=1",
        "report FILE.loss --output r.html",
        "verify FILE.json",
        "claim --file FILE.claims",
        "derive --method FILE.toml",
        "derive --method rk:FILE.toml",
        "eval BANANA --at FILE.json",
        "eval BANANA --at FILE.npy",
        "simulate BANANA --h 1 --steps 1 --start FILE.json",
        "stability BANANA --h 1 --near FILE.npy",
    ]
    .map(words)
    .to_vec()
}

#[test]
fn every_reader_has_a_limit() {
    let endings = ["loss", "json", "claims", "toml", "npy"];
    let place = tempfile::tempdir().unwrap();
    for ending in endings {
        std::os::unix::fs::symlink("/dev/zero", place.path().join(format!("zero.{ending}"))).unwrap();
        // Two gigabytes that take no room.
        File::create(place.path().join(format!("large.{ending}"))).unwrap().set_len(2 << 30).unwrap();
        std::fs::create_dir(place.path().join(format!("folder.{ending}"))).unwrap();
    }
    let expected = [("zero", "limit of "), ("large", "limit of "), ("folder", "folder"), ("missing", "o such file")];
    for (name, words) in expected {
        for arguments in readers(&at(&place, name)) {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let message = refused(&arguments);
            assert!(message.contains(words) && message.contains(name), "{arguments:?}: {message}");
            assert!(message.len() < 2_000, "{arguments:?}: {message}");
        }
    }
    let input = process(&["derive", "-"]).stdin(File::open("/dev/zero").unwrap()).output().unwrap();
    assert_eq!(input.status.code(), Some(2));
    assert!(message(&input).contains("limit"), "{}", message(&input));
}

#[test]
fn pipes_are_read_and_a_fifo_without_a_writer_is_said() {
    let place = tempfile::tempdir().unwrap();
    let fifo = at(&place, "square.loss");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert!(refused(&["derive", &fifo]).contains("nobody writes"));
    let reader = process(&["derive", &fifo, "--order", "1"]).stdout(Stdio::piped()).spawn().unwrap();
    std::fs::write(&fifo, "param x\nloss x^2\n").unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("-2*x"));
}

#[test]
fn numbers_have_one_limit_wherever_they_stand() {
    let long = "7".repeat(12_000);
    let place = folder(&[
        ("c.loss", "param x\nconst c\nloss c*x^2\n"),
        ("long.loss", &format!("param x\nloss {long}*x^2\n")),
        ("long.json", &format!("{{\"x\": {long}}}")),
        ("text.json", &format!("{{\"x\": \"1/{long}\"}}")),
        ("long.toml", &format!("a = [[]]\nb = [\"{long}\"]\n")),
        ("number.toml", &format!("a = [[]]\nb = [{long}]\n")),
    ]);
    let c = at(&place, "c.loss");
    let set = format!("c={long}");
    let point = format!("x={long}");
    let (json, text) = (at(&place, "long.json"), at(&place, "text.json"));
    let (toml, number) = (at(&place, "long.toml"), at(&place, "number.toml"));
    let grid = format!("x=0:{long}:3,y=0:1:3");
    let claim = format!("f_1 = -{long}/2 H g");
    let cases: Vec<Vec<&str>> = vec![
        vec!["simulate", &c, "--set", &set, "--h", "1", "--steps", "1", "--start", "x=1"],
        vec!["simulate", &c, "--set", "c=1", "--h", &long, "--steps", "1", "--start", "x=1"],
        vec!["eval", &c, "--set", "c=1", "--at", &point],
        vec!["eval", &c, "--set", "c=1", "--at", &json],
        vec!["eval", &c, "--set", "c=1", "--at", &text],
        vec!["derive", "--method", "heavy-ball", "--momentum", &long],
        vec!["derive", "--method", &toml],
        vec!["derive", "--method", &number],
        vec!["map", BANANA, "--h", "1", "--grid", &grid],
        vec!["claim", &claim],
    ];
    let long_loss = at(&place, "long.loss");
    for arguments in cases.into_iter().chain([vec!["derive", &long_loss]]) {
        let message = refused(&arguments);
        let shown = message.replace(&long, "…");
        let limited = message.contains("limit of 10000") || message.contains("at most 4000 characters");
        assert!(limited, "{}: {}", arguments[0], shown.chars().take(400).collect::<String>());
    }
}
