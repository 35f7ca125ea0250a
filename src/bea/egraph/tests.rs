use super::*;
use crate::tree::Tree;

fn derived(order: usize) -> ModifiedEquation {
    modified_equation(order, &Limits::default()).unwrap()
}

fn assert_order(equation: &ModifiedEquation, n: usize, expected: &[(&[u8], i64, i64)]) {
    let actual: Vec<_> = equation.orders[n].iter().map(|t| (t.tree.levels().to_vec(), t.coefficient.clone())).collect();
    let mut expected: Vec<_> = expected
        .iter()
        .map(|(levels, p, q)| (Tree::from_levels(levels).unwrap().levels().to_vec(), Rational::new(*p, *q)))
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
fn principal_coefficients_and_numbers_of_terms_to_order_7() {
    let equation = derived(7);
    for (n, terms) in equation.orders.iter().enumerate() {
        let p = i64::try_from(n).unwrap() + 1;
        assert_eq!(equation.coefficient(&Tree::tall(n)), Rational::new(-1, p));
        assert_eq!(terms.len(), [1, 1, 2, 3, 9, 16, 48, 103][n], "order {n}");
        assert!(terms[0].tree.is_principal());
    }
}
