//! `shadowflow map`

use super::Failure;
use super::global::{FLOW_SECONDS, flow_seconds};
use super::input::{FileArg, LossArgs, MethodArgs, point_but, positive};
use super::output::{print, warn, with_progress, write_file};
use super::simulate::{AtCutArg, flow, tolerance};
use crate::budget::Budget;
use crate::flow::{FlowMap, FlowName, Grid, IntegratorOptions, LossValue, MapRequest, Quantity, map};
use crate::number::Rational;
use crate::render::plot::{MapPlot, Picture};
use crate::render::{csv, json, npy, text};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Draw a flow's field, its local error or its stability over a grid of two parameters
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow map [OPTIONS] --h H --grid GRID <FILE | - | --loss EXPR --param NAMES>",
    after_help = "\
Examples:
  shadowflow map examples/losses/banana.loss --h 0.0003 \\
    --grid x=-1.5:1.5:40,y=-0.5:2:40 --plot field.svg
  shadowflow map examples/losses/banana.loss --h 0.001 \\
    --grid x=-1:1:9,y=0:1:9 --show stability"
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
    /// The flow: as for simulate
    #[arg(long, value_name = "FLOW", value_parser = flow, default_value = "pf")]
    flow: FlowName,
    /// Two parameters with their ranges and numbers of points, as in x=-2:2:200,y=-1:3:200
    #[arg(long, value_name = "GRID", allow_hyphen_values = true)]
    grid: String,
    /// What to show: the field, the distance from the optimizer after --steps, or the stability with the Hessian held fixed
    #[arg(long, value_enum, default_value_t = Show::Field)]
    show: Show,
    /// For errors, how many steps of the optimizer
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    steps: u32,
    /// The other parameters: exact numbers as in w=[0.1,-2], or a .json or .npy file
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    at: Option<String>,
    /// The integrator's relative and absolute tolerance
    #[arg(long, value_name = "T", default_value_t = IntegratorOptions::default().tolerance, value_parser = tolerance)]
    tolerance: f64,
    /// The most steps of the integrator from one point
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    max_steps: usize,
    /// What the flow does where it slides along a cut of its field: go on with the jump spread over ±0.2 rad, or end there
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = AtCutArg::Slide)]
    at_cut: AtCutArg,
    /// Draw the map to this .svg or .png file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Write the numbers to this .csv, .json or .npy file
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// How many threads; one a core unless told
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), hide_short_help = true)]
    threads: Option<u16>,
    /// How to print: a summary, or all numbers
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Show {
    Field,
    Error,
    Stability,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Csv,
    Json,
}

/// How the numbers are written, by the ending of the file's name.
#[derive(Debug, Clone, Copy)]
enum Data {
    Csv,
    Json,
    Npy,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    // Before the work, not after it.
    let data = args.data.as_deref().map(|path| ending(path).map(|data| (path, data))).transpose()?;
    let method = args.method.resolved(&args.loss)?;
    let source = args.file.source()?;
    let loss = args.loss.read_numeric(&source, &method)?;
    let subject = method.subject()?;
    let grid =
        Grid::parse(&args.grid, &loss.expression.pool().theta_names()).map_err(|e| Failure::flag("--grid", e))?;
    let at = point_but("--at", args.at.as_deref(), &loss, &[grid.x.parameter, grid.y.parameter])?;
    let failed = |e: crate::flow::FlowError| Failure::Other(format!("{}: {e}", source.name()));
    let request = MapRequest {
        subject: &subject,
        h: &args.h,
        flow: &args.flow,
        quantity: match args.show {
            Show::Field => Quantity::Field,
            Show::Error => Quantity::Error { steps: args.steps as usize },
            Show::Stability => Quantity::Stability,
        },
        grid: &grid,
        at: &at,
        options: IntegratorOptions {
            tolerance: args.tolerance,
            max_steps: args.max_steps,
            max_seconds: flow_seconds(),
            seconds_name: FLOW_SECONDS,
            at_cut: args.at_cut.into(),
            ..IntegratorOptions::default()
        },
        threads: args.threads.map(usize::from),
    };
    let mut map = with_progress("mapping", || map(&loss, &request, &|| ())).map_err(failed)?;
    map.warnings.splice(0..0, loss.warnings.iter().cloned());
    let about = method.about();
    if let Some((path, data)) = data {
        let bytes = match data {
            Data::Csv => csv::map(&map).into_bytes(),
            Data::Json => json::map(&map).about(&about).to_string().into_bytes(),
            Data::Npy => npy::map(&map),
        };
        write_file(path, &bytes)?;
    }
    if let Some(path) = &args.plot {
        // Of what is finished, whatever the time.
        let drawn = || plot(&map, &LossValue::new(&loss).map_err(failed)?, &source.title(), path);
        Budget::default().run(drawn).unwrap_or(Ok(()))?;
    }
    print(&match args.format {
        Format::Text => format!("{}{}", about.text().unwrap_or_default(), text::map(&map)),
        Format::Csv => csv::map(&map),
        Format::Json => json::map(&map).about(&about).to_string(),
    });
    if !matches!(args.format, Format::Json) {
        warn(&map.warnings);
    }
    Ok(ExitCode::SUCCESS)
}

fn ending(path: &Path) -> Result<Data, Failure> {
    match path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase().as_str() {
        "csv" => Ok(Data::Csv),
        "json" => Ok(Data::Json),
        "npy" => Ok(Data::Npy),
        _ => Err(Failure::flag(
            "--data",
            format!("cannot tell the format of `{}`: data files end in .csv, .json or .npy", path.display()),
        )),
    }
}

fn plot(map: &FlowMap, value: &LossValue, title: &str, path: &Path) -> Result<(), Failure> {
    let loss = |x: f64, y: f64| {
        let mut state = map.at.clone();
        state[map.grid.x.parameter] = x;
        state[map.grid.y.parameter] = y;
        value.at(&state)
    };
    MapPlot { map, loss: &loss, title: title.to_owned() }.write(path).map_err(|e| Failure::flag("--plot", e))
}
