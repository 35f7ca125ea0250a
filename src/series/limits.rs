//! How far derivations go, and why: every limit of an order stands here.
//!
//! | what | order | why |
//! |---|---|---|
//! | rewriting, where nobody chose the route | [`AUTO_EGRAPH_ORDER`] | a second; its derivation is the one that a reader can follow |
//! | rewriting | [`reachable_order`] | a few seconds and half a gigabyte, three times as much for every order more |
//! | all terms of gradient descent, kept | [`MAX_TREE_ORDER`] | 320 MB, three times as much for every order more |
//! | all terms of gradient descent, one after another | [`MAX_STREAM_ORDER`] | twenty million terms; memory does not grow |
//! | series over trees of other optimizers, numbers | [`MAX_SERIES_ORDER`] | the coefficients of all smaller trees are kept for the next |
//! | the same with symbols | [`MAX_SYMBOLIC_ORDER`], one less for each symbol more | rational functions grow with the order |
//! | principal series | [`MAX_PRINCIPAL_ORDER`] | coefficients in symbols grow with the order |
//! | claims | [`MAX_CLAIM_ORDER`] | all trees of the order are compared |
//! | checks of gradient descent's routes | [`CHECKED_BY_REWRITING`], [`CHECKED_BY_COMPOSITION`] | about a second each |
//! | checks of principal parts | [`checked_principal_order`] | about a second |
//!
//! Orders of concrete losses have no such limit: see [`concrete::DeriveLimits`](crate::concrete::DeriveLimits).

use super::Route;
use std::time::Duration;

/// The highest order that [`Route::Auto`] gives to the e-graph.
pub const AUTO_EGRAPH_ORDER: usize = 8;

/// The largest order at which all terms of gradient descent are kept: 634,847 terms at that order and about 320 MB in all, and
/// three times as much for every order more.
pub const MAX_TREE_ORDER: usize = 16;

/// The largest order whose terms are found one after another: 12,826,228 trees at that order, 20,247,374 in all.
pub const MAX_STREAM_ORDER: usize = 19;

/// The largest order for an optimizer other than gradient descent: 32,973 trees at the last one.
pub const MAX_SERIES_ORDER: usize = 13;

/// The largest order for an optimizer with one hyper-parameter left symbolic; each further one takes one order away, down
/// to 5.
pub const MAX_SYMBOLIC_ORDER: usize = 8;

/// The highest order of a principal series: its coefficients in symbols grow with the order.
pub const MAX_PRINCIPAL_ORDER: usize = 60;

/// The highest order of a claim: 12,486 trees.
pub const MAX_CLAIM_ORDER: usize = 12;

/// The highest order to which a check derives by rewriting and by Lie derivatives: about a second each.
pub const CHECKED_BY_REWRITING: usize = 10;

/// The highest order to which a check derives gradient descent by composition: about a second.
pub const CHECKED_BY_COMPOSITION: usize = 11;

/// Largest order that terms of the e-graph can hold: trees have at most 256 levels.
pub(super) const MAX_EGRAPH_ORDER: usize = 200;

/// The largest order that series over trees go to for an optimizer other than gradient descent, with so many symbols.
///
/// ```
/// use shadowflow::series::limits::largest_order;
/// assert_eq!([0, 1, 2, 3, 4, 9].map(largest_order), [13, 8, 7, 6, 5, 5]);
/// ```
#[must_use]
pub const fn largest_order(symbols: usize) -> usize {
    match symbols {
        0 => MAX_SERIES_ORDER,
        1 => MAX_SYMBOLIC_ORDER,
        2 => MAX_SYMBOLIC_ORDER - 1,
        3 => MAX_SYMBOLIC_ORDER - 2,
        _ => MAX_SYMBOLIC_ORDER - 3,
    }
}

/// The largest order of the e-graph that takes a few seconds and less than half a gigabyte, with so many symbols, with a proof
/// or without.
///
/// Gradient descent takes 1.2 s and 410 MB for the proof of order 10, three times both for order 11; 2.5 s and 280 MB for
/// order 12 without, 9 s and 780 MB for order 13.
#[must_use]
pub const fn reachable_order(symbols: usize, proof: bool) -> usize {
    match (symbols, proof) {
        (0, false) => 12,
        (0, true) => 10,
        (1, _) => 8,
        (2, false) => 7,
        (2, true) | (3, false) => 6,
        (3, true) | (_, false) => 5,
        (_, true) => 4,
    }
}

/// The highest order to which a principal part is checked against what a route derives: about a second.
#[must_use]
pub const fn checked_principal_order(route: Route, symbols: usize) -> usize {
    match (route, symbols) {
        (Route::Trees, _) => 12,
        (_, 0) => 9,
        _ => 5,
    }
}

/// Where a derivation by rewriting stops, finished or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most e-nodes ever made. At high orders a node takes up to 2 kB, because it can be a sum of thousands of terms.
    pub nodes: usize,
    /// Most time taken.
    pub time: Duration,
}

impl Default for Limits {
    /// 600,000 nodes, about 1 GB and enough for order 13, and ten minutes.
    fn default() -> Self {
        Self { nodes: 600_000, time: Duration::from_secs(600) }
    }
}
