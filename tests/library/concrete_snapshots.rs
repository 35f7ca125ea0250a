//! The derived series of the example losses, frozen in each format.
//!
//! The coefficients behind them are verified elsewhere: against trees and elementary differentials (`evaluation`), and the
//! components against numeric values (`command`).

use shadowflow::concrete::derive;
use shadowflow::loss::{Loss, Options};
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::render::{Formulas, json, latex, text};
use shadowflow::series::ModifiedEquation;

fn check(name: &str, order: usize) {
    let path = format!("{}/examples/losses/{name}.loss", env!("CARGO_MANIFEST_DIR"));
    let loss = Loss::read(std::path::Path::new(&path), &Options::default()).unwrap();
    let equation = derive(&loss, &BoundOptimizer::gradient_descent(), order).run().unwrap();
    let formulas = Formulas::new(&equation, &[]);
    insta::assert_snapshot!(format!("{name}-text"), text::concrete(&formulas));
    insta::assert_snapshot!(format!("{name}-latex"), latex::concrete(&formulas));
    let document = json::concrete(&formulas, None::<&ModifiedEquation>, None, &[]).to_string();
    // The version is not part of the promise.
    let document: Vec<&str> = document.lines().filter(|l| !l.contains("\"shadowflow\"")).collect();
    insta::assert_snapshot!(format!("{name}-json"), document.join("\n"));
}

#[test]
fn quadratic() {
    check("quadratic_stable", 3);
}

#[test]
fn banana() {
    check("banana", 2);
}

#[test]
fn nonquadratic() {
    check("nonquadratic_1d", 3);
}

#[test]
fn symbolic() {
    check("symbolic", 2);
}
