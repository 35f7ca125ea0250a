//! Random array expressions: their values beside a plain computation, their derivatives beside those of their scalars.

use crate::expr::testing::Floats;
use crate::expr::{Data, Function, Id, Pool, Shape, Tape, Variable};
use proptest::prelude::*;
use rustc_hash::FxHashMap;

const SHAPES: [&[usize]; 8] = [&[], &[1], &[3], &[1, 3], &[3, 1], &[2, 3], &[3, 3], &[2, 1]];

/// An expression and its entries as computed here.
#[derive(Clone)]
struct Entry {
    id: Id,
    shape: Shape,
    values: Vec<f64>,
}

/// The value at a row and a column of a matrix.
fn at(e: &Entry, i: usize, j: usize) -> f64 {
    e.values[i * e.shape.axes()[1] + j]
}

fn theta(k: usize) -> f64 {
    (k as f64 * 0.618_034).fract() - 0.4
}

/// Lanes along an axis, by the definition: what is left when the axis' index runs.
fn reduced(e: &Entry, axis: usize, reduce: fn(&[f64]) -> f64) -> (Shape, Vec<f64>) {
    let axes = e.shape.axes();
    let rest: Vec<usize> = axes.iter().enumerate().filter(|(k, _)| *k != axis).map(|(_, n)| *n).collect();
    let mut lanes: Vec<Vec<f64>> = vec![Vec::new(); rest.iter().product()];
    for (flat, value) in e.values.iter().enumerate() {
        let (mut left, mut index) = (flat, vec![0; axes.len()]);
        for k in (0..axes.len()).rev() {
            index[k] = left % axes[k];
            left /= axes[k];
        }
        let to = (0..axes.len()).filter(|k| *k != axis).fold(0, |to, k| to * axes[k] + index[k]);
        lanes[to].push(*value);
    }
    (Shape::new(&rest), lanes.iter().map(|lane| reduce(lane)).collect())
}

/// Builds a loss by running bytes as a stack machine.
fn build(code: &[u8]) -> (Pool, Vec<Entry>, Id) {
    let mut p = Pool::new();
    let mut stack: Vec<Entry> = Vec::new();
    let mut offset = 0;
    for (k, axes) in SHAPES.iter().enumerate() {
        let shape = Shape::new(axes);
        let id = p.declare_parameter(&format!("p{k}"), shape.clone());
        let values = (offset..offset + shape.size()).map(theta).collect();
        offset += shape.size();
        stack.push(Entry { id, shape, values });
    }
    let parameters = stack.clone();
    let labels = p.declare_data(Data::new("y", Shape::vector(3), [2.0, 0.0, 1.0]).unwrap());
    for &byte in code {
        let argument = usize::from(byte / 16);
        let top = stack.pop().unwrap_or_else(|| parameters[argument % SHAPES.len()].clone());
        let other =
            stack.get(stack.len().saturating_sub(1 + argument % 3)).unwrap_or(&parameters[argument % 8]).clone();
        let rank = top.shape.rank();
        let mapped = |id: Id, f: &dyn Fn(f64) -> f64| Entry {
            id,
            shape: top.shape.clone(),
            values: top.values.iter().map(|x| f(*x)).collect(),
        };
        let entry = match byte % 16 {
            0..=3 => match top.shape.broadcast(&other.shape) {
                Some(shape) if shape.size() < 30 => {
                    let sum = byte % 2 == 0;
                    let id = if sum { p.add(top.id, other.id) } else { p.mul(top.id, other.id) };
                    let value = |k| {
                        let (x, y) = (
                            top.values[top.shape.source_of(k, &shape)],
                            other.values[other.shape.source_of(k, &shape)],
                        );
                        if sum { x + y } else { x * y }
                    };
                    let values = (0..shape.size()).map(value).collect();
                    Entry { id, shape, values }
                }
                _ => top,
            },
            4 | 5 if rank == 2 && other.shape.rank() == 2 && top.shape.axes()[1] == other.shape.axes()[0] => {
                let (m, k, n) = (top.shape.axes()[0], top.shape.axes()[1], other.shape.axes()[1]);
                let id = p.matmul(top.id, other.id).unwrap();
                let entry = |i, j| (0..k).map(|l| at(&top, i, l) * at(&other, l, j)).sum();
                let values = (0..m).flat_map(|i| (0..n).map(move |j| (i, j))).map(|(i, j)| entry(i, j)).collect();
                Entry { id, shape: Shape::new(&[m, n]), values }
            }
            6 | 7 if rank == 2 => {
                let (m, n) = (top.shape.axes()[0], top.shape.axes()[1]);
                let values = (0..n).flat_map(|j| (0..m).map(move |i| (i, j))).map(|(i, j)| at(&top, i, j)).collect();
                Entry { id: p.transpose(top.id).unwrap(), shape: Shape::new(&[n, m]), values }
            }
            8 if rank > 0 => {
                let axis = argument % rank;
                let (shape, values) = reduced(&top, axis, |lane| lane.iter().sum());
                Entry { id: p.sum_axis(top.id, axis).unwrap(), shape, values }
            }
            9 if rank > 0 => {
                let axis = argument % rank;
                let (shape, values) = reduced(&top, axis, |lane| lane.iter().map(|x| x.exp()).sum::<f64>().ln());
                Entry { id: p.logsumexp_axis(top.id, axis).unwrap(), shape, values }
            }
            10 => mapped(p.apply(Function::Tanh, top.id), &f64::tanh),
            11 => mapped(p.pow(top.id, &2.into()), &|x| x * x),
            12 => {
                let q = [-1, 2, 3][argument % 3];
                mapped(p.scaled(&q.into(), top.id), &|x| q as f64 * x)
            }
            13 if top.shape == Shape::new(&[3, 3]) => {
                let values = [2, 0, 1].iter().enumerate().map(|(i, j)| at(&top, i, *j)).collect();
                Entry { id: p.gather(top.id, labels).unwrap(), shape: Shape::vector(3), values }
            }
            14 => {
                let to = Shape::new(SHAPES[argument % 8]);
                if top.shape.broadcast(&to).as_ref() == Some(&to) {
                    let values = (0..to.size()).map(|k| top.values[top.shape.source_of(k, &to)]).collect();
                    Entry { id: p.broadcast(top.id, &to).unwrap(), shape: to, values }
                } else if top.shape.size() == to.size() {
                    Entry { id: p.reshape(top.id, to.clone()), shape: to, values: top.values }
                } else {
                    top
                }
            }
            15 => {
                let k = argument % top.shape.size();
                Entry { id: p.index(top.id, k), shape: Shape::scalar(), values: vec![top.values[k]] }
            }
            _ => parameters[argument % 8].clone(),
        };
        stack.push(entry.clone());
        if argument % 4 == 0 {
            stack.push(entry);
        }
    }
    let mut loss = p.integer(0);
    for entry in &stack {
        let bounded = p.apply(Function::Tanh, entry.id);
        let total = p.sum(bounded);
        loss = p.add(loss, total);
    }
    (p, stack, loss)
}

/// θ, and directions 0 and 1.
fn input(variable: Variable) -> f64 {
    match variable {
        Variable::Theta(k) => theta(k as usize),
        Variable::Direction(number, k) => theta((k + 100 * (number + 1)) as usize),
        Variable::Symbol(_) => f64::NAN,
    }
}

fn evaluate(p: &Pool, roots: &[Id]) -> Vec<f64> {
    Tape::new(p, roots).evaluate(&mut Floats, |_, v| input(v))
}

fn close(a: &[f64], b: &[f64]) -> bool {
    let size = 1.0 + b.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * size)
}

proptest! {
    #[test]
    fn array_expressions_have_their_values(code in prop::collection::vec(any::<u8>(), 1..40)) {
        let (p, stack, _) = build(&code);
        for e in &stack {
            prop_assume!(e.values.iter().all(|x| x.abs() < 1e6));
            prop_assert_eq!(p.shape(e.id), &e.shape);
            let values = evaluate(&p, &[e.id]);
            prop_assert!(close(&values, &e.values), "{:?} for {:?}", values, e.values);
        }
    }

    #[test]
    fn nodes_are_canonical(code in prop::collection::vec(any::<u8>(), 1..40)) {
        let (mut p, _, loss) = build(&code);
        let mut roots = p.gradient(loss);
        let v = p.direction(0);
        roots.extend(p.hessian_vector(loss, &v));
        for id in p.reachable(&roots) {
            prop_assert!(p.children(id).iter().all(|child| *child < id));
            prop_assert_eq!(p.rebuild(id, &FxHashMap::default()), id);
        }
    }

    #[test]
    fn derivatives_of_arrays_are_those_of_their_scalars(code in prop::collection::vec(any::<u8>(), 1..25)) {
        let (mut p, stack, loss) = build(&code);
        prop_assume!(stack.iter().all(|e| e.values.iter().all(|x| x.abs() < 30.0)));
        let scalar = p.scalarised(&[loss])[0];
        let (u, v) = (p.direction(0), p.direction(1));
        let [whole, scalar] = [loss, scalar].map(|loss| {
            let mut roots = p.gradient(loss);
            roots.extend(p.hessian_vector(loss, &u));
            roots.extend(p.third_contraction(loss, &u, &v));
            roots
        });
        prop_assert!(whole.iter().zip(&scalar).all(|(a, b)| p.shape(*a) == p.shape(*b)));
        prop_assert!(close(&evaluate(&p, &whole), &evaluate(&p, &scalar)));
    }
}
