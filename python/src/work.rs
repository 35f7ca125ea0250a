//! Work without the interpreter's lock, which can be interrupted, shows how far it is and never panics into Python.

use crate::error::Failure;
use pyo3::prelude::*;
use shadowflow::budget::{Budget, Progress, Stopped};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How often signals are looked for and progress is shown.
const INTERVAL: Duration = Duration::from_millis(30);
/// How long work that is not wanted any more is waited for. What does not look at its budget for so long is left to end by itself.
const GRACE: Duration = Duration::from_millis(100);
/// What a thread may use to recurse, a little more than a program's own has.
const STACK: usize = 16 << 20;

/// The process that loaded this module.
static LOADED: OnceLock<u32> = OnceLock::new();
/// What the last panic said, and where.
static FAULT: Mutex<Option<String>> = Mutex::new(None);

/// What must be known before any work: which process this is, and that panics say nothing by themselves.
pub(crate) fn begin() {
    LOADED.get_or_init(std::process::id);
    std::panic::set_hook(Box::new(|info| {
        *FAULT.lock().unwrap_or_else(PoisonError::into_inner) = Some(info.to_string());
    }));
}

/// What the caller asks of some work besides its result.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Called now and then as `progress(done, total, what)`.
    pub(crate) progress: Option<Py<PyAny>>,
    /// The most seconds.
    pub(crate) max_seconds: Option<f64>,
}

impl Asked {
    fn budget(&self) -> Result<Budget, Failure> {
        match self.max_seconds {
            None => Ok(Budget::default()),
            Some(seconds) if seconds > 0.0 => Ok(Budget::default().with_seconds(seconds, "max_seconds")),
            Some(seconds) => {
                Err(Failure::argument(format!("max_seconds is a number of seconds above 0, not {seconds}")))
            }
        }
    }
}

type Outcome<T> = Result<Result<T, Failure>, Box<dyn Any + Send>>;

/// Does work in a thread of its own, which has no part of Python; this thread looks after signals and progress.
///
/// An interrupt ends both. Where the work does not look at its budget, it goes on alone until it does, and this returns without it.
pub(crate) fn work<T: Send + 'static>(
    py: Python<'_>,
    asked: &Asked,
    job: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> PyResult<T> {
    let budget = asked.budget()?;
    let (sender, receiver) = channel();
    let inside = budget.clone();
    let started = std::thread::Builder::new().name("shadowflow".to_owned()).stack_size(STACK).spawn(move || {
        // Whoever asked may have gone.
        let _ = sender.send(done(&inside, job));
    });
    started.map_err(|e| Failure::Here("threads", format!("no thread could be started: {e}")))?;
    let receiver = Mutex::new(receiver);
    match wait(py, asked, &budget, &receiver) {
        Ok(outcome) => result(outcome),
        Err(error) => {
            budget.cancel();
            py.detach(|| receive(&receiver, GRACE).is_ok());
            Err(error)
        }
    }
}

/// The same for work on memory that belongs to somebody else, which is waited for whatever happens: it must look at its budget often.
pub(crate) fn work_within<T: Send>(
    py: Python<'_>,
    asked: &Asked,
    job: impl FnOnce() -> Result<T, Failure> + Send,
) -> PyResult<T> {
    let budget = asked.budget()?;
    let (sender, receiver) = channel();
    let (inside, receiver) = (budget.clone(), Mutex::new(receiver));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = sender.send(done(&inside, job));
        });
        match wait(py, asked, &budget, &receiver) {
            Ok(outcome) => result(outcome),
            Err(error) => {
                budget.cancel();
                py.detach(|| receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().is_ok());
                Err(error)
            }
        }
    })
}

/// Does a little work at once, panics apart.
pub(crate) fn at_once<T>(job: impl FnOnce() -> Result<T, Failure>) -> PyResult<T> {
    result(catch_unwind(AssertUnwindSafe(job)))
}

/// Does the work here, under its budget.
fn done<T: Send>(budget: &Budget, job: impl FnOnce() -> Result<T, Failure> + Send) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(|| {
        let job = || match budget.run(job) {
            Ok(result) => result,
            Err(stopped) => Err(stopped.into()),
        };
        if LOADED.get() == Some(&std::process::id()) {
            return job();
        }
        // Of a process that was forked the shared threads are not there.
        match rayon::ThreadPoolBuilder::new().build() {
            Ok(pool) => pool.install(job),
            Err(error) => Err(Failure::Here("threads", format!("no threads could be started: {error}"))),
        }
    }))
}

fn result<T>(outcome: Outcome<T>) -> PyResult<T> {
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(failure)) => Err(failure.into()),
        Err(panic) => {
            if let Some(stopped) = panic.downcast_ref::<Stopped>() {
                return Err(Failure::from(*stopped).into());
            }
            let said = FAULT.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
            let message = format!("this is a fault of shadowflow, please report it: {said}");
            Err(Failure::Here("internal", message).into())
        }
    }
}

fn receive<T: Send>(receiver: &Mutex<Receiver<Outcome<T>>>, time: Duration) -> Result<Outcome<T>, RecvTimeoutError> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(time)
}

/// Waits for work, and looks after signals and progress meanwhile.
fn wait<T: Send>(
    py: Python<'_>,
    asked: &Asked,
    budget: &Budget,
    receiver: &Mutex<Receiver<Outcome<T>>>,
) -> PyResult<Outcome<T>> {
    let mut shown = None;
    let mut show = |progress: Option<Progress>| -> PyResult<()> {
        if let (Some(callback), Some(progress)) = (&asked.progress, progress)
            && shown != Some(progress)
        {
            shown = Some(progress);
            callback.call1(py, (progress.done, progress.total, progress.what))?;
        }
        Ok(())
    };
    loop {
        match py.detach(|| receive(receiver, INTERVAL)) {
            Ok(outcome) => {
                show(budget.progress())?;
                return Ok(outcome);
            }
            Err(RecvTimeoutError::Timeout) => {
                py.check_signals()?;
                show(budget.progress())?;
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(Err(Box::new("a thread ended"))),
        }
    }
}
