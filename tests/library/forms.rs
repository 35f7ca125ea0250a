//! The forms that formulas are written in: what they say, and how much there is to read.

mod blocks;

use shadowflow::concrete::{EvaluateOptions, derive, evaluate};
use shadowflow::expr::simplify::{Cost, Domain, Options};
use shadowflow::form::{Form, Forms, Formulas};
use shadowflow::formula::{Formula, text};
use shadowflow::loss::{self, Loss};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::render::text::concrete;

/// A loss of the committed set, and what there was to read of it before there were forms.
struct Case {
    before: usize,
    name: &'static str,
    declarations: String,
    loss: Loss,
}

fn cases() -> impl Iterator<Item = Case> {
    let lines = include_str!("forms/losses.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let [before, name, declarations, loss] = line.split(" | ").collect::<Vec<_>>().try_into().unwrap();
        let declarations = declarations.replace("; ", "\n");
        let loss = read(&format!("{declarations}\nloss {loss}\n"));
        Case { before: before.parse().unwrap(), name, declarations, loss }
    })
}

fn read(text: &str) -> Loss {
    Loss::parse(text, "a.loss", &loss::Options::default()).unwrap_or_else(|errors| panic!("{text}: {errors:?}"))
}

/// The forms of an equation, which is derived and simplified once for all of them.
fn with_forms<T>(loss: &Loss, optimizer: &BoundOptimizer, order: usize, work: impl FnOnce(&Forms) -> T) -> T {
    let mut equation = derive(loss, optimizer, order).run().unwrap();
    let options = Options::new(Cost::Reading, Domain::Real);
    equation.simplify(&options);
    work(&Forms::new(loss, optimizer, &equation, Some(&options), &[]))
}

fn written(loss: &Loss, optimizer: &BoundOptimizer, order: usize, form: Form) -> Formulas {
    with_forms(loss, optimizer, order, |forms| forms.written(form).unwrap())
}

/// The text of a formula with names of the loss language for letters.
fn in_the_language(formula: &Formula, formulas: &Formulas) -> String {
    let mut letters: Vec<(usize, String)> =
        formulas.derivatives.iter().map(|(letter, _)| text(letter, &formulas.spelling.symbols)).enumerate().collect();
    letters.sort_by_key(|(_, letter)| std::cmp::Reverse(letter.len()));
    let written = text(formula, &formulas.spelling.symbols);
    letters.iter().fold(written, |out, (k, letter)| out.replace(letter.as_str(), &format!("derivative_{k}")))
}

fn assert_close(found: Option<f64>, expected: Option<f64>, place: &str) {
    let (Some(found), Some(expected)) = (found, expected) else { panic!("{place}: {found:?} and {expected:?}") };
    // Both are the doubles nearest to their exact values, which are one.
    assert!(found.to_bits().abs_diff(expected.to_bits()) <= 1 || found == expected, "{place}: {found} and {expected}");
}

/// Every component and part of the set as it is written, read again and evaluated, against the recurrence's certified values. There is half as much to
/// read as there was before there were forms, and nothing that is named is written once.
#[test]
fn every_form_says_the_same() {
    let (mut before, mut now) = (0, 0);
    for case in cases() {
        let gradient_descent = BoundOptimizer::gradient_descent();
        let printed = with_forms(&case.loss, &gradient_descent, 2, |forms| {
            let formulas = says_the_same(&case, 2, forms);
            let printed = concrete(&formulas);
            let words = |name: &str| {
                let others = |c: char| !c.is_alphanumeric() && c != '_' && c != '\'';
                printed.split(others).filter(|word| *word == name).count()
            };
            for (name, _) in &formulas.lets {
                assert!(words(name) > 2, "{}: {name} is used once in\n{printed}", case.name);
            }
            printed
        });
        before += case.before;
        now += shadowflow::formula::reading_cost(&printed);
    }
    assert!(2 * now <= before, "{now} of {before}");
}

/// Of all forms; the one of `auto`.
fn says_the_same(case: &Case, order: usize, forms: &Forms) -> Formulas {
    let pool = case.loss.expression.pool();
    let number =
        |k: usize, unit: &str| Rational::from(2 * i64::try_from(k).unwrap() + 3) * unit.parse::<Rational>().unwrap();
    let at: Vec<Rational> = (0..pool.dimension()).map(|k| number(k, "1/11")).collect();
    let symbols: Vec<Rational> = (0..pool.symbols().len()).map(|k| number(k, "2/7")).collect();
    let options = EvaluateOptions { symbols: &symbols, ..EvaluateOptions::default() };
    let expected = evaluate(&case.loss, &at, order, &options).unwrap().orders;
    let arrays = pool.parameters().any(|(_, shape)| shape.size() > 1);
    let auto = forms.written(Form::Auto).unwrap();
    let others = [Form::Derivatives, Form::Factored, Form::Expanded].map(|form| (form, forms.written(form).unwrap()));
    for (form, formulas) in others.iter().chain([&(Form::Auto, auto.clone())]) {
        if arrays && !formulas.derivatives.is_empty() {
            // Blocks are no statements of the loss language: they have a test of their own.
            continue;
        }
        let mut head = format!("{}\n", case.declarations);
        for (name, value) in &formulas.lets {
            head += &format!("let {name} = {value}\n");
        }
        for (k, (letter, value)) in formulas.derivatives.iter().enumerate() {
            let value = in_the_language(value, formulas);
            let name = in_the_language(letter, formulas);
            assert_eq!(name, format!("derivative_{k}"));
            head += &format!("let {name} = {value}\n");
        }
        for (n, order) in formulas.orders.iter().enumerate() {
            let values = [&expected[n].value, &expected[n].principal, &expected[n].nonprincipal];
            for (part, values) in [&order.components, &order.principal, &order.nonprincipal].into_iter().zip(values) {
                for (component, value) in part.iter().zip(values) {
                    let program = format!("{head}loss {}\n", in_the_language(component, formulas));
                    let found = evaluate(&read(&program), &at, 0, &options).unwrap().loss;
                    assert_close(found, *value, &format!("{} {form:?} f_{n}: {component}", case.name));
                }
            }
        }
    }
    auto
}

/// What divides the gradient of a squared residual divides every component that it does, however large.
#[test]
fn residuals_are_factors() {
    let fits = [
        ("param a, b\nconst u, y", "tanh(a*u)*b - y"),
        ("param k, c\nconst t, q", "c*sigmoid(k*t) - q"),
        ("param w, v\nconst u", "v*sin(w*u) - 3"),
        ("param p, q", "p*exp(q) - 2"),
        ("param a, b, t\nconst y", "a*cos(t) + b*sin(t) - y"),
        ("param x, y", "sqrt(x^2 + y^2) - x - 1"),
        ("param a, b, c, d", "a*tanh(b) + c*tanh(d) - 1"),
        ("param a, b", "a*softplus(b) - 1"),
    ];
    for (declarations, residual) in fits {
        let source = format!("{declarations}\nloss ({residual})^2\n");
        let case = Case { before: 0, name: residual, declarations: declarations.to_owned(), loss: read(&source) };
        let gradient_descent = BoundOptimizer::gradient_descent();
        let formulas = with_forms(&case.loss, &gradient_descent, 1, |forms| {
            says_the_same(&case, 1, forms);
            forms.written(Form::Factored).unwrap()
        });
        let components = formulas.orders.iter().flat_map(|order| &order.components);
        // One name, the residual's up to a sign, is a factor of all, or there are no names.
        let components: Vec<String> = components.map(ToString::to_string).collect();
        let has = |component: &String, name: &str| {
            component.ends_with(name)
                || component.contains(&format!("*{name}"))
                || component.contains(&format!("{name}*"))
        };
        // A product that has it as a factor may have a name as well.
        let divides = |name: &str| {
            let products = formulas.lets.iter().filter(|(_, value)| {
                let value = value.to_string();
                has(&value, name) && !value.contains(' ')
            });
            let all: Vec<&str> = std::iter::once(name).chain(products.map(|(name, _)| name.as_str())).collect();
            components.iter().all(|c| all.iter().any(|name| has(c, name)) && !c.starts_with('('))
        };
        let names: Vec<&str> = formulas.lets.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.is_empty() || names.iter().any(|name| divides(name)), "{residual}: {components:?}, {names:?}");
    }
}

/// Roots of roots and of squares, inverse functions and what cancels at the end of a loss's domain.
#[test]
fn roots_say_the_same() {
    for loss in [
        "x^(3/2)",
        "acos(x)",
        "tanh(x)/sinh(x)",
        "sqrt(sqrt(x))",
        "(x^2)^(3/2)",
        "abs(x)^3",
        "asin(x)^2",
        "x^2*sqrt(x)",
    ] {
        let source = format!("param x\nloss {loss}\n");
        let case = Case { before: 0, name: loss, declarations: "param x".to_owned(), loss: read(&source) };
        with_forms(&case.loss, &BoundOptimizer::gradient_descent(), 1, |forms| _ = says_the_same(&case, 1, forms));
    }
}

/// Whole texts no longer than an author's: lengths that were asked for.
#[test]
fn whole_texts_are_short() {
    for (text, most) in [
        ("param w\nloss softplus(w)\n", 260),
        ("param x\nloss log(cosh(x)) + x^4/12 - x/5\n", 420),
        ("param r\nloss (1 - exp(-(r - 1)))^2\n", 420),
        ("param t, s\nconst m\nloss log(s)/2 + (t - m)^2/(2*s)\n", 2_000),
        ("param t\nconst m, s\nloss log(s)/2 + (t - m)^2/(2*s)\n", 200),
    ] {
        let printed = concrete(&written(&read(text), &BoundOptimizer::gradient_descent(), 2, Form::Auto));
        assert!(printed.chars().count() <= most, "{} characters:\n{printed}", printed.chars().count());
    }
}

#[test]
fn forms_as_an_author_writes_them() {
    let component = |loss: &str, form: Form, n: usize| {
        let formulas = written(&read(loss), &BoundOptimizer::gradient_descent(), 2, form);
        text(&formulas.orders[n].components[0], &formulas.spelling.symbols)
    };
    // f_2 = −E''² E'/3 − E''' E'²/12
    let log_cosh = "param x\nloss log(cosh(x)) + x^4/12 - x/5\n";
    assert_eq!(component(log_cosh, Form::Derivatives, 2), "-E''^2*E'/3 - E'''*E'^2/12");
    let product = "param a, b\nloss (a*b - 1)^2\n";
    assert_eq!(component(product, Form::Derivatives, 1), "-(H[a,a]*g[a] + H[a,b]*g[b])/2");
    assert_eq!(component(product, Form::Expanded, 0), "2*b - 2*a*b^2");
    let likelihood = "param t\nconst m, s\nloss (t - m)^2/(2*s)\n";
    assert_eq!(component(likelihood, Form::Factored, 2), "-(t - m)/(3*s^3)");
    for (loss, n, expected) in [
        ("x^(3/2)", 1, "-9/16"),
        ("sqrt(sqrt(x))", 1, "3/(128*s1^10)"),
        ("acos(x)", 1, "-x/(2*s1^4)"),
        ("atan(1/x)", 1, "x/s1^3"),
    ] {
        assert_eq!(component(&format!("param x\nloss {loss}\n"), Form::Auto, n), expected, "{loss}");
    }
    let formulas =
        written(&read("param x\nloss (x^2)^(3/2)\n"), &BoundOptimizer::gradient_descent(), 2, Form::Factored);
    assert_eq!(formulas.lets[0].1.to_string(), "abs(x)");
    assert_eq!(formulas.orders[0].components[0].to_string(), format!("-3*x*{}", formulas.lets[0].0));
    let blocks = "param w[2], b\nloss (w[0]*w[1]*b - 1)^2/2\n";
    assert_eq!(component(blocks, Form::Derivatives, 1), "-1/2 (H[w,w] g[w] + H[w,b] g[b])");
}

/// Coefficients with symbols stand before what they belong to.
#[test]
fn hyper_parameters_left_symbolic_stay_coefficients() {
    let heavy_ball = shadowflow::optimizer::Optimizer::HeavyBall.bind(&[]).unwrap();
    let formulas = written(&read("param x\nloss softplus(x)\n"), &heavy_ball, 1, Form::Derivatives);
    assert_eq!(formulas.orders[1].components[0].to_string(), "-(1+m)*E''*E'/(2*(1-m)^3)");
}
