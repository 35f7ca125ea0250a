//! Taylor coefficients of array expressions along a curve in parameter space, as array expressions.

mod rules;
mod step;
mod terms;
mod weights;

use self::rules::Rule;
use self::step::Step;
use self::terms::Terms;
use crate::expr::{Id, Pool};
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};

pub use self::weights::{Weight, Weights};

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
/// use shadowflow::expr::{Curve, Exact, Weights, Pool, Shape};
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
/// let functional = Weights::new([0, 0, 5].map(Rational::from).to_vec());
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
        let order = self.order() + 1;
        let next = self.coefficients(pool, (order, None), |_| true, &mut position);
        self.orders.push(next);
    }

    /// Adds the next order as [`Curve::extend`] does, the polynomials of the parameters being `position` and the multiples of a direction by a
    /// polynomial. The coefficients of the roots are given apart: without those multiples, and along the direction alone.
    ///
    /// So what is principal in a modified field, which is linear in the highest order, is never mixed with the rest of it.
    pub fn extend_beside(
        &mut self,
        pool: &mut Pool,
        mut position: impl FnMut(&mut Pool, u32) -> Powers,
        direction: &[Id],
        polynomial: &Weights,
    ) -> (Vec<Powers>, Vec<Option<Id>>) {
        let order = self.order() + 1;
        let along = self.along(pool, direction, |_| true);
        let mut next = self.coefficients(pool, (order, None), |_| true, &mut position);
        let of = |id: &Id| next.get(id).cloned().unwrap_or_default();
        let beside = self.roots.iter().map(of).collect();
        let roots = self.roots.iter().map(|root| first(&along, *root)).collect();
        for (id, _) in &self.rules {
            let Some(moved) = first(&along, *id) else { continue };
            let powers = next.entry(*id).or_default();
            powers.resize(powers.len().max(polynomial.len()), None);
            for (power, coefficient) in powers.iter_mut().enumerate() {
                let mut sum = Terms::default();
                polynomial.push(pool, &mut sum, &polynomial.at(power), moved);
                if let Some(own) = *coefficient {
                    sum.push(pool, &Rational::ONE, own);
                }
                *coefficient = sum.sum(pool);
            }
        }
        self.orders.push(next);
        (beside, roots)
    }

    /// A linear functional of the coefficients of the next order, one array for every root; `position` gives the functional of the
    /// polynomials of the parameters by their indices. `None` is zero.
    pub fn last(
        &self,
        pool: &mut Pool,
        functional: &Weights,
        mut position: impl FnMut(&mut Pool, u32) -> Option<Id>,
    ) -> Vec<Option<Id>> {
        let needed = self.needed();
        let order = (self.order() + 1, Some(functional));
        let last = self.coefficients(pool, order, |id| needed.contains(id), &mut |pool, p| vec![position(pool, p)]);
        self.roots.iter().map(|root| first(&last, *root)).collect()
    }

    /// The derivatives of the roots along a direction, with one array for every parameter.
    pub fn derivative(&self, pool: &mut Pool, direction: &[Id]) -> Vec<Option<Id>> {
        let needed = self.needed();
        let along = self.along(pool, direction, |id| needed.contains(id));
        self.roots.iter().map(|root| first(&along, *root)).collect()
    }

    fn along(&self, pool: &mut Pool, direction: &[Id], needed: impl Fn(&Id) -> bool) -> FxHashMap<Id, Powers> {
        self.coefficients(pool, (1, None), needed, &mut |_, p| vec![Some(direction[p as usize])])
    }

    /// What the coefficients of one order of the roots are made of.
    fn needed(&self) -> FxHashSet<Id> {
        let mut needed: FxHashSet<Id> = self.roots.iter().copied().collect();
        for (id, rule) in self.rules.iter().rev() {
            if needed.contains(id) {
                needed.extend(rule.operands());
            }
        }
        needed
    }

    /// The coefficients of an order, or a functional of them.
    fn coefficients(
        &self,
        pool: &mut Pool,
        (order, functional): (usize, Option<&Weights>),
        needed: impl Fn(&Id) -> bool,
        position: &mut impl FnMut(&mut Pool, u32) -> Powers,
    ) -> FxHashMap<Id, Powers> {
        let mut current: FxHashMap<Id, Powers> = FxHashMap::default();
        for (id, rule) in self.rules.iter().filter(|(id, _)| needed(id)) {
            let powers = match rule {
                Rule::Parameter(p) => position(pool, *p),
                _ => Step { curve: self, order, functional, current: &current }.powers(pool, *id, rule),
            };
            if powers.iter().any(Option::is_some) {
                current.insert(*id, powers);
            }
        }
        current
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
        let functional = Weights::with_root(Vec::new(), root);
        let mut sum = Terms::default();
        for (weight, id) in terms {
            functional.push(self, &mut sum, weight, *id);
        }
        sum.sum(self)
    }
}

/// The coefficient of an expression that has one only.
fn first(coefficients: &FxHashMap<Id, Powers>, id: Id) -> Option<Id> {
    coefficients.get(&id).and_then(|powers| powers.first().copied().flatten())
}
