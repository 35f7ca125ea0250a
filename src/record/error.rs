//! What is wrong with a record, and where.

use std::io;

/// Why a record cannot be read, or has not what is asked of it.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error("{path}:{line}:{column}: {message}")]
    Fault {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong, and what was expected.
        message: String,
    },
    /// It has no row.
    #[error("{path} has no whole row yet; a record has one a step, as `shadowflow train` writes them")]
    Empty {
        /// The file.
        path: String,
    },
    /// It has not a column that is asked for.
    #[error("{path} has no column `{asked}`{}; it has {known}", .close.as_ref().map_or(String::new(), |c| format!(" (did you mean `{c}`?)")))]
    Column {
        /// The file.
        path: String,
        /// What was asked for.
        asked: String,
        /// Its columns, listed.
        known: String,
        /// The closest one, if one is close.
        close: Option<String>,
    },
    /// A column that is asked for has no number.
    #[error("{path} has no number in column `{asked}`, in no row")]
    NoNumbers {
        /// The file.
        path: String,
        /// What was asked for.
        asked: String,
    },
}
