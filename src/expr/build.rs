//! The constructors that keep the DAG's nodes canonical.

use super::fold::{exact_power, exact_value};
use super::{Function, Id, MAX_EXPONENT, MAX_FOLDED_BITS, Node, Pool, Shape};
use crate::number::Rational;

impl Pool {
    /// An exact number.
    pub fn constant(&mut self, q: Rational) -> Id {
        self.intern(Node::Constant(q))
    }

    /// An integer.
    pub fn integer(&mut self, n: i64) -> Id {
        self.constant(Rational::from(n))
    }

    /// The number π.
    pub fn pi(&mut self) -> Id {
        self.intern(Node::Pi)
    }

    /// Splits `c·x` into `c` and `x`; anything else is `1·x`.
    ///
    /// Factors too large to be folded into one are left alone, so that the constructors never recurse along them.
    pub(crate) fn split_factor(&self, id: Id) -> (Rational, Id) {
        if let Node::Mul(c, x) = self.node(id)
            && let Some(q) = self.as_constant(*c)
            && !matches!(self.node(*x), Node::Mul(d, _) if self.as_constant(*d).is_some())
        {
            return (q.clone(), *x);
        }
        (Rational::ONE, id)
    }

    /// Splits `k + x` into `k` and `x`, with the same exception as [`Pool::split_factor`].
    pub(crate) fn split_shift(&self, id: Id) -> Option<(Rational, Id)> {
        if let Node::Add(k, x) = self.node(id)
            && let Some(q) = self.as_constant(*k)
            && !matches!(self.node(*x), Node::Add(j, _) if self.as_constant(*j).is_some())
        {
            return Some((q.clone(), *x));
        }
        None
    }

    /// The shape of an elementwise result.
    pub(super) fn fitting(&self, a: Id, b: Id) -> Shape {
        let (left, right) = (self.shape(a), self.shape(b));
        left.broadcast(right)
            .unwrap_or_else(|| panic!("an elementwise operation of {left} and {right}, which do not fit"))
    }

    /// The operands of an elementwise operation, repeated where they have more than one entry and not the result's shape.
    fn fitted(&mut self, a: Id, b: Id) -> (Id, Id, Shape) {
        let shape = self.fitting(a, b);
        let mut fit = |id: Id| if self.shape(id).size() == 1 { id } else { self.broadcast_to(id, &shape) };
        (fit(a), fit(b), shape)
    }

    /// Applies an elementwise operation to what is behind repeated operands, where that gives the same array.
    fn unfilled(&mut self, a: Id, b: Id, shape: &Shape, op: fn(&mut Self, Id, Id) -> Id) -> Option<Id> {
        if let (Node::Broadcast(x, to), Node::Broadcast(y, _)) = (self.node(a), self.node(b))
            && self.shape(*x) == self.shape(*y)
            && to == shape
        {
            let value = op(self, *x, *y);
            return Some(self.broadcast_to(value, shape));
        }
        let (s, t) = match (self.filling(a), self.filling(b)) {
            (Some(s), Some(t)) => (s, t),
            (Some(s), None) if self.shape(b) == shape => return Some(op(self, s, b)),
            (None, Some(t)) if self.shape(a) == shape => return Some(op(self, a, t)),
            (Some(s), None) if self.shape(b).size() == 1 => (s, self.index(b, 0)),
            (None, Some(t)) if self.shape(a).size() == 1 => (self.index(a, 0), t),
            _ => return None,
        };
        let value = op(self, s, t);
        Some(self.fill(value, shape.clone()))
    }

    fn fill_to(&mut self, id: Id, shape: &Shape) -> Id {
        if self.shape(id) == shape { id } else { self.fill(id, shape.clone()) }
    }

    /// The elementwise sum.
    ///
    /// # Panics
    /// If the shapes do not broadcast, with both; check with [`Shape::broadcast`] where they come from a user.
    pub fn add(&mut self, a: Id, b: Id) -> Id {
        let (a, b, shape) = self.fitted(a, b);
        match (self.as_constant(a).cloned(), self.as_constant(b).cloned()) {
            (Some(p), Some(q)) => {
                let sum = &p + &q;
                if sum.bits() <= MAX_FOLDED_BITS {
                    return self.constant(sum);
                }
            }
            (Some(p), None) => return self.shifted(&p, b),
            (None, Some(q)) => return self.shifted(&q, a),
            (None, None) => {}
        }
        if let Some(sum) = self.unfilled(a, b, &shape, Self::add) {
            return sum;
        }
        // Constants float to the top of sums, so that they meet.
        if let Some((k, x)) = self.split_shift(a) {
            let rest = self.add(x, b);
            return self.shifted(&k, rest);
        }
        if let Some((k, y)) = self.split_shift(b) {
            let rest = self.add(a, y);
            return self.shifted(&k, rest);
        }
        let ((p, x), (q, y)) = (self.split_factor(a), self.split_factor(b));
        if x == y {
            let sum = &p + &q;
            if sum.is_zero() {
                let zero = self.integer(0);
                return self.fill_to(zero, &shape);
            }
            if sum.bits() <= MAX_FOLDED_BITS {
                return self.scaled(&sum, x);
            }
        }
        self.intern(Node::Add(a.min(b), a.max(b)))
    }

    /// `k + x` with x not a constant.
    fn shifted(&mut self, k: &Rational, x: Id) -> Id {
        if k.is_zero() {
            return x;
        }
        if let Node::Broadcast(s, shape) = self.node(x).clone() {
            let k = self.constant(k.clone());
            let sum = self.add(k, s);
            return self.broadcast_to(sum, &shape);
        }
        if let Some((j, y)) = self.split_shift(x) {
            let sum = k + &j;
            if sum.bits() <= MAX_FOLDED_BITS {
                return self.shifted(&sum, y);
            }
        }
        if let Some(q) = self.as_constant(x).cloned() {
            let sum = k + &q;
            if sum.bits() <= MAX_FOLDED_BITS {
                return self.constant(sum);
            }
        }
        let k = self.constant(k.clone());
        self.intern(Node::Add(k, x))
    }

    /// The elementwise difference.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    pub fn sub(&mut self, a: Id, b: Id) -> Id {
        let minus = self.neg(b);
        self.add(a, minus)
    }

    /// The elementwise negative.
    pub fn neg(&mut self, a: Id) -> Id {
        self.scaled(&Rational::MINUS_ONE, a)
    }

    /// The product with an exact number.
    pub fn scaled(&mut self, q: &Rational, a: Id) -> Id {
        if q.is_zero() {
            let zero = self.integer(0);
            let shape = self.shape(a).clone();
            return self.fill_to(zero, &shape);
        }
        if let Some(p) = self.as_constant(a) {
            let product = q * p;
            if product.bits() <= MAX_FOLDED_BITS {
                return self.constant(product);
            }
        }
        if let Node::Broadcast(s, shape) = self.node(a).clone() {
            let product = self.scaled(q, s);
            return self.broadcast_to(product, &shape);
        }
        let (p, x) = self.split_factor(a);
        let product = q * &p;
        if product.is_one() {
            return x;
        }
        if product.bits() > MAX_FOLDED_BITS {
            let q = self.constant(q.clone());
            return self.intern(Node::Mul(q.min(a), q.max(a)));
        }
        let c = self.constant(product);
        self.intern(Node::Mul(c, x))
    }

    /// The elementwise product.
    ///
    /// # Panics
    /// If the shapes do not broadcast, with both; check with [`Shape::broadcast`] where they come from a user.
    pub fn mul(&mut self, a: Id, b: Id) -> Id {
        let (a, b, shape) = self.fitted(a, b);
        if let Some(q) = self.as_constant(a).cloned() {
            return self.scaled(&q, b);
        }
        if let Some(q) = self.as_constant(b).cloned() {
            return self.scaled(&q, a);
        }
        if let Some(product) = self.unfilled(a, b, &shape, Self::mul) {
            return product;
        }
        let ((p, x), (q, y)) = (self.split_factor(a), self.split_factor(b));
        let factor = &p * &q;
        if (!p.is_one() || !q.is_one()) && factor.bits() <= MAX_FOLDED_BITS {
            let rest = self.mul(x, y);
            return self.scaled(&factor, rest);
        }
        if self.is_zero(a) || self.is_zero(b) {
            let zero = self.integer(0);
            return self.fill_to(zero, &shape);
        }
        let ((x, m), (y, n)) = (self.split_power(a), self.split_power(b));
        // Only powers of one sign are merged: x·x^-1 has no value at 0, where 1 has one.
        if x == y && m.is_negative() == n.is_negative() && m.is_integer() && n.is_integer() {
            let merged = &m + &n;
            if merged.abs() <= Rational::from(MAX_EXPONENT) {
                return self.pow(x, &merged);
            }
        }
        self.intern(Node::Mul(a.min(b), a.max(b)))
    }

    /// Splits `x^q` into `x` and `q`; anything else is `x^1`.
    fn split_power(&self, id: Id) -> (Id, Rational) {
        match self.node(id) {
            Node::Pow(x, q) => (*x, q.clone()),
            _ => (id, Rational::ONE),
        }
    }

    /// The elementwise quotient.
    ///
    /// # Panics
    /// If the shapes do not broadcast.
    pub fn div(&mut self, a: Id, b: Id) -> Id {
        let inverse = self.pow(b, &Rational::MINUS_ONE);
        self.mul(a, inverse)
    }

    /// The elementwise power with an exact exponent, principal branch.
    ///
    /// A negative power of the constant 0 stays as it is: it has no value, which the loss language refuses.
    pub fn pow(&mut self, a: Id, exponent: &Rational) -> Id {
        if exponent.is_one() {
            return a;
        }
        if exponent.is_zero() {
            let one = self.integer(1);
            let shape = self.shape(a).clone();
            return self.fill_to(one, &shape);
        }
        if let Some(value) = self.as_constant(a).and_then(|q| exact_power(q, exponent)) {
            return self.constant(value);
        }
        if let Node::Broadcast(s, shape) = self.node(a).clone() {
            let power = self.pow(s, exponent);
            return self.broadcast_to(power, &shape);
        }
        // (x^p)^q = x^(pq) for an integer q; for other q it holds on part of the plane only.
        if exponent.is_integer()
            && let (x, p) = self.split_power(a)
            && !p.is_one()
        {
            let merged = &p * exponent;
            if merged.abs() <= Rational::from(MAX_EXPONENT) {
                return self.pow(x, &merged);
            }
        }
        self.intern(Node::Pow(a, exponent.clone()))
    }

    /// A function, elementwise; the exact values at simple constants (`exp(0)`, `log(1)`, …) are folded.
    pub fn apply(&mut self, function: Function, a: Id) -> Id {
        if let Some(value) = self.as_constant(a).and_then(|q| exact_value(function, q)) {
            return self.constant(value);
        }
        if let Node::Broadcast(s, shape) = self.node(a).clone() {
            let value = self.apply(function, s);
            return self.broadcast_to(value, &shape);
        }
        self.intern(Node::Apply(function, a))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_and_collects() {
        let mut p = Pool::new();
        let x = p.declare_parameter("x", Shape::scalar());
        let y = p.declare_parameter("y", Shape::scalar());
        let (one, two) = (p.integer(1), p.integer(2));
        // (1 + x) + (2 + y) = 3 + (x + y)
        let left = p.add(one, x);
        let right = p.add(y, two);
        let sum = p.add(left, right);
        let (three, xy) = (p.integer(3), p.add(x, y));
        assert_eq!(sum, p.add(xy, three));
        // 2x·y/2 = x·y, x/x stays, x^2·x^3 = x^5
        let (twice, half) = (p.mul(two, x), p.div(y, two));
        assert_eq!(p.mul(twice, half), p.mul(x, y));
        let quotient = p.div(x, x);
        assert!(p.as_constant(quotient).is_none());
        let (square, cube) = (p.pow(x, &2.into()), p.pow(x, &3.into()));
        assert_eq!(p.mul(square, cube), p.pow(x, &5.into()));
        let four = p.integer(4);
        assert_eq!(p.pow(four, &Rational::new(1, 2)), two);
        assert_eq!(p.sub(x, x), p.integer(0));
    }

    #[test]
    fn constants_never_outgrow_their_bound() {
        let mut p = Pool::new();
        let mut c = p.integer(3);
        for _ in 0..200 {
            c = p.mul(c, c);
        }
        assert!(p.reachable(&[c]).iter().all(|id| p.as_constant(*id).is_none_or(|q| q.bits() <= MAX_FOLDED_BITS)));
    }

    #[test]
    fn tape_broadcasts() {
        let mut p = Pool::new();
        let w = p.declare_parameter("w", Shape::vector(3));
        let x = p.declare_parameter("x", Shape::scalar());
        let product = p.mul(w, x);
        let total = p.sum(product);
        let tape = crate::expr::Tape::new(&p, &[total, w]);
        assert_eq!(tape.outputs.len(), 4);
        assert_eq!(p.theta_names(), ["w[0]", "w[1]", "w[2]", "x"]);
    }
}
