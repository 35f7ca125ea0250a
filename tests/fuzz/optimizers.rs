//! Files of optimizers: random recurrences and tableaux, and mutations of their bytes.

use crate::random::{Random, Slowest, size};
use shadowflow::optimizer::Optimizer;
use shadowflow::series::derive;
use std::time::Instant;

const SCRAPS: [&str; 34] = [
    "=",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    ",",
    "\n",
    "\r\n",
    "#",
    "left",
    "right",
    "[[evaluations]]",
    "at",
    "stages",
    "symbols",
    "name",
    "a",
    "b",
    "sqrt(2)",
    "1/0",
    "m",
    "1e9999",
    "nan",
    "inf",
    "0x10",
    "\u{feff}",
    "θ",
    "\u{0}",
    "true",
    "1979-05-27",
    "64",
    "\"(((((((\"",
];

const NAMES: [&str; 16] = [
    "mine",
    "heavy-ball",
    "Heavy Ball",
    "nesterov",
    "nester\u{43e}v",
    "gradient-descent",
    "rk:rk4",
    "rk4",
    "",
    " ",
    "a\\nb",
    "β",
    "adam",
    "implicit_euler",
    "heun",
    "\u{202e}x",
];

fn number(r: &mut Random, symbols: &[&str]) -> String {
    let symbol = |r: &mut Random| symbols.get(r.below(symbols.len() + 1)).copied().unwrap_or("1").to_owned();
    match r.below(9) {
        0 => "1".to_owned(),
        1 => "-1".to_owned(),
        2 => "0.25".to_owned(),
        3 => "\"1/3\"".to_owned(),
        4 => format!("\"{}\"", symbol(r)),
        5 => format!("\"-(1+{})\"", symbol(r)),
        6 => format!("\"{}/(1-{})^2\"", symbol(r), symbol(r)),
        7 => r
            .pick(&["\"sqrt(4)\"", "\"sqrt(2)/2\"", "2.5e-3", "1_000", "\"m^64\"", "\"1/(1+m^2)\"", "\"--1\""])
            .to_owned(),
        _ => "0".to_owned(),
    }
}

/// A table from steps to coefficients which sums to `total`, most of the time.
fn steps(r: &mut Random, symbols: &[&str], total: &str) -> String {
    if r.one_in(4) {
        let entries: Vec<String> = (0..r.below(4))
            .map(|_| format!("{} = {}", i64::try_from(r.below(6)).unwrap() - 3, number(r, symbols)))
            .collect();
        return format!("{{ {} }}", entries.join(", "));
    }
    let x = symbols.first().copied().unwrap_or("1/2");
    match (total, r.below(3)) {
        ("0", 0) => "{ 1 = 1, 0 = -1 }".to_owned(),
        ("0", 1) => format!("{{ 1 = 1, 0 = \"-(1+{x})\", -1 = \"{x}\" }}"),
        ("0", _) => format!("{{ 2 = 1, 0 = \"{x}-1\", -2 = \"-({x})\" }}"),
        (_, 0) => "{ 0 = 1 }".to_owned(),
        (_, 1) => format!("{{ 0 = \"1+{x}\", -1 = \"-({x})\" }}"),
        (_, _) => "{ 1 = 1 }".to_owned(),
    }
}

fn file(r: &mut Random) -> String {
    let mut out = String::new();
    if r.one_in(3) {
        out.push_str(&format!("name = \"{}\"\n", r.pick(&NAMES)));
    }
    if r.one_in(3) {
        // A tableau.
        let stages = 1 + r.below(3);
        let rows: Vec<String> = (0..stages)
            .map(|k| {
                let entries: Vec<String> = (0..if r.one_in(3) { stages } else { k }).map(|_| number(r, &[])).collect();
                format!("[{}]", entries.join(", "))
            })
            .collect();
        let weights: Vec<String> = if r.one_in(3) {
            (0..stages).map(|_| number(r, &[])).collect()
        } else {
            vec![format!("\"1/{stages}\""); stages]
        };
        out.push_str(&format!("a = [{}]\nb = [{}]\n", rows.join(", "), weights.join(", ")));
        return out;
    }
    let all: [&[&str]; 6] = [&[], &["m"], &["m", "beta"], &["mu_2"], &["z"], &["m", "m"]];
    let choices = if r.one_in(3) { 6 } else { 4 };
    let symbols = all[r.below(choices)];
    if !symbols.is_empty() || r.one_in(4) {
        let list: Vec<String> = symbols.iter().map(|s| format!("\"{s}\"")).collect();
        out.push_str(&format!("symbols = [{}]\n", list.join(", ")));
    }
    out.push_str(&format!("left = {}\n", steps(r, symbols, "0")));
    let count = 1 + r.below(3);
    let weights: Vec<String> = (0..count).map(|_| number(r, symbols)).collect();
    out.push_str(&format!("right = [{}]\n", weights.join(", ")));
    for _ in 0..count {
        out.push_str(&format!("[[evaluations]]\nat = {}\n", steps(r, symbols, "1")));
        if r.one_in(4) {
            out.push_str(&format!("stages = {{ {} = {} }}\n", r.below(count + 1), number(r, symbols)));
        }
    }
    out
}

#[test]
#[allow(clippy::print_stdout, reason = "the outcome of a long run, shown with --nocapture")]
fn no_optimizer_panics_or_hangs() {
    let (cases, seed) = size(1_000);
    let (mut accepted, mut slowest) = (0, Slowest::new());
    for case in 0..cases {
        let mut r = Random::new(seed, case);
        let text = file(&mut r);
        let bytes = if r.one_in(2) { text.into_bytes() } else { r.mutated(text, &SCRAPS) };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let start = Instant::now();
        match Optimizer::from_toml(&text, "dir/o.toml") {
            Ok(optimizer) => {
                accepted += 1;
                assert!(!optimizer.name().trim().is_empty(), "{text}");
                // Coefficients, or a reason against them.
                let bound = optimizer.bind(&[]).unwrap_or_else(|e| panic!("case {case}: {text}: {e}"));
                match derive(&bound, 1).run() {
                    Ok(derived) => assert_eq!(derived.equation.orders.len(), 2, "{text}"),
                    Err(error) => assert!(!error.to_string().is_empty()),
                }
            }
            Err(error) => {
                let message = error.to_string();
                let place = message.strip_prefix("dir/o.toml:").and_then(|rest| rest.split_once(": "));
                let place = place.and_then(|(place, _)| place.split_once(':'));
                let numbers = place.map(|(line, column)| (line.parse::<usize>(), column.parse::<usize>()));
                let Some((Ok(line), Ok(column))) = numbers else { panic!("case {case}: {text}: {message}") };
                assert!(
                    line >= 1 && column >= 1 && line <= text.matches('\n').count() + 2,
                    "case {case}: {text}: {message}"
                );
                // What is shown of a text stays on its line; TOML's own reader draws several.
                assert!(!message.contains('\u{1b}') && !message.contains('\0'), "case {case}: {message:?}");
            }
        }
        slowest.note(case, start, &text);
    }
    println!("{cases} files, {accepted} accepted, {slowest}");
    assert!(accepted > cases / 50, "{accepted} of {cases} accepted");
}
