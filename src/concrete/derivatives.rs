//! The modified equation of a concrete loss in the loss's own derivatives.

use super::derive::DeriveError;
use crate::expr::simplify::{Options, simplify};
use crate::expr::{DagAlgebra, ExpressionRef, Id, NotPolynomial, Polynomial, Pool, Tape, Variable};
use crate::number::{Coefficient, Scalar};
use crate::series::ModifiedEquation;
use crate::tree::Tree;
use rustc_hash::FxHashMap;

/// The highest order that is written in derivatives of the loss: the trees of the next ones are too many to read.
pub const MAX_ORDER: usize = 13;

/// The most entries of derivatives that are written out.
pub const MAX_ENTRIES: usize = 400;

/// The most terms of one component.
pub const MAX_TERMS: usize = 400;

/// An entry of a derivative of the loss: `∂^k E/∂θ_{i_1} … ∂θ_{i_k}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivativeEntry {
    /// The entries of θ, in ascending order.
    pub indices: Vec<usize>,
    /// Its value, an expression of the equation's pool.
    pub value: Id,
}

/// A term of some `f_n`: a coefficient before a vector whose components are polynomials in the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivativeTerm {
    /// 1, or what hyper-parameters left symbolic, or roots, stand in.
    pub coefficient: Scalar,
    /// One polynomial for every entry of θ, its variables the entries of the equation.
    pub components: Vec<Polynomial>,
}

/// `f_n` in two parts, each a sum of terms; terms with rational coefficients are one, with coefficient 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DerivativeOrder {
    /// The principal part.
    pub principal: Vec<DerivativeTerm>,
    /// The rest.
    pub nonprincipal: Vec<DerivativeTerm>,
}

impl DerivativeOrder {
    /// The terms of the whole, those of the two parts with one coefficient added.
    #[must_use]
    pub fn whole(&self) -> Vec<DerivativeTerm> {
        let mut whole = self.principal.clone();
        self.nonprincipal.iter().for_each(|term| add(&mut whole, &term.coefficient, &term.components));
        whole
    }
}

/// Adds a coefficient times a vector to a sum of such.
fn add(sum: &mut Vec<DerivativeTerm>, coefficient: &Scalar, components: &[Polynomial]) {
    match sum.iter_mut().find(|term| term.coefficient == *coefficient) {
        Some(term) => term.components.iter_mut().zip(components).for_each(|(own, new)| *own = own.plus(new)),
        None => sum.push(DerivativeTerm { coefficient: coefficient.clone(), components: components.to_vec() }),
    }
}

/// The modified equation `f̃ = Σ h^n f_n` of a loss, its components written in derivatives of the loss: `f_2 = −E''² E'/3 − E''' E'²/12` in one dimension.
///
/// Every elementary differential is a sum of products of entries (Hairer, Lubich and Wanner, *Geometric Numerical Integration*, III.1): this route shares
/// nothing with the recurrence that [`derive`](super::derive()) follows. Entries that are zero are left out, and those that are numbers stand as numbers.
///
/// ```
/// use shadowflow::concrete::DerivativeEquation;
/// use shadowflow::expr::{Function, Pool, Shape};
/// use shadowflow::optimizer::BoundOptimizer;
/// use shadowflow::series::derive;
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let loss = pool.apply(Function::Softplus, x);
/// let series = derive(&BoundOptimizer::gradient_descent(), 2).run()?.equation;
/// let equation = DerivativeEquation::new(pool.expression(loss), &series, None)?;
/// let names = ["E'", "E''", "E'''"].map(str::to_owned);
/// assert_eq!(equation.orders[2].whole()[0].components[0].to_text(&names), "-1/12*E'^2*E''' - 1/3*E'*E''^2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct DerivativeEquation {
    /// The DAG of the entries.
    pub pool: Pool,
    /// The entries that the components are written in, lower derivatives first.
    pub entries: Vec<DerivativeEntry>,
    /// All entries of the same derivatives, those that are numbers too.
    pub all: Vec<DerivativeEntry>,
    /// `f_0, f_1, …`.
    pub orders: Vec<DerivativeOrder>,
}

/// Why an equation is not written in derivatives of its loss.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDerivatives {
    /// There would be more entries than anybody reads.
    #[error(
        "the derivatives of the loss have more than {MAX_ENTRIES} entries: ask for a lower order, or for fewer parameters"
    )]
    Entries,
    /// A component would have more terms than anybody reads.
    #[error(
        "a component has more than {MAX_TERMS} terms in derivatives of the loss: ask for a lower order, or for fewer parameters"
    )]
    Terms,
    /// The formulas are too large to be taken apart into factors.
    #[error("the formulas are too large to be taken apart into factors: ask for a lower order, or for another form")]
    Factors,
    /// The order is too high.
    #[error(
        "components are written in derivatives of the loss to order {MAX_ORDER}: ask for a lower order, or for the expanded form"
    )]
    Order,
    /// There is no abstract equation.
    #[error("{0}")]
    Series(String),
    /// The loss cannot be taken apart.
    #[error(transparent)]
    Derive(#[from] DeriveError),
}

impl From<NotPolynomial> for NoDerivatives {
    fn from(_: NotPolynomial) -> Self {
        Self::Terms
    }
}

impl DerivativeEquation {
    /// Writes the terms of an abstract equation in the derivatives of a loss, those simplified where that is asked for.
    ///
    /// # Errors
    /// [`NoDerivatives`].
    pub fn new<'a>(
        loss: impl Into<ExpressionRef<'a>>,
        series: &ModifiedEquation,
        options: Option<&Options>,
    ) -> Result<Self, NoDerivatives> {
        Self::refined(loss.into(), series, options, |_, values| values.to_vec())
    }

    /// [`DerivativeEquation::new`] with the values of all entries as they are refined once more.
    pub(crate) fn refined(
        loss: ExpressionRef<'_>,
        series: &ModifiedEquation,
        options: Option<&Options>,
        refine: impl FnOnce(&mut Pool, &[Id]) -> Vec<Id>,
    ) -> Result<Self, NoDerivatives> {
        super::derive::check_route(loss)?;
        let (mut pool, dimension) = (loss.pool().clone(), loss.pool().dimension());
        let highest = series.orders.iter().flatten().map(|t| most_children(&t.tree) + 1).max().unwrap_or(1);
        let mut values = entries(&mut pool, loss.id(), dimension, highest, options)?;
        let roots: Vec<Id> = values.iter().map(|entry| entry.value).collect();
        values.iter_mut().zip(refine(&mut pool, &roots)).for_each(|(entry, value)| entry.value = value);
        let variables = values.iter().filter(|entry| pool.as_constant(entry.value).is_none()).count();
        let (mut known, mut kept) = (FxHashMap::default(), Vec::new());
        let all = values.clone();
        for entry in values {
            let polynomial = match pool.as_constant(entry.value) {
                Some(value) => Polynomial::constant(variables, value.clone()),
                None => {
                    kept.push(entry.clone());
                    Polynomial::variable(variables, kept.len() - 1)
                }
            };
            known.insert(entry.indices, polynomial);
        }
        let mut differentials = Differentials { known, dimension, variables, done: FxHashMap::default() };
        let mut orders = Vec::new();
        for terms in &series.orders {
            let mut order = DerivativeOrder::default();
            for term in terms {
                let part = if term.tree.is_principal() { &mut order.principal } else { &mut order.nonprincipal };
                let components = differentials.of(&term.tree)?;
                match term.coefficient.to_rational() {
                    Some(q) => {
                        let scaled: Vec<Polynomial> = components.iter().map(|p| p.scaled(&q)).collect();
                        add(part, &Scalar::one(), &scaled);
                    }
                    None => add(part, &term.coefficient, &components),
                }
            }
            if order
                .principal
                .iter()
                .chain(&order.nonprincipal)
                .flat_map(|t| &t.components)
                .any(|p| p.len() > MAX_TERMS)
            {
                return Err(NoDerivatives::Terms);
            }
            for part in [&mut order.principal, &mut order.nonprincipal] {
                part.retain(|term| term.components.iter().any(|p| !p.is_zero()));
            }
            orders.push(order);
        }
        let mut equation = Self { pool, entries: kept, all, orders };
        equation.forget_unused();
        Ok(equation)
    }

    /// Leaves out entries that nothing is written in, as where all their products vanish.
    fn forget_unused(&mut self) {
        let mut used = vec![false; self.entries.len()];
        let terms = self.orders.iter().flat_map(|order| order.principal.iter().chain(&order.nonprincipal));
        for (exponents, _) in terms.flat_map(|term| &term.components).flat_map(Polynomial::terms) {
            exponents.iter().zip(&mut used).for_each(|(e, used)| *used |= *e > 0);
        }
        let keep = |exponents: &[u32]| -> Vec<u32> {
            exponents.iter().zip(&used).filter(|(_, used)| **used).map(|(e, _)| *e).collect()
        };
        let count = used.iter().filter(|used| **used).count();
        let terms = self.orders.iter_mut().flat_map(|order| order.principal.iter_mut().chain(&mut order.nonprincipal));
        for polynomial in terms.flat_map(|term| &mut term.components) {
            *polynomial = Polynomial::from_terms(count, polynomial.terms().map(|(e, c)| (keep(e), c.clone())));
        }
        let mut at = used.iter();
        self.entries.retain(|_| *at.next().unwrap_or(&false));
    }
}

/// Expressions entry by entry, without arrays.
fn scalars(pool: &mut Pool, roots: &[Id]) -> Vec<Id> {
    let tape = Tape::new(pool, roots);
    let theta = pool.theta();
    let count = u32::try_from(pool.symbols().len()).unwrap_or(u32::MAX);
    let symbols: Vec<Id> = (0..count).map(|s| pool.symbol(s)).collect();
    tape.evaluate(&mut DagAlgebra(pool), |algebra, input| match input {
        Variable::Theta(k) => theta[k as usize],
        Variable::Symbol(s) => symbols[s as usize],
        Variable::Direction(..) => algebra.0.integer(0),
    })
}

fn most_children(tree: &Tree) -> usize {
    let children = tree.children();
    children.iter().map(most_children).max().unwrap_or(0).max(children.len())
}

/// All entries of the derivatives to some order, each once: every derivative is taken of the last ones as they are simplified.
fn entries(
    pool: &mut Pool,
    loss: Id,
    dimension: usize,
    highest: usize,
    options: Option<&Options>,
) -> Result<Vec<DerivativeEntry>, NoDerivatives> {
    let mut all: Vec<DerivativeEntry> = Vec::new();
    let mut last = vec![DerivativeEntry { indices: Vec::new(), value: loss }];
    for _ in 0..highest {
        let mut next = Vec::new();
        for entry in &last {
            let from = entry.indices.last().copied().unwrap_or(0);
            let derivatives = pool.gradient_entries(entry.value);
            for (k, value) in derivatives.into_iter().enumerate().skip(from).take(dimension - from) {
                next.push(DerivativeEntry { indices: [&entry.indices[..], &[k]].concat(), value });
            }
            if all.len() + next.len() > MAX_ENTRIES {
                return Err(NoDerivatives::Entries);
            }
        }
        let mut values: Vec<Id> = next.iter().map(|entry| entry.value).collect();
        values = scalars(pool, &values);
        if let Some(options) = options {
            values = simplify(pool, &values, options).roots;
        }
        next.iter_mut().zip(values).for_each(|(entry, value)| entry.value = value);
        all.extend(next.iter().cloned());
        last = next;
    }
    Ok(all)
}

/// Elementary differentials by components.
struct Differentials {
    known: FxHashMap<Vec<usize>, Polynomial>,
    dimension: usize,
    variables: usize,
    done: FxHashMap<Tree, Vec<Polynomial>>,
}

impl Differentials {
    fn of(&mut self, tree: &Tree) -> Result<Vec<Polynomial>, NoDerivatives> {
        if let Some(done) = self.done.get(tree) {
            return Ok(done.clone());
        }
        let arguments: Vec<Vec<Polynomial>> =
            tree.children().iter().map(|child| self.of(child)).collect::<Result<_, _>>()?;
        let mut components = Vec::new();
        for own in 0..self.dimension {
            components.push(self.contracted(vec![own], &arguments)?);
        }
        self.done.insert(tree.clone(), components.clone());
        Ok(components)
    }

    /// `Σ_j ∂^{k+1}E_{i j_1 … j_k} a_{j_1} … a_{j_k}`, the first indices given.
    fn contracted(&self, indices: Vec<usize>, arguments: &[Vec<Polynomial>]) -> Result<Polynomial, NoDerivatives> {
        let Some((first, rest)) = arguments.split_first() else {
            let mut sorted = indices;
            sorted.sort_unstable();
            return Ok(self.known.get(&sorted).cloned().unwrap_or_else(|| Polynomial::zero(self.variables)));
        };
        let mut sum = Polynomial::zero(self.variables);
        for (j, argument) in first.iter().enumerate().filter(|(_, a)| !a.is_zero()) {
            let inner = self.contracted([&indices[..], &[j]].concat(), rest)?;
            sum = sum.plus(&inner.times(argument, MAX_TERMS)?);
        }
        Ok(sum)
    }
}
