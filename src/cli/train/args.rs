//! The arguments of `train`.

use super::super::input::{FileArg, LossArgs, picture_width};
use super::super::simulate::{flow, tolerance};
use super::values;
use crate::flow::FlowName;
use crate::number::Rational;
use crate::render::plot::Size;
use crate::train::{BatchOrder, BranchName, Column};
use clap::ValueEnum;
use std::path::PathBuf;

/// Train a loss and record what its flows, its spectrum and its drift say of each step
///
/// The record is a row a step: a short table on a terminal, CSV to a pipe or the file of --output, which can be read while it grows and is gone on with by --resume.
#[derive(Debug, Clone, clap::Args)]
#[command(
    override_usage = "shadowflow train [OPTIONS] --h H <FILE | - | --loss EXPR --param NAMES>\n       shadowflow train --resume RECORD",
    after_help = "\
Examples:
  shadowflow train examples/losses/iris.loss --h 0.5
  shadowflow train examples/losses/banana.loss --optimizer gd,dal --h 0.001 \\
    --steps 5 --flows ngf,pf --format jsonl
  shadowflow train examples/losses/iris.loss --optimizer sgd --h 0.5 \\
    --batch 50 --steps 10 --record loss,accuracy,batch_loss,lambda --every 5"
)]
pub(in super::super) struct Args {
    #[command(flatten)]
    pub(super) file: FileArg,
    #[command(flatten)]
    pub(super) loss: LossArgs,
    /// The optimizers, run after each other: gd (unless told), sgd, heavy-ball, nesterov, dal, dal-p:P, dal-per-parameter, and every other name or file that --method takes elsewhere
    #[arg(long, alias = "method", value_name = "LIST", value_delimiter = ',', help_heading = STEPPING)]
    pub(super) optimizer: Vec<String>,
    /// The step sizes, exact numbers, each a run; the dal optimizers, which set their own, do not use it
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = values::step_size, allow_hyphen_values = true, help_heading = STEPPING)]
    pub(super) h: Vec<Rational>,
    /// The largest step size, a cap on all of them; dal-per-parameter needs it
    #[arg(long, value_name = "H", value_parser = values::step_size, allow_hyphen_values = true, help_heading = STEPPING)]
    pub(super) h_max: Option<Rational>,
    /// Changes of the step size, as in 10=0.25: that from step 10 on
    #[arg(long, value_name = "STEP=H", value_delimiter = ',', value_parser = change, help_heading = STEPPING, hide_short_help = true)]
    pub(super) h_at: Vec<(u64, f64)>,
    /// The momentum of optimizers that have one; with the dal optimizers it makes them Eq. 21
    #[arg(long, value_name = "M", value_parser = values::momentum, allow_hyphen_values = true, help_heading = STEPPING)]
    pub(super) momentum: Option<Rational>,
    /// The factor of the dal optimizers' rate: 2 unless told, and 1/2 with --momentum
    #[arg(long, value_name = "C", value_parser = values::step_size, allow_hyphen_values = true, help_heading = STEPPING, hide_short_help = true)]
    pub(super) dal_factor: Option<Rational>,
    /// How Hg is computed: exact (unless told), or difference:EPS, from the gradient at θ + EPS g/‖g‖
    #[arg(long, value_name = "HOW", value_parser = values::product, help_heading = STEPPING, hide_short_help = true)]
    pub(super) hg: Option<values::Product>,
    /// How many rows of data a step of sgd and the others takes; all unless told
    #[arg(long, value_name = "N", value_parser = values::from_one, allow_negative_numbers = true, help_heading = STEPPING)]
    pub(super) batch: Option<u64>,
    /// In which order batches take them; shuffled unless told
    #[arg(long, value_name = "ORDER", value_enum, help_heading = STEPPING, hide_short_help = true)]
    pub(super) order: Option<OrderArg>,
    /// Where to start: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file
    #[arg(long, value_name = "POINT", allow_hyphen_values = true, help_heading = STEPPING)]
    pub(super) start: Option<String>,
    /// The most steps of each run; 100 unless told
    #[arg(long, value_name = "K", value_parser = values::from_zero, allow_negative_numbers = true, help_heading = STEPPING)]
    pub(super) steps: Option<u64>,
    /// End a run where the loss is at most this
    #[arg(long, value_name = "E", value_parser = values::finite, allow_hyphen_values = true, help_heading = STEPPING, hide_short_help = true)]
    pub(super) loss_goal: Option<f64>,
    /// End a run where the accuracy in a recorded row is at least this, from 0 to 1
    #[arg(long, value_name = "A", value_parser = values::share, allow_hyphen_values = true, help_heading = STEPPING, hide_short_help = true)]
    pub(super) accuracy_goal: Option<f64>,
    /// Record every so many steps, and the last one always
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = values::from_one, allow_negative_numbers = true, help_heading = RECORDING)]
    pub(super) every: u64,
    #[arg(long, help = "The columns: none, all, or names; those to batch_loss that need no --flows unless told", long_help = columns(), value_name = "LIST", value_delimiter = ',', help_heading = RECORDING)]
    pub(super) record: Vec<String>,
    /// How many of the largest eigenvalues, or all; 2 unless told
    #[arg(long, value_name = "K|all", value_parser = values::count, allow_hyphen_values = true, help_heading = RECORDING)]
    pub(super) eigenvalues: Option<values::Count>,
    /// Instead all eigenvalues with hλ above this, as many as there are in each row, which takes --format jsonl
    #[arg(long, value_name = "Z", value_parser = values::finite, allow_hyphen_values = true, help_heading = RECORDING, hide_short_help = true)]
    pub(super) eigenvalues_above: Option<f64>,
    /// Look for eigenvalues at steps that are multiples of this only
    #[arg(long, value_name = "N", value_parser = values::from_one, allow_negative_numbers = true, help_heading = RECORDING, hide_short_help = true)]
    pub(super) eigenvalues_every: Option<u64>,
    #[arg(long, help = format!("Flows followed for one step from recorded rows: {}", FlowName::PATTERNS.join(", ")), value_name = "LIST", value_delimiter = ',', value_parser = flow, help_heading = FOLLOWING)]
    pub(super) flows: Vec<FlowName>,
    /// From which recorded rows: every so many steps, or a list of steps; all unless told
    #[arg(long, value_name = "N|LIST", value_delimiter = ',', value_parser = values::from_zero, allow_negative_numbers = true, help_heading = FOLLOWING)]
    pub(super) flows_every: Vec<u64>,
    /// Flows that leave the run at the steps of --branch-at and go on by themselves
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = branch, help_heading = FOLLOWING)]
    pub(super) branches: Vec<BranchName>,
    /// The steps where branches start
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = values::from_zero, allow_negative_numbers = true, help_heading = FOLLOWING)]
    pub(super) branch_at: Vec<u64>,
    /// How many steps branches are followed; 20 unless told
    #[arg(long, value_name = "K", value_parser = values::from_one, allow_negative_numbers = true, help_heading = FOLLOWING, hide_short_help = true)]
    pub(super) branch_steps: Option<u64>,
    /// The integrator's relative and absolute tolerance; 1e-10 unless told
    #[arg(long, value_name = "T", value_parser = tolerance, help_heading = FOLLOWING, hide_short_help = true)]
    pub(super) tolerance: Option<f64>,
    /// The most steps of the integrator in one step of the optimizer; 5000 unless told
    #[arg(long, value_name = "N", value_parser = values::from_one, allow_negative_numbers = true, help_heading = FOLLOWING, hide_short_help = true)]
    pub(super) max_steps: Option<u64>,
    /// Write the record to this file, with FILE.checkpoint and FILE.meta.json beside it; - for standard output, as without it
    #[arg(long, value_name = "FILE", help_heading = FILES)]
    pub(super) output: Option<PathBuf>,
    /// Write over the unfinished record of another run
    #[arg(long, conflicts_with = "resume", help_heading = FILES, hide_short_help = true)]
    pub(super) overwrite: bool,
    /// Make a checkpoint after every so many steps; every ten seconds unless told
    #[arg(long, value_name = "N", value_parser = values::from_one, allow_negative_numbers = true, help_heading = FILES, hide_short_help = true)]
    pub(super) checkpoint_every: Option<u64>,
    /// Go on with this record from its checkpoint
    #[arg(long, value_name = "RECORD", conflicts_with = "output", help_heading = FILES)]
    pub(super) resume: Option<PathBuf>,
    /// Draw the record at the end, to a .svg, .png or .pdf file, as `shadowflow plot` does while it grows; it needs --output
    #[arg(long, value_name = "FILE", help_heading = FILES)]
    pub(super) plot: Option<PathBuf>,
    /// The width of the picture in print, in millimetres from 60 to 600, such as 84 for a column of a page; letters are then 7 points at least
    #[arg(long, value_name = "MM", value_parser = picture_width, requires = "plot", allow_negative_numbers = true)]
    pub(super) plot_width: Option<Size>,
    /// Print what each part of the record costs, and train nothing
    #[arg(long, help_heading = FILES)]
    pub(super) explain_plan: bool,
    /// How to write rows: csv unless told, and to a terminal a short table
    #[arg(long, value_enum, help_heading = FILES)]
    pub(super) format: Option<Format>,
}

/// The headings of the options.
const STEPPING: &str = "Optimizer and steps";
const RECORDING: &str = "Record";
const FOLLOWING: &str = "Flows and branches";
const FILES: &str = "Files";

/// The most steps of a run that says nothing of them.
const STEPS: u64 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Csv,
    Jsonl,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum OrderArg {
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

impl Args {
    /// The most steps of each run.
    pub(super) fn steps(&self) -> u64 {
        self.steps.unwrap_or(STEPS)
    }

    /// How rows are written to files and pipes.
    pub(super) fn format(&self) -> Format {
        self.format.unwrap_or(Format::Csv)
    }
}

/// What `--record` takes.
fn columns() -> String {
    let names: Vec<&str> = Column::ALL.into_iter().map(Column::name).collect();
    format!(
        "The columns: none, all, or names; those to batch_loss that need no --flows unless told, with flows error and flow_loss too: {}",
        names.join(", ")
    )
}

fn branch(name: &str) -> Result<BranchName, String> {
    name.parse()
}

/// Reads a change of the step size.
fn change(text: &str) -> Result<(u64, f64), String> {
    let wrong = || "expected STEP=H, as in 10=0.25".to_owned();
    let (step, h) = text.split_once('=').ok_or_else(wrong)?;
    let step = step.trim().parse().map_err(|_| wrong())?;
    Ok((step, values::step_size(h.trim())?.to_f64()))
}
