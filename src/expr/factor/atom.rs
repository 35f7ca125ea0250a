//! Functions and roots as variables, and the expressions that are collected over them.

use super::relations::Relation;
use super::{Factored, RationalFunction};
use crate::expr::{Function, Polynomial};
use crate::formula::Formula;
use crate::number::{Coefficient, Rational};

/// A function or a root that counts as a variable of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Atom {
    /// π.
    Pi,
    /// A function of something.
    Call(Function, RationalFunction),
    /// Something to a power between 0 and 1, whose numerator is 1.
    Root(RationalFunction, Rational),
    /// `log Σ exp` of some.
    LogSumExp(Vec<RationalFunction>),
}

impl Atom {
    /// The atom as it is written, with these for the variables.
    #[must_use]
    pub fn formula(&self, variables: &[Formula]) -> Formula {
        self.formula_of(&self.factored(), variables)
    }

    /// The numerators of its arguments in factors, those multiplied out that are shorter so, when each variable is a name.
    #[must_use]
    pub fn factored(&self) -> Vec<Factored> {
        let arguments = self.arguments().into_iter();
        arguments.map(|f| f.factored(&[]).shortened(&vec![1; f.variables()])).collect()
    }

    /// [`Atom::formula`] with these for the numerators of the arguments.
    ///
    /// # Panics
    /// If there are fewer numerators than arguments, or fewer formulas than variables.
    #[must_use]
    pub fn formula_of(&self, numerators: &[Factored], variables: &[Formula]) -> Formula {
        let arguments = self.arguments().into_iter().zip(numerators);
        let mut written: Vec<Formula> = arguments.map(|(f, numerator)| f.formula_of(numerator, variables)).collect();
        match self {
            Self::Pi => Formula::name("pi"),
            Self::Call(function, _) => Formula::call(function.name(), written),
            Self::Root(_, exponent) if *exponent == Rational::new(1, 2) => Formula::call("sqrt", written),
            Self::Root(_, exponent) => written.remove(0).raised(exponent.formula()),
            Self::LogSumExp(_) => Formula::call("logsumexp", vec![Formula::list(written)]),
        }
    }
}

/// Expressions as [`RationalFunction`]s: of the entries of θ, then the symbols, then the [atoms](Atom), of which later ones are made of
/// earlier ones.
///
/// Terms are collected and cancelled as those of polynomials are, so that a quotient may exist where the expression divides 0 by 0; it
/// has the expression's value wherever that has one.
///
/// ```
/// use shadowflow::expr::{Collected, Function, Pool, Shape};
/// let mut pool = Pool::new();
/// let (x, y) = (pool.declare_parameter("x", Shape::scalar()), pool.declare_parameter("y", Shape::scalar()));
/// let tanh = pool.apply(Function::Tanh, x);
/// let square = pool.mul(tanh, tanh);
/// let (up, down) = (pool.mul(square, y), pool.mul(tanh, x));
/// let sum = pool.add(up, down);
/// let quotient = pool.div(sum, y);
/// let collected = Collected::new(&pool, &[quotient], 1000)?;
/// assert_eq!(collected.formulas(&pool)[0].to_string(), "tanh(x)*(y*tanh(x) + x)/y");
/// # Ok::<(), shadowflow::expr::NotPolynomial>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// The expressions, in order.
    pub functions: Vec<RationalFunction>,
    /// What stands for the variables after the entries of θ and the symbols.
    pub atoms: Vec<Atom>,
    /// For every function by what its expression divides anywhere.
    pub(super) poles: Vec<Vec<Polynomial>>,
    /// The same of every atom, and what a tangent divides by.
    pub(super) own: Vec<Vec<Polynomial>>,
    /// Which atoms have squares that are polynomials in others.
    pub(super) relations: Vec<Relation>,
    /// Sums that are factors where the expressions are written.
    pub(super) sums: Vec<Polynomial>,
}

impl From<Vec<RationalFunction>> for Collected {
    /// Functions without atoms.
    fn from(functions: Vec<RationalFunction>) -> Self {
        let poles =
            functions.iter().map(|f| f.denominator().iter().map(|(factor, _)| factor.clone()).collect()).collect();
        Self { functions, atoms: Vec::new(), poles, own: Vec::new(), relations: Vec::new(), sums: Vec::new() }
    }
}
