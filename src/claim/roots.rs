//! Coefficients with square roots of numbers, which lie in a field `Q(√d)`.

use super::Functions;
use crate::number::{Coefficient, Fraction, Monomial, Polynomial, Quadratic, Rational, Scalar};

/// The square root that a name such as `sqrt(2)` stands for.
fn root(name: &str, functions: &Functions) -> Option<Quadratic> {
    match functions.0.get(name) {
        Some(("sqrt", argument)) => of_number(argument),
        Some(_) => None,
        None => square_root(&inside(name)?),
    }
}

/// The square root of a number, if this is one.
pub(super) fn of_number(argument: &Fraction) -> Option<Quadratic> {
    let number = argument.numerator().as_constant().filter(|_| argument.denominator().len() == 0)?;
    square_root(&number)
}

/// `√(p/q) = √(pq)/q`.
fn square_root(number: &Rational) -> Option<Quadratic> {
    let (p, q) = (Rational::from(number.numerator().clone()), Rational::from(number.denominator().clone()));
    let inside = (&p * &q).to_i64().and_then(|n| u32::try_from(n).ok())?;
    Some(Quadratic::sqrt(inside).scaled(&q.recip()?))
}

/// Whether a symbol is the square root of a number.
pub(super) fn is_root(name: &str) -> bool {
    inside(name).is_some()
}

/// The number whose square root a symbol is.
pub(super) fn radicand(name: &str) -> Option<Rational> {
    inside(name)
}

fn inside(name: &str) -> Option<Rational> {
    name.strip_prefix("sqrt(").and_then(|n| n.strip_suffix(')'))?.parse().ok()
}

/// Whether square roots of numbers stand in a number, in its one spelling, so that it is irrational.
pub(super) fn is_irrational(value: &Fraction) -> bool {
    value.numerator().terms().any(|(m, _)| m.factors().any(|(s, _)| is_root(s)))
}

/// Whether a coefficient in its one spelling equals another only where both are written alike: it has no functions, or
/// lies in one field `Q(√d)`.
pub(super) fn is_decided(value: &Fraction, functions: &Functions) -> bool {
    let polynomials = std::iter::once(value.numerator()).chain(value.denominator().map(|(f, _)| f));
    let mut monomials = polynomials.flat_map(|p| p.terms().map(|(m, _)| m));
    !monomials.any(|m| m.factors().any(|(s, _)| s.contains('('))) || evaluated(value, functions).is_some()
}

/// The functions together with the square roots of numbers in these values.
pub(super) fn with_roots(functions: &Functions, values: [&Fraction; 2]) -> Functions {
    let mut all = functions.clone();
    for value in values {
        let polynomials = std::iter::once(value.numerator()).chain(value.denominator().map(|(f, _)| f));
        for (name, _) in polynomials.flat_map(|p| p.terms().map(|(m, _)| m)).flat_map(|m| m.factors()) {
            if let Some(number) = inside(name) {
                all.0.insert(name.to_owned(), ("sqrt", Fraction::from_rational(&number)));
            }
        }
    }
    all
}

/// A coefficient made of numbers and their square roots, in one spelling: `a + b sqrt(d)`; any other as it is.
pub(super) fn canonical(value: &Fraction, functions: &Functions) -> Fraction {
    evaluated(value, functions).map_or_else(|| value.clone(), |q| Scalar::from(q).to_fraction())
}

fn evaluated(value: &Fraction, functions: &Functions) -> Option<Quadratic> {
    let mut radicand = None;
    let polynomials = std::iter::once(value.numerator()).chain(value.denominator().map(|(f, _)| f));
    for (monomial, _) in polynomials.flat_map(Polynomial::terms) {
        for (symbol, _) in monomial.factors() {
            // Roots of two kinds lie in no such field.
            match (root(symbol, functions)?.radicand(), radicand) {
                (Some(d), Some(other)) if d != other => return None,
                (Some(d), _) => radicand = Some(d),
                (None, _) => {}
            }
        }
    }
    let of = |monomial: &Monomial| {
        monomial.factors().try_fold(Quadratic::one(), |product, (symbol, exponent)| {
            let root = root(symbol, functions)?;
            Some((0..exponent).fold(product, |p, _| p.times(&root)))
        })
    };
    let polynomial = |p: &Polynomial| {
        p.terms().try_fold(Quadratic::zero(), |sum, (monomial, q)| Some(sum.plus(&of(monomial)?.scaled(q))))
    };
    let mut result = polynomial(value.numerator())?;
    for (factor, power) in value.denominator() {
        let factor = polynomial(factor)?;
        for _ in 0..power {
            result = result.divided(&factor)?;
        }
    }
    Some(result)
}
