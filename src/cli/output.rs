//! Files and progress: nothing half-written, and a sign of life for work over a second.

use super::Failure;
use crate::warning::Warning;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The file being written, to be removed when the user interrupts.
static PARTIAL: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Makes an interrupt end with exit status 130 and no half-written file.
pub(super) fn finish_cleanly_on_interrupt() {
    // Without a handler an interrupt still ends the program; only the status and the cleaning up would be lost.
    let _ = ctrlc::set_handler(|| {
        if let Ok(partial) = PARTIAL.lock()
            && let Some(path) = partial.as_ref()
        {
            let _ = std::fs::remove_file(path);
        }
        std::process::exit(130);
    });
}

/// Writes a file whole or not at all.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failure = |e: std::io::Error| Failure::Other(format!("cannot write {}: {e}", path.display()));
    let mut name = path.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
    name.push(".partial");
    let partial = path.with_file_name(name);
    let remember = |what: Option<PathBuf>| {
        if let Ok(mut slot) = PARTIAL.lock() {
            *slot = what;
        }
    };
    remember(Some(partial.clone()));
    let done = std::fs::write(&partial, bytes).and_then(|()| std::fs::rename(&partial, path));
    if done.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    remember(None);
    done.map_err(failure)
}

/// Prints a result to standard output; a reader that has gone away is no error, a full disk is one.
pub(super) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written =
        out.write_all(text.as_bytes()).and_then(|()| out.write_all(end.as_bytes())).and_then(|()| out.flush());
    if let Err(error) = written
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("error: the result could not be written: {error}");
        std::process::exit(2);
    }
}

/// Does work under a spinner that appears after a second when standard error is a terminal.
pub(super) fn with_progress<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    let (done, waiting) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if waiting.recv_timeout(Duration::from_secs(1)) != Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                return;
            }
            let spinner = indicatif::ProgressBar::new_spinner().with_message(what.to_owned());
            spinner.enable_steady_tick(Duration::from_millis(120));
            let _ = waiting.recv();
            spinner.finish_and_clear();
        });
        let result = work();
        drop(done);
        result
    })
}

/// A bar for work that is counted, which appears after a second when standard error is a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    what: &'static str,
    total: u64,
    done: u64,
    start: Instant,
    bar: Option<indicatif::ProgressBar>,
}

impl Progress {
    pub(super) fn new(what: &'static str, total: u64) -> Self {
        Self { what, total, done: 0, start: Instant::now(), bar: None }
    }

    /// Counts work as done.
    pub(super) fn advance(&mut self, by: u64) {
        self.done += by;
        if self.bar.is_none() && self.start.elapsed() > Duration::from_secs(1) && std::io::stderr().is_terminal() {
            let style = indicatif::ProgressStyle::with_template("{msg} [{bar:40}] {percent}% {elapsed}, {eta} left");
            let bar = indicatif::ProgressBar::new(self.total).with_message(self.what);
            self.bar = Some(if let Ok(style) = style { bar.with_style(style) } else { bar });
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Says on standard error what a result cannot vouch for; JSON documents carry it themselves.
pub(super) fn warn(warnings: &[Warning]) {
    if !warnings.is_empty() {
        eprint!("{}", crate::render::text::warnings(warnings));
    }
}
