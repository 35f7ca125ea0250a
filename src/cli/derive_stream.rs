//! `shadowflow derive` for more terms than memory holds: written as they are found.

use super::Failure;
use super::output::Progress;
use crate::bea::{Optimizer, stream_coefficients};
use crate::number::Rational;
use crate::render::{Notation, json, text};
use crate::tree::count;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;

/// How many terms pass between two looks at the clock.
const STRIDE: u64 = 1 << 12;

/// Writes gradient descent's modified equation to standard output as text.
pub(super) fn text(order: usize, notation: Notation) -> Result<(), Failure> {
    let mut progress = Progress::new("deriving", 2 * trees_to(order));
    let mut columns = text::Columns::new(notation);
    let walked: io::Result<()> = walk(order, &mut progress, |levels, coefficient| {
        columns.term(levels, coefficient);
        Ok(())
    });
    let written = walked.and_then(|()| {
        let mut writer = text::EquationWriter::new(output(), columns);
        walk(order, &mut progress, |levels, coefficient| writer.term(levels, coefficient))?;
        writer.finish().map(drop)
    });
    finished(written)
}

/// Writes it as a JSON document.
pub(super) fn json(order: usize) -> Result<(), Failure> {
    let mut progress = Progress::new("deriving", trees_to(order));
    let written = json::EquationWriter::new(output(), Optimizer::GradientDescent.name()).and_then(|mut writer| {
        walk(order, &mut progress, |levels, coefficient| writer.term(levels, coefficient))?;
        writer.finish().map(drop)
    });
    finished(written)
}

fn trees_to(order: usize) -> u64 {
    (1..=order + 1).filter_map(count).filter_map(|n| u64::try_from(n).ok()).sum()
}

fn output() -> impl Write {
    BufWriter::with_capacity(1 << 18, io::stdout().lock())
}

fn walk(
    order: usize,
    progress: &mut Progress,
    mut visit: impl FnMut(&[u8], &Rational) -> io::Result<()>,
) -> io::Result<()> {
    let mut seen = 0_u64;
    let end = stream_coefficients(order, |levels, coefficient| {
        seen += 1;
        if seen.is_multiple_of(STRIDE) {
            progress.advance(STRIDE);
        }
        visit(levels, coefficient).map_or_else(ControlFlow::Break, ControlFlow::Continue)
    });
    match end {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
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
