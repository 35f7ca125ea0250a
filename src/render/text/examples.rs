//! The built-in losses as a list.

use crate::loss::Example;

/// The built-in losses, two lines each: the name with the parameters, and what it is.
#[must_use]
pub fn examples(examples: &[Example]) -> String {
    let width = examples.iter().map(|example| example.name().len()).max().unwrap_or(0);
    let entry = |example: &Example| {
        format!("{:<width$}  {}\n    {}\n", example.name(), example.parameters().join(", "), example.summary())
    };
    examples.iter().map(entry).collect()
}
