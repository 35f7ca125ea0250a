//! Values with a square root: an algebra over a quadratic field, for tableaux that have one.

use super::recurrence_field::{Action, added};
use crate::expr::{Algebra, Function};
use crate::number::{Quadratic, Rational};

/// The algebra of pairs `(a, b)` that stand for `a + b√d`; `None` is zero.
///
/// Functions and negative powers are taken of values without a root only, which is all that series need: their leading
/// coefficients are those at θ, and higher ones are sums of products.
#[derive(Debug)]
pub(super) struct WithRoot<'a, A> {
    pub(super) inner: &'a mut A,
    pub(super) radicand: Rational,
}

pub(super) type Pair<V> = (Option<V>, Option<V>);

impl<A: Algebra> WithRoot<'_, A> {
    fn product(&mut self, a: Option<&A::Value>, b: Option<&A::Value>) -> Option<A::Value> {
        a.zip(b).map(|(a, b)| self.inner.mul(a, b))
    }

    fn rational_part(&mut self, a: &Pair<A::Value>) -> A::Value {
        debug_assert!(a.1.is_none(), "leading coefficients have no root");
        a.0.clone().unwrap_or_else(|| self.inner.rational(&Rational::ZERO))
    }
}

impl<A: Algebra> Algebra for WithRoot<'_, A> {
    type Value = Pair<A::Value>;

    fn rational(&mut self, q: &Rational) -> Self::Value {
        (Some(self.inner.rational(q)), None)
    }
    fn pi(&mut self) -> Self::Value {
        (Some(self.inner.pi()), None)
    }
    fn add(&mut self, a: &Self::Value, b: &Self::Value) -> Self::Value {
        (added(self.inner, a.0.clone(), b.0.clone()), added(self.inner, a.1.clone(), b.1.clone()))
    }
    fn mul(&mut self, a: &Self::Value, b: &Self::Value) -> Self::Value {
        let plain = self.product(a.0.as_ref(), b.0.as_ref());
        let square = self.product(a.1.as_ref(), b.1.as_ref()).map(|s| self.inner.scale(&self.radicand, &s));
        let (left, right) = (self.product(a.0.as_ref(), b.1.as_ref()), self.product(a.1.as_ref(), b.0.as_ref()));
        (added(self.inner, plain, square), added(self.inner, left, right))
    }
    fn scale(&mut self, q: &Rational, a: &Self::Value) -> Self::Value {
        (a.0.as_ref().map(|x| self.inner.scale(q, x)), a.1.as_ref().map(|x| self.inner.scale(q, x)))
    }
    fn pow(&mut self, a: &Self::Value, exponent: &Rational) -> Self::Value {
        if a.1.is_some() && *exponent == Rational::from(2) {
            return self.mul(a, a);
        }
        let a = self.rational_part(a);
        (Some(self.inner.pow(&a, exponent)), None)
    }
    fn apply(&mut self, function: Function, a: &Self::Value) -> Self::Value {
        let a = self.rational_part(a);
        (Some(self.inner.apply(function, &a)), None)
    }
    fn logsumexp(&mut self, terms: &[Self::Value]) -> Self::Value {
        let terms: Vec<A::Value> = terms.iter().map(|t| self.rational_part(t)).collect();
        (Some(self.inner.logsumexp(&terms)), None)
    }
    fn is_zero(&self, a: &Self::Value) -> bool {
        [&a.0, &a.1].into_iter().flatten().all(|x| self.inner.is_zero(x))
    }
}

/// Numbers `a + b√d` times such values. What a step adds up to is rational, so that its root is dropped.
pub(super) struct Roots;

impl<A: Algebra> Action<WithRoot<'_, A>, Quadratic> for Roots {
    fn scale(&self, algebra: &mut WithRoot<'_, A>, c: &Quadratic, value: &Pair<A::Value>) -> Pair<A::Value> {
        let (a, b) = c.parts();
        let plain = if a.is_zero() { (None, None) } else { algebra.scale(a, value) };
        if b.is_zero() {
            return plain;
        }
        // b√d (x + y√d) = b d y + b x √d.
        let root = (
            value.1.as_ref().map(|y| algebra.inner.scale(&(b * &algebra.radicand), y)),
            value.0.as_ref().map(|x| algebra.inner.scale(b, x)),
        );
        algebra.add(&plain, &root)
    }

    fn settle(&self, value: Pair<A::Value>) -> Option<Pair<A::Value>> {
        value.0.map(|v| (Some(v), None))
    }
}
