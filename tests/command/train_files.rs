//! The files of training runs: whose they are, that they are the ones that were written, and what every end leaves of them.

use crate::program::{BANANA, message, names};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn shadowflow(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shadowflow"));
    command.args(line.split_whitespace().map(|word| word.replace("BANANA", BANANA)));
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn done(folder: &Path, line: &str) -> Output {
    shadowflow(folder, line).output().unwrap()
}

fn succeeds(folder: &Path, line: &str) {
    let output = done(folder, line);
    assert!(output.status.success(), "{line}: {}", message(&output));
}

fn refused(folder: &Path, line: &str, words: &[&str]) {
    let output = done(folder, line);
    let said = message(&output);
    assert_eq!(output.status.code(), Some(2), "{line}: {said}");
    assert!(words.iter().all(|word| said.contains(word)), "{line}: {words:?} in {said}");
}

/// Without an end, to any file.
const LONG: &str =
    "train BANANA --optimizer gd --h 0.0001 --steps 1000000000 --every 1000 --record loss --checkpoint-every 1000";
/// With one.
const SHORT: &str = "train BANANA --optimizer gd,dal-p:0.5 --h 0.0005 --start x=-0.9,y=0.95 --quiet --steps 60 --every 3 \
                     --checkpoint-every 10 --record loss,theta_along_0,distance";

/// A run whose record has some rows and a checkpoint of them.
fn running(folder: &Path, name: &str) -> Child {
    let mut child = shadowflow(folder, &format!("{LONG} --output {name}")).spawn().unwrap();
    let begin = Instant::now();
    while std::fs::read_to_string(folder.join(name)).map_or(0, |t| t.lines().count()) < 5 {
        assert!(begin.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn killed(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
#[cfg(unix)]
fn one_run_writes_a_record_and_others_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let child = running(at, "run.csv");
    std::os::unix::fs::symlink("run.csv", at.join("link.csv")).unwrap();
    for line in [
        format!("{LONG} --output run.csv"),
        format!("{LONG} --output run.csv --overwrite"),
        format!("{LONG} --output link.csv"),
        format!("{LONG} --resume run.csv"),
        "train --resume run.csv".to_owned(),
    ] {
        refused(at, &line, &["another run is writing this record", "another file"]);
    }
    succeeds(at, "plot run.csv --output run.svg");
    killed(child);
    // The lock is gone with its process: there was time for some steps.
    refused(at, "train --resume run.csv --max-seconds 1", &["--max-seconds", "go on with --resume run.csv"]);
    let record = std::fs::read_to_string(at.join("run.csv")).unwrap();
    let steps: Vec<u64> = record.lines().skip(1).map(|l| l.split(',').next().unwrap().parse().unwrap()).collect();
    assert!(steps.iter().enumerate().all(|(k, step)| *step == 1000 * k as u64), "{steps:?}");
}

/// A record that was moved away under a run is no record of its checkpoint.
#[test]
#[cfg(unix)]
fn a_record_that_is_replaced_under_a_run_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for replaced in [false, true] {
        let child = running(at, "run.csv");
        std::fs::rename(at.join("run.csv"), at.join("moved.csv")).unwrap();
        if replaced {
            std::fs::write(at.join("run.csv"), "step,optimizer,loss,warnings\n").unwrap();
        }
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", message(&output));
        assert!(message(&output).contains("run.csv was moved, replaced or changed"), "{}", message(&output));
        names(at).iter().for_each(|name| std::fs::remove_file(at.join(name)).unwrap());
    }
}

#[test]
fn a_record_is_the_one_of_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    succeeds(at, &format!("{SHORT} --output finished.csv"));
    succeeds(at, &format!("{SHORT} --output other.csv --h-max 0.0004"));
    refused(at, &format!("{LONG} --output unfinished.csv --max-seconds 1"), &["--resume unfinished.csv"]);
    for name in ["finished.csv", "unfinished.csv"] {
        let own = std::fs::read(at.join(name)).unwrap();
        let random: Vec<u8> = (0..own.len()).map(|k| (k * k % 251) as u8).collect();
        let mut flipped = own.clone();
        flipped[own.len() / 2] ^= 1;
        let other = std::fs::read(at.join("other.csv")).unwrap();
        let cases: [(&[u8], &str); 5] = [
            (&own[..own.len() - 1], "bytes, and"),
            (b"", "it has 0 bytes, and"),
            (&random, "not those that were written"),
            (&flipped, "not those that were written"),
            (&other, "bytes"),
        ];
        for (bytes, why) in cases {
            std::fs::write(at.join(name), bytes).unwrap();
            for line in [format!("train --resume {name}"), format!("train --resume {name} --plot a.svg")] {
                refused(at, &line, &["is not the record that", name, why, "--overwrite"]);
            }
            assert_eq!(std::fs::read(at.join(name)).unwrap(), bytes, "{name}: {why}");
        }
        std::fs::remove_file(at.join(name)).unwrap();
        refused(at, &format!("train --resume {name}"), &["is not the record that", name, "no such file"]);
        std::fs::create_dir(at.join(name)).unwrap();
        refused(at, &format!("train --resume {name}"), &[name]);
        std::fs::remove_dir(at.join(name)).unwrap();
        std::fs::write(at.join(name), &own).unwrap();
    }
    // More than what was written is none either, but for rows that no checkpoint knew.
    let mut more = std::fs::read(at.join("finished.csv")).unwrap();
    more.extend(b"60,gd,1,,,\n");
    std::fs::write(at.join("finished.csv"), &more).unwrap();
    refused(at, "train --resume finished.csv", &["is not the record that"]);
    refused(at, &format!("{SHORT} --resume finished.csv"), &["is not the record that"]);
    assert!(!at.join("a.svg").exists());
}

/// A finished record is left as it is, and drawn where that is asked for; in a folder that cannot be written too.
#[test]
fn a_finished_record_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    succeeds(at, &format!("{SHORT} --output run.csv --plot first.svg"));
    let files = ["run.csv", "run.csv.checkpoint", "run.csv.meta.json"].map(|name| at.join(name));
    let before = files.clone().map(|path| std::fs::read(path).unwrap());
    std::fs::remove_file(at.join("first.svg")).unwrap();
    succeeds(at, "train --resume run.csv");
    succeeds(at, "train --resume run.csv --plot second.svg");
    succeeds(at, &format!("{SHORT} --resume run.csv --plot third.svg"));
    for name in ["first.svg", "second.svg", "third.svg"] {
        assert!(std::fs::read(at.join(name)).unwrap().starts_with(b"<svg"), "{name}");
    }
    refused(at, "train --resume run.csv --plot a.gif", &["--plot", ".svg, .png or .pdf"]);
    refused(at, "train --resume -", &["--resume -"]);
    assert!(before == files.map(|path| std::fs::read(path).unwrap()));
}

/// What can be gone on with is not written over, unless told.
#[test]
fn an_unfinished_record_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    refused(at, &format!("{LONG} --output run.csv --max-seconds 1"), &["--resume run.csv"]);
    let files = ["run.csv", "run.csv.checkpoint", "run.csv.meta.json"].map(|name| at.join(name));
    let before = files.clone().map(|path| std::fs::read(path).unwrap());
    let words = ["--output run.csv", "unfinished", "--resume run.csv", "--overwrite"];
    refused(at, &format!("{LONG} --output run.csv"), &words);
    refused(at, &format!("{SHORT} --output run.csv"), &words);
    assert!(before == files.map(|path| std::fs::read(path).unwrap()));
    succeeds(at, &format!("{SHORT} --output run.csv --overwrite"));
    // It is finished now, and a result as any other.
    succeeds(at, &format!("{SHORT} --output run.csv"));
    assert!(std::fs::read_to_string(at.join("run.csv.meta.json")).unwrap().contains("dal-p:0.5"));
}

/// Paths of a command lead from where it was given, which is said from elsewhere.
#[test]
fn a_record_is_gone_on_with_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("m.loss"), "param x = 1\nloss x^4/4 + x^2/2\n").unwrap();
    let line = LONG.replace("BANANA", "m.loss");
    refused(at, &format!("{line} --output run.csv --max-seconds 1"), &["--resume run.csv"]);
    std::fs::create_dir(at.join("inner")).unwrap();
    let inner = at.join("inner");
    let there = at.canonicalize().unwrap().display().to_string();
    refused(&inner, "train --resume ../run.csv --max-seconds 1", &["m.loss", "lead from the folder", &there]);
    refused(at, "train --resume ./run.csv --max-seconds 1", &["go on with --resume ./run.csv"]);
    std::fs::copy(at.join("m.loss"), inner.join("m.loss")).unwrap();
    refused(&inner, "train --resume ../run.csv --max-seconds 1", &["go on with --resume ../run.csv"]);
}

/// How a loss is written does not count, and what it computes does.
#[test]
fn a_loss_is_the_same_by_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let write = |name: &str, text: &str| std::fs::write(at.join(name), text).unwrap();
    let train = "train m.loss --optimizer sgd --h 0.1 --steps 20 --batch 2 --record loss --quiet";
    let data = "x,y\n1,2\n2,3\n3,5\n";
    let loss = "data X = csv(\"d.csv\")\nparam w[2] = normal(1)\nloss mean((X @ w - 1)^2)\n";
    write("d.csv", data);
    write("m.loss", loss);
    succeeds(at, &format!("{train} --output run.csv"));
    for same in [
        "# A comment.\n\ndata X = csv(\"d.csv\")   # another\nparam w[2] = normal(1)\nloss mean(((X@w) - 1)**2)\n",
        "data Y = csv(\"d.csv\")\nparam w[2] = normal(1)\nlet residual = Y @ w - 1\nloss mean(residual^2)\n",
    ] {
        write("m.loss", same);
        succeeds(at, "train --resume run.csv");
        succeeds(at, &format!("{train} --resume run.csv"));
    }
    for other in [
        loss.replace("- 1", "- 2"),
        loss.replace("^2", "^4"),
        loss.replace("normal(1)", "normal(2)"),
        loss.replace("param w[2]", "test X = csv(\"d.csv\")[0..2, ..]\nparam w[2]"),
        loss.replace("(\"d.csv\")", "(\"d.csv\")[1..3, ..]"),
    ] {
        write("m.loss", &other);
        refused(at, &format!("{train} --resume run.csv"), &["the loss, its data or the start have changed"]);
    }
    write("m.loss", loss);
    write("d.csv", "header,here\n1.0,2\n2,3e0\n3,5\n");
    succeeds(at, &format!("{train} --resume run.csv"));
    write("d.csv", &data.replace('5', "6"));
    refused(at, &format!("{train} --resume run.csv"), &["the loss, its data or the start have changed"]);
}

/// How files of checkpoints that are being written are called: FNV-1a of the name is in them.
fn part(name: &str) -> String {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!(".shadowflow-{hash:016x}-killed.part")
}

/// Whatever a killed process left, the record is that of an undisturbed run to the byte, and nothing else stays.
#[test]
fn every_state_that_a_kill_leaves_is_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    succeeds(at, &format!("{SHORT} --output whole.csv"));
    let whole = std::fs::read(at.join("whole.csv")).unwrap();
    // All checkpoints of a run: it ends in a directory of its own whenever a file can grow no more.
    let header = whole.iter().position(|b| *b == b'\n').unwrap() + 1;
    let read = |name: &str| std::fs::read(at.join(name)).unwrap();
    // A checkpoint on the way: that of the run of which the goal ended the first part.
    let checkpoint = read("whole.csv.checkpoint");
    let middle = interrupted(at);
    let resume = format!("{SHORT} --resume run.csv");
    let (half, rest) = (middle.0.len(), whole.len());
    assert!(whole.starts_with(&middle.0) && header < half && half < rest, "{header} {half} {rest}");
    let states = [
        ("nothing", None, None),
        ("before the header", Some(Vec::new()), None),
        ("in the header", Some(whole[..header / 2].to_vec()), None),
        ("after the header", Some(whole[..header].to_vec()), None),
        ("with rows of what was there before", Some(b"step,loss\n0,1\n".to_vec()), None),
        ("at a checkpoint", Some(middle.0.clone()), Some(&middle.1)),
        ("in a row", Some(whole[..half + 7].to_vec()), Some(&middle.1)),
        ("many rows on", Some(whole[..rest - 9].to_vec()), Some(&middle.1)),
        ("before the last checkpoint", Some(whole.clone()), Some(&middle.1)),
        ("finished", Some(whole.clone()), Some(&checkpoint)),
    ];
    for (what, record, checkpoint) in states {
        for name in names(at).iter().filter(|name| name.contains("run.csv") || name.ends_with(".part")) {
            std::fs::remove_file(at.join(name)).unwrap();
        }
        if let Some(record) = record {
            std::fs::write(at.join("run.csv"), record).unwrap();
        }
        if let Some(checkpoint) = checkpoint {
            std::fs::write(at.join("run.csv.checkpoint"), checkpoint).unwrap();
        }
        for name in ["run.csv.checkpoint", "run.csv.meta.json", "other.csv.checkpoint"] {
            std::fs::write(at.join(part(name)), "half").unwrap();
        }
        succeeds(at, &resume);
        assert_eq!(read("run.csv"), whole, "{what}");
        let left: Vec<String> = names(at).into_iter().filter(|name| name.ends_with(".part")).collect();
        assert_eq!(left, [part("other.csv.checkpoint")], "{what}");
    }
}

/// The record and the checkpoint of [`SHORT`] somewhere on its way, where a file could not grow.
fn interrupted(at: &Path) -> (Vec<u8>, Vec<u8>) {
    std::fs::create_dir(at.join("inner")).unwrap();
    let line = format!("{SHORT} --output inner/cut.csv");
    let output = limited(at, &line, 3).output().unwrap();
    let said = message(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cannot write inner/cut.csv:") && said.contains("the last checkpoint stands"), "{said}");
    let read = |name: &str| std::fs::read(at.join("inner").join(name)).unwrap();
    let (record, checkpoint) = (read("cut.csv"), read("cut.csv.checkpoint"));
    let text = String::from_utf8_lossy(&checkpoint).into_owned();
    let bytes: usize = text.split("\"record_bytes\":").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    (record[..bytes].to_vec(), checkpoint)
}

/// A command whose files have so many blocks at most: 512 bytes each, in some shells 1024.
fn limited(at: &Path, line: &str, blocks: u32) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -f {blocks}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_shadowflow")]);
    command.args(line.split_whitespace().map(|word| word.replace("BANANA", BANANA)));
    command.current_dir(at).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A disk that is full is an error that names the file, and the last checkpoint is gone on from when there is room again.
#[test]
#[cfg(unix)]
fn a_full_disk_leaves_the_last_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    succeeds(at, &format!("{SHORT} --output whole.csv"));
    let whole = std::fs::read(at.join("whole.csv")).unwrap();
    let output = limited(at, &format!("{SHORT} --output run.csv"), 3).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", message(&output));
    assert!(message(&output).contains("cannot write run.csv: "), "{}", message(&output));
    // There is no more room yet.
    let again = limited(at, "train --resume run.csv --quiet", 3).output().unwrap();
    assert_eq!(again.status.code(), Some(2), "{}", message(&again));
    succeeds(at, "train --resume run.csv --quiet");
    assert_eq!(std::fs::read(at.join("run.csv")).unwrap(), whole);
    // Where there is no room at all nothing stays.
    let output = limited(at, &format!("{SHORT} --output none.csv"), 0).output().unwrap();
    assert!(message(&output).contains("cannot write none.csv.meta.json: "), "{}", message(&output));
    assert!(names(at).iter().all(|name| !name.starts_with("none.csv")), "{:?}", names(at));
    // The checkpoint is larger than the record, and does not fit.
    let large =
        "train --loss norm2(w)/2 --param w[3000]=normal(1) --optimizer gd --h 1/10 --steps 3 --record loss --quiet";
    let output = limited(at, &format!("{large} --output large.csv"), 16).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", message(&output));
    assert!(message(&output).contains("cannot write large.csv.checkpoint: "), "{}", message(&output));
    assert!(names(at).iter().all(|name| !name.ends_with(".part")), "{:?}", names(at));
}
