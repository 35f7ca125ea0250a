//! `shadowflow report`

use super::Failure;
use super::flags::in_words;
use super::input::{FileArg, LossArgs, MethodArgs, OrderArgs, given_start, notes, positive};
use super::output::{print, warn, with_progress, write_file};
use super::outputs;
use super::simulate::AtCutArg;
use crate::flow::FlowName;
use crate::number::Rational;
use crate::plan::Route;
use crate::report::{Report, ReportOptions};
use crate::warning::Warning;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write one self-contained HTML document: the loss, its series, the checks, its trajectories
///
/// Without --h the step size is one at which the flows exist along the optimizer's path. Parameters without a start get one by a rule that
/// the document and standard error state.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow report [OPTIONS] --output FILE.html <FILE | - | --loss EXPR --param NAMES>",
    after_help = "\
Examples:
  shadowflow report examples/losses/banana.loss --output banana.html
  shadowflow report examples/losses/banana.loss --output nesterov.html \\
    --method nesterov --momentum 1/2"
)]
pub(super) struct Args {
    #[command(flatten)]
    file: FileArg,
    /// The document to write, ending in .html; - for standard output
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    order: OrderArgs,
    #[command(flatten)]
    loss: LossArgs,
    #[command(flatten)]
    method: MethodArgs,
    /// The step size; without it one at which the flows exist along the optimizer's path
    #[arg(long, value_name = "H", value_parser = positive, allow_hyphen_values = true)]
    h: Option<Rational>,
    /// How many steps of the optimizer
    #[arg(long, value_name = "K", default_value_t = ReportOptions::default().steps, value_parser = super::input::whole, allow_negative_numbers = true)]
    steps: usize,
    /// Where to start: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file; what is left out is chosen
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    start: Option<String>,
    /// The flows beside the optimizer
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = super::simulate::flow, default_value = FlowName::USUAL)]
    flows: Vec<FlowName>,
    /// What a flow does where it slides along a cut of its field: go on with the jump spread over ±0.2 rad, or end there
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = AtCutArg::Slide)]
    at_cut: AtCutArg,
    /// The most steps of the integrator along one flow, each 12 evaluations of its field; by the size of the loss unless told
    #[arg(long, value_name = "N")]
    max_steps: Option<usize>,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let order = args.order.checked()?;
    let to_standard = outputs::is_standard(&args.output);
    if !to_standard && args.output.extension().is_none_or(|e| !e.eq_ignore_ascii_case("html")) {
        return Err(Failure::Other(format!("--output {}: a report is written as .html", args.output.display())));
    }
    let method = args.method.resolved(&args.loss)?;
    let source = args.file.source()?;
    let loss = args.loss.read_for(&source, &method)?;
    method.fits(&loss)?;
    if Route::of(&loss) == Route::Array {
        return Err(Failure::Other(format!(
            "{}: a report writes every component of f_0..f_N out, and the {} parameters and the data of this loss stay whole arrays; their values are \
             shown by `shadowflow eval FILE --spectrum 3`, their flows by `shadowflow simulate FILE --h H --steps K --plot errors.svg`, stability \
             along the way by `shadowflow stability FILE --h H --steps K`",
            source.name(),
            loss.expression.pool().dimension()
        )));
    }
    let start = given_start(args.start.as_deref(), &loss)?;
    if !to_standard {
        outputs::check(&[("--output", Some(&args.output))])?;
    }
    let options = ReportOptions {
        optimizer: method.optimizer.clone(),
        order,
        h: args.h.clone(),
        steps: args.steps,
        start,
        flows: args.flows.clone(),
        at_cut: args.at_cut.into(),
        max_steps: args.max_steps,
        ..ReportOptions::default()
    };
    let report =
        with_progress("deriving, checking and simulating", || Report::gather(&loss, &source.title(), &options))
            .map_err(|e| Failure::Other(format!("{}: {e}", source.name())))?;
    if to_standard {
        print(&report.html());
    } else {
        write_file(&args.output, in_words(&report.html()).as_bytes())?;
        print(&format!("wrote {}", args.output.display()));
    }
    let warnings: Vec<Warning> = notes(&loss, &method.optimizer)
        .into_iter()
        .chain(report.warnings().filter(|w| !loss.warnings.contains(w)).cloned())
        .collect();
    warn(&warnings);
    Ok(ExitCode::from(u8::from(!report.ok())))
}
