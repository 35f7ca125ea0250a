//! Rooted subtrees: the ways to cut a tree in a part that holds its root and the branches that fall off.

use super::TreeFamily;
use crate::budget::tick;
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
                    tick();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Rational;
    use crate::tree::BSeries;
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
