//! Random array expressions and their derivatives.

use super::{check, labels};
use crate::expr::{Function, Id, Pool, Shape};
use proptest::prelude::*;

/// Shapes whose arrays fill less and more than one block, and no whole number of them.
fn shapes(n: usize) -> [Vec<usize>; 9] {
    [vec![], vec![1], vec![n], vec![1, n], vec![n, 1], vec![2, n], vec![n, n], vec![2, 1], vec![2, 1, n]]
}

/// Builds expressions by running bytes as a stack machine.
fn build(code: &[u8], n: usize) -> (Pool, Vec<Id>) {
    let mut p = Pool::new();
    let shapes = shapes(n).map(|axes| Shape::new(&axes));
    let parameters: Vec<Id> =
        shapes.iter().enumerate().map(|(k, shape)| p.declare_parameter(&format!("p{k}"), shape.clone())).collect();
    let y = labels(&mut p, n, n);
    let mut stack = parameters.clone();
    for &byte in code {
        let argument = usize::from(byte / 16);
        let top = stack.pop().unwrap_or(parameters[argument % 9]);
        let other = *stack.get(stack.len().saturating_sub(1 + argument % 4)).unwrap_or(&parameters[argument % 9]);
        let (shape, second) = (p.shape(top).clone(), p.shape(other).clone());
        let rank = shape.rank();
        let made = match byte % 16 {
            0..=3 => match shape.broadcast(&second) {
                Some(whole) if whole.size() <= 2 * n * n => {
                    if byte % 2 == 0 {
                        p.add(top, other)
                    } else {
                        p.mul(top, other)
                    }
                }
                _ => top,
            },
            4 | 5 if rank == 2 && second.rank() == 2 => p.matmul(top, other).unwrap_or(top),
            6 if rank == 2 => p.transpose(top).unwrap(),
            7 | 8 if rank > 0 => p.sum_axis(top, argument % rank).unwrap(),
            9 if rank > 0 => p.logsumexp_axis(top, argument % rank).unwrap(),
            10 => p.apply([Function::Tanh, Function::Sin, Function::Sigmoid, Function::Softplus][argument % 4], top),
            11 => p.pow(top, &2.into()),
            12 => p.scaled(&[-1, 2, 3][argument % 3].into(), top),
            13 if shape == Shape::new(&[n, n]) => p.gather(top, y).unwrap(),
            14 => {
                let to = &shapes[argument % 9];
                if shape.broadcast(to).as_ref() == Some(to) {
                    p.broadcast(top, to).unwrap()
                } else if shape.size() == to.size() {
                    p.reshape(top, to.clone())
                } else {
                    top
                }
            }
            15 => {
                let entry = p.index(top, argument % shape.size());
                if argument % 2 == 0 { entry } else { p.stack(&[entry, entry]) }
            }
            _ => parameters[argument % 9],
        };
        stack.push(made);
        if argument % 4 == 0 {
            stack.push(made);
        }
    }
    (p, stack)
}

/// The sum of all entries of everything, kept small.
fn loss(p: &mut Pool, stack: &[Id]) -> Id {
    let mut loss = p.integer(0);
    for id in stack {
        let bounded = p.apply(Function::Tanh, *id);
        let total = p.sum(bounded);
        loss = p.add(loss, total);
    }
    loss
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn expressions_have_the_values_of_their_scalars(code in prop::collection::vec(any::<u8>(), 1..40), n in 2_usize..13) {
        let (mut p, stack) = build(&code, n);
        // Kept from growing without bound.
        let roots: Vec<Id> = stack.iter().map(|id| p.apply(Function::Tanh, *id)).collect();
        check(&p, &roots, 1e-9);
    }

    #[test]
    fn derivatives_have_the_values_of_their_scalars(code in prop::collection::vec(any::<u8>(), 1..14), n in 2_usize..5) {
        let (mut p, stack) = build(&code, n);
        let loss = loss(&mut p, &stack);
        let (u, v) = (p.direction(0), p.direction(1));
        let mut roots = vec![loss];
        roots.extend(p.gradient(loss));
        roots.extend(p.hessian_vector(loss, &u));
        roots.extend(p.third_contraction(loss, &u, &v));
        check(&p, &roots, 1e-7);
    }
}
