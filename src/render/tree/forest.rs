//! Trees in LaTeX.

use crate::tree::Tree;

/// A tree in LaTeX for the `forest` package, the root at the bottom.
///
/// ```
/// use shadowflow::tree::Tree;
/// let tree = Tree::from_levels(&[0, 1, 2, 1]).unwrap();
/// let code = shadowflow::render::tree::forest(&tree);
/// assert!(code.ends_with(" [[[]][]]\\end{forest}"));
/// ```
#[must_use]
pub fn forest(tree: &Tree) -> String {
    let mut brackets = String::new();
    let mut open = 0;
    for &level in tree.levels() {
        let level = usize::from(level);
        brackets.push_str(&"]".repeat(open - level));
        brackets.push('[');
        open = level + 1;
    }
    brackets.push_str(&"]".repeat(open));
    format!(
        "\\begin{{forest}} for tree={{grow'=north, circle, fill, inner sep=1.1pt, l=0pt, l sep=6pt, s sep=5pt}} {brackets}\\end{{forest}}"
    )
}
