//! Formulas as they are typed and in LaTeX.

use super::{Formula, Markup, Node, Spelling, Symbol, typewriter};

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
    check(&minus(a.clone(), plus(b.clone(), c.clone())), "a - (b + c)", "a - b - c");
    check(&plus(a.clone(), minus(b.clone(), c.clone())), "a + (b - c)", "a + b - c");
    check(&minus(a.clone(), b.clone().negated()), "a - (-b)", "a + b");
    let product = Formula::product(vec![n(2), x.clone(), y.clone().power(2)]);
    check(&product.over(n(3)).negated(), "-2*x*y^2/3", "-\\frac{2}{3} x y^{2}");
    let product = Formula::product(vec![third(), x.clone().power(2), y.clone()]);
    check(&product, "1/3*x^2*y", "\\frac{1}{3} x^{2} y");
    check(&x.clone().power(2).negated(), "-x^2", "-x^{2}");
    check(&x.clone().negated().power(2), "(-x)^2", "x^{2}");
    check(&x.clone().raised(third()), "x^(1/3)", "x^{1/3}");
    check(&x.clone().power(2).power(3), "(x^2)^3", "x^{6}");
    check(&Formula::product(vec![x.clone(), n(2), n(3)]), "x*2*3", "6 x");
    check(&a.clone().over(b.clone()).over(c.clone()), "a/b/c", "\\frac{a}{b c}");
    check(&a.clone().over(b.clone().times(c.clone())), "a/(b*c)", "\\frac{a}{b c}");
    check(&a.clone().over(b.clone()).times(c), "a/b*c", "\\frac{a c}{b}");
    check(&plus(a.clone(), b.clone()).negated(), "-(a + b)", "-a - b");
    check(&plus(a, b).over(n(2)).negated(), "-(a + b)/2", "-\\frac{1}{2} (a + b)");
    check(&x.clone().over(n(2)).power(2), "(x/2)^2", "\\frac{1}{4} x^{2}");
    check(&x.negated().times(y), "(-x)*y", "-x y");
}

#[test]
fn functions_and_indices() {
    let [x, y, w] = ["x", "y", "w"].map(name);
    let half = || x.clone().over(n(2));
    check(&call("exp", x.clone().power(2).negated()), "exp(-x^2)", "e^{-x^{2}}");
    check(&call("exp", half()).power(2), "exp(x/2)^2", "e^{x}");
    check(&call("exp", x.clone()).power(2), "exp(x)^2", "e^{2 x}");
    let sum = plus(call("log1p", x.clone()), call("atan", y.clone()));
    check(&sum, "log1p(x) + atan(y)", "\\log(1 + x) + \\arctan y");
    let entry = Formula::entry("w", vec![0, 1]);
    check(&call("sigmoid", entry), "sigmoid(w[0, 1])", "\\sigma(w_{0, 1})");
    check(&call("abs", x.clone()).times(name("rate")), "abs(x)*rate", "\\mathit{rate} \\, \\lvert x \\rvert");
    check(&Formula::list(vec![n(1), x.clone()]), "[1, x]", "[1, x]");
    let row = |entries: [&Formula; 2]| Formula::list(entries.map(Clone::clone).to_vec());
    let matrix = Formula::list(vec![row([&n(1), &x]), row([&y, &n(0)])]);
    check(&matrix, "[[1, x], [y, 0]]", "\\begin{bmatrix} 1 & x \\\\ y & 0 \\end{bmatrix}");
    assert_eq!(Spelling::default().written(&matrix, Markup::Typst).text, "mat(delim: \"[\", 1, x; y, 0)");
    check(&call("sum", w.power(2)), "sum(w^2)", "\\operatorname{sum}(w^{2})");
    assert_eq!(typewriter("50% {x}_1^\\"), "\\texttt{50\\% \\{x\\}\\_1\\textasciicircum{}\\textbackslash{}}");
}

#[test]
fn functions_as_papers_write_them() {
    let [x, y, w] = ["x", "y", "w"].map(name);
    // Without brackets there is room behind the name.
    let element = Spelling::default().mathml(&call("tanh", x.clone()));
    assert!(element.contains("tanh</mi><mo>\u{2061}</mo><mspace width=\"0.1667em\"/><mi>x</mi>"), "{element}");
    let sum = || plus(x.clone(), y.clone());
    check(&call("softplus", sum()), "softplus(x + y)", "\\operatorname{softplus}(x + y)");
    check(&call("logsumexp", w.clone()), "logsumexp(w)", "\\log \\sum_{i} \\exp w_{i}");
    let list = Formula::list(vec![x.clone(), minus(n(1), y.clone())]);
    check(&call("logsumexp", list), "logsumexp([x, 1 - y])", "\\log(e^{x} + e^{1 - y})");
    check(&call("norm2", w.clone()), "norm2(w)", "\\lVert w \\rVert^{2}");
    check(&call("tanh", sum()).power(2), "tanh(x + y)^2", "\\tanh^{2}(x + y)");
    check(&call("expm1", x.clone()).times(y.clone()), "expm1(x)*y", "y (e^{x} - 1)");
    check(&call("sign", x.clone()), "sign(x)", "\\operatorname{sgn}(x)");
    let beside_sigma = Spelling::beside([("sigma", false), ("x", false)]);
    assert_eq!(beside_sigma.latex(&call("sigmoid", x)), "\\operatorname{sigmoid}(x)");
}

#[test]
fn fractions_are_as_wide_as_their_wider_part() {
    let one_minus_m = || Formula::tight_sum(vec![(false, n(1)), (true, name("m"))]);
    let above = Formula::tight_sum(vec![(false, n(1)), (false, name("m"))]);
    let size = above.over(Formula::product(vec![n(2), one_minus_m().power(2)]));
    let wide = |formula: &Formula| Spelling::default().written(formula, Markup::Latex);
    let fraction = wide(&size.clone().before(name("z")));
    assert_eq!(fraction.text, "\\frac{1 + m}{2 (1 - m)^{2}} z");
    let below = wide(&Formula::product(vec![n(2), one_minus_m().power(2)])).width;
    assert!((below..below + 900).contains(&fraction.width), "{} around {below}", fraction.width);
}

/// Widths as TeX gives them, in hundredths of a point at ten points.
#[test]
fn widths_are_those_of_tex() {
    let [m, x, y, z] = ["m", "x", "y", "z"].map(name);
    let one_minus_m = Formula::tight_sum(vec![(false, n(1)), (true, m.clone())]);
    let above = Formula::sum(vec![(false, n(1)), (false, n(4).times(m.clone())), (false, m.clone().power(2))]);
    let below = n(3).times(one_minus_m.clone().power(5));
    let g = || Formula::from(Symbol::Gradient);
    let hessian = |of: Formula| Formula::new(Node::Hessians(1, of));
    let third = |v: Formula| Formula::contraction(vec![g(), v]);
    let part = |of: Formula| (true, n(1).over(n(12)).before(of));
    let differentials = Formula::sum(vec![part(third(hessian(g()))), part(hessian(third(g())))]);
    let square = |name: &Formula| (false, name.clone().power(2));
    let under = vec![(false, n(1)), (true, n(2).times(z.clone())), (true, n(2).times(m.clone())), square(&z)];
    let rest = vec![(true, Formula::product(vec![n(2), m.clone(), z.clone()])), square(&m)];
    for (formula, points) in [
        (n(2).times(one_minus_m.power(2)), 4327),
        (above.over(below).before(z.clone().power(2)), 6847),
        (Formula::component(2, Some(false), x.clone()), 2812),
        (differentials, 11803),
        (call("exp", x.clone().power(2).over(n(2)).negated()), 2793),
        (call("softplus", x.clone()), 4722),
        (plus(Formula::partial(vec![x.clone(); 2], true), Formula::partial(vec![y; 3], true)), 4067),
        (call("sqrt", Formula::sum(under.into_iter().chain(rest).collect())), 14169),
    ] {
        let width = Spelling::default().written(&formula, Markup::Latex).width;
        let off = width.abs_diff(points);
        assert!(off * 100 <= 7 * points, "{formula} is {points} wide, not {width}");
    }
}

#[test]
fn typst() {
    let [x, y] = ["x", "y"].map(name);
    for (formula, typst) in [
        (n(1).over(n(3)).times(x.clone().power(2)), "1/3 x^2"),
        (x.clone().over(y.clone().times(name("rate"))), "frac(x, italic(\"rate\") thin y)"),
        (call("exp", x.clone().power(2).over(n(2)).negated()), "e^(-x^2\\/2)"),
        (call("abs", x.clone()), "abs(x)"),
        (call("sigmoid", x.clone()), "sigma(x)"),
        (call("softplus", x.clone()), "op(\"softplus\")(x)"),
        (Formula::partial(vec![x.clone()], true).power(2), "E'^2"),
        (Formula::partial(vec![x.clone(), y.clone()], false), "H_(x y)"),
        (Formula::applied(name("x_0"), y.clone()), "x_0 (y)"),
        (minus(n(1), name("theta").over(n(2))).times(x), "x (1 - 1/2 theta)"),
    ] {
        assert_eq!(Spelling::default().written(&formula, Markup::Typst).text, typst, "{formula}");
    }
}
