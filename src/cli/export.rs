//! `shadowflow export`

use super::Failure;
use super::input::{FileArg, LossArgs, MethodArgs, notes, parasitic};
use super::output::{print, warn, with_progress, write_file};
use super::outputs;
use super::simulate::flow;
use crate::export::{ExportError, Target, UnknownTarget, explicit, module};
use crate::flow::FlowName;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write a flow as source: for any loss in JAX or PyTorch, or for a loss file as explicit formulas
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow export [OPTIONS] --target TARGET [FILE | - | --loss EXPR --param NAMES]",
    after_help = "\
Examples:
  shadowflow export --target jax --flow bea:4
  shadowflow export --target jax --flow pf --method heavy-ball --output flow.py
  shadowflow export examples/losses/banana.loss --target c --flow bea:4"
)]
pub(super) struct Args {
    #[command(flatten)]
    file: FileArg,
    #[command(flatten)]
    loss: LossArgs,
    #[command(flatten)]
    method: MethodArgs,
    /// The language: jax and torch with a loss file or without, numpy, julia and c with one
    #[arg(long, value_parser = target)]
    target: Target,
    /// The flow: bea:N, principal:N, pf, pf+np3, ngf, pgf, igr or third
    #[arg(long, value_name = "FLOW", default_value = "bea:4", value_parser = flow)]
    flow: FlowName,
    /// Write to this file rather than to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn target(name: &str) -> Result<Target, UnknownTarget> {
    name.parse()
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let method = args.method.resolved(&args.loss)?;
    let output = args.output.as_deref().filter(|path| !outputs::is_standard(path));
    let text = match args.file.source_if_any()? {
        Some(source) => {
            let loss = args.loss.read_for(&source, &method)?;
            outputs::check(&[("--output", output)])?;
            let optimizer = method.numeric()?;
            let (name, argument) = (source.title(), source.argument());
            let text =
                with_progress("deriving", || explicit(&loss, (&name, &argument), optimizer, &args.flow, args.target));
            warn(&notes(&loss, optimizer));
            text
        }
        None => {
            let method = method.without_loss()?;
            outputs::check(&[("--output", output)])?;
            let text = with_progress("deriving", || module(&method.optimizer, &args.flow, args.target));
            warn(&parasitic(&method.optimizer).into_iter().collect::<Vec<_>>());
            text
        }
    };
    let text = text.map_err(refused)?;
    match output {
        Some(path) => write_file(path, text.as_bytes())?,
        None => print(&text),
    }
    Ok(ExitCode::SUCCESS)
}

/// What the library says, with the flag that it is about.
fn refused(error: ExportError) -> Failure {
    match error {
        ExportError::Flow { .. } | ExportError::Order { .. } => Failure::flag("--flow", error),
        ExportError::NeedsLoss(_) => Failure::flag("--target", error),
        ExportError::TooLong { .. } | ExportError::Concrete(_) => Failure::Other(error.to_string()),
        ExportError::Derive(_) | ExportError::Optimizer(_) => Failure::flag("--method", error),
    }
}
