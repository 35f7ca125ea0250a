//! The lines of a derivation: steps by one rule, gathered.

use super::reason;
use crate::formula::Sentence;
use crate::series::egraph::{Exact, Proof, Rule, TermId};
use std::ops::Range;

/// An equality, as documents show it.
pub(super) struct Line {
    /// The number of its last step.
    pub(super) number: usize,
    /// The left side; none where the chain of equalities goes on from the line above.
    pub(super) left: Option<TermId>,
    /// The right side.
    pub(super) right: TermId,
    /// Why both are equal.
    pub(super) reason: Sentence,
}

/// The lines of an order: consecutive steps by one rule are one, unless others refer to what stands between them.
pub(super) fn lines<C: Exact>(proof: &Proof<C>, n: usize) -> Vec<Line> {
    let mut cited = vec![false; proof.steps.len() + 1];
    for link in proof.steps.iter().flat_map(|s| &s.uses) {
        for border in [link.first, link.last + 1] {
            if let Some(place) = cited.get_mut(border) {
                *place = true;
            }
        }
    }
    let range = proof.order(n);
    let mut lines = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let last = gathered(proof, &cited, at, &range);
        let (step, end) = (&proof.steps[at], &proof.steps[last]);
        // A solution stands alone: it is no link of the chain above it.
        let continues = at > range.start && step.rule != Rule::Solve && proof.steps[at - 1].after == step.before;
        lines.push(Line {
            number: last + 1,
            left: (!continues).then_some(step.before),
            right: end.after,
            reason: reason(proof, end),
        });
        at = last + 1;
    }
    lines
}

/// The last of the steps from `at` on that one line holds.
fn gathered<C: Exact>(proof: &Proof<C>, cited: &[bool], at: usize, range: &Range<usize>) -> usize {
    let mut last = at;
    while last + 1 < range.end {
        let (this, next) = (&proof.steps[last], &proof.steps[last + 1]);
        let alike = this.rule == next.rule && this.backward == next.backward && this.uses == next.uses;
        if !alike || this.after != next.before || cited[last + 1] || this.rule == Rule::Solve {
            break;
        }
        last += 1;
    }
    last
}
