//! The modified fields that the benchmarks evaluate: `f_0 + h f_1 + … + h^n f_n` with the step size h as the last input.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    reason = "each user takes what it needs"
)]

#[path = "../../tests/shared/problems/mod.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod problems;

use shadowflow::concrete::{Formula, derive};
use shadowflow::eval::Program;
use shadowflow::expr::{Expression, Id, Polynomial, Shape, Tape};
use shadowflow::number::Rational;
use shadowflow::optimizer::BoundOptimizer;

/// A named field.
pub struct Field {
    pub name: &'static str,
    pub order: usize,
    pub program: Program,
    /// Bounds of the points at which it is evaluated, per input.
    pub bounds: Vec<(f64, f64)>,
}

/// The banana function to order 4 and the loss with four transcendental functions to order 3.
pub fn fields() -> Vec<Field> {
    let step = [(1e-4, 1e-3), (0.01, 0.3)];
    vec![
        Field {
            name: "L1",
            order: 4,
            program: field(&problems::banana(), 4),
            bounds: vec![(-1.5, 1.5), (-0.5, 2.0), step[0]],
        },
        Field {
            name: "L2",
            order: 3,
            program: field(&problems::transcendental(), 3),
            bounds: vec![(-1.5, 1.5), (-1.5, 1.5), (-1.5, 1.5), step[1]],
        },
    ]
}

fn field(loss: &Expression, order: usize) -> Program {
    let equation =
        derive(loss, &BoundOptimizer::gradient_descent(), order).run().expect("a derivation within the limits");
    let mut pool = equation.pool;
    let h = pool.declare_parameter("h", Shape::scalar());
    let inputs = pool.theta();
    let components: Vec<Id> = (0..inputs.len() - 1)
        .map(|i| {
            let mut sum = pool.integer(0);
            let mut terms: Vec<(Vec<u32>, Rational)> = Vec::new();
            for (n, order) in equation.orders.iter().enumerate().rev() {
                sum = pool.mul(h, sum);
                match &order.components[i] {
                    Formula::Polynomial(p) => {
                        terms.extend(p.terms().map(|(e, c)| {
                            (e.iter().copied().chain([u32::try_from(n).unwrap_or(u32::MAX)]).collect(), c.clone())
                        }));
                    }
                    Formula::Expression(f) => sum = pool.add(sum, *f),
                }
            }
            if terms.is_empty() {
                return sum;
            }
            // A polynomial in h, too: one scheme of Horner for all of it.
            Polynomial::from_terms(inputs.len(), terms).to_horner(&mut pool, &inputs)
        })
        .collect();
    Program::real(&pool, &Tape::new(&pool, &components)).expect("no symbols")
}

/// The largest error of a field at the reference points, relative to its largest component, at h = 1/100.
pub fn error(name: &str, order: usize, mut evaluate: impl FnMut(&[f64]) -> Vec<f64>) -> f64 {
    let h = 0.01;
    let mut worst = 0.0_f64;
    for (at, fields) in problems::reference(name) {
        let point: Vec<f64> = at.iter().map(Rational::to_f64).chain([h]).collect();
        let expected: Vec<f64> =
            (0..at.len()).map(|i| (0..=order).rev().fold(0.0, |sum, n| sum * h + fields[n][i].to_f64())).collect();
        let size = expected.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        for (value, expected) in evaluate(&point).iter().zip(&expected) {
            worst = worst.max((value - expected).abs() / size);
        }
    }
    worst
}
