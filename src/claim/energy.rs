//! Scalars made of derivatives of `E`: trees without a root.
//!
//! The product `vᵀw` of two elementary differentials joins the roots of their trees by an edge. In the free tree that
//! results every node is a derivative of `E`, of the order of the number of its neighbours, and every edge a contraction. Its
//! gradient differentiates each node in turn: it is the sum of the trees with their root there.

use crate::tree::Tree;

/// The neighbours of every node.
fn neighbours(levels: &[u8]) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); levels.len()];
    let mut path: Vec<usize> = Vec::new();
    for (at, &level) in levels.iter().enumerate() {
        path.truncate(usize::from(level));
        if let Some(&parent) = path.last() {
            neighbours[parent].push(at);
            neighbours[at].push(parent);
        }
        path.push(at);
    }
    neighbours
}

/// The same tree with its root at each node in turn.
pub(super) fn rootings(tree: &Tree) -> Vec<Tree> {
    let neighbours = neighbours(tree.levels());
    let rooted = |root: usize| {
        let mut levels = Vec::with_capacity(neighbours.len());
        let mut open = vec![(root, root, 0_u8)];
        while let Some((at, from, level)) = open.pop() {
            levels.push(level);
            let next = neighbours[at].iter().filter(|&&n| n != from);
            open.extend(next.map(|&n| (n, at, level.saturating_add(1))));
        }
        Tree::from_levels(&levels).ok()
    };
    (0..neighbours.len()).filter_map(rooted).collect()
}

/// The free tree, as its rooting with the largest level sequence.
pub(super) fn free(tree: &Tree) -> Tree {
    rootings(tree).into_iter().max().unwrap_or_else(|| tree.clone())
}

/// `vᵀw`.
pub(super) fn product(v: &Tree, w: &Tree) -> Tree {
    let mut children = v.children();
    children.push(w.clone());
    free(&Tree::grafted(children))
}

/// A free tree as text: `E`, or the product at one of its edges.
pub(super) fn text(tree: &Tree, spell: impl Fn(&Tree) -> String) -> String {
    let mut children = tree.children();
    match children.pop() {
        None => "E".to_owned(),
        Some(last) => {
            let rest = Tree::grafted(children);
            // The leaf, where one of the two is it, stands transposed.
            let (left, right) = if rest == Tree::leaf() { (rest, last) } else { (last, rest) };
            let (left, right) = (spell(&left), spell(&right));
            if left.contains(' ') { format!("({left})^T {right}") } else { format!("{left}^T {right}") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(levels: &[u8]) -> Tree {
        Tree::from_levels(levels).unwrap()
    }

    /// `∇(gᵀg) = 2 Hg`, `∇(gᵀHg) = 2 H²g + T[g,g]`.
    #[test]
    fn gradients_of_products() {
        let g = Tree::leaf();
        let mut gradient = rootings(&product(&g, &g));
        assert_eq!(gradient, [tree(&[0, 1]), tree(&[0, 1])]);
        gradient = rootings(&product(&g, &tree(&[0, 1])));
        gradient.sort();
        assert_eq!(gradient, [tree(&[0, 1, 1]), tree(&[0, 1, 2]), tree(&[0, 1, 2])]);
        assert_eq!(rootings(&Tree::leaf()), [Tree::leaf()]);
    }

    #[test]
    fn where_the_edge_is_cut_does_not_matter() {
        // gᵀ H² g = (Hg)ᵀ (Hg).
        let (g, hg, hhg) = (Tree::leaf(), tree(&[0, 1]), tree(&[0, 1, 2]));
        assert_eq!(product(&g, &hhg), product(&hg, &hg));
        assert_ne!(product(&g, &tree(&[0, 1, 1])), product(&hg, &hg));
    }
}
