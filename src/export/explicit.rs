//! A flow of one loss: its field as expressions of arrays, and taken apart into scalars.

use super::abstract_flow::{curve, third};
use super::curve::GrowthCurve;
use super::{ExportError, Target};
use crate::concrete::arrays::{modified_field, principal_field, third_along};
use crate::expr::{Id, Pool, Purpose, Tape};
use crate::flow::FlowName;
use crate::loss::Loss;
use crate::number::Scalar;
use crate::optimizer::BoundOptimizer;
use crate::plan::{Route, operation_count};

/// The most parameters whose Hessian is written out.
pub const MAX_DENSE: usize = 32;

/// The most scalar operations that are written out as formulas where array code is there for more: NumPy and JAX.
pub const MAX_OPERATIONS: u64 = 5_000;

/// The most scalar operations that are written out where it is not: C, Julia, PyTorch, and whole Hessians.
pub const MAX_FORMULAS: u64 = 20_000;

/// The most operations on arrays that are written as array code.
pub const MAX_NODES: usize = 5_000;

/// The most numbers of data that stand in a program.
pub const MAX_DATA: usize = 50_000;

/// The highest order of formulas.
pub const MAX_EXPLICIT_ORDER: usize = 20;

/// The flow of one loss.
#[derive(Debug)]
pub(super) struct Explicit {
    /// What the expressions are of.
    pub(super) pool: Pool,
    /// `f_0, f_1, …`, one array for every parameter; of a function of the Hessian g, the rows of H and `T[g, g]`.
    pub(super) orders: Vec<Vec<Id>>,
    /// What the field is where it is a function of the Hessian.
    pub(super) spectral: Option<Spectral>,
}

/// `α(hH) g + c h² T[g, g]`.
#[derive(Debug)]
pub(super) struct Spectral {
    /// Where the root is that α is the logarithm of; `None` for gradient descent's `1 − z`.
    pub(super) curve: Option<GrowthCurve>,
    /// c, where there is such a term.
    pub(super) third: Option<Scalar>,
}

impl Explicit {
    pub(super) fn new(loss: &Loss, optimizer: &BoundOptimizer, flow: &FlowName) -> Result<Self, ExportError> {
        let (mut pool, root) = loss.expression.clone().into_parts();
        let descent = BoundOptimizer::gradient_descent();
        let beyond = |order: &usize| *order > MAX_EXPLICIT_ORDER;
        let orders = match flow {
            FlowName::Bea(order) | FlowName::Principal(order) if beyond(order) => {
                return Err(ExportError::Order { flow: flow.to_string(), limit: MAX_EXPLICIT_ORDER });
            }
            FlowName::Ngf => modified_field(&mut pool, root, &descent, 0)?,
            FlowName::Pgf => vec![gradient(&mut pool, root).1],
            FlowName::Igr => modified_field(&mut pool, root, &descent, 1)?,
            FlowName::Third => modified_field(&mut pool, root, &descent, 2)?,
            FlowName::Bea(order) => modified_field(&mut pool, root, optimizer, *order)?,
            FlowName::Principal(order) => principal_field(&mut pool, root, optimizer, *order)?,
            FlowName::Pf | FlowName::PfNp3 => return Self::spectral(pool, root, optimizer, flow),
            other => {
                return Err(ExportError::Flow {
                    flow: other.to_string(),
                    reason: super::abstract_flow::unsuitable(other),
                });
            }
        };
        Ok(Self { pool, orders, spectral: None })
    }

    /// A function of the Hessian, whose entries are written out.
    fn spectral(mut pool: Pool, root: Id, optimizer: &BoundOptimizer, flow: &FlowName) -> Result<Self, ExportError> {
        let n = pool.dimension();
        if Route::of(pool.expression(root)) == Route::Array || n > MAX_DENSE {
            return Err(ExportError::TooLong {
                size: format!("`{flow}` of a loss file takes the whole Hessian, of at most {MAX_DENSE} parameters"),
                target: Target::Jax,
            });
        }
        let spectral = Spectral { curve: curve(optimizer, flow)?, third: third(optimizer, flow)? };
        let (root, g) = gradient(&mut pool, root);
        let lower = pool.hessian_entries(root);
        let lower = pool.for_floats(&lower, Purpose::Slopes);
        let entry = |i: usize, j: usize| lower[i.max(j) * (i.max(j) + 1) / 2 + i.min(j)];
        let mut orders = vec![g.clone()];
        orders.extend((0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()));
        if spectral.third.is_some() {
            orders.push(third_along(&mut pool, root, &g));
        }
        Ok(Self { pool, orders, spectral: Some(spectral) })
    }

    /// All arrays, order by order.
    pub(super) fn roots(&self) -> Vec<Id> {
        self.orders.concat()
    }

    /// Taken apart into scalars; `None` where these are too many.
    pub(super) fn scalars(&self, target: Target) -> Option<Tape> {
        let roots = self.roots();
        let has_arrays = matches!(target, Target::Jax | Target::Numpy) && self.spectral.is_none();
        let most = if has_arrays { MAX_OPERATIONS } else { MAX_FORMULAS };
        let few = operation_count(&self.pool, &roots).total() <= most && self.pool.dimension() <= 1000;
        few.then(|| Tape::new(&self.pool, &roots)).filter(|tape| tape.ops.len() as u64 <= most)
    }

    /// Refuses what would be too long as array code too.
    pub(super) fn arrays(&self, target: Target) -> Result<(), ExportError> {
        let reached = self.pool.reachable(&self.roots());
        let data: usize = self.pool.data().iter().map(|data| data.shape().size()).sum();
        if self.spectral.is_some() {
            let size =
                format!("the Hessian's formulas have at most {MAX_FORMULAS} scalar operations, which these exceed");
            return Err(ExportError::TooLong { size, target: Target::Jax });
        }
        let size = match (matches!(target, Target::Jax | Target::Numpy), reached.len() <= MAX_NODES) {
            (false, _) => {
                format!("formulas of {target} have at most {MAX_FORMULAS} scalar operations, which these exceed")
            }
            (true, false) => format!("{} operations on arrays, and {MAX_NODES} are the most", reached.len()),
            (true, true) if data > MAX_DATA => format!("{data} numbers of data, and {MAX_DATA} are the most"),
            (true, true) => return Ok(()),
        };
        Err(ExportError::TooLong { size, target })
    }
}

/// The loss and its gradient, in the form that keeps their values in machine floats.
fn gradient(pool: &mut Pool, loss: Id) -> (Id, Vec<Id>) {
    let loss = pool.for_floats(&[loss], Purpose::Loss)[0];
    let gradient = pool.gradient(loss);
    (loss, pool.for_floats(&gradient, Purpose::Values))
}
