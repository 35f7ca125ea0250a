//! The modified equation of a concrete loss in the loss's own derivatives.

use super::derive::DeriveError;
use crate::expr::simplify::{Options, simplify};
use crate::expr::{ExpressionRef, Id, NotPolynomial, Polynomial, Pool};
use crate::number::Rational;
use crate::series::ModifiedEquation;
use crate::tree::Tree;
use rustc_hash::FxHashMap;

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

/// `f_n` by components, in two parts: polynomials whose variables are the entries of the derivatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivativeOrder {
    /// The components of `f_n`.
    pub components: Vec<Polynomial>,
    /// The components of its principal part.
    pub principal: Vec<Polynomial>,
    /// The components of the rest.
    pub nonprincipal: Vec<Polynomial>,
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
/// assert_eq!(equation.orders[2].components[0].to_text(&names), "-1/3*E'*E''^2 - 1/12*E'^2*E'''");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct DerivativeEquation {
    /// The DAG of the entries.
    pub pool: Pool,
    /// The entries that the components are written in, lower derivatives first.
    pub entries: Vec<DerivativeEntry>,
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
    /// A coefficient has a symbol.
    #[error("the coefficients have hyper-parameters left symbolic: give them numbers")]
    Symbols,
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
        let loss = loss.into();
        super::derive::check_route(loss)?;
        let (mut pool, dimension) = (loss.pool().clone(), loss.pool().dimension());
        let highest = series.orders.iter().flatten().map(|t| most_children(&t.tree) + 1).max().unwrap_or(1);
        let mut values = entries(&mut pool, loss.id(), dimension, highest)?;
        if let Some(options) = options {
            let roots: Vec<Id> = values.iter().map(|entry| entry.value).collect();
            let simplified = simplify(&mut pool, &roots, options);
            values.iter_mut().zip(simplified.roots).for_each(|(entry, value)| entry.value = value);
        }
        let variables = values.iter().filter(|entry| pool.as_constant(entry.value).is_none()).count();
        let (mut known, mut kept) = (FxHashMap::default(), Vec::new());
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
            let zeros = || vec![Polynomial::zero(variables); dimension];
            let mut order = DerivativeOrder { components: zeros(), principal: zeros(), nonprincipal: zeros() };
            for term in terms {
                let coefficient = &term.coefficient.to_rational().ok_or(NoDerivatives::Symbols)?;
                let part = if term.tree.is_principal() { &mut order.principal } else { &mut order.nonprincipal };
                for (sum, value) in part.iter_mut().zip(differentials.of(&term.tree)?) {
                    *sum = sum.plus(&value.scaled(coefficient));
                }
            }
            for (k, sum) in order.components.iter_mut().enumerate() {
                *sum = order.principal[k].plus(&order.nonprincipal[k]);
                if sum.len() > MAX_TERMS {
                    return Err(NoDerivatives::Terms);
                }
            }
            orders.push(order);
        }
        let mut equation = Self { pool, entries: kept, orders };
        equation.forget_unused();
        Ok(equation)
    }

    /// Leaves out entries that nothing is written in, as where all their products vanish.
    fn forget_unused(&mut self) {
        let mut used = vec![false; self.entries.len()];
        let parts =
            |order: &DerivativeOrder| [order.components.clone(), order.principal.clone(), order.nonprincipal.clone()];
        for polynomial in self.orders.iter().flat_map(parts).flatten() {
            for (exponents, _) in polynomial.terms() {
                exponents.iter().zip(&mut used).for_each(|(e, used)| *used |= *e > 0);
            }
        }
        let keep = |exponents: &[u32]| -> Vec<u32> {
            exponents.iter().zip(&used).filter(|(_, used)| **used).map(|(e, _)| *e).collect()
        };
        let count = used.iter().filter(|used| **used).count();
        for order in &mut self.orders {
            for part in [&mut order.components, &mut order.principal, &mut order.nonprincipal] {
                for polynomial in part {
                    let terms: Vec<(Vec<u32>, Rational)> =
                        polynomial.terms().map(|(e, c)| (keep(e), c.clone())).collect();
                    *polynomial = Polynomial::from_terms(count, terms);
                }
            }
        }
        let mut at = used.iter();
        self.entries.retain(|_| *at.next().unwrap_or(&false));
    }
}

fn most_children(tree: &Tree) -> usize {
    let children = tree.children();
    children.iter().map(most_children).max().unwrap_or(0).max(children.len())
}

/// All entries of the derivatives to some order, each once.
fn entries(pool: &mut Pool, loss: Id, dimension: usize, highest: usize) -> Result<Vec<DerivativeEntry>, NoDerivatives> {
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
