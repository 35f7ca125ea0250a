//! Rooted subtrees: the ways to cut a tree in a part that holds its root and the branches that fall off.

use super::{BSeries, TreeFamily};
use crate::number::Coefficient;
use std::collections::BTreeMap;

/// A subtree that holds the root, and what is cut off: one term of the coproduct of Connes & Kreimer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RootedSubtree {
    /// The number of the part that holds the root.
    pub kept: usize,
    /// The numbers of the branches cut off, ascending.
    pub cut: Vec<usize>,
    /// In how many ways this happens.
    pub times: u64,
}

/// All subtrees of a tree that hold its root, the tree itself among them, with what remains.
///
/// ```
/// use shadowflow::tree::{RootedSubtree, TreeFamily, rooted_subtrees};
/// let family = TreeFamily::new(3, 1);
/// // The cherry keeps both leaves, either, or none.
/// let cherry = family.position(&[(0, 0), (1, 0), (1, 0)]).unwrap();
/// let subtrees = rooted_subtrees(&family, cherry);
/// assert_eq!(subtrees[0], RootedSubtree { kept: 0, cut: vec![0, 0], times: 1 });
/// assert_eq!(subtrees[1], RootedSubtree { kept: 1, cut: vec![0], times: 2 });
/// assert_eq!(subtrees[2], RootedSubtree { kept: cherry, cut: vec![], times: 1 });
/// ```
///
/// # Panics
/// If there is no tree with this number.
#[must_use]
pub fn rooted_subtrees(family: &TreeFamily, number: usize) -> Vec<RootedSubtree> {
    // Everything the tree is made of, smallest first.
    let mut parts = std::collections::BTreeSet::from([number]);
    let mut open = vec![number];
    while let Some(part) = open.pop() {
        for smaller in family.split(part).into_iter().flat_map(|(u, v)| [u, v]) {
            if parts.insert(smaller) {
                open.push(smaller);
            }
        }
    }
    let mut known: BTreeMap<usize, BTreeMap<(usize, Vec<usize>), u64>> = BTreeMap::new();
    for part in parts {
        let mut result = BTreeMap::new();
        match family.split(part) {
            None => {
                result.insert((part, Vec::new()), 1);
            }
            Some((u, v)) => {
                for ((kept, cut), times) in &known[&u] {
                    let mut without = cut.clone();
                    without.push(v);
                    without.sort_unstable();
                    *result.entry((*kept, without)).or_insert(0) += times;
                    for ((branch, more), others) in &known[&v] {
                        let Some(kept) = family.product(*kept, *branch) else { continue };
                        let mut all = [&cut[..], more].concat();
                        all.sort_unstable();
                        *result.entry((kept, all)).or_insert(0) += times * others;
                    }
                }
            }
        }
        known.insert(part, result);
    }
    let all = known.remove(&number).unwrap_or_default();
    all.into_iter().map(|((kept, cut), times)| RootedSubtree { kept, cut, times }).collect()
}

/// Which cuts count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cuts {
    /// All, none too.
    Any,
    /// All, but at least one.
    Proper,
    /// Exactly one edge.
    One,
}

/// For each tree `Σ Π a(τ∖s)` by the subtree s that holds the root, over the cuts that count.
#[derive(Debug)]
pub(super) struct CutTable<C> {
    rows: Vec<Vec<(u32, C)>>,
}

impl<C: Coefficient> CutTable<C> {
    pub(super) fn new(series: &BSeries<C>, cuts: Cuts) -> Self {
        let (family, values) = (series.family(), series.values());
        let mut rows: Vec<Vec<(u32, C)>> = Vec::with_capacity(family.len());
        let product = |u: u32, v: u32| {
            let product = family.product(u as usize, v as usize).and_then(|n| u32::try_from(n).ok());
            product.expect("subtrees are no larger than the tree")
        };
        for number in 0..family.len() {
            let whole = |n: usize| u32::try_from(n).expect("families are numbered in 32 bits");
            let mut row = Vec::new();
            if let Some((u, v)) = family.split(number) {
                let fallen = &values[v];
                let kept = whole(v);
                match cuts {
                    Cuts::One => {
                        row.push((whole(u), fallen.clone()));
                        row.extend(rows[u].iter().map(|(s, c)| (product(*s, kept), c.clone())));
                        row.extend(rows[v].iter().map(|(s, c)| (product(whole(u), *s), c.clone())));
                    }
                    Cuts::Any | Cuts::Proper => {
                        for (s, c) in &rows[u] {
                            row.push((*s, c.times(fallen)));
                            row.extend(rows[v].iter().map(|(t, d)| (product(*s, *t), c.times(d))));
                        }
                    }
                }
            } else if cuts != Cuts::One {
                row.push((whole(number), C::one()));
            }
            rows.push(gather(row));
        }
        if cuts == Cuts::Proper {
            for (number, row) in rows.iter_mut().enumerate() {
                row.retain(|(s, _)| *s as usize != number);
            }
        }
        Self { rows }
    }

    /// The terms of one tree, by ascending number of the subtree.
    pub(super) fn row(&self, number: usize) -> &[(u32, C)] {
        &self.rows[number]
    }

    /// `x(∅) a(τ) + Σ_s x(s) Π a(τ∖s)`.
    pub(super) fn apply(&self, series: &BSeries<C>, x: &BSeries<C>) -> BSeries<C> {
        BSeries::from_fn(x.family(), x.empty().clone(), |n| {
            let first = x.empty().times(&series.values()[n]);
            self.rows[n].iter().fold(first, |sum, (s, c)| sum.plus(&c.times(&x.values()[*s as usize])))
        })
    }

    /// `Σ_s x(s) Π a(τ∖s)` for an x that vanishes at the empty tree and below `size − 1` nodes, with a table that leaves out
    /// the whole tree: the next power, which vanishes below `size` nodes.
    pub(super) fn advance(&self, x: &BSeries<C>, size: usize) -> BSeries<C> {
        let family = x.family();
        let (begin, first) = (family.of_size(size - 1).start, family.of_size(size).start);
        BSeries::from_fn(family, C::zero(), |n| {
            if n < first {
                return C::zero();
            }
            let row = &self.rows[n];
            let start = row.partition_point(|(s, _)| (*s as usize) < begin);
            row[start..].iter().fold(C::zero(), |sum, (s, c)| {
                let value = &x.values()[*s as usize];
                if value.is_zero() { sum } else { sum.plus(&c.times(value)) }
            })
        })
    }
}

/// Adds up terms of the same key and drops zeros.
fn gather<C: Coefficient>(mut row: Vec<(u32, C)>) -> Vec<(u32, C)> {
    row.sort_by_key(|(s, _)| *s);
    let mut result: Vec<(u32, C)> = Vec::with_capacity(row.len());
    for (s, c) in row {
        match result.last_mut() {
            Some((last, sum)) if *last == s => *sum = sum.plus(&c),
            _ => result.push((s, c)),
        }
    }
    result.retain(|(_, c)| !c.is_zero());
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Rational;
    use std::sync::Arc;

    /// The composition from the enumeration, one product at a time.
    #[test]
    fn composition_is_the_sum_over_rooted_subtrees() {
        let family = Arc::new(TreeFamily::new(6, 2));
        let series = |seed: i64| {
            BSeries::<Rational>::from_fn(&family, Rational::ONE, |n| {
                Rational::new((i64::try_from(n).unwrap() * seed) % 7 - 3, 2 + seed)
            })
        };
        let (a, b) = (series(3), series(5));
        let composed = a.compose(&b);
        for n in 0..family.len() {
            let mut sum = a.values()[n].clone();
            for RootedSubtree { kept, cut, times } in rooted_subtrees(&family, n) {
                let product: Rational = cut.iter().fold(b.values()[kept].clone(), |p, &c| p * &a.values()[c]);
                sum += &(product * Rational::from(i64::try_from(times).unwrap()));
            }
            assert_eq!(composed.values()[n], sum);
        }
    }

    /// A tree has `Π` over its nodes' children `(1 + count of the child)` rooted subtrees, by recursion.
    #[test]
    fn subtrees_are_counted() {
        let family = TreeFamily::new(8, 1);
        let mut counts: Vec<u64> = Vec::new();
        for n in 0..family.len() {
            counts.push(family.split(n).map_or(1, |(u, v)| counts[u] * (1 + counts[v])));
            let total: u64 = rooted_subtrees(&family, n).iter().map(|s| s.times).sum();
            assert_eq!(total, counts[n]);
        }
    }
}
