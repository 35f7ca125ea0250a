//! `shadowflow derive` for more terms than memory holds: written as they are found.

use super::Failure;
use super::output::{Progress, warn};
use crate::budget::{self, Stopped};
use crate::number::Rational;
use crate::optimizer::Optimizer;
use crate::render::{json, text};
use crate::series::Derive;
use crate::tree::Notation;
use crate::tree::count;
use crate::warning::Warning;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;

/// How many terms pass between two looks at the clock.
const STRIDE: u64 = 1 << 12;

/// Writes gradient descent's modified equation to standard output as text.
pub(super) fn text(asked: &Derive<'_>, order: usize, notation: Notation) -> Result<(), Failure> {
    let mut progress = Progress::new("deriving", 2 * trees_to(order));
    let mut columns = text::Columns::new(notation);
    let walked = walk(asked, &mut progress, |levels, coefficient| {
        columns.term(levels, coefficient);
        Ok(())
    });
    if let Ok(Some(stopped)) = walked {
        return Err(Failure::Other(format!("{stopped} before there was a result to print; raise it")));
    }
    let written = walked.and_then(|_| {
        let mut writer = text::EquationWriter::new(output(), columns);
        let stopped = walk(asked, &mut progress, |levels, coefficient| writer.term(levels, coefficient))?;
        writer.finish()?;
        warn(&unfinished(stopped));
        Ok(())
    });
    finished(written)
}

/// Writes it as a JSON document.
pub(super) fn json(asked: &Derive<'_>, order: usize) -> Result<(), Failure> {
    let mut progress = Progress::new("deriving", trees_to(order));
    let written = json::EquationWriter::new(output(), Optimizer::GradientDescent.name()).and_then(|mut writer| {
        let stopped = walk(asked, &mut progress, |levels, coefficient| writer.term(levels, coefficient))?;
        writer.finish_with(&unfinished(stopped)).map(drop)
    });
    finished(written)
}

/// What to say of a series that time cut short.
fn unfinished(stopped: Option<Stopped>) -> Vec<Warning> {
    let say = |s: Stopped| Warning::new(s.code(), format!("{s}: the terms after the last one are missing"));
    stopped.map(say).into_iter().collect()
}

fn trees_to(order: usize) -> u64 {
    (1..=order + 1).filter_map(count).filter_map(|n| u64::try_from(n).ok()).sum()
}

fn output() -> impl Write {
    BufWriter::with_capacity(1 << 18, io::stdout().lock())
}

/// Shows the terms until an error, or until time is up, which it gives.
fn walk(
    asked: &Derive<'_>,
    progress: &mut Progress,
    mut visit: impl FnMut(&[u8], &Rational) -> io::Result<()>,
) -> io::Result<Option<Stopped>> {
    let mut seen = 0_u64;
    let end = asked.stream(|levels, coefficient| {
        seen += 1;
        if seen.is_multiple_of(STRIDE) {
            progress.advance(STRIDE);
            if let Err(stopped) = budget::check() {
                return ControlFlow::Break(Ok(stopped));
            }
        }
        visit(levels, coefficient).map_or_else(|e| ControlFlow::Break(Err(e)), ControlFlow::Continue)
    });
    match end.map_err(io::Error::other)? {
        ControlFlow::Continue(()) => Ok(None),
        ControlFlow::Break(end) => end.map(Some),
    }
}

/// A reader that has gone away is no error.
fn finished(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Other(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}
