//! Expressions as quotients of polynomials in their inputs and in the functions that occur in them.

use super::RationalFunction;
use super::collector::{Units, collect};
use super::relations::Choice;
use crate::expr::{Function, Id, NotPolynomial, Polynomial, Pool, Tape};
use crate::formula::{Formula, reading_cost};
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
}

impl From<Vec<RationalFunction>> for Collected {
    /// Functions without atoms.
    fn from(functions: Vec<RationalFunction>) -> Self {
        let poles =
            functions.iter().map(|f| f.denominator().iter().map(|(factor, _)| factor.clone()).collect()).collect();
        Self { functions, atoms: Vec::new(), poles, own: Vec::new() }
    }
}

impl Collected {
    /// Collects scalar expressions, every polynomial on the way within `max_terms` terms.
    ///
    /// Identities are used where they make fewer variables: `exp(2*x)` is the square of `exp(x)`, `sigmoid(-x)` is `1 - sigmoid(x)`, roots
    /// to their powers are what is under them, and sine, cosine and tangent of one argument, also the hyperbolic ones, are two of the three:
    /// those that are the least to read.
    ///
    /// # Errors
    /// [`NotPolynomial`] beyond the limit, for products that take too long, and for expressions that read a direction.
    pub fn new(pool: &Pool, roots: &[Id], max_terms: usize) -> Result<Self, NotPolynomial> {
        let all = Self::all(pool, roots, max_terms)?;
        let least = all.into_iter().min_by_key(|collected| collected.cost(pool));
        Ok(least.unwrap_or_else(|| Self {
            functions: Vec::new(),
            atoms: Vec::new(),
            poles: Vec::new(),
            own: Vec::new(),
        }))
    }

    /// The expressions in each choice of functions.
    ///
    /// # Errors
    /// As [`Collected::new`], where no choice succeeds.
    pub(in crate::expr) fn all(pool: &Pool, roots: &[Id], max_terms: usize) -> Result<Vec<Self>, NotPolynomial> {
        let tape = Tape::new(pool, roots);
        let found = Choice::of(&tape).into_iter().map(|choice| {
            let mut units = Units::default();
            let first = collect(pool, &tape, choice, &mut units, max_terms)?;
            // Once more, where what is seen only then says what all exponentials are powers of.
            if units.settle() { collect(pool, &tape, choice, &mut units, max_terms) } else { Ok(first) }
        });
        let (found, failed): (Vec<_>, Vec<_>) = found.partition(Result::is_ok);
        match failed.into_iter().find_map(Result::err) {
            Some(failure) if found.is_empty() => Err(failure),
            _ => Ok(found.into_iter().flatten().collect()),
        }
    }

    /// About what there is to read.
    fn cost(&self, pool: &Pool) -> u64 {
        let variables = self.variables(pool);
        let cost = self.costs(pool);
        let functions = self.functions.iter().map(|f| {
            let short = f.formula_of(&f.factored(&[]).shortened(&cost), &variables);
            reading_cost(&short.to_string()) as u64
        });
        functions.sum()
    }

    /// What there is to read of every variable, at most what a name and its share of a definition take.
    pub(in crate::expr) fn costs(&self, pool: &Pool) -> Vec<u64> {
        let text = |f: &Formula| (reading_cost(&f.to_string()) as u64).clamp(1, 3);
        self.variables(pool).iter().map(text).collect()
    }

    /// The polynomials by which an expression divides and its function does not, and the other way round: unless they vanish nowhere, both exist
    /// at different points.
    pub(in crate::expr) fn changed_poles(&self, k: usize) -> Vec<&Polynomial> {
        let function = &self.functions[k];
        let inputs = function.variables() - self.atoms.len();
        let mut now: Vec<&Polynomial> = function.denominator().iter().map(|(factor, _)| factor).collect();
        let read = |p: &Polynomial| -> Vec<usize> {
            (0..self.atoms.len()).filter(|at| p.terms().any(|(e, _)| e[inputs + at] > 0)).collect()
        };
        let polynomials = || std::iter::once(function.numerator()).chain(function.denominator().iter().map(|(f, _)| f));
        for at in polynomials().flat_map(read) {
            now.extend(&self.own[at]);
        }
        let before = &self.poles[k];
        let gone = before.iter().filter(|p| !now.contains(p));
        gone.chain(now.iter().copied().filter(|p| !before.contains(p))).collect()
    }

    /// The formulas of all variables: those of θ and the symbols, then the atoms, in each of which earlier ones are written out.
    ///
    /// Whoever names an atom puts its name at its place.
    #[must_use]
    pub fn variables(&self, pool: &Pool) -> Vec<Formula> {
        let mut variables = pool.theta_formulas();
        variables.extend(pool.symbols().iter().map(Formula::name));
        let count = self.functions.first().map_or(variables.len(), RationalFunction::variables);
        // Those that no atom has are read nowhere.
        let inputs = variables.len();
        variables.resize(count.max(inputs), Formula::natural(0));
        for (k, atom) in self.atoms.iter().enumerate() {
            variables[inputs + k] = atom.formula(&variables);
        }
        variables
    }

    /// The expressions in factors, numerators and denominators.
    #[must_use]
    pub fn formulas(&self, pool: &Pool) -> Vec<Formula> {
        let variables = self.variables(pool);
        self.functions.iter().map(|f| f.formula(&variables)).collect()
    }
}

impl Atom {
    /// The atom as it is written, with these for the variables.
    #[must_use]
    pub fn formula(&self, variables: &[Formula]) -> Formula {
        match self {
            Self::Pi => Formula::name("pi"),
            Self::Call(function, argument) => Formula::call(function.name(), vec![argument.formula(variables)]),
            Self::Root(base, exponent) if *exponent == Rational::new(1, 2) => {
                Formula::call("sqrt", vec![base.formula(variables)])
            }
            Self::Root(base, exponent) => base.formula(variables).raised(exponent.formula()),
            Self::LogSumExp(terms) => {
                let terms = terms.iter().map(|t| t.formula(variables)).collect();
                Formula::call("logsumexp", vec![Formula::list(terms)])
            }
        }
    }
}
