//! The coefficients of one node at one order.

use super::rules::Rule;
use super::terms::Terms;
use super::{Curve, Powers, Weights};
use crate::expr::{Id, Pool, Shape};
use crate::number::Rational;
use rustc_hash::FxHashMap;

/// The operation behind a convolution.
#[derive(Clone, Copy)]
enum Times {
    Elementwise,
    Matrices,
}

impl Times {
    fn of(self, pool: &mut Pool, a: Id, b: Id) -> Id {
        match self {
            Self::Elementwise => pool.mul(a, b),
            Self::Matrices => pool.product(a, b),
        }
    }
}

/// One order of one node in the making.
pub(super) struct Step<'a> {
    pub(super) curve: &'a Curve,
    pub(super) order: usize,
    /// Of the coefficients, one number for each expression in place of a polynomial.
    pub(super) functional: Option<&'a Weights>,
    /// The coefficients of this order of the nodes before.
    pub(super) current: &'a FxHashMap<Id, Powers>,
}

/// Sums by powers of s.
#[derive(Default)]
struct Sums(Vec<Terms>);

impl Sums {
    fn push(&mut self, pool: &Pool, power: usize, factor: &Rational, id: Id) {
        if self.0.len() <= power {
            self.0.resize_with(power + 1, Terms::default);
        }
        self.0[power].push(pool, factor, id);
    }

    fn powers(self, pool: &mut Pool, shape: &Shape) -> Powers {
        self.0.into_iter().map(|terms| terms.sum(pool).map(|id| pool.broadcast_to(id, shape))).collect()
    }
}

fn whole(k: usize) -> Rational {
    Rational::from(i64::try_from(k).unwrap_or(i64::MAX))
}

fn known(powers: &[Option<Id>]) -> impl Iterator<Item = (usize, Id)> {
    powers.iter().enumerate().filter_map(|(power, id)| Some((power, (*id)?)))
}

impl Step<'_> {
    /// The coefficients.
    pub(super) fn powers(&self, pool: &mut Pool, id: Id, rule: &Rule) -> Powers {
        crate::budget::look();
        let shape = pool.shape(id).clone();
        let k = whole(self.order);
        let one = Rational::ONE;
        let mut sums = Sums::default();
        match rule {
            Rule::Parameter(_) => {}
            Rule::Sum(a, b) => {
                for (power, x) in known(self.now(a)).chain(known(self.now(b))) {
                    let whole = pool.broadcast_to(x, &shape);
                    sums.push(pool, power, &one, whole);
                }
            }
            Rule::Scaled(fixed, a) => self.end(pool, &mut sums, a, &one, |pool, x| pool.mul(*fixed, x)),
            Rule::Linear(a) => self.end(pool, &mut sums, a, &one, |pool, x| pool.reapplied(id, x)),
            Rule::Stack(parts) => {
                let length = parts.iter().map(|p| self.now(p).len()).max().unwrap_or(0);
                let zero = pool.integer(0);
                for power in 0..length {
                    let coefficient = |p: &Id| self.now(p).get(power).copied().flatten();
                    if parts.iter().any(|p| coefficient(p).is_some()) {
                        let moved: Vec<Id> = parts.iter().map(|p| coefficient(p).unwrap_or(zero)).collect();
                        let stacked = pool.stack(&moved);
                        sums.push(pool, power, &one, stacked);
                    }
                }
            }
            Rule::Product(a, b) => self.bilinear(pool, &mut sums, Times::Elementwise, *a, *b),
            Rule::Matmul(a, b) => self.bilinear(pool, &mut sums, Times::Matrices, *a, *b),
            Rule::Square(a) => {
                self.end(pool, &mut sums, a, &Rational::from(2), |pool, x| pool.mul(*a, x));
                self.square(pool, &mut sums, *a);
            }
            Rule::Integral { of, slope } => {
                self.end(pool, &mut sums, of, &one, |pool, x| pool.mul(*slope, x));
                self.interior(pool, &mut sums, Times::Elementwise, *of, *slope, |i| &whole(i) / &k);
            }
            Rule::LogSum { of, weights, axis } => {
                self.end(pool, &mut sums, of, &one, |pool, x| pool.mul(*weights, x));
                self.interior(pool, &mut sums, Times::Elementwise, *of, *weights, |i| &whole(i) / &k);
                let entries = pool.shape(*of).clone();
                let products = sums.powers(pool, &entries);
                let mut reduced = |product: Id| match axis {
                    Some(axis) => pool.summed(product, *axis),
                    None => pool.sum(product),
                };
                return products.into_iter().map(|product| product.map(&mut reduced)).collect();
            }
            Rule::Power { base, exponent, slope, inverse } => {
                // k a_0 u_k = Σ_{i=1}^{k} (q i − (k − i)) a_i u_{k−i}, of which the last is q k a_k u_0.
                let mut inner = Sums::default();
                self.interior(pool, &mut inner, Times::Elementwise, *base, id, |i| {
                    &(&(exponent * &whole(i)) - &whole(self.order - i)) / &k
                });
                self.end(pool, &mut sums, base, &one, |pool, x| pool.mul(*slope, x));
                for (power, sum) in known(&inner.powers(pool, &shape)) {
                    let divided = pool.mul(*inverse, sum);
                    sums.push(pool, power, &one, divided);
                }
            }
        }
        sums.powers(pool, &shape)
    }

    /// The coefficients of this order.
    fn now(&self, id: &Id) -> &[Option<Id>] {
        self.current.get(id).map_or(&[], |powers| powers)
    }

    /// What is linear in the coefficients of this order.
    fn end(
        &self,
        pool: &mut Pool,
        sums: &mut Sums,
        of: &Id,
        factor: &Rational,
        mut image: impl FnMut(&mut Pool, Id) -> Id,
    ) {
        for (power, x) in known(self.now(of)) {
            let image = image(pool, x);
            sums.push(pool, power, factor, image);
        }
    }

    fn bilinear(&self, pool: &mut Pool, sums: &mut Sums, times: Times, a: Id, b: Id) {
        self.end(pool, sums, &a, &Rational::ONE, |pool, x| times.of(pool, x, b));
        self.end(pool, sums, &b, &Rational::ONE, |pool, y| times.of(pool, a, y));
        if self.curve.moving.contains(&a) && self.curve.moving.contains(&b) {
            self.interior(pool, sums, times, a, b, |_| Rational::ONE);
        }
    }

    /// Adds `Σ_{i=1}^{k−1} weight(i) a_i b_{k−i}`, which lower orders give.
    fn interior(
        &self,
        pool: &mut Pool,
        sums: &mut Sums,
        times: Times,
        a: Id,
        b: Id,
        weight: impl Fn(usize) -> Rational,
    ) {
        for i in 1..self.order {
            let (x, y) = (self.curve.at(i, a), self.curve.at(self.order - i, b));
            self.convolve(pool, sums, times, &weight(i), x, y);
        }
    }

    fn convolve(
        &self,
        pool: &mut Pool,
        sums: &mut Sums,
        times: Times,
        weight: &Rational,
        x: &[Option<Id>],
        y: &[Option<Id>],
    ) {
        if weight.is_zero() {
            return;
        }
        if let Some(functional) = self.functional {
            for product in functional.product(pool, x, y, |pool, a, b| times.of(pool, a, b)) {
                sums.push(pool, 0, weight, product);
            }
            return;
        }
        for (i, x) in known(x) {
            for (j, y) in known(y) {
                let product = times.of(pool, x, y);
                sums.push(pool, i + j, weight, product);
            }
        }
    }

    /// Adds `Σ_{i=1}^{k−1} a_i a_{k−i}`, equal products once.
    fn square(&self, pool: &mut Pool, sums: &mut Sums, a: Id) {
        let two = Rational::from(2);
        for i in 1..self.order.div_ceil(2) {
            let (x, y) = (self.curve.at(i, a), self.curve.at(self.order - i, a));
            self.convolve(pool, sums, Times::Elementwise, &two, x, y);
        }
        if self.order.is_multiple_of(2) {
            // Products of two different powers are found to be made already.
            let x = self.curve.at(self.order / 2, a);
            self.convolve(pool, sums, Times::Elementwise, &Rational::ONE, x, x);
        }
    }
}
