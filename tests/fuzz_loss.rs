//! No input makes the loss language panic, hang or take unbounded memory: random and mutated losses.
//!
//! Deterministic. `SHADOWFLOW_FUZZ_CASES=200000 cargo test --release --test fuzz_loss` runs the full size;
//! `SHADOWFLOW_FUZZ_SEED` chooses other cases.

use shadowflow::loss::{Loss, Options};
use std::time::{Duration, Instant};

/// A small generator of reproducible random numbers (Marsaglia 2003, xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const NAMES: [&str; 14] = ["x", "y", "w", "v", "a", "b", "m", "f", "g", "i", "j", "e", "pi", "theta"];
const FUNCTIONS: [&str; 27] = [
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
        _ if r.one_in(12) => out.push_str(r.pick(&NUMBERS)),
        _ => out.push_str(r.pick(&["x", "y", "a", "m", "w[0]", "sum(w)"])),
    }
}

fn loss(r: &mut Random) -> String {
    let mut out = String::from("param x, y, w[3], v[3] = [1, 2, 1/2]\nconst a = 3, m\n");
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

fn mutate(r: &mut Random, text: String) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    for _ in 0..r.below(6) {
        let at = r.below(bytes.len() + 1);
        match r.below(6) {
            0 if at < bytes.len() => {
                bytes.remove(at);
            }
            1 => bytes.insert(at, u8::try_from(r.below(256)).unwrap_or(0)),
            2 => {
                let scrap = r.pick(&SCRAPS).as_bytes().to_vec();
                bytes.splice(at..at, scrap);
            }
            3 => bytes.truncate(at),
            4 => {
                let end = (at + r.below(20)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ if at < bytes.len() => bytes[at] ^= 1 << r.below(8),
            _ => {}
        }
    }
    bytes
}

#[test]
#[allow(clippy::print_stdout, reason = "the outcome of a long run, shown with --nocapture")]
fn no_input_panics_or_hangs() {
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let cases = number("SHADOWFLOW_FUZZ_CASES").unwrap_or(2_000);
    let seed = number("SHADOWFLOW_FUZZ_SEED").unwrap_or(1);
    let (mut accepted, mut slowest) = (0, (Duration::ZERO, Vec::new()));
    for case in 0..cases {
        let mut r = Random((seed << 32) ^ (case + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let text = loss(&mut r);
        let bytes = if r.one_in(3) { text.into_bytes() } else { mutate(&mut r, text) };
        // The work limit is lowered so that the cases that meet it do not make up all the time.
        let max_work = if r.one_in(100) { 1_000_000 } else { 20_000 };
        let options = Options { max_work, ..Options::default() };
        let start = Instant::now();
        match Loss::from_bytes(&bytes, "fuzz.loss", &options) {
            Ok(loss) => {
                accepted += 1;
                assert_eq!(loss.pool.shape(loss.loss).rank(), 0);
                assert_eq!(loss.initial.len(), loss.pool.dimension());
                assert_eq!(loss.initial_expressions.len(), loss.pool.dimension());
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
        let time = start.elapsed();
        if time > slowest.0 {
            slowest = (time, bytes);
        }
        assert!(time < Duration::from_secs(20), "case {case}: {time:?}\n{}", String::from_utf8_lossy(&slowest.1));
    }
    let worst: String = String::from_utf8_lossy(&slowest.1).chars().take(300).collect();
    println!("{cases} cases, {accepted} accepted, the slowest {:?}:\n{worst}", slowest.0);
    assert!(accepted > cases / 100, "{accepted} of {cases} accepted");
}
