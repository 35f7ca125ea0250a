//! Blocks of points, whose numbers stand side by side.

/// The number of points that are evaluated side by side.
pub(super) const BLOCK: usize = shadowflow_kernels::functions::BLOCK;

/// One number of every point of a block, aligned for the widest registers.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Column(pub(super) [f64; BLOCK]);

impl Column {
    /// Of zeros.
    pub(super) const ZERO: Self = Self([0.0; BLOCK]);

    pub(super) fn new() -> Box<Self> {
        Box::new(Self::ZERO)
    }
}
