//! Terms that spell out trees and sums of them.

use super::Exact;
use super::analysis::{Graph, Normal};
use super::language::Node;
use super::trees::Trees;
use egg::Id;
use rustc_hash::FxHashMap;

/// The term that spells out the tree, nothing else of its class.
pub(super) fn tree_term<C: Exact>(graph: &mut Graph<C>, number: u32) -> Id {
    let mut stack = vec![number];
    while let Some(&top) = stack.last() {
        let trees = &graph.analysis.trees;
        if trees.term(top).is_some() {
            stack.pop();
            continue;
        }
        let missing = trees.children(top).iter().find(|&&c| trees.term(c).is_none());
        if let Some(&child) = missing {
            stack.push(child);
            continue;
        }
        let children: Vec<Id> = trees.children(top).iter().filter_map(|&c| trees.term(c)).collect();
        let term = graph.add_uncanonical(Node::diff(children));
        graph.analysis.trees.note_term(top, term);
    }
    graph.analysis.trees.term(number).unwrap_or_default()
}

/// The term that spells out a combination: the bare tree if that is all, otherwise a sum in canonical order.
///
/// `terms` must be sorted, distinct and without zeros.
pub(super) fn sum_term<C: Exact>(graph: &mut Graph<C>, terms: &[(C, u32)]) -> Id {
    if let [(one, tree)] = terms
        && *one == C::one()
    {
        return tree_term(graph, *tree);
    }
    let terms: Vec<_> = terms.iter().map(|(c, t)| (c.clone(), tree_term(graph, *t))).collect();
    graph.add_uncanonical(Node::sum(terms))
}

/// The term that spells out the normal form of the class of `id`: for an unsolved `f_n` the symbol itself.
pub(super) fn normal_term<C: Exact>(graph: &mut Graph<C>, id: Id) -> Option<Id> {
    match graph[id].data.normal.clone()? {
        Normal::Tree(tree) => Some(tree_term(graph, tree)),
        Normal::Unknown(n) => Some(graph.add_uncanonical(Node::Field(n))),
        Normal::Sum(sum) => {
            if let Some(&term) = sum.term.get() {
                return Some(term);
            }
            let term = sum_term(graph, &sum.terms);
            Some(*sum.term.get_or_init(|| term))
        }
        Normal::Equation => None,
    }
}

/// Adds like terms up and puts them in order.
pub(super) fn collected<C: Exact>(trees: &Trees, terms: impl IntoIterator<Item = (C, u32)>) -> Vec<(C, u32)> {
    let mut sums: FxHashMap<u32, C> = FxHashMap::default();
    for (coefficient, tree) in terms {
        sums.entry(tree).and_modify(|sum| *sum = sum.plus(&coefficient)).or_insert(coefficient);
    }
    let mut terms: Vec<_> = sums.into_iter().filter(|(_, c)| !c.is_zero()).map(|(t, c)| (c, t)).collect();
    terms.sort_unstable_by(|a, b| trees.compare_terms(a.1, b.1));
    terms
}
