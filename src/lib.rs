//! The modified (shadow) flows of optimizers, derived by backward error analysis, proven, compiled and run.
//!
//! Gradient descent
//!
#![doc = include_str!("../assets/formulas/gradient_descent.html")]
//!
//! does not follow the gradient flow but, exactly, a formal flow that hangs on the step size,
//!
#![doc = include_str!("../assets/formulas/modified_field.html")]
#![doc = include_str!("../assets/formulas/first_orders.html")]
//!
//! with the gradient `g`, the Hessian `H` and the third derivative `T` of the loss. This crate derives that flow for an abstract loss and for a given one, tells
//! principal terms `H^n g` from the others, checks them by independent routes, and runs the result beside the optimizer.
//!
//! # I want to …
//!
//! | I want to … | by |
//! |---|---|
//! | derive the modified flow of an optimizer for any loss, and print it | [`series::derive()`], [`render`]: [example](#derive-and-print) |
//! | derive that of my loss, in components | [`concrete::derive()`]: [example](#derive-for-a-loss) |
//! | integrate a modified field with my own integrator | [`concrete::ModifiedField`]: [example](#compile-a-field-and-integrate-it) |
//! | test in my crate that a series stays what it is | [`snapshot`]: [example](#keep-a-series-in-a-test) |
//! | know whether a printed formula is right | [`claim::Claim::judge`]: [example](#judge-a-formula) |
//! | run flows beside the optimizer, and how far they are from it | [`flow::simulate`]: [example](#run-flows-beside-the-optimizer) |
//! | simulate many cases on many machines | [`sweep::Sweep::run`] |
//! | have one document about a loss | [`report::Report`]: [example](#write-a-document) |
//! | describe an optimizer of my own | [`optimizer::Optimizer::from_toml`] |
//! | have values of `f_0..f_N` with every digit right | [`concrete::evaluate`] |
//! | have a derivation proven, and check the proof | [`series::egraph`], [`proof::document::verify`] |
//! | know how far long work is, and end it | [`budget::Budget::with_hook`], [`budget::Counted`] |
//! | find critical points and what flows do there | [`flow::stability`] |
//! | train a network and record what its flows say | [`train`], [`record`] |
//! | have a loss to begin with | [`loss::Example`] |
//!
//! ## Derive and print
//!
//! ```
//! use shadowflow::{optimizer::BoundOptimizer, render::{latex, text}, series, tree::Notation};
//! let equation = series::derive(&BoundOptimizer::gradient_descent(), 2).run()?.equation;
//! println!("{}\n{}", text::equation(&equation, Notation::Operator), latex::equation(&equation, Notation::Paper));
//! # assert!(text::equation(&equation, Notation::Operator).contains("f_1 = -1/2 H g"));
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! ## Derive for a loss
//!
//! ```
//! use shadowflow::{concrete, loss::{Loss, Options}, optimizer::Optimizer, render::{Formulas, text}};
//! let loss = Loss::parse("param x\nloss x^4/4\n", "quartic.loss", &Options::default())?;
//! let heavy_ball = Optimizer::HeavyBall.bind(&[("m", "1/2".parse()?)])?;
//! let equation = concrete::derive(&loss, &heavy_ball, 1).run()?;
//! println!("{}", text::concrete(&Formulas::new(&equation, &[])));
//! # assert!(text::concrete(&Formulas::new(&equation, &[])).contains("-18"));
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! ## Compile a field and integrate it
//!
//! ```
//! use shadowflow::{concrete, loss::{Loss, Options}, optimizer::BoundOptimizer};
//! let loss = Loss::parse("param x, y\nloss (1 - x)^2 + 10*(y - x^2)^2\n", "banana.loss", &Options::default())?;
//! let mut field = concrete::derive(&loss, &BoundOptimizer::gradient_descent(), 3).field(&"1/100".parse()?)?;
//! let (mut state, mut slope) = ([-0.9, 0.95], [0.0; 2]);
//! for _ in 0..10 {
//!     // Any integrator will do; here Euler's, with steps of h/10.
//!     field.evaluate(&state, &mut slope);
//!     state.iter_mut().zip(&slope).for_each(|(x, v)| *x += v / 1000.0);
//! }
//! # // One step of gradient descent from there.
//! # let g = [-2.0 * 1.9 + 40.0 * 0.9 * (0.95 - 0.81), 20.0 * (0.95 - 0.81)];
//! # assert!((state[0] + 0.9 + g[0] / 100.0).abs() + (state[1] - 0.95 + g[1] / 100.0).abs() < 2e-3, "{state:?}");
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! ## Keep a series in a test
//!
//! ```
//! use shadowflow::{optimizer::BoundOptimizer, series, snapshot::assert_series};
//! let derived = series::derive(&BoundOptimizer::gradient_descent(), 2).run()?.equation;
//! assert_series(&derived, "f_1 = -1/2 H g; f_2 = -1/3 H^2 g - 1/12 T[g, g]");
//! # Ok::<(), shadowflow::Error>(())
//! ```
//!
//! ## Judge a formula
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
//! ## Run flows beside the optimizer
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
//! ## Write a document
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
//! # Errors, and limits
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
//! interpreted without it. `plot`: [`render::plot`]. `report`: [`report`] and [`render::document`].
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
//! | [`sweep`] | many simulations, in order, in parts |
//! | [`evaluation`] | everything known of a loss at one point |
//! | [`record`] | records of training: their columns, and reading them |
//! | [`train`] | training runs and what they record |
//! | [`report`] | one document about a loss |
//! | [`render`] | text, LaTeX, JSON, plots and HTML |
//! | [`export`] | flows as source in other languages |
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
pub mod export;
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
pub mod sweep;
pub mod train;
pub mod tree;
pub mod warning;

pub use error::{Diagnostic, Error, Place};

/// The chapter of the book that has Rust in it; its examples are run as those here are.
#[cfg(doctest)]
#[doc = include_str!("../docs/test-snapshots.md")]
mod book {}
