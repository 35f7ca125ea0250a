//! Values made again: less memory, the same bits.

use super::{numbers, threads};
use crate::concrete::arrays::modified_field;
use crate::expr::testing::classifier;
use crate::expr::{Function, Id, Pool};
use crate::optimizer::BoundOptimizer;
use crate::plan::Plan;
use crate::plan::lower::lower;
use crate::plan::recompute::{lean, recompute};
use crate::plan::steps::assemble;

fn fourth_order(rows: usize, widths: &[usize]) -> (Pool, Vec<Id>, Vec<Id>) {
    let (mut pool, loss) = classifier(Function::Tanh, rows, widths);
    let gradient = pool.gradient(loss);
    let field = modified_field(&mut pool, loss, &BoundOptimizer::gradient_descent(), 4).unwrap();
    (pool, gradient, field.concat())
}

#[test]
fn bits_stay() {
    let (pool, _, field) = fourth_order(3, &[2, 3, 3, 2]);
    let graph = lower(&pool, &field, false).unwrap();
    let again = recompute(&graph, 1);
    assert!(again.nodes.len() > graph.nodes.len());
    let theta = numbers(pool.dimension(), 3);
    let [a, b] = [graph, again].map(|graph| {
        let plan = Plan::of(graph, &threads(1)).unwrap();
        let mut out = vec![0.0; plan.outputs()];
        plan.run(&mut plan.state(), &theta, &[], &[], &mut out);
        out
    });
    assert_eq!(a, b);
}

#[test]
fn large_expansions_take_less_memory() {
    let (pool, gradient, field) = fourth_order(150, &[64, 280, 280, 10]);
    let memory = |roots: &[Id]| assemble(&lower(&pool, roots, false).unwrap(), false).unwrap().memory;
    let (one, all) = (memory(&gradient), memory(&field));
    let (_, less) = lean(lower(&pool, &field, false).unwrap()).unwrap();
    // 18 gradients' and 14.
    assert!(less.memory < all / 5 * 4 && less.memory < 14 * one, "{one}, {all}, {}", less.memory);
}
