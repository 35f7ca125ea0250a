//! `shadowflow derive`

use super::Failure;
use super::input::{LossArgs, MethodArgs, OrderArgs, notes};
use super::output::{print, warn, with_progress};
use crate::bea::egraph::{self, Exact, Limits, Proof, Proven};
use crate::bea::verify::recurrence_json;
use crate::bea::{
    DeriveLimits, ModifiedEquation, Optimizer, Route, SeriesRoute, derive_abstract, derive_for, modified_equation_for,
};
use crate::expr::simplify::{Cost, Domain, Options};
use crate::loss::Loss;
use crate::number::Fraction;
use crate::render::proof_latex::{MAX_LATEX_ORDER, proof_latex};
use crate::render::{Formulas, Notation, Signed, json, latex, proof, text, tree};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Derive f_0 to f_N: as elementary differentials for an abstract loss, or as explicit components for a loss file
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  shadowflow derive --order 3\n  shadowflow derive examples/losses/banana.loss --order 2 --format latex\n  shadowflow derive examples/losses/banana.loss --order 1 --method heavy-ball"
)]
pub(super) struct Args {
    /// The loss, a file in the loss language; without it the loss is abstract
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
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
    #[arg(long, conflicts_with = "file")]
    proof: bool,
    /// Show the elementary differentials of a loss file too (JSON)
    #[arg(long, requires = "file")]
    terms: bool,
    /// Simplify the formulas of a loss file: to read, to run, or not at all; large ones stay as they are
    #[arg(long, value_enum, default_value_t = Simplify::Reading, requires = "file")]
    simplify: Simplify,
    /// Draw the tree of every term after the equation (text), or write it for the package forest (latex)
    #[arg(long, conflicts_with_all = ["file", "proof"])]
    trees: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How to write derivatives: operator (H, g, T), paper or index
    #[arg(long, default_value = "operator", value_parser = notation)]
    notation: Notation,
}

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
    let document = match &args.file {
        Some(file) => concrete(args, file, order)?,
        None if args.proof => proven(args, order)?,
        None if args.method.method == Optimizer::GradientDescent && args.method.momentum.is_none() => {
            written(args, &abstract_equation(args, order)?)
        }
        None => {
            let MethodArgs { method, momentum } = &args.method;
            let derive = || modified_equation_for(method, momentum.as_ref(), order, SeriesRoute::Auto);
            let equation = with_progress("deriving", derive).map_err(|e| Failure::flag("--method", e))?;
            written(args, &equation)
        }
    };
    print(&document);
    Ok(ExitCode::SUCCESS)
}

fn written<C: Signed>(args: &Args, equation: &ModifiedEquation<C>) -> String {
    match args.format {
        Format::Text if args.trees => {
            let trees = tree::text_list(equation, args.notation);
            format!("{}\n{trees}", text::equation(equation, args.notation))
        }
        Format::Latex if args.trees => {
            let trees = tree::forest_list(equation, args.notation);
            format!("{}\n{trees}", latex::equation(equation, args.notation))
        }
        Format::Text => text::equation(equation, args.notation),
        Format::Latex => latex::equation(equation, args.notation),
        Format::Json => json::equation(equation, &[]).to_string(),
    }
}

fn abstract_equation(args: &Args, order: usize) -> Result<ModifiedEquation, Failure> {
    with_progress("deriving", || derive_abstract(order, args.route)).map_err(|e| Failure::flag("--order", e))
}

/// The derivation with its proof, which only the e-graph has.
fn proven(args: &Args, order: usize) -> Result<String, Failure> {
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
    let MethodArgs { method, momentum } = &args.method;
    let derive = || egraph::modified_equation_with_proof_for(method, momentum.as_ref(), order, &Limits::default());
    match with_progress("deriving with proof", derive).map_err(|e| Failure::flag("--proof", e))? {
        Proven::Numbers(equation, steps) => proven_document(args, &equation, &steps),
        Proven::Symbols(equation, steps) => proven_document(args, &equation, &steps),
    }
}

fn proven_document<C: Exact + Signed>(
    args: &Args,
    equation: &ModifiedEquation<C>,
    steps: &Proof<C>,
) -> Result<String, Failure> {
    match args.format {
        Format::Text => Ok(format!("{}\n{}", proof::proof_text(steps), text::equation(equation, args.notation))),
        Format::Json => {
            let mut document = json::equation(equation, &[])
                .with("recurrence", recurrence_json(&steps.recurrence, args.method.momentum.as_ref()));
            if let Some(momentum) = &args.method.momentum {
                document = document.with("momentum", momentum.to_string().into());
            }
            Ok(document.with("proof", proof::proof_json(steps)).to_string())
        }
        Format::Latex => Ok(format!("{}\n{}", proof_latex(steps), latex::equation(equation, args.notation))),
    }
}

fn concrete(args: &Args, file: &Path, order: usize) -> Result<String, Failure> {
    let loss: Loss = args.loss.read(file)?;
    let scheme = args.method.scheme(&loss)?;
    let terms = if args.terms { Some(terms(args, order)?) } else { None };
    let derive = || derive_for(&scheme, &loss.pool, loss.loss, order, &DeriveLimits::default());
    let mut equation =
        with_progress("deriving", derive).map_err(|e| Failure::Other(format!("{}: {e}", file.display())))?;
    if let Some(options) = args.simplify.options() {
        with_progress("simplifying", || equation.simplify(&options));
    }
    let names: Vec<String> = loss.constants.iter().map(|(name, _)| name.clone()).collect();
    let formulas = Formulas::new(&equation, &names);
    let notes = notes(&scheme);
    if args.format != Format::Json {
        warn(&notes);
    }
    Ok(match args.format {
        Format::Text => text::concrete(&formulas),
        Format::Latex => latex::concrete(&formulas),
        Format::Json => json::concrete(&formulas, terms.as_ref(), &notes).to_string(),
    })
}

/// The elementary differentials of the optimizer.
fn terms(args: &Args, order: usize) -> Result<ModifiedEquation<Fraction>, Failure> {
    let MethodArgs { method, momentum } = &args.method;
    modified_equation_for(method, momentum.as_ref(), order, SeriesRoute::Auto).map_err(|e| Failure::flag("--terms", e))
}
