//! The modified equation of a concrete loss, derived as explicit components.

use super::expansion::expand_field;
use super::limits::{DeriveLimits, MAX_EXPANDED_TERMS, MAX_EXPANSION};
use super::trajectory::Point;
use super::{ConcreteEquation, ConcreteOrder, Formula, Scheme};
use crate::expr::{
    DagAlgebra, ExpressionRef, Id, Nonsmooth, Op, Polynomial, Polynomials, Pool, SeriesTape, Shape, Tape, Variable,
};
use crate::number::Rational;
use crate::optimizer::{BoundOptimizer, OptimizerError};
use crate::plan::{Route, operation_count};

/// Why there are no explicit components.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// The formulas are beyond the limit.
    #[error(
        "the formulas to order {order} take about {nodes} products, beyond the limit of {limit}: ask for a lower order"
    )]
    TooLarge {
        /// The order asked for.
        order: usize,
        /// An estimate.
        nodes: u64,
        /// The limit.
        limit: u64,
    },
    /// The loss keeps its arrays whole: see [`Route`].
    #[error(
        "the loss takes {operations} scalar operations with {parameters} parameters, so its arrays stay whole and components are not written out: \
         `concrete::arrays::evaluate` gives the values of f_0..f_N at a point"
    )]
    Whole {
        /// Its scalar operations.
        operations: u64,
        /// The entries of θ.
        parameters: usize,
    },
    /// The optimizer's step is not rational.
    #[error(transparent)]
    Optimizer(#[from] OptimizerError),
    /// The loss has a parameter or a symbolic constant of the name of a hyper-parameter left symbolic.
    #[error(
        "the loss declares `{name}`, which is the symbol of a hyper-parameter of {method}: give that a number or rename it in the loss"
    )]
    Name {
        /// The name.
        name: String,
        /// The optimizer.
        method: String,
    },
}

/// Asks for the modified equation `f_0, …, f_N` of an optimizer on a concrete loss, in components: [`Derive::run`] for formulas to
/// read, [`Derive::field`] for the truncated field to run.
///
/// `f_n` is `p_{n+1}′(0)`, where the iterates are `θ(sh) = Σ_j h^j p_j(s)` with polynomials `p_j` in the step number s.
///
/// ```
/// use shadowflow::concrete::{DeriveError, DeriveLimits, Formula, derive};
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::optimizer::{BoundOptimizer, Optimizer};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let a = pool.declare_symbol("a");
/// let square = pool.pow(x, &2.into());
/// let loss = pool.mul(a, square);
/// let gradient_descent = BoundOptimizer::gradient_descent();
/// let equation = derive(pool.expression(loss), &gradient_descent, 1).run()?;
/// let Formula::Polynomial(f) = &equation.orders[1].components[0] else { panic!("a polynomial") };
/// // −1/2 H g with g = 2ax, H = 2a.
/// assert_eq!(f.to_text(&["x".to_owned(), "a".to_owned()]), "-2*x*a^2");
/// // −(1+m)/(2(1−m)³) H g with g = 2x, H = 2.
/// let heavy_ball = Optimizer::HeavyBall.bind(&[("m", "1/2".parse().unwrap())])?;
/// let equation = derive(pool.expression(square), &heavy_ball, 1).run()?;
/// let Formula::Polynomial(f) = &equation.orders[1].components[0] else { panic!("a polynomial") };
/// assert_eq!(f.to_text(&["x".to_owned(), "a".to_owned()]), "-24*x");
/// // What is beyond the limits is refused beforehand.
/// let exp = pool.apply(shadowflow::expr::Function::Exp, loss);
/// let none = DeriveLimits { max_nodes: 3, ..DeriveLimits::default() };
/// let refused = derive(pool.expression(exp), &gradient_descent, 1).limits(none).run();
/// assert!(matches!(refused, Err(DeriveError::TooLarge { limit: 3, .. })));
/// # Ok::<(), DeriveError>(())
/// ```
///
/// Hyper-parameters left symbolic are symbols of the equation's pool, after those of the loss; the components are then
/// expressions with shared subterms for polynomial losses too, since they are rational functions of these.
///
/// # Orders
/// From 0 to where the formulas are beyond [`DeriveLimits`], which depends on the loss.
///
/// # Source
/// E. Hairer, C. Lubich and G. Wanner, *Geometric Numerical Integration*, IX.1 and XV.3.
pub fn derive<'a>(loss: impl Into<ExpressionRef<'a>>, optimizer: &'a BoundOptimizer, order: usize) -> Derive<'a> {
    Derive { loss: loss.into(), optimizer, order, limits: DeriveLimits::default() }
}

/// A derivation asked for by [`derive`](derive()).
#[derive(Debug, Clone)]
#[must_use = "nothing is derived before it is run"]
pub struct Derive<'a> {
    pub(super) loss: ExpressionRef<'a>,
    pub(super) optimizer: &'a BoundOptimizer,
    pub(super) order: usize,
    pub(super) limits: DeriveLimits,
}

/// The truncated field as scalar operations, and its terms apart.
#[derive(Debug, Clone)]
pub struct FieldTapes {
    /// The field `Σ_{n≤N} h^n f_n`, one output for every entry of θ.
    pub field: Tape,
    /// The components of `f_0`, then those of `f_1` and so on.
    pub orders: Tape,
}

impl Derive<'_> {
    /// Lets formulas grow to these limits.
    pub fn limits(self, limits: DeriveLimits) -> Self {
        Self { limits, ..self }
    }

    /// Derives the components with their principal and non-principal parts.
    ///
    /// Polynomial losses come out expanded and collected, and their parts are subtracted exactly; all others (and polynomials
    /// beyond [`DeriveLimits::max_terms`], or whose gradient is much longer expanded than as it was written) are expressions of a
    /// pool of their own with shared subterms, whose size is polynomial in the order, and the non-principal part is written as a
    /// difference.
    ///
    /// # Errors
    /// [`DeriveError::TooLarge`] where not even the shared expressions are within the limits, [`DeriveError::Name`], and
    /// [`DeriveError::Optimizer`] for a step that is not rational.
    pub fn run(&self) -> Result<ConcreteEquation, DeriveError> {
        let Self { loss, limits, .. } = self;
        let pool = loss.pool();
        let scheme = &Scheme::of(self.optimizer)?;
        check_route(self.loss)?;
        let gradient = gradient_tape(self.loss);
        let mut target = declarations(pool, scheme)?;
        // A constant gradient is followed by f_0 alone: every iterate lies on its straight line.
        let constant = !gradient.ops.iter().any(|op| matches!(op, Op::Input(Variable::Theta(_))));
        let derived = if constant { 0 } else { self.order };
        let mut orders = match expanded(scheme, pool, &gradient, derived, limits) {
            Some(parts) => parts.orders(Formula::Polynomial),
            None => shared_parts(scheme, &mut target, &gradient, derived, limits)?.orders(Formula::Expression),
        };
        if let (true, Some(first)) = (constant, orders.first()) {
            let zero = match first.components.first() {
                Some(Formula::Expression(_)) => Formula::Expression(target.integer(0)),
                _ => Formula::Polynomial(Polynomial::zero(pool.dimension() + pool.symbols().len())),
            };
            let zeros = vec![zero; first.components.len()];
            let order = ConcreteOrder { components: zeros.clone(), principal: zeros.clone(), nonprincipal: zeros };
            orders.resize(self.order + 1, order);
        }
        // f_n has derivatives of the loss to the order n + 1.
        let used = |n: &Nonsmooth| self.order >= n.derivatives() as usize;
        let nonsmooth = pool.nonsmooth(&[loss.id()]).into_iter().filter(used).collect();
        Ok(ConcreteEquation { method: scheme.optimizer().name().to_owned(), pool: target, orders, nonsmooth })
    }

    /// The truncated field `Σ_{n≤N} h^n f_n` for a step size h as scalar operations, with its terms apart.
    ///
    /// The inputs are θ, the symbolic constants, and the hyper-parameters left symbolic. The loss is used as it is written, never
    /// expanded: powers about 0 cancel away from there.
    ///
    /// # Errors
    /// As [`Derive::run`].
    pub fn tapes(&self, h: &Rational) -> Result<FieldTapes, DeriveError> {
        let (mut target, field) = self.terms()?;
        let roots = summed(&mut target, &field, |pool, sum| pool.scaled(h, sum));
        let terms: Vec<Id> = field.into_iter().flatten().collect();
        Ok(FieldTapes { field: Tape::new(&target, &roots), orders: Tape::new(&target, &terms) })
    }

    /// The truncated field with the step size as one more entry behind θ, and the pool that it is of.
    pub(super) fn tape_in_step(&self) -> Result<(Pool, Tape), DeriveError> {
        let (mut target, field) = self.terms()?;
        let h = target.declare_parameter("the step size", Shape::scalar());
        let roots = summed(&mut target, &field, |pool, sum| pool.mul(h, sum));
        let tape = Tape::new(&target, &roots);
        Ok((target, tape))
    }

    /// The components of `f_0, f_1, …`, and the pool that they are of.
    fn terms(&self) -> Result<(Pool, Vec<Vec<Id>>), DeriveError> {
        let pool = self.loss.pool();
        let scheme = &Scheme::of(self.optimizer)?;
        let gradient = gradient_tape(self.loss);
        let mut target = declarations(pool, scheme)?;
        let (mut field, _) = shared(scheme, &mut target, &gradient, self.order, &self.limits, false)?;
        let zero = target.integer(0);
        for (_, f) in field.iter_mut().enumerate().filter(|(n, _)| scheme.vanishes(*n)) {
            f.fill(zero);
        }
        Ok((target, field))
    }
}

/// `Σ_n h^n f_n` by components, by a product with h.
fn summed(target: &mut Pool, field: &[Vec<Id>], by_step: impl Fn(&mut Pool, Id) -> Id) -> Vec<Id> {
    let dimension = field.first().map_or(0, Vec::len);
    let mut roots = Vec::with_capacity(dimension);
    for i in 0..dimension {
        let mut sum = target.integer(0);
        for f in field.iter().rev() {
            let shifted = by_step(target, sum);
            sum = target.add(shifted, f[i]);
        }
        roots.push(sum);
    }
    roots
}

/// Refuses what would be taken apart into more operations than anybody reads.
pub(super) fn check_route(loss: ExpressionRef<'_>) -> Result<(), DeriveError> {
    match Route::of(loss) {
        Route::Scalar => Ok(()),
        Route::Array => Err(DeriveError::Whole {
            operations: operation_count(loss.pool(), &[loss.id()]).total(),
            parameters: loss.pool().dimension(),
        }),
    }
}

fn gradient_tape(loss: ExpressionRef<'_>) -> Tape {
    let mut pool = loss.pool().clone();
    let gradient = pool.gradient_entries(loss.id());
    Tape::new(&pool, &gradient)
}

/// A pool with the same parameters and symbols, then the optimizer's, and nothing else.
fn declarations(pool: &Pool, scheme: &Scheme) -> Result<Pool, DeriveError> {
    let mut target = Pool::new();
    for (name, shape) in pool.parameters() {
        target.declare_parameter(name, shape.clone());
    }
    for name in pool.symbols() {
        target.declare_symbol(name);
    }
    for name in scheme.optimizer().symbols() {
        if pool.symbols().contains(name) || pool.parameters().any(|(declared, _)| declared == name) {
            return Err(DeriveError::Name { name: name.clone(), method: scheme.optimizer().name().to_owned() });
        }
        target.declare_symbol(name);
    }
    Ok(target)
}

/// The entries of θ, then the symbols.
fn inputs(target: &mut Pool) -> Vec<Id> {
    let mut inputs = target.theta();
    let names = target.symbols().to_vec();
    inputs.extend((0u32..).zip(&names).map(|(s, _)| target.symbol(s)));
    inputs
}

/// The field `f_0, …, f_N` of a loss and its parts, by components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts<V> {
    pub(super) field: Vec<Vec<V>>,
    pub(super) principal: Vec<Vec<V>>,
    pub(super) rest: Vec<Vec<V>>,
}

impl<V> Default for Parts<V> {
    fn default() -> Self {
        Self { field: Vec::new(), principal: Vec::new(), rest: Vec::new() }
    }
}

impl<V> Parts<V> {
    fn orders(self, formula: impl Fn(V) -> Formula) -> Vec<ConcreteOrder> {
        let wrap = |part: Vec<V>| part.into_iter().map(&formula).collect();
        let parts = self.field.into_iter().zip(self.principal).zip(self.rest);
        parts
            .map(|((f, p), rest)| ConcreteOrder { components: wrap(f), principal: wrap(p), nonprincipal: wrap(rest) })
            .collect()
    }
}

fn expanded(
    scheme: &Scheme,
    pool: &Pool,
    gradient: &Tape,
    order: usize,
    limits: &DeriveLimits,
) -> Option<Parts<Polynomial>> {
    if !scheme.optimizer().symbols().is_empty() {
        return None;
    }
    let mut algebra = Polynomials::new(pool.dimension() + pool.symbols().len(), limits.max_terms);
    algebra.max_products = limits.max_products;
    let entries = algebra.expand(gradient, pool.dimension()).ok()?;
    let terms: usize = entries.iter().map(Polynomial::len).sum();
    if terms > MAX_EXPANDED_TERMS && terms / MAX_EXPANSION > gradient.ops.len() {
        return None;
    }
    if scheme.optimizer().is_gradient_descent() {
        return expand_field(&entries, order, limits);
    }
    let gradient = SeriesTape::new(gradient);
    if scheme.cost(&gradient, order) > limits.max_products {
        return None;
    }
    let mut variables = (0..algebra.variables).map(|k| Polynomial::variable(algebra.variables, k));
    let theta = variables.by_ref().take(pool.dimension()).collect();
    let point = Point { theta, symbols: variables.collect() };
    let field = scheme.modified_field(&mut algebra, &gradient, &point, order);
    let principal = scheme.principal_field(&mut algebra, &gradient, &point, order);
    let difference = |f: &Vec<Polynomial>, p: &Vec<Polynomial>| f.iter().zip(p).map(|(f, p)| f.minus(p)).collect();
    let rest = field.iter().zip(&principal).map(|(f, p)| difference(f, p)).collect();
    algebra.failure.is_none().then_some(Parts { field, principal, rest })
}

/// Expressions with shared subterms, the rest written as a difference.
fn shared_parts(
    scheme: &Scheme,
    target: &mut Pool,
    gradient: &Tape,
    order: usize,
    limits: &DeriveLimits,
) -> Result<Parts<Id>, DeriveError> {
    let (mut field, principal) = shared(scheme, target, gradient, order, limits, true)?;
    let zero = target.integer(0);
    let mut rest = Vec::with_capacity(field.len());
    for (n, (f, p)) in field.iter_mut().zip(&principal).enumerate() {
        // f_0 and f_1 are principal, whatever the loss; one way to write them is enough.
        if n < 2 || scheme.vanishes(n) {
            f.clone_from(p);
            rest.push(vec![zero; p.len()]);
        } else {
            rest.push(f.iter().zip(p).map(|(f, p)| target.sub(*f, *p)).collect());
        }
    }
    Ok(Parts { field, principal, rest })
}

/// The field and its principal part, by orders and components.
type Halves = (Vec<Vec<Id>>, Vec<Vec<Id>>);

fn shared(
    scheme: &Scheme,
    target: &mut Pool,
    gradient: &Tape,
    order: usize,
    limits: &DeriveLimits,
    to_read: bool,
) -> Result<Halves, DeriveError> {
    let readable = to_read.then(|| SeriesTape::readable(gradient));
    let readable = readable.filter(|series| scheme.cost(series, order) <= limits.max_nodes);
    let gradient = readable.unwrap_or_else(|| SeriesTape::new(gradient));
    let nodes = scheme.cost(&gradient, order);
    if nodes > limits.max_nodes {
        return Err(DeriveError::TooLarge { order, nodes, limit: limits.max_nodes });
    }
    let dimension = target.dimension();
    let mut theta = inputs(target);
    let symbols = theta.split_off(dimension);
    let point = Point { theta, symbols };
    let mut algebra = DagAlgebra(target);
    let values = scheme.modified_field(&mut algebra, &gradient, &point, order);
    let principal = scheme.principal_field(&mut algebra, &gradient, &point, order);
    Ok((values, principal))
}
