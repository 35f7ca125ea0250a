//! Rooted trees as pictures: text, SVG, LaTeX for the `forest` package, Typst.

mod forest;
mod list;
mod svg;
mod text;
mod typst;

pub use forest::{FOREST, forest};
pub use list::text_list;
pub use svg::svg;
pub use text::text;
pub use typst::{TYPST, typst};

use crate::tree::Tree;

/// Where the nodes of a tree are, in units of the distance between levels: the root at height 0, leaves a unit apart.
struct Layout {
    /// The position of every node of the level sequence.
    nodes: Vec<(f64, f64)>,
    /// The parent of every node but the root.
    parents: Vec<Option<usize>>,
    width: f64,
    height: f64,
}

/// How many leaves a tree has: its width and one.
pub(super) fn leaves(tree: &Tree) -> usize {
    let levels = tree.levels();
    levels.iter().zip(levels.iter().skip(1).chain([&0])).filter(|(own, next)| next <= own).count()
}

/// The parent of every node of the level sequence.
fn parents(tree: &Tree) -> Vec<Option<usize>> {
    let mut path: Vec<usize> = Vec::new();
    let parent = |(at, &level): (usize, &u8)| {
        path.truncate(usize::from(level));
        let parent = path.last().copied();
        path.push(at);
        parent
    };
    tree.levels().iter().enumerate().map(parent).collect()
}

fn layout(tree: &Tree) -> Layout {
    let levels = tree.levels();
    let parents = parents(tree);
    let mut leaf = vec![true; levels.len()];
    for parent in parents.iter().flatten() {
        leaf[*parent] = false;
    }
    let mut places = vec![0.0; levels.len()];
    let mut leaves = 0.0;
    for at in (0..levels.len()).filter(|at| leaf[*at]) {
        places[at] = leaves;
        leaves += 1.0;
    }
    // A node stands over the middle of its children, which come after it.
    let mut ranges: Vec<Option<(f64, f64)>> = vec![None; levels.len()];
    for at in (0..levels.len()).rev() {
        if let Some((low, high)) = ranges[at] {
            places[at] = f64::midpoint(low, high);
        }
        if let Some(parent) = parents[at] {
            let x = places[at];
            let (low, high) = ranges[parent].unwrap_or((x, x));
            ranges[parent] = Some((low.min(x), high.max(x)));
        }
    }
    let nodes: Vec<(f64, f64)> = places.iter().zip(levels).map(|(x, level)| (*x, f64::from(*level))).collect();
    let height = levels.iter().copied().max().map_or(0.0, f64::from);
    Layout { nodes, parents, width: leaves - 1.0, height }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::trees;

    #[test]
    fn siblings_do_not_meet_and_parents_are_centred() {
        for tree in (1..=8).flat_map(trees) {
            let layout = layout(&tree);
            for (at, (x, y)) in layout.nodes.iter().enumerate() {
                assert!((0.0..=layout.width).contains(x) && (0.0..=layout.height).contains(y));
                let others = &layout.nodes[at + 1..];
                assert!(others.iter().all(|(u, v)| v != y || (u - x).abs() >= 1.0), "{tree:?}");
                let children =
                    || layout.nodes.iter().zip(&layout.parents).filter(|(_, p)| **p == Some(at)).map(|(n, _)| n);
                if children().next().is_some() {
                    let low = children().map(|n| n.0).fold(f64::INFINITY, f64::min);
                    let high = children().map(|n| n.0).fold(0.0, f64::max);
                    assert!((low + high - 2.0 * x).abs() < 1e-12);
                    assert!(children().all(|n| n.1 == y + 1.0));
                }
            }
        }
    }

    #[test]
    fn every_picture_has_every_node_and_edge() {
        for tree in (1..=7).flat_map(trees) {
            let n = tree.size();
            assert_eq!(svg(&tree).matches("<circle").count(), n);
            assert_eq!(text(&tree).matches('●').count(), n);
            assert_eq!(typst(&tree).matches("), (").count() + 1, n);
            let brackets = forest(&tree);
            assert_eq!(brackets.matches('[').count(), n);
            assert_eq!(brackets.matches(']').count(), n);
        }
    }

    #[test]
    fn tall_trees_do_not_exhaust_the_stack() {
        let tree = Tree::tall(255);
        assert_eq!(text(&tree).lines().count(), 256);
        assert!(svg(&tree).contains("</svg>") && forest(&tree).contains("]]]]"));
    }
}
