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
mod terms;
#[cfg(test)]
mod tests;
mod trees;

pub use proof::{Link, Proof, ProofTerm, Rule, Step, TermId};

use super::ModifiedEquation;
use super::limits::{Limits, MAX_EGRAPH_ORDER};
use crate::number::{Coefficient, Scalar};
use crate::optimizer::{Recurrence, RecurrenceError};
use analysis::{Graph, Normal};
use derive::Run;
use std::hash::Hash;
use std::str::FromStr;
use std::time::Duration;

/// The exact coefficients of a derivation: a [`Coefficient`] that can be compared and hashed as part of a term, and
/// read back from what `Display` writes.
pub trait Exact: Coefficient + FromStr + Into<Scalar> + Ord + Hash + Send + Sync + 'static {}

impl<C: Coefficient + FromStr + Into<Scalar> + Ord + Hash + Send + Sync + 'static> Exact for C {}

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
    #[error("order {order} is beyond the e-graph's limit of {MAX_EGRAPH_ORDER}; use the tree route")]
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

/// Derives `f_0, …, f_order` of any optimizer with a [`Recurrence`], with every step of the way where a proof is asked for.
///
/// Each order takes 3 to 4 times as long as the one before.
///
/// # Errors
/// [`EgraphError`] where a limit is reached or the recurrence determines no flow.
pub(crate) fn rewritten<C: Exact>(
    recurrence: &Recurrence<C>,
    order: usize,
    limits: &Limits,
    proof: bool,
) -> Result<(ModifiedEquation, Option<Proof<C>>), EgraphError> {
    let (equation, steps) = Run::new(recurrence, limits, proof)?.run(order)?;
    Ok((equation, proof.then_some(steps)))
}

/// The derivation with `rule` broken.
#[cfg(test)]
pub(crate) fn sabotaged<C: Exact>(
    recurrence: &Recurrence<C>,
    order: usize,
    rule: Rule,
) -> Result<(ModifiedEquation, Proof<C>), EgraphError> {
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
