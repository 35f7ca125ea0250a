//! Operations on whole arrays: literals, entries, matrices, and what is taken over all entries or along an axis.

use super::evaluate::{Evaluator, Stop};
use super::numbers::{self, Made};
use super::operand::Operand;
use super::operations::{Outcome, error, no_value};
use super::precise::Sign;
use super::suggest::short;
use super::syntax::{Builtin, Span};
use super::{LossError, LossErrorKind, hints};
use crate::expr::{Data, Id, Node, Shape};
use crate::number::Rational;
use std::sync::Arc;

/// Literal vectors up to this length are stacks of their entries, which print as they are written; longer ones and matrices of numbers are data.
const LONGEST_STACK: usize = 256;

/// What is taken over all entries of an array or along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Along {
    All,
    Axis(usize),
}

impl Evaluator<'_> {
    /// What an expression is made of.
    pub(super) fn made(&mut self, root: Id) -> Made {
        let mut stack = vec![root];
        while let Some(&id) = stack.last() {
            if self.made.contains_key(&id) {
                stack.pop();
                continue;
            }
            let before = stack.len();
            stack.extend(self.pool.children(id).into_iter().filter(|c| !self.made.contains_key(c)));
            if stack.len() == before {
                let made = numbers::made(self.pool, id, |c| self.made.get(&c).copied().unwrap_or(Made::Open));
                self.made.insert(id, made);
                stack.pop();
            }
        }
        self.made.get(&root).copied().unwrap_or(Made::Open)
    }

    /// Whether an expression is of data alone, of which some were rounded to doubles.
    pub(super) fn is_rounded(&mut self, id: Id) -> bool {
        self.pool.has_rounded_data() && self.made(id) == Made::Rounded
    }

    /// Counts work before it is done, and refuses it beyond the limit.
    pub(super) fn spend(&mut self, work: u64, span: Span) -> Outcome<()> {
        let limit = self.options.max_work;
        self.charge(work, span).or_else(|_| error(span, LossErrorKind::TooMuchWork { limit }))
    }

    /// Counts the evaluation of an expression of data.
    pub(super) fn spend_on(&mut self, id: Id, span: Span) -> Outcome<()> {
        let work = numbers::work(self.pool, id);
        // Exact numbers take longer than doubles, and more memory.
        let share = if self.is_rounded(id) { 8 } else { 1 };
        self.spend(work.div_ceil(share), span)
    }

    /// Computes an expression of rounded data, once: an array is data again, and a scalar the number that it is.
    pub(super) fn settle(&mut self, id: Id, span: Span) -> Result<Outcome, Stop> {
        if matches!(self.pool.node(id), Node::Data(_) | Node::OneHot(..)) || !self.is_rounded(id) {
            return Ok(Ok(id));
        }
        self.charge(numbers::work(self.pool, id).div_ceil(8), span)?;
        Ok(self.computed(id, span))
    }

    /// An expression without parameters and symbols, computed.
    pub(super) fn computed(&mut self, id: Id, span: Span) -> Outcome {
        let values = numbers::doubles(self.pool, id);
        let shape = self.pool.shape(id).clone();
        if let Some(at) = values.iter().position(|x| !x.is_finite()) {
            let place =
                if shape.rank() == 0 { String::new() } else { format!(" at the entry {:?}", shape.position(at)) };
            return no_value(span, &format!("an expression of data that is no finite number{place}"));
        }
        if shape.rank() == 0 {
            let value = values.first().and_then(|x| Rational::from_f64(*x)).unwrap_or_default();
            return Ok(self.pool.constant(value));
        }
        Ok(match Data::new("", shape, values) {
            Ok(data) => self.pool.declare_data(data),
            Err(_) => id,
        })
    }

    /// Refuses arrays beyond the limit.
    pub(super) fn check_size(&self, id: Id, span: Span) -> Outcome<()> {
        let (shape, limit) = (self.pool.shape(id), self.options.max_array);
        if shape.size() <= limit {
            return Ok(());
        }
        error(span, LossErrorKind::ArrayTooLarge { shape: shape.clone(), limit })
    }

    /// `[…]`: a vector of scalars, or a matrix of rows.
    pub(super) fn array(&mut self, parts: &[Id], operands: &[Operand], span: Span) -> Outcome {
        let limit = self.options.max_array;
        if parts.len() > limit {
            return error(span, LossErrorKind::ArraySize { found: parts.len().to_string(), limit });
        }
        let rank = parts.first().map_or(0, |p| self.pool.shape(*p).rank());
        if rank > 1 {
            return error(span, LossErrorKind::TooManyAxes { found: rank + 1 });
        }
        let size = |id: &Id| self.pool.shape(*id).size();
        let first = parts.first().map_or(0, size);
        for (row, (part, operand)) in parts.iter().zip(operands).enumerate() {
            let shape = self.pool.shape(*part);
            if shape.rank() == rank && shape.size() == first {
                continue;
            }
            let kind = match (rank, shape.rank()) {
                (1, 1) => LossErrorKind::Ragged { row, entries: shape.size(), first },
                (_, found) if found > 1 => LossErrorKind::TooManyAxes { found: found + 1 },
                _ => LossErrorKind::Mixed { row, found: shape.clone(), first: self.pool.shape(parts[0]).clone() },
            };
            let place = operands.first().map(|o| self.place(o.span)).unwrap_or_default();
            return Err(Box::new(LossError::new(operand.span.range(), kind).note(format!("row 0 is at {place}"))));
        }
        let shape = if rank == 0 { Shape::vector(parts.len()) } else { Shape::new(&[parts.len(), first]) };
        if shape.size() > limit {
            return error(span, LossErrorKind::ArrayTooLarge { shape, limit });
        }
        // An entry is a node of its own where it is no number.
        self.spend(u64::try_from(shape.size()).unwrap_or(u64::MAX).saturating_mul(4 * u64::from(rank == 1)), span)?;
        let entries: Vec<Id> = match rank {
            0 => parts.to_vec(),
            _ => parts
                .iter()
                .flat_map(|part| (0..first).map(|k| self.pool.index(*part, k)).collect::<Vec<_>>())
                .collect(),
        };
        if (rank == 1 || entries.len() > LONGEST_STACK)
            && let Some(numbers) =
                entries.iter().map(|e| self.pool.as_constant(*e).cloned()).collect::<Option<Arc<[_]>>>()
            && let Ok(data) = Data::exactly("", shape.clone(), numbers)
        {
            return Ok(self.pool.nameless_data(data));
        }
        let stack = self.pool.stack(&entries);
        Ok(self.pool.reshape(stack, shape))
    }

    pub(super) fn index(&mut self, a: Id, indices: &[Id], span: Span) -> Outcome {
        let shape = self.pool.shape(a).clone();
        if shape.rank() == 0 {
            return error(span, LossErrorKind::NotAnArray);
        }
        if shape.rank() != indices.len() {
            let kind = LossErrorKind::Indices { shape: shape.clone(), found: indices.len() };
            return Err(Box::new(LossError::new(span.range(), kind).help(match shape.rank() {
                1 => "an entry of a vector is w[0]",
                _ => "an entry of a matrix is W[0, 1]; rows and columns have no notation",
            })));
        }
        let mut flat = 0;
        for (axis, (index, &length)) in indices.iter().zip(shape.axes()).enumerate() {
            let at = self.integer(*index, "an index", span)?;
            match usize::try_from(at.to_i64().unwrap_or(-1)) {
                Ok(k) if k < length => flat = flat * length + k,
                _ => {
                    let index = short(&at.to_string());
                    let kind = match shape.rank() {
                        1 => LossErrorKind::IndexOutOfRange { index, size: length },
                        _ => LossErrorKind::AxisIndexOutOfRange { index, axis, shape: shape.clone() },
                    };
                    let help = format!("indices go from 0 to {}", length.saturating_sub(1));
                    return Err(Box::new(LossError::new(span.range(), kind).help(help)));
                }
            }
        }
        Ok(self.pool.index(a, flat))
    }

    pub(super) fn transpose(&mut self, a: Id, span: Span) -> Outcome {
        self.pool.transpose(a).map_err(|_| {
            let found = self.pool.shape(a).clone();
            let kind = LossErrorKind::NotAMatrix { operation: "the transpose `'`", takes: "a matrix", found };
            let help = "a vector needs none: v @ w is the product of two, A @ v takes v as a column and v @ A as a row";
            Box::new(LossError::new(span.range(), kind).help(help))
        })
    }

    pub(super) fn matmul(&mut self, a: Id, b: Id, span: Span) -> Outcome {
        self.pool.matmul(a, b).map_err(|_| {
            let (left, right) = (self.pool.shape(a).clone(), self.pool.shape(b).clone());
            let help = match left.rank().min(right.rank()) {
                0 => "`@` is the product of arrays; with a number it is `*`".to_owned(),
                _ => {
                    let (columns, rows) = (left.axes().last().copied(), right.axes().first().copied());
                    let number = |n: Option<usize>| n.unwrap_or_default();
                    format!(
                        "the left one has {} {} and the right one {} {}: they must be as many",
                        number(columns),
                        if left.rank() == 1 { "entries" } else { "columns" },
                        number(rows),
                        if right.rank() == 1 { "entries" } else { "rows" }
                    )
                }
            };
            let kind = LossErrorKind::ShapeMismatch { operation: "@", left, right };
            Box::new(LossError::new(span.range(), kind).help(help))
        })
    }

    fn dot(&mut self, a: Id, b: Id, span: Span) -> Outcome {
        if self.pool.shape(a) != self.pool.shape(b) {
            let (left, right) = (self.pool.shape(a).clone(), self.pool.shape(b).clone());
            return error(span, LossErrorKind::ShapeMismatch { operation: "dot", left, right });
        }
        let product = self.pool.mul(a, b);
        Ok(self.pool.sum(product))
    }

    /// The functions of the language.
    pub(super) fn builtin(
        &mut self,
        builtin: Builtin,
        arguments: &[Id],
        place: Vec<(Span, i64)>,
        span: Span,
    ) -> Outcome {
        let [a, rest @ ..] = arguments else { return error(span, LossErrorKind::NotAnArray) };
        let (a, second) = (*a, rest.first().copied());
        if let Some(outcome) = self.elementwise(builtin, a, span) {
            return outcome;
        }
        match (builtin, second) {
            (Builtin::Dot, Some(b)) => self.dot(a, b, span),
            (Builtin::SoftmaxCrossEntropy, Some(y)) => self.softmax_cross_entropy(a, y, span),
            (Builtin::OneHot, Some(classes)) => self.one_hot(a, classes, span),
            (Builtin::Gather, Some(labels)) => self.gather(a, labels, span),
            (Builtin::Broadcast, Some(axes)) => self.broadcast(a, axes, span),
            (Builtin::Standardise, _) => self.standardise(a, place, span),
            (Builtin::Max, axis) => self.maximum(a, axis, span),
            _ => {
                let along = self.along(a, second, builtin.name(), span)?;
                Ok(self.reduced(builtin, a, along))
            }
        }
    }

    fn reduced(&mut self, builtin: Builtin, a: Id, along: Along) -> Id {
        let summed = |on: &mut Self, a: Id| match along {
            Along::All => on.pool.sum(a),
            Along::Axis(axis) => on.pool.sum_axis(a, axis).unwrap_or(a),
        };
        match builtin {
            Builtin::Norm2 => {
                let square = self.pool.pow(a, &Rational::from(2));
                summed(self, square)
            }
            Builtin::LogSumExp => match along {
                Along::All => self.pool.logsumexp(a),
                Along::Axis(axis) => self.pool.logsumexp_axis(a, axis).unwrap_or(a),
            },
            Builtin::Mean => {
                let total = summed(self, a);
                let count = match along {
                    Along::All => self.pool.shape(a).size(),
                    Along::Axis(axis) => self.pool.shape(a).axes().get(axis).copied().unwrap_or(1),
                };
                let count = i64::try_from(count).unwrap_or(1);
                self.pool.scaled(&Rational::new(1, count.max(1)), total)
            }
            _ => summed(self, a),
        }
    }

    /// The axis that a second argument names.
    fn along(&mut self, a: Id, axis: Option<Id>, function: &str, span: Span) -> Outcome<Along> {
        let Some(axis) = axis else { return Ok(Along::All) };
        let helped = |error: Box<LossError>| match (hints::of_arguments(function, 2), error.help.is_some()) {
            (Some(help), false) => Box::new(error.help(help)),
            _ => error,
        };
        let axis = self.integer(axis, "an axis", span).map_err(helped)?;
        let shape = self.pool.shape(a).clone();
        match usize::try_from(axis.to_i64().unwrap_or(-1)) {
            Ok(axis) if axis < shape.rank() => Ok(Along::Axis(axis)),
            _ => {
                let kind = LossErrorKind::Axis { axis: short(&axis.to_string()), shape: shape.clone() };
                let error = LossError::new(span.range(), kind);
                Err(match shape.rank() {
                    0 => helped(Box::new(error)),
                    1 => Box::new(error.help("a vector has the axis 0 alone")),
                    _ => Box::new(error.help("axes are counted from 0: 0 goes over the rows, 1 over the columns")),
                })
            }
        }
    }

    /// `max(A)` and `max(A, axis)`, of data alone.
    fn maximum(&mut self, a: Id, axis: Option<Id>, span: Span) -> Outcome {
        const HELP: &str = "max(0, x) is relu(x), and max(a, b) is a + relu(b - a)";
        let helped = |error: Box<LossError>| if error.help.is_some() { error } else { Box::new(error.help(HELP)) };
        if axis.is_none_or(|axis| self.made(axis) != Made::Open) {
            self.needs_data(a, "max", span).map_err(helped)?;
        }
        let along = self.along(a, axis, "max", span).map_err(helped)?;
        let shape = self.pool.shape(a).clone();
        let lanes = match along {
            Along::All => crate::expr::Lanes { outer: 1, length: shape.size(), inner: 1 },
            Along::Axis(axis) => crate::expr::Lanes::along(&shape, axis),
        };
        let rest: Vec<usize> = match along {
            Along::All => Vec::new(),
            Along::Axis(along) => (0..).zip(shape.axes()).filter(|(k, _)| *k != along).map(|(_, n)| *n).collect(),
        };
        self.spend_on(a, span)?;
        if let Some(exact) = numbers::rationals(self.pool, a).filter(|_| !self.is_rounded(a)) {
            let largest = |lane: Vec<usize>| lane.into_iter().map(|k| &exact[k]).max().cloned().unwrap_or_default();
            let numbers: Vec<Id> = lanes.iter().map(|lane| self.pool.constant(largest(lane.collect()))).collect();
            return Ok(self.numbers(&numbers, &rest));
        }
        if self.is_rounded(a) {
            let values = numbers::doubles(self.pool, a);
            let largest: Vec<f64> =
                lanes.iter().map(|lane| lane.map(|k| values[k]).fold(f64::NEG_INFINITY, f64::max)).collect();
            return match (largest.as_slice(), rest.is_empty()) {
                ([x], true) => Ok(self.pool.constant(Rational::from_f64(*x).unwrap_or_default())),
                _ => match Data::new("", Shape::new(&rest), largest) {
                    Ok(data) => Ok(self.pool.declare_data(data)),
                    Err(_) => no_value(span, "max of no finite number"),
                },
            };
        }
        // Numbers that are not rational: each is compared with the largest so far.
        let lanes: Vec<Vec<usize>> = lanes.iter().map(Iterator::collect).collect();
        let mut largest = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let mut best: Option<Id> = None;
            for k in lane {
                let entry = match self.closed.entry(self.pool, a, k) {
                    Some(entry) => entry,
                    None => self.pool.index(a, k),
                };
                best = Some(match best {
                    None => entry,
                    Some(best) => {
                        let difference = self.pool.sub(entry, best);
                        if self.closed.sign(self.pool, difference) == Sign::Positive { entry } else { best }
                    }
                });
            }
            largest.extend(best);
        }
        Ok(self.numbers(&largest, &rest))
    }

    /// Scalars as an array of these axes.
    fn numbers(&mut self, entries: &[Id], axes: &[usize]) -> Id {
        let stack = self.pool.stack(entries);
        self.pool.reshape(stack, Shape::new(axes))
    }

    /// `broadcast(a, [m, n])`.
    fn broadcast(&mut self, a: Id, axes: Id, span: Span) -> Outcome {
        let rank = self.pool.shape(axes).size();
        if self.pool.shape(axes).rank() != 1 || rank > 2 {
            return error(span, LossErrorKind::TooManyAxes { found: rank });
        }
        let mut lengths = Vec::new();
        for k in 0..rank {
            let axis = self.pool.index(axes, k);
            let length = self.integer(axis, "the size of an array", span)?;
            let limit = self.options.max_array;
            match usize::try_from(length.to_i64().unwrap_or(i64::MAX)) {
                Ok(n) if n >= 1 && n <= limit => lengths.push(n),
                _ => {
                    return error(span, LossErrorKind::ArraySize { found: short(&length.to_string()), limit });
                }
            }
        }
        let shape = Shape::new(&lengths);
        self.pool.broadcast(a, &shape).map_err(|_| {
            let left = self.pool.shape(a).clone();
            let help = "axes are aligned from the last, and only those of length 1 and missing ones repeat";
            let kind = LossErrorKind::ShapeMismatch { operation: "broadcast", left, right: shape };
            Box::new(LossError::new(span.range(), kind).help(help))
        })
    }

    /// Refuses what depends on parameters or symbols.
    pub(super) fn needs_data(&mut self, a: Id, what: &'static str, span: Span) -> Outcome<()> {
        if self.made(a) != Made::Open {
            return Ok(());
        }
        let on = match self.closed.parameter(self.pool, a) {
            Some(p) => {
                let name = self.pool.parameters().nth(p as usize).map(|(name, _)| short(name));
                format!("the parameter `{}`", name.unwrap_or_default())
            }
            None => "a constant without a value".to_owned(),
        };
        error(span, LossErrorKind::NotData { what, on })
    }
}
