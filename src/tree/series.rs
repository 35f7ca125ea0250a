//! Linear combinations of rooted trees: truncated B-series and vector fields.

use super::Tree;
use super::index::insertion;
use super::symmetry::subtree_ends;
use crate::budget::tick;
use crate::number::{Coefficient, Rational};
use std::collections::BTreeMap;

/// A linear combination of rooted trees, `Σ c_τ τ`, read as the vector field `Σ c_τ F(τ)` of elementary differentials.
///
/// Coefficients multiply the elementary differentials themselves: no `1/σ(τ)` is implied. Zeros are not stored.
///
/// ```
/// use shadowflow::{number::Rational, tree::{Tree, TreeSeries}};
/// let g = TreeSeries::<Rational>::single(Tree::leaf(), Rational::ONE);
/// // The derivative of g along g is H g, that of H g along g is T[g, g] + H H g.
/// let hg = g.lie_derivative(&g);
/// assert_eq!(hg, TreeSeries::single(Tree::tall(1), Rational::ONE));
/// assert_eq!(hg.lie_derivative(&g).iter().count(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeSeries<C = Rational>(BTreeMap<Tree, C>);

impl<C> Default for TreeSeries<C> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<C: Coefficient> TreeSeries<C> {
    /// The zero field.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One tree with a coefficient.
    #[must_use]
    pub fn single(tree: Tree, coefficient: C) -> Self {
        let mut series = Self::new();
        series.add_term(tree, &coefficient);
        series
    }

    /// Adds `coefficient` times `tree`.
    pub fn add_term(&mut self, tree: Tree, coefficient: &C) {
        if coefficient.is_zero() {
            return;
        }
        match self.0.entry(tree) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(coefficient.clone());
            }
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let sum = entry.get().plus(coefficient);
                if sum.is_zero() {
                    entry.remove();
                } else {
                    entry.insert(sum);
                }
            }
        }
    }

    /// Adds another combination.
    pub fn add(&mut self, other: &Self) {
        for (tree, coefficient) in &other.0 {
            self.add_term(tree.clone(), coefficient);
        }
    }

    /// The combination with every coefficient times a rational.
    #[must_use]
    pub fn scaled(&self, factor: &Rational) -> Self {
        Self(self.0.iter().map(|(t, c)| (t.clone(), c.scaled(factor))).filter(|(_, c)| !c.is_zero()).collect())
    }

    /// The derivative of this field along another, `u′(θ) v(θ)`: bilinear, and for single trees the sum over all nodes of
    /// this one of grafting the other there (the pre-Lie product of rooted trees; GNI, IX.1).
    #[must_use]
    pub fn lie_derivative(&self, along: &Self) -> Self {
        let mut result = Self::new();
        for (tree, a) in &self.0 {
            for (scion, b) in &along.0 {
                tick();
                let product = a.times(b);
                for node in 0..tree.size() {
                    result.add_term(tree.graft(node, scion), &product);
                }
            }
        }
        result
    }

    /// The coefficient of a tree, zero where it does not appear.
    #[must_use]
    pub fn coefficient(&self, tree: &Tree) -> C {
        self.0.get(tree).cloned().unwrap_or_else(C::zero)
    }

    /// Whether the combination is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The terms, by ascending level sequence.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Tree, &C)> {
        self.0.iter()
    }
}

impl Tree {
    /// This tree with `scion` as another subtree of the node at position `node` of the level sequence.
    ///
    /// ```
    /// use shadowflow::tree::Tree;
    /// assert_eq!(Tree::tall(1).graft(0, &Tree::tall(1)).levels(), &[0, 1, 2, 1]);
    /// ```
    ///
    /// # Panics
    /// If there is no such node, or if the result had more than 256 levels.
    #[must_use]
    pub fn graft(&self, node: usize, scion: &Tree) -> Tree {
        let stock = self.levels();
        let depth = stock[node] + 1;
        let place = insertion(stock, node, scion.levels());
        let mut levels = Vec::with_capacity(stock.len() + scion.size());
        levels.extend_from_slice(&stock[..place]);
        levels.extend(scion.levels().iter().map(|l| l.checked_add(depth).expect("a tree has at most 256 levels")));
        levels.extend_from_slice(&stock[place..]);
        // Grafting makes the subtree of every ancestor larger, so each moves left among its siblings, if at all.
        let ends = subtree_ends(stock);
        let mut grown = node;
        while stock[grown] > 0 {
            let level = stock[grown];
            let end = ends[grown] + scion.size();
            let parent = stock[..grown].iter().rposition(|&l| l < level).unwrap_or(0);
            // Siblings lie end to end, the first just after the parent.
            let mut target = grown;
            for start in (parent + 1..grown).rev().filter(|&i| stock[i] == level) {
                if levels[start..target] >= levels[grown..end] {
                    break;
                }
                target = start;
            }
            levels[target..end].rotate_left(grown - target);
            grown = parent;
        }
        Tree::from_canonical(&levels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::trees;

    #[test]
    fn grafts_are_canonical() {
        for size in 1..=7 {
            for tree in trees(size) {
                for scion in (1..=4).flat_map(trees) {
                    for node in 0..size {
                        let mut levels = tree.levels()[..=node].to_vec();
                        levels.extend(scion.levels().iter().map(|l| l + tree.levels()[node] + 1));
                        levels.extend_from_slice(&tree.levels()[node + 1..]);
                        assert_eq!(tree.graft(node, &scion), Tree::from_levels(&levels).unwrap());
                    }
                }
            }
        }
    }

    /// The n-th time derivative of the exact flow is `Σ n!/(σ(τ) γ(τ)) F(τ)` over the trees with n nodes.
    #[test]
    fn repeated_derivatives_give_the_exact_flow() {
        let g = TreeSeries::<Rational>::single(Tree::leaf(), Rational::ONE);
        let mut derivative = g.clone();
        let mut factorial = Rational::ONE;
        for n in 1..=8 {
            factorial = factorial * Rational::from(n);
            for tree in trees(usize::try_from(n).unwrap()) {
                let expected = &factorial / &(tree.symmetry() * tree.density());
                assert_eq!(derivative.coefficient(&tree), expected, "{tree:?}");
            }
            derivative = derivative.lie_derivative(&g);
        }
    }

    /// The pre-Lie identity: `(a·b)·c − a·(b·c)` is symmetric in b and c.
    #[test]
    fn the_associator_is_symmetric() {
        let single = |tree: &Tree| TreeSeries::<Rational>::single(tree.clone(), Rational::ONE);
        let associator = |a: &Tree, b: &Tree, c: &Tree| {
            let mut sum = single(a).lie_derivative(&single(b)).lie_derivative(&single(c));
            sum.add(&single(a).lie_derivative(&single(b).lie_derivative(&single(c))).scaled(&Rational::MINUS_ONE));
            sum
        };
        let small: Vec<Tree> = (1..=4).flat_map(trees).collect();
        for a in &small {
            for b in &small {
                for c in &small {
                    assert_eq!(associator(a, b, c), associator(a, c, b));
                }
            }
        }
    }

    #[test]
    fn opposite_terms_vanish() {
        let mut series = TreeSeries::<Rational>::single(Tree::leaf(), Rational::new(1, 3));
        series.add(&series.scaled(&Rational::MINUS_ONE));
        assert!(series.is_zero());
        assert!(TreeSeries::single(Tree::leaf(), Rational::ONE).scaled(&Rational::ZERO).is_zero());
    }
}
