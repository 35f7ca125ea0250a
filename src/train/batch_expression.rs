//! The expression of a loss on some rows of its data.

use super::TrainError;
use crate::expr::{Id, Node, Pool, Shape};
use crate::number::Rational;
use crate::plan::{Plan, PlanOptions};
use rustc_hash::FxHashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Rows that are inputs: all of them, and where those of a batch go.
#[derive(Debug, Clone)]
pub(super) struct RowInput {
    pub(super) values: Arc<[f64]>,
    /// Before and behind the axis of rows.
    pub(super) outer: usize,
    pub(super) inner: usize,
    pub(super) rows: usize,
}

/// The nodes that depend on a parameter.
pub(super) fn dependent(pool: &Pool, root: Id) -> FxHashMap<Id, bool> {
    let mut found = FxHashMap::default();
    for id in pool.reachable(&[root]) {
        let depends =
            matches!(pool.node(id), Node::Param(_)) || pool.children(id).iter().any(|c| found.get(c) == Some(&true));
        found.insert(id, depends);
    }
    found
}

/// What a node is among batches.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rows {
    /// Without rows.
    None,
    /// With rows along this axis.
    Axis(usize),
    /// Without rows, repeated to the shape of something that may have some: the node before it was repeated.
    Repeated,
}

/// A loss's expression being rewritten.
pub(super) struct Taking {
    all: usize,
    batch: usize,
    scale: Rational,
    pool: Pool,
    /// The node on a batch, and where its rows are.
    new: FxHashMap<Id, (Id, Rows)>,
    dependent: FxHashMap<Id, bool>,
    inputs: Vec<RowInput>,
    options: PlanOptions,
}

impl Taking {
    /// The expression on batches of `batch` of all rows, and the inputs that they are.
    ///
    /// # Errors
    /// A loss that does not keep its rows apart.
    pub(super) fn of(
        pool: Pool,
        loss: Id,
        all: usize,
        batch: usize,
        threads: NonZeroUsize,
    ) -> Result<(Pool, Id, Vec<RowInput>), TrainError> {
        let dependent = dependent(&pool, loss);
        let mut taking = Self {
            all,
            batch,
            scale: ratio(all, batch),
            pool,
            new: FxHashMap::default(),
            dependent,
            inputs: Vec::new(),
            options: PlanOptions { threads },
        };
        let id = taking.run(loss)?;
        Ok((taking.pool, id, taking.inputs))
    }

    fn run(&mut self, root: Id) -> Result<Id, TrainError> {
        let ids = self.pool.reachable(&[root]);
        // Where rows are in what is made of data alone.
        let mut axes: FxHashMap<Id, Option<usize>> = FxHashMap::default();
        for id in &ids {
            if !self.dependent[id] {
                let axis = self.axis_of_data(*id, &axes);
                axes.insert(*id, axis);
            }
        }
        for id in ids {
            if !self.dependent[&id] {
                continue;
            }
            for child in self.pool.children(id) {
                if !self.dependent[&child] && !self.new.contains_key(&child) {
                    let taken = match axes[&child] {
                        Some(axis) => self.input(child, axis)?,
                        None if matches!(self.pool.node(child), Node::Broadcast(..)) => (child, Rows::Repeated),
                        None => (child, Rows::None),
                    };
                    self.new.insert(child, taken);
                }
            }
            let taken = self.take(id, &axes)?;
            self.new.insert(id, taken);
        }
        let (id, rows) = self.new.get(&root).copied().unwrap_or((root, Rows::None));
        if rows == Rows::None { Ok(id) } else { Err(self.refused("the loss itself")) }
    }

    fn refused(&self, what: &str) -> TrainError {
        TrainError::Setting(format!(
            "batches take rows of the data, and {what} does not keep the {} rows apart: batches need a loss that is a mean over rows",
            self.all
        ))
    }

    /// Where the rows of a node are that is made of data alone.
    fn axis_of_data(&self, id: Id, axes: &FxHashMap<Id, Option<usize>>) -> Option<usize> {
        let of = |child: &Id| axes.get(child).copied().flatten();
        let shape = self.pool.shape(id);
        let here = |axis: usize| Some(axis).filter(|axis| shape.axes().get(*axis) == Some(&self.all));
        match self.pool.node(id) {
            Node::Data(_) => here(0),
            // Vectors that a loss states itself.
            Node::Stack(_) => here(0),
            Node::OneHot(labels, _) => of(labels).and_then(here),
            Node::Add(a, b) | Node::Mul(a, b) => of(a).or_else(|| of(b)).and_then(here),
            Node::Pow(a, _) | Node::Apply(_, a) => of(a).and_then(here),
            Node::Broadcast(a, _) => of(a).and_then(|k| here(k + shape.rank() - self.pool.shape(*a).rank())),
            Node::Reshape(a, _) => of(a).and_then(|k| self.reshaped(*a, k, shape)),
            Node::SumAxis(a, axis) | Node::LogSumExpAxis(a, axis) => {
                let axis = *axis as usize;
                of(a).filter(|k| *k != axis).and_then(|k| here(k - usize::from(axis < k)))
            }
            Node::Transpose(a) => of(a).and_then(|k| here(1 - k)),
            Node::Matmul(a, b) => match (of(a), of(b)) {
                (Some(0), None) => here(0),
                (None, Some(1)) => here(1),
                _ => None,
            },
            Node::Gather(a, _) => of(a).filter(|k| *k == 0).and_then(here),
            _ => None,
        }
    }

    /// Where the rows of an array are in another shape.
    fn reshaped(&self, from: Id, axis: usize, to: &Shape) -> Option<usize> {
        let before: usize = self.pool.shape(from).axes()[..axis].iter().product();
        let mut product = 1;
        for (k, n) in to.axes().iter().enumerate() {
            if product == before && *n == self.all {
                return Some(k);
            }
            product *= n;
        }
        None
    }

    /// What is made of data alone, on all rows, as an input of some of them.
    fn input(&mut self, id: Id, axis: usize) -> Result<(Id, Rows), TrainError> {
        let plan = Plan::real(&self.pool, &[id], &self.options).map_err(|e| TrainError::Loss(e.to_string()))?;
        let mut values = vec![0.0; plan.outputs()];
        let nothing = vec![0.0; self.pool.dimension()];
        plan.run(&mut plan.state(), &nothing, &[], &[], &mut values);
        let shape = self.pool.shape(id).clone();
        Ok((self.declare(values.into(), &shape, axis), Rows::Axis(axis)))
    }

    fn declare(&mut self, values: Arc<[f64]>, shape: &Shape, axis: usize) -> Id {
        let axes = shape.axes();
        let (outer, inner) = (axes[..axis].iter().product(), axes[axis + 1..].iter().product());
        let shape = self.of_batch(shape, axis);
        let name = format!("rows {}", self.inputs.len());
        self.inputs.push(RowInput { values, outer, inner, rows: self.all });
        self.pool.declare_parameter(&name, shape)
    }

    fn of_batch(&self, shape: &Shape, axis: usize) -> Shape {
        let mut axes = shape.axes().to_vec();
        axes[axis] = self.batch;
        Shape::new(&axes)
    }

    /// A node in full, where it was left as it was before it was repeated.
    fn in_full(&mut self, id: Id, (new, rows): (Id, Rows)) -> Id {
        if rows != Rows::Repeated {
            return new;
        }
        let shape = self.pool.shape(id).clone();
        self.pool.broadcast(new, &shape).unwrap_or(new)
    }

    /// A sum over rows, each counted as often as there are rows for one of the batch.
    fn weighed(&mut self, sum: Id) -> (Id, Rows) {
        let scale = self.scale.clone();
        (self.pool.scaled(&scale, sum), Rows::None)
    }

    fn take(&mut self, id: Id, axes: &FxHashMap<Id, Option<usize>>) -> Result<(Id, Rows), TrainError> {
        let node = self.pool.node(id).clone();
        let shape = self.pool.shape(id).clone();
        let of = |this: &Self, child: Id| this.new.get(&child).copied().unwrap_or((child, Rows::None));
        let wrong = |_| TrainError::Loss("a batch of the loss has arrays that do not fit".to_owned());
        Ok(match node {
            Node::Add(a, b) | Node::Mul(a, b) => {
                let (x, y) = (of(self, a), of(self, b));
                let axis = match (x.1, y.1) {
                    (Rows::Axis(j), Rows::Axis(k)) if self.aligned(a, j, &shape) == self.aligned(b, k, &shape) => {
                        Some(self.aligned(a, j, &shape))
                    }
                    (Rows::Axis(_), Rows::Axis(_)) => return Err(self.refused("an operation on rows and columns")),
                    (Rows::Axis(j), _) => Some(self.aligned(a, j, &shape)),
                    (_, Rows::Axis(k)) => Some(self.aligned(b, k, &shape)),
                    _ => None,
                };
                let (left, right, rows) = match axis {
                    Some(axis) => (x.0, y.0, Rows::Axis(axis)),
                    None if x.1 == Rows::Repeated && y.1 == Rows::Repeated => (x.0, y.0, Rows::Repeated),
                    // One entry repeats beside it.
                    None if x.1 == Rows::Repeated && self.pool.shape(b).size() == 1 => (x.0, y.0, Rows::Repeated),
                    None if y.1 == Rows::Repeated && self.pool.shape(a).size() == 1 => (x.0, y.0, Rows::Repeated),
                    None => (self.in_full(a, x), self.in_full(b, y), Rows::None),
                };
                let found = self.pool.shape(left).broadcast(self.pool.shape(right));
                // A single row would be repeated along an axis of all rows.
                if found.is_none_or(|found| axis.is_some_and(|axis| found != self.of_batch(&shape, axis))) {
                    return Err(self.refused("a parameter with an entry for each row"));
                }
                let new =
                    if matches!(node, Node::Add(..)) { self.pool.add(left, right) } else { self.pool.mul(left, right) };
                (new, rows)
            }
            Node::Pow(a, q) => {
                let (x, rows) = of(self, a);
                (self.pool.pow(x, &q), rows)
            }
            Node::Apply(f, a) => {
                let (x, rows) = of(self, a);
                (self.pool.apply(f, x), rows)
            }
            Node::Broadcast(a, _) => {
                let x = of(self, a);
                match x.1 {
                    Rows::Axis(k) => {
                        let axis = self.aligned(a, k, &shape);
                        let to = self.of_batch(&shape, axis);
                        (self.pool.broadcast(x.0, &to).map_err(wrong)?, Rows::Axis(axis))
                    }
                    _ => (x.0, Rows::Repeated),
                }
            }
            Node::Reshape(a, _) => {
                let x = of(self, a);
                match x.1 {
                    Rows::Axis(k) => {
                        let axis = self.reshaped(a, k, &shape).ok_or_else(|| self.refused("a change of shape"))?;
                        let to = self.of_batch(&shape, axis);
                        (self.pool.reshape(x.0, to), Rows::Axis(axis))
                    }
                    _ => {
                        let full = self.in_full(a, x);
                        (self.pool.reshape(full, shape), Rows::None)
                    }
                }
            }
            Node::Sum(a) => {
                let x = of(self, a);
                match x.1 {
                    Rows::Axis(_) => {
                        let sum = self.pool.sum(x.0);
                        self.weighed(sum)
                    }
                    _ => {
                        let full = self.in_full(a, x);
                        (self.pool.sum(full), Rows::None)
                    }
                }
            }
            Node::SumAxis(a, axis) => {
                let (x, axis) = (of(self, a), axis as usize);
                match x.1 {
                    Rows::Axis(k) if k == axis => {
                        let sum = self.pool.sum_axis(x.0, axis).map_err(wrong)?;
                        self.weighed(sum)
                    }
                    Rows::Axis(k) => {
                        (self.pool.sum_axis(x.0, axis).map_err(wrong)?, Rows::Axis(k - usize::from(axis < k)))
                    }
                    _ => {
                        let full = self.in_full(a, x);
                        (self.pool.sum_axis(full, axis).map_err(wrong)?, Rows::None)
                    }
                }
            }
            Node::LogSumExpAxis(a, axis) => {
                let (x, axis) = (of(self, a), axis as usize);
                match x.1 {
                    Rows::Axis(k) if k == axis => return Err(self.refused("`logsumexp` over rows")),
                    Rows::Axis(k) => {
                        (self.pool.logsumexp_axis(x.0, axis).map_err(wrong)?, Rows::Axis(k - usize::from(axis < k)))
                    }
                    _ => {
                        let full = self.in_full(a, x);
                        (self.pool.logsumexp_axis(full, axis).map_err(wrong)?, Rows::None)
                    }
                }
            }
            Node::LogSumExp(a) => {
                let x = of(self, a);
                if let Rows::Axis(_) = x.1 {
                    return Err(self.refused("`logsumexp` over rows"));
                }
                let full = self.in_full(a, x);
                (self.pool.logsumexp(full), Rows::None)
            }
            Node::Transpose(a) => {
                let x = of(self, a);
                match x.1 {
                    Rows::Axis(k) => (self.pool.transpose(x.0).map_err(wrong)?, Rows::Axis(1 - k)),
                    _ => {
                        let full = self.in_full(a, x);
                        (self.pool.transpose(full).map_err(wrong)?, Rows::None)
                    }
                }
            }
            Node::Matmul(a, b) => {
                let (x, y) = (of(self, a), of(self, b));
                let (left, right) = (self.in_full(a, x), self.in_full(b, y));
                let product =
                    |this: &mut Self| this.pool.matmul(left, right).map_err(|_| this.refused("a product over rows"));
                match (x.1, y.1) {
                    (Rows::Axis(1), Rows::Axis(0)) => {
                        let sum = product(self)?;
                        self.weighed(sum)
                    }
                    (Rows::Axis(0), Rows::None | Rows::Repeated) => (product(self)?, Rows::Axis(0)),
                    (Rows::None | Rows::Repeated, Rows::Axis(1)) => (product(self)?, Rows::Axis(1)),
                    (Rows::Axis(_), _) | (_, Rows::Axis(_)) => return Err(self.refused("a product of rows with rows")),
                    _ => (product(self)?, Rows::None),
                }
            }
            Node::Gather(a, labels) => {
                let x = of(self, a);
                let (Rows::Axis(0), Some(Some(0))) = (x.1, axes.get(&labels)) else {
                    return Err(self.refused("`gather`"));
                };
                let classes = self.pool.shape(a).axes()[1];
                let hot = self.pool.one_hot(labels, u32::try_from(classes).unwrap_or(u32::MAX)).map_err(wrong)?;
                let (hot, _) = self.input(hot, 0)?;
                let kept = self.pool.mul(x.0, hot);
                (self.pool.sum_axis(kept, 1).map_err(wrong)?, Rows::Axis(0))
            }
            Node::Index(a, k) => {
                let x = of(self, a);
                if let Rows::Axis(_) = x.1 {
                    return Err(self.refused("an entry of an array with rows"));
                }
                let full = self.in_full(a, x);
                (self.pool.index(full, k as usize), Rows::None)
            }
            Node::Stack(parts) => {
                let parts: Vec<Id> = parts.iter().map(|p| of(self, *p).0).collect();
                (self.pool.stack(&parts), Rows::None)
            }
            _ => (id, Rows::None),
        })
    }

    /// The axis of an operand in the shape of the result, aligned from the last.
    fn aligned(&self, operand: Id, axis: usize, result: &Shape) -> usize {
        axis + result.rank() - self.pool.shape(operand).rank()
    }
}

/// `all / batch`; arrays have fewer than 2^32 rows.
fn ratio(all: usize, batch: usize) -> Rational {
    let whole = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Rational::new(whole(all), whole(batch.max(1)))
}
