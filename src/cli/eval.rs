//! `shadowflow eval`

use super::Failure;
use super::global::verbose;
use super::input::{FileArg, LossArgs, MethodArgs, OrderArgs, notes, number, point};
use super::output::{print, say, warn, with_progress};
use super::simulate::{flow, tolerance};
use crate::budget::{bytes_text, peak_memory};
use crate::evaluation::{Request, evaluate};
use crate::flow::FlowName;
use crate::number::Rational;
use crate::render::{json, text};
use clap::ValueEnum;
use std::process::ExitCode;
use std::time::Instant;

/// Evaluate f_0 to f_N and their principal and non-principal parts at a point, of small losses with every printed digit right
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow eval [OPTIONS] [--at POINT] <FILE | - | --loss EXPR --param NAMES>",
    after_help = "\
Examples:
  shadowflow eval examples/losses/banana.loss --order 4 --at x=0.3,y=-0.2
  shadowflow eval examples/losses/banana.loss --order 5 --method rk:rk4
  shadowflow eval --loss \"exp(x*y)\" --param x,y --at x=0,y=1 --h 0.1
  shadowflow eval examples/losses/iris.loss --spectrum 3 --h 0.5 \\
    --flows pf,pf+np3"
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
    /// The point: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file; parameters with initial values start from these unless given
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    at: Option<String>,
    /// Print the truncated sum of h^n f_n at this step size too, and the fields of --flows at it
    #[arg(long, value_name = "H", value_parser = number, allow_hyphen_values = true)]
    h: Option<Rational>,
    /// Print the K largest eigenvalues of the Hessian, with the gradient along their directions
    #[arg(long, value_name = "K", value_parser = super::input::whole, allow_negative_numbers = true)]
    spectrum: Option<usize>,
    /// Print the fields of these flows at --h, as in pf,pf+np3
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = flow)]
    flows: Vec<FlowName>,
    /// The relative error that fields made of products with the Hessian may have
    #[arg(long, value_name = "T", default_value_t = Request::default().field_tolerance, value_parser = tolerance, hide_short_help = true)]
    field_tolerance: f64,
    /// The most products with the Hessian for one field, 200 unless told
    #[arg(long, value_name = "N", value_parser = super::input::whole, allow_negative_numbers = true, hide_short_help = true)]
    max_products: Option<usize>,
    /// Print f_n to so many significant digits beside its doubles, for small losses
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000), hide_short_help = true)]
    digits: Option<u16>,
    /// Print how the loss is evaluated: the route, operation counts, buffers and memory
    #[arg(long)]
    explain_plan: bool,
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
    let subject = method.subject()?;
    method.fits(&loss)?;
    let at = point("--at", args.at.as_deref(), &loss)?;
    if !args.flows.is_empty() && args.h.is_none() {
        return Err(Failure::Other("--flows needs a step size for its fields: add --h H".to_owned()));
    }
    if args.max_products == Some(0) {
        return Err(Failure::Other("--max-products: a field takes at least 1 product with the Hessian".to_owned()));
    }
    let alone = args.spectrum.is_none() && args.flows.is_empty();
    let request = Request {
        order: (alone || args.order.is_given()).then_some(order),
        h: args.h.as_ref(),
        spectrum: args.spectrum,
        flows: &args.flows,
        field_tolerance: args.field_tolerance,
        max_products: args.max_products,
        digits: args.digits.map(usize::from),
        explain: args.explain_plan,
        ..Request::default()
    };
    let begin = Instant::now();
    let mut found = with_progress("evaluating", || evaluate(&loss, &at, &subject, &request))
        .map_err(|e| Failure::Other(format!("{}: {e}", source.name())))?;
    if verbose() {
        let memory = bytes_text(peak_memory());
        say(&format!("evaluated in {:.3} s, with {memory} of memory at most", begin.elapsed().as_secs_f64()));
    }
    found.values.warnings.splice(0..0, notes(&loss, &method.optimizer));
    let about = method.about();
    print(&match args.format {
        Format::Text => {
            let detail = text::Detail { all: args.all, ..text::Detail::default() };
            format!("{}{}", about.text().unwrap_or_default(), text::evaluation(&found, detail))
        }
        Format::Json => json::evaluation(&found).about(&about).to_string(),
    });
    if matches!(args.format, Format::Text) {
        warn(&found.values.warnings);
    }
    Ok(ExitCode::SUCCESS)
}
