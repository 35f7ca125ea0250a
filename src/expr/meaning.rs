//! What expressions are, as bytes: whatever their text looked like.

use super::{Id, Node, Pool};
use rustc_hash::FxHashMap;

impl Pool {
    /// Hands on what `roots` are, byte by byte: their nodes, numbered among themselves, with constants, shapes and data in place of names. Expressions
    /// of two pools that give the same bytes are computed by the same operations in the same order.
    pub(crate) fn meaning(&self, roots: &[Id], take: &mut dyn FnMut(&[u8])) {
        let reachable = self.reachable(roots);
        let place: FxHashMap<Id, usize> = reachable.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        for id in &reachable {
            let (name, own) = match self.node(*id) {
                Node::Constant(q) => ("constant", q.to_string()),
                Node::Pi => ("pi", String::new()),
                Node::Symbol(k) => ("symbol", k.to_string()),
                Node::Param(k) => ("parameter", k.to_string()),
                Node::Data(k) => {
                    self.data()[*k as usize].values().iter().for_each(|x| take(&x.to_bits().to_le_bytes()));
                    ("data", String::new())
                }
                Node::Direction(number, k) => ("direction", format!("{number} {k}")),
                Node::Add(..) => ("add", String::new()),
                Node::Mul(..) => ("mul", String::new()),
                Node::Pow(_, exponent) => ("pow", exponent.to_string()),
                Node::Apply(function, _) => ("apply", format!("{function:?}")),
                Node::Broadcast(..) => ("broadcast", String::new()),
                Node::Stack(..) => ("stack", String::new()),
                Node::Reshape(..) => ("reshape", String::new()),
                Node::Index(_, at) => ("index", at.to_string()),
                Node::Sum(..) => ("sum", String::new()),
                Node::SumAxis(_, axis) => ("sum", axis.to_string()),
                Node::LogSumExp(..) => ("logsumexp", String::new()),
                Node::LogSumExpAxis(_, axis) => ("logsumexp", axis.to_string()),
                Node::Transpose(..) => ("transpose", String::new()),
                Node::Matmul(..) => ("matmul", String::new()),
                Node::Gather(..) => ("gather", String::new()),
                Node::OneHot(_, classes) => ("one_hot", classes.to_string()),
            };
            let children: Vec<usize> = self.children(*id).iter().map(|child| place[child]).collect();
            take(format!("{name} {own} {:?} {children:?}\n", self.shape(*id).axes()).as_bytes());
        }
        let roots: Vec<usize> = roots.iter().map(|root| place[root]).collect();
        take(format!("{roots:?}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Data, Function, Shape};
    use std::collections::BTreeSet;

    fn bytes(make: impl Fn(&mut Pool) -> Id, before: impl Fn(&mut Pool)) -> Vec<u8> {
        let mut pool = Pool::new();
        let mut bytes = Vec::new();
        before(&mut pool);
        let root = make(&mut pool);
        pool.meaning(&[root], &mut |piece| bytes.extend_from_slice(piece));
        bytes
    }

    fn matrix(pool: &mut Pool, name: &str) -> Id {
        pool.declare_parameter(name, Shape::new(&[2, 3]))
    }

    fn data(pool: &mut Pool, name: &str, values: [f64; 2]) -> Id {
        pool.declare_data(Data::new(name, Shape::vector(2), values).unwrap())
    }

    #[test]
    fn what_is_not_reached_and_names_do_not_count_and_all_else_does() {
        let quadratic = |name: &'static str, shift: i64| {
            move |pool: &mut Pool| {
                let w = matrix(pool, name);
                let shift = pool.integer(shift);
                let moved = pool.add(w, shift);
                let square = pool.pow(moved, &2.into());
                pool.sum(square)
            }
        };
        let nothing = |_: &mut Pool| ();
        let unused = |pool: &mut Pool| {
            let pi = pool.pi();
            pool.apply(Function::Exp, pi);
        };
        assert_eq!(bytes(quadratic("w", 1), nothing), bytes(quadratic("v", 1), unused));
        type Made = Box<dyn Fn(&mut Pool) -> Id>;
        let others: Vec<Made> = vec![
            Box::new(quadratic("w", 1)),
            Box::new(quadratic("w", 2)),
            Box::new(|pool| matrix(pool, "w")),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.sum(w)
            }),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.sum_axis(w, 0).unwrap()
            }),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.sum_axis(w, 1).unwrap()
            }),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.logsumexp(w)
            }),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.transpose(w).unwrap()
            }),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.reshape(w, Shape::vector(6))
            }),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.index(w, 1)
            }),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.index(w, 2)
            }),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.apply(Function::Exp, w)
            }),
            Box::new(|pool| {
                let w = matrix(pool, "w");
                pool.apply(Function::Sin, w)
            }),
            Box::new(|pool| data(pool, "y", [0.0, 1.0])),
            Box::new(|pool| data(pool, "y", [1.0, 0.0])),
            Box::new(|pool| {
                let y = data(pool, "y", [0.0, 1.0]);
                pool.one_hot(y, 2).unwrap()
            }),
            Box::new(|pool| {
                let y = data(pool, "y", [0.0, 1.0]);
                pool.one_hot(y, 3).unwrap()
            }),
        ];
        let found: BTreeSet<Vec<u8>> = others.iter().map(|make| bytes(make, nothing)).collect();
        assert_eq!(found.len(), others.len());
    }
}
