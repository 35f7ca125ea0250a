//! A format with fractions and exponents, and what stands between factors and around formulas.

use super::{Letter, Script, name::Name};

/// What stands between two factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    /// Nothing that shows.
    Beside,
    /// Before the name of a function: thin space, which LaTeX makes by itself.
    Function,
    /// Thin space, between names of several letters.
    Thin,
    /// Thin space behind a bracket.
    Close,
    /// A dot, before digits.
    Dot,
}

/// Brackets around a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    Round,
    Square,
    Bars,
    Norm,
}

/// A format with fractions and exponents.
pub(super) trait Sheet: Script + Sized {
    fn number(&mut self, digits: &str);
    fn name(&mut self, name: &Name, index: Option<&[usize]>);
    /// A name with an exponent, above its subscript.
    fn raised_name(&mut self, name: &Name, index: Option<&[usize]>, script: impl FnOnce(&mut Self));
    fn letter(&mut self, letter: &Letter);
    /// A sign between two terms; a line may break before it.
    fn sign(&mut self, negative: bool);
    /// A minus before a term.
    fn minus(&mut self);
    fn relation(&mut self, relation: char);
    fn times(&mut self, times: Times);
    fn comma(&mut self);
    fn function(&mut self, name: &str, known: bool);
    /// The letter σ as the name of a function.
    fn sigma(&mut self);
    /// Space behind the name of a function without brackets.
    fn gap(&mut self);
    fn infinity(&mut self);
    /// The sign of a division on one line.
    fn slash(&mut self);
    fn root(&mut self, inner: impl FnOnce(&mut Self));
    fn group(&mut self, around: Around, tall: bool, inner: impl FnOnce(&mut Self));
    fn fraction(&mut self, above: impl FnOnce(&mut Self), below: impl FnOnce(&mut Self));
    fn script(&mut self, base: impl FnOnce(&mut Self), below: bool, script: impl FnOnce(&mut Self));
    /// Whether matrices are set as such; not where lines may break inside them.
    fn has_matrices(&self) -> bool;
    /// A matrix with so many rows and columns in parentheses.
    fn matrix(&mut self, rows: usize, columns: usize, cell: impl FnMut(&mut Self, usize, usize));
    /// So many formulas below each other, with commas; beside each other where there is room for all.
    fn stack(&mut self, rows: usize, row: impl FnMut(&mut Self, usize));
    /// The mark of a transposed matrix, as an exponent.
    fn transposition(&mut self);
    /// The sum sign with what stands under it.
    fn sum(&mut self, over: impl FnOnce(&mut Self));
    /// `(f_n^p)`.
    fn field_part(&mut self, n: usize, principal: Option<bool>);
}
