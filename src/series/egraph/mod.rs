//! The derivation of an optimizer's modified equation by rewriting in an e-graph, order by order.
//!
//! It follows the structure of a proof by backward error analysis (Rosca, Wu, Qin & Dherin 2023, section 2.2): the Taylor
//! expansion of the modified flow, `θ̃(h) = θ + Σ_i h^i/i! θ̃^{(i)}`, has time derivatives which the chain and product rules
//! turn into derivatives of `E` contracted with the fields `f_k`; the coefficient of `h^{n+1}` must be that of the step
//! `θ − h g`, and is solved for `f_n`. Other optimizers ask the same of a combination of `θ̃(jh)`, and their gradients, taken at
//! displaced points, are expanded about θ. Then `f_n` joins the e-class of its value and order n + 1 goes on in the same e-graph.
//!
//! The e-graph makes every step by a named rule (see [`Rule`]), so that its explanation is the proof.

mod analysis;
mod derive;
mod expansion;
mod explain;
mod language;
mod proof;
mod rules;
#[cfg(test)]
mod sabotage;
#[cfg(test)]
mod tests;
mod trees;

pub use proof::{Link, Proof, ProofTerm, Rule, Step, TermId};

use super::ModifiedEquation;
use crate::number::{Coefficient, Fraction, Rational};
use crate::optimizer::UnsupportedTableau;
use crate::optimizer::{BoundOptimizer, Recurrence, RecurrenceError};
use analysis::{Graph, Normal};
use derive::{MAX_ORDER, Run};
use std::hash::Hash;
use std::str::FromStr;
use std::time::Duration;

/// The exact coefficients of a derivation: a [`Coefficient`] that can be compared and hashed as part of a term, and
/// read back from what `Display` writes.
pub trait Exact: Coefficient + FromStr + Ord + Hash + Send + Sync + 'static {}

impl<C: Coefficient + FromStr + Ord + Hash + Send + Sync + 'static> Exact for C {}

/// Where a derivation stops, finished or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most e-nodes ever made. At high orders a node takes up to 2 kB, because it can be a sum of thousands of terms.
    pub nodes: usize,
    /// Most time taken.
    pub time: Duration,
}

impl Default for Limits {
    /// 600,000 nodes, about 1 GB and enough for order 13, and ten minutes.
    fn default() -> Self {
        Self { nodes: 600_000, time: Duration::from_secs(600) }
    }
}

/// The largest order that takes a few seconds and less than half a gigabyte, with so many symbols, with a proof or without.
///
/// Gradient descent takes 1.2 s and 410 MB for the proof of order 10, three times both for order 11; 2.5 s and 280 MB for
/// order 12 without, 9 s and 780 MB for order 13.
#[must_use]
pub const fn reachable_order(symbols: usize, proof: bool) -> usize {
    match (symbols, proof) {
        (0, false) => 12,
        (0, true) => 10,
        (1, _) => 8,
        (2, false) => 7,
        (2, true) | (3, false) => 6,
        (3, true) | (_, false) => 5,
        (_, true) => 4,
    }
}

/// Why a derivation ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgraphError {
    /// The e-graph grew beyond [`Limits::nodes`].
    #[error("the e-graph grew beyond its limit of {limit} nodes {}; ask for a lower order", so_far(.reached))]
    NodeLimit {
        /// The limit.
        limit: usize,
        /// The last order finished.
        reached: Option<usize>,
    },
    /// The derivation took longer than [`Limits::time`].
    #[error(
        "the e-graph ran beyond its limit of {} s {}; ask for a lower order", .limit.as_secs_f64(), so_far(.reached)
    )]
    TimeLimit {
        /// The limit.
        limit: Duration,
        /// The last order finished.
        reached: Option<usize>,
    },
    /// No term can hold this order.
    #[error("order {order} is beyond the e-graph's limit of {MAX_ORDER}; use the tree route")]
    OrderTooHigh {
        /// The order asked for.
        order: usize,
    },
    /// Two different normal forms met in one e-class: a rule is wrong.
    #[error("contradiction at order {order}: the rules make {left} equal to {right}; this is a fault of the program")]
    Contradiction {
        /// The order at work.
        order: usize,
        /// One normal form.
        left: String,
        /// The other one.
        right: String,
    },
    /// Nothing was left to rewrite and `f_n` was not solved: a rule is wrong.
    #[error("the rules stopped before f_{order} was solved; this is a fault of the program")]
    Stuck {
        /// The order at work.
        order: usize,
    },
    /// The optimizer has no modified equation.
    #[error(transparent)]
    Recurrence(#[from] RecurrenceError),
    /// The optimizer's coefficients are outside the rationals and rational functions.
    #[error(transparent)]
    Unsupported(#[from] UnsupportedTableau),
    /// egg did not take the rules.
    #[error("the rules do not fit together: {0}; this is a fault of the program")]
    Rules(String),
}

fn so_far(reached: &Option<usize>) -> String {
    match reached {
        Some(order) => format!("after order {order}"),
        None => "before order 0 was done".to_owned(),
    }
}

/// Derives `f_0, …, f_order` of gradient descent.
///
/// Terms are in derivatives of `E`; each order takes 3 to 4 times as long as the one before.
///
/// ```
/// use shadowflow::series::egraph::{Limits, modified_equation};
/// use shadowflow::number::Rational;
/// use shadowflow::tree::Tree;
/// let equation = modified_equation(2, &Limits::default())?;
/// let t_gg = Tree::from_levels(&[0, 1, 1]).unwrap();
/// assert_eq!(equation.coefficient(&t_gg), Rational::new(-1, 12));
/// # Ok::<(), shadowflow::series::egraph::EgraphError>(())
/// ```
///
/// # Errors
/// [`EgraphError`] where a limit is reached.
pub fn modified_equation(order: usize, limits: &Limits) -> Result<ModifiedEquation<Rational>, EgraphError> {
    modified_equation_of(&Recurrence::gradient_descent(), order, limits)
}

/// Derives `f_0, …, f_order` of gradient descent with every step of the way.
///
/// # Errors
/// [`EgraphError`] where a limit is reached.
pub fn modified_equation_with_proof(
    order: usize,
    limits: &Limits,
) -> Result<(ModifiedEquation<Rational>, Proof), EgraphError> {
    modified_equation_of_with_proof(&Recurrence::gradient_descent(), order, limits)
}

/// Derives `f_0, …, f_order` of any optimizer with a [`Recurrence`].
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::series::egraph::{Limits, modified_equation_of};
/// use shadowflow::tree::Tree;
/// let equation = modified_equation_of(&Optimizer::HeavyBall.bind(&[])?.fractions()?, 1, &Limits::default())?;
/// assert_eq!(equation.coefficient(&Tree::tall(1)).to_string(), "-(1+m)/(2*(1-m)^3)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`EgraphError`] where a limit is reached or the recurrence determines no flow.
pub fn modified_equation_of<C: Exact>(
    recurrence: &Recurrence<C>,
    order: usize,
    limits: &Limits,
) -> Result<ModifiedEquation<C>, EgraphError> {
    Ok(Run::new(recurrence, limits, false)?.run(order)?.0)
}

/// Derives `f_0, …, f_order` of any optimizer with every step of the way.
///
/// # Errors
/// [`EgraphError`] where a limit is reached or the recurrence determines no flow.
pub fn modified_equation_of_with_proof<C: Exact>(
    recurrence: &Recurrence<C>,
    order: usize,
    limits: &Limits,
) -> Result<(ModifiedEquation<C>, Proof<C>), EgraphError> {
    Run::new(recurrence, limits, true)?.run(order)
}

/// A modified equation and its derivation, over the smallest ring that holds the optimizer's coefficients.
#[derive(Debug, Clone)]
pub enum Proven {
    /// Without symbols.
    Numbers(ModifiedEquation<Rational>, Proof<Rational>),
    /// With hyper-parameters left symbolic.
    Symbols(ModifiedEquation<Fraction>, Proof<Fraction>),
}

/// Derives `f_0, …, f_order` of any optimizer, in numbers or with symbols, with every step of the way.
///
/// ```
/// use shadowflow::optimizer::Optimizer;
/// use shadowflow::series::egraph::{Limits, Proven, modified_equation_with_proof_for};
/// use shadowflow::proof::check::check;
/// let half = Optimizer::HeavyBall.bind(&[("m", "1/2".parse()?)])?;
/// let proven = modified_equation_with_proof_for(&half, 2, &Limits::default())?;
/// let Proven::Numbers(equation, proof) = proven else { panic!("no symbol is left") };
/// assert!(check(&proof).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`EgraphError`] where a limit is reached, or the optimizer has irrational coefficients.
pub fn modified_equation_with_proof_for(
    optimizer: &BoundOptimizer,
    order: usize,
    limits: &Limits,
) -> Result<Proven, EgraphError> {
    if let Some(numbers) = optimizer.numbers() {
        let (equation, proof) = modified_equation_of_with_proof(numbers, order, limits)?;
        return Ok(Proven::Numbers(equation, proof));
    }
    let (equation, proof) = modified_equation_of_with_proof(&optimizer.fractions()?, order, limits)?;
    Ok(Proven::Symbols(equation, proof))
}

/// The modified equation of any optimizer, in numbers or with symbols, by rewriting but without a proof.
///
/// # Errors
/// As [`modified_equation_with_proof_for`].
pub fn modified_equation_for(
    optimizer: &BoundOptimizer,
    order: usize,
    limits: &Limits,
) -> Result<ModifiedEquation<Fraction>, EgraphError> {
    modified_equation_of(&optimizer.fractions()?, order, limits)
}

/// The derivation with `rule` broken.
#[cfg(test)]
pub(crate) fn sabotaged(
    recurrence: &Recurrence,
    order: usize,
    rule: Rule,
) -> Result<(ModifiedEquation, Proof), EgraphError> {
    let limits = Limits { nodes: 200_000, time: Duration::from_secs(20) };
    let mut run = Run::new(recurrence, &limits, true)?;
    run.sabotage(rule);
    run.run(order)
}

/// A normal form for an error message: coefficients and level sequences.
fn describe<C: Exact>(graph: &Graph<C>, normal: &Normal<C>) -> String {
    let Some(terms) = normal.terms() else { return "an unknown".to_owned() };
    if terms.is_empty() {
        return "0".to_owned();
    }
    let shown: Vec<String> =
        terms.iter().take(4).map(|(c, tree)| format!("{c} {:?}", graph.analysis.trees.tree(*tree))).collect();
    let more = if terms.len() > 4 { " + …" } else { "" };
    shown.join(" + ") + more
}
