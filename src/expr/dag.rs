//! The DAG as an algebra: walks over a tape that build expressions.

use super::{Algebra, Function, Id, Pool};
use crate::number::Rational;

/// The algebra whose elements are scalar expressions of a pool: series over it have expressions as coefficients.
///
/// ```
/// use shadowflow::expr::{Algebra, DagAlgebra, Pool, Shape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let mut algebra = DagAlgebra(&mut pool);
/// let square = algebra.mul(&x, &x);
/// assert_eq!(square, pool.pow(x, &2.into()));
/// ```
#[derive(Debug)]
pub struct DagAlgebra<'a>(pub &'a mut Pool);

impl Algebra for DagAlgebra<'_> {
    type Value = Id;

    fn rational(&mut self, q: &Rational) -> Id {
        self.0.constant(q.clone())
    }
    fn pi(&mut self) -> Id {
        self.0.pi()
    }
    fn add(&mut self, a: &Id, b: &Id) -> Id {
        self.0.add(*a, *b)
    }
    fn mul(&mut self, a: &Id, b: &Id) -> Id {
        self.0.mul(*a, *b)
    }
    fn scale(&mut self, q: &Rational, a: &Id) -> Id {
        self.0.scaled(q, *a)
    }
    fn pow(&mut self, a: &Id, exponent: &Rational) -> Id {
        self.0.pow(*a, exponent)
    }
    fn apply(&mut self, function: Function, a: &Id) -> Id {
        self.0.apply(function, *a)
    }
    fn logsumexp(&mut self, terms: &[Id]) -> Id {
        let array = self.0.stack(terms);
        self.0.logsumexp(array)
    }
    fn is_zero(&self, a: &Id) -> bool {
        self.0.is_zero(*a)
    }
}
