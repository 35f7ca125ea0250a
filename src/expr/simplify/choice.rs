//! The cheapest of several forms of the same expressions, root by root.

use super::cost::Cost;
use crate::expr::{Id, Pool, Tape};

/// The most roots whose forms are mixed: each costs what writing all of them takes.
const MAX_MIXED: usize = 24;

/// The most operations of expressions that are mixed.
const MAX_OPERATIONS: usize = 800;

/// The cheapest choice: one of the forms, then any root's of another where that is cheaper. Never dearer than what is given; of
/// equals that with the fewest operations.
pub(super) fn cheapest(pool: &Pool, given: &[Id], forms: &[Vec<Id>], cost: Cost) -> Vec<Id> {
    let price = |roots: &[Id]| (cost.of(pool, roots), cost.of_tape(&Tape::new(pool, roots)));
    let mut best = (price(given), given.to_vec());
    for form in forms {
        let own = price(form);
        if own < best.0 {
            best = (own, form.clone());
        }
    }
    let mixes = given.len() > 1 && given.len() <= MAX_MIXED && forms.len() > 1;
    if !mixes || pool.reachable(&best.1).len() > MAX_OPERATIONS {
        return best.1;
    }
    for k in 0..given.len() {
        for form in forms {
            // All that are this root at once.
            let (old, new) = (best.1[k], form[k]);
            if old == new {
                continue;
            }
            let mixed: Vec<Id> = best.1.iter().map(|id| if *id == old { new } else { *id }).collect();
            let own = price(&mixed);
            if own < best.0 {
                best = (own, mixed);
            }
        }
    }
    best.1
}
