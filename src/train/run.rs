//! One run, row after row.

use super::TrainError;
use super::column::Column;
use super::full::Full;
use super::machine::Machine;
use super::method::TrainOptimizer;
use super::recorder::Recorder;
use super::row::{Cell, Row, RunLabel};
use super::rule::Rate;
use super::snapshot::Snapshot;
use super::step::Step;
use super::training::{RunPlan, Training};
use super::vectors;
use crate::budget::{self, Budget};
use crate::flow::Outcome;

/// Takes rows as they are made.
pub type Sink<'s> = &'s mut dyn FnMut(Row) -> Result<(), TrainError>;

/// One optimizer with one step size and one seed, on its way.
pub struct Run<'a> {
    pub(super) training: &'a Training,
    index: usize,
    pub(super) plan: RunPlan,
    pub(super) optimizer: &'a TrainOptimizer,
    label: RunLabel,
    pub(super) machine: Machine<'a>,
    full: Full<'a>,
    pub(super) recorder: Recorder<'a>,
    /// The other optimizers on their way, for distances.
    companions: Vec<Companion<'a>>,
    /// The iterate before the last one.
    pub(super) before: Vec<f64>,
    finished: bool,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("label", &self.label).field("step", &self.machine.step).finish_non_exhaustive()
    }
}

struct Companion<'a> {
    name: String,
    machine: Machine<'a>,
    full: Full<'a>,
    /// Whether it still has a next iterate.
    goes: bool,
}

impl Training {
    /// A run from its start.
    ///
    /// # Errors
    /// What the loss or the optimizer does not allow.
    pub fn run(&self, index: usize) -> Result<Run<'_>, TrainError> {
        let plan = self.runs()[index];
        let optimizer = &self.settings.optimizers[plan.optimizer];
        let mut companions = Vec::new();
        if self.settings.has(Column::Distance) {
            for (k, other) in self.settings.optimizers.iter().enumerate().filter(|(k, _)| *k != plan.optimizer) {
                // One that takes a step size where this one does not takes the first.
                let rate = (!other.sets_rate()).then(|| plan.rate.unwrap_or(0));
                companions.push(Companion {
                    name: other.name.clone(),
                    machine: self.machine(RunPlan { optimizer: k, rate, seed: plan.seed })?,
                    full: self.full()?,
                    goes: true,
                });
            }
        }
        Ok(Run {
            training: self,
            index,
            plan,
            optimizer,
            label: self.label(plan),
            machine: self.machine(plan)?,
            full: self.full()?,
            recorder: Recorder::new(self, optimizer)?,
            companions,
            before: self.start(plan).to_vec(),
            finished: false,
        })
    }

    /// A run from where a snapshot was taken.
    ///
    /// # Errors
    /// As [`Training::run`], and a snapshot of another training.
    pub fn resume(&self, snapshot: &Snapshot) -> Result<Run<'_>, TrainError> {
        if snapshot.run >= self.runs().len() {
            return Err(TrainError::Setting("the checkpoint is of a run that these settings do not have".to_owned()));
        }
        let mut run = self.run(snapshot.run)?;
        run.restore(snapshot)?;
        Ok(run)
    }

    pub(super) fn full(&self) -> Result<Full<'_>, TrainError> {
        Full::whole(&self.loss, self.model(), self.settings.difference, self.settings.threads)
    }

    pub(super) fn machine(&self, plan: RunPlan) -> Result<Machine<'_>, TrainError> {
        let optimizer = &self.settings.optimizers[plan.optimizer];
        let rate = plan.rate.map(|k| self.settings.rates[k]);
        let seed = self.settings.seeds[plan.seed];
        Machine::new(&self.loss, self.model(), &self.settings, optimizer, rate, seed, self.start(plan))
    }
}

impl Run<'_> {
    /// Which of the training's runs it is.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// How many steps were taken.
    #[must_use]
    pub fn step(&self) -> u64 {
        self.machine.step
    }

    /// Whether its last row is made.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// θ.
    #[must_use]
    pub fn theta(&self) -> &[f64] {
        &self.machine.theta
    }

    /// Takes a step, and hands on the row that it starts from, where one is recorded; at the end the last row.
    ///
    /// # Errors
    /// What the sink says; and [`TrainError::Stopped`] where the [budget](crate::budget) was used up before the step and its rows were done: the run is
    /// then in no certain state, and a snapshot taken before goes on.
    pub fn advance(&mut self, sink: Sink<'_>) -> Result<(), TrainError> {
        if self.finished {
            return Ok(());
        }
        let settings = &self.training.settings;
        let at = self.machine.step;
        let records = settings.records(at);
        if at >= settings.steps || self.reaches_goal(records) {
            return self.finish(None, sink);
        }
        match self.machine.advance(&mut self.full) {
            Err(Outcome::Stopped(stopped)) => return Err(stopped.into()),
            Err(outcome) => return self.finish(Some(outcome), sink),
            Ok(rate) => {
                if records {
                    let row = self.row(at, rate);
                    // What is cut short by the end of all is no row.
                    budget::check()?;
                    sink(row)?;
                    if settings.branches_at(at) {
                        self.branches(at, rate, sink)?;
                    }
                }
            }
        }
        self.before.copy_from_slice(&self.machine.previous);
        for companion in self.companions.iter_mut().filter(|c| c.goes) {
            companion.goes = companion.machine.advance(&mut companion.full).is_ok();
        }
        Ok(())
    }

    /// Hands on the row after the last step.
    fn finish(&mut self, ended: Option<Outcome>, sink: Sink<'_>) -> Result<(), TrainError> {
        let row = self.last_row(ended);
        budget::check()?;
        self.finished = true;
        sink(row)
    }

    /// Whether a goal is met. The loss on all data is known at every step of optimizers that take all of them, and else in recorded rows; so is the
    /// accuracy.
    fn reaches_goal(&mut self, records: bool) -> bool {
        let settings = &self.training.settings;
        let known = records || settings.batch.is_none() || !self.optimizer.takes_batches;
        let theta = &self.machine.theta;
        let loss = settings.loss_goal.filter(|_| known).is_some_and(|goal| self.full.at(theta).loss() <= goal);
        loss || settings
            .accuracy_goal
            .filter(|_| records)
            .is_some_and(|goal| self.recorder.accuracy(theta).is_some_and(|share| share >= goal))
    }

    pub(super) fn blank(&self, step: u64) -> Row {
        let run = self.label.clone();
        Row { step, run, branch: None, cells: Vec::new(), distance: None, warnings: Vec::new(), reasons: Vec::new() }
    }

    /// The time of one row: what is not done by then has no value.
    pub(super) fn time(&self) -> Budget {
        let budget = Budget::current();
        match self.training.settings.row_seconds {
            Some((seconds, name)) => budget.with_seconds(seconds, name),
            None => budget,
        }
    }

    /// The row of a step that was taken.
    fn row(&mut self, at: u64, rate: Rate) -> Row {
        let mut row = self.blank(at);
        let settings = &self.training.settings;
        if settings.has(Column::Distance) {
            row.cells.push((Column::Distance, self.distances(&self.machine.previous)));
        }
        let budget = self.time();
        let Self { machine, full, recorder, before, .. } = self;
        if settings.has(Column::BatchLoss) {
            let loss = machine.batch_loss(at, &machine.previous.clone());
            let loss = loss.and_then(|x| row.finite(x));
            row.cells.push((Column::BatchLoss, Cell::Number(loss)));
        }
        let step = Step { from: &machine.previous, to: &machine.theta, before: (at > 0).then_some(&**before), rate };
        if let Err(stopped) = budget.run(|| recorder.row(full, &step, &mut row)) {
            row.ended(None, stopped.into());
            // What takes no time has its value all the same.
            let h = match rate {
                Rate::One(h) => Some(h),
                Rate::PerParameter(..) => None,
            };
            let size = vectors::distance(&machine.previous, &machine.theta);
            for (column, value) in [(Column::LearningRate, h), (Column::UpdateNorm, Some(size))] {
                if settings.has(column) && row.cell(column).is_none() {
                    row.cells.push((column, Cell::Number(value.filter(|x| x.is_finite()))));
                }
            }
        }
        self.training.complete(&mut row, &settings.columns);
        row
    }

    /// The row without a step from it.
    fn last_row(&mut self, ended: Option<Outcome>) -> Row {
        let at = self.machine.step;
        let mut row = self.blank(at);
        let settings = &self.training.settings;
        if settings.has(Column::Distance) {
            row.cells.push((Column::Distance, self.distances(&self.machine.theta)));
        }
        if settings.has(Column::BatchLoss) {
            let theta = self.machine.theta.clone();
            let loss = self.machine.batch_loss(at, &theta);
            let loss = loss.and_then(|x| row.finite(x));
            row.cells.push((Column::BatchLoss, Cell::Number(loss)));
        }
        let h = Some(self.machine.scheduled(at)).filter(|h| h.is_finite());
        self.state_row(h, &mut row);
        if let Some(outcome) = ended {
            row.ended(Some(&self.optimizer.name), outcome);
        }
        row
    }

    fn state_row(&mut self, h: Option<f64>, row: &mut Row) {
        let theta = self.machine.theta.clone();
        let budget = self.time();
        let Self { training, full, recorder, .. } = self;
        if let Err(stopped) = budget.run(|| recorder.last(full, &theta, h, row)) {
            row.ended(None, stopped.into());
        }
        let columns: Vec<Column> = training.settings.columns.iter().copied().filter(|c| c.is_of_state()).collect();
        self.training.complete(row, &columns);
    }

    /// How far the other optimizers are at the same step.
    fn distances(&self, theta: &[f64]) -> Cell {
        let far = |c: &Companion<'_>| {
            (c.name.clone(), c.goes.then(|| vectors::distance(&c.machine.theta, theta)).filter(|x| x.is_finite()))
        };
        Cell::Named(self.companions.iter().map(far).collect())
    }

    /// What a run needs to go on from here.
    pub fn snapshot(&mut self) -> Snapshot {
        let mut blocks: Vec<Vec<f64>> = self.machine.memory().into_iter().map(|v| v.clone()).collect();
        blocks.push(self.before.clone());
        let tracked = &self.recorder.tracked;
        blocks.extend([tracked.direction.clone(), tracked.near.clone(), vec![tracked.alone_for]]);
        for companion in &mut self.companions {
            blocks.push(vec![f64::from(u8::from(companion.goes))]);
            blocks.extend(companion.machine.memory().into_iter().map(|v| v.clone()));
        }
        let tracked = self.recorder.tracked.count;
        Snapshot { run: self.index, step: self.machine.step, finished: self.finished, tracked, blocks }
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), TrainError> {
        let wrong = || TrainError::Setting("the checkpoint does not fit these settings".to_owned());
        let mut blocks = snapshot.blocks.iter();
        let mut fill = |own: &mut Vec<f64>, any: bool| {
            let block = blocks.next().filter(|b| any || b.len() == own.len()).ok_or_else(wrong)?;
            own.clone_from(block);
            Ok::<(), TrainError>(())
        };
        for own in self.machine.memory() {
            fill(own, false)?;
        }
        fill(&mut self.before, false)?;
        let tracked = &mut self.recorder.tracked;
        fill(&mut tracked.direction, true)?;
        fill(&mut tracked.near, true)?;
        let mut alone_for = vec![0.0];
        fill(&mut alone_for, false)?;
        tracked.alone_for = alone_for[0];
        for companion in &mut self.companions {
            let mut goes = vec![1.0];
            fill(&mut goes, false)?;
            companion.goes = goes[0] != 0.0;
            companion.machine.step = snapshot.step;
            for own in companion.machine.memory() {
                fill(own, false)?;
            }
        }
        if blocks.next().is_some() {
            return Err(wrong());
        }
        self.recorder.tracked.count = snapshot.tracked;
        self.machine.step = snapshot.step;
        self.finished = snapshot.finished;
        Ok(())
    }
}
