//! Arrays as they are written: what the language says of the nodes that it has no word for.

use super::{Piece, Printer};
use crate::expr::{Id, Node, Pool, Shape};
use crate::formula::Formula;
use crate::number::Coefficient;

/// Vectors that repeat one scalar are written out up to this length.
const WRITTEN_OUT: usize = 64;

/// How an array in another shape is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turned {
    /// `broadcast(v, [1, n])`
    Row(Id),
    /// `broadcast(v, [1, n])'`
    Column(Id),
    /// `a'`
    Transposed(Id),
    /// `sum(a, axis)` along an axis of length 1.
    Without(Id, u64),
    /// `v @ B` or `A @ v`, which is a matrix with one row or column within.
    Product(Id, Id),
    /// A literal with the entries of one.
    Literal(Id),
    /// A literal with the entries of a named array.
    Entries(Id),
}

impl Pool {
    /// What an array is repeated from.
    fn repeats(&self, id: Id) -> Id {
        match self.node(id) {
            Node::Broadcast(source, _) if self.shape(*source).rank() > 0 => *source,
            _ => id,
        }
    }

    /// The operands of a sum or product, without the repetition that elementwise operations bring themselves.
    pub(super) fn unrepeated(&self, a: Id, b: Id) -> (Id, Id) {
        let shape = self.fitting(a, b);
        let fits = |a: Id, b: Id| self.shape(a).broadcast(self.shape(b)).as_ref() == Some(&shape);
        let (x, y) = (self.repeats(a), self.repeats(b));
        [(x, y), (x, b), (a, y)].into_iter().find(|(a, b)| fits(*a, *b)).unwrap_or((a, b))
    }

    fn turned(&self, source: Id, shape: &Shape) -> Turned {
        let from = self.shape(source);
        if matches!(self.node(source), Node::Stack(_)) {
            return match (from.axes(), shape.axes()) {
                ([_], [_, _]) => Turned::Literal(source),
                _ => Turned::Entries(source),
            };
        }
        let vector = |id: Id| match self.node(id) {
            Node::Reshape(v, _) if self.shape(*v).rank() == 1 => Some(*v),
            _ => None,
        };
        match (from.axes(), shape.axes()) {
            ([n], [1, m]) if n == m => Turned::Row(source),
            ([n], [m, 1]) if n == m => Turned::Column(source),
            ([1, _], [_, 1]) | ([_, 1], [1, _]) => Turned::Transposed(source),
            ([rows, columns], [_]) if *rows == 1 || *columns == 1 => match *self.node(source) {
                Node::Matmul(a, b) if *rows == 1 && vector(a).is_some() => Turned::Product(vector(a).unwrap_or(a), b),
                Node::Matmul(a, b) if *columns == 1 && vector(b).is_some() => {
                    Turned::Product(a, vector(b).unwrap_or(b))
                }
                _ => Turned::Without(source, u64::from(*rows != 1)),
            },
            _ => Turned::Entries(source),
        }
    }

    /// What an expression is written with, and whether that has to be a name.
    pub(super) fn written(&self, id: Id) -> (Vec<Id>, bool) {
        match self.node(id) {
            Node::Add(a, b) | Node::Mul(a, b) => {
                let (a, b) = self.unrepeated(*a, *b);
                (vec![a, b], false)
            }
            Node::Index(a, _) => (vec![*a], true),
            Node::Reshape(a, shape) => match self.turned(*a, shape) {
                Turned::Row(a) | Turned::Column(a) | Turned::Transposed(a) | Turned::Without(a, _) => (vec![a], false),
                Turned::Product(a, b) => (vec![a, b], false),
                Turned::Literal(stack) => (self.children(stack), false),
                Turned::Entries(a) => (vec![a], true),
            },
            _ => (self.children(id), false),
        }
    }
}

/// A literal array with these entries, row-major.
fn literal(mut entries: Vec<Formula>, shape: &Shape) -> Formula {
    for &axis in shape.axes().iter().rev() {
        entries = if axis == 0 {
            vec![Formula::list(Vec::new())]
        } else {
            entries.chunks(axis).map(|row| Formula::list(row.to_vec())).collect()
        };
    }
    entries.pop().unwrap_or_else(|| Formula::list(Vec::new()))
}

impl Printer<'_> {
    fn repeated(&self, a: Id, shape: &Shape) -> Formula {
        let axes = shape.axes().iter().map(|axis| Formula::natural(*axis as u64)).collect();
        Formula::call("broadcast", vec![self.pieces[&a].formula(), Formula::list(axes)])
    }

    /// What is said of whole arrays alone.
    pub(super) fn array(&self, id: Id) -> Option<Piece> {
        let of = |child: &Id| self.pieces[child].formula();
        let with = |name, array: &Id, by: Formula| Formula::call(name, vec![of(array), by]);
        let pool = self.pool;
        Some(Piece::new(match pool.node(id) {
            Node::Data(d) => {
                let data = &pool.data()[*d as usize];
                match data.name() {
                    "" => literal((0..data.values().len()).map(|k| data.exact(k).formula()).collect(), data.shape()),
                    name => Formula::name(name),
                }
            }
            Node::SumAxis(a, axis) => with("sum", a, Formula::natural(u64::from(*axis))),
            Node::LogSumExpAxis(a, axis) => with("logsumexp", a, Formula::natural(u64::from(*axis))),
            Node::Transpose(a) => of(a).transposed(),
            Node::Matmul(a, b) => of(a).matrix_product(of(b)),
            Node::Gather(a, labels) => with("gather", a, of(labels)),
            Node::OneHot(labels, columns) => with("one_hot", labels, Formula::natural(u64::from(*columns))),
            Node::Broadcast(a, shape)
                if pool.shape(*a).rank() == 0 && shape.rank() == 1 && shape.size() <= WRITTEN_OUT =>
            {
                literal(vec![of(a); shape.size()], shape)
            }
            Node::Broadcast(a, shape) => self.repeated(*a, shape),
            Node::Stack(parts) => literal(parts.iter().map(of).collect(), pool.shape(id)),
            Node::Reshape(source, shape) => match pool.turned(*source, shape) {
                Turned::Row(a) => self.repeated(a, shape),
                Turned::Column(a) => {
                    let row = Shape::new(&[1, shape.size()]);
                    self.repeated(a, &row).transposed()
                }
                Turned::Transposed(a) => of(&a).transposed(),
                Turned::Without(a, axis) => with("sum", &a, Formula::natural(axis)),
                Turned::Product(a, b) => of(&a).matrix_product(of(&b)),
                Turned::Literal(stack) => literal(pool.children(stack).iter().map(of).collect(), shape),
                Turned::Entries(a) => literal((0..shape.size()).map(|k| self.entry(a, k)).collect(), shape),
            },
            _ => return None,
        }))
    }

    /// The entry at a flat index of a named array.
    pub(super) fn entry(&self, array: Id, k: usize) -> Formula {
        Formula::entry(self.pieces[&array].formula().to_string(), self.pool.shape(array).position(k))
    }
}
