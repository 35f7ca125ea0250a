//! The threads of a plan.

use super::PlanError;
use rayon::prelude::*;
use std::num::NonZeroUsize;

/// Threads that share work whose parts do not depend on how many they are.
#[derive(Debug)]
pub(super) struct Team {
    pool: Option<rayon::ThreadPool>,
}

impl Team {
    pub(super) fn new(threads: NonZeroUsize) -> Result<Self, PlanError> {
        let build = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = if threads.get() > 1 {
            Some(build(threads.get()).map_err(|e| PlanError::Threads(e.to_string()))?)
        } else {
            None
        };
        Ok(Self { pool })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.pool.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// Runs so many parts of some work.
    pub(super) fn run(&self, parts: usize, work: impl Fn(usize) + Sync) {
        match &self.pool {
            Some(pool) if parts > 1 => pool.install(|| (0..parts).into_par_iter().for_each(&work)),
            _ => (0..parts).for_each(work),
        }
    }

    /// Runs two parts.
    pub(super) fn join<R: Send>(&self, a: impl FnOnce() -> R + Send, b: impl FnOnce() -> R + Send) -> (R, R) {
        match &self.pool {
            Some(pool) => pool.install(|| rayon::join(a, b)),
            None => (a(), b()),
        }
    }

    /// Which of the threads runs this.
    pub(super) fn index(&self) -> usize {
        self.pool.as_ref().and_then(rayon::ThreadPool::current_thread_index).unwrap_or(0)
    }
}
