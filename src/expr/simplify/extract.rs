//! Choosing one node of every class: cheapest trees first, then improved with shared subterms counted once.

use super::cost::Cost;
use super::graph::Graph;
use super::term::Term;
use crate::expr::Function;
use egg::{Id, Language};
use rustc_hash::FxHashMap;

/// Passes over all classes that improve the choice.
const MAX_PASSES: usize = 4;

/// One node for every class that matters.
#[derive(Debug)]
pub(super) struct Selection {
    /// The chosen nodes, children before parents.
    pub(super) nodes: Vec<(Id, Term)>,
    /// What they cost together.
    pub(super) cost: u64,
}

/// A node that may be chosen.
#[derive(Debug)]
struct Candidate {
    term: Term,
    children: Vec<u32>,
    cost: u64,
}

#[derive(Debug)]
struct Chooser {
    cost: Cost,
    candidates: Vec<Vec<Candidate>>,
    chosen: Vec<usize>,
    uses: Vec<u32>,
    /// For every class how many of its sine and cosine are used.
    waves: FxHashMap<u32, u32>,
    total: u64,
    marks: Vec<u32>,
    mark: u32,
}

/// Chooses the nodes by which roots cost little together; `None` if a root has none, which no finite term has.
///
/// Greedy, in a bounded number of steps: the optimum is NP-hard to find.
pub(super) fn extract(graph: &Graph, roots: &[Id], cost: Cost, steps: &mut u64) -> Option<Selection> {
    let mut ids: Vec<Id> = graph.classes().map(|class| class.id).collect();
    ids.sort_unstable();
    let index: FxHashMap<Id, u32> = ids.iter().copied().zip(0..).collect();
    let candidates: Vec<Vec<Candidate>> = ids
        .iter()
        .map(|id| {
            let own = index[id];
            let nodes = graph[*id].nodes.iter().map(|term| {
                let children: Vec<u32> = term.children().iter().map(|c| index[&graph.find(*c)]).collect();
                // A parent costs more than its children, so that the cheapest trees are finite.
                let least = u64::from(!children.is_empty());
                Candidate { term: term.clone(), children, cost: cost.of_term(term).max(least) }
            });
            nodes.filter(|c| !c.children.contains(&own)).collect()
        })
        .collect();
    let roots: Vec<u32> = roots.iter().map(|r| index[&graph.find(*r)]).collect();
    let chosen = cheapest_trees(&candidates)?;
    let count = candidates.len();
    let mut chooser = Chooser {
        cost,
        candidates,
        chosen,
        uses: vec![0; count],
        waves: FxHashMap::default(),
        total: 0,
        marks: vec![0; count],
        mark: 0,
    };
    for root in &roots {
        chooser.take(*root);
    }
    for _ in 0..MAX_PASSES {
        if !chooser.improve(&roots, steps) {
            break;
        }
    }
    let order = chooser.ordered(&roots);
    let nodes = order.into_iter().map(|c| (ids[c as usize], chooser.node(c).term.clone())).collect();
    Some(Selection { nodes, cost: chooser.total })
}

/// The node with the cheapest tree for every class.
fn cheapest_trees(candidates: &[Vec<Candidate>]) -> Option<Vec<usize>> {
    let mut best: Vec<Option<(u64, usize)>> = vec![None; candidates.len()];
    loop {
        let mut changed = false;
        for (class, nodes) in candidates.iter().enumerate() {
            for (k, node) in nodes.iter().enumerate() {
                let mut below = node.children.iter().map(|c| best[*c as usize].map(|(cost, _)| cost));
                // Costs that saturate keep the choice made first, which is finite.
                let total = below.try_fold(node.cost, |sum, c| c.map(|c| sum.saturating_add(c)));
                if let Some(total) = total
                    && best[class].is_none_or(|(cost, _)| total < cost)
                {
                    best[class] = Some((total, k));
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    best.into_iter().map(|b| b.map(|(_, k)| k)).collect()
}

impl Chooser {
    fn node(&self, class: u32) -> &Candidate {
        &self.candidates[class as usize][self.chosen[class as usize]]
    }

    /// Adds or removes the cost of a class's node.
    fn account(&mut self, class: u32, added: bool) {
        let node = self.node(class);
        let cost = node.cost;
        let wave = match node.term {
            Term::Apply(Function::Sin | Function::Cos, _) => Some(node.children[0]),
            _ => None,
        };
        let mut discount = 0;
        if let Some(argument) = wave {
            let uses = self.waves.entry(argument).or_default();
            let others = if added { *uses } else { uses.saturating_sub(1) };
            *uses = others + u32::from(added);
            discount = if others > 0 { self.cost.wave_discount() } else { 0 };
        }
        let change = cost.saturating_sub(discount);
        self.total = if added { self.total + change } else { self.total - change };
    }

    /// Counts one more use of a class.
    fn take(&mut self, class: u32) {
        let mut open = vec![class];
        while let Some(class) = open.pop() {
            self.uses[class as usize] += 1;
            if self.uses[class as usize] == 1 {
                self.account(class, true);
                open.extend_from_slice(&self.node(class).children);
            }
        }
    }

    /// Counts one use of a class less.
    fn release(&mut self, class: u32) {
        let mut open = vec![class];
        while let Some(class) = open.pop() {
            self.uses[class as usize] -= 1;
            if self.uses[class as usize] == 0 {
                self.account(class, false);
                open.extend_from_slice(&self.node(class).children);
            }
        }
    }

    /// Puts another node in the place of that of a used class.
    fn replace(&mut self, class: u32, node: usize) {
        self.account(class, false);
        let old = self.node(class).children.clone();
        self.chosen[class as usize] = node;
        self.account(class, true);
        let new = self.node(class).children.clone();
        // New ones first, so that what both share stays.
        new.iter().for_each(|c| self.take(*c));
        old.iter().for_each(|c| self.release(*c));
    }

    /// Whether a class is below some classes.
    fn is_below(&mut self, class: u32, tops: &[u32], steps: &mut u64) -> bool {
        self.mark += 1;
        let mut open = tops.to_vec();
        while let Some(at) = open.pop() {
            if at == class || *steps == 0 {
                return true;
            }
            *steps -= 1;
            if self.marks[at as usize] != self.mark {
                self.marks[at as usize] = self.mark;
                open.extend_from_slice(&self.node(at).children);
            }
        }
        false
    }

    /// Tries every other node of every used class; says whether one was better.
    fn improve(&mut self, roots: &[u32], steps: &mut u64) -> bool {
        let before = self.total;
        for class in self.ordered(roots) {
            for node in 0..self.candidates[class as usize].len() {
                let old = self.chosen[class as usize];
                if self.uses[class as usize] == 0 || node == old {
                    continue;
                }
                let children = self.candidates[class as usize][node].children.clone();
                if self.is_below(class, &children, steps) {
                    continue;
                }
                let cost = self.total;
                self.replace(class, node);
                if self.total >= cost {
                    self.replace(class, old);
                }
            }
        }
        self.total < before
    }

    /// The used classes, children before parents.
    fn ordered(&self, roots: &[u32]) -> Vec<u32> {
        let mut order = Vec::new();
        let mut seen = vec![false; self.candidates.len()];
        let mut open: Vec<(u32, bool)> = roots.iter().rev().map(|r| (*r, false)).collect();
        while let Some((class, done)) = open.pop() {
            if done {
                order.push(class);
            } else if !std::mem::replace(&mut seen[class as usize], true) {
                open.push((class, true));
                open.extend(self.node(class).children.iter().rev().map(|c| (*c, false)));
            }
        }
        order
    }
}
