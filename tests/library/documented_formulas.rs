//! The formulas in the documentation of the library are what its printer of MathML makes of them, and those of series what is derived.
//!
//! They stand in `assets/formulas/`, which `SHADOWFLOW_UPDATE=1 cargo test --test library documented_formulas` writes anew.

use shadowflow::formula::{Formula, Spelling, Symbol};
use shadowflow::number::Coefficient;
use shadowflow::optimizer::{BoundOptimizer, Optimizer};
use shadowflow::series;
use shadowflow::tree::Notation;
use std::path::Path;

fn name(text: &str) -> Formula {
    Formula::name(text)
}

fn one_less(z: &Formula) -> Formula {
    Formula::sum(vec![(false, Formula::natural(1)), (true, z.clone())])
}

/// `f_n` by what is derived, with an equation each.
fn derived(optimizer: &BoundOptimizer, order: usize) -> Vec<Formula> {
    let equation = series::derive(optimizer, order).run().unwrap().equation;
    let orders = equation.orders.iter().enumerate().map(|(n, terms)| {
        let term = |term: &series::Term| {
            let (negative, size) = term.coefficient.formula().signed();
            (negative, size.before(Notation::Operator.formula(&term.tree)))
        };
        let left = Formula::from(Symbol::Field).indexed(Formula::natural(n as u64));
        left.equals(Formula::sum(terms.iter().map(term).collect()))
    });
    orders.collect()
}

/// All of them, each with the name of its file; several in one stand below each other.
fn formulas() -> Vec<(&'static str, Vec<Formula>)> {
    let (theta, h, f) = (Formula::from(Symbol::Parameters), Formula::from(Symbol::Step), Formula::from(Symbol::Field));
    let (g, hessian) = (Formula::from(Symbol::Gradient), Formula::from(Symbol::Hessian));
    let (n, z, alpha) = (name("n"), name("z"), name("alpha"));
    let at = theta.clone().indexed(name("t"));
    let next = theta.indexed(Formula::sum(vec![(false, name("t")), (false, Formula::natural(1))]));
    let step = Formula::beside(vec![h.clone(), Formula::applied(g.clone(), at.clone())]);
    let term = Formula::beside(vec![h.clone().raised(n.clone()), f.clone().indexed(n.clone())]);
    let series = |relation, bound| f.clone().equals(Formula::summed(n.clone(), relation, bound, term.clone()));
    let logarithm = Formula::call("log", vec![one_less(&z)]).over(z.clone());
    let h_hessian = Formula::beside(vec![h, hessian]);
    let flow = Formula::beside(vec![Formula::applied(alpha.clone(), h_hessian), g]);
    vec![
        ("gradient_descent", vec![next.equals(Formula::sum(vec![(false, at), (true, step)]))]),
        ("modified_field", vec![series('≥', Formula::natural(0))]),
        ("truncated_field", vec![series('≤', name("N"))]),
        ("first_orders", derived(&BoundOptimizer::gradient_descent(), 2)),
        ("heavy_ball", derived(&Optimizer::HeavyBall.bind(&[]).unwrap(), 1)),
        ("principal_flow", vec![f.equals(flow), Formula::applied(alpha, z).equals(logarithm)]),
    ]
}

#[test]
fn documented_formulas_are_as_printed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/formulas");
    let spelling = Spelling::default();
    let update = std::env::var_os("SHADOWFLOW_UPDATE").is_some();
    let mut known = Vec::new();
    for (name, formulas) in formulas() {
        let elements: Vec<String> = formulas.iter().map(|formula| spelling.element(formula).block()).collect();
        let text = format!("<div>{}</div>\n", elements.join("\n"));
        let path = folder.join(format!("{name}.html"));
        if update {
            std::fs::write(&path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "{}", path.display());
        known.push(format!("{name}.html"));
    }
    known.sort();
    let mut there: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    there.sort();
    assert_eq!(there, known, "every file is a formula of this test");
}

/// By hand (Hairer, Lubich and Wanner, IX.1): what stands in the front page of the documentation.
#[test]
fn the_first_orders_are_those_of_the_book() {
    let text: Vec<String> = derived(&BoundOptimizer::gradient_descent(), 2).iter().map(ToString::to_string).collect();
    assert_eq!(text, ["f_0 = -g", "f_1 = -1/2 H g", "f_2 = -1/3 H^2 g - 1/12 T[g, g]"]);
}
