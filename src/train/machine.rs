//! An optimizer on its way.

use super::TrainError;
use super::batches::{BatchObjective, rows};
use super::full::{At, Full};
use super::method::TrainOptimizer;
use super::rule::{Rate, StepRule, rule_of};
use super::schedule::Schedule;
use super::settings::TrainSettings;
use crate::flow::{Model, Outcome};
use crate::loss::Loss;

/// θ, how many steps led to it, and what the next one needs.
pub(super) struct Machine<'a> {
    rule: Box<dyn StepRule + 'a>,
    pub(super) theta: Vec<f64>,
    /// The iterate before, once there is one.
    pub(super) previous: Vec<f64>,
    pub(super) step: u64,
    rate: Option<f64>,
    changes: Vec<(u64, f64)>,
    batches: Option<Batches>,
}

/// The objective on batches: one of the common size, one of an epoch's last.
struct Batches {
    schedule: Schedule,
    common: At<BatchObjective>,
    last: Option<At<BatchObjective>>,
    /// Whose rows are loaded.
    loaded: Option<u64>,
}

impl Batches {
    fn new(loss: &Loss, settings: &TrainSettings, batch: usize, seed: u64) -> Result<Self, TrainError> {
        let all = rows(loss)?;
        if batch == 0 || batch > all {
            return Err(TrainError::Setting(format!(
                "a batch, `TrainSettings::batch`, takes 1 to {all} rows of these data, not {batch}"
            )));
        }
        let schedule = Schedule::new(all, batch, settings.order, seed);
        let dimension = loss.expression.pool().dimension();
        let of = |rows| -> Result<_, TrainError> {
            Ok(At::new(BatchObjective::new(loss, rows, settings.threads)?, dimension, settings.difference))
        };
        let last = schedule.last();
        let last = if last == schedule.batch() { None } else { Some(of(last)?) };
        Ok(Self { common: of(schedule.batch())?, last, schedule, loaded: None })
    }

    /// The objective of a step, with its rows.
    fn of(&mut self, step: u64) -> &mut At<BatchObjective> {
        let common = self.schedule.batch();
        let rows = self.schedule.rows(step);
        let at = match &mut self.last {
            Some(last) if rows.len() != common => last,
            _ => &mut self.common,
        };
        if self.loaded != Some(step) {
            at.objective.load(rows);
            at.forget();
            self.loaded = Some(step);
        }
        at
    }
}

impl<'a> Machine<'a> {
    /// At a start.
    pub(super) fn new(
        loss: &Loss,
        model: &'a dyn Model,
        settings: &TrainSettings,
        optimizer: &TrainOptimizer,
        rate: Option<f64>,
        seed: u64,
        start: &[f64],
    ) -> Result<Self, TrainError> {
        let batch = settings.batch.filter(|_| optimizer.takes_batches);
        Ok(Self {
            rule: rule_of(&optimizer.method, settings.cap, model, start)?,
            theta: start.to_vec(),
            previous: start.to_vec(),
            step: 0,
            rate,
            changes: settings.changes.clone(),
            batches: batch.map(|batch| Batches::new(loss, settings, batch, seed)).transpose()?,
        })
    }

    /// The step size that is set at a step.
    pub(super) fn scheduled(&self, step: u64) -> f64 {
        let changed = self.changes.iter().filter(|(from, _)| *from <= step).max_by_key(|(from, _)| *from);
        changed.map(|(_, h)| *h).or(self.rate).unwrap_or(f64::NAN)
    }

    /// Takes a step. θ is then the next iterate, and `previous` the one that it was taken from.
    ///
    /// # Errors
    /// Why there is none; θ is then as it was.
    pub(super) fn advance(&mut self, full: &mut Full<'_>) -> Result<Rate, Outcome> {
        let h = self.scheduled(self.step);
        self.previous.copy_from_slice(&self.theta);
        let rate = match &mut self.batches {
            Some(batches) => self.rule.step(batches.of(self.step).at(&self.previous), h, &mut self.theta),
            None => self.rule.step(full.at(&self.previous), h, &mut self.theta),
        };
        let ended = match rate {
            Ok(rate) if self.theta.iter().all(|x| x.is_finite()) => {
                self.step += 1;
                return Ok(rate);
            }
            Ok(_) => Outcome::Diverged,
            Err(outcome) => outcome,
        };
        self.theta.copy_from_slice(&self.previous);
        Err(ended)
    }

    /// The loss on the batch that the next step takes, or that the last one took.
    pub(super) fn batch_loss(&mut self, step: u64, theta: &[f64]) -> Option<f64> {
        self.batches.as_mut().map(|batches| batches.of(step).at(theta).loss())
    }

    /// What checkpoints and copies hold, in order.
    pub(super) fn memory(&mut self) -> Vec<&mut Vec<f64>> {
        let mut memory = vec![&mut self.theta, &mut self.previous];
        memory.extend(self.rule.memory());
        memory
    }

    /// Becomes a copy of another one of the same optimizer.
    pub(super) fn become_copy_of(&mut self, other: &mut Machine<'_>) {
        self.step = other.step;
        for (own, theirs) in self.memory().into_iter().zip(other.memory()) {
            own.copy_from_slice(theirs);
        }
    }
}
