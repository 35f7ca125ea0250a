//! Training runs that record what there is to know of each step: the optimizer, what its flows say of the step, and the spectrum.
//!
//! A [`Training`] is a loss with its starts and [`TrainSettings`]; its runs go one after another, each a [`Run`] that hands on [`Row`]s. A
//! [`Snapshot`] of a run, taken between two steps, gives the same rows from there on, to the bit.

mod batch_expression;
mod batches;
mod branch;
mod branches;
mod column;
mod cost;
mod drift;
mod ends;
mod full;
mod judge;
mod loss_rate;
mod machine;
mod method;
mod midpoint;
mod objective;
mod recorder;
mod row;
mod rule;
mod run;
mod schedule;
mod settings;
mod snapshot;
mod spectrum;
mod step;
#[cfg(test)]
mod tests;
mod training;
mod vectors;
mod walk;

pub use branch::BranchName;
pub use column::{Column, Kind, Names};
pub use cost::{PartEstimate, TrainingCost};
pub use method::{DriftAdjusted, OptimizerName, TrainMethod, TrainOptimizer};
pub use objective::Objective;
pub use row::{Cell, Row, RunLabel};
pub use rule::{Oracle, Rate, StepRule};
pub use run::{Run, Sink};
pub use schedule::BatchOrder;
pub use settings::{AtSteps, Eigenvalues, TrainSettings};
pub use snapshot::Snapshot;
pub use training::{RunPlan, Training};

use crate::budget::Stopped;
use crate::flow::FlowError;

/// Why a training cannot be run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// A setting does not fit the others or the loss.
    #[error("{0}")]
    Setting(String),
    /// The loss cannot be run.
    #[error("{0}")]
    Loss(String),
    /// The loss as flows take it cannot be run.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// A row could not be written.
    #[error("{0}")]
    Record(String),
    /// The time was up, or nobody wanted the result any more, in the middle of a step.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}
