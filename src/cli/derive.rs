//! `shadowflow derive`

use super::global::verbose;
use super::input::{FileArg, LossArgs, Method, MethodArgs, OrderArgs, Source, notes};
use super::output::{print, warn, with_progress};
use super::{Failure, derive_stream};
use crate::concrete::{DeriveLimits, derive_for};
use crate::evidence::PrincipalSummary;
use crate::expr::simplify::{Cost, Domain, MAX_BITS, Options, Outcome};
use crate::loss::Loss;
use crate::number::Coefficient;
use crate::number::Fraction;
use crate::optimizer::{Optimizer, OptimizerError};
use crate::proof::document::recurrence_json;
use crate::proof::proof_json;
use crate::render::proof::{MAX_LATEX_ORDER, proof_latex, proof_text};
use crate::render::{Formulas, json, latex, text, tree};
use crate::series::egraph::{self, Exact, Limits, Proof, Proven};
use crate::series::{
    MAX_STREAM_ORDER, MAX_TREE_ORDER, ModifiedEquation, Route, SeriesRoute, derive_abstract, largest_order,
    modified_equation_for, modified_equation_with_roots,
};
use crate::tree::{Notation, count};
use crate::warning::Warning;
use clap::ValueEnum;
use std::process::ExitCode;

/// Derive f_0 to f_N: as elementary differentials for an abstract loss, or as explicit components for a loss file
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "shadowflow derive [OPTIONS] [FILE | - | --loss EXPR --param NAMES]",
    after_help = "\
Examples:
  shadowflow derive --order 3
  shadowflow derive examples/losses/banana.loss --order 2 --format latex
  shadowflow derive --loss \"x^4/4 + x^2/2\" --param x
  shadowflow derive --principal --method heavy-ball"
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
    /// Which derivation answers: auto, egraph (to order 8 in auto), trees
    #[arg(long, default_value = "auto", value_parser = route)]
    route: Route,
    /// Print the derivation step by step, each naming the rule that justifies it
    #[arg(long, conflicts_with_all = ["file", "expression"])]
    proof: bool,
    /// Print the principal part α(z): closed form, series, check, branch points and stability threshold
    #[arg(long, conflicts_with_all = ["file", "expression", "proof", "trees"])]
    principal: bool,
    /// Show the elementary differentials of a loss file too (JSON)
    #[arg(long, requires = "FileArg")]
    terms: bool,
    /// Simplify the formulas of a loss file: to read, to run, or not at all; large ones stay as they are
    #[arg(long, value_enum, default_value_t = Simplify::Reading, requires = "FileArg")]
    simplify: Simplify,
    /// Draw the tree of every term after the equation (text), or write it for the package forest (latex)
    #[arg(long, conflicts_with_all = ["file", "expression", "proof"])]
    trees: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How to write derivatives: operator (H, g, T), paper or index
    #[arg(long, default_value = "operator", value_parser = notation)]
    notation: Notation,
}

/// The highest order of a principal series: its coefficients in symbols grow with the order.
const MAX_PRINCIPAL_ORDER: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Latex,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Simplify {
    Reading,
    Running,
    None,
}

impl Simplify {
    fn options(self) -> Option<Options> {
        match self {
            Simplify::Reading => Some(Options::new(Cost::Reading, Domain::Real)),
            Simplify::Running => Some(Options::new(Cost::Running, Domain::Real)),
            Simplify::None => None,
        }
    }
}

fn route(name: &str) -> Result<Route, String> {
    name.parse()
}

fn notation(name: &str) -> Result<Notation, String> {
    name.parse::<Notation>().map_err(|e| e.to_string())
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let order = args.order.checked()?;
    if args.trees && args.format == Format::Json {
        return Err(Failure::Other(
            "--trees: drawn in text and latex; json has the level sequence of every tree".to_owned(),
        ));
    }
    let method = args.method.resolved(&args.loss)?;
    let document = match args.file.source_if_any()? {
        Some(source) => concrete(args, &method, &source, order)?,
        None => {
            let method = method.without_loss()?;
            if args.principal {
                print(&principal(args, &method, order)?);
                return Ok(ExitCode::SUCCESS);
            }
            if is_streamed(args, &method, order)? {
                match args.format {
                    Format::Json => derive_stream::json(order)?,
                    _ => derive_stream::text(order, args.notation)?,
                }
                return Ok(ExitCode::SUCCESS);
            }
            abstract_document(args, &method, order)?
        }
    };
    print(&document);
    Ok(ExitCode::SUCCESS)
}

fn principal(args: &Args, method: &Method, order: usize) -> Result<String, Failure> {
    if order > MAX_PRINCIPAL_ORDER {
        return Err(Failure::Other(format!(
            "--order: the principal series goes to order {MAX_PRINCIPAL_ORDER}, not {order}"
        )));
    }
    let summary =
        with_progress("deriving", || PrincipalSummary::of(&method.optimizer, method.momentum.as_ref(), order))
            .map_err(|e| Failure::flag("--method", e))?;
    if args.format != Format::Json {
        warn(&summary.warnings);
    }
    Ok(match args.format {
        Format::Text => text::principal(&summary),
        Format::Latex => latex::principal(&summary),
        Format::Json => json::principal(&summary).to_string(),
    })
}

/// Whether terms are written as they are found: gradient descent's beyond the orders of the e-graph.
fn is_streamed(args: &Args, method: &Method, order: usize) -> Result<bool, Failure> {
    let plain = !args.proof && args.route != Route::Egraph && method.momentum.is_none();
    if method.optimizer != Optimizer::GradientDescent || !plain {
        return Ok(false);
    }
    if order > MAX_STREAM_ORDER {
        let trees = count(order + 1).map_or_else(|| "more than 10^38".to_owned(), |n| n.to_string());
        return Err(Failure::Other(format!(
            "--order: order {order} has {trees} elementary differentials in its last order alone; \
             the abstract derivation goes to order {MAX_STREAM_ORDER}"
        )));
    }
    let whole = args.trees || args.format == Format::Latex;
    if whole && order > MAX_TREE_ORDER {
        let what = if args.trees { "--trees" } else { "--format latex" };
        return Err(Failure::Other(format!(
            "{what}: to order {MAX_TREE_ORDER}, not {order}; without it, text and json go to order {MAX_STREAM_ORDER}"
        )));
    }
    Ok(!whole && order > Route::AUTO_EGRAPH_ORDER)
}

fn abstract_document(args: &Args, method: &Method, order: usize) -> Result<String, Failure> {
    reachable(args, method, order)?;
    if args.proof {
        return proven(args, method, order);
    }
    let Method { optimizer, momentum, .. } = method;
    if *optimizer == Optimizer::GradientDescent && momentum.is_none() {
        return Ok(written(args, method, &abstract_equation(args, order)?));
    }
    if args.route == Route::Egraph {
        let derive = || egraph::modified_equation_for(optimizer, momentum.as_ref(), order, &Limits::default());
        let derived = with_progress("deriving", derive).map_err(|e| Failure::flag("--method", e))?;
        return Ok(written(args, method, &derived));
    }
    let derive = || modified_equation_for(optimizer, momentum.as_ref(), order, SeriesRoute::Auto);
    match with_progress("deriving", derive) {
        Ok(equation) => Ok(written(args, method, &equation)),
        Err(OptimizerError::Irrational { .. }) => {
            let derive = || modified_equation_with_roots(optimizer, order);
            let equation = with_progress("deriving", derive).map_err(|e| Failure::flag("--method", e))?;
            Ok(written(args, method, &equation))
        }
        Err(error @ OptimizerError::Order { .. }) => Err(Failure::flag("--order", error)),
        Err(error) => Err(Failure::flag("--method", error)),
    }
}

/// Refuses orders that the e-graph does not reach in reasonable time and memory, before it is tried.
fn reachable(args: &Args, method: &Method, order: usize) -> Result<(), Failure> {
    if args.route == Route::Trees || !(args.proof || args.route == Route::Egraph) {
        return Ok(());
    }
    let Method { optimizer, momentum, .. } = method;
    let symbols = optimizer.symbols().iter().filter(|s| *s != "m" || momentum.is_none()).count();
    let limit = egraph::reachable_order(symbols, args.proof);
    if order <= limit {
        return Ok(());
    }
    let further = match optimizer {
        Optimizer::GradientDescent => MAX_STREAM_ORDER,
        _ => largest_order(optimizer, momentum.as_ref()),
    };
    let with = match symbols {
        0 => String::new(),
        1 => " with 1 symbol".to_owned(),
        n => format!(" with {n} symbols"),
    };
    let (what, without) = match args.proof {
        true if args.route == Route::Egraph => ("the proof", "--proof and --route egraph"),
        true => ("the proof", "--proof"),
        false => ("the e-graph", "--route egraph"),
    };
    let alternative = if further > limit {
        format!("without {without} the derivation goes to order {further}")
    } else {
        "give the hyper-parameters numbers, or ask for a lower order".to_owned()
    };
    Err(Failure::Other(format!(
        "--order: {what} goes to order {limit}{with}, not {order}: each order more takes three times the time and memory; \
         {alternative}"
    )))
}

/// The equation with what it is about and what it cannot vouch for.
fn written<C: Coefficient>(args: &Args, method: &Method, equation: &ModifiedEquation<C>) -> String {
    let (variable, notes) = (variable(method), method.notes());
    if args.format != Format::Json {
        warn(&notes);
    }
    match args.format {
        Format::Text => {
            let about = variable.map(|v| text::about(&equation.method, v)).unwrap_or_default();
            let trees = args.trees.then(|| format!("\n{}", tree::text_list(equation, args.notation)));
            format!("{about}{}{}", text::equation(equation, args.notation), trees.unwrap_or_default())
        }
        Format::Latex => {
            let about = variable.map(|v| latex::about(&equation.method, v)).unwrap_or_default();
            let trees = args.trees.then(|| format!("\n{}", tree::forest_list(equation, args.notation)));
            format!("{about}{}{}", latex::equation(equation, args.notation), trees.unwrap_or_default())
        }
        Format::Json => json::equation_about(equation, variable, &notes).to_string(),
    }
}

/// What the equation of a multistep method is about: the iterate, in every output.
fn variable(method: &Method) -> Option<&'static str> {
    method.optimizer.is_multistep().then(|| method.optimizer.variable())
}

fn abstract_equation(args: &Args, order: usize) -> Result<ModifiedEquation, Failure> {
    with_progress("deriving", || derive_abstract(order, args.route)).map_err(|e| Failure::flag("--order", e))
}

/// The derivation with its proof, which only the e-graph has.
fn proven(args: &Args, method: &Method, order: usize) -> Result<String, Failure> {
    if args.route == Route::Trees {
        return Err(Failure::Other(
            "--proof: only the e-graph's route has a proof; leave out --route trees".to_owned(),
        ));
    }
    if args.format == Format::Latex && order > MAX_LATEX_ORDER {
        return Err(Failure::Other(format!(
            "--proof: as latex to order {MAX_LATEX_ORDER}, not {order}; beyond, take --format text or json"
        )));
    }
    let Method { optimizer, momentum, .. } = method;
    let derive = || egraph::modified_equation_with_proof_for(optimizer, momentum.as_ref(), order, &Limits::default());
    match with_progress("deriving with proof", derive).map_err(|e| Failure::flag("--proof", e))? {
        Proven::Numbers(equation, steps) => proven_document(args, method, &equation, &steps),
        Proven::Symbols(equation, steps) => proven_document(args, method, &equation, &steps),
    }
}

fn proven_document<C: Exact>(
    args: &Args,
    method: &Method,
    equation: &ModifiedEquation<C>,
    steps: &Proof<C>,
) -> Result<String, Failure> {
    match args.format {
        Format::Text => Ok(format!("{}\n{}", proof_text(steps), written(args, method, equation))),
        Format::Json => {
            let mut document = json::equation_about(equation, variable(method), &method.notes())
                .with("recurrence", recurrence_json(&steps.recurrence, method.momentum.as_ref()));
            if let Some(momentum) = &method.momentum {
                document = document.with("momentum", momentum.to_string().into());
            }
            Ok(document.with("proof", proof_json(steps)).to_string())
        }
        Format::Latex => Ok(format!("{}\n{}", proof_latex(steps), written(args, method, equation))),
    }
}

/// Lines of formulas that nobody asked for by an order.
const MOST_LINES: usize = 380;

fn concrete(args: &Args, method: &Method, source: &Source, order: usize) -> Result<String, Failure> {
    let loss: Loss = args.loss.read_for(source, method)?;
    let scheme = method.scheme(&loss)?;
    let terms = if args.terms { Some(terms(method, order)?) } else { None };
    let derive = || derive_for(&scheme, &loss.pool, loss.loss, order, &DeriveLimits::default());
    let mut equation =
        with_progress("deriving", derive).map_err(|e| Failure::Other(format!("{}: {e}", source.name())))?;
    let mut notes = notes(&scheme);
    if let Some(options) = args.simplify.options() {
        let outcome = with_progress("simplifying", || equation.simplify(&options));
        notes.extend(unsimplified(outcome, &options));
    }
    let names: Vec<String> = loss.constants.iter().map(|(name, _)| name.clone()).collect();
    let formulas = Formulas::new(&equation, &names);
    let about = method.about();
    if args.format != Format::Json {
        warn(&formulas.warnings);
        warn(&notes);
    }
    Ok(match args.format {
        Format::Text => {
            let asked = args.order.is_given() || verbose();
            let formulas = text::concrete_within(&formulas, if asked { usize::MAX } else { MOST_LINES });
            format!("{}{formulas}", about.text().unwrap_or_default())
        }
        Format::Latex => format!("{}{}", about.latex().unwrap_or_default(), latex::concrete(&formulas)),
        Format::Json => json::concrete(&formulas, terms.as_ref(), &notes).about(&about).to_string(),
    })
}

/// What to say of formulas that stay as they were derived.
fn unsimplified(outcome: Outcome, options: &Options) -> Option<Warning> {
    let reason = match outcome {
        Outcome::Simplified | Outcome::Unchanged => return None,
        Outcome::TooLarge => format!("they have more than {} operations", options.max_operations),
        Outcome::LongNumbers => format!("they hold numbers of more than {MAX_BITS} bits"),
        Outcome::OutOfTime => "the time was used up".to_owned(),
        Outcome::Unchecked => "what was found could not be checked at enough points".to_owned(),
        Outcome::Refuted => {
            "what was found differs from them at a point, which is a fault of a rule; please report it".to_owned()
        }
    };
    Some(Warning::new("not-simplified", format!("the formulas are printed as derived: {reason}")))
}

/// The elementary differentials of the optimizer.
fn terms(method: &Method, order: usize) -> Result<ModifiedEquation<Fraction>, Failure> {
    modified_equation_for(&method.optimizer, method.momentum.as_ref(), order, SeriesRoute::Auto)
        .map_err(|e| Failure::flag("--terms", e))
}
