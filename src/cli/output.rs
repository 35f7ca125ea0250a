//! Files and progress: nothing half-written, and a sign of life for work over a second.

use super::Failure;
use super::flags::in_words;
use super::global::{grace, heading, quiet};
use crate::budget::{Budget, restore_ignored_signals};
use crate::file::{self, remove_unfinished};
use crate::warning::Warning;
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many are writing up a result, which the end of the time does not tear.
static WRITING: AtomicUsize = AtomicUsize::new(0);

/// Set while work looks for interrupts itself.
static GENTLE: AtomicBool = AtomicBool::new(false);
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Says that what is left is to write up what is finished: the end of the time waits for that.
pub(super) fn writing() -> Writing {
    WRITING.fetch_add(1, Ordering::Relaxed);
    Writing(())
}

/// A result that is being written up.
#[derive(Debug)]
pub(super) struct Writing(());

impl Drop for Writing {
    fn drop(&mut self) {
        WRITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Leaves it to the caller to end after the first interrupt, until the result is dropped; the second ends the process as ever.
pub(super) fn gently() -> Gently {
    GENTLE.store(true, Ordering::Relaxed);
    Gently(())
}

/// Work that looks for interrupts itself.
#[derive(Debug)]
pub(super) struct Gently(());

impl Gently {
    /// A budget that such an interrupt uses up, beside what does so already.
    pub(super) fn budget(&self) -> Budget {
        Budget::current().with_hook(|| {
            if INTERRUPTED.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }
}

impl Drop for Gently {
    fn drop(&mut self) {
        GENTLE.store(false, Ordering::Relaxed);
    }
}

/// Makes an interrupt, a termination and a hang-up end with exit status 130 and no half-written file.
pub(super) fn finish_cleanly_on_interrupt() {
    let restore = restore_ignored_signals();
    // Without a handler a signal still ends the program; only the status and the cleaning up would be lost.
    let _ = ctrlc::set_handler(|| {
        // Who has asked to be told ends by itself, unless asked twice.
        if GENTLE.load(Ordering::Relaxed) && !INTERRUPTED.swap(true, Ordering::Relaxed) {
            return;
        }
        let _held = remove_unfinished();
        std::process::exit(130);
    });
    restore();
}

/// Ends the command a little after the end of its time if it has not come back by itself.
pub(super) fn watch(seconds: f64) {
    let Ok(time) = Duration::try_from_secs_f64(seconds) else { return };
    let end = move || {
        std::thread::sleep(time.saturating_add(grace(seconds)));
        while WRITING.load(Ordering::Relaxed) > 0 {
            std::thread::sleep(Duration::from_millis(100));
        }
        let _held = remove_unfinished();
        error(&format!(
            "the time limit of {seconds} s (--max-seconds) was reached before there was a result to print; raise it"
        ));
        std::process::exit(2);
    };
    // Without it only what looks at the clock ends in time.
    let _ = std::thread::Builder::new().name("time limit".to_owned()).spawn(end);
}

/// Writes to standard error. There is nobody to tell where that fails.
pub(super) fn say(text: &str) {
    let mut out = std::io::stderr().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let _ = out.write_all(format!("{}{end}", in_words(text)).as_bytes());
}

/// Characters of a word beyond which a message shows its ends only, and how many of each end.
const LONGEST_WORD: usize = 300;
const ENDS: (usize, usize) = (120, 40);

/// A message in which no word is longer than a screen can hold: what somebody gave by mistake may be.
pub(super) fn readable(message: &str) -> String {
    let word = |word: &str| {
        let length = word.chars().count();
        if length <= LONGEST_WORD {
            return word.to_owned();
        }
        let first: String = word.chars().take(ENDS.0).collect();
        let last: String = word.chars().skip(length - ENDS.1).collect();
        format!("{first}…{last}")
    };
    message.split_inclusive(char::is_whitespace).map(word).collect()
}

/// Says that something went wrong, and what.
pub(super) fn error(text: &str) {
    say(&format!("{} {text}", heading("error:")));
}

/// Writes a file whole or not at all.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    file::write(path, bytes).map_err(|e| Failure::Other(format!("cannot write {}: {e}", path.display())))
}

/// Prints a result to standard output; a reader that has gone away is no error, a full disk is one.
pub(super) fn print(text: &str) {
    let writing = writing();
    let mut out = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written = out
        .write_all(in_words(text).as_bytes())
        .and_then(|()| out.write_all(end.as_bytes()))
        .and_then(|()| out.flush());
    drop(writing);
    if let Err(failure) = written
        && failure.kind() != std::io::ErrorKind::BrokenPipe
    {
        let _held = remove_unfinished();
        error(&format!("the result could not be written: {failure}"));
        std::process::exit(2);
    }
}

/// Does work under a spinner that appears after a second when standard error is a terminal.
pub(super) fn with_progress<T>(what: &str, work: impl FnOnce() -> T) -> T {
    if quiet() || !std::io::stderr().is_terminal() {
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

    /// Does what writes to the terminal beside the bar.
    pub(super) fn beside<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(work),
            None => work(),
        }
    }

    /// Counts work as done.
    pub(super) fn advance(&mut self, by: u64) {
        self.done += by;
        let shown = || self.start.elapsed() > Duration::from_secs(1) && std::io::stderr().is_terminal() && !quiet();
        if self.bar.is_none() && shown() {
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
    if !warnings.is_empty() && !quiet() {
        let text = crate::render::text::warnings(warnings);
        let word = heading("warning");
        let line = |line: &str| match line.strip_prefix("warning [") {
            Some(rest) => format!("{word} [{rest}\n"),
            None => format!("{line}\n"),
        };
        say(&text.lines().map(line).collect::<String>());
    }
}
