//! The modified (shadow) flows of optimizers, derived by backward error analysis, proven, compiled and run.
//!
//! Gradient descent `θ ↦ θ − h∇E(θ)` does not follow the gradient flow but, exactly, the formal flow
//! `f̃ = −∇E + h f_1 + h² f_2 + …`. This crate derives that flow for an abstract loss and for a given one, tells principal terms
//! `H^n g` from the others, checks them by independent routes, and runs the result beside the optimizer.
//!
//! # A tour
//!
//! ```
#![doc = include_str!("../examples/derive_a_loss.rs")]
//! ```
//!
//! # Where things are
//!
//! | module | holds |
//! |---|---|
//! | [`loss`] | the loss language: text to [`loss::Loss`] |
//! | [`expr`] | expressions, their derivatives, series and polynomials |
//! | [`tree`] | rooted trees, the index set of elementary differentials |
//! | [`optimizer`] | optimizers as data: recurrences, tableaux, files |
//! | [`principal`] | the principal part α(hH)g of an optimizer |
//! | [`series`] | modified equations of an abstract loss, by independent routes |
//! | [`proof`] | proofs of derivations, read and checked |
//! | [`concrete`] | modified equations of a given loss, in components |
//! | [`evidence`] | every check of one derivation against another |
//! | [`claim`] | claims about modified equations, read and judged |
//! | [`spectral`] | α(z) = log(1−z)/z and α(hH)g |
//! | [`eval`] | compiled programs |
//! | [`flow`] | flows and simulations beside the optimizer |
//! | [`report`] | one document about a loss |
//! | [`render`] | text, LaTeX, JSON, plots and HTML |
//! | [`formula`] | formulas as trees, and their printers: text, LaTeX, MathML |
//! | [`number`] | exact rationals and floats of any precision |
//! | [`budget`] | limits on time and memory, and cancellation |
//!
//! # Source
//!
//! M. Rosca, Y. Wu, C. Qin and B. Dherin, *On a continuous time model of gradient descent dynamics and instability in deep
//! learning*, TMLR 2023; E. Hairer, C. Lubich and G. Wanner, *Geometric Numerical Integration*, chapter IX.

pub mod budget;
pub mod claim;
#[cfg(feature = "command")]
pub mod cli;
pub mod concrete;
pub mod eval;
pub mod evidence;
pub mod expr;
mod file;
pub mod flow;
pub mod formula;
pub mod loss;
pub mod number;
pub mod optimizer;
pub mod principal;
pub mod proof;
#[cfg(test)]
#[path = "../tests/shared/random.rs"]
mod random;
pub mod render;
#[cfg(feature = "report")]
pub mod report;
pub mod series;
pub mod spectral;
pub mod tree;
pub mod warning;
