//! `shadowflow sweep`

mod rows;

use super::Failure;
use super::global::{FLOW_SECONDS, flow_seconds, quiet};
use super::input::{LossArgs, MethodArgs, notes, point_but, whole};
use super::output::{Progress, error, gently, say, warn};
use super::outputs;
use super::simulate::{AtCutArg, RestartArg, flow, tolerance};
use super::source::{FilesArg, Source};
use crate::flow::{FlowName, Grid, IntegratorOptions, all_threads};
use crate::loss::{Loss, parse_points};
use crate::number::Rational;
use crate::render::csv::SweepTable;
use crate::sweep::{Sweep, SweepError, SweptLoss, step_sizes};
use crate::warning::Warning;
use rows::{Closed, Rows};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};
use std::path::PathBuf;
use std::process::ExitCode;

/// Simulate many cases: losses, seeds, starts, step sizes and flows, in order, in parallel
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow sweep [OPTIONS] --h RANGE --steps K <FILE… | - | --loss EXPR --param NAMES>",
    after_help = "\
Examples:
  shadowflow sweep examples/losses/banana.loss --h 0.0005:0.002:4 --steps 20 \\
    --flows ngf,bea:4,pf
  shadowflow sweep --loss \"1 - cos(x)\" --param x --h 0.1:1.9:10 --steps 5 \\
    --start x=0.5 --start x=2 --flows pf --cases 0..10
  shadowflow sweep examples/losses/banana.loss --h 0.0001:0.002:8:log \\
    --grid x=-1:1:5,y=0:1:5 --steps 50 --flows igr,pf --output banana.csv"
)]
pub(super) struct Args {
    #[command(flatten)]
    files: FilesArg,
    #[command(flatten)]
    loss: LossArgs,
    #[command(flatten)]
    method: MethodArgs,
    /// The step sizes: exact numbers and ranges FROM:TO:COUNT or FROM:TO:COUNT:log, separated by commas
    #[arg(long, value_name = "RANGE", value_parser = range, allow_hyphen_values = true)]
    h: StepSizes,
    /// How many steps of the optimizer
    #[arg(long, value_name = "K", value_parser = whole, allow_negative_numbers = true)]
    steps: usize,
    /// A start: exact numbers as in x=0.3,w=[0.1,-2], or a .json or .npy file; repeatable
    #[arg(long, value_name = "POINT", allow_hyphen_values = true)]
    start: Vec<String>,
    /// Many starts: a .npy file with a row each, or a text file with a point a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["start", "grid"])]
    starts: Option<PathBuf>,
    /// Starts over two parameters, as in x=-2:2:20,y=-1:3:20, the first varying fastest; --start gives the others
    #[arg(long, value_name = "GRID", allow_hyphen_values = true)]
    grid: Option<String>,
    #[arg(long, help = format!("The flows, a case each: {}", FlowName::PATTERNS.join(", ")), value_name = "LIST", value_delimiter = ',', value_parser = flow, required = true)]
    flows: Vec<FlowName>,
    /// Run only these cases, half-open, as in 100..200; numbers beyond the last case are passed over
    #[arg(long, value_name = "I..J", value_parser = cases)]
    cases: Option<(usize, usize)>,
    /// Print how many cases there are, and run none
    #[arg(long)]
    count: bool,
    /// A row at every N-th step of a case too, rather than at its last one only
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = whole)]
    every: usize,
    /// Columns for the start, the iterate and the flow's state, of losses with the same parameters
    #[arg(long)]
    states: bool,
    /// The integrator's relative and absolute tolerance
    #[arg(long, value_name = "T", default_value_t = IntegratorOptions::default().tolerance, value_parser = tolerance)]
    tolerance: f64,
    /// The most steps of the integrator in one case; 5,000 and 200 for every step of the optimizer unless told
    #[arg(long, value_name = "N")]
    max_steps: Option<usize>,
    /// What a flow does where it slides along a cut of its field: go on with the jump spread over ±0.2 rad, or end there
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = AtCutArg::Slide)]
    at_cut: AtCutArg,
    /// From where every step of a flow starts: from where it was, or from the optimizer's own iterate, so that errors are one-step errors
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = RestartArg::Never)]
    restart: RestartArg,
    /// Write the rows to this file, with FILE.meta.json beside it, which says what was asked
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Go on with --output where its rows end, or begin it where it is missing
    #[arg(long, requires = "output")]
    resume: bool,
    /// Write over the rows that stand in --output
    #[arg(long, requires = "output", conflicts_with = "resume")]
    overwrite: bool,
    /// How many threads; one a core unless told. Rows do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), hide_short_help = true)]
    threads: Option<u16>,
}

/// What `--h` gives.
#[derive(Debug, Clone)]
struct StepSizes(Vec<Rational>);

fn range(text: &str) -> Result<StepSizes, String> {
    step_sizes(text).map(StepSizes).map_err(|e| e.to_string())
}

/// Reads `I..J`.
fn cases(text: &str) -> Result<(usize, usize), String> {
    let expected = || "expected I..J, half-open and counted from 0, as in 0..100".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(expected)?;
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| expected());
    let (from, to) = (number(from)?, number(to)?);
    if from > to { Err(format!("{from} is beyond {to}")) } else { Ok((from, to)) }
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let output = args.output.as_deref().filter(|path| !outputs::is_standard(path));
    let (sweep, said) = sweep(args)?;
    if args.count {
        super::output::print(&sweep.len().to_string());
        return Ok(ExitCode::SUCCESS);
    }
    let table = SweepTable::new(&sweep, args.every, args.states).ok_or_else(|| {
        Failure::Other(
            "--states: the losses differ in their parameters, and columns are those of all; sweep them one by one"
                .to_owned(),
        )
    })?;
    let (from, to) = args.cases.unwrap_or((0, usize::MAX));
    let cases = from.min(sweep.len())..to.min(sweep.len());
    let beside = output.map(|path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".meta.json");
        PathBuf::from(name)
    });
    outputs::check(&[("--output", output), ("the settings of --output,", beside.as_deref())])?;
    let (mut rows, cases) = match (output, &beside) {
        (Some(path), Some(meta)) => Rows::file(args, (path, meta), &sweep, &table, cases)?,
        _ => (Rows::Output, cases),
    };
    if rows.is_new() && cases.start == 0 {
        rows.put(&table.header())?;
    }
    warn(&said);
    run_cases(args, &sweep, &table, cases, &mut rows)
}

/// Runs cases, and tells of what they cannot vouch for once a kind.
fn run_cases(
    args: &Args,
    sweep: &Sweep,
    table: &SweepTable,
    cases: Range<usize>,
    rows: &mut Rows,
) -> Result<ExitCode, Failure> {
    let interrupts = gently();
    let budget = interrupts.budget();
    let threads = args.threads.map_or_else(all_threads, |n| NonZeroUsize::new(n.into()).unwrap_or(NonZeroUsize::MIN));
    let mut progress = Progress::new("sweeping", cases.len() as u64);
    let mut told: BTreeMap<&'static str, (usize, usize, Warning)> = BTreeMap::new();
    let (mut done, mut failed) = (cases.start, None);
    let digest = |finished: &crate::sweep::Finished<'_>| {
        let firsts: Vec<Warning> = finished
            .codes()
            .iter()
            .filter_map(|code| finished.simulation.warnings.iter().find(|w| w.code == *code))
            .cloned()
            .collect();
        (table.rows(finished), firsts)
    };
    let found = budget.run(|| {
        sweep.run(cases.clone(), threads, digest, |case, (lines, firsts)| {
            if let Err(failure) = progress.beside(|| rows.put(&lines)) {
                failed = Some(failure);
                return ControlFlow::Break(());
            }
            for warning in firsts {
                told.entry(warning.code).or_insert_with(|| (0, case, warning)).0 += 1;
            }
            done = case + 1;
            progress.advance(1);
            ControlFlow::Continue(())
        })
    });
    drop(progress);
    match failed {
        Some(Closed::Reader) => return Ok(ExitCode::SUCCESS),
        Some(Closed::Failed(message)) => return Err(Failure::Other(message)),
        None => {}
    }
    let all = cases.len();
    let warnings: Vec<Warning> = told
        .into_values()
        .map(|(count, first, warning)| {
            let of = if count == 1 {
                format!("case {first}")
            } else {
                format!("{count} of {all} cases, first case {first}")
            };
            Warning::new(warning.code, format!("{of}: {}", warning.message))
        })
        .collect();
    warn(&warnings);
    let go_on = match rows {
        Rows::File { path, .. } => format!("go on with the same command and --output {} --resume", path.display()),
        Rows::Output => format!("go on with --cases {done}..{}", cases.end),
    };
    match found {
        Ok(Ok(())) => Ok(ExitCode::SUCCESS),
        Ok(Err(SweepError::Stopped(stopped))) | Err(stopped) => {
            say(&format!("{stopped} after {} of {all} cases; {go_on}", done - cases.start));
            Ok(ExitCode::from(if stopped == crate::budget::Stopped::Cancelled { 130 } else { 2 }))
        }
        Ok(Err(refused)) => {
            error(&refused.to_string());
            Ok(ExitCode::from(2))
        }
    }
}

/// The sweep, and what is to be known of it.
fn sweep(args: &Args) -> Result<(Sweep, Vec<Warning>), Failure> {
    let method = args.method.resolved(&args.loss)?;
    let subject = method.subject()?;
    let (mut losses, mut said) = (Vec::new(), Vec::new());
    for source in args.files.sources()? {
        let mut of_source: Vec<SweptLoss> = Vec::new();
        for seed in args.loss.seeds() {
            if of_source.iter().any(|loss| loss.seed == *seed) {
                return Err(Failure::Other(format!("--seed: {seed} is given twice; give each once")));
            }
            let loss = args.loss.with_seed(*seed).read_numeric(&source, &method)?;
            if of_source.is_empty() {
                said.extend(notes(&loss, &method.optimizer));
            }
            let starts = starts(args, &loss, &source)?;
            of_source.push(SweptLoss { name: name(&source), seed: *seed, expression: loss.expression, starts });
        }
        if let [first, second, ..] = of_source.as_slice()
            && first.fingerprint() == second.fingerprint()
        {
            let message = format!("seeds make no difference to {}: it draws nothing, or --start gives all", first.name);
            said.push(Warning::new("no-effect", message));
        }
        losses.extend(of_source);
    }
    let mut unique: Vec<FlowName> = Vec::new();
    args.flows.iter().for_each(|flow| {
        if !unique.contains(flow) {
            unique.push(flow.clone());
        }
    });
    let sweep = Sweep {
        losses,
        step_sizes: args.h.0.clone(),
        flows: unique,
        subject,
        steps: args.steps,
        options: IntegratorOptions {
            tolerance: args.tolerance,
            max_steps: args.max_steps.unwrap_or_else(|| args.steps.saturating_mul(200).saturating_add(5_000)),
            max_seconds: flow_seconds(),
            seconds_name: FLOW_SECONDS,
            at_cut: args.at_cut.into(),
            restart: args.restart.into(),
            ..IntegratorOptions::default()
        },
    };
    if quiet() {
        said.clear();
    }
    Ok((sweep, said))
}

/// What rows call a loss.
fn name(source: &Source) -> String {
    match source {
        Source::File(path) => path.display().to_string(),
        Source::Input => "-".to_owned(),
        Source::Inline { expression, .. } => expression.trim().to_owned(),
    }
}

/// Where a loss starts from.
fn starts(args: &Args, loss: &Loss, source: &Source) -> Result<Vec<Vec<f64>>, Failure> {
    let of = |failure: Failure| match failure {
        Failure::Other(message) => Failure::Other(format!("{}: {message}", source.name())),
        other => other,
    };
    if let Some(path) = &args.starts {
        let points = parse_points(path, loss.expression.pool()).map_err(|e| of(Failure::flag("--starts", e)))?;
        let initial = loss.initial_values();
        return points
            .into_iter()
            .enumerate()
            .map(|(row, point)| {
                let values = point.iter().zip(&initial).map(|(x, own)| x.as_ref().map(Rational::to_f64).or(*own));
                values.collect::<Option<Vec<f64>>>().ok_or_else(|| {
                    of(Failure::Other(format!(
                        "--starts {}: start {row} leaves parameters without a value",
                        path.display()
                    )))
                })
            })
            .collect();
    }
    let names = loss.expression.pool().theta_names();
    let grid = args
        .grid
        .as_ref()
        .map(|text| Grid::parse(text, &names))
        .transpose()
        .map_err(|e| of(Failure::flag("--grid", e)))?;
    let free: Vec<usize> = grid.iter().flat_map(|g| [g.x.parameter, g.y.parameter]).collect();
    let given: Vec<Option<&str>> =
        if args.start.is_empty() { vec![None] } else { args.start.iter().map(|s| Some(s.as_str())).collect() };
    let mut found = Vec::new();
    for text in given {
        let point = point_but("--start", text, loss, &free).map_err(of)?;
        let Some(grid) = &grid else {
            found.push(point);
            continue;
        };
        for place in 0..grid.len() {
            let mut start = point.clone();
            start[grid.x.parameter] = grid.x.at(place % grid.x.count);
            start[grid.y.parameter] = grid.y.at(place / grid.x.count);
            found.push(start);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_cases() {
        assert_eq!(cases("3..7"), Ok((3, 7)));
        for text in ["3", "3-7", "..7", "a..b", "-1..3"] {
            assert!(cases(text).unwrap_err().contains("half-open"), "{text}");
        }
        assert_eq!(cases("7..3").unwrap_err(), "7 is beyond 3");
    }
}
