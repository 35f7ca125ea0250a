//! The analysis data of an e-class: the normal form that its nodes show, if any does.
//!
//! It only recognises nodes that are in normal form as they stand (a derivative with sorted children, a sum of distinct sorted
//! trees). All algebra is done by unions of the rules, so that an explanation tells every step.

use super::Exact;
use super::language::{Kind, Node};
use super::trees::Trees;
use crate::optimizer::Recurrence;
use egg::{Analysis, DidMerge, EGraph, Id};
use std::cell::OnceCell;
use std::rc::Rc;

/// The e-graph of a derivation.
pub(super) type Graph<C> = EGraph<Node<C>, Derivation<C>>;

/// A sum of distinct elementary differentials in canonical order, not a bare tree.
#[derive(Debug)]
pub(super) struct Combination<C> {
    /// Coefficients, none zero, and trees as indices into [`Trees`].
    pub(super) terms: Box<[(C, u32)]>,
    /// The term which spells this out, once it was built.
    pub(super) term: OnceCell<Id>,
}

/// What is known of an e-class.
#[derive(Debug, Clone)]
pub(super) enum Normal<C> {
    /// It is this elementary differential.
    Tree(u32),
    /// It is this combination.
    Sum(Rc<Combination<C>>),
    /// It is `f_n`, not solved yet.
    Unknown(usize),
    /// It is a multiple of the unsolved `f_n` plus distinct trees: one side of the equation that determines `f_n`.
    Equation,
}

impl<C: Exact> Normal<C> {
    /// The terms, if there is no unknown among them.
    pub(super) fn terms(&self) -> Option<Vec<(C, u32)>> {
        match self {
            Normal::Tree(tree) => Some(vec![(C::one(), *tree)]),
            Normal::Sum(sum) => Some(sum.terms.to_vec()),
            Normal::Unknown(_) | Normal::Equation => None,
        }
    }

    /// Whether solving an equation replaces this by a value.
    fn is_open(&self) -> bool {
        matches!(self, Normal::Unknown(_) | Normal::Equation)
    }

    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Normal::Tree(a), Normal::Tree(b)) => a == b,
            (Normal::Sum(a), Normal::Sum(b)) => Rc::ptr_eq(a, b) || a.terms == b.terms,
            // Two sides of equations, or an equation and an unknown: no contradiction, whatever they say of the unknown.
            _ => self.is_open() || other.is_open(),
        }
    }
}

/// The data of an e-class.
#[derive(Debug, Clone)]
pub(super) struct Data<C> {
    /// The normal form.
    pub(super) normal: Option<Normal<C>>,
    /// The kinds (as bits) whose rule fired on this class, so that no rule fires twice while a normal form is on its way.
    pub(super) expanded: u8,
}

impl<C: Exact> Data<C> {
    /// Whether the rule for `kind` may fire.
    pub(super) fn awaits(&self, kind: Kind) -> bool {
        self.normal.is_none() && self.expanded & kind.bit() == 0
    }
}

/// The terms that an order of the derivation ends with, as the rules left them.
#[derive(Debug, Clone)]
pub(super) struct Solved {
    /// `f_n + Σ … `, collected.
    pub(super) equation: Id,
    /// What the optimizer's step says that is.
    pub(super) target: Id,
    /// `f_n`.
    pub(super) field: Id,
}

/// The analysis and the state of a derivation.
#[derive(Debug)]
pub(super) struct Derivation<C> {
    /// What the optimizer's iterates obey.
    pub(super) recurrence: Recurrence<C>,
    /// All trees met so far.
    pub(super) trees: Trees,
    /// For each order the term which the recurrence's right side is.
    pub(super) steps: Vec<Id>,
    /// One entry per order.
    pub(super) solved: Vec<Solved>,
    /// Two different normal forms of one class, if that ever happened.
    pub(super) contradiction: Option<(Normal<C>, Normal<C>)>,
    /// The rule to break, for tests of the checks.
    #[cfg(test)]
    pub(super) sabotage: Option<super::proof::Rule>,
}

impl<C: Exact> Derivation<C> {
    /// The state before anything is known.
    pub(super) fn new(recurrence: Recurrence<C>) -> Self {
        Self {
            recurrence,
            trees: Trees::default(),
            steps: Vec::new(),
            solved: Vec::new(),
            contradiction: None,
            #[cfg(test)]
            sabotage: None,
        }
    }

    fn tree_of(graph: &Graph<C>, child: Id) -> Option<u32> {
        match graph[child].data.normal {
            Some(Normal::Tree(tree)) => Some(tree),
            _ => None,
        }
    }

    fn recognise(graph: &mut Graph<C>, node: &Node<C>) -> Option<Normal<C>> {
        match node {
            Node::Field(n) => Some(Normal::Unknown(*n)),
            Node::Diff(children) => {
                let trees = children.iter().map(|&c| Self::tree_of(graph, c)).collect::<Option<Vec<_>>>()?;
                let sorted = trees.windows(2).all(|w| graph.analysis.trees.compare_children(w[0], w[1]).is_le());
                sorted.then(|| Normal::Tree(graph.analysis.trees.graft(&trees)))
            }
            Node::Sum(coefficients, children) => {
                let unknown = match children.first().and_then(|&c| graph[c].data.normal.as_ref()) {
                    Some(Normal::Unknown(_)) => Some(()),
                    _ => None,
                };
                let rest = usize::from(unknown.is_some());
                if coefficients.iter().any(C::is_zero) {
                    return None;
                }
                let trees = children[rest..].iter().map(|&c| Self::tree_of(graph, c)).collect::<Option<Vec<_>>>()?;
                if trees.windows(2).any(|w| graph.analysis.trees.compare_terms(w[0], w[1]).is_ge()) {
                    return None;
                }
                match (unknown, &trees[..], &coefficients[..]) {
                    (Some(()), ..) => Some(Normal::Equation),
                    (None, [_], [one]) if *one == C::one() => None,
                    _ => {
                        let terms = coefficients.iter().cloned().zip(trees).collect();
                        Some(Normal::Sum(Rc::new(Combination { terms, term: OnceCell::new() })))
                    }
                }
            }
            Node::Coefficient(_) | Node::Gradient(..) | Node::Shift(..) | Node::Power(..) | Node::Lie(_) => None,
        }
    }
}

impl<C: Exact> Analysis<Node<C>> for Derivation<C> {
    type Data = Data<C>;

    fn make(graph: &mut Graph<C>, node: &Node<C>, _id: Id) -> Data<C> {
        Data { normal: Self::recognise(graph, node), expanded: 0 }
    }

    fn merge(&mut self, a: &mut Data<C>, b: Data<C>) -> DidMerge {
        let mut changed = DidMerge(false, false);
        changed.0 |= a.expanded | b.expanded != a.expanded;
        changed.1 |= a.expanded | b.expanded != b.expanded;
        a.expanded |= b.expanded;
        match (&mut a.normal, b.normal) {
            (None, None) => {}
            (Some(_), None) => changed.1 = true,
            (mine @ None, theirs) => {
                *mine = theirs;
                changed.0 = true;
            }
            (Some(mine), Some(theirs)) => {
                if !mine.agrees(&theirs) {
                    self.contradiction.get_or_insert((mine.clone(), theirs));
                } else if mine.is_open() && !theirs.is_open() {
                    *mine = theirs;
                    changed.0 = true;
                } else if theirs.is_open() && !mine.is_open() {
                    changed.1 = true;
                }
            }
        }
        changed
    }
}
