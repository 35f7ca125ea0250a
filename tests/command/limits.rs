//! Limits of time, memory and reading; files that are whole or not there; messages that cannot be written. What is promised in
//! `docs/limits.md`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const BANANA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/losses/banana.loss");

fn shadowflow(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shadowflow"));
    command.current_dir(ROOT).args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    shadowflow(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a command that must end with exit status 2, and gives its message.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(!message.contains("panicked"), "{message}");
    message
}

fn json(arguments: &[&str]) -> serde_json::Value {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn codes(document: &serde_json::Value) -> Vec<&str> {
    document["warnings"].as_array().unwrap().iter().map(|w| w["code"].as_str().unwrap()).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder with files of these names and contents.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn at(folder: &tempfile::TempDir, name: &str) -> String {
    folder.path().join(name).to_str().unwrap().to_owned()
}

/// Files are opened in one room, and only one function talks to standard error: what is elsewhere would have no limit, would tear, or
/// would panic.
#[test]
fn one_room_opens_files_and_one_speaks() {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                into.push(path);
            }
        }
    }
    let root = Path::new(ROOT).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    let opening =
        ["fs::write", "fs::read(", "fs::read_to_string", "fs::rename", "File::create", "File::open(", "OpenOptions"];
    let speaking = ["println!", "print!", "io::stderr()", "process::exit", "process::abort", "panic = "];
    let mut faults = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        if name.ends_with("tests.rs") || name.contains("tests/") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
            let opens = has(&opening) && !["file/read.rs", "file/write.rs", "budget/memory.rs"].contains(&&*name);
            let asks = line.contains("is_terminal()");
            let speaks =
                has(&speaking) && !asks && !["cli/output.rs", "file/write.rs", "budget/allocator.rs"].contains(&&*name);
            if opens || speaks {
                faults.push(format!("{name}:{}: {line}", number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "use crate::file, and cli::output:\n{}", faults.join("\n"));
}

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
        (
            vec![
                "simulate",
                BANANA,
                "--h",
                "0.001",
                "--steps",
                "2",
                "--start",
                "x=0,y=1",
                "--method",
                "nesterov",
                "--momentum",
                "1/2",
            ],
            0,
        ),
        (vec!["simulate", BANANA, "--h", "1", "--steps", "9", "--start", "x=5,y=1", "--flows", "ngf"], 0),
        (vec!["map", BANANA, "--h", "1", "--grid", "x=-2:2:3,y=-1:3:3", "--show", "error"], 0),
    ]
}

#[test]
fn an_unwritable_standard_error_is_no_panic() {
    for (arguments, status) in talkative() {
        let spoken = run(&arguments);
        assert_eq!(spoken.status.code(), Some(status), "{arguments:?}: {}", stderr(&spoken));
        if let Ok(full) = File::options().write(true).open("/dev/full") {
            let unheard = shadowflow(&arguments).stderr(full).output().unwrap();
            assert_eq!((unheard.status.code(), &unheard.stdout), (Some(status), &spoken.stdout), "{arguments:?}");
        }
        // A pipe that nobody reads, and nothing at all.
        let mut child = shadowflow(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
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
            let output = shadowflow(arguments).stdout(full).output().unwrap();
            let message = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
            assert!(message.contains("written") || message.contains("write"), "{arguments:?}: {message}");
        }
        let mut child = shadowflow(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn quiet_and_colours() {
    let noisy = [
        "simulate",
        BANANA,
        "--h",
        "0.001",
        "--steps",
        "1",
        "--start",
        "x=0,y=1",
        "--flows",
        "ngf",
        "--method",
        "nesterov",
        "--momentum",
        "1/2",
    ];
    let spoken = run(&noisy);
    assert!(!spoken.stderr.is_empty());
    let quiet = run(&[&noisy[..], &["--quiet"]].concat());
    assert_eq!((quiet.status.code(), stderr(&quiet)), (Some(0), String::new()));
    assert!(!refused(&["-q", "derive", "/nowhere.loss"]).is_empty());
    assert!(refused(&["derive", "-q", "-v"]).contains("cannot be used with"));
    for coloured in [vec!["eval", "Cargo.toml"], vec!["nonsense"], vec!["claim", "f_1 = ("]] {
        let always = refused(&[&coloured[..], &["--color", "always"]].concat());
        assert!(always.contains('\u{1b}'), "{coloured:?}");
        assert!(!refused(&coloured).contains('\u{1b}'), "{coloured:?}");
        let output = shadowflow(&coloured).args(["--color=auto"]).env("NO_COLOR", "1").output().unwrap();
        assert!(!stderr(&output).contains('\u{1b}'), "{coloured:?}");
    }
    assert!(refused(&["derive", "--color", "sometimes"]).contains("auto, always, never"));
}

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
    let input = shadowflow(&["derive", "-"]).stdin(File::open("/dev/zero").unwrap()).output().unwrap();
    assert_eq!(input.status.code(), Some(2));
    assert!(stderr(&input).contains("limit"), "{}", stderr(&input));
}

#[test]
fn pipes_are_read_and_a_fifo_without_a_writer_is_said() {
    let place = tempfile::tempdir().unwrap();
    let fifo = at(&place, "square.loss");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert!(refused(&["derive", &fifo]).contains("nobody writes"));
    let reader = shadowflow(&["derive", &fifo, "--order", "1"]).stdout(Stdio::piped()).spawn().unwrap();
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

#[test]
fn memory_ends_in_a_sentence() {
    let wide = folder(&[("wide.loss", "param w[10000] = 1/2\nloss w[0]^2\n"), ("old.html", "old")]);
    let (wide_loss, page) = (at(&wide, "wide.loss"), at(&wide, "old.html"));
    let cases: Vec<Vec<&str>> = vec![
        vec!["derive", "--order", "12", "--method", "implicit-euler", "--max-memory", "4MB"],
        vec!["check", "--order", "9", "--max-memory", "3MiB"],
        vec!["verify", "examples/proofs/order-3.json", "--max-memory", "300kB"],
        vec!["stability", &wide_loss, "--h", "1/10", "--max-memory", "1GB"],
        vec![
            "map",
            &wide_loss,
            "--h",
            "1/10",
            "--grid",
            "w[0]=0:1:3,w[1]=0:1:3",
            "--show",
            "stability",
            "--max-memory",
            "1GB",
        ],
        vec!["report", &wide_loss, "--output", &page, "--order", "1", "--max-memory", "1GB"],
        vec!["map", BANANA, "--h", "1/1000", "--grid", "x=-2:2:2000,y=-1:3:2000", "--max-memory", "20MB"],
    ];
    for arguments in cases {
        let message = refused(&arguments);
        assert!(message.contains("--max-memory") && message.contains("memory"), "{arguments:?}: {message}");
    }
    assert_eq!(std::fs::read_to_string(&page).unwrap(), "old");
    assert_eq!(names(wide.path()), ["old.html", "wide.loss"]);
    // Two of the flows need a gradient only; the others say what they would need.
    let run = json(&[
        "simulate",
        &wide_loss,
        "--h",
        "1/10",
        "--steps",
        "1",
        "--flows",
        "ngf,pf",
        "--format",
        "json",
        "--max-memory",
        "1GB",
    ]);
    assert_eq!(run["iterates"][1][0], serde_json::json!(0.4));
    assert!(run["flows"]["ngf"]["error"][1].is_f64() && run["flows"]["pf"]["trajectory"][1].is_null());
    let message = run["warnings"][0]["message"].as_str().unwrap();
    assert!(message.contains("10000 by 10000") && message.contains("--max-memory"), "{message}");
    // What the loss does not use costs nothing.
    let derived = json(&["derive", &wide_loss, "--order", "1", "--format", "json", "--max-memory", "200MB"]);
    assert_eq!(derived["orders"][1]["components"][0], "-2*w[0]");
    for size in ["1GBs", "-1", "0", "lots"] {
        assert!(refused(&["derive", &format!("--max-memory={size}")]).contains("2GiB"), "{size}");
    }
}

#[test]
fn sums_of_multiples_leave_nothing_behind() {
    let place = folder(&[
        ("linear.loss", "param x\nloss sum(i in 0..10^6, i*x)\n"),
        (
            "affine.loss",
            "param x, y\ndef f(i, t) = i*t\nloss sum(i in 0..300, sum(j in 0..300, f(i, x)*f(j, y)) + i*x^2 + 1)\n",
        ),
        ("mixed.loss", "param x, y\nloss sum(i in 0..4, i*x + i^2*y - sum(j in 0..i, x*y)/2 + 1/(i+1))\n"),
    ]);
    // Σ i = 499999500000.
    let linear =
        json(&["derive", &at(&place, "linear.loss"), "--order", "0", "--format", "json", "--max-memory", "50MB"]);
    assert_eq!(linear["orders"][0]["components"], serde_json::json!(["-499999500000"]));
    // (Σ i)² = 44850², of xy; Σ i = 44850, of x².
    let affine =
        json(&["derive", &at(&place, "affine.loss"), "--order", "0", "--format", "json", "--max-memory", "50MB"]);
    assert_eq!(affine["orders"][0]["components"][1], "-2011522500*x");
    // Σ i x + Σ i² y − 6 xy/2: the gradient is (6 − 3y, 14 − 3x).
    let mixed = json(&["eval", &at(&place, "mixed.loss"), "--at", "x=1,y=2", "--order", "0", "--format", "json"]);
    assert_eq!(mixed["orders"][0]["value"], serde_json::json!([0.0, -11.0]));
}

/// The third derivatives lead trial steps to |hλ| = 10^116, where α is followed over floats' whole range.
#[test]
fn flows_that_try_enormous_steps_end() {
    for (method, h, limit) in
        [("heavy-ball", "0.5", ["--flow-seconds", "30"]), ("nesterov", "1.1", ["--flow-seconds", "0.2"])]
    {
        let run = json(
            &[
                &["simulate", "--loss", "(u*v-1)^2/2", "--param", "u,v", "--h", h, "--start", "u=1.2,v=0.7"][..],
                &["--steps", "1", "--method", method, "--momentum", "9/10", "--flows", "pf+np3", "--format", "json"],
                &limit,
            ]
            .concat(),
        );
        let error = &run["flows"]["pf+np3"]["error"][1];
        let ends = ["time-limit", "step-limit", "step-underflow", "not-finite", "diverged"];
        assert!(error.is_f64() || codes(&run).iter().any(|c| ends.contains(c)), "{method}: {}", run["warnings"]);
    }
}

/// On a loss with the curvature 10^9 the negative gradient flow takes some 10^8 integrator steps for each of these.
const ENDLESS: &[&str] = &["--h", "1", "--steps", "3", "--start", "x=1,y=1", "--max-steps", "4000000000"];

#[test]
fn what_is_finished_is_printed_when_time_is_up() {
    let place = folder(&[("stiff.loss", "param x, y\nloss 10^9*x^2/2 + y^2/2\n")]);
    let stiff = at(&place, "stiff.loss");
    let with = |more: &[&'static str]| -> Vec<String> {
        let words = [&["simulate", &stiff], ENDLESS, more, &["--format", "json"]].concat();
        words.into_iter().map(str::to_owned).collect()
    };
    for more in
        [["--flows", "ngf,alpha:-1", "--max-seconds", "0.3"], ["--flows", "ngf,alpha:-1", "--flow-seconds", "0.1"]]
    {
        let arguments = with(&more);
        let run = json(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run["iterates"].as_array().unwrap().iter().filter(|x| !x.is_null()).count(), 4);
        for flow in ["ngf", "alpha:-1"] {
            assert!(run["flows"][flow]["trajectory"][0].is_array());
            assert!(run["flows"][flow]["trajectory"][3].is_null() && run["flows"][flow]["error"][3].is_null());
        }
        assert_eq!(codes(&run).iter().filter(|c| **c == "time-limit").count(), 2, "{}", run["warnings"]);
        let message = run["warnings"][0]["message"].as_str().unwrap();
        assert!(message.contains(more[2]), "{message}");
    }
    // More claims than there is time for.
    let claims = folder(&[("many.claims", &format!("f_1 = -1/2 H g\n{}", "f_9 = 0\n".repeat(2000)))]);
    let judged = run(&["claim", "--file", &at(&claims, "many.claims"), "--format", "json", "--max-seconds", "1"]);
    let judged_text = String::from_utf8_lossy(&judged.stdout);
    if !judged_text.is_empty() {
        let judged: serde_json::Value = serde_json::from_str(&judged_text).unwrap();
        assert_eq!(judged["claims"].as_array().unwrap().len(), 2001);
        assert!(judged["claims"][0].is_object());
    }
    // Millions of terms, written as they come: the document is whole.
    let series = run(&["derive", "--order", "18", "--format", "json", "--max-seconds", "0.5"]);
    assert_eq!(series.status.code(), Some(0), "{}", stderr(&series));
    let series: serde_json::Value = serde_json::from_slice(&series.stdout).unwrap();
    assert_eq!(codes(&series), ["time-limit"]);
    assert!(series["orders"].as_array().unwrap().len() > 8);
    // A flow that would take minutes to prepare leaves the others alone.
    let run = json(&[
        "simulate",
        BANANA,
        "--h",
        "0.001",
        "--steps",
        "2",
        "--start",
        "x=0.5,y=0.5",
        "--method",
        "rk:gauss2",
        "--flows",
        "ngf,principal:1000,bea:1",
        "--flow-seconds",
        "0.5",
        "--format",
        "json",
    ]);
    assert!(run["flows"]["ngf"]["error"][2].is_f64() && run["flows"]["bea:1"]["error"][2].is_f64());
    assert!(run["flows"]["principal:1000"]["error"][2].is_null());
    assert_eq!(codes(&run), ["time-limit"]);
    let map = json(&[
        "map",
        &stiff,
        "--h",
        "1",
        "--flow",
        "ngf",
        "--grid",
        "x=1:2:4,y=1:2:4",
        "--show",
        "error",
        "--max-steps",
        "4000000000",
        "--max-seconds",
        "0.3",
        "--format",
        "json",
    ]);
    assert!(codes(&map).contains(&"time-limit"), "{}", map["warnings"]);
    let found =
        json(&["stability", BANANA, "--h", "0.001", "--starts", "100000", "--max-seconds", "0.3", "--format", "json"]);
    assert!(codes(&found).contains(&"time-limit"), "{}", found["warnings"]);
}

#[test]
fn where_there_is_nothing_to_print_the_limit_is_named() {
    let place = folder(&[("old.html", "old")]);
    let page = at(&place, "old.html");
    let cases: Vec<Vec<&str>> = vec![
        vec!["derive", "--order", "13", "--method", "rk:rk4"],
        vec!["derive", BANANA, "--order", "20"],
        vec!["report", BANANA, "--output", &page, "--order", "7"],
    ];
    for arguments in cases {
        let message = refused(&[&arguments[..], &["--max-seconds", "0.01"]].concat());
        assert!(message.contains("--max-seconds") && message.contains("0.01"), "{arguments:?}: {message}");
    }
    assert_eq!(
        (names(place.path()), std::fs::read_to_string(&page).unwrap()),
        (vec!["old.html".to_owned()], "old".to_owned())
    );
    for seconds in ["0", "-1", "nan", "soon"] {
        assert!(refused(&["derive", &format!("--max-seconds={seconds}")]).contains("seconds above 0"), "{seconds}");
    }
    assert!(run(&["derive", "--max-seconds", "1e300", "--flow-seconds", "inf"]).status.success());
}

/// Numbers far from any that is useful, and orders of losses that have none: each took half a minute or more.
#[test]
fn extremes_end() {
    let place = folder(&[
        ("quadratic.loss", "param x, y\nloss x^2 + y^2/2 + x*y/3\n"),
        ("constant.loss", "param x\nloss 3\n"),
        ("linear.loss", "param x, y\nloss 3*x - y\n"),
        ("turns.loss", "param u\nloss tan(u*1e9990)\n"),
    ]);
    let quadratic = at(&place, "quadratic.loss");
    let digits = format!("0.{}", "123456789".repeat(33));
    for momentum in ["1e300", "-1e300", "1e-300", &digits] {
        for method in ["heavy-ball", "nesterov"] {
            let run = json(&[
                "simulate",
                &quadratic,
                "--h",
                "0.001",
                "--steps",
                "2",
                "--start",
                "x=0.5,y=0.5",
                "--flows",
                "ngf,pf",
                "--method",
                method,
                "--momentum",
                momentum,
                "--format",
                "json",
            ]);
            // One step from rest: −h g = −0.001 (2x + y/3, y + x/3).
            let x = run["iterates"][1][0].as_f64().unwrap();
            let expected = 0.5 - 0.001 * (1.0 + 0.5 / 3.0);
            // Beyond 2^53 the velocity that is added and taken off again leaves nothing of the start.
            assert!(momentum.contains("e300") || (x - expected).abs() < 1e-15, "{method} {momentum}: {x}");
            assert!(x.is_finite());
        }
    }
    // The stability function of Radau IIA is about 3/z far out: (1 − 2z/5 + z²/20)/(1 + 3z/5 + 3z²/20 + z³/60), in mpmath at 50 digits. Beyond
    // z³ = 10^308 floats do not hold it.
    let far = |h: &str| {
        let words = ["simulate", &quadratic, "--flows", "exact", "--method", "rk:radau5", "--h", h, "--steps", "3"];
        json(&[&words[..], &["--start", "x=1,y=1", "--format", "json"]].concat())
    };
    let run = far("1e80");
    for (step, expected) in [
        (1, [1.058_823_529_411_764_8e-80, 2.647_058_823_529_412e-80]),
        (3, [-3.709_546_102_177_895e-240, 2.477_976_796_254_834e-239]),
    ] {
        for (k, value) in expected.iter().enumerate() {
            let got = run["flows"]["exact"]["trajectory"][step][k][0].as_f64().unwrap();
            assert!((got - value).abs() <= 1e-12 * value.abs(), "step {step}: {got}, not {value}");
        }
    }
    let run = far("1e120");
    assert!(run["flows"]["exact"]["trajectory"][1].is_null());
    assert_eq!(codes(&run), ["not-finite"]);
    for (name, zero_from, first) in [("constant.loss", 0, "0"), ("linear.loss", 1, "-3")] {
        let derived = json(&["derive", &at(&place, name), "--order", "400", "--format", "json"]);
        let orders = derived["orders"].as_array().unwrap();
        assert_eq!((orders.len(), &orders[0]["components"][0]), (401, &serde_json::json!(first)));
        for order in &orders[zero_from..] {
            for part in ["components", "principal_components", "nonprincipal_components"] {
                assert_eq!(order[part][0], "0");
            }
        }
    }
    let turns = json(&["derive", &at(&place, "turns.loss"), "--order", "1", "--format", "json"]);
    assert_eq!(codes(&turns), ["not-simplified"]);
    let turns = run_ok(&[
        "eval",
        &at(&place, "turns.loss"),
        "--at",
        "u=1",
        "--order",
        "2",
        "--format",
        "json",
        "--max-seconds",
        "60",
    ]);
    assert!(turns["orders"].is_array());
}

fn run_ok(arguments: &[&str]) -> serde_json::Value {
    json(arguments)
}
