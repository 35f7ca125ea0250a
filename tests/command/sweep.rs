//! Sweeps: parts make the whole, what was cut short goes on, and what is refused.

use crate::program::{BANANA, at, folder, message, process, refused_with, text};
use std::path::Path;

const SWEEP: &str = "sweep BANANA --h 0.0005:0.002:3 --grid x=-1:1:3,y=0:1:2 --steps 6 --flows igr,pf --quiet";

fn sweep(more: &[&str]) -> Vec<String> {
    let words = SWEEP.split(' ').map(|word| word.replace("BANANA", BANANA));
    words.chain(more.iter().map(|word| (*word).to_owned())).collect()
}

fn printed(more: &[&str]) -> String {
    let words = sweep(more);
    text(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn refuses(more: &[&str], words: &[&str]) {
    let line = sweep(more);
    refused_with(&line.iter().map(String::as_str).collect::<Vec<_>>(), words);
}

#[test]
fn parts_put_together_are_the_whole() {
    let whole = printed(&[]);
    assert_eq!(whole.lines().count(), 1 + 36);
    assert!(whole.starts_with("case,loss_name,seed,start,h,flow,step,time,loss,"));
    assert_eq!(printed(&["--count"]), "36\n");
    let parts: String = ["0..7", "7..8", "8..20", "20..100"].iter().map(|part| printed(&["--cases", part])).collect();
    assert_eq!(parts, whole);
    assert_eq!(printed(&["--threads", "3"]), whole);
    assert_eq!(printed(&["--cases", "40..50"]), "");
    // The values of one case are those of simulate.
    let row: Vec<&str> = whole.lines().nth(1 + 5).unwrap().split(',').collect();
    assert_eq!(row[..7], ["5", BANANA, "0", "0", "0.002", "pf", "6"]);
    let line = ["simulate", BANANA, "--h", "0.002", "--steps", "6", "--start", "x=-1,y=0", "--flows", "pf"];
    let alone = text(&[&line[..], &["--format", "csv"]].concat());
    let last: Vec<&str> = alone.lines().last().unwrap().split(',').collect();
    // step, time, x, y, loss, h_lambda_0; two states; error.
    assert_eq!((row[7], row[8], row[9], row[14]), (last[1], last[4], last[5], last[10]));
}

#[test]
fn seeds_losses_starts_and_states() {
    let files = folder(&[
        ("a.loss", "param w[2] = normal(1)\nloss norm2(w) + w[0]^4\n"),
        ("b.loss", "param w[2] = zeros\nloss (w[0] - 1)^2 + w[1]^4\n"),
        ("c.loss", "param v = 1\nloss v^2\n"),
        ("starts.txt", "# two\nw=[1,2]\n\nw=[1/2,0] # the second\n"),
    ]);
    let [a, b, c, starts] = ["a.loss", "b.loss", "c.loss", "starts.txt"].map(|name| at(&files, name));
    let rest = ["--h", "0.1,1/4", "--steps", "2", "--flows", "ngf", "--every", "1", "--quiet"];
    let found = text(&[&["sweep", &a, &b, "--seed", "3,4", "--states"][..], &rest].concat());
    let rows: Vec<Vec<&str>> = found.lines().skip(1).map(|line| line.split(',').collect()).collect();
    // Two losses, two seeds, two step sizes, three rows.
    assert_eq!(rows.len(), 2 * 2 * 2 * 3);
    assert_eq!(rows[0][..7], ["0", &a, "3", "0", "0.1", "ngf", "0"]);
    assert_eq!(rows[23][..7], ["7", &b, "4", "0", "0.25", "ngf", "2"]);
    assert!(found.starts_with("case,") && found.lines().next().unwrap().ends_with("state.w[1].re,state.w[1].im"));
    assert_ne!(rows[0][20], rows[6][20], "seeds draw other starts");
    let found = text(&[&["sweep", &a, "--starts", &starts, "--states"][..], &rest].concat());
    let rows: Vec<Vec<&str>> = found.lines().skip(1).map(|line| line.split(',').collect()).collect();
    assert_eq!((rows[0][20], rows[0][21], rows[6][20], rows[6][3]), ("1.0", "2.0", "0.5", "1"));
    refused_with(&[&["sweep", &a, &c, "--states"][..], &rest].concat(), &["the losses differ in their parameters"]);
    refused_with(&[&["sweep", &a, &a][..], &rest].concat(), &["a.loss is given twice"]);
    refused_with(
        &[&["sweep", &c, "--starts", &starts][..], &rest].concat(),
        &["starts.txt:2:1", "`w` is not a parameter"],
    );
}

#[test]
fn a_file_that_was_cut_goes_on_to_the_same_bytes() {
    let place = tempfile::tempdir().unwrap();
    let path = at(&place, "rows.csv");
    let whole = printed(&[]);
    let run = |more: &[&str]| assert_eq!(printed(&[&["--output", &path][..], more].concat()), "");
    run(&[]);
    let read = || std::fs::read_to_string(&path).unwrap();
    assert_eq!(read(), whole);
    refuses(&["--output", &path], &["go on with it by --resume", "--overwrite"]);
    let lines: Vec<usize> = whole.match_indices('\n').map(|(at, _)| at + 1).collect();
    // Nothing, within the header, behind it, within a row, behind one, all.
    for length in [0, 10, lines[0], lines[3] + 5, lines[4], whole.len()] {
        std::fs::write(&path, &whole[..length]).unwrap();
        run(&["--resume"]);
        assert_eq!(read(), whole, "{length}");
    }
    // A part has its own file, which begins without the header.
    let part = at(&place, "part.csv");
    let cut = &whole[lines[10]..lines[20]];
    let of_part = ["--output", &part, "--cases", "10..20"];
    printed(&of_part);
    assert_eq!(std::fs::read_to_string(&part).unwrap(), cut);
    std::fs::write(&part, &cut[..cut.len() / 2]).unwrap();
    printed(&[&of_part[..], &["--resume"]].concat());
    assert_eq!(std::fs::read_to_string(&part).unwrap(), cut);
    // Other questions have other rows.
    refuses(&["--output", &path, "--resume", "--tolerance", "1e-6"], &["begun with 1e-10 for tolerance", "has 1e-6"]);
    refuses(&["--output", &part, "--resume", "--cases", "11..20"], &["first_case"]);
    std::fs::write(&path, whole.replace("\n4,", "\n40,")).unwrap();
    refuses(&["--output", &path, "--resume"], &["line 6 of", "is no row of this sweep"]);
    run(&["--overwrite"]);
    assert_eq!(read(), whole);
    std::fs::remove_file(format!("{path}.meta.json")).unwrap();
    refuses(&["--output", &path, "--resume"], &["does not say what was asked for"]);
    assert!(Path::new(&format!("{part}.meta.json")).exists());
}

#[test]
fn what_the_time_ends_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let path = at(&place, "rows.csv");
    let line = [
        "sweep",
        "--loss",
        "1 - cos(x)",
        "--param",
        "x = 1/2",
        "--h",
        "0.1:1.9:40",
        "--steps",
        "40",
        "--flows",
        "pf",
        "--output",
        &path,
    ];
    let first = process(&[&line[..], &["--max-seconds", "0.05"]].concat()).output().unwrap();
    if first.status.code() == Some(2) {
        assert!(message(&first).contains("--resume"), "{}", message(&first));
        assert!(process(&[&line[..], &["--resume"]].concat()).output().unwrap().status.success());
    }
    let found = std::fs::read_to_string(&path).unwrap();
    assert_eq!(found, text(&line[..line.len() - 2]));
}

#[test]
fn what_is_refused() {
    for (more, words) in [
        (&["--cases", "5"][..], &["--cases", "half-open"][..]),
        (&["--cases", "9..3"], &["9 is beyond 3"]),
        (&["--start", "x=1,z=2"], &["banana.loss", "`z` is not a parameter"]),
        (&["--resume"], &["--output"]),
        (&["--seed", "1,1"], &["1 is given twice"]),
    ] {
        refuses(more, words);
    }
    let line = |h| ["sweep", BANANA, "--h", h, "--steps", "2", "--flows", "pf"];
    refused_with(&line("1:2"), &["FROM:TO:COUNT"]);
    refused_with(&line("0:1:5"), &["a step size is above 0"]);
    refused_with(&["sweep", BANANA, "--h", "1", "--steps", "2"], &["--flows"]);
}
