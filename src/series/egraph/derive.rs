//! The derivation, order by order, in one e-graph.

use super::analysis::{Derivation, Graph, Normal};
use super::expansion::right_side;
use super::explain::Explainer;
use super::language::Node;
use super::proof::Proof;
use super::rules::rules;
use super::{EgraphError, Exact};
use crate::budget::{self, Counted};
use crate::optimizer::Recurrence;
use crate::series::limits::{Limits, MAX_EGRAPH_ORDER};
use crate::series::{ModifiedEquation, Term};
use egg::Rewrite;
use std::time::Instant;

/// Matches applied between two looks at the limits.
const BATCH: usize = 256;

/// A run of the derivation.
pub(super) struct Run<'a, C: Exact> {
    graph: Graph<C>,
    rules: Vec<Rewrite<Node<C>, Derivation<C>>>,
    limits: &'a Limits,
    start: Instant,
    orders: Vec<Vec<Term>>,
}

impl<'a, C: Exact> Run<'a, C> {
    pub(super) fn new(recurrence: &Recurrence<C>, limits: &'a Limits, explained: bool) -> Result<Self, EgraphError> {
        recurrence.validate()?;
        let graph = Graph::new(Derivation::new(recurrence.clone()));
        let graph = if explained {
            // The length optimisation costs time and shortens nothing here: every class has one way to its normal form.
            graph.with_explanations_enabled().without_explanation_length_optimization()
        } else {
            graph.with_explanations_disabled()
        };
        let rules = rules().map_err(EgraphError::Rules)?;
        Ok(Self { graph, rules, limits, start: Instant::now(), orders: Vec::new() })
    }

    /// Breaks a rule.
    #[cfg(test)]
    pub(super) fn sabotage(&mut self, rule: super::Rule) {
        self.graph.analysis.sabotage = Some(rule);
    }

    /// Derives all orders to `order`; with a proof if explanations are on.
    pub(super) fn run(mut self, order: usize) -> Result<(ModifiedEquation, Proof<C>), EgraphError> {
        if order > MAX_EGRAPH_ORDER {
            return Err(EgraphError::OrderTooHigh { order });
        }
        let mut explainer = Explainer::new(self.graph.analysis.recurrence.clone());
        let counted = Counted::begin("orders", order as u64 + 1);
        for n in 0..=order {
            let terms = self.solve(n)?;
            self.orders.push(terms);
            counted.advance(1);
            if self.graph.are_explanations_enabled() {
                explainer.explain(&mut self.graph, n).ok_or(EgraphError::Stuck { order: n })?;
                self.check_limits()?;
            }
        }
        let Recurrence { method, symbols, .. } = self.graph.analysis.recurrence.clone();
        let equation = ModifiedEquation { method, symbols, orders: self.orders };
        Ok((equation, explainer.proof))
    }

    /// Rewrites until nothing is left to do, which solves for `f_n`.
    fn solve(&mut self, n: usize) -> Result<Vec<Term>, EgraphError> {
        self.graph.add(Node::Coefficient(n + 1));
        let step = right_side(&mut self.graph, n + 1);
        self.graph.analysis.steps.push(step);
        let field = self.graph.add(Node::Field(n));
        loop {
            self.graph.rebuild();
            self.check_limits()?;
            let mut changed = false;
            for index in 0..self.rules.len() {
                let matches = self.rules[index].search(&self.graph);
                let classes: Vec<_> = matches.into_iter().map(own).collect();
                for batch in classes.chunks(BATCH) {
                    changed |= !self.rules[index].apply(&mut self.graph, batch).is_empty();
                    self.check_limits()?;
                }
            }
            if !changed {
                break;
            }
        }
        let terms = match &self.graph[field].data.normal {
            Some(normal @ (Normal::Tree(_) | Normal::Sum(_))) => normal.terms(),
            _ => None,
        };
        let trees = &self.graph.analysis.trees;
        let terms = terms.ok_or(EgraphError::Stuck { order: n })?;
        Ok(ModifiedEquation::sorted(
            terms.into_iter().map(|(c, t)| Term { tree: trees.tree(t).clone(), coefficient: c.into() }).collect(),
        ))
    }

    fn check_limits(&self) -> Result<(), EgraphError> {
        budget::look();
        let reached = self.orders.len().checked_sub(1);
        if let Some((left, right)) = &self.graph.analysis.contradiction {
            let show = |normal| super::describe(&self.graph, normal);
            return Err(EgraphError::Contradiction { order: self.orders.len(), left: show(left), right: show(right) });
        }
        let nodes = self.graph.nodes().len();
        if nodes > self.limits.nodes {
            return Err(EgraphError::NodeLimit { limit: self.limits.nodes, reached });
        }
        if self.start.elapsed() > self.limits.time {
            return Err(EgraphError::TimeLimit { limit: self.limits.time, reached });
        }
        Ok(())
    }
}

/// A match that borrows nothing of the rule.
fn own<C: Exact>(matches: egg::SearchMatches<'_, Node<C>>) -> egg::SearchMatches<'static, Node<C>> {
    egg::SearchMatches { eclass: matches.eclass, substs: matches.substs, ast: None }
}
