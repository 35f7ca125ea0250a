//! What `--environment aligned` prints is set in web pages by `KaTeX` and by `MathJax`.
//!
//! Both are looked for in `target/katex`, where `.ci/run` puts them, and `node` on the PATH. Without them the test says so and skips.

use crate::program::text;
use crate::typeset::{documents, root, runs};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Losses of one line, for what the list of documents has not.
const LOSSES: [&str; 8] = [
    "param x\nloss log(cosh(x)) + x^4/12 - x/5\n",
    "param w\nloss softplus(w)\n",
    "param r\nloss (1 - exp(-(r - 1)))^2\n",
    "const m, s\nparam t\nloss log(s)/2 + (t - m)^2/(2*s)\n",
    "param a, b\nloss (a*b - 1)^2\n",
    "param W[2,2], b[2]\nloss sum((W*[1,2] + b - [0,1])^2)/2\n",
    "const eps, rate_of_decay\nparam eps_1, x_\nloss abs(x_)^3 + eps*atan(eps_1) + rate_of_decay*x_^2\n",
    "param h, f_1, E\nloss h^2*f_1 + sqrt(1 + E^2) + logsumexp([h, E])\n",
];
const NOTATIONS: [&str; 4] = ["operator", "paper", "index", "tree"];

/// What `node` says of these formulas; `None` without it or its packages.
#[allow(clippy::print_stderr, reason = "what is skipped is said")]
fn rendered(formulas: &[(String, String)]) -> Option<String> {
    let packages = root().join("target/katex");
    let found = ["katex", "mathjax-full"].iter().all(|name| packages.join("node_modules").join(name).is_dir());
    if !runs(Path::new("node"), &["--version"]) || !found {
        eprintln!(
            "there is no node on the PATH, or no KaTeX and MathJax in target/katex: formulas are printed, but not set"
        );
        return None;
    }
    let script = root().join("tests/command/typeset/render.cjs");
    let mut node = Command::new("node");
    node.arg(script).arg(packages).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = node.spawn().unwrap();
    child.stdin.take().unwrap().write_all(serde_json::to_string(formulas).unwrap().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn aligned_is_set_in_web_pages() {
    let aligned = ["--format", "latex", "--fragment", "--environment", "aligned"];
    let set = |arguments: &[&str]| {
        let printed = text(&[arguments, &aligned].concat());
        let formula: Vec<&str> = printed.lines().filter(|line| !line.starts_with('%')).collect();
        (arguments.join(" "), formula.join("\n"))
    };
    let own =
        |d: &Vec<&str>| d[0] == "derive" && !["--trees", "--proof", "--principal"].iter().any(|flag| d.contains(flag));
    let mut formulas: Vec<(String, String)> = documents().iter().filter(|d| own(d)).map(|d| set(d)).collect();
    formulas.extend(NOTATIONS.map(|notation| set(&["derive", "--order", "4", "--notation", notation])));
    let folder = tempfile::tempdir().unwrap();
    for (at, loss) in LOSSES.iter().enumerate() {
        let path = folder.path().join(format!("{at}.loss"));
        std::fs::write(&path, loss).unwrap();
        formulas.push(set(&["derive", path.to_str().unwrap(), "--order", "2"]));
    }
    // An author's own letters too.
    let macros = folder.path().join("own.macros");
    std::fs::write(&macros, "E = \\mathcal{L}\ng = a + b\nh = \\eta_0\ntheta = u + v\nH = \\nabla^2 \\mathcal{L}\n")
        .unwrap();
    formulas.push(set(&["derive", "--order", "3", "--macros", macros.to_str().unwrap()]));
    let Some(faults) = rendered(&formulas) else { return };
    assert!(faults.is_empty(), "{faults}");
    // What either of them refuses is noticed.
    let wrong = rendered(&[("wrong".to_owned(), "\\begin{aligned} \\allowdisplaybreaks a".to_owned())]).unwrap();
    assert_eq!(wrong.lines().count(), 2, "{wrong}");
}
