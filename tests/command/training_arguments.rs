//! What the options of `train` take, and which have an effect.

use crate::program::{message, process};

fn refused(line: &str, words: &[&str]) {
    let arguments: Vec<&str> = line.split_whitespace().map(|word| if word == "''" { "" } else { word }).collect();
    let output = process(&[&["train"], arguments.as_slice()].concat()).output().unwrap();
    let said = message(&output);
    assert!(
        output.status.code() == Some(2) && output.stdout.is_empty() && !said.contains("panicked"),
        "{line}: {said}"
    );
    for word in words {
        assert!(said.contains(word) && !said.contains("TrainSettings"), "{line}: {word} in {said}");
    }
}

const LOSS: &str = "--loss x^2+y^2/4 --param x=1,y=1 --h 0.1 --steps 9";

/// The line with another value of a flag.
fn with(flag: &str, value: &str) -> String {
    format!("{} {flag}={value}", LOSS.replace(&format!("{flag} 9"), ""))
}

/// Every option that takes a number says of what is none which flag, which value, and what it takes.
#[test]
fn numbers_that_mean_nothing_are_refused() {
    let numbers = [
        ("--h", "above 0"),
        ("--h-max", "above 0"),
        ("--momentum", "a number"),
        ("--dal-factor", "above 0"),
        ("--batch", "from 1"),
        ("--steps", "from 0"),
        ("--loss-goal", "finite number"),
        ("--accuracy-goal", "from 0 to 1"),
        ("--every", "from 1"),
        ("--eigenvalues", "how many, or all"),
        ("--eigenvalues-above", "finite number"),
        ("--eigenvalues-every", "from 1"),
        ("--flows-every", "from 0"),
        ("--branch-at", "from 0"),
        ("--branch-steps", "from 1"),
        ("--tolerance", "above 0 and below 1"),
        ("--max-steps", "from 1"),
        ("--checkpoint-every", "from 1"),
        ("--seed", "whole number"),
        ("--h-at", "STEP=H"),
    ];
    for (flag, expected) in numbers {
        for value in ["nan", "inf", "1e400", ""] {
            refused(&with(flag, value), &[flag, &format!("'{value}'"), expected]);
        }
    }
    for (flag, value, expected) in [
        ("--h", "-1", "above 0"),
        ("--h", "0", "above 0"),
        ("--h", "1e-400", "between"),
        ("--h-at", "3=1e400", "between"),
        ("--h-at", "3=0", "above 0"),
        ("--accuracy-goal", "2", "from 0 to 1"),
        ("--accuracy-goal", "-0.5", "from 0 to 1"),
        ("--every", "0", "from 1"),
        ("--every", "-1", "from 1"),
        ("--batch", "0", "from 1"),
        ("--hg", "difference:nan", "EPS above 0"),
        ("--hg", "difference:0", "EPS above 0"),
        ("--eigenvalues", "1,2", "how many, or all"),
        ("--steps", "3,4", "from 0"),
    ] {
        refused(&with(flag, value), &[flag, value, expected]);
    }
}

#[test]
fn lists_name_nothing_twice() {
    for (arguments, words) in [
        ("--h 0.2,1/5", ["--h", "1/5"]),
        ("--seed 1,2,1", ["--seed", "1"]),
        ("--optimizer gd,gradient-descent", ["--optimizer", "gd"]),
        ("--optimizer dal-p:0.5,0.5", ["--optimizer", "dal-p:0.5"]),
        ("--record loss,drift,loss", ["--record", "loss"]),
        ("--flows pf,ngf,pf", ["--flows", "pf"]),
        ("--flows pf --flows-every 1,2,1", ["--flows-every", "1"]),
        ("--branches pf,pf --branch-at 1", ["--branches", "pf"]),
        ("--branches pf --branch-at 1,1", ["--branch-at", "1"]),
        ("--h-at 3=0.1,3=0.2", ["--h-at", "step 3"]),
    ] {
        let line = if arguments.starts_with("--h ") { LOSS.replace("--h 0.1 ", "") } else { LOSS.to_owned() };
        refused(&format!("{line} {arguments}"), &[words[0], words[1], "twice"]);
    }
}

#[test]
fn what_has_no_effect_is_refused() {
    for (arguments, flag) in [
        ("--momentum 1/2", "--momentum"),
        ("--dal-factor 2", "--dal-factor"),
        ("--order in-order", "--order"),
        ("--batch 2", "--batch"),
        ("--record loss --eigenvalues 3", "--eigenvalues"),
        ("--record loss --eigenvalues-above 1 --format jsonl", "--eigenvalues-above"),
        ("--record loss --eigenvalues-every 2", "--eigenvalues-every"),
        ("--record loss --hg difference:1e-4", "--hg"),
        ("--record loss --flows pf", "--flows"),
        ("--flows-every 2", "--flows-every"),
        ("--branch-at 2", "--branch-at"),
        ("--branch-steps 2", "--branch-steps"),
        ("--record loss --tolerance 1e-6", "--tolerance"),
        ("--record loss --max-steps 6", "--max-steps"),
        ("--checkpoint-every 2", "--checkpoint-every"),
        ("--h-at 9=0.1", "--h-at"),
        ("--seed 1,2", "--seed"),
        ("--accuracy-goal 0.5", "--accuracy-goal"),
    ] {
        refused(&format!("{LOSS} {arguments}"), &[flag]);
    }
    for (arguments, words) in [
        ("--flows pf --flows-every 0", "from 1"),
        ("--flows pf --flows-every 3,9", "step 9"),
        ("--flows pf --every 2 --flows-every 2,3", "step 3"),
        ("--optimizer dal --h-at 3=0.1", "set their rate"),
        ("--record nonsense", "is no column. There are none, all"),
    ] {
        refused(&format!("{LOSS} {arguments}"), &[words]);
    }
}

/// Without an optimizer it is gradient descent, and notes say what is idle.
#[test]
fn what_is_idle_is_said() {
    let run = |line: &str| {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let output = process(&[&["train"], arguments.as_slice()].concat()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", message(&output));
        (String::from_utf8(output.stdout.clone()).unwrap(), message(&output))
    };
    let (rows, _) = run("--loss x^2 --param x=1 --h 0.1 --record loss");
    assert!(rows.lines().nth(1).unwrap().starts_with("0,gd,") && rows.lines().count() == 102, "{rows}");
    let (_, said) = run(&LOSS.replace("--h", "--optimizer dal --record loss,accuracy,drift --h"));
    assert!(said.contains("--h is not used") && said.contains("accuracy has no value in any row: the loss has no"));
    assert!(!said.contains("drift has no value"), "{said}");
}
