//! `shadowflow derive`

use super::global::verbose;
use super::input::{FileArg, LossArgs, Method, MethodArgs, OrderArgs, Source, notes, without_loss};
use super::output::{print, warn, with_progress};
use super::typeset::TypesetArgs;
use super::{Failure, derive_stream};
use crate::concrete;
use crate::evidence::PrincipalSummary;
use crate::expr::simplify::{Cost, Domain, MAX_BITS, Options, Outcome};
use crate::form::{Form, Forms, UnknownForm};
use crate::formula::{Markup, Spelling};
use crate::loss::Loss;
use crate::optimizer::{BoundOptimizer, MOMENTUM};
use crate::proof::document::recurrence_json;
use crate::proof::proof_json;
use crate::render::proof::{MAX_LATEX_ORDER, proof_markup, proof_text};
use crate::render::typeset::{self, Style};
use crate::render::{Formulas, json, text, tree};
use crate::series::limits::{AUTO_EGRAPH_ORDER, MAX_PRINCIPAL_ORDER, MAX_STREAM_ORDER};
use crate::series::{Derivation, DeriveError, ModifiedEquation, Route, UnknownRoute, derive};
use crate::tree::Notation;
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
    /// Which derivation of an abstract loss answers: auto, egraph (to order 8 in auto), trees [default: auto]
    #[arg(long, value_parser = route, conflicts_with_all = ["file", "expression", "principal"])]
    route: Option<Route>,
    /// Print the derivation step by step, each naming the rule that justifies it
    #[arg(long, conflicts_with_all = ["file", "expression"])]
    proof: bool,
    /// Print the principal part α(z): closed form, series, check, branch points and stability threshold
    #[arg(long, conflicts_with_all = ["file", "expression", "proof", "trees"])]
    principal: bool,
    /// Show the elementary differentials of a loss file too (JSON)
    #[arg(long)]
    terms: bool,
    /// Simplify the formulas of a loss file: to read (the default), to run, or not at all; large ones stay as they are
    #[arg(long, value_enum)]
    simplify: Option<Simplify>,
    /// How the components of a loss file are written: in derivatives of the loss, factored, expanded, or whichever is shortest to read
    #[arg(long, value_parser = form)]
    form: Option<Form>,
    /// Draw the tree of every term after the equation: as text, in LaTeX by the package forest, in Typst
    #[arg(long, conflicts_with_all = ["file", "expression", "proof"])]
    trees: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How to write the terms of an abstract loss: operator (H, g, T), paper, index, or tree (rooted trees, drawn in latex and typst) [default: operator]
    #[arg(long, value_parser = notation, conflicts_with = "principal")]
    notation: Option<Notation>,
    #[command(flatten)]
    typeset: TypesetArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Latex,
    Typst,
    Json,
}

impl Format {
    fn markup(self) -> Option<Markup> {
        match self {
            Format::Latex => Some(Markup::Latex),
            Format::Typst => Some(Markup::Typst),
            Format::Text | Format::Json => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Format::Text => "text",
            Format::Latex => "latex",
            Format::Typst => "typst",
            Format::Json => "json",
        }
    }
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

fn route(name: &str) -> Result<Route, UnknownRoute> {
    name.parse()
}

fn form(name: &str) -> Result<Form, UnknownForm> {
    name.parse()
}

fn notation(name: &str) -> Result<Notation, String> {
    name.parse::<Notation>().map_err(|e| e.to_string())
}

impl Args {
    fn route(&self) -> Route {
        self.route.unwrap_or(Route::Auto)
    }

    fn notation(&self) -> Notation {
        self.notation.unwrap_or(Notation::Operator)
    }

    /// Refuses flags that would change nothing.
    fn without_effect(&self, loss: bool) -> Result<(), Failure> {
        let notation = self.notation.is_some();
        let refused = |text: &str| Err(Failure::Other(text.to_owned()));
        let of_loss =
            [("--terms", self.terms), ("--simplify", self.simplify.is_some()), ("--form", self.form.is_some())];
        if let Some((flag, _)) = of_loss.iter().find(|(_, given)| *given && !loss) {
            return Err(Failure::Other(without_loss(flag)));
        }
        if self.trees && self.format == Format::Json {
            return refused("--trees: drawn in text, latex and typst; json has the level sequence of every tree");
        }
        if self.terms && self.format != Format::Json {
            return refused(
                "--terms: for --format json; `shadowflow derive --order N`, without a loss, prints the elementary differentials",
            );
        }
        if notation && loss {
            return refused("--notation: for the terms of an abstract loss; how those of a loss are written is --form");
        }
        if notation && self.format == Format::Json {
            return refused("--notation: for text, latex and typst; json has the level sequence of every tree");
        }
        if notation && self.proof && self.format.markup().is_some() {
            return refused(
                "--notation: a proof in latex and typst is in operators; leave it out, or take --format text",
            );
        }
        Ok(())
    }
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let order = args.order.checked()?;
    let style = args.typeset.style(args.format.markup())?;
    args.without_effect(args.file.source_if_any()?.is_some())?;
    let method = args.method.resolved(&args.loss)?;
    let document = match args.file.source_if_any()? {
        Some(source) => of_loss(args, &method, &source, order, &style)?,
        None => {
            args.loss.refuse_without_loss()?;
            let method = method.without_loss()?;
            match args.principal {
                true => principal(args, &method, order, &style)?,
                false => match of_abstract_loss(args, &method.optimizer, order, &style)? {
                    Some(document) => document,
                    None => return Ok(ExitCode::SUCCESS),
                },
            }
        }
    };
    print(&document);
    Ok(ExitCode::SUCCESS)
}

fn principal(args: &Args, method: &Method, order: usize, style: &Style) -> Result<String, Failure> {
    if order > MAX_PRINCIPAL_ORDER {
        return Err(Failure::Other(format!(
            "--order: the principal series goes to order {MAX_PRINCIPAL_ORDER}, not {order}"
        )));
    }
    let summary = with_progress("deriving", || PrincipalSummary::of(&method.optimizer, order))
        .map_err(|e| Failure::flag("--method", e))?;
    if args.format != Format::Json {
        warn(&summary.warnings);
    }
    Ok(match args.format {
        Format::Text => text::principal(&summary),
        Format::Latex | Format::Typst => {
            typeset::principal(&summary, &spelling(args, &method.optimizer, style, &["z", "lambda", "r"])?, style)
        }
        Format::Json => json::principal(&summary).to_string(),
    })
}

/// The modified equation of an abstract loss; `None` where its terms were written as they were found.
fn of_abstract_loss(
    args: &Args,
    bound: &BoundOptimizer,
    order: usize,
    style: &Style,
) -> Result<Option<String>, Failure> {
    let asked = derive(bound, order).route(args.route()).proof(args.proof);
    // Short documents are laid out whole, and so is what has no writer of single terms.
    let whole = args.trees || args.format.markup().is_some() || order <= AUTO_EGRAPH_ORDER;
    let refused = |error| refused(args, bound, error);
    if asked.streams().map_err(refused)? && !whole {
        match args.format {
            Format::Json => derive_stream::json(&asked, order)?,
            _ => derive_stream::text(&asked, order, args.notation())?,
        }
        return Ok(None);
    }
    asked.check().map_err(refused)?;
    if args.proof && args.format.markup().is_some() && order > MAX_LATEX_ORDER {
        return Err(Failure::Other(format!(
            "--proof: as {} to order {MAX_LATEX_ORDER}, not {order}; beyond, take --format text or json",
            args.format.name()
        )));
    }
    let label = if args.proof { "deriving with proof" } else { "deriving" };
    let derived = with_progress(label, || asked.run()).map_err(refused)?;
    written(args, bound, &derived, style).map(Some)
}

/// What the library says, in terms of the flags that it is about.
fn refused(args: &Args, bound: &BoundOptimizer, error: DeriveError) -> Failure {
    match error {
        DeriveError::Rewriting { order, limit, symbols, further, .. } => {
            Failure::Other(out_of_reach(args, order, limit, symbols, further))
        }
        DeriveError::NoProof(_) => {
            Failure::Other("--proof: only the e-graph's route has a proof; leave out --route trees".to_owned())
        }
        DeriveError::TooManyTrees { order, limit, .. } if limit < MAX_STREAM_ORDER => {
            let what = if args.trees { "--trees".to_owned() } else { format!("--format {}", args.format.name()) };
            Failure::Other(format!(
                "{what}: to order {limit}, not {order}; without it, text and json go to order {MAX_STREAM_ORDER}"
            ))
        }
        DeriveError::TooManyTrees { .. } | DeriveError::Order { .. } => Failure::flag("--order", error),
        _ if args.proof => Failure::flag("--proof", error),
        DeriveError::Egraph(_) if bound.is_gradient_descent() => Failure::flag("--order", error),
        _ => Failure::flag("--method", error),
    }
}

/// Why rewriting is not tried to this order.
fn out_of_reach(args: &Args, order: usize, limit: usize, symbols: usize, further: usize) -> String {
    let with = match symbols {
        0 => String::new(),
        1 => " with 1 symbol".to_owned(),
        n => format!(" with {n} symbols"),
    };
    let (what, without) = match args.proof {
        true if args.route() == Route::Egraph => ("the proof", "--proof and --route egraph"),
        true => ("the proof", "--proof"),
        false => ("the e-graph", "--route egraph"),
    };
    let alternative = if further > limit {
        format!("without {without} the derivation goes to order {further}")
    } else {
        "give the hyper-parameters numbers, or ask for a lower order".to_owned()
    };
    format!(
        "--order: {what} goes to order {limit}{with}, not {order}: each order more takes three times the time and memory; \
         {alternative}"
    )
}

/// The equation with its proof, with what it is about and what it cannot vouch for.
fn written(args: &Args, bound: &BoundOptimizer, derived: &Derivation, style: &Style) -> Result<String, Failure> {
    let Derivation { equation, proof: steps, warnings, .. } = derived;
    // Of a multistep method it is about the iterate, in every output.
    let variable = bound.variable();
    if args.format != Format::Json {
        warn(warnings);
    }
    Ok(match args.format {
        Format::Text => {
            let steps = steps.as_ref().map(|steps| format!("{}\n", proof_text(steps))).unwrap_or_default();
            let about = variable.map(|v| text::about(&equation.method, v)).unwrap_or_default();
            let trees = args.trees.then(|| format!("\n{}", tree::text_list(equation, args.notation())));
            format!("{steps}{about}{}{}", text::equation(equation, args.notation()), trees.unwrap_or_default())
        }
        Format::Latex | Format::Typst => {
            let spelling = spelling(args, bound, style, &[])?;
            match steps {
                Some(steps) => proof_markup(steps, equation, variable, &spelling, style),
                None if args.trees => typeset::trees(equation, variable, args.notation(), &spelling, style),
                None => typeset::equation(equation, variable, args.notation(), &spelling, style),
            }
        }
        Format::Json => {
            let document = json::equation_about(equation, variable, warnings);
            let Some(steps) = steps else { return Ok(document.to_string()) };
            let mut document = document.with("recurrence", recurrence_json(&steps.recurrence, bound));
            if let Some(momentum) = bound.value(MOMENTUM) {
                document = document.with("momentum", momentum.to_string().into());
            }
            document.with("proof", proof_json(steps)).to_string()
        }
    })
}

/// How letters are written, the optimizer's hyper-parameters and these names among them.
fn spelling(args: &Args, bound: &BoundOptimizer, style: &Style, more: &[&str]) -> Result<Spelling, Failure> {
    let names: Vec<&str> = bound.symbols().iter().map(String::as_str).chain(more.iter().copied()).collect();
    args.typeset.spelling(Spelling::default(), &names, style.markup)
}

/// Lines of formulas that nobody asked for by an order, and of those that somebody did.
const MOST_LINES: [usize; 2] = [380, 2_000];

fn of_loss(args: &Args, method: &Method, source: &Source, order: usize, style: &Style) -> Result<String, Failure> {
    let loss: Loss = args.loss.read_for(source, method)?;
    method.fits(&loss)?;
    let terms = if args.terms { Some(terms(method, order)?) } else { None };
    let asked = concrete::derive(&loss, &method.optimizer, order);
    let mut equation =
        with_progress("deriving", || asked.run()).map_err(|e| Failure::Other(format!("{}: {e}", source.name())))?;
    let mut notes = notes(&loss, &method.optimizer);
    let options = args.simplify.unwrap_or(Simplify::Reading).options();
    let derived = equation.clone();
    let outcome = options.as_ref().map(|options| with_progress("simplifying", || equation.simplify(options)));
    let names: Vec<String> = loss.constants.iter().map(|(name, _)| name.clone()).collect();
    let orders = equation.orders.len();
    if args.format == Format::Text && !verbose() {
        equation = equation.first_orders(MOST_NODES);
        // Of those that are cut anyway, as many as there are forms to read of.
        if equation.orders.len() < orders {
            equation.orders.truncate(concrete::MAX_ORDER + 1);
        }
    }
    let written = |form: Form| {
        let forms = |equation, options| {
            with_progress("writing", || {
                Forms::new(&loss, &method.optimizer, equation, options, &names).written_or_other(form)
            })
        };
        let simplified = forms(&equation, options.as_ref());
        // What was to be shorter may be longer where it is printed.
        let for_reading = options.as_ref().is_some_and(|options| options.cost == Cost::Reading);
        let compared = args.simplify.is_some() || derived.pool.len() <= MOST_COMPARED;
        let plain = (for_reading && compared && orders == equation.orders.len()).then(|| forms(&derived, None));
        let cost = simplified.reading_cost();
        match plain.map(|plain| (plain.reading_cost(), plain)) {
            Some((own, plain)) if own < cost => (plain, false),
            plain => (simplified, plain.is_some_and(|(own, _)| own > cost)),
        }
    };
    let about = method.about();
    if args.format == Format::Json {
        let display = args.form.map(written).map(|(display, _)| display);
        let formulas = Formulas::new(&equation, &names);
        notes.extend(
            outcome.zip(options.as_ref()).and_then(|(o, options)| unsimplified(o, options, args.simplify.is_some())),
        );
        return Ok(json::concrete(&formulas, terms.as_ref(), display.as_ref(), &notes).about(&about).to_string());
    }
    let (formulas, shorter) = written(args.form.unwrap_or_default());
    if let (Some(outcome), Some(options)) = (outcome, &options) {
        // What was found of the components may not show in this form, and the other way round.
        let outcome = match outcome {
            Outcome::Simplified if options.cost == Cost::Reading && args.simplify.is_some() && !shorter => {
                Outcome::Unchanged
            }
            outcome => outcome,
        };
        notes.extend(unsimplified(outcome, options, args.simplify.is_some()).filter(|_| !shorter));
    }
    warn(&formulas.warnings);
    warn(&notes);
    Ok(match args.format {
        Format::Text | Format::Json => {
            let asked = args.order.is_given();
            let most = if verbose() { usize::MAX } else { MOST_LINES[usize::from(asked)] };
            let formulas = text::concrete_within(&formulas, orders, most, if asked { "" } else { "--order N, " });
            format!("{}{formulas}", about.text().unwrap_or_default())
        }
        Format::Latex | Format::Typst => {
            let mut formulas = formulas;
            let declared = loss.expression.pool();
            let mut names: Vec<&str> = declared.parameters().map(|(name, _)| name).collect();
            names.extend(declared.symbols().iter().map(String::as_str));
            let subterms: Vec<String> = formulas.lets.iter().map(|(name, _)| name.clone()).collect();
            names.extend(subterms.iter().map(String::as_str));
            formulas.spelling = args.typeset.spelling(formulas.spelling, &names, style.markup)?;
            typeset::concrete(&formulas, about.markup(style.markup).as_deref(), style)
        }
    })
}

/// The most nodes, and terms of polynomials, of the orders that are written where lines are counted: more are never shown.
const MOST_NODES: usize = 20_000;

/// The most nodes of equations whose formulas are compared with those that are not simplified without being asked to.
const MOST_COMPARED: usize = 400;

/// What to say of formulas that stay as they were derived; that nothing was found is said to whoever asked.
fn unsimplified(outcome: Outcome, options: &Options, asked: bool) -> Option<Warning> {
    let reason = match outcome {
        Outcome::Simplified => return None,
        Outcome::Unchanged | Outcome::Wider if !asked => return None,
        Outcome::Unchanged => {
            let better = if options.cost == Cost::Running { "quicker to compute" } else { "less to read" };
            return Some(Warning::new("not-simplified", format!("no components that are {better} were found")));
        }
        Outcome::TooLarge => format!("they have more than {} operations", options.max_operations),
        Outcome::LongNumbers => format!("they hold numbers of more than {MAX_BITS} bits"),
        Outcome::OutOfTime => "the time was used up".to_owned(),
        Outcome::Wider => "what was found has values where they have none".to_owned(),
        Outcome::Unchecked => "what was found could not be checked at enough points".to_owned(),
        Outcome::Refuted => {
            "what was found differs from them at a point, which is a fault of a rule; please report it".to_owned()
        }
    };
    Some(Warning::new("not-simplified", format!("the formulas are printed as derived: {reason}")))
}

/// The elementary differentials of the optimizer.
fn terms(method: &Method, order: usize) -> Result<ModifiedEquation, Failure> {
    let derived = derive(&method.optimizer, order).route(Route::Trees).run();
    Ok(derived.map_err(|e| Failure::flag("--terms", e))?.equation)
}
