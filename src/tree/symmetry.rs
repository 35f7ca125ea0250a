//! Symmetry and density of a rooted tree.

use super::{Tree, TreeIndex};
use crate::number::Rational;

impl Tree {
    /// The symmetry `σ(τ)`: the number of automorphisms of the tree, `Π m_i! σ(τ_i)^{m_i}` over the root's distinct
    /// subtrees `τ_i` with multiplicities `m_i` (Hairer, Lubich & Wanner, GNI, III.1.3).
    ///
    /// ```
    /// use shadowflow::{number::Rational, tree::Tree};
    /// assert_eq!(Tree::from_levels(&[0, 1, 1, 1]).unwrap().symmetry(), Rational::from(6));
    /// ```
    #[must_use]
    pub fn symmetry(&self) -> Rational {
        // The product over all nodes of each one's place within its run of equal siblings.
        let levels = self.levels();
        let ends = subtree_ends(levels);
        let mut places = vec![1_i64; levels.len()];
        let mut last_child: Vec<Option<usize>> = vec![None; levels.len()];
        let mut path: Vec<usize> = Vec::new();
        let mut symmetry = Rational::ONE;
        for node in 0..levels.len() {
            path.truncate(usize::from(levels[node]));
            if let Some(&parent) = path.last() {
                if let Some(sibling) = last_child[parent]
                    && levels[sibling..ends[sibling]] == levels[node..ends[node]]
                {
                    places[node] = places[sibling] + 1;
                    symmetry *= &Rational::from(places[node]);
                }
                last_child[parent] = Some(node);
            }
            path.push(node);
        }
        symmetry
    }

    /// The density `γ(τ)`: the product over all nodes of the size of the subtree below (GNI, III.1.2), so that the
    /// exact flow has B-series coefficient `1/γ(τ)`.
    ///
    /// ```
    /// use shadowflow::{number::Rational, tree::Tree};
    /// assert_eq!(Tree::tall(3).density(), Rational::from(24));
    /// ```
    #[must_use]
    pub fn density(&self) -> Rational {
        let ends = subtree_ends(self.levels());
        let mut density = Rational::ONE;
        for (node, end) in ends.into_iter().enumerate() {
            density *= &Rational::from(i64::try_from(end - node).unwrap_or(i64::MAX));
        }
        density
    }
}

/// The symmetries `σ(τ)` of all trees of an index, by their numbers.
///
/// ```
/// use shadowflow::{number::Rational, tree::{TreeIndex, symmetries}};
/// assert_eq!(symmetries(&TreeIndex::up_to(3)), [1, 1, 1, 2].map(Rational::from));
/// ```
#[must_use]
pub fn symmetries(index: &TreeIndex) -> Vec<Rational> {
    // σ(u∘v) = σ(u) σ(v) m, m the number of subtrees v that u∘v then has; equal ones stand together.
    let mut result: Vec<Rational> = Vec::with_capacity(index.len());
    let mut multiplicities = vec![1_i64; index.len()];
    for number in 0..index.len() {
        let Some((trunk, branch)) = index.split(number) else {
            result.push(Rational::ONE);
            continue;
        };
        if index.split(trunk).is_some_and(|(_, last)| last == branch) {
            multiplicities[number] = multiplicities[trunk] + 1;
        }
        result.push(&(&result[trunk] * &result[branch]) * &Rational::from(multiplicities[number]));
    }
    result
}

/// For each node the position just after its subtree.
pub(crate) fn subtree_ends(levels: &[u8]) -> Vec<usize> {
    let mut ends = vec![levels.len(); levels.len()];
    let mut open: Vec<usize> = Vec::new();
    for (node, &level) in levels.iter().enumerate() {
        while open.len() > usize::from(level) {
            if let Some(closed) = open.pop() {
                ends[closed] = node;
            }
        }
        open.push(node);
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::trees;

    /// `Σ_τ |τ|!/(σ(τ) γ(τ))` counts monotone labellings, of which trees with n nodes have `(n−1)!`; and
    /// `Σ_τ n!/σ(τ)` counts labelled rooted trees, `n^{n−1}` by Cayley.
    #[test]
    fn labellings_are_counted_right() {
        let mut factorial = Rational::ONE;
        for n in 1..=9_i64 {
            let previous = factorial.clone();
            factorial = &factorial * &Rational::from(n);
            let all = || trees(usize::try_from(n).unwrap());
            let monotone: Rational = all().map(|t| &factorial / &(t.symmetry() * t.density())).sum();
            assert_eq!(monotone, previous, "n = {n}");
            let labelled: Rational = all().map(|t| &factorial / &t.symmetry()).sum();
            assert_eq!(labelled, Rational::from(n).pow(n - 1).unwrap(), "n = {n}");
        }
    }

    #[test]
    fn the_index_agrees() {
        let index = TreeIndex::up_to(10);
        for (number, symmetry) in symmetries(&index).iter().enumerate() {
            assert_eq!(symmetry, &index.tree(number).symmetry());
        }
    }

    #[test]
    fn big_corollas_have_big_symmetries() {
        let mut levels = vec![1; 41];
        levels[0] = 0;
        let corolla = Tree::from_levels(&levels).unwrap();
        let factorial: Rational = (1..=40).fold(Rational::ONE, |f, k| f * Rational::from(k));
        assert_eq!(corolla.symmetry(), factorial);
        assert_eq!(corolla.density(), Rational::from(41));
    }
}
