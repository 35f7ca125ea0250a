//! What all runs of a training share.

use super::TrainError;
use super::column::{Column, Names};
use super::method::TrainOptimizer;
use super::row::{Cell, Row, RunLabel};
use super::settings::TrainSettings;
use crate::expr::{Expression, Id};
use crate::file::Digest;
use crate::flow::{ArrayModel, CompiledModel, Model, Subject};
use crate::loss::{Classifier, Loss};
use crate::optimizer::BoundOptimizer;

/// A loss, where its runs start, and the runs: every optimizer with every step size that it takes and every seed.
///
/// ```
/// use shadowflow::loss::{Loss, Options};
/// use shadowflow::train::{Column, TrainOptimizer, TrainSettings, Training};
/// let loss = Loss::parse("param x, y\nloss x^2 + y^2/2\n", "bowl.loss", &Options::default())?;
/// let descent = TrainOptimizer::new(&"gd".parse()?, None, None, &[])?;
/// let settings = TrainSettings { optimizers: vec![descent], rates: vec![0.25], steps: 2, ..TrainSettings::default() };
/// let training = Training::new(loss, vec![vec![1.0, 1.0]], settings)?;
/// let mut rows = Vec::new();
/// let mut run = training.run(0)?;
/// while !run.is_finished() {
///     run.advance(&mut |row| { rows.push(row); Ok(()) })?;
/// }
/// // Steps 0, 1 and 2.
/// assert_eq!(rows.len(), 3);
/// assert_eq!(rows[1].number(Column::Loss), Some(0.25 + 0.75 * 0.75 / 2.0));
/// // E falls by less than h‖g‖² in each step.
/// assert!(rows[0].number(Column::RelativeProgress).is_some_and(|p| -1.0 < p && p < 0.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Training {
    /// The loss.
    pub(super) loss: Loss,
    /// A start for each seed.
    starts: Vec<Vec<f64>>,
    /// What was asked.
    pub(super) settings: TrainSettings,
    model: Box<dyn Model>,
    descent: Subject,
    /// Of each optimizer.
    subjects: Vec<Subject>,
    runs: Vec<RunPlan>,
}

impl std::fmt::Debug for Training {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Training").field("settings", &self.settings).field("runs", &self.runs).finish_non_exhaustive()
    }
}

/// One run: which optimizer, which step size and which seed, by their places in the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunPlan {
    /// The optimizer.
    pub optimizer: usize,
    /// The step size, of optimizers that take one.
    pub rate: Option<usize>,
    /// The seed.
    pub seed: usize,
}

impl Training {
    /// Plans the runs.
    ///
    /// # Errors
    /// Settings that do not fit each other or the loss.
    pub fn new(loss: Loss, starts: Vec<Vec<f64>>, settings: TrainSettings) -> Result<Self, TrainError> {
        check(&loss, &starts, &settings)?;
        let model: Box<dyn Model> = if super::objective::keeps_arrays(&loss) {
            Box::new(ArrayModel::new(loss.expression.clone(), settings.threads)?)
        } else {
            Box::new(CompiledModel::new(loss.expression.clone())?)
        };
        let subject = |of: &BoundOptimizer| Subject::new(of).map_err(|e| TrainError::Setting(e.to_string()));
        let subjects = settings.optimizers.iter().map(|o| subject(&o.flows_of)).collect::<Result<Vec<_>, _>>()?;
        let descent = subject(&BoundOptimizer::gradient_descent())?;
        let mut runs = Vec::new();
        for (optimizer, method) in settings.optimizers.iter().enumerate() {
            let rates: Vec<Option<usize>> =
                if method.sets_rate() { vec![None] } else { (0..settings.rates.len()).map(Some).collect() };
            for rate in rates {
                runs.extend((0..settings.seeds.len()).map(|seed| RunPlan { optimizer, rate, seed }));
            }
        }
        Ok(Self { loss, starts, settings, model, descent, subjects, runs })
    }

    /// What was asked.
    #[must_use]
    pub fn settings(&self) -> &TrainSettings {
        &self.settings
    }

    /// A number that tells another loss, other data or another start apart: the FNV-1a hash of what the loss computes, on which data, and of the
    /// starts. How the loss is written does not count: comments, spaces, names.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut digest = Digest::new();
        let of = |expression: &Expression, classifier: Option<Classifier>, digest: &mut Digest| {
            let told = classifier.map(|c| [c.logits, c.labels]);
            let roots: Vec<Id> = std::iter::once(expression.id()).chain(told.into_iter().flatten()).collect();
            expression.pool().meaning(&roots, &mut |bytes| digest.take(bytes));
        };
        of(&self.loss.expression, self.loss.classifier, &mut digest);
        if let Some(test) = &self.loss.test {
            of(test, self.loss.test_classifier, &mut digest);
        }
        self.starts.iter().flatten().for_each(|x| digest.take(&x.to_bits().to_le_bytes()));
        digest.value()
    }

    /// The runs, in order.
    #[must_use]
    pub fn runs(&self) -> &[RunPlan] {
        &self.runs
    }

    /// The loss with its derivatives.
    pub(super) fn model(&self) -> &dyn Model {
        &*self.model
    }

    /// Gradient descent.
    pub(super) fn descent(&self) -> &Subject {
        &self.descent
    }

    /// The optimizer whose flows are those of one that trains.
    pub(super) fn subject(&self, optimizer: &TrainOptimizer) -> &Subject {
        let place = self.settings.optimizers.iter().position(|o| o == optimizer);
        place.and_then(|k| self.subjects.get(k)).unwrap_or(&self.descent)
    }

    /// Where the runs of a seed start.
    pub(super) fn start(&self, plan: RunPlan) -> &[f64] {
        &self.starts[plan.seed]
    }

    /// The flows by name.
    #[must_use]
    pub fn flow_names(&self) -> Vec<String> {
        self.settings.flows.iter().map(ToString::to_string).collect()
    }

    /// The optimizers other than one, by name.
    #[must_use]
    pub fn others(&self, optimizer: &str) -> Vec<String> {
        self.settings.optimizers.iter().map(|o| o.name.clone()).filter(|name| name != optimizer).collect()
    }

    /// A row's cells in the order of these columns, with those that are missing empty.
    pub(super) fn complete(&self, row: &mut Row, columns: &[Column]) {
        for column in columns {
            if row.cell(*column).is_none() {
                let names = match column.names() {
                    Names::Flows => self.flow_names(),
                    Names::Three => ["ngf", "igr", "pf"].map(str::to_owned).to_vec(),
                    Names::Optimizers => self.others(&row.run.optimizer),
                    Names::None => Vec::new(),
                };
                row.cells.push((*column, Cell::empty(*column, &names)));
            }
        }
        row.cells.sort_by_key(|(column, _)| *column);
    }

    /// How rows of a run are labelled.
    #[must_use]
    pub fn label(&self, plan: RunPlan) -> RunLabel {
        let several = |count: usize| count > 1;
        RunLabel {
            optimizer: self.settings.optimizers[plan.optimizer].name.clone(),
            h_setting: plan.rate.filter(|_| several(self.settings.rates.len())).map(|k| self.settings.rates[k]),
            seed: Some(self.settings.seeds[plan.seed]).filter(|_| several(self.settings.seeds.len())),
        }
    }

    /// Whether the loss is a classifier, whose rows have an accuracy.
    #[must_use]
    pub fn has_accuracy(&self) -> bool {
        self.loss.classifier.is_some()
    }

    /// How many eigenvalues a row has at most; `None` where that is not known ahead.
    #[must_use]
    pub fn list_length(&self) -> Option<usize> {
        let dimension = self.loss.expression.pool().dimension();
        match self.settings.eigenvalues {
            super::Eigenvalues::Count(n) => Some(n.min(dimension)),
            super::Eigenvalues::All => Some(dimension),
            super::Eigenvalues::Above(..) => None,
        }
    }
}

fn check(loss: &Loss, starts: &[Vec<f64>], settings: &TrainSettings) -> Result<(), TrainError> {
    let refuse = |message: String| Err(TrainError::Setting(message));
    let dimension = loss.expression.pool().dimension();
    if settings.optimizers.is_empty() {
        return refuse("no optimizer is asked for".to_owned());
    }
    for (k, optimizer) in settings.optimizers.iter().enumerate() {
        if settings.optimizers[..k].iter().any(|o| o.name == optimizer.name) {
            return refuse(format!("the optimizer {} is asked for twice", optimizer.name));
        }
        if !optimizer.sets_rate() && settings.rates.is_empty() {
            return refuse(format!("{} needs a step size, `TrainSettings::rates`", optimizer.name));
        }
        if optimizer.has_rates() && settings.cap.is_none() {
            return refuse(format!(
                "{} divides by every entry of Hg, so that its rates need a bound, `TrainSettings::cap`",
                optimizer.name
            ));
        }
        if optimizer.name == "sgd" && settings.batch.is_none() {
            return refuse("sgd needs to know how many rows a batch has, `TrainSettings::batch`".to_owned());
        }
    }
    if settings.rates.iter().chain(settings.changes.iter().map(|(_, h)| h)).any(|h| !(*h > 0.0 && h.is_finite())) {
        return refuse("step sizes are above 0 and finite".to_owned());
    }
    if settings.batch.is_some() && !settings.optimizers.iter().any(|o| o.takes_batches) {
        return refuse(
            "a batch, `TrainSettings::batch`, is for sgd and the others: gd takes all data in every step".to_owned(),
        );
    }
    if settings.eigenvalues == super::Eigenvalues::All && dimension > crate::spectral::DENSE_ROWS {
        return refuse(format!(
            "all eigenvalues can be had of {} parameters at most, and the loss has {dimension}; ask for some of the largest",
            crate::spectral::DENSE_ROWS
        ));
    }
    if settings.has_any(&[Column::Error, Column::FlowLoss, Column::FlowLambda0]) && settings.flows.is_empty() {
        return refuse("error, flow_loss and flow_lambda_0 are of flows, `TrainSettings::flows`".to_owned());
    }
    if let Some(step) = settings.branch_at.iter().find(|step| **step >= settings.steps && !settings.branches.is_empty())
    {
        let last = settings.steps.saturating_sub(1);
        return refuse(format!("a branch leaves at step {step}, and the last step is taken from {last}"));
    }
    if starts.len() != settings.seeds.len() {
        return refuse(format!("{} starts for {} seeds", starts.len(), settings.seeds.len()));
    }
    for start in starts {
        if start.len() != dimension {
            return refuse(format!("a start of {} numbers where the loss has {dimension} parameters", start.len()));
        }
        if !start.iter().all(|x| x.is_finite()) {
            return refuse("a start is not finite".to_owned());
        }
    }
    Ok(())
}
