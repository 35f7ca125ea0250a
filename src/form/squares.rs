//! Polynomials as sums of squares and of parts that share no variable: `(x - u)^2 + (y - v)^2` for `x^2 - 2*x*u + u^2 + y^2 - 2*y*v + v^2`.

use crate::expr::Polynomial;
use crate::formula::Formula;
use crate::number::{Coefficient, Rational};

/// The most terms that are looked at.
const MAX_TERMS: usize = 40;

/// A polynomial as such a sum; nothing where it is a sum already, or one square.
pub(super) fn squares(p: &Polynomial, variables: &[Formula]) -> Option<Formula> {
    if p.len() > MAX_TERMS || p.len() < 3 {
        return None;
    }
    let mut terms: Vec<(bool, Formula)> = Vec::new();
    let mut rest = p.clone();
    // Lagrange's reduction: a x² + b x + c = (2 a x + b)²/(4 a) + c − b²/(4 a).
    while let Some((square, number, left)) = (0..p.variables()).find_map(|k| square(&rest, k)) {
        let number = number.formula();
        let (minus, term) = number.with_factors(vec![square.formula(variables).power(2)]).signed();
        terms.push((minus, term));
        rest = left;
    }
    let parts = parts(&rest);
    if terms.is_empty() && parts.len() < 2 {
        return None;
    }
    for part in parts {
        let factored = part.factored().formula(variables);
        terms.extend(factored.terms());
    }
    Some(Formula::sum(terms))
}

/// The square of a polynomial that is linear in a variable, the number before it, and what is left, if that has fewer terms by two or more.
fn square(p: &Polynomial, k: usize) -> Option<(Polynomial, Rational, Polynomial)> {
    let lead = p.terms().filter(|(e, _)| e[k] > 1).collect::<Vec<_>>();
    let [(e, a)] = &*lead else { return None };
    if e.iter().sum::<u32>() != 2 {
        return None;
    }
    let slope = p.derivative(k);
    if slope.len() < 2 {
        return None;
    }
    let content = (*a * &Rational::from(2)).recip()?;
    let linear = slope.scaled(&content);
    // Whole coefficients: (x + b)² for those that are, (2 x + b)²/4 for others.
    let below =
        linear.terms().fold(num_bigint::BigInt::from(1), |l, (_, c)| num_integer::Integer::lcm(&l, &c.denominator()));
    let below = Rational::from_bigints(below, 1.into())?;
    let whole = linear.scaled(&below);
    let number = (*a).checked_div(&below.pow(2)?)?;
    let left = p.minus(&whole.power(2, MAX_TERMS * MAX_TERMS).ok()?.scaled(&number));
    (left.len() + 2 <= p.len()).then_some((whole, number, left))
}

/// Exponents with their coefficients.
type Terms = Vec<(Vec<u32>, Rational)>;

/// The parts of a polynomial that share no variable with each other; the constant is one of its own.
fn parts(p: &Polynomial) -> Vec<Polynomial> {
    let mut groups: Vec<(Vec<bool>, Terms)> = Vec::new();
    for (e, c) in p.terms() {
        let mut read: Vec<bool> = e.iter().map(|e| *e > 0).collect();
        let mut terms = vec![(e.to_vec(), c.clone())];
        let shares = |(own, _): &(Vec<bool>, Vec<_>)| own.iter().zip(&read).any(|(a, b)| *a && *b);
        let (mut joined, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(shares);
        for (own, other) in joined.drain(..).rev() {
            read.iter_mut().zip(own).for_each(|(a, b)| *a |= b);
            terms.splice(0..0, other);
        }
        groups = apart;
        groups.push((read, terms));
    }
    groups.into_iter().map(|(_, terms)| Polynomial::from_terms(p.variables(), terms)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polynomial(terms: &[([u32; 4], i64)]) -> Polynomial {
        Polynomial::from_terms(4, terms.iter().map(|(e, c)| (*e, Rational::from(*c))))
    }

    fn written(terms: &[([u32; 4], i64)]) -> Option<String> {
        squares(&polynomial(terms), &["x", "y", "u", "v"].map(Formula::name)).map(|f| f.to_string())
    }

    #[test]
    fn distances_are_sums_of_squares() {
        // x² − 2xu + u² + y² − 2yv + v².
        let distance = [
            ([2, 0, 0, 0], 1),
            ([1, 0, 1, 0], -2),
            ([0, 0, 2, 0], 1),
            ([0, 2, 0, 0], 1),
            ([0, 1, 0, 1], -2),
            ([0, 0, 0, 2], 1),
        ];
        assert_eq!(written(&distance).as_deref(), Some("(x - u)^2 + (y - v)^2"));
        // 3x² − 6x + 3 + y = 3(x − 1)² + y.
        let line = [([2, 0, 0, 0], 3), ([1, 0, 0, 0], -6), ([0, 0, 0, 0], 3), ([0, 1, 0, 0], 1)];
        assert_eq!(written(&line).as_deref(), Some("3*(x - 1)^2 + y"));
    }

    #[test]
    fn parts_have_factors_of_their_own() {
        // x²y − x² + u⁴ − 3: x and y together, u alone, the number; by degree.
        let terms = [([2, 1, 0, 0], 1), ([2, 0, 0, 0], -1), ([0, 0, 4, 0], 1), ([0, 0, 0, 0], -3)];
        assert_eq!(written(&terms).as_deref(), Some("u^4 + x^2*(y - 1) - 3"));
        assert_eq!(written(&[([1, 1, 0, 0], 1), ([1, 0, 1, 0], 2), ([1, 0, 0, 0], 5)]), None);
    }
}
