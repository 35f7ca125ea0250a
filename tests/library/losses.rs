//! Losses from their text, and drawn at random.

use proptest::prelude::*;
use shadowflow::expr::{Expression, Polynomial, Pool, SeriesTape, Shape, Tape};
use shadowflow::loss::{Loss, Options};
use shadowflow::number::Rational;

/// What a random expression of the loss language is made of; `{}` stands for a smaller one.
pub(crate) struct Words {
    pub(crate) leaves: &'static [&'static str],
    pub(crate) functions: &'static [&'static str],
    /// What a function is of.
    pub(crate) argument: &'static str,
    pub(crate) operators: &'static [&'static str],
    pub(crate) exponents: &'static [&'static str],
    pub(crate) others: &'static [&'static str],
}

impl Words {
    /// Expressions nested so deep, and of about so many leaves.
    pub(crate) fn expressions(&self, depth: u32, size: u32) -> impl Strategy<Value = String> + use<> {
        let &Self { leaves, functions, argument, operators, exponents, others } = self;
        let leaf = prop_oneof![
            4 => prop::sample::select(leaves).prop_map(str::to_owned),
            1 => (1..30_i32, 1..9_i32).prop_map(|(p, q)| format!("{p}/{q}")),
        ];
        leaf.prop_recursive(depth, size, 2, move |inner| {
            let pair = (inner.clone(), inner.clone());
            prop_oneof![
                (inner.clone(), prop::sample::select(operators), inner.clone())
                    .prop_map(|(a, operator, b)| format!("({a}) {operator} ({b})")),
                (prop::sample::select(functions), inner.clone())
                    .prop_map(move |(f, a)| format!("{f}({})", argument.replace("{}", &a))),
                (inner.clone(), prop::sample::select(exponents)).prop_map(|(a, e)| format!("({a})^({e})")),
                (pair, prop::sample::select(others))
                    .prop_map(|((a, b), other)| other.replacen("{}", &a, 1).replacen("{}", &b, 1)),
            ]
        })
    }
}

/// Polynomials in so many variables, of a degree below so much in each, with fewer than so many terms.
pub(crate) fn polynomials(variables: usize, degree: u32, terms: usize) -> impl Strategy<Value = Polynomial> {
    let term = (prop::collection::vec(0..degree, variables), -9i64..10, 1i64..5);
    prop::collection::vec(term, 1..terms).prop_map(move |terms| {
        Polynomial::from_terms(variables, terms.into_iter().map(|(e, n, d)| (e, Rational::new(n, d))))
    })
}

/// The polynomial as a loss.
pub(crate) fn as_loss(polynomial: &Polynomial) -> Expression {
    let mut pool = Pool::new();
    pool.declare_parameter("w", Shape::vector(polynomial.variables()));
    let theta = pool.theta();
    let loss = polynomial.to_expression(&mut pool, &theta);
    Expression::new(pool, loss)
}

/// A loss from its text.
pub(crate) fn parsed(text: &str) -> Expression {
    Loss::parse(text, "test.loss", &Options::default()).unwrap().expression
}

/// A tape of the gradient, prepared for series.
pub(crate) fn gradient(loss: &Expression) -> SeriesTape {
    let mut pool = loss.pool().clone();
    let gradient = pool.gradient_entries(loss.id());
    SeriesTape::new(&Tape::new(&pool, &gradient))
}
