//! Text, LaTeX, JSON, CSV, pictures and HTML: the only place that formats.
//!
//! Every renderer takes finished data and computes nothing: [`text`] for people, [`latex`] for papers, [`json`] and [`csv`]
//! for programs.

mod about;
mod coefficient;
mod contraction;
pub mod csv;
#[cfg(test)]
mod example;
mod formula;
#[cfg(feature = "report")]
pub mod html;
pub mod json;
pub mod latex;
mod notation;
pub mod npy;
#[cfg(feature = "plot")]
pub mod plot;
pub mod proof;
pub mod proof_latex;
mod proof_layout;
mod sum;
mod symbols;
#[cfg(test)]
mod tests;
pub mod text;
pub mod tree;

pub use about::About;
pub use coefficient::Signed;
pub use formula::{FormulaOrder, Formulas};
pub use notation::{Notation, UnknownNotation};
pub use symbols::Symbols;
