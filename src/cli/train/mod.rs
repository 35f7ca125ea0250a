//! `shadowflow train`

mod args;
mod checkpoint;
mod checks;
mod forecast;
mod plan;
mod record;
mod told;
mod values;

use super::Failure;
use super::global::quiet;
use super::output::{Progress, gently, print, say, warn};
use super::outputs;
use crate::budget::Stopped;
use crate::render::plot::{Picture, RecordPlot};
use crate::train::{Row, TrainError, Training};
pub(super) use args::Args;
use args::{Format, OrderArg};
use checkpoint::Checkpoint;
use forecast::Forecast;
use record::Record;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use told::Told;

/// How often a checkpoint is made, unless told.
const BETWEEN: Duration = Duration::from_secs(10);

pub(super) fn run(args: &Args, arguments: &[OsString]) -> Result<ExitCode, Failure> {
    let to_file = |path: &PathBuf| !outputs::is_standard(path) && path.as_path() != Path::new("/dev/stdout");
    let args = &Args { output: args.output.clone().filter(to_file), ..args.clone() };
    if args.plot.is_some() && args.output.is_none() && args.resume.is_none() {
        return Err(Failure::Other("--plot draws the file of --output, which is missing".to_owned()));
    }
    outputs::picture("--plot", args.plot.as_deref())?;
    if args.resume.as_deref().is_some_and(outputs::is_standard) {
        return Err(Failure::Other("--resume -: a record to go on with is a file".to_owned()));
    }
    let given = args.resume.as_deref().map(|record| plan::is_given(args, record, arguments)).transpose()?;
    if args.explain_plan {
        let training = plan::training(args)?;
        print(&crate::render::text::training_plan(&training.costs(), &forecast::pace(&training)));
        return Ok(ExitCode::SUCCESS);
    }
    let (Some(path), Some(given)) = (&args.resume, given) else {
        let training = plan::training(args)?;
        startable(args, &training)?;
        let record = Record::begin(args, &training, arguments)?;
        return go(args, &training, record, None);
    };
    let Some(checkpoint) = Checkpoint::read(path)? else {
        if !given {
            return Err(Failure::Other(format!(
                "--resume {0}: there is no checkpoint {0}.checkpoint; give the whole command to start from the beginning",
                path.display()
            )));
        }
        let args = Args { output: Some(path.clone()), resume: None, ..args.clone() };
        let training = plan::training(&args)?;
        startable(&args, &training)?;
        let record = Record::begin(&args, &training, arguments)?;
        return go(&args, &training, record, None);
    };
    let mut stored = plan::stored(&checkpoint, path)?;
    if given {
        stored = args.clone();
    }
    stored.output = Some(path.clone());
    if args.checkpoint_every.is_some() {
        stored.checkpoint_every = args.checkpoint_every;
    }
    if args.plot.is_some() {
        stored.plot.clone_from(&args.plot);
        stored.plot_width = args.plot_width;
    }
    if checkpoint.finished {
        if given {
            checkpoint.fits(&plan::training(&stored)?, path, stored.format())?;
        }
        checkpoint.is_of(path)?;
        record::replaceable(path, stored.plot.as_deref())?;
        return draw(&stored).map(|()| ExitCode::SUCCESS);
    }
    let explained = |failure| if given { failure } else { checkpoint.explained(failure) };
    let training = plan::training(&stored).map_err(explained)?;
    record::replaceable(path, stored.plot.as_deref())?;
    let held = record::hold_again(path)?;
    // Whoever held it may have gone on.
    let checkpoint = Checkpoint::read(path)?.unwrap_or(checkpoint);
    checkpoint.fits(&training, path, stored.format())?;
    let record = Record::resume(path, held, &stored, &training, &checkpoint)?;
    go(&stored, &training, record, Some(&checkpoint))
}

fn failed(error: TrainError) -> Failure {
    Failure::Other(error.to_string())
}

/// Whether every run can begin, and the record replaces no other file; asked before any file is touched.
fn startable(args: &Args, training: &Training) -> Result<(), Failure> {
    if let Some(path) = &args.output {
        record::replaceable(path, args.plot.as_deref())?;
    }
    for index in 0..training.runs().len() {
        training.run(index).map_err(failed)?;
    }
    Ok(())
}

/// Draws the record, where a picture is asked for.
fn draw(args: &Args) -> Result<(), Failure> {
    let (Some(picture), Some(path)) = (&args.plot, &args.output) else { return Ok(()) };
    let title = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let drawn = crate::record::Record::read(path).map_err(|e| Failure::flag("--plot", e))?;
    let plot = RecordPlot::new(&drawn, &[], &title).map_err(|e| Failure::flag("--plot", e))?;
    plot.at(args.plot_width.unwrap_or_default()).write(picture).map_err(|e| Failure::flag("--plot", e))
}

/// Says that all has ended before its end, with a checkpoint after a step of a run, which has a number and is one of so many.
fn stop(stopped: Stopped, step: u64, (run, runs): (usize, usize), record: &Record) -> ExitCode {
    let of_run = if runs == 1 { String::new() } else { format!(" of run {} of {runs}", run + 1) };
    say(&format!("{stopped} after step {step}{of_run}; {}", record.how_to_resume()));
    ExitCode::from(if stopped == Stopped::Cancelled { 130 } else { 2 })
}

/// Runs what is left.
fn go(args: &Args, training: &Training, mut record: Record, from: Option<&Checkpoint>) -> Result<ExitCode, Failure> {
    let interrupts = gently();
    let budget = interrupts.budget();
    let foreseen = budget.run(|| if quiet() { Forecast::default() } else { Forecast::begin(training) });
    let mut forecast = foreseen.unwrap_or_default();
    let steps = training.settings().steps;
    let mut progress = Progress::new("training", (training.runs().len() as u64).saturating_mul(steps));
    let mut told = Told::default();
    let first = match from.map(|c| &c.snapshot) {
        Some(snapshot) => {
            progress.advance((snapshot.run as u64).saturating_mul(steps).saturating_add(snapshot.step));
            snapshot.run
        }
        None => 0,
    };
    let mut last = Instant::now();
    for index in first..training.runs().len() {
        let mut run = match from.map(|c| &c.snapshot).filter(|s| s.run == index) {
            Some(snapshot) => training.resume(snapshot),
            None => training.run(index),
        }
        .map_err(failed)?;
        if from.is_none() && index == 0 {
            record.checkpoint(run.snapshot(), false)?;
        }
        let (begun, mut saved) = (run.step(), run.step());
        while !run.is_finished() {
            if let Some(stopped) = budget.stopped() {
                record.checkpoint(run.snapshot(), false)?;
                return Ok(stop(stopped, run.step(), (index, training.runs().len()), &record));
            }
            // What an interrupt in the middle of its row goes back to. A step without one ends before anybody looks whether it should.
            let with_row = run.step() >= steps || training.settings().records(run.step());
            let before = with_row.then(|| run.snapshot());
            let mut rows: Vec<Row> = Vec::new();
            let (at, begin) = (run.step(), Instant::now());
            let mut work = || {
                run.advance(&mut |row| {
                    rows.push(row);
                    Ok(())
                })
            };
            match if with_row { budget.run(work) } else { Ok(work()) } {
                Ok(Ok(())) => {}
                Ok(Err(TrainError::Stopped(stopped))) | Err(stopped) => {
                    let step = before.as_ref().map_or(saved, |snapshot| snapshot.step);
                    if let Some(snapshot) = before {
                        record.checkpoint(snapshot, false)?;
                    }
                    drop(progress);
                    let _ = record.close();
                    return Ok(stop(stopped, step, (index, training.runs().len()), &record));
                }
                Ok(Err(other)) => return Err(failed(other)),
            }
            for row in &rows {
                told.see(row);
                if let Err(message) = progress.beside(|| record.write(row)) {
                    return record.failure(&message);
                }
            }
            if !quiet()
                && let Some(left) = training.flows_left(index, at)
                && let Some(words) = forecast.see(at, begin.elapsed(), left)
            {
                progress.beside(|| say(&words));
            }
            progress.advance(1);
            let due = match args.checkpoint_every {
                Some(every) => run.step().is_multiple_of(every),
                None => last.elapsed() >= BETWEEN,
            };
            if due && run.step() > begun {
                record.checkpoint(run.snapshot(), false)?;
                (last, saved) = (Instant::now(), run.step());
            }
        }
        record.checkpoint(run.snapshot(), index + 1 == training.runs().len())?;
    }
    drop(progress);
    if let Err(message) = record.close() {
        return record.failure(&message);
    }
    draw(args)?;
    warn(&told.warnings());
    Ok(ExitCode::SUCCESS)
}
