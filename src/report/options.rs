//! What a report shows.

use crate::flow::{AtCut, FlowName};
use crate::number::Rational;
use crate::optimizer::BoundOptimizer;
use crate::record::Record;
use crate::tree::Notation;

/// What a report shows.
#[derive(Debug, Clone)]
pub struct ReportOptions {
    /// The optimizer; while it has symbols nothing is simulated.
    pub optimizer: BoundOptimizer,
    /// The highest order of the derived series, and of its proof.
    pub order: usize,
    /// The highest order of the checks.
    pub check_order: usize,
    /// The step size; `None` takes one at which the flows exist along the optimizer's own path: the one with `hλ_0 = 3/2` at the start if no `hλ`
    /// comes near the branch point of α on the way, else the one whose `hλ` stay below 4/5 of it.
    pub h: Option<Rational>,
    /// The optimizer's steps.
    pub steps: usize,
    /// Where to start, by parameter; what is missing is chosen: 0 for all, or the first point of a list where the loss, its gradient and its
    /// Hessian are finite and the gradient is not 0.
    pub start: Vec<Option<f64>>,
    /// The flows beside the optimizer; without any, those that suit a loss of this size.
    pub flows: Vec<FlowName>,
    /// What a flow does where it slides along a cut.
    pub at_cut: AtCut,
    /// The most integration steps along one flow, twelve evaluations of its field each; `None` takes what a budget of arithmetic allows for this
    /// loss, which does not depend on the machine.
    pub max_steps: Option<usize>,
    /// How elementary differentials are written.
    pub notation: Notation,
    /// Records of training runs that are drawn beside the rest.
    pub records: Vec<Record>,
    /// The command that makes this report, as the report tells it.
    pub command: Option<String>,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self {
            optimizer: BoundOptimizer::gradient_descent(),
            order: 3,
            check_order: 8,
            h: None,
            steps: 12,
            start: Vec::new(),
            flows: Vec::new(),
            at_cut: AtCut::Slide,
            max_steps: None,
            notation: Notation::Operator,
            records: Vec::new(),
            command: None,
        }
    }
}
