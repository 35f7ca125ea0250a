//! Networks: their gradient, Hessian–vector products and third derivatives, and what these take.

use super::{check, data, labels, numbers, threads};
use crate::expr::{Function, Id, Pool, Shape};
use crate::number::Rational;
use crate::plan::{Plan, operation_count};

/// Softmax cross-entropy of a multilayer perceptron with tanh, on so many rows.
pub(super) fn network(rows: usize, widths: &[usize]) -> (Pool, Id) {
    let mut p = Pool::new();
    let layers: Vec<(Id, Id)> = widths
        .windows(2)
        .map(|w| (p.declare_parameter("W", Shape::new(&[w[0], w[1]])), p.declare_parameter("b", Shape::vector(w[1]))))
        .collect();
    let mut z = data(&mut p, "X", &[rows, widths[0]]);
    let y = labels(&mut p, rows, widths[widths.len() - 1]);
    for (k, (w, b)) in layers.iter().enumerate() {
        if k > 0 {
            z = p.apply(Function::Tanh, z);
        }
        let product = p.matmul(z, *w).unwrap();
        z = p.add(product, *b);
    }
    let (log, picked) = (p.logsumexp_axis(z, 1).unwrap(), p.gather(z, y).unwrap());
    let rest = p.sub(log, picked);
    let total = p.sum(rest);
    let loss = p.scaled(&Rational::new(1, i64::try_from(rows).unwrap()), total);
    (p, loss)
}

#[test]
fn derivatives_are_those_of_the_scalars() {
    let (mut p, loss) = network(13, &[3, 7, 5, 4]);
    let (u, v) = (p.direction(0), p.direction(1));
    let mut roots = vec![loss];
    roots.extend(p.gradient(loss));
    roots.extend(p.hessian_vector(loss, &u));
    roots.extend(p.third_contraction(loss, &u, &v));
    check(&p, &roots, 1e-13);
}

#[test]
fn gradients_take_twice_the_products_of_the_loss_and_what_activations_need() {
    let (rows, widths) = (150, [64, 280, 280, 10]);
    let (mut p, loss) = network(rows, &widths);
    let gradient = p.gradient(loss);
    let weights: Vec<usize> = widths.windows(2).map(|w| rows * w[0] * w[1]).collect();
    let all: usize = weights.iter().sum();
    let plan = Plan::real(&p, &gradient, &threads(1)).unwrap();
    let cost = plan.cost();
    // Forward, the weights' slopes, and what goes back but for the data.
    assert_eq!(cost.operations().products, (3 * all - weights[0]) as u64);
    // Two activations, two arrays of their size, three of the logits' and small ones.
    let least = 8 * (rows * 280 * 4 + p.dimension()) as u64;
    assert!(cost.peak_bytes < least + least / 8, "{cost:?}");
    let counted = operation_count(&p, &gradient);
    assert_eq!(counted.products, cost.operations().products);
}

#[test]
fn hessian_products_recompute_nothing() {
    let (rows, widths) = (20, [6, 11, 3]);
    let (mut p, loss) = network(rows, &widths);
    let v = p.direction(0);
    let product = p.hessian_vector(loss, &v);
    let plan = Plan::real(&p, &product, &threads(1)).unwrap();
    let (all, first) = (rows * (6 * 11 + 11 * 3), rows * 6 * 11);
    let cost = plan.cost();
    // Entering is the forward pass and the way back to the hidden layer; along a direction each product of it has two.
    assert_eq!(cost.enter.products, (2 * all - first) as u64);
    assert_eq!(cost.along.products, (2 * (2 * all - first) + 2 * (all - first)) as u64);
}

#[test]
fn planning_takes_time_in_proportion_to_nodes() {
    // A chain of many layers; what is live is small whatever their number.
    let widths = vec![8; 400];
    let (mut p, loss) = network(5, &widths);
    let gradient = p.gradient(loss);
    let plan = Plan::real(&p, &gradient, &threads(1)).unwrap();
    let mut out = vec![0.0; plan.outputs()];
    plan.run(&mut plan.state(), &numbers(p.dimension(), 0), &[], &[], &mut out);
    assert!(out.iter().all(|x| x.is_finite()));
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    // Large enough for products, kernels and sums to be shared.
    let (mut p, loss) = network(400, &[40, 150, 130, 3]);
    let v = p.direction(0);
    let mut roots = vec![loss];
    roots.extend(p.gradient(loss));
    roots.extend(p.hessian_vector(loss, &v));
    let (w, n) = (p.parameter(2), p.dimension());
    let cube = p.pow(w, &3.into());
    let wide = p.transpose(cube).unwrap();
    roots.extend([p.sum(cube), p.sum_axis(cube, 0).unwrap(), p.sum_axis(cube, 1).unwrap(), wide]);
    let (theta, direction) = (numbers(n, 0), numbers(n, 1));
    let [one, two, three] = [1, 2, 3].map(|count| {
        let plan = Plan::real(&p, &roots, &threads(count)).unwrap();
        let mut out = vec![0.0; plan.outputs()];
        plan.run(&mut plan.state(), &theta, &[], &[&direction], &mut out);
        out.into_iter().map(f64::to_bits).collect::<Vec<_>>()
    });
    assert!(one == two && one == three);
}
