//! Polynomials as text and as expressions, expanded or by Horner's scheme.

use super::print::written_powers;
use super::{Id, Polynomial, Pool};
use crate::formula::Formula;
use crate::number::{Coefficient, Rational};

/// Exponents and coefficients on the way through Horner's scheme.
type Terms = Vec<(Vec<u32>, Rational)>;

enum Step {
    Expand(Terms),
    /// `variable^exponent · first + second`, the second being there or not.
    Combine(usize, u32, bool),
}

impl Polynomial {
    /// The polynomial as it is written, such as `2*x^3*y - 1/2*y + 1`, with these for its variables.
    ///
    /// # Panics
    /// If there are fewer of these than variables.
    #[must_use]
    pub fn formula(&self, variables: &[Formula]) -> Formula {
        let term = |(exponents, c): (&[u32], &Rational)| {
            let (negative, size) = c.formula().signed();
            let number = (!size.is_number("1")).then_some(size);
            let powers = exponents
                .iter()
                .enumerate()
                .filter(|(_, e)| **e > 0)
                .flat_map(|(k, e)| written_powers(&variables[k], u64::from(*e)));
            (negative, Formula::product(number.into_iter().chain(powers).collect()))
        };
        let mut terms: Vec<(bool, Formula)> = self.terms().map(term).collect();
        // `1 - x`, not `-x + 1`.
        if let [(true, _), (false, _)] = *terms {
            terms.reverse();
        }
        Formula::sum(terms)
    }

    /// The polynomial in the loss language with these names of variables.
    ///
    /// # Panics
    /// If there are fewer names than variables.
    #[must_use]
    pub fn to_text(&self, names: &[String]) -> String {
        self.formula(&names.iter().map(Formula::name).collect::<Vec<_>>()).to_string()
    }

    /// The expanded sum as an expression, with `inputs` in place of the variables.
    ///
    /// # Panics
    /// If there are fewer inputs than variables.
    pub fn to_expression(&self, pool: &mut Pool, inputs: &[Id]) -> Id {
        let mut sum = pool.integer(0);
        for (exponents, c) in self.terms() {
            let term = monomial(pool, exponents, c, inputs);
            sum = pool.add(sum, term);
        }
        sum
    }

    /// The polynomial as an expression with few operations: Horner's scheme, each time in the variable that occurs in
    /// the most terms.
    ///
    /// # Panics
    /// If there are fewer inputs than variables.
    pub fn to_horner(&self, pool: &mut Pool, inputs: &[Id]) -> Id {
        let mut values: Vec<Id> = Vec::new();
        let mut steps = vec![Step::Expand(self.terms().map(|(e, c)| (e.to_vec(), c.clone())).collect())];
        while let Some(step) = steps.pop() {
            match step {
                Step::Combine(variable, exponent, with_rest) => {
                    let zero = pool.integer(0);
                    let rest = if with_rest { values.pop().unwrap_or(zero) } else { zero };
                    let quotient = values.pop().unwrap_or(zero);
                    let power = pool.pow(inputs[variable], &Rational::from(i64::from(exponent)));
                    let product = pool.mul(power, quotient);
                    values.push(pool.add(product, rest));
                }
                Step::Expand(terms) => {
                    let occurrences = |k: usize| terms.iter().filter(|(e, _)| e[k] > 0).count();
                    let most = (0..self.variables()).rev().max_by_key(|k| occurrences(*k));
                    let Some(variable) = most.filter(|k| occurrences(*k) > 1) else {
                        let mut sum = pool.integer(0);
                        for (e, c) in &terms {
                            let term = monomial(pool, e, c, inputs);
                            sum = pool.add(sum, term);
                        }
                        values.push(sum);
                        continue;
                    };
                    let (mut with, without): (Terms, Terms) = terms.into_iter().partition(|(e, _)| e[variable] > 0);
                    let lowest = with.iter().map(|(e, _)| e[variable]).min().unwrap_or(0);
                    for (e, _) in &mut with {
                        e[variable] -= lowest;
                    }
                    steps.push(Step::Combine(variable, lowest, !without.is_empty()));
                    if !without.is_empty() {
                        steps.push(Step::Expand(without));
                    }
                    steps.push(Step::Expand(with));
                }
            }
        }
        values.pop().unwrap_or_else(|| pool.integer(0))
    }
}

/// One term as an expression.
fn monomial(pool: &mut Pool, exponents: &[u32], coefficient: &Rational, inputs: &[Id]) -> Id {
    let mut product = pool.integer(1);
    for (k, e) in exponents.iter().enumerate().filter(|(_, e)| **e > 0) {
        let power = pool.pow(inputs[k], &Rational::from(i64::from(*e)));
        product = pool.mul(product, power);
    }
    pool.scaled(coefficient, product)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Polynomials, Shape, Tape};

    fn names(n: usize) -> Vec<String> {
        ["x", "y", "z"].iter().take(n).map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn reads_like_a_formula() {
        let p = |terms: &[([u32; 2], Rational)]| Polynomial::from_terms(2, terms.iter().cloned()).to_text(&names(2));
        assert_eq!(p(&[]), "0");
        assert_eq!(p(&[([0, 0], (-3).into())]), "-3");
        assert_eq!(p(&[([0, 0], 1.into()), ([1, 0], (-1).into())]), "1 - x");
        assert_eq!(p(&[([0, 2], Rational::new(-1, 2)), ([1, 1], 1.into())]), "x*y - 1/2*y^2");
    }

    #[test]
    fn expressions_expand_to_the_polynomial_again() {
        let mut pool = Pool::new();
        for name in names(3) {
            pool.declare_parameter(&name, Shape::scalar());
        }
        let theta = pool.theta();
        let mut terms = Vec::new();
        for k in 0..60i64 {
            let e = |m: i64| u32::try_from(k * k * m % 7).unwrap();
            terms.push((vec![e(1), e(3), e(5)], Rational::new(k - 20, 1 + k % 5)));
        }
        let p = Polynomial::from_terms(3, terms);
        let roots = [p.to_expression(&mut pool, &theta), p.to_horner(&mut pool, &theta)];
        let expanded = Polynomials::new(3, 1000).expand(&Tape::new(&pool, &roots), 3).unwrap();
        assert_eq!(expanded, [p.clone(), p]);
        let operations = |root| Tape::new(&pool, &[root]).ops.len();
        assert!(operations(roots[1]) < operations(roots[0]));
        let zero = Polynomial::zero(3).to_horner(&mut pool, &theta);
        assert!(pool.is_zero(zero));
    }
}
