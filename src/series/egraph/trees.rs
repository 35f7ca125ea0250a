//! The trees of a derivation, numbered, each with the term that spells it out.

use super::Exact;
use super::analysis::{Graph, Normal};
use super::language::Node;
use crate::tree::Tree;
use egg::Id;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;

/// Hash-consed trees. Children are numbered before their parents.
#[derive(Debug, Default)]
pub(super) struct Trees {
    trees: Vec<Tree>,
    children: Vec<Box<[u32]>>,
    terms: Vec<Option<Id>>,
    index: FxHashMap<Box<[u32]>, u32>,
}

impl Trees {
    /// The tree with these children, sorted by [`compare_children`](Self::compare_children).
    pub(super) fn graft(&mut self, children: &[u32]) -> u32 {
        if let Some(&known) = self.index.get(children) {
            return known;
        }
        let number = u32::try_from(self.trees.len()).unwrap_or(u32::MAX);
        self.trees.push(Tree::grafted(children.iter().map(|&c| self.tree(c).clone()).collect()));
        self.children.push(children.into());
        self.terms.push(None);
        self.index.insert(children.into(), number);
        number
    }

    /// The tree with this number.
    pub(super) fn tree(&self, number: u32) -> &Tree {
        &self.trees[number as usize]
    }

    /// The numbers of its children.
    pub(super) fn children(&self, number: u32) -> &[u32] {
        &self.children[number as usize]
    }

    /// The order of the arguments of a derivative: smallest first, by structure alone.
    pub(super) fn compare_children(&self, a: u32, b: u32) -> Ordering {
        self.tree(a).cmp(self.tree(b))
    }

    /// The order of the terms of a sum: principal first, then by descending level sequence, as in every output.
    pub(super) fn compare_terms(&self, a: u32, b: u32) -> Ordering {
        let (a, b) = (self.tree(a), self.tree(b));
        b.is_principal().cmp(&a.is_principal()).then_with(|| b.cmp(a))
    }
}

/// The term that spells out the tree, nothing else of its class.
pub(super) fn tree_term<C: Exact>(graph: &mut Graph<C>, number: u32) -> Id {
    let mut stack = vec![number];
    while let Some(&top) = stack.last() {
        let trees = &graph.analysis.trees;
        if trees.terms[top as usize].is_some() {
            stack.pop();
            continue;
        }
        let missing = trees.children(top).iter().find(|&&c| trees.terms[c as usize].is_none());
        if let Some(&child) = missing {
            stack.push(child);
            continue;
        }
        let children: Vec<Id> = trees.children(top).iter().filter_map(|&c| trees.terms[c as usize]).collect();
        let term = graph.add_uncanonical(Node::diff(children));
        graph.analysis.trees.terms[top as usize] = Some(term);
    }
    graph.analysis.trees.terms[number as usize].unwrap_or_default()
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
