//! The modified (shadow) flows of optimizers, derived by backward error analysis, proven, compiled and run.
//!
//! Gradient descent `θ ↦ θ − h∇E(θ)` does not follow the gradient flow but, exactly, the formal flow
//! `f̃ = −∇E + h f_1 + h² f_2 + …`. This crate derives that flow for an abstract loss and for a given one, tells principal terms
//! `H^n g` from the others, checks them by independent routes, and runs the result beside the optimizer.
//!
//! # Five jobs, five verbs
//!
//! **Derive** the modified equation of an optimizer, whatever the loss ([`series::derive()`]):
//!
//! ```
//! use shadowflow::optimizer::BoundOptimizer;
//! use shadowflow::render::text;
//! use shadowflow::tree::Notation;
//! use shadowflow::series;
//! let derived = series::derive(&BoundOptimizer::gradient_descent(), 2).run()?;
//! assert!(text::equation(&derived.equation, Notation::Operator).contains("f_1 = -1/2 H g"));
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! **Read** a loss ([`loss::Loss::parse`], or `read` for a file), and derive its modified equation in components ([`concrete::derive()`]):
//!
//! ```
//! use shadowflow::concrete::{self, Formula};
//! use shadowflow::loss::{Loss, Options};
//! use shadowflow::optimizer::Optimizer;
//! let loss = Loss::parse("param x\nloss x^4/4\n", "quartic.loss", &Options::default())?;
//! let heavy_ball = Optimizer::HeavyBall.bind(&[("m", "1/2".parse()?)])?;
//! let equation = concrete::derive(&loss, &heavy_ball, 1).run()?;
//! let Formula::Polynomial(f_1) = &equation.orders[1].components[0] else { panic!("a polynomial") };
//! assert_eq!(f_1.to_text(&loss.expression.pool().theta_names()), "-18*x^5");
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! **Judge** a printed formula ([`claim::Claim::judge`]):
//!
//! ```
//! use shadowflow::claim::Claim;
//! use shadowflow::optimizer::BoundOptimizer;
//! let gradient_descent = BoundOptimizer::gradient_descent();
//! let misprint = Claim::parse("f_2 = -1/3 H^2 g + 1/12 T[g,g]", &gradient_descent)?;
//! assert_eq!(misprint.judge(&gradient_descent)?.differences[0].derived, "-1/12");
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! **Simulate** flows beside the optimizer ([`flow::simulate`]):
//!
//! ```
//! use shadowflow::flow::{CompiledModel, FlowName, IntegratorOptions, simulate};
//! use shadowflow::loss::{Loss, Options};
//! let loss = Loss::parse("param x\nloss x^2/2\n", "square.loss", &Options::default())?;
//! let mut model = CompiledModel::new(loss)?;
//! let flows: [FlowName; 2] = ["ngf".parse()?, "pf".parse()?];
//! let run = simulate(&mut model, &"1/2".parse()?, 3, &[1.0], &flows, &IntegratorOptions::default())?;
//! // θ_t = 2^{−t}; the principal flow is exact on a quadratic.
//! assert_eq!(run.iterates[3], Some(vec![0.125]));
//! assert!(run.flows[1].error[3].is_some_and(|e| e < 1e-9) && run.flows[0].error[3].is_some_and(|e| e > 0.09));
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! **Write** one document about a loss ([`report::Report::html`]; feature `report`):
//!
#![cfg_attr(feature = "report", doc = "```")]
#![cfg_attr(not(feature = "report"), doc = "```ignore")]
//! use shadowflow::loss::{Loss, Options};
//! use shadowflow::report::{Report, ReportOptions};
//! let loss = Loss::parse("param x = 1\nloss x^2/2 + x^4/4\n", "well.loss", &Options::default())?;
//! let report = Report::gather(&loss, "A well", &ReportOptions { order: 2, check_order: 3, ..ReportOptions::default() })?;
//! assert!(report.ok() && report.html().contains("<title>A well</title>"));
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! Every error of these becomes an [`Error`] by `?`, with its places and help as data; all that is long heeds the thread's
//! [`budget`].
//!
//! # A tour
//!
//! ```
#![doc = include_str!("../examples/derive_a_loss.rs")]
//! ```
//!
//! # Features
//!
//! All are on unless told. `command`: the binary, and errors drawn under their line. `jit`: Cranelift for single points, which are
//! interpreted without it. `plot`: [`render::plot`]. `report`: [`report`] and [`render::html`].
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
//! | [`snapshot`] | tests that a derived series stays what it was |
//! | [`spectral`] | α(z) = log(1−z)/z and α(hH)g |
//! | [`eval`] | compiled programs |
//! | [`plan`] | programs of whole arrays, and which losses take them |
//! | [`flow`] | flows and simulations beside the optimizer |
//! | [`evaluation`] | everything known of a loss at one point |
//! | [`record`] | records of training: their columns, and reading them |
//! | [`train`] | training runs and what they record |
//! | [`report`] | one document about a loss |
//! | [`render`] | text, LaTeX, JSON, plots and HTML |
//! | [`formula`] | formulas as trees, and their printers: text, LaTeX, MathML |
//! | [`number`] | exact rationals and floats of any precision |
//! | [`citation`] | what to cite |
//! | [`budget`] | limits on time and memory, and cancellation |
//!
//! # Source
//!
//! M. Rosca, Y. Wu, C. Qin and B. Dherin, *On a continuous time model of gradient descent dynamics and instability in deep
//! learning*, TMLR 2023; E. Hairer, C. Lubich and G. Wanner, *Geometric Numerical Integration*, chapter IX.

pub mod budget;
pub mod citation;
pub mod claim;
#[cfg(feature = "command")]
pub mod cli;
pub mod concrete;
mod error;
pub mod eval;
pub mod evaluation;
pub mod evidence;
pub mod expr;
mod file;
pub mod flow;
pub mod form;
pub mod formula;
pub mod loss;
pub mod number;
pub mod optimizer;
pub mod plan;
pub mod principal;
pub mod proof;
#[cfg(test)]
#[path = "../tests/shared/random.rs"]
mod random;
pub mod record;
pub mod render;
#[cfg(feature = "report")]
pub mod report;
pub mod series;
pub mod snapshot;
pub mod spectral;
pub mod train;
pub mod tree;
pub mod warning;

pub use error::{Diagnostic, Error, Place};
