//! Records of training runs: the names of their columns, and reading them, while a run still writes them too.

mod column;
mod correlation;
mod csv;
mod error;
mod json;
mod read;
mod rows;
#[cfg(test)]
mod tests;

pub use column::{BRANCH, FROM, H_SETTING, OPTIMIZER, Part, SEED, STEP, WARNINGS, field_name};
pub use correlation::Correlation;
pub use error::RecordError;
pub use rows::{Branch, Member, Record, Related, Run};
