//! A tour of the library: from a loss's text to its modified flow, checked and run beside gradient descent.

#![allow(clippy::print_stdout, reason = "a program that shows what it does")]

use shadowflow::concrete::{self, EvaluateOptions, evaluate};
use shadowflow::evidence::check_routes;
use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, simulate};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;
use shadowflow::render::{Formulas, latex, text};
use shadowflow::series;
use shadowflow::tree::Notation;

fn main() -> Result<(), shadowflow::Error> {
    // The modified equation of gradient descent, whatever the loss: f_0, f_1, f_2 as elementary differentials.
    let equation = series::derive(&BoundOptimizer::gradient_descent(), 2).run()?.equation;
    println!("{}", text::equation(&equation, Notation::Operator));
    println!("{}", latex::equation(&equation, Notation::Paper));

    // Its coefficients of H^p g are those of log(1 - z)/z, and independent derivations agree on every tree.
    assert!(check_routes(6)?.ok());

    // A loss of one's own, in the loss language.
    let source = "param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n";
    let loss = Loss::parse(source, "banana.loss", &Options::default())?;

    // The same, in explicit components, principal and non-principal parts apart.
    let concrete = concrete::derive(&loss, &BoundOptimizer::gradient_descent(), 1).run()?;
    println!("{}", text::concrete(&Formulas::new(&concrete, &[])));

    // Its value at a point, every digit right.
    let at: Vec<Rational> = vec!["0.3".parse()?, "-0.2".parse()?];
    let values = evaluate(&loss, &at, 2, &EvaluateOptions::default())?;
    println!("f_2 at (0.3, -0.2) is {:?}", values.orders[2].value);

    // And flows, compiled and integrated beside gradient descent: the principal flow is far closer than the gradient flow.
    let h: Rational = "0.01".parse()?;
    let flows: Vec<FlowName> = vec!["ngf".parse()?, "pf".parse()?];
    let mut model = CompiledModel::new(loss)?;
    let run = simulate(&mut model, &h, 3, &[-0.9, 0.95], &flows, &IntegratorOptions::default())?;
    let error = |flow: usize| run.flows[flow].error[1].unwrap_or(f64::NAN);
    println!("after one step: NGF is off by {:.1e}, PF by {:.1e}", error(0), error(1));
    assert!(error(1) < error(0) / 50.0);
    Ok(())
}
