//! What a computation may use: time, memory, and whether anybody still wants its result.
//!
//! [`Budget::run`] does work under a budget. What takes long calls [`check`] often, and returns what it has when that fails; where
//! there is nothing to return, [`tick`] leaves the work altogether. The budget is the thread's, not an argument: whoever starts
//! threads hands [`Budget::current`] on.
//!
//! ```
//! use shadowflow::budget::{self, Budget, Stopped};
//! let count = |budget: &Budget| budget.run(|| (0..u64::MAX).take_while(|_| budget::check().is_ok()).count());
//! let budget = Budget::current().with_seconds(0.01, "max_seconds");
//! assert!(count(&budget).is_ok_and(|seen| seen > 0));
//! // What has no result to return leaves.
//! let left = budget.run(|| loop { budget::tick() });
//! assert_eq!(left, Err::<(), _>(Stopped::Time { seconds: 0.01, name: "max_seconds" }));
//! ```

mod allocator;
mod memory;
#[cfg(feature = "command")]
mod process;
mod progress;

#[cfg(feature = "command")]
pub(crate) use allocator::stop_at;
pub use allocator::{CountingAllocator, memory_in_use, peak_memory};
pub use memory::{NotASize, OverMemory, bytes_text, default_memory, need, parse_bytes};
#[cfg(feature = "command")]
pub(crate) use process::{end_now, restore_ignored_signals};
pub use progress::{Counted, Progress};

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How many calls of [`tick`] pass between two looks at the clock.
const STRIDE: u32 = 64;
/// How often the hook is called at most.
const HOOK_INTERVAL: Duration = Duration::from_millis(50);

/// Why work under a [`Budget`] ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Stopped {
    /// The time is used up.
    #[error("the time limit of {seconds} s ({name}) was reached")]
    Time {
        /// The limit.
        seconds: f64,
        /// What sets it, such as `--max-seconds`.
        name: &'static str,
    },
    /// Nobody wants the result any more.
    #[error("interrupted")]
    Cancelled,
}

impl Stopped {
    /// The code of the warning that says so: `time-limit` or `interrupted`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Stopped::Time { .. } => "time-limit",
            Stopped::Cancelled => "interrupted",
        }
    }
}

/// A limit in time.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: Instant,
    seconds: f64,
    name: &'static str,
}

type Hook = Arc<dyn Fn() -> ControlFlow<()> + Send + Sync>;

/// What work may use. Copies share their cancellation.
#[derive(Clone, Default)]
pub struct Budget {
    deadlines: Vec<Deadline>,
    cancelled: Arc<AtomicBool>,
    hook: Option<Hook>,
    /// In bytes, with what sets it.
    memory: Option<(u64, &'static str)>,
    progress: progress::Shared,
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("deadlines", &self.deadlines)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Budget>> = const { RefCell::new(None) };
    static TICKS: Cell<u32> = const { Cell::new(0) };
    static HOOKED: Cell<Option<Instant>> = const { Cell::new(None) };
}

impl Budget {
    /// The budget of this thread; without one there is no limit but the default one of memory.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.with_borrow(|current| current.clone().unwrap_or_default())
    }

    /// With an end this many seconds from now, besides those that there are; `name` is what sets it, for messages. A number that is
    /// beyond every clock is no end.
    #[must_use]
    pub fn with_seconds(mut self, seconds: f64, name: &'static str) -> Self {
        let duration = Duration::try_from_secs_f64(seconds.max(0.0)).ok();
        if let Some(at) = duration.and_then(|d| Instant::now().checked_add(d)) {
            self.deadlines.push(Deadline { at, seconds, name });
        }
        self
    }

    /// With this many bytes of memory; `name` is what sets it, for messages. Computations whose memory grows faster than their
    /// input compare it with what they will need.
    #[must_use]
    pub fn with_memory(mut self, bytes: u64, name: &'static str) -> Self {
        self.memory = Some((bytes, name));
        self
    }

    /// With a function that is called now and then from the threads that work, and says whether to go on. How far they are is in
    /// [`Budget::progress`].
    ///
    /// ```
    /// use shadowflow::budget::{self, Budget, Counted};
    /// use std::ops::ControlFlow;
    /// use std::sync::{Arc, Mutex};
    /// let seen = Arc::new(Mutex::new(None));
    /// let shown = seen.clone();
    /// let budget = Budget::default().with_hook(move || {
    ///     *shown.lock().unwrap() = Budget::current().progress();
    ///     ControlFlow::Continue(())
    /// });
    /// budget.run(|| {
    ///     let steps = Counted::begin("steps", 10);
    ///     steps.advance(4);
    ///     budget::check()
    /// })??;
    /// assert_eq!(seen.lock().unwrap().map(|p| (p.done, p.total)), Some((4, 10)));
    /// # Ok::<(), budget::Stopped>(())
    /// ```
    #[must_use]
    pub fn with_hook(mut self, hook: impl Fn() -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// How far the counted work under this budget and its copies is, seen from any thread; of several in a row the last. `None` where nothing
    /// was counted: see [`Counted`].
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.progress.progress()
    }

    /// Ends all work under this budget and its copies, from any thread.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// The bytes that may be used, and what sets the limit.
    #[must_use]
    pub fn memory(&self) -> (u64, &'static str) {
        self.memory.unwrap_or_else(|| (default_memory(), "half of this machine's memory"))
    }

    /// Whether there is an end in time.
    pub(crate) fn is_timed(&self) -> bool {
        !self.deadlines.is_empty()
    }

    /// Why work under this budget must end, if it must.
    #[must_use]
    pub fn stopped(&self) -> Option<Stopped> {
        if self.cancelled.load(Ordering::Relaxed) {
            return Some(Stopped::Cancelled);
        }
        if self.deadlines.is_empty() && self.hook.is_none() {
            return None;
        }
        let now = Instant::now();
        if let Some(hook) = &self.hook
            && HOOKED.get().is_none_or(|last| now.duration_since(last) >= HOOK_INTERVAL)
        {
            HOOKED.set(Some(now));
            if hook().is_break() {
                self.cancel();
                return Some(Stopped::Cancelled);
            }
        }
        let passed = self.deadlines.iter().filter(|d| d.at <= now).min_by_key(|d| d.at)?;
        Some(Stopped::Time { seconds: passed.seconds, name: passed.name })
    }

    /// Does work under this budget, in this thread.
    ///
    /// # Errors
    /// Where a [`tick`] in the work found the budget used up; what the work was about to change is then in no certain state. Work that
    /// only uses [`check`] returns by itself.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Stopped> {
        struct Restore(Option<Budget>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.with_borrow_mut(|current| *current = self.0.take());
            }
        }
        let _restore = Restore(CURRENT.with_borrow_mut(|current| current.replace(self.clone())));
        catch_unwind(AssertUnwindSafe(work)).map_err(|payload| match payload.downcast::<Stopped>() {
            Ok(stopped) => *stopped,
            Err(panic) => resume_unwind(panic),
        })
    }
}

/// What the budget of this thread counts, where there is one.
fn shared_progress() -> Option<progress::Shared> {
    CURRENT.with_borrow(|current| current.as_ref().map(|budget| budget.progress.clone()))
}

/// Whether the work of this thread may go on. This looks at the clock, which takes some 30 ns.
///
/// # Errors
/// Why it may not.
pub fn check() -> Result<(), Stopped> {
    CURRENT.with_borrow(|current| current.as_ref().and_then(Budget::stopped).map_or(Ok(()), Err))
}

/// Leaves the work of this thread, up to its [`Budget::run`], if it may not go on. For loops that have no result to return
/// early; most calls only count.
pub fn tick() {
    let count = TICKS.get().wrapping_add(1);
    TICKS.set(count);
    if count.is_multiple_of(STRIDE)
        && let Err(stopped) = check()
    {
        leave(stopped);
    }
}

/// [`tick`] before work that is long against a look at the clock.
pub(crate) fn look() {
    if let Err(stopped) = check() {
        leave(stopped);
    }
}

/// Does a part of the work of this thread, which alone is left where a [`tick`] in it finds the budget used up: what was found before is kept.
///
/// # Errors
/// As [`Budget::run`].
pub(crate) fn part<T>(work: impl FnOnce() -> T) -> Result<T, Stopped> {
    Budget::current().run(work)
}

/// Leaves the work of this thread, up to its [`Budget::run`].
pub(crate) fn leave(stopped: Stopped) -> ! {
    // No message: this is no fault, and the caller says what it means.
    resume_unwind(Box::new(stopped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_nest_and_the_first_limit_is_named() {
        let outer = Budget::default().with_seconds(1e6, "outer");
        let inner = outer.clone().with_seconds(0.0, "inner");
        let seen = outer.run(|| (check(), inner.run(check), check())).unwrap();
        let stopped = Stopped::Time { seconds: 0.0, name: "inner" };
        assert_eq!(seen, (Ok(()), Ok(Err(stopped)), Ok(())));
        assert_eq!(stopped.code(), "time-limit");
        assert!(check().is_ok());
        assert!(Budget::default().with_seconds(f64::INFINITY, "never").stopped().is_none());
    }

    #[test]
    fn cancelling_and_hooks_end_work_in_every_thread() {
        let budget = Budget::default();
        let copy = budget.clone();
        std::thread::scope(|scope| {
            scope.spawn(move || copy.cancel());
            let left = budget.run(|| {
                loop {
                    tick();
                }
            });
            assert_eq!(left, Err::<(), _>(Stopped::Cancelled));
        });
        let hooked = Budget::default().with_hook(|| ControlFlow::Break(()));
        assert_eq!(hooked.run(check), Ok(Err(Stopped::Cancelled)));
    }

    #[test]
    fn other_panics_go_through() {
        let caught = catch_unwind(|| Budget::default().run(|| resume_unwind(Box::new("other")))).unwrap_err();
        assert_eq!(caught.downcast_ref::<&str>(), Some(&"other"));
    }
}
