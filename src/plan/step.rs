//! One operation of a plan, with the places that it reads and writes.

use super::graph::Access;
use crate::expr::Lanes;

/// What a place is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Base {
    /// The plan's own memory.
    Memory,
    /// θ; of complex numbers the real parts and behind them the imaginary ones.
    Theta,
    /// A direction, likewise.
    Direction(u32),
    Symbols,
    Data(u32),
    /// The roots, one behind another, likewise.
    Out,
}

/// Where an array begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) base: Base,
    pub(super) offset: usize,
}

/// A matrix somewhere: how far its rows and columns are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix {
    pub(super) at: Place,
    pub(super) row: usize,
    pub(super) column: usize,
}

/// A product that is added to another matrix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Factors {
    pub(super) factor: f64,
    pub(super) left: Matrix,
    pub(super) right: Matrix,
    pub(super) inner: usize,
}

/// A program on places, for every entry of arrays of a size.
#[derive(Debug)]
pub(super) struct KernelStep {
    /// The number of the program.
    pub(super) code: usize,
    pub(super) size: usize,
    pub(super) inputs: Vec<Option<(Place, Access)>>,
    pub(super) outputs: Vec<Place>,
    /// How many instructions the program has.
    pub(super) weight: usize,
}

/// One operation on places.
#[derive(Debug)]
pub(super) enum Step {
    Kernel(KernelStep),
    /// The sum of products.
    Product {
        rows: usize,
        columns: usize,
        terms: Vec<Factors>,
        to: Place,
    },
    Sum {
        from: Place,
        lanes: Lanes,
        to: Place,
    },
    Largest {
        from: Place,
        lanes: Lanes,
        to: Place,
    },
    Gather {
        from: Place,
        labels: Box<[u32]>,
        columns: usize,
        to: Place,
    },
    OneHot {
        labels: Box<[u32]>,
        columns: usize,
        to: Place,
    },
    Transpose {
        from: Place,
        rows: usize,
        columns: usize,
        to: Place,
    },
    /// Single entries one behind another; nothing is zero.
    Stack {
        parts: Vec<Option<Place>>,
        to: Place,
    },
    Copy {
        from: Place,
        size: usize,
        to: Place,
    },
    Zero {
        size: usize,
        to: Place,
    },
}
