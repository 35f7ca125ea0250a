//! What elementary differentials are written with, mark by mark, without a tree of formulas for each of millions.

/// One mark of a written elementary differential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The gradient, g.
    Gradient,
    /// So many Hessians before what follows.
    Hessians(usize),
    /// The k-th derivative as an operator: T, E4, …
    Derivative(usize),
    /// The k-th derivative with a nabla.
    Nabla(usize, Raised),
    /// A partial derivative: its own index, and those that its arguments take from one on.
    Indexed {
        /// The number of its own index.
        own: usize,
        /// The number of the first of its arguments' indices.
        first: usize,
        /// How many arguments there are.
        count: usize,
    },
    /// Before a rooted tree: the elementary differential of it.
    TreeBegin,
    /// A node of a tree, before its children: whether it has none, and whether it is the first of its siblings.
    NodeBegin {
        /// Whether it has no children.
        leaf: bool,
        /// Whether it is the first of its siblings.
        first: bool,
    },
    /// Behind the children of a node, and behind one without any.
    NodeEnd {
        /// Whether it has no children.
        leaf: bool,
    },
    /// Behind a rooted tree.
    TreeEnd,
    /// Space between factors.
    Gap,
    /// A comma between arguments.
    Comma,
    /// An opening bracket.
    Open(Bracket),
    /// A closing one, with what stands above it.
    Close(Bracket, Raised),
}

/// A pair of brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bracket {
    /// Parentheses.
    Round,
    /// Square brackets.
    Square,
}

/// What stands as a superscript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raised {
    /// Nothing.
    Not,
    /// A power.
    To(usize),
    /// The sign of a transposed matrix.
    Transposed,
}

/// A format that elementary differentials are written in.
pub trait Script {
    /// Appends a mark.
    fn mark(&mut self, mark: Mark);
}

/// Recorded marks.
impl Script for Vec<Mark> {
    fn mark(&mut self, mark: Mark) {
        self.push(mark);
    }
}

/// The letters of indices; `m` is left to the momentum, `o` looks like a zero.
const INDICES: &[u8] = b"ijklnpqrstuvwxyzabcdf";

/// The letter of an index, and its number where the letters begin anew.
pub(super) fn index_letter(at: usize) -> (char, usize) {
    (char::from(INDICES[at % INDICES.len()]), at / INDICES.len())
}
