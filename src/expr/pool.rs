//! The hash-consed DAG: its nodes and the store that holds them.

use super::{Data, Function, Shape};
use crate::formula::Formula;
use crate::number::Rational;
use rustc_hash::{FxHashMap, FxHashSet};
use std::hash::{Hash, Hasher};

/// An expression: the index of its node in a [`Pool`]. Children have smaller indices than their parents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u32);

/// The largest integer exponent, in size, that powers of powers are merged into, and the language's default limit.
pub const MAX_EXPONENT: i64 = 1_000_000;

/// Constants are folded only while the result takes at most this many bits; larger ones stay as operations.
pub const MAX_FOLDED_BITS: u64 = 1 << 16;

/// One node of the DAG, an array of some shape.
///
/// Of the operands of an elementwise sum or product those with one entry repeat and the others have the result's shape; the constructors put
/// [`Node::Broadcast`] between where arrays repeat along some axes only. Derivatives of every node are made of these nodes, so that
/// differentiating again never leaves the set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// An exact number, a scalar.
    Constant(Rational),
    /// The number π, a scalar.
    Pi,
    /// A symbolic constant, a scalar, by its index.
    Symbol(u32),
    /// A parameter, by its index, with its declared shape.
    Param(u32),
    /// Declared data, by their index: numbers that are held once, whole.
    Data(u32),
    /// Part of a vector of parameter space that is an input: which vector, and along which parameter, with that one's shape.
    Direction(u32, u32),
    /// The elementwise sum; the smaller index first, a constant always first.
    Add(Id, Id),
    /// The elementwise product; the smaller index first, a constant always first.
    Mul(Id, Id),
    /// The elementwise power with an exact exponent other than 0 and 1, principal branch.
    Pow(Id, Rational),
    /// A function, elementwise.
    Apply(Function, Id),
    /// An array repeated to a shape: see [`Shape::broadcast`].
    Broadcast(Id, Shape),
    /// The one-dimensional array of these scalars.
    Stack(Box<[Id]>),
    /// The same entries, row-major, in another shape of the same size.
    Reshape(Id, Shape),
    /// The entry of an array at a flat index, a scalar.
    Index(Id, u32),
    /// The sum of all entries, a scalar.
    Sum(Id),
    /// The sums along one axis of a matrix, or of an array of more axes; the axis goes away.
    SumAxis(Id, u32),
    /// `log Σ exp` over all entries, a scalar.
    LogSumExp(Id),
    /// `log Σ exp` along one axis, likewise.
    LogSumExpAxis(Id, u32),
    /// The matrix with rows and columns exchanged.
    Transpose(Id),
    /// The matrix product.
    Matmul(Id, Id),
    /// Of every row of a matrix the entry whose column is the row's label; the labels are data.
    Gather(Id, Id),
    /// The matrix with a 1 at every row's label and 0 elsewhere: labels and the number of columns.
    OneHot(Id, u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parameter {
    name: String,
    shape: Shape,
    offset: usize,
}

/// A store of expressions in which equal expressions have equal [`Id`]s.
///
/// The constructors apply laws that hold everywhere (constants fold, `x + x = 2x`, `x·x = x²`, constants move to the
/// front of sums and products) and nothing that would rearrange what the user wrote further.
///
/// ```
/// use shadowflow::expr::{Pool, Shape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("x", Shape::scalar());
/// let twice = pool.add(x, x);
/// let two = pool.integer(2);
/// assert_eq!(twice, pool.mul(x, two));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Pool {
    nodes: Vec<Node>,
    shapes: Vec<Shape>,
    known: FxHashMap<Node, Id>,
    parameters: Vec<Parameter>,
    symbols: Vec<String>,
    data: Vec<Data>,
    /// Data without a name of their own, by what they are.
    nameless: FxHashMap<u64, Vec<u32>>,
    /// Whether some data hold doubles alone.
    rounded: bool,
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a parameter; parameters are laid out in θ in order of declaration, row-major.
    pub fn declare_parameter(&mut self, name: &str, shape: Shape) -> Id {
        let index = u32::try_from(self.parameters.len()).expect("fewer than 2^32 parameters");
        self.parameters.push(Parameter { name: name.to_owned(), shape, offset: self.dimension() });
        self.intern(Node::Param(index))
    }

    /// Declares a symbolic constant.
    pub fn declare_symbol(&mut self, name: &str) -> Id {
        let index = u32::try_from(self.symbols.len()).expect("fewer than 2^32 symbols");
        self.symbols.push(name.to_owned());
        self.intern(Node::Symbol(index))
    }

    /// Declares data, an input that does not change: see [`Data`].
    ///
    /// ```
    /// use shadowflow::expr::{Data, Pool, Shape};
    /// let mut pool = Pool::new();
    /// let x = pool.declare_data(Data::new("X", Shape::new(&[2, 2]), [1.0, 2.0, 3.0, 0.5])?);
    /// assert_eq!(pool.shape(x), &Shape::new(&[2, 2]));
    /// assert_eq!(pool.index(x, 3), pool.constant("1/2".parse().unwrap()));
    /// # Ok::<(), shadowflow::expr::OperandError>(())
    /// ```
    pub fn declare_data(&mut self, data: Data) -> Id {
        let index = u32::try_from(self.data.len()).expect("fewer than 2^32 data");
        self.rounded |= !data.is_exact();
        self.data.push(data);
        self.intern(Node::Data(index))
    }

    /// Whether data were ever declared that hold doubles alone.
    pub(crate) fn has_rounded_data(&self) -> bool {
        self.rounded
    }

    /// Data that no statement names: the ones of the same numbers if there are such.
    pub(crate) fn nameless_data(&mut self, data: Data) -> Id {
        let mut hasher = rustc_hash::FxHasher::default();
        data.shape().hash(&mut hasher);
        data.values().iter().for_each(|x| x.to_bits().hash(&mut hasher));
        let key = hasher.finish();
        let data = data.named("");
        let same = |d: &u32| self.data.get(*d as usize).is_some_and(|known| known.clone().named("") == data);
        if let Some(d) = self.nameless.get(&key).into_iter().flatten().copied().find(same) {
            return self.intern(Node::Data(d));
        }
        let index = u32::try_from(self.data.len()).expect("fewer than 2^32 data");
        let known = self.nameless.entry(key).or_default();
        // Of data that were forgotten nothing is kept.
        known.retain(|d| *d < index);
        known.push(index);
        self.declare_data(data)
    }

    /// Names data that have no name.
    pub(crate) fn name_data(&mut self, id: Id, name: &str) {
        if let Node::Data(d) = self.node(id)
            && let d = *d as usize
            && self.data[d].name().is_empty()
        {
            self.data[d] = self.data[d].clone().named(name);
        }
    }

    /// The declared data, in order.
    #[must_use]
    pub fn data(&self) -> &[Data] {
        &self.data
    }

    /// A vector of parameter space that is an input beside θ, by its number: one array for every parameter, of its shape.
    ///
    /// Expressions in it are evaluated for any vector: `hessian_vector(loss, &direction(0))` is the Hessian's action. It does not depend on θ.
    ///
    /// ```
    /// use shadowflow::expr::{Pool, Shape};
    /// let mut pool = Pool::new();
    /// let w = pool.declare_parameter("w", Shape::vector(3));
    /// let cube = pool.pow(w, &3.into());
    /// let loss = pool.sum(cube);
    /// let v = pool.direction(0);
    /// let action = pool.hessian_vector(loss, &v);
    /// let expected = pool.mul(w, v[0]);
    /// assert_eq!(action, [pool.scaled(&6.into(), expected)]);
    /// ```
    pub fn direction(&mut self, number: u32) -> Vec<Id> {
        (0..).take(self.parameters.len()).map(|p| self.intern(Node::Direction(number, p))).collect()
    }

    /// A declared parameter, by its index.
    ///
    /// # Panics
    /// If there is no such parameter.
    pub fn parameter(&mut self, index: u32) -> Id {
        self.intern(Node::Param(index))
    }

    /// A declared symbolic constant, by its index.
    ///
    /// # Panics
    /// If there is no such symbol.
    pub fn symbol(&mut self, index: u32) -> Id {
        assert!((index as usize) < self.symbols.len(), "symbol {index} of {}", self.symbols.len());
        self.intern(Node::Symbol(index))
    }

    /// The number of scalar parameters, D.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.parameters.last().map_or(0, |p| p.offset + p.shape.size())
    }

    /// The declared parameters, in order: name and shape.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &Shape)> {
        self.parameters.iter().map(|p| (p.name.as_str(), &p.shape))
    }

    /// The flat index in θ of the first entry of a parameter.
    #[must_use]
    pub fn parameter_offset(&self, index: u32) -> usize {
        self.parameters[index as usize].offset
    }

    /// Every entry of θ as it is written, row-major.
    #[must_use]
    pub fn theta_formulas(&self) -> Vec<Formula> {
        let entries = |p: &Parameter| -> Vec<Formula> {
            match p.shape.rank() {
                0 => vec![Formula::name(&*p.name)],
                _ => (0..p.shape.size()).map(|flat| Formula::entry(&*p.name, p.shape.position(flat))).collect(),
            }
        };
        self.parameters.iter().flat_map(entries).collect()
    }

    /// The flat indices in θ of the entries of a parameter.
    pub(super) fn parameter_range(&self, index: u32) -> std::ops::Range<usize> {
        let p = &self.parameters[index as usize];
        p.offset..p.offset + p.shape.size()
    }

    /// The name of every entry of θ, `x` or `w[0]`, row-major.
    #[must_use]
    pub fn theta_names(&self) -> Vec<String> {
        self.theta_formulas().iter().map(ToString::to_string).collect()
    }

    /// The names of the symbolic constants, in order of declaration.
    #[must_use]
    pub fn symbols(&self) -> &[String] {
        &self.symbols
    }

    /// The node of an expression.
    #[must_use]
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// The shape of an expression.
    #[must_use]
    pub fn shape(&self, id: Id) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    /// The number of nodes in the pool.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the pool has no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The exact number an expression is, if it is one.
    #[must_use]
    pub fn as_constant(&self, id: Id) -> Option<&Rational> {
        match self.node(id) {
            Node::Constant(q) => Some(q),
            _ => None,
        }
    }

    /// The children of a node, in order.
    #[must_use]
    pub fn children(&self, id: Id) -> Vec<Id> {
        match self.node(id) {
            Node::Constant(_) | Node::Pi | Node::Symbol(_) | Node::Param(_) | Node::Data(_) | Node::Direction(..) => {
                Vec::new()
            }
            Node::Add(a, b) | Node::Mul(a, b) | Node::Matmul(a, b) | Node::Gather(a, b) => vec![*a, *b],
            Node::Pow(a, _)
            | Node::Apply(_, a)
            | Node::Broadcast(a, _)
            | Node::Reshape(a, _)
            | Node::Index(a, _)
            | Node::Sum(a)
            | Node::SumAxis(a, _)
            | Node::LogSumExp(a)
            | Node::LogSumExpAxis(a, _)
            | Node::Transpose(a)
            | Node::OneHot(a, _) => vec![*a],
            Node::Stack(parts) => parts.to_vec(),
        }
    }

    /// Everything that `roots` depend on and the roots themselves, children before parents.
    #[must_use]
    pub fn reachable(&self, roots: &[Id]) -> Vec<Id> {
        let mut seen: FxHashSet<Id> = roots.iter().copied().collect();
        let mut stack: Vec<Id> = seen.iter().copied().collect();
        while let Some(id) = stack.pop() {
            for child in self.children(id) {
                if seen.insert(child) {
                    stack.push(child);
                }
            }
        }
        let mut ids: Vec<Id> = seen.into_iter().collect();
        ids.sort_unstable();
        ids
    }

    pub(super) fn intern(&mut self, node: Node) -> Id {
        if let Some(&id) = self.known.get(&node) {
            return id;
        }
        let shape = self.shape_of(&node);
        let id = Id(u32::try_from(self.nodes.len()).expect("fewer than 2^32 nodes"));
        self.nodes.push(node.clone());
        self.shapes.push(shape);
        self.known.insert(node, id);
        id
    }

    /// Forgets the nodes from a length on, and gives their ids. Nobody may hold one of them.
    pub(crate) fn truncate(&mut self, length: usize) -> impl Iterator<Item = Id> + use<> {
        let end = self.nodes.len().max(length);
        let mut data = self.data.len();
        for node in self.nodes.drain(length.min(end)..) {
            if let Node::Data(d) = node {
                data = data.min(d as usize);
            }
            self.known.remove(&node);
        }
        // Data are declared in the order of their nodes.
        self.data.truncate(data);
        self.shapes.truncate(length);
        (length..end).filter_map(|k| u32::try_from(k).ok().map(Id))
    }

    /// Whether an expression was made before the pool had this many nodes.
    pub(crate) fn is_before(&self, id: Id, length: usize) -> bool {
        (id.0 as usize) < length
    }

    fn shape_of(&self, node: &Node) -> Shape {
        match node {
            Node::Constant(_) | Node::Pi | Node::Symbol(_) | Node::Index(..) | Node::Sum(_) | Node::LogSumExp(_) => {
                Shape::scalar()
            }
            Node::Param(p) | Node::Direction(_, p) => self.parameters[*p as usize].shape.clone(),
            Node::Data(d) => self.data[*d as usize].shape().clone(),
            Node::Add(a, b) | Node::Mul(a, b) => self.fitting(*a, *b),
            Node::Pow(a, _) | Node::Apply(_, a) => self.shape(*a).clone(),
            Node::Broadcast(_, shape) | Node::Reshape(_, shape) => shape.clone(),
            Node::Stack(parts) => Shape::vector(parts.len()),
            Node::SumAxis(a, axis) | Node::LogSumExpAxis(a, axis) => self.shape(*a).without(*axis as usize),
            Node::Transpose(a) => Shape::new(&[self.columns(*a), self.rows(*a)]),
            Node::Matmul(a, b) => Shape::new(&[self.rows(*a), self.columns(*b)]),
            Node::Gather(a, _) => Shape::vector(self.rows(*a)),
            Node::OneHot(labels, classes) => Shape::new(&[self.shape(*labels).size(), *classes as usize]),
        }
    }

    /// The one exact number that an expression, or every entry of it, is, if it is one.
    #[must_use]
    pub fn as_uniform(&self, id: Id) -> Option<&Rational> {
        self.as_constant(self.filling(id).unwrap_or(id))
    }

    /// The scalar that fills an array, if the array is one scalar repeated.
    pub(super) fn filling(&self, id: Id) -> Option<Id> {
        match self.node(id) {
            Node::Broadcast(a, _) if self.shape(*a).rank() == 0 => Some(*a),
            _ => None,
        }
    }

    /// The rows of a matrix.
    pub(super) fn rows(&self, id: Id) -> usize {
        self.shape(id).axes()[0]
    }

    /// The columns of a matrix.
    pub(super) fn columns(&self, id: Id) -> usize {
        self.shape(id).axes()[1]
    }

    /// Whether an expression is the constant zero, or an array of it.
    #[must_use]
    pub fn is_zero(&self, id: Id) -> bool {
        self.as_uniform(id).is_some_and(Rational::is_zero)
    }
}
