//! Losses: random ones of the grammar, and mutations of their bytes.

use crate::random::{Random, Slowest, size};
use shadowflow::loss::{Loss, Options};
use std::time::Instant;

const NAMES: [&str; 14] = ["x", "y", "w", "v", "a", "b", "m", "f", "g", "i", "j", "e", "pi", "theta"];
const FUNCTIONS: [&str; 30] = [
    "exp",
    "log",
    "log1p",
    "expm1",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "erf",
    "sigmoid",
    "softplus",
    "relu",
    "abs",
    "sign",
    "step",
    "elu",
    "silu",
    "gelu",
    "sum",
    "mean",
    "norm2",
    "logsumexp",
    "f",
    "g",
];
const NUMBERS: [&str; 18] = [
    "0", "1", "2", "3", "0.5", "1/3", "1e-3", "10", "1e9", "1000000", "1000001", "1e10000", "1e-10000", "1e99999",
    "-1", "7.25", ".5", "3.",
];
const SCRAPS: [&str; 46] = [
    "(",
    ")",
    "[",
    "]",
    ",",
    "..",
    "+",
    "-",
    "*",
    "/",
    "^",
    "**",
    "@",
    "'",
    "=",
    "#",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\"",
    "param ",
    "const ",
    "let ",
    "def ",
    "data ",
    "loss ",
    "sum(",
    "i in 0..",
    "zeros",
    "glorot",
    "normal(",
    "csv(\"a\")",
    "é",
    "²",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "日",
    "x",
    "w[0]",
    "1",
    "0",
    "1e",
    "((((((((((",
];

fn expression(r: &mut Random, depth: usize, out: &mut String) {
    if depth == 0 || out.len() > 20_000 {
        let common = ["x", "y", "a", "m", "1", "2", "1/3"];
        out.push_str(match r.below(40) {
            0 => r.pick(&NAMES),
            1 | 2 => r.pick(&NUMBERS),
            _ => r.pick(&common),
        });
        return;
    }
    match r.below(16) {
        0..=4 => {
            expression(r, depth - 1, out);
            out.push_str(r.pick(&[" + ", " - ", "*", "/", "^", "**", " @ ", "*", " + "]));
            expression(r, depth - 1, out);
        }
        5 => {
            out.push('(');
            expression(r, depth - 1, out);
            out.push(')');
        }
        6 => {
            out.push('-');
            expression(r, depth - 1, out);
        }
        7..=9 => {
            // The last two are declared in some cases only.
            let declared = FUNCTIONS.len() - if r.one_in(20) { 0 } else { 2 };
            out.push_str(r.pick(&FUNCTIONS[..declared]));
            out.push('(');
            expression(r, depth - 1, out);
            out.push(')');
        }
        10 => {
            out.push_str("dot(");
            expression(r, depth - 1, out);
            out.push_str(", ");
            expression(r, depth - 1, out);
            out.push(')');
        }
        11 => {
            out.push_str("sum(");
            out.push_str(r.pick(&["i", "j", "x"]));
            out.push_str(" in 0..");
            out.push_str(r.pick(&["0", "1", "3", "10", "1000", "1000000", "i", "a"]));
            out.push_str(", ");
            expression(r, depth - 1, out);
            out.push(')');
        }
        12 => {
            out.push('[');
            for k in 0..=r.below(4) {
                if k > 0 {
                    out.push_str(", ");
                }
                expression(r, depth - 1, out);
            }
            out.push(']');
        }
        13 => {
            out.push_str(r.pick(&["w", "v", "x"]));
            out.push('[');
            if r.one_in(10) {
                expression(r, depth.min(2) - 1, out);
            } else {
                out.push_str(r.pick(&["0", "1", "2", "a - 1", "3"]));
            }
            out.push(']');
        }
        14 if r.one_in(2) => {
            // Smooth nowhere or everywhere, of arrays or not.
            out.push_str(r.pick(&["relu(", "abs(", "norm2(", "sum(", "mean(", "sum(0.5*", "norm2(v*"]));
            expression(r, depth - 1, out);
            out.push(')');
        }
        14 => {
            let arrays = [
                "w @ v",
                "dot(w, v)",
                "sum(w*v)",
                "sum(j in 0..3, w[j]*v[j]^2)",
                "logsumexp(w)",
                "mean(w - v)",
                "M @ w",
                "M",
                "X",
                "w @ M",
                "sum(M' @ X)",
                "sum(M, a - 2)",
                "mean(M*X, 0)",
                "logsumexp(M + w, 1)",
                "norm2([w, v] @ M)",
                "M[a - 1, 0]",
                "M^X",
                "max(X)",
                "max(X, 1)",
                "standardise(X)",
                "one_hot(t, 3)",
                "gather(M, t)",
                "broadcast(x, [2, 3])",
                "softmax_cross_entropy(M, t)",
                "softmax_cross_entropy(M @ X, X)",
                "[[x, y], [1, a]]",
                "[[x], [y], [2]]",
            ];
            out.push_str(r.pick(&arrays));
        }
        _ if r.one_in(12) => out.push_str(r.pick(&NUMBERS)),
        _ => out.push_str(r.pick(&["x", "y", "a", "m", "w[0]", "sum(w)"])),
    }
}

fn loss(r: &mut Random) -> String {
    let mut out = String::from(
        "param x, y, w[3], v[3] = [1, 2, 1/2], M[3, 3]\nconst a = 3, m\n\
         const X = [[1, 2, 0.5], [0, 1/3, -1], [2, 2, 7]], t = [0, 2, 1]\n",
    );
    if r.one_in(6) {
        out.push_str(r.pick(&["# ünïcödé θ 日本\n", "\n\n", "def q(s, t) = s^2 + abs(t)\nlet u = q(x, y)\n"]));
    }
    for _ in 0..r.below(4) {
        let name = r.pick(&NAMES);
        match r.below(4) {
            0 => out.push_str(&format!("let {name} = ")),
            1 => out.push_str(&format!("const {name} = ")),
            2 => out.push_str(&format!("def {name}({}) = ", r.pick(&["x", "i", "x, y"]))),
            _ => out.push_str(&format!("param {name} = ")),
        }
        let depth = r.below(5);
        expression(r, depth, &mut out);
        out.push('\n');
    }
    out.push_str("loss ");
    let depth = 1 + r.below(6);
    if r.one_in(3) {
        // Long operator chains and deep nesting.
        let unit =
            r.pick(&["x + ", "(", "-", "x^", "sin(", "x*", "x[", "[", "sum(i in 0..2, ", "x/", "1e10000 + ", "1/3*"]);
        out.push_str(&unit.repeat(r.below(3000)));
    }
    expression(r, depth, &mut out);
    out.push('\n');
    out
}

/// The same text as another system saves it.
fn elsewhere(r: &mut Random, text: &str) -> String {
    let text = if r.one_in(2) { text.replace('\n', "\r\n") } else { text.to_owned() };
    if r.one_in(2) { format!("\u{feff}{text}") } else { text }
}

#[test]
#[allow(clippy::print_stdout, reason = "the outcome of a long run, shown with --nocapture")]
fn no_loss_panics_or_hangs() {
    let (cases, seed) = size(1_500);
    let (mut accepted, mut slowest) = (0, Slowest::new());
    for case in 0..cases {
        let mut r = Random::new(seed, case);
        let text = loss(&mut r);
        let whole = r.one_in(3);
        let bytes = if whole { text.clone().into_bytes() } else { r.mutated(text.clone(), &SCRAPS) };
        // The work limit is lowered so that the cases that meet it do not make up all the time.
        let max_work = if r.one_in(100) { 1_000_000 } else { 20_000 };
        let options = Options { max_work, ..Options::default() };
        let start = Instant::now();
        let read = Loss::from_bytes(&bytes, "fuzz.loss", &options);
        if whole && r.one_in(4) {
            let other = Loss::from_bytes(elsewhere(&mut r, &text).as_bytes(), "fuzz.loss", &options);
            let dimension =
                |l: &Result<Loss, _>| l.as_ref().ok().map(|l| (l.expression.pool().dimension(), l.constants.clone()));
            assert_eq!(dimension(&other), dimension(&read), "{text}");
        }
        match read {
            Ok(loss) => {
                accepted += 1;
                assert_eq!(loss.expression.pool().shape(loss.expression.id()).rank(), 0);
                assert_eq!(loss.initial().len(), loss.expression.pool().dimension());
                assert_eq!(loss.starts.len(), loss.expression.pool().parameters().count());
            }
            Err(errors) => {
                assert!(!errors.errors.is_empty());
                let text = errors.render(case % 2 == 0);
                assert!(text.contains("fuzz.loss"), "{text}");
                for error in &errors.errors {
                    assert!(error.span.start <= error.span.end && error.span.end <= errors.source.len());
                }
            }
        }
        slowest.note(case, start, &String::from_utf8_lossy(&bytes));
    }
    println!("{cases} losses, {accepted} accepted, {slowest}");
    assert!(accepted > cases / 100, "{accepted} of {cases} accepted");
}
