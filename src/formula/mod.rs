//! Formulas as trees: made once of whatever is to be written, and printed from the tree in every format.
//!
//! Each room makes the formulas of what it holds: numbers of coefficients, trees of elementary differentials, `expr` of the
//! expressions of a loss. The printers stand side by side here: text, which is the loss language where that can say what is
//! written; LaTeX and Typst, which are measured too; and MathML. None of them reads what another one wrote.

mod arrange;
mod collect;
mod construct;
mod cost;
mod latex;
mod mark;
mod markup;
mod mathml;
mod measure;
mod name;
mod names;
mod own;
mod sentence;
mod sheet;
mod spelling;
mod symbols;
#[cfg(test)]
mod tests;
mod text;
mod tongue;
mod typeset;
mod typst;
mod written;

pub use cost::reading_cost;
pub use latex::typewriter;
pub use mark::{Bracket, Mark, Raised, Script};
pub use markup::Markup;
pub use mathml::MathMl;
pub use names::Names;
pub(crate) use own::{Definitions, Fault, Language, Own, key};
pub use sentence::{Part, Sentence};
pub use spelling::Spelling;
pub use symbols::{Letter, Symbol, Symbols};
pub use text::{Text, text, text_factor, text_terms, text_within};
pub use written::{Break, BreakKind, Written};

use std::fmt;
use std::sync::Arc;
use text::Plain;

/// A formula.
///
/// Parentheses are no part of it: each printer sets those that its format needs, by what binds how tightly. Copies share
/// what they are made of.
///
/// ```
/// use shadowflow::formula::{Formula, Spelling};
/// let (x, y) = (Formula::name("x"), Formula::name("y"));
/// let difference = Formula::sum(vec![(false, x), (true, y)]);
/// let formula = Formula::product(vec![Formula::natural(2), difference.power(3)]).over(Formula::name("rate"));
/// assert_eq!(formula.to_string(), "2*(x - y)^3/rate");
/// let spelling = Spelling::default();
/// assert_eq!(spelling.latex(&formula), r"\frac{2 (x - y)^{3}}{\mathit{rate}}");
/// assert!(spelling.mathml(&formula).starts_with("<math><mfrac>"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Formula(Arc<Node>);

/// What a formula is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    /// A number without a sign, as its digits.
    Number(String),
    /// A name of the loss or of an optimizer.
    Name(String),
    /// An entry of an array of the loss.
    Entry(String, Vec<usize>),
    /// Terms, each with whether it is subtracted. `tight` is without spaces in the loss language, as coefficients are.
    Sum {
        terms: Vec<(bool, Formula)>,
        tight: bool,
    },
    /// A formula with a minus before it.
    Negative(Formula),
    /// Factors in the loss language.
    Product(Vec<Formula>),
    Quotient(Formula, Formula),
    Power(Formula, Formula),
    /// A matrix with its rows and columns exchanged.
    Transposed(Formula),
    /// The product of two matrices.
    MatrixProduct(Formula, Formula),
    /// A function of the loss language.
    Call(&'static str, Vec<Formula>),
    /// A literal array.
    List(Vec<Formula>),
    /// Several in parentheses, as the entries of θ.
    Tuple(Vec<Formula>),
    /// Factors beside each other, as a coefficient and its elementary differential.
    Beside(Vec<Formula>),
    /// A letter of ours.
    Letter(Letter),
    /// A written elementary differential.
    Marks(Vec<Mark>),
    /// So many Hessians before something.
    Hessians(usize, Formula),
    /// The derivative of this many arguments, third or higher, contracted with them.
    Contraction(Vec<Formula>),
    /// A derivative along blocks contracted with arguments.
    Contracted(Formula, Vec<Formula>),
    /// An entry of the derivative of the loss of this order, by these entries of θ.
    Partial(usize, Vec<Formula>),
    /// The derivative along a field of something.
    Lie(Formula, Formula),
    /// The coefficient of a power of the step size in something.
    Coefficient(Formula, Formula),
    /// One of our functions at a place.
    Applied(Formula, Formula),
    /// A component of the n-th field or of one of its parts, the principal one or the other.
    Component {
        n: usize,
        principal: Option<bool>,
        of: Formula,
    },
    /// Two sides and `=`, `<`, `≤` or `≥` between them.
    Relation(Formula, char, Formula),
    /// The sum of a term over what meets a condition.
    Summed(Formula, Formula),
    /// Something by an index below it.
    Indexed(Formula, Formula),
    /// What is beyond all numbers.
    Infinity,
}

/// How tightly a formula binds, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binding {
    /// A sum: terms with their signs.
    Sum,
    /// A product or the like with a minus before it.
    Negative,
    /// A product or a quotient.
    Product,
    /// A power.
    Power,
    /// A number, a name, a call.
    Atom,
}

impl Formula {
    pub(crate) fn new(node: Node) -> Self {
        Self(Arc::new(node))
    }

    pub(crate) fn node(&self) -> &Node {
        &self.0
    }

    /// Whether it is this number.
    #[must_use]
    pub fn is_number(&self, digits: &str) -> bool {
        matches!(self.node(), Node::Number(own) if own == digits)
    }

    /// Whether a minus stands before the whole, and the rest.
    ///
    /// ```
    /// use shadowflow::formula::Formula;
    /// let x = Formula::name("x");
    /// assert_eq!(x.clone().negated().signed(), (true, x.clone()));
    /// let sum = Formula::sum(vec![(true, x.clone()), (false, x)]);
    /// assert_eq!(sum.signed(), (false, sum));
    /// ```
    #[must_use]
    pub fn signed(&self) -> (bool, Self) {
        match self.node() {
            Node::Negative(size) => (true, size.clone()),
            _ => (false, self.clone()),
        }
    }

    /// The terms of a sum, each with whether it is subtracted; the only one of anything else.
    #[must_use]
    pub fn terms(&self) -> Vec<(bool, Self)> {
        match self.node() {
            Node::Sum { terms, .. } => terms.clone(),
            _ => vec![self.signed()],
        }
    }

    /// How tightly it binds in the loss language and in text.
    #[must_use]
    pub fn binding(&self) -> Binding {
        match self.node() {
            Node::Sum { .. } | Node::Relation(..) => Binding::Sum,
            Node::Negative(_) => Binding::Negative,
            Node::Product(_)
            | Node::Quotient(..)
            | Node::MatrixProduct(..)
            | Node::Beside(_)
            | Node::Marks(_)
            | Node::Hessians(..)
            | Node::Coefficient(..)
            | Node::Summed(..) => Binding::Product,
            Node::Power(..) => Binding::Power,
            Node::Number(_)
            | Node::Name(_)
            | Node::Entry(..)
            | Node::Call(..)
            | Node::Transposed(_)
            | Node::List(_)
            | Node::Tuple(_)
            | Node::Letter(_)
            | Node::Contraction(_)
            | Node::Partial(..)
            | Node::Contracted(..)
            | Node::Lie(..)
            | Node::Applied(..)
            | Node::Indexed(..)
            | Node::Infinity
            | Node::Component { .. } => Binding::Atom,
        }
    }
}

/// A term with whether it is subtracted, alone.
impl From<(bool, Formula)> for Formula {
    fn from((negative, term): (bool, Formula)) -> Self {
        if negative { term.negated() } else { term }
    }
}

impl From<Symbol> for Formula {
    fn from(symbol: Symbol) -> Self {
        Letter::Plain(symbol).into()
    }
}

impl From<Letter> for Formula {
    fn from(letter: Letter) -> Self {
        Self::new(Node::Letter(letter))
    }
}

/// As text: in the loss language where that can say what is written.
impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(self, Binding::Sum, &Plain::beside(&Symbols::default()), f)
    }
}

impl fmt::Debug for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
