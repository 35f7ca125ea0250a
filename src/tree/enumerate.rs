//! All rooted trees of a given size, one after another in constant amortised time.

use super::Tree;

/// Every rooted tree of one size, by descending level sequence: the tall tree first, the corolla last.
///
/// See [`trees`].
#[derive(Debug, Clone)]
pub struct Trees(LevelSequences);

/// The canonical level sequences of every rooted tree of one size, descending, without an allocation per tree.
///
/// The successor rule of Beyer & Hedetniemi 1980 (*Constant time generation of rooted trees*, SIAM J. Comput. 9,
/// 706–712): the last node below level 1 moves up to its parent's level, and what follows it repeats the part of the
/// sequence from that parent on.
///
/// ```
/// use shadowflow::tree::LevelSequences;
/// let mut sequences = LevelSequences::new(3);
/// assert_eq!(sequences.advance(), Some(&[0, 1, 2][..]));
/// assert_eq!(sequences.advance(), Some(&[0, 1, 1][..]));
/// assert_eq!(sequences.advance(), None);
/// ```
#[derive(Debug, Clone)]
pub struct LevelSequences {
    levels: Vec<u8>,
    /// The position of each node's parent, kept so that the successor need not search for it.
    parents: Vec<usize>,
    /// The first position at which the last step changed the sequence.
    changed: usize,
    started: bool,
    finished: bool,
}

impl LevelSequences {
    /// Starts before the tall tree of `size` nodes; there is no tree without nodes.
    ///
    /// # Panics
    /// If `size > 256`, beyond which a level does not fit a byte.
    #[must_use]
    pub fn new(size: usize) -> Self {
        assert!(size <= 256, "trees of {size} nodes are beyond the limit of 256");
        Self {
            levels: (0..size).map(|l| u8::try_from(l).unwrap_or(u8::MAX)).collect(),
            parents: (0..size).map(|i| i.saturating_sub(1)).collect(),
            changed: 0,
            started: false,
            finished: size == 0,
        }
    }

    /// Moves to the next tree and shows its level sequence; `None` after the last.
    pub fn advance(&mut self) -> Option<&[u8]> {
        if self.started && !self.finished {
            self.finished = !self.succeed();
        }
        self.started = true;
        (!self.finished).then_some(&self.levels[..])
    }

    /// The level sequence at hand.
    pub(super) fn levels(&self) -> &[u8] {
        &self.levels
    }

    /// The position of each node's parent.
    pub(super) fn parents(&self) -> &[usize] {
        &self.parents
    }

    /// The first position at which the last step changed the sequence; 0 at the first tree.
    pub(super) fn changed(&self) -> usize {
        self.changed
    }

    /// Replaces the sequence by its successor; `false` if it was the last.
    fn succeed(&mut self) -> bool {
        let Some(moved) = self.levels.iter().rposition(|&l| l > 1) else { return false };
        self.changed = moved;
        let parent = self.parents[moved];
        let shift = moved - parent;
        for i in moved..self.levels.len() {
            self.levels[i] = self.levels[i - shift];
            self.parents[i] = if self.levels[i] == self.levels[parent] {
                self.parents[parent]
            } else {
                self.parents[i - shift] + shift
            };
        }
        true
    }
}

impl Iterator for Trees {
    type Item = Tree;

    fn next(&mut self) -> Option<Tree> {
        self.0.advance().map(Tree::from_canonical)
    }
}

/// All rooted trees with `size` nodes, by descending level sequence.
///
/// ```
/// use shadowflow::tree::{Tree, trees};
/// let of_three: Vec<Tree> = trees(3).collect();
/// assert_eq!(of_three, [Tree::tall(2), Tree::from_levels(&[0, 1, 1]).unwrap()]);
/// assert_eq!(trees(0).count(), 0);
/// ```
///
/// # Panics
/// If `size > 256`.
#[must_use]
pub fn trees(size: usize) -> Trees {
    Trees(LevelSequences::new(size))
}

/// The number of rooted trees with `size` nodes (OEIS A000081), or `None` where `u128` does not hold it.
///
/// ```
/// assert_eq!(shadowflow::tree::count(12), Some(4766));
/// ```
#[must_use]
pub fn count(size: usize) -> Option<u128> {
    // n a(n+1) = Σ_{k=1}^{n} (Σ_{d|k} d a(d)) a(n−k+1), from Euler's transform.
    let mut counts: Vec<u128> = vec![0, 1];
    let mut divisor_sums: Vec<u128> = vec![0];
    for n in 1..size {
        let mut sum = 0_u128;
        for d in (1..=n).filter(|d| n % d == 0) {
            sum = sum.checked_add(counts[d].checked_mul(d as u128)?)?;
        }
        divisor_sums.push(sum);
        let mut total = 0_u128;
        for k in 1..=n {
            total = total.checked_add(divisor_sums[k].checked_mul(counts[n - k + 1])?)?;
        }
        counts.push(total / n as u128);
    }
    counts.get(size).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OEIS A000081.
    const COUNTS: [u128; 17] = [0, 1, 1, 2, 4, 9, 20, 48, 115, 286, 719, 1842, 4766, 12486, 32973, 87811, 235_381];

    #[test]
    fn counts_are_a000081() {
        for (size, &expected) in COUNTS.iter().enumerate() {
            assert_eq!(count(size), Some(expected), "size {size}");
            let mut sequences = LevelSequences::new(size);
            let mut visited = 0;
            while sequences.advance().is_some() {
                visited += 1;
            }
            assert_eq!(visited, expected, "size {size}");
        }
        assert_eq!(count(1000), None);
    }

    #[test]
    fn sequences_are_canonical_and_strictly_descending() {
        for size in 1..=10 {
            let all: Vec<Tree> = trees(size).collect();
            assert!(all.windows(2).all(|w| w[0] > w[1]));
            for tree in &all {
                assert_eq!(&Tree::from_levels(tree.levels()).unwrap(), tree);
            }
        }
    }

    #[test]
    fn stays_at_its_end() {
        let mut all = trees(2);
        assert_eq!(all.next(), Some(Tree::tall(1)));
        assert_eq!((all.next(), all.next()), (None, None));
    }
}
