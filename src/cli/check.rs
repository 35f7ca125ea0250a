//! `shadowflow check`

use super::global::verbose;
use super::output::{print, warn, with_progress};
use super::{Failure, input::OrderArgs};
use crate::evidence::check_routes;
use crate::render::{json, text};
use clap::ValueEnum;
use std::process::ExitCode;

/// Check the −1/(p+1) series against Taylor of log(1−z)/z, and the independent derivations against each other
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit status 1 if anything disagrees.

Example:
  shadowflow check --order 8")]
pub(super) struct Args {
    #[command(flatten)]
    order: OrderArgs,
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
    let report =
        with_progress("deriving by every route", || check_routes(order)).map_err(|e| Failure::Other(e.to_string()))?;
    if let (true, Err(stopped)) = (report.checks.is_empty(), crate::budget::check()) {
        return Err(Failure::Other(format!("{stopped} before there was a result to print; raise it")));
    }
    print(&match args.format {
        Format::Text => text::checks(&report, text::Detail { verbose: verbose(), ..text::Detail::default() }),
        Format::Json => json::checks(&report).to_string(),
    });
    if matches!(args.format, Format::Text) {
        warn(&report.warnings);
    }
    Ok(ExitCode::from(u8::from(!report.ok())))
}
