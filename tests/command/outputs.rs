//! Files that commands write: standard output by `-`, and never one of what is read.

use crate::program::{at, folder, message, names, process, refused_with, shadowflow, text};
use std::path::Path;
use std::process::Stdio;

const LOSS: &str = "param x = 1, y = 1\nloss x^2 + x*y + 2*y^2\n";
const RECORD: &str = "step,optimizer,loss\n0,gd,2\n1,gd,1\n";

/// No command writes over what it reads, whatever name leads there, nor writes two results to one file.
#[test]
#[cfg(unix)]
fn inputs_stay() {
    let place = folder(&[
        ("m.svg", LOSS),
        ("m.html", LOSS),
        ("m.json", LOSS),
        ("r.svg", RECORD),
        ("start.csv.json", "{\"x\": 1, \"y\": 2}"),
        ("a.json", "{\"x\": 3, \"y\": 2}"),
        ("b.json", "{\"x\": 1, \"y\": 5}"),
        ("d.csv", "step,b\n1,2\n2,3\n"),
        ("data.loss", "data X = csv(\"d.csv\")\nparam w[2] = [1, 1]\nloss mean((X @ w)^2)\n"),
        ("run.csv.checkpoint", LOSS),
        ("run.csv.meta.json", "{\"x\": 1, \"y\": 2}"),
    ]);
    std::os::unix::fs::symlink("m.svg", at(&place, "link.svg")).unwrap();
    std::fs::hard_link(at(&place, "m.svg"), at(&place, "hard.svg")).unwrap();
    let contents = || -> Vec<Vec<u8>> {
        names(place.path()).iter().map(|name| std::fs::read(place.path().join(name)).unwrap()).collect()
    };
    let (before, there) = (contents(), names(place.path()));
    let train = "--optimizer gd --h 0.1 --steps 2 --record loss";
    for (line, words) in [
        ("simulate m.svg --h 0.1 --steps 2 --plot m.svg".to_owned(), ["--plot m.svg", "reads that file"]),
        ("simulate m.svg --h 0.1 --steps 2 --plot ./link.svg".to_owned(), ["--plot ./link.svg", "reads that file"]),
        ("simulate m.svg --h 0.1 --steps 2 --plot-sharpness hard.svg".to_owned(), ["--plot-sharpness", "reads"]),
        (
            "simulate m.html --h 0.1 --steps 2 --plot a.svg --plot-sharpness a.svg".to_owned(),
            ["--plot-sharpness a.svg", "--plot goes to that file too"],
        ),
        ("map m.json --h 0.1 --grid x=-1:1:3,y=-1:1:3 --data m.json".to_owned(), ["--data m.json", "reads that file"]),
        ("map m.svg --h 0.1 --grid x=-1:1:3,y=-1:1:3 --plot m.svg".to_owned(), ["--plot m.svg", "reads that file"]),
        ("map m.svg --plane a.json,b.json --data b.json".to_owned(), ["--data b.json", "reads that file"]),
        ("map m.svg --plane u0,u1 --at a.json --data a.json".to_owned(), ["--data a.json", "reads that file"]),
        ("map data.loss --plane u0,u1 --data d.csv".to_owned(), ["--data d.csv", "reads that file"]),
        ("report m.html --output m.html".to_owned(), ["--output m.html", "reads that file"]),
        ("plot r.svg --output r.svg".to_owned(), ["--output r.svg", "reads that file"]),
        (format!("train data.loss {train} --output d.csv"), ["--output d.csv", "reads that file"]),
        (format!("train m.svg {train} --output m.svg"), ["--output m.svg", "reads that file"]),
        (format!("train m.svg {train} --output r.csv --plot m.svg"), ["--plot m.svg", "reads that file"]),
        (
            format!("train m.svg {train} --output new.svg --plot new.svg"),
            ["--plot new.svg", "--output goes to that file too"],
        ),
        (format!("train m.svg {train} --start a.json --output a.json"), ["--output a.json", "reads that file"]),
        (format!("train run.csv.checkpoint {train} --output run.csv"), ["run.csv.checkpoint", "reads that file"]),
        (
            format!("train m.svg {train} --start run.csv.meta.json --output run.csv"),
            ["run.csv.meta.json", "reads that file"],
        ),
    ] {
        let output = process(&line.split(' ').collect::<Vec<_>>()).current_dir(place.path()).output().unwrap();
        let said = message(&output);
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{line}: {words:?} in {said}");
        assert!(names(place.path()) == there && contents() == before, "{line}");
    }
    // By standard input too.
    let input = std::fs::File::open(at(&place, "r.svg")).unwrap();
    let mut plot = process(&["plot", "-", "--output", "r.svg"]);
    let output = plot.current_dir(place.path()).stdin(Stdio::from(input)).output().unwrap();
    assert!(output.status.code() == Some(2) && contents() == before, "{}", message(&output));
}

/// `-` is standard output for every `--output`, and no file of that name.
#[test]
fn a_hyphen_is_standard_output() {
    let place = folder(&[("m.loss", LOSS), ("r.csv", RECORD)]);
    let run = |line: &str| {
        let output = process(&line.split(' ').collect::<Vec<_>>()).current_dir(place.path()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", message(&output));
        (String::from_utf8(output.stdout.clone()).unwrap(), message(&output))
    };
    let there = names(place.path());
    let train = "train m.loss --optimizer gd --h 0.1 --steps 2 --record loss --quiet";
    assert_eq!(run(&format!("{train} --output -")), run(train));
    assert_eq!(run(&format!("{train} --output -")).0.lines().count(), 4);
    let (picture, said) = run("plot r.csv --output -");
    assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>") && said.contains("2 rows"), "{said}");
    assert!(run("plot r.csv --output - --quiet").1.is_empty());
    let (document, _) = run("report m.loss --output - --order 1 --h 0.1 --steps 2 --flows ngf --quiet");
    assert!(document.starts_with("<!DOCTYPE html>") && document.trim_end().ends_with("</html>"));
    assert_eq!(names(place.path()), there);
}

/// Pictures whose format is not known are refused before anything is read or computed.
#[test]
fn the_format_of_a_picture_is_known_first() {
    for line in [
        "simulate nowhere.loss --h 0.1 --steps 2 --plot a.gif",
        "simulate nowhere.loss --h 0.1 --steps 2 --plot-sharpness -",
        "map nowhere.loss --plane u0,u1 --plot a",
        "plot nowhere.csv --output a.csv",
        "train nowhere.loss --optimizer gd --h 0.1 --steps 2 --output a.csv --plot a.jpeg",
    ] {
        refused_with(&line.split(' ').collect::<Vec<_>>(), &["pictures end in .svg, .png or .pdf"]);
    }
}

/// A pipe that nobody reads is no hang.
#[test]
#[cfg(unix)]
fn a_pipe_without_a_reader_is_said() {
    let place = folder(&[("m.loss", LOSS)]);
    let pipe = at(&place, "pipe.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let loss = at(&place, "m.loss");
    let line =
        ["train", &loss, "--optimizer", "gd", "--h", "0.1", "--steps", "2", "--record", "loss", "--output", &pipe];
    refused_with(&line, &["pipe.csv", "nobody reads"]);
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    shadowflow(&line).assert().success();
    assert_eq!(reader.join().unwrap(), text(&[&line[..10], &["--quiet"]].concat()));
    assert!(!Path::new(&format!("{pipe}.checkpoint")).exists());
}
