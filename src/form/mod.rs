//! The forms that the components of a modified equation are written in: in derivatives of the loss, as products, as sums.
//!
//! What is derived is held once, in [`crate::concrete`]; here it becomes the formulas that every format prints, and the shortest form is found.

mod blocks;
mod candidates;
mod check;
mod constants;
mod decimals;
mod domain;
mod factored;
mod forms;
mod formulas;
mod local;
mod lowest;
mod meaning;
mod monomial;
mod nested;
mod plan;
mod polish;
mod powers;
mod reduce;
mod search;
mod squares;
mod tidy;
mod written;

pub use forms::{Form, Forms, UnknownForm};
pub use formulas::{FormulaOrder, Formulas};
