//! Running a sweep.

use super::{Case, Finished, Sweep};
use crate::budget::{Budget, Counted, Stopped};
use crate::flow::{FlowError, Model, model_of, simulate_for};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How many cases beyond the first undelivered one are begun: what waits for one slow case takes memory.
const AHEAD: usize = 4096;

/// Why a sweep ended before its end. All cases before the first that is missing were delivered.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// A case cannot be run.
    #[error("case {case}: {source}")]
    Case {
        /// Its number.
        case: usize,
        /// Why.
        source: FlowError,
    },
    /// The time was used up, or the work was cancelled.
    #[error("{0}")]
    Stopped(Stopped),
}

impl Sweep {
    /// Simulates cases, on so many threads.
    ///
    /// `digest` turns each simulation, in its thread, into what is to be kept; `deliver` receives that in the order of the cases, as early as that order
    /// allows, and may end the sweep. Numbers beyond the last case are passed over. What [`budget`](crate::budget) allows holds for all cases
    /// together: a case that it cuts short is not delivered.
    ///
    /// # Errors
    /// [`SweepError`], after all cases before the one that it is about were delivered.
    pub fn run<R: Send>(
        &self,
        cases: Range<usize>,
        threads: NonZeroUsize,
        digest: impl Fn(&Finished<'_>) -> R + Sync,
        mut deliver: impl FnMut(usize, R) -> ControlFlow<()>,
    ) -> Result<(), SweepError> {
        let cases = cases.start.min(self.len())..cases.end.min(self.len());
        let budget = Budget::current();
        let counted = Counted::begin("cases", cases.len() as u64);
        let (next, delivered) = (AtomicUsize::new(cases.start), AtomicUsize::new(cases.start));
        let over = AtomicBool::new(false);
        // Threads that no case is left for help with the cases of the others, where a loss is large enough.
        let threads = threads.get().min(cases.len()).max(1);
        let (send, receive) = channel();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                let (send, budget, digest) = (send.clone(), budget.clone(), &digest);
                let (next, delivered, over, end) = (&next, &delivered, &over, cases.end);
                scope.spawn(move || {
                    let mut worker = Worker { sweep: self, model: None };
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        while number >= delivered.load(Ordering::Relaxed) + AHEAD && !over.load(Ordering::Relaxed) {
                            std::thread::sleep(Duration::from_millis(1));
                        }
                        if number >= end || over.load(Ordering::Relaxed) {
                            return;
                        }
                        let found = worker.find(number, &budget, digest);
                        let failed = found.is_err();
                        if send.send((number, found)).is_err() || failed {
                            return;
                        }
                    }
                });
            }
            drop(send);
            let done = in_order(cases.start, &receive, &delivered, &mut |case, found| {
                counted.advance(1);
                deliver(case, found)
            });
            over.store(true, Ordering::Relaxed);
            done
        })
    }
}

/// Delivers what comes in any order in the order of the cases, until a case fails or the receiver has enough.
fn in_order<R>(
    first: usize,
    receive: &Receiver<(usize, Result<R, SweepError>)>,
    delivered: &AtomicUsize,
    deliver: &mut impl FnMut(usize, R) -> ControlFlow<()>,
) -> Result<(), SweepError> {
    let mut early = BTreeMap::new();
    let mut due = first;
    for (number, found) in receive {
        early.insert(number, found);
        while let Some(found) = early.remove(&due) {
            if deliver(due, found?).is_break() {
                return Ok(());
            }
            due += 1;
            delivered.store(due, Ordering::Relaxed);
        }
    }
    // A worker that failed leaves what stands behind its case waiting.
    match early.into_values().find_map(Result::err) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// What a thread keeps between cases: the model of the last loss.
struct Worker<'a> {
    sweep: &'a Sweep,
    model: Option<(usize, Box<dyn Model>)>,
}

impl Worker<'_> {
    fn find<R>(
        &mut self,
        number: usize,
        budget: &Budget,
        digest: &(impl Fn(&Finished<'_>) -> R + Sync),
    ) -> Result<R, SweepError> {
        let failed = |source| SweepError::Case { case: number, source };
        let case = self.sweep.case(number);
        let case = case.ok_or_else(|| failed(FlowError::Setting("there is no such case".to_owned())))?;
        let found = budget.run(|| {
            let simulation = self.simulate(&case)?;
            Ok(digest(&Finished { case, simulation: &simulation }))
        });
        // What was cut short is not what the case gives.
        match budget.stopped() {
            Some(stopped) => Err(SweepError::Stopped(stopped)),
            None => found.map_err(SweepError::Stopped)?.map_err(failed),
        }
    }

    fn simulate(&mut self, case: &Case<'_>) -> Result<crate::flow::Simulation, FlowError> {
        if self.model.as_ref().is_none_or(|(place, _)| *place != case.place) {
            self.model = Some((case.place, model_of(case.loss.expression.clone(), NonZeroUsize::MIN)?));
        }
        let Some((_, model)) = &mut self.model else {
            return Err(FlowError::Setting("there is no model".to_owned()));
        };
        let Sweep { subject, steps, options, .. } = self.sweep;
        let start = &case.loss.starts[case.start];
        let flows = std::slice::from_ref(case.flow);
        simulate_for(subject, &mut **model, case.h, *steps, start, flows, options)
    }
}
