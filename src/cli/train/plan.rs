//! Flags to settings.

use super::super::global::{FLOW_SECONDS, flow_seconds, quiet};
use super::super::input::{self, Source};
use super::super::output::say;
use super::super::{Cli, Command, Failure};
use super::checkpoint::Checkpoint;
use super::values::{Count, Product};
use super::{Args, OrderArg, checks, failed};
use crate::flow::{IntegratorOptions, all_threads};
use crate::train::{AtSteps, Column, Eigenvalues, OptimizerName, TrainMethod, TrainOptimizer, TrainSettings, Training};
use clap::parser::ValueSource;
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::path::Path;

/// What holds unless told.
const EIGENVALUES: usize = 2;
const BRANCH_STEPS: u64 = 20;
const MAX_STEPS: usize = 5_000;

/// What may stand beside `--resume` without the whole command: it changes no row.
const BESIDE_RESUME: [&str; 4] = ["resume", "plot", "plot_width", "checkpoint_every"];

/// Whether a command is given beside `--resume`, rather than nothing.
pub(super) fn is_given(args: &Args, record: &Path, arguments: &[OsString]) -> Result<bool, Failure> {
    if args.file.source_if_any()?.is_some() {
        return Ok(true);
    }
    let command = Cli::command();
    let Ok(matches) = command.clone().try_get_matches_from(arguments) else { return Ok(false) };
    let Some((name, found)) = matches.subcommand() else { return Ok(false) };
    let Some(train) = command.find_subcommand(name) else { return Ok(false) };
    let extra = train.get_arguments().find(|argument| {
        let id = argument.get_id().as_str();
        !BESIDE_RESUME.contains(&id) && found.value_source(id) == Some(ValueSource::CommandLine)
    });
    match extra {
        None => Ok(false),
        Some(extra) => Err(Failure::Other(format!(
            "--{}: --resume {} needs no other argument, or the whole command with its loss: settings stand in the checkpoint",
            extra.get_long().unwrap_or_default(),
            record.display()
        ))),
    }
}

/// The arguments that a checkpoint was made with.
pub(super) fn stored(checkpoint: &Checkpoint, path: &Path) -> Result<Args, Failure> {
    let words = std::iter::once("shadowflow".to_owned()).chain(checkpoint.arguments.iter().cloned());
    match Cli::try_parse_from(words) {
        Ok(Cli { command: Command::Train(args), .. }) => Ok(Args { resume: None, ..*args }),
        _ => Err(Failure::Other(format!(
            "--resume {0}: the command in {0}.checkpoint is none of this version; give the whole command",
            path.display()
        ))),
    }
}

/// The optimizers of a list, in which numbers that follow `dal-p:P` are more powers.
fn optimizers(list: &[String]) -> Result<Vec<OptimizerName>, Failure> {
    let mut names: Vec<OptimizerName> = Vec::new();
    let mut powers = false;
    for word in list {
        let word = word.trim();
        let name = if powers && word.parse::<f64>().is_ok() { format!("dal-p:{word}") } else { word.to_owned() };
        powers = name.starts_with("dal-p:");
        names.push(name.parse().map_err(|e| Failure::flag("--optimizer", e))?);
    }
    Ok(names)
}

fn eigenvalues(args: &Args) -> Result<Eigenvalues, Failure> {
    Ok(match (args.eigenvalues_above, args.eigenvalues) {
        (Some(_), Some(Count::All)) => {
            return Err(Failure::Other(
                "--eigenvalues-above: all are recorded already by --eigenvalues all".to_owned(),
            ));
        }
        (Some(least), Some(Count::Of(count))) => Eigenvalues::Above(least, count.max(1)),
        (Some(least), None) => Eigenvalues::Above(least, EIGENVALUES),
        (None, Some(Count::Of(count))) => Eigenvalues::Count(count),
        (None, Some(Count::All)) => Eigenvalues::All,
        (None, None) => Eigenvalues::Count(EIGENVALUES),
    })
}

fn columns(args: &Args, optimizers: &[TrainOptimizer]) -> Result<Vec<Column>, Failure> {
    let flows = !args.flows.is_empty();
    let names: Vec<String> = args.record.iter().map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect();
    let mut columns = match (names.is_empty(), args.record.is_empty()) {
        (true, true) => Column::ALL.into_iter().filter(|c| c.is_usual(flows)).collect(),
        (true, false) => {
            return Err(Failure::Other(
                "--record names no column; write none, all, or names, as in --record loss,lambda".to_owned(),
            ));
        }
        (false, _) => Column::list(&names).map_err(|e| Failure::flag("--record", e))?,
    };
    if names.iter().any(|name| name == "all") && !flows {
        columns.retain(|c| !matches!(c, Column::Error | Column::FlowLoss | Column::FlowLambda0));
    }
    if columns.contains(&Column::LearningRate) && optimizers.iter().any(TrainOptimizer::has_rates) {
        columns.push(Column::LearningRatesMinMax);
    }
    columns.sort_unstable();
    Ok(columns)
}

/// The training that the flags describe.
pub(super) fn training(args: &Args) -> Result<Training, Failure> {
    let source = args.file.source()?;
    let names = if args.optimizer.is_empty() { vec![OptimizerName::Descent] } else { optimizers(&args.optimizer)? };
    let values = args.loss.values()?;
    let factor = args.dal_factor.as_ref().map(crate::number::Rational::to_f64);
    let optimizers = names
        .iter()
        .map(|name| TrainOptimizer::new(name, args.momentum.as_ref(), factor, &values))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    if args.momentum.is_some() && !optimizers.iter().any(takes_momentum) {
        return Err(Failure::Other("--momentum: none of these optimizers has one".to_owned()));
    }
    if factor.is_some() && !optimizers.iter().any(TrainOptimizer::sets_rate) {
        return Err(Failure::Other("--dal-factor is of dal, dal-p:P and dal-per-parameter".to_owned()));
    }
    if !args.branches.is_empty() && args.branch_at.is_empty() {
        return Err(Failure::Other("--branches: at which steps? Say so with --branch-at".to_owned()));
    }
    let columns = columns(args, &optimizers)?;
    checks::flags(args, &optimizers, &columns)?;
    let own: Vec<String> = names
        .iter()
        .flat_map(|name| match name {
            OptimizerName::Recurrence(optimizer) => optimizer.symbols(),
            _ => Vec::new(),
        })
        .collect();
    let mut starts = Vec::new();
    let mut loss = None;
    for seed in args.loss.seeds() {
        let read = args.loss.with_seed(*seed).read_beside(&source, &own)?;
        starts.push(input::start(args.start.as_deref(), &read)?);
        loss.get_or_insert(read);
        // Standard input is read once.
        if source == Source::Input && args.loss.seeds().len() > 1 {
            return Err(Failure::Other("--seed: several seeds need a loss that can be read again, a file".to_owned()));
        }
    }
    let Some(loss) = loss else {
        return Err(Failure::Other("--seed: at least one is needed".to_owned()));
    };
    checks::of_loss(args, &loss, &starts)?;
    if !quiet() {
        checks::notes(args, &optimizers, &loss).iter().for_each(|note| say(note));
    }
    let settings = TrainSettings {
        optimizers,
        rates: args.h.iter().map(crate::number::Rational::to_f64).collect(),
        changes: args.h_at.clone(),
        cap: args.h_max.as_ref().map(crate::number::Rational::to_f64),
        seeds: args.loss.seeds().to_vec(),
        steps: args.steps(),
        every: args.every,
        batch: args.batch.map(|n| usize::try_from(n).unwrap_or(usize::MAX)),
        order: args.order.unwrap_or(OrderArg::Shuffled).into(),
        columns,
        eigenvalues: eigenvalues(args)?,
        eigenvalues_at: AtSteps::Every(args.eigenvalues_every.unwrap_or(1)),
        difference: match args.hg {
            Some(Product::Difference(epsilon)) => Some(epsilon),
            Some(Product::Exact) | None => None,
        },
        flows: args.flows.clone(),
        flows_at: match args.flows_every.as_slice() {
            [] => AtSteps::Every(1),
            [stride] => AtSteps::Every((*stride).max(1)),
            listed => AtSteps::Listed(listed.to_vec()),
        },
        branches: args.branches.clone(),
        branch_at: args.branch_at.clone(),
        branch_steps: args.branch_steps.unwrap_or(BRANCH_STEPS),
        loss_goal: args.loss_goal,
        accuracy_goal: args.accuracy_goal,
        tolerance: args.tolerance.unwrap_or(IntegratorOptions::default().tolerance),
        max_steps: args.max_steps.map_or(MAX_STEPS, |n| usize::try_from(n).unwrap_or(usize::MAX)),
        row_seconds: flow_seconds().map(|seconds| (seconds, FLOW_SECONDS)),
        threads: all_threads(),
    };
    Training::new(loss, starts, settings).map_err(failed)
}

fn takes_momentum(optimizer: &TrainOptimizer) -> bool {
    optimizer.has_momentum() || matches!(optimizer.method, TrainMethod::Adjusted(_))
}

/// How results call the loss.
pub(super) fn loss_name(args: &Args) -> String {
    args.file.source().map_or_else(|_| String::new(), |source| source.name())
}
