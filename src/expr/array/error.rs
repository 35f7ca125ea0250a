//! Why an array operation cannot be made of its operands.

use crate::expr::Shape;

/// Why an array operation cannot be made: what it was given and what it asks for.
///
/// ```
/// use shadowflow::expr::{Pool, Shape};
/// let mut pool = Pool::new();
/// let x = pool.declare_parameter("X", Shape::new(&[150, 4]));
/// let w = pool.declare_parameter("W", Shape::new(&[3, 10]));
/// let error = pool.matmul(x, w).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "a matrix product of [150, 4] and [3, 10]: the left one's columns are as many as the right one's rows"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OperandError {
    /// The array cannot be repeated to the shape.
    #[error(
        "an array of shape {from} repeated to {to}: axes are aligned from the last, and only those of length 1 and missing ones repeat"
    )]
    Broadcast {
        /// The array's shape.
        from: Shape,
        /// The shape asked for.
        to: Shape,
    },
    /// Operands whose inner sizes differ, or with no axis or more than two.
    #[error("a matrix product of {left} and {right}: the left one's columns are as many as the right one's rows")]
    Matmul {
        /// The left operand's shape.
        left: Shape,
        /// The right operand's shape.
        right: Shape,
    },
    /// Not a matrix.
    #[error("{operation} takes a matrix, not an array of shape {found}")]
    NotAMatrix {
        /// What was asked for.
        operation: &'static str,
        /// The operand's shape.
        found: Shape,
    },
    /// No such axis.
    #[error("axis {axis} of an array of shape {shape}: axes are counted from 0, and it has {}", .shape.rank())]
    Axis {
        /// The axis asked for.
        axis: usize,
        /// The operand's shape.
        shape: Shape,
    },
    /// `log Σ exp` of no entries, which is log 0.
    #[error("log-sum-exp along axis {axis} of shape {shape}, which has no entries: that would be log(0)")]
    Empty {
        /// The axis asked for.
        axis: usize,
        /// The operand's shape.
        shape: Shape,
    },
    /// Labels that are no vector of declared data with one entry for every row.
    #[error("labels for a matrix of shape {matrix} are data of shape [{}], not {labels}", .matrix.axes()[0])]
    Labels {
        /// The shape of what was given as labels, in words if it is no data.
        labels: String,
        /// The matrix's shape.
        matrix: Shape,
    },
    /// A label that is no column.
    #[error("label {index} is {found}, and labels are whole numbers from 0 to {}", .classes.saturating_sub(1))]
    Label {
        /// Which label, counted from 0.
        index: usize,
        /// What it is.
        found: f64,
        /// The number of columns.
        classes: u32,
    },
    /// Data with more or fewer numbers than their shape has entries.
    #[error("data `{name}` of shape {shape} have {} numbers, not {found}", .shape.size())]
    Length {
        /// The data's name.
        name: String,
        /// Their shape.
        shape: Shape,
        /// How many numbers were given.
        found: usize,
    },
    /// Data that are not finite.
    #[error("number {index} of data `{name}` is {found}, and data are finite")]
    NotFinite {
        /// The data's name.
        name: String,
        /// Which number, counted from 0, row-major.
        index: usize,
        /// What it is.
        found: f64,
    },
}
