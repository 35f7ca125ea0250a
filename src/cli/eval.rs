//! `shadowflow eval`

use super::Failure;
use super::input::{FileArg, LossArgs, MethodArgs, OrderArgs, notes, number, point};
use super::output::{print, warn, with_progress};
use crate::concrete::{EvaluateOptions, evaluate};
use crate::number::Rational;
use crate::render::{json, text};
use clap::ValueEnum;
use std::process::ExitCode;

/// Evaluate f_0 to f_N and their principal and non-principal parts at a point, every printed digit right
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow eval [OPTIONS] --at POINT <FILE | - | --loss EXPR --param NAMES>",
    after_help = "\
Examples:
  shadowflow eval examples/losses/banana.loss --order 4 --at x=0.3,y=-0.2
  shadowflow eval examples/losses/banana.loss --order 5 --method rk:rk4
  shadowflow eval --loss \"exp(x*y)\" --param x,y --at x=0,y=1 --h 0.1"
)]
pub(super) struct Args {
    #[command(flatten)]
    file: FileArg,
    #[command(flatten)]
    order: OrderArgs,
    #[command(flatten)]
    loss: LossArgs,
    #[command(flatten)]
    method: MethodArgs,
    /// The point: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    at: Option<String>,
    /// Print the truncated sum of h^n f_n at this step size too
    #[arg(long, value_name = "H", value_parser = number, allow_hyphen_values = true)]
    h: Option<Rational>,
    /// List every parameter, where more than eight are otherwise summed up by norms
    #[arg(long)]
    all: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let order = args.order.checked()?;
    let method = args.method.resolved(&args.loss)?;
    let source = args.file.source()?;
    let loss = args.loss.read_numeric(&source, &method)?;
    method.numeric()?;
    method.fits(&loss)?;
    let at = point("--at", args.at.as_deref(), &loss)?;
    let options = EvaluateOptions { optimizer: &method.optimizer, h: args.h.as_ref(), ..EvaluateOptions::default() };
    let mut evaluated = with_progress("evaluating", || evaluate(&loss, &at, order, &options))
        .map_err(|e| Failure::Other(format!("{}: {e}", source.name())))?;
    evaluated.warnings.splice(0..0, notes(&method.optimizer));
    let about = method.about();
    print(&match args.format {
        Format::Text => {
            let detail = text::Detail { all: args.all, ..text::Detail::default() };
            format!("{}{}", about.text().unwrap_or_default(), text::evaluation(&evaluated, detail))
        }
        Format::Json => json::evaluation(&evaluated).about(&about).to_string(),
    });
    if matches!(args.format, Format::Text) {
        warn(&evaluated.warnings);
    }
    Ok(ExitCode::SUCCESS)
}
