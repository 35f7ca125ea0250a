//! Polynomials in the step number over any algebra: what the trajectory of an optimizer is made of, order by order.

use crate::expr::{Algebra, Function};
use crate::number::Rational;

/// A polynomial in the step number s: its coefficients by powers of s, `None` for zero.
#[derive(Debug, Clone)]
pub(super) struct Steps<V>(Vec<Option<V>>);

impl<V> Steps<V> {
    pub(super) fn zero() -> Self {
        Self(Vec::new())
    }

    pub(super) fn constant(value: V) -> Self {
        Self(vec![Some(value)])
    }

    pub(super) fn from_coefficients(coefficients: Vec<Option<V>>) -> Self {
        Self(coefficients)
    }

    /// One more than the degree, or more.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The coefficient of `s^power`.
    pub(super) fn coefficient(&self, power: usize) -> Option<&V> {
        self.0.get(power)?.as_ref()
    }

    fn terms(&self) -> impl Iterator<Item = (usize, &V)> {
        self.0.iter().enumerate().filter_map(|(i, v)| Some((i, v.as_ref()?)))
    }

    /// The same polynomial with every coefficient mapped; what becomes `None` is zero.
    pub(super) fn filter_map(self, mut map: impl FnMut(V) -> Option<V>) -> Self {
        Self(self.0.into_iter().map(|v| v.and_then(&mut map)).collect())
    }
}

/// The algebra of polynomials in the step number over another algebra.
///
/// At order 0 in h the iterates do not depend on the step, so that functions and powers other than squares, which series take
/// of leading coefficients only, are taken of constants.
#[derive(Debug)]
pub(super) struct StepAlgebra<'a, A>(pub(super) &'a mut A);

impl<A: Algebra> StepAlgebra<'_, A> {
    fn leading(&mut self, a: &Steps<A::Value>) -> A::Value {
        debug_assert!(a.len() <= 1, "leading coefficients do not depend on the step");
        a.coefficient(0).cloned().unwrap_or_else(|| self.0.rational(&Rational::ZERO))
    }

    /// Adds a term to the coefficient of `s^power`.
    pub(super) fn accumulate(&mut self, sum: &mut Steps<A::Value>, power: usize, term: A::Value) {
        if sum.0.len() <= power {
            sum.0.resize_with(power + 1, || None);
        }
        sum.0[power] = Some(match sum.0[power].take() {
            Some(s) => self.0.add(&s, &term),
            None => term,
        });
    }

    fn square(&mut self, a: &Steps<A::Value>) -> Steps<A::Value> {
        let mut sum = Steps::zero();
        let terms: Vec<(usize, &A::Value)> = a.terms().collect();
        for (n, (i, x)) in terms.iter().enumerate() {
            for (j, y) in &terms[n + 1..] {
                let product = self.0.mul(x, y);
                self.accumulate(&mut sum, i + j, product);
            }
        }
        let two = Rational::from(2);
        let mut sum = self.scale(&two, &sum);
        for (i, x) in terms {
            let product = self.0.pow(x, &two);
            self.accumulate(&mut sum, 2 * i, product);
        }
        sum
    }
}

impl<A: Algebra> Algebra for StepAlgebra<'_, A> {
    type Value = Steps<A::Value>;

    fn rational(&mut self, q: &Rational) -> Self::Value {
        Steps::constant(self.0.rational(q))
    }
    fn pi(&mut self) -> Self::Value {
        Steps::constant(self.0.pi())
    }
    fn add(&mut self, a: &Self::Value, b: &Self::Value) -> Self::Value {
        let (longer, shorter) = if a.len() >= b.len() { (a, b) } else { (b, a) };
        let mut sum = longer.clone();
        for (i, y) in shorter.terms() {
            sum.0[i] = Some(match (a.coefficient(i), b.coefficient(i)) {
                (Some(x), Some(y)) => self.0.add(x, y),
                _ => y.clone(),
            });
        }
        sum
    }
    fn mul(&mut self, a: &Self::Value, b: &Self::Value) -> Self::Value {
        let mut sum = Steps::zero();
        for (i, x) in a.terms() {
            for (j, y) in b.terms() {
                let product = self.0.mul(x, y);
                self.accumulate(&mut sum, i + j, product);
            }
        }
        sum
    }
    fn scale(&mut self, q: &Rational, a: &Self::Value) -> Self::Value {
        Steps(a.0.iter().map(|x| x.as_ref().map(|x| self.0.scale(q, x))).collect())
    }
    fn pow(&mut self, a: &Self::Value, exponent: &Rational) -> Self::Value {
        if a.len() > 1 && *exponent == Rational::from(2) {
            return self.square(a);
        }
        let a = self.leading(a);
        Steps::constant(self.0.pow(&a, exponent))
    }
    fn apply(&mut self, function: Function, a: &Self::Value) -> Self::Value {
        let a = self.leading(a);
        Steps::constant(self.0.apply(function, &a))
    }
    fn logsumexp(&mut self, terms: &[Self::Value]) -> Self::Value {
        let terms: Vec<A::Value> = terms.iter().map(|t| self.leading(t)).collect();
        Steps::constant(self.0.logsumexp(&terms))
    }
    fn is_zero(&self, a: &Self::Value) -> bool {
        a.terms().all(|(_, x)| self.0.is_zero(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Exact;

    fn steps(coefficients: &[i64]) -> Steps<Rational> {
        Steps::from_coefficients(coefficients.iter().map(|c| (*c != 0).then(|| Rational::from(*c))).collect())
    }

    fn numbers(p: &Steps<Rational>) -> Vec<i64> {
        (0..p.len()).map(|i| p.coefficient(i).and_then(Rational::to_i64).unwrap_or(0)).collect()
    }

    #[test]
    fn they_add_and_multiply_as_polynomials() {
        let mut exact = Exact::default();
        let mut algebra = StepAlgebra(&mut exact);
        let (a, b) = (steps(&[1, 0, 2]), steps(&[0, 3]));
        assert_eq!(numbers(&algebra.add(&a, &b)), [1, 3, 2]);
        assert_eq!(numbers(&algebra.mul(&a, &b)), [0, 3, 0, 6]);
        assert_eq!(numbers(&algebra.sub(&b, &a)), [-1, 3, -2]);
        let (two, a) = (Rational::from(2), steps(&[1, -1, 2]));
        let product = algebra.mul(&a, &a);
        assert_eq!(numbers(&algebra.pow(&a, &two)), numbers(&product));
        assert!(algebra.is_zero(&Steps::zero()) && !algebra.is_zero(&b));
    }
}
