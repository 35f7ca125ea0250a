//! What a reader of losses may choose: values for constants, and the limits.

use crate::number::Rational;
use std::path::PathBuf;

/// Values for constants and the limits within which a loss is accepted.
///
/// Every limit is named in the message of the error that it causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Values for declared constants, over those in the file; of several for one name the last holds.
    pub set: Vec<(String, Rational)>,
    /// The seed of drawn initial values; 0.
    pub seed: u64,
    /// The folder that the paths of data files are relative to; unless told the loss file's, and the working directory where there is none.
    pub folder: Option<PathBuf>,
    /// Whether data files may be outside of that folder; they may not.
    pub allow_path: bool,
    /// The largest exponent, in size; 10^6.
    pub max_exponent: u64,
    /// The largest number of terms of one `sum(i in a..b, …)`; 10^6.
    pub max_sum: u64,
    /// The deepest nesting of brackets, of prefix signs, of powers of powers, and of calls and sums in expansion; 1,000.
    pub max_depth: usize,
    /// The largest number of entries of one array; 2^27.
    pub max_array: usize,
    /// The largest number of entries of all parameters; 2^25.
    pub max_parameters: usize,
    /// The largest number of numbers that one `data` statement takes from a file; 100 million.
    pub max_data: usize,
    /// The largest data file, in bytes; 1 GiB.
    pub max_data_bytes: u64,
    /// The largest number of nodes of the expression; 5 million.
    pub max_nodes: usize,
    /// The largest number of operations spent on expanding the expression; 20 million. An operation on whole arrays is one; operations on
    /// long exact numbers, and on data that are computed once, count by the work they are.
    pub max_work: u64,
    /// The largest file, in bytes; 16 MiB.
    pub max_bytes: usize,
    /// The longest statement, in bytes; 1 MiB.
    pub max_statement: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            set: Vec::new(),
            seed: 0,
            folder: None,
            allow_path: false,
            max_exponent: 1_000_000,
            max_sum: 1_000_000,
            max_depth: 1_000,
            max_array: 1 << 27,
            max_parameters: 1 << 25,
            max_data: 100_000_000,
            max_data_bytes: 1 << 30,
            max_nodes: 5_000_000,
            max_work: 20_000_000,
            max_bytes: 16 << 20,
            max_statement: 1 << 20,
        }
    }
}
