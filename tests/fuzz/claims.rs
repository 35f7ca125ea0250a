//! Claims: true ones in every spelling, made false in one place, rounded; functions against an evaluation of their own; and
//! heaps of symbols.

use crate::bound::bound;
use crate::random::{Random, Slowest, size};
use num_complex::Complex64;
use shadowflow::claim::{Claim, Letters, read_claims};
use shadowflow::number::{Coefficient, Fraction, Rational};
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::series::{ModifiedEquation, Route, derive};
use shadowflow::tree::Notation;
use std::time::Instant;

const METHODS: [(&str, Option<&str>); 9] = [
    ("gradient-descent", None),
    ("heavy-ball", None),
    ("heavy-ball", Some("1/2")),
    ("nesterov", None),
    ("nesterov", Some("9/10")),
    ("implicit-euler", None),
    ("rk:midpoint", None),
    ("rk:heun", None),
    ("rk:rk4", None),
];

struct Subject {
    optimizer: BoundOptimizer,
    equation: ModifiedEquation,
}

fn subjects(order: usize) -> Vec<Subject> {
    let subject = |(method, momentum): (&str, Option<&str>)| {
        let optimizer = bound(method, momentum);
        let equation = derive(&optimizer, order).route(Route::Trees).run().unwrap().equation;
        Subject { optimizer, equation }
    };
    METHODS.into_iter().map(subject).collect()
}

/// The verdict, and whether there is one.
fn judged(text: &str, subject: &Subject, letters: &Letters) -> Option<bool> {
    let claim = Claim::parse_with(text, &subject.optimizer, letters)
        .unwrap_or_else(|e| panic!("{}", e.render("claim", text, false)));
    claim.judge(&subject.optimizer).ok().map(|verdict| verdict.ok())
}

fn coefficient(r: &mut Random, c: &Fraction) -> String {
    let text = c.to_string();
    if let Some((above, below)) = text.split_once('/').filter(|_| !text.contains(['m', '('])) {
        return match r.below(5) {
            0 => format!("\\frac{{{above}}}{{{below}}}"),
            1 => match above.strip_prefix('-') {
                Some(above) => format!("-\\tfrac{{{above}}}{{{below}}}"),
                None => format!("\\dfrac{{{above}}}{{{below}}}"),
            },
            2 => format!("({text})"),
            3 => format!("{{{text}}}"),
            _ => text,
        };
    }
    if r.one_in(2) { text.replace('*', " ") } else { format!("({text})") }
}

/// The terms of an order in a random spelling and order, some in two parts.
fn order_text(r: &mut Random, terms: &[(Fraction, String)]) -> String {
    let mut parts: Vec<(Fraction, String)> = Vec::new();
    for (c, tree) in terms {
        if r.one_in(4) {
            let part = Fraction::from_rational(&Rational::new(i64::try_from(r.below(7)).unwrap() - 3, 5));
            parts.push((c.plus(&part.negated()), tree.clone()));
            parts.push((part, tree.clone()));
        } else {
            parts.push((c.clone(), tree.clone()));
        }
    }
    r.shuffle(&mut parts);
    let mut out = String::new();
    for (k, (c, tree)) in parts.iter().enumerate() {
        out.push_str(if k == 0 { "" } else { " + " });
        out.push_str(&coefficient(r, c));
        out.push_str(r.pick(&[" ", " ", "*", " \\, "]));
        out.push_str(tree);
    }
    if out.is_empty() { "0 g".to_owned() } else { out }
}

fn spelt(r: &mut Random, tree: &shadowflow::tree::Tree) -> String {
    match r.below(4) {
        0 => Notation::Operator.text(tree),
        1 => Notation::Operator.latex(tree),
        2 => Notation::Paper.text(tree),
        _ => Notation::Paper.latex(tree),
    }
}

/// Makes the terms of an order false: a coefficient, a tree too many, one left out.
fn falsified(r: &mut Random, terms: &mut Vec<(Fraction, String)>) {
    let by = Fraction::from_rational(&Rational::new(1, 720));
    match r.below(3) {
        // A field without its highest power says nothing of it.
        0 if terms.len() > 1 => drop(terms.remove(r.below(terms.len()))),
        1 if !terms.is_empty() => {
            let k = r.below(terms.len());
            terms[k].0 = terms[k].0.plus(&by);
        }
        _ => terms.push((by, "T[g, H H H H g]".to_owned())),
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the outcome of a long run, shown with --nocapture")]
fn true_claims_are_right_and_false_ones_wrong() {
    let (cases, seed) = size(200);
    let subjects = subjects(4);
    let mut slowest = Slowest::new();
    for case in 0..cases {
        let mut r = Random::new(seed, case);
        let subject = &subjects[r.below(subjects.len())];
        let n = r.below(5);
        let right = r.one_in(2);
        let field = r.one_in(2);
        let false_order = if field { r.below(n + 1) } else { n };
        let mut text =
            if field { r.pick(&["f", "\\dot\\theta", "theta'", "dθ/dt"]).to_owned() } else { format!("f_{n}") };
        text.push_str(" = ");
        for order in if field { 0 } else { n }..=n {
            let mut terms: Vec<(Fraction, String)> = subject.equation.orders[order]
                .iter()
                .map(|t| (t.coefficient.to_fraction(), spelt(&mut r, &t.tree)))
                .collect();
            if !right && order == false_order {
                falsified(&mut r, &mut terms);
            }
            let sum = order_text(&mut r, &terms);
            if field {
                text.push_str(if order == 0 { "" } else { " + " });
                text.push_str(&match order {
                    0 => sum,
                    1 => format!("h ({sum})"),
                    _ => format!("h^{order} \\left( {sum} \\right)"),
                });
            } else {
                text.push_str(&sum);
            }
        }
        let mut letters = Letters::default();
        if r.one_in(3) {
            letters = "h=η,E=L,θ=ω,m=β".parse().unwrap();
            text = text.replace('E', "L").replace('θ', "ω").replace("\\theta", "\\omega").replace("theta", "ω");
            text = text.replace("h ", "\\eta ").replace("h^", "η^");
            text = text.replace('m', "β").replace("oβega", "omega").replace("\\dβrac", "\\dfrac");
            text = text.replace("\\β", "\\m");
        }
        let start = Instant::now();
        assert_eq!(judged(&text, subject, &letters), Some(right), "case {case}: {text} ({})", subject.optimizer.name());
        slowest.note(case, start, &text);
    }
    println!("{cases} true and false claims, {slowest}");
}

/// A rational with so many decimals, and whether it is exactly that.
fn decimal(c: &Rational, places: u32, shift: i128) -> (String, bool) {
    let whole = |n: num_bigint::BigInt| i128::try_from(n).unwrap();
    let (p, q, scale) = (whole(c.numerator()), whole(c.denominator()), 10_i128.pow(places));
    // Half away from zero.
    let size = (2 * p.abs() * scale + q) / (2 * q) + shift;
    let sign = if p < 0 { "-" } else { "" };
    let width = places as usize;
    (format!("{sign}{}.{:0width$}", size / scale, size % scale), p.abs() * scale == size * q)
}

#[test]
fn rounded_claims_are_right_if_the_truth_rounds_to_them() {
    let (cases, seed) = size(200);
    let subjects = subjects(4);
    for case in 0..cases {
        let mut r = Random::new(seed, case);
        let subject = &subjects[r.below(subjects.len())];
        let n = r.below(5);
        let terms = &subject.equation.orders[n];
        let numbers: Vec<Option<Rational>> = terms.iter().map(|t| t.coefficient.to_rational()).collect();
        if terms.is_empty() || numbers.iter().any(Option::is_none) {
            continue;
        }
        let places = 1 + u32::try_from(r.below(6)).unwrap();
        let changed = r.one_in(2).then(|| r.below(terms.len()));
        let (mut text, mut exact) = (String::new(), true);
        for (k, (term, c)) in terms.iter().zip(numbers.iter().flatten()).enumerate() {
            let (number, is_exact) = decimal(c, places, if changed == Some(k) { 2 } else { 0 });
            exact &= is_exact;
            text.push_str(&format!("{}{number} {}", if k == 0 { "" } else { " + " }, spelt(&mut r, &term.tree)));
        }
        let letters = Letters::default();
        let sign = r.pick(&["≈", "~", "\\approx", "\\simeq"]);
        let rounded = format!("f_{n} {sign} {text}");
        assert_eq!(judged(&rounded, subject, &letters), Some(changed.is_none()), "case {case}: {rounded}");
        let equal = format!("f_{n} = {text}");
        assert_eq!(judged(&equal, subject, &letters), Some(exact), "case {case}: {equal}");
    }
}

/// A function of z as text and as what it is.
fn function(r: &mut Random, depth: usize) -> (String, Box<dyn Fn(Complex64) -> Complex64>) {
    if depth == 0 {
        let n = i32::try_from(r.below(9)).unwrap() - 4;
        return match r.below(6) {
            0 | 1 => ("z".to_owned(), Box::new(|z| z)),
            2 => ("log(1-z)/z".to_owned(), Box::new(|z| (Complex64::ONE - z).ln() / z)),
            3 => ("1000000".to_owned(), Box::new(|_| Complex64::new(1e6, 0.0))),
            _ => (format!("({n})"), Box::new(move |_| Complex64::new(f64::from(n), 0.0))),
        };
    }
    let (a, f) = function(r, depth - 1);
    match r.below(9) {
        0 | 1 => {
            let (b, g) = function(r, depth - 1);
            (format!("({a} + {b})"), Box::new(move |z| f(z) + g(z)))
        }
        2 => {
            let (b, g) = function(r, depth - 1);
            (format!("({a} - {b})"), Box::new(move |z| f(z) - g(z)))
        }
        3 => {
            let (b, g) = function(r, depth - 1);
            (format!("({a})*({b})"), Box::new(move |z| f(z) * g(z)))
        }
        4 => (format!("({a})/(1-z)"), Box::new(move |z| f(z) / (Complex64::ONE - z))),
        5 => (format!("log({a})"), Box::new(move |z| f(z).ln())),
        6 => (format!("exp({a})"), Box::new(move |z| f(z).exp())),
        7 => (format!("sqrt({a})"), Box::new(move |z| f(z).sqrt())),
        _ => (format!("({a})**2"), Box::new(move |z| f(z) * f(z))),
    }
}

/// What is called right is equal wherever it has a value, and has one; what is called wrong is not equal everywhere.
#[test]
#[allow(clippy::print_stdout, reason = "the outcome of a long run, shown with --nocapture")]
fn functions_are_judged_as_they_are() {
    let (cases, seed) = size(500);
    let descent = &subjects(0)[0];
    let mut slowest = Slowest::new();
    let (mut right, mut wrong, mut open) = (0, 0, 0);
    for case in 0..cases {
        let mut r = Random::new(seed, case);
        let depth = r.below(5);
        let (mut text, mut f) = function(&mut r, depth);
        if r.one_in(2) {
            // The truth in another form, or beside it.
            let other = i32::try_from(r.below(3)).unwrap();
            text =
                format!("log(1-z)/z + {text} - {} + {other}", if r.one_in(3) { "0".to_owned() } else { text.clone() });
            let plain = text.contains("- 0 + ");
            f = Box::new(move |z| {
                let own = if plain { f(z) } else { f(z) - f(z) };
                (Complex64::ONE - z).ln() / z + own + Complex64::new(f64::from(other), 0.0)
            });
        }
        let text = format!("alpha_pf = {text}");
        let start = Instant::now();
        let Ok(claim) = Claim::parse(&text, &descent.optimizer) else { continue };
        let verdict = claim.judge(&descent.optimizer);
        slowest.note(case, start, &text);
        let mut equal = Vec::new();
        for x in [0.21, -0.34, 0.052, -0.71, 0.4] {
            let z = Complex64::new(x, 0.0);
            let (value, truth) = (f(z), (1.0 - x).ln() / x);
            if value.is_finite() {
                // Rounding of large parts is not followed here.
                equal.push((value - truth).norm() / (1.0 + truth.abs()));
            }
        }
        match verdict.map(|v| v.ok()) {
            Ok(true) => {
                right += 1;
                // Parts that cancel exactly may have no value, or one too large, in floats.
                assert!(equal.iter().all(|e| *e < 1e-3) || text.contains("1000000"), "case {case}: {text}: {equal:?}");
            }
            Ok(false) => {
                wrong += 1;
                let told = equal.len() < 5 || equal.iter().any(|e| *e > 1e-13);
                assert!(told || text.contains("1000000"), "case {case}: {text}: {equal:?}");
            }
            Err(error) => {
                open += 1;
                assert!(!error.to_string().is_empty());
            }
        }
    }
    println!("{right} right, {wrong} wrong, {open} open, {slowest}");
    assert!(right > 0 && wrong > open);
}

/// A number in front of a vector.
fn factor(r: &mut Random) -> &'static str {
    const FACTORS: [&str; 26] = [
        "1/2",
        "-1/3",
        "0.25",
        "\\frac{1}{12}",
        "\\tfrac12",
        "h",
        "h^2",
        "\\frac{h}{2}",
        "m",
        "(1+m)/(1-m)",
        "sqrt(2)",
        "log(2)",
        "exp(1000000)",
        "log(0)",
        "exp(-1000)",
        "(1-h)^(1/2)",
        "2**3",
        "0",
        "1e-3",
        "h^13",
        "\\frac h2",
        "(1/2+h/3)",
        "O(h^2)",
        "O(h^4)",
        "-",
        "1/0",
    ];
    FACTORS[r.below(FACTORS.len())]
}

/// A vector as papers and programs write it.
fn vector(r: &mut Random, depth: usize) -> String {
    if depth == 0 {
        return r.pick(&["g", "\\nabla E", "∇E", "\\nabla_\\theta E(\\theta)", "∇‖∇E‖²", "f_1", "g", "g"]).to_owned();
    }
    let v = vector(r, depth - 1);
    match r.below(10) {
        0 => format!("H {v}"),
        1 => format!("T[{v}, {}]", vector(r, depth - 1)),
        2 => format!("∇²E {v}"),
        3 => format!("({v})^T (∇³E) {}", vector(r, depth - 1)),
        4 => format!("({v} + {})", vector(r, depth - 1)),
        5 => format!("\\left( {v} - {} \\right)", vector(r, depth - 1)),
        6 => format!("(I + {} H) {v}", factor(r)),
        7 => format!("E4[{v}, g, {}]", vector(r, depth - 1)),
        8 => format!("\\sum_{{p=0}}^{{3}} \\frac{{{}}}{{p+1}} h^p H^p {v}", factor(r)),
        _ => format!("{} {v}", factor(r)),
    }
}

fn scalar(r: &mut Random, depth: usize) -> String {
    let v = vector(r, depth);
    match r.below(4) {
        0 => "E".to_owned(),
        1 => format!("‖{v}‖²"),
        2 => format!("({v})^T {}", vector(r, depth.min(1))),
        _ => format!("E + {} \\|{v}\\|^2", factor(r)),
    }
}

/// A claim of the grammar, true or false.
fn sentence(r: &mut Random) -> String {
    let sign = r.pick(&["=", "=", "≈", "\\approx", " ~ "]);
    let depth = r.below(4);
    match r.below(5) {
        0 => format!("f_{} {sign} {} {}", r.below(5), factor(r), vector(r, depth)),
        1 => format!("\\dot\\theta {sign} -g + {} {} + {}", factor(r), vector(r, depth), vector(r, depth)),
        2 => format!("\\tilde E {sign} {}", scalar(r, depth)),
        3 => {
            format!("f {sign} -∇({}) + {}", scalar(r, depth), r.pick(&["O(h^2)", "C(∇³E)", "0", "h^2 C(∇³E)", "O(h)"]))
        }
        _ => {
            let left =
                r.pick(&["alpha_pf", "J_PF", "threshold", "progress", "alpha_third", "theta(t)", "progress(1/2)"]);
            let text = function(r, depth).0;
            let z = if matches!(left, "J_PF" | "theta(t)") {
                "(h*lambda)"
            } else if left == "threshold" {
                "2"
            } else {
                "z"
            };
            format!("{left} {sign} {}{}", text.replace('z', z), r.pick(&["", "", " + O(z^3)", " + 0.5"]))
        }
    }
}

const PIECES: [&str; 78] = [
    "f_2",
    "f",
    "=",
    "≈",
    "~",
    "\\approx",
    "g",
    "H",
    "T",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "^",
    "**",
    "_",
    "∇",
    "∇²",
    "∇‖",
    "‖",
    "‖²",
    "E4",
    "E",
    "\\frac",
    "\\tfrac12",
    "1",
    "0.333",
    "2.785",
    "1e-3",
    "1e9999",
    "/",
    "-",
    "+",
    "*",
    "\\sum",
    "_{p=0}^",
    "\\infty",
    "infty",
    "O(h",
    "O(h^2)",
    "C(∇³E)",
    "C(∇²E)",
    "||",
    "λ_i",
    "\\lambda",
    "u_i",
    "p",
    "I",
    "f_1",
    "(θ",
    "\\text{",
    "^*",
    ",",
    "12",
    "h",
    "z",
    "²",
    "ᵀ",
    "^T",
    "log",
    "log(",
    "exp(",
    "sqrt(",
    "e^{",
    "alpha_pf",
    "J_PF",
    "threshold",
    "progress(2)",
    "m",
    "η",
    "ω",
    "β",
    "\\theta",
    "\\left(",
    "\\quad (2)",
    "\u{303}",
];

#[test]
#[allow(clippy::print_stdout, reason = "the outcome of a long run, shown with --nocapture")]
fn no_claim_panics_or_hangs() {
    let (cases, seed) = size(1_000);
    let subjects = subjects(0);
    let lefts = [
        "f = ",
        "f_1 = ",
        "f_2 ≈ ",
        "f_3 = ",
        "\\dot\\theta = ",
        "\\tilde E = ",
        "alpha_pf = ",
        "alpha = ",
        "J_IGR = ",
        "J_PF ~ ",
        "threshold = ",
        "threshold ≈ ",
        "progress = ",
        "progress(1/2) = ",
        "theta(t) = ",
        "\\tilde\\theta(h) = ",
        "E(\\theta - h g) = ",
        "",
        "alpha_bea:3 = ",
    ];
    let mut slowest = Slowest::new();
    let mut read = 0;
    for case in 0..cases {
        let mut r = Random::new(seed, case);
        let grammatical = r.one_in(2);
        let mut text = if grammatical { sentence(&mut r) } else { r.pick(&lefts).to_owned() };
        if r.one_in(20) {
            // Deep or long.
            let unit = r.pick(&[
                "(",
                "{",
                "∇(",
                "\\frac{1}{",
                "log(",
                "exp(1+",
                "sqrt((1+",
                "T[g, ",
                "e^{",
                "H ",
                "1+",
                "2^{",
                "-",
                "\\sum_{p=0}^{3} ",
                "‖",
                "z^{",
                "z**(",
                "(1+z)^(1/2)*",
                "0.1*",
            ]);
            text.push_str(&unit.repeat(r.below(600)));
        }
        for _ in 0..if grammatical { 0 } else { r.below(16) } {
            text.push_str(r.pick(&PIECES));
            text.push_str(r.pick(&["", "", " "]));
        }
        let bytes = if r.one_in(3) { r.mutated(text, &PIECES) } else { text.into_bytes() };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let subject = &subjects[r.below(subjects.len())];
        let letters = if r.one_in(5) { "h=η,θ=ω".parse().unwrap() } else { Letters::default() };
        let start = Instant::now();
        match Claim::parse_with(&text, &subject.optimizer, &letters) {
            Ok(claim) => {
                read += 1;
                // High orders with symbols take a minute.
                if !subject.optimizer.symbols().is_empty() && text.contains('h') {
                    continue;
                }
                if let Err(error) = claim.judge(&subject.optimizer) {
                    assert!(!error.to_string().is_empty());
                }
            }
            Err(error) => {
                assert!(
                    error.span.start <= error.span.end && error.span.end <= text.len(),
                    "case {case}: {text}: {error:?}"
                );
                assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end), "{text}");
                assert!(
                    error.render("claim", &text, false).contains("claim:1:") || text.contains(['\n', '\r']),
                    "{text}"
                );
            }
        }
        if case % 16 == 0 {
            let _ = read_claims(&text, &subject.optimizer);
        }
        slowest.note(case, start, &text);
    }
    println!("{cases} texts, {read} read as claims, {slowest}");
    assert!(read > cases / 20, "{read} of {cases} read");
}
