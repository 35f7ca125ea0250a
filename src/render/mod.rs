//! Text, LaTeX, Typst, JSON, CSV, pictures and documents: the only place that formats.
//!
//! Every renderer takes finished data and computes nothing: [`text`] for people, [`typeset`] for papers, [`json`] and [`csv`]
//! for programs.

mod about;
pub mod citation;
pub mod csv;
#[cfg(feature = "report")]
pub mod document;
#[cfg(test)]
mod example;
pub mod json;
pub mod latex;
pub mod npy;
#[cfg(feature = "plot")]
pub mod plot;
pub mod proof;
mod terms;
#[cfg(test)]
mod tests;
pub mod text;
pub mod tree;
pub mod typeset;

pub use crate::form::{FormulaOrder, Formulas};
#[cfg(any(feature = "report", feature = "plot"))]
mod xml;

pub use about::About;
#[cfg(feature = "report")]
pub(crate) use terms::{series as principal_series, signed_term};
