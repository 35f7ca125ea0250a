//! Formulas as they are written, measured, and where their lines may break.

/// A formula in a markup language, and what lines are broken by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The formula.
    pub text: String,
    /// How wide it is set, in thousandths of the size of the type; by the widths of the glyphs of Computer Modern.
    pub width: usize,
    /// Where a line may break inside, in no fraction and no exponent.
    pub breaks: Vec<Break>,
    /// What is taller than a line: where it begins, and how tall a line with it is, in the same unit.
    pub(crate) tall: Vec<(usize, usize)>,
}

/// A place where a line may break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// The length of the text before it.
    pub at: usize,
    /// The width before it.
    pub width: usize,
    /// What stands there.
    pub kind: BreakKind,
    /// How many brackets are open there.
    pub depth: usize,
}

/// What a line may break at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakKind {
    /// A plus or minus follows.
    Sign,
    /// A comma stands before it.
    Comma,
    /// A factor follows, before which the next line has a sign of multiplication.
    Factor,
    /// What an operator is applied to follows, or the next of several differentials.
    Operand,
}
