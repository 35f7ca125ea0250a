//! How far counted work is, for whoever shows it.

use super::shared_progress;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How far work is: what [`Budget::progress`](super::Budget::progress) gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is counted, such as `steps`.
    pub what: &'static str,
    /// How many are done.
    pub done: u64,
    /// How many there are.
    pub total: u64,
}

/// What all copies of a budget share.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    progress: Option<Progress>,
    /// Whether somebody counts.
    counting: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Two numbers are whole whatever panicked beside them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        self.state().progress
    }
}

/// Work that is counted, until it is dropped.
///
/// Work within counted work is not counted apart: of a sweep its cases are, and not the steps of each.
///
/// ```
/// use shadowflow::budget::{Budget, Counted};
/// let budget = Budget::default();
/// let left = budget.run(|| {
///     let cases = Counted::begin("cases", 3);
///     cases.advance(1);
///     // What a case does.
///     let steps = Counted::begin("steps", 100);
///     steps.advance(50);
///     budget.progress().map(|p| (p.what, p.done, p.total))
/// });
/// assert_eq!(left, Ok(Some(("cases", 1, 3))));
/// ```
#[derive(Debug)]
#[must_use = "what is counted ends where this is dropped"]
pub struct Counted(Option<Shared>);

impl Counted {
    /// Begins to count, for the budget of this thread, unless somebody counts already.
    pub fn begin(what: &'static str, total: u64) -> Self {
        let first = shared_progress().filter(|shared| {
            let mut state = shared.state();
            let first = !state.counting;
            if first {
                *state = State { progress: Some(Progress { what, done: 0, total }), counting: true };
            }
            first
        });
        Self(first)
    }

    /// Counts so many more as done, from any thread.
    pub fn advance(&self, by: u64) {
        self.set(|done| done.saturating_add(by));
    }

    /// Counts so many as done, unless more are.
    pub fn reach(&self, done: u64) {
        self.set(|before| before.max(done));
    }

    fn set(&self, done: impl FnOnce(u64) -> u64) {
        if let Some(shared) = &self.0
            && let Some(progress) = &mut shared.state().progress
        {
            progress.done = done(progress.done).min(progress.total);
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Some(shared) = &self.0 {
            shared.state().counting = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Budget;

    #[test]
    fn what_is_counted_is_seen_from_outside_and_stays_to_be_seen() {
        let budget = Budget::default();
        assert_eq!(budget.progress(), None);
        let copy = budget.clone();
        let seen = budget.run(|| {
            let counted = Counted::begin("points", 4);
            std::thread::scope(|scope| scope.spawn(|| counted.advance(3)).join().unwrap());
            let within = copy.progress();
            counted.advance(9);
            within
        });
        assert_eq!(seen, Ok(Some(Progress { what: "points", done: 3, total: 4 })));
        assert_eq!(budget.progress(), Some(Progress { what: "points", done: 4, total: 4 }));
        // Nobody counts any more, so that the next can.
        let next = budget.run(|| Counted::begin("rows", 2));
        assert!(next.is_ok());
        assert_eq!(budget.progress().map(|p| p.what), Some("rows"));
        // Without a budget there is nobody to tell.
        Counted::begin("rows", 2).advance(1);
    }
}
