//! `shadowflow simulate`

use super::Failure;
use super::global::{FLOW_SECONDS, flow_seconds, verbose};
use super::input::{FileArg, LossArgs, MethodArgs, notes, picture_width, positive, start};
use super::output::{print, warn, with_progress, writing};
use super::outputs;
use crate::budget::Budget;
use crate::flow::{
    AtCut, FlowName, IntegratorOptions, LossValue, MOST_FOLLOWED, Restart, Simulation, all_threads, is_large, model_of,
    simulate_for,
};
use crate::loss::Loss;
use crate::number::Rational;
use crate::render::plot::{ErrorsPlot, Picture, SharpnessPlot, Size, TrajectoryPlot};
use crate::render::{csv, json, text};
use crate::warning::Warning;
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Run the optimizer and flows from the same start and compare them at every step
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow simulate [OPTIONS] --h H --steps K --start POINT <FILE | - | --loss EXPR --param NAMES>",
    after_help = "\
Examples:
  shadowflow simulate examples/losses/banana.loss --h 0.001 --steps 5 \\
    --flows ngf,bea:4,pf
  shadowflow simulate examples/losses/banana.loss --h 0.001 --steps 5 \\
    --start x=-0.9,y=0.95 --plot banana.svg
  shadowflow simulate examples/losses/banana.loss --h 0.001 --steps 5 \\
    --method implicit-euler
  shadowflow simulate --loss \"1 - cos(x)\" --param x --h 1.8 --steps 4 \\
    --start x=0.5 --flows pf,rpf,rpf2
  shadowflow simulate examples/losses/banana.loss --h 0.001 --steps 3 \\
    --alpha \"log(1-z)/z\""
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
    /// How many steps of the optimizer
    #[arg(long, value_name = "K", value_parser = super::input::whole, allow_negative_numbers = true)]
    steps: usize,
    /// Where to start: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    start: Option<String>,
    #[arg(long, help = format!("The flows: {} [default: {}; of networks with more than {MOST_FOLLOWED} parameters {}]", FlowName::PATTERNS.join(", "), FlowName::USUAL, FlowName::USUAL_OF_LARGE), value_name = "LIST", value_delimiter = ',', value_parser = flow)]
    flows: Vec<FlowName>,
    /// One more flow, α(hH)g with this expression in z, as in "log(1-z)/z"; repeatable
    #[arg(long, value_name = "EXPR", value_parser = alpha, allow_hyphen_values = true)]
    alpha: Vec<FlowName>,
    /// The integrator's relative and absolute tolerance
    #[arg(long, value_name = "T", default_value_t = IntegratorOptions::default().tolerance, value_parser = tolerance)]
    tolerance: f64,
    /// The most steps of the integrator along one flow; 5,000 and 200 for every step of the optimizer unless told
    #[arg(long, value_name = "N")]
    max_steps: Option<usize>,
    /// What a flow does where it slides along a cut of its field: go on with the jump spread over ±0.2 rad, or end there
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = AtCutArg::Slide)]
    at_cut: AtCutArg,
    /// From where every step of a flow starts: from where it was, or from the optimizer's own iterate, so that errors are one-step errors
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = RestartArg::Never)]
    restart: RestartArg,
    /// Draw the trajectories (two parameters) or the errors to a .svg, .png or .pdf file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Draw the loss and the largest hλ at every step, with the edge of stability, to a .svg, .png or .pdf file
    #[arg(long, value_name = "FILE")]
    plot_sharpness: Option<PathBuf>,
    /// The width of the pictures in print, in millimetres from 60 to 600, such as 84 for a column of a page; letters are then 7 points at least
    #[arg(long, value_name = "MM", value_parser = picture_width, allow_negative_numbers = true)]
    plot_width: Option<Size>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// List every parameter, where more than eight are otherwise summed up by their norm
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
}

/// What a flow does at a cut.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum AtCutArg {
    Slide,
    Stop,
}

impl From<AtCutArg> for AtCut {
    fn from(arg: AtCutArg) -> Self {
        match arg {
            AtCutArg::Slide => Self::Slide,
            AtCutArg::Stop => Self::Stop,
        }
    }
}

/// From where every step of a flow starts.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RestartArg {
    Never,
    Each,
}

impl From<RestartArg> for Restart {
    fn from(arg: RestartArg) -> Self {
        match arg {
            RestartArg::Never => Self::Never,
            RestartArg::Each => Self::Each,
        }
    }
}

pub(super) fn flow(name: &str) -> Result<FlowName, String> {
    if ["all", "*", "every"].contains(&name) {
        return Err(format!("`{name}` is no flow: list those you want, as in --flows ngf,igr,third,bea:4,pf,pf+np3"));
    }
    name.parse::<FlowName>().map_err(|e| e.to_string())
}

fn alpha(expression: &str) -> Result<FlowName, String> {
    flow(&format!("alpha:{expression}"))
}

/// Reads a tolerance from a flag.
pub(super) fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(t) if t > 0.0 && t < 1.0 => Ok(t),
        _ => Err("expected a number above 0 and below 1, such as 1e-10".to_owned()),
    }
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    outputs::picture("--plot", args.plot.as_deref())?;
    outputs::picture("--plot-sharpness", args.plot_sharpness.as_deref())?;
    let method = args.method.resolved(&args.loss)?;
    let source = args.file.source()?;
    let loss = args.loss.read_numeric(&source, &method)?;
    let subject = method.subject()?;
    let start = start(args.start.as_deref(), &loss)?;
    let failed = |e: crate::flow::FlowError| Failure::Other(format!("{}: {e}", source.name()));
    let mut model = model_of(loss.expression.clone(), all_threads()).map_err(failed)?;
    let options = IntegratorOptions {
        tolerance: args.tolerance,
        max_steps: args.max_steps.unwrap_or_else(|| args.steps.saturating_mul(200).saturating_add(5_000)),
        record: args.plot.is_some(),
        max_seconds: flow_seconds(),
        seconds_name: FLOW_SECONDS,
        at_cut: args.at_cut.into(),
        restart: args.restart.into(),
        foresees: false,
    };
    outputs::check(&[("--plot", args.plot.as_deref()), ("--plot-sharpness", args.plot_sharpness.as_deref())])?;
    let (own, left_out) = if args.flows.is_empty() { usual(&loss) } else { (args.flows.clone(), None) };
    let flows: Vec<FlowName> = own.iter().chain(&args.alpha).cloned().collect();
    let mut simulation = with_progress("integrating", || {
        simulate_for(&subject, &mut *model, &args.h, args.steps, &start, &flows, &options)
    })
    .map_err(failed)?;
    let _writing = writing();
    simulation.warnings.splice(0..0, notes(&loss, subject.optimizer()).into_iter().chain(left_out));
    let size = args.plot_width.unwrap_or_default();
    if let Some(path) = &args.plot {
        // Of what is finished, whatever the time.
        let drawn = || plot(&simulation, &LossValue::new(&loss).map_err(failed)?, &source.title(), (path, size));
        Budget::default().run(drawn).unwrap_or(Ok(()))?;
    }
    if let Some(path) = &args.plot_sharpness {
        let picture = SharpnessPlot { simulation: &simulation, title: source.title() };
        picture.at(size).write(path).map_err(|e| Failure::flag("--plot-sharpness", e))?;
    }
    let about = method.about();
    print(&match args.format {
        Format::Table => {
            let detail = text::SimulationDetail { parameters: args.all, events: verbose() };
            format!("{}{}", about.text().unwrap_or_default(), text::simulation(&simulation, detail))
        }
        Format::Csv => csv::simulation(&simulation),
        Format::Json => json::simulation(&simulation).about(&about).to_string(),
    });
    if !matches!(args.format, Format::Json) {
        warn(&simulation.warnings);
    }
    Ok(ExitCode::SUCCESS)
}

/// The flows that nobody named, and what to say of those that are left out.
fn usual(loss: &Loss) -> (Vec<FlowName>, Option<Warning>) {
    let all = |list: &str| -> Vec<FlowName> { list.split(',').filter_map(|name| name.parse().ok()).collect() };
    let usual = all(FlowName::USUAL);
    if !is_large(loss) {
        return (usual, None);
    }
    let few = all(FlowName::USUAL_OF_LARGE);
    let rest: Vec<String> = usual.iter().filter(|flow| !few.contains(flow)).map(ToString::to_string).collect();
    let rest = rest.join(",");
    let message = format!(
        "{rest} are left out of the flows shown unless told: a step of one takes hundreds of products with the Hessian of {} parameters at complex \
         states; --flows {rest} asks for them, and --flow-seconds bounds each",
        loss.expression.pool().dimension()
    );
    (few, Some(Warning::new("not-computed", message)))
}

fn plot(simulation: &Simulation, value: &LossValue, title: &str, (path, size): (&Path, Size)) -> Result<(), Failure> {
    let loss = |x: f64, y: f64| value.at(&[x, y]);
    let drawn = if simulation.parameters.len() == 2 && simulation.restart == Restart::Never {
        TrajectoryPlot { simulation, loss: &loss, title: title.to_owned() }.at(size).write(path)
    } else {
        ErrorsPlot { simulation }.at(size).write(path)
    };
    drawn.map_err(|e| Failure::flag("--plot", e))
}
