//! `shadowflow report`

use super::Failure;
use super::input::{FileArg, LossArgs, OrderArgs, positive, start};
use super::output::{print, with_progress, write_file};
use crate::flow::FlowName;
use crate::number::Rational;
use crate::report::{Report, ReportOptions};
use std::path::PathBuf;
use std::process::ExitCode;

/// Write one self-contained HTML document: the loss, its series, the checks, its trajectories
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow report [OPTIONS] --output FILE.html <FILE | - | --loss EXPR --param NAMES>",
    after_help = "Example:\n  shadowflow report examples/losses/banana.loss --output banana.html"
)]
pub(super) struct Args {
    #[command(flatten)]
    file: FileArg,
    /// The document to write, ending in .html
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    order: OrderArgs,
    #[command(flatten)]
    loss: LossArgs,
    /// The step size; without it the one at which the start's largest curvature has hλ = 3/2
    #[arg(long, value_name = "H", value_parser = positive, allow_hyphen_values = true)]
    h: Option<Rational>,
    /// How many steps of the optimizer
    #[arg(long, value_name = "K", default_value_t = ReportOptions::default().steps, value_parser = super::input::whole, allow_negative_numbers = true)]
    steps: usize,
    /// Where to start: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    start: Option<String>,
    /// The flows beside the optimizer
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = super::simulate::flow, default_value = "ngf,igr,third,pf,pf+np3")]
    flows: Vec<FlowName>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let order = args.order.checked()?;
    if args.output.extension().is_none_or(|e| !e.eq_ignore_ascii_case("html")) {
        return Err(Failure::Other(format!("--output {}: a report is written as .html", args.output.display())));
    }
    let source = args.file.source()?;
    let loss = args.loss.read(&source)?;
    let declared = loss.initial_expressions.iter().all(Option::is_some);
    let options = ReportOptions {
        order,
        h: args.h.clone(),
        steps: args.steps,
        start: if args.start.is_some() || declared { Some(start(args.start.as_deref(), &loss)?) } else { None },
        flows: args.flows.clone(),
        ..ReportOptions::default()
    };
    let report =
        with_progress("deriving, checking and simulating", || Report::gather(&loss, &source.title(), &options))
            .map_err(|e| Failure::Other(format!("{}: {e}", source.name())))?;
    write_file(&args.output, report.html().as_bytes())?;
    print(&format!("wrote {}", args.output.display()));
    Ok(ExitCode::from(u8::from(!report.ok())))
}
