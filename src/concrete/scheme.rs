//! An optimizer ready to run on concrete losses.

use super::quadratic_algebra::{Roots, WithRoot};
use super::recurrence_field::{self, Action, Numbers, recurrence_field};
use super::trajectory::{self, Point};
use crate::expr::{Algebra, SeriesTape};
use crate::number::{Coefficient, Fraction, Polynomial, Quadratic, Rational};
use crate::optimizer::{BoundOptimizer, BoundRecurrence, Optimizer, OptimizerError, Tableau};
use crate::principal::principal_series;
use crate::tree::TreeFamily;
use std::sync::Arc;

/// How the iterates of a bound optimizer are expanded on a given loss, in any algebra: its step has been found to be rational, and to
/// which order it follows the gradient flow.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::concrete::Scheme;
/// let scheme = Scheme::of(&Optimizer::HeavyBall.bind(&[("m", "9/10".parse().unwrap())])?)?;
/// assert_eq!((scheme.optimizer().name(), scheme.vanishes(1)), ("heavy-ball", false));
/// // `f_1`, `f_2` and `f_3` of a method of order 4 vanish.
/// let classical = Scheme::of(&"rk:rk4".parse::<Optimizer>().unwrap().bind(&[])?)?;
/// assert!(classical.vanishes(3) && !classical.vanishes(4));
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    optimizer: BoundOptimizer,
    /// `f_n` is zero below this order, but for `f_0`.
    accuracy: usize,
}

/// The largest trees whose coefficients are looked at to tell whether a tableau with roots has a rational step.
const MAX_CHECKED_SIZE: usize = 7;

impl Scheme {
    /// Gradient descent.
    #[must_use]
    pub fn gradient_descent() -> Self {
        Self { optimizer: BoundOptimizer::gradient_descent(), accuracy: 1 }
    }

    /// Of an optimizer, in numbers or with symbols.
    ///
    /// # Errors
    /// [`OptimizerError`] for a step that is not rational.
    pub fn of(optimizer: &BoundOptimizer) -> Result<Self, OptimizerError> {
        let Optimizer::RungeKutta(tableau) = optimizer.optimizer() else {
            return Ok(Self { optimizer: optimizer.clone(), accuracy: 1 });
        };
        let family = Arc::new(TreeFamily::new(MAX_CHECKED_SIZE, 1));
        let step = tableau.step(&family);
        if matches!(optimizer.recurrence(), BoundRecurrence::Roots(..)) && !conjugation_exchanges_stages(tableau) {
            if let Some(first) = (0..family.len()).find(|&n| step.values()[n].radicand().is_some()) {
                let tree = family.nodes(first).iter().map(|&(level, _)| level).collect();
                let (method, value) = (optimizer.name().to_owned(), step.values()[first].to_string());
                return Err(OptimizerError::Irrational { method, value, tree });
            }
            optimizer.fractions()?;
        }
        let accuracy = step.order().unwrap_or(MAX_CHECKED_SIZE);
        Ok(Self { optimizer: optimizer.clone(), accuracy })
    }

    /// The optimizer.
    #[must_use]
    pub fn optimizer(&self) -> &BoundOptimizer {
        &self.optimizer
    }

    /// Whether `f_n` is zero whatever the loss, as far as is known: below the order of a Runge–Kutta method.
    #[must_use]
    pub fn vanishes(&self, n: usize) -> bool {
        n > 0 && n < self.accuracy
    }

    /// About how many products [`Scheme::modified_field`] takes.
    #[must_use]
    pub fn cost(&self, gradient: &SeriesTape, order: usize) -> u64 {
        if self.optimizer.is_gradient_descent() {
            return trajectory::cost(gradient, order);
        }
        match self.optimizer.recurrence() {
            BoundRecurrence::Numbers(r, _) => recurrence_field::cost(r, gradient, order),
            BoundRecurrence::Symbols(r, _) => recurrence_field::cost(r, gradient, order),
            BoundRecurrence::Roots(r, _) => recurrence_field::cost(r, gradient, order).saturating_mul(4),
        }
    }

    /// The modified field `f_0, …, f_N` at a point, `f_n` without its power of h.
    ///
    /// `gradient` has one output for every entry of θ. Where hyper-parameters are symbols, their values are the last of
    /// the point's symbols, in the order of [`BoundOptimizer::symbols`].
    ///
    /// # Panics
    /// If the point has fewer symbols than the optimizer.
    pub fn modified_field<A: Algebra>(
        &self,
        algebra: &mut A,
        gradient: &SeriesTape,
        at: &Point<A::Value>,
        order: usize,
    ) -> Vec<Vec<A::Value>> {
        if self.optimizer.is_gradient_descent() {
            return trajectory::modified_field(algebra, gradient, at, order);
        }
        match self.optimizer.recurrence() {
            BoundRecurrence::Numbers(r, slope) => recurrence_field(algebra, &Numbers, (r, slope), gradient, at, order),
            BoundRecurrence::Symbols(r, slope) => {
                let action = Symbols::new(&r.symbols, &at.symbols);
                recurrence_field(algebra, &action, (r, slope), gradient, at, order)
            }
            BoundRecurrence::Roots(r, slope) => {
                let radicand = r.coefficients().find_map(Quadratic::radicand).unwrap_or(1);
                let pairs = |values: &[A::Value]| values.iter().map(|v| (Some(v.clone()), None)).collect();
                let point = Point { theta: pairs(&at.theta), symbols: pairs(&at.symbols) };
                let mut roots = WithRoot { inner: algebra, radicand: Rational::from(i64::from(radicand)) };
                let field = recurrence_field(&mut roots, &Roots, (r, slope), gradient, &point, order);
                let mut rational = |v: (Option<A::Value>, _)| v.0.unwrap_or_else(|| algebra.rational(&Rational::ZERO));
                field.into_iter().map(|f| f.into_iter().map(&mut rational).collect()).collect()
            }
        }
    }

    /// The principal parts of `f_0, …, f_N`, `α_n H^n g` with the Taylor coefficients of α; the point as in
    /// [`Scheme::modified_field`].
    ///
    /// # Panics
    /// If the point has fewer symbols than the optimizer.
    pub fn principal_field<A: Algebra>(
        &self,
        algebra: &mut A,
        gradient: &SeriesTape,
        at: &Point<A::Value>,
        order: usize,
    ) -> Vec<Vec<A::Value>> {
        let with = |algebra: &mut A, coefficients: &[Rational]| {
            trajectory::powers_field(algebra, gradient, at, order, |algebra, n, v| algebra.scale(&coefficients[n], v))
        };
        if self.optimizer.is_gradient_descent() {
            return trajectory::principal_field(algebra, gradient, at, order);
        }
        match self.optimizer.recurrence() {
            BoundRecurrence::Numbers(r, slope) => with(algebra, &principal_series(r, slope, order)),
            BoundRecurrence::Roots(r, slope) => {
                // The step is rational, and so is α.
                let series = principal_series(r, slope, order);
                with(algebra, &series.iter().map(|c| c.parts().0.clone()).collect::<Vec<_>>())
            }
            BoundRecurrence::Symbols(r, slope) => {
                let series = principal_series(r, slope, order);
                let action = Symbols::new(&r.symbols, &at.symbols);
                trajectory::powers_field(algebra, gradient, at, order, |algebra, n, v| {
                    action.scale(algebra, &series[n], v)
                })
            }
        }
    }
}

/// Whether exchanging `√d` and `−√d` is a permutation of the stages, so that the step is rational.
fn conjugation_exchanges_stages(tableau: &Tableau) -> bool {
    let b = tableau.weights();
    let a = |i: usize, j: usize| tableau.matrix()[i].get(j).cloned().unwrap_or_else(Quadratic::zero);
    let stages = b.len();
    // Stages are assigned one after another; a partial assignment that fits so far is taken back where it leads nowhere.
    let mut image: Vec<usize> = Vec::new();
    let mut candidate = 0;
    let mut tries = 0_u32;
    while image.len() < stages {
        let i = image.len();
        let fits = |j: usize| {
            !image.contains(&j)
                && b[j] == b[i].conjugate()
                && a(j, j) == a(i, i).conjugate()
                && image
                    .iter()
                    .enumerate()
                    .all(|(k, &l)| a(j, l) == a(i, k).conjugate() && a(l, j) == a(k, i).conjugate())
        };
        tries += 1;
        match (candidate..stages).find(|&j| fits(j)) {
            Some(j) => {
                image.push(j);
                candidate = 0;
            }
            None => match image.pop() {
                Some(last) if tries < 100_000 => candidate = last + 1,
                _ => return false,
            },
        }
    }
    true
}

/// Rational functions act by their values in the algebra.
struct Symbols<'a, V> {
    names: &'a [String],
    values: &'a [V],
}

impl<'a, V: Clone> Symbols<'a, V> {
    fn new(names: &'a [String], symbols: &'a [V]) -> Self {
        assert!(symbols.len() >= names.len(), "{} symbols of a point, {} of the optimizer", symbols.len(), names.len());
        Self { names, values: &symbols[symbols.len() - names.len()..] }
    }

    fn value<A: Algebra<Value = V>>(&self, algebra: &mut A, polynomial: &Polynomial) -> V {
        let mut sum = None;
        for (monomial, c) in polynomial.terms() {
            let mut product: Option<V> = None;
            for (name, exponent) in monomial.factors() {
                let Some(at) = self.names.iter().position(|n| n == name) else { continue };
                let power = if exponent == 1 {
                    self.values[at].clone()
                } else {
                    algebra.pow(&self.values[at], &Rational::from(i64::from(exponent)))
                };
                product = Some(match product {
                    Some(p) => algebra.mul(&p, &power),
                    None => power,
                });
            }
            let term = match product {
                Some(p) if c.is_one() => p,
                Some(p) => algebra.scale(c, &p),
                None => algebra.rational(c),
            };
            sum = recurrence_field::added(algebra, sum, Some(term));
        }
        sum.unwrap_or_else(|| algebra.rational(&Rational::ZERO))
    }
}

impl<A: Algebra> Action<A, Fraction> for Symbols<'_, A::Value> {
    fn scale(&self, algebra: &mut A, c: &Fraction, value: &A::Value) -> A::Value {
        let mut product = match c.numerator().as_constant() {
            Some(q) if q.is_one() => value.clone(),
            Some(q) => algebra.scale(&q, value),
            None => {
                let above = self.value(algebra, c.numerator());
                algebra.mul(&above, value)
            }
        };
        for (factor, power) in c.denominator() {
            let below = self.value(algebra, factor);
            let inverse = algebra.pow(&below, &-Rational::from(i64::from(power)));
            product = algebra.mul(&inverse, &product);
        }
        product
    }
}
