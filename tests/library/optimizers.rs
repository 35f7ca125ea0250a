//! The modified equations of all kinds of optimizers against values derived elsewhere.

use crate::bound::bound;
use serde_json::Value;
use shadowflow::number::Rational;
use shadowflow::series::derive;

#[test]
fn first_orders_are_known() {
    let cases: Value = serde_json::from_str(include_str!("data/modified_equations.json")).unwrap();
    let mut compared = 0;
    for case in cases.as_array().unwrap() {
        let optimizer = bound(case["method"].as_str().unwrap(), case["momentum"].as_str());
        let order = usize::try_from(case["order"].as_u64().unwrap()).unwrap();
        let equation = derive(&optimizer, order).run().unwrap().equation;
        let expected = case["terms"].as_array().unwrap();
        assert_eq!(equation.orders.len(), expected.len());
        for (n, (found, expected)) in equation.orders.iter().zip(expected).enumerate() {
            let found: Vec<Value> =
                found.iter().map(|t| serde_json::json!([t.tree.levels(), t.coefficient.to_string()])).collect();
            assert_eq!(&Value::Array(found), expected, "f_{n} of {}", optimizer.name());
            compared += 1;
        }
    }
    assert_eq!(compared, 6 + 4 + 4 + 5 + 5);
}

#[test]
fn heavy_ball_stays_symbolic_to_order_five() {
    let symbolic = derive(&bound("heavy-ball", None), 5).run().unwrap().equation;
    assert_eq!(symbolic.symbols, ["m"]);
    let momentum = Rational::new(9, 10);
    let numeric = derive(&bound("heavy-ball", Some("9/10")), 5).run().unwrap().equation;
    for (symbolic, numeric) in symbolic.orders.iter().flatten().zip(numeric.orders.iter().flatten()) {
        let value = symbolic.coefficient.to_fraction().evaluate(&|_| Some(momentum.clone())).unwrap();
        assert_eq!((&symbolic.tree, value.to_string()), (&numeric.tree, numeric.coefficient.to_string()));
    }
}
