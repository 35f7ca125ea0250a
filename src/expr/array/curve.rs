//! Taylor coefficients of array expressions along a curve in parameter space, as array expressions.

mod functional;
mod rules;
mod terms;

use self::rules::Rule;
use self::terms::Terms;
use crate::expr::{Id, Pool, Shape};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};

pub use self::functional::{Functional, Weight};

/// A polynomial in the step number s with arrays as coefficients, by powers of s; `None` is zero.
pub type Powers = Vec<Option<Id>>;

/// Expressions along a curve `θ + Σ_{k≥1} h^k p_k(s)`, expanded in h one order after another, with polynomials in s as coefficients.
///
/// Everything is built in the pool: the coefficients are expressions in θ, and what has the value zero whatever θ is costs nothing. The number
/// of nodes does not depend on the sizes of the arrays. Functions are taken at order 0 only; beyond it they are the differential equations that
/// they solve (Griewank & Walther, *Evaluating Derivatives*, 13.2), so that the coefficients of order k are sums of about k products for every pair
/// of powers of s. A coefficient needs those of lower order, and those of the same order of its operands linearly. Hence [`Curve::last`]: a linear
/// functional of the highest order asked for takes one array for every expression, whatever the number of powers.
///
/// ```
/// use shadowflow::expr::{Curve, Exact, Functional, Pool, Shape};
/// use shadowflow::number::Rational;
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let cube = pool.pow(x, &3.into());
/// let one = pool.integer(1);
/// let mut curve = Curve::new(&mut pool, &[cube]);
/// // x + sh: the coefficient of h is 3x² s, that of h² is 3x s².
/// curve.extend(&mut pool, |_, _| vec![None, Some(one)]);
/// let square = pool.pow(x, &2.into());
/// assert_eq!(curve.root(0, 1), [None, Some(pool.scaled(&3.into(), square))]);
/// let functional = Functional::new([0, 0, 5].map(Rational::from).to_vec());
/// assert_eq!(curve.last(&mut pool, &functional, |_, _| None), [Some(pool.scaled(&15.into(), x))]);
/// ```
#[derive(Debug, Clone)]
pub struct Curve {
    roots: Vec<Id>,
    /// What moves, operands before what is made of them: what the roots are made of, and the slopes of functions.
    rules: Vec<(Id, Rule)>,
    moving: FxHashSet<Id>,
    /// From order 1 on.
    orders: Vec<FxHashMap<Id, Powers>>,
}

impl Curve {
    /// Of some expressions, at order 0.
    #[must_use]
    pub fn new(pool: &mut Pool, roots: &[Id]) -> Self {
        let mut curve =
            Self { roots: roots.to_vec(), rules: Vec::new(), moving: FxHashSet::default(), orders: Vec::new() };
        let (mut seen, mut open) = (FxHashSet::default(), roots.to_vec());
        while !open.is_empty() {
            let from = std::mem::take(&mut open);
            curve.add(pool, &from, &mut seen, &mut open);
        }
        curve
    }

    /// Adds the rules of expressions and of all that they are made of; what else needs rules is added to `open`.
    fn add(&mut self, pool: &mut Pool, roots: &[Id], seen: &mut FxHashSet<Id>, open: &mut Vec<Id>) {
        for id in pool.reachable(roots) {
            if !seen.insert(id) {
                continue;
            }
            let Some(rule) = Rule::of(pool, id, |child| self.moving.contains(child), open) else { continue };
            // Whole powers are products of lower ones: as deep as exponents have digits.
            let made = rule.operands().iter().copied().filter(|operand| !seen.contains(operand)).collect::<Vec<_>>();
            self.add(pool, &made, seen, open);
            self.moving.insert(id);
            self.rules.push((id, rule));
        }
    }

    /// The highest order known.
    #[must_use]
    pub fn order(&self) -> usize {
        self.orders.len()
    }

    /// The coefficient of an order of the root number `root`.
    ///
    /// # Panics
    /// If there is no such root or the order is above [`Curve::order`].
    #[must_use]
    pub fn root(&self, root: usize, order: usize) -> Powers {
        match order {
            0 => vec![Some(self.roots[root])],
            _ => self.at(order, self.roots[root]).to_vec(),
        }
    }

    /// Adds the next order, `position` giving the polynomials of the parameters by their indices.
    pub fn extend(&mut self, pool: &mut Pool, mut position: impl FnMut(&mut Pool, u32) -> Powers) {
        let order = self.orders.len() + 1;
        let mut current: FxHashMap<Id, Powers> = FxHashMap::default();
        for (id, rule) in &self.rules {
            let powers = match rule {
                Rule::Parameter(p) => position(pool, *p),
                _ => Step { curve: self, order, functional: None, current: &current }.powers(pool, *id, rule),
            };
            if powers.iter().any(Option::is_some) {
                current.insert(*id, powers);
            }
        }
        self.orders.push(current);
    }

    /// A linear functional of the coefficients of the next order, one array for every root; `position` gives the functional of the
    /// polynomials of the parameters by their indices. `None` is zero.
    pub fn last(
        &self,
        pool: &mut Pool,
        functional: &Functional,
        mut position: impl FnMut(&mut Pool, u32) -> Option<Id>,
    ) -> Vec<Option<Id>> {
        let order = self.orders.len() + 1;
        let mut needed: FxHashSet<Id> = self.roots.iter().copied().collect();
        for (id, rule) in self.rules.iter().rev() {
            if needed.contains(id) {
                needed.extend(rule.operands());
            }
        }
        let mut current: FxHashMap<Id, Powers> = FxHashMap::default();
        for (id, rule) in self.rules.iter().filter(|(id, _)| needed.contains(id)) {
            let powers = match rule {
                Rule::Parameter(p) => vec![position(pool, *p)],
                _ => {
                    Step { curve: self, order, functional: Some(functional), current: &current }.powers(pool, *id, rule)
                }
            };
            if powers.iter().any(Option::is_some) {
                current.insert(*id, powers);
            }
        }
        self.roots.iter().map(|root| current.get(root).and_then(|powers| powers.first().copied().flatten())).collect()
    }

    fn at(&self, order: usize, id: Id) -> &[Option<Id>] {
        self.orders[order - 1].get(&id).map_or(&[], |powers| powers)
    }
}

impl Pool {
    /// The sum of multiples `a + b√d` of expressions of one shape, `√d` being a scalar expression; `None` for zero.
    ///
    /// ```
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let w = pool.declare_parameter("w", Shape::vector(3));
    /// let sum = pool.combination(None, &[((3.into(), 0.into()), w), (((-1).into(), 0.into()), w)]);
    /// assert_eq!(sum, Some(pool.add(w, w)));
    /// ```
    pub fn combination(&mut self, root: Option<Id>, terms: &[(Weight, Id)]) -> Option<Id> {
        let functional = Functional::with_root(Vec::new(), root);
        let mut sum = Terms::default();
        for (weight, id) in terms {
            functional.push(self, &mut sum, weight, *id);
        }
        sum.sum(self)
    }
}

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
struct Step<'a> {
    curve: &'a Curve,
    order: usize,
    /// Of the coefficients, one number for each expression in place of a polynomial.
    functional: Option<&'a Functional>,
    /// The coefficients of this order of the nodes before.
    current: &'a FxHashMap<Id, Powers>,
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
    fn powers(&self, pool: &mut Pool, id: Id, rule: &Rule) -> Powers {
        crate::budget::tick();
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
