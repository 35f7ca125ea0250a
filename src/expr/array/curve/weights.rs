//! Exact numbers by powers of the step number.

use super::terms::Terms;
use crate::expr::{Id, Pool};
use crate::number::Rational;

/// A number `a + b√d`: its rational parts. What `√d` is, is known where it is used.
pub type Weight = (Rational, Rational);

/// Exact numbers by powers of the step number s: a polynomial, or a linear functional `L` of polynomials by its values at `s^0, s^1, …`.
///
/// ```
/// use shadowflow::expr::Weights;
/// use shadowflow::number::Rational;
/// // The coefficient of s².
/// let square = Weights::new([0, 0, 1].map(Rational::from).to_vec());
/// assert_eq!(square.at(2), (Rational::ONE, Rational::ZERO));
/// assert_eq!(square.at(7), (Rational::ZERO, Rational::ZERO));
/// ```
#[derive(Debug, Clone)]
pub struct Weights {
    values: Vec<Weight>,
    root: Option<Id>,
}

impl Weights {
    /// Rational numbers.
    #[must_use]
    pub fn new(values: Vec<Rational>) -> Self {
        Self { values: values.into_iter().map(|a| (a, Rational::ZERO)).collect(), root: None }
    }

    /// Numbers `a + b√d`, `√d` being a scalar expression.
    #[must_use]
    pub fn with_root(values: Vec<Weight>, root: Option<Id>) -> Self {
        Self { values, root }
    }

    /// How many powers have a number.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The number at a power of s; 0 beyond those given.
    #[must_use]
    pub fn at(&self, power: usize) -> Weight {
        self.values.get(power).cloned().unwrap_or((Rational::ZERO, Rational::ZERO))
    }

    /// Adds a multiple of an expression to a sum.
    pub(super) fn push(&self, pool: &mut Pool, terms: &mut Terms, (a, b): &Weight, id: Id) {
        match self.root.filter(|_| !b.is_zero()) {
            Some(root) => {
                let (a, scaled) = (pool.constant(a.clone()), pool.scaled(b, root));
                let number = pool.add(a, scaled);
                let product = pool.mul(number, id);
                terms.push(pool, &Rational::ONE, product);
            }
            None => terms.push(pool, a, id),
        }
    }

    /// `L(Σ s^{a+b} x_a y_b)` for any product of arrays, as terms of a sum.
    ///
    /// It is a bilinear form of the arrays that are no multiples of each other, and takes as many products as there are on the side
    /// with fewer of them.
    pub(super) fn product(
        &self,
        pool: &mut Pool,
        x: &[Option<Id>],
        y: &[Option<Id>],
        mut multiply: impl FnMut(&mut Pool, Id, Id) -> Id,
    ) -> Vec<Id> {
        let (left, right) = (bases(pool, x), bases(pool, y));
        let swapped = right.len() < left.len();
        let (outer, inner) = if swapped { (&right, &left) } else { (&left, &right) };
        let mut products = Vec::with_capacity(outer.len());
        for (x, p) in outer {
            let mut terms = Terms::default();
            for (y, q) in inner {
                let weight = self.of_product(p, q);
                self.push(pool, &mut terms, &weight, *y);
            }
            if let Some(sum) = terms.sum(pool) {
                products.push(if swapped { multiply(pool, sum, *x) } else { multiply(pool, *x, sum) });
            }
        }
        products
    }

    /// `L` of the product of two polynomials with rational coefficients, by powers of s.
    fn of_product(&self, p: &[(usize, Rational)], q: &[(usize, Rational)]) -> Weight {
        let mut sum = (Rational::ZERO, Rational::ZERO);
        for (i, x) in p {
            for (j, y) in q {
                let (product, (a, b)) = (x * y, self.at(i + j));
                sum.0 += &(&product * &a);
                sum.1 += &(&product * &b);
            }
        }
        sum
    }
}

/// The arrays of which coefficients are multiples, each with its polynomial in s.
fn bases(pool: &Pool, coefficients: &[Option<Id>]) -> Vec<(Id, Vec<(usize, Rational)>)> {
    let mut bases: Vec<(Id, Vec<(usize, Rational)>)> = Vec::new();
    for (power, id) in coefficients.iter().enumerate().filter_map(|(power, id)| Some((power, (*id)?))) {
        let (factor, base) = pool.split_factor(id);
        match bases.iter_mut().find(|(known, _)| *known == base) {
            Some((_, polynomial)) => polynomial.push((power, factor)),
            None => bases.push((base, vec![(power, factor)])),
        }
    }
    bases
}
