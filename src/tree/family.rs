//! All rooted trees up to a size with nodes of one colour or several, numbered, with their products.

use crate::budget::tick;
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// All rooted trees with at most `n` nodes whose nodes have one of `c` colours, numbered by ascending size and, within a
/// size, by descending sequence of levels and then colours.
///
/// With one colour the numbers are those of [`TreeIndex`](super::TreeIndex). Every tree but a single node is the Butcher
/// product `u∘v` of its *trunk* `u`, the tree without its root's last subtree, and that subtree, its *branch* `v`; the
/// root keeps its colour. All products are tabulated, so that series over the family cost one look-up for each.
///
/// ```
/// use shadowflow::tree::TreeFamily;
/// let bicoloured = TreeFamily::new(3, 2);
/// let counts: Vec<usize> = (1..=3).map(|n| bicoloured.of_size(n).len()).collect();
/// assert_eq!(counts, [2, 4, 14]);
/// assert_eq!(bicoloured.nodes(2), &[(0, 0), (1, 0)]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFamily {
    colours: u8,
    /// The nodes in preorder, `(level, colour)`.
    nodes: Vec<Box<[(u8, u8)]>>,
    splits: Vec<(u32, u32)>,
    /// Where each size begins, and the end.
    starts: Vec<usize>,
    /// `u∘v` for each u by v.
    products: Vec<Box<[u32]>>,
    symmetries: Vec<Rational>,
    densities: Vec<Rational>,
}

/// Colours print as letters in the order of preference; a smaller colour stands first among equals.
fn descending(a: &[(u8, u8)], b: &[(u8, u8)]) -> std::cmp::Ordering {
    let key = |&(level, colour): &(u8, u8)| (level, u8::MAX - colour);
    b.iter().map(key).cmp(a.iter().map(key))
}

impl TreeFamily {
    /// All trees with at most `size` nodes in `colours` colours. Their number grows as `2.96^size` for one colour and as
    /// `5.65^size` for two (OEIS A000081, A000151).
    ///
    /// # Panics
    /// If `size > 255`, or beyond `u32::MAX` trees, which memory does not hold.
    #[must_use]
    pub fn new(size: usize, colours: u8) -> Self {
        assert!(size <= 255, "trees of {size} nodes are beyond the limit of 255");
        let mut family = Self {
            colours,
            nodes: Vec::new(),
            splits: Vec::new(),
            starts: vec![0, 0],
            products: Vec::new(),
            symmetries: Vec::new(),
            densities: Vec::new(),
        };
        for n in 1..=size {
            family.add_size(n);
        }
        family.tabulate(size);
        family
    }

    /// Numbers the trees of the next size.
    fn add_size(&mut self, size: usize) {
        if size == 1 {
            for colour in 0..self.colours {
                self.nodes.push(Box::new([(0, colour)]));
                self.splits.push((0, 0));
                self.symmetries.push(Rational::ONE);
                self.densities.push(Rational::ONE);
            }
            self.starts.push(self.nodes.len());
            return;
        }
        let mut found = Vec::new();
        for u in 0..self.nodes.len() {
            let rest = size - self.size(u);
            for v in self.of_size(rest) {
                tick();
                // Branches stand in descending order, so the new one may not be larger than the last.
                let last = self.split(u).map(|(_, last)| last);
                if last.is_none_or(|last| descending(&self.nodes[last], &self.nodes[v]).is_le()) {
                    let branch = self.nodes[v].iter().map(|&(level, colour)| (level + 1, colour));
                    let nodes: Box<[(u8, u8)]> = self.nodes[u].iter().copied().chain(branch).collect();
                    let number = |n: usize| u32::try_from(n).expect("a family of trees fits memory");
                    found.push((nodes, number(u), number(v)));
                }
            }
        }
        found.sort_unstable_by(|a, b| descending(&a.0, &b.0));
        for (nodes, u, v) in found {
            let (trunk, branch) = (u as usize, v as usize);
            // σ(u∘v) = σ(u) σ(v) m, m the number of subtrees v of u∘v.
            let (mut multiplicity, mut rest) = (1, trunk);
            while let Some((before, last)) = self.split(rest)
                && last == branch
            {
                (multiplicity, rest) = (multiplicity + 1, before);
            }
            let symmetry = &self.symmetries[trunk] * &self.symmetries[branch];
            self.symmetries.push(&symmetry * &Rational::from(multiplicity));
            // γ(u∘v) = γ(u) γ(v) |u∘v| / |u|.
            let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
            let density = &self.densities[trunk] * &self.densities[branch];
            self.densities.push(&density * &Rational::new(whole(size), whole(self.size(trunk))));
            self.nodes.push(nodes);
            self.splits.push((u, v));
        }
        self.starts.push(self.nodes.len());
    }

    /// Finds all products, by ascending size.
    fn tabulate(&mut self, size: usize) {
        let canonical: FxHashMap<(u32, u32), u32> =
            (0..).zip(&self.splits).filter(|(n, _)| *n >= u32::from(self.colours)).map(|(n, s)| (*s, n)).collect();
        for u in 0..self.len() {
            let room = size - self.size(u);
            let end = self.starts.get(room + 1).copied().unwrap_or(0);
            let mut row = Vec::with_capacity(end);
            for v in 0..end {
                tick();
                let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                let direct = canonical.get(&(small(u), small(v))).copied();
                // Otherwise the last branch of u is smaller than v: (t∘last)∘v = (t∘v)∘last.
                let product = direct.or_else(|| {
                    let (trunk, last) = self.split(u)?;
                    canonical.get(&(self.products[trunk][v], small(last))).copied()
                });
                row.push(product.expect("both products within reach are smaller and known"));
            }
            self.products.push(row.into());
        }
    }

    /// How many trees there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The number of colours.
    #[must_use]
    pub fn colours(&self) -> u8 {
        self.colours
    }

    /// The largest size numbered.
    #[must_use]
    pub fn max_size(&self) -> usize {
        self.starts.len() - 2
    }

    /// The numbers of the trees with `size` nodes.
    #[must_use]
    pub fn of_size(&self, size: usize) -> std::ops::Range<usize> {
        match (self.starts.get(size), self.starts.get(size + 1)) {
            (Some(&start), Some(&end)) => start..end,
            _ => 0..0,
        }
    }

    /// The nodes of a tree in preorder, each with its level and colour.
    ///
    /// # Panics
    /// If there is no tree with this number; so for every method that takes one.
    #[must_use]
    pub fn nodes(&self, number: usize) -> &[(u8, u8)] {
        &self.nodes[number]
    }

    /// The number of the tree with these nodes, in canonical order; `None` if there is none.
    #[must_use]
    pub fn position(&self, nodes: &[(u8, u8)]) -> Option<usize> {
        let range = self.of_size(nodes.len());
        let place = self.nodes[range.clone()].binary_search_by(|probe| descending(probe, nodes)).ok()?;
        Some(range.start + place)
    }

    /// The number of nodes of a tree.
    #[must_use]
    pub fn size(&self, number: usize) -> usize {
        self.nodes[number].len()
    }

    /// The colour of a tree's root.
    #[must_use]
    pub fn colour(&self, number: usize) -> u8 {
        self.nodes[number][0].1
    }

    /// Trunk and branch of a tree, `None` for a single node.
    #[must_use]
    pub fn split(&self, number: usize) -> Option<(usize, usize)> {
        let (trunk, branch) = self.splits[number];
        (number >= usize::from(self.colours)).then_some((trunk as usize, branch as usize))
    }

    /// The Butcher product `u∘v`: the tree `u` with `v` as another subtree of its root; `None` beyond the largest size.
    #[must_use]
    pub fn product(&self, u: usize, v: usize) -> Option<usize> {
        self.products[u].get(v).map(|&n| n as usize)
    }

    /// The tree `u` with all subtrees of `v`'s root as further subtrees of its own; `None` beyond the largest size.
    #[must_use]
    pub fn merge(&self, u: usize, v: usize) -> Option<usize> {
        let (mut result, mut rest) = (u, v);
        while let Some((trunk, branch)) = self.split(rest) {
            result = self.product(result, branch)?;
            rest = trunk;
        }
        Some(result)
    }

    /// The symmetry `σ(τ)`: automorphisms that keep colours.
    #[must_use]
    pub fn symmetry(&self, number: usize) -> &Rational {
        &self.symmetries[number]
    }

    /// The density `γ(τ)`: the product over all nodes of the size of the subtree below.
    #[must_use]
    pub fn density(&self, number: usize) -> &Rational {
        &self.densities[number]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::TreeIndex;

    #[test]
    fn one_colour_is_the_index() {
        let (family, index) = (TreeFamily::new(9, 1), TreeIndex::up_to(9));
        assert_eq!((family.len(), family.max_size()), (index.len(), 9));
        for n in 0..index.len() {
            let levels: Vec<u8> = family.nodes(n).iter().map(|&(l, _)| l).collect();
            assert_eq!(levels, index.levels(n));
            assert_eq!(family.split(n), index.split(n));
            assert_eq!(family.symmetry(n), &index.tree(n).symmetry());
            assert_eq!(family.density(n), &index.tree(n).density());
            assert_eq!(family.position(family.nodes(n)), Some(n));
            for v in index.of_size(1).chain(index.of_size(3)).chain(index.of_size(4)) {
                assert_eq!(family.product(n, v), index.product(n, v));
            }
        }
    }

    /// OEIS A000151, and Cayley's formula: `Σ n!/σ` counts labelled rooted trees, `n^{n−1}` times `2^n` colourings.
    #[test]
    fn two_colours_are_counted_right() {
        let family = TreeFamily::new(7, 2);
        let counts: Vec<usize> = (0..=8).map(|n| family.of_size(n).len()).collect();
        assert_eq!(counts, [0, 2, 4, 14, 52, 214, 916, 4116, 0]);
        let mut factorial = Rational::ONE;
        for n in 1..=7_i64 {
            factorial = factorial * Rational::from(n);
            let numbers = family.of_size(usize::try_from(n).unwrap());
            let labelled: Rational = numbers.map(|t| &factorial / family.symmetry(t)).sum();
            assert_eq!(labelled, Rational::from(n).pow(n - 1).unwrap() * Rational::from(2).pow(n).unwrap());
        }
    }

    #[test]
    fn products_commute() {
        let family = TreeFamily::new(6, 2);
        for u in family.of_size(2) {
            for (v, w) in family.of_size(2).flat_map(|v| family.of_size(1).map(move |w| (v, w))) {
                let product = |a, b| family.product(a, b).unwrap();
                assert_eq!(product(product(u, v), w), product(product(u, w), v));
                assert_eq!(family.colour(product(u, v)), family.colour(u));
            }
        }
        let leaf = 0;
        assert_eq!(family.product(family.len() - 1, leaf), None);
        let cherry = family.position(&[(0, 0), (1, 0), (1, 1)]).unwrap();
        let fork = family.position(&[(0, 1), (1, 1)]).unwrap();
        let merged = family.merge(cherry, fork).unwrap();
        assert_eq!(family.nodes(merged), &[(0, 0), (1, 0), (1, 1), (1, 1)]);
        assert_eq!(family.symmetry(merged), &Rational::from(2));
    }

    #[test]
    fn no_trees_without_colours_or_nodes() {
        assert!(TreeFamily::new(0, 1).is_empty());
        assert!(TreeFamily::new(3, 0).is_empty());
        assert_eq!(TreeFamily::new(0, 2).max_size(), 0);
    }
}
