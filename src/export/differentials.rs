//! A modified equation as a program: elementary differentials, each from smaller ones, and sums of them.

use crate::number::Scalar;
use crate::series::ModifiedEquation;
use crate::tree::{Notation, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// An elementary differential: the derivative of the gradient along others, all at the same point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Differential {
    /// Along which earlier ones; none for the gradient itself.
    pub(super) along: Vec<usize>,
    /// How a reader writes it, such as `T[g, H g]`.
    pub(super) formula: String,
}

/// What `f_0, …, f_N` are made of, each sub-differential once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Differentials {
    /// From the smallest on, so that each stands behind those that it is made of; the gradient is the first.
    pub(super) nodes: Vec<Differential>,
    /// `f_0, …, f_N` as sums of coefficients times differentials.
    pub(super) orders: Vec<Vec<(Scalar, usize)>>,
}

impl Differentials {
    /// Of a modified equation; `None` where it takes more than `limit` differentials.
    pub(super) fn of(equation: &ModifiedEquation, limit: usize) -> Option<Self> {
        let mut open: Vec<Tree> = equation.orders.iter().flatten().map(|term| term.tree.clone()).collect();
        open.push(Tree::leaf());
        // By size, then as outputs show terms: descending level sequences.
        let mut trees: BTreeSet<(usize, std::cmp::Reverse<Tree>)> = BTreeSet::new();
        while let Some(tree) = open.pop() {
            let children = tree.children();
            if trees.insert((tree.size(), std::cmp::Reverse(tree))) {
                open.extend(children);
            }
            if trees.len() > limit {
                return None;
            }
        }
        let places: BTreeMap<&Tree, usize> = trees.iter().enumerate().map(|(at, (_, tree))| (&tree.0, at)).collect();
        let nodes = trees.iter().map(|(_, tree)| {
            let mut along: Vec<usize> = tree.0.children().iter().map(|child| places[child]).collect();
            along.sort_unstable();
            Differential { along, formula: Notation::Operator.text(&tree.0) }
        });
        let orders = equation
            .orders
            .iter()
            .map(|terms| terms.iter().map(|term| (term.coefficient.clone(), places[&term.tree])).collect());
        Some(Self { nodes: nodes.collect(), orders: orders.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizer::BoundOptimizer;
    use crate::series::derive;

    /// Seventeen to order 4: the fourth derivative along three gradients is needed inside of a product with the Hessian only.
    #[test]
    fn what_terms_share_is_there_once() {
        let equation = derive(&BoundOptimizer::gradient_descent(), 4).run().unwrap().equation;
        let program = Differentials::of(&equation, 17).unwrap();
        assert_eq!((program.nodes.len(), program.orders.len()), (17, 5));
        assert_eq!(program.nodes[0], Differential { along: vec![], formula: "g".to_owned() });
        for (at, node) in program.nodes.iter().enumerate() {
            assert!(node.along.iter().all(|child| *child < at) && node.along.is_sorted(), "{node:?}");
        }
        assert_eq!(program.nodes.iter().filter(|node| node.formula == "E4[g, g, g]").count(), 1);
        assert_eq!(Differentials::of(&equation, 16), None);
    }
}
