//! Whether a loss is taken apart into scalar operations or its arrays stay whole.

use super::operation_count;
use crate::expr::{ExpressionRef, Id, Node};
use std::fmt;

/// Losses of more scalar operations than this keep their arrays whole.
pub const MOST_SCALAR_OPERATIONS: u64 = 10_000;

/// Arrays that are worth keeping whole have at least so many scalar operations for each of the expression's own: losses written out entry by
/// entry have about one.
pub const LEAST_PER_NODE: u64 = 16;

/// How a loss is evaluated: a fixed rule, so that the same file always takes the same route.
///
/// Arrays stay whole where the loss, taken apart, has more than [`MOST_SCALAR_OPERATIONS`] scalar operations and at least
/// [`LEAST_PER_NODE`] of them for each operation on arrays. All other losses are taken apart and compiled as straight-line programs, with
/// certified digits and whole tensors.
///
/// ```
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::plan::Route;
/// let mut pool = Pool::new();
/// let w = pool.declare_parameter("W", Shape::new(&[200, 100]));
/// let square = pool.pow(w, &2.into());
/// let loss = pool.sum(square);
/// assert_eq!(Route::of(pool.expression(loss)), Route::Array);
/// let entry = pool.index(w, 0);
/// assert_eq!(Route::of(pool.expression(entry)).to_string(), "scalar");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// Scalar operations.
    Scalar,
    /// Whole arrays.
    Array,
}

impl Route {
    /// The route of a loss.
    #[must_use]
    pub fn of<'a>(loss: impl Into<ExpressionRef<'a>>) -> Self {
        let loss = loss.into();
        let (operations, nodes) = counts(loss);
        if operations > MOST_SCALAR_OPERATIONS && operations >= LEAST_PER_NODE.saturating_mul(nodes) {
            Self::Array
        } else {
            Self::Scalar
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scalar => "scalar",
            Self::Array => "array",
        })
    }
}

/// The scalar operations of a loss taken apart, and how many of its nodes they are of.
pub(crate) fn counts(loss: ExpressionRef<'_>) -> (u64, u64) {
    let (pool, root) = (loss.pool(), [loss.id()]);
    let computes = |id: &Id| {
        !matches!(
            pool.node(*id),
            Node::Constant(_)
                | Node::Pi
                | Node::Symbol(_)
                | Node::Param(_)
                | Node::Data(_)
                | Node::Direction(..)
                | Node::Broadcast(..)
                | Node::Reshape(..)
                | Node::Index(..)
                | Node::OneHot(..)
        )
    };
    let nodes = pool.reachable(&root).iter().filter(|id| computes(id)).count() as u64;
    (operation_count(pool, &root).total(), nodes.max(1))
}
