//! Concrete losses: the trajectory route against values computed elsewhere.

mod problems;

use problems::{banana, network, q, reference, transcendental};
use shadowflow::bea::trajectory::{Point, modified_field};
use shadowflow::bea::{EvaluateOptions, evaluate};
use shadowflow::expr::{Algebra, Exact, RealAlgebra, SeriesTape, Tape};
use shadowflow::number::Rational;

fn within(a: &Rational, b: &Rational, tolerance: &str) -> bool {
    (a - b).abs() <= &b.abs() * &q(tolerance)
}

#[test]
fn fifty_digits_agree_with_the_reference() {
    for (name, (mut pool, loss)) in [("L1", banana()), ("L2", transcendental()), ("L3", network())] {
        let gradient = pool.gradient_entries(loss);
        let tape = SeriesTape::new(&Tape::new(&pool, &gradient));
        for (at, fields) in reference(name) {
            let mut reals = RealAlgebra::new(256);
            let theta = at.iter().map(|x| reals.rational(x)).collect();
            let point = Point { theta, symbols: Vec::new() };
            let got = modified_field(&mut reals, &tape, &point, fields.len() - 1);
            for (n, (got, expected)) in got.iter().zip(&fields).enumerate() {
                for (g, e) in got.iter().zip(expected) {
                    assert!(
                        within(&g.to_rational().unwrap(), e, "1e-49"),
                        "{name} f_{n}: {} for {}",
                        g.to_f64(),
                        e.to_f64()
                    );
                }
            }
            let values = evaluate(&pool, loss, &at, fields.len() - 1, &EvaluateOptions::default()).unwrap();
            assert_eq!(values.warnings, []);
            for (order, expected) in values.orders.iter().zip(&fields) {
                let expected: Vec<Option<f64>> = expected.iter().map(|e| Some(e.to_f64())).collect();
                assert_eq!(order.value, expected);
            }
        }
    }
}

#[test]
fn banana_is_exact_in_rationals() {
    let (mut pool, loss) = banana();
    let gradient = pool.gradient_entries(loss);
    let tape = SeriesTape::new(&Tape::new(&pool, &gradient));
    for (at, fields) in reference("L1") {
        let point = Point { theta: at, symbols: Vec::new() };
        let got = modified_field(&mut Exact::default(), &tape, &point, fields.len() - 1);
        for (got, expected) in got.iter().flatten().zip(fields.iter().flatten()) {
            assert!(within(got, expected, "1e-48"));
        }
    }
}

#[test]
#[ignore]
fn timing() {
    use std::time::Instant;
    let (pool, loss) = banana();
    for order in [3, 8, 12, 16] {
        let t = Instant::now();
        let e = shadowflow::bea::derive(&pool, loss, order, &Default::default()).unwrap();
        let terms: Vec<usize> = e
            .orders
            .iter()
            .map(|o| {
                o.components
                    .iter()
                    .map(|c| match c {
                        shadowflow::bea::Formula::Polynomial(p) => p.len(),
                        _ => 0,
                    })
                    .sum()
            })
            .collect();
        println!("derive banana {order}: {:?} {terms:?}", t.elapsed());
        let t = Instant::now();
        let e = evaluate(&pool, loss, &[q("0.3"), q("-0.2")], order, &EvaluateOptions::default()).unwrap();
        println!("eval banana {order}: {:?} {:?}", t.elapsed(), e.orders[order].value);
        let t = Instant::now();
        let e = shadowflow::bea::field_tape(&pool, loss, order, &q("0.001"), &Default::default()).unwrap();
        println!("field_tape banana {order}: {:?} {}", t.elapsed(), e.ops.len());
    }
    for (name, (pool, loss), orders) in [("L2", transcendental(), [4, 7, 12]), ("L3", network(), [2, 4, 8])] {
        for order in orders {
            let t = Instant::now();
            match shadowflow::bea::derive(&pool, loss, order, &Default::default()) {
                Ok(e) => println!("derive {name} {order}: {:?} {} nodes", t.elapsed(), e.pool.len()),
                Err(e) => println!("derive {name} {order}: {e}"),
            }
            let t = Instant::now();
            let at = &reference(name)[0].0;
            let e = evaluate(&pool, loss, at, order, &EvaluateOptions::default()).unwrap();
            println!("eval {name} {order}: {:?} {:?} {:?}", t.elapsed(), e.orders[order].value[0], e.warnings);
            let t = Instant::now();
            match shadowflow::bea::field_tape(&pool, loss, order, &q("0.001"), &Default::default()) {
                Ok(e) => println!("field_tape {name} {order}: {:?} {} ops", t.elapsed(), e.ops.len()),
                Err(e) => println!("{e}"),
            }
        }
    }
}
