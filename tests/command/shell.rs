//! What a shell has of the command: the built-in losses, what to cite, completions, manual pages, colours.

use crate::program::{ROOT, message, process, refused, refused_with};
use std::path::Path;
use std::process::Command;

const COMMANDS: [&str; 17] = [
    "derive",
    "check",
    "claim",
    "verify",
    "eval",
    "simulate",
    "sweep",
    "export",
    "map",
    "stability",
    "plot",
    "train",
    "report",
    "examples",
    "cite",
    "completions",
    "man",
];

fn printed(arguments: &[&str]) -> String {
    let output = process(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", message(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The program in a folder where nothing of this project is, as an installed one.
fn elsewhere(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = process(arguments).current_dir(folder).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &message(&output))
}

#[test]
fn built_in_losses_are_listed_printed_and_written() {
    let list = printed(&["examples"]);
    for word in ["banana ", "iris ", "x, y", "W1[4, 10], b1[10], W2[10, 3], b2[3]", "Rosenbrock's banana function"] {
        assert!(list.contains(word), "{word}:\n{list}");
    }
    let file = std::fs::read_to_string(format!("{ROOT}/examples/losses/banana.loss")).unwrap();
    for name in ["banana", "banana.loss", "examples/losses/banana.loss"] {
        assert_eq!(printed(&["examples", name]), file);
    }
    let folder = tempfile::tempdir().unwrap();
    let (status, said) = elsewhere(folder.path(), &["examples", "iris", "--output", "flowers.loss"]);
    assert_eq!((status, said.as_str()), (Some(0), "wrote flowers.loss and iris.csv\n"));
    assert_eq!(elsewhere(folder.path(), &["eval", "flowers.loss", "--order", "0"]).0, Some(0));
    // Written again it is the same; what somebody has changed stays.
    assert_eq!(elsewhere(folder.path(), &["examples", "iris", "--output", "flowers.loss"]).0, Some(0));
    std::fs::write(folder.path().join("iris.csv"), "1,2,3,4,0\n").unwrap();
    let (status, said) = elsewhere(folder.path(), &["examples", "iris", "--output", "other.loss"]);
    assert!(status == Some(2) && said.contains("iris.csv is there already and differs; choose another"), "{said}");
    assert!(!folder.path().join("other.loss").exists());
    let shown = process(&["examples", "iris"]).output().unwrap();
    assert!(message(&shown).contains("`shadowflow examples iris --output iris.loss`"));
}

#[test]
fn a_built_in_loss_is_named_where_it_is_missed() {
    refused_with(&["examples", "bananna"], &["did you mean banana?", "`shadowflow examples` lists"]);
    refused_with(&["examples", "xyzzy"], &["`shadowflow examples` lists"]);
    refused_with(&["examples", "--output", "x.loss"], &["NAME"]);
    let folder = tempfile::tempdir().unwrap();
    for (path, name) in [("banana", "banana"), ("iris.loss", "iris"), ("examples/losses/saddle.loss", "saddle")] {
        for command in ["derive", "eval", "stability --h 1", "report --output x.html"] {
            let words: Vec<&str> = command.split(' ').chain([path]).collect();
            let (status, said) = elsewhere(folder.path(), &words);
            let advice = format!("`shadowflow examples {name} --output {name}.loss`");
            assert!(status == Some(2) && said.contains(&advice), "{words:?}: {said}");
        }
    }
}

#[test]
fn what_to_cite() {
    let bibtex = printed(&["cite"]);
    assert!(bibtex.starts_with("@misc{shadowflow,\n") && bibtex.contains("\n@article{rosca2023continuous,\n"));
    assert_eq!(bibtex.matches('{').count(), bibtex.matches('}').count());
    let cff = std::fs::read_to_string(format!("{ROOT}/CITATION.cff")).unwrap();
    assert_eq!(printed(&["cite", "--format", "cff"]), cff);
    assert_eq!(printed(&["cite", "--format", "text"]).lines().count(), 2);
    refused_with(&["cite", "--format", "bibtx"], &["bibtex"]);
}

#[test]
fn completions_know_every_command_and_flag() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(&["completions", shell]);
        for word in COMMANDS.iter().chain(&["max-seconds", "flows"]) {
            assert!(script.contains(word), "{shell}: {word}");
        }
        // The others complete no words that belong to no flag.
        assert!(script.contains("banana") || !["bash", "zsh"].contains(&shell));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("script");
        std::fs::write(&file, &script).unwrap();
        // Shells that are there read it without executing it.
        if ["bash", "zsh", "fish"].contains(&shell)
            && let Ok(output) = Command::new(shell).arg("-n").arg(&file).output()
        {
            assert!(output.status.success(), "{shell}: {}", message(&output));
        }
    }
    refused_with(&["completions", "tcsh"], &["bash, elvish, fish, powershell, zsh"]);
    refused_with(&["completions"], &["<SHELL>"]);
}

#[test]
fn bash_completes() {
    let script = printed(&["completions", "bash"]);
    let ask =
        "COMP_WORDS=(shadowflow examples ban); COMP_CWORD=2; _shadowflow shadowflow ban examples; echo ${COMPREPLY[@]}";
    let Ok(output) = Command::new("bash").arg("-c").arg(format!("{script}\n{ask}")).output() else { return };
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "banana", "{}", message(&output));
}

#[test]
fn manual_pages_say_what_help_says() {
    let folder = tempfile::tempdir().unwrap();
    let (status, said) = elsewhere(folder.path(), &["man", "--output", "."]);
    assert_eq!((status, said.as_str()), (Some(0), "wrote 18 pages to .\n"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), COMMANDS.len() + 1);
    for command in COMMANDS {
        let page = std::fs::read_to_string(folder.path().join(format!("shadowflow-{command}.1"))).unwrap();
        assert_eq!(page, printed(&["man", command]), "{command}");
        let title = page.lines().find(|line| line.starts_with(".TH")).unwrap();
        assert!(title.contains(concat!("shadowflow ", env!("CARGO_PKG_VERSION"))), "{title}");
        let help = printed(&[command, "--help"]);
        for flag in help.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2) {
            let name = flag.trim_matches(|c: char| !c.is_ascii_alphanumeric()).replace('-', "\\-");
            assert!(page.contains(&name), "{command}: {flag}");
        }
        assert!(page.contains(".SH EXAMPLES") && page.contains("shadowflow "), "{command}");
        // Every flag says what it does: a heading is followed by text.
        let lines: Vec<&str> = page.lines().collect();
        let silent = lines.windows(3).find(|w| w[0] == ".TP" && (w[2].is_empty() || w[2].starts_with(".TP")));
        assert_eq!(silent, None, "{command}");
    }
    assert_eq!(printed(&["man"]), printed(&["man", "shadowflow"]));
    refused_with(&["man", "derve"], &["there is no such command. Did you mean derive?"]);
    refused_with(&["man", "--output", "/nowhere/at/all"], &["there is no folder /nowhere/at/all"]);
}

#[test]
fn every_message_is_coloured_or_none_is() {
    let colour = "\u{1b}[";
    let warned = ["derive", "--loss", "abs(x)", "--param", "x", "--order", "1"];
    let errors: [&[&str]; 6] = [
        &["derive", "/nowhere.loss"],
        &["derive", "--loss", "x^^2", "--param", "x"],
        &["derive", "--order", "1001"],
        &["eval", "--loss", "x^2", "--param", "x", "--at", "x=("],
        &["claim", "f_1 = ("],
        &["nonsense"],
    ];
    for arguments in errors {
        let always = refused(&[arguments, &["--color", "always"]].concat());
        assert!(always.contains(colour), "{arguments:?}: {always}");
        let plain = refused(arguments);
        assert!(!plain.contains(colour), "{arguments:?}: {plain}");
        assert_eq!(refused(&[arguments, &["--color=never"]].concat()), plain);
    }
    let stderr = |more: &[&str]| message(&process(&[&warned[..], more].concat()).output().unwrap());
    assert!(stderr(&["--color", "always"]).starts_with("\u{1b}[33mwarning\u{1b}[0m [non-smooth]"));
    assert!(stderr(&[]).starts_with("warning [non-smooth]"));
    // Results are data, and never coloured.
    assert_eq!(printed(&[&warned[..], &["--color", "always"]].concat()), printed(&warned));
    assert!(printed(&["--help", "--color", "always"]).contains(colour) && !printed(&["--help"]).contains(colour));
}

/// On a terminal, which `script` stands for where it is there.
#[test]
fn the_environment_is_heard_on_a_terminal() {
    let program = env!("CARGO_BIN_EXE_shadowflow");
    let said = |environment: &str, more: &str| {
        let line = format!("env -u NO_COLOR TERM=xterm {environment} {program} derive /nowhere.loss {more}");
        let output = Command::new("script").args(["-qec", &line, "/dev/null"]).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.contains("no such file").then(|| text.contains("\u{1b}["))
    };
    let Some(plain) = said("", "") else { return };
    assert!(plain);
    for (environment, more, coloured) in [
        ("NO_COLOR=1", "", false),
        ("NO_COLOR=", "", true),
        ("NO_COLOR=0", "", false),
        ("NO_COLOR=1", "--color always", true),
        ("TERM=dumb", "", false),
        ("", "--color never", false),
        ("", "--color auto", true),
    ] {
        assert_eq!(said(environment, more), Some(coloured), "{environment} {more}");
    }
}
