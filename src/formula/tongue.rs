//! What a markup language is asked: how it spells what formulas are made of.

use super::Symbol;
use super::sheet::Around;

/// What is spelt in one way by one language, and in another by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Nabla,
    Times,
    Thin,
    Dots,
    Transposed,
    Sum,
    Below,
    Above,
    In,
    Infinity,
    Slash,
    Delta,
    Theta,
    Alpha,
}

/// How a language spells what formulas are made of.
pub(super) trait Tongue: Sync {
    fn sign(&self, sign: Sign) -> &'static str;
    /// A Greek letter by its name, as LaTeX has it.
    fn greek(&self, name: &str) -> String;
    /// One of our letters; and where the loss declares it, in a font that no name is written in.
    fn letter(&self, symbol: Symbol, changed: bool) -> &'static str;
    /// Several letters as one symbol, slanted.
    fn italic(&self, text: &str) -> String;
    /// Several letters upright.
    fn upright(&self, text: &str) -> String;
    /// Text as it is typed.
    fn typewriter(&self, text: &str) -> String;
    /// Words between formulas.
    fn words(&self, text: &str) -> String;
    /// A letter with something over it, `dot` or `tilde`.
    fn accent(&self, accent: &str, letter: &str) -> String;
    /// Before what is derived by time.
    fn by_time(&self) -> String;
    /// The accent of a tilde over several letters.
    fn wide_tilde(&self) -> &'static str;
    /// The name of a function, which the language has or has not.
    fn function(&self, name: &str, known: bool) -> String;
    /// What stands before a subscript or a superscript and behind it, and before and behind one that is a single token.
    fn script(&self) -> [&'static str; 4];
    /// A subscript and an exponent without brackets, where the language has them.
    fn bare_scripts(&self, _below: &str, _exponent: usize) -> Option<String> {
        None
    }
    /// Whether a script is a single token.
    fn is_token(&self, text: &str) -> bool;
    /// What stands before, between and behind the parts of a fraction.
    fn fraction(&self) -> [&'static str; 3];
    /// A fraction of single tokens.
    fn plain_fraction(&self, above: &str, below: &str) -> Option<String>;
    fn root(&self) -> [&'static str; 2];
    /// A matrix in parentheses: before it, between columns, between rows, behind it.
    fn matrix(&self) -> [&'static str; 4];
    /// Rows below each other in small type, with commas: before, between and behind them.
    fn stack(&self) -> [&'static str; 3];
    /// A word in pieces below each other, in small type.
    fn pieces(&self, pieces: &[String]) -> String;
    /// A drawn tree in parentheses: before it, between siblings, before and behind the children of a node, behind it.
    fn picture(&self) -> [&'static str; 5];
    /// Brackets around what is tall or is not; and where lines may break inside them.
    fn brackets(&self, around: Around, grow: bool, broken: bool) -> [&'static str; 2];
    /// Whether two pieces would be read as one without a space between them.
    fn sticks(&self, before: &str, token_ends: bool, after: &str) -> bool;
}
