use super::*;
use crate::concrete;
use crate::loss::{Loss, Options};
use crate::optimizer::{BoundOptimizer, Optimizer};
use crate::series;

fn abstract_series(optimizer: &BoundOptimizer, order: usize) -> series::ModifiedEquation {
    series::derive(optimizer, order).run().unwrap().equation
}

fn of_loss(text: &str, order: usize) -> concrete::ConcreteEquation {
    let loss = Loss::parse(text, "test.loss", &Options::default()).unwrap();
    concrete::derive(&loss, &BoundOptimizer::gradient_descent(), order).run().unwrap()
}

fn said(series: &impl Snapshot, expected: &str) -> Vec<String> {
    series.changes(expected).unwrap().iter().map(ToString::to_string).collect()
}

fn refused(series: &impl Snapshot, expected: &str) -> String {
    series.changes(expected).unwrap_err().to_string()
}

/// Whatever is written is read again as the same, with symbols and roots.
#[test]
fn what_is_written_says_the_same() {
    let ralston = include_str!("../../examples/optimizers/ralston.toml");
    let ralston = Optimizer::from_toml(ralston, "ralston.toml").unwrap().bind(&[]).unwrap();
    let methods = [BoundOptimizer::gradient_descent(), Optimizer::HeavyBall.bind(&[]).unwrap(), ralston];
    for method in methods {
        let series = abstract_series(&method, 5);
        assert_eq!(said(&series, &series.snapshot()), [""; 0], "{}", method.name());
    }
    for text in [
        "param x, y\nloss (1 - x)^2 + 100*(y - x^2)^2\n",
        "param x\nconst k\nloss k*x^4/4\n",
        "param w[2]\nloss logsumexp(w) + w[0]*w[1]\n",
        "param s, t\nloss log(s)/2 + t^2/(2*s)\n",
        // A component that is 0 without being written so.
        "param a, b\nloss exp(a) + sin(b)^2 + cos(b)^2\n",
    ] {
        let series = of_loss(text, 2);
        assert_eq!(said(&series, &series.snapshot()), [""; 0], "{}", series.snapshot());
    }
}

/// By hand: −1/2 H g = −1/2 · 3x² · x³, and −1/3 H² g − 1/12 T g² = −3 x^7 − 1/2 x^7.
#[test]
fn the_form_stays_as_it_is() {
    assert_eq!(
        of_loss("param x\nloss x^4/4 - x\n", 1).snapshot(),
        "f_0[x] = -x^3\n         +1\nf_1[x] = -3/2*x^5\n         +3/2*x^2\n"
    );
    // −1/2 e^(2x) at 1/3 and −1/3, as the decimals of another program.
    assert_eq!(
        of_loss("param x\nloss exp(x)\n", 1).snapshot(),
        "f_0[x] at (1/3) = -1.39561242508608952862812531960e0\n\
         f_0[x] at (-1/3) = -7.16531310573789250425604096925e-1\n\
         f_1[x] at (1/3) = -9.73867020527337928319510603964e-1\n\
         f_1[x] at (-1/3) = -2.56708559516296013435993213063e-1\n"
    );
    assert_eq!(
        abstract_series(&"rk:midpoint".parse::<Optimizer>().unwrap().bind(&[]).unwrap(), 1).snapshot(),
        "f_0 = -g\nf_1 = 0\n"
    );
}

#[test]
fn changes_are_told_term_by_term() {
    let series = abstract_series(&BoundOptimizer::gradient_descent(), 2);
    // The order and the spelling of terms say nothing.
    assert_eq!(said(&series, "f_2 = - T[g,g]/12 - \\frac{1}{3} H H g; f_0 = -\\nabla E"), [""; 0]);
    assert_eq!(
        said(&series, "# of a paper\nf_1 = -1/2 H g\nf_2 = -1/3 H^2 g\n      + 1/12 T[g, g]"),
        ["f_2, T[g, g]: expected 1/12, derived -1/12"]
    );
    assert_eq!(said(&series, "f_2 = -1/12 T[g, g]"), ["f_2, H^2 g: expected 0, derived -1/3"]);
    assert_eq!(said(&series, "f_3 = -1/4 H^3 g"), ["f_3: expected -1/4 H^3 g, derived nothing beyond f_2"]);

    let series = of_loss("param x, y\nloss x^3/3 + x*y\n", 1);
    // g = (x² + y, x), H = [[2x, 1], [1, 0]].
    assert_eq!(said(&series, "f_1[x] = -(2*x*(x^2 + y) + x)/2; f_1[y] = -(x^2 + y)/2"), [""; 0]);
    assert_eq!(
        said(&series, "f_1[x] = -x^3 - x*y + 2"),
        ["f_1[x], x: expected 0, derived -1/2", "f_1[x], 1: expected 2, derived 0"]
    );
    let series = of_loss("param x\nloss log(cosh(x))\n", 1);
    assert_eq!(said(&series, "f_0[x] = -tanh(x); f_1[x] = (tanh(x)^2 - 1)*tanh(x)/2"), [""; 0]);
    let wrong = said(&series, "f_1[x] = (tanh(x)^2 + 1)*tanh(x)/2");
    assert!(wrong.len() == 1 && wrong[0].starts_with("f_1[x], at (1/3): expected 1.77"), "{wrong:?}");
    assert_eq!(
        said(&series, "f_0[x] at (0) = 0; f_0[x] at (1/3) = -3.2e-1"),
        ["f_0[x], at (1/3): expected -3.2e-1, derived -3.2e-1"; 0]
    );
}

#[test]
fn a_text_that_says_nothing_is_refused() {
    let series = abstract_series(&BoundOptimizer::gradient_descent(), 1);
    let cases = [
        ("", "snapshot:1: it is empty"),
        ("\nH g", "snapshot:2: expected a statement such as"),
        ("f_1 = -1/2 H g\nf_x = g", "snapshot:2: expected a statement"),
        ("f_1 = -1/2 H q", "`-1/2 H q`"),
        ("f_1 = -1/2 g", "g is a term of f_0, and none of f_1"),
        ("f_1 = 2", "a number"),
        ("f_1[x] = g", "of an abstract loss and has no components"),
    ];
    for (text, message) in cases {
        assert!(refused(&series, text).contains(message), "{text}: {}", refused(&series, text));
    }
    let series = of_loss("param theta, w[2]\nloss exp(theta) + norm2(w)\n", 1);
    let cases = [
        ("f_1 = -1/2 H g", "which component? Write `f_N[theta] = …`"),
        ("f_1[thera] = 0", "did you mean `theta`?"),
        ("f_1[w[0]] = w", "one number"),
        ("f_1[w[1]] = thera", "did you mean `theta`?"),
        ("f_1[theta] at (1) = 0", "takes 3 numbers"),
        ("f_1[theta] at (1, 2, c) = 0", "at (1, 2, c)"),
        ("f_1[theta] at 1 = 0", "expected numbers in brackets"),
        ("f_1[theta] = log(-1 - theta^2)", "snapshot:1:"),
    ];
    for (text, message) in cases {
        let said = series.changes(text).map_or_else(|e| e.to_string(), |changes| format!("snapshot:1: {changes:?}"));
        assert!(said.contains(message), "{text}: {said}");
    }
}

#[test]
#[should_panic(expected = "f_1, H g: expected -1/3, derived -1/2\nit is now:\nf_0 = -g\nf_1 = -1/2 H g\n")]
fn a_changed_series_fails_with_what_it_is_now() {
    assert_series(&abstract_series(&BoundOptimizer::gradient_descent(), 1), "f_1 = -1/3 H g");
}
