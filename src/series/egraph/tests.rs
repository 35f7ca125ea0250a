use super::*;
use crate::number::Rational;
use crate::tree::Tree;

fn gradient_descent() -> Recurrence<Scalar> {
    Recurrence::gradient_descent().map(|q| Some(q.clone().into())).unwrap()
}

fn derived(order: usize) -> ModifiedEquation {
    rewritten(&gradient_descent(), order, &Limits::default(), false).unwrap().0
}

fn assert_order(equation: &ModifiedEquation, n: usize, expected: &[(&[u8], i64, i64)]) {
    let actual: Vec<_> = equation.orders[n].iter().map(|t| (t.tree.levels().to_vec(), t.coefficient.clone())).collect();
    let mut expected: Vec<_> = expected
        .iter()
        .map(|(levels, p, q)| (Tree::from_levels(levels).unwrap().levels().to_vec(), Rational::new(*p, *q).into()))
        .collect();
    let mut sorted = actual.clone();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(sorted, expected, "order {n}");
}

/// Rosca, Wu, Qin & Dherin 2023, equations 3 and 8, for orders 0 to 2.
#[test]
fn first_orders_are_those_of_the_paper() {
    let equation = derived(4);
    assert_order(&equation, 0, &[(&[0], -1, 1)]);
    assert_order(&equation, 1, &[(&[0, 1], -1, 2)]);
    assert_order(&equation, 2, &[(&[0, 1, 2], -1, 3), (&[0, 1, 1], -1, 12)]);
    assert_order(&equation, 3, &[(&[0, 1, 2, 3], -1, 4), (&[0, 1, 2, 2], -1, 12), (&[0, 1, 1, 2], -1, 12)]);
    assert_order(
        &equation,
        4,
        &[
            (&[0, 1, 2, 3, 4], -1, 5),
            (&[0, 1, 2, 3, 3], -3, 40),
            (&[0, 1, 2, 2, 3], -1, 10),
            (&[0, 1, 2, 1, 2], -1, 60),
            (&[0, 1, 2, 3, 1], -1, 20),
            (&[0, 1, 2, 2, 1], -1, 120),
            (&[0, 1, 2, 2, 2], -1, 180),
            (&[0, 1, 2, 1, 1], 1, 120),
            (&[0, 1, 1, 1, 1], 1, 720),
        ],
    );
}

#[test]
fn principal_coefficients_and_numbers_of_terms_to_order_8() {
    let equation = derived(8);
    for (n, terms) in equation.orders.iter().enumerate() {
        let p = i64::try_from(n).unwrap() + 1;
        assert_eq!(equation.coefficient(&Tree::tall(n)), Rational::new(-1, p).into());
        if let Some(&count) = [1, 1, 2, 3, 9, 16, 48, 103].get(n) {
            assert_eq!(terms.len(), count, "order {n}");
        }
        assert!(terms[0].tree.is_principal());
    }
}

#[test]
fn a_proof_changes_nothing_about_the_result() {
    let (equation, proof) = rewritten(&gradient_descent(), 6, &Limits::default(), true).unwrap();
    let proof = proof.unwrap();
    assert_eq!(equation, derived(6));
    assert_eq!(proof.ends.len(), 7);
    assert_eq!(proof.order(6).end, proof.steps.len());
    assert_eq!(proof.order(7), 0..0);
}

/// A chain that goes somewhere and comes back is left out: the checker takes no step whose two sides are the same.
#[test]
fn every_step_of_a_proof_says_something() {
    let (_, proof) = rewritten(&gradient_descent(), 8, &Limits::default(), true).unwrap();
    assert!(proof.unwrap().steps.iter().all(|step| step.before != step.after));
}

#[test]
fn limits_say_which_and_how_far() {
    let few = Limits { nodes: 300, ..Limits::default() };
    let error = rewritten(&gradient_descent(), 8, &few, false).unwrap_err();
    let EgraphError::NodeLimit { limit: 300, reached: Some(reached) } = error else { panic!("{error:?}") };
    assert!((1..8).contains(&reached));
    assert!(rewritten(&gradient_descent(), reached, &few, false).is_ok());
    assert!(error.to_string().contains(&format!("300 nodes after order {reached}")), "{error}");

    let short = Limits { time: Duration::ZERO, ..Limits::default() };
    let error = rewritten(&gradient_descent(), 8, &short, true).unwrap_err();
    assert_eq!(error, EgraphError::TimeLimit { limit: Duration::ZERO, reached: None });
    assert!(error.to_string().contains("before order 0 was done"), "{error}");

    let error = rewritten(&gradient_descent(), 201, &Limits::default(), false).unwrap_err();
    assert_eq!(error, EgraphError::OrderTooHigh { order: 201 });
}

/// Two normal forms of one class end the derivation instead of the program.
#[test]
fn a_contradiction_is_an_error() {
    let error = sabotaged(&gradient_descent(), 4, Rule::Collect).unwrap_err();
    assert!(matches!(error, EgraphError::Contradiction { order: 3, .. }), "{error:?}");
}
