//! What a plan computes, before it is laid out: values, each an array in one piece, and how each is made of earlier ones.
//!
//! Shapes are gone but for their sizes: elementwise operations work on flat arrays, and what repeats an array says which entry
//! stands where. Transposes that only feed products are strides of these, and products that are added up are one value.

use crate::expr::{Data, Function, Lanes, Shape};
use crate::number::Rational;

/// A value, by its index; what it is made of comes before it.
pub(super) type Value = usize;

/// Where the entries of a value stand that are given from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Source {
    /// In θ, from an index on.
    Theta(usize),
    /// In a direction, from an index on.
    Direction(u32, usize),
    /// A symbol.
    Symbol(u32),
    /// Declared data, whole.
    Data(u32),
}

/// Which entry of a smaller array stands at a flat index of a larger one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Access {
    /// The same.
    Same,
    /// The only one.
    Scalar,
    /// Rows of so many entries are all the array.
    Row(usize),
    /// Every entry so many times.
    Column(usize),
    /// The entry of the lane.
    Lane(Lanes),
    /// As shapes broadcast, the smaller one first.
    Broadcast(Box<(Shape, Shape)>),
}

impl Access {
    /// How an array of a shape is repeated to another.
    pub(super) fn broadcast(from: &Shape, to: &Shape) -> Self {
        let size = from.size();
        if size == to.size() {
            return Self::Same;
        }
        if size == 1 {
            return Self::Scalar;
        }
        let axes = from.axes();
        let leading = axes.iter().take_while(|n| **n == 1).count();
        let trailing = axes.iter().rev().take_while(|n| **n == 1).count();
        if to.axes().ends_with(&axes[leading..]) {
            return Self::Row(size);
        }
        if axes.len() == to.rank() && to.axes().starts_with(&axes[..axes.len() - trailing]) {
            return Self::Column(to.axes()[axes.len() - trailing..].iter().product());
        }
        Self::Broadcast(Box::new((from.clone(), to.clone())))
    }

    /// How what was reduced along lanes is repeated along them.
    pub(super) fn lanes(lanes: Lanes) -> Self {
        match lanes {
            Lanes { outer: 1, inner: 1, .. } => Self::Scalar,
            Lanes { outer: 1, inner, .. } => Self::Row(inner),
            Lanes { inner: 1, length, .. } => Self::Column(length),
            _ => Self::Lane(lanes),
        }
    }

    /// The entry at a flat index.
    pub(super) fn at(&self, flat: usize) -> usize {
        match self {
            Self::Same => flat,
            Self::Scalar => 0,
            Self::Row(length) => flat % length,
            Self::Column(times) => flat / times,
            Self::Lane(l) => flat / (l.length * l.inner) * l.inner + flat % l.inner,
            Self::Broadcast(shapes) => shapes.0.source_of(flat, &shapes.1),
        }
    }
}

/// An operation on entries.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Entry {
    /// A number.
    Number(f64),
    Add(Value, Value),
    Mul(Value, Value),
    Pow(Value, Rational),
    Apply(Function, Value),
    Repeat(Value, Access),
}

/// One matrix product, `factor · a b`, either factor perhaps transposed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub(super) factor: f64,
    pub(super) left: (Value, bool),
    pub(super) right: (Value, bool),
    /// The length of the sums.
    pub(super) inner: usize,
}

/// How a value is made.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Given(Source),
    /// Some entries of another value, from an index on.
    Part(Value, usize),
    Entry(Entry),
    /// The sum of products, a matrix of this many rows and columns.
    Product {
        rows: usize,
        columns: usize,
        terms: Vec<Term>,
    },
    Sum(Value, Lanes),
    /// The largest real part of every lane, or zero if that is not finite.
    Largest(Value, Lanes),
    /// Of every row of so many columns the entry at its label.
    Gather(Value, u32, usize),
    /// A one at the label of every row of so many columns.
    OneHot(u32, usize),
    /// The transpose of a matrix with so many rows and columns.
    Transpose(Value, usize, usize),
    Stack(Vec<Value>),
}

impl Kind {
    /// Calls `f` with what the value is made of.
    pub(super) fn each_operand(&self, mut f: impl FnMut(Value)) {
        match self {
            Self::Given(_) | Self::OneHot(..) | Self::Entry(Entry::Number(_)) => {}
            Self::Part(a, _)
            | Self::Sum(a, _)
            | Self::Largest(a, _)
            | Self::Gather(a, ..)
            | Self::Transpose(a, ..)
            | Self::Entry(Entry::Pow(a, _) | Entry::Apply(_, a) | Entry::Repeat(a, _)) => f(*a),
            Self::Entry(Entry::Add(a, b) | Entry::Mul(a, b)) => {
                f(*a);
                f(*b);
            }
            Self::Product { terms, .. } => {
                for term in terms {
                    f(term.left.0);
                    f(term.right.0);
                }
            }
            Self::Stack(parts) => parts.iter().copied().for_each(f),
        }
    }

    /// Calls `f` with what the value is made of, to be replaced.
    pub(super) fn each_operand_mut(&mut self, mut f: impl FnMut(&mut Value)) {
        match self {
            Self::Given(_) | Self::OneHot(..) | Self::Entry(Entry::Number(_)) => {}
            Self::Part(a, _)
            | Self::Sum(a, _)
            | Self::Largest(a, _)
            | Self::Gather(a, ..)
            | Self::Transpose(a, ..)
            | Self::Entry(Entry::Pow(a, _) | Entry::Apply(_, a) | Entry::Repeat(a, _)) => f(a),
            Self::Entry(Entry::Add(a, b) | Entry::Mul(a, b)) => {
                f(a);
                f(b);
            }
            Self::Product { terms, .. } => {
                for term in terms {
                    f(&mut term.left.0);
                    f(&mut term.right.0);
                }
            }
            Self::Stack(parts) => parts.iter_mut().for_each(f),
        }
    }

    /// Whether the value is made entry by entry.
    pub(super) fn is_entrywise(&self) -> bool {
        matches!(self, Self::Entry(_))
    }

    /// The number that the value is, if it is one.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Entry(Entry::Number(x)) => Some(*x),
            _ => None,
        }
    }

    /// Whether the value stands somewhere without being computed.
    pub(super) fn is_placed(&self) -> bool {
        matches!(self, Self::Given(_) | Self::Part(..))
    }
}

/// When a value is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Once, since it depends on data and numbers only.
    Once,
    /// When a plan enters a state.
    Enter,
    /// Along directions.
    Along,
}

/// A value.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) size: usize,
    pub(super) stage: Stage,
    /// Whether it has imaginary parts.
    pub(super) complex: bool,
}

/// The values of a plan.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) roots: Vec<Value>,
    pub(super) data: Vec<Data>,
    pub(super) dimension: usize,
    pub(super) symbols: usize,
    /// How many directions are read: one more than the largest number.
    pub(super) directions: usize,
    /// Whether it is on complex numbers.
    pub(super) complex: bool,
}

impl Graph {
    /// The values that the roots need.
    pub(super) fn live(&self) -> Vec<bool> {
        let mut live = vec![false; self.nodes.len()];
        for &root in &self.roots {
            live[root] = true;
        }
        for value in (0..self.nodes.len()).rev() {
            if live[value] {
                self.nodes[value].kind.each_operand(|a| live[a] = true);
            }
        }
        live
    }

    /// How often each value is read by those that are needed, or is a root.
    pub(super) fn uses(&self, live: &[bool]) -> Vec<u32> {
        let mut uses = vec![0_u32; self.nodes.len()];
        for &root in &self.roots {
            uses[root] += 1;
        }
        for (node, _) in self.nodes.iter().zip(live).filter(|(_, live)| **live) {
            node.kind.each_operand(|a| uses[a] = uses[a].saturating_add(1));
        }
        uses
    }
}
