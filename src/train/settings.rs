//! What is asked of training.

use super::branch::BranchName;
use super::column::Column;
use super::method::TrainOptimizer;
use super::schedule::BatchOrder;
use crate::flow::FlowName;
use std::num::NonZeroUsize;

/// How many eigenvalues are tracked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Eigenvalues {
    /// The largest.
    Count(usize),
    /// All.
    All,
    /// All with `hλ` above a threshold: the search starts with so many and grows while the last one passes it.
    Above(f64, usize),
}

/// At which steps something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtSteps {
    /// At every so many.
    Every(u64),
    /// At these.
    Listed(Vec<u64>),
}

impl AtSteps {
    /// Whether it is done at a step.
    #[must_use]
    pub fn has(&self, step: u64) -> bool {
        match self {
            Self::Every(stride) => step.is_multiple_of((*stride).max(1)),
            Self::Listed(steps) => steps.contains(&step),
        }
    }
}

/// What to train and what to record.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainSettings {
    /// The optimizers, run after each other.
    pub optimizers: Vec<TrainOptimizer>,
    /// The step sizes, each with every optimizer that takes one.
    pub rates: Vec<f64>,
    /// Changes of the step size: from that step on, that one.
    pub changes: Vec<(u64, f64)>,
    /// The largest step size.
    pub cap: Option<f64>,
    /// The seeds of starts and batches, each with every optimizer and step size.
    pub seeds: Vec<u64>,
    /// The most steps of a run.
    pub steps: u64,
    /// A row at every so many steps, and after the last.
    pub every: u64,
    /// How many rows of data a step takes, of optimizers that take batches; all unless told.
    pub batch: Option<usize>,
    /// In which order.
    pub order: BatchOrder,
    /// The columns.
    pub columns: Vec<Column>,
    /// How many eigenvalues.
    pub eigenvalues: Eigenvalues,
    /// In which rows they are looked for.
    pub eigenvalues_at: AtSteps,
    /// How far along ĝ the gradient is taken for Hg by a difference; exactly unless told.
    pub difference: Option<f64>,
    /// The flows followed from recorded rows.
    pub flows: Vec<FlowName>,
    /// From which.
    pub flows_at: AtSteps,
    /// The branches.
    pub branches: Vec<BranchName>,
    /// The steps where they start.
    pub branch_at: Vec<u64>,
    /// How many steps they are followed.
    pub branch_steps: u64,
    /// A run ends where the loss is at most this.
    pub loss_goal: Option<f64>,
    /// A run ends where the accuracy is at least this.
    pub accuracy_goal: Option<f64>,
    /// The integrator's tolerance.
    pub tolerance: f64,
    /// The most steps of the integrator in one step of the optimizer.
    pub max_steps: usize,
    /// The most seconds for what one row records, and what sets that.
    pub row_seconds: Option<(f64, &'static str)>,
    /// Threads; results do not depend on them.
    pub threads: NonZeroUsize,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            optimizers: Vec::new(),
            rates: Vec::new(),
            changes: Vec::new(),
            cap: None,
            seeds: vec![0],
            steps: 0,
            every: 1,
            batch: None,
            order: BatchOrder::default(),
            columns: Column::ALL.into_iter().filter(|c| c.is_usual(false)).collect(),
            eigenvalues: Eigenvalues::Count(2),
            eigenvalues_at: AtSteps::Every(1),
            difference: None,
            flows: Vec::new(),
            flows_at: AtSteps::Every(1),
            branches: Vec::new(),
            branch_at: Vec::new(),
            branch_steps: 0,
            loss_goal: None,
            accuracy_goal: None,
            tolerance: 1e-10,
            max_steps: 5_000,
            row_seconds: None,
            threads: NonZeroUsize::MIN,
        }
    }
}

impl TrainSettings {
    /// Whether a column is recorded.
    #[must_use]
    pub fn has(&self, column: Column) -> bool {
        self.columns.contains(&column)
    }

    /// Whether one of these is.
    pub(super) fn has_any(&self, columns: &[Column]) -> bool {
        columns.iter().any(|c| self.has(*c))
    }

    /// Whether a row stands at a step.
    #[must_use]
    pub fn records(&self, step: u64) -> bool {
        step.is_multiple_of(self.every.max(1)) || step == self.steps || self.branches_at(step)
    }

    /// Whether branches start at a step.
    pub(super) fn branches_at(&self, step: u64) -> bool {
        !self.branches.is_empty() && self.branch_at.contains(&step)
    }
}
