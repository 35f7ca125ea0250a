//! Whether a loss is taken apart into scalar operations or its arrays stay whole.

use crate::expr::{ExpressionRef, Id, Node, Pool};
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
/// let entry = pool.index(square, 0);
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
        let (operations, nodes) = scalar_operations(loss.pool(), &[loss.id()]);
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

/// How many scalar operations expressions take entry by entry, and how many operations on arrays they are.
#[must_use]
pub fn scalar_operations(pool: &Pool, roots: &[Id]) -> (u64, u64) {
    let size = |id: Id| pool.shape(id).size() as u64;
    let (mut operations, mut nodes) = (0_u64, 0_u64);
    for id in pool.reachable(roots) {
        let count = match pool.node(id) {
            Node::Constant(_) | Node::Pi | Node::Symbol(_) | Node::Param(_) | Node::Data(_) | Node::Direction(..) => 0,
            // Entries change places only.
            Node::Broadcast(..)
            | Node::Stack(_)
            | Node::Reshape(..)
            | Node::Index(..)
            | Node::Transpose(_)
            | Node::Gather(..)
            | Node::OneHot(..) => 0,
            Node::Add(..) | Node::Mul(..) | Node::Pow(..) | Node::Apply(..) => size(id),
            Node::Sum(a) | Node::SumAxis(a, _) => size(*a),
            // An exponential and a sum for each entry.
            Node::LogSumExp(a) | Node::LogSumExpAxis(a, _) => size(*a).saturating_mul(2),
            Node::Matmul(a, _) => {
                let inner = pool.shape(*a).axes().last().copied().unwrap_or(1) as u64;
                size(id).saturating_mul(inner).saturating_mul(2)
            }
        };
        operations = operations.saturating_add(count);
        nodes += u64::from(count > 0);
    }
    (operations, nodes.max(1))
}
