//! What is promised in `docs/limits.md`: standard output and standard error that cannot be written, quiet and colours.

use crate::program::{BANANA, ROOT, message, process, refused, words};
use std::fs::File;
use std::process::{Command, Stdio};

const NESTEROV: [&str; 4] = ["--method", "nesterov", "--momentum", "1/2"];

/// Commands with something to say on standard error, and their exit status.
fn talkative() -> Vec<(Vec<&'static str>, i32)> {
    vec![
        (vec!["nonsense"], 2),
        (vec![], 2),
        (vec!["derive", "--order", "x"], 2),
        (vec!["derive", "/nowhere.loss"], 2),
        (vec!["eval", "Cargo.toml"], 2),
        (vec!["claim", "f_1 = ("], 2),
        (vec!["claim", "f_1 = -1/2 H g", "--color", "always"], 0),
        (vec!["derive", "--order", "1", "--method", "nesterov", "--momentum", "2"], 0),
        ([&["simulate", BANANA][..], &words("--h 0.001 --steps 2 --start x=0,y=1"), &NESTEROV].concat(), 0),
        (vec!["simulate", BANANA, "--h", "1", "--steps", "9", "--start", "x=5,y=1", "--flows", "ngf"], 0),
        (vec!["map", BANANA, "--h", "1", "--grid", "x=-2:2:3,y=-1:3:3", "--show", "error"], 0),
    ]
}

#[test]
fn an_unwritable_standard_error_is_no_panic() {
    for (arguments, status) in talkative() {
        let spoken = process(&arguments).output().unwrap();
        assert_eq!(spoken.status.code(), Some(status), "{arguments:?}: {}", message(&spoken));
        if let Ok(full) = File::options().write(true).open("/dev/full") {
            let unheard = process(&arguments).stderr(full).output().unwrap();
            assert_eq!((unheard.status.code(), &unheard.stdout), (Some(status), &spoken.stdout), "{arguments:?}");
        }
        // A pipe that nobody reads, and nothing at all.
        let mut child = process(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(status), "{arguments:?}");
        let mut closed = Command::new("sh");
        closed
            .current_dir(ROOT)
            .args(["-c", "exec \"$@\" 2>&-", "sh", env!("CARGO_BIN_EXE_shadowflow")])
            .args(&arguments);
        assert_eq!(closed.stdin(Stdio::null()).output().unwrap().status.code(), Some(status), "{arguments:?}");
    }
}

#[test]
fn a_full_standard_output_is_an_error_and_a_closed_pipe_is_none() {
    let commands: &[&[&str]] = &[
        &["--help"],
        &["--version"],
        &["simulate", "--help"],
        &["derive", "--order", "3"],
        &["derive", "--order", "10"],
        &["derive", "--order", "10", "--format", "json"],
        &["check", "--order", "2"],
        &["claim", "f_1 = -1/2 H g"],
        &["verify", "examples/proofs/order-3.json"],
        &["eval", BANANA, "--at", "x=1,y=2", "--format", "json"],
        &["simulate", BANANA, "--h", "0.001", "--steps", "2", "--start", "x=0,y=1", "--format", "csv"],
        &["map", BANANA, "--h", "0.001", "--grid", "x=-2:2:3,y=-1:3:3", "--format", "json"],
        &["stability", BANANA, "--h", "0.001", "--near", "x=1,y=1"],
    ];
    for arguments in commands {
        if let Ok(full) = File::options().write(true).open("/dev/full") {
            let output = process(arguments).stdout(full).output().unwrap();
            let message = message(&output);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
            assert!(message.contains("written") || message.contains("write"), "{arguments:?}: {message}");
        }
        let mut child = process(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), message(&output)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn quiet_and_colours() {
    let run = words("--h 0.001 --steps 1 --start x=0,y=1 --flows ngf");
    let noisy = [&["simulate", BANANA][..], &run, &NESTEROV].concat();
    let spoken = process(&noisy).output().unwrap();
    assert!(!spoken.stderr.is_empty());
    let quiet = process(&[&noisy[..], &["--quiet"]].concat()).output().unwrap();
    assert_eq!((quiet.status.code(), message(&quiet)), (Some(0), String::new()));
    assert!(!refused(&["-q", "derive", "/nowhere.loss"]).is_empty());
    assert!(refused(&["derive", "-q", "-v"]).contains("cannot be used with"));
    for coloured in [vec!["eval", "Cargo.toml"], vec!["nonsense"], vec!["claim", "f_1 = ("]] {
        let always = refused(&[&coloured[..], &["--color", "always"]].concat());
        assert!(always.contains('\u{1b}'), "{coloured:?}");
        assert!(!refused(&coloured).contains('\u{1b}'), "{coloured:?}");
        let output = process(&coloured).args(["--color=auto"]).env("NO_COLOR", "1").output().unwrap();
        assert!(!message(&output).contains('\u{1b}'), "{coloured:?}");
    }
    assert!(refused(&["derive", "--color", "sometimes"]).contains("auto, always, never"));
}
