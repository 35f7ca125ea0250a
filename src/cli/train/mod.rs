//! `shadowflow train`

mod checkpoint;
mod checks;
mod plan;
mod record;
mod told;

use super::Failure;
use super::global::quiet;
use super::input::{FileArg, LossArgs};
use super::output::{Progress, gently, print, say, warn};
use super::outputs;
use super::simulate::{flow, tolerance};
use crate::budget::Stopped;
use crate::flow::FlowName;
use crate::number::Rational;
use crate::render::plot::{Picture, RecordPlot};
use crate::train::{BatchOrder, BranchName, Row, TrainError, Training};
use checkpoint::Checkpoint;
use clap::ValueEnum;
use record::Record;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use told::Told;

/// How often a checkpoint is made, unless told.
const BETWEEN: Duration = Duration::from_secs(10);

/// Train a loss and record what its flows, its spectrum and its drift say of each step
///
/// The record is a row a step, on standard output or in the file of --output, which can be read while it grows and is resumed with --resume.
#[derive(Debug, Clone, clap::Args)]
#[command(
    override_usage = "shadowflow train [OPTIONS] --optimizer LIST --steps K <FILE | - | --loss EXPR --param NAMES>\n       shadowflow train --resume RECORD",
    after_help = "\
Examples:
  shadowflow train examples/losses/banana.loss --optimizer gd,dal --h 0.001 \\
    --steps 5 --flows ngf,pf --format jsonl
  shadowflow train examples/losses/iris.loss --optimizer sgd --h 0.5 \\
    --batch 50 --steps 10 --record loss,accuracy,batch_loss,lambda --every 5"
)]
pub(super) struct Args {
    #[command(flatten)]
    file: FileArg,
    #[command(flatten)]
    loss: LossArgs,
    /// The optimizers, run after each other: gd, sgd, heavy-ball, nesterov, dal, dal-p:P, dal-per-parameter, and every other name or file that --method takes elsewhere
    #[arg(long, alias = "method", value_name = "LIST", value_delimiter = ',')]
    optimizer: Vec<String>,
    /// The step sizes, exact numbers; several run after each other
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = checks::step_size, allow_hyphen_values = true)]
    h: Vec<Rational>,
    /// The largest step size
    #[arg(long, value_name = "H", value_parser = checks::step_size, allow_hyphen_values = true)]
    h_max: Option<Rational>,
    /// Changes of the step size, as in 10=0.25: that from step 10 on
    #[arg(long, value_name = "STEP=H", value_delimiter = ',', value_parser = change)]
    h_at: Vec<(u64, f64)>,
    /// The momentum of optimizers that have one; with the dal optimizers it makes them Eq. 21
    #[arg(long, value_name = "M", value_parser = checks::momentum, allow_hyphen_values = true)]
    momentum: Option<Rational>,
    /// The factor of the dal optimizers' rate, 2 unless told, with momentum 1/2
    #[arg(long, value_name = "C", value_parser = checks::step_size, allow_hyphen_values = true)]
    dal_factor: Option<Rational>,
    /// How many rows of data a step takes
    #[arg(long, value_name = "N", value_parser = checks::from_one, allow_negative_numbers = true)]
    batch: Option<u64>,
    /// In which order
    #[arg(long, value_name = "ORDER", value_enum)]
    order: Option<OrderArg>,
    /// The most steps of each run
    #[arg(long, value_name = "K", value_parser = checks::from_zero, allow_negative_numbers = true)]
    steps: Option<u64>,
    /// Where to start: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    start: Option<String>,
    /// End a run where the loss is at most this
    #[arg(long, value_name = "E", value_parser = checks::finite, allow_hyphen_values = true)]
    loss_goal: Option<f64>,
    /// End a run where the accuracy is at least this
    #[arg(long, value_name = "A", value_parser = checks::share, allow_hyphen_values = true)]
    accuracy_goal: Option<f64>,
    /// Record every so many steps
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = checks::from_one, allow_negative_numbers = true)]
    every: u64,
    /// The columns: none, all, or names; every one that needs no --flows unless told
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    record: Vec<String>,
    /// How many of the largest eigenvalues, or all
    #[arg(long, value_name = "K|all", value_parser = checks::count, allow_hyphen_values = true)]
    eigenvalues: Option<checks::Count>,
    /// Instead all eigenvalues with hλ above this
    #[arg(long, value_name = "Z", value_parser = checks::finite, allow_hyphen_values = true)]
    eigenvalues_above: Option<f64>,
    /// Look for eigenvalues at steps that are multiples of this only
    #[arg(long, value_name = "N", value_parser = checks::from_one, allow_negative_numbers = true)]
    eigenvalues_every: Option<u64>,
    /// How Hg is computed: exact, or difference:EPS, from the gradient at θ + EPS g/‖g‖
    #[arg(long, value_name = "HOW", value_parser = checks::product)]
    hg: Option<checks::Product>,
    #[arg(long, help = format!("Flows followed for one step from recorded rows: {}", FlowName::PATTERNS.join(", ")), value_name = "LIST", value_delimiter = ',', value_parser = flow)]
    flows: Vec<FlowName>,
    /// From which recorded rows: every so many steps, or a list of steps
    #[arg(long, value_name = "N|LIST", value_delimiter = ',', value_parser = checks::from_zero, allow_negative_numbers = true)]
    flows_every: Vec<u64>,
    /// Flows that leave the run at the steps of --branch-at
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = branch)]
    branches: Vec<BranchName>,
    /// The steps where branches start
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = checks::from_zero, allow_negative_numbers = true)]
    branch_at: Vec<u64>,
    /// How many steps branches are followed
    #[arg(long, value_name = "K", value_parser = checks::from_one, allow_negative_numbers = true)]
    branch_steps: Option<u64>,
    /// The integrator's relative and absolute tolerance
    #[arg(long, value_name = "T", value_parser = tolerance)]
    tolerance: Option<f64>,
    /// The most steps of the integrator in one step of the optimizer
    #[arg(long, value_name = "N", value_parser = checks::from_one, allow_negative_numbers = true, hide_short_help = true)]
    max_steps: Option<u64>,
    /// Write the record to this file, with FILE.checkpoint and FILE.meta.json beside it; - for standard output, as without it
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over the unfinished record of another run
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
    /// Make a checkpoint after every so many steps; every ten seconds unless told
    #[arg(long, value_name = "N", value_parser = checks::from_one, allow_negative_numbers = true)]
    checkpoint_every: Option<u64>,
    /// Go on with this record from its checkpoint
    #[arg(long, value_name = "RECORD", conflicts_with = "output")]
    resume: Option<PathBuf>,
    /// Draw the record at the end, to a .svg, .png or .pdf file, as `shadowflow plot` does while it grows; it needs --output
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Print what each part of the record costs, and train nothing
    #[arg(long)]
    explain_plan: bool,
    /// How to write rows
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Jsonl,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OrderArg {
    InOrder,
    Shuffled,
}

impl From<OrderArg> for BatchOrder {
    fn from(arg: OrderArg) -> Self {
        match arg {
            OrderArg::InOrder => Self::InOrder,
            OrderArg::Shuffled => Self::Shuffled,
        }
    }
}

/// The most steps of a run that says nothing of them.
const STEPS: u64 = 100;

impl Args {
    /// The most steps of each run.
    fn steps(&self) -> u64 {
        self.steps.unwrap_or(STEPS)
    }
}

fn branch(name: &str) -> Result<BranchName, String> {
    name.parse()
}

/// Reads a change of the step size.
fn change(text: &str) -> Result<(u64, f64), String> {
    let wrong = || "expected STEP=H, as in 10=0.25".to_owned();
    let (step, h) = text.split_once('=').ok_or_else(wrong)?;
    let step = step.trim().parse().map_err(|_| wrong())?;
    Ok((step, checks::step_size(h.trim())?.to_f64()))
}

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
    let Some(path) = &args.resume else {
        let training = plan::training(args)?;
        if args.explain_plan {
            print(&crate::render::text::training_plan(&training.costs()));
            return Ok(ExitCode::SUCCESS);
        }
        startable(args, &training)?;
        let record = Record::begin(args, &training, arguments)?;
        return go(args, &training, record, None);
    };
    let given = plan::is_given(args, arguments)?;
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
    }
    if checkpoint.finished {
        if given {
            checkpoint.fits(&plan::training(&stored)?, path, stored.format)?;
        }
        checkpoint.is_of(path)?;
        record::replaceable(path, stored.plot.as_deref())?;
        return draw(&stored).map(|()| ExitCode::SUCCESS);
    }
    let training = plan::training(&stored)?;
    record::replaceable(path, stored.plot.as_deref())?;
    let held = record::hold_again(path)?;
    // Whoever held it may have gone on.
    let checkpoint = Checkpoint::read(path)?.unwrap_or(checkpoint);
    checkpoint.fits(&training, path, stored.format)?;
    let record = Record::resume(path, held, stored.format, &training, &checkpoint)?;
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
    plot.write(picture).map_err(|e| Failure::flag("--plot", e))
}

/// Says that all has ended before its end, with a checkpoint after a step.
fn stop(stopped: Stopped, step: u64, record: &Record<'_>) -> ExitCode {
    say(&format!("{stopped} after step {step}; {}", record.how_to_resume()));
    ExitCode::from(if stopped == Stopped::Cancelled { 130 } else { 2 })
}

/// Runs what is left.
fn go(
    args: &Args,
    training: &Training,
    mut record: Record<'_>,
    from: Option<&Checkpoint>,
) -> Result<ExitCode, Failure> {
    let interrupts = gently();
    let budget = interrupts.budget();
    if !quiet()
        && let Some(forecast) = training.forecast()
    {
        say(&forecast);
    }
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
                return Ok(stop(stopped, run.step(), &record));
            }
            // What an interrupt in the middle of its row goes back to.
            let before = training.settings().records(run.step()).then(|| run.snapshot());
            let mut rows: Vec<Row> = Vec::new();
            let work = || {
                run.advance(&mut |row| {
                    rows.push(row);
                    Ok(())
                })
            };
            match budget.run(work) {
                Ok(Ok(())) => {}
                Ok(Err(TrainError::Stopped(stopped))) | Err(stopped) => {
                    let step = before.as_ref().map_or(saved, |snapshot| snapshot.step);
                    if let Some(snapshot) = before {
                        record.checkpoint(snapshot, false)?;
                    }
                    return Ok(stop(stopped, step, &record));
                }
                Ok(Err(other)) => return Err(failed(other)),
            }
            for row in &rows {
                told.see(row);
                if let Err(message) = record.write(row) {
                    return record.failure(&message);
                }
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
    draw(args)?;
    warn(&told.warnings());
    Ok(ExitCode::SUCCESS)
}
