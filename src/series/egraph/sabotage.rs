//! Breaks one rule on purpose, for tests of what notices.

use super::Exact;
use super::analysis::Graph;
use super::language::Node;
use super::proof::Rule;
use crate::number::Rational;
use egg::Id;

/// The term that a broken `rule` ends with in place of `after`: its first coefficient tripled, or `g` for zero.
pub(super) fn perturbed<C: Exact>(graph: &mut Graph<C>, rule: Rule, after: Id) -> Id {
    if graph.analysis.sabotage != Some(rule) {
        return after;
    }
    let three = C::from_rational(&Rational::new(3, 1));
    let node = match graph.id_to_node(after).clone() {
        Node::Sum(coefficients, children) if !children.is_empty() => {
            let mut coefficients = coefficients.to_vec();
            coefficients[0] = coefficients[0].times(&three);
            Node::Sum(coefficients.into(), children)
        }
        Node::Sum(..) => Node::diff([]),
        _ => Node::sum([(three, after)]),
    };
    graph.add_uncanonical(node)
}
