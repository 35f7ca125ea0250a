//! `shadowflow stability`

use super::input::{FileArg, LossArgs, MethodArgs, floats, held, notes, positive, start};
use super::output::{print, warn, with_progress};
use super::typeset::TypesetArgs;
use super::{Failure, global};
use crate::flow::{
    CriticalSearch, FlowError, FlowName, LossValue, Stability, all_threads, is_large, model_of, stability,
    stability_along,
};
use crate::formula::Markup;
use crate::loss::{Loss, parse_region};
use crate::number::Rational;
use crate::render::typeset::{self, Style};
use crate::render::{About, csv, json, text};
use crate::warning::Warning;
use clap::ValueEnum;
use std::process::ExitCode;

/// Steps of the trajectory where only its start is given.
const DEFAULT_STEPS: usize = 10;
/// And those shown of a network in the place of critical points.
const FEW_STEPS: usize = 3;
/// The most starts of a search.
const MAX_STARTS: usize = 100_000;

/// Find critical points and what the optimizer and its flows do there, or stability coefficients along a trajectory
///
/// Critical points are searched near --near, or from many starts; with --start or --steps the optimizer's trajectory is taken
/// apart in eigendirections instead, or as well if --near, --box or --starts is given too.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow stability [OPTIONS] --h H <FILE | - | --loss EXPR --param NAMES>",
    after_help = "\
Examples:
  shadowflow stability examples/losses/banana.loss --h 0.0015 \\
    --near x=1.1,y=1
  shadowflow stability examples/losses/banana.loss --h 0.0015 \\
    --start x=-0.9,y=0.95 --steps 3"
)]
pub(super) struct Args {
    #[command(flatten)]
    file: FileArg,
    #[command(flatten)]
    loss: LossArgs,
    #[command(flatten)]
    method: MethodArgs,
    /// The step size, an exact number
    #[arg(long, value_name = "H", value_parser = positive, allow_hyphen_values = true)]
    h: Rational,
    /// Search one critical point from here: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file
    #[arg(long, value_name = "POINT", allow_hyphen_values = true, conflicts_with_all = ["region", "starts"])]
    near: Option<String>,
    /// Search in this box, as in x=-2:2,y=-1:3; what it leaves out is -5:5
    #[arg(long = "box", value_name = "BOX", id = "region", allow_hyphen_values = true)]
    region: Option<String>,
    /// From how many starts to search, 100 in few dimensions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_STARTS as u64))]
    starts: Option<u64>,
    #[arg(long, help = format!("The flows: {}", FlowName::PATTERNS.join(", ")), value_name = "LIST", value_delimiter = ',', value_parser = super::simulate::flow, default_value = "ngf,igr,third,bea:4,pf")]
    flows: Vec<FlowName>,
    /// Where the optimizer's trajectory starts
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    start: Option<String>,
    /// How many steps of the optimizer, 10 if only --start is given
    #[arg(long, value_name = "K", value_parser = super::input::whole, allow_negative_numbers = true)]
    steps: Option<usize>,
    /// Show so many eigendirections of each point and step, the largest first; 8 unless told
    #[arg(long, value_name = "K", value_parser = super::input::whole, allow_negative_numbers = true)]
    top: Option<usize>,
    /// List every parameter and eigendirection; more than eight parameters are otherwise summed up by their norm
    #[arg(long)]
    all: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    typeset: TypesetArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    #[value(alias = "table")]
    Text,
    Latex,
    Typst,
    Csv,
    Json,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let style = args.typeset.style(match args.format {
        Format::Latex => Some(Markup::Latex),
        Format::Typst => Some(Markup::Typst),
        Format::Text | Format::Csv | Format::Json => None,
    })?;
    args.typeset.of_tables()?;
    let method = args.method.resolved(&args.loss)?;
    let source = args.file.source()?;
    let loss = args.loss.read_numeric(&source, &method)?;
    let subject = method.subject()?;
    let asked = args.near.is_some() || args.region.is_some() || args.starts.is_some();
    let unsearched = (is_large(&loss) && !asked).then(|| unsearched(&loss));
    let search = if unsearched.is_some() { CriticalSearch::nowhere() } else { search(args, &loss)? };
    let along = args.start.is_some() || args.steps.is_some() || unsearched.is_some();
    let start = if along { Some(start(args.start.as_deref(), &loss)?) } else { None };
    let failed = |e: FlowError| Failure::Other(format!("{}: {e}", source.name()));
    let mut analysed = with_progress("searching critical points", || {
        let value = LossValue::new(&loss)?;
        let value = |theta: &[f64]| value.at(theta);
        let mut model = model_of(loss.expression.clone(), all_threads())?;
        let mut analysed = stability(&subject, &*model, &value, &args.h, &search, &args.flows)?;
        if let Some(start) = &start {
            let few = unsearched.is_some() && args.start.is_none();
            let steps = args.steps.unwrap_or(if few { FEW_STEPS } else { DEFAULT_STEPS });
            let mut trajectory = stability_along(&subject, &mut *model, &value, &args.h, start, steps)?;
            // Of the loss, and said once.
            trajectory.warnings.retain(|w| !analysed.warnings.contains(w));
            analysed.trajectory = Some(trajectory);
        }
        Ok(analysed)
    })
    .map_err(failed)?;
    // Where a trajectory is asked for, nothing else is expected.
    let unsearched = unsearched.filter(|_| args.start.is_none() && args.steps.is_none());
    analysed.warnings.splice(0..0, notes(&loss, subject.optimizer()).into_iter().chain(unsearched));
    show(args, &analysed, &method.about(), &style)?;
    Ok(ExitCode::SUCCESS)
}

fn show(args: &Args, analysed: &Stability, about: &About, style: &Style) -> Result<(), Failure> {
    let detail = text::Detail { verbose: global::verbose(), all: args.all, top: args.top };
    print(&match args.format {
        Format::Text => format!("{}{}", about.text().unwrap_or_default(), text::stability(analysed, detail)),
        Format::Latex | Format::Typst => {
            let names: Vec<&str> = analysed.parameters.iter().filter_map(|name| name.split('[').next()).collect();
            let spelling = args.typeset.spelling(typeset::spelling_of(&analysed.parameters), &names, style.markup)?;
            typeset::stability(analysed, detail, about.markup(style.markup).as_deref(), &spelling, style)
        }
        Format::Csv => csv::stability(analysed),
        Format::Json => json::stability(analysed).about(about).to_string(),
    });
    if !matches!(args.format, Format::Json) {
        warn(&analysed.all_warnings());
    }
    Ok(())
}

/// Why critical points of a large loss are not searched.
fn unsearched(loss: &Loss) -> Warning {
    let dimension = loss.expression.pool().dimension();
    let message = format!(
        "critical points are not searched unless told, since every step of a search takes the whole Hessian of {dimension} parameters: --near POINT \
         or --starts N asks for them; shown is the optimizer's trajectory from where the loss starts"
    );
    Warning::new("not-computed", message)
}

/// Where to search, as the flags say.
fn search(args: &Args, loss: &Loss) -> Result<CriticalSearch, Failure> {
    if let Some(near) = &args.near {
        return Ok(CriticalSearch::near(floats("--near", Some(near), loss)?));
    }
    let dimension = loss.expression.pool().dimension();
    let starts = args.starts.and_then(|n| usize::try_from(n).ok());
    if let Some(text) = &args.region {
        let color = global::color();
        let region =
            parse_region(text, loss.expression.pool()).map_err(|e| Failure::Drawn(e.render("--box", text, color)))?;
        let bounds: Vec<(f64, f64)> = region
            .into_iter()
            .map(|b| b.map_or_else(CriticalSearch::default_bounds, |(low, high)| (low.to_f64(), high.to_f64())))
            .collect();
        for ends in [bounds.iter().map(|(low, _)| *low).collect(), bounds.iter().map(|(_, high)| *high).collect()] {
            held("--box", loss, ends)?;
        }
        return Ok(CriticalSearch::within(
            &bounds,
            starts.unwrap_or_else(|| CriticalSearch::default_starts(dimension)),
        ));
    }
    if starts.is_none() && (args.start.is_some() || args.steps.is_some()) {
        return Ok(CriticalSearch::nowhere());
    }
    let search =
        CriticalSearch::everywhere(dimension, starts.unwrap_or_else(|| CriticalSearch::default_starts(dimension)));
    let initial: Option<Vec<f64>> = loss.initial_values().into_iter().collect();
    Ok(match initial {
        Some(initial) => search.and_from(initial),
        None => search,
    })
}
