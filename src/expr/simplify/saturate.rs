//! Growing the e-graph by the rules and the laws of sums and products, within limits.

use super::Options;
use super::graph::Graph;
use super::matching::{Match, Matcher};
use super::pattern::{Pattern, Rule};
use super::structure::{canonical, rewritten};
use super::term::Term;
use crate::budget::tick;
use egg::Id;
use std::time::Instant;

/// Rounds, each of every law and every rule.
const MAX_ROUNDS: usize = 5;
/// Steps of matching in one round.
const MATCHING_STEPS: u64 = 50_000;
/// Rounds of putting merged nodes back in order.
const MAX_REORDERINGS: usize = 4;
/// Nodes looked at between two looks at the clock.
const BATCH: usize = 64;

/// Applies rules until nothing new comes of it, or a limit is met: whatever is in the e-graph then is true.
pub(super) fn saturate(graph: &mut Graph, rules: &[&Rule], options: &Options, end: Instant) {
    for round in 0..MAX_ROUNDS {
        let nodes = snapshot(graph);
        let full = |graph: &Graph| graph.total_number_of_nodes() > options.max_nodes || Instant::now() > end;
        let mut changed = false;

        let mut matcher = Matcher::new(graph, MATCHING_STEPS);
        let mut found: Vec<(Id, &Rule, Match)> = Vec::new();
        for (id, node) in &nodes {
            for rule in rules.iter().filter(|rule| may_match(rule, node)) {
                // Exact numbers may be long, so that few steps take long.
                tick();
                found.extend(matcher.matches(rule, node).into_iter().map(|m| (*id, *rule, m)));
            }
        }
        for (k, (id, rule, m)) in found.into_iter().enumerate() {
            if k % BATCH == 0 && full(graph) {
                break;
            }
            if let Some(new) = m.rewritten(graph, rule) {
                changed |= graph.union(id, new);
            }
        }
        graph.rebuild();

        // Distribution makes the e-graph grow most.
        let expand = round < 2 && graph.total_number_of_nodes() < options.max_nodes / 2;
        for (k, (id, node)) in nodes.into_iter().enumerate() {
            if k % BATCH == 0 && full(graph) {
                break;
            }
            for new in rewritten(graph, &node, expand) {
                changed |= graph.union(id, new);
            }
        }
        graph.rebuild();
        changed |= reorder(graph, options);
        if !changed || full(graph) {
            break;
        }
    }
}

/// The nodes whose parts are in order, with their classes. The others have an ordered twin.
fn snapshot(graph: &Graph) -> Vec<(Id, Term)> {
    let mut ids: Vec<Id> = graph.classes().map(|class| class.id).collect();
    ids.sort_unstable();
    let nodes = ids.into_iter().flat_map(|id| graph[id].nodes.iter().map(move |node| (id, node.clone())));
    nodes.filter(|(_, node)| node.is_ordered()).collect()
}

fn may_match(rule: &Rule, node: &Term) -> bool {
    match (&rule.left, node) {
        (Pattern::Sum(..), Term::Sum(..)) | (Pattern::Product(_), Term::Product(..)) => true,
        (Pattern::Apply(f, _), Term::Apply(g, _)) => f == g,
        _ => false,
    }
}

/// Gives nodes whose parts were merged or renumbered their ordered form.
fn reorder(graph: &mut Graph, options: &Options) -> bool {
    let mut changed = false;
    for _ in 0..MAX_REORDERINGS {
        let disordered: Vec<(Id, Term)> = graph
            .classes()
            .flat_map(|class| class.nodes.iter().map(|node| (class.id, node.clone())))
            .filter(|(_, node)| !node.is_ordered())
            .collect();
        let mut merged = false;
        for (id, node) in disordered {
            if graph.total_number_of_nodes() > 2 * options.max_nodes {
                return changed;
            }
            if let Some(new) = canonical(graph, &node) {
                merged |= graph.union(id, new);
            }
        }
        graph.rebuild();
        changed |= merged;
        if !merged {
            break;
        }
    }
    changed
}
