//! The linear coefficients of all trees of one size, one after another, without a table of smaller trees.

use super::LevelSequences;
use super::order_polynomial::integer_weights;
use crate::number::Rational;
use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// All trees of one size in output order with `b(τ)/σ(τ)`, the linear coefficient over the symmetry.
///
/// A tree and its successor share all nodes before the first one that moves, and what is known there is kept: each tree
/// takes a few products and prefix sums of `|τ|` integers, and memory is a few hundred integers whatever the size. Size 20
/// has 12,826,228 trees.
///
/// ```
/// use shadowflow::{number::Rational, tree::LinearCoefficients};
/// let mut all = LinearCoefficients::new(3);
/// assert_eq!(all.advance(), Some((&[0, 1, 2][..], Rational::new(1, 3))));
/// assert_eq!(all.advance(), Some((&[0, 1, 1][..], Rational::new(1, 12))));
/// assert_eq!(all.advance(), None);
/// ```
#[derive(Debug, Clone)]
pub struct LinearCoefficients(Arithmetic);

#[derive(Debug, Clone)]
enum Arithmetic {
    Small(Walk<i128>),
    Big(Walk<BigInt>),
}

impl LinearCoefficients {
    /// Starts before the tall tree of `size` nodes.
    ///
    /// # Panics
    /// If `size > 34`, of which there are `1.2e13` trees: nobody sees the last one.
    #[must_use]
    pub fn new(size: usize) -> Self {
        assert!(size <= 34, "trees of {size} nodes are beyond the limit of 34");
        let weights = weights_of(size);
        // |total| ≤ Σ_k |w_k| Ω(τ; k) ≤ Σ_k |w_k| k^{|τ|}; with this in range, so is every number on the way.
        let exponent = u32::try_from(size).unwrap_or(u32::MAX);
        let powers =
            (1_u32..).zip(&weights.0).map(|(k, w)| BigInt::from(w.magnitude().clone()) * BigInt::from(k).pow(exponent));
        let fits = powers.sum::<BigInt>().to_i128().is_some();
        let small = fits.then(|| weights.0.iter().map(ToPrimitive::to_i128).collect::<Option<Vec<_>>>()).flatten();
        Self(match small {
            Some(small) => Arithmetic::Small(Walk::new(size, small, weights.1)),
            None => Arithmetic::Big(Walk::new(size, weights.0, weights.1)),
        })
    }

    /// Moves to the next tree and shows its level sequence and `b(τ)/σ(τ)`; `None` after the last.
    pub fn advance(&mut self) -> Option<(&[u8], Rational)> {
        match &mut self.0 {
            Arithmetic::Small(walk) => {
                let coefficient = walk.advance()?;
                Some((walk.sequences.levels(), coefficient))
            }
            Arithmetic::Big(walk) => {
                let coefficient = walk.advance()?;
                Some((walk.sequences.levels(), coefficient))
            }
        }
    }
}

/// `w_1, …, w_s` and `L` of [`integer_weights`].
fn weights_of(size: usize) -> (Vec<BigInt>, BigInt) {
    let (weights, denominator) = integer_weights::<BigInt>(size).expect("the denominator of size 34 fits 64 bits");
    (weights, denominator.into())
}

/// An exact integer: of machine size where nothing can overflow, big otherwise.
trait Number: Clone + From<u8> + Into<BigInt> {
    fn multiply(&mut self, other: &Self);
    fn add(&mut self, other: &Self);
    fn quotient(self, denominator: &BigInt, symmetry: u128) -> Rational;
}

impl Number for i128 {
    fn multiply(&mut self, other: &Self) {
        *self *= other;
    }
    fn add(&mut self, other: &Self) {
        *self += other;
    }
    fn quotient(self, denominator: &BigInt, symmetry: u128) -> Rational {
        let small = denominator.to_i128().zip(i128::try_from(symmetry).ok());
        small
            .and_then(|(d, s)| Rational::from_integers(self, d.checked_mul(s)?))
            .unwrap_or_else(|| BigInt::from(self).quotient(denominator, symmetry))
    }
}

impl Number for BigInt {
    fn multiply(&mut self, other: &Self) {
        *self *= other;
    }
    fn add(&mut self, other: &Self) {
        *self += other;
    }
    fn quotient(self, denominator: &BigInt, symmetry: u128) -> Rational {
        Rational::from_bigints(self, denominator * symmetry).unwrap_or_default()
    }
}

/// What is known of the tree at hand, node by node.
#[derive(Debug, Clone)]
struct Walk<T> {
    sequences: LevelSequences,
    size: usize,
    /// For each node `Π Ω(τ_i; k)`, `k = 0..size`, over the subtrees of its parent that end before it.
    before: Vec<T>,
    /// The sibling just before each node, or the node itself if it is the first.
    previous: Vec<usize>,
    /// The place of each node whose subtree has ended within its run of equal siblings.
    places: Vec<u8>,
    /// The product of these places over the nodes whose subtree ends before this one.
    symmetry: Vec<u128>,
    /// The product of the subtrees of the node that is about to end.
    product: Vec<T>,
    /// The weights of the values of `Π Ω(τ_i; k)` in `b(τ)`, times `denominator`.
    weights: Vec<T>,
    denominator: BigInt,
}

impl<T: Number> Walk<T> {
    fn new(size: usize, mut weights: Vec<T>, denominator: BigInt) -> Self {
        // b = Σ_n w_n Ω(n), Ω(n) = Σ_{k<n} product(k): the product at k counts for every n > k.
        for k in (1..weights.len()).rev() {
            let (low, high) = weights.split_at_mut(k);
            low[k - 1].add(&high[0]);
        }
        Self {
            sequences: LevelSequences::new(size),
            size,
            before: vec![T::from(1); size * size],
            previous: (0..size).collect(),
            places: vec![1; size],
            symmetry: vec![1; size],
            product: vec![T::from(1); size],
            weights,
            denominator,
        }
    }

    fn advance(&mut self) -> Option<Rational> {
        self.sequences.advance()?;
        let first = self.sequences.changed();
        for node in first.max(1)..self.size {
            self.open(node);
        }
        let symmetry = self.close(self.size, 0);
        let mut total = T::from(0);
        for (product, weight) in self.product.iter_mut().zip(&self.weights) {
            product.multiply(weight);
            total.add(product);
        }
        Some(total.quotient(&self.denominator, symmetry))
    }

    /// Learns what comes before a node; everything before it is known.
    fn open(&mut self, node: usize) {
        let parent = self.sequences.parents()[node];
        let symmetry = self.close(node, parent);
        self.symmetry[node] = symmetry;
        // `close` has noted the last child of the parent that ended.
        self.before[node * self.size..(node + 1) * self.size].clone_from_slice(&self.product);
    }

    /// Ends all subtrees at position `end` but those that hold `last`, leaving the product of the subtrees of `last` and
    /// returning the symmetry so far.
    fn close(&mut self, end: usize, last: usize) -> u128 {
        let n = self.size;
        let levels = self.sequences.levels();
        let parents = self.sequences.parents();
        self.product.fill(T::from(1));
        let mut node = end - 1;
        let mut symmetry = self.symmetry[node];
        let mut sibling = end;
        while node != last {
            let previous = self.previous[node];
            let equal = previous != node && levels[previous..node] == levels[node..end];
            self.places[node] = if equal { self.places[previous] + 1 } else { 1 };
            symmetry *= u128::from(self.places[node]);
            let mut sum = T::from(0);
            for (product, before) in self.product.iter_mut().zip(&self.before[node * n..(node + 1) * n]) {
                let next = product.clone();
                product.clone_from(before);
                product.multiply(&sum);
                sum.add(&next);
            }
            sibling = node;
            node = parents[node];
        }
        if end < n {
            self.previous[end] = if sibling == end { end } else { sibling };
        }
        symmetry
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Tree, TreeIndex, count, linear_coefficient, linear_coefficients, symmetries};

    #[test]
    fn agrees_with_the_index() {
        let index = TreeIndex::up_to(12);
        let (linear, symmetry) = (linear_coefficients(&index), symmetries(&index));
        for size in 1..=12 {
            let mut all = LinearCoefficients::new(size);
            for number in index.of_size(size) {
                let expected = &linear[number] / &symmetry[number];
                assert_eq!(all.advance(), Some((index.levels(number), expected)));
            }
            assert_eq!(all.advance(), None);
            assert_eq!(all.advance(), None);
        }
    }

    #[test]
    fn big_integers_agree() {
        let (w, d) = weights_of(9);
        let mut big = Walk::new(9, w, d);
        let mut small = LinearCoefficients::new(9);
        while let Some((levels, coefficient)) = small.advance() {
            assert_eq!(big.advance(), Some(coefficient), "{levels:?}");
        }
    }

    /// The first trees of sizes beyond machine integers.
    #[test]
    fn large_trees_are_right() {
        for size in [20, 22, 26, 34] {
            let mut all = LinearCoefficients::new(size);
            for _ in 0..20 {
                let (levels, coefficient) = all.advance().unwrap();
                let tree = Tree::from_levels(levels).unwrap();
                assert_eq!(coefficient, linear_coefficient(&tree) / tree.symmetry(), "{tree:?}");
            }
        }
    }

    /// Sampled: the walk agrees with each tree on its own.
    #[test]
    fn size_fifteen_is_right() {
        let mut all = LinearCoefficients::new(15);
        let mut visited = 0;
        while let Some((levels, coefficient)) = all.advance() {
            if visited % 4001 == 0 {
                let tree = Tree::from_levels(levels).unwrap();
                assert_eq!(coefficient, linear_coefficient(&tree) / tree.symmetry(), "{tree:?}");
            }
            visited += 1;
        }
        assert_eq!(count(15), Some(visited));
    }
}
