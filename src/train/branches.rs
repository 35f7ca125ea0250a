//! The rows of branches.

use super::TrainError;
use super::column::Column;
use super::ends::distance;
use super::rule::Rate;
use super::run::{Run, Sink};
use super::walk::{Leaving, Walk};
use crate::budget;
use crate::flow::{FlowError, transient};
use crate::warning::Warning;

impl Run<'_> {
    /// The branches of a step, beside the optimizer's own next iterates.
    pub(super) fn branches(&mut self, at: u64, rate: Rate, sink: Sink<'_>) -> Result<(), TrainError> {
        let settings = &self.training.settings;
        let Rate::One(h) = rate else {
            return self.no_branches(at, sink);
        };
        let mut own = self.training.machine(self.plan)?;
        own.become_copy_of(&mut self.machine);
        let mut full = self.training.full()?;
        let tracked = self.recorder.tracked.clone();
        let subject = self.training.subject(self.optimizer);
        let columns: Vec<Column> = settings.columns.iter().copied().filter(|c| is_of_branch(*c)).collect();
        let leaving = Leaving {
            before: (at > 0).then_some(&*self.before),
            from: &self.machine.previous,
            next: &self.machine.theta,
        };
        let mut walks: Vec<(String, Result<Walk<'_>, FlowError>)> = settings
            .branches
            .iter()
            .map(|branch| (branch.to_string(), Walk::new(branch, self.training, subject, h, leaving)))
            .collect();
        let mut ended = vec![false; walks.len()];
        for j in 1..=settings.branch_steps {
            budget::check()?;
            let own_ended = if j > 1 { own.advance(&mut full).err() } else { None };
            for ((name, walk), ended) in walks.iter_mut().zip(&mut ended).filter(|(_, ended)| !**ended) {
                let mut row = self.blank(at + j);
                row.branch = Some((name.clone(), at));
                let budget = self.time();
                match walk {
                    Ok(walk) => {
                        // With all that the row holds.
                        let recorder = &mut self.recorder;
                        let done = budget.run(|| match walk.step() {
                            Ok(()) => {
                                let real: Vec<f64> = walk.state().iter().map(|z| z.re).collect();
                                row.distance = match own_ended {
                                    None => row.finite(distance(walk.state(), &own.theta)),
                                    Some(_) => None,
                                };
                                if walk.slid() {
                                    row.warn("sliding");
                                }
                                if let Some(distance) = walk.left_out().filter(|_| j == 1) {
                                    let message = transient(name, distance, at);
                                    let warning = Warning::new("transient-left-out", message);
                                    row.explain(Warning { flow: Some(name.clone()), ..warning });
                                }
                                recorder.last(&mut full, &real, Some(h), &mut row);
                                true
                            }
                            Err(outcome) => {
                                row.ended(Some(name), outcome);
                                false
                            }
                        });
                        match done {
                            Ok(goes) => *ended = !goes,
                            Err(stopped) => {
                                row.ended(Some(name), stopped.into());
                                *ended = true;
                            }
                        }
                        row.cells.retain(|(column, _)| is_of_branch(*column));
                    }
                    Err(error) => {
                        row.refused(name, error);
                        *ended = true;
                    }
                }
                if let Some(outcome) = own_ended {
                    row.ended(Some(&self.optimizer.name), outcome);
                }
                self.training.complete(&mut row, &columns);
                budget::check()?;
                sink(row)?;
            }
            if own_ended.is_some() || ended.iter().all(|e| *e) {
                break;
            }
        }
        self.recorder.tracked = tracked;
        Ok(())
    }

    /// That branches need one step size.
    fn no_branches(&self, at: u64, sink: Sink<'_>) -> Result<(), TrainError> {
        let settings = &self.training.settings;
        let columns: Vec<Column> = settings.columns.iter().copied().filter(|c| is_of_branch(*c)).collect();
        for branch in &settings.branches {
            let name = branch.to_string();
            let mut row = self.blank(at + 1);
            let message = format!("{} has a step size for each parameter, and flows are of one", self.optimizer.name);
            row.explain(Warning { flow: Some(name.clone()), ..Warning::new("unsuitable", message) });
            row.branch = Some((name, at));
            self.training.complete(&mut row, &columns);
            sink(row)?;
        }
        Ok(())
    }
}

/// Whether branches have a column.
fn is_of_branch(column: Column) -> bool {
    column.is_of_state() && !matches!(column, Column::BatchLoss | Column::Distance)
}
