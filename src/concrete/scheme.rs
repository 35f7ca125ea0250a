//! An optimizer ready to run on concrete losses.

use super::quadratic_algebra::{Roots, WithRoot};
use super::recurrence_field::{self, Action, Numbers, recurrence_field};
use super::trajectory::{self, Point};
use crate::expr::{Algebra, SeriesTape};
use crate::number::{Coefficient, EvaluateError, Fraction, Polynomial, Quadratic, Rational};
use crate::optimizer::irrational;
use crate::optimizer::step_of;
use crate::optimizer::{Optimizer, OptimizerError, Recurrence, Tableau, UnsupportedTableau};
use crate::principal::principal_series;
use crate::tree::TreeFamily;
use std::sync::Arc;

/// An optimizer with its momentum, or with symbols, as the route by trajectories takes it.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::concrete::Scheme;
/// let momentum = "9/10".parse().unwrap();
/// let scheme = Scheme::of(&Optimizer::HeavyBall, Some(&momentum))?;
/// assert_eq!((scheme.name(), scheme.symbols().len()), ("heavy-ball", 0));
/// assert_eq!(Scheme::of(&Optimizer::HeavyBall, None)?.symbols(), ["m"]);
/// # Ok::<(), shadowflow::optimizer::OptimizerError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scheme {
    kind: Kind,
    variable: Option<&'static str>,
    /// `f_n` is zero below this order, but for `f_0`.
    accuracy: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Kind {
    /// Has a faster and better conditioned way of its own.
    #[default]
    GradientDescent,
    Numbers(Recurrence<Rational>, Rational),
    Symbols(Recurrence<Fraction>, Fraction),
    Roots(Recurrence<Quadratic>, Quadratic, u32),
}

/// The largest trees whose coefficients are looked at to tell whether a tableau with roots has a rational step.
const MAX_CHECKED_SIZE: usize = 7;

impl Scheme {
    /// Gradient descent.
    pub const GRADIENT_DESCENT: Self = Self { kind: Kind::GradientDescent, variable: None, accuracy: 1 };

    /// Of an optimizer, with its momentum or with symbols.
    ///
    /// # Errors
    /// [`OptimizerError`]: a momentum for an optimizer without, a singular one, or a step that is not rational.
    pub fn of(optimizer: &Optimizer, momentum: Option<&Rational>) -> Result<Self, OptimizerError> {
        if let Some(momentum) = momentum.filter(|_| !optimizer.has_momentum()) {
            let method = optimizer.name().to_owned();
            return Err(OptimizerError::NoMomentum { method, momentum: momentum.clone() });
        }
        let variable = (*optimizer == Optimizer::Nesterov).then(|| optimizer.variable());
        let accuracy = match optimizer {
            Optimizer::RungeKutta(tableau) => {
                tableau.step(&Arc::new(TreeFamily::new(MAX_CHECKED_SIZE, 1))).order().unwrap_or(MAX_CHECKED_SIZE)
            }
            _ => 1,
        };
        Ok(Self { kind: Kind::of(optimizer, momentum)?, variable, accuracy })
    }

    /// The optimizer's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.kind {
            Kind::GradientDescent => Optimizer::GradientDescent.name(),
            Kind::Numbers(r, _) => &r.method,
            Kind::Symbols(r, _) => &r.method,
            Kind::Roots(r, ..) => &r.method,
        }
    }

    /// The hyper-parameters left symbolic.
    #[must_use]
    pub fn symbols(&self) -> &[String] {
        match &self.kind {
            Kind::Symbols(recurrence, _) => &recurrence.symbols,
            _ => &[],
        }
    }

    /// What the modified equation is about, where that may be mistaken: Nesterov's method has two candidates.
    #[must_use]
    pub fn variable(&self) -> Option<&'static str> {
        self.variable
    }

    /// Whether this is gradient descent.
    #[must_use]
    pub fn is_gradient_descent(&self) -> bool {
        self.kind == Kind::GradientDescent
    }

    /// Whether `f_n` is zero whatever the loss, as far as is known: below the order of a Runge–Kutta method.
    #[must_use]
    pub fn vanishes(&self, n: usize) -> bool {
        n > 0 && n < self.accuracy
    }

    /// What the iterates do that the modified equation does not tell; see [`Recurrence::warning`].
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        match &self.kind {
            Kind::Numbers(recurrence, _) => recurrence.warning(),
            _ => None,
        }
    }

    /// The recurrence with irrational numbers allowed; `None` while symbols remain.
    #[must_use]
    pub fn recurrence(&self) -> Option<Recurrence<Quadratic>> {
        match &self.kind {
            Kind::GradientDescent => Optimizer::GradientDescent.recurrence(&Quadratic::zero()).ok(),
            Kind::Numbers(recurrence, _) => recurrence.map(|q| Some(Quadratic::from_rational(q))),
            Kind::Symbols(..) => None,
            Kind::Roots(recurrence, ..) => Some(recurrence.clone()),
        }
    }

    /// About how many products [`Scheme::modified_field`] takes.
    #[must_use]
    pub fn cost(&self, gradient: &SeriesTape, order: usize) -> u64 {
        match &self.kind {
            Kind::GradientDescent => trajectory::cost(gradient, order),
            Kind::Numbers(r, _) => recurrence_field::cost(r, gradient, order),
            Kind::Symbols(r, _) => recurrence_field::cost(r, gradient, order),
            Kind::Roots(r, ..) => recurrence_field::cost(r, gradient, order).saturating_mul(4),
        }
    }

    /// The modified field `f_0, …, f_N` at a point, `f_n` without its power of h.
    ///
    /// `gradient` has one output for every entry of θ. Where hyper-parameters are symbols, their values are the last of
    /// the point's symbols, in the order of [`Scheme::symbols`].
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
        match &self.kind {
            Kind::GradientDescent => trajectory::modified_field(algebra, gradient, at, order),
            Kind::Numbers(r, slope) => recurrence_field(algebra, &Numbers, (r, slope), gradient, at, order),
            Kind::Symbols(r, slope) => {
                let action = Symbols::new(&r.symbols, &at.symbols);
                recurrence_field(algebra, &action, (r, slope), gradient, at, order)
            }
            Kind::Roots(r, slope, radicand) => {
                let pairs = |values: &[A::Value]| values.iter().map(|v| (Some(v.clone()), None)).collect();
                let point = Point { theta: pairs(&at.theta), symbols: pairs(&at.symbols) };
                let mut roots = WithRoot { inner: algebra, radicand: Rational::from(i64::from(*radicand)) };
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
        match &self.kind {
            Kind::GradientDescent => trajectory::principal_field(algebra, gradient, at, order),
            // Validated when the scheme was made.
            Kind::Numbers(r, _) => with(algebra, &principal_series(r, order).unwrap_or_default()),
            Kind::Roots(r, ..) => {
                let series = principal_series(r, order).unwrap_or_default();
                let rational: Vec<Rational> = series.iter().filter_map(Quadratic::to_rational).collect();
                with(algebra, &rational)
            }
            Kind::Symbols(r, _) => {
                let series = principal_series(r, order).unwrap_or_default();
                let action = Symbols::new(&r.symbols, &at.symbols);
                trajectory::powers_field(algebra, gradient, at, order, |algebra, n, v| {
                    action.scale(algebra, &series[n], v)
                })
            }
        }
    }
}

impl Kind {
    fn of(optimizer: &Optimizer, momentum: Option<&Rational>) -> Result<Self, OptimizerError> {
        if let Optimizer::RungeKutta(tableau) = optimizer {
            let recurrence = tableau.recurrence()?;
            let slope = recurrence.validate()?;
            let rational = recurrence.map(Quadratic::to_rational).zip(slope.to_rational());
            if let Some((recurrence, slope)) = rational {
                return Ok(Self::Numbers(recurrence, slope));
            }
            if !conjugation_exchanges_stages(tableau) {
                step_of(optimizer, &Arc::new(TreeFamily::new(MAX_CHECKED_SIZE, 1)))?;
                let (method, reason) = (optimizer.name().to_owned(), irrational(tableau));
                return Err(UnsupportedTableau { method, reason }.into());
            }
            let radicand = recurrence.evaluations.iter().flat_map(|e| &e.minus_h_times).map(|(_, d)| d);
            let radicand = radicand.chain(&recurrence.right).find_map(Quadratic::radicand).unwrap_or(1);
            return Ok(Self::Roots(recurrence, slope, radicand));
        }
        if *optimizer == Optimizer::GradientDescent {
            return Ok(Self::GradientDescent);
        }
        let mut recurrence = optimizer.symbolic_recurrence()?;
        if let Some(momentum) = momentum {
            let value = |name: &str| (name == "m").then(|| momentum.clone());
            recurrence = recurrence.map(|c| c.substituted(&value)).ok_or_else(|| OptimizerError::Pole {
                momentum: momentum.clone(),
                source: EvaluateError::Pole(format!("a coefficient of {optimizer}")),
            })?;
            recurrence.symbols.retain(|s| s != "m");
        }
        if let Some(numbers) = recurrence.map(|c| c.evaluate(&|_| None).ok()) {
            let slope = numbers.validate()?;
            return Ok(Self::Numbers(Recurrence { symbols: Vec::new(), ..numbers }, slope));
        }
        let slope = recurrence.validate()?;
        Ok(Self::Symbols(recurrence, slope))
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
