//! Trees in LaTeX.

use crate::tree::Tree;

/// What [`forest`] needs: the macro that draws a tree, the root at the bottom, with room between siblings.
pub const FOREST: &str = "\\providecommand{\\rootedtree}[1]{\\ensuremath{\\vcenter{\\hbox{\\Forest{for tree={grow'=north, circle, fill, draw, inner sep=0pt, minimum size=2.4pt, l=0pt, l sep=5pt, s sep=5pt, edge={thin}}, #1}}}}}";

/// A tree in LaTeX for the package `forest`, by the macro of [`FOREST`].
///
/// ```
/// use shadowflow::tree::Tree;
/// let tree = Tree::from_levels(&[0, 1, 2, 1]).unwrap();
/// assert_eq!(shadowflow::render::tree::forest(&tree), "\\rootedtree{[[[]][]]}");
/// ```
#[must_use]
pub fn forest(tree: &Tree) -> String {
    format!("\\rootedtree{{{}}}", brackets(tree, "[", "]"))
}

/// A node in brackets around its children.
pub(super) fn brackets(tree: &Tree, left: &str, right: &str) -> String {
    let mut brackets = String::new();
    let mut open = 0;
    for &level in tree.levels() {
        let level = usize::from(level);
        brackets.push_str(&right.repeat(open - level));
        brackets.push_str(left);
        open = level + 1;
    }
    brackets.push_str(&right.repeat(open));
    brackets
}
