//! What a record costs, before it is made.

use super::column::Column;
use super::method::TrainMethod;
use super::settings::{AtSteps, Eigenvalues};
use super::training::Training;
use crate::flow::{Capability, FlowDescription};
use crate::spectral::is_dense_for;

/// A product with the Hessian, in gradients, and entering a state for products.
const PRODUCT: f64 = 2.0;
const ENTER: f64 = 2.0;
/// Evaluations of the field in a step of the negative gradient flow at the usual tolerance, where it is not stiff.
const EVALUATIONS: f64 = 70.0;
/// A complex evaluation, in real ones.
const COMPLEX: f64 = 4.0;
/// Products of a Krylov field.
const KRYLOV: f64 = 20.0;
/// Products for the largest eigenvalue, and for each more.
const FIRST: f64 = 20.0;
const MORE: f64 = 8.0;

/// What one part of a training costs.
#[derive(Debug, Clone, PartialEq)]
pub struct PartEstimate {
    /// What it is.
    pub name: String,
    /// In gradients on all data, each time; an estimate.
    pub gradients: f64,
    /// At how many of the steps.
    pub share: f64,
}

/// What a training costs, by parts.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingCost {
    /// The steps of one run.
    pub steps: u64,
    /// How many runs there are.
    pub runs: usize,
    /// D.
    pub parameters: usize,
    /// The parts: the step first, then columns, flows and branches.
    pub parts: Vec<PartEstimate>,
    /// The bytes of a row, roughly.
    pub row_bytes: usize,
}

impl TrainingCost {
    /// All parts together, in gradients a step.
    #[must_use]
    pub fn per_step(&self) -> f64 {
        self.parts.iter().map(|p| p.gradients * p.share).sum()
    }
}

fn share(at: &AtSteps, every: u64, steps: u64) -> f64 {
    match at {
        AtSteps::Every(stride) => {
            // Steps that are multiples of both.
            let (mut a, mut b) = (every.max(1), (*stride).max(1));
            let product = a as f64 * b as f64;
            while b > 0 {
                (a, b) = (b, a % b);
            }
            a as f64 / product
        }
        AtSteps::Listed(listed) => listed.len() as f64 / steps.max(1) as f64,
    }
}

impl Training {
    /// What the training costs, by parts, in gradients on all data.
    ///
    /// Estimates: how many evaluations a flow takes depends on how stiff it is.
    #[must_use]
    pub fn costs(&self) -> TrainingCost {
        let settings = self.settings();
        let dimension = self.model().parameters().len();
        let every = 1.0 / settings.every.max(1) as f64;
        let mut parts = Vec::new();
        let mut part = |name: &str, gradients: f64, share: f64| {
            parts.push(PartEstimate { name: name.to_owned(), gradients, share });
        };
        for optimizer in &settings.optimizers {
            let one = 1.0 / settings.optimizers.len() as f64;
            let gradients = match &optimizer.method {
                TrainMethod::Descent { .. } => 1.0,
                TrainMethod::Adjusted(_) if settings.difference.is_some() => 2.0,
                TrainMethod::Adjusted(_) => 1.0 + ENTER + PRODUCT,
                TrainMethod::Recurrence(bound) => bound.roots().map_or(1.0, |r| r.evaluations.len() as f64),
            };
            part(&format!("a step of {}", optimizer.name), gradients, one);
        }
        if settings.has_any(&[Column::HgNorm, Column::HghatNorm, Column::SignalToNoise, Column::F1Share]) {
            let product = if settings.difference.is_some() { 1.0 } else { ENTER + PRODUCT };
            part("hg_norm, hghat_norm", product, every);
        }
        if settings.has(Column::Accuracy) && self.loss.classifier.is_some() {
            part("accuracy", 1.0 / 3.0, every);
        }
        if settings.has_any(&[Column::TestLoss, Column::TestAccuracy]) && self.loss.test.is_some() {
            part("test_loss, test_accuracy", 2.0 / 3.0, every);
        }
        let spectral = [Column::Lambda, Column::GradientAlong, Column::StabilityCoefficients, Column::ThetaAlong0];
        if settings.has_any(&spectral) {
            let count = match settings.eigenvalues {
                Eigenvalues::Count(n) | Eigenvalues::Above(_, n) => n,
                Eigenvalues::All => dimension,
            };
            let products = if is_dense_for(dimension, count) { dimension as f64 } else { FIRST + MORE * count as f64 };
            if count > 0 {
                let at = share(&settings.eigenvalues_at, settings.every, settings.steps);
                part("lambda and what is along its directions", ENTER + products * PRODUCT, at);
            }
        }
        if settings.has_any(&[Column::Drift, Column::F1Share]) && settings.optimizers.iter().any(|o| !o.has_momentum())
        {
            part("drift", EVALUATIONS, every);
        }
        if settings.has(Column::DriftBound) {
            part("drift_bound", EVALUATIONS + 16.0 * (1.0 + ENTER + PRODUCT), every);
        }
        if settings.has(Column::Distance) {
            part("distance", settings.optimizers.len() as f64 - 1.0, 1.0);
        }
        for flow in &settings.flows {
            let at = share(&settings.flows_at, settings.every, settings.steps);
            part(&format!("flow {flow}"), field(&flow.describe(), dimension) * EVALUATIONS, at);
        }
        for branch in &settings.branches {
            let super::BranchName::Flow(flow) = branch;
            let at = (settings.branch_at.len() as u64 * settings.branch_steps) as f64 / settings.steps.max(1) as f64;
            part(&format!("branch {branch}"), field(&flow.describe(), dimension) * EVALUATIONS, at);
        }
        let row_bytes = 40 + 22 * settings.columns.len();
        TrainingCost { steps: settings.steps, runs: self.runs().len(), parameters: dimension, parts, row_bytes }
    }
}

/// An evaluation of a flow's field, in gradients.
fn field(flow: &FlowDescription, dimension: usize) -> f64 {
    match flow.needs() {
        Capability::Gradient => 1.0,
        Capability::HessianAction => 1.0 + ENTER + 2.0 * PRODUCT,
        Capability::ThirdAction => 1.0 + ENTER + 2.0 * PRODUCT + 6.0,
        Capability::Hessian | Capability::HessianThird if dimension > 64 && !flow.name.starts_with("flip") => {
            COMPLEX * (1.0 + ENTER + KRYLOV * PRODUCT)
        }
        Capability::Hessian | Capability::HessianThird => COMPLEX * dimension as f64 * PRODUCT,
        Capability::Series => 36.0,
        _ => (dimension * dimension) as f64,
    }
}
