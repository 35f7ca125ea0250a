//! The modified equation of a loss whose arrays stay whole: expressions of arrays, and their values with a bound of the error.

mod digits;
mod field;
mod forms;
mod gradients;
#[cfg(test)]
mod tests;

pub(crate) use digits::decimal;
pub use digits::{OrderDigits, order_digits};
pub use field::{FieldParts, field_parts, modified_field, principal_field, third_along, truncated};
