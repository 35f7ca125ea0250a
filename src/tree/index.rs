//! All rooted trees up to a size, numbered.

use super::{LevelSequences, Tree};
use crate::budget::tick;

/// All rooted trees with at most `n` nodes, numbered by ascending size and, within a size, by descending level sequence.
///
/// Every tree but the leaf is the Butcher product `u∘v` of its *trunk* `u`, the tree without its root's last (smallest)
/// subtree, and that subtree, its *branch* `v`; both have smaller numbers, so one pass in ascending order computes
/// anything that is defined by recursion over subtrees. Memory is about `n + 9` bytes a tree, `n` at most the size.
///
/// ```
/// use shadowflow::tree::{Tree, TreeIndex};
/// let index = TreeIndex::up_to(4);
/// assert_eq!(index.len(), 1 + 1 + 2 + 4);
/// let tree = Tree::from_levels(&[0, 1, 2, 1]).unwrap();
/// let number = index.position(tree.levels()).unwrap();
/// let (trunk, branch) = index.split(number).unwrap();
/// assert_eq!((index.levels(trunk), index.levels(branch)), (&[0, 1, 2][..], &[0][..]));
/// assert_eq!(index.product(branch, trunk).map(|n| index.levels(n)), Some(&[0, 1, 2, 3][..]));
/// ```
#[derive(Debug, Clone)]
pub struct TreeIndex {
    /// One block for each size, from 0.
    blocks: Vec<Block>,
    splits: Vec<(u32, u32)>,
    sizes: Vec<u8>,
}

/// The trees of one size: their level sequences end to end.
#[derive(Debug, Clone, Default)]
struct Block {
    first: usize,
    levels: Vec<u8>,
}

impl Block {
    /// The place of a level sequence of `size` nodes within the block.
    fn position(&self, size: usize, levels: &[u8]) -> Option<usize> {
        let (mut low, mut high) = (0, self.levels.len() / size.max(1));
        while low < high {
            let middle = low.midpoint(high);
            match self.levels[middle * size..(middle + 1) * size].cmp(levels) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => low = middle + 1,
                std::cmp::Ordering::Less => high = middle,
            }
        }
        None
    }
}

impl TreeIndex {
    /// Numbers all trees with at most `size` nodes. Their number grows as `2.96^size` (see [`count`](super::count)):
    /// 235,381 of size 16 and 12,826,228 of size 20.
    ///
    /// # Panics
    /// If `size > 255`, or if there are more than `u32::MAX` trees, which memory does not hold.
    #[must_use]
    pub fn up_to(size: usize) -> Self {
        let mut index = Self { blocks: vec![Block::default()], splits: Vec::new(), sizes: Vec::new() };
        let mut branch = Vec::new();
        for size in 1..=size {
            let first = index.splits.len();
            let mut block = Block { first, levels: Vec::new() };
            let mut sequences = LevelSequences::new(size);
            while let Some(levels) = sequences.advance() {
                tick();
                block.levels.extend_from_slice(levels);
                index.sizes.push(u8::try_from(size).expect("an index holds trees with at most 255 nodes"));
                let Some(cut) = levels.iter().rposition(|&l| l == 1) else {
                    index.splits.push((0, 0));
                    continue;
                };
                branch.clear();
                branch.extend(levels[cut..].iter().map(|l| l - 1));
                let number = |levels: &[u8]| index.position(levels).and_then(|n| u32::try_from(n).ok());
                let split = number(&levels[..cut]).zip(number(&branch));
                index.splits.push(split.expect("both parts of a canonical tree are smaller canonical trees"));
            }
            index.blocks.push(block);
        }
        index
    }

    /// How many trees there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.splits.len()
    }

    /// Whether there are none, which is so for size 0 only.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.splits.is_empty()
    }

    /// The largest size numbered.
    #[must_use]
    pub fn max_size(&self) -> usize {
        self.blocks.len() - 1
    }

    /// The numbers of the trees with `size` nodes.
    #[must_use]
    pub fn of_size(&self, size: usize) -> std::ops::Range<usize> {
        match self.blocks.get(size) {
            Some(block) if size > 0 => block.first..block.first + block.levels.len() / size,
            _ => 0..0,
        }
    }

    /// The number of nodes of a tree.
    ///
    /// # Panics
    /// If there is no tree with this number; so for every method that takes one.
    #[must_use]
    pub fn size(&self, number: usize) -> usize {
        usize::from(self.sizes[number])
    }

    /// The canonical level sequence of a tree.
    #[must_use]
    pub fn levels(&self, number: usize) -> &[u8] {
        let size = self.size(number);
        let block = &self.blocks[size];
        let place = number - block.first;
        &block.levels[place * size..(place + 1) * size]
    }

    /// The tree with this number.
    #[must_use]
    pub fn tree(&self, number: usize) -> Tree {
        Tree::from_canonical(self.levels(number))
    }

    /// The number of a canonical level sequence, or `None` if it is too long or not canonical.
    #[must_use]
    pub fn position(&self, levels: &[u8]) -> Option<usize> {
        let block = self.blocks.get(levels.len())?;
        block.position(levels.len(), levels).map(|place| block.first + place)
    }

    /// Trunk and branch of a tree, `None` for the leaf.
    #[must_use]
    pub fn split(&self, number: usize) -> Option<(usize, usize)> {
        let (trunk, branch) = self.splits[number];
        (number > 0).then_some((trunk as usize, branch as usize))
    }

    /// The Butcher product `u∘v`: the tree `u` with `v` as another subtree of its root; `None` beyond the largest size.
    #[must_use]
    pub fn product(&self, u: usize, v: usize) -> Option<usize> {
        let (trunk, branch) = (self.levels(u), self.levels(v));
        if trunk.len() + branch.len() > self.max_size() {
            return None;
        }
        let place = insertion(trunk, 0, branch);
        let mut levels = Vec::with_capacity(trunk.len() + branch.len());
        levels.extend_from_slice(&trunk[..place]);
        levels.extend(branch.iter().map(|l| l + 1));
        levels.extend_from_slice(&trunk[place..]);
        self.position(&levels)
    }
}

/// Where a new subtree of the node at `root` goes among those it has, so that they stay in descending order.
pub(super) fn insertion(levels: &[u8], root: usize, scion: &[u8]) -> usize {
    let depth = levels[root] + 1;
    let mut place = root + 1;
    while place < levels.len() && levels[place] >= depth {
        let end = levels[place + 1..].iter().position(|&l| l <= depth).map_or(levels.len(), |n| place + 1 + n);
        if levels[place..end].iter().map(|l| l - depth).lt(scion.iter().copied()) {
            break;
        }
        place = end;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_multiply_back() {
        let index = TreeIndex::up_to(9);
        for number in 1..index.len() {
            let (trunk, branch) = index.split(number).unwrap();
            assert!(trunk < number && branch < number);
            assert_eq!(index.product(trunk, branch), Some(number));
            assert_eq!(index.position(index.levels(number)), Some(number));
        }
        assert_eq!(index.product(index.len() - 1, 0), None);
        assert!(TreeIndex::up_to(0).is_empty());
    }

    #[test]
    fn product_is_grafting_at_the_root() {
        let index = TreeIndex::up_to(8);
        for u in 0..index.len() {
            for v in 0..index.len() {
                let Some(product) = index.product(u, v) else { continue };
                let mut children = index.tree(u).children();
                children.push(index.tree(v));
                assert_eq!(index.tree(product), Tree::grafted(children));
            }
        }
    }
}
