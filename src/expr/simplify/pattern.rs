//! Rules as data: patterns with sums and products of any number of parts, conditions, and where they are sound.

use super::Domain;
use crate::expr::{Function, Id, Pool};
use crate::number::Rational;
use std::fmt;

/// The names that stand for any expression.
pub(super) const VARIABLES: [&str; 4] = ["a", "b", "c", "d"];
/// The names that stand for any exact number, as factors and exponents.
pub(super) const NUMBERS: [&str; 2] = ["p", "q"];

/// A coefficient or an exponent of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exact {
    /// This number.
    Number(Rational),
    /// Any number, by its index in [`NUMBERS`].
    Variable(usize),
}

/// One side of a rule. Sums and products match in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Any expression, by its index in [`VARIABLES`].
    Variable(usize),
    /// The number π.
    Pi,
    /// A number plus multiples of terms; a number alone has no terms.
    Sum(Rational, Vec<(Exact, Pattern)>),
    /// A product of powers.
    Product(Vec<(Exact, Pattern)>),
    /// A function's value.
    Apply(Function, Box<Pattern>),
}

/// How a value stands to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `!=`
    Not,
}

impl Relation {
    /// As it is written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Relation::Above => ">",
            Relation::AtLeast => ">=",
            Relation::Below => "<",
            Relation::AtMost => "<=",
            Relation::Not => "!=",
        }
    }

    /// Whether it holds between two numbers.
    #[must_use]
    pub fn holds(self, a: &Rational, b: &Rational) -> bool {
        match self {
            Relation::Above => a > b,
            Relation::AtLeast => a >= b,
            Relation::Below => a < b,
            Relation::AtMost => a <= b,
            Relation::Not => a != b,
        }
    }
}

/// What a rule asks for before it may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The variable at this index stands in this relation to a number, and is real unless the relation is `!=`.
    Value(usize, Relation, Rational),
    /// The number variable at this index is an integer.
    Integer(usize),
    /// The number variable at this index is above zero.
    PositiveNumber(usize),
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Value(v, relation, at) => write!(f, "{} {} {at}", VARIABLES[*v], relation.symbol()),
            Condition::Integer(n) => write!(f, "{} is integer", NUMBERS[*n]),
            Condition::PositiveNumber(n) => write!(f, "{} > 0", NUMBERS[*n]),
        }
    }
}

/// One law by which expressions may be rewritten: where the conditions hold, both sides exist at the same points and are
/// equal there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    pub(super) left: Pattern,
    pub(super) right: Pattern,
    /// What must be known.
    pub conditions: Vec<Condition>,
    /// Where it is sound: on the real line only, or on the complex plane, principal branches, too.
    pub sound: Domain,
    /// Its line in the file, from 1.
    pub line: usize,
}

impl Rule {
    /// How many expression variables and how many number variables sides may read.
    pub const ARITY: (usize, usize) = (VARIABLES.len(), NUMBERS.len());

    /// Both sides as expressions, with expressions and numbers in place of the variables.
    ///
    /// # Panics
    /// If there are fewer than [`Rule::ARITY`] of either.
    pub fn sides(&self, pool: &mut Pool, variables: &[Id], numbers: &[Rational]) -> (Id, Id) {
        (self.left.build(pool, variables, numbers), self.right.build(pool, variables, numbers))
    }
}

impl Pattern {
    /// The pattern as an expression; patterns are as deep as the rule file nests them.
    fn build(&self, pool: &mut Pool, variables: &[Id], numbers: &[Rational]) -> Id {
        let number = |e: &Exact| match e {
            Exact::Number(q) => q.clone(),
            Exact::Variable(n) => numbers[*n].clone(),
        };
        match self {
            Pattern::Variable(v) => variables[*v],
            Pattern::Pi => pool.pi(),
            Pattern::Sum(constant, terms) => {
                let mut sum = pool.constant(constant.clone());
                for (c, term) in terms {
                    let term = term.build(pool, variables, numbers);
                    let term = pool.scaled(&number(c), term);
                    sum = pool.add(sum, term);
                }
                sum
            }
            Pattern::Product(factors) => {
                let mut product = pool.integer(1);
                for (e, factor) in factors {
                    let factor = factor.build(pool, variables, numbers);
                    let factor = pool.pow(factor, &number(e));
                    product = pool.mul(product, factor);
                }
                product
            }
            Pattern::Apply(f, a) => {
                let a = a.build(pool, variables, numbers);
                pool.apply(*f, a)
            }
        }
    }

    /// The variables and number variables that occur, as bits.
    pub(super) fn variables(&self) -> (u8, u8) {
        let of = |parts: &[(Exact, Pattern)]| {
            parts.iter().fold((0, 0), |(v, n), (e, p)| {
                let (w, m) = p.variables();
                let own = if let Exact::Variable(k) = e { 1 << k } else { 0 };
                (v | w, n | m | own)
            })
        };
        match self {
            Pattern::Variable(v) => (1 << v, 0),
            Pattern::Pi => (0, 0),
            Pattern::Sum(_, parts) | Pattern::Product(parts) => of(parts),
            Pattern::Apply(_, a) => a.variables(),
        }
    }
}
