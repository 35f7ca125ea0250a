//! Work without the interpreter's lock, which can be interrupted, shows how far it is and never panics into Python.

use crate::error::Failure;
use pyo3::prelude::*;
use shadowflow::budget::{Budget, Progress, Stopped};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
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

/// A job whose result is left elsewhere.
type Job<'a> = Box<dyn FnOnce(Sender<()>) + Send + 'a>;

/// Where work leaves its result. What waits for it is told apart, and so is compiled once for results of all types.
struct Place<T>(Arc<Mutex<Option<Outcome<T>>>>);

impl<T: Send> Place<T> {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(None)))
    }

    /// The job as something that has no result, which says by `sender` that it is done.
    fn fill<'a>(&self, budget: Budget, job: impl FnOnce() -> Result<T, Failure> + Send + 'a) -> Job<'a>
    where
        T: 'a,
    {
        let place = Arc::clone(&self.0);
        Box::new(move |sender| {
            let outcome = done(&budget, job);
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            // Whoever asked may have gone.
            let _ = sender.send(());
        })
    }

    fn result(&self) -> PyResult<T> {
        let outcome = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        result(outcome.unwrap_or_else(|| Err(Box::new("a thread ended"))))
    }
}

/// Does work in a thread of its own, which has no part of Python; this thread looks after signals and progress.
///
/// An interrupt ends both. Where the work does not look at its budget, it goes on alone until it does, and this returns without it.
pub(crate) fn work<T: Send + 'static>(
    py: Python<'_>,
    asked: &Asked,
    job: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> PyResult<T> {
    let budget = asked.budget()?;
    let place = Place::new();
    alone(py, asked, &budget, place.fill(budget.clone(), job))?;
    place.result()
}

fn alone(py: Python<'_>, asked: &Asked, budget: &Budget, job: Job<'static>) -> PyResult<()> {
    let (sender, receiver) = channel();
    let started =
        std::thread::Builder::new().name("shadowflow".to_owned()).stack_size(STACK).spawn(move || job(sender));
    started.map_err(|e| Failure::Here("threads", format!("no thread could be started: {e}")))?;
    let receiver = Mutex::new(receiver);
    wait(py, asked, budget, &receiver).inspect_err(|_| {
        budget.cancel();
        py.detach(|| receive(&receiver, GRACE).is_ok());
    })
}

/// The same for work on memory that belongs to somebody else, which is waited for whatever happens: it must look at its budget often.
pub(crate) fn work_within<T: Send>(
    py: Python<'_>,
    asked: &Asked,
    job: impl FnOnce() -> Result<T, Failure> + Send,
) -> PyResult<T> {
    let budget = asked.budget()?;
    let place = Place::new();
    within(py, asked, &budget, place.fill(budget.clone(), job))?;
    place.result()
}

fn within(py: Python<'_>, asked: &Asked, budget: &Budget, job: Job<'_>) -> PyResult<()> {
    let (sender, receiver) = channel();
    let receiver = Mutex::new(receiver);
    std::thread::scope(|scope| {
        scope.spawn(move || job(sender));
        wait(py, asked, budget, &receiver).inspect_err(|_| {
            budget.cancel();
            py.detach(|| receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().is_ok());
        })
    })
}

/// Does a little work at once, panics apart.
pub(crate) fn at_once<T>(job: impl FnOnce() -> Result<T, Failure>) -> PyResult<T> {
    result(catch_unwind(AssertUnwindSafe(job)))
}

/// Does the work here, under its budget.
fn done<T: Send>(budget: &Budget, job: impl FnOnce() -> Result<T, Failure> + Send) -> Outcome<T> {
    let (mut job, mut value) = (Some(job), None);
    let outcome = under(budget, &mut || {
        value = job.take().map(|job| job()).transpose()?;
        Ok(())
    })?;
    match (outcome, value) {
        (Err(failure), _) => Ok(Err(failure)),
        (Ok(()), Some(value)) => Ok(Ok(value)),
        (Ok(()), None) => Err(Box::new("work without a result")),
    }
}

fn under(budget: &Budget, job: &mut (dyn FnMut() -> Result<(), Failure> + Send)) -> Outcome<()> {
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

fn receive(receiver: &Mutex<Receiver<()>>, time: Duration) -> Result<(), RecvTimeoutError> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(time)
}

/// Waits for work, and looks after signals and progress meanwhile.
fn wait(py: Python<'_>, asked: &Asked, budget: &Budget, receiver: &Mutex<Receiver<()>>) -> PyResult<()> {
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
            Ok(()) => return show(budget.progress()),
            Err(RecvTimeoutError::Timeout) => {
                py.check_signals()?;
                show(budget.progress())?;
            }
            // The thread ended without a word, and has left nothing.
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}
