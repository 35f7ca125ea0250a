//! Elementary differentials of a concrete loss, and with them the trees held against the trajectory.

use super::check::{Check, Row};
use crate::concrete::trajectory::{Point, modified_field};
use crate::expr::{Exact, Polynomial, Pool, SeriesTape, Shape, Tape};
use crate::number::{Coefficient, Rational, Scalar};
use crate::series::ModifiedEquation;
use crate::tree::Tree;
use std::collections::HashMap;

/// The elementary differential of a tree at a point: a node with k children is `∇^{k+1}E` contracted with theirs, a leaf is `g`.
///
/// The loss is a polynomial in θ, so that the value is exact. Every derivative is taken by the polynomial's own rule.
///
/// ```
/// use shadowflow::evidence::elementary_differential;
/// use shadowflow::{expr::Polynomial, number::Rational, tree::Tree};
/// // E = x³ at x = 2: g = 12, H = 12, T = 6.
/// let cube = Polynomial::from_terms(1, [([3_u32], Rational::ONE)]);
/// let at = [Rational::from(2)];
/// assert_eq!(elementary_differential(&cube, &Tree::tall(1), &at), [Rational::from(144)]);
/// let fork = Tree::from_levels(&[0, 1, 1]).unwrap();
/// assert_eq!(elementary_differential(&cube, &fork, &at), [Rational::from(864)]);
/// ```
///
/// Source: Hairer, Lubich & Wanner, *Geometric Numerical Integration*, III.1, with f = −∇E and the signs taken out.
///
/// # Panics
/// If `at` has another length than the polynomial has variables.
#[must_use]
pub fn elementary_differential(loss: &Polynomial, tree: &Tree, at: &[Rational]) -> Vec<Rational> {
    Differentials { loss, at, known: HashMap::new() }.of(tree)
}

/// Elementary differentials at one point, each computed once.
struct Differentials<'a> {
    loss: &'a Polynomial,
    at: &'a [Rational],
    known: HashMap<Tree, Vec<Rational>>,
}

impl Differentials<'_> {
    // Recursive in the depth of the tree, at most 256.
    fn of(&mut self, tree: &Tree) -> Vec<Rational> {
        if let Some(value) = self.known.get(tree) {
            return value.clone();
        }
        let dimension = self.at.len();
        let mut tensor: Vec<Polynomial> = (0..dimension).map(|i| self.loss.derivative(i)).collect();
        for child in tree.children() {
            let vector = self.of(&child);
            let contract = |p: &Polynomial| {
                let zero = Polynomial::zero(p.variables());
                (0..dimension).fold(zero, |sum, k| sum.plus(&p.derivative(k).scaled(&vector[k])))
            };
            tensor = tensor.iter().map(contract).collect();
        }
        let value: Vec<Rational> = tensor.iter().map(|p| p.evaluate(self.at)).collect();
        self.known.insert(tree.clone(), value.clone());
        value
    }
}

/// The highest order that [`check_trajectory`] compares: the loss's derivatives end after it.
const REACH: usize = 7;

/// Checks the fields summed over trees against those from the trajectory as a polynomial in the step number, which knows
/// no trees, on a polynomial loss in two parameters with derivatives to the eighth that do not vanish; exactly.
#[must_use]
pub fn check_trajectory(route: &str, equation: &ModifiedEquation, order: usize) -> Check {
    let reached = equation.orders.len().min(order.min(REACH) + 1);
    let loss = specimen();
    let at = [Rational::new(1, 3), Rational::new(-2, 5)];
    let mut pool = Pool::new();
    pool.declare_parameter("w", Shape::vector(2));
    let theta = pool.theta();
    let expression = loss.to_expression(&mut pool, &theta);
    let gradient = pool.gradient_entries(expression);
    let tape = SeriesTape::new(&Tape::new(&pool, &gradient));
    let point = Point { theta: at.to_vec(), symbols: Vec::new() };
    let fields = modified_field(&mut Exact::default(), &tape, &point, reached.saturating_sub(1));
    let mut differentials = Differentials { loss: &loss, at: &at, known: HashMap::new() };
    let mut rows = Vec::new();
    for (n, (terms, field)) in equation.orders.iter().zip(&fields).enumerate().take(reached) {
        let mut sum = vec![Scalar::zero(); at.len()];
        for term in terms {
            for (s, d) in sum.iter_mut().zip(differentials.of(&term.tree)) {
                *s = s.plus(&term.coefficient.scaled(&d));
            }
        }
        for (i, (found, expected)) in sum.iter().zip(field).enumerate() {
            rows.push(Row {
                subject: format!("f_{n}, component {i}"),
                found: found.to_string(),
                expected: expected.to_string(),
                ok: found == &Scalar::from(expected.clone()),
            });
        }
    }
    Check::from_rows("trajectory", &[route, "trajectory"], reached, order, rows, |row| {
        format!("{} by {route} is {}, by the trajectory {}", row.subject, row.found, row.expected)
    })
}

/// `Σ x^a y^b (a + 2b + 1)/(1 + a b)` over all `1 ≤ a + b ≤ 8`.
fn specimen() -> Polynomial {
    let exponents = (0..=8_u32).flat_map(|a| (0..=8 - a).map(move |b| (a, b))).filter(|(a, b)| a + b > 0);
    let term = |(a, b): (u32, u32)| {
        ([a, b], Rational::new(i64::from(a) + 2 * i64::from(b) + 1, 1 + i64::from(a) * i64::from(b)))
    };
    Polynomial::from_terms(2, exponents.map(term))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::order_polynomials;

    #[test]
    fn trees_meet_the_trajectory_and_a_broken_coefficient_does_not() {
        let mut equation = order_polynomials(5);
        let check = check_trajectory("trees", &equation, 5);
        assert!(check.ok, "{}", check.detail);
        assert_eq!(check.compared, 12);
        let broken = &mut equation.orders[4][3].coefficient;
        *broken = broken.plus(&Rational::new(1, 1000).into());
        let broken = check_trajectory("trees", &equation, 5);
        assert!(!broken.ok && broken.detail.contains("f_4"), "{}", broken.detail);
    }
}
