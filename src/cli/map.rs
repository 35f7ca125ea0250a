//! `shadowflow map`

use super::Failure;
use super::global::{FLOW_SECONDS, flow_seconds};
use super::input::{FileArg, LossArgs, MethodArgs, picture_width, point_but, positive};
use super::output::{print, warn, with_progress, write_file, writing};
use super::outputs;
use super::simulate::{AtCutArg, flow, tolerance};
use crate::budget::Budget;
use crate::flow::{
    FlowMap, FlowName, Grid, IntegratorOptions, LossValue, MapRequest, Plane, PlaneName, Quantity, all_threads,
    loss_surface, map,
};
use crate::number::Rational;
use crate::render::plot::{MapPlot, Picture, Size, SurfacePlot};
use crate::render::{csv, json, npy, text};
use clap::ValueEnum;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Draw a flow's field, its local error or its stability over a grid of two parameters, or the loss over a plane
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "\
shadowflow map [OPTIONS] --h H --grid GRID <FILE | - | --loss EXPR --param NAMES>
       shadowflow map [OPTIONS] --plane PLANE <FILE | - | --loss EXPR --param NAMES>",
    after_help = "\
Examples:
  shadowflow map examples/losses/banana.loss --h 0.0003 \\
    --grid x=-1.5:1.5:40,y=-0.5:2:40 --plot field.svg
  shadowflow map examples/losses/banana.loss --h 0.001 \\
    --grid x=-1:1:9,y=0:1:9 --show stability
  shadowflow map examples/losses/iris.loss --plane u0,u1 \\
    --grid u0=-3:3:21,u1=-3:3:21 --plot surface.svg"
)]
pub(super) struct Args {
    #[command(flatten)]
    file: FileArg,
    #[command(flatten)]
    loss: LossArgs,
    #[command(flatten)]
    method: MethodArgs,
    /// The step size, an exact number; the loss over a plane needs none
    #[arg(long, value_name = "H", value_parser = positive, allow_hyphen_values = true, required_unless_present = "plane")]
    h: Option<Rational>,
    /// The flow: as for simulate
    #[arg(long, value_name = "FLOW", value_parser = flow, default_value = "pf")]
    flow: FlowName,
    /// Two parameters with their ranges and numbers of points, as in x=-2:2:200,y=-1:3:200; of a plane its directions, as in u0=-1:1:60,u1=-1:1:60
    #[arg(long, value_name = "GRID", allow_hyphen_values = true, required_unless_present = "plane")]
    grid: Option<String>,
    /// The loss over the plane through the point along two eigenvectors of the Hessian (u0,u1), two filter-normalised random directions (random:SEED), or to two more points (A.json,B.json)
    #[arg(long, value_name = "PLANE", value_parser = plane, conflicts_with_all = ["h", "flow", "steps", "tolerance", "max_steps", "at_cut", "method", "momentum"])]
    plane: Option<PlaneName>,
    /// What to show: the field, the distance from the optimizer after --steps, or the stability with the Hessian held fixed; of a plane the loss
    #[arg(long, value_enum)]
    show: Option<Show>,
    /// For errors, how many steps of the optimizer
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    steps: u32,
    /// The other parameters, or the point of a plane: exact numbers as in w=[0.1,-2], or a .json or .npy file
    #[arg(long, visible_alias = "start", value_name = "POINT", allow_hyphen_values = true)]
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
    /// Draw the map to this .svg, .png or .pdf file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// The width of the picture in print, in millimetres from 60 to 600, such as 84 for a column of a page; letters are then 7 points at least
    #[arg(long, value_name = "MM", value_parser = picture_width, requires = "plot", allow_negative_numbers = true)]
    plot_width: Option<Size>,
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
    Loss,
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

impl Args {
    fn outputs(&self) -> [(&str, Option<&Path>); 2] {
        [("--data", self.data.as_deref()), ("--plot", self.plot.as_deref())]
    }
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    // Before the work, not after it.
    outputs::picture("--plot", args.plot.as_deref())?;
    let data = args.data.as_deref().map(|path| ending(path).map(|data| (path, data))).transpose()?;
    match (&args.plane, args.show) {
        (Some(plane), None | Some(Show::Loss)) => surface(args, plane, data),
        (Some(_), Some(_)) => Err(Failure::Other(
            "--plane shows the loss; fields, errors and stability are shown over two parameters: leave --plane or --show out".to_owned(),
        )),
        (None, Some(Show::Loss)) => Err(Failure::Other(
            "--show loss goes with --plane; the loss over two parameters is in the contours of the other maps".to_owned(),
        )),
        (None, show) => flow_map(args, show.unwrap_or(Show::Field), data),
    }
}

/// The loss over a plane.
fn surface(args: &Args, name: &PlaneName, data: Option<(&Path, Data)>) -> Result<ExitCode, Failure> {
    let method = args.method.resolved(&args.loss)?;
    let source = args.file.source()?;
    let loss = args.loss.read_numeric(&source, &method)?;
    let at = point_but("--at", args.at.as_deref(), &loss, &[])?;
    let threads =
        args.threads.map_or_else(all_threads, |n| NonZeroUsize::new(usize::from(n)).unwrap_or(NonZeroUsize::MIN));
    let plane = with_progress("finding the plane", || Plane::new(&loss, name, &at, threads))
        .map_err(|e| Failure::flag("--plane", e))?;
    outputs::check(&args.outputs())?;
    let grid = plane.grid(args.grid.as_deref()).map_err(|e| Failure::flag("--grid", e))?;
    let surface = with_progress("mapping", || loss_surface(&loss, &plane, &grid, Some(threads.get()), &|| ()))
        .map_err(|e| Failure::Other(format!("{}: {e}", source.name())))?;
    let _writing = writing();
    if let Some((path, data)) = data {
        let bytes = match data {
            Data::Csv => csv::surface(&surface).into_bytes(),
            Data::Json => json::surface(&surface).to_string().into_bytes(),
            Data::Npy => npy::surface(&surface),
        };
        write_file(path, &bytes)?;
    }
    if let Some(path) = &args.plot {
        let picture = SurfacePlot { surface: &surface, title: source.title() };
        picture.at(args.plot_width.unwrap_or_default()).write(path).map_err(|e| Failure::flag("--plot", e))?;
    }
    print(&match args.format {
        Format::Text => text::surface(&surface),
        Format::Csv => csv::surface(&surface),
        Format::Json => json::surface(&surface).to_string(),
    });
    if !matches!(args.format, Format::Json) {
        warn(&surface.warnings);
    }
    Ok(ExitCode::SUCCESS)
}

/// A flow over a grid of two parameters.
fn flow_map(args: &Args, show: Show, data: Option<(&Path, Data)>) -> Result<ExitCode, Failure> {
    let (Some(h), Some(grid)) = (&args.h, &args.grid) else {
        return Err(Failure::Other("a map of a flow needs --h and --grid".to_owned()));
    };
    let method = args.method.resolved(&args.loss)?;
    let source = args.file.source()?;
    let loss = args.loss.read_numeric(&source, &method)?;
    let subject = method.subject()?;
    let grid = Grid::parse(grid, &loss.expression.pool().theta_names()).map_err(|e| Failure::flag("--grid", e))?;
    let at = point_but("--at", args.at.as_deref(), &loss, &[grid.x.parameter, grid.y.parameter])?;
    outputs::check(&args.outputs())?;
    let failed = |e: crate::flow::FlowError| Failure::Other(format!("{}: {e}", source.name()));
    let request = MapRequest {
        subject: &subject,
        h,
        flow: &args.flow,
        quantity: match show {
            Show::Field | Show::Loss => Quantity::Field,
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
    let _writing = writing();
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
        let drawn = || {
            plot(
                &map,
                &LossValue::new(&loss).map_err(failed)?,
                &source.title(),
                (path, args.plot_width.unwrap_or_default()),
            )
        };
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

fn plane(text: &str) -> Result<PlaneName, String> {
    text.parse::<PlaneName>().map_err(|e| e.to_string())
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

fn plot(map: &FlowMap, value: &LossValue, title: &str, (path, size): (&Path, Size)) -> Result<(), Failure> {
    let loss = |x: f64, y: f64| {
        let mut state = map.at.clone();
        state[map.grid.x.parameter] = x;
        state[map.grid.y.parameter] = y;
        value.at(&state)
    };
    MapPlot { map, loss: &loss, title: title.to_owned() }.at(size).write(path).map_err(|e| Failure::flag("--plot", e))
}
