//! Formulas as they are typed and in LaTeX.

use super::{Formula, Spelling, typewriter};

fn name(name: &str) -> Formula {
    Formula::name(name)
}

fn n(n: u64) -> Formula {
    Formula::natural(n)
}

fn minus(a: Formula, b: Formula) -> Formula {
    Formula::sum(vec![(false, a), (true, b)])
}

fn plus(a: Formula, b: Formula) -> Formula {
    Formula::sum(vec![(false, a), (false, b)])
}

fn call(function: &'static str, argument: Formula) -> Formula {
    Formula::call(function, vec![argument])
}

/// A formula, as it is typed, and in LaTeX.
fn check(formula: &Formula, typed: &str, latex: &str) {
    assert_eq!(formula.to_string(), typed);
    assert_eq!(Spelling::default().latex(formula), latex, "{typed}");
}

#[test]
fn arithmetic() {
    let [a, b, c, x, y] = ["a", "b", "c", "x", "y"].map(name);
    let third = || n(1).over(n(3));
    check(&minus(a.clone(), plus(b.clone(), c.clone())), "a - (b + c)", "a - (b + c)");
    check(&plus(a.clone(), minus(b.clone(), c.clone())), "a + (b - c)", "a + b - c");
    check(&minus(a.clone(), b.clone().negated()), "a - (-b)", "a - (-b)");
    let product = Formula::product(vec![n(2), x.clone(), y.clone().power(2)]);
    check(&product.over(n(3)).negated(), "-2*x*y^2/3", "-\\frac{2 x y^{2}}{3}");
    let product = Formula::product(vec![third(), x.clone().power(2), y.clone()]);
    check(&product, "1/3*x^2*y", "\\frac{1}{3} x^{2} y");
    check(&x.clone().power(2).negated(), "-x^2", "-x^{2}");
    check(&x.clone().negated().power(2), "(-x)^2", "(-x)^{2}");
    check(&x.clone().raised(third()), "x^(1/3)", "x^{\\frac{1}{3}}");
    check(&x.clone().power(2).power(3), "(x^2)^3", "(x^{2})^{3}");
    check(&Formula::product(vec![x.clone(), n(2), n(3)]), "x*2*3", "x \\cdot 2 \\cdot 3");
    check(&a.clone().over(b.clone()).over(c.clone()), "a/b/c", "\\frac{\\frac{a}{b}}{c}");
    check(&a.clone().over(b.clone().times(c.clone())), "a/(b*c)", "\\frac{a}{b c}");
    check(&a.clone().over(b.clone()).times(c), "a/b*c", "\\frac{a}{b} c");
    check(&plus(a.clone(), b.clone()).negated(), "-(a + b)", "-(a + b)");
    check(&plus(a, b).over(n(2)).negated(), "-(a + b)/2", "-\\frac{a + b}{2}");
    check(&x.clone().over(n(2)).power(2), "(x/2)^2", "\\left(\\frac{x}{2}\\right)^{2}");
    check(&x.negated().times(y), "(-x)*y", "-x y");
}

#[test]
fn functions_and_indices() {
    let [x, y, w] = ["x", "y", "w"].map(name);
    let half = || x.clone().over(n(2));
    check(&call("exp", x.clone().power(2).negated()), "exp(-x^2)", "e^{-x^{2}}");
    check(&call("exp", half()).power(2), "exp(x/2)^2", "\\exp\\left(\\frac{x}{2}\\right)^{2}");
    check(&call("exp", x.clone()).power(2), "exp(x)^2", "(e^{x})^{2}");
    let sum = plus(call("log1p", x.clone()), call("atan", y));
    check(&sum, "log1p(x) + atan(y)", "\\log(1 + x) + \\arctan(y)");
    let entry = Formula::entry("w", vec![0, 1]);
    check(&call("sigmoid", entry), "sigmoid(w[0, 1])", "\\operatorname{sigmoid}(w_{0, 1})");
    check(&call("abs", x.clone()).times(name("rate")), "abs(x)*rate", "|x| \\, \\mathit{rate}");
    check(&Formula::list(vec![n(1), x]), "[1, x]", "[1, x]");
    check(&call("sum", w.power(2)), "sum(w^2)", "\\operatorname{sum}(w^{2})");
    assert_eq!(typewriter("50% {x}_1^\\"), "\\texttt{50\\% \\{x\\}\\_1\\textasciicircum{}\\textbackslash{}}");
}

#[test]
fn fractions_are_as_wide_as_their_wider_part() {
    let one_minus_m = || Formula::tight_sum(vec![(false, n(1)), (true, name("m"))]);
    let above = Formula::tight_sum(vec![(false, n(1)), (false, name("m"))]);
    let size = above.over(Formula::product(vec![n(2), one_minus_m().power(2)]));
    let latex = Spelling::default().latex_factor(&size.before(name("z")));
    assert_eq!(latex.text, "\\frac{1 + m}{2 (1 - m)^{2}} z");
    assert_eq!((latex.width, latex.characters), ("2(1-m)2z".len(), "/1+m2(1-m)2z".len()));
}
