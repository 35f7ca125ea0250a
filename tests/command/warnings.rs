//! Every format carries the same warnings: as JSON's `"warnings"`, and as lines on standard error with the others.

use crate::program::{ROOT, message, process, words};
use serde_json::Value;
use std::collections::BTreeSet;

/// Calls, each with the codes that it is there for; together every code that can be provoked cheaply. No word has a blank in it.
const CALLS: [(&str, &str); 39] = [
    ("branch-point unsuitable", "simulate --loss x^2/2 --param x --h 1 --steps 2 --start x=1 --flows pf,rpf,flip:3"),
    ("diverged", "simulate --loss x^4 --param x --h 1 --steps 20 --start x=10 --flows ngf,pgf"),
    ("step-limit", "simulate --loss x^2/2+x^4/4 --param x --h 0.1 --steps 4 --start x=1 --flows pf --max-steps 3"),
    (
        "time-limit",
        "simulate --loss x^2/2+x^4/4 --param x --h 0.1 --steps 4 --start x=1 --flows pf --flow-seconds 1e-9",
    ),
    ("step-underflow", "simulate --loss x^3/3 --param x --h 0.5 --steps 10 --start x=-1 --flows ngf"),
    ("evaluation-failed", "simulate --loss log(1-erf(x)) --param x --h 0.1 --steps 3 --start x=7 --flows ngf,pf,bea:2"),
    ("kink non-smooth", "simulate --loss abs(x-y)+y^2 --param x,y --h 0.1 --steps 20 --start x=1.2,y=0.3 --flows ngf"),
    (
        "order-precision",
        "simulate --loss 10^16*(cosh(x)-x^2/2+1) --param x --h 0.01 --steps 1 --start x=1e-6 --flows bea:2",
    ),
    (
        "starts-later",
        "simulate --loss x^2*(1+y^2/4)+(y-1)^2/20 --param x,y --h 1 --steps 4 --start x=0.05,y=0.3 --flows p2:1",
    ),
    ("every-second-step", "simulate --loss 1-cos(x) --param x --h 1.8 --steps 4 --start x=0.5 --flows rpf2"),
    (
        "beyond-branch-point gradient-descent-flow zero-velocity",
        "simulate --loss x^2/2 --param x --h 3 --steps 3 --start x=1 --flows pf,igr --method heavy-ball --momentum 1/2",
    ),
    (
        "sliding not-finite",
        "simulate --loss (1-x)^2+100*(y-x^2)^2 --param x,y --h 0.01 --steps 6 --start x=-0.9,y=0.95 --flows pf",
    ),
    (
        "sliding",
        "simulate --loss (1-x)^2+100*(y-x^2)^2 --param x,y --h 0.01 --steps 6 --start x=-0.9,y=0.95 --flows pf --at-cut stop",
    ),
    (
        "sliding",
        "simulate --loss (1-x)^2+100*(y-x^2)^2 --param x,y --h 0.01 --steps 6 --start x=-0.9,y=0.95 --flows pf --restart each",
    ),
    (
        "branch-cut",
        "simulate --loss x^2/2+y^2/10+x^2*y/5-y^3/15 --param x,y --h 1.123397 --steps 1 --start x=0.6,y=0.5 --flows pf --method nesterov --momentum 1/2",
    ),
    (
        "transient-left-out starts-later",
        "simulate --loss x^2*(21/20-z/20)+17*y^2/40+x^2*y/9+z^2/200 --param x,y,z --h 1 --steps 3 --start x=0.2,y=0.3,z=0.1 --flows p2:2",
    ),
    ("loss-branch-cut", "simulate --loss log(x)^2/2 --param x --h 3 --steps 5 --start x=0.3 --flows pf,ngf"),
    (
        "no-convergence",
        "simulate --loss -exp(x) --param x --h 1 --steps 3 --start x=1 --flows ngf --method implicit-euler",
    ),
    ("resonance", "simulate --loss 1-cos(x)+y^2/200 --param x,y --h 1.8 --steps 4 --start x=0.5,y=1 --flows rpf"),
    ("branch-point", "stability --loss x^2/2 --param x --h 1 --near x=1 --flows ngf --start x=1 --steps 2"),
    ("degenerate", "stability --loss x^4 --param x --h 0.1 --near x=1 --flows pf"),
    ("no-critical-point", "stability --loss x --param x --h 0.1 --near x=1"),
    ("critical-set", "stability --loss (x^2+y^2-1)^2 --param x,y --h 0.1 --starts 20"),
    ("outside-box", "stability --loss x^2-x^4/4 --param x --h 0.1 --box x=-1:1 --starts 20"),
    ("edge-of-stability", "stability --loss x^2 --param x --h 1 --near x=1"),
    ("unsuitable", "stability --loss x^2/2+x^3 --param x --h 0.1 --near x=0.1 --flows exact,flip:3,ngf"),
    (
        "not-differentiated",
        "stability --loss sum(w*w) --param w[17] --h 0.1 --near w=[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1] --flows ngf",
    ),
    (
        "branch-point evaluation-failed",
        "map --loss log(x)+y^2 --param x,y --h 0.5 --grid x=-1:1:3,y=-1:1:3 --flow pf --show field",
    ),
    (
        "step-limit",
        "map --loss x^2/2+y^4 --param x,y --h 0.1 --grid x=-1:1:3,y=-1:1:3 --flow pf --show error --max-steps 2",
    ),
    (
        "time-limit",
        "map --loss x^2/2+y^4 --param x,y --h 0.1 --grid x=-1:1:3,y=-1:1:3 --flow pf --show error --flow-seconds 1e-9",
    ),
    ("equal-eigenvalues", "map --loss x^2+y^2 --param x,y --at x=1,y=1 --plane u0,u1 --grid u0=0:1:2,u1=0:1:2"),
    ("unreached-tolerance", "eval examples/losses/iris.loss --h 0.5 --flows pf --max-products 3"),
    ("overflow", "eval --loss exp(x) --param x --order 2 --at x=800"),
    (
        "not-separated-from-zero variable",
        "eval --loss (log(2)+log(3)-log(6))*x+x^2 --param x --order 0 --at x=0 --method nesterov --momentum 1/2",
    ),
    ("non-smooth not-simplified", "derive --loss tan(x*1e9990)+abs(x) --param x --order 1"),
    ("other-form", "derive --loss exp(x) --param x --order 14 --form derivatives"),
    ("not-computed", "derive --order 1 --principal --method rk:rk4"),
    ("parasitic-roots", "derive --order 2 --method heavy-ball --momentum 3"),
    ("no-verdict", "claim threshold=exp(exp(10))"),
];

/// Codes that take longer, a file, a caller of the library, a report, which has one format, or a file that ends in the middle.
const ELSEWHERE: [&str; 12] = [
    "rounded-data",
    "no-effect",
    "unused-macros",
    "cancelled",
    "equal-eigenvalues",
    "unfinished-record",
    "precision",
    "interrupted",
    "not-simulated",
    "start-chosen",
    "doubtful-header",
    "lost-digits",
];

/// A warning: its code, its message, its flow and its step.
type Warning = (String, String, Option<String>, Option<u64>);

fn in_json(call: &[&str]) -> BTreeSet<Warning> {
    let output = process(&[call, &["--format", "json"]].concat()).output().unwrap();
    let document: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{call:?}: {e}: {}", message(&output)));
    assert!(!message(&output).contains("warning ["), "{call:?}: {}", message(&output));
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let warnings = document["warnings"].as_array().unwrap().iter();
    let warnings = warnings
        .map(|w| (text(&w["code"]).unwrap(), text(&w["message"]).unwrap(), text(&w["flow"]), w["step"].as_u64()));
    warnings.collect()
}

/// Those on standard error, where one line tells of all flows of which the same is true.
fn on_standard_error(call: &[&str], format: &str) -> BTreeSet<Warning> {
    let output = process(&[call, &["--format", format]].concat()).output().unwrap();
    let said = message(&output);
    let mut found = BTreeSet::new();
    for line in said.lines().filter_map(|line| line.strip_prefix("warning [")) {
        let (code, rest) = line.split_once(']').unwrap();
        let (place, text) = rest.split_once(": ").unwrap();
        let mut flows: Vec<&str> =
            place.trim().trim_matches(['(', ')']).split(", ").filter(|part| !part.is_empty()).collect();
        let step = flows.last().and_then(|last| last.strip_prefix("from step ")).map(|step| step.parse().unwrap());
        flows.truncate(flows.len() - usize::from(step.is_some()));
        let flows = if flows.is_empty() { vec![None] } else { flows.into_iter().map(|f| Some(f.to_owned())).collect() };
        found.extend(flows.into_iter().map(|flow| (code.to_owned(), text.to_owned(), flow, step)));
    }
    found
}

#[test]
fn every_format_carries_the_same_warnings() {
    let mut provoked = BTreeSet::new();
    for (codes, line) in CALLS {
        let call = words(line);
        let expected = in_json(&call);
        for code in codes.split(' ') {
            assert!(expected.iter().any(|w| w.0 == code), "{line} does not warn of {code}: {expected:?}");
        }
        provoked.extend(expected.iter().map(|w| w.0.clone()));
        let formats: &[&str] = match call[0] {
            "simulate" => &["table", "csv"],
            "stability" => &["text", "csv", "latex"],
            "map" => &["text", "csv"],
            "derive" => &["text", "latex"],
            _ => &["text"],
        };
        for format in formats {
            assert_eq!(on_standard_error(&call, format), expected, "{line} --format {format}");
        }
    }
    let page = std::fs::read_to_string(format!("{ROOT}/docs/warnings.md")).unwrap();
    let (page, _) = page.split_once("## Events").unwrap();
    let explained = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let not: Vec<&str> = explained.filter(|c| !provoked.contains(*c) && !ELSEWHERE.contains(c)).collect();
    assert!(not.is_empty(), "no call provokes {not:?}");
}
