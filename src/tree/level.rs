//! A rooted tree as its canonical level sequence.

use std::fmt;

/// A rooted tree, stored as its level sequence in preorder: root 0, the lexicographically largest of its tree.
///
/// As an elementary differential a node with k children is `∇^{k+1}E` contracted with its children and a leaf is `g`:
/// `[0]` is `g`, `[0, 1]` is `H g`, `[0, 1, 1]` is `T[g, g]`. Ordered as its level sequence is.
///
/// ```
/// use shadowflow::tree::Tree;
/// let tree = Tree::from_levels(&[0, 1, 1, 2]).unwrap();
/// assert_eq!(tree.levels(), &[0, 1, 2, 1]);
/// assert_eq!(tree.size(), 4);
/// assert!(!tree.is_principal());
/// assert_eq!(tree.children(), vec![Tree::from_levels(&[0, 1]).unwrap(), Tree::leaf()]);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tree(Box<[u8]>);

/// A sequence that is no level sequence of a rooted tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a level sequence: it starts with 0, every other level is at least 1 and at most one above its predecessor"
)]
pub struct NotATree(pub Vec<u8>);

impl Tree {
    /// The tree of one node, `g`.
    #[must_use]
    pub fn leaf() -> Self {
        Self(Box::new([0]))
    }

    /// The tall tree with `n + 1` nodes, `H^n g`.
    ///
    /// # Panics
    /// If `n > 255`.
    #[must_use]
    pub fn tall(n: usize) -> Self {
        Self((0..=n).map(|l| u8::try_from(l).expect("a tree has at most 256 levels")).collect())
    }

    /// The tree with the given children at its root, in any order.
    #[must_use]
    pub fn grafted(mut children: Vec<Tree>) -> Self {
        children.sort_unstable_by(|a, b| b.cmp(a));
        let mut levels = vec![0];
        for child in &children {
            levels.extend(child.0.iter().map(|l| l + 1));
        }
        Self(levels.into())
    }

    /// The tree with this level sequence, made canonical.
    ///
    /// # Errors
    /// [`NotATree`] if it is none.
    pub fn from_levels(levels: &[u8]) -> Result<Self, NotATree> {
        let valid = levels.first() == Some(&0)
            && levels.windows(2).all(|w| w[1] >= 1 && u16::from(w[1]) <= u16::from(w[0]) + 1);
        if !valid {
            return Err(NotATree(levels.to_vec()));
        }
        // Children are closed from the deepest level up, so no recursion is needed.
        let mut open: Vec<Vec<Tree>> = vec![Vec::new()];
        for &level in &levels[1..] {
            close_to(&mut open, usize::from(level));
            open.push(Vec::new());
        }
        close_to(&mut open, 1);
        Ok(Self::grafted(open.pop().unwrap_or_default()))
    }

    /// The tree with a level sequence that is known to be canonical.
    pub(crate) fn from_canonical(levels: &[u8]) -> Self {
        debug_assert_eq!(Self::from_levels(levels).map(|t| t.0), Ok(levels.into()));
        Self(levels.into())
    }

    /// The level sequence.
    #[must_use]
    pub fn levels(&self) -> &[u8] {
        &self.0
    }

    /// The number of nodes, `|τ|`.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// The root's subtrees, largest level sequence first.
    #[must_use]
    pub fn children(&self) -> Vec<Tree> {
        let mut result = Vec::new();
        let mut start = 1;
        for end in 2..=self.0.len() {
            if end == self.0.len() || self.0[end] == 1 {
                result.push(Self(self.0[start..end].iter().map(|l| l - 1).collect()));
                start = end;
            }
        }
        result
    }

    /// Whether no node has more than one child, so that the tree is `H^n g`.
    #[must_use]
    pub fn is_principal(&self) -> bool {
        self.0.windows(2).all(|w| w[1] == w[0] + 1)
    }
}

fn close_to(open: &mut Vec<Vec<Tree>>, level: usize) {
    while open.len() > level {
        let closed = Tree::grafted(open.pop().unwrap_or_default());
        if let Some(parent) = open.last_mut() {
            parent.push(closed);
        }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
