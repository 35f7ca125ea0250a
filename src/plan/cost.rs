//! What evaluations take: counts of operations and of memory.

use super::graph::{Entry, Graph, Kind, Stage};
use super::steps::Steps;
use crate::expr::{Id, Node, Pool};
use std::ops::{Add, AddAssign};

/// Counts of operations on real or complex numbers, whatever a plan makes of them.
///
/// ```
/// use shadowflow::expr::{Pool, Shape};
/// use shadowflow::plan::operation_count;
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::new(&[5, 3]));
/// let w = pool.declare_parameter("w", Shape::new(&[3, 2]));
/// let product = pool.matmul(x, w)?;
/// let root = pool.sum(product);
/// let count = operation_count(&pool, &[root]);
/// assert_eq!((count.products, count.entrywise, count.functions), (30, 10, 0));
/// # Ok::<(), shadowflow::expr::OperandError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OperationCount {
    /// Multiplications in matrix products, each with its addition.
    pub products: u64,
    /// Additions, multiplications, powers and terms of sums outside of matrix products, one for every entry.
    pub entrywise: u64,
    /// Calls of functions.
    pub functions: u64,
}

impl Add for OperationCount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            products: self.products.saturating_add(other.products),
            entrywise: self.entrywise.saturating_add(other.entrywise),
            functions: self.functions.saturating_add(other.functions),
        }
    }
}

impl AddAssign for OperationCount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl OperationCount {
    /// All operations.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.products.saturating_add(self.entrywise).saturating_add(self.functions)
    }
}

/// What an evaluation of a [`Plan`](super::Plan) takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanCost {
    /// The operations of [`Plan::enter`](super::Plan::enter).
    pub enter: OperationCount,
    /// The operations of [`Plan::along`](super::Plan::along).
    pub along: OperationCount,
    /// The number of steps of both: products, kernels of elementwise operations, sums and others.
    pub steps: usize,
    /// The number of arrays that the steps write.
    pub arrays: usize,
    /// The memory of a state in bytes, which is all that evaluations use: arrays that are not needed at once share their place.
    pub peak_bytes: u64,
    /// How much of it `enter` leaves for `along`.
    pub kept_bytes: u64,
    /// What the arrays would take without sharing.
    pub unshared_bytes: u64,
}

impl PlanCost {
    pub(super) fn new(graph: &Graph, steps: &Steps, threads: usize) -> Self {
        let bytes = |numbers: usize| 8 * numbers as u64;
        let halves = if graph.complex { 2 } else { 1 };
        let (mut enter, mut along) = (OperationCount::default(), OperationCount::default());
        let live = graph.live();
        for (node, _) in graph.nodes.iter().zip(&live).filter(|(_, live)| **live) {
            let size = node.size as u64;
            let of = |a: usize| graph.nodes[a].size as u64;
            let mut count = OperationCount::default();
            match &node.kind {
                Kind::Given(_) | Kind::Part(..) => {}
                Kind::Entry(Entry::Number(_) | Entry::Repeat(..)) => {}
                Kind::Entry(Entry::Apply(..)) => count.functions = size,
                Kind::Entry(_) => count.entrywise = size,
                Kind::Product { terms, .. } => {
                    count.products = terms.iter().map(|t| size.saturating_mul(t.inner as u64)).sum();
                }
                Kind::Sum(a, _) | Kind::Largest(a, _) => count.entrywise = of(*a),
                Kind::Gather(..) | Kind::OneHot(..) | Kind::Transpose(..) | Kind::Stack(_) => count.entrywise = size,
            }
            match node.stage {
                Stage::Once => {}
                Stage::Enter => enter += count,
                Stage::Along => along += count,
            }
        }
        let inputs = graph.dimension * halves + graph.symbols;
        let parts = if graph.complex { 2 * (graph.dimension * graph.directions + steps.outputs) } else { 0 };
        Self {
            enter,
            along,
            steps: steps.steps.len(),
            arrays: steps.arrays,
            peak_bytes: bytes(steps.memory + inputs + parts + steps.needs.numbers(threads)),
            kept_bytes: bytes(steps.kept + inputs),
            unshared_bytes: bytes(steps.unshared + inputs + parts),
        }
    }

    /// The operations of both stages.
    #[must_use]
    pub fn operations(&self) -> OperationCount {
        self.enter + self.along
    }
}

/// The operations that expressions take, without planning: one for every entry of every node.
#[must_use]
pub fn operation_count(pool: &Pool, roots: &[Id]) -> OperationCount {
    let mut total = OperationCount::default();
    for id in pool.reachable(roots) {
        let size = pool.shape(id).size() as u64;
        let of = |a: &Id| pool.shape(*a).size() as u64;
        match pool.node(id) {
            Node::Constant(_) | Node::Pi | Node::Symbol(_) | Node::Param(_) | Node::Data(_) | Node::Direction(..) => {}
            Node::Broadcast(..) | Node::Reshape(..) | Node::Index(..) | Node::OneHot(..) => {}
            Node::Add(..) | Node::Mul(..) | Node::Pow(..) => total.entrywise += size,
            Node::Apply(..) => total.functions += size,
            Node::Sum(a) | Node::SumAxis(a, _) => total.entrywise += of(a),
            Node::LogSumExp(a) | Node::LogSumExpAxis(a, _) => {
                total += OperationCount { products: 0, entrywise: 3 * of(a), functions: of(a) + size };
            }
            Node::Transpose(_) | Node::Gather(..) | Node::Stack(_) => total.entrywise += size,
            Node::Matmul(a, _) => {
                let inner = pool.shape(*a).axes().last().copied().unwrap_or(1) as u64;
                total.products = total.products.saturating_add(size.saturating_mul(inner));
            }
        }
    }
    total
}
