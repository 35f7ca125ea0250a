//! The trees of a derivation, numbered, each with the term that spells it out.

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

    /// The term that spells it out, once there is one.
    pub(super) fn term(&self, number: u32) -> Option<Id> {
        self.terms[number as usize]
    }

    /// Notes the term that spells it out.
    pub(super) fn note_term(&mut self, number: u32, term: Id) {
        self.terms[number as usize] = Some(term);
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
