//! How elementary differentials are written, in three notations and any format.

use super::Tree;
use super::contraction::ContractionWriter;
use crate::formula::{Formula, Mark, Script, Text, Written};
use std::fmt;
use std::str::FromStr;

/// A way of writing elementary differentials.
///
/// ```
/// use shadowflow::tree::{Notation, Tree};
/// let tree = Tree::from_levels(&[0, 1, 2, 1]).unwrap();
/// assert_eq!(Notation::Operator.text(&tree), "T[g, H g]");
/// assert_eq!(Notation::Paper.text(&tree), "∇E^T (∇³E) ∇²E ∇E");
/// assert_eq!(Notation::Index.text(&tree), "E_ijk E_j E_kl E_l");
/// assert_eq!(Notation::Tree.text(&tree), "F([[τ], τ])");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Notation {
    /// `g`, `H` and `T` for the first three derivatives of `E`, `E4`, `E5`, … (in LaTeX `E^{(4)}`, …) beyond, their
    /// arguments in brackets: `H T[g, g]`.
    #[default]
    Operator,
    /// Nablas, as Rosca, Wu, Qin & Dherin 2023 write them: products for the Hessian, `v^T (∇³E) w` for the third
    /// derivative, `(∇⁴E)[u, v, w]` beyond.
    Paper,
    /// Partial derivatives with indices, `E_{ij} = ∂_i ∂_j E`, summed over repeated ones; `i` is the component.
    Index,
    /// Rooted trees in brackets, as in the literature of B-series (Hairer, Lubich & Wanner, *Geometric Numerical Integration*, III.1): `F(τ)` is
    /// the gradient, `F([τ, τ])` the third derivative contracted with it twice. In LaTeX and Typst they are drawn.
    Tree,
}

/// A name that no notation has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no notation `{0}`: expected operator, paper, index or tree")]
pub struct UnknownNotation(pub String);

impl Notation {
    /// All notations, the default first.
    pub const ALL: [Self; 4] = [Self::Operator, Self::Paper, Self::Index, Self::Tree];

    /// The name as the command spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Paper => "paper",
            Self::Index => "index",
            Self::Tree => "tree",
        }
    }

    /// An elementary differential as text.
    #[must_use]
    pub fn text(self, tree: &Tree) -> String {
        let mut text = String::new();
        TreeWriter::new(self).write(tree.levels(), &mut Text::new(&mut text));
        text
    }

    /// An elementary differential as LaTeX, for mathematics mode.
    #[must_use]
    pub fn latex(self, tree: &Tree) -> String {
        let mut latex = Written::default();
        latex.write_marks(true, |sheet| TreeWriter::new(self).write(tree.levels(), sheet));
        latex.text
    }

    /// An elementary differential as a formula.
    #[must_use]
    pub fn formula(self, tree: &Tree) -> Formula {
        let mut marks = Vec::new();
        TreeWriter::new(self).write(tree.levels(), &mut marks);
        Formula::marks(marks)
    }

    /// What the notation's symbols stand for, one sentence as text.
    #[must_use]
    pub fn legend(self) -> &'static str {
        match self {
            Self::Operator => {
                "g, H, T, E4, ...: the first, second, third, fourth, ... derivative of E; [...] its arguments"
            }
            Self::Paper => "∇E, ∇²E, ∇³E, ...: the derivatives of E with respect to θ; [...] their arguments",
            Self::Index => "E_ij = ∂_i ∂_j E, summed over repeated indices; i is the component",
            Self::Tree => {
                "F(tree): the elementary differential, a node with k children the derivative of E of order k + 1; F(τ) = g, F([τ]) = H g"
            }
        }
    }
}

impl fmt::Display for Notation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Notation {
    type Err = UnknownNotation;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|n| n.name() == name).ok_or_else(|| UnknownNotation(name.to_owned()))
    }
}

/// Writes any number of elementary differentials in one notation, from their level sequences.
#[derive(Debug)]
pub(crate) enum TreeWriter {
    Nested(ContractionWriter),
    Indices,
    Brackets,
}

impl TreeWriter {
    pub(crate) fn new(notation: Notation) -> Self {
        match notation {
            Notation::Index => Self::Indices,
            Notation::Tree => Self::Brackets,
            Notation::Operator => Self::Nested(ContractionWriter::new(true)),
            Notation::Paper => Self::Nested(ContractionWriter::new(false)),
        }
    }

    /// Appends the tree with this canonical level sequence.
    pub(crate) fn write(&mut self, levels: &[u8], out: &mut impl Script) {
        match self {
            Self::Nested(writer) => writer.write(levels, out),
            Self::Indices => write_index(&Tree::from_canonical(levels), out),
            Self::Brackets => write_brackets(levels, out),
        }
    }
}

/// The children of every node, by position in the level sequence, smallest subtree first.
fn children(tree: &Tree) -> Vec<Vec<usize>> {
    let levels = tree.levels();
    let mut children = vec![Vec::new(); levels.len()];
    let mut path: Vec<usize> = Vec::new();
    let mut sizes = vec![1; levels.len()];
    for (at, &level) in levels.iter().enumerate() {
        path.truncate(usize::from(level));
        for &ancestor in &path {
            sizes[ancestor] += 1;
        }
        if let Some(&parent) = path.last() {
            let siblings: &mut Vec<usize> = &mut children[parent];
            siblings.push(at);
        }
        path.push(at);
    }
    for siblings in &mut children {
        siblings.reverse();
        siblings.sort_by_key(|&child| sizes[child]);
    }
    children
}

fn write_index(tree: &Tree, out: &mut impl Script) {
    let children = children(tree);
    let mut own = vec![0; children.len()];
    let mut used = 1;
    // In preorder with the smallest child first; indices are given to a node's children when the node is written.
    let mut stack = vec![0];
    while let Some(at) = stack.pop() {
        if at > 0 {
            out.mark(Mark::Gap);
        }
        let first = used;
        for &child in &children[at] {
            own[child] = used;
            used += 1;
        }
        stack.extend(children[at].iter().rev());
        out.mark(Mark::Indexed { own: own[at], first, count: used - first });
    }
}

/// A node in brackets around its children, a leaf as τ.
fn write_brackets(levels: &[u8], out: &mut impl Script) {
    out.mark(Mark::TreeBegin);
    let mut open = 0;
    for (at, &level) in levels.iter().enumerate() {
        let leaf = levels.get(at + 1).is_none_or(|next| *next <= level);
        let first = at == 0 || levels[at - 1] < level;
        for _ in level..open {
            out.mark(Mark::NodeEnd { leaf: false });
        }
        out.mark(Mark::NodeBegin { leaf, first });
        if leaf {
            out.mark(Mark::NodeEnd { leaf });
        }
        open = if leaf { level } else { level + 1 };
    }
    for _ in 0..open {
        out.mark(Mark::NodeEnd { leaf: false });
    }
    out.mark(Mark::TreeEnd);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(levels: &[u8], operator: &str, paper: &str, index: &str) {
        let tree = Tree::from_levels(levels).unwrap();
        assert_eq!(Notation::Operator.text(&tree), operator);
        assert_eq!(Notation::Paper.latex(&tree).replace("\\nabla_\\theta", "D"), paper);
        assert_eq!(Notation::Index.text(&tree), index);
    }

    #[test]
    fn writes_trees() {
        check(&[0], "g", "D E", "E_i");
        check(&[0, 1], "H g", "D^2 E D E", "E_ij E_j");
        check(&[0, 1, 2], "H^2 g", "(D^2 E)^{2} D E", "E_ij E_jk E_k");
        check(&[0, 1, 1], "T[g, g]", "D E^{T} (D^3 E) D E", "E_ijk E_j E_k");
        check(&[0, 1, 2, 2], "H T[g, g]", "D^2 E (D E^{T} (D^3 E) D E)", "E_ij E_jkl E_k E_l");
        check(&[0, 1, 1, 2], "T[g, H g]", "D E^{T} (D^3 E) D^2 E D E", "E_ijk E_j E_kl E_l");
        check(&[0, 1, 2, 1, 2], "T[H g, H g]", "(D^2 E D E)^{T} (D^3 E) D^2 E D E", "E_ijk E_jl E_l E_kn E_n");
        check(&[0, 1, 2, 2, 1], "T[g, T[g, g]]", "D E^{T} (D^3 E) (D E^{T} (D^3 E) D E)", "E_ijk E_j E_kln E_l E_n");
        check(&[0, 1, 2, 1, 1], "E4[g, g, H g]", "(D^4 E)[D E, D E, D^2 E D E]", "E_ijkl E_j E_k E_ln E_n");
        check(
            &[0, 1, 2, 3, 2, 1],
            "T[g, T[g, H g]]",
            "D E^{T} (D^3 E) (D E^{T} (D^3 E) D^2 E D E)",
            "E_ijk E_j E_kln E_l E_np E_p",
        );
        check(&[0, 1, 2, 3, 3], "H^2 T[g, g]", "(D^2 E)^{2} (D E^{T} (D^3 E) D E)", "E_ij E_jk E_kln E_l E_n");
    }

    #[test]
    fn smallest_subtree_first_even_when_its_level_sequence_is_larger() {
        // H^2 g has three nodes, E4[g, g, g] four, but [0,1,2] is above [0,1,1,1].
        let tree = Tree::from_levels(&[0, 1, 2, 3, 1, 2, 2, 2]).unwrap();
        assert_eq!(Notation::Operator.text(&tree), "T[H^2 g, E4[g, g, g]]");
    }

    #[test]
    fn the_tallest_tree_does_not_exhaust_the_stack_or_the_alphabet() {
        let tree = Tree::tall(255);
        assert_eq!(Notation::Operator.latex(&tree), "H^{255} g");
        assert!(
            Notation::Index.latex(&tree).ends_with("E_{i_{12}j_{12}k_{12}}")
                || Notation::Index.latex(&tree).contains("i_{12}")
        );
    }

    #[test]
    fn trees_in_brackets() {
        for (levels, brackets) in [
            (&[0][..], "τ"),
            (&[0, 1], "[τ]"),
            (&[0, 1, 1], "[τ, τ]"),
            (&[0, 1, 2, 2], "[[τ, τ]]"),
            (&[0, 1, 2, 1, 2], "[[τ], [τ]]"),
            (&[0, 1, 2, 3, 2, 1], "[[[τ], τ], τ]"),
        ] {
            let tree = Tree::from_levels(levels).unwrap();
            assert_eq!(Notation::Tree.text(&tree), format!("F({brackets})"));
            let latex = format!("F({})", brackets.replace('τ', "\\tau"));
            assert_eq!(Notation::Tree.latex(&tree), latex);
        }
    }

    #[test]
    fn names_round_trip() {
        for notation in Notation::ALL {
            assert_eq!(notation.to_string().parse(), Ok(notation));
        }
        assert!("tensor".parse::<Notation>().is_err());
    }
}
