//! Signals at any time and disks that fill up, for every writer: a file is the old one or the new one, and nothing else is left.
//!
//! Deterministic but for time. `SHADOWFLOW_FUZZ_CASES=2000 cargo test --test command writers` runs longer; `SHADOWFLOW_FUZZ_SEED` chooses
//! other cases.

use crate::program::{BANANA, message};
use crate::random::{Random, size};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/records/banana.jsonl");

/// Every writer: the file that it makes, and the command.
const WRITERS: &[(&str, &str)] = &[
    ("p.svg", "simulate BANANA --h 0.001 --steps 4 --start x=0,y=1 --flows ngf,igr --plot p.svg"),
    ("p.png", "simulate BANANA --h 0.001 --steps 4 --start x=0,y=1 --flows ngf --plot p.png"),
    ("e.svg", "simulate BANANA --h 0.001 --steps 4 --start x=0,y=1 --flows ngf --plot e.svg --quiet"),
    ("m.svg", "map BANANA --h 0.001 --grid x=-2:2:24,y=-1:3:24 --plot m.svg"),
    ("m.png", "map BANANA --h 0.001 --grid x=-2:2:24,y=-1:3:24 --plot m.png"),
    ("m.csv", "map BANANA --h 0.001 --grid x=-2:2:24,y=-1:3:24 --data m.csv"),
    ("m.json", "map BANANA --h 0.001 --grid x=-2:2:24,y=-1:3:24 --data m.json"),
    ("m.npy", "map BANANA --h 0.001 --grid x=-2:2:24,y=-1:3:24 --data m.npy"),
    ("l.npy", "map BANANA --plane u0,u1 --data l.npy"),
    ("l.pdf", "map BANANA --plane random:1 --plot l.pdf"),
    ("t.svg", "plot RECORD --output t.svg"),
    ("r.html", "report BANANA --output r.html --order 1 --h 0.001 --start x=0,y=1 --steps 3 --flows ngf"),
];

/// The command of a writer in a folder, by a shell that sets things up first.
fn writer(folder: &Path, line: &str, before: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{before} exec \"$@\""), "sh", env!("CARGO_BIN_EXE_shadowflow")]);
    command.args(line.split(' ').map(|word| word.replace("BANANA", BANANA).replace("RECORD", RECORD)));
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// What is in a folder.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap());
    entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect()
}

/// Runs a writer undisturbed: what it writes, and how long it takes.
fn undisturbed(name: &str, line: &str) -> (Vec<u8>, Duration) {
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let output = writer(folder.path(), line, "").output().unwrap();
    assert!(output.status.success(), "{line}: {}", message(&output));
    let mut found = contents(folder.path());
    (found.remove(name).unwrap_or_else(|| panic!("{line} writes no {name}")), start.elapsed())
}

#[test]
fn signals_leave_the_old_file_or_the_new_one() {
    let (cases, seed) = size(1);
    let (rounds, mut random) = (cases.div_ceil(WRITERS.len() as u64), Random::new(seed, 1));
    let mut interrupted = 0;
    for (name, line) in WRITERS {
        let (new, time) = undisturbed(name, line);
        for round in 0..rounds {
            let folder = tempfile::tempdir().unwrap();
            let there = random.below(2) == 0;
            if there {
                std::fs::write(folder.path().join(name), "old").unwrap();
            }
            let child = writer(folder.path(), line, "").spawn().unwrap();
            // Anywhere, and more often towards the end, where the file is written.
            let microseconds = u64::try_from(time.as_micros()).unwrap();
            let from = if random.below(2) == 0 { 0 } else { microseconds / 2 };
            std::thread::sleep(Duration::from_micros(from + random.next() % microseconds.max(1)));
            let signal = ["INT", "TERM", "HUP"][random.below(3)];
            let sent = Command::new("kill")
                .args([&format!("-{signal}"), &child.id().to_string()])
                .stderr(Stdio::null())
                .status();
            sent.unwrap();
            let output = child.wait_with_output().unwrap();
            let context = format!("{line}, round {round}, {signal}: {:?} {}", output.status, message(&output));
            let mut found = contents(folder.path());
            let file = found.remove(*name);
            assert!(found.is_empty(), "{context} left {:?}", found.keys());
            let whole = file.as_ref().is_some_and(|file| *file == new);
            let old = if there { file.as_deref() == Some(b"old") } else { file.is_none() };
            assert!(whole || old, "{context} tore the file");
            match output.status.code() {
                Some(0) => assert!(whole, "{context}"),
                // Before there is a handler the system ends the program.
                Some(130) | None => interrupted += 1,
                _ => panic!("{context}"),
            }
        }
    }
    assert!(interrupted > 0 || rounds < 3);
}

/// Runs a writer that must fail, and checks that the folder is as it was.
fn fails_cleanly(folder: &Path, line: &str, before: &str) {
    let was = contents(folder);
    let output = writer(folder, line, before).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{before} {line}: {}", message(&output));
    assert!(message(&output).contains("cannot write"), "{before} {line}: {}", message(&output));
    assert_eq!(contents(folder), was, "{before} {line}");
}

#[test]
fn full_disks_leave_the_old_file() {
    let (cases, seed) = size(1);
    let (rounds, mut random) = (cases.div_ceil(WRITERS.len() as u64), Random::new(seed, 2));
    // A file system of a few pages; only some may mount one.
    let mounted = tempfile::tempdir().unwrap();
    let mount = |size: &str| {
        let options = format!("size={size}");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(mounted.path()).output();
        mount.is_ok_and(|output| output.status.success())
    };
    // A report takes long, and is written as the others are.
    let writers = &WRITERS[..if rounds == 1 { WRITERS.len() - 1 } else { WRITERS.len() }];
    for (name, line) in writers {
        for _ in 0..rounds {
            let folder = tempfile::tempdir().unwrap();
            if random.below(2) == 0 {
                std::fs::write(folder.path().join(name), "old").unwrap();
            }
            // `ulimit -f` counts 512 bytes a block, in some shells 1024; every file here has more than 8 KiB.
            let blocks = random.below(8);
            fails_cleanly(folder.path(), line, &format!("ulimit -f {blocks};"));
        }
    }
    if mount("8k") {
        let checked = std::panic::catch_unwind(|| {
            for (_, line) in writers {
                fails_cleanly(mounted.path(), line, "");
            }
        });
        let _ = Command::new("umount").arg(mounted.path()).status();
        checked.unwrap();
    }
}

#[test]
fn links_modes_and_special_targets() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (name, line) = WRITERS[0];
    let (new, _) = undisturbed(name, line);
    let run = |folder: &Path, file: &str| {
        writer(folder, &line.replace(&format!("--plot {name}"), &format!("--plot {file}")), "")
            .stdout(Stdio::piped())
            .output()
            .unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let long = format!("{}.svg", "n".repeat(251));
    let output = run(folder.path(), &long);
    assert!(output.status.success() && std::fs::read(at(&long)).unwrap() == new, "{}", message(&output));
    // The names that earlier versions wrote to: other people's files now.
    std::fs::write(at("p.svg.partial"), "mine").unwrap();
    symlink("real.svg", at("p.svg")).unwrap();
    std::fs::write(at("real.svg"), "old").unwrap();
    std::fs::set_permissions(at("real.svg"), std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(run(folder.path(), "p.svg").status.success());
    assert_eq!(std::fs::read(at("real.svg")).unwrap(), new);
    assert_eq!(std::fs::metadata(at("real.svg")).unwrap().permissions().mode() & 0o7777, 0o640);
    assert!(std::fs::symlink_metadata(at("p.svg")).unwrap().is_symlink());
    assert_eq!(std::fs::read(at("p.svg.partial")).unwrap(), b"mine");
    // Standard output by name: the picture, then the table.
    symlink("/dev/stdout", at("out.svg")).unwrap();
    let output = run(folder.path(), "out.svg");
    assert!(output.status.success() && output.stdout.starts_with(&new));
    std::fs::create_dir(at("folder.svg")).unwrap();
    symlink("loop.svg", at("loop.svg")).unwrap();
    symlink("/dev/full", at("full.svg")).unwrap();
    for (file, words) in
        [("folder.svg", "folder"), ("loop.svg", "links"), ("no/where.svg", "no folder"), ("full.svg", "space")]
    {
        let output = run(folder.path(), file);
        assert_eq!(output.status.code(), Some(2), "{file}: {}", message(&output));
        assert!(message(&output).contains(words), "{file}: {}", message(&output));
    }
    // A pipe with a reader gets everything.
    assert!(Command::new("mkfifo").arg(at("pipe.svg")).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = at("pipe.svg");
        move || std::fs::read(pipe).unwrap()
    });
    assert!(run(folder.path(), "pipe.svg").status.success());
    assert_eq!(reader.join().unwrap(), new);
    assert_eq!(contents(&at("folder.svg")).len(), 0);
    let there: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(
        there.iter().all(|n| !n.to_string_lossy().contains(".part.") && !n.to_string_lossy().starts_with('.')),
        "{there:?}"
    );
}

/// A program that `nohup` or a shell's `&` started keeps the signals ignored that they ignored.
#[test]
fn ignored_signals_stay_ignored() {
    let (name, line) = WRITERS[0];
    for signal in ["HUP", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let child = writer(folder.path(), line, &format!("trap '' {signal};")).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .stderr(Stdio::null())
            .status()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && folder.path().join(name).exists(), "{signal}: {}", message(&output));
    }
}
