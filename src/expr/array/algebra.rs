//! Where whole arrays can be evaluated, and how every algebra of scalars does it: entry by entry.

use super::Data;
use crate::budget::tick;
use crate::expr::{Algebra, Function, Shape};
use crate::number::Rational;
use std::rc::Rc;

/// Which entries of a row-major array are reduced together: those that differ in one axis only.
///
/// Entry `l` of the lane `(o, i)` has the flat index `(o · length + l) · inner + i`; results are in the order of `(o, i)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes {
    /// The product of the lengths of the axes before.
    pub outer: usize,
    /// The length of the axis.
    pub length: usize,
    /// The product of the lengths of the axes after.
    pub inner: usize,
}

impl Lanes {
    /// All entries in one lane.
    pub(super) fn whole(shape: &Shape) -> Self {
        Self { outer: 1, length: shape.size(), inner: 1 }
    }

    /// The lanes along one axis.
    pub(crate) fn along(shape: &Shape, axis: usize) -> Self {
        let size = |axes: &[usize]| axes.iter().product();
        let axes = shape.axes();
        Self { outer: size(&axes[..axis]), length: axes[axis], inner: size(&axes[axis + 1..]) }
    }

    /// The flat indices of every lane's entries.
    pub fn iter(self) -> impl Iterator<Item = impl Iterator<Item = usize>> {
        let Self { outer, length, inner } = self;
        (0..outer).flat_map(move |o| (0..inner).map(move |i| (0..length).map(move |l| (o * length + l) * inner + i)))
    }
}

/// Arrays over an algebra, with the operations of the DAG on them.
///
/// Every [`Algebra`] is one by the scalar default: its arrays are lists of scalars, row-major, and each operation is a loop of scalar ones.
/// What has better ways with whole arrays, such as a plan of operations on buffers, implements this trait itself.
///
/// ```
/// use shadowflow::expr::{Exact, Input, Pool, Shape};
/// use shadowflow::number::Rational;
/// let mut pool = Pool::new();
/// let w = pool.declare_parameter("W", Shape::new(&[2, 2]));
/// let square = pool.matmul(w, w)?;
/// // Exact numbers know scalars only.
/// let numbers: Vec<Rational> = [1, 2, 3, 4].map(Rational::from).to_vec();
/// let values = pool.evaluate(&mut Exact::default(), &[square], |_, _: Input| numbers.clone().into());
/// assert_eq!(*values[0], [7, 10, 15, 22].map(Rational::from));
/// # Ok::<(), shadowflow::expr::OperandError>(())
/// ```
pub trait ArrayAlgebra {
    /// An array; the walk knows its shape.
    type Array: Clone;

    /// The exact number `q`, a scalar.
    fn number(&mut self, q: &Rational) -> Self::Array;
    /// The number π, a scalar.
    fn number_pi(&mut self) -> Self::Array;
    /// Declared data.
    fn data(&mut self, data: &Data) -> Self::Array;
    /// The elementwise sum; an operand with one entry repeats.
    fn plus(&mut self, a: &Self::Array, b: &Self::Array) -> Self::Array;
    /// The elementwise product; an operand with one entry repeats.
    fn times(&mut self, a: &Self::Array, b: &Self::Array) -> Self::Array;
    /// The product with an exact number.
    fn multiple(&mut self, q: &Rational, a: &Self::Array) -> Self::Array;
    /// The elementwise power.
    fn power(&mut self, a: &Self::Array, exponent: &Rational) -> Self::Array;
    /// A function, elementwise.
    fn map(&mut self, function: Function, a: &Self::Array) -> Self::Array;
    /// The array of one shape repeated to another.
    fn broadcast(&mut self, a: &Self::Array, from: &Shape, to: &Shape) -> Self::Array;
    /// The one-dimensional array of scalars.
    fn stack(&mut self, parts: &[Self::Array]) -> Self::Array;
    /// The same entries in another shape.
    fn reshape(&mut self, a: &Self::Array, shape: &Shape) -> Self::Array;
    /// The entry at a flat index, a scalar.
    fn entry(&mut self, a: &Self::Array, flat: usize) -> Self::Array;
    /// The matrix with `rows` rows and `columns` columns, transposed.
    fn transpose(&mut self, a: &Self::Array, rows: usize, columns: usize) -> Self::Array;
    /// The product of a `rows` by `inner` with an `inner` by `columns` matrix.
    fn matmul(&mut self, a: &Self::Array, b: &Self::Array, rows: usize, inner: usize, columns: usize) -> Self::Array;
    /// The sum of every lane.
    fn sum(&mut self, a: &Self::Array, lanes: Lanes) -> Self::Array;
    /// `log Σ exp` of every lane, without overflow.
    fn log_sum_exp(&mut self, a: &Self::Array, lanes: Lanes) -> Self::Array;
    /// Of every row of a matrix with so many columns the entry at its label.
    fn gather(&mut self, a: &Self::Array, labels: &Data, columns: u32) -> Self::Array;
    /// The matrix with so many columns, a 1 at every row's label and 0 elsewhere.
    fn one_hot(&mut self, labels: &Data, columns: u32) -> Self::Array;
}

/// Labels, which the pool has checked.
fn checked(labels: &Data, columns: u32) -> Vec<u32> {
    labels.labels(columns).expect("labels that the pool has checked")
}

impl<A: Algebra> ArrayAlgebra for A {
    type Array = Rc<[A::Value]>;

    fn number(&mut self, q: &Rational) -> Self::Array {
        [self.rational(q)].into()
    }

    fn number_pi(&mut self) -> Self::Array {
        [self.pi()].into()
    }

    fn data(&mut self, data: &Data) -> Self::Array {
        (0..data.values().len()).map(|k| self.rational(&data.exact(k))).collect()
    }

    fn plus(&mut self, a: &Self::Array, b: &Self::Array) -> Self::Array {
        pairs(a, b).map(|(x, y)| self.add(x, y)).collect()
    }

    fn times(&mut self, a: &Self::Array, b: &Self::Array) -> Self::Array {
        pairs(a, b).map(|(x, y)| self.mul(x, y)).collect()
    }

    fn multiple(&mut self, q: &Rational, a: &Self::Array) -> Self::Array {
        a.iter().map(|x| self.scale(q, x)).collect()
    }

    fn power(&mut self, a: &Self::Array, exponent: &Rational) -> Self::Array {
        a.iter().map(|x| self.pow(x, exponent)).collect()
    }

    fn map(&mut self, function: Function, a: &Self::Array) -> Self::Array {
        a.iter().map(|x| self.apply(function, x)).collect()
    }

    fn broadcast(&mut self, a: &Self::Array, from: &Shape, to: &Shape) -> Self::Array {
        (0..to.size()).map(|k| a[from.source_of(k, to)].clone()).collect()
    }

    fn stack(&mut self, parts: &[Self::Array]) -> Self::Array {
        parts.iter().flat_map(|p| p.iter().cloned()).collect()
    }

    fn reshape(&mut self, a: &Self::Array, _: &Shape) -> Self::Array {
        a.clone()
    }

    fn entry(&mut self, a: &Self::Array, flat: usize) -> Self::Array {
        [a[flat].clone()].into()
    }

    fn transpose(&mut self, a: &Self::Array, rows: usize, columns: usize) -> Self::Array {
        (0..columns).flat_map(|j| (0..rows).map(move |i| a[i * columns + j].clone())).collect()
    }

    fn matmul(&mut self, a: &Self::Array, b: &Self::Array, rows: usize, inner: usize, columns: usize) -> Self::Array {
        let mut product = Vec::with_capacity(rows * columns);
        for i in 0..rows {
            for j in 0..columns {
                tick();
                let mut terms = (0..inner).map(|k| (&a[i * inner + k], &b[k * columns + j]));
                let first = terms.next().map(|(x, y)| self.mul(x, y));
                let mut sum = first.unwrap_or_else(|| self.rational(&Rational::ZERO));
                for (x, y) in terms {
                    let term = self.mul(x, y);
                    sum = self.add(&sum, &term);
                }
                product.push(sum);
            }
        }
        product.into()
    }

    fn sum(&mut self, a: &Self::Array, lanes: Lanes) -> Self::Array {
        let lanes = lanes.iter().map(|mut lane| match lane.next() {
            None => self.rational(&Rational::ZERO),
            Some(first) => lane.fold(a[first].clone(), |sum, k| self.add(&sum, &a[k])),
        });
        lanes.collect()
    }

    fn log_sum_exp(&mut self, a: &Self::Array, lanes: Lanes) -> Self::Array {
        let terms = lanes.iter().map(|lane| lane.map(|k| a[k].clone()).collect::<Vec<_>>());
        terms.map(|terms| self.logsumexp(&terms)).collect()
    }

    fn gather(&mut self, a: &Self::Array, labels: &Data, columns: u32) -> Self::Array {
        let rows = a.chunks(columns as usize).zip(checked(labels, columns));
        rows.map(|(row, label)| row[label as usize].clone()).collect()
    }

    fn one_hot(&mut self, labels: &Data, columns: u32) -> Self::Array {
        let (zero, one) = (self.rational(&Rational::ZERO), self.rational(&Rational::ONE));
        let entry = |is: bool| if is { one.clone() } else { zero.clone() };
        checked(labels, columns)
            .into_iter()
            .flat_map(|label| (0..columns).map(move |j| j == label))
            .map(entry)
            .collect()
    }
}

/// The operands of every entry of an elementwise operation.
fn pairs<'a, V>(a: &'a [V], b: &'a [V]) -> impl Iterator<Item = (&'a V, &'a V)> {
    let size = if a.len() == 1 { b.len() } else { a.len() };
    (0..size).map(|k| (&a[if a.len() == 1 { 0 } else { k }], &b[if b.len() == 1 { 0 } else { k }]))
}
