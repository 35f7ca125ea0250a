//! How long flows take, measured at a run's start.

use super::TrainError;
use super::branch::BranchName;
use super::ends::follower;
use super::rule::Rate;
use super::settings::AtSteps;
use super::training::Training;
use crate::budget::Budget;
use crate::flow::{FlowName, Outcome};
use std::time::Instant;

/// What a flow takes for one step of the optimizer, from the start of the first run.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowPace {
    /// The flow.
    pub name: String,
    /// Whether it is a branch.
    pub is_branch: bool,
    /// The seconds of a step, extrapolated where it was not followed to its end; no more than a row may take.
    pub seconds: f64,
    /// The part of the step that it was followed.
    pub reached: f64,
    /// How often it is followed for a step in all runs.
    pub times: u64,
}

/// What a training takes, measured.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pace {
    /// The seconds of a bare step of the optimizer.
    pub step: f64,
    /// The flows, and the branches that are flows.
    pub flows: Vec<FlowPace>,
}

impl Pace {
    /// The seconds of all flows in all runs.
    #[must_use]
    pub fn of_flows(&self) -> f64 {
        self.flows.iter().map(|f| f.seconds * f.times as f64).sum()
    }
}

impl Training {
    /// Follows every flow and branch for a step from the start of the first run, for so many seconds each at most.
    ///
    /// # Errors
    /// What the loss or the optimizer does not allow.
    pub fn pace(&self, seconds: f64) -> Result<Pace, TrainError> {
        let settings = self.settings();
        let Some(plan) = self.runs().first().copied() else { return Ok(Pace::default()) };
        if settings.flows.is_empty() && settings.branches.is_empty() {
            return Ok(Pace::default());
        }
        let (mut machine, mut full) = (self.machine(plan)?, self.full()?);
        let _ = machine.advance(&mut full);
        let begin = Instant::now();
        let rate = machine.advance(&mut full);
        let mut pace = Pace { step: begin.elapsed().as_secs_f64(), flows: Vec::new() };
        let Ok(Rate::One(h)) = rate else { return Ok(pace) };
        let runs = self.runs().len() as u64;
        let rows = runs.saturating_mul(self.rows_with_flows());
        let branched = (settings.branch_at.len() as u64).saturating_mul(settings.branch_steps).saturating_mul(runs);
        for name in &settings.flows {
            pace.flows.extend(self.flow_pace(name, h, (false, rows), seconds));
        }
        for BranchName::Flow(name) in &settings.branches {
            pace.flows.extend(self.flow_pace(name, h, (true, branched), seconds));
        }
        Ok(pace)
    }

    /// How many rows of a run have flows.
    fn rows_with_flows(&self) -> u64 {
        let settings = self.settings();
        match &settings.flows_at {
            AtSteps::Listed(steps) => steps.iter().filter(|s| **s < settings.steps).count() as u64,
            AtSteps::Every(stride) => {
                // The multiples of both.
                let (a, b) = (settings.every.max(1), (*stride).max(1));
                let both = (a / divisor(a, b)).saturating_mul(b);
                settings.steps.div_ceil(both)
            }
        }
    }

    /// At a step of a run with flows or branches, how many more there are in this run and those after it; `None` elsewhere.
    #[must_use]
    pub fn flows_left(&self, run: usize, step: u64) -> Option<u64> {
        let settings = self.settings();
        let has = |step: u64| {
            settings.branches_at(step)
                || !settings.flows.is_empty() && settings.records(step) && settings.flows_at.has(step)
        };
        if step >= settings.steps || !has(step) {
            return None;
        }
        let every = if settings.flows.is_empty() { settings.branch_at.len() as u64 } else { self.rows_with_flows() };
        let done = match (&settings.flows_at, settings.flows.is_empty()) {
            (_, true) => settings.branch_at.iter().filter(|s| **s <= step).count() as u64,
            (AtSteps::Listed(steps), _) => steps.iter().filter(|s| **s <= step).count() as u64,
            (AtSteps::Every(stride), _) => {
                let (a, b) = (settings.every.max(1), (*stride).max(1));
                step / (a / divisor(a, b)).saturating_mul(b) + 1
            }
        };
        let later = (self.runs().len().saturating_sub(run + 1) as u64).saturating_mul(every);
        Some(every.saturating_sub(done).saturating_add(later))
    }

    /// One flow; none where it does not fit, or is no flow of θ with a field.
    fn flow_pace(&self, name: &FlowName, h: f64, (is_branch, times): (bool, u64), seconds: f64) -> Option<FlowPace> {
        let settings = self.settings();
        let optimizer = &settings.optimizers[self.runs().first()?.optimizer];
        let mut flow = follower(self, self.subject(optimizer), &name.describe(), h).ok()?;
        flow.restart(self.start(*self.runs().first()?));
        let begin = Instant::now();
        let ended = Budget::current().with_seconds(seconds, "the forecast").run(|| flow.step());
        let spent = begin.elapsed().as_secs_f64();
        let (reached, steps) = flow.effort();
        let is_cut_short = matches!(ended, Err(_) | Ok(Err(Outcome::Stopped(_))));
        let reached = if is_cut_short { reached.max(1e-6) } else { 1.0 };
        let most = spent / steps.max(1) as f64 * settings.max_steps as f64;
        let row = settings.row_seconds.map_or(f64::INFINITY, |(seconds, _)| seconds);
        let seconds = (spent / reached).min(most.max(spent)).min(row);
        Some(FlowPace { name: name.to_string(), is_branch, seconds, reached, times })
    }
}

fn divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a.max(1) } else { divisor(b, a % b) }
}
