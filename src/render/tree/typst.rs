//! Trees in Typst.

use super::layout;
use crate::tree::Tree;
use std::fmt::Write as _;

/// What [`typst`] needs: the function that draws a tree, the root at the bottom; nodes by their places, each with its parent.
pub const TYPST: &str =
    "#let rootedtree(width, height, ..nodes) = box(width: (width + 0.5) * 0.62em, height: (height + 0.5) * 0.62em, baseline: 50% - 0.25em, {
  let place-of(node) = ((node.at(0) + 0.25) * 0.62em, (height - node.at(1) + 0.25) * 0.62em)
  for (x, y, parent) in nodes.pos() {
    if parent >= 0 {
      place(line(start: place-of((x, y)), end: place-of(nodes.pos().at(parent)), stroke: 0.5pt))
    }
    let (u, v) = place-of((x, y))
    place(dx: u - 0.12em, dy: v - 0.12em, circle(radius: 0.12em, fill: black))
  }
})
#let smalltree(root) = {
  let laid(node, level, left) = {
    if node.len() == 0 { return ((left, level, -1), left + 1) }
    let (rest, places, next) = ((), (), left)
    for child in node {
      let (..own, after) = laid(child, level + 1, next)
      let offset = rest.len() + 1
      places.push(own.first().first())
      rest += own.map(((x, y, parent)) => (x, y, if parent < 0 { 0 } else { parent + offset }))
      next = after
    }
    (((places.first() + places.last()) / 2, level, -1), ..rest, next)
  }
  let (..nodes, width) = laid(root, 0, 0)
  rootedtree(width - 1, calc.max(..nodes.map(node => node.at(1))), ..nodes)
}";

/// A tree in Typst, by the function of [`TYPST`].
///
/// ```
/// use shadowflow::tree::Tree;
/// let tree = Tree::from_levels(&[0, 1, 1]).unwrap();
/// assert_eq!(shadowflow::render::tree::typst(&tree), "#rootedtree(1, 1, (0.5, 0, -1), (0, 1, 0), (1, 1, 0))");
/// ```
#[must_use]
pub fn typst(tree: &Tree) -> String {
    let layout = layout(tree);
    let mut out = format!("#rootedtree({}, {}", layout.width, layout.height);
    for ((x, y), parent) in layout.nodes.iter().zip(&layout.parents) {
        let parent = parent.map_or_else(|| "-1".to_owned(), |at| at.to_string());
        let _ = write!(out, ", ({x}, {y}, {parent})");
    }
    out.push(')');
    out
}
