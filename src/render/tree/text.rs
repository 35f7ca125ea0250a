//! Trees as text.

use super::parents;
use crate::tree::Tree;

/// A tree as text, a node a line, the root first and each level further in.
///
/// ```
/// use shadowflow::tree::Tree;
/// let tree = Tree::from_levels(&[0, 1, 2, 1]).unwrap();
/// assert_eq!(shadowflow::render::tree::text(&tree), "●\n├─●\n│ └─●\n└─●\n");
/// ```
#[must_use]
pub fn text(tree: &Tree) -> String {
    let parents = parents(tree);
    let mut last = vec![false; parents.len()];
    let mut seen = vec![false; parents.len()];
    for at in (0..parents.len()).rev() {
        if let Some(parent) = parents[at] {
            last[at] = !std::mem::replace(&mut seen[parent], true);
        }
    }
    let mut out = String::new();
    let mut path: Vec<usize> = Vec::new();
    for (at, &level) in tree.levels().iter().enumerate() {
        path.truncate(usize::from(level));
        for &ancestor in path.iter().skip(1) {
            out.push_str(if last[ancestor] { "  " } else { "│ " });
        }
        if level > 0 {
            out.push_str(if last[at] { "└─" } else { "├─" });
        }
        out.push_str("●\n");
        path.push(at);
    }
    out
}
