//! Breaks one rule on purpose, for tests of what notices.

use super::analysis::Graph;
use super::language::Node;
use super::proof::Rule;
use crate::number::Rational;
use egg::Id;

/// The term that a broken `rule` ends with in place of `after`: its first coefficient doubled, or `g` for zero.
pub(super) fn perturbed(graph: &mut Graph, rule: Rule, after: Id) -> Id {
    if graph.analysis.sabotage != Some(rule) {
        return after;
    }
    let two = Rational::new(2, 1);
    let node = match graph.id_to_node(after).clone() {
        Node::Sum(coefficients, children) if !children.is_empty() => {
            let mut coefficients = coefficients.to_vec();
            coefficients[0] = &coefficients[0] * &two;
            Node::Sum(coefficients.into(), children)
        }
        Node::Sum(..) => Node::diff([]),
        _ => Node::sum([(two, after)]),
    };
    graph.add_uncanonical(node)
}
