mod arrays;
mod data;
mod errors;
mod printing;
mod shapes;

use super::*;
use crate::expr::testing::Floats;
use crate::expr::{Shape, Tape, Variable};

fn parse(source: &str) -> Loss {
    Loss::parse(source, "t.loss", &Options::default()).unwrap_or_else(|e| panic!("{source}\n{e}"))
}

fn errors(source: &str) -> LossErrors {
    match Loss::parse(source, "t.loss", &Options::default()) {
        Ok(_) => panic!("{source}\nis accepted"),
        Err(errors) => errors,
    }
}

/// The loss at a point; symbols are 0.5, 1.5, ….
fn value(source: &str, at: &[f64]) -> f64 {
    let loss = parse(source);
    Tape::new(loss.expression.pool(), &[loss.expression.id()]).evaluate(&mut Floats, |_, v| match v {
        Variable::Theta(k) => at[k as usize],
        Variable::Symbol(k) => f64::from(k) + 0.5,
        Variable::Direction(..) => f64::NAN,
    })[0]
}

/// Two texts for the same expression of x, y and the array w of three.
fn same(left: &str, right: &str) {
    let mut pool = Pool::new();
    let mut names = Vec::new();
    for (name, shape) in [("x", Shape::scalar()), ("y", Shape::scalar()), ("w", Shape::vector(3))] {
        names.push((name.to_owned(), pool.declare_parameter(name, shape)));
    }
    names.push(("m".to_owned(), pool.declare_symbol("m")));
    let ids = [left, right].map(|s| parse_expression(s, &mut pool, &names).unwrap_or_else(|e| panic!("{s}\n{e}")));
    assert_eq!(ids[0], ids[1], "{left} and {right}");
}

/// `line:column kind` of every error.
fn check(source: &str, expected: &[&str]) {
    let found = errors(source);
    let lines: Vec<String> = found
        .errors
        .iter()
        .map(|e| {
            let (line, column) = found.position(e.span.start);
            format!("{line}:{column} {}", e.kind)
        })
        .collect();
    assert_eq!(lines, expected, "in\n{source}\n{found}");
    for (error, line) in found.errors.iter().zip(&lines) {
        if error.is_located() {
            let place = format!("t.loss:{} ", line.split(' ').next().unwrap_or_default());
            assert!(found.to_string().contains(&place), "{place} in\n{found}");
        }
    }
}

#[test]
fn precedence() {
    for (left, right) in [
        ("-x^2", "-(x^2)"),
        ("x^-2", "1/(x^2)"),
        ("2^3^2", "512"),
        ("x^2^3", "x^8"),
        ("x**2**3", "x^(2^3)"),
        ("2^-x^2", "2^(-(x^2))"),
        ("x/y*m", "(x/y)*m"),
        ("x/y/m", "(x/y)/m"),
        ("x-y-m", "(x-y)-m"),
        ("x*-y", "-(x*y)"),
        ("-x*y", "(-x)*y"),
        ("x--y", "x+y"),
        ("----x", "x"),
        ("-w[1]^2", "-((w[1])^2)"),
        ("x^2*y", "(x^2)*y"),
        ("x+y*m^2", "x+(y*(m^2))"),
        ("x*y^m", "x*exp(m*log(y))"),
        ("e^x", "exp(x)"),
        ("e", "exp(1)"),
        ("(\nx +\n  # a comment\n y)", "x + y"),
        ("w@w", "dot(w, w)"),
        ("let s1 = x + 1\nlet s2 = s1*s1\ns2", "(x + 1)^2"),
    ] {
        same(left, right);
    }
}

#[test]
fn numbers_are_exact() {
    for (left, right) in [
        ("0.1", "1/10"),
        ("1e-3", "1/1000"),
        (".5", "1/2"),
        ("5.", "5"),
        ("1.5E+2", "150"),
        ("0.1 + 0.2", "3/10"),
        ("sqrt(4)", "2"),
        ("8^(1/3)", "2"),
        ("sum(i in 0..4, i)", "6"),
    ] {
        same(left, right);
    }
}

#[test]
fn arrays_and_sums() {
    for (left, right) in [
        ("sum(w)", "sum(w*1)"),
        ("mean(w)", "sum(w)/3"),
        ("norm2(w)", "dot(w, w)"),
        ("norm2(x)", "x^2"),
        ("mean(x) + sum(x) + logsumexp(x)", "3*x"),
        ("[1, 2, x][2]", "x"),
        ("sum(i in 0..3, w[i]*x^i)", "w[0] + w[1]*x + w[2]*x^2"),
        ("sum(i in 0..2, w[i+1])", "w[1] + w[2]"),
        ("sum(i in 0..2, w[2*i])", "w[0] + w[2]"),
        ("sum(i in 1..1+2, sum(j in 0..i, x^i*y^j))", "x + (x^2 + x^2*y)"),
        ("sum(i in 0..0, x)", "0"),
        ("sum(i in 1..3, i*w)[1]", "(3*w)[1]"),
        ("x^[1, 2]", "[x, x^2]"),
        ("sum(x^([1, 2]*2))", "sum([x^2, x^4])"),
        ("x^[4, 1][1 - 1]", "x^4"),
        ("x^(2*[4, 1])[1]", "x^2"),
    ] {
        same(left, right);
    }
    assert_eq!(value("param w[3]\nloss sum(w*[1, 10, 100] + 1)", &[1.0, 2.0, 3.0]), 324.0);
    assert_eq!(value("param w[3]\nloss logsumexp(w - w)", &[1.0, 2.0, 3.0]), 3f64.ln());
    assert_eq!(value("param w[1], v[3]\nloss sum(w*v)", &[2.0, 1.0, 2.0, 3.0]), 12.0);
}

#[test]
fn functions() {
    let x: f64 = 0.3;
    for (text, expected) in [
        ("exp(x)", x.exp()),
        ("log(x)", x.ln()),
        ("log1p(x)", x.ln_1p()),
        ("expm1(x)", x.exp_m1()),
        ("sqrt(x)", x.sqrt()),
        ("sin(x)", x.sin()),
        ("cos(x)", x.cos()),
        ("tan(x)", x.tan()),
        ("asin(x)", x.asin()),
        ("acos(x)", x.acos()),
        ("atan(x)", x.atan()),
        ("sinh(x)", x.sinh()),
        ("cosh(x)", x.cosh()),
        ("tanh(x)", x.tanh()),
        ("sigmoid(x)", 1.0 / (1.0 + (-x).exp())),
        ("softplus(x)", (1.0 + x.exp()).ln()),
        ("relu(x) + relu(-x)", x),
        ("elu(x) + elu(-x)", x + (-x).exp_m1()),
        ("silu(x)", x / (1.0 + (-x).exp())),
        // By mpmath.
        ("gelu(x)", 0.185_373_426_656_685_8),
        ("abs(-x)", x),
        ("sign(-x)", -1.0),
        ("step(x) + step(-x)", 1.0),
        ("x^m", x.sqrt()),
        ("pi*x", std::f64::consts::PI * x),
    ] {
        let found = value(&format!("param x\nconst m\nloss {text}\n"), &[x]);
        assert!((found - expected).abs() < 1e-14, "{text} is {found}, not {expected}");
    }
    same("erf(0)", "0");
}

#[test]
fn statements() {
    let loss = parse(
        "# comment\n\nparam x = 1/2, w[3] = [1, 2, 0.5], u[2] = zeros # here\nparam y = pi/2\r\nparam z\n\
         const a = 1, b = 2*a\nconst m\nlet r = x - a\ndef f(t, x) = t*x + r\n\
         loss f(b, w[0])^2 + y + sum(u) + m*z\n",
    );
    assert_eq!(loss.expression.pool().theta_names().join(" "), "x w[0] w[1] w[2] u[0] u[1] y z");
    let initial: Vec<String> =
        loss.initial().iter().map(|q| q.as_ref().map_or("-".into(), ToString::to_string)).collect();
    assert_eq!(initial.join(" "), "1/2 1 2 1/2 0 0 - -");
    assert_eq!(loss.starts.iter().filter(|start| start.is_some()).count(), 4);
    assert_eq!(loss.initial_values()[6], Some(std::f64::consts::FRAC_PI_2));
    let constants: Vec<String> = loss
        .constants
        .iter()
        .map(|(n, q)| format!("{n}={}", q.as_ref().map_or("-".into(), ToString::to_string)))
        .collect();
    assert_eq!(constants.join(" "), "a=1 b=2 m=-");
    assert_eq!(loss.expression.pool().symbols(), ["m"]);
    // f(b, w[0]) = b*w[0] + (x - 1): the argument x hides the parameter only within the arguments' scope.
    let at = [0.5, 1.0, 2.0, 0.5, 0.0, 0.0, 0.25, 3.0];
    assert_eq!(value(&loss.source, &at), 1.5f64.powi(2) + 0.25 + 1.5);
}

#[test]
fn e_is_shadowed_by_a_declaration() {
    assert_eq!(value("param x\nconst e = 3\nloss e*x", &[2.0]), 6.0);
    assert_eq!(value("param x\ndef f(e) = e^2\nloss f(x)", &[2.0]), 4.0);
    check("param x\nlet a = e\nconst e = 3\nloss a*x", &["2:9 `e` is used before its declaration"]);
}

#[test]
fn settings() {
    let set = |pairs: &[(&str, i64)]| Options {
        set: pairs.iter().map(|(n, q)| ((*n).to_owned(), Rational::from(*q))).collect(),
        ..Options::default()
    };
    let source = "param x\nconst a = 1, m\nconst b = a + m\nloss b*x";
    let loss = Loss::parse(source, "t.loss", &set(&[("a", 7), ("m", 3)])).unwrap();
    assert!(loss.expression.pool().symbols().is_empty());
    assert_eq!(loss.constants[2].1, Some(Rational::from(10)));
    let text = Loss::parse(source, "t.loss", &set(&[("aa", 7)])).unwrap_err().to_string();
    assert!(
        text.contains("`Options::set`, aa") && text.contains("did you mean `a`") && text.contains("t.loss"),
        "{text}"
    );
    let text = Loss::parse(source, "t.loss", &set(&[("x", 7)])).unwrap_err().to_string();
    assert!(text.contains("`loss::parse_point`"), "{text}");
    let text = Loss::parse("param x\nconst a = 1\nloss x/a", "t.loss", &set(&[("a", 0)])).unwrap_err().to_string();
    assert!(text.contains("t.loss:3:6") && text.contains("division by zero"), "{text}");
    let n = "const n\nparam w[n]\nloss sum(w)";
    assert_eq!(Loss::parse(n, "t.loss", &set(&[("n", 4)])).unwrap().expression.pool().dimension(), 4);
    check(n, &["2:9 the size of an array must be a constant integer, not a symbol without a value"]);
}
